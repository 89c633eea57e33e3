"""Each predicate, on values it holds for, on values it does not, and on kinds it cannot work on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.actionkit.asserts.answers import NOW, an_answer, checked, holds

from actionkit.asserts import Subject, parse_assert


def on(value: Any, predicate: str) -> bool:
    return holds(f'jsonpath "$.v" {predicate}', an_answer({"v": value}))


@pytest.mark.parametrize(
    ("value", "predicate"),
    [
        (1, "== 1"),
        (1, "== 1.0"),
        (1.0, "== 1"),
        (0.1, "== 0.1"),
        (0.1, "== 1e-1"),
        (-5, "== -5"),
        (12345678901234567890, "== 12345678901234567890"),
        (12345678901234567890, "!= 12345678901234567891"),
        ("1", '== "1"'),
        ("1", "!= 1"),
        (1, '!= "1"'),
        (True, "== true"),
        (True, "!= 1"),
        (1, "!= true"),
        (False, "== false"),
        (None, "== null"),
        (0, "!= null"),
        ("", "!= null"),
        (2, "> 1"),
        (2, ">= 2"),
        (2, ">= 2.0"),
        (1.5, "< 2"),
        (1.5, "<= 1.5"),
        ("b", '> "a"'),
        ("2", '<= "2"'),
        ("Dune II", 'startsWith "Dune"'),
        ("Dune II", 'endsWith "II"'),
        ("Dune II", 'contains "ne I"'),
        (["a", 1, None], 'contains "a"'),
        (["a", 1, None], "contains 1"),
        (["a", 1, None], "contains null"),
        ([1], "not contains true"),
        (["ab"], 'not contains "a"'),
        ("build 42", r"matches /\d{2}$/"),
        ("build 42", r'matches "\\d{2}$"'),
        ("a/b", r"matches /a\/b/"),
        ("", "exists"),
        (None, "exists"),
        ([], "isEmpty"),
        ("", "isEmpty"),
        ({}, "isEmpty"),
        (["x"], "not isEmpty"),
        (1, "isInteger"),
        (1.0, "not isInteger"),
        (True, "not isInteger"),
        (1.0, "isFloat"),
        (1, "not isFloat"),
        (1, "isNumber"),
        (1.5, "isNumber"),
        ("1", "not isNumber"),
        (True, "not isNumber"),
        (True, "isBoolean"),
        (0, "not isBoolean"),
        ("x", "isString"),
        (None, "not isString"),
        ([1, 2], "isCollection"),
        ({"a": 1}, "isCollection"),
        ("ab", "not isCollection"),
        ([1, 2], "isList"),
        ({"a": 1}, "not isList"),
        ({"a": 1}, "isObject"),
        ([1, 2], "not isObject"),
        ("2030-01-31", "not isDate"),
        ("2030-01-31T10:00:00Z", "isIsoDate"),
        ("2030-01-31T10:00:00.123+02:00", "isIsoDate"),
        ("2030-02-31T10:00:00Z", "not isIsoDate"),
        ("2030-01-31", "not isIsoDate"),
        ("127.0.0.1", "isIpv4"),
        ("::1", "not isIpv4"),
        ("::1", "isIpv6"),
        ("1.2.3", "not isIpv6"),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", "isUuid"),
        ("0f8fad5bd9cb469fa16570867728950e", "not isUuid"),
    ],
)
def test_it_holds_and_its_contrary_fails(value: Any, predicate: str) -> None:
    assert on(value, predicate)
    contrary = parse_assert(f'jsonpath "$.v" {predicate}').negated()
    assert not contrary.check(Subject(an_answer({"v": value}), NOW)).ok


@pytest.mark.parametrize(
    ("value", "predicate"),
    [
        (1, '> "0"'),
        ("1", "> 0"),
        (True, "> 0"),
        (None, "< 1"),
        ([1], "> 0"),
        ([1], ">= 1"),
        (1, 'startsWith "1"'),
        ([1], 'endsWith "1"'),
        (1, 'contains "1"'),
        ("1", "contains 1"),
        ({"a": 1}, 'contains "a"'),
        (1, "matches /1/"),
        (None, "matches /n/"),
        (1, "isEmpty"),
        (None, "isEmpty"),
        (1, "isIpv4"),
        (None, "isUuid"),
        (7, "isIsoDate"),
    ],
)
def test_a_kind_it_cannot_work_on_fails_with_not_too_and_both_kinds_are_named(value: Any, predicate: str) -> None:
    answer = an_answer({"v": value})
    for text in (f'jsonpath "$.v" {predicate}', f'jsonpath "$.v" not {predicate}'):
        result = checked(text, answer)
        assert not result.ok
        assert "it does not work on" in result.message


@pytest.mark.parametrize("negation", ["", "not "])
@pytest.mark.parametrize(
    "predicate",
    ["== 1", "!= 1", "> 1", "< 1", 'contains "x"', "matches /x/", "isEmpty", "isString", "isInteger", "isUuid"],
)
@pytest.mark.parametrize("query", ['jsonpath "$.none"', 'jsonpath "$..none"', 'header "X-None"', 'variable "none"'])
def test_a_value_that_is_not_there_fails_every_predicate(query: str, predicate: str, negation: str) -> None:
    result = checked(f"{query} {negation}{predicate}", an_answer({"v": 1}))
    assert result.message == f"{query} finds nothing, expected {negation}{predicate}"


def test_only_not_exists_holds_on_nothing() -> None:
    assert holds('jsonpath "$.none" not exists', an_answer({"v": 1}))
    assert holds('jsonpath "$.none" toInt not exists', an_answer({"v": 1}))
    assert not holds('jsonpath "$.none" exists', an_answer({"v": 1}))


def test_values_in_lists_and_objects_are_compared_as_deep_as_they_go() -> None:
    answer = an_answer({"v": [{"a": [1.0, None]}, {"b": 1}]})
    assert holds('jsonpath "$.v" contains {{x}}', answer, {"x": {"a": [1, None]}})
    assert holds('jsonpath "$.v" not contains {{x}}', answer, {"x": {"a": [True, None]}})
    assert holds('jsonpath "$.v" == {{x}}', answer, {"x": [{"a": [1, None]}, {"b": 1.0}]})
    assert not holds('jsonpath "$.v" == {{x}}', answer, {"x": [{"a": [1, None]}]})


def test_what_is_nested_too_deeply_fails_and_does_not_crash() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert (
        "(list of 1), expected == {{y}}, which is 1"
        in checked('variable "x" == {{y}}', variables={"x": deep, "y": 1}).message
    )
    other: Any = []
    for _ in range(100_000):
        other = [other]
    assert "too deeply" in checked('variable "x" == {{y}}', variables={"x": deep, "y": other}).message


def test_numbers_of_variables_compare_as_they_are_printed() -> None:
    assert on(0.1, "== 0.1")
    assert holds('jsonpath "$.v" == {{x}}', an_answer({"v": 0.1}), {"x": 0.1})
    assert not holds('jsonpath "$.v" < {{x}}', an_answer({"v": 0.1}), {"x": float("nan")})


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400])
def test_numbers_beyond_floats_are_compared_exactly(number: str) -> None:
    assert holds(f'jsonpath "$.v" == {number}', an_answer(f'{{"v": {number}}}'))
    assert holds('jsonpath "$.v" != 1', an_answer(f'{{"v": {number}}}'))
    assert not holds("duration == {{x}}", variables={"x": int("9" * 400)})
    assert holds("duration > {{x}}", variables={"x": -int("9" * 400)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("duration == 812", True),
        ("duration == 812ms", True),
        ("duration == 0.812s", True),
        ("duration != 1m", True),
        ("duration == {{limit}}", True),
        ('duration < "1s"', True),
        ('duration < "soon"', False),
        ('duration == "soon"', False),
        ("duration > 1h30m", False),
        ("duration isNumber", True),
        ("duration toInt == 812", True),
        ("duration toFloat == 812", True),
        ('duration toString == "812"', True),
    ],
)
def test_a_duration_is_compared_with_durations_milliseconds_and_texts_of_variables(text: str, expected: bool) -> None:
    assert holds(text, variables={"limit": "812ms"}) is expected


def test_bytes_are_compared_with_bytes_only() -> None:
    answer = an_answer(b"\xca\xfe\xba\xbe")
    assert holds("bytes == hex,CAFEBABE;", answer)
    assert holds("bytes == base64,yv66vg==;", answer)
    assert holds("bytes contains hex,feba;", answer)
    assert holds("bytes endsWith hex,be;", answer)
    assert not holds('bytes == "x"', answer)
    assert not holds('bytes contains "x"', answer)
