"""gcov's annotated source and its JSON say the same about the same run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, FileCoverage, Function, LineBranches, Report, numbers_of
from coverage_gate.readers import gcov_json, source
from coverage_gate.readers.gcov import READER
from coverage_gate.readers.source import Source

FIXTURES = Path(__file__).parent / "fixtures"
HEAD = "        -:    0:Source:src/a.c"


def real(name: str) -> Report:
    path = FIXTURES / name
    found = Source(name, path, FIXTURES)
    assert READER.recognises(found.head())
    return READER.read(found)


def read(folder: Path, *lines: str, end: str = "\n") -> Report:
    path = folder / "a.c.gcov"
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return READER.read(Source("a.c.gcov", path, folder))


def read_json(folder: Path, document: object) -> Report:
    path = folder / "a.gcov.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return READER.read(Source("a.gcov.json", path, folder))


def shapes(report: Report) -> FileCoverage:
    (file,) = (file for file in report.files if file.path == "shapes.cc")
    return file


def test_a_real_listing_and_a_real_json_of_one_run_agree() -> None:
    listing, document = shapes(real("shapes.cc.gcov")), shapes(real("shapes.gcov.json.gz"))
    assert (listing.lines, listing.covered) == (document.lines, document.covered)
    assert listing.line_counts == Counts(15, 23)
    assert listing.branch_counts == document.branch_counts == Counts(11, 22)
    assert real("shapes.gcov.json.gz").version == "12.2.0"


def test_template_instances_unite_their_branches() -> None:
    both = LineBranches(2, 2, 2, frozenset({"0", "1"}))
    assert shapes(real("shapes.cc.gcov")).branches[6] == both
    assert shapes(real("shapes.gcov.json.gz")).branches[6] == both


def test_functions_are_named_where_they_start() -> None:
    assert Function("main", 34, 0) in shapes(real("shapes.cc.gcov")).functions
    assert Function("never(int)", 25, 32) in shapes(real("shapes.gcov.json.gz")).functions


def test_every_spelling_of_a_count(tmp_path: Path) -> None:
    counts = [
        "-",
        "#####",
        "=====",
        "$$$$$",
        "%%%%%",
        "#####*",
        "0",
        "0*",
        "1",
        "17*",
        "1.2k",
        "3.0M*",
        "12345678901234567890",
    ]
    (file,) = read(
        tmp_path, HEAD, *(f"{count:>9}:{line:5}:code: {{" for line, count in enumerate(counts, start=1))
    ).files
    assert list(numbers_of(file.lines)) == [*range(2, 14)]
    assert list(numbers_of(file.covered)) == [9, 10, 11, 12, 13]
    assert file.path == "src/a.c"


def test_branches_stand_on_the_line_above_them(tmp_path: Path) -> None:
    (file,) = read(
        tmp_path,
        HEAD,
        "        1:    5:if (a && b)",
        "branch  0 taken 50% (fallthrough)",
        "branch  1 taken 0",
        "call    2 returned 100%",
        "branch  3 never executed (throw)",
        "branch  4 taken 1.2k",
        "unconditional  5 taken 1",
        "        1:    5-block  0",
        "    %%%%%:    5-block  1",
    ).files
    assert file.branches == {5: LineBranches(2, 4, 2, frozenset({"0", "4"}), frozenset({"1", "3"}))}


def test_several_sources_in_one_file_are_told_apart_and_merged(tmp_path: Path) -> None:
    report = read(
        tmp_path, HEAD, "        1:    1:x", "    #####:    2:y", "        -:    0:Source:./b.h", "        1:    1:z",
        HEAD, "    #####:    1:x", "        4:    2:y",
    )  # fmt: skip
    assert {file.path: file.line_counts for file in report.files} == {"src/a.c": Counts(2, 2), "b.h": Counts(1, 1)}
    assert report.complete


def test_lines_that_are_not_gcovs_are_doubted(tmp_path: Path) -> None:
    report = read(tmp_path, HEAD, "        1:    1:x", "File 'src/a.c'", "Lines executed:100.00% of 1")
    assert report.doubts == ("2 lines are not gcov's, the first at line 3: \"File 'src/a.c'\".",)


def test_a_listing_shorter_than_its_source_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.c").write_text("int x;\nint y;\nint z;", encoding="utf-8")
    lines = [HEAD, "        1:    1:int x;", "        1:    2:int y;", "        1:    3:int z;"]
    assert read(tmp_path, *lines).complete
    report = read(tmp_path, *lines[:-1])
    assert not report.complete
    assert "2 of the 3 lines of src/a.c" in report.reason
    assert read(tmp_path, HEAD, "        1:    1:/*EOF*/").complete


@pytest.mark.parametrize("path", ["../outside.c", "/etc/passwd", "src", "\0"])
def test_only_plain_files_in_the_source_root_are_looked_at(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (tmp_path / "outside.c").write_text("1\n2\n3\n", encoding="utf-8")
    assert read(root, f"        -:    0:Source:{path}", "        1:    1:x").complete


def test_a_listing_cut_in_a_line_is_incomplete(tmp_path: Path) -> None:
    report = read(tmp_path, HEAD, "        1:    1:x", "        1:    2", end="")
    assert not report.complete
    assert "truncated" in report.reason


@pytest.mark.parametrize(
    ("lines", "number", "reason"),
    [
        ((HEAD, "      abc:    1:x"), 2, "'abc' is not a count"),
        (("        1:    1:x",), 1, "before `0:Source:`"),
        (("branch  0 taken 1",), 1, "before `0:Source:`"),
        ((HEAD, "branch  0 taken 1"), 2, "a branch before any line"),
        ((HEAD, "        1:    1:x", "branch  0 taken lots"), 3, "'lots' is not a count"),
        ((HEAD, "        1:99999999:x"), None, "no file has more than"),
    ],
)
def test_a_broken_listing_is_unreadable(
    tmp_path: Path, lines: tuple[str, ...], number: int | None, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason) as raised:
        read(tmp_path, *lines)
    assert raised.value.line == number


def line(number: object, count: object = 1, **more: object) -> dict[str, object]:
    return {"line_number": number, "count": count, **more}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"gcc_version": "12", "files": 1}, "files is a number"),
        ({"gcc_version": "12", "files": [1]}, "a file is a number"),
        ({"gcc_version": "12", "files": [{"file": "a.c"}]}, "lines of a.c is null"),
        ({"gcc_version": "12", "files": [{"file": "a.c", "lines": [1]}]}, "a line of a.c is a number"),
        ({"gcc_version": "12", "files": [{"file": "a.c", "lines": [line("1")]}]}, "gives '1' as a line number"),
        ({"gcc_version": "12", "files": [{"file": "a.c", "lines": [line(1, 1.5)]}]}, "is a number, not a whole number"),
        (
            {"gcc_version": "12", "files": [{"file": "a.c", "lines": [line(1, branches=[{}])]}]},
            "a branch of a.c is null",
        ),
    ],
)
def test_broken_json_is_unreadable(tmp_path: Path, document: object, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_json(tmp_path, document)


def test_gzip_that_is_damaged_cut_or_a_bomb_is_unreadable(tmp_path: Path) -> None:
    whole = (FIXTURES / "shapes.gcov.json.gz").read_bytes()
    with pytest.raises(Unreadable, match="truncated"):
        gcov_json.report("r", "gcov", whole[:-20])
    with pytest.raises(Unreadable, match="damaged gzip"):
        gcov_json.report("r", "gcov", whole[:30] + b"\xff" * 40 + whole[70:])
    bomb = gzip.compress(b" " * (2 * source.MIB + 1))
    assert len(bomb) < 4096
    with pytest.raises(Unreadable, match="unpacks to more than 1 MiB"):
        gcov_json.decompressed("r", bomb, limit=source.MIB)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"        -:    0:Source:a.c\n", True),
        (b'{"gcc_version": "9.1"', True),
        (b'{"files": [{"functions": [{"demangled_name": "f"', True),
        (b'{"files": [{"lines": [{"line_number": 1', True),
        (b'{"other": [{"line_number": 1', False),
        (gzip.compress(b'{"gcc_version": "9.1"}', mtime=0), True),
        (gzip.compress(b'{"other": 1}', mtime=0), False),
        (b"\x1f\x8b\x08nonsense", False),
        (b"\x1f\x8b\xffnonsense", False),
        (b"        1:    1:int x;\n", False),
    ],
)
def test_it_is_told_by_how_it_begins(head: bytes, expected: bool) -> None:
    assert READER.recognises(head) is expected
