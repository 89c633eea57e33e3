"""The evidence ledger: every reason for which a scanner cannot be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.security_report_aggregator.judged_made import NOW, a_scan

from actionkit.errors import Unreadable
from security_report_aggregator import ledger
from security_report_aggregator.evidence import Entry
from security_report_aggregator.model import Scan
from security_report_aggregator.policy import Policy

SHA = "0123456789abcdef0123456789abcdef01234567"
MERGE = "fedcba9876543210fedcba9876543210fedcba98"


def entries(
    *scans: Scan, unreadable: Sequence[Unreadable] = (), written: datetime | None = None, **policy: Any
) -> tuple[Entry, ...]:
    return ledger.entries(
        scans, unreadable, Policy(**policy), now=NOW, shas=(SHA, MERGE), started_of=lambda path: written
    )


def reasons(*scans: Scan, **more: Any) -> list[tuple[str, ...]]:
    return [entry.reasons for entry in entries(*scans, **more)]


def test_a_complete_scan_can_be_relied_on() -> None:
    (entry,) = entries(a_scan(started=NOW, commit=SHA), expected=("trivy",), max_age=timedelta(hours=1))
    assert (entry.tool, entry.path, entry.reasons) == ("trivy", "trivy.json", ())
    assert entry.scan is not None
    assert entry.scan.complete


def test_what_a_scan_did_not_cover_stands_in_the_ledger() -> None:
    assert reasons(a_scan(gaps=("2 files do not parse", "it crashed"))) == [("2 files do not parse", "it crashed")]


def test_a_file_that_cannot_be_read_is_an_entry_with_its_line_and_a_guess_at_its_scanner() -> None:
    bad = [Unreadable("out/trivy.json", "the JSON ends too early", 7), Unreadable("x.json", "is empty")]
    assert entries(unreadable=bad) == (
        Entry("trivy", "out/trivy.json", ("line 7: the JSON ends too early",)),
        Entry("", "x.json", ("is empty",)),
    )


def test_without_any_report_the_ledger_says_so() -> None:
    assert entries() == (Entry("", "", ("no report of any scanner was found",)),)
    assert [entry.tool for entry in entries(expected=("trivy",))] == ["", "trivy"]


@pytest.mark.parametrize(
    ("scan", "wanted"),
    [
        (a_scan("zap"), "OWASP ZAP"),
        (a_scan("pip-audit"), "pip_audit"),
        (a_scan("codeql"), "CodeQL command-line toolchain"),
        (a_scan("semgrep", label="nightly"), "Nightly"),
        (a_scan("own-scanner"), "Own Scanner"),
    ],
)
def test_an_expected_scanner_is_known_by_any_of_its_names_or_its_label(scan: Scan, wanted: str) -> None:
    assert reasons(scan, expected=(wanted,)) == [()]


def test_an_expected_scanner_that_did_not_report_is_named_with_what_may_be_meant() -> None:
    _, missing, typo = entries(a_scan("semgrep"), expected=("trivy", "semgrp", "semgrep"))
    assert missing == Entry("trivy", "", ("did not report",))
    assert typo == Entry("semgrp", "", ("did not report (`semgrep` did; is it meant?)",))


def test_an_expected_scanner_whose_report_cannot_be_read_is_not_called_missing_too() -> None:
    found = entries(unreadable=[Unreadable("trivy.json", "is empty")], expected=("trivy",))
    assert [entry.path for entry in found] == ["trivy.json"]


@pytest.mark.parametrize(
    ("started", "said"),
    [
        (NOW - timedelta(hours=12), ()),
        (NOW - timedelta(hours=13), ("is 13 hours old, and `max-age` is 12 hours",)),
        (NOW - timedelta(days=1, hours=5), ("is 1 day old, and `max-age` is 12 hours",)),
        ((NOW - timedelta(days=2)).replace(tzinfo=None), ("is 2 days old, and `max-age` is 12 hours",)),
        (NOW + timedelta(minutes=9), ()),
        (NOW + timedelta(days=400), ("its age cannot be judged: it says that it was made 400 days from now",)),
    ],
)
def test_a_report_may_be_so_old(started: datetime, said: tuple[str, ...]) -> None:
    assert reasons(a_scan(started=started), max_age=timedelta(hours=12)) == [said]
    assert reasons(a_scan(started=started)) == [()]


def test_a_report_that_does_not_say_when_it_ran_is_as_old_as_its_file() -> None:
    asked: list[str] = []

    def written(path: str) -> datetime | None:
        asked.append(path)
        return NOW - timedelta(minutes=12, seconds=3)

    policy = Policy(max_age=timedelta(seconds=30))
    (entry,) = ledger.entries([a_scan()], (), policy, now=NOW, shas=(), started_of=written)
    assert (entry.reasons, asked) == (("is 12 minutes old, and `max-age` is 30 seconds",), ["trivy.json"])


def test_a_report_whose_age_nobody_knows_cannot_be_relied_on() -> None:
    ((said,),) = reasons(a_scan(), max_age=timedelta(hours=1))
    assert said.startswith("its age cannot be judged: ")


@pytest.mark.parametrize(
    ("commit", "said"),
    [
        (SHA, ()),
        (MERGE, ()),
        (SHA[:7], ()),
        (SHA.upper(), ()),
        (SHA + "0" * 24, ()),
        ("", ()),
        ("main", ()),
        (SHA[:6], ()),
        ("ffffff1", ("scanned commit ffffff1, not 0123456789ab",)),
        ("f" * 40, ("scanned commit ffffffffffff, not 0123456789ab",)),
    ],
)
def test_a_scan_of_another_commit_says_nothing_of_this_one(commit: str, said: tuple[str, ...]) -> None:
    assert reasons(a_scan(commit=commit)) == [said]
    (entry,) = ledger.entries([a_scan(commit=commit)], (), Policy(), now=NOW, shas=(), started_of=lambda path: None)
    assert entry.reasons == ()


def test_a_package_that_no_data_base_has_to_know_may_go_unaudited() -> None:
    gaps = ("did not audit our-Lib: not on PyPI", "did not audit other 1.0: not on PyPI", "it crashed")
    (entry,) = entries(a_scan("pip-audit", gaps=gaps, notes=("n",)), unaudited=("Our_*",))
    assert entry.reasons == ("did not audit other 1.0: not on PyPI", "it crashed")
    assert entry.scan is not None
    assert entry.scan.gaps == entry.reasons
    assert entry.scan.notes == ("n", "accepted by `unaudited`: did not audit our-Lib: not on PyPI")
    (clean,) = entries(a_scan("pip-audit", gaps=gaps[:2]), unaudited=("our-*", "other"))
    assert clean.scan is not None
    assert clean.scan.complete


def test_a_report_of_one_scanner_is_no_evidence_of_another_that_its_label_names() -> None:
    policy = Policy(expected=("trivy",))
    scan = a_scan("bandit", label="trivy")
    found = ledger.entries([scan], [], policy, now=NOW, shas=(), started_of=lambda _: None)
    assert found[0].reasons == ("is a report of bandit, though `reports` says that trivy wrote it",)
    assert [entry.tool for entry in found if not entry.path] == ["trivy"]


@pytest.mark.parametrize(("label", "tool"), [("snyk", "snyk-code"), ("our-images", "trivy"), ("Trivy", "trivy")])
def test_a_label_of_the_user_s_own_or_of_the_same_family_is_taken(label: str, tool: str) -> None:
    policy = Policy(expected=(label,))
    found = ledger.entries([a_scan(tool, label=label)], [], policy, now=NOW, shas=(), started_of=lambda _: None)
    assert [entry.reasons for entry in found] == [()]
