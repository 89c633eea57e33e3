"""The security score and its grade: one formula, stated once. Pure.

100 points, less so many for each weakness that is not waived (WEIGHTS), never below 0. A single critical one leaves no
better grade than F, a single high one no better than C, however clean the rest is. The README shows these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from security_report_aggregator.model import Level


class Weight(NamedTuple):
    """What weaknesses of a level cost: `points` each, `at_most` for all of them, and the score one of them allows."""

    level: Level
    points: int
    at_most: int = 100
    ceiling: int = 100


WEIGHTS = (
    Weight(Level.CRITICAL, 25, ceiling=59),
    Weight(Level.HIGH, 10, ceiling=79),
    Weight(Level.MEDIUM, 3, at_most=30),
    Weight(Level.LOW, 1, at_most=10),
    Weight(Level.UNKNOWN, 3),
)

GRADES = (("A", 90), ("B", 80), ("C", 70), ("D", 60), ("F", 0))
"""Grade and the lowest score that gets it, best first."""


class Score(NamedTuple):
    """`score` from 0 to 100, and its grade."""

    score: int
    grade: str


def score(counts: Mapping[Level, int]) -> Score:
    """The score of so many weaknesses by level. Of incomplete evidence it is no more than the best it can be."""
    lost = sum(min(weight.points * counts.get(weight.level, 0), weight.at_most) for weight in WEIGHTS)
    ceiling = min((weight.ceiling for weight in WEIGHTS if counts.get(weight.level)), default=100)
    left = max(0, min(100 - lost, ceiling))
    return Score(left, next(grade for grade, lowest in GRADES if left >= lowest))
