"""Reads JSON that nobody vouches for, and tells the JSON formats apart by the first keys of a file. Pure."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

from actionkit.errors import Unreadable

Json = Mapping[str, object]
"""A JSON object, as loaded."""

DEEPEST = 6
"""How many levels of keys `outline` looks at: enough for every format read here."""

BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# Possessive: what is matched is not given back, so that a text of megabytes leaves no trail of places to go back to.
_TOKEN = re.compile(r'"((?:[^"\\\x00-\x1f]++|\\.)*+)"(\s*:)?|([{}\[\],])')
_START = re.compile(r"\s*[\[{]")


def utf8(data: bytes) -> bytes:
    """`data` as UTF-8 if it is UTF-16 with a byte order mark (PowerShell's `>`), else as it is."""
    if not data.startswith(BYTE_ORDER_MARKS):
        return data
    return data.decode("utf-16", "replace").encode()


def decode(name: str, data: bytes) -> str:
    """The text of a document: UTF-8 with or without a byte order mark, or UTF-16 with one. Raises Unreadable."""
    try:
        return data.decode("utf-16" if data.startswith(BYTE_ORDER_MARKS) else "utf-8-sig")
    except UnicodeDecodeError as error:
        # A UTF-8 mark counts in neither `error.object` nor `error.start`.
        raise Unreadable(name, "is not UTF-8 text", error.object.count(b"\n", 0, error.start) + 1) from error


def parse(name: str, data: bytes) -> Json:
    """Read a JSON object.

    Raises Unreadable(name, reason, line) for a truncated or damaged document, one nested too deeply, one whose
    object has a key twice (no tool writes that, and one value would be lost), or one that is no object.
    """
    try:
        value = json.loads(decode(name, data), object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        end = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        reason = "ends in the middle of its JSON: truncated" if end else f"is not JSON: {error.msg}"
        raise Unreadable(name, reason, error.lineno) from error
    except RecursionError as error:
        raise Unreadable(name, "is nested too deeply to be a report a tool writes") from error
    except ValueError as error:
        raise Unreadable(name, f"is not a JSON document any tool writes: {error}") from error
    return mapping(name, value, "the document")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:80]!r} stands twice in one object")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"the number {text}")


def mapping(name: str, value: object, what: str) -> Json:
    """`value` if it is a JSON object, else Unreadable naming `what`."""
    if isinstance(value, dict):
        return value
    raise Unreadable(name, f"{what} is {_kind(value)}, not an object")


def sequence(name: str, value: object, what: str) -> list[object]:
    """`value` if it is a JSON array, else Unreadable naming `what`."""
    if isinstance(value, list):
        return value
    raise Unreadable(name, f"{what} is {_kind(value)}, not a list")


def whole(name: str, value: object, what: str) -> int:
    """`value` if it is a whole number, else Unreadable naming `what`. JSON's `3.0` is whole, `true` is no number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise Unreadable(name, f"{what} is {_kind(value)}, not a whole number")


def text(value: object) -> str:
    """`value` if it is a string, else ""."""
    return value if isinstance(value, str) else ""


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a string", int: "a number", float: "a number"}
    return kinds[type(value)]


Outline = frozenset[tuple[str, ...]]
"""Paths of keys from the top of a document, at most DEEPEST long; the step into a list is "[]"."""


def outline(head: bytes) -> Outline:
    """The paths of the keys in the beginning of a JSON object or list; empty for anything else. Never raises."""
    decoded = head.decode("utf-16" if head.startswith(BYTE_ORDER_MARKS) else "utf-8", "replace")
    if not _START.match(decoded):
        return frozenset()
    return frozenset(_paths(decoded))


def _paths(decoded: str) -> Iterator[tuple[str, ...]]:
    open_containers: list[tuple[str, tuple[str, ...]]] = []
    deeper = 0
    key: tuple[str, ...] = ()
    for found in _TOKEN.finditer(decoded):
        string, colon, mark = found.groups()
        is_shallow = len(open_containers) <= DEEPEST
        if colon is not None:
            key = (string,)
            if is_shallow and open_containers:
                yield open_containers[-1][1] + key
        elif mark in ("{", "["):
            if not is_shallow:
                deeper += 1
                continue
            path: tuple[str, ...] = ()
            if open_containers:
                parent, path = open_containers[-1]
                path += ("[]",) if parent == "[" else key
            open_containers.append((mark, path))
            if mark == "[":
                yield (*path, "[]")
        elif mark in ("}", "]") and deeper:
            deeper -= 1
        elif mark in ("}", "]") and open_containers:
            open_containers.pop()


def has(found: Outline, *pattern: str) -> bool:
    """Whether a path of exactly this length is in the outline; `*` stands for any one key."""
    return any(
        len(path) == len(pattern) and all(want in ("*", got) for want, got in zip(pattern, path, strict=True))
        for path in found
    )
