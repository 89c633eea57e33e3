"""Scans, findings and what changed, as the rows of an outcome's data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from tests.security_report_aggregator.judged_made import NOW, a_scan, advised, at, reported, waiving, weak

from actionkit.errors import Unreadable
from actionkit.missing import Missing
from security_report_aggregator import told
from security_report_aggregator.evidence import Baseline, Delta, Entry, Evidence, Known
from security_report_aggregator.model import Category, Level, Licensed, Location, Package, Rated
from security_report_aggregator.upgrades import Upgrade


def test_the_runs_of_one_file_are_one_row_and_missing_scanners_one_each() -> None:
    first = a_scan("codeql", path="all.sarif", version="2.1", findings=(reported(Level.HIGH),))
    second = a_scan(
        "eslint", path="all.sarif", version="9", gaps=("did not scan a.js",), started=NOW, notes=("a note",)
    )
    rows = told.scans(
        [
            Entry("codeql", "all.sarif", (), first),
            Entry("trivy", "", ("did not report",)),
            Entry("eslint", "all.sarif", ("did not scan a.js", "did not scan a.js"), second),
            Entry("grype", "", ("did not report",)),
            Entry("", "broken.json", ("line 1: is not JSON",)),
        ]
    )
    assert [(row["path"], row["tool"], row["complete"]) for row in rows] == [
        ("all.sarif", "codeql, eslint", False),
        ("", "trivy", False),
        ("", "grype", False),
        ("broken.json", "", False),
    ]
    both = rows[0]
    assert (both["version"], both["runs"], both["records"], both["reason"]) == ("2.1, 9", 2, 1, "did not scan a.js")
    assert (both["started"], both["notes"]) == (NOW.isoformat(), ["a note"])
    assert both["by_severity"] == {"critical": 0, "high": 1, "medium": 0, "low": 0, "unknown": 0}
    assert (rows[3]["runs"], rows[3]["records"], rows[3]["started"]) == (0, 0, "")


def test_records_are_counted_with_what_was_suppressed_withheld_or_is_a_licence() -> None:
    scan = a_scan(
        findings=(reported(Level.LOW), reported(Level.HIGH, suppressed="nosec")),
        licensed=(Licensed(Package("pypi", "a"), "MIT"),),
        withheld=2,
    )
    (row,) = told.scans([Entry("trivy", "trivy.json", (), scan)])
    assert (row["records"], row["suppressed"]) == (5, 3)
    assert sum(row["by_severity"].values()) == 2


def test_reasons_are_short_and_few() -> None:
    reasons = [f"did not audit package {number}: {'x' * 1000}" for number in range(25)]
    (row,) = told.scans([Entry("pip-audit", "audit.json", tuple(reasons))])
    assert row["reason"].endswith(" and 5 more")
    assert len(row["reason"]) < 20 * (told.TEXT_LIMIT + 3) + 20


def test_what_fails_comes_first_then_the_worst_then_the_new_and_waived_ones_last() -> None:
    rows = [at(Level.LOW, 1), at(Level.HIGH, 1), at(Level.HIGH, 2), at(Level.CRITICAL, 1), at(Level.UNKNOWN, 1)]
    waiver = waiving()
    found = told.findings(
        rows,
        {rows[3].id: waiver},
        Delta(new=frozenset({rows[2].id})),
        failing={rows[0].id},
    )
    assert [(one["id"], one["state"]) for one in found] == [
        ("code-low-1", "active"),
        ("code-high-2", "new"),
        ("code-high-1", "active"),
        ("code-unknown-1", "active"),
        ("code-critical-1", "waived"),
    ]


def test_a_finding_is_told_with_what_others_rely_on() -> None:
    found = advised(
        Level.HIGH,
        "CVE-2021-1",
        "GHSA-1",
        fixed_in=("3.2.5", "2.2.24"),
        published=datetime(2021, 7, 2, tzinfo=UTC),
        url="https://nvd.nist.gov/vuln/detail/CVE-2021-1",
    )
    one = weak(found, advised(Level.MEDIUM, "CVE-2021-1", tool="grype"))
    (row,) = told.findings([one], {}, None, set())
    assert row["tools"] == ["grype", "trivy"]
    assert row["ratings"] == {"trivy": "high", "grype": "medium"}
    assert row["aliases"] == ["CVE-2021-1", "GHSA-1"]
    assert (row["package"], row["path"], row["line"]) == ("pkg:pypi/django@3.2.1", "requirements.txt", 7)
    assert set(row["fixed_in"]) == {"3.2.5", "2.2.24"}
    assert row["published"] == "2021-07-02T00:00:00+00:00"
    assert row["url"] == "https://nvd.nist.gov/vuln/detail/CVE-2021-1"
    assert "score" not in row


def test_a_score_a_hidden_package_type_and_no_place_are_told_as_they_are() -> None:
    bare = reported(Level.HIGH, location=None, package=Package("", "  left-pad "), message="")
    scored = weak(replace(bare, rated=Rated(Level.HIGH, "8.1", "CVSS", 8.1)))
    (row,) = told.findings([scored], {}, None, set())
    assert (row["score"], row["package"].strip(), row["path"], row["line"]) == (8.1, "left-pad", "", None)


def test_fixed_ones_are_told_as_far_as_the_record_knows_them() -> None:
    gone = Known("f" * 24, Category.SECRET, Level.UNKNOWN, ("gitleaks",))
    (row,) = told.findings([], {}, Delta(fixed=(gone,)), set())
    assert (row["id"], row["state"], row["tools"], row["rule"], row["path"]) == (
        "f" * 24,
        "fixed",
        ["gitleaks"],
        "",
        "",
    )


def test_no_more_findings_are_listed_than_an_artifact_bears() -> None:
    many = [at(Level.LOW, number) for number in range(told.MOST_FINDINGS + 1)]
    gone = Known("f" * 24, Category.CODE, Level.LOW, ())
    rows = told.findings(many, {}, Delta(fixed=(gone,)), set())
    assert len(rows) == told.MOST_FINDINGS
    assert rows[-1]["state"] == "active"


def test_long_and_broken_words_of_others_are_one_short_line() -> None:
    one = weak(reported(Level.HIGH, "R\n" * 1000, message="m\r\n" * 1000, source="s" * 1000))
    (row,) = told.findings([one], {}, None, set())
    for name in ("rule", "title", "severity_source"):
        assert len(row[name]) <= told.TEXT_LIMIT
        assert "\n" not in row[name]


def test_a_delta_and_a_baseline_are_numbers_or_the_reason_why_not() -> None:
    known = Known("f" * 24, Category.CODE, Level.LOW, ("bandit",))
    assert told.delta(None) is None
    found = Delta(frozenset("ab"), frozenset("c"), {"d": Level.LOW}, (known,), (known, known))
    assert told.delta(found) == {"new": 2, "worse": 1, "published": 1, "fixed": 1, "unknown": 2}
    none = Evidence((), (), NOW, no_baseline=Missing("nothing is recorded"))
    assert told.baseline(none) == {"sha": "", "why_none": "nothing is recorded"}
    some = Evidence((), (), NOW, baseline=Baseline("a" * 40, 5.0, {"f" * 24: known}, {"bandit": 1}, 3))
    assert told.baseline(some) == {
        "sha": "a" * 40,
        "recorded_at": 5.0,
        "findings": 1,
        "tools": ["bandit"],
        "distance": 3,
    }


def test_waivers_say_who_set_the_finding_aside() -> None:
    ours = told.waiver(at(Level.HIGH), waiving(approved_by="@org/security", source="policy"))
    assert (ours["until"], ours["approved_by"], ours["source"]) == ("2027-03-31", "@org/security", "policy")
    endless = told.waiver(at(Level.HIGH), waiving(until=None))
    assert endless["until"] == ""
    own = told.waiver(weak(reported(Level.LOW, suppressed="suppressed in the source: nosec")), None)
    assert (own["reason"], own["origin"]) == ("suppressed in the source: nosec", "the scanner's own suppression")


def test_upgrades_and_unreadable_files_are_rows() -> None:
    step = Upgrade(Package("pypi", "django", "3.2.1"), "3.2.5", tuple(map(str, range(200))), False, "a.txt", 3)
    row = told.upgrade(step)
    assert (row["package"], row["from"], row["to"], row["closes"], len(row["ids"])) == (
        "django",
        "3.2.1",
        "3.2.5",
        200,
        100,
    )
    assert told.unreadable([Unreadable("vex.json", "is not JSON", 3)]) == [
        {"path": "vex.json", "reason": "is not JSON", "line": 3}
    ]
    json.dumps(row)


def test_a_finding_in_a_resource_has_its_name_as_path() -> None:
    image = weak(reported(Level.LOW, location=Location("nginx:1.25", is_file=False)))
    (row,) = told.findings([image], {}, None, set())
    assert (row["path"], row["line"]) == ("nginx:1.25", None)
