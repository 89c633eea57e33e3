from __future__ import annotations

import pytest

from security_report_aggregator.model import Level
from security_report_aggregator.readers.advisory_ids import rated, weakness_ids


@pytest.mark.parametrize(
    ("own", "others", "ids"),
    [
        ("CVE-2021-44228", (), ("CVE-2021-44228",)),
        ("GHSA-jfh8-c2jp-5v3q", ("CVE-2021-44228",), ("GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228")),
        ("CVE-2021-44228", ("CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q"), ("CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q")),
        ("CVE-2020-27350", ("DSA-4808-1", "RHSA-2020:1"), ("CVE-2020-27350",)),
        ("ELSA-2021-1", ("CVE-2021-0001", "CVE-2021-0002"), ()),
        ("ALAS-2021-1", ("CVE-2021-0001",), ("CVE-2021-0001",)),
        ("GHSA-jfh8-c2jp-5v3q", ("CVE-2021-0001", "CVE-2021-0002"), ("GHSA-jfh8-c2jp-5v3q",)),
        ("CVE-2021-0001", ("CVE-2021-0002",), ("CVE-2021-0001",)),
        ("BIT-redis-2021-32675", ("CVE-2021-32675",), ("BIT-redis-2021-32675", "CVE-2021-32675")),
        ("CWE-400: Uncontrolled Resource Consumption", (), ()),
        ("", ("",), ()),
    ],
)
def test_aliases_are_names_of_one_weakness_and_not_of_an_update(
    own: str, others: tuple[str, ...], ids: tuple[str, ...]
) -> None:
    assert weakness_ids(own, others) == ids


@pytest.mark.parametrize(
    ("word", "scores", "level", "score"),
    [
        ("HIGH", [9.8, 7.5, 8.1], Level.HIGH, 7.5),
        ("LOW", [6.5, None, "x"], Level.LOW, None),
        ("UNKNOWN", [9.8], Level.UNKNOWN, None),
        ("UNKNOWN", [None], Level.UNKNOWN, None),
        (7, [], Level.UNKNOWN, None),
    ],
)
def test_the_own_word_stands_and_takes_a_score_that_agrees(
    word: object, scores: list[object], level: Level, score: float | None
) -> None:
    found = rated(word, "Severity", scores)
    assert (found.level, found.score) == (level, score)
