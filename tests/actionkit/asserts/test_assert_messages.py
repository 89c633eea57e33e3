"""A failed assert says in one bounded line what was found and what was expected, and tells no secret."""

from __future__ import annotations

import pytest
from tests.actionkit.asserts.answers import HEADERS, an_answer, checked

from actionkit.redact import Redactor


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('jsonpath "$.state" == "pending"', 'jsonpath "$.state" is "ready" (string), expected == "pending"'),
        ('status == "200"', 'status is 200 (integer), expected == "200" (string)'),
        ("status not == 200", "status is 200 (integer), expected not == 200"),
        ('jsonpath "$.note" == 1', 'jsonpath "$.note" is null, expected == 1 (integer)'),
        ('jsonpath "$.sold" == true', 'jsonpath "$.sold" is false (boolean), expected == true'),
        ('jsonpath "$.tags" count > 5', 'jsonpath "$.tags" count is 2 (integer), expected > 5'),
        ('jsonpath "$.tags" == "new"', 'jsonpath "$.tags" is ["new", "book"] (list of 2), expected == "new" (string)'),
        ('jsonpath "$.owner" isEmpty', 'is {"name": "Ann", "mail": "ann@example.com"} (object), expected isEmpty'),
        ("duration < 800", "duration is 812 ms (duration), expected < 800 (integer)"),
        ('header "Date" age < 30s', 'header "Date" age is 60 s (duration), expected < 30s'),
        ('certificate "Expire-Date" isString', '"Expire-Date" is 2030-07-20T00:00:00Z (date), expected isString'),
        ("md5 == hex,00;", "expected == hex,00;"),
        ('header "X-None" exists', 'header "X-None" finds nothing, expected exists'),
        ('jsonpath "$.tags" nth 9 == "x"', 'nth 9 finds nothing: the list has 2 items, expected == "x"'),
        ("status > {{x}}", "status is 200 (integer), expected > {{x}}, which is 300"),
        ("status == {{y}}", "status cannot be checked: the variable `y` is not set, expected == {{y}}"),
        ("status == {{xx}}", "the variable `xx` is not set; did you mean `x`?"),
        ("status matches /2/", "200 (integer), expected matches /2/; it does not work on integer with a regex"),
        ('body matches "{{x}}nowhere"', 'which is "300nowhere"'),
        ("status isEmpty", "status is 200 (integer), expected isEmpty; it does not work on integer"),
    ],
)  # fmt: skip
def test_it_reads_like_a_sentence(text: str, message: str) -> None:
    assert message in checked(text, variables={"x": 300, "xyz": 1} if "xx" not in text else {"x": 1}).message


@pytest.mark.parametrize("predicate", ["contains", "startsWith", "endsWith", "matches"])
def test_a_variable_that_is_empty_asks_nothing_of_a_text_and_does_not_hold(predicate: str) -> None:
    result = checked(f'body {predicate} "{{{{sha}}}}"', variables={"sha": ""})
    assert not result.ok
    assert result.message.endswith(f'expected {predicate} "{{{{sha}}}}", which is empty, so that every text has it')
    assert checked(f'body {predicate} "{{{{sha}}}}"', an_answer("4f2a"), {"sha": "4f2a"}).ok
    assert checked(f'body {predicate} "4{{{{sha}}}}"', an_answer("4"), {"sha": ""}).ok


def test_a_list_may_hold_an_empty_text() -> None:
    assert checked('jsonpath "$" contains "{{none}}"', an_answer(["a", ""]), {"none": ""}).ok


def test_what_was_found_stands_alone_too() -> None:
    assert checked('jsonpath "$.state" == "pending"').actual == '"ready"'
    assert checked('header "X-None" exists').actual == "nothing"
    assert checked("status == 200").actual == ""


def test_a_body_is_never_quoted_whole() -> None:
    body = "\x1b[31m" + "line\r\n\u202e" * 500_000
    result = checked(f'body == "{"x" * 5000}"', an_answer(body))
    assert len(result.message) < 500
    assert len(result.actual) <= 120
    assert result.message.isprintable()
    listed = checked('jsonpath "$" isEmpty', an_answer([{"k": "v" * 100}] * 1000))
    assert "(list of 1000)" in listed.message
    assert len(listed.message) < 500


def test_a_secret_is_taken_out_before_the_value_is_cut_short() -> None:
    secret = "s3cr3t-" * 40
    redacted = Redactor([secret]).text
    answer = an_answer({"token": secret, "list": [secret, "a"], secret: 1}, (*HEADERS, ("X-Token", f"Bearer {secret}")))
    for text in (
        'jsonpath "$.token" == "x"',
        'jsonpath "$.list" == "x"',
        'jsonpath "$" == "x"',
        'header "X-Token" == "x"',
        'jsonpath "$.token" toInt == 1',
        'status == "{{secret}}"',
        "body isEmpty",
    ):
        message = checked(text, answer, {"secret": secret}, redacted).message
        assert "s3cr3t" not in message
        assert "***" in message


def test_the_reason_why_a_body_is_no_json_tells_no_secret() -> None:
    secret = "k3y-" * 30
    answer = an_answer(f'{{"{secret}": 1, "{secret}": 2}}')
    message = checked('jsonpath "$.a" exists', answer, redacted=Redactor([secret]).text).message
    assert "the key `***` stands twice" in message
