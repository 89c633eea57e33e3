"""Regular expressions of RE2, which take time linear in the text whatever the pattern, and JSONPath of RFC 9535."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actionkit.asserts.kinds import Nodes
from actionkit.asserts.model import NothingFound
from actionkit.untrusted import one_line, shortened

MEMORY = 16 * 1024 * 1024
"""Bytes that one compiled pattern may take (RE2's own default is 8 MiB)."""
LONGEST_PATH = 2000

_LACKING = (
    ("(?=", "lookahead"),
    ("(?!", "lookahead"),
    ("(?<=", "lookbehind"),
    ("(?<!", "lookbehind"),
    ("(?>", "atomic groups"),
)
_BACKREFERENCE = re.compile(r"\\[1-9]|\\k|\(\?P=")
_SINGULAR = re.compile(r"\$(?:\['(?:[^'\\]|\\.)*'\]|\[-?[0-9]+\])*", re.DOTALL)


class BadPattern(Exception):  # noqa: N818
    """A pattern that does not compile: `at` is the index in it (from 0), `reason` and `fix` are sentence parts."""

    def __init__(self, reason: str, at: int = 0, fix: str = "") -> None:
        self.reason, self.at, self.fix = reason, at, fix
        super().__init__(reason)


def searchable(text: str) -> str:
    """`text` without lone surrogates, which JSON may hold and UTF-8 may not."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Regex:
    """A compiled pattern."""

    pattern: str
    groups: int
    _compiled: Any

    def found(self, text: str) -> bool:
        """Whether it matches anywhere in `text`."""
        return self._compiled.search(searchable(text)) is not None

    def first_group(self, text: str) -> str | None:
        """What its first group matched, None where the pattern or the group matched nothing."""
        found = self._compiled.search(searchable(text))
        return None if found is None else found.group(1)

    def replaced(self, text: str, replacement: Callable[[Any], str]) -> str:
        """`text` with every match replaced."""
        return str(self._compiled.sub(replacement, searchable(text)))


def regex(pattern: str) -> Regex:
    """Compile. Raises BadPattern, with the fix for what RE2 lacks."""
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    try:
        compiled = re2.compile(searchable(pattern), options)
    except re2.error as error:
        raise _unusable_regex(pattern, error) from None
    return Regex(pattern, compiled.groups, compiled)


def _unusable_regex(pattern: str, error: Exception) -> BadPattern:
    for mark, name in _LACKING:
        if (at := pattern.find(mark)) >= 0:
            return BadPattern(f"`{mark}` is {name}, which RE2 does not have", at, "use `not matches`, or two asserts")
    if found := _BACKREFERENCE.search(pattern):
        return BadPattern(f"`{found[0]}` is a backreference, which RE2 does not have", found.start())
    reason = error.args[0] if error.args else ""
    told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return BadPattern(f"is no regular expression of RE2 ({shortened(one_line(told), 80)})")


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled JSONPath. `singular`: it selects at most one node, whatever the document (RFC 9535, 2.3.5.1)."""

    written: str
    singular: bool
    _compiled: Any

    def select(self, document: Any) -> Any:
        """The one node's value, or several as Nodes. Raises NothingFound where there is none, or no end of nesting."""
        from jsonpath_rfc9535 import JSONPathError

        try:
            values = [node.value for node in self._compiled.find(document)]
        except (JSONPathError, RecursionError):
            raise NothingFound("finds nothing because the JSON is nested too deeply", absent=False) from None
        if not values:
            raise NothingFound("finds nothing")
        return values[0] if self.singular else Nodes(values)


def path(written: str) -> Path:
    """Compile. Raises BadPattern."""
    import jsonpath_rfc9535

    if len(written) > LONGEST_PATH:
        raise BadPattern(f"a JSONPath of {len(written)} characters", 0, f"use at most {LONGEST_PATH}")
    try:
        compiled = jsonpath_rfc9535.compile(written)
        canonical = str(compiled)
    except jsonpath_rfc9535.JSONPathError as error:
        raise _unusable_path(written, error) from None
    except (RecursionError, ValueError, ArithmeticError, LookupError, TypeError) as error:
        raise BadPattern(f"is no JSONPath of RFC 9535 ({shortened(one_line(str(error)), 80)})") from None
    return Path(written, bool(_SINGULAR.fullmatch(canonical)), compiled)


def _unusable_path(written: str, error: Exception) -> BadPattern:
    token = getattr(error, "token", None)
    # Version 1 has a Token with an index, version 2 a tuple of kind and start.
    at = token[1] if isinstance(token, tuple) else getattr(token, "index", 0)
    reason = shortened(one_line(str(error.args[0] if error.args else error)), 80)
    fix = "a path starts with `$`, such as `$.items[0].id`" if not written.startswith("$") else ""
    return BadPattern(f"is no JSONPath of RFC 9535 ({reason})", max(0, min(int(at), len(written))), fix)
