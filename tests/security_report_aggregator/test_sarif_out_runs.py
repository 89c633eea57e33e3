"""Which runs the merged SARIF has, and what of the findings goes into them."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from tests.security_report_aggregator.sarif_at_hand import (
    FIXTURES,
    accepted,
    dependency,
    entry,
    finding,
    merged,
    result_of,
    runs_of,
    weakness,
)

from actionkit.workspace import Workspace
from security_report_aggregator import gather, identity, preflight, sarif_out
from security_report_aggregator.evidence import Entry
from security_report_aggregator.model import Level
from security_report_aggregator.sarif_limits import Limits
from security_report_aggregator.sources import Sources


def names(made: sarif_out.Merged) -> list[str]:
    return [run["tool"]["driver"]["name"] for run in runs_of(made)]


def said(made: sarif_out.Merged, *words: str) -> str:
    """The only repair with all of these words."""
    (found,) = [one for one in made.repairs if all(word in one for word in words)]
    return found


def test_every_scanner_that_reports_a_weakness_has_a_result_in_a_run_of_its_own() -> None:
    one = weakness(finding("bandit", "B324"), finding("semgrep", "weak-hash"))
    made = merged(one)
    assert (made.runs, made.results) == (2, 2)
    assert [(run["tool"]["driver"]["name"], run["results"][0]["ruleId"]) for run in runs_of(made)] == [
        ("Bandit", "B324"),
        ("Semgrep", "weak-hash"),
    ]


def test_what_one_scanner_says_twice_of_one_weakness_is_one_result() -> None:
    made = merged(weakness(finding("bandit", "B324"), finding("bandit", "B303", Level.CRITICAL)))
    result = result_of(made)
    assert (result["ruleId"], result["level"]) == ("B324", "error")
    assert accepted(made.data)[0].findings[0].severity == 9.5


def test_a_scanner_that_found_nothing_has_an_empty_run_so_that_its_alerts_close() -> None:
    (run,) = runs_of(merged(entries=(entry("trivy", version="0.50.1"),)))
    assert run == {
        "tool": {"driver": {"name": "Trivy", "version": "0.50.1", "semanticVersion": "0.50.1", "rules": []}},
        "automationDetails": {"id": "verdict/trivy/"},
        "invocations": [{"executionSuccessful": True}],
        "results": [],
    }


@pytest.mark.parametrize("version", ["v8.0.0", "3.12", "1.02.3", "2.0.0-01"])
def test_a_version_that_is_not_semantic_is_only_shown(version: str) -> None:
    (run,) = runs_of(merged(entries=(entry("gitleaks", version=version),)))
    assert run["tool"]["driver"]["version"] == version
    assert "semanticVersion" not in run["tool"]["driver"]


def test_of_two_versions_the_same_is_shown_whatever_the_order_of_the_reports() -> None:
    entries = (entry("trivy", version="0.49.0", path="a.json"), entry("trivy", version="0.50.0", path="b.json"))
    assert {merged(entries=given).data for given in permutations(entries)} == {merged(entries=entries).data}
    assert runs_of(merged(entries=entries))[0]["tool"]["driver"]["version"] == "0.50.0"


def test_a_scanner_with_a_report_that_cannot_be_relied_on_has_no_run() -> None:
    bad = entry("trivy", path="out/trivy.json", reasons=("ends in the middle of its JSON: truncated",))
    made = merged(
        weakness(finding("trivy", "DS002")),
        weakness(finding("bandit", "B324")),
        entries=(entry("trivy", path="out/other.json"), bad, entry("bandit")),
    )
    assert names(made) == ["Bandit"]
    assert "(out/trivy.json: ends in the middle of its JSON: truncated)" in said(made, "no run for Trivy")


def test_findings_of_a_failed_report_that_go_by_another_name_have_no_run_either() -> None:
    odd = finding("ruff", "S324")
    failed = Entry("house-tool", "a.sarif", ("crashed",), entry("house-tool", odd).scan)
    made = merged(weakness(odd), weakness(finding("bandit")), entries=(failed, entry("bandit")))
    assert names(made) == ["Bandit"]


def test_an_expected_scanner_without_a_report_and_a_file_of_nobody_have_no_run() -> None:
    entries = (Entry("codeql", "", ("did not report",)), Entry("", "x.json", ("is empty",)), entry("bandit"))
    made = merged(entries=entries)
    assert names(made) == ["Bandit"]
    assert said(made, "CodeQL").endswith("(did not report)")
    assert said(made, "nobody knows").endswith("(x.json: is empty)")


def test_where_no_scanner_can_be_relied_on_there_is_nothing_to_upload() -> None:
    made = merged(weakness(finding("bandit")), entries=(entry("bandit", reasons=("crashed",)),))
    assert (made.data, made.runs, made.results) == (b"", 0, 0)
    assert said(made, "no run for Bandit")


def test_a_scanner_without_a_line_in_the_ledger_keeps_its_findings() -> None:
    assert names(merged(weakness(finding("house-tool")), entries=(entry("bandit"),))) == ["Bandit", "house-tool"]


def test_waived_and_suppressed_findings_are_left_out_and_counted() -> None:
    waived = weakness(finding(line=1), known_as="waived")
    aside = weakness(finding(line=2, suppressed="nosec"), finding("semgrep", line=2, suppressed="nosem"))
    shown = weakness(finding(line=3), finding("semgrep", line=3, suppressed="nosem"))
    made = merged(waived, aside, shown, left_out=frozenset({"waived"}))
    assert [len(run["results"]) for run in runs_of(made)] == [1, 0]
    assert said(made, "waived findings").endswith("suppressions in SARIF")
    assert said(made, "told to set aside")
    twice = merged(waived, weakness(finding(line=9), known_as="too"), left_out=frozenset({"waived", "too"}))
    assert said(twice, "waived findings").endswith("(2 times)")


def test_the_category_is_the_users_and_then_the_scanners() -> None:
    ids = {
        category: runs_of(merged(weakness(finding()), category=category))[0]["automationDetails"]["id"]
        for category in ("", "nightly", "/team a/nightly/", " / ")
    }
    assert ids == {
        "": "verdict/bandit/",
        "nightly": "nightly/bandit/",
        "/team a/nightly/": "team-a/nightly/bandit/",
        " / ": "verdict/bandit/",
    }


def test_scanners_whose_names_make_the_same_category_are_told_apart() -> None:
    made = merged(weakness(finding("my tool")), weakness(finding("my@tool")), weakness(finding("…")))
    assert sorted(run["automationDetails"]["id"] for run in runs_of(made)) == [
        "verdict/my-tool/",
        "verdict/my-tool~2/",
        "verdict/unknown/",
    ]


def test_beyond_twenty_scanners_the_smallest_share_a_run_that_says_so() -> None:
    tools = [f"tool-{number:02d}" for number in range(23)]
    many = [weakness(finding(tool, line=line)) for tool in tools[:19] for line in (1, 2)]
    few = [weakness(finding(tool, "R1")) for tool in tools[19:]]
    made = merged(*many, *few)
    *alone, others = runs_of(made)
    assert [run["tool"]["driver"]["name"] for run in alone] == tools[:19]
    assert others["automationDetails"]["id"] == "verdict/others/"
    assert [result["ruleId"] for result in others["results"]] == [f"{tool}/R1" for tool in tools[19:]]
    assert said(made, "share the run `others`").endswith("(4 times, first: tool-19)")


def test_the_shared_run_is_not_sent_while_a_scanner_that_may_be_in_it_failed() -> None:
    tools = [f"tool-{number:02d}" for number in range(20)]
    entries = tuple(entry(tool) for tool in tools)
    assert len(runs_of(merged(entries=entries))) == 20
    made = merged(entries=(*entries, entry("zap", reasons=("crashed",))))
    assert names(made) == tools[:19]
    assert said(made, "one that failed may have shared it").endswith("(tool-19)")


def test_of_more_results_than_github_takes_the_least_severe_are_left_out() -> None:
    levels = (Level.LOW, Level.UNKNOWN, Level.CRITICAL, Level.MEDIUM, Level.HIGH)
    made = merged(
        *(weakness(finding(rule=level, level=level, line=at + 1)) for at, level in enumerate(levels)),
        limits=Limits(results=3, kept_results=2),
    )
    assert [result["ruleId"] for result in runs_of(made)[0]["results"]] == ["critical", "high", "medium"]
    assert said(made, "least severe results of Bandit").endswith("takes 3 of a run (2 times)")
    assert said(made, "the 2 most severe of 3 results of Bandit")
    assert made.results == 3


def test_the_cut_keeps_the_order_within_a_level_and_never_holds_more() -> None:
    made = merged(*(weakness(finding(line=line)) for line in range(1, 8)), limits=Limits(results=2))
    lines = [result["locations"][0]["physicalLocation"]["region"] for result in runs_of(made)[0]["results"]]
    assert lines == [{"startLine": 1}, {"startLine": 2}]
    assert said(made, "least severe").endswith("(5 times)")


def test_the_same_evidence_gives_the_same_bytes() -> None:
    given = [weakness(finding(line=line), finding("semgrep", line=line)) for line in range(1, 4)]
    assert merged(*given).data == merged(*given).data


def test_the_reports_that_real_scanners_wrote_are_merged_within_all_limits() -> None:
    """Also through the preflight, which knows nothing of how they are built, and has nothing to mend."""
    root = FIXTURES / "security"
    scans, _, _ = gather.read_reports([("", "reports/*/*.json"), ("", "reports/*/*.sarif")], Workspace(root))
    entries = tuple(Entry(scan.tool, scan.path, (), scan) for scan in scans if scan.complete)
    sources = Sources(Workspace(root / "project"))
    found = identity.weaknesses([one.scan for one in entries if one.scan], sources.line)
    made = sarif_out.merged(entries, found, (), category="", sources=sources, manifest_line=lambda _: None)
    assert (made.runs, len(accepted(made.data))) == (made.runs, made.runs)
    by_scanner = {(tool, one.id) for one in found for tool in one.tools}
    suppressed = {(f.tool, one.id) for one in found for f in one.findings if f.suppressed}
    assert len(by_scanner - suppressed) <= made.results <= len(by_scanner)
    assert made.runs > 10
    checked = preflight.check_and_repair(made.data)
    assert (checked.repairs, checked.refused) == ((), ())
    assert checked.data == made.data


def test_a_dependency_without_any_file_points_at_its_report_of_several() -> None:
    first, second = dependency(rule="A-1"), dependency(rule="A-2")
    entries = (entry("pip-audit", first, path="a/one.json"), entry("pip-audit", second, path="b.zip!two.json"))
    made = merged(weakness(first), weakness(second), weakness(dependency(rule="A-3")), entries=entries)
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(made.data)["runs"][0]["results"]
    ]
    assert uris == ["a/one.json", "b.zip", "a/one.json"]
    assert said(made, "point at the report").endswith("(3 times, first: a/one.json)")


def test_a_finding_whose_report_nobody_knows_still_has_a_place() -> None:
    made = merged(weakness(dependency("house-tool")), entries=(entry("bandit"),))
    (_, run) = runs_of(made)
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "unknown"
