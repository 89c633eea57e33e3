"""Hurl's assert lines, `query filter* [not] predicate`, and its captures and `{{templates}}`.

The plan of smoke-test and `expect` of health-wait are written in them. Pure: an answer in, a verdict out.
"""

from __future__ import annotations

from actionkit.asserts.model import Assert, Capture, Checked, NothingFound, NotUnderstood, Subject, Unset

__all__ = [
    "Assert",
    "Capture",
    "Checked",
    "NotUnderstood",
    "NothingFound",
    "Subject",
    "Unset",
    "parse_assert",
    "parse_capture",
]


def parse_assert(text: str) -> Assert:
    """Parse one assert. Raises NotUnderstood. See `actionkit.asserts.grammar`, which is only loaded when it is used."""
    from actionkit.asserts import grammar

    return grammar.parse_assert(text)


def parse_capture(text: str) -> Capture:
    """Parse one capture: a query, filters, and `redact` if its value is a secret. Raises NotUnderstood."""
    from actionkit.asserts import grammar

    return grammar.parse_capture(text)
