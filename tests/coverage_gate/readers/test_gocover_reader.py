"""Go cover profiles: blocks are no lines, and statements are counted as `go tool cover` counts them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, Report, numbers_of
from coverage_gate.readers.gocover import READER
from coverage_gate.readers.source import Source

FIXTURES = Path(__file__).parent / "fixtures"


def read(folder: Path, *lines: str, end: str = "\n") -> Report:
    path = folder / "cover.out"
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return READER.read(Source("cover.out", path, folder))


def test_a_real_profile_has_the_statements_that_go_itself_reports() -> None:
    report = READER.read(Source("shapes.go.out", FIXTURES / "shapes.go.out", FIXTURES))
    assert report.statements == Counts(4, 7)
    (file,) = report.files
    assert file.path == "example.com/shapes/v2/shapes.go"
    assert list(numbers_of(file.lines)) == [4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 18]
    assert list(numbers_of(file.covered)) == [4, 5, 6, 7, 8, 15]
    assert (report.complete, report.doubts) == (True, ())


def test_a_block_of_several_test_binaries_counts_once(tmp_path: Path) -> None:
    report = read(tmp_path, "mode: set", "a.go:1.1,3.2 2 0", "a.go:1.1,3.2 2 1", "a.go:1.1,3.2 2 0", "a.go:5.1,6.2 1 0")
    assert report.statements == Counts(2, 3)
    assert report.totals.lines == Counts(3, 5)


def test_a_line_is_covered_if_any_block_on_it_ran(tmp_path: Path) -> None:
    report = read(tmp_path, "mode: atomic", "a.go:1.1,5.2 1 99999999999999999999", "a.go:3.1,3.9 1 0")
    assert report.totals.lines == Counts(5, 5)
    assert report.statements == Counts(1, 2)


@pytest.mark.parametrize(
    "module", ["module example.com/m/v2", 'module "example.com/m/v2"', "module `example.com/m/v2`"]
)
def test_the_module_path_comes_off_where_go_mod_names_it(tmp_path: Path, module: str) -> None:
    (tmp_path / "go.mod").write_text(f"// comment\n{module}\n\ngo 1.22\n", encoding="utf-8")
    report = read(tmp_path, "mode: set", "example.com/m/v2/pkg/a.go:1.1,2.2 1 1", "example.com/other/b.go:1.1,2.2 1 1")
    assert [file.path for file in report.files] == ["pkg/a.go", "example.com/other/b.go"]


def test_a_go_mod_without_a_module_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("go 1.22\n", encoding="utf-8")
    assert read(tmp_path, "mode: set", "example.com/m/a.go:1.1,2.2 1 1").files[0].path == "example.com/m/a.go"


def test_profiles_put_after_one_another_are_read_and_doubted(tmp_path: Path) -> None:
    report = read(tmp_path, "mode: set", "a.go:1.1,2.2 1 0", "", "mode: count", "a.go:1.1,2.2 1 4")
    assert report.statements == Counts(1, 1)
    assert "2 profiles in one file (count, set)" in report.doubts[0]


def test_a_profile_of_nothing_is_empty_not_broken(tmp_path: Path) -> None:
    report = read(tmp_path, "mode: set")
    assert (report.files, report.statements, report.complete) == ((), Counts(0, 0), True)


def test_high_lines_are_read_in_linear_time(tmp_path: Path) -> None:
    starts = range(1, 900_000, 301)
    (file,) = read(tmp_path, "mode: set", *(f"a.go:{first}.1,{first + 90_000}.2 1 0" for first in starts)).files
    assert file.line_counts == Counts(0, starts[-1] + 90_000)


@pytest.mark.parametrize(
    ("lines", "number", "reason"),
    [
        (("mode: set", "a.go:1.1,2.2 1"), 2, "is not `file:line"),
        (("mode: set", "a.go:1.1,2.2 1 -1"), 2, "is not `file:line"),
        (("mode: set", "a.go:5.1,2.2 1 1"), 2, "line 5 back to line 2"),
        (("mode: set", "a.go:1.1,99999999.2 1 1"), 2, "no file has more than"),
        (("a.go:1.1,2.2 1 1",), 1, "stands before the line `mode:"),
        (("mode: set", "", "rubbish"), 3, "'rubbish' is not"),
    ],
)
def test_a_line_that_is_no_block_makes_it_unreadable(
    tmp_path: Path, lines: tuple[str, ...], number: int, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason) as raised:
        read(tmp_path, *lines)
    assert raised.value.line == number


def test_a_profile_cut_in_a_line_is_never_complete(tmp_path: Path) -> None:
    whole = "mode: set\na.go:1.1,2.2 1 1\nb.go:10.12,13.2 2 1"
    for cut in range(len("mode: set\n") + 1, len(whole) + 1):
        if whole[cut - 1] == "\n":
            continue
        assert reason_to_doubt(tmp_path, whole[:cut]).endswith("truncated")


def reason_to_doubt(folder: Path, text: str) -> str:
    try:
        return read(folder, text, end="").reason
    except Unreadable as error:
        return error.reason


blocks = st.tuples(st.integers(1, 30), st.integers(0, 5), st.integers(0, 2), st.integers(0, 3))


@given(st.lists(blocks, max_size=12), st.sampled_from([0, 5000]))
def test_lines_are_those_that_blocks_span(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, ...]], shift: int
) -> None:
    folder = tmp_path_factory.mktemp("go")
    lines = [f"a.go:{shift + a}.1,{shift + a + n}.9 {s} {hits}" for a, n, s, hits in found]
    report = read(folder, "mode: count", *lines)
    spanned = {shift + a + step for a, n, _, _ in found for step in range(n + 1)}
    ran = {shift + a + step for a, n, _, hits in found if hits for step in range(n + 1)}
    assert report.totals.lines == Counts(len(ran), len(spanned))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"mode: set\na.go:1.1,2.2 1 1\n", True),
        (b"mode: atomic\r\n", True),
        ("mode: count\n".encode("utf-16"), True),
        (b"mode: other\n", False),
        (b"a.go:1.1,2.2 1 1\n", False),
        (b"", False),
    ],
)
def test_it_is_told_by_its_mode(head: bytes, expected: bool) -> None:
    assert READER.recognises(head) is expected
