"""SimpleCov: results of several commands are combined per line as SimpleCov does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, FileCoverage, Report, numbers_of
from coverage_gate.readers.simplecov import READER
from coverage_gate.readers.source import Source

IF = "[:if, 0, 2, 4, 6, 7]"
THEN = "[:then, 1, 3, 6, 3, 11]"
ELSE = "[:else, 2, 5, 6, 5, 11]"


def read(folder: Path, document: object) -> Report:
    path = folder / ".resultset.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return READER.read(Source(".resultset.json", path, folder))


def result(lines: object, **more: object) -> dict[str, object]:
    return {"coverage": {"/app/a.rb": {"lines": lines, **more}}, "timestamp": 1700000000}


def only(report: Report) -> FileCoverage:
    (file,) = report.files
    return file


def test_null_and_ignored_lines_are_not_executable(tmp_path: Path) -> None:
    file = only(read(tmp_path, {"RSpec": result([None, 1, 0, "ignored", 2.0, None])}))
    assert list(numbers_of(file.lines)) == [2, 3, 5]
    assert list(numbers_of(file.covered)) == [2, 5]
    assert file.path == "/app/a.rb"


def test_the_old_form_without_branches_reads_the_same(tmp_path: Path) -> None:
    old = only(read(tmp_path, {"RSpec": {"coverage": {"/app/a.rb": [None, 1, 0]}, "timestamp": 1.5}}))
    assert old == only(read(tmp_path, {"RSpec": result([None, 1, 0])}))


def test_commands_are_added_line_by_line(tmp_path: Path) -> None:
    """A line that no command ran is executable only if none says null: files that were never loaded are guessed at."""
    report = read(
        tmp_path,
        {
            "RSpec": result([1, 0, 0, None, None]),
            "Minitest": {**result([0, 0, None, 3, None]), "timestamp": 1700000009},
        },
    )
    file = only(report)
    assert list(numbers_of(file.lines)) == [1, 2, 4]
    assert list(numbers_of(file.covered)) == [1, 4]
    assert report.measured_at == 1700000009


def test_branches_stand_on_the_line_of_their_condition_and_merge_by_name(tmp_path: Path) -> None:
    first = result([1, 1, 1], branches={IF: {THEN: 1, ELSE: 0}})
    again = result([1, 1, 1], branches={IF.replace("0,", "7,", 1): {THEN: 0, ELSE.replace("2,", "9,", 1): 4}})
    assert only(read(tmp_path, {"a": first})).branches[2].covered == 1
    assert only(read(tmp_path, {"a": first, "b": again})).branches[2][:2] == (2, 2)


def test_branches_of_the_json_formatter_stand_where_they_start(tmp_path: Path) -> None:
    branches = [
        {"type": "then", "start_line": 3, "end_line": 3, "coverage": 1, "inline": False},
        {"type": "then", "start_line": 3, "end_line": 3, "coverage": 0, "inline": True},
        {"type": "else", "start_line": 5, "end_line": 5, "coverage": "ignored"},
    ]
    report = read(
        tmp_path,
        {
            "meta": {"simplecov_version": "0.22.0"},
            "coverage": {"/app/a.rb": {"lines": [1, 1, 1], "branches": branches}},
        },
    )
    assert only(report).branch_counts == Counts(1, 2)
    assert only(report).branches[3].missing == {"then 3-3 #2"}
    assert (report.version, report.tool) == ("0.22.0", "simplecov")


def test_a_command_may_be_called_coverage(tmp_path: Path) -> None:
    assert only(read(tmp_path, {"coverage": result([1, 0])})).line_counts == Counts(1, 2)


def test_a_moment_that_is_none_is_left_out(tmp_path: Path) -> None:
    for moment in (None, True, "yesterday", -1, 1e300):
        assert read(tmp_path, {"a": {**result([1]), "timestamp": moment}}).measured_at is None


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"a": 1}, "the command 'a' is a number"),
        ({"a": {"coverage": []}}, "coverage is a list"),
        ({"a": result(None)}, "the lines of /app/a.rb is null"),
        ({"a": result([True])}, "has 'True' as the hits"),
        ({"a": result([[]])}, r"has '\[\]' as the hits"),
        ({"a": result([1], branches={"if": {}})}, "has the branch 'if'"),
        ({"a": result([1], branches={IF: 1})}, "is a number, not an object"),
        ({"a": result([1], branches={IF: {THEN: None}})}, "has 'None' as the hits"),
        ({"a": result([1], branches={"[:if, 0, 99999999, 4, 6, 7]": {}})}, "no file has more than"),
        ({"a": result([1], branches=3)}, "is a number, not a list"),
        ({"a": result([1], branches=[{"start_line": "x"}])}, "gives 'x' as a line number"),
        ({"meta": 1, "coverage": {"/app/a.rb": 1}}, "the lines of /app/a.rb is a number"),
    ],
)
def test_other_shapes_are_unreadable_and_say_why(tmp_path: Path, document: object, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(tmp_path, document)
