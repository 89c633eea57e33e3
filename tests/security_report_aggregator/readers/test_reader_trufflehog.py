from __future__ import annotations

import base64
import json
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

from security_report_aggregator.model import Level, Location
from security_report_aggregator.readers.empty import READER as EMPTY
from security_report_aggregator.readers.trufflehog import READER

SECRET = "not-a-real-key"
VERSION_3 = {
    "SourceMetadata": {"Data": {"Git": {"commit": "fbc14303ffbf8fb1c2c1", "file": "keys", "line": 4}}},
    "SourceID": 0,
    "SourceType": 16,
    "SourceName": "trufflehog - git",
    "DetectorName": "AWS",
    "DecoderName": "PLAIN",
    "Verified": True,
    "Raw": SECRET,
    "RawV2": f"{SECRET}:more",
    "Redacted": "not-",
    "ExtraData": {"account": "1"},
}
VERSION_2 = {
    "branch": "origin/dev",
    "commit": f"adds {SECRET}",
    "commitHash": "288f35ed2e73145e3578207e896a4cf1600bea45",
    "diff": f"+{SECRET}",
    "path": "Dockerfile",
    "printDiff": f"+{SECRET}",
    "reason": "High Entropy",
    "stringsFound": [SECRET],
}
PYTHON = {
    "rule": {"id": "high-entropy", "message": "High Entropy", "severity": "HIGH"},
    "path": "docker/Dockerfile",
    "line": "3",
    "secret": SECRET,
    "context": {"3": SECRET},
    "id": "6ac0ab3b",
    "message": f"bumps {SECRET}",
}
FINISHED = {
    "level": "info-0",
    "ts": "2026-07-06T06:29:43Z",
    "logger": "trufflehog",
    "msg": "finished scanning",
    "chunks": 235,
    "trufflehog_version": "3.79.0",
}
STARTED = {"level": "info-0", "ts": "2026-07-06T06:29:42Z", "logger": "trufflehog", "msg": "running source"}
FAILED = {
    "level": "error",
    "logger": "trufflehog",
    "msg": "encountered errors during scan",
    "errors": ["clone of https://user:token@example.com/a failed"],
}


def lines(*records: object) -> str:
    return "".join(f"{record if isinstance(record, str) else json.dumps(record)}\n" for record in records)


@pytest.mark.parametrize(("path", "records"), real("trufflehog", "trufflehog3"))
def test_every_real_report_gives_the_number_of_its_records(path: Path, records: int) -> None:
    document = opened(path)
    (reader,) = [reader for reader in (READER, EMPTY) if reader.recognises(document)]
    (scan,) = reader.read(document)
    assert (scan.records, scan.complete) == (records, True)


@pytest.mark.parametrize(
    ("report", "path", "line", "rule"),
    [
        (lines(VERSION_3), "keys", 4, "AWS"),
        ([VERSION_3], "keys", 4, "AWS"),
        (lines(VERSION_2), "Dockerfile", None, "High Entropy"),
        ([VERSION_2], "Dockerfile", None, "High Entropy"),
        ([PYTHON], "docker/Dockerfile", 3, "high-entropy"),
    ],
)
def test_all_generations_say_where_one_secret_is_and_none_what_it_is(
    report: object, path: str, line: int | None, rule: str
) -> None:
    finding = finding_of(READER, report)
    assert finding.location == Location(path, line)
    assert finding.rule.id == rule
    assert finding.secret == made("").digest(SECRET)
    assert SECRET not in repr(finding)


@pytest.mark.parametrize("before", ["\u00a0", "scan_1  | "])
def test_a_finding_behind_other_text_is_not_lost_in_silence(before: str) -> None:
    scan = scan_of(READER, f"{lines(VERSION_3)}\n{before}{lines(VERSION_3)}")
    assert scan.records == 1
    assert scan.gaps == ("TruffleHog reports: a finding stands behind other text on its line, where it is not read",)


def test_a_line_that_tells_of_a_failure_is_a_gap() -> None:
    scan = scan_of(READER, f"{lines(VERSION_3)}\nfatal: repository not found\n")
    assert scan.gaps == ("TruffleHog reports: failed: fatal: repository not found",)


def test_only_trufflehog3_gives_a_severity() -> None:
    assert finding_of(READER, [PYTHON]).rated[:3] == (Level.HIGH, "HIGH", "rule.severity")
    assert finding_of(READER, [PYTHON | {"rule": {"id": "x"}}]).rated.level is Level.UNKNOWN
    assert finding_of(READER, lines(VERSION_3)).rated.level is Level.UNKNOWN


def test_a_line_of_a_diff_is_no_line_of_the_file() -> None:
    finding = finding_of(READER, [PYTHON | {"commit": "9c3f4d641d14eba2740f"}])
    assert finding.location == Location("docker/Dockerfile")
    assert "9c3f4d641d14" in finding.message


@pytest.mark.parametrize(("verified", "confidence"), [(True, "verified"), (False, "unverified"), (None, "unverified")])
def test_a_secret_that_still_works_is_verified(verified: object, confidence: str) -> None:
    assert finding_of(READER, lines(VERSION_3 | {"Verified": verified})).confidence == confidence


@pytest.mark.parametrize(
    ("changes", "secret"),
    [
        ({"Raw": base64.b64encode(SECRET.encode()).decode(), "DecoderName": ...}, SECRET),
        ({"Raw": "no base64 at all", "DecoderName": ...}, "no base64 at all"),
        ({"Raw": "", "RawV2": SECRET}, SECRET),
        ({"Raw": 7}, ""),
        ({"Raw": "", "RawV2": ""}, ""),
    ],
)
def test_the_raw_secret_is_found_as_each_version_writes_it(changes: dict[str, object], secret: str) -> None:
    record = {key: value for key, value in (VERSION_3 | changes).items() if value is not ...}
    assert finding_of(READER, lines(record)).secret == (made("").digest(secret) if secret else "")


@pytest.mark.parametrize(
    ("data", "location"),
    [
        ({"Filesystem": {"file": "./a.txt", "line": 1}}, Location("a.txt", 1)),
        ({"Docker": {"file": "/etc/x", "image": "shop:1"}}, Location("shop:1:/etc/x", is_file=False)),
        ({"S3": {"bucket": "b", "file": "k"}}, Location("b:k", is_file=False)),
        ({"Slack": {"link": "https://slack.example/1"}}, Location("https://slack.example/1", is_file=False)),
        ({"Stdin": {}}, Location("Stdin", is_file=False)),
        ({}, None),
    ],
)
def test_only_files_of_a_repository_are_files(data: object, location: Location | None) -> None:
    assert finding_of(READER, lines(VERSION_3 | {"SourceMetadata": {"Data": data}})).location == location


def test_log_lines_between_findings_are_no_findings_and_tell_when_and_with_what() -> None:
    scan = scan_of(READER, lines("🐷🔑🐷  TruffleHog. Unearth your secrets.", "", STARTED, VERSION_3, FINISHED))
    assert (scan.records, scan.gaps, scan.version) == (1, (), "3.79.0")
    assert scan.started is not None
    assert scan.started.isoformat() == "2026-07-06T06:29:42+00:00"


@pytest.mark.parametrize(
    ("report", "gap"),
    [
        (lines(VERSION_3, FAILED, FINISHED), "TruffleHog reports: encountered errors during scan"),
        (lines(STARTED, VERSION_3), "did not get to its end"),
        (lines(STARTED), "did not get to its end"),
        (lines(VERSION_2, "Traceback (most recent call last):", "ValueError: x"), "it crashed"),
        ("2026-01-01T00:00:00Z\terror\ttrufflehog\tcannot clone\t{}\n", "TruffleHog reports: cannot clone"),
        ("2026-01-01T00:00:00Z\tinfo-0\ttrufflehog\trunning source\t{}\n", "did not get to its end"),
    ],
)
def test_a_scan_that_failed_or_was_cut_short_is_not_complete(report: str, gap: str) -> None:
    scan = scan_of(READER, report)
    assert not scan.complete
    assert gap in " ".join(scan.gaps)
    assert "token@" not in " ".join(scan.gaps)


def test_a_finished_scan_without_findings_is_clean_and_says_if_it_looked_at_nothing() -> None:
    clean = scan_of(READER, lines(STARTED, FINISHED))
    assert (clean.records, clean.complete, clean.notes) == (0, True, ())
    assert "0 chunks" in scan_of(READER, lines(STARTED, FINISHED | {"chunks": 0})).notes[0]
    assert scan_of(READER, "2026-01-01\tinfo-0\ttrufflehog\tfinished scanning\t{}\n").complete


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (lines(VERSION_3, {"SourceMetadata": {}}), ":2: has a record that is no finding"),
        (lines(VERSION_3) + '{"SourceMetadata": {"Da', ":2: ends in the middle of its JSON"),
        (lines(VERSION_3, '{"a": 1} {"b": 2}'), ":2: has more text"),
        ([VERSION_2 | {"stringsFound": "x"}], "`stringsFound` is no list"),
        ([PYTHON, 7], "`[1]` is no object"),
        ([PYTHON, PYTHON | {"path": None}], "no finding of any TruffleHog"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_and_not_lost(report: object, reason: str) -> None:
    assert reason in refusal_of(READER, report)


@pytest.mark.parametrize(
    "other", [[], {}, "plain", {"type": "auditSummary"}, {"level": "info", "msg": "x"}, [{"rule": "x", "offender": ""}]]
)
def test_other_documents_are_not_taken_for_trufflehog(other: object) -> None:
    assert not READER.recognises(made(other))


@given(
    mutated([lines(STARTED, VERSION_3, FAILED, FINISHED).encode(), lines(VERSION_2).encode(), [PYTHON], [VERSION_2]])
)
@settings(max_examples=50)
def test_damage_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
