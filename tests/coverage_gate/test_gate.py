"""The gate: every rule, every verdict, and that nothing unproven is ever green or red."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.coverage_gate.made import (
    a_baseline,
    a_diff,
    a_file,
    a_policy,
    a_report,
    a_share,
    a_suite,
    changed,
    evidence,
)

from actionkit.missing import Missing
from actionkit.outcome import Fact, Severity, Verdict
from coverage_gate import delta as deltas
from coverage_gate.evidence import Evidence
from coverage_gate.evidence import Tests as Results
from coverage_gate.finding import Finding
from coverage_gate.gate import RULES, decide
from coverage_gate.judgement import HEADLINE_LIMIT, PER_RULE, Judgement
from coverage_gate.model import Counts, LineBranches, Totals, lines_of
from coverage_gate.policy import Policy

PASS, FAIL, INCOMPLETE = Verdict.PASS, Verdict.FAIL, Verdict.INCOMPLETE
HALF = a_report(a_share("src/a.py", 50, 100))


def judge(given: Evidence, yaml: str = "", **inputs: Any) -> Judgement:
    change = None
    if given.baseline is not None and given.diff is not None:
        change = deltas.attribute(given.baseline, given.overall.files, given.diff)
    return decide(given, a_policy(yaml, **inputs), change)


def only(judgement: Judgement) -> Finding:
    (finding,) = judgement.findings
    return finding


def fact(judgement: Judgement, name: str) -> Fact:
    (found,) = (fact for fact in judgement.facts if fact.name == name)
    return found


# -- line and branch coverage ------------------------------------------------------------------------------------------


def test_coverage_below_the_threshold_fails_and_says_both_numbers() -> None:
    judgement = judge(evidence(HALF), fail_under=85)
    assert judgement.verdict is FAIL
    assert judgement.headline == "line 50.00 % < 85 %"
    (problem,) = judgement.problems
    assert problem.message == "line coverage is 50.00 % (50 of 100), below the 85 % of `fail-under`"
    assert problem.fix == "Cover at least 35 more."
    assert fact(judgement, "line coverage") == Fact("line coverage", "50.00", "%", "85", False)


@pytest.mark.parametrize(
    ("covered", "total", "limit", "verdict"),
    [(79996, 100000, 80, FAIL), (2071, 2072, 100, FAIL), (2072, 2072, 100, PASS), (4, 5, 80, PASS), (0, 5, 0, PASS)],
)
def test_rounding_never_turns_red_into_green(covered: int, total: int, limit: int, verdict: Verdict) -> None:
    assert judge(evidence(a_report(a_share("a.py", covered, total))), fail_under=limit).verdict is verdict


def test_a_pass_says_what_passed() -> None:
    judgement = judge(evidence(HALF), "on_no_lines: pass", fail_under=50, fail_under_branch=80)
    assert judgement.verdict is PASS
    assert judgement.headline == "line 50.00 %, branch n/a"
    assert judgement.complete
    (problem,) = judgement.problems
    assert problem.severity is Severity.NOTICE
    assert problem.message == "branch coverage is n/a: there is nothing to cover (0 of 0)"


def test_branches_that_nobody_measured_are_no_pass() -> None:
    judgement = judge(evidence(HALF), fail_under=50, fail_under_branch=80)
    assert judgement.verdict is INCOMPLETE
    assert "no report holds a branch" in judgement.headline


@pytest.mark.parametrize(("on_no_lines", "verdict"), [("pass", PASS), ("fail", FAIL), ("incomplete", INCOMPLETE)])
def test_0_of_0_means_what_the_policy_says(on_no_lines: str, verdict: Verdict) -> None:
    judgement = judge(evidence(HALF), f"on_no_lines: {on_no_lines}", fail_under_branch=80)
    assert judgement.verdict is verdict
    judgement = judge(evidence(a_report()), f"on_no_lines: {on_no_lines}", fail_under=80)
    assert judgement.verdict is verdict


def test_reports_without_a_line_are_never_green_by_default() -> None:
    assert judge(evidence(a_report()), fail_under=0).verdict is INCOMPLETE


def test_nothing_asked_is_said() -> None:
    judgement = judge(evidence(HALF))
    assert judgement.verdict is PASS
    assert judgement.headline == "line 50.00 %; no threshold is set, so nothing could fail"
    assert [problem.severity for problem in judgement.problems] == [Severity.NOTICE]


def test_a_header_that_disagrees_leaves_the_verdict_open_only_between_the_readings() -> None:
    given = evidence(a_report(a_share("a.py", 90, 100), claimed=Totals(Counts(90, 120))))
    assert judge(given, fail_under=75).verdict is PASS
    assert judge(given, fail_under=91).verdict is FAIL
    judgement = judge(given, fail_under=80)
    assert judgement.verdict is INCOMPLETE
    assert "between 75.00 % and 90.00 %" in only(judgement).message
    assert "claims 90 of 120" in only(judgement).message


def test_what_is_missing_to_pass_counts_for_the_worst_reading() -> None:
    given = evidence(a_report(a_share("a.py", 50, 100), claimed=Totals(Counts(50, 120))))
    assert only(judge(given, fail_under=90)).shortfall == 58


def test_branches_merged_from_counts_are_judged_by_their_range() -> None:
    def shard(path: str) -> Any:
        return a_report(a_file("a.py", [1], branches={1: LineBranches(1, 2, 1)}), path=path)

    given = evidence(shard("one.xml"), shard("two.xml"))
    assert judge(given, fail_under_branch=50).verdict is PASS
    assert judge(given, fail_under_branch=60).verdict is INCOMPLETE


# -- incomplete evidence -----------------------------------------------------------------------------------------------


def test_a_blocking_doubt_outweighs_pass_and_fail_and_both_are_shown() -> None:
    given = evidence(a_suite(HALF, missing=["shard-2.json"]))
    for limit in (10, 90):
        judgement = judge(given, fail_under=limit)
        assert judgement.verdict is INCOMPLETE
        assert not judgement.complete
        assert judgement.headline.startswith("cannot judge: `shard-2.json` matches no file")
        assert fact(judgement, "line coverage").value == "50.00"
    assert judgement.headline.endswith("; line 50.00 % < 90 %")
    assert [problem.title for problem in judgement.problems] == ["Report missing", "Below the threshold"]


def test_a_proven_failure_outweighs_what_cannot_be_judged() -> None:
    judgement = judge(evidence(HALF), fail_under=85, fail_under_patch=90)
    assert judgement.verdict is FAIL
    assert judgement.complete
    assert [problem.title for problem in judgement.problems] == ["Below the threshold", "Not judged"]


def test_the_headline_is_one_short_line_whatever_files_are_called() -> None:
    report = a_report(a_share("src/a.py", 1, 2), path="x\n::error::" + "y" * 500, complete=False)
    headline = judge(evidence(report), fail_under=90).headline
    assert "\n" not in headline
    assert len(headline) <= HEADLINE_LIMIT
    assert headline.endswith("line 50.00 % < 90 %")


def test_several_unknowns_are_counted() -> None:
    judgement = judge(evidence(HALF, why_no_diff="the clone is shallow"), fail_under_patch=90, max_drop=1)
    assert judgement.verdict is INCOMPLETE
    assert "the clone is shallow" in judgement.headline
    assert "(1 more)" in judgement.headline


# -- patch -------------------------------------------------------------------------------------------------------------


def cart(*added: int, **fields: Any) -> Evidence:
    report = a_report(a_file("src/cart.py", [1, 2, 3, 4], [5, 6]), a_file("src/old.py", [1], [2]))
    return evidence(report, diff=a_diff(changed("src/cart.py", added)), **fields)


def test_only_changed_lines_count_for_the_patch() -> None:
    judgement = judge(cart(3, 4, 5, 99), fail_under_patch=90)
    assert judgement.verdict is FAIL
    assert judgement.headline == "patch 66.66 % < 90 %"
    assert only(judgement).missing == {"src/cart.py": lines_of([5])}
    assert fact(judgement, "patch coverage") == Fact("patch coverage", "66.66", "%", "90", False)
    assert judge(cart(3, 4), fail_under_patch=100).verdict is PASS


def test_a_change_without_executable_lines_passes_and_is_said() -> None:
    judgement = judge(cart(99), fail_under_patch=90)
    assert judgement.verdict is PASS
    assert fact(judgement, "patch coverage").value is None
    assert judgement.headline == "patch n/a"


def test_patch_coverage_is_a_fact_even_if_nothing_is_asked_of_it() -> None:
    assert fact(judge(cart(3, 5), fail_under=1), "patch coverage") == Fact("patch coverage", "50.00", "%")


def test_a_changed_file_in_no_report_leaves_the_patch_open_but_nothing_else() -> None:
    given = evidence(HALF, diff=a_diff(changed("src/new.py", [1])))
    judgement = judge(given, fail_under=50, fail_under_patch=90)
    assert judgement.verdict is INCOMPLETE
    assert "src/new.py changed, but is in no report" in judgement.headline
    assert judgement.complete
    assert judge(given, fail_under=50).verdict is PASS
    assert judge(given, "ignore: [src/new.py]", fail_under_patch=90).verdict is PASS


def test_lines_nobody_can_name_leave_the_patch_open() -> None:
    given = evidence(
        HALF,
        diff=a_diff(changed("src/a.py", known=False), changed("src/b.py", [1]), changed("src/c.py", [1])),
    )
    judgement = judge(given, fail_under_patch=90)
    assert judgement.verdict is INCOMPLETE
    assert "and 2 more changed files are unknown" in only(judgement).message


def test_a_waived_file_does_not_count_for_the_patch_and_is_shown() -> None:
    yaml = "waivers: [{paths: [src/cart.py], until: 2026-11-21, reason: moving out}]"
    judgement = judge(cart(5, 6), yaml, fail_under_patch=90)
    assert judgement.verdict is PASS
    assert [problem.title for problem in judgement.problems] == ["Waived", "Nothing to cover"]
    assert judgement.problems[0].message == (
        "0 of 2 changed lines of src/cart.py are covered; waived until 2026-11-21: moving out"
    )
    expired = judge(cart(5, 6), yaml.replace("2026-11-21", "2026-11-20"), fail_under_patch=90)
    assert expired.verdict is FAIL
    assert [problem.title for problem in expired.problems] == ["Below the threshold", "Waiver expired"]


# -- parts -------------------------------------------------------------------------------------------------------------


def test_each_suite_has_its_own_thresholds() -> None:
    given = evidence(
        a_suite(a_report(a_share("a.py", 9, 10)), name="unit"),
        a_suite(a_report(a_file("a.py", [10], branches={10: LineBranches(1, 2, 1)}), path="e.json"), name="e2e"),
    )
    yaml = """
suites:
  unit: {reports: [u], fail_under: 95}
  e2e: {reports: [e], fail_under: 10, fail_under_branch: 75}
"""
    judgement = judge(given, yaml)
    assert judgement.verdict is FAIL
    assert judgement.headline == "unit line 90.00 % < 95 %, e2e branch 50.00 % < 75 %"
    assert fact(judgement, "line coverage of suite `unit`").limit == "95"
    judgement = judge(given, yaml.replace("e2e:", "load:").replace("fail_under: 95", "fail_under: 5"))
    assert judgement.verdict is INCOMPLETE
    assert [finding.ok for finding in judgement.findings] == [True, None, None]


COMPONENTS = """
components:
  - {name: billing, paths: ["src/billing/**"], fail_under: 95, fail_under_branch: 50, fail_under_patch: 90}
"""


def test_each_component_has_its_own_thresholds() -> None:
    tax = a_file("src/billing/tax.py", [1, 2, 3], [4], branches={1: LineBranches(1, 2, 1)})
    given = evidence(
        a_report(tax, a_share("src/cart.py", 0, 10)),
        diff=a_diff(changed("src/billing/tax.py", [3, 4]), changed("src/cart.py", [1]), changed("src/odd.py", [1])),
    )
    judgement = judge(given, COMPONENTS)
    assert judgement.verdict is FAIL
    assert judgement.headline == "billing line 75.00 % < 95 %, billing patch 50.00 % < 90 %"
    missing = [finding.missing for finding in judgement.findings]
    assert missing == [{"src/billing/tax.py": lines_of([4])}, {}, {"src/billing/tax.py": lines_of([4])}]


def test_a_component_that_matches_no_file_is_not_green() -> None:
    judgement = judge(evidence(HALF, diff=a_diff()), COMPONENTS)
    assert judgement.verdict is INCOMPLETE
    assert "no file in any report belongs to it" in judgement.headline
    assert judge(evidence(HALF, diff=a_diff()), COMPONENTS + "on_no_lines: pass").verdict is PASS


def test_each_file_must_reach_its_threshold_and_waivers_excuse_some() -> None:
    given = evidence(
        a_report(
            a_share("src/a.py", 1, 2),
            a_share("src/b.py", 0, 3),
            a_share("src/c.py", 3, 3),
            a_file("src/__init__.py"),
        )
    )
    yaml = "waivers: [{paths: [src/b.py], until: 2026-12-24, reason: soon}]"
    judgement = judge(given, yaml, fail_under_file=60)
    assert judgement.verdict is FAIL
    assert judgement.headline == "src/a.py 50.00 % < 60 %"
    assert [(problem.path, problem.severity) for problem in judgement.problems] == [
        ("src/a.py", Severity.ERROR),
        ("src/b.py", Severity.NOTICE),
    ]
    judgement = judge(given, yaml, fail_under_file=50)
    assert judgement.verdict is PASS
    assert judgement.findings[-1].message == "none of 4 files is below the 50 % of `fail-under-file`"


def test_files_that_are_waived_still_count_in_the_whole() -> None:
    yaml = "waivers: [{paths: [src/a.py], until: 2026-12-24, reason: soon}]"
    assert judge(evidence(HALF), yaml, fail_under=60).verdict is FAIL


NEW = "new_files: {fail_under: 90}"


def test_new_files_have_their_own_threshold() -> None:
    report = a_report(a_share("src/new.py", 1, 2), a_share("src/old.py", 0, 2))
    diff = a_diff(changed("src/new.py", [1, 2], old_path=""), changed("src/old.py", [1]))
    judgement = judge(evidence(report, diff=diff), NEW)
    assert judgement.verdict is FAIL
    assert judgement.headline == "src/new.py 50.00 % < 90 %"
    assert judge(evidence(report, diff=a_diff(changed("src/old.py", [1]))), NEW).verdict is PASS


def test_new_files_nobody_measured_or_knows_are_not_green() -> None:
    diff = a_diff(changed("src/new.py", [1], old_path=""), changed("src/old.py", [1]))
    judgement = judge(evidence(HALF, diff=diff), NEW)
    assert judgement.verdict is INCOMPLETE
    assert [finding.path for finding in judgement.findings if finding.ok is None] == ["src/new.py"]
    judgement = judge(evidence(HALF, why_no_diff="the clone is shallow"), NEW)
    assert judgement.verdict is INCOMPLETE
    assert "the clone is shallow" in judgement.headline
    assert judge(evidence(HALF), NEW).verdict is INCOMPLETE


# -- the ratchet -------------------------------------------------------------------------------------------------------


def fallen(covered: int, total: int, **fields: Any) -> Evidence:
    """Coverage now, against a baseline of 80 of 100."""
    before = a_baseline(a_share("src/a.py", 80, 100))
    return evidence(a_report(a_share("src/a.py", covered, total)), baseline=before, **fields)


@pytest.mark.parametrize(
    ("covered", "allowed", "verdict"), [(80, 0, PASS), (79, 0, FAIL), (79, 1, PASS), (90, 0, PASS), (78, "1.99", FAIL)]
)
def test_coverage_may_fall_by_exactly_what_is_allowed(covered: int, allowed: Any, verdict: Verdict) -> None:
    assert judge(fallen(covered, 100), max_drop=float(allowed)).verdict is verdict


def test_a_forbidden_fall_never_reads_as_an_allowed_one() -> None:
    before = a_baseline(a_share("a.py", 1000, 1000))
    judgement = judge(evidence(a_report(a_share("a.py", 2983, 3000)), baseline=before), max_drop=0.56)
    assert judgement.verdict is FAIL
    assert judgement.headline == "line coverage fell 0.57 > 0.56 points"
    assert only(judgement).shortfall == 1
    assert fact(judgement, "change of line coverage") == Fact("change of line coverage", "-0.57", "pp", "-0.56", False)


def test_a_rise_is_told() -> None:
    judgement = judge(fallen(85, 100), max_drop=0)
    assert judgement.headline == "line coverage +5.00 points"
    assert fact(judgement, "change of line coverage").value == "+5.00"
    assert fact(judge(fallen(85, 100), fail_under=1), "change of line coverage").limit is None


def test_deleting_covered_code_is_no_fall() -> None:
    gone = changed("src/a.py", deleted=lines_of(range(1, 51)), hunks=((1, 50, 0, 0),))
    given = fallen(30, 50, diff=a_diff(gone))
    assert judge(given, "ratchet: true").verdict is PASS
    assert judge(replace(given, diff=None), "ratchet: true").verdict is FAIL


def test_a_missing_baseline_is_no_baseline_of_0_and_heals() -> None:
    why = "no baseline is recorded on branch x yet"
    judgement = judge(evidence(HALF, no_baseline=Missing(why, heals=True)), max_drop=1)
    assert judgement.verdict is INCOMPLETE
    assert judgement.complete, "or it would never be recorded, and never heal"
    assert "no baseline is recorded on branch x yet" in judgement.headline
    assert "records one" in judgement.problems[0].fix
    assert judge(evidence(HALF), max_drop=1).verdict is INCOMPLETE
    assert not judge(evidence(HALF, no_baseline=Missing("nope.json is not there")), max_drop=1).problems[0].fix


def test_a_baseline_or_a_run_without_lines_is_said() -> None:
    judgement = judge(evidence(HALF, baseline=a_baseline()), max_drop=1)
    assert judgement.verdict is PASS
    assert judgement.problems[0].message == "line coverage is new: the baseline has no lines of it"
    empty = evidence(a_report(), baseline=a_baseline(a_share("src/a.py", 1, 2)))
    assert judge(empty, "max_drop: 1\non_no_lines: fail").verdict is FAIL


def test_readings_that_disagree_about_the_fall_leave_it_open() -> None:
    before = a_baseline(a_share("src/a.py", 80, 100))
    report = a_report(a_share("src/a.py", 80, 100), claimed=Totals(Counts(80, 120)))
    judgement = judge(evidence(report, baseline=before), max_drop=1)
    assert judgement.verdict is INCOMPLETE
    assert "claims 80 of 120" in judgement.headline


def test_what_only_another_tool_version_explains_is_not_blamed_on_the_change() -> None:
    before = replace(a_baseline(a_share("src/a.py", 80, 100)), version="7.6.11")
    # The new version counts ten lines more as executable, in a file the change does not touch.
    now = a_report(a_share("src/a.py", 80, 110))
    judgement = judge(evidence(now, baseline=before, diff=a_diff()), max_drop=1)
    assert judgement.verdict is INCOMPLETE
    assert "coverage.py 7.6.11 measured the baseline, coverage.py 7.6.12 this run" in only(judgement).message
    same = replace(before, version="7.6.12")
    assert judge(evidence(now, baseline=same, diff=a_diff()), max_drop=1).verdict is FAIL
    unmoved = evidence(a_report(a_share("src/a.py", 70, 100)), baseline=before, diff=a_diff())
    assert judge(unmoved, max_drop=1).verdict is FAIL


OWNERS = "* @org/all\n/pay/ @org/pay\n"


def test_owners_have_floors_and_ratchets() -> None:
    report = a_report(a_share("pay/till.py", 5, 10), a_share("src/a.py", 10, 10))
    before = a_baseline(a_share("pay/till.py", 6, 10), a_share("pay/gone.py", 0, 10), a_share("src/a.py", 1, 10))
    yaml = 'ignore: [pay/gone.py]\nowners: {"@org/pay": {fail_under: 40, ratchet: true}, "@org/all": {ratchet: true}}'
    judgement = judge(evidence(report, baseline=before), yaml, codeowners=OWNERS)
    assert judgement.verdict is FAIL
    assert judgement.headline == "@org/pay line fell 10.00 > 0 points"
    assert [finding.ok for finding in judgement.findings] == [True, False, True]
    assert judge(evidence(report), yaml, codeowners=OWNERS).verdict is INCOMPLETE
    assert judge(evidence(HALF), 'owners: {"@org/pay": {fail_under: 1}}', codeowners=OWNERS).verdict is INCOMPLETE


# -- the whole ---------------------------------------------------------------------------------------------------------


def test_tests_are_facts() -> None:
    judgement = judge(evidence(HALF, tests=Results(tests=5, passed=3, failed=1, errors=1)), fail_under=1)
    assert (fact(judgement, "tests").value, fact(judgement, "tests not passed").value) == (5, 2)
    assert [problem.severity for problem in judgement.problems] == [Severity.WARNING]
    judgement = judge(evidence(HALF, tests=Results(tests=5, passed=5)), fail_under=1)
    assert [fact.name for fact in judgement.facts if "tests" in fact.name] == ["tests"]


def test_a_headline_counts_what_it_leaves_out() -> None:
    judgement = judge(
        evidence(HALF, diff=a_diff(changed("src/a.py", [99]))),
        fail_under=60,
        fail_under_patch=60,
        fail_under_file=60,
    )
    assert judgement.headline == "line 50.00 % < 60 %, patch 0.00 % < 60 % (1 more)"


def test_a_thousand_low_files_are_not_told_one_by_one() -> None:
    judgement = judge(evidence(a_report(*(a_share(f"src/f{at}.py", 0, 1) for at in range(150)))), fail_under_file=60)
    assert len(judgement.findings) == 150
    assert len(judgement.problems) == PER_RULE + 1
    assert judgement.problems[-1].message == "50 more findings of the rule `each file`"


counts = st.integers(0, 60).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
percentages = st.integers(0, 100)


@given(counts, percentages, percentages, st.booleans())
def test_green_means_measured_complete_and_within_policy(
    measured: tuple[int, int], limit: int, file_limit: int, complete: bool
) -> None:
    covered, total = measured
    given_evidence = evidence(a_report(a_share("a.py", covered, total), complete=complete, reason="cut"))
    judgement = judge(given_evidence, fail_under=limit, fail_under_file=file_limit)
    fine = total > 0 and 100 * covered >= max(limit, file_limit) * total
    expected = (PASS if fine else FAIL) if complete and total else INCOMPLETE
    assert judgement.verdict is expected
    assert judge(given_evidence, fail_under=limit, fail_under_file=file_limit) == judgement


def test_every_rule_says_nothing_where_nothing_is_asked() -> None:
    assert decide(evidence(HALF), Policy()).findings == ()
    assert len(RULES) == len(set(RULES))
