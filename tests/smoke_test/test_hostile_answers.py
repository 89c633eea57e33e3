"""Answers that would hold the run up, crash it, or pass a schema that they break."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from actionkit.redact import Redactor
from smoke_test.schema_check import DRAFT, Schemas, document

SLOW = "^(a+)+$"
LONG = "a" * 40 + "!"
DRAFTS = (DRAFT, "http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema#", None)


def schemas(schema: Any) -> Schemas:
    return Schemas(lambda _: json.dumps(schema).encode())


def breaks(schema: Any, value: Any) -> list[str]:
    return [str(one) for one in schemas(schema).mismatches("a.json", value)]


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"properties": {"a": {"pattern": SLOW}}}, {"a": LONG}, f'$.a: "{LONG}" does not match {SLOW!r}'),
        ({"patternProperties": {SLOW: {"not": {}}}}, {LONG: 1}, None),
        (
            {"patternProperties": {SLOW: {}}, "additionalProperties": False},
            {LONG: 1, "aa": 2},
            f"$: Additional properties are not allowed ({LONG!r} was unexpected)",
        ),
        ({"uniqueItems": True}, [*range(20_000), "x"], None),
    ],
)
def test_no_answer_makes_a_schema_take_forever(
    draft: str | None, schema: Any, value: Any, expected: str | None
) -> None:
    named = {**schema, "$schema": draft} if draft else schema
    began = monotonic()
    found = breaks(named, value)
    assert monotonic() - began < 5
    assert found == ([expected] if expected else [])


def test_a_pattern_that_re2_lacks_is_still_a_pattern() -> None:
    schema = {"pattern": "^(?!admin)"}
    assert breaks(schema, "user") == []
    assert breaks(schema, "admin") == ["$: \"admin\" does not match '^(?!admin)'"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from([0.0, 1.0, 1.5]) | st.sampled_from(["", "a", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=100)
@given(st.lists(JSON, max_size=5))
def test_equal_items_are_those_that_jsonschema_calls_equal(items: list[Any]) -> None:
    from jsonschema import Draft202012Validator

    schema = {"uniqueItems": True}
    assert bool(breaks(schema, items)) == (not Draft202012Validator(schema).is_valid(items))


def test_a_number_too_large_for_a_float_breaks_a_schema_and_not_the_run() -> None:
    value = document(b"9" * 999)
    assert breaks({"multipleOf": 0.01}, value) == ["$: holds a number that is too large to be held against the schema"]


def test_a_number_of_thousands_of_digits_is_told_in_words() -> None:
    with pytest.raises(ValueError, match="is JSON with a number of 4,999 digits"):
        document(b"9" * 4999)


def test_a_key_that_stands_twice_is_no_answer_to_rely_on() -> None:
    with pytest.raises(ValueError, match="a key stands twice"):
        document(b'{"state": "failed", "state": "ready"}')


def test_a_schema_with_a_key_twice_is_refused() -> None:
    with pytest.raises(Unreadable, match="a key stands twice"):
        Schemas(lambda _: b'{"type": "object", "type": "array"}').load("a.json")


def test_a_secret_longer_than_what_is_quoted_is_not_quoted() -> None:
    secret = "".join(chr(ord("A") + (at * at + at // 7) % 26) for at in range(6000))
    told = schemas({"maxLength": 1}).mismatches("a.json", secret, Redactor([secret]).text)
    assert [str(one) for one in told] == ['$: "*** is too long']


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"patternProperties": {"^a": {"type": "string"}}}, {"ab": 1, "b": 1}, ["$.ab: 1 is not of type 'string'"]),
        ({"additionalProperties": {"type": "string"}}, {"b": 1}, ["$.b: 1 is not of type 'string'"]),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"c": 1, "b": 2, "a": 3},
            ["$: Additional properties are not allowed ('b', 'c' were unexpected)"],
        ),
        ({"additionalProperties": False}, {}, []),
        ({"patternProperties": {"a": False}, "additionalProperties": False, "pattern": "a"}, [1], []),
    ],
)
def test_the_keywords_mean_what_jsonschemas_own_mean(schema: Any, value: Any, expected: list[str]) -> None:
    assert breaks(schema, value) == expected
