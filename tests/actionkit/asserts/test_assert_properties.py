"""Whatever is written and whatever is answered: an assert parses or is refused, and a check never crashes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.actionkit.asserts.answers import NOW, an_answer

from actionkit.asserts import NothingFound, NotUnderstood, Subject, parse_assert, parse_capture
from actionkit.asserts.filters import FILTERS
from actionkit.asserts.predicates import PREDICATES
from actionkit.asserts.queries import QUERIES

SAMPLES = {
    "header": ' "Vary"',
    "cookie": ' "session[Max-Age]"',
    "jsonpath": ' "$.v"',
    "regex": " /(.)/",
    "variable": ' "x"',
    "certificate": ' "Expire-Date"',
    "nth": " 0",
    "replace": ' "a" "{{x}}"',
    "replaceRegex": ' /a/ "$1"',
    "split": ' ","',
    "toDate": ' "%Y-%m-%d"',
    "format": ' "%F"',
    "dateFormat": ' "%+"',
    "decode": ' "utf-8"',
    "charsetDecode": ' "utf-16"',
    "urlQueryParam": ' "q"',
}
VALUES = ["1", "-1.5e3", '"a"', "true", "null", "{{x}}", '"{{x}}"', "hex,ca;", "`b`"]


def _call(names: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(names).map(lambda name: name + SAMPLES.get(name, ""))


def _claim(name: str) -> st.SearchStrategy[str]:
    if not PREDICATES[name].values:
        return st.just(name)
    if name == "matches":
        return st.sampled_from(["matches /a+/", 'matches "{{x}}"'])
    texts = [value for value in VALUES if name in ("==", "!=", "contains") or value[0] in '"`{']
    return st.sampled_from(texts).map(lambda value: f"{name} {value}")


QUERY = _call(list(QUERIES))
CHAIN = st.tuples(QUERY, st.lists(_call(list(FILTERS)), max_size=3)).map(lambda parts: " ".join([parts[0], *parts[1]]))
ASSERTS = st.tuples(CHAIN, st.sampled_from(["", "not "]), st.sampled_from(list(PREDICATES)).flatmap(_claim)).map(
    lambda parts: f"{parts[0]} {parts[1]}{parts[2]}"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
PIECES = [*QUERIES, *FILTERS, *PREDICATES, *VALUES, *SAMPLES.values(), "not", "'", '"', "/", "{{", "\\", "redact"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
BODIES = st.binary(max_size=40) | JSON.map(lambda value: json.dumps({"v": value}).encode())


@settings(max_examples=100)
@given(ASSERTS)
def test_what_is_parsed_reads_back_the_same(text: str) -> None:
    parsed = parse_assert(text)
    assert parsed.text == text
    assert parse_assert(parsed.text) == parsed
    assert parse_assert(parsed.negated().text).negative is not parsed.negative
    assert parse_assert(parsed.negated().negated().text) == parsed


@settings(max_examples=100)
@given(st.text(max_size=40) | WORDS)
def test_garbage_is_refused_with_a_column_inside_it_and_nothing_else_happens(text: str) -> None:
    for parse in (parse_assert, parse_capture):
        refusals: list[NotUnderstood] = []
        try:
            parse(text)
        except NotUnderstood as error:
            refusals.append(error)
        for refusal in refusals:
            assert 1 <= refusal.column <= len(text) + 1
            assert len(str(refusal)) < 1000
            assert "\n" not in str(refusal)


@settings(max_examples=100)
@given(ASSERTS, BODIES, JSON)
def test_no_answer_crashes_a_check_and_at_most_one_of_an_assert_and_its_contrary_holds(
    text: str, body: bytes, variable: Any
) -> None:
    subject = Subject(an_answer(body), NOW)
    claim = parse_assert(text)
    one, other = claim.check(subject, {"x": variable}), claim.negated().check(subject, {"x": variable})
    assert not (one.ok and other.ok)
    for result in (one, other):
        assert bool(result.message) is not result.ok
        assert len(result.message) < 1000
        assert "\n" not in result.message


@settings(max_examples=100)
@given(CHAIN, BODIES, JSON)
def test_a_capture_gives_a_value_of_json_or_nothing(text: str, body: bytes, variable: Any) -> None:
    try:
        told = json.dumps(parse_capture(text).value(Subject(an_answer(body), NOW), {"x": variable}))
    except NothingFound as nothing:
        told = nothing.reason
        assert told.startswith("finds ")
    assert told
