"""The recorded baseline: the same bytes for the same record, nothing believed unchecked, the nearest one chosen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from coverage_gate.baseline import (
    Index,
    IndexEntry,
    adjust,
    dump,
    dump_index,
    load,
    load_index,
)
from coverage_gate.diff import parse
from coverage_gate.evidence import Baseline, ChangedFile, Diff, FileRecord
from coverage_gate.model import LINE_LIMIT, Counts, lines_of
from coverage_gate.record import RECORDS

SHA = "0123456789abcdef0123456789abcdef01234567"


def record(**fields: object) -> Baseline:
    usual: dict[str, Any] = {
        "sha": SHA,
        "tool": "coverage.py",
        "version": "7.6.12",
        "format": "cobertura",
        "measured_at": 1_700_000_000.5,
        "lines": Counts(4, 6),
        "branches": Counts(1, 2),
        "files": {
            "src/ü.py": FileRecord(lines_of([1, 2, 300]), lines_of([1, 2]), 1),
            "a.py": FileRecord(lines_of([1, 2, 3, 4]), lines_of([1, 2, 3])),
        },
        "suites": {"unit": (Counts(3, 6), Counts(0, 0))},
    }
    return Baseline(**{**usual, **fields})


def entry(number: int, at: float, **fields: object) -> IndexEntry:
    return replace(IndexEntry(sha=f"{number:040x}", recorded_at=at, lines=Counts(1, 2)), **fields)  # type: ignore[arg-type]


def test_records_lie_where_the_history_branch_keeps_them() -> None:
    assert RECORDS.index_path == "coverage-gate/index.json"
    assert RECORDS.commit_path(SHA) == f"coverage-gate/commits/{SHA}.json"


def test_a_record_is_read_back_as_it_was_written() -> None:
    assert load(dump(record())) == record()
    assert load(dump(record(distance=7))).distance == 0


def test_the_same_record_gives_the_same_bytes_in_whatever_order_it_was_gathered() -> None:
    files = record().files
    turned = record(files=dict(reversed(list(files.items()))))
    assert dump(turned) == dump(record())
    assert dump(record()).isascii()
    assert dump(record()).endswith(b"\n")


def test_a_record_is_compact() -> None:
    lines = lines_of(range(1, 10_001))
    files = {f"{n}.py": FileRecord(lines, lines) for n in range(100)}
    assert len(dump(record(files=files))) < 100 * 10_000 * 2 / 4 + 5_000, "a million lines in half a megabyte"


LINE_SETS = st.sets(st.integers(1, 200)).map(lines_of)


@given(
    st.dictionaries(st.text(max_size=5), st.tuples(LINE_SETS, LINE_SETS, st.integers(0, 5)), max_size=4),
    st.floats(0, 1e12),
    st.text(max_size=5),
)
def test_any_record_survives(files: dict[str, tuple[int, int, int]], measured_at: float, tool: str) -> None:
    kept = {}
    for path, (lines, ran, uncounted) in files.items():
        covered = ran & lines
        kept[path] = FileRecord(lines, covered, min(uncounted, covered.bit_count()))
    before = record(files=kept, measured_at=measured_at, tool=tool)
    assert load(dump(before)) == before


def test_names_that_are_no_text_survive() -> None:
    before = record(files={"\udcff.py": FileRecord(2, 2)})
    assert load(dump(before)) == before


def damaged(**fields: object) -> bytes:
    document = json.loads(dump(record()))
    document.update(fields)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not JSON, or cut short"),
        (dump(record())[:-20], "is not JSON, or cut short"),
        (b"\xff\xfe", "is not JSON, or cut short"),
        (b"[" * 100_000, "is not JSON, or cut short"),
        (b"[]", "something else where an object belongs"),
        (b'{"coverage": 80}', "is not a coverage-gate/baseline file"),
        (dump_index(Index()), "is not a coverage-gate/baseline file"),
        (damaged(schema=2), "has schema 2; this version reads schema 1: use the version that wrote it"),
        (damaged(schema="9" * 99), "has schema 99999999999999999999;"),
        (damaged(sha="HEAD"), "names no commit"),
        (damaged(sha=None), "names no commit"),
        (damaged(tool=1), "something else where a text belongs"),
        (damaged(measured_at="now"), "something else where a time belongs"),
        (damaged(measured_at=True), "something else where a time belongs"),
        (damaged(measured_at=-1), "something else where a time belongs"),
        (damaged(measured_at=float("inf")), "something else where a time belongs"),
        (damaged(lines=[2, 1]), "says that 2 of 1 are covered"),
        (damaged(lines=[1]), "something else where a list of 2 belongs"),
        (damaged(lines=[1, 10**13]), "something else where a count belongs"),
        (damaged(lines=[True, 2]), "something else where a count belongs"),
        (damaged(lines=[-1, 2]), "something else where a count belongs"),
        (damaged(branches=None), "something else where a list of 2 belongs"),
        (damaged(suites={"unit": [[1, 2]]}), "something else where a list of 2 belongs"),
        (damaged(files=[]), "something else where an object belongs"),
        (damaged(files={"a": ["6", "6"]}), "something else where a list of 3 belongs"),
        (damaged(files={"a": ["6", "6", 3]}), "more covered lines than executable ones"),
        (damaged(files={"a": ["2", "6", 0]}), "more covered lines than executable ones"),
        (damaged(files={"a": ["7", "6", 0]}), "has a line 0"),
        (damaged(files={"a": ["0x6", "6", 0]}), "something else where a set of lines belongs"),
        (damaged(files={"a": ["", "", 0]}), "something else where a set of lines belongs"),
        (damaged(files={"a": ["f" * (LINE_LIMIT // 4 + 2), "0", 0]}), "something else where a set of lines belongs"),
        (dump(record()).replace(b'"lines":[4,6]', b'"lines":[4,' + b"9" * 5000 + b"]"), "is not JSON"),
    ],
)
def test_a_record_that_cannot_be_is_unreadable_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        load(data)
    assert reason in str(unreadable.value)
    assert str(unreadable.value).startswith("the recorded baseline: ")


@given(st.binary(max_size=60), st.integers(0, 400))
def test_no_damage_makes_it_raise_anything_else(noise: bytes, at: int) -> None:
    whole = dump(record())
    for read, data in ((load, whole), (load_index, dump_index(Index((entry(1, 1.0),))))):
        at = min(at, len(data))
        try:
            read(data[:at] + noise + data[at + len(noise) :])
        except Unreadable:
            continue


def test_an_index_is_read_back_as_it_was_written() -> None:
    index = Index(
        (
            entry(
                2,
                20.0,
                branches=Counts(1, 3),
                tool="JaCoCo",
                version="0.8",
                format="jacoco",
                headline="84.10 %",
                parents=(SHA,),
                suites={"unit": (Counts(1, 2), Counts(0, 0))},
            ),
            entry(1, 10.0),
        )
    )
    assert load_index(dump_index(index)) == index
    assert load_index(dump_index(Index())) == Index()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        dump(record()),
        dump_index(Index((entry(1, 1.0),))).replace(b'"sha":"00', b'"sha":"zz'),
        dump_index(Index((entry(1, 1.0),))).replace(b'"parents":[]', b'"parents":["../x"]'),
        dump_index(Index((entry(1, 1.0),))).replace(b'"entries":[{', b'"entries":[3,{'),
    ],
)
def test_an_index_that_cannot_be_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable, match="the index of recorded baselines"):
        load_index(data)


DELETES_COVERED_CODE = b"""diff --git a/a.py b/a.py
index 1..2 100644
--- a/a.py
+++ b/a.py
@@ -2,2 +1,0 @@
-two
-three
@@ -9,0 +8,2 @@
+ten
+eleven
"""


def test_what_the_change_deletes_is_taken_out_of_the_base() -> None:
    base = record(
        lines=Counts(5, 6),
        files={
            "a.py": FileRecord(lines_of([1, 2, 3, 9]), lines_of([2, 3, 9])),
            "b.py": FileRecord(lines_of([1, 2]), lines_of([1, 2])),
        },
    )
    adjusted = adjust(base, parse(DELETES_COVERED_CODE, SHA, "head"))
    assert adjusted.lines == Counts(3, 4)
    assert adjusted.files["a.py"] == FileRecord(lines_of([1, 7]), lines_of([7]))
    assert adjusted.files["b.py"] == base.files["b.py"]
    assert adjusted.branches == base.branches


def test_a_deleted_file_leaves_the_base_and_a_renamed_one_keeps_its_lines() -> None:
    base = record(lines=Counts(3, 4), files={"a.py": FileRecord(0b110, 0b010, 0), "b.py": FileRecord(0b110, 0b110, 0)})
    diff = Diff(
        "",
        "",
        {
            "a.py": ChangedFile("a.py", "a.py", removed=True),
            "lib/b.py": ChangedFile("lib/b.py", "b.py"),
            "new.py": ChangedFile("new.py", ""),
        },
    )
    adjusted = adjust(base, diff)
    assert adjusted.files == {"lib/b.py": base.files["b.py"]}
    assert adjusted.lines == Counts(2, 2)


def test_a_file_whose_changed_lines_are_unknown_stays_in_the_base() -> None:
    base = record()
    diff = Diff("", "", {"a.py": ChangedFile("a.py", "a.py", known=False)})
    assert adjust(base, diff) == base


def test_files_that_trade_places_keep_their_own_lines() -> None:
    base = record(lines=Counts(1, 3), files={"a.py": FileRecord(0b10, 0b10), "b.py": FileRecord(0b110, 0)})
    swapped = Diff("", "", {"a.py": ChangedFile("a.py", "b.py"), "b.py": ChangedFile("b.py", "a.py")})
    assert adjust(base, swapped).files == {"a.py": base.files["b.py"], "b.py": base.files["a.py"]}
    assert adjust(base, swapped).lines == base.lines


def test_uncounted_lines_never_outnumber_the_covered_ones_left() -> None:
    base = record(lines=Counts(1, 2), files={"a.py": FileRecord(lines_of([2, 3, 9]), lines_of([2, 3]), 1)})
    adjusted = adjust(base, parse(DELETES_COVERED_CODE, SHA, "head"))
    assert adjusted.files["a.py"] == FileRecord(lines_of([7]), 0, 0)
    assert adjusted.lines == Counts(0, 1)


def test_totals_that_are_no_sum_never_go_below_zero() -> None:
    base = record(lines=Counts(1, 1), files={"a.py": FileRecord(lines_of([2, 3]), lines_of([2, 3]))})
    assert adjust(base, parse(DELETES_COVERED_CODE, SHA, "head")).lines == Counts(0, 0)
