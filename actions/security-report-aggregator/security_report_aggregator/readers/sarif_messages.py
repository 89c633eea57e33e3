"""Texts in SARIF: plain or Markdown, by id with arguments, with embedded links (SARIF 2.1.0, 3.11 and 3.12)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from security_report_aggregator.readers.fields import TEXT_LIMIT, obj, text

Strings = Mapping[str, str]
"""Texts by message id."""

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,4})\}")
# Only links to places in the log itself; a web address is worth keeping.
_LINK = re.compile(r"\[([^\[\]\\]{0,500}(?:\\.[^\[\]\\]{0,500}){0,20})\]\((?:\d{1,9}|sarif:[^()\s]{0,500})\)")
_ESCAPED = re.compile(r"\\([\[\]\\])")
_ARGUMENT_LIMIT = 1000


def strings(value: object) -> Strings:
    """`messageStrings` or `globalMessageStrings` as texts by id."""
    return {key: found for key, one in obj(value).items() if (found := formatted(one))}


def formatted(value: object) -> str:
    """A multiformatMessageString as one text; its plain form where it has both."""
    if not isinstance(value, dict):
        return ""
    return text(value.get("text")).strip() or text(value.get("markdown")).strip()


def spoken(message: object, *tables: Strings) -> str:
    """What a message says, "" if nothing; its id is looked up in the tables, in their order."""
    if not isinstance(message, dict):
        return ""
    said = formatted(message)
    arguments = message.get("arguments")
    if not said and isinstance(name := message.get("id"), str):
        said = next((table[name] for table in tables if name in table), "")
        arguments = arguments or []
    if isinstance(arguments, list) and "{" in said:
        said = _filled(said, arguments)
    return _unlinked(said) if "[" in said else said


def _filled(said: str, arguments: list[object]) -> str:
    def replaced(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        at = int(found[1])
        return text(arguments[at])[:_ARGUMENT_LIMIT] if at < len(arguments) else found[0]

    return _PLACEHOLDER.sub(replaced, said)[:TEXT_LIMIT]


def _unlinked(said: str) -> str:
    plain = _LINK.sub(r"\1", said)
    return _ESCAPED.sub(r"\1", plain) if "\\" in plain else plain
