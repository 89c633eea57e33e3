"""Numbers and durations as asserts spell them. Pure."""

from __future__ import annotations

import re

from actionkit.asserts.kinds import Real, Span

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?", re.ASCII)
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(ms|[smhdw])", re.ASCII)
_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
DIGITS = 1000
"""The longest number: more digits than any field has, fewer than Python refuses (4300)."""


def number(text: str) -> int | Real | None:
    """`5`, `-1.5` or `1e3`, or None if it is no number; `1e3` and `1.0` are floats, as in JSON."""
    matched = _NUMBER.fullmatch(text) if len(text) <= DIGITS else None
    if matched is None:
        return None
    return Real(text) if matched[1] or matched[2] else int(text)


def duration(text: str) -> Span | None:
    """`800ms`, `1.5s`, `25h`, `21d` or `1h30m` (larger units first, each once), or None if it is none."""
    parts = _PART.findall(text)
    order = [list(_UNITS).index(unit) for _, unit in parts]
    if not parts or order != sorted(set(order)) or "".join(n + unit for n, unit in parts) != text:
        return None
    return Span(sum(float(n) * _UNITS[unit] for n, unit in parts))
