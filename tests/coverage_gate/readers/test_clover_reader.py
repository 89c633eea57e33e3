"""Clover: two dialects of conditions, methods not counted, test code left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, Function, LineBranches, Report, Totals, numbers_of
from coverage_gate.readers.clover import READER, read
from coverage_gate.readers.source import Source


def document(inside: str, root: str = 'generated="1700000000000" clover="3.2.0"', name: str = "All files") -> str:
    return f'<?xml version="1.0"?>\n<coverage {root}><project timestamp="5" name="{name}">{inside}</project></coverage>'


def a_file(lines: str, path: str = "/src/a.js") -> str:
    return f'<file name="a.js" path="{path}">{lines}</file>'


def statement(number: object, hits: object) -> str:
    return f'<line num="{number}" count="{hits}" type="stmt"/>'


def metrics(statements: tuple[int, int], conditionals: tuple[int, int]) -> str:
    return (
        f'<metrics coveredstatements="{statements[0]}" statements="{statements[1]}" '
        f'coveredconditionals="{conditionals[0]}" conditionals="{conditionals[1]}"/>'
    )


def report_of(text: str, folder: Path) -> Report:
    path = folder / "clover.xml"
    path.write_text(text, encoding="utf-8")
    return read(Source("clover.xml", path, folder))


def test_statements_are_lines_and_the_path_beats_the_name(tmp_path: Path) -> None:
    inside = a_file(statement(1, 2) + statement(2, 0)) + a_file(statement(1, 1), "/src/b/a.js")
    report = report_of(document(f'<package name="p">{inside}</package>'), tmp_path)
    assert {file.path: file.line_counts for file in report.files} == {
        "/src/a.js": Counts(1, 2),
        "/src/b/a.js": Counts(1, 1),
    }


def test_a_file_may_have_its_path_in_its_name(tmp_path: Path) -> None:
    (file,) = report_of(document(f'<file name="C:\\app\\a.php">{statement(3, 1)}</file>'), tmp_path).files
    assert file.path == "C:/app/a.php"


def test_methods_are_functions_not_lines(tmp_path: Path) -> None:
    lines = (
        '<line num="3" type="method" name="run" visibility="public" count="4"/>'
        '<line num="9" type="method" signature="stop() : void" count="0"/>'
        '<line num="0" type="method" name="x" count="0"/>'
    )
    (file,) = report_of(document(a_file(lines + statement(4, 1))), tmp_path).files
    assert list(numbers_of(file.lines)) == [4]
    assert file.functions == (Function("run", 3, 0), Function("stop() : void", 9, 0))


def test_istanbul_counts_branches_taken_and_not_taken(tmp_path: Path) -> None:
    lines = (
        '<line num="7" count="9" type="cond" truecount="3" falsecount="1"/>'
        '<line num="8" count="0" type="cond" truecount="0" falsecount="0"/>'
    )
    report = report_of(document(a_file(lines)), tmp_path)
    assert report.files[0].branches == {7: LineBranches(3, 4, 3)}
    assert (report.totals, report.tool) == (Totals(Counts(1, 2), Counts(3, 4)), "Istanbul")


def test_openclover_counts_evaluations_so_a_condition_has_two_outcomes(tmp_path: Path) -> None:
    conditions = "".join(
        f'<line falsecount="{was_false}" truecount="{was_true}" num="{number}" type="cond"/>'
        for number, was_true, was_false in ((7, 900, 0), (7, 3, 5), (8, 0, 0), (0, 1, 1))
    )
    inside = f'<package name="p">{a_file(statement(7, 903) + conditions)}</package>'
    report = report_of(document(inside, 'generated="1" clover="4.5.2"', "shop"), tmp_path)
    assert report.files[0].branches == {7: LineBranches(3, 4, 3), 8: LineBranches(0, 2, 0)}
    assert (report.totals.lines, report.tool, report.version) == (Counts(1, 2), "OpenClover", "4.5.2")


def test_test_code_is_left_out_as_in_the_header(tmp_path: Path) -> None:
    tests = (
        f'<testproject timestamp="1">{metrics((9, 9), (9, 9))}<package name="t">'
        f"{a_file(statement(1, 1), 'test.java')}</package></testproject>"
    )
    text = document(metrics((1, 1), (0, 0)) + a_file(statement(1, 1))).replace("</coverage>", tests + "</coverage>")
    report = report_of(text, tmp_path)
    assert [file.path for file in report.files] == ["/src/a.js"]
    assert (report.claimed, report.doubts) == (Totals(Counts(1, 1)), ())


def test_the_metrics_of_the_project_are_the_claim_not_those_of_its_parts(tmp_path: Path) -> None:
    the_class = f'<class name="c">{metrics((7, 7), (7, 7))}</class>'
    inside = metrics((1, 2), (0, 0)) + f'<package name="p">{metrics((5, 5), (5, 5))}'
    inside += a_file(metrics((6, 6), (6, 6)) + the_class + statement(1, 1) + statement(2, 0)) + "</package>"
    report = report_of(document(inside), tmp_path)
    assert (report.claimed, report.doubts) == (Totals(Counts(1, 2)), ())


def test_several_statements_on_a_line_are_no_disagreement(tmp_path: Path) -> None:
    report = report_of(document(metrics((1, 2), (0, 0)) + a_file(statement(1, 1) + statement(1, 0))), tmp_path)
    assert (report.totals.lines, report.claimed, report.doubts) == (Counts(1, 1), Totals(Counts(1, 2)), ())


def test_a_header_that_differs_is_doubted(tmp_path: Path) -> None:
    report = report_of(document(metrics((5, 9), (3, 4)) + a_file(statement(1, 1))), tmp_path)
    assert report.doubts == (
        "The header claims 5 of 9 statements covered, but what the report lists adds up to 1 of 1.",
        "The header claims 3 of 4 branches covered, but what the report lists adds up to 0 of 0.",
    )
    assert report.believed is None


def test_the_header_is_believed_where_a_few_branches_have_no_line(tmp_path: Path) -> None:
    lines = '<line num="7" count="9" type="cond" truecount="8" falsecount="1"/>'
    report = report_of(document(metrics((1, 1), (8, 10)) + a_file(lines)), tmp_path)
    assert report.totals == Totals(Counts(1, 1), Counts(8, 10))


def test_a_file_without_lines_counts_by_its_metrics(tmp_path: Path) -> None:
    inside = a_file(metrics((2, 3), (1, 4))) + a_file(metrics((0, 0), (0, 0)), "/empty.js")
    report = report_of(document(inside), tmp_path)
    assert report.totals == Totals(Counts(2, 3), Counts(1, 4))
    assert report.files[1].summary is None


@pytest.mark.parametrize(
    ("root", "seconds"), [('generated="1700000000000"', 1.7e9), ('generated="1700000000"', 1.7e9), ("", 5.0)]
)
def test_the_report_is_dated(tmp_path: Path, root: str, seconds: float) -> None:
    assert report_of(document("", root), tmp_path).measured_at == seconds


def test_an_unknown_tool_is_not_guessed(tmp_path: Path) -> None:
    for root, name in (('clover="3.2.0"', "shop"), ("", "All files")):
        report = report_of(document("", root, name), tmp_path)
        assert (report.tool, report.version) == ("", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (document(statement(1, 1)), "outside any <file>"),
        (document(a_file(a_file(""))), "inside a <file>"),
        (document("<file/>"), "neither `path` nor `name`"),
        (document(a_file('<line num="x" count="1"/>')), 'num="x"'),
        (document(a_file('<line num="1"/>')), "no `count`"),
        (document(a_file(statement(10_000_001, 1))), "10000000 lines"),
        (document(a_file('<line num="1" count="1" type="cond" truecount="-1" falsecount="0"/>')), "negative"),
        (document(a_file('<line num="1" type="cond" truecount="1"/>')), "no `falsecount`"),
        ("<coverage><packages/></coverage>", "not Clover"),
        ("<report/>", "not <coverage>"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        report_of(text, tmp_path)
    assert words in caught.value.reason


def test_every_cut_of_a_report_is_refused(tmp_path: Path) -> None:
    whole = document(metrics((1, 1), (0, 0)) + a_file(statement(1, 1)))
    for cut in range(len(whole)):
        with pytest.raises(Unreadable):
            report_of(whole[:cut], tmp_path)
    assert report_of(whole, tmp_path).complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<coverage generated="1"><project timestamp="1">', True),
        ('<coverage clover="4.4.1" generated="1">', True),
        ('<coverage generated="1"><testproject>', True),
        ('<coverage line-rate="1"><packages>', False),
        ('<coverage version="1"><file path="a">', False),
        ("<report>", False),
        ("mode: set", False),
    ],
)
def test_clover_is_told_from_other_formats(text: str, expected: bool) -> None:
    assert READER.recognises(text.encode()) is expected
