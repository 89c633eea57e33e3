"""What the message of a SARIF result says in plain text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.sarif_logs import finding, result

from security_report_aggregator.readers.fields import TEXT_LIMIT
from security_report_aggregator.readers.sarif_messages import formatted, spoken, strings

RULE: dict[str, Any] = {
    "id": "R1",
    "messageStrings": {"default": {"text": "`{0}` is not {1}."}, "marked": {"markdown": "**{0}**"}, "odd": None},
}
GLOBAL = {"shared": {"text": "All of it."}, "default": {"text": "never"}}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"text": "Plain."}, "Plain."),
        ({"text": "Plain.", "markdown": "**Marked.**"}, "Plain."),
        ({"text": "", "markdown": "**Marked.**"}, "**Marked.**"),
        ({"id": "default", "arguments": ["x", "y"]}, "`x` is not y."),
        ({"id": "default", "arguments": ["x"]}, "`x` is not {1}."),
        ({"id": "default"}, "`{0}` is not {1}."),
        ({"id": "marked", "arguments": ["x"]}, "**x**"),
        ({"id": "shared"}, "All of it."),
        ({"text": "{0} and {{1}}", "arguments": ["x", "y"]}, "x and {1}"),
        ({"text": "{0} stays"}, "{0} stays"),
        ({"text": "{0}", "arguments": [{"no": "text"}]}, "The rule."),
        ({"text": "from [user input](1) to [here](sarif:/runs/0)"}, "from user input to here"),
        ({"text": "see [CVE-1](https://example.com)"}, "see [CVE-1](https://example.com)"),
        ({"text": r"[a\]b](2) and \[c\] \\ d"}, "a]b and [c] \\ d"),
        ({"text": "a[0](x)"}, "a[0](x)"),
        ({"id": "nowhere"}, "The rule."),
        ({"id": "odd"}, "The rule."),
        ({"id": 3}, "The rule."),
        ({}, "The rule."),
        (None, "The rule."),
        ("text", "The rule."),
    ],
)
def test_a_message_is_plain_text(message: object, said: str) -> None:
    rules = [{**RULE, "shortDescription": {"text": "The rule."}}]
    tool = {"driver": {"name": "T", "rules": rules, "globalMessageStrings": GLOBAL}}
    assert finding(result(message=message), tool=tool).message == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [({"name": "Named"}, "Named"), ({}, "R1"), ({"fullDescription": {"text": "Long."}}, "Long.")],
)
def test_a_result_without_a_message_says_what_its_rule_does(rule: dict[str, Any], said: str) -> None:
    assert finding(result(message=None), rules=[{"id": "R1", **rule}]).message == said


@given(st.text(alphabet="[]\\(){}019 sarif:x", max_size=60), st.lists(st.text(max_size=5), max_size=3))
def test_no_text_breaks_a_message(text: str, arguments: list[str]) -> None:
    assert isinstance(spoken({"text": text, "arguments": arguments}), str)


def test_what_a_message_becomes_is_bounded() -> None:
    long = {"text": "{0}" * 1000, "arguments": ["x" * TEXT_LIMIT]}
    assert len(spoken(long)) == TEXT_LIMIT
    # Every bracket begins a link that never ends.
    assert spoken({"text": "[\\[" * 1300}).startswith("[[")


def test_tables_of_messages_hold_texts_only() -> None:
    assert strings({"a": {"text": "x"}, "b": {"text": 1.5}, "c": "x", "d": {}}) == {"a": "x", "b": "1.5"}
    assert strings(["x"]) == {}
    assert formatted({"text": ["x"]}) == ""
