"""coverage.py's JSON: what it lists as executed is not yet what it counts, and shards merge exactly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.merge import UNPLACED, merge
from coverage_gate.model import Counts, FileCoverage, Function, LineBranches, Report, Totals, numbers_of
from coverage_gate.readers.coveragepy_json import LATEST_ZONE, READER, branches_of, moment_of
from coverage_gate.readers.source import Source


def read(folder: Path, document: object) -> Report:
    path = folder / "coverage.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return READER.read(Source("coverage.json", path, folder))


def summary(lines: tuple[int, int], branches: tuple[int, int] | None = None) -> dict[str, object]:
    found: dict[str, object] = {"covered_lines": lines[0], "num_statements": lines[1]}
    return found if branches is None else {**found, "covered_branches": branches[0], "num_branches": branches[1]}


def record(executed: list[int], missing: list[int], **more: object) -> dict[str, object]:
    counted = summary((len(executed), len(executed) + len(missing)))
    return {"executed_lines": executed, "missing_lines": missing, "excluded_lines": [], "summary": counted, **more}


def document(files: dict[str, object], **more: object) -> dict[str, object]:
    meta = {"format": 3, "version": "7.17.3", "timestamp": "2026-11-21T05:34:14.416985", "branch_coverage": True}
    return {"meta": meta, "files": files, **more}


def only(report: Report) -> FileCoverage:
    (file,) = report.files
    return file


def test_lines_are_what_ran_and_what_is_missing(tmp_path: Path) -> None:
    report = read(tmp_path, document({"src\\a.py": record([1, 2], [5])}, totals=summary((2, 3))))
    file = only(report)
    assert (list(numbers_of(file.lines)), list(numbers_of(file.covered)), file.path) == ([1, 2, 5], [1, 2], "src/a.py")
    assert (report.tool, report.version, report.doubts) == ("coverage.py", "7.17.3", ())
    assert report.claimed == report.totals == Totals(Counts(2, 3))
    assert report.measured_at is not None


def test_docstrings_that_ran_are_listed_and_not_counted(tmp_path: Path) -> None:
    file = only(read(tmp_path, document({"a.py": record([1, 2, 3], [5], summary=summary((2, 3)))})))
    assert (file.uncounted, file.line_counts) == (1, Counts(2, 3))


def test_branches_are_named_by_where_they_lead(tmp_path: Path) -> None:
    arcs = {"executed_branches": [[7, 8], [9, -1]], "missing_branches": [[7, 10], [9, 10]]}
    report = read(tmp_path, document({"a.py": record([7], [], summary=summary((1, 1), (2, 4)), **arcs)}))
    assert only(report).branches == {
        7: LineBranches(1, 2, 1, frozenset({"8"}), frozenset({"10"})),
        9: LineBranches(1, 2, 1, frozenset({"-1"}), frozenset({"10"})),
    }


def test_shards_unite_exactly(tmp_path: Path) -> None:
    counted = summary((1, 1), (1, 2))
    one = record([7], [], summary=counted, executed_branches=[[7, 8]], missing_branches=[[7, 10]])
    other = record([7], [], summary=counted, executed_branches=[[7, 10]], missing_branches=[[7, 8]])
    shards = [only(read(tmp_path, document({"a.py": shard}))) for shard in (one, other)]
    assert merge(shards).files["a.py"].branch_counts == Counts(2, 2)


def test_branches_that_need_not_be_taken_are_counted_and_placed_nowhere() -> None:
    """`if x:  # pragma: no branch` ran one way: coverage.py counts 2 of 2 and lists one arc."""
    branches = branches_of([(7, 8)], [], Counts(2, 2))
    assert branches == {7: LineBranches(1, 1, 1, frozenset({"8"})), UNPLACED: LineBranches(1, 1, 1)}
    assert UNPLACED not in branches_of([(7, 8)], [], Counts(1, 2))


def test_arcs_within_a_line_that_old_versions_list_are_no_branches() -> None:
    """coverage.py 7.4 on a comprehension in line 7: to itself, and to the exit of its own code."""
    arcs = [(7, 7), (7, -7), (7, 8), (7, 9), (4, 5), (4, -4)]
    branches = branches_of(arcs, [(4, 4)], Counts(4, 4))
    assert {line: set(here.taken) for line, here in branches.items()} == {4: {"5", "-4"}, 7: {"8", "9"}}
    assert sum(here.total for here in branches_of(arcs, [], Counts(3, 3)).values()) == 5


def test_totals_that_are_the_sum_of_the_summaries_are_believed(tmp_path: Path) -> None:
    arcs = {"executed_branches": [[7, 8], [7, 9], [7, -1]], "missing_branches": []}
    files: dict[str, object] = {"a.py": record([7], [], summary=summary((1, 1), (2, 2)), **arcs)}
    report = read(tmp_path, document(files, totals=summary((1, 1), (2, 2))))
    assert report.counted.branches == Counts(3, 3)
    assert report.totals.branches == Counts(2, 2)
    assert "2 of 2 branches" in report.doubts[0]


def test_totals_of_another_report_are_not_believed(tmp_path: Path) -> None:
    report = read(tmp_path, document({"a.py": record([1], [2])}, totals=summary((99, 100))))
    assert report.totals.lines == Counts(1, 2)
    assert "99 of 100 lines" in report.doubts[0]


def test_counts_without_lists_keep_the_summary(tmp_path: Path) -> None:
    file = only(read(tmp_path, document({"a.py": record([1], [2], summary=summary((1, 2), (3, 4)))})))
    assert file.summary == Totals(Counts(1, 2), Counts(3, 4))


def test_format_1_has_no_format_number_and_no_branches(tmp_path: Path) -> None:
    report = read(tmp_path, {"meta": {"version": "5.0"}, "files": {"a.py": record([1], [2])}})
    assert report.totals == Totals(Counts(1, 2))
    assert (report.claimed, report.measured_at, report.doubts) == (None, None, ())


def test_a_newer_format_is_read_and_doubted(tmp_path: Path) -> None:
    report = read(tmp_path, {"meta": {"format": 4, "timestamp": "now"}, "files": {"a.py": record([1], [2])}})
    assert report.doubts == ("Its format is '4'; the newest known here is 3.",)
    assert read(tmp_path, {"meta": {"format": "x"}, "files": {}}).doubts != ()


def test_a_moment_without_a_zone_is_the_latest_it_can_be() -> None:
    assert moment_of("2026-11-21T10:00:00") == datetime(2026, 11, 21, 10, tzinfo=LATEST_ZONE).timestamp()
    assert moment_of("2026-11-21T10:00:00+00:00") == datetime(2026, 11, 21, 10, tzinfo=UTC).timestamp()
    assert moment_of("yesterday") is None


def test_regions_give_functions_and_are_not_counted_twice(tmp_path: Path) -> None:
    regions = {
        "": record([1], []),
        "f": record([3, 4], [6], start_line=2),
        "g": record([], [9], excluded_lines=[12]),
        "empty": record([], []),
    }
    file = only(read(tmp_path, document({"a.py": record([1, 3, 4], [6, 9], functions=regions, classes=regions)})))
    assert file.functions == (Function("f", 2, 6), Function("g", 9, 12))
    assert file.line_counts == Counts(3, 5)


def test_contexts_say_which_tests_ran_a_line(tmp_path: Path) -> None:
    contexts = {"1": ["test_b", "", "test_a"], "2": [""], "x": ["test_c"]}
    file = only(read(tmp_path, document({"a.py": record([1], [2], contexts=contexts)})))
    assert file.contexts == {1: ("test_a", "test_b")}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (None, "files is null"),
        ([], "files is a list"),
        ({"a.py": 1}, "the record of a.py is a number"),
        ({"a.py": {}}, "the summary of a.py is null"),
        ({"a.py": {"summary": {}}}, "executed_lines of a.py is null"),
        ({"a.py": record([1], [], summary={})}, "covered in the summary of a.py is null"),
        ({"a.py": record([1], [], summary=summary((5, 1)))}, "claims 5 covered of 1"),
        ({"a.py": record([-1], [])}, "names line -1"),
        ({"a.py": record([10**9], [])}, "names line 1000000000"),
        ({"a.py": {**record([1], []), "missing_lines": None}}, "missing_lines of a.py is null"),
        ({"a.py": record([1], [], executed_branches=[1])}, "a pair in executed_branches of a.py is a number"),
        ({"a.py": record([1], [], executed_branches=[[1]])}, "a destination in executed_branches of a.py is null"),
        ({"a.py": record([1], [], executed_branches=[[]])}, "gives 'None' as a line number"),
        ({"a.py": record([1], [], functions=[])}, "functions of a.py is a list"),
        ({"a.py": record([1], [], functions={"f": {"executed_lines": 3}})}, "executed_lines of f is a number"),
        ({"a.py": record([1], [], contexts={"1": 3})}, "the contexts of line 1 is a number"),
    ],
)
def test_other_shapes_are_unreadable_and_say_why(tmp_path: Path, files: object, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(tmp_path, {**document({}), "files": files})
    for meta in (1, None):
        with pytest.raises(Unreadable, match="meta is"):
            read(tmp_path, {"meta": meta, "files": {}})
