"""Versions of packages in the order of their ecosystem.

PyPI: PEP 440. deb, rpm and apk: Debian's comparison (`~` before the end, letters before signs). npm and all others:
the precedence of Semantic Versioning, with any number of numeric parts; what follows a dash is a pre-release. Maven's
and RubyGems' letters are pre-releases only where their word says so (`alpha`, `rc`, `snapshot` …), as in `31.1-jre`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from security_report_aggregator.purls import SYSTEM_TYPES

Key = tuple[Any, ...]
"""Comparable with the keys of other versions of the same type."""

LENGTH_LIMIT = 200

_RELEASE = re.compile(r"[vV=\s]*([0-9]+(?:\.[0-9]+)*)(.*)", re.DOTALL)
_EPOCH = re.compile(r"^v?[0-9]+[:!]")
_TOKENS = re.compile(r"[0-9]+|[a-z]+")
_PIECES = re.compile(r"([^0-9]*)([0-9]*)")
_WORDY = frozenset({"maven", "gem"})
_BEFORE_RELEASE = frozenset(
    {"alpha", "a", "beta", "b", "milestone", "m", "rc", "cr", "snapshot", "dev", "pre", "preview", "canary", "next"}
)
_IS_RELEASE = frozenset({"final", "ga", "release"})


@lru_cache(maxsize=16384)
def order(type_: str, version: str) -> Key:
    """A sort key; a version nobody can read sorts before all others. Never raises."""
    text = version.strip()[:LENGTH_LIMIT]
    if type_ in SYSTEM_TYPES:
        return (1, _debian(text))
    if type_ == "pypi":
        return _pep440(text)
    return _semantic(text, type_)


@lru_cache(maxsize=16384)
def release(type_: str, version: str) -> tuple[int, ...]:
    """The numbers before any qualifier, an epoch left out: `1:2.3.4-rc.1` -> (2, 3, 4). Empty if there are none."""
    text = version.strip()[:LENGTH_LIMIT]
    if type_ in SYSTEM_TYPES or type_ == "pypi":
        text = _EPOCH.sub("", text)
    found = _RELEASE.match(text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


@lru_cache(maxsize=16384)
def is_version(text: str) -> bool:
    """Whether it starts as a version does; `not fixed` and ranges do not."""
    return _RELEASE.match(text.strip()) is not None


def _pep440(text: str) -> Key:
    from packaging.version import InvalidVersion, Version

    try:
        return (2, Version(text))
    except InvalidVersion:
        return (1, _semantic(text, ""))


def _semantic(text: str, type_: str) -> Key:
    found = _RELEASE.match(text.partition("+")[0])
    if not found:
        return (0, text)
    numbers = [int(part) for part in found[1].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    tokens = _TOKENS.findall(found[2].lower())
    while tokens and tokens[-1] in _IS_RELEASE and type_ in _WORDY:
        tokens.pop()
    qualifiers = tuple((0, int(token), "") if token.isdigit() else (1, 0, token) for token in tokens)
    return (1, tuple(numbers), not _precedes(tokens, type_), qualifiers)


def _precedes(tokens: list[str], type_: str) -> bool:
    """Whether the qualifier makes it a pre-release."""
    if type_ in _WORDY:
        return any(token in _BEFORE_RELEASE for token in tokens)
    return bool(tokens)


def _debian(text: str) -> Key:
    epoch, colon, rest = text.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        epoch, rest = "0", text
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return (int(epoch), _debian_part(upstream), _debian_part(revision))


def _debian_part(text: str) -> Key:
    """Signs and numbers in turn, each comparable: `~` before the end of the text, that before letters, then signs."""
    pieces: list[Key] = []
    for signs, digits in _PIECES.findall(text):
        weights = tuple(-1 if sign == "~" else ord(sign) if sign.isalpha() else ord(sign) + 0x110000 for sign in signs)
        pieces.append(((*weights, 0), int(digits or 0)))
    return tuple(pieces)
