"""Counts and line sets out of a recorded baseline that nobody vouches for, beside `actionkit.checked`. Pure."""

from __future__ import annotations

import re

from actionkit.checked import Refused, number, sequence
from coverage_gate.model import LINE_LIMIT, Counts, Lines

_HEX = re.compile(r"[0-9a-f]+")


def counts(value: object) -> Counts:
    """[covered, total]"""
    covered, total = (number(part) for part in sequence(value, 2))
    if covered > total:
        raise Refused(f"says that {covered} of {total} are covered")
    return Counts(covered, total)


def lines(value: object) -> Lines:
    """A bit set in hexadecimal."""
    if not isinstance(value, str) or len(value) > LINE_LIMIT // 4 + 1 or not _HEX.fullmatch(value):
        raise Refused("holds something else where a set of lines belongs")
    bits = int(value, 16)
    if bits & 1:
        raise Refused("has a line 0")
    return bits
