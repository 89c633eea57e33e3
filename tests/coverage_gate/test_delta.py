"""Why coverage moved: the parts add up exactly, and each line is blamed on the right cause."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage_gate.baseline import counts_of
from coverage_gate.delta import PARTS, Change, Delta, attribute, in_hundredths
from coverage_gate.diff import parse
from coverage_gate.evidence import Baseline, ChangedFile, Diff, FileRecord
from coverage_gate.model import Counts, FileCoverage, Totals, lines_of, numbers_of

NOTHING = Change(0, 0)


def baseline(files: dict[str, FileRecord], lines: Counts | None = None) -> Baseline:
    counts = [counts_of(record) for record in files.values()]
    total = Counts(sum(c.covered for c in counts), sum(c.total for c in counts))
    return Baseline("1" * 40, "t", "1", "lcov", 0.0, lines or total, Counts(0, 0), files)


def recorded(covered: list[int], missing: list[int], uncounted: int = 0) -> FileRecord:
    return FileRecord(lines_of(covered + missing), lines_of(covered), uncounted)


def measured(path: str, covered: list[int], missing: list[int], uncounted: int = 0) -> FileCoverage:
    return FileCoverage(path, lines=lines_of(covered + missing), covered=lines_of(covered), uncounted=uncounted)


def files_of(*files: FileCoverage) -> dict[str, FileCoverage]:
    return {file.path: file for file in files}


def diff_of(*changes: ChangedFile) -> Diff:
    return Diff("base", "head", {change.path: change for change in changes})


def moved_parts(delta: Delta) -> dict[str, Change]:
    return {name: part for name, part in delta.parts.items() if part != NOTHING}


EDIT = parse(
    b"""diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -2,2 +2,3 @@
-two
-three
+TWO
+THREE
+FOUR
""",
    "base",
    "head",
)


def test_every_part_in_one_change() -> None:
    base = baseline(
        {
            "a.py": recorded([1, 2, 4, 6], [3, 5]),
            "old.py": recorded([1], []),
            "gone.py": recorded([1, 2], [3]),
            "lost_by_a_shard.py": recorded([1, 2, 3], []),
        }
    )
    diff = Diff(
        "",
        "",
        {
            **EDIT.files,
            "new.py": ChangedFile("new.py", "", added=lines_of([1, 2]), hunks=((0, 0, 1, 2),)),
            "gone.py": ChangedFile("gone.py", "gone.py", removed=True),
            "ignored/old.py": ChangedFile("ignored/old.py", "old.py"),
        },
    )
    now = files_of(
        measured("a.py", [1, 2, 3, 6], [4, 5, 7]),
        measured("new.py", [1], [2]),
    )
    delta = attribute(base, now, diff)
    assert moved_parts(delta) == {
        "added": Change(3, 5),
        "deleted": Change(-3, -5),
        "newly_uncovered": Change(-2, 0),
        "newly_covered": Change(1, 0),
        "moved": Change(-1, -1),
        "base_drift": Change(-3, -3),
    }
    assert {path: list(numbers_of(lines)) for path, lines in delta.uncovered.items()} == {"a.py": [5, 7]}
    assert delta.no_longer_measured == ("lost_by_a_shard.py",)
    assert (delta.before, delta.after) == (Counts(10, 13), Counts(5, 9))


def test_an_untouched_line_is_followed_to_its_new_number() -> None:
    delta = attribute(baseline({"a.py": recorded([1, 4, 5], [])}), files_of(measured("a.py", [1, 5], [6])), EDIT)
    assert moved_parts(delta) == {"newly_uncovered": Change(-1, 0)}
    assert list(numbers_of(delta.uncovered["a.py"])) == [6]
    assert delta.untouched == Counts(3, 3)


def test_a_pure_rename_moves_nothing() -> None:
    renamed = diff_of(ChangedFile("lib/b.py", "b.py"))
    delta = attribute(baseline({"b.py": recorded([1], [2])}), files_of(measured("lib/b.py", [1], [2])), renamed)
    assert moved_parts(delta) == {}
    assert delta.points == 0


def test_a_file_renamed_into_what_is_measured_is_moved() -> None:
    renamed = diff_of(ChangedFile("src/b.py", "scripts/b.py", added=0b10, hunks=((0, 0, 1, 1),)))
    delta = attribute(baseline({"a.py": recorded([1], [])}), files_of(measured("src/b.py", [1, 2], [3])), renamed)
    assert moved_parts(delta) == {"added": Change(1, 1), "moved": Change(1, 2), "base_drift": Change(-1, -1)}


def test_a_file_renamed_out_of_what_is_measured_is_moved() -> None:
    renamed = diff_of(ChangedFile("scripts/b.py", "src/b.py", deleted=0b10, hunks=((1, 1, 0, 0),)))
    delta = attribute(baseline({"src/b.py": recorded([1, 2], [3])}), {}, renamed)
    assert moved_parts(delta) == {"deleted": Change(-1, -1), "moved": Change(-1, -2)}


def test_a_tool_that_counts_other_lines_is_drift() -> None:
    delta = attribute(
        baseline({"a.py": recorded([1, 2, 3], [4])}), files_of(measured("a.py", [2, 3, 5], [4, 6])), diff_of()
    )
    assert moved_parts(delta) == {"base_drift": Change(0, 1)}


def test_a_tool_that_begins_to_leave_out_docstrings_is_drift() -> None:
    before = recorded([1, 2, 3], [], uncounted=1)
    delta = attribute(baseline({"a.py": before}), files_of(measured("a.py", [2, 3], [])), EDIT)
    assert delta.parts["base_drift"] == NOTHING
    assert (delta.before, delta.after) == (Counts(2, 2), Counts(2, 2))


def test_an_added_docstring_is_added_and_counts_nothing() -> None:
    delta = attribute(
        baseline({"a.py": recorded([1], [])}), files_of(measured("a.py", [1, 2, 3], [], uncounted=1)), EDIT
    )
    assert moved_parts(delta) == {"added": Change(1, 1)}


def test_a_deleted_docstring_is_deleted_and_counted_nothing() -> None:
    delta = attribute(baseline({"a.py": recorded([1, 2, 3], [], 1)}), files_of(measured("a.py", [1], [])), EDIT)
    assert moved_parts(delta) == {"deleted": Change(-1, -1)}


def test_uncounted_lines_nobody_can_place_are_drift() -> None:
    delta = attribute(
        baseline({"a.py": recorded([1], [])}), files_of(measured("a.py", [1], [], uncounted=1)), diff_of()
    )
    assert moved_parts(delta) == {"base_drift": Change(-1, -1)}


def test_a_file_measured_for_the_first_time_is_drift_and_named() -> None:
    delta = attribute(
        baseline({"a.py": recorded([1], [])}),
        files_of(measured("a.py", [1], []), measured("b.py", [], [1]), FileCoverage("empty.py")),
        diff_of(),
    )
    assert moved_parts(delta) == {"base_drift": Change(0, 1)}
    assert delta.first_measured == ("b.py",)


def test_what_cannot_be_placed_is_said_to_be_so() -> None:
    unknown = ChangedFile("a.py", "a.py", known=False)
    totals = FileCoverage("t.py", summary=Totals(Counts(5, 9)))
    delta = attribute(
        baseline({"a.py": recorded([1], [2]), "t.py": FileRecord(0, 0)}, lines=Counts(4, 10)),
        files_of(measured("a.py", [1, 2], []), totals),
        diff_of(unknown),
        current=Counts(7, 12),
    )
    assert moved_parts(delta) == {"unattributed": Change(3, 2)}
    assert delta.after == Counts(7, 12)


def test_a_new_file_is_added_whole_even_with_totals_only_or_an_unknown_diff() -> None:
    totals = FileCoverage("t.py", summary=Totals(Counts(5, 9)))
    delta = attribute(
        baseline({}),
        files_of(totals, measured("n.py", [1], [])),
        diff_of(ChangedFile("t.py", ""), ChangedFile("n.py", "", known=False)),
    )
    assert moved_parts(delta) == {"added": Change(6, 10)}


def test_a_deleted_file_that_is_still_reported_is_drift() -> None:
    delta = attribute(
        baseline({"a.py": recorded([1], [])}),
        files_of(measured("a.py", [1], [])),
        diff_of(ChangedFile("a.py", "a.py", removed=True)),
    )
    assert moved_parts(delta) == {"deleted": Change(-1, -1), "base_drift": Change(1, 1)}


LINES = st.sets(st.integers(1, 12)).map(lines_of)
PATHS = st.sampled_from(["a.py", "b.py", "c.py", "d.py"])


@st.composite
def file_records(draw: st.DrawFn) -> FileRecord:
    lines = draw(LINES)
    covered = lines & draw(LINES)
    return FileRecord(lines, covered, draw(st.integers(0, covered.bit_count())))


@st.composite
def file_coverages(draw: st.DrawFn, path: str) -> FileCoverage:
    if draw(st.integers(0, 5)) == 0:
        covered = draw(st.integers(0, 9))
        return FileCoverage(path, summary=Totals(Counts(covered, covered + draw(st.integers(0, 9)))))
    record = draw(file_records())
    return FileCoverage(path, lines=record.lines, covered=record.covered, uncounted=record.uncounted)


@st.composite
def changed_files(draw: st.DrawFn, path: str) -> ChangedFile:
    hunks: list[tuple[int, int, int, int]] = []
    old = new = 1
    for _ in range(draw(st.integers(0, 3))):
        gap, gone, come = draw(st.integers(1, 3)), draw(st.integers(0, 3)), draw(st.integers(0, 3))
        if gone or come:
            old, new = old + gap, new + gap
            hunks.append((old - (not gone), gone, new - (not come), come))
            old, new = old + gone, new + come
    return ChangedFile(
        path=path,
        old_path=draw(st.sampled_from([path, path, "", "a.py", "elsewhere.py"])),
        added=lines_of(line for _, _, first, count in hunks for line in range(first, first + count)),
        deleted=lines_of(line for first, count, _, _ in hunks for line in range(first, first + count)),
        hunks=tuple(hunks),
        known=draw(st.integers(0, 4)) > 0,
        removed=draw(st.integers(0, 4)) == 0,
    )


@st.composite
def changes(draw: st.DrawFn) -> tuple[Baseline, dict[str, FileCoverage], Diff, Counts | None]:
    base = baseline(draw(st.dictionaries(PATHS, file_records(), max_size=3)))
    if draw(st.booleans()):
        covered = draw(st.integers(0, 20))
        base = baseline(dict(base.files), Counts(covered, covered + draw(st.integers(0, 20))))
    files = files_of(*(draw(file_coverages(path)) for path in draw(st.sets(PATHS, max_size=3))))
    diff = diff_of(*(draw(changed_files(path)) for path in draw(st.sets(PATHS, max_size=3))))
    current = draw(st.none() | st.integers(0, 20).map(lambda n: Counts(n, n + 3)))
    return base, files, diff, current


@settings(max_examples=100)
@given(changes())
def test_the_parts_add_up_whatever_the_inputs(
    change: tuple[Baseline, dict[str, FileCoverage], Diff, Counts | None],
) -> None:
    base, files, diff, current = change
    delta = attribute(base, files, diff, current=current)
    now = [file.line_counts for file in files.values()]
    after = current or Counts(sum(c.covered for c in now), sum(c.total for c in now))
    assert (delta.before, delta.after) == (base.lines, after)
    assert list(delta.parts) == list(PARTS)
    assert sum(part.covered for part in delta.parts.values()) == after.covered - base.lines.covered
    assert sum(part.total for part in delta.parts.values()) == after.total - base.lines.total
    assert sum(delta.shares.values()) == (delta.points or 0)
    told = in_hundredths(delta)
    if base.lines.total and after.total:
        exact = Fraction(100 * after.covered, after.total) - Fraction(100 * base.lines.covered, base.lines.total)
        assert delta.points == exact
        assert told is not None
        assert told.points <= exact * 100 < told.points + 1
        assert sum(told.parts.values()) == told.points
        for name, share in delta.shares.items():
            assert abs(told.parts[name] - share * 100) < 1
    else:
        assert (delta.points, told) == (None, None)


@given(st.dictionaries(PATHS, file_records(), max_size=4), st.lists(st.sampled_from("abc"), max_size=8))
def test_only_what_is_untouched_drifts(files: dict[str, FileRecord], text: list[str]) -> None:
    """The same coverage of the same files under any diff that renames nothing leaves no drift."""
    same = files_of(*(FileCoverage(p, r.lines, r.covered, uncounted=r.uncounted) for p, r in files.items()))
    delta = attribute(baseline(files), same, diff_of())
    assert moved_parts(delta) == {}
    assert delta.untouched == delta.before


def test_shares_follow_one_another() -> None:
    base = baseline({"a.py": recorded([1, 2, 3], [4])})
    new = ChangedFile("b.py", "", added=0b110)
    delta = attribute(base, files_of(measured("a.py", [1, 2], [3, 4]), measured("b.py", [1, 2], [])), diff_of(new))
    assert delta.points == Fraction(400, 6) - 75
    assert delta.shares["newly_uncovered"] == -25
    assert delta.shares["added"] == Fraction(400, 6) - 50
    assert in_hundredths(delta) == (-834, {**dict.fromkeys(PARTS, 0), "newly_uncovered": -2500, "added": 1666})


def test_a_delta_through_nothing_still_adds_up() -> None:
    """Half-way there are no lines: everything was deleted before the totals of the report brought others."""
    base = baseline({"gone.py": recorded([1], [])})
    removed = diff_of(ChangedFile("gone.py", "gone.py", removed=True))
    delta = attribute(base, {}, removed, current=Counts(1, 2))
    assert delta.shares == {**dict.fromkeys(PARTS, Fraction(0)), "unattributed": Fraction(-50)}
    assert delta.points == -50


@pytest.mark.parametrize(("before", "after"), [(Counts(0, 0), Counts(1, 2)), (Counts(1, 2), Counts(0, 0))])
def test_against_nothing_there_is_no_delta(before: Counts, after: Counts) -> None:
    delta = attribute(baseline({}, before), {}, diff_of(), current=after)
    assert (delta.points, in_hundredths(delta)) == (None, None)
    assert set(delta.shares.values()) == {0}
