"""Patch coverage: changed and executable lines, what nobody can say, and where annotations go."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage_gate.diff import parse
from coverage_gate.evidence import ChangedFile, Diff, PatchFile
from coverage_gate.model import Counts, FileCoverage, Totals, lines_of, numbers_of
from coverage_gate.patch import GAP, annotation_ranges, measure, unmeasured

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "coverage" / "diff"


def diff_of(*files: ChangedFile) -> Diff:
    return Diff("base", "head", {file.path: file for file in files})


def changed(path: str, added: list[int] | None = None, **others: object) -> ChangedFile:
    return ChangedFile(path, path, added=lines_of(added or []), **others)  # type: ignore[arg-type]


def measured(path: str, covered: list[int], missing: list[int]) -> FileCoverage:
    return FileCoverage(path, lines=lines_of(covered + missing), covered=lines_of(covered))


def test_only_lines_that_are_changed_and_executable_count() -> None:
    patch = measure(
        diff_of(changed("b.py", [1, 2, 3, 4]), changed("a.py", [9])),
        {"b.py": measured("b.py", [1, 2, 50], [3, 60]), "a.py": measured("a.py", [8, 9], [10])},
    )
    assert patch.lines == Counts(3, 4)
    assert [file.path for file in patch.files] == ["a.py", "b.py"]
    assert (patch.files[1].covered, patch.files[1].missing) == (lines_of([1, 2]), lines_of([3]))
    assert patch.unknown == {}


def test_a_change_without_executable_lines_is_zero_of_zero() -> None:
    patch = measure(
        diff_of(changed("a.py", [5]), changed("README.md", [1]), changed("gone.py", removed=True)),
        {"a.py": measured("a.py", [1], []), "gone.py": measured("gone.py", [1], [])},
    )
    assert (patch.lines, patch.files, patch.unknown) == (Counts(0, 0), (), {})


def test_what_cannot_be_judged_is_said_with_its_reason() -> None:
    totals = FileCoverage("totals.py", summary=Totals(Counts(3, 4)))
    patch = measure(
        diff_of(
            changed("left_out.py", known=False),
            changed("binary.py", known=False, binary=True),
            changed("totals.py", [1]),
            changed("picture.png", known=False, binary=True),
            changed("vendor/lib", known=False),
            changed("gone.py", known=False, removed=True),
        ),
        {
            "left_out.py": measured("left_out.py", [1], []),
            "binary.py": measured("binary.py", [1], []),
            "gone.py": measured("gone.py", [1], []),
            "vendor/lib/deep/x.py": measured("vendor/lib/deep/x.py", [1], []),
            "totals.py": totals,
        },
    )
    assert patch.lines == Counts(0, 0)
    assert patch.unknown == {
        "binary.py": "is binary to git, so its changed lines are unknown",
        "left_out.py": "changed in lines that the diff does not show",
        "totals.py": "is in the report with totals only, so nobody knows which of its lines ran",
        "vendor/lib": "is a submodule that changed, and files in it are measured",
    }


def test_a_file_with_totals_only_that_merely_lost_lines_is_not_unknown() -> None:
    totals = FileCoverage("totals.py", summary=Totals(Counts(3, 4)))
    gone = ChangedFile("totals.py", "totals.py", deleted=0b10, hunks=((1, 1, 0, 0),))
    assert measure(diff_of(gone), {"totals.py": totals}).unknown == {}


def test_changed_source_that_no_report_mentions_is_named() -> None:
    files = {"a.py": measured("a.py", [1], []), "Makefile": measured("Makefile", [1], [])}
    diff = diff_of(
        changed("z.py", [1]),
        changed("b.py", [1]),
        changed("unknown.py", known=False),
        changed("only_deleted.py"),
        changed("gone.py", [1], removed=True),
        changed("a.py", [1]),
        changed("README.md", [1]),
        changed("LICENSE", [1]),
    )
    assert unmeasured(diff, files) == ("b.py", "unknown.py", "z.py")


@pytest.mark.parametrize(
    ("missing", "covered", "ranges"),
    [
        ([], [], []),
        ([4], [], [(4, 4)]),
        ([4, 5, 6], [], [(4, 6)]),
        ([4, 8], [], [(4, 8)]),
        ([4, 9], [], [(4, 4), (9, 9)]),
        ([4, 6], [5], [(4, 4), (6, 6)]),
        ([4, 8], [3, 9], [(4, 8)]),
        ([4, 8, 12], [10], [(4, 8), (12, 12)]),
    ],
)
def test_annotations_bridge_gaps_of_three_lines_but_no_covered_line(
    missing: list[int], covered: list[int], ranges: list[tuple[int, int]]
) -> None:
    assert GAP == 3
    assert annotation_ranges(PatchFile("x", lines_of(covered), lines_of(missing))) == ranges
    assert annotation_ranges(PatchFile("x", 0, lines_of(missing)), lines_of(covered)) == ranges


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_annotations_hold_every_missing_line_and_no_covered_one(missing: set[int], covered: set[int]) -> None:
    covered -= missing
    ranges = annotation_ranges(PatchFile("x", lines_of(covered), lines_of(missing)))
    inside = [line for first, last in ranges for line in range(first, last + 1)]
    assert inside == sorted(set(inside))
    assert missing <= set(inside)
    assert not covered & set(inside)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus (../shared/corpus) is not here")
@pytest.mark.parametrize("name", ["add-xml", "cpp", "delete", "python-checksums", "unicode"])
def test_diff_cover_gave_the_same_verdicts(name: str) -> None:
    from coverage_gate.readers import read
    from coverage_gate.readers.source import Source

    folder = CORPUS / name
    (diff_path,) = folder.glob("git_diff_*.txt")
    (told_path,) = folder.glob("*console_report.txt")
    (report_path,) = [*folder.glob("*.xml"), *folder.glob("*.lcov")]
    report = read(Source(report_path.name, report_path, folder))
    patch = measure(parse(diff_path.read_bytes(), "", ""), {file.path: file for file in report.files})
    told = told_path.read_text()
    if "No lines with coverage information in this diff." in told:
        assert patch.lines == Counts(0, 0)
        return
    total = int(re.search(r"Total:\s+(\d+) line", told)[1])  # type: ignore[index]
    missing = int(re.search(r"Missing: (\d+) line", told)[1])  # type: ignore[index]
    assert patch.lines == Counts(total - missing, total)
    named = re.findall(r"^(\S+) \([\d.]+%\)(?:: Missing lines ([\d,-]+))?$", told, re.MULTILINE)
    assert {file.path: list(numbers_of(file.missing)) for file in patch.files} == {
        path: [int(number) for number in numbers.split(",") if number] for path, numbers in named
    }
