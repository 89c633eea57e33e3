"""JSON that nobody vouches for is either what it seems or unreadable, and the formats are never mixed up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, lines_of
from coverage_gate.readers import coveragepy_data, coveragepy_json, gcov, gocover, istanbul, lcov, llvm, simplecov
from coverage_gate.readers.document import counts, load
from coverage_gate.readers.document_branches import named_branches
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.source import HEAD_SIZE, Source

READERS = tuple(
    module.READER for module in (coveragepy_data, coveragepy_json, gcov, gocover, istanbul, lcov, llvm, simplecov)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_read_over(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "r.json"
    path.write_text('{"ä": 1}', encoding=encoding)
    assert load(Source("r.json", path, tmp_path)) == {"ä": 1}


def test_counts_are_covered_out_of_total_or_nothing() -> None:
    assert counts("r", 1, 2, "x") == Counts(1, 2)
    for covered, total in ((3, 2), (-1, 2)):
        with pytest.raises(Unreadable, match="x claims"):
            counts("r", covered, total, "x")


@given(st.one_of(st.binary(max_size=200), st.text(alphabet='{}[]":,a\\', max_size=60).map(str.encode)))
def test_looking_at_the_head_of_a_file_never_raises(head: bytes) -> None:
    for reader in READERS:
        assert reader.recognises(head) in (True, False)


COVERAGE_PY = {"meta": {"version": "7.6", "branch_coverage": True}, "files": {"a.py": {"executed_lines": [1]}}}
ISTANBUL = {"/a.js": {"path": "/a.js", "statementMap": {}, "s": {}}}
SUMMARY = {"total": {"lines": {"total": 1, "covered": 1, "skipped": 0}, "statements": {"skipped": 0}}}
RESULTSET = {"RSpec": {"coverage": {"/a.rb": {"lines": [1]}}, "timestamp": 1}}
LLVM = {"data": [{"files": [{"filename": "a.rs", "summary": {}}]}], "type": "llvm.coverage.json.export"}


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (COVERAGE_PY, "coveragepy-json"),
        ({"files": COVERAGE_PY["files"], "meta": {}}, "coveragepy-json"),
        (ISTANBUL, "istanbul"),
        ({"/a.js": {"b": {}, "branchMap": {}}}, "istanbul"),
        ({"/a.js": {"data": {"path": "", "statementMap": {}}}}, "istanbul"),
        (SUMMARY, "istanbul"),
        (RESULTSET, "simplecov"),
        ({"RSpec": {"coverage": {"/a.rb": [None, 1]}}}, "simplecov"),
        ({"meta": {"simplecov_version": "0.22.0"}, "coverage": {}}, "simplecov"),
        ({"timestamp": 1, "coverage": {"/a.rb": {"lines": [1]}}}, "simplecov"),
        (LLVM, "llvm"),
        ({"type": "llvm.coverage.json.export", "data": [{"files": []}]}, "llvm"),
        ({"gcc_version": "12", "files": []}, "gcov"),
    ],
)
def test_exactly_one_reader_recognises_each_family(document: object, name: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        head = json.dumps(document).encode(encoding)
        assert [reader.name for reader in READERS if reader.recognises(head)] == [name]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"errors": [], "metrics": {"_totals": {"SEVERITY.HIGH": 0}}, "results": []},  # Bandit
        {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 0}}},  # npm audit
        {"name": "coverage", "dependencies": {"coverage": {"version": "1"}}},
        {"result": {"line": 85.3}},  # SimpleCov's .last_run.json
        {"meta": {"version": 1}, "files": {"a": {"lines": [1]}}},
        {"data": [{"filename": "a"}], "files": [{"filename": "b"}]},
        {"sourcemap": {"fnMapping": 1}, "note": "statementMap skipped executed_lines gcc_version coverage filename"},
        {"scanner": {"statements": {"skipped": 1}}},
        [COVERAGE_PY],
    ],
)
def test_other_json_is_no_coverage_report(document: object) -> None:
    head = json.dumps(document).encode()
    assert [reader.name for reader in READERS if reader.recognises(head)] == []


def test_only_the_first_64_kib_are_needed_to_tell() -> None:
    files = {f"src/file{index}.py": {"executed_lines": list(range(50))} for index in range(2000)}
    for document in ({"meta": COVERAGE_PY["meta"], "files": files}, {"files": files, "meta": COVERAGE_PY["meta"]}):
        head = json.dumps(document).encode()[:HEAD_SIZE]
        assert [reader.name for reader in READERS if reader.recognises(head)] == ["coveragepy-json"]


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 300)), max_size=20))
def test_a_set_of_ranges_is_the_set_of_their_lines(found: list[tuple[int, int]]) -> None:
    ranges = [(first, first + more) for first, more in found]
    numbers = {number for first, last in ranges for number in range(first, last + 1)} - {0}
    assert LineSets("r").of_ranges(ranges) == lines_of(numbers) == LineSets("r").of(numbers)


@pytest.mark.parametrize("value", [None, "1", True, 1.5, [], -1, 10_000_001, 10**30])
def test_what_is_no_line_number_is_refused(value: object) -> None:
    with pytest.raises(Unreadable, match="line"):
        LineSets("r").number(value, line=3)


def test_line_numbers_may_be_written_as_floats_and_0_is_left_out() -> None:
    assert LineSets("r").of([3.0, 0, 1]) == lines_of([1, 3])


def test_all_line_sets_of_a_report_share_one_limit() -> None:
    sets = LineSets("r")
    for _ in range(107):
        sets.of([10_000_000])
    with pytest.raises(Unreadable, match="128 MiB"):
        sets.of([10_000_000])


def test_equal_branches_are_made_once() -> None:
    shapes: dict[object, object] = {}
    branches = named_branches({2: {"a": True, "b": False}, 1: {"a": True, "b": False}, 3: {}}, shapes)  # type: ignore[arg-type]
    assert list(branches) == [1, 2]
    assert branches[1] is branches[2]
    assert len(shapes) == 2
    many = {line: {str(line): True} for line in range(5000)}
    assert len(named_branches(many, shapes)) == 5000  # type: ignore[arg-type]
    named_branches({1: {"a": True}}, shapes)  # type: ignore[arg-type]
    assert len(shapes) == 1
