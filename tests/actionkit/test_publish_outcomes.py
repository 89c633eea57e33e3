"""What one run publishes: the comment, the outcome file, the summary, annotations, outputs and the log."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.sample import FROM_FORK, MEASURED, PULL, GitHubInMemory, Inputs, doors, listed, sample

from actionkit import envelope
from actionkit.commands import Commands
from actionkit.context import PullRequest, RunContext, WorkflowRun
from actionkit.errors import PermissionNeeded
from actionkit.github.errors import BadToken, ServerError
from actionkit.inputs import CommonInputs
from actionkit.outcome import Outcome, Problem, Severity, Verdict
from actionkit.publish import Desk
from actionkit.redact import Redactor
from actionkit.workspace import Workspace

FAILED = replace(MEASURED, verdict=Verdict.FAIL, headline="the level is low")
REFUSED = PermissionNeeded("POST comment", "pull-requests: write")
RUN = WorkflowRun(42, "pull_request", "success", FROM_FORK.head_sha, "feature", "stranger/shop")


@dataclass
class Office:
    """A desk, and what is published from it."""

    folder: Path
    github: GitHubInMemory | None = field(default_factory=GitHubInMemory)
    pull: PullRequest | None = PULL
    about: WorkflowRun | None = None
    secrets: tuple[str, ...] = ()
    in_actions: bool = True
    log: io.StringIO = field(default_factory=io.StringIO)

    @property
    def desk(self) -> Desk:
        context = RunContext(
            self.folder,
            in_actions=self.in_actions,
            event_name="workflow_run" if self.about else "pull_request" if self.pull else "push",
            repository="org/shop",
            sha="a" * 40,
            ref="refs/heads/feature",
            run_id=42,
            pull_request=self.pull,
            workflow_run=self.about,
        )
        environ = {"GITHUB_STEP_SUMMARY": str(self.folder / "summary"), "GITHUB_OUTPUT": str(self.folder / "output")}
        commands = Commands(self.log, in_actions=self.in_actions)
        return Desk(
            sample(),
            context,
            commands,
            Redactor(self.secrets),
            Workspace(self.folder),
            environ if self.in_actions else {},
        )

    def comment(self, outcome: Outcome = MEASURED, **inputs: Any) -> Outcome:
        return self.desk.comment(outcome, Inputs(**inputs), doors(self.folder, self.github))

    def deliver(self, outcome: Outcome = MEASURED, **inputs: Any) -> None:
        self.desk.deliver(outcome, Inputs(**inputs))

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text(encoding="utf-8")

    @property
    def outputs(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


# The comment


def test_a_pull_request_gets_one_comment_that_is_updated_in_place(office: Office) -> None:
    assert office.github
    first = office.comment()
    assert [(link.title, link.url) for link in first.links] == [
        ("Pull request comment", "https://github.com/org/shop/pull/7#issuecomment-1")
    ]
    again = office.comment(FAILED)
    assert again.links == first.links
    (body,) = office.github.bodies
    assert body.startswith("<!-- sample: v1 -->\n")
    assert "the level is low" in body
    assert "on the comment" in body


def test_comments_of_two_keys_stand_side_by_side(office: Office) -> None:
    assert office.github
    office.comment(comment_key="linux")
    office.comment(comment_key="windows")
    assert len(office.github.bodies) == 2


def test_a_reader_can_tell_the_results_of_two_keys_apart(office: Office) -> None:
    assert office.github
    office.comment(comment_key="staging")
    office.comment(FAILED, comment_key="<b>@org/all", comment="on-failure")
    office.comment(comment_key="<b>@org/all", comment="on-failure")
    office.deliver(comment_key="staging")
    headings = [body.splitlines()[1] for body in office.github.bodies]
    assert headings[0].endswith(" (staging)")
    assert headings[1].startswith("Sample: pass (&lt;b&gt;")
    assert "@org/all" not in headings[1]
    assert office.summary.splitlines()[0].endswith(" (staging)")


@pytest.mark.parametrize("values", [Inputs(comment="never"), CommonInputs()])
def test_nothing_is_asked_of_github_where_no_comment_is_wanted(office: Office, values: CommonInputs) -> None:
    assert office.github
    assert office.desk.comment(MEASURED, values, doors(office.folder, office.github)) is MEASURED
    assert office.github.calls == []


def test_on_failure_a_pass_posts_nothing_and_retires_the_comment_of_an_earlier_failure(office: Office) -> None:
    assert office.github
    assert office.comment(comment="on-failure").links == ()
    assert office.github.bodies == []
    office.comment(FAILED, comment="on-failure")
    assert "the level is low" in office.github.bodies[0]
    assert office.comment(comment="on-failure").links == ()
    assert office.github.bodies == ["<!-- sample: v1 -->\nSample: pass. all is well"]


def test_a_secret_in_the_outcome_is_not_in_the_comment(office: Office) -> None:
    assert office.github
    office.secrets = ("hunter2hunter2",)
    office.comment(replace(MEASURED, headline="key hunter2hunter2 is old"))
    assert "key \\*\\*\\* is old" in office.github.bodies[0]


def test_without_a_token_the_verdict_stands_and_the_missing_comment_is_noted(office: Office) -> None:
    office.github = None
    noted = office.comment()
    assert (noted.verdict, noted.problems[-1].message) == (
        Verdict.PASS,
        "no comment was posted: no `github-token`",
    )
    office.pull = None
    assert office.comment() is MEASURED
    assert office.comment(comment="always").problems[-1].severity is Severity.NOTICE


def test_a_read_only_token_is_a_notice_on_a_fork_a_warning_elsewhere_and_an_error_where_asked_for(
    office: Office,
) -> None:
    office.github = GitHubInMemory(refuses={"POST": REFUSED})
    warned = office.comment().problems[-1]
    assert (warned.severity, warned.fix) == (
        Severity.WARNING,
        "Add to the job:\npermissions:\n  pull-requests: write",
    )
    with pytest.raises(PermissionNeeded):
        office.comment(comment="always")
    office.pull = FROM_FORK
    for comment in ("auto", "always"):
        noted = office.comment(comment=comment).problems[-1]
        assert noted.severity is Severity.NOTICE
        assert "`from-outcome`" in noted.fix


def test_github_being_down_is_a_warning_and_a_bad_token_is_not(office: Office) -> None:
    office.github = GitHubInMemory(refuses={"GET": ServerError("GET comments", 502, "GitHub answered 502, 5 times")})
    warned = office.comment()
    assert warned.verdict is Verdict.PASS
    assert warned.problems[-1] == Problem(
        "no comment was posted: GET comments: GitHub answered 502, 5 times", severity=Severity.WARNING
    )
    office.github = GitHubInMemory(refuses={"GET": BadToken("GET comments", 401, "it is expired")})
    with pytest.raises(BadToken):
        office.comment()


def test_a_workflow_run_comments_on_the_pull_request_of_the_run_it_is_about(office: Office) -> None:
    office.pull, office.about = None, RUN
    office.github = GitHubInMemory(pulls=[listed(FROM_FORK)])
    assert office.comment().links
    assert office.github.calls[0] == "GET /repos/org/shop/pulls"
    assert "issues/7/comments" in office.github.calls[-1]


@pytest.mark.parametrize("pulls", [[], [listed(FROM_FORK, state="closed")], [listed(replace(FROM_FORK, head_sha="c"))]])
def test_a_workflow_run_without_an_open_pull_request_says_so(office: Office, pulls: list[dict[str, Any]]) -> None:
    office.pull, office.about = None, RUN
    office.github = GitHubInMemory(pulls=pulls)
    assert office.comment().problems[-1] == Problem(
        "no comment was posted: no open pull request has the commit of run 42 as its head", severity=Severity.NOTICE
    )


def test_of_two_pull_requests_with_one_head_none_is_guessed(office: Office) -> None:
    office.pull, office.about = None, RUN
    office.github = GitHubInMemory(pulls=[listed(FROM_FORK), listed(replace(FROM_FORK, number=8))])
    warned = office.comment()
    assert warned.verdict is Verdict.PASS
    assert "pull requests #7, #8 all have feature" in warned.problems[-1].message
    assert office.github.bodies == []


def test_a_push_looks_for_its_pull_request_only_where_a_comment_is_asked_for(office: Office) -> None:
    office.pull = None
    office.github = GitHubInMemory(pulls=[listed(PULL)])
    assert office.comment().links == ()
    assert office.github.calls == []
    assert office.comment(comment="always").links
    office.github = GitHubInMemory(refuses={"GET": PermissionNeeded("GET pulls", "pull-requests: read")})
    with pytest.raises(PermissionNeeded):
        office.comment(comment="always")


# What stays on the runner


def test_outcome_file_summary_annotations_outputs_and_log_say_the_same(office: Office) -> None:
    office.deliver(replace(MEASURED, data={"level": 3}))
    path = ".actions/sample/outcome.json"
    written = envelope.load((office.folder / path).read_bytes(), path)
    assert (written.verdict, written.headline) == (Verdict.PASS, "all is well")
    assert office.summary == "## pass on the summary\n\nall is well\n"
    for name, text in {"verdict": "pass", "headline": "all is well", "outcome": path, "level": "3"}.items():
        assert f"{name}<<" in office.outputs
        assert f"\n{text}\n" in office.outputs
    log = office.log.getvalue()
    assert "::error::a note" in log
    assert "sample: PASS: all is well" in log


def test_the_outcome_file_goes_where_it_is_asked_to(office: Office) -> None:
    office.deliver(outcome_file="out/mine.json")
    assert json.loads((office.folder / "out/mine.json").read_bytes())["verdict"] == "pass"
    assert "\nout/mine.json\n" in office.outputs


def test_annotations_can_be_left_out_and_are_none_on_a_laptop(office: Office) -> None:
    office.deliver(annotations=False)
    assert "::error" not in office.log.getvalue()
    office.in_actions = False
    office.log.truncate(0)
    office.deliver()
    assert "::" not in office.log.getvalue()
    assert "fix: Mend it." in office.log.getvalue()


def test_inputs_that_could_not_be_read_are_told_with_annotations_at_the_usual_place(office: Office) -> None:
    office.desk.deliver(FAILED, None)
    assert (office.folder / ".actions/sample/outcome.json").exists()
    assert "::error::" in office.log.getvalue()


def test_an_outcome_file_that_cannot_be_written_is_a_warning_and_the_output_is_empty(office: Office) -> None:
    (office.folder / "taken").write_text("a file, not a folder")
    office.deliver(outcome_file="taken/outcome.json")
    assert "the outcome file was not written: cannot write" in office.log.getvalue()
    assert "\ntaken/outcome.json\n" not in office.outputs
    assert "\npass\n" in office.outputs


def test_a_secret_is_in_nothing_that_is_published_wherever_the_outcome_has_it(office: Office) -> None:
    secret = "hunter2hunter2"
    office.secrets = (secret,)
    problem = Problem(f"message {secret}", f"fix {secret}", path=f"src/{secret}.py", title=secret)
    data = {secret: {"list": [secret, (secret, 1)]}, "level": secret}
    office.deliver(replace(MEASURED, headline=f"headline {secret}", problems=(problem,), data=data))
    everything = [path.read_text(encoding="utf-8") for path in office.folder.rglob("*") if path.is_file()]
    assert len(everything) == 3
    assert secret not in "\n".join([*everything, office.log.getvalue()])
    assert office.desk.redacted(replace(MEASURED, data=data)).data == {
        "***": {"list": ["***", ("***", 1)]},
        "level": "***",
    }


def test_a_traceback_of_ours_is_folded_away_and_without_secrets(office: Office) -> None:
    office.secrets = ("hunter2hunter2",)
    office.desk.traceback("Traceback: KeyError: hunter2hunter2\n")
    log = office.log.getvalue()
    assert log.startswith("::group::Traceback\n")
    assert "KeyError: ***" in log
    assert log.endswith("::endgroup::\n")
