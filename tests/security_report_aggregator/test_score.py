"""The security score: the formula as it is documented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from security_report_aggregator.model import Level
from security_report_aggregator.score import GRADES, WEIGHTS, Score, score

COUNTS = st.dictionaries(st.sampled_from(Level), st.integers(0, 1000))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, Score(100, "A")),
        ({Level.LOW: 4}, Score(96, "A")),
        ({Level.LOW: 10}, Score(90, "A")),
        ({Level.LOW: 500}, Score(90, "A")),
        ({Level.MEDIUM: 4}, Score(88, "B")),
        ({Level.MEDIUM: 10}, Score(70, "C")),
        ({Level.MEDIUM: 500}, Score(70, "C")),
        ({Level.MEDIUM: 500, Level.LOW: 500}, Score(60, "D")),
        ({Level.HIGH: 1}, Score(79, "C")),
        ({Level.HIGH: 3}, Score(70, "C")),
        ({Level.HIGH: 4}, Score(60, "D")),
        ({Level.HIGH: 11}, Score(0, "F")),
        ({Level.CRITICAL: 1}, Score(59, "F")),
        ({Level.CRITICAL: 2}, Score(50, "F")),
        ({Level.CRITICAL: 1, Level.HIGH: 2}, Score(55, "F")),
        ({Level.UNKNOWN: 3}, Score(91, "A")),
        ({Level.UNKNOWN: 34}, Score(0, "F")),
    ],
)
def test_the_score_is_what_the_table_says(counts: dict[Level, int], expected: Score) -> None:
    assert score(counts) == expected


def test_every_level_has_its_weight_and_every_score_its_grade() -> None:
    assert {weight.level for weight in WEIGHTS} == set(Level)
    assert [lowest for _, lowest in GRADES] == sorted((lowest for _, lowest in GRADES), reverse=True)
    assert GRADES[-1] == ("F", 0)


@given(COUNTS, st.sampled_from(Level))
def test_one_more_weakness_never_gives_a_better_score_and_it_stays_in_its_bounds(
    counts: dict[Level, int], level: Level
) -> None:
    before, after = score(counts), score({**counts, level: counts.get(level, 0) + 1})
    assert 0 <= after.score <= before.score <= 100
    assert after.grade >= before.grade
