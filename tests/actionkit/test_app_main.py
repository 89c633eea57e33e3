"""From variables to an exit code: inputs, doors, the run, what is published, and every way in which it can end."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.sample import MEASURED, render, sample

from actionkit.action import Doors, Page
from actionkit.app import main
from actionkit.context import RunContext
from actionkit.errors import Complaint, Interrupted, PermissionNeeded, Unreadable, UsageError
from actionkit.inputs import CommonInputs
from actionkit.outcome import Fact, Outcome, Verdict
from actionkit.publish import Desk
from actionkit.signals import Signals
from sandbox.consumer import Consumer, comment_of
from sandbox.runner import Event

Run = Callable[[Any, RunContext, Doors], Outcome]


@dataclass(frozen=True)
class Ended:
    code: int
    log: str
    outcome: dict[str, Any]


class Place:
    """A workspace in which the sample action is run."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def run(
        self,
        *flags: str,
        env: Mapping[str, str] | None = None,
        run: Run | None = None,
        signals: Signals | None = None,
        inputs: type[CommonInputs] | None = None,
    ) -> Ended:
        action = sample(run) if run else sample()
        if inputs:
            action = replace(action, inputs=inputs)
        environ = {"GITHUB_WORKSPACE": str(self.folder), **(env or {})}
        code = main(action, flags, environ, signals or Signals())
        written = self.folder / ".actions/sample/outcome.json"
        outcome = json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
        return Ended(code, self.capsys.readouterr().out, outcome)


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


def ends(outcome: Outcome) -> Run:
    return lambda *_: outcome


def fails(error: BaseException) -> Run:
    def run(*_: object) -> Outcome:
        raise error

    return run


@pytest.mark.parametrize(
    ("verdict", "enforced", "reported"), [("pass", 0, 0), ("fail", 1, 0), ("incomplete", 3, 0), ("error", 2, 2)]
)
def test_the_exit_code_is_the_verdicts_and_in_report_mode_0_but_never_for_an_error(
    place: Place, verdict: str, enforced: int, reported: int
) -> None:
    run = ends(replace(MEASURED, verdict=Verdict(verdict)))
    assert place.run(run=run).code == enforced
    ended = place.run("--mode", "report", run=run)
    assert (ended.code, ended.outcome["verdict"]) == (reported, verdict)


def test_an_action_that_is_no_gate_has_no_report_mode(place: Place) -> None:
    run = ends(replace(MEASURED, verdict=Verdict.FAIL))
    assert place.run(run=run, inputs=CommonInputs).code == 1


def test_the_outcome_says_where_when_and_by_what_it_was_made(place: Place) -> None:
    env = {"GITHUB_REPOSITORY": "org/shop", "GITHUB_RUN_ID": "42", "GITHUB_SHA": "a" * 40, "GITHUB_JOB": "test"}
    made = place.run(env=env).outcome
    assert made["run"]["url"] == "https://github.com/org/shop/actions/runs/42"
    assert (made["run"]["sha"], made["run"]["job"]) == ("a" * 40, "test")
    assert made["started_at"].endswith("Z")
    assert made["duration_seconds"] >= 0
    assert set(made["versions"]) == {"sample", "python"}


def test_versions_an_action_names_itself_are_kept(place: Place) -> None:
    made = place.run(run=ends(replace(MEASURED, versions={"tool": "7.1"}))).outcome
    assert made["versions"]["tool"] == "7.1"


def test_every_wrong_input_is_told_at_once_before_anything_runs(place: Place) -> None:
    ended = place.run("--level", "high", "--modus", "x", run=fails(AssertionError("ran")))
    assert ended.code == 2
    assert [problem["message"].split(";")[0] for problem in ended.outcome["problems"]] == [
        "`--modus` is not an input of this action",
        "`x` is not an input of this action",
        "input `level`: `high` is not a whole number",
    ]
    assert "ran" not in ended.log.split()


@pytest.mark.parametrize(
    ("error", "code", "verdict", "said"),
    [
        (UsageError([Complaint("`policy` is no key", "Write `polices`.")]), 2, "error", "fix: Write `polices`."),
        (Unreadable("a.xml", "is truncated"), 3, "incomplete", "a.xml: is truncated"),
        (PermissionNeeded("GET x", "actions: read"), 2, "error", "the token lacks `actions: read`"),
    ],
)
def test_an_error_that_is_made_for_the_user_has_no_traceback(
    place: Place, error: Exception, code: int, verdict: str, said: str
) -> None:
    ended = place.run(run=fails(error))
    assert (ended.code, ended.outcome["verdict"]) == (code, verdict)
    assert said in ended.log
    assert "Traceback" not in ended.log


def test_a_bug_is_an_error_with_its_traceback_folded_away_and_no_secret_in_it(place: Place) -> None:
    env = {"GITHUB_ACTIONS": "true", "INPUT_API-KEY": "hunter2hunter2"}
    ended = place.run(env=env, run=fails(KeyError("hunter2hunter2")))
    assert (ended.code, ended.outcome["verdict"]) == (2, "error")
    assert ended.outcome["headline"] == "sample crashed (KeyError)"
    assert "::group::Traceback" in ended.log
    assert "KeyError: '***'" in ended.log
    assert ended.log.startswith("::add-mask::hunter2hunter2\n")
    assert ended.log.count("hunter2hunter2") == 1


def test_a_bug_while_publishing_is_an_error_and_not_the_exit_code_of_a_failed_gate(place: Place) -> None:
    def broken(outcome: Outcome, page: Page) -> str:
        if outcome.verdict is Verdict.PASS:
            raise ZeroDivisionError
        return render(outcome, page)

    summary = place.folder / "summary"
    code = main(
        replace(sample(), render=broken),
        [],
        {"GITHUB_WORKSPACE": str(place.folder), "GITHUB_STEP_SUMMARY": str(summary)},
        Signals(),
    )
    assert code == 2
    assert "sample crashed (ZeroDivisionError)" in summary.read_text(encoding="utf-8")
    assert "sample crashed (ZeroDivisionError)" in place.capsys.readouterr().out


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_ends_in_incomplete_whatever_the_mode(place: Place, number: int, name: str) -> None:
    ended = place.run("--mode", "report", run=fails(Interrupted(number)))
    assert (ended.code, ended.outcome["verdict"]) == (128 + number, "incomplete")
    assert ended.outcome["headline"] == f"stopped by {name}"


def test_a_signal_after_the_measurement_keeps_what_is_known(place: Place) -> None:
    signals = Signals()

    def run(*_: object) -> Outcome:
        signals.received = signal.SIGTERM
        return replace(MEASURED, facts=(Fact("level", 3),))

    ended = place.run(run=run, signals=signals)
    assert ended.code == 143
    assert ended.outcome["headline"] == "stopped by SIGTERM; so far: all is well"
    assert ended.outcome["facts"][0]["value"] == 3


def test_a_signal_that_c_code_turned_into_another_exception_is_a_signal_and_no_bug(place: Place) -> None:
    signals = Signals()

    def run(*_: object) -> Outcome:
        signals.received = signal.SIGTERM
        raise TypeError("expected a message argument")

    ended = place.run(run=run, signals=signals)
    assert ended.code == 143
    assert "Traceback" not in ended.log
    assert ended.outcome["verdict"] == "incomplete"


def test_without_a_token_or_a_repository_there_is_no_github(place: Place) -> None:
    seen: list[object] = []

    def run(_: object, __: object, doors: Doors) -> Outcome:
        seen.append(doors.github)
        return MEASURED

    place.run("--github-token", "ghs_0123456789", run=run)
    place.run(env={"GITHUB_REPOSITORY": "org/shop"}, run=run)
    place.run("--github-token", "ghs_0123456789", env={"GITHUB_REPOSITORY": "org/shop"}, run=run)
    assert seen[:2] == [None, None]
    assert "requests_made=0" in repr(seen[2])
    assert "ghs_0123456789" not in repr(seen[2])


def test_the_doors_lead_to_the_workspace_the_clock_and_the_log(place: Place) -> None:
    def run(inputs: Any, context: RunContext, doors: Doors) -> Outcome:
        doors.say("::error::from a report")
        doors.workspace.write("made.txt", b"x")
        assert doors.now().utcoffset() is not None
        assert not doors.git.available()
        return replace(MEASURED, data={"level": inputs.level})

    ended = place.run(env={"INPUT_LEVEL": " 3 ", "GITHUB_ACTIONS": "true"}, run=run)
    assert ended.outcome["data"] == {"level": 3}
    assert (place.folder / "made.txt").read_bytes() == b"x"
    lines = ended.log.splitlines()
    assert "\u200b::error::from a report" in lines


def test_on_a_laptop_the_workspace_is_where_one_stands_and_nothing_is_posted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(sample(), ["--level", "3"], {}, Signals()) == 0
    assert (tmp_path / ".actions/sample/outcome.json").exists()
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "sample: PASS: all is well",
        "  level  3",
        "  error: a note",
        "    fix: Mend it.",
    ]


def over_http(shop: Consumer, on: Event, token: str, run: Run, *flags: str) -> int:
    """A run of the sample action that talks to the shop's GitHub; its exit code."""
    payload = shop.checkout.path / "event.json"
    payload.write_text(json.dumps(on.payload), encoding="utf-8")
    env = {
        **{f"GITHUB_{name.upper()}": str(value) for name, value in on.context().items()},
        "GITHUB_API_URL": shop.url,
        "GITHUB_WORKSPACE": str(shop.checkout.path),
        "GITHUB_EVENT_PATH": str(payload),
        "GITHUB_ACTIONS": "true",
        "INPUT_GITHUB-TOKEN": token,
    }
    return main(sample(run), flags, env, Signals())


COMMENTING = {"contents": "read", "pull-requests": "write"}


def test_a_run_that_goes_wrong_takes_the_word_from_an_earlier_one_that_passed(shop: Consumer) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    token = shop.token(COMMENTING)
    for wrong, flags, said in (
        (ends(MEASURED), ("--level", "high"), "is not a whole number"),
        (fails(KeyError("x")), (), "sample crashed"),
        (fails(Unreadable("a.xml", "is truncated")), (), "a.xml cannot be read"),
    ):
        assert over_http(shop, event, token, ends(MEASURED)) == 0
        assert "all is well" in comment_of(pull)
        assert over_http(shop, event, token, wrong, *flags) != 0
        assert said in comment_of(pull)
        assert "all is well" not in comment_of(pull)


def test_a_wrong_run_that_may_not_comment_or_does_not_know_how_is_wrong_all_the_same(
    shop: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    wrong = fails(UsageError([Complaint("`policy` is no key", "")]))
    assert over_http(shop, event, "ghs_unknown0123", wrong) == 2
    assert "`policy` is no key" in capsys.readouterr().out
    assert over_http(shop, event, shop.token({"contents": "read"}), wrong, "--comment", "always") == 2
    assert "`policy` is no key" in capsys.readouterr().out
    assert over_http(shop, event, shop.token(COMMENTING), wrong, "--comment", "maybe") == 2
    assert "`maybe`" in capsys.readouterr().out
    assert comment_of(pull) == ""


def test_an_interrupt_while_a_wrong_run_comments_ends_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def arrives(*_: object) -> None:
        raise Interrupted(signal.SIGTERM)

    monkeypatch.setattr(Desk, "comment", arrives)
    ended = place.run(run=fails(Unreadable("a.xml", "is truncated")))
    assert ended.code == 143
    assert ended.outcome["headline"] == "stopped by SIGTERM; so far: a.xml cannot be read"


def test_a_pull_request_is_commented_over_http_and_its_fork_is_relayed(
    shop: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"}, fork="stranger/shop")

    def run(on: Event, token: str, *flags: str) -> int:
        return over_http(shop, on, token, ends(replace(MEASURED, headline="measured by a stranger")), *flags)

    assert run(event, shop.hub.fork_token(shop.repository).secret) == 0
    assert "a fork's token is read-only" in capsys.readouterr().out
    assert comment_of(pull) == ""
    trusted = shop.token(COMMENTING)
    assert run(shop.followed(event, pull), trusted, "--from-outcome", ".actions/sample/outcome.json") == 0
    assert "measured by a stranger" in comment_of(pull)
    relayed = json.loads((shop.checkout.path / ".actions/sample/outcome.json").read_text(encoding="utf-8"))
    assert relayed["run"]["run_id"] == event.run_id
    assert trusted not in capsys.readouterr().out.replace(f"::add-mask::{trusted}\n", "")
