"""Scanners' words, scores and vectors become levels with their provenance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from security_report_aggregator import severity
from security_report_aggregator.model import UNRATED, Level, Rated


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("CRITICAL", Level.CRITICAL),
        ("Defcon1", Level.CRITICAL),
        ("High", Level.HIGH),
        ("error", Level.HIGH),
        ("MODERATE", Level.MEDIUM),
        ("WARNING", Level.MEDIUM),
        (" low ", Level.LOW),
        ("Negligible", Level.LOW),
        ("informational", Level.LOW),
        ("UNKNOWN", Level.UNKNOWN),
        ("apocalyptic", Level.UNKNOWN),
    ],
)
def test_a_word_has_the_level_most_scanners_mean(word: str, level: Level) -> None:
    rated = severity.by_word(word, "Severity")
    assert rated.level is level
    assert rated.said == word.strip()


@pytest.mark.parametrize("word", [None, "", "  ", 7, ["HIGH"], {"high": 1}])
def test_what_is_no_word_is_unrated(word: object) -> None:
    assert severity.by_word(word, "Severity") == UNRATED


def test_a_scanner_may_mean_its_words_otherwise() -> None:
    assert severity.by_word("CRITICAL", "sonar", words={"critical": Level.HIGH}).level is Level.HIGH


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (10, Level.CRITICAL),
        ("9.0", Level.CRITICAL),
        (8.9, Level.HIGH),
        (7, Level.HIGH),
        (6.9, Level.MEDIUM),
        (4.0, Level.MEDIUM),
        (3.9, Level.LOW),
        (0, Level.LOW),
    ],
)
def test_scores_follow_githubs_bands(score: object, level: Level) -> None:
    assert severity.by_score(score, "score").level is level


@pytest.mark.parametrize("score", [None, "", "HIGH", "nan", "inf", -1, 10.1, 10**400, "1" * 5000, True, [9]])
def test_what_is_no_score_is_unrated(score: object) -> None:
    assert severity.by_score(score, "score") == UNRATED


@pytest.mark.parametrize(
    ("vector", "level", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Level.CRITICAL, 9.8),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Level.MEDIUM, 6.1),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Level.CRITICAL, 9.3),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", Level.HIGH, 10.0),
        ("(AV:N/AC:M/Au:N/C:N/I:P/A:N)", Level.MEDIUM, 4.3),
    ],
)
def test_a_vector_is_scored_by_its_own_version(vector: str, level: Level, score: float) -> None:
    rated = severity.by_vector(vector)
    assert (rated.level, rated.score) == (level, score)
    assert rated.source.endswith(" vector")


@pytest.mark.parametrize("vector", [None, "", 5, "CVSS:3.1/AV:X", "CVSS:9.9/AV:N", "AV:N/AC:L", "x" * 501, "CVSS:4.0/"])
def test_a_bad_vector_is_unrated_and_no_error(vector: object) -> None:
    assert severity.by_vector(vector) == UNRATED


@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    for rated in (severity.by_vector(text), severity.by_vector(f"CVSS:3.1/{text}"), severity.by_score(text, "x")):
        assert isinstance(rated, Rated)


def test_unknown_never_hides_what_is_known() -> None:
    low, high = severity.by_word("low", "a"), severity.by_word("high", "b")
    assert severity.highest([UNRATED, low, high]) == high
    assert severity.highest([]) == UNRATED
    assert severity.first_known(UNRATED, low, high) == low
    assert severity.first_known(UNRATED) == UNRATED


def test_of_equal_levels_the_one_with_the_higher_score_counts() -> None:
    worse = severity.by_score(8.8, "b")
    assert severity.highest([severity.by_word("high", "a"), severity.by_score(7.1, "c"), worse]) == worse
