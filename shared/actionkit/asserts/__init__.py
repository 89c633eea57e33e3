"""Hurl's assert lines, `query filter* [not] predicate`, and its captures and `{{templates}}`.

The plan of smoke-test and `expect` of health-wait are written in them. Pure: an answer in, a verdict out.
"""

from __future__ import annotations

from actionkit.asserts.grammar import parse_assert, parse_capture
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
