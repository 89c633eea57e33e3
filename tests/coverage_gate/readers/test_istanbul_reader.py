"""Istanbul: lines are where statements start, branches count wherever they stand, summaries have no lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.merge import UNPLACED, merge
from coverage_gate.model import Counts, FileCoverage, Function, Report, Totals, numbers_of
from coverage_gate.readers.istanbul import READER
from coverage_gate.readers.source import Source


def read(folder: Path, document: object) -> Report:
    path = folder / "coverage-final.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return READER.read(Source("coverage-final.json", path, folder))


def place(line: object, column: object = 0, last: object = None) -> dict[str, object]:
    return {"start": {"line": line, "column": column}, "end": {"line": last or line, "column": 9}}


def record(**more: object) -> dict[str, object]:
    return {"path": "/app/a.js", "statementMap": {}, "fnMap": {}, "branchMap": {}, "s": {}, "f": {}, "b": {}, **more}


def only(folder: Path, **more: object) -> FileCoverage:
    (file,) = read(folder, {"/app/a.js": record(**more)}).files
    return file


def test_a_line_is_covered_if_a_statement_that_starts_on_it_ran(tmp_path: Path) -> None:
    statements = {"0": place(1), "1": place(1, 20), "2": place(3, 0, 9), "3": place(4)}
    file = only(tmp_path, statementMap=statements, s={"0": 0, "1": 2, "2": 5, "3": None, "99": 1})
    assert list(numbers_of(file.lines)) == [1, 3, 4]
    assert list(numbers_of(file.covered)) == [1, 3]


def test_every_outcome_counts_on_the_line_where_its_branch_starts(tmp_path: Path) -> None:
    branches = {
        "0": {"type": "if", "loc": place(7), "locations": [place(7), place(9)]},
        "1": {"type": "cond-expr", "locations": [place(7, 30), place(8)]},
        "2": {"type": "switch", "line": 12, "locations": []},
        "3": {"type": "if", "loc": {"start": {}, "end": {}}},
    }
    file = only(tmp_path, branchMap=branches, b={"0": [1, 0], "1": [2, 3], "2": [0, 0, 4], "3": [0, 0], "9": [1]})
    assert {line: here[:2] for line, here in file.branches.items()} == {7: (3, 4), 12: (1, 3), UNPLACED: (0, 2)}
    assert file.branch_counts == Counts(4, 9)


def test_two_branches_on_one_place_both_count(tmp_path: Path) -> None:
    same = {"type": "if", "loc": place(7)}
    assert only(tmp_path, branchMap={"0": same, "1": same}, b={"0": [1, 0], "1": [0, 1]}).branch_counts == Counts(2, 4)


def test_shards_of_different_instrumenters_merge_by_place(tmp_path: Path) -> None:
    branch = {"type": "if", "loc": place(7)}
    one = only(tmp_path, branchMap={"0": branch}, b={"0": [1, 0]})
    other = only(tmp_path, branchMap={"5": branch}, b={"5": [0, 2]})
    assert merge([one, other]).files["/app/a.js"].branch_counts == Counts(2, 2)


def test_functions_come_with_their_bodies(tmp_path: Path) -> None:
    functions = {
        "0": {"name": "f", "decl": place(2), "loc": place(2, 10, 5)},
        "1": {"name": "(anonymous)", "line": 1},
        "2": {"name": "g", "decl": {"start": {"line": 8}}},
    }
    found = only(tmp_path, fnMap=functions).functions
    assert found == (Function("(anonymous)", 1, 0), Function("f", 2, 5), Function("g", 8, 0))


def test_a_record_may_be_wrapped_in_data_and_paths_may_be_windows(tmp_path: Path) -> None:
    wrapped = {"data": record(statementMap={"0": place(1)}, s={"0": 1})}
    (file,) = read(tmp_path, {"C:\\app\\a.js": wrapped}).files
    assert (file.path, file.line_counts) == ("C:/app/a.js", Counts(1, 1))


def pair(covered: int, total: int) -> Mapping[str, object]:
    return {"total": total, "covered": covered, "skipped": 0, "pct": "Unknown"}


def summary(lines: tuple[int, int], branches: tuple[int, int]) -> dict[str, object]:
    return {"lines": pair(*lines), "statements": pair(0, 0), "functions": pair(0, 0), "branches": pair(*branches)}


def test_a_summary_gives_totals_for_each_file_and_no_lines(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        {"total": summary((3, 5), (1, 2)), "/app/a.js": summary((1, 2), (1, 2)), "/app/b.js": summary((2, 3), (0, 0))},
    )
    assert report.totals == report.claimed == Totals(Counts(3, 5), Counts(1, 2))
    assert report.files[0].summary == Totals(Counts(1, 2), Counts(1, 2))
    assert (report.doubts, report.believed) == ((), None)


def test_a_summary_whose_total_is_not_its_sum_is_doubted(tmp_path: Path) -> None:
    report = read(tmp_path, {"total": summary((9, 9), (1, 2)), "/app/a.js": summary((1, 2), (1, 2))})
    assert report.totals.lines == Counts(1, 2)
    assert "9 of 9 lines" in report.doubts[0]


def test_a_summary_of_a_total_only_is_believed_and_doubted(tmp_path: Path) -> None:
    report = read(tmp_path, {"total": summary((3, 5), (1, 2))})
    assert report.totals == Totals(Counts(3, 5), Counts(1, 2))
    assert report.doubts == ("It gives one total for everything and no files.",)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"/app/a.js": 1}, "the record of /app/a.js is a number"),
        ({"/app/a.js": {}}, "s of /app/a.js is null|statementMap of /app/a.js is null"),
        ({"/a": record(statementMap={"0": place(1)}, s={"0": "1"})}, "has '1' as a number of hits"),
        ({"/a": record(statementMap={"0": place(1)}, s={"0": True})}, "has 'True' as a number of hits"),
        ({"/a": record(statementMap={"0": place(None)}, s={"0": 1})}, "gives 'None' as a line number"),
        ({"/a": record(statementMap={"0": place(-4)}, s={"0": 1})}, "names line -4"),
        ({"/a": record(statementMap={"0": 3}, s={"0": 1})}, "a place in /a is a number"),
        ({"/a": record(branchMap={"0": {"loc": place(1)}}, b={"0": 1})}, "b.0 of /a is a number"),
        ({"/a": record(fnMap={"0": {"line": 1.5}})}, "gives '1.5' as a line number"),
        ({"total": summary((3, 2), (0, 0))}, "lines of total claims 3 covered of 2"),
        ({"total": {"lines": pair(1, 2)}}, "branches of total is null"),
        ({"total": summary((3, 5), (1, 2)), "/a": 3}, "/a is a number"),
    ],
)
def test_other_shapes_are_unreadable_and_say_why(tmp_path: Path, document: object, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(tmp_path, document)
