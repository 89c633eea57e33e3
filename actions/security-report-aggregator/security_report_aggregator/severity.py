"""Scanners' words, numbers and vectors for how bad something is, as levels with their provenance.

The scanner's own word beats a score computed again from a vector. Informational and negligible are `low`: they are
statements, unlike `unknown`. Scores follow GitHub's bands: from 9.0 critical, 7.0 high, 4.0 medium, else low.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from security_report_aggregator.model import UNRATED, Level, Rated

WORDS = {
    "blocker": Level.CRITICAL,
    "critical": Level.CRITICAL,
    "defcon1": Level.CRITICAL,
    "high": Level.HIGH,
    "important": Level.HIGH,
    "severe": Level.HIGH,
    "error": Level.HIGH,
    "medium": Level.MEDIUM,
    "moderate": Level.MEDIUM,
    "warning": Level.MEDIUM,
    "warn": Level.MEDIUM,
    "low": Level.LOW,
    "minor": Level.LOW,
    "note": Level.LOW,
    "style": Level.LOW,
    "info": Level.LOW,
    "information": Level.LOW,
    "informational": Level.LOW,
    "negligible": Level.LOW,
    "none": Level.LOW,
}
"""Words in lower case as most scanners mean them; a scanner that means them otherwise hands in its own table."""


def by_word(word: object, source: str, *, score: float | None = None, words: dict[str, Level] | None = None) -> Rated:
    """The level a scanner's own word stands for; unknown for a word nobody knows and for what is no text."""
    if not isinstance(word, str) or not word.strip():
        return UNRATED
    level = (words or WORDS).get(word.strip().lower(), Level.UNKNOWN)
    return Rated(level, word.strip()[:40], source, score)


def by_score(score: object, source: str) -> Rated:
    """The level of a CVSS base score, a number or its text from 0 to 10; unknown for anything else.

    The bands are those GitHub uses for `security-severity`.
    """
    number = _number(score)
    if number is None:
        return UNRATED
    return Rated(_band(number), f"{number:g}", source, number)


def by_vector(vector: object, source: str = "") -> Rated:
    """The level of a CVSS 2, 3.0, 3.1 or 4.0 vector; unknown for one that cannot be read, which is never an error.

    CVSS 2 has no critical (NVD's bands for it end with high).
    """
    if not isinstance(vector, str) or not vector.strip() or len(vector) > 500:
        return UNRATED
    from cvss import CVSS2, CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    text = vector.strip()
    try:
        if text.startswith("CVSS:4"):
            score = float(CVSS4(text).base_score)
        elif text.startswith("CVSS:3"):
            score = float(CVSS3(text).base_score)
        else:
            score = float(CVSS2(text.removeprefix("CVSS2#").strip("()")).base_score)
    except (CVSSError, ArithmeticError, ValueError, KeyError, TypeError):
        return UNRATED
    level = _band(score)
    if not text.startswith("CVSS:"):
        level = Level.HIGH if level is Level.CRITICAL else level
    return Rated(level, f"{score:g}", source or f"{text[:8] if text.startswith('CVSS:') else 'CVSS:2.0'} vector", score)


def highest(ratings: Iterable[Rated]) -> Rated:
    """The worst of several; one that is unknown never hides one that is known. Unrated for none at all."""
    return max(ratings, key=lambda rated: (rated.level.rank, rated.score or 0.0), default=UNRATED)


def first_known(*ratings: Rated) -> Rated:
    """The first that is not unknown: own word first, then a score, then a vector. Else the last one given."""
    return next((rated for rated in ratings if rated.level is not Level.UNKNOWN), ratings[-1])


def _number(score: object) -> float | None:
    if isinstance(score, bool) or not isinstance(score, int | float | str):
        return None
    try:
        number = float(score)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number <= 10 else None


def _band(score: float) -> Level:
    if score >= 9:
        return Level.CRITICAL
    if score >= 7:
        return Level.HIGH
    return Level.MEDIUM if score >= 4 else Level.LOW
