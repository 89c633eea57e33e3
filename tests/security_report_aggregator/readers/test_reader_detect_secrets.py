from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.reports_at_hand import (
    finding_of,
    made,
    mutated,
    opened,
    reads_or_refuses,
    real,
    refusal_of,
    scan_of,
)

from security_report_aggregator.model import Category, Location
from security_report_aggregator.readers.detect_secrets import READER

HASHED = hashlib.sha1(b"not-a-real-key", usedforsecurity=False).hexdigest()
SECRET = {"type": "Secret Keyword", "filename": "a.py", "hashed_secret": HASHED, "is_verified": False, "line_number": 2}


def baseline(**results: object) -> dict[str, object]:
    return {
        "version": "1.5.0",
        "plugins_used": [{"name": "AWSKeyDetector"}],
        "results": results,
        "generated_at": "2026-11-21T05:35:11Z",
    }


@pytest.mark.parametrize(("path", "records"), real("detect-secrets"))
def test_every_real_report_gives_the_number_of_its_records(path: Path, records: int) -> None:
    (scan,) = READER.read(opened(path))
    assert (scan.tool, scan.records, scan.complete) == ("detect-secrets", records, True)


def test_a_secret_is_known_by_its_digest_alone_and_equal_to_the_one_other_scanners_see() -> None:
    scan = scan_of(READER, baseline(**{".\\src\\a.py": [SECRET]}))
    (finding,) = scan.findings
    assert (finding.category, finding.rule.id) == (Category.SECRET, "Secret Keyword")
    assert finding.location == Location("src/a.py", 2)
    assert finding.secret == made("").digest("not-a-real-key")
    assert HASHED not in repr(finding)
    assert scan.version == "1.5.0"
    assert scan.started is not None
    assert scan.started.year == 2026


@pytest.mark.parametrize(
    ("audit", "suppressed", "confidence"),
    [
        ({}, "", ""),
        ({"is_secret": False}, "audited: no secret", ""),
        ({"is_secret": True}, "", "confirmed"),
        ({"is_verified": True}, "", "verified"),
        ({"is_secret": None}, "", ""),
    ],
)
def test_an_audit_is_respected(audit: dict[str, object], suppressed: str, confidence: str) -> None:
    scan = scan_of(READER, baseline(a=[SECRET | audit]))
    assert [(one.suppressed, one.confidence) for one in scan.findings] == [(suppressed, confidence)]
    assert (scan.records, scan.suppressed) == (1, bool(suppressed))


@pytest.mark.parametrize("hashed", [None, "", "abc", 7])
def test_a_secret_without_its_hash_is_equal_to_no_other(hashed: object) -> None:
    assert finding_of(READER, baseline(a=[SECRET | {"hashed_secret": hashed}])).secret == ""


def test_no_results_are_no_findings() -> None:
    assert scan_of(READER, baseline()).records == 0


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (baseline(a=["x"]), "is no object"),
        (baseline(a={"0": SECRET}), "is no list"),
        (baseline(a=7), "is no list"),
        (baseline() | {"results": [SECRET]}, "is no object"),
        (baseline() | {"results": None}, "has no `results` by file"),
        (baseline() | {"results": []}, "`results` is no object"),
        (baseline() | {"results": "x"}, "is no object"),
        (baseline(a=[{"hashed_secret": HASHED}]), "without `type`"),
    ],
)
def test_what_is_not_as_the_format_says_is_refused_and_not_lost(report: object, reason: str) -> None:
    assert reason in refusal_of(READER, report)


@pytest.mark.parametrize("other", [{"results": {}}, {"plugins_used": []}, [], {"version": "2.1.0", "runs": []}])
def test_other_documents_are_not_taken_for_detect_secrets(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([baseline(a=[SECRET, SECRET | {"is_secret": True}], b=[SECRET])]))
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
