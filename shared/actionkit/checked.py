"""Values out of JSON that nobody vouches for: each is checked as it is taken, and refused with a sentence. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

COUNT_LIMIT = 10**12
"""Nothing that is counted in a repository is more."""

SECONDS_LIMIT = 10**12
"""No moment and no duration that anything here tells is later or longer, in milliseconds either."""

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Refused(ValueError):  # noqa: N818 - reads as the sentence it stands for: "this value is refused"
    """What is wrong, as the rest of a sentence that begins with the file's name."""


def document(data: bytes, kind: str, schema: int) -> Mapping[str, Any]:
    """The JSON object in `data`, which must call itself `kind` and have that schema."""
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused("is not JSON, or cut short") from error
    fields = mapping(parsed)
    if fields.get("kind") != kind:
        raise Refused(f"is not a {kind} file")
    if fields.get("schema") != schema:
        given = str(fields.get("schema"))[:20]
        raise Refused(f"has schema {given}; this version reads schema {schema}: use the version that wrote it")
    return fields


def mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refused("holds something else where an object belongs")
    return value


def sequence(value: object, length: int | None = None) -> Sequence[Any]:
    if not isinstance(value, list) or length not in (None, len(value)):
        raise Refused(f"holds something else where a list{f' of {length}' if length else ''} belongs")
    return value


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused("holds something else where a text belongs")
    return value


def sha(value: object) -> str:
    if not isinstance(value, str) or not _SHA.fullmatch(value):
        raise Refused("names no commit where one belongs")
    return value


def seconds(value: object) -> float:
    # Not isfinite: an int too large for a float has no answer to that.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= SECONDS_LIMIT:
        raise Refused("holds something else where a time belongs")
    return float(value)


def number(value: object, most: int = COUNT_LIMIT) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Refused("holds something else where a count belongs")
    return value
