"""The rules of the merged SARIF: one severity each, texts within GitHub's limits and inert."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.inert import assert_inert
from tests.security_report_aggregator.sarif_at_hand import (
    accepted,
    dependency,
    finding,
    merged,
    rule_of,
    runs_of,
    weakness,
)

from security_report_aggregator.model import Category, Level, Rule

LEVELS = [level for level in Level if level is not Level.UNKNOWN]


@pytest.mark.parametrize(
    ("level", "score", "severity", "shown"),
    [
        (Level.CRITICAL, None, "9.5", "error"),
        (Level.HIGH, None, "8.0", "error"),
        (Level.MEDIUM, None, "5.5", "warning"),
        (Level.LOW, None, "2.0", "note"),
        (Level.CRITICAL, 9.8, "9.8", "error"),
        (Level.HIGH, 8.96, "8.9", "error"),
        (Level.MEDIUM, 9.8, "5.5", "warning"),
        (Level.LOW, 0.0, "2.0", "note"),
        (Level.LOW, 0.1, "0.1", "note"),
        (Level.HIGH, float("nan"), "8.0", "error"),
    ],
)
def test_a_score_is_kept_where_it_lies_in_the_band_of_the_severity(
    level: Level, score: float | None, severity: str, shown: str
) -> None:
    rule = rule_of(merged(weakness(finding(level=level, score=score))))
    assert rule["properties"]["security-severity"] == severity
    assert rule["defaultConfiguration"] == {"level": shown}


def test_the_highest_score_of_a_rule_counts() -> None:
    made = merged(*(weakness(finding(line=at, score=score)) for at, score in ((1, 7.1), (2, 8.2), (3, 7.5))))
    assert rule_of(made)["properties"]["security-severity"] == "8.2"


def test_a_rule_without_severity_warns_and_states_no_number() -> None:
    rule = rule_of(merged(weakness(finding(level=Level.UNKNOWN, score=9.9))))
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert "security-severity" not in rule["properties"]


def test_a_rule_of_several_severities_is_split_and_the_most_frequent_keeps_its_id() -> None:
    levels = (Level.HIGH, Level.LOW, Level.LOW, Level.UNKNOWN)
    made = merged(*(weakness(finding(level=level, line=at + 1)) for at, level in enumerate(levels)))
    (run,) = runs_of(made)
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("B324/high", "error"),
        ("B324/unknown", "warning"),
        ("B324", "note"),
        ("B324", "note"),
    ]
    assert [one for one in made.repairs if "split by severity" in one and one.endswith("(B324)")]


def test_of_two_severities_as_frequent_the_worse_keeps_the_id() -> None:
    made = merged(weakness(finding(level=Level.LOW, line=1)), weakness(finding(level=Level.HIGH, line=2)))
    assert [one["id"] for one in runs_of(made)[0]["tool"]["driver"]["rules"]] == ["B324", "B324/low"]


def test_a_part_of_a_rule_takes_no_id_that_another_rule_has() -> None:
    made = merged(
        weakness(finding(level=Level.HIGH, line=1)),
        weakness(finding(level=Level.LOW, line=2)),
        weakness(finding(rule="B324/low", level=Level.LOW, line=3)),
    )
    ids = [one["id"] for one in runs_of(made)[0]["tool"]["driver"]["rules"]]
    assert sorted(ids) == ["B324", "B324/low", "B324/low-2"]


@given(
    st.lists(st.tuples(st.sampled_from(["R", "R/high", "S"]), st.sampled_from(list(Level))), min_size=1, max_size=12)
)
def test_every_result_has_the_severity_of_its_finding(pairs: list[tuple[str, Level]]) -> None:
    bands = {Level.CRITICAL: (9, 10), Level.HIGH: (7, 9), Level.MEDIUM: (4, 7), Level.LOW: (0.1, 4)}
    made = merged(*(weakness(finding(rule=rule, level=level, line=at + 1)) for at, (rule, level) in enumerate(pairs)))
    (run,) = accepted(made.data)
    for kept in run.findings:
        rule, level = pairs[kept.start_line - 1]
        assert kept.rule_id.startswith(rule)
        low, high = bands.get(level, (0, 0))
        assert (low <= kept.severity < high) if kept.severity else level is Level.UNKNOWN


def test_a_rule_has_a_name_descriptions_help_and_tags() -> None:
    described = Rule("B324", "hashlib", "Weak hash.", "https://bandit.example/b324", (327, 79))
    rule = rule_of(merged(weakness(finding(rule=described))))
    assert rule == {
        "id": "B324",
        "name": "hashlib",
        "shortDescription": {"text": "hashlib"},
        "fullDescription": {"text": "Weak hash."},
        "defaultConfiguration": {"level": "error"},
        "help": {
            "text": "Weak hash.\n\nChange the code so that the weakness is gone.\n\nSee CWE-327, CWE-79."
            "\n\nRead more: https://bandit.example/b324"
        },
        "helpUri": "https://bandit.example/b324",
        "properties": {
            "tags": ["security", "code", "external/cwe/cwe-327", "external/cwe/cwe-079"],
            "security-severity": "8.0",
        },
    }


def test_a_rule_that_says_nothing_is_called_by_its_id_or_its_category() -> None:
    assert rule_of(merged(weakness(finding(rule=" "))))["id"] == "code"
    named = rule_of(merged(weakness(finding(rule=Rule("", "weak-hash")))))
    assert (named["id"], named["name"]) == ("weak-hash", "weak-hash")
    nameless = rule_of(merged(weakness(dependency(rule=""))))
    assert (nameless["id"], nameless["name"]) == ("dependency", "Vulnerable dependency")


def test_texts_are_cut_to_what_github_takes() -> None:
    long = Rule("r" * 400, "n" * 400, "d" * 4000, cwes=tuple(range(1, 40)))
    rule = rule_of(merged(weakness(finding(rule=long))))
    assert [len(rule["id"]), len(rule["name"]), len(rule["shortDescription"]["text"])] == [255, 255, 400]
    assert len(rule["fullDescription"]["text"]) == 1024
    assert len(rule["properties"]["tags"]) == 10


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=1#c", "https://example.org/a?b=1#c"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("https://example.org/ä", "https://example.org/%C3%A4"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://user:secret@example.org/", ""),
        ("https://user@example.org?x", ""),
        ("https://example.org/@scope", "https://example.org/@scope"),
        ("https://example.org/a b", ""),
        ("//example.org", ""),
        ("https://" + "a" * 3000, ""),
    ],
)
def test_help_leads_to_web_addresses_only(url: str, kept: str) -> None:
    rule = rule_of(merged(weakness(finding(rule=Rule("R", help_uri=url)))))
    assert rule.get("helpUri", "") == kept
    assert rule["help"]["text"].endswith(f"Read more: {kept}" if kept else "is gone.")


def test_the_advisory_stands_in_for_the_help_of_a_rule() -> None:
    rule = rule_of(merged(weakness(dependency(url="https://osv.example/GHSA-1"))))
    assert rule["helpUri"] == "https://osv.example/GHSA-1"


HOSTILE = (
    "[click](https://evil.example) ![x](http://evil.example/y.png) <img src=x onerror=alert(1)> <!-- coverage-gate: v1 "
    "--> @org/team www.evil.example #1 GH-2 [a]: http://evil.example \u202e\x1b[31m <https://evil.example> [1](2)"
)


def test_text_of_others_is_inert_in_rules_too() -> None:
    rule = rule_of(merged(weakness(finding(rule=Rule("R", HOSTILE, HOSTILE)))))
    for text in (rule["name"], rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["text"]):
        assert_inert(text)
        assert "\u202e" not in text
        assert "\x1b" not in text


@pytest.mark.parametrize("category", list(Category))
def test_every_category_is_a_tag_and_says_what_to_do(category: Category) -> None:
    rule = rule_of(merged(weakness(finding(category=category))))
    assert rule["properties"]["tags"] == ["security", category.value]
    assert rule["help"]["text"].count(".") >= 1
