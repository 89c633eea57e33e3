"""LCOV as geninfo describes it, and as tools bend it: repeated lines, huge counts, totals only, truncation."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest
from tests.bench.reports_text import write_lcov

from actionkit.errors import Unreadable
from coverage_gate.merge import UNPLACED
from coverage_gate.model import Counts, FileCoverage, Function, LineBranches, Report, Totals, numbers_of
from coverage_gate.readers import lcov_tracefile
from coverage_gate.readers.lcov import READER
from coverage_gate.readers.source import HEAD_SIZE, Source

FIXTURES = Path(__file__).parent / "fixtures"
CHECKSUM = "RuZ5KcncCoRYUb0REMXZIg"


class Reading(Protocol):
    """A function from a tracefile's text to its report."""

    def __call__(self, text: str | bytes) -> Report: ...


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    def reading(text: str | bytes) -> Report:
        path = tmp_path / "lcov.info"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return READER.read(Source("lcov.info", path, tmp_path))

    return reading


def record(*lines: str, path: str = "src/a.c") -> str:
    return "\n".join((f"SF:{path}", *lines, "end_of_record", ""))


def only(report: Report) -> FileCoverage:
    (file,) = report.files
    return file


def covered(file: FileCoverage) -> tuple[list[int], list[int]]:
    return list(numbers_of(file.lines)), list(numbers_of(file.covered))


def test_a_line_is_covered_when_its_count_is_above_zero(read: Reading) -> None:
    file = only(read(record("DA:1,5", "DA:2,0", "DA:7,18446744073709551615", "LF:3", "LH:2")))
    assert covered(file) == ([1, 2, 7], [1, 7])
    assert file.path == "src/a.c"


@pytest.mark.parametrize(
    "lines",
    [
        ("DA:3,0", "DA:3,2", "DA:4,1"),
        ("DA:3,2", "DA:4,1", "DA:3,0"),
        ("DA:3,2,", "DA:3,0", "DA:4,1"),
    ],
)
def test_a_repeated_line_is_covered_if_one_of_its_records_is(read: Reading, lines: tuple[str, ...]) -> None:
    assert covered(only(read(record(*lines)))) == ([3, 4], [3, 4])


def test_counts_that_make_no_sense_are_not_covered_and_are_doubted(read: Reading) -> None:
    report = read(record("DA:1,-3", "DA:2,nan", "DA:3,1e+2", "DA:4,0.0", "DA:5,000"))
    assert covered(only(report)) == ([1, 2, 3, 4, 5], [3])
    assert report.doubts == ("2 counts are negative or no number and are taken as 0, the first at line 2.",)


def test_line_0_stands_for_no_line(read: Reading) -> None:
    assert covered(only(read(record("DA:0,5", "DA:1,1")))) == ([1], [1])
    assert covered(only(read(record("DA:0,5", "DA:1,1", "DA:1,1")))) == ([1], [1])


def test_high_lines_and_many_lines_are_read_like_any_other(read: Reading) -> None:
    assert covered(only(read(record("DA:5,1", "DA:9999999,0", "DA:9999998,2")))) == (
        [5, 9_999_998, 9_999_999],
        [5, 9_999_998],
    )
    many = [f"DA:{number},{number % 3}" for number in range(1, 6000)]
    assert only(read(record(*many))).line_counts == Counts(4000, 5999)
    assert only(read(record(*many, "DA:1,0"))).line_counts == Counts(4000, 5999)


def test_paths_use_forward_slashes_whatever_wrote_them(read: Reading) -> None:
    for written, path in (("C:\\temp\\a.cpp", "C:/temp/a.cpp"), ("./lib/a.rb", "lib/a.rb"), (" a b.c", "a b.c")):
        assert only(read(record("DA:1,1", path=written))).path == path


def test_records_of_one_file_are_merged(read: Reading) -> None:
    text = record("DA:1,1", "DA:2,0", "BRDA:2,0,0,1", "BRDA:2,0,1,0", "FN:1,f")
    text += record("DA:2,3", "DA:3,0", "BRDA:2,0,0,-", "BRDA:2,0,1,4", "FN:1,f")
    file = only(read(text))
    assert covered(file) == ([1, 2, 3], [1, 2])
    assert file.branches[2] == LineBranches(2, 2, 2, frozenset({"0,0", "0,1"}))
    assert file.functions == (Function("f", 1, 0),)


def test_branches_are_named_by_block_and_number(read: Reading) -> None:
    branches = only(
        read(record("DA:4,1", "BRDA:4,0,0,7", "BRDA:4,0,1,0", "BRDA:4,e1,0,-", "BRDA:9,0,jump to f(a, b),1"))
    ).branches
    assert branches[4] == LineBranches(1, 3, 1, frozenset({"0,0"}), frozenset({"0,1", "e1,0"}))
    assert branches[9].taken == {"0,jump to f(a, b)"}


def test_a_branch_listed_twice_is_taken_if_one_record_says_so(read: Reading) -> None:
    file = only(read(record("DA:4,1", "BRDA:4,0,0,0", "BRDA:4,0,0,1", "BRDA:4,0,1,0")))
    assert file.branch_counts == Counts(1, 2)


def test_functions_are_read_in_all_three_spellings(read: Reading) -> None:
    functions = only(
        read(record("FN:3,old", "FN:5,9,ranged", "FNL:0,20,30", "FNA:0,1,new(int, int)", "FNL:1,40", "FNA:1,0,open"))
    ).functions
    assert functions == (
        Function("old", 3, 0),
        Function("ranged", 5, 9),
        Function("new(int, int)", 20, 30),
        Function("open", 40, 0),
    )
    assert only(read(record("FNA:7,1,unknown", "DA:1,1"))).functions == ()


def test_totals_without_lines_are_a_summary(read: Reading) -> None:
    report = read(record("LF:7", "LH:4", "BRF:2", "BRH:1") + record("LF:13", "LH:11", path="b.c"))
    assert report.files[0].summary == Totals(Counts(4, 7), Counts(1, 2))
    assert report.totals == report.claimed == Totals(Counts(15, 20), Counts(1, 2))
    assert report.doubts == ()


def test_a_file_without_lines_is_just_empty(read: Reading) -> None:
    file = only(read(record("LF:0", "LH:0")))
    assert (file.lines, file.summary) == (0, None)


def test_a_header_that_disagrees_with_its_lines_is_doubted(read: Reading) -> None:
    report = read(record("DA:1,1", "DA:2,0", "BRDA:1,0,0,1", "BRF:4", "BRH:2", "LF:9", "LH:8"))
    assert report.totals == Totals(Counts(1, 2), Counts(1, 1))
    assert report.claimed == Totals(Counts(8, 9), Counts(2, 4))
    assert ["8 of 9 lines" in doubt or "2 of 4 branches" in doubt for doubt in report.doubts] == [True, True]


def test_a_report_that_leaves_its_totals_out_claims_nothing(read: Reading) -> None:
    assert read(record("DA:1,1") + record("DA:1,1", "LF:1", "LH:1", path="b.c")).claimed is None
    assert read(record("DA:1,1", "BRDA:1,0,0,1") + record("DA:1,1", "LF:5", "LH:1", path="b.c")).doubts == ()


def test_a_header_that_hits_more_than_it_finds_is_cut_to_what_is_possible(read: Reading) -> None:
    assert read(record("LF:3", "LH:5")).totals.lines == Counts(3, 3)


OLD_PYTHON = "TN:\n" + record(
    *(f"DA:{line},1,{CHECKSUM}" for line in (1, 2, 7)),
    *(f"DA:{line},0,{CHECKSUM}" for line in (4, 5)),
    "LF:4",
    "LH:2",
    "BRDA:5,0,0,-",
    "BRDA:0,0,1,1",
    "BRF:2",
    "BRH:1",
    path="a.py",
)


def test_docstrings_in_lcov_of_old_coverage_py_are_not_counted(read: Reading) -> None:
    report = read(OLD_PYTHON)
    assert report.totals == report.claimed == Totals(Counts(2, 4), Counts(1, 2))
    assert only(report).uncounted == 1
    assert only(report).branches == {UNPLACED: LineBranches(1, 2, 1)}
    assert report.tool == "coverage.py"
    assert "7.6.1 or older" in report.doubts[0]


def test_coverage_py_6_counts_docstrings_as_hit_in_its_own_header(read: Reading) -> None:
    report = read(OLD_PYTHON.replace("LH:2", "LH:3"))
    assert report.totals.lines == Counts(2, 4)
    assert any("3 of 4 lines" in doubt for doubt in report.doubts)


@pytest.mark.parametrize(
    ("was", "other"),
    [
        ("LF:4\nLH:2", "LF:4\nLH:1"),  # header off by more than docstrings
        ("LF:4\nLH:2", "LF:1\nLH:1"),  # more lines over than were hit
        ("LF:4\nLH:2", ""),  # no header
        (f"DA:1,1,{CHECKSUM}", f"DA:1,2,{CHECKSUM}"),  # a tool that counts
        (f"DA:1,1,{CHECKSUM}", "DA:1,1"),  # no checksum
        (f"DA:1,1,{CHECKSUM}", f"DA:3,1,{CHECKSUM}"),  # not in coverage.py's order
        ("BRDA:0,0,1,1", "BRDA:5,0,jump to line 7,1"),  # newer coverage.py
    ],
)
def test_other_tools_keep_every_line_they_list(read: Reading, was: str, other: str) -> None:
    assert was in OLD_PYTHON
    file = only(read(OLD_PYTHON.replace(was, other)))
    assert (file.uncounted, file.line_counts) == (0, Counts(3, 5))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("DA:1,1\n", 1, "before any SF"),
        (record("DA:1"), 2, "DA is not"),
        (record("DA:1,2,3,4"), 2, "DA is not"),
        (record("TN:x", "DA:1,"), 3, "is not a count"),
        (record("DA:,1"), 2, "is not a line number"),
        (record("DA:-1,1"), 2, "is not a line number"),
        (record("DA:1,1", "DA:x,1"), 3, "is not a line number"),
        (record("DA:10000001,1"), 2, "no file has more than"),
        (record("DA:9999999999999999999,1"), 2, "is not a line number"),
        (record("DA:1,abc"), 2, "is not a count"),
        (record("BRDA:1,0,1"), 2, "BRDA is not"),
        (record("BRDA:1,0,0,x"), 2, "is not a count"),
        (record("FN:x,f"), 2, "is not a line number"),
        (record("LF:many"), 2, "LF is not a count"),
        ("SF:\nDA:1,1\nend_of_record\n", 1, "names no file"),
        (record("DA:1,1") + "DA:1,1\n", 4, "before any SF"),
        ("SF:a\0b\nDA:1,1\nend_of_record\n", None, "NUL"),
        ("", None, "is empty"),
    ],
)
def test_lines_that_say_nothing_sound_make_it_unreadable(
    read: Reading, text: str, line: int | None, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason) as raised:
        read(text)
    assert (raised.value.name, raised.value.line) == ("lcov.info", line)


def test_a_message_names_the_line_far_into_a_big_file(read: Reading) -> None:
    text = record("DA:1,1") * 100_000
    with pytest.raises(Unreadable) as raised:
        read(text + record("DA:1,1", "DA:1,z"))
    assert raised.value.line == 300_003


def test_line_sets_have_a_limit_in_all(read: Reading) -> None:
    hostile = "".join(record("DA:9999999,1", path=f"{index}.c") for index in range(120))
    with pytest.raises(Unreadable, match="128 MiB"):
        read(hostile)


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("SF:b.c\nDA:1,1\n", "no end_of_record"),
        ("SF:b.c\nDA:1,1\nend_of_recor", "no end_of_record"),
        ("TN:\n", "no end_of_record"),
        ("S", "middle of a line"),
    ],
)
def test_a_truncated_file_is_incomplete(read: Reading, tail: str, reason: str) -> None:
    report = read(record("DA:1,1") + tail)
    assert not report.complete
    assert reason in report.reason


def test_records_that_are_not_closed_are_doubted(read: Reading) -> None:
    report = read("SF:a.c\nDA:1,1\n" + record("DA:2,0", path="b.c"))
    assert report.complete
    assert [file.path for file in report.files] == ["a.c", "b.c"]
    assert report.doubts == ("1 records have no end_of_record, the first that of a.c.",)


def test_lines_of_no_known_kind_are_passed_over_and_counted(read: Reading) -> None:
    report = read(
        "# made by hand\n\n" + record("DA:1,1", "XX:1", "hello", "VER:3", "MCDC:1,2") + "Summary coverage rate:\n"
    )
    assert only(report).line_counts == Counts(1, 1)
    assert report.complete
    assert report.doubts == ("3 lines are no LCOV record, the first at line 5: 'XX:1'.",)


def test_end_of_record_only_counts_alone_on_its_line(read: Reading) -> None:
    report = read("SF:a.c\nDA:1,1\nTN:end_of_record\nDA:2,0\nend_of_record  \r\n")
    assert only(report).line_counts == Counts(1, 2)
    assert read("SF:a.c\nDA:1,1\nend_of_record").complete


def test_windows_and_powershell_files_read_the_same(read: Reading) -> None:
    text = record("DA:1,1", "DA:2,0", "LF:2", "LH:1")
    plain = read(text)
    assert plain == read(text.replace("\n", "\r\n"))
    assert plain == read(b"\xef\xbb\xbf" + text.encode())
    assert plain == read(text.encode("utf-16"))


def test_a_file_larger_than_a_piece_reads_the_same_as_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "big.info"
    written = write_lcov(path, lines=200_000, files=700)
    assert path.stat().st_size > 2 << 20
    report = READER.read(Source("big.info", path, tmp_path))
    assert report.totals == Totals(
        Counts(written.lines_covered, written.lines), Counts(written.branches_covered, written.branches)
    )
    assert (len(report.files), report.doubts, report.complete) == (700, (), True)


def test_names_kept_between_records_are_bounded(read: Reading) -> None:
    records = (record("DA:1,1", *(f"BRDA:1,{n},{m},0" for m in range(1500)), path=f"{n}.c") for n in range(4))
    report = read("".join(records))
    assert report.totals.branches == Counts(0, 6000)
    assert report.files[3].branches[1].missing >= {"3,0", "3,1499"}
    assert lcov_tracefile.NAMES_KEPT < 6000


def test_llvm_and_its_own_lcov_tell_the_same_lines() -> None:
    report = READER.read(Source("shapes.llvm.info", FIXTURES / "shapes.llvm.info", FIXTURES))
    assert report.counted.lines == Counts(20, 31)
    assert report.claimed == Totals(Counts(20, 32), Counts(10, 22))
    assert len(report.doubts) == 2


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"TN:\nSF:a.c\nDA:1,1\n", True),
        (b"\nTN:name\n# comment\nSF:a.c\n", True),
        (b"SF:a.c\nLF:1\n", True),
        ("SF:a.c\nLF:1\n".encode("utf-16"), True),
        (b"TN:\n", False),
        (b"mode: set\n", False),
        (b'{"SF:": 1}', False),
        (b"", False),
        (b"\0" * HEAD_SIZE, False),
    ],
)
def test_it_is_told_by_its_first_lines(head: bytes, expected: bool) -> None:
    assert READER.recognises(head) is expected
