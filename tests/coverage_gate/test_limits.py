"""Limits: compared as integers, and only where all readings agree."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage_gate.evidence import Measure
from coverage_gate.limits import is_empty, judged, meets, needed, plain, readings, worst
from coverage_gate.model import Counts

counts = st.integers(1, 5000).flatmap(lambda total: st.builds(Counts, st.integers(0, total), st.just(total)))
limits = st.fractions(0, 100, max_denominator=1000)


@pytest.mark.parametrize(
    ("covered", "total", "limit", "met"),
    [
        (79996, 100000, "80", False),
        (80, 100, "80", True),
        (2071, 2072, "100", False),
        (2072, 2072, "100", True),
        (0, 1, "0", True),
        (1, 3, "33.33", True),
        (1, 3, "33.34", False),
    ],
)
def test_rounding_never_decides(covered: int, total: int, limit: str, met: bool) -> None:
    assert meets(Counts(covered, total), Fraction(limit)) is met


@given(counts, limits)
def test_comparing_integers_is_comparing_fractions(here: Counts, limit: Fraction) -> None:
    assert meets(here, limit) == (Fraction(100 * here.covered, here.total) >= limit)


@given(counts, limits)
def test_what_is_needed_is_enough_and_one_less_is_not(here: Counts, limit: Fraction) -> None:
    more = needed(here, limit)
    assert meets(Counts(here.covered + more, here.total), limit)
    assert more == 0 or not meets(Counts(here.covered + more - 1, here.total), limit)


def test_readings_that_differ_about_a_limit_give_no_answer() -> None:
    unsure = Measure(Counts(80, 100), Counts(75, 100), Counts(85, 100), "why")
    assert judged(unsure, Fraction(75)) is True
    assert judged(unsure, Fraction(80)) is None
    assert judged(unsure, Fraction(86)) is False
    assert worst(unsure) == Counts(75, 100)


def test_nothing_counted_but_something_claimed_is_no_answer() -> None:
    measure = Measure(Counts(0, 0), Counts(0, 0), Counts(9, 10), "the header claims lines")
    assert not is_empty(measure)
    assert judged(measure, Fraction(50)) is None
    assert is_empty(Measure.certain(Counts(0, 0)))
    assert worst(Measure.certain(Counts(0, 0))) == Counts(0, 0)


def test_equal_readings_are_one() -> None:
    assert readings(Measure.certain(Counts(1, 2))) == (Counts(1, 2),)


@pytest.mark.parametrize(
    ("number", "text"),
    [("85", "85"), ("79.5", "79.5"), ("0.05", "0.05"), ("-0.5", "-0.5"), ("1/3", "0.333333"), ("-1/3", "-0.333333")],
)
def test_a_limit_reads_as_it_was_written(number: str, text: str) -> None:
    assert plain(Fraction(number)) == text
