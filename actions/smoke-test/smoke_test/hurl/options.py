"""`[Options]` of a Hurl entry as options of a step. Pure.

Units are Hurl's: `retry-interval` and `delay` are milliseconds without one, `max-time` and `connect-timeout` seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from actionkit import values
from actionkit.errors import InputError
from smoke_test.model import Options

WITHOUT_EFFECT = frozenset({"verbose", "very-verbose", "compressed", "http1.1"})
"""Options that change what is printed, or ask for what is done anyway. Only `true` is."""

_RETRY = re.compile(r"-1|[0-9]{1,6}", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?", re.ASCII)
_PLAIN = re.compile(r"[0-9]{1,12}", re.ASCII)


def _seconds(unit: str) -> Callable[[str], float]:
    def convert(text: str) -> float:
        return values.duration(f"{text}{unit}" if _PLAIN.fullmatch(text) else text).total_seconds()

    return convert


def _retry(text: str) -> int:
    if not _RETRY.fullmatch(text):
        raise InputError(f"{values.quoted(text)} is no number of retries", "a whole number, or -1 for no limit")
    return int(text)


FIELDS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "connect-timeout": ("connect_timeout", _seconds("s")),
    "max-time": ("max_time", _seconds("s")),
    "max-filesize": ("max_filesize", values.size),
    "location": ("location", values.boolean),
    "max-redirs": ("max_redirs", values.count),
    "retry": ("retry", _retry),
    "retry-interval": ("retry_interval", _seconds("ms")),
    "delay": ("delay", _seconds("ms")),
    "insecure": ("insecure", values.boolean),
    "skip": ("skip", values.boolean),
}
"""Hurl's name -> the field of Options, and the converter of its value."""


def typed(text: str) -> str | int | float | bool:
    """The value of a variable as Hurl reads it: a number or boolean is one unless it stands in quotes."""
    word = text.strip()
    if word in ("true", "false"):
        return word == "true"
    if _NUMBER.fullmatch(word):
        return float(word) if "." in word else int(word)
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] == '"' else text


def changed(options: Options, name: str, text: str) -> Options:
    """The options with one more set. Raises InputError for a value, and for an option that smoke-test has not."""
    if name in WITHOUT_EFFECT:
        values.boolean(text)
        return options
    if name not in FIELDS:
        raise InputError(f"the option {values.quoted(name)} is not supported", f"{', '.join(FIELDS)}, variable")
    field, convert = FIELDS[name]
    return replace(options, **{field: convert(text)})
