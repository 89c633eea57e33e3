"""The body of an answer as text and as JSON. Pure."""

from __future__ import annotations

import codecs
import re
from typing import Any, NoReturn

from actionkit.asserts.kinds import Real
from actionkit.web.model import Answer

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LONGEST_INTEGER = 1000
# Python's own; some of them know no "replace", or take time quadratic in the text.
_NEVER_SENT = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})


class NoJson(Exception):  # noqa: N818 - says why a text is no JSON
    """A text is no JSON that asserts can trust; str() is the reason, which may quote the text."""


def charset(name: str) -> str | None:
    """Python's name of a character encoding that bodies are sent in, None if it is none (base64, idna…)."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    is_sent = getattr(found, "_is_text_encoding", True) and found.name not in _NEVER_SENT
    return found.name if is_sent else None


def charset_of(answer: Answer) -> str:
    """The charset that Content-Type names if it is known, else UTF-8.

    Not Latin-1 where none is named: HTTP dropped that default (RFC 7231, appendix B).
    """
    named = _CHARSET.search(answer.header("Content-Type") or "")
    return (charset(named[1]) if named else None) or "utf-8"


def text(answer: Answer) -> str:
    """The body as text by its charset; what does not decode becomes U+FFFD, a byte order mark is dropped."""
    return answer.body.removeprefix(codecs.BOM_UTF8).decode(charset_of(answer), "replace")


def json(document: str) -> Any:
    """JSON with numbers as they were written. Raises NoJson, also for a key that stands twice and for NaN."""
    import json as reader

    try:
        return reader.loads(
            document, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_real, parse_int=_integer
        )
    except reader.JSONDecodeError as error:
        if not document.strip():
            raise NoJson("it is empty") from error
        raise NoJson(f"{error.msg} in line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise NoJson("it is nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NoJson(f"the key `{twice}` stands twice in one object")
    return found


def _no_constant(word: str) -> NoReturn:
    raise NoJson(f"{word} is no JSON number")


def _real(digits: str) -> Real:
    try:
        return Real(digits)
    except ArithmeticError:
        raise NoJson(f"the number {digits} is out of every range") from None


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise NoJson(f"a number has {len(digits)} digits")
    return int(digits)
