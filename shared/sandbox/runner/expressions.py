"""The `${{ … }}` that stand in defaults and arguments: a path into a context, such as `github.event.number`.

Operators and functions are not evaluated: a default that needs them is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*")


class Unsupported(Exception):  # noqa: N818 - says what the twin does not do
    """An expression with more than a path in it."""


def fill(text: str, contexts: Mapping[str, Any]) -> str:
    """`text` with every expression replaced by its value; a path that leads nowhere is "". Raises Unsupported."""
    return _EXPRESSION.sub(lambda match: _evaluate(match[1].strip(), contexts), text)


def _evaluate(expression: str, contexts: Mapping[str, Any]) -> str:
    if not _PATH.fullmatch(expression):
        raise Unsupported(f"${{{{ {expression} }}}}: only paths such as github.token are evaluated here")
    value: Any = contexts
    for name in expression.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return "Object" if isinstance(value, Mapping) else "Array" if isinstance(value, list) else str(value)
