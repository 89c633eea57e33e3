"""The record of findings on the history branch: one commit, whatever runs meanwhile."""

from __future__ import annotations

import json

import pytest
from tests.actionkit.stand_ins import Refusing
from tests.contract.scanned import Issue, bandit
from tests.security_report_aggregator.job import Job

from actionkit.commit_index import KEPT
from actionkit.github.errors import BadToken, ServerError
from actionkit.github.history import History
from actionkit.recorded import Written
from security_report_aggregator import record
from security_report_aggregator.evidence import Baseline, Known
from security_report_aggregator.model import Category, Level
from security_report_aggregator.record import IndexEntry
from security_report_aggregator.recording import RECORDS

SHA = "a" * 40
BASELINE = Baseline(
    SHA, 1_795_000_000.0, {"f" * 24: Known("f" * 24, Category.CODE, Level.HIGH, ("bandit",))}, {"bandit": 1}
)
ENTRY = IndexEntry(SHA, BASELINE.recorded_at, "fail", {Category.CODE: {Level.HIGH: 1}}, ("bandit",))


def write(job: Job, baseline: Baseline = BASELINE, entry: IndexEntry = ENTRY, github: object = None) -> Written:
    doors = job.doors(github or job.github())
    return RECORDS.add(record.dump(baseline), entry, "actions-data", job.context(job.shop.push()), doors)


def files(job: Job) -> dict[str, bytes]:
    objects = job.shop.repository.objects
    tree = objects.files(objects.commit(job.shop.repository.tip("actions-data")).tree)
    return {path: objects.read(entry.sha, "blob") for path, entry in tree.items()}


def test_a_record_and_its_line_in_the_index_are_one_commit(scanned: Job) -> None:
    assert write(scanned) == Written(kept=True)
    found = files(scanned)
    assert record.load(found[RECORDS.commit_path(SHA)]) == BASELINE
    assert record.load_index(found[RECORDS.index_path]).entries == (ENTRY,)
    (made,) = scanned.shop.repository.objects.history(scanned.shop.repository.tip("actions-data"))
    assert made.message.startswith(f"security-report-aggregator: record {SHA[:12]}\n\nfail: 1 high\n")


def test_the_same_again_changes_nothing(scanned: Job) -> None:
    write(scanned)
    tip = scanned.shop.repository.tip("actions-data")
    assert write(scanned) == Written(kept=True)
    assert scanned.shop.repository.tip("actions-data") == tip


def test_the_oldest_record_goes_when_there_are_too_many(scanned: Job) -> None:
    old = [IndexEntry(f"{number:040x}", number, "pass") for number in range(KEPT)]
    index = record.dump_index(record.Index(tuple(old)))
    kept = {RECORDS.index_path: index, RECORDS.commit_path(old[0].sha): b"{}", RECORDS.commit_path(old[1].sha): b"{}"}
    History(scanned.github(), "org/shop").update(lambda _: kept, "A long history")
    assert write(scanned) == Written(kept=True)
    found = files(scanned)
    assert len(record.load_index(found[RECORDS.index_path]).entries) == KEPT
    assert RECORDS.commit_path(old[0].sha) not in found
    assert RECORDS.commit_path(old[1].sha) in found
    assert RECORDS.commit_path(SHA) in found


def test_a_corrupt_index_is_begun_anew_and_told(scanned: Job) -> None:
    History(scanned.github(), "org/shop").update(lambda _: {RECORDS.index_path: b"{"}, "Spoil it")
    (note,) = write(scanned).problems
    assert note.message.startswith("the history was begun anew: the index of recorded baselines")
    assert json.loads(files(scanned)[RECORDS.index_path])["entries"][0]["sha"] == SHA


def test_what_cannot_be_written_is_a_warning_and_a_bad_token_an_error(scanned: Job) -> None:
    (note,) = write(scanned, github=scanned.github({"contents": "read"})).problems
    assert note.message.startswith("nothing was recorded: ")
    assert "contents: write" in note.fix

    class Down(Refusing):
        def get(self, *_: object, **__: object) -> object:
            raise self.error

    (note,) = write(scanned, github=Down(ServerError("GET ref", 502, "GitHub answered 502"))).problems
    assert note.message == "nothing was recorded: GET ref: GitHub answered 502"
    with pytest.raises(BadToken):
        write(scanned, github=Down(BadToken("GET ref", 401, "expired")))


def test_a_run_without_a_token_says_that_nothing_was_recorded(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": bandit(Issue())})
    made = scanned.run(scanned.shop.push())
    assert "nothing was recorded: no `github-token`" in [problem.message for problem in made.problems]
