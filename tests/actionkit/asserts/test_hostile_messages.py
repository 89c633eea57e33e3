"""What a failing assert says of an answer that holds a secret."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from actionkit.asserts import Subject, parse_assert
from actionkit.asserts.kinds import shown
from actionkit.redact import Redactor
from actionkit.web.model import Answer, Timings

LONG = "".join(chr(ord("A") + (at * at + at // 7) % 26) for at in range(6000))
SECRET = "Qz7kWp3vXbRt5yUi8oPl"


def said(claim: str, body: str) -> str:
    answer = Answer(200, "OK", "HTTP/1.1", (), body.encode(), "http://shop.example/", "127.0.0.1", 0.1, Timings())
    redacted = Redactor([LONG, SECRET]).text
    return parse_assert(claim).check(Subject(answer, datetime(2026, 3, 1, tzinfo=UTC), redacted)).message


@pytest.mark.parametrize("claim", ['body == "x"', 'jsonpath "$" == 1', 'jsonpath "$.key" == "x"', "body toInt == 1"])
def test_a_secret_longer_than_what_is_quoted_is_not_quoted(claim: str) -> None:
    message = said(claim, f'{{"key": "{LONG}"}}')
    assert LONG[:12] not in message
    assert "***" in message


@pytest.mark.parametrize("before", [0, 7, 15])
def test_bytes_that_hold_a_secret_are_not_shown_in_hexadecimal(before: int) -> None:
    message = said("bytes == hex,00;", "." * before + SECRET)
    assert message.startswith(f"bytes is {before + len(SECRET)} bytes (bytes)")


def test_other_bytes_are() -> None:
    assert said("bytes == hex,00;", "a" * 20).startswith(f"bytes is 20 bytes, hex,{'61' * 16}…")


@pytest.mark.parametrize("value", [[LONG, LONG], {"a": {"b": LONG}}, LONG])
def test_a_value_of_any_kind_is_cut_without_a_rest_of_a_secret(value: Any) -> None:
    assert LONG[:12] not in shown(value, Redactor([LONG]).text)
