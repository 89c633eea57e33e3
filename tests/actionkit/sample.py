"""A small action of its own and a GitHub in memory, for the tests of what every action has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actionkit import markdown, values
from actionkit.action import Action, Doors, Output, Page, Permission
from actionkit.context import PullRequest, RunContext
from actionkit.git import Git
from actionkit.inputs import CommonInputs, GateInputs, an_input
from actionkit.outcome import Fact, Outcome, Problem, Verdict
from actionkit.workspace import Workspace

PULL = PullRequest(7, "b" * 40, "main", "a" * 40, "feature", "org/shop", is_fork=False)
FROM_FORK = PullRequest(7, "b" * 40, "main", "a" * 40, "feature", "stranger/shop", is_fork=True)
MEASURED = Outcome(
    "sample", Verdict.PASS, "all is well", facts=(Fact("level", 3),), problems=(Problem("a note", "Mend it."),)
)


@dataclass(frozen=True, kw_only=True)
class Inputs(GateInputs):
    level: int | None = an_input(values.count, doc="How high.")
    api_key: str = an_input(values.text, secret=True, missing="", doc="A key.")


def run(inputs: Inputs, context: RunContext, doors: Doors) -> Outcome:
    """Passes; the level, if there is one, is a fact."""
    doors.say(f"level {inputs.level}")
    return MEASURED


def render(outcome: Outcome, page: Page) -> str:
    return f"## {outcome.verdict.value} on the {page.value}\n\n{markdown.text(outcome.headline)}\n"


def sample(run: Callable[[Any, RunContext, Doors], Outcome] = run, inputs: type[CommonInputs] = Inputs) -> Action[Any]:
    return Action(
        name="sample",
        title="Sample",
        description="Says that all is well.",
        inputs=inputs,
        run=run,
        render=render,
        outputs={"level": Output("How high.", lambda outcome: str(outcome.data.get("level", "")), kind="integer")},
        permissions=(Permission("pull-requests", "write", "Post the comment.", lambda _: "write"),),
        hosts=(),
        events=("pull_request",),
        icon="check",
        color="green",
    )


@dataclass
class GitHubInMemory:
    """The comments and pull requests of one repository. `refuses` maps a method to the error it raises."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    refuses: Mapping[str, Exception] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def pages(self, path: str, params: object = None, *, key: str | None = None) -> Iterator[dict[str, Any]]:
        self._called("GET", path)
        return iter(list(self.pulls if path.endswith("/pulls") else self.comments))

    def post(self, path: str, json: Mapping[str, Any]) -> dict[str, Any]:
        self._called("POST", path)
        number = len(self.comments) + 1
        url = f"https://github.com/org/shop/pull/7#issuecomment-{number}"
        made = {"id": number, "html_url": url, "user": {"login": "github-actions[bot]", "type": "Bot"}, **json}
        self.comments.append(made)
        return made

    def patch(self, path: str, json: Mapping[str, Any]) -> None:
        self._called("PATCH", path)
        (comment,) = [one for one in self.comments if path.endswith(f"/{one['id']}")]
        comment.update(json)

    @property
    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.comments]

    def _called(self, method: str, path: str) -> None:
        self.calls.append(f"{method} {path}")
        if method in self.refuses:
            raise self.refuses[method]


def listed(pull: PullRequest, **others: Any) -> dict[str, Any]:
    """A pull request as GitHub lists it."""
    return {
        "number": pull.number,
        "html_url": f"https://github.com/org/shop/pull/{pull.number}",
        "state": "open",
        "base": {"ref": pull.base_ref, "sha": pull.base_sha},
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": {"full_name": pull.head_repository}},
        **others,
    }


def doors(folder: Path, github: Any = None) -> Doors:
    return Doors(
        workspace=Workspace(folder),
        git=Git(folder),
        github=github,
        now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        say=lambda _: None,
    )
