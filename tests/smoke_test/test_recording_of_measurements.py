"""The history of measurements where it really lies: on a branch of the embedded GitHub, in an artifact, in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.actionkit.job import Job, reader
from tests.actionkit.stand_ins import Refusing

from actionkit import envelope
from actionkit.baseline_source import BaselineSource
from actionkit.github.errors import BadToken
from actionkit.github.history import History
from actionkit.missing import Missing
from actionkit.outcome import Outcome, Severity, Verdict
from sandbox.consumer import Consumer
from smoke_test import history, recording
from smoke_test.history import Entry

ENTRY = Entry("a" * 40, 1_795_000_000.0, "smoke.yml", "pass", 100, 1, 120.5)
LATER = replace(ENTRY, sha="b" * 40, recorded_at=1_795_000_100.0)
BRANCH = BaselineSource("branch")


@pytest.fixture
def job(shop: Consumer) -> Iterator[Job]:
    with Job.of(shop) as made:
        yield made


def look(job: Job, source: BaselineSource = BRANCH, github: Any = None) -> recording.Found:
    return recording.look_up(source, "actions-data", job.context(job.shop.push()), job.doors(github))


def write(job: Job, entry: Entry, github: Any = None) -> list[str]:
    doors = job.doors(github or job.github())
    made = recording.write(entry, "actions-data", job.context(job.shop.push()), doors)
    assert made.kept
    assert all(problem.severity is Severity.WARNING for problem in made.problems)
    return [problem.message for problem in made.problems]


def outcome(action: str = "smoke-test") -> str:
    made = Outcome(action, Verdict.PASS, "3 of 3 steps passed", data={"record": history.fields(ENTRY)})
    return envelope.dump(made).decode()


def test_runs_are_remembered_one_after_the_other(job: Job) -> None:
    first = look(job, github=job.github())
    assert first.missing.heals
    assert "no measurement is recorded on branch actions-data yet" in first.missing.reason
    assert write(job, ENTRY) == write(job, LATER) == []
    assert look(job, github=job.github()) == recording.Found((LATER, ENTRY))


def test_a_corrupt_history_is_begun_anew_and_said(job: Job) -> None:
    History(job.github(), "org/shop").update(lambda _: {history.PATH: b"{"}, "broken")
    assert look(job, github=job.github()).missing.reason.startswith("the recorded history: is not JSON")
    (said,) = write(job, ENTRY)
    assert said.startswith("the history was begun anew: the recorded history: is not JSON")
    assert look(job, github=job.github()).entries == (ENTRY,)


def test_without_a_token_nothing_is_recorded_and_a_wrong_one_is_an_error(job: Job) -> None:
    written = recording.write(ENTRY, "actions-data", job.context(None), job.doors())
    assert not written.kept
    assert written.problems[0].message.endswith("no `github-token`")
    refusing = Refusing(BadToken("GET /x", 401, "Bad credentials"))
    with pytest.raises(BadToken):
        look(job, github=refusing)


def test_no_baseline_is_looked_for_where_none_is_wanted(job: Job) -> None:
    assert look(job, BaselineSource("none")) == recording.Found(
        missing=Missing("`baseline: none` asks for no comparison")
    )


def test_an_earlier_outcome_is_a_baseline_too(job: Job) -> None:
    job.shop.checkout.write({"before.json": outcome(), "other.json": outcome("coverage-gate")})
    assert look(job, BaselineSource("file", "before.json")).entries == (ENTRY,)
    other = look(job, BaselineSource("file", "other.json"))
    assert other.missing.reason == "other.json: is an outcome of coverage-gate, not of smoke-test"
    assert "no such file" in look(job, BaselineSource("file", "gone.json")).missing.reason


def test_a_change_does_not_bring_the_outcome_it_is_compared_with(job: Job) -> None:
    shop = job.shop
    shop.checkout.commit("A baseline", {"before.json": outcome()})
    slower = outcome().replace(str(ENTRY.p95_ms), "9000.0")
    _, event = shop.open_pull("forge", {"before.json": slower, "brought.json": slower})
    context, doors = job.context(event), job.doors()
    as_before = recording.look_up(BaselineSource("file", "before.json"), "actions-data", context, doors)
    assert as_before.entries == (ENTRY,)
    brought = recording.look_up(BaselineSource("file", "brought.json"), "actions-data", context, doors)
    assert "no change brings its own baseline" in brought.missing.reason


def test_an_artifact_counts_once_a_run_of_the_default_branch_left_it(job: Job) -> None:
    allowed = job.github({**reader(), "actions": "read"})
    source = BaselineSource("artifact", "smoke")
    assert look(job, source).missing.reason == "artifact smoke cannot be read without a `github-token`"
    nothing = look(job, source, allowed)
    assert (nothing.missing.heals, nothing.missing.reason) == (
        True,
        "no successful run on main left an artifact called smoke",
    )
    job.shop.repository.run(branch="main").artifact("smoke", {"outcome.json": outcome()})
    assert look(job, source, allowed).entries == (ENTRY,)
