"""Trusted runs write the history in one commit; what goes wrong is told and never fails the verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.actionkit.job import CART
from tests.actionkit.stand_ins import Refusing
from tests.coverage_gate.job import Job

from actionkit.action import Doors
from actionkit.commit_index import KEPT
from actionkit.errors import PermissionNeeded
from actionkit.github.errors import BadToken
from actionkit.github.history import History, HistoryError
from actionkit.outcome import Problem, Severity
from actionkit.recorded import Written
from coverage_gate import baseline as baselines
from coverage_gate.baseline import Index, IndexEntry
from coverage_gate.evidence import Baseline, FileRecord
from coverage_gate.model import Counts, lines_of
from coverage_gate.record import RECORDS
from sandbox.consumer import Consumer


def recorded(sha: str = "a" * 40, at: float = 1000.0, covered: int = 5) -> tuple[Baseline, IndexEntry]:
    lines = Counts(covered, 6)
    files = {CART: FileRecord(lines_of(range(1, 7)), lines_of(range(1, covered + 1)))}
    baseline = Baseline(sha, "coverage.py", "7.10", "coveragepy-json", at, lines, Counts(0, 0), files)
    return baseline, IndexEntry(sha, at, lines, headline=f"line {covered} of 6")


def write(job: Job, what: tuple[Baseline, IndexEntry], github: Any = None) -> Written:
    return add(job, what, job.doors(github or job.github()))


def add(job: Job, what: tuple[Baseline, IndexEntry], doors: Doors) -> Written:
    baseline, entry = what
    return RECORDS.add(baselines.dump(baseline), entry, "actions-data", job.context(job.shop.push()), doors)


def index(shop: Consumer) -> list[str]:
    document = json.loads(shop.repository.read(RECORDS.index_path, "actions-data"))
    return [entry["sha"] for entry in document["entries"]]


def files(shop: Consumer) -> set[str]:
    return {change.path for change in shop.repository.changed_files(None, shop.repository.tip("actions-data"))}


def test_the_record_and_its_line_in_the_index_are_one_commit(job: Job) -> None:
    assert write(job, recorded()) == Written(kept=True)
    assert write(job, recorded("b" * 40, 2000.0)) == Written(kept=True)
    assert index(job.shop) == ["b" * 40, "a" * 40]
    assert files(job.shop) == {
        RECORDS.index_path,
        RECORDS.commit_path("a" * 40),
        RECORDS.commit_path("b" * 40),
    }
    tip = job.shop.repository.tip("actions-data")
    assert baselines.load(job.shop.repository.read(RECORDS.commit_path("b" * 40), tip)) == recorded("b" * 40, 2000.0)[0]


def test_a_second_run_of_a_commit_replaces_its_record(job: Job) -> None:
    write(job, recorded())
    write(job, recorded(covered=6, at=9000.0))
    assert index(job.shop) == ["a" * 40]
    kept = baselines.load(job.shop.repository.read(RECORDS.commit_path("a" * 40), "actions-data"))
    assert kept.lines == Counts(6, 6)


def test_what_falls_out_of_the_index_is_deleted_with_it(job: Job) -> None:
    write(job, recorded("0" * 40, 1.0))
    old = baselines.load_index(job.shop.repository.read(RECORDS.index_path, "actions-data"))
    full = [replace(old.entries[0], sha=f"{number:040x}", recorded_at=10.0 + number) for number in range(1, KEPT)]
    grown = baselines.dump_index(Index((*old.entries, *full)))
    History(job.github(), "org/shop").update(lambda _: {RECORDS.index_path: grown}, "Many runs")
    write(job, recorded("f" * 40, 99_999.0))
    assert len(index(job.shop)) == KEPT
    assert "0" * 40 not in index(job.shop)
    assert files(job.shop) == {RECORDS.index_path, RECORDS.commit_path("f" * 40)}


def test_a_corrupt_index_is_begun_anew_and_said(job: Job) -> None:
    write(job, recorded())
    History(job.github(), "org/shop").update(lambda _: {RECORDS.index_path: b"{}"}, "Spoil it")
    (told,) = write(job, recorded("b" * 40, 2000.0)).problems
    assert told.severity is Severity.WARNING
    assert told.message.startswith("the history was begun anew: the index of recorded baselines: is not a")
    assert index(job.shop) == ["b" * 40]


def test_without_a_token_or_its_permission_it_is_said_what_to_grant(job: Job) -> None:
    assert add(job, recorded(), job.doors()) == Written(
        kept=False, problems=(Problem("nothing was recorded: no `github-token`", severity=Severity.WARNING),)
    )
    (told,) = write(job, recorded(), job.github({"contents": "read"})).problems
    assert "lacks `contents: write`" in told.message
    assert told.fix == "Add to the job that runs on pushes:\npermissions:\n  contents: write"
    assert "refs/heads/actions-data" not in job.shop.repository.refs.names()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            HistoryError("actions-data cannot be written: a rule"),
            "nothing was recorded: actions-data cannot be written",
        ),
        (PermissionNeeded("GET branch", "contents: read"), "nothing was recorded: GitHub refused GET branch"),
    ],
)
def test_a_branch_that_cannot_be_written_is_a_warning(job: Job, error: Exception, message: str) -> None:
    (told,) = write(job, recorded(), Refusing(error)).problems
    assert told.severity is Severity.WARNING
    assert told.message.startswith(message)


def test_a_bad_token_is_no_warning(job: Job) -> None:
    with pytest.raises(BadToken):
        write(job, recorded(), Refusing(BadToken("GET branch", 401, "expired")))
