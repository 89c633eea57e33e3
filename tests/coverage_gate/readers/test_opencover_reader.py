"""OpenCover: lines where sequence points start, outcomes of branch points, skipped modules left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, Function, LineBranches, Report, Totals, numbers_of
from coverage_gate.readers.opencover import READER, read
from coverage_gate.readers.source import Source

FILES = '<File uid="1" fullPath="C:\\src\\A.cs"/><File uid="2" fullPath="/_/B.cs"/>'


def module(methods: str, files: str = FILES, more: str = "") -> str:
    return (
        f"<Module{more}><ModuleName>m</ModuleName><Files>{files}</Files><Classes><Class><FullName>N.A</FullName>"
        f"<Methods>{methods}</Methods></Class></Classes></Module>"
    )


def method(points: str, branches: str = "", name: str = "System.Void N.A::Run(System.Int32)") -> str:
    return (
        f'<Method><Summary numSequencePoints="77"/><Name>{name}</Name><FileRef uid="1"/>'
        f"<SequencePoints>{points}</SequencePoints><BranchPoints>{branches}</BranchPoints>"
        '<MethodPoint vc="9" sl="1" fileid="1"/></Method>'
    )


def point(line: object, visits: object, more: str = ' fileid="1"') -> str:
    return f'<SequencePoint vc="{visits}" sl="{line}" sc="1" el="{line}"{more}/>'


def branch(line: int, visits: int, way: int, offset: int = 7) -> str:
    return f'<BranchPoint vc="{visits}" path="{way}" offset="{offset}" sl="{line}" fileid="1"/>'


def document(modules: str, summary: str = "", root: str = "") -> str:
    return f"<?xml version='1.0'?>\n<CoverageSession{root}>{summary}<Modules>{modules}</Modules></CoverageSession>"


def report_of(text: str, folder: Path) -> Report:
    path = folder / "opencover.xml"
    path.write_text(text, encoding="utf-8")
    return read(Source("opencover.xml", path, folder))


def test_a_line_counts_where_a_point_starts_and_any_visit_covers_it(tmp_path: Path) -> None:
    points = point(3, 0) + point(3, 2) + point(4, 0) + point(9, 1, ' fileid="2"')
    one, other = report_of(document(module(method(points))), tmp_path).files
    assert (one.path, list(numbers_of(one.lines)), list(numbers_of(one.covered))) == ("C:/src/A.cs", [3, 4], [3])
    assert (other.path, other.line_counts) == ("/_/B.cs", Counts(1, 1))


def test_branch_points_are_known_by_method_offset_and_path(tmp_path: Path) -> None:
    first = method(point(3, 1), branch(3, 1, 0) + branch(3, 0, 1) + branch(3, 0, 0, offset=9))
    again = method(point(3, 1), branch(3, 0, 0) + branch(3, 0, 1))
    lambda_on_the_line = method(point(3, 1), branch(3, 5, 0), name="System.Void N.A::Lambda()")
    report = report_of(document(module(first + again + lambda_on_the_line)), tmp_path)
    (here,) = report.files[0].branches.values()
    assert here[:3] == LineBranches(2, 4, 2)[:3]
    assert here.named
    assert "System.Void N.A::Run(System.Int32) 7 0" in here.taken


def test_one_source_in_two_modules_is_one_file(tmp_path: Path) -> None:
    numbered_otherwise = '<File uid="5" fullPath="C:\\src\\A.cs"/>'
    second = module(method(point(3, 1, ' fileid="5"')), numbered_otherwise)
    report = report_of(document(module(method(point(3, 0))) + second), tmp_path)
    assert report.totals.lines == Counts(1, 1)


def test_a_skipped_module_is_left_out(tmp_path: Path) -> None:
    skipped = module(method(point(3, 0), branch(3, 0, 0)), more=' skippedDueTo="Filter"')
    report = report_of(document(skipped + module(method(point(5, 1)))), tmp_path)
    assert report.totals == Totals(Counts(1, 1))


def test_hidden_points_are_no_lines(tmp_path: Path) -> None:
    branches = branch(0xFEEFEE, 1, 0) + branch(0, 1, 1)
    report = report_of(document(module(method(point(0xFEEFEE, 1) + point(0, 1) + point(2, 1), branches))), tmp_path)
    assert report.totals == Totals(Counts(1, 1))


def test_old_reports_say_the_file_of_the_method_and_no_branch_line(tmp_path: Path) -> None:
    points = point(3, 1, ' offset="0"') + point(8, 1, ' offset="20"')
    branches = '<BranchPoint vc="1" path="0" offset="22"/><BranchPoint vc="0" path="1" offset="22"/>'
    (file,) = report_of(document(module(method(points, branches))), tmp_path).files
    assert {line: here[:2] for line, here in file.branches.items()} == {8: (1, 2)}


def test_points_of_no_listed_file_are_said_not_counted(tmp_path: Path) -> None:
    nowhere = method(point(3, 1), '<BranchPoint vc="1" path="0" offset="2"/>')
    report = report_of(document(module(nowhere, files="")), tmp_path)
    assert (report.files, report.doubts) == ((), ("2 points belong to no file the report lists and were not counted.",))


def test_methods_have_a_short_name_and_a_range(tmp_path: Path) -> None:
    points = (
        point(5, 1) + '<SequencePoint vc="1" sl="3" el="9" fileid="1"/>' + '<SequencePoint vc="1" sl="4" fileid="1"/>'
    )
    (file,) = report_of(document(module(method(points))), tmp_path).files
    assert file.functions == (Function("N.A::Run", 3, 9),)


def summary(points: tuple[int, int], branches: tuple[int, int], methods: tuple[int, int]) -> str:
    return (
        f'<Summary visitedSequencePoints="{points[0]}" numSequencePoints="{points[1]}" '
        f'visitedBranchPoints="{branches[0]}" numBranchPoints="{branches[1]}" '
        f'visitedMethods="{methods[0]}" numMethods="{methods[1]}"/>'
    )


@pytest.mark.parametrize("branches", [(1, 2), (2, 3)])
def test_a_summary_counts_points_with_or_without_method_entries(tmp_path: Path, branches: tuple[int, int]) -> None:
    inside = module(method(point(3, 1) + point(3, 0), branch(3, 1, 0) + branch(3, 0, 1)))
    report = report_of(document(inside, summary((1, 2), branches, (1, 1))), tmp_path)
    assert report.claimed == Totals(Counts(1, 2), Counts(*branches))
    assert (report.totals, report.doubts) == (Totals(Counts(1, 1), Counts(1, 2)), ())


def test_a_summary_that_differs_is_doubted(tmp_path: Path) -> None:
    report = report_of(document(module(method(point(3, 1))), summary((5, 9), (3, 4), (0, 0))), tmp_path)
    assert report.doubts == (
        "The header claims 5 of 9 sequence points visited, but what the report lists adds up to 1 of 1.",
        "The header claims 3 of 4 branch points visited, but what the report lists adds up to 0 of 0.",
    )


def test_the_version_shows_the_tool(tmp_path: Path) -> None:
    report = report_of(document("", root=' Version="4.6.601.0"'), tmp_path)
    assert (report.tool, report.version) == ("OpenCover", "4.6.601.0")
    report = report_of(document(""), tmp_path)
    assert (report.tool, report.version, report.claimed) == ("", "", None)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (module(method(point("x", 1))), 'sl="x"'),
        (module(method(point(1, "x"))), 'vc="x"'),
        (module(method(point(10_000_001, 1))), "10000000 lines"),
        (module(method('<SequencePoint sl="1"/>')), "no `vc`"),
        (module(method(point(1, 1), '<BranchPoint vc="1"/>')), "no `offset`"),
        ("".join(module(method(point(9_999_999, 1)), f'<File uid="1" fullPath="{n}"/>') for n in range(60)), "128 MiB"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, inside: str, words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        report_of(document(inside), tmp_path)
    assert words in caught.value.reason


def test_every_cut_of_a_report_is_refused(tmp_path: Path) -> None:
    whole = document(module(method(point(3, 1), branch(3, 1, 0))))
    for cut in range(len(whole)):
        with pytest.raises(Unreadable):
            report_of(whole[:cut], tmp_path)
    assert report_of(whole, tmp_path).complete


@pytest.mark.parametrize(("text", "expected"), [("<CoverageSession>", True), ("<coverage>", False), ("{}", False)])
def test_opencover_is_told_from_other_formats(text: str, expected: bool) -> None:
    assert READER.recognises(text.encode()) is expected
