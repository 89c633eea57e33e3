"""Records of one file merge to the same whole in any order and grouping."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.xmldoc import Malformed
from coverage_gate.model import Counts, FileCoverage, LineBranches, Totals
from coverage_gate.readers.xml_tally import LineRecords, Tally, better


@st.composite
def outcomes(draw: st.DrawFn) -> LineBranches:
    total = draw(st.integers(1, 3))
    covered = draw(st.integers(0, total))
    names = frozenset(draw(st.lists(st.sampled_from("abc"), max_size=total - covered)))
    return LineBranches(covered, total, covered, missing=names)


Record = tuple[int, bool, LineBranches | None]
RECORDS = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.none() | outcomes()), max_size=8)


def merged(groups: list[list[Record]]) -> tuple[FileCoverage, ...]:
    tally = Tally()
    tally.add("a.c", 0, 0)
    for group in groups:
        records = LineRecords()
        for record in group:
            records.add(*record)
        tally.add_records("a.c", records)
    return tally.files()


@given(RECORDS, st.randoms(use_true_random=False), st.integers(0, 8))
def test_records_merge_to_the_same_file_however_they_are_split(
    records: list[Record], order: random.Random, cut: int
) -> None:
    shuffled = list(records)
    order.shuffle(shuffled)
    assert merged([records]) == merged([shuffled[:cut], shuffled[cut:]])


@given(outcomes(), outcomes(), outcomes())
def test_the_better_of_several_does_not_depend_on_their_order(
    a: LineBranches, b: LineBranches, c: LineBranches
) -> None:
    assert len({better(better(x, y), z) for x, y, z in permutations((a, b, c))}) == 1


def test_a_summary_gives_way_to_lines() -> None:
    tally = Tally()
    tally.add_summary("a.c", Totals(Counts(1, 9)))
    tally.add_summary("a.c", Totals(Counts(2, 9), Counts(1, 2)))
    assert tally.files()[0].line_counts == Counts(3, 18)
    tally.add("a.c", 0b110, 0b100)
    assert tally.files()[0].line_counts == Counts(1, 2)


@pytest.mark.parametrize("number", [-1, 10_000_001])
def test_a_line_number_no_file_has_is_refused(number: int) -> None:
    with pytest.raises(Malformed, match="no file has more than 10000000 lines"):
        LineRecords().add(number, is_covered=True)
