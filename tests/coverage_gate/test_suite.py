"""Suites: merged per line, and every reading of their totals that the reports leave open."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.coverage_gate.made import a_file, a_report, a_share, a_suite

from actionkit.errors import Unreadable
from actionkit.scope import Scope
from coverage_gate.evidence import Measure
from coverage_gate.model import Counts, FileCoverage, LineBranches, Report, Totals, lines_of
from coverage_gate.suite import OVERALL, assemble, branches_measure, overall, without


def branches(path: str, covered: int, total: int, at_most: int | None = None, line: int = 1) -> FileCoverage:
    here = LineBranches(covered, total, covered if at_most is None else at_most)
    return a_file(path, [line], branches={line: here})


def test_reports_are_merged_per_line_never_averaged() -> None:
    one, two = a_report(a_file("a.py", [1, 2], [3, 4])), a_report(a_file("a.py", [2, 3], [1, 4]), path="two.json")
    assert a_suite(one, two).lines == Measure.certain(Counts(3, 4))


def test_a_suite_says_what_is_missing() -> None:
    error = Unreadable("b.xml", "is empty")
    suite = assemble("unit", [a_report()], [error], ["c*.xml"], ["/x/a.py", "/x/a.py"])
    assert (suite.unreadable, suite.missing, suite.unmatched) == ((error,), ("c*.xml",), ("/x/a.py",))


def test_a_header_that_counts_more_lines_is_another_reading() -> None:
    report = a_report(a_share("a.py", 2, 2), claimed=Totals(Counts(2, 5)))
    measure = a_suite(report).lines
    assert measure.counts == Counts(2, 2)
    assert (measure.lowest, measure.highest) == (Counts(2, 5), Counts(2, 2))
    assert "claims 2 of 5 lines" in measure.doubt
    assert "adds up to 2 of 2" in measure.doubt


def test_a_header_that_counts_fewer_lines_is_another_reading_too() -> None:
    measure = a_suite(a_report(a_share("a.py", 8, 10), claimed=Totals(Counts(7, 8)))).lines
    assert (measure.lowest, measure.highest) == (Counts(8, 10), Counts(7, 8))


def test_a_header_of_nothing_claims_nothing() -> None:
    """PHPUnit writes branches-valid=0 over lines that hold branches."""
    report = a_report(branches("a.php", 2, 4), claimed=Totals(Counts(1, 1), Counts(0, 0)))
    assert a_suite(report).branches == Measure.certain(Counts(2, 4))


def test_a_believed_header_is_the_measure_of_a_single_report() -> None:
    """Istanbul's header knows branches that its lines do not show."""
    header = Totals(Counts(1, 1), Counts(5, 6))
    report = a_report(branches("a.js", 3, 4), claimed=header, believed=header)
    assert a_suite(report).branches == Measure.certain(Counts(5, 6))


def test_a_believed_header_is_not_that_of_a_merge() -> None:
    header = Totals(Counts(1, 1), Counts(5, 6))
    report = a_report(branches("a.js", 3, 4), claimed=header, believed=header)
    other = a_report(branches("b.js", 1, 2), path="b.xml")
    assert a_suite(report, other).branches.counts == Counts(4, 6)
    twice = a_report(branches("a.js", 3, 4), branches("a.js", 3, 4), believed=Totals(Counts(2, 2), Counts(8, 8)))
    assert a_suite(twice).branches.counts == Counts(3, 4)


def test_several_headers_that_disagree_are_all_readings() -> None:
    reports = [
        a_report(a_share(f"{name}.py", 9, 10), path=f"{name}.xml", claimed=Totals(Counts(9, 15))) for name in "ab"
    ]
    measure = a_suite(*reports).lines
    assert measure.counts == Counts(18, 20)
    assert measure.lowest == Counts(18, 30)
    assert "(likewise in 1 more)" in measure.doubt


def test_a_header_cannot_make_counts_that_cannot_be() -> None:
    measure = a_suite(a_report(a_share("a.py", 1, 2), claimed=Totals(Counts(9, 1)))).lines
    assert all(0 <= counts.covered <= counts.total for counts in measure[:3])
    gone = a_suite(a_report(a_share("a.py", 0, 0), claimed=Totals(Counts(3, 4)))).lines
    assert (gone.counts, gone.highest) == (Counts(0, 0), Counts(3, 4))


def test_branches_merged_from_counts_are_a_range() -> None:
    one, two = a_report(branches("a.py", 1, 2)), a_report(branches("a.py", 1, 2), path="two.xml")
    measure = a_suite(one, two).branches
    assert (measure.lowest, measure.highest) == (Counts(1, 2), Counts(2, 2))
    assert "between 1 and 2 of 2" in measure.doubt
    claimed = a_report(branches("a.py", 1, 2), path="three.xml", claimed=Totals(Counts(1, 1), Counts(1, 4)))
    measure = a_suite(one, claimed).branches
    assert measure.doubt.count(";") == 1
    assert measure.lowest == Counts(1, 4)


def test_totals_without_lines_merge_to_a_range() -> None:
    one = a_report(FileCoverage("a.rs", summary=Totals(Counts(4, 10))))
    two = a_report(FileCoverage("a.rs", summary=Totals(Counts(5, 10))), path="two.info")
    other = a_report(FileCoverage("b.rs", summary=Totals(Counts(1, 2))), path="b.info")
    measure = a_suite(one, two, other).lines
    assert measure.counts == Counts(6, 12)
    assert (measure.lowest, measure.highest) == (Counts(6, 12), Counts(10, 12))
    assert a_suite(one, other).lines == Measure.certain(Counts(5, 12))


def test_ignored_files_are_dropped_with_their_share_of_the_header() -> None:
    header = Totals(Counts(7, 15))
    report = a_report(a_share("src/a.py", 5, 10), a_share("gen/b.py", 2, 3), claimed=header)
    kept = without(report, Scope.of(["gen/**"]))
    assert [file.path for file in kept.files] == ["src/a.py"]
    assert kept.claimed == Totals(Counts(5, 12))
    assert without(report, Scope()) is report
    assert without(report, Scope.of(["other/**"])) is report
    assert without(a_report(a_share("gen/b.py", 1, 1)), Scope.of(["gen/**"])).claimed is None


def test_a_believed_header_is_one_of_two_readings_once_files_are_ignored() -> None:
    header = Totals(Counts(2, 2), Counts(5, 6))
    report = a_report(branches("a.js", 1, 2), branches("gen/b.js", 2, 2), claimed=header, believed=header)
    measure = a_suite(without(report, Scope.of(["gen/**"]))).branches
    assert measure.counts == Counts(1, 2)
    assert measure.highest == Counts(3, 4)


def test_the_whole_is_the_union_of_suites() -> None:
    shared = a_report(a_file("a.py", [1], [2, 3]))
    unit = a_suite(shared, name="unit", missing=["x"])
    e2e = a_suite(shared, a_report(a_file("a.py", [2], [1, 3]), path="e.json"), name="e2e", unmatched=["?"])
    whole = overall([unit, e2e])
    assert whole.name == OVERALL
    assert len(whole.reports) == 2
    assert whole.lines.counts == Counts(2, 3)
    assert (whole.missing, whole.unmatched) == (("x",), ("?",))


def test_one_suite_is_the_whole() -> None:
    assert overall([a_suite(a_report(a_share("a.py", 1, 2)), name="unit")]).lines.counts == Counts(1, 2)
    assert overall([]).reports == ()


line_sets = st.sets(st.integers(1, 30), min_size=1)


@given(st.lists(st.tuples(line_sets, line_sets), min_size=1, max_size=5), st.randoms())
def test_the_order_of_shards_does_not_matter(shards: list[tuple[set[int], set[int]]], random: object) -> None:
    reports = [
        Report(f"{at}.json", "x", (FileCoverage("a.py", lines_of(lines | ran), lines_of(ran)),))
        for at, (lines, ran) in enumerate(shards)
    ]
    shuffled = list(reports)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = assemble("s", reports), assemble("s", shuffled)
    assert (one.files, one.lines) == (two.files, two.lines)
    ran = set().union(*(ran for _, ran in shards))
    assert one.lines.counts == Counts(len(ran), len(ran.union(*(lines for lines, _ in shards))))


def test_a_measure_of_no_files_is_nothing() -> None:
    assert branches_measure([]) == Measure.certain(Counts(0, 0))


def test_paths_of_no_file_here_are_a_further_reading() -> None:
    ours, theirs = a_share("src/a.py", 5, 10), a_share("/else/gone.py", 90, 90)
    made = assemble("unit", [a_report(ours, theirs)], unmatched=["/else/gone.py"], absent=["/else/gone.py"])
    assert (made.lines.counts, made.lines.lowest, made.lines.highest) == (
        Counts(95, 100),
        Counts(5, 10),
        Counts(95, 100),
    )
    assert "90 of 90 lines are of paths that are no file here, such as `/else/gone.py`" in made.lines.doubt
    whole = overall([made, assemble("more", [a_report(a_share("src/b.py", 1, 1), path="b.json")])])
    assert whole.lines.lowest == Counts(6, 11)
    # What a build generated is in no commit, but it is here.
    generated = assemble("unit", [a_report(ours, theirs)], unmatched=["/else/gone.py"])
    assert generated.lines.lowest == Counts(95, 100)
