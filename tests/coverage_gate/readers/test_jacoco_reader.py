"""JaCoCo: source files are counted, groups of any depth, the header is the root's counters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench import reports

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, Function, LineBranches, Report, Totals, numbers_of
from coverage_gate.readers.jacoco import READER, read, read_document
from coverage_gate.readers.jacoco_fast import scan
from coverage_gate.readers.source import Source

HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'
)


def counter(kind: str, missed: int, covered: int) -> str:
    return f'<counter type="{kind}" missed="{missed}" covered="{covered}"/>'


def line(number: object, instructions: object, branches: tuple[int, int] = (0, 0)) -> str:
    return f'<line nr="{number}" mi="1" ci="{instructions}" mb="{branches[0]}" cb="{branches[1]}"/>'


def source_file(name: str, lines: str, counters: str = "") -> str:
    return f'<sourcefile name="{name}">{lines}{counters}</sourcefile>'


def document(inside: str, package: str = "com/x", counters: str = "", head: str = HEAD) -> str:
    return f'{head}<report name="r"><package name="{package}">{inside}</package>{counters}</report>'


@pytest.fixture(params=["fast lane", "XML parser"])
def lane(request: pytest.FixtureRequest) -> str:
    """A comment behind the root sends a document from the fast lane to the XML parser."""
    return "" if request.param == "fast lane" else "<!-- to the parser -->"


def report_of(text: str, folder: Path, lane: str = "") -> Report:
    assert (scan((text + lane).encode()) is None) == bool(lane)
    path = folder / "jacoco.xml"
    path.write_text(text + lane, encoding="utf-8")
    return read(Source("jacoco.xml", path, folder))


def refusal(text: str, folder: Path) -> Unreadable:
    path = folder / "jacoco.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable) as caught:
        read(Source("jacoco.xml", path, folder))
    return caught.value


def test_a_line_is_covered_if_any_instruction_on_it_ran(tmp_path: Path, lane: str) -> None:
    text = document(source_file("A.java", line(3, 0) + line(4, 2, (1, 3)) + line(5, 1) + line(0, 1)))
    (file,) = report_of(text, tmp_path, lane).files
    assert (file.path, list(numbers_of(file.lines)), list(numbers_of(file.covered))) == (
        "com/x/A.java",
        [3, 4, 5],
        [4, 5],
    )
    assert file.branches == {4: LineBranches(3, 4, 3)}


def test_a_package_without_a_name_adds_nothing_to_the_path(tmp_path: Path, lane: str) -> None:
    (file,) = report_of(document(source_file("A.kt", line(1, 1)), package=""), tmp_path, lane).files
    assert file.path == "A.kt"


def test_groups_nest_to_any_depth(tmp_path: Path, lane: str) -> None:
    inner = f'<package name="p">{source_file("A.java", line(1, 1))}</package>'
    for depth in range(4):
        inner = f'<group name="g{depth}">{inner}{counter("LINE", 5, 5)}</group>'
    report = report_of(f'{HEAD}<report name="r">{inner}{counter("LINE", 0, 1)}</report>', tmp_path, lane)
    assert [file.path for file in report.files] == ["p/A.java"]
    assert report.claimed == report.totals == Totals(Counts(1, 1))


def test_a_path_in_two_groups_is_merged_and_doubted(tmp_path: Path, lane: str) -> None:
    modules = "".join(
        f'<group name="{name}"><package name="p">{source_file("A.java", line(n, 1))}</package></group>'
        for n, name in enumerate(("one", "two"), 1)
    )
    report = report_of(f'{HEAD}<report name="r">{modules}</report>', tmp_path, lane)
    assert report.totals.lines == Counts(2, 2)
    assert any("more than one group" in doubt and "p/A.java" in doubt for doubt in report.doubts)


def test_methods_are_named_with_their_class_and_first_line(tmp_path: Path, lane: str) -> None:
    methods = (
        f'<method name="run" desc="()V" line="9">{counter("LINE", 0, 1)}</method>'
        f'<method desc="()V" line="4" name="&lt;init&gt;">{counter("LINE", 0, 1)}</method>'
        f'<method name="lambda" desc="()V">{counter("METHOD", 0, 1)}</method>'
        '<method name="nowhere" desc="()V" line="0"></method>'
    )
    the_class = f'<class name="com/x/A$B" sourcefilename="A.java">{methods}{counter("LINE", 0, 2)}</class>'
    text = document(the_class + '<class name="com/x/I" sourcefilename="A.java"/>' + source_file("A.java", line(4, 1)))
    (file,) = report_of(text, tmp_path, lane).files
    assert file.functions == (Function("A$B.<init>", 4, 0), Function("A$B.run", 9, 0))


def test_root_counters_are_the_claim_and_a_disagreement_is_doubted(tmp_path: Path, lane: str) -> None:
    counters = counter("LINE", 3, 4) + counter("BRANCH", 1, 1)
    report = report_of(document(source_file("A.java", line(1, 1, (1, 1))), counters=counters), tmp_path, lane)
    assert report.claimed == Totals(Counts(4, 7), Counts(1, 2))
    assert report.totals == Totals(Counts(1, 1), Counts(1, 2))
    assert report.doubts == ("The header claims 4 of 7 lines covered, but what the report lists adds up to 1 of 1.",)


def test_a_source_file_without_lines_counts_by_its_counters(tmp_path: Path, lane: str) -> None:
    counters = counter("LINE", 1, 2) + counter("BRANCH", 1, 3)
    (file,) = report_of(document(source_file("A.java", "", counters)), tmp_path, lane).files
    assert (file.line_counts, file.branch_counts, file.lines) == (Counts(2, 3), Counts(3, 4), 0)


def test_a_class_without_a_source_file_counts_by_its_counters(tmp_path: Path, lane: str) -> None:
    classes = (
        f'<class name="com/x/A">{counter("LINE", 1, 2)}</class>'
        f'<class name="com/x/B" sourcefilename="B.java">{counter("LINE", 0, 1)}</class>'
        f'<class name="com/x/B$1" sourcefilename="B.java">{counter("LINE", 1, 0)}</class>'
        f'<class name="com/x/C" sourcefilename="C.java">{counter("LINE", 9, 9)}</class>'
    )
    report = report_of(document(classes + source_file("C.java", line(1, 1))), tmp_path, lane)
    assert {file.path: file.line_counts for file in report.files} == {
        "com/x/C.java": Counts(1, 1),
        "com/x/A": Counts(2, 3),
        "com/x/B.java": Counts(1, 2),
    }


def test_code_without_line_numbers_is_not_counted_but_said(tmp_path: Path, lane: str) -> None:
    the_class = f'<class name="com/x/A">{counter("INSTRUCTION", 5, 5)}</class>'
    report = report_of(document(the_class), tmp_path, lane)
    assert report.totals == Totals(Counts(0, 0))
    assert "1 classes or source files have code but no line numbers" in report.doubts[0]


def test_the_last_session_dates_the_report(tmp_path: Path, lane: str) -> None:
    sessions = "".join(f'<sessioninfo id="s" start="1" dump="{dump}"/>' for dump in (1700000001000, 1700000003000, 1))
    report = report_of(f'{HEAD}<report name="r">{sessions}</report>', tmp_path, lane)
    assert report.measured_at == 1_700_000_003.0
    assert report_of(f'{HEAD}<report name="r"></report>', tmp_path, lane).measured_at is None


@pytest.mark.parametrize(
    ("title", "tool"), [("Pester (01/01/2025)", "Pester"), ("Intellij Coverage Report", "Kover"), ("shop", "")]
)
def test_the_title_may_show_the_tool(tmp_path: Path, lane: str, title: str, tool: str) -> None:
    assert report_of(f'{HEAD}<report name="{title}"></report>', tmp_path, lane).tool == tool


def test_a_generated_report_adds_up_to_what_the_generator_wrote(tmp_path: Path, lane: str) -> None:
    path = tmp_path / "big.xml"
    written = reports.write("jacoco", path, reports.Shape(lines=10_007, files=200))
    report = report_of(path.read_text(encoding="utf-8"), tmp_path, lane)
    assert report.totals == Totals(
        Counts(written.lines_covered, written.lines), Counts(written.branches_covered, written.branches)
    )
    assert report.totals == report.claimed
    assert report.doubts == ()


def test_branch_counts_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "jacoco.xml"
    path.write_text(document(source_file("A.ps1", '<line nr="1" ci="1"/>')), encoding="utf-8")
    assert read(Source("j", path, tmp_path)).totals == Totals(Counts(1, 1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (document(source_file("A", line("x", 1))), 'nr="x"'),
        (document(source_file("A", line(1, "x"))), 'ci="x"'),
        (document(source_file("A", line(10_000_001, 1))), "10000000 lines"),
        (document(source_file("A", line(1, 1, (-1, 1)))), "negative branch count"),
        (document(source_file("A", "", counter("LINE", -1, 0))), "negative count"),
        (document("<sourcefile><line/></sourcefile>"), "no `name`"),
        (document("<sourcefile/>"), "no `name`"),
        (document(source_file("A", source_file("B", ""))), "inside a <sourcefile>"),
        (document(line(1, 1)), "outside any <sourcefile>"),
        (document('<class name="A"><method name="m" line="x"/></class>'), 'line="x"'),
        ("<html/>", "not <report>"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(text, tmp_path).reason


FULL = document(
    '<class name="A" sourcefilename="A.java"><method name="m" desc="()V" line="4">'
    + counter("LINE", 0, 1)
    + "</method>"
    + counter("LINE", 0, 1)
    + "</class>"
    + source_file("A.java", line(4, 1, (1, 1)) + line(5, 0), counter("LINE", 1, 1)),
    counters=counter("LINE", 1, 1),
).replace('<report name="r">', '<report name="r"><sessioninfo id="i" start="1" dump="1700000000000"/>')


def test_every_cut_of_a_report_is_refused(tmp_path: Path) -> None:
    for cut in range(len(FULL)):
        refusal(FULL[:cut], tmp_path)
    assert report_of(FULL, tmp_path).complete


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<report name="r">', '<report name="r" name="s">'),
        ('<class name="A"', '<class name="A" name="B"'),
        (' desc="()V"', ' desc="()V" desc="()V"'),
        (' line="4"', ' line="a"'),
        ("<method ", "<method a='1' "),
        ("</method>", ""),
        ("</class>", ""),
        ("</class>", "<class/></class>"),
        ("</sourcefile>", ""),
        ("</package>", "</group>"),
        ("</package>", ""),
        ("</package>", "</package><package/>"),
        ("</report>", "</report><report/>"),
        ("</report>", "</report>x"),
        ('<package name="com/x">', '<package name="com/x"><package name="y"></package>'),
        ('<package name="com/x">', '<package name="com/x">text'),
        ('<package name="com/x">', '<package name="com/x"><counter/>'),
        ('<sourcefile name="A.java">', "<sourcefile>"),
        ('<line nr="4"', '<line nr="4" nr="4"'),
        ('<line nr="5"', '<counter type="LINE" missed="1" covered="1"/><line nr="5"'),
        (' mi="1"', ' mi="-1"'),
        ('missed="0"', 'missed="x"'),
    ],
)
def test_the_fast_lane_leaves_everything_unusual_to_the_parser(old: str, new: str) -> None:
    assert scan(FULL.encode()) is not None
    assert old in FULL
    assert scan(FULL.replace(old, new).encode()) is None


SCRAPS = st.sampled_from(
    [
        *"<>&\"'/=09- \n\0é",
        *("&lt;", "&#65;", "<!-- c -->", "<![CDATA[]]>", "<line ", ' xmlns="u"', ' nr="7"', ' mi="3"', ' ci="0"'),
        *("</class>", "</method>", "</sourcefile>", "</package>", "</report>", "</group>", '<group name="g">'),
        *('<package name="q">', '<sourcefile name="Z">', '<method name="n" desc="d" line="3">'),
        counter("LINE", 2, 2),
    ]
)


@given(
    st.lists(st.tuples(st.integers(0, len(FULL)), st.integers(0, 3), SCRAPS), min_size=1, max_size=3),
    st.integers(0, 40),
)
def test_what_the_fast_lane_accepts_is_what_the_parser_reads(edits: list[tuple[int, int, str]], repeated: int) -> None:
    parts = [found[0] for found in re.finditer(r'<[^<>]*>|\s[a-z]+="[^"]*"', FULL)]
    text = FULL
    for at, lost, added in edits:
        text = text[:at] + (parts[repeated] if repeated < len(parts) else added) + text[at + lost :]
    fast = scan(text.encode())
    if fast is not None:
        assert fast.report("r") == read_document("r", text.encode()).report("r")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD, False),
        (HEAD + "<report name='r'>", True),
        ("<report><sessioninfo", True),
        ("<report><group name=''>", True),
        ("<report><suite>", False),
        ("<coverage>", False),
    ],
)
def test_jacoco_is_told_from_other_formats(text: str, expected: bool) -> None:
    assert READER.recognises(text.encode()) is expected
