"""What a capture gives: plain values of their own type, or the reason why there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.actionkit.asserts.answers import NOW, an_answer

from actionkit.asserts import NothingFound, Subject, parse_capture

SUBJECT = Subject(an_answer(), NOW)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("status", 200),
        ('jsonpath "$.name"', "Dune"),
        ('jsonpath "$.price"', 9.5),
        ('jsonpath "$.sold"', False),
        ('jsonpath "$.note"', None),
        ('jsonpath "$.tags"', ["new", "book"]),
        ('jsonpath "$.tags[*]"', ["new", "book"]),
        ('jsonpath "$.parts[*].id"', "a"),
        ('jsonpath "$.owner"', {"name": "Ann", "mail": "ann@example.com"}),
        ('header "Vary"', ["Accept", "Origin"]),
        ("redirects first location", "https://shop.example.com/item?q=1"),
        ("duration", 812),
        ('header "Date" age', 60),
        ('jsonpath "$.backup" age', 7200),
        ('certificate "Expire-Date"', "2030-07-20T00:00:00Z"),
        (r"body regex /name.: .(\w+)/", "Dune"),
    ],
)
def test_the_value_has_its_type_and_is_json(text: str, value: Any) -> None:
    got = parse_capture(text).value(SUBJECT)
    assert got == value
    assert json.loads(json.dumps(got)) == value


def test_redact_marks_a_secret() -> None:
    capture = parse_capture(' cookie "session"  redact # mine')
    assert (capture.text, capture.redact) == ('cookie "session"  redact', True)
    assert capture.value(SUBJECT) == "abc123"
    assert not parse_capture('cookie "session"').redact


def test_its_variables_are_known() -> None:
    capture = parse_capture('jsonpath "$.{{field}}" split "{{sep}}"')
    assert capture.variables == {"field", "sep"}
    assert capture.value(SUBJECT, {"field": "name", "sep": "u"}) == ["D", "ne"]


@pytest.mark.parametrize(
    ("text", "reason", "absent"),
    [
        ('jsonpath "$.token"', "finds nothing", True),
        ('header "X-None"', "finds nothing", True),
        ('jsonpath "$.tags" nth 5', "finds nothing: the list has 2 items", True),
        ('jsonpath "$.name" toInt', 'finds nothing because "Dune" (string) is no whole number', False),
        ('jsonpath "$.{{none}}"', "finds nothing because the variable `none` is not set", False),
        ("sha256", "finds bytes, which no variable holds", False),
    ],
)
def test_a_capture_that_finds_nothing_says_why(text: str, reason: str, absent: bool) -> None:
    with pytest.raises(NothingFound) as caught:
        parse_capture(text).value(SUBJECT)
    assert caught.value.reason.startswith(reason)
    assert caught.value.absent is absent


def test_what_no_filter_can_use_is_nothing_whatever_it_is() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for value in (float("nan"), float("inf"), deep, b"x"):
        with pytest.raises(NothingFound, match="is no date"):
            parse_capture('variable "x" daysAfterNow').value(SUBJECT, {"x": value})
