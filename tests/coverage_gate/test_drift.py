"""Coverage that moved because the measurement changed is told apart from what the change did."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from coverage_gate.delta import attribute
from coverage_gate.drift import Drift, detect
from coverage_gate.evidence import Baseline, ChangedFile, Diff, FileRecord
from coverage_gate.model import Counts, FileCoverage, lines_of

TEN = lines_of(range(1, 11))
NO_CHANGE = Diff("base", "head", {})


def baseline(files: dict[str, FileRecord], *, version: str = "7.6.12", format: str = "cobertura") -> Baseline:  # noqa: A002
    covered = sum(file.covered.bit_count() for file in files.values())
    total = sum(file.lines.bit_count() for file in files.values())
    return Baseline("1" * 40, "coverage.py", version, format, 0.0, Counts(covered, total), Counts(0, 0), files)


def seen(
    base: Baseline,
    now: dict[str, FileCoverage],
    diff: Diff = NO_CHANGE,
    *,
    version: str = "7.6.12",
    format: str = "cobertura",  # noqa: A002
) -> Drift | None:
    return detect(base, attribute(base, now, diff), tool="coverage.py", version=version, format=format)


NINE_OF_TEN = {"a.py": FileRecord(TEN, lines_of(range(1, 10)))}
FIVE_COUNTED = {"a.py": FileCoverage("a.py", lines_of([1, 2, 3, 4, 10]), lines_of([1, 2, 3, 4]))}


def test_another_version_of_the_tool_is_named_with_what_it_moved() -> None:
    drift = seen(baseline(NINE_OF_TEN), FIVE_COUNTED, version="7.17.3")
    assert drift == Drift(
        Fraction(-10),
        Fraction(90),
        Fraction(80),
        "coverage.py 7.6.12 -> coverage.py 7.17.3 moves lines that this change does not touch from 90.00 % to 80.00 %: "
        "not your change.",
    )


def test_another_format_of_the_same_tool_is_named() -> None:
    drift = seen(baseline(NINE_OF_TEN), FIVE_COUNTED, format="lcov")
    assert drift is not None
    assert drift.sentence.startswith("coverage.py 7.6.12 (cobertura) -> coverage.py 7.6.12 (lcov) moves lines")


def test_a_tool_without_a_name_goes_by_its_format() -> None:
    base = baseline(NINE_OF_TEN)
    drift = detect(base, attribute(base, FIVE_COUNTED, NO_CHANGE), tool="", version="", format="lcov")
    assert drift is not None
    assert drift.sentence.startswith("coverage.py 7.6.12 -> lcov moves lines")


def test_a_new_version_that_moves_nothing_is_not_worth_a_word() -> None:
    same = {"a.py": FileCoverage("a.py", TEN, lines_of(range(1, 10)))}
    assert seen(baseline(NINE_OF_TEN), same, version="8.0") is None


def test_lines_that_no_longer_run_are_no_drift() -> None:
    worse = {"a.py": FileCoverage("a.py", TEN, lines_of([1]))}
    assert seen(baseline(NINE_OF_TEN), worse, version="8.0") is None


def test_what_the_change_did_itself_is_no_drift() -> None:
    new = Diff("base", "head", {"b.py": ChangedFile("b.py", "", added=TEN)})
    now = {"a.py": FileCoverage("a.py", TEN, lines_of(range(1, 10))), "b.py": FileCoverage("b.py", TEN, 0)}
    assert seen(baseline(NINE_OF_TEN), now, new) is None


def test_a_small_wobble_under_the_same_tool_is_not_worth_a_word_but_a_large_one_is() -> None:
    thousand = lines_of(range(1, 2001))
    base = baseline({"a.py": FileRecord(thousand, thousand)})
    assert seen(base, {"a.py": FileCoverage("a.py", thousand | 1 << 2001, thousand)}) is None
    more = lines_of(range(2001, 2010))
    drift = seen(base, {"a.py": FileCoverage("a.py", thousand | more, thousand)})
    assert drift is not None
    assert drift.sentence == (
        "Lines that this change does not touch are counted in another way than in the baseline, which moves them "
        "from 100.00 % to 99.55 %: not your change."
    )


def test_a_shard_that_did_not_report_is_suspected_by_name() -> None:
    base = baseline({f"{name}.py": FileRecord(TEN, TEN if name > "a" else 0) for name in "abcde"})
    now = {"a.py": FileCoverage("a.py", TEN, 0)}
    drift = seen(base, now)
    assert drift is not None
    assert drift.sentence == (
        "4 untouched files (`b.py`, `c.py`, `d.py` and 1 more) are no longer measured (did every shard report?), which "
        "moves untouched code from 80.00 % to 0.00 %: not your change."
    )


def test_a_file_measured_for_the_first_time_is_named() -> None:
    now = {"a.py": FileCoverage("a.py", TEN, lines_of(range(1, 10))), "b.py": FileCoverage("b.py", TEN, 0)}
    drift = seen(baseline(NINE_OF_TEN), now)
    assert drift is not None
    assert drift.sentence.startswith(
        "1 untouched file (`b.py`) is measured for the first time, which moves untouched code"
    )


@pytest.mark.parametrize("now", [{}, {"a.py": FileCoverage("a.py")}])
def test_without_anything_left_to_compare_nothing_is_said(now: dict[str, FileCoverage]) -> None:
    assert seen(baseline(NINE_OF_TEN), now) is None
    assert seen(baseline({}), FIVE_COUNTED) is None


CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "coverage" / "coveragepy"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus (../shared/corpus) is not here")
def test_docstrings_that_one_version_of_coverage_py_lists_are_no_drift() -> None:
    """The suite of pluggy 1.5.0 as 7.4.4 and 7.6.12 saw it: 731 lines listed as executed, 712 of 740 counted."""
    from coverage_gate.readers import read
    from coverage_gate.readers.source import Source

    old, new = (
        read(Source(name, CORPUS / name, CORPUS))
        for name in ("pluggy-7.4.4.format2.json", "pluggy-7.6.12.format3.json")
    )
    assert json.loads((CORPUS / "pluggy-7.4.4.format2.json").read_bytes())["meta"]["version"] == "7.4.4"
    files = {file.path: FileRecord(file.lines, file.covered, file.uncounted) for file in old.files}
    base = Baseline("1" * 40, old.tool, old.version, old.format, 0.0, old.totals.lines, Counts(0, 0), files)
    delta = attribute(base, {file.path: file for file in new.files}, NO_CHANGE, current=new.totals.lines)
    assert (delta.before, delta.after) == (Counts(712, 740), Counts(712, 740))
    assert all(part == (0, 0) for part in delta.parts.values())
    assert detect(base, delta, tool=new.tool, version=new.version, format=new.format) is None
