"""The record of a commit: nothing in it but hashes, and nothing hostile gets through."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.finding_made import advisory, code, leak, merged

from actionkit.errors import Unreadable
from security_report_aggregator import record
from security_report_aggregator.evidence import Baseline, Known
from security_report_aggregator.model import Category, Level
from security_report_aggregator.record import Index, IndexEntry
from security_report_aggregator.recording import RECORDS

SHA = "a" * 40
ROWS = merged(
    advisory("trivy", "CVE-2021-1", level=Level.CRITICAL),
    advisory("grype", "CVE-2021-1"),
    code("bandit", "B608", "src/secret_path.py", 1),
    leak("gitleaks", "aws", "src/secret_path.py", 9, "digest"),
)
BASELINE = record.baseline_of(SHA, 1714521600.0, ROWS, {"trivy": 2, "bandit": 1})
ENTRY = IndexEntry(SHA, 1714521600.0, "fail", record.counts_of(ROWS), ("bandit", "trivy"), ("b" * 40,), 71)


def test_a_record_is_read_as_it_was_written() -> None:
    assert record.load(record.dump(BASELINE)) == BASELINE
    assert record.dump(record.load(record.dump(BASELINE))) == record.dump(BASELINE)
    assert json.loads(record.dump(BASELINE)) == record.document(BASELINE)
    assert RECORDS.commit_path(SHA) == f"security-report-aggregator/commits/{SHA}.json"


def test_a_record_discloses_no_weakness() -> None:
    written = (record.dump(BASELINE) + record.dump_index(Index((ENTRY,)))).decode()
    for word in ("CVE-2021", "django", "secret_path", "B608", "digest", "requirements"):
        assert word not in written
    assert BASELINE.known[ROWS[0].id] == Known(ROWS[0].id, Category.DEPENDENCY, Level.CRITICAL, ("grype", "trivy"))


def test_an_index_is_read_as_it_was_written() -> None:
    index = Index((ENTRY, IndexEntry("c" * 40, 1.0, "pass")))
    assert record.load_index(record.dump_index(index)) == index


def test_the_headline_is_made_of_counts() -> None:
    assert ENTRY.headline == "fail: 1 critical, 2 high"
    assert IndexEntry(SHA, 1.0, "pass").headline == "pass: no findings"
    assert ENTRY.counts[Category.SECRET] == {Level.HIGH: 1}
    assert Category.IAC not in ENTRY.counts


def changed(fields: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**fields, **changes}).encode()


RECORD = record.document(BASELINE)
INDEX = json.loads(record.dump_index(Index((ENTRY,))))
ID = ROWS[0].id


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"schema": ' + b"9" * 5000 + b"}",
        changed(RECORD, schema=2),
        changed(RECORD, kind="coverage-gate/baseline"),
        changed(RECORD, sha="main"),
        changed(RECORD, sha=None),
        changed(RECORD, recorded_at="now"),
        changed(RECORD, recorded_at=True),
        changed(RECORD, recorded_at=-1),
        changed(RECORD, recorded_at=1e300),
        changed(RECORD, recorded_at=float("nan")),
        changed(RECORD, tools="trivy"),
        changed(RECORD, tools=["trivy"]),
        changed(RECORD, tools={"trivy": -1}),
        changed(RECORD, known=[]),
        changed(RECORD, known={"../x": ["code", "high"]}),
        changed(RECORD, known={ID: ["code"]}),
        changed(RECORD, known={ID: "code"}),
        changed(RECORD, known={ID: ["code", "worst"]}),
        changed(RECORD, known={ID: [["code"], "high"]}),
        changed(RECORD, known={ID: ["code", "high", 99]}),
        changed(RECORD, known={ID: ["code", "high", -1]}),
        changed(RECORD, known={ID: ["code", "high", True]}),
        changed(RECORD, scanners=[], known={ID: ["code", "high", 0]}),
    ],
)
def test_a_record_that_cannot_be_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="recorded baseline"):
        record.load(data)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "fine"},
        {"verdict": ["pass"]},
        {"counts": {"code": {"high": -1}}},
        {"counts": {"code": {"worst": 1}}},
        {"counts": {"people": {"high": 1}}},
        {"counts": {"code": 3}},
        {"counts": {"code": {"high": 10**12}}},
        {"parents": ["main"]},
        {"score": 101},
        {"tools": None},
    ],
)
def test_an_entry_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="index of recorded baselines"):
        record.load_index(changed(INDEX, entries=[{**INDEX["entries"][0], **change}]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.sampled_from(sorted(RECORD)), JSON)
def test_a_record_with_anything_in_it_is_read_or_refused(name: str, value: object) -> None:
    with suppress(Unreadable):
        assert isinstance(record.load(changed(RECORD, **{name: value})), Baseline)


@settings(max_examples=100)
@given(st.sampled_from(sorted(INDEX["entries"][0])), JSON)
def test_an_index_with_anything_in_it_is_read_or_refused(name: str, value: object) -> None:
    with suppress(Unreadable):
        loaded = record.load_index(changed(INDEX, entries=[{**INDEX["entries"][0], name: value}]))
        assert loaded.entries[0].headline
