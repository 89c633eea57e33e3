"""Where an outcome goes: comment, outcome file, step summary, annotations, outputs and the log."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actionkit import envelope, filecommands, markdown, outputs, relay, terminal
from actionkit.action import Action, Doors, Page
from actionkit.annotations import annotate
from actionkit.commands import Commands
from actionkit.commenting import COMMENT_LINK
from actionkit.context import PullRequest, RunContext
from actionkit.errors import ActionkitError, PermissionNeeded
from actionkit.inputs import CommonInputs, GateInputs
from actionkit.outcome import Link, Outcome, Problem, Severity, Verdict
from actionkit.redact import Redactor
from actionkit.untrusted import shortened
from actionkit.workspace import Workspace

if TYPE_CHECKING:
    from actionkit.github.client import GitHub

HEADLINE_LIMIT = 1000
KEY_LIMIT = 100
TEXT_LIMIT = 2000
"""Characters of one message, fix or path; GitHub's annotations hold 4,096."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything one run publishes through. Secrets are taken out of the outcome before anything is written."""

    action: Action[Any]
    context: RunContext
    commands: Commands
    redactor: Redactor
    workspace: Workspace
    environ: Mapping[str, str]

    def comment(self, outcome: Outcome, values: CommonInputs, doors: Doors) -> Outcome:
        """Post, update or retire the sticky comment; returns the outcome with its link, or with why there is none.

        Raises BadToken, and PermissionNeeded where a comment was asked for by name.
        """
        if not isinstance(values, GateInputs) or values.comment == "never":
            return outcome
        if doors.github is None:
            asked = values.comment == "always" or self.context.pull_request or self.context.workflow_run
            return _noted(outcome, f"{relay.NOT_POSTED}no `github-token`", Severity.NOTICE) if asked else outcome
        from actionkit.github.errors import BadToken

        pull = self.context.pull_request
        try:
            pull = pull or relay.pull_request(self.context, doors, anywhere=values.comment == "always")
            if pull is None:
                return self._without_pull(outcome)
            link = self._post(readable(self.redacted(outcome)), values, doors.github, pull.number)
        except BadToken:
            raise
        except PermissionNeeded as error:
            return _refused(outcome, error, pull, values)
        except ActionkitError as error:
            # The verdict stands without its comment; GitHub being slow or down is not the change's fault.
            return _noted(outcome, f"{relay.NOT_POSTED}{error}", Severity.WARNING)
        return dataclasses.replace(outcome, links=(*outcome.links, *link))

    def _without_pull(self, outcome: Outcome) -> Outcome:
        """Where nothing but the comment was wanted, that there is none must be said."""
        run = self.context.workflow_run
        if run is None:
            return outcome
        message = f"{relay.NOT_POSTED}no open pull request has the commit of run {run.id} as its head"
        return _noted(outcome, message, Severity.NOTICE)

    def _post(self, outcome: Outcome, values: GateInputs, github: GitHub, number: int) -> tuple[Link, ...]:
        from actionkit.github.comments import retire, upsert

        repository, name = self.context.repository, self.action.name
        key = self.redactor.text(values.comment_key)
        if values.comment == "on-failure" and outcome.verdict is Verdict.PASS:
            verdict = f"{outcome.verdict.value}{self._which(values)}"
            note = f"{self.action.title}: {verdict}. {markdown.text(outcome.headline)}"
            retire(github, repository, number, note, action=name, key=key)
            return ()
        body = self._page(outcome, Page.COMMENT, values)
        sticky = upsert(github, repository, number, body, action=name, key=key)
        return (Link(COMMENT_LINK, sticky.url),)

    def _page(self, outcome: Outcome, page: Page, values: CommonInputs | None) -> str:
        heading, newline, rest = self.action.render(outcome, page).partition("\n")
        return f"{heading}{self._which(values)}{newline}{rest}"

    def _which(self, values: CommonInputs | None) -> str:
        """The comment key as a heading has it: on one pull request there may be several results of one action."""
        key = shortened(self.redactor.text(values.comment_key), KEY_LIMIT) if isinstance(values, GateInputs) else ""
        return f" ({markdown.text(key)})" if key else ""

    def deliver(self, outcome: Outcome, values: CommonInputs | None) -> None:
        """Write everything that stays on the runner. Never raises for a file that cannot be written."""
        outcome = readable(self.redacted(outcome))
        path = (values.outcome_file if values else "") or f".actions/{self.action.name}/outcome.json"
        try:
            self.workspace.write(path, envelope.dump(outcome))
        except ActionkitError as error:
            outcome, path = _noted(outcome, f"the outcome file was not written: {error}", Severity.WARNING), ""
        # A file the runner named but took away (a full disk, a job that ends) costs what was meant for it, no more.
        try:
            for name, text in outputs.texts(self.action, outcome, path).items():
                filecommands.set_value(self.environ.get("GITHUB_OUTPUT"), name, text)
        except OSError as error:
            outcome = _noted(outcome, f"the outputs were not set: {error.strerror}: GITHUB_OUTPUT", Severity.WARNING)
        try:
            filecommands.add_summary(
                self.environ.get("GITHUB_STEP_SUMMARY"),
                self._page(outcome, Page.SUMMARY, values),
                f"\n\n_Cut here: GitHub shows 1 MiB. The whole result is in `{path}`._",
            )
        except OSError as error:
            message = f"the summary was not written: {error.strerror}: GITHUB_STEP_SUMMARY"
            outcome = _noted(outcome, message, Severity.WARNING)
        if self.context.in_actions and (not isinstance(values, GateInputs) or values.annotations):
            annotate(self.commands, outcome.problems, root=str(self.context.workspace))
        self.commands.foreign(terminal.text(outcome))

    def traceback(self, trace: str) -> None:
        """Show a traceback of ours in a collapsed group."""
        with self.commands.group("Traceback"):
            self.commands.foreign(self.redactor.text(trace))

    def redacted(self, outcome: Outcome) -> Outcome:
        """The outcome with every secret replaced in every text."""
        clean: Outcome = cleaned(outcome, self.redactor)
        return clean


def cleaned(value: Any, redactor: Redactor) -> Any:
    """The same value, of dataclasses and JSON's types, with every text in it redacted."""
    if isinstance(value, str) and type(value) is str:
        return redactor.text(value)
    # Nearly everything is clean, and one look at all texts of a record of 20,000 files is five times faster than 60,000
    # looks. No secret, URL or header holds a NUL, so joining them hides none.
    texts: list[str] = []
    _collect(value, texts)
    joined = "\0".join(texts)
    if redactor.text(joined) == joined:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: cleaned(getattr(value, f.name), redactor) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    if isinstance(value, Mapping):
        return {cleaned(key, redactor): cleaned(item, redactor) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(cleaned(item, redactor) for item in value)
    return value


def _collect(value: Any, texts: list[str]) -> None:
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, list | tuple):
        for item in value:
            _collect(item, texts)
    elif isinstance(value, Mapping):
        _collect(tuple(value), texts)
        _collect(tuple(value.values()), texts)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _collect(getattr(value, field.name), texts)


def readable(outcome: Outcome) -> Outcome:
    """The outcome with every text as short as people read: a name in a report may be a megabyte. `data` stays whole."""
    if len(outcome.headline) <= HEADLINE_LIMIT and all(
        len(text) <= TEXT_LIMIT for p in outcome.problems for text in (p.message, p.fix, p.path)
    ):
        return outcome
    problems = (
        dataclasses.replace(
            problem,
            message=shortened(problem.message, TEXT_LIMIT),
            fix=shortened(problem.fix, TEXT_LIMIT),
            path=problem.path if len(problem.path) <= TEXT_LIMIT else "",
        )
        for problem in outcome.problems
    )
    return dataclasses.replace(outcome, headline=shortened(outcome.headline, HEADLINE_LIMIT), problems=tuple(problems))


def _noted(outcome: Outcome, message: str, severity: Severity, fix: str = "") -> Outcome:
    problem = Problem(message, fix, severity=severity)
    return dataclasses.replace(outcome, problems=(*outcome.problems, problem))


def _refused(outcome: Outcome, error: PermissionNeeded, pull: PullRequest | None, values: GateInputs) -> Outcome:
    """A read-only token is normal on a fork, worth a warning elsewhere, an error where a comment was asked for."""
    if pull is not None and pull.is_fork:
        fix = "To comment on pull requests from forks, upload the outcome file and relay it with `from-outcome`."
        return _noted(outcome, f"{relay.NOT_POSTED}a fork's token is read-only", Severity.NOTICE, fix)
    if values.comment == "auto":
        fix = "Add to the job:\npermissions:\n  pull-requests: write"
        return _noted(outcome, f"{relay.NOT_POSTED}{error}", Severity.WARNING, fix)
    raise error
