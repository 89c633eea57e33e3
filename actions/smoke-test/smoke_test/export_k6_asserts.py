"""Asserts and captures as JavaScript expressions over k6's response `r`, where k6 can tell as much. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from actionkit.asserts.kinds import Span
from actionkit.asserts.scanner import Kind, Scanner, Token
from actionkit.asserts.template import Name, Template

# `$.a.b[0]['c d']`: paths that select one node at most.
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]{1,9})\]|\['([^'\\]*)'\]|\[\"([^\"\\]*)\"\]", re.ASCII)
# What RE2 knows and JavaScript does not, or knows by another meaning.
_FOREIGN = re.compile(r"\(\?(?!:)|\\[AzQEpPC]|\[\[:")

_PLAIN = {
    "status": "r.status",
    "url": "r.url",
    "body": "bodyOf(r)",
    "duration": "(r.timings.blocked + r.timings.duration)",
}
_NAMED = {"header": "header", "cookie": "cookie"}
_COMPARED = ("==", "!=", ">", ">=", "<", "<=", "contains", "startsWith", "endsWith")
_ALONE = ("exists", "isInteger", "isNumber", "isBoolean", "isString", "isCollection", "isList", "isObject")
_CONSTANTS = ("true", "false", "null")


class _Untranslatable(Exception):  # noqa: N818 - never leaves this module
    pass


def assertion(text: str) -> str | None:
    """`is(r.status, "==", 200, false)` for an assert that parses; None for one that k6 cannot hold."""
    try:
        return _assertion(tuple(_tokens(text)))
    except _Untranslatable:
        return None


def capture(text: str) -> str | None:
    """An expression whose value is captured, undefined where there is none; None for what k6 cannot find."""
    tokens = tuple(_tokens(text))
    if tokens and tokens[-1].value == "redact":
        tokens = tokens[:-1]
    try:
        value, rest = _value(tokens)
    except _Untranslatable:
        return None
    return None if rest else value


def _tokens(text: str) -> Iterator[Token]:
    scanner = Scanner(text)
    while scanner.peek.kind is not Kind.END:
        yield scanner.take()


def _assertion(tokens: tuple[Token, ...]) -> str:
    value, rest = _value(tokens)
    negative = rest[0].value == "not"
    predicate, *expected = rest[1:] if negative else rest
    name = predicate.value
    if name in _ALONE and not expected:
        wanted = "undefined"
    elif name in _COMPARED and expected:
        wanted = _expected(expected[0])
    elif name == "matches" and expected:
        wanted = _pattern(expected[0])
    else:
        raise _Untranslatable
    return f"is({value}, {json.dumps(name)}, {wanted}, {json.dumps(negative)})"


def _value(tokens: tuple[Token, ...]) -> tuple[str, tuple[Token, ...]]:
    """The query with its filters, and the tokens after them."""
    query, rest = tokens[0].value, tokens[1:]
    if query in _PLAIN:
        value = _PLAIN[query]
    elif query in _NAMED and "[" not in _constant(rest[0]):
        value, rest = f"{_NAMED[query]}(r, {json.dumps(_constant(rest[0]))})", rest[1:]
    elif query == "jsonpath":
        value, rest = f"at(r, {json.dumps(_keys(_constant(rest[0])))})", rest[1:]
    else:
        raise _Untranslatable
    if rest and rest[0].value == "count":
        return f"count({value})", rest[1:]
    return value, rest


def _constant(token: Token) -> str:
    text = token.value.constant if isinstance(token.value, Template) else None
    if text is None:
        raise _Untranslatable
    return str(text)


def _keys(path: str) -> list[str | int]:
    keys: list[str | int] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise _Untranslatable
        keys.append(int(found[2]) if found[2] is not None else next(one for one in found.groups() if one is not None))
        at = found.end()
    return keys


def _expected(token: Token) -> str:
    if token.kind is Kind.NUMBER:
        return json.dumps(token.value)
    if token.kind is Kind.DURATION and isinstance(token.value, Span):
        return json.dumps(token.value.seconds * 1000)
    if token.kind is Kind.WORD and token.value in _CONSTANTS:
        return str(token.value)
    if token.kind is Kind.PLACEHOLDER:
        return f"valueOf({json.dumps(str(token.value.parts[0]))}, vars)"
    if token.kind is Kind.STRING:
        return _text(token.value)
    raise _Untranslatable


def _text(template: Template) -> str:
    parts = [
        f"asText(valueOf({json.dumps(str(part))}, vars))" if isinstance(part, Name) else json.dumps(part)
        for part in template.parts
    ]
    return " + ".join(parts) or '""'


def _pattern(token: Token) -> str:
    pattern = token.value if token.kind is Kind.REGEX else _constant(token)
    if not isinstance(pattern, str) or _FOREIGN.search(pattern):
        raise _Untranslatable
    return json.dumps(pattern)
