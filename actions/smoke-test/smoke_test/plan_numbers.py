"""Numbers that YAML reads otherwise than they are written, where a text is meant: `zip: 02134`, `build: 1.10`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actionkit.errors import Complaint
from actionkit.untrusted import shortened
from actionkit.yamlcore import Document, Keys, dotted
from smoke_test.plan_lines import steps

PLACES = (
    ("request", "params"),
    ("request", "headers"),
    ("request", "cookies"),
    ("request", "form"),
    ("request", "multipart"),
    ("headers",),
    ("options", "headers"),
)
"""The mappings of a step whose values are sent or compared as texts."""


def complaints(document: Document, path: str, source: Sequence[str]) -> tuple[Complaint, ...]:
    """Every number at such a place whose digits are not those in the file: it would be sent changed."""
    made = []
    for keys, value in _leaves(document.value):
        line = document.line_of(keys)
        # Where a text is meant a number with a point is refused as it is; a variable may be one.
        kinds = int | float if keys[0] == "variables" else int
        if line is None or isinstance(value, bool) or not isinstance(value, kinds):
            continue
        written = source[line - 1] if line <= len(source) else ""
        if not re.search(rf"(?<![\w.+-]){re.escape(repr(value))}(?![\w.])", written):
            message = (
                f"`{dotted(keys)}` is read as the number {shortened(repr(value), 40)}, which is not what is written"
            )
            fix = "Put it in quotes if it is a text, else write the number that way."
            made.append(Complaint(message, fix, path, line))
    return tuple(made)


def _leaves(plan: Any) -> Iterator[tuple[Keys, Any]]:
    if not isinstance(plan, dict):
        return
    roots: list[tuple[Keys, Any]] = [(("variables",), plan.get("variables"))]
    roots.append((("options", "headers"), _at(plan, ("options", "headers"))))
    for keys, step in steps(plan):
        roots += [((*keys, *place), _at(step, place)) for place in PLACES]
    for keys, mapping in roots:
        if isinstance(mapping, dict):
            for name, value in mapping.items():
                several = value if isinstance(value, list) else None
                yield from (((*keys, name, at), one) for at, one in enumerate(several or ()))
                if several is None:
                    yield (*keys, name), value


def _at(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
