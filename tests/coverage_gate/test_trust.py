"""The trust report: what makes evidence unfit to judge by, each with its fix."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
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

from actionkit.errors import Unreadable
from actionkit.outcome import Severity
from coverage_gate import delta as deltas
from coverage_gate.evidence import Evidence
from coverage_gate.evidence import Tests as Results
from coverage_gate.model import Counts, FileCoverage, Totals
from coverage_gate.policy import Policy
from coverage_gate.trust import TOLERANCE, Case, Doubt, examine, unseen_changes

GOOD = a_share("src/a.py", 8, 10)
COMMITTED = 1_790_000_000.0


def doubts(given: Evidence, policy: Policy | None = None) -> tuple[Doubt, ...]:
    change = None
    if given.baseline is not None and given.diff is not None:
        change = deltas.attribute(given.baseline, given.overall.files, given.diff)
    return examine(Case(given, policy or Policy(), change))


def only(given: Evidence, policy: Policy | None = None) -> tuple[str, bool]:
    (doubt,) = doubts(given, policy)
    assert doubt.problem.severity is (Severity.ERROR if doubt.blocks else Severity.WARNING)
    return doubt.problem.message, doubt.blocks


def test_whole_and_current_evidence_raises_no_doubt() -> None:
    report = a_report(GOOD, measured_at=COMMITTED - TOLERANCE, commit="A" * 12)
    assert doubts(evidence(report, head_sha="a" * 40, head_committed_at=COMMITTED)) == ()


def test_no_report_at_all_blocks() -> None:
    assert only(evidence()) == ("no coverage report was found", True)
    assert only(evidence(a_suite(name="unit"), a_suite(a_report(GOOD), name="e2e"))) == (
        "no coverage report was found for suite `unit`",
        True,
    )
    assert only(Evidence((), evidence().overall, date(2026, 1, 1)))[1]


def test_a_glob_that_matched_nothing_blocks_even_beside_others() -> None:
    message, blocks = only(evidence(a_suite(a_report(GOOD), missing=["shard-2/*.json"])))
    assert (message, blocks) == ("`shard-2/*.json` matches no file", True)


def test_an_unreadable_report_blocks_with_its_place() -> None:
    error = Unreadable("b.xml", "is not well-formed XML", 7)
    message, blocks = only(evidence(a_suite(a_report(GOOD), unreadable=[error])))
    assert (message, blocks) == ("b.xml:7 is not well-formed XML", True)


def test_an_incomplete_report_blocks_with_its_reason() -> None:
    message, blocks = only(evidence(a_report(GOOD, complete=False, reason="it ends in the middle of a record")))
    assert blocks
    assert message.endswith("it ends in the middle of a record")
    assert only(evidence(a_report(GOOD, complete=False)))[0].endswith("part of it is missing")


def test_a_report_older_than_its_commit_blocks() -> None:
    old = a_report(GOOD, measured_at=COMMITTED - TOLERANCE - 1)
    message, blocks = only(evidence(old, head_committed_at=COMMITTED))
    assert blocks
    assert "was measured before the commit it should judge" in message
    assert "UTC" in message
    assert doubts(evidence(old)) == ()
    assert only(evidence(a_report(GOOD, measured_at=-1e300), head_committed_at=COMMITTED))[1]


@pytest.mark.parametrize(("commit", "blocks"), [("b" * 40, True), ("a" * 7, False), ("A" * 40, False), ("", False)])
def test_a_report_of_another_commit_blocks(commit: str, blocks: bool) -> None:
    given = evidence(a_report(GOOD, commit=commit), head_sha="a" * 40)
    assert [doubt.blocks for doubt in doubts(given)] == [True] * blocks


def test_the_head_of_the_diff_is_our_commit_too() -> None:
    given = evidence(a_report(GOOD, commit="a" * 40), head_sha="c" * 40, diff=a_diff())
    assert doubts(given) == ()


def test_paths_that_match_nothing_block_if_they_are_all() -> None:
    files = [a_share(f"/build/{name}.py", 1, 2) for name in "abcd"]
    message, blocks = only(evidence(a_suite(a_report(*files), unmatched=[file.path for file in files])))
    assert blocks
    assert "`/build/a.py`, `/build/b.py`, `/build/c.py` and 1 more" in message


def test_some_paths_that_match_nothing_are_told() -> None:
    report = a_report(GOOD, a_share("/usr/lib/x.py", 1, 2))
    message, blocks = only(evidence(a_suite(report, unmatched=["/usr/lib/x.py"])))
    assert not blocks
    assert message == "1 path in the reports without a tracked file: `/usr/lib/x.py`"
    two = evidence(
        a_suite(a_report(GOOD, a_share("/x.py", 1, 2), a_share("/y.py", 1, 2)), name="u", unmatched=["/x.py", "/y.py"]),
        a_suite(a_report(GOOD, path="e.json"), name="e"),
    )
    assert only(two)[0].startswith("2 paths in the reports of suite `u`")


def test_reports_without_any_line_block_unless_that_is_said_to_be_fine() -> None:
    empty = evidence(a_report(a_file("src/__init__.py")))
    assert only(empty) == ("the reports hold no executable line at all", True)
    message, blocks = only(empty, a_policy("on_no_lines: pass"))
    assert (message, blocks) == ("coverage.json holds no executable line", False)
    assert only(evidence(a_report(GOOD), a_report(path="b.json"))) == ("b.json holds no executable line", False)


def test_several_formats_of_one_run_are_told() -> None:
    given = evidence(a_report(GOOD), a_report(GOOD, path="lcov.info", kind="lcov"))
    message, blocks = only(given)
    assert not blocks
    assert "(coveragepy-json, lcov): `src/a.py`" in message


def test_what_reports_doubt_about_themselves_is_told() -> None:
    assert only(evidence(a_report(GOOD, doubts=("The header claims 2.",)))) == (
        "coverage.json: The header claims 2.",
        False,
    )


def test_a_changed_source_file_in_no_report_is_told() -> None:
    given = evidence(a_report(GOOD), diff=a_diff(changed("src/new.py", [1])))
    message, blocks = only(given)
    assert (message, blocks) == ("src/new.py changed, but is in no report", False)


def test_a_changed_file_may_be_one_the_report_calls_otherwise() -> None:
    suite = a_suite(a_report(GOOD, a_share("/b/new.py", 1, 1)), unmatched=["/b/new.py"])
    given = evidence(suite, diff=a_diff(changed("src/new.py", [1])))
    assert "may be what a report calls `/b/new.py`" in unseen_changes(Case(given, Policy()))["src/new.py"]


@pytest.mark.parametrize("path", ["tests/test_new.py", "setup.py", "gen/new.py", "legacy/new.py", "README.md"])
def test_tests_ignored_and_waived_files_need_no_report(path: str) -> None:
    policy = a_policy("ignore: [gen/**]\nwaivers: [{paths: [legacy/**], until: 2026-12-31, reason: soon gone}]")
    assert unseen_changes(Case(evidence(a_report(GOOD), diff=a_diff(changed(path, [1]))), policy)) == {}


def test_without_a_diff_nothing_is_known_to_have_changed() -> None:
    assert unseen_changes(Case(evidence(a_report(GOOD)), Policy())) == {}


def test_a_file_that_ceased_to_be_measured_blocks() -> None:
    """Deleting the tests of a file that nothing else imports makes coverage rise: that must not pass."""
    before = a_baseline(GOOD, a_share("src/gone.py", 1, 9))
    given = evidence(a_report(GOOD), diff=a_diff(), baseline=before)
    message, blocks = only(given)
    assert blocks
    assert message.startswith("the baseline measured 1 file that no report holds now")
    assert doubts(given, a_policy("ignore: [src/gone.py]")) == ()
    removed = a_diff(changed("src/gone.py", old_path="src/gone.py", removed=True))
    assert doubts(evidence(a_report(GOOD), diff=removed, baseline=before)) == ()


@pytest.mark.parametrize("far", [{"distance": 3}, {"source": "api"}])
def test_what_commits_in_between_may_explain_is_only_told(far: dict[str, object]) -> None:
    before = replace(a_baseline(GOOD, *(a_share(f"{n}.py", 1, 9) for n in "ab")), distance=far.get("distance", 0))
    source = str(far.get("source", "git"))
    message, blocks = only(evidence(a_report(GOOD), diff=a_diff(source=source), baseline=before))
    assert not blocks
    assert "2 files" in message


def test_a_suite_that_is_missing_against_the_baseline_blocks() -> None:
    before = replace(a_baseline(GOOD), suites={name: (Counts(1, 1), Counts(0, 0)) for name in ("default", "e2e")})
    message, blocks = only(evidence(a_report(GOOD), diff=a_diff(), baseline=before))
    assert (message, blocks) == ("suite `e2e` is in the baseline, but not in this run", True)
    assert not only(evidence(a_report(GOOD), baseline=before))[1]


def test_fewer_reports_of_a_suite_than_the_baseline_had_block() -> None:
    before = replace(a_baseline(GOOD), reports={"default": 3, "gone": 1})
    message, blocks = only(evidence(a_report(GOOD), diff=a_diff(), baseline=before))
    assert (message, blocks) == ("suite `default` had 3 reports in the baseline and has 1 now", True)
    assert not only(evidence(a_report(GOOD), diff=a_diff(), baseline=replace(before, distance=1)))[1]


def test_a_failing_run_and_unreadable_tests_are_told() -> None:
    assert only(evidence(a_report(GOOD), tests=Results(tests=5, passed=3, failed=1, errors=1))) == (
        "2 of 5 tests did not pass: this is the coverage of a failing run",
        False,
    )
    assert doubts(evidence(a_report(GOOD), tests=Results(tests=5, passed=5))) == ()
    message, blocks = only(evidence(a_report(GOOD), unreadable_tests=(Unreadable("j.xml", "is empty"),)))
    assert (message, blocks) == ("j.xml is empty: its tests are not counted", False)


def test_a_share_where_a_percentage_belongs_is_told() -> None:
    given = evidence(a_report(GOOD))
    (told,) = doubts(given, a_policy(fail_under=0.8))
    assert told.problem.message == "`fail-under` asks for 0.8 %, which nearly everything reaches"
    assert told.problem.fix.endswith("write `80`.")
    assert not told.blocks
    everywhere = (
        "suites: {unit: {reports: [a.xml], fail_under: 0.5}}\n"
        "components: [{name: a, paths: [a], fail_under_patch: 0.855}]"
    )
    assert [one.problem.fix.split("`")[1] for one in doubts(given, a_policy(everywhere))] == ["50", "85.5"]
    assert doubts(given, a_policy(fail_under=1, fail_under_branch=0, max_drop=0.5)) == ()


def test_lines_of_codeowners_that_are_skipped_are_told_if_owners_matter() -> None:
    owners = "* @a\n!x @b\n"
    assert (
        "lines that GitHub does not understand"
        in only(evidence(a_report(GOOD)), a_policy('owners: {"@a": {fail_under: 1}}', codeowners=owners))[0]
    )
    assert doubts(evidence(a_report(GOOD)), a_policy(codeowners=owners)) == ()


def test_blocking_doubts_come_first() -> None:
    report = a_report(GOOD, doubts=("hm",), complete=False)
    assert [doubt.blocks for doubt in doubts(evidence(report))] == [True, False]


def test_totals_without_lines_are_lines() -> None:
    assert doubts(evidence(a_report(FileCoverage("a.rs", summary=Totals(Counts(1, 2)))))) == ()


def test_lines_that_no_file_has_block_unless_the_file_is_ignored() -> None:
    given = evidence(a_report(GOOD), beyond={"src/a.py": (50, 5), "src/b.py": (9, 1)})
    message, blocks = only(given)
    assert blocks
    assert message == (
        "the reports name line 50 of src/a.py, which has 5 lines, and likewise in 1 more: they are of other sources"
    )
    assert doubts(given, a_policy("ignore: ['src/**']")) == ()


def test_a_report_that_was_committed_is_doubted() -> None:
    message, blocks = only(evidence(a_report(GOOD), committed_reports=("coverage.json",)))
    assert not blocks
    assert "`coverage.json` lies in the repository just as it was committed" in message
