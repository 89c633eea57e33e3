"""Reports of one suite are merged per line, never averaged, and a merge that cannot be exact says its bounds."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from coverage_gate.merge import UNPLACED, merge, merged_branches
from coverage_gate.model import Counts, FileCoverage, Function, LineBranches, Totals, lines_of


def named(taken: Sequence[str] = (), missing: Sequence[str] = ()) -> LineBranches:
    return LineBranches(len(taken), len(taken) + len(missing), len(taken), frozenset(taken), frozenset(missing))


def counted(covered: int, total: int, missing: Sequence[str] = ()) -> LineBranches:
    return LineBranches(covered, total, covered, missing=frozenset(missing))


def file(lines: Sequence[int] = (), covered: Sequence[int] = (), **more: object) -> FileCoverage:
    return FileCoverage("a.py", lines_of(lines), lines_of(covered), **more)  # type: ignore[arg-type]


def only(*files: FileCoverage) -> FileCoverage:
    (merged,) = merge(files).files.values()
    return merged


def test_two_halves_of_a_suite_cover_what_either_covers() -> None:
    merged = only(file([1, 2, 3, 4], [1, 2]), file([1, 2, 3, 4], [3]))
    assert merged.line_counts == Counts(3, 4)


def test_files_keep_their_order_and_are_told_apart_by_path() -> None:
    other = FileCoverage("b.py", lines_of([1]))
    merged = merge([other, file([1], [1]), other])
    assert list(merged.files) == ["b.py", "a.py"]
    assert merged.doubts == ()


def test_named_outcomes_merge_exactly() -> None:
    merged = merged_branches(named(["5"], ["7", "9"]), named(["7"], ["5", "9"]))
    assert merged == named(["5", "7"], ["9"])


def test_outcomes_of_different_builds_are_all_counted() -> None:
    assert merged_branches(named(["a"]), named([], ["b"])) == named(["a"], ["b"])


def test_counted_outcomes_give_the_lowest_and_the_highest_number() -> None:
    merged = merged_branches(counted(1, 4), counted(2, 4))
    assert (merged.covered, merged.total, merged.at_most) == (2, 4, 3)
    assert merged_branches(merged, counted(3, 4)).at_most == 4


def test_what_both_sides_name_as_missing_bounds_what_may_be_covered() -> None:
    merged = merged_branches(counted(2, 4, ["7", "9"]), counted(1, 4, ["5", "7", "9"]))
    assert (merged.covered, merged.at_most, merged.missing) == (2, 2, {"7", "9"})
    merged = merged_branches(counted(1, 3, ["7", "9"]), counted(1, 3, ["7", "5"]))
    assert (merged.covered, merged.at_most) == (1, 2)


def test_a_named_side_beside_a_counted_one_keeps_its_names() -> None:
    merged = merged_branches(named(["5"], ["7"]), counted(1, 2))
    assert (merged.covered, merged.total, merged.at_most, merged.taken) == (1, 2, 2, {"5"})


def test_a_file_without_lines_gives_way_to_one_with_lines_and_that_is_said() -> None:
    summary = file(summary=Totals(Counts(9, 10)))
    merged = merge([summary, file([1, 2], [1])])
    assert merged.files["a.py"].line_counts == Counts(1, 2)
    assert "a.py" in merged.doubts[0]


def test_totals_without_lines_merge_to_the_lowest_they_allow() -> None:
    merged = merge(
        [
            file(summary=Totals(Counts(3, 10), Counts(1, 4))),
            file(summary=Totals(Counts(5, 10), Counts(0, 4))),
        ]
    )
    assert merged.files["a.py"].summary == Totals(Counts(5, 10), Counts(1, 4))
    assert "lowest" in merged.doubts[0]


def test_many_files_without_lines_are_summed_up_in_one_sentence() -> None:
    bare = [FileCoverage(f"{name}.py", summary=Totals(Counts(1, 2))) for name in "abcdef"]
    assert merge(bare + bare).doubts == (
        "Files that are in several reports, of which at least one gives totals without lines: "
        "a.py, b.py, c.py and 3 more. "
        "What is counted of them is the lowest the reports allow.",
    )
    assert merge(bare).doubts == ()


def test_functions_and_contexts_are_united() -> None:
    first = file([1], functions=(Function("g", 9, 12),), contexts={1: ("test_b",)})
    second = file([1], functions=(Function("f", 1, 8), Function("g", 9, 12)), contexts={1: ("test_a",), 2: ("test_b",)})
    merged = only(first, second)
    assert merged.functions == (Function("f", 1, 8), Function("g", 9, 12))
    assert merged.contexts == {1: ("test_a", "test_b"), 2: ("test_b",)}


def test_docstring_lines_that_only_one_shard_ran_are_still_not_counted() -> None:
    """Both shards know the same 3 statements, 10, 11 and 12; lines 1 and 9 are docstrings."""
    merged = only(
        file([1, 10, 11, 12], [1, 10], uncounted=1),
        file([9, 10, 11, 12], [9, 11], uncounted=1),
        file([10, 11, 12], []),
    )
    assert merged.line_counts == Counts(2, 3)


def test_outcomes_that_no_line_is_known_for_make_room_for_those_that_get_one() -> None:
    """`# pragma: no branch`: the shard that ran line 70 names one outcome, the other only knows there are two."""
    ran = file([70], [70], branches={70: named(["71"]), UNPLACED: counted(1, 1)})
    did_not = file([70], [], branches={UNPLACED: counted(2, 2)})
    assert only(ran, did_not).branch_counts == Counts(2, 2)
    other_way = file([70], [70], branches={70: named(["72"]), UNPLACED: counted(1, 1)})
    assert only(ran, did_not, other_way).branches == {70: named(["71", "72"])}


def test_unplaced_outcomes_that_are_missing_stay_missing() -> None:
    merged = only(
        file([1], branches={UNPLACED: counted(1, 4)}),
        file([1], branches={5: named(["x"]), UNPLACED: counted(1, 3)}),
    )
    assert merged.branch_counts == Counts(1, 4)


STATEMENTS = lines_of(range(1, 40))
OUTCOMES = {7: {"8", "9"}, 20: {"21", "-1"}, 30: {"31", "32", "33"}}


@st.composite
def shards(draw: st.DrawFn) -> list[FileCoverage]:
    """Runs of parts of a suite over the same sources, as a format that names outcomes writes them."""
    runs = []
    for _ in range(draw(st.integers(1, 5))):
        taken = {line: draw(st.sets(st.sampled_from(sorted(names)))) for line, names in OUTCOMES.items()}
        branches = {line: named(sorted(taken[line]), sorted(OUTCOMES[line] - taken[line])) for line in OUTCOMES}
        covered = draw(st.integers(0, STATEMENTS)) & STATEMENTS
        runs.append(FileCoverage("a.py", STATEMENTS, covered, branches))
    return runs


def anonymous(run: FileCoverage, names_missing: bool) -> FileCoverage:
    """The same run in a format that counts outcomes, and may name those that were not taken."""
    branches = {
        line: counted(here.covered, here.total, sorted(here.missing) if names_missing else ())
        for line, here in run.branches.items()
    }
    return FileCoverage(run.path, run.lines, run.covered, branches)


def whole(runs: list[FileCoverage]) -> FileCoverage:
    """What one run of the whole suite would have reported."""
    covered = 0
    for run in runs:
        covered |= run.covered
    branches = {}
    for line, names in OUTCOMES.items():
        taken = frozenset().union(*(run.branches[line].taken for run in runs))
        branches[line] = named(sorted(taken), sorted(names - taken))
    return FileCoverage("a.py", STATEMENTS, covered, branches)


@given(shards(), st.randoms())
def test_shards_merge_to_the_whole_in_any_order(runs: list[FileCoverage], shuffle: object) -> None:
    expected = whole(runs)
    shuffle.shuffle(runs)  # type: ignore[attr-defined]
    assert only(*runs) == expected
    assert only(*runs, *runs) == expected


@given(shards(), st.data())
def test_the_truth_lies_within_the_bounds_of_a_merge_of_counts(runs: list[FileCoverage], data: st.DataObject) -> None:
    mixed = [anonymous(run, data.draw(st.booleans())) if data.draw(st.booleans()) else run for run in runs]
    truth, merged = whole(runs), only(*mixed)
    for line, here in merged.branches.items():
        assert here.covered <= truth.branches[line].covered <= here.at_most <= here.total == truth.branches[line].total


@given(shards(), st.booleans(), st.data())
def test_merging_in_groups_is_merging_at_once(
    runs: list[FileCoverage], names_missing: bool, data: st.DataObject
) -> None:
    mixed = [anonymous(run, True) if names_missing and data.draw(st.booleans()) else run for run in runs]
    cut = data.draw(st.integers(0, len(mixed)))
    groups = [only(*group) for group in (mixed[:cut], mixed[cut:]) if group]
    assert only(*groups) == only(*mixed)


@given(shards(), st.data())
def test_vague_reports_merge_to_the_same_in_any_order_and_soundly_in_groups(
    runs: list[FileCoverage], data: st.DataObject
) -> None:
    mixed = [anonymous(run, data.draw(st.booleans())) if data.draw(st.booleans()) else run for run in runs]
    cut = data.draw(st.integers(0, len(mixed)))
    groups = [only(*group) for group in (mixed[:cut], mixed[cut:]) if group]
    at_once, in_groups = only(*mixed), only(*groups)
    assert at_once == only(*reversed(mixed))
    assert (in_groups.line_counts, in_groups.branch_counts) == (at_once.line_counts, at_once.branch_counts)
    assert all(here.at_most <= in_groups.branches[line].at_most for line, here in at_once.branches.items())
    assert only(at_once, at_once).branch_counts == at_once.branch_counts
