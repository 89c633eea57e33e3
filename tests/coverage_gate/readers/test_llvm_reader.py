"""LLVM exports: lines are derived from segments as LLVM does it, totals are believed where the two differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, Function, Report, Totals, numbers_of
from coverage_gate.readers import lcov
from coverage_gate.readers.llvm import READER, Segment, Stretch, stretches_of
from coverage_gate.readers.source import Source

FIXTURES = Path(__file__).parent / "fixtures"


def real(name: str) -> Report:
    return READER.read(Source(name, FIXTURES / name, FIXTURES))


def read(folder: Path, document: object) -> Report:
    path = folder / "llvm.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return READER.read(Source("llvm.json", path, folder))


def totals(lines: tuple[int, int], branches: tuple[int, int] = (0, 0)) -> dict[str, object]:
    return {
        "lines": {"covered": lines[0], "count": lines[1], "percent": 1.0},
        "branches": {"covered": branches[0], "count": branches[1]},
    }


def export(*files: object, of: dict[str, object], **more: object) -> dict[str, object]:
    return {
        "data": [{"files": list(files), "totals": of, **more}],
        "type": "llvm.coverage.json.export",
        "version": "2.0.1",
    }


def test_lines_are_those_that_llvm_writes_as_lcov_for_the_same_run() -> None:
    (file,) = real("shapes.llvm.json").files
    (same,) = lcov.READER.read(Source("shapes.llvm.info", FIXTURES / "shapes.llvm.info", FIXTURES)).files
    assert (file.path, file.lines, file.covered) == (same.path, same.lines, same.covered)
    assert Function("main", 34, 38) in file.functions


def test_totals_that_differ_from_the_lines_are_believed_and_doubted() -> None:
    """LLVM counts line 21 for the function and for the lambda on it, and one instance of the template at a time."""
    report = real("shapes.llvm.json")
    assert report.totals == report.claimed == Totals(Counts(20, 32), Counts(10, 22))
    assert report.counted == Totals(Counts(20, 31), Counts(11, 22))
    assert len(report.doubts) == 2


def test_a_summary_has_totals_and_no_lines() -> None:
    report = real("shapes.llvm-summary.json")
    assert report.totals == Totals(Counts(20, 32), Counts(10, 22))
    assert report.believed is None
    assert [file.lines for file in report.files] == [0]


def segment(line: int, hits: int, *, counted: bool = True, entry: bool = True, gap: bool = False) -> Segment:
    return Segment(line, hits, counted, entry, gap)


END = segment(4, 0, counted=False, entry=False)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([], []),
        ([segment(2, 1), segment(5, 0, counted=False, entry=False)], [(2, True), (3, True), (4, True), (5, True)]),
        ([segment(2, 0), segment(3, 4), segment(4, 0, counted=False, entry=False)], [(2, False), (3, True), (4, True)]),
        ([segment(2, 3), segment(2, 0), segment(3, 0, counted=False, entry=False)], [(2, True), (3, False)]),
        ([segment(2, 3), segment(3, 9, gap=True), segment(3, 0, counted=False, entry=False)], [(2, True), (3, True)]),
        ([segment(2, 9, gap=True), segment(4, 0, counted=False, entry=False)], [(3, True), (4, True)]),
        ([segment(1, 2), segment(2, 0, counted=False), segment(3, 2, entry=False), END], [(1, True), (4, True)]),
        ([segment(2, 1, entry=False), segment(3, 0, counted=False, entry=False)], [(3, True)]),
    ],
)
def test_the_rules_for_lines(segments: list[Segment], expected: list[tuple[int, bool]]) -> None:
    found = [(line, hit) for first, last, hit in stretches_of(segments) for line in range(first, last + 1)]
    assert found == expected


def test_lines_between_segments_come_as_one_stretch() -> None:
    segments = [segment(1, 1), segment(9_000_000, 0, counted=False, entry=False)]
    assert list(stretches_of(segments)) == [
        Stretch(1, 1, True),
        Stretch(2, 8_999_999, True),
        Stretch(9_000_000, 9_000_000, True),
    ]


def test_branches_have_two_outcomes_and_templates_repeat_them(tmp_path: Path) -> None:
    rows = [[3, 5, 3, 9, 1, 0, 0, 0, 4], [3, 5, 3, 9, 0, 0, 0, 0, 4], [4, 1, 4, 2, 0, 7, 0, 0, 4]]
    file = {"filename": "C:\\a.rs", "segments": [[3, 1, 1, True, True], [5, 1, 0, False, False]], "branches": rows}
    report = read(tmp_path, export(file, of=totals((3, 3), (2, 4))))
    assert report.totals == Totals(Counts(3, 3), Counts(2, 4))
    assert (report.believed, report.doubts) == (None, ())
    assert report.files[0].path == "C:/a.rs"
    assert report.files[0].branches[3].missing == {"3:5:3:9 false"}


def test_cargo_llvm_cov_says_its_version(tmp_path: Path) -> None:
    document = export(of=totals((0, 0)))
    assert read(tmp_path, document).version == "2.0.1"
    report = read(tmp_path, {**document, "cargo_llvm_cov": {"version": "0.6.21"}})
    assert (report.tool, report.version) == ("cargo-llvm-cov", "0.6.21")


def test_functions_need_a_file_and_a_region(tmp_path: Path) -> None:
    functions = [
        {"name": "f", "filenames": ["a.c"], "regions": [[1, 1, 4, 2, 1, 0, 0, 0]]},
        {"name": "g", "filenames": [], "regions": [[1, 1, 4, 2, 1, 0, 0, 0]]},
        {"name": "h", "filenames": ["a.c"], "regions": []},
    ]
    file = {"filename": "a.c", "summary": totals((1, 4))}
    assert read(tmp_path, export(file, of=totals((1, 4)), functions=functions)).files[0].functions == (
        Function("f", 1, 4),
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"data": 1}, "data is a number"),
        ({"data": [1]}, "an export is a number"),
        ({"data": [{"files": []}]}, "totals is null"),
        (export(1, of=totals((0, 0))), "a file is a number"),
        (export({"filename": "a"}, of=totals((0, 0))), "the summary of a is null"),
        (export({"filename": "a", "segments": [1]}, of=totals((0, 0))), "a segment of a is a number"),
        (export({"filename": "a", "segments": [[1, 1]]}, of=totals((0, 0))), "the count of a segment of a is null"),
        (
            export({"filename": "a", "segments": [[99999999, 1, 1, True, True]]}, of=totals((0, 0))),
            "no file has more than",
        ),
        (
            export({"filename": "a", "segments": [[1, 1, 1, True, True]], "branches": [[1]]}, of=totals((0, 0))),
            "is null",
        ),
        (export(of={"lines": {"count": 1, "covered": 2}}), "claims 2 covered of 1"),
    ],
)
def test_other_shapes_are_unreadable_and_say_why(tmp_path: Path, document: object, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(tmp_path, document)


def test_listed_numbers_are_lines() -> None:
    (file,) = real("shapes.llvm.json").files
    assert set(numbers_of(file.covered)) <= set(numbers_of(file.lines)) <= set(range(1, 39))
