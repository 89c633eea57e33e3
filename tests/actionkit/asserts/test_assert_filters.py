"""Each filter: what it makes, where it finds nothing, and what it cannot work on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.actionkit.asserts.answers import NOW, an_answer, checked, holds

from actionkit.asserts import Subject, parse_assert


def on(value: Any, rest: str, **variables: Any) -> bool:
    return holds(f'jsonpath "$.v" {rest}', an_answer({"v": value}), variables)


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        ([1, 2, 3], "count == 3"),
        ({"a": 1}, "count == 1"),
        ([], "count == 0"),
        (["a", "b", "c"], 'nth 1 == "b"'),
        (["a", "b", "c"], 'nth -1 == "c"'),
        (["a", "b"], "nth 2 not exists"),
        (["a", "b"], "nth -3 not exists"),
        (["a", "b"], 'first == "a"'),
        (["a", "b"], 'last == "b"'),
        ([], "first not exists"),
        ([], "last not exists"),
        ([["a"]], "first count == 1"),
        ("v1.25", r'regex /v(\d+)/ == "1"'),
        ("v1.25", 'regex "v([0-9]+)" toInt == 1'),
        ("v1.25", r"regex /w(\d+)/ not exists"),
        ("ab", r"regex /a(x)?b/ not exists"),
        ("a.b.c", 'replace "." "/" == "a/b/c"'),
        ("a1b22", r'replaceRegex /\d+/ "#" == "a#b#"'),
        ("2030-01", r'replaceRegex /(\d+)-(\d+)/ "$2.${1}$$" == "01.2030$"'),
        ("ab", r'replaceRegex /(?P<x>a)/ "${x}$x$y$9" == "aab"'),
        ("a,b,,c", 'split "," count == 4'),
        ("a,b", 'split "," first == "a"'),
        ("123", "toInt == 123"),
        ("-7", "toInt == -7"),
        (1.9, "toInt == 1"),
        (-1.9, "toInt == -1"),
        (5, "toInt isInteger"),
        ("3.14", "toFloat == 3.14"),
        ("+2", "toFloat isFloat"),
        (3, "toFloat isFloat"),
        (2.5, "toFloat == 2.5"),
        (1.50, 'toString == "1.5"'),
        (True, 'toString == "true"'),
        (None, 'toString == "null"'),
        ("café", 'urlEncode == "caf%C3%A9"'),
        ("a b/c?", 'urlEncode == "a%20b/c%3F"'),
        ("a%20b%2Fc", 'urlDecode == "a b/c"'),
        ("https://x/?a=1&b=", 'urlQueryParam "a" == "1"'),
        ("https://x/?a=1&b=", 'urlQueryParam "b" == ""'),
        ("https://x/?a=1", 'urlQueryParam "c" not exists'),
        ('<a href="x">&', r'htmlEscape == "&lt;a href=\"x\"&gt;&amp;"'),
        ("&lt;&#62;&copy;", 'htmlUnescape == "<>©"'),
        ("5L2g5aW9", "base64Decode == hex,e4bda0e5a5bd;"),
        ("5L2g5aW9", 'base64Decode utf8Decode == "你好"'),
        ("_-8", "base64UrlSafeDecode == hex,ffef;"),
        ("_-8=", 'base64UrlSafeDecode toHex == "ffef"'),
        ("é", "utf8Encode == hex,c3a9;"),
        ("é", 'utf8Encode base64Encode == "w6k="'),
        ("ÿï", 'utf8Encode base64UrlSafeEncode == "w7_Drw"'),
        ("é", 'utf8Encode decode "latin-1" == "Ã©"'),
        ("é", 'utf8Encode charsetDecode "utf-8" == "é"'),
        ('{"a": [1, 2]}', 'jsonpath "$.a[1]" == 2'),
        ({"a": [1, 2]}, 'jsonpath "$.a" count == 2'),
        ("2030-06-01", 'toDate "%Y-%m-%d" daysBeforeNow == 14'),
        ("2030-06-20T12:00:00Z", 'toDate "%+" daysAfterNow == 5'),
        ("2030-06-16T11:00:00Z", "daysAfterNow == 0"),
        ("2030-06-14T11:00:00Z", "daysAfterNow == -1"),
        ("1907755200", 'toDate "%s" isDate'),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 'toDate "%a, %d %b %Y %T GMT" format "%F" == "2015-10-21"'),
        (
            "2023-01-23T18:25:43.511123456Z",
            'toDate "%Y-%m-%dT%H:%M:%S%.fZ" format "%A %.3f %6f" == "Monday .511 511123"',
        ),
        ("2023-01-03T18:25:43+02:00", 'toDate "%Y-%m-%dT%T%z" dateFormat "%e %z %D %R" == " 3 +0200 01/03/23 18:25"'),
        ("2023-01-03T18:25:43+0200", 'toDate "%+" format "%+" == "2023-01-03T18:25:43+02:00"'),
        ("2030-01-01T00:00:00Z", 'toDate "%+" format "%s" == "1893456000"'),
        ("0999-01-02", 'toDate "%F" format "%Y/%F" == "0999/0999-01-02"'),
        ("2030-06-15T11:00:00Z", "age == 1h"),
        ("2030-06-15T11:00:00Z", "age < 25h"),
        ("2030-06-15T11:00:00Z", "age <= 3600"),
        ("2030-06-15T11:00:00Z", "age > 59m"),
        ("2030-06-15", "age == 12h"),
        ("2030-06-15 11:59:59.5", "age < 1s"),
        ("2030-06-15T13:30:00.123456789+02:00", "age < 30m"),
        ("Sat, 15 Jun 2030 11:00:00 GMT", "age == 1h"),
        (1907751600, "age == 1h"),
        (1907751600.0, "age == 1h"),
        (1907751600000, "age == 1h"),
        ("1907751600", "age == 1h"),
        ("2030-06-15T12:04:00Z", "age == 0"),
    ],
)
def test_it_holds_and_its_contrary_fails(value: Any, rest: str) -> None:
    assert on(value, rest)
    contrary = parse_assert(f'jsonpath "$.v" {rest}').negated()
    assert not contrary.check(Subject(an_answer({"v": value}), NOW)).ok


@pytest.mark.parametrize(
    ("value", "filters", "why"),
    [
        (5, "count", "cannot be counted"),
        ("abc", "count", "cannot be counted"),
        ("abc", "nth 0", "is no list"),
        (5, "first", "is no list"),
        (5, "regex /(x)/", "is no string"),
        (5, 'replace "a" "b"', "is no string"),
        ([1], 'replaceRegex /a/ "b"', "is no string"),
        (5, 'split ","', "is no string"),
        ("a", 'split "{{empty}}"', "cannot be split at an empty text"),
        ("12x", "toInt", "is no whole number"),
        ("1.5", "toInt", "is no whole number"),
        (True, "toInt", "is no number"),
        ("x", "toFloat", "is no number"),
        (None, "toFloat", "is no number"),
        ([1], "toString", "is not one value"),
        ("a", "toHex", "is not bytes"),
        ("a", "base64Encode", "is not bytes"),
        ("?", "base64Decode", "is not base64"),
        ("é", "base64Decode", "is not base64"),
        ("+/", "base64UrlSafeDecode", "is not base64 for URLs"),
        (5, "urlDecode", "is no string"),
        ("http://[", 'urlQueryParam "a"', "is no URL"),
        ("{", 'jsonpath "$.a"', "is no JSON"),
        ("AAAA", 'base64Decode jsonpath "$.a"', "is no JSON"),
        ("a", "location", "is no redirect"),
        ("2030-13-01", 'toDate "%Y-%m-%d"', "is no date by `%Y-%m-%d`"),
        ("soon", 'toDate "%+"', "is no date"),
        ("soon", 'toDate "%s"', "is no date"),
        ("9999999999999999", 'toDate "%s"', "is no date"),
        ("2030", 'toDate "{{odd}}"', "is no date"),
        ("2030-01-01", 'format "%Y"', "put `toDate` before it"),
        ("2030-01-01T00:00:00Z", 'toDate "%+" format "{{odd}}"', "cannot be written"),
        ("soon", "age", "is no date"),
        ("2030-13-01", "age", "is no date"),
        ("99999999999999999999", "age", "is no date"),
        (True, "age", "is no date"),
        ({}, "age", "is no date"),
        (10**30, "age", "is no date"),
        ("2030-06-15T12:06:00Z", "age", "lies 0.1 hours in the future"),
        ("2999-01-01T00:00:00Z", "age", "in the future"),
        ("never", "daysAfterNow", "is no date"),
    ],
)
def test_what_it_cannot_work_on_fails_every_predicate_and_says_why(value: Any, filters: str, why: str) -> None:
    answer = an_answer({"v": value})
    for predicate in ("exists", "not exists", "== 1", "!= 1"):
        result = checked(f'jsonpath "$.v" {filters} {predicate}', answer, {"empty": "", "odd": "%Q"})
        assert not result.ok
        assert why in result.message


def test_bytes_that_are_not_the_charset_cannot_be_decoded() -> None:
    answer = an_answer(b"\xff\xfe\xfd")
    assert "is not utf-8" in checked('bytes utf8Decode == "x"', answer).message
    assert holds('bytes decode "latin-1" == "ÿþý"', answer)


def test_a_number_too_large_for_an_integer_is_said_to_be() -> None:
    assert "too large" in checked('jsonpath "$.v" toInt == 1', an_answer('{"v": 1e999999}')).message
    assert "no number" in checked('variable "x" toInt == 1', variables={"x": None}).message
    assert "too large" in checked('variable "x" toInt == 1', variables={"x": float("inf")}).message


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("$.tags", 2),
        ("$.tags[*]", 2),
        ("$.parts[*].id", 1),
        ("$..mail", 1),
        ("$..tags", 1),
        ("$.owner.*", 2),
        ("$.none", 0),
    ],
)
def test_selected_nodes_are_counted_however_many_they_are(path: str, count: int) -> None:
    assert holds(f'jsonpath "{path}" count == {count}')


def test_one_selected_node_is_its_value() -> None:
    assert holds('jsonpath "$.parts[*].id" == "a"')
    assert holds('jsonpath "$.parts[*].id" first == "a"')
    assert holds("jsonpath \"$.parts[?@.id=='a']\" isObject")
    assert holds('jsonpath "$..tags" isList')
    assert not holds('jsonpath "$.none[*]" count == 0')


def test_arguments_may_be_templates() -> None:
    variables = {"sep": ", ", "key": "name", "pattern": "D(u)", "format": "%Y", "old": "D", "new": "d"}
    answer = an_answer({"v": "x, y", "name": "Dune", "date": "2030"})
    assert holds('jsonpath "$.v" split "{{sep}}" count == 2', answer, variables)
    assert holds('jsonpath "$.{{key}}" == "Dune"', answer, variables)
    assert holds('jsonpath "$.name" regex "{{pattern}}" == "u"', answer, variables)
    assert holds('jsonpath "$.name" replace "{{old}}" "{{new}}" == "dune"', answer, variables)
    assert holds('jsonpath "$.date" toDate "{{format}}" isDate', answer, variables)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('jsonpath "$.{{bad}}" exists', "its filled template is no JSONPath"),
        ('regex "{{pattern}}" exists', "its filled template has no group to extract"),
        ('body matches "{{bad}}"', "its filled template is no regular expression"),
        ("body not matches {{bad}}", "its filled template is no regular expression"),
        ('body matches "{{none}}"', "the variable `none` is not set"),
        ('header "{{none}}" not exists', "the variable `none` is not set"),
    ],
)
def test_a_template_that_fills_to_nonsense_fails_and_says_so(text: str, why: str) -> None:
    assert why in checked(text, variables={"bad": "[", "pattern": "x"}).message
