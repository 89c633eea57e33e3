"""How strings, numbers and the rest are written."""

from __future__ import annotations

import pytest
from tests.actionkit.asserts.answers import an_answer, holds

from actionkit.asserts import parse_assert


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"plain"', "plain"),
        ("`plain`", "plain"),
        (r'"say \"hi\""', 'say "hi"'),
        ('`say "hi"`', 'say "hi"'),
        (r"`a \` b`", "a ` b"),
        (r'"a\\b\/c\#d"', "a\\b/c#d"),
        (r'"\b\f\n\r\t"', "\b\f\n\r\t"),
        (r'"\u{1f600}\u{e9}"', "😀é"),
        (r'"\u{7b}{name}}"', "{{name}}"),
        (r'"\{\{name\}\}"', "{{name}}"),
        (r'"{\{name}}"', "{{name}}"),
        ('"# no comment"', "# no comment"),
        ('"{one}"', "{one}"),
        ('"}}"', "}}"),
        ('""', ""),
    ],
)
def test_a_string_is_what_its_escapes_say(written: str, meant: str) -> None:
    assert holds(f"body == {written}", an_answer(meant))
    assert not parse_assert(f"body == {written}").variables


@pytest.mark.parametrize(
    ("written", "value"),
    [("0", "0"), ("-0.5", "-0.5"), ("1e3", "1000.0"), ("1E-2", "0.01"), ("007", "7"), ("1.50", "1.5")],
)
def test_a_number_is_compared_by_value(written: str, value: str) -> None:
    assert holds(f'jsonpath "$" == {written}', an_answer(value))


def test_blanks_and_a_comment_do_not_count() -> None:
    loose = parse_assert("  status   ==  200   # fine ")
    assert loose.text == "status   ==  200"
    assert parse_assert("status==200").text == "status==200"
    assert holds("status==200")
    assert holds("  status\t== 200 # fine")


def test_asserts_are_equal_by_their_text() -> None:
    assert parse_assert("status == 200") == parse_assert(" status == 200 ")
    assert hash(parse_assert("status == 200")) == hash(parse_assert("status == 200"))
    assert parse_assert("status == 200") != parse_assert("status == 201")
    assert "_judge" not in repr(parse_assert("status == 200"))


def test_the_contrary_is_written_with_not_and_without() -> None:
    assert parse_assert("status<300").negated().text == "status not <300"
    assert parse_assert("status<300").negated().negated().text == "status <300"
    assert parse_assert('body not contains "not"').negated().text == 'body contains "not"'


def test_the_variables_that_an_assert_needs_are_known() -> None:
    text = 'jsonpath "$[?@.id==\'{{id}}\']" regex "{{p}}" replace "{{old}}" "{{ new }}" == {{value}}'
    assert parse_assert(text).variables == {"id", "p", "old", "new", "value"}
    assert parse_assert('body contains "{{newUuid}}"').variables == frozenset()
    assert parse_assert("status == 200").variables == frozenset()


def test_a_bare_placeholder_keeps_its_type_and_a_quoted_one_is_text() -> None:
    assert holds("status == {{code}}", variables={"code": 200})
    assert not holds("status == {{code}}", variables={"code": "200"})
    assert not holds('status == "{{code}}"', variables={"code": 200})
    assert holds('status toString == "{{code}}"', variables={"code": 200})
    assert holds("body matches {{pattern}}", variables={"pattern": "D.ne"})
    assert holds('body contains "{{newDate}}"', an_answer("at 2030-06-15T12:00:00.000000Z"))
