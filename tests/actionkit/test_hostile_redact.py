"""A secret that is cut off where a quotation ends, or that is longer than what is looked at, is no less a secret."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.redact import QUOTED, Redactor, beginning

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "hex": lambda secret: secret.encode().hex(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "JSON in code points": lambda secret: "".join(f"\\u{ord(letter):04x}" for letter in secret),
    "percent": lambda secret: "".join(f"%{ord(letter):02X}" for letter in secret),
}


def random_secret(length: int) -> str:
    return "".join(random.Random(length).choice(LETTERS) for _ in range(length))


def windows(text: str, size: int) -> set[str]:
    return {text[at : at + size] for at in range(len(text) - size + 1)}


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=25)
@given(length=st.sampled_from([6, 40, 255, 256, 257, 300, 1000, 5000, 20_000]), before=st.integers(0, QUOTED + 10))
def test_no_part_of_a_secret_is_left_where_a_text_is_cut(spelling: str, length: int, before: int) -> None:
    secret = random_secret(length)
    spelled = SPELLINGS[spelling](secret)
    shown = beginning("-" * before + spelled + "." * QUOTED, Redactor([secret]).text)
    assert not windows(shown, 6) & windows(spelled, 6)


def test_what_is_short_is_quoted_whole_and_what_is_long_to_the_limit() -> None:
    assert beginning("short", Redactor(["secret-1"]).text) == "short"
    assert beginning("x" * 9000, Redactor(["secret-1"]).text) == "x" * QUOTED


def test_ordinary_text_is_not_mistaken_for_the_end_of_a_long_secret() -> None:
    secret = random_secret(257)
    text = json.dumps({"last": secret[-6:]})
    assert Redactor([secret]).text(text) == text
