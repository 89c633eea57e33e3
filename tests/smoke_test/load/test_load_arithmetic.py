"""When iterations are due, what percentiles are, and when there are enough samples: against exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke_test.load.percentiles import needed, percentile
from smoke_test.load.schedule import Schedule, as_written
from smoke_test.load.series import Trend

RATES = st.integers(1, 5000)
UNITS = st.sampled_from([1.0, 60.0, 0.5, 0.3])


def test_iterations_are_due_as_in_k6_from_the_first_moment_on() -> None:
    schedule = Schedule(rate=10, time_unit=1.0, duration=0.5)
    assert [schedule.due(index) for index in range(schedule.count)] == [0.0, 0.1, 0.2, 0.3, 0.4]


def test_a_duration_is_what_was_written_and_not_the_float_beside_it() -> None:
    assert [Schedule(50, 1.0, duration).count for duration in (0.1, 0.2, 0.3, 0.4, 0.7)] == [5, 10, 15, 20, 35]


def test_a_rate_may_be_for_a_minute() -> None:
    assert Schedule(rate=30, time_unit=60.0, duration=120.0).count == 60
    assert Schedule(rate=1, time_unit=60.0, duration=1.0).count == 1


@given(RATES, UNITS, st.floats(0.001, 3600))
def test_a_stage_asks_for_exactly_what_is_due_before_its_end(rate: int, unit: float, duration: float) -> None:
    count = Schedule(rate, unit, duration).count
    each = as_written(unit) / rate
    assert (count - 1) * each < as_written(duration) <= count * each


@given(RATES, UNITS, st.integers(0, 1000), st.floats(-1, 20))
def test_what_was_due_while_nobody_was_free_is_not_startable(rate: int, unit: float, index: int, free: float) -> None:
    schedule = Schedule(rate, unit, 10.0)
    first = schedule.first_startable(index, free)
    assert first >= index
    if first > index:
        assert (first - 1) * as_written(unit) / rate < Fraction(free)
    assert first == index or first <= schedule.count
    assert first >= schedule.count or first * as_written(unit) / rate >= Fraction(free) or free <= 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.fractions(0, 100))
def test_a_percentile_is_the_line_between_its_neighbours(values: list[float], percent: Fraction) -> None:
    ordered = sorted(values)
    place = percent / 100 * (len(ordered) - 1)
    below, above = Fraction(ordered[math.floor(place)]), Fraction(ordered[math.ceil(place)])
    exact = below + (above - below) * (place - math.floor(place))
    assert percentile(ordered, float(percent)) == pytest.approx(float(exact), rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.lists(st.integers(1, 20), max_size=5))
def test_a_trend_that_is_asked_again_and_again_gives_what_sorting_all_would(
    values: list[float], asked: list[int]
) -> None:
    trend = Trend()
    for at, value in enumerate(values):
        trend.add(value)
        if at in asked:
            assert trend.at(50) == percentile(sorted(values[: at + 1]), 50)
    assert trend.ordered == sorted(values)
    assert trend.figure("avg", None).value == pytest.approx(math.fsum(values) / len(values))
    assert [trend.figure(name, None).value for name in ("min", "max")] == [min(values), max(values)]


def test_no_sample_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no percentile"):
        percentile([], 95)


@pytest.mark.parametrize(
    ("percent", "samples"), [(95, 59), (99, 299), (50, 5), (90, 29), (99.9, 2995), (0, 1), (100, 1)]
)
def test_so_many_samples_give_95_percent_confidence(percent: float, samples: int) -> None:
    assert needed(percent) == samples
    share = Fraction(str(percent)) / 100
    assert share in (0, 1) or share**samples <= Fraction(1, 20) < share ** (samples - 1)
