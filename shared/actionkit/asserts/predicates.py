"""What can be claimed of a value: Hurl's predicates. Pure.

A test answers True, False, or None where the value is of a kind it cannot work on; None fails with `not` too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from actionkit.asserts import dates, kinds
from actionkit.asserts.patterns import Regex
from actionkit.asserts.scanner import Kind

Test = Callable[[Any, Any], bool | None]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)

_ORDERED = (Kind.NUMBER, Kind.DURATION, Kind.STRING, Kind.PLACEHOLDER)
_TEXTS = (Kind.STRING, Kind.BYTES, Kind.PLACEHOLDER)
_ANY = (Kind.STRING, Kind.NUMBER, Kind.DURATION, Kind.WORD, Kind.BYTES, Kind.PLACEHOLDER)
_PATTERNS = (Kind.REGEX, Kind.STRING, Kind.PLACEHOLDER)


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate: its test, and which tokens its value may be (none: it has no value)."""

    test: Test
    values: tuple[Kind, ...] = ()


def _compare(operator: Callable[[Any, Any], bool]) -> Predicate:
    def test(actual: Any, expected: Any) -> bool | None:
        pair = kinds.ordered(actual, expected)
        return None if pair is None else operator(*pair)

    return Predicate(test, _ORDERED)


def _contains(actual: Any, expected: Any) -> bool | None:
    """Part of a text or of bytes, or equal to one item of a list. Several headers contain what any of them contains."""
    if isinstance(actual, kinds.Lines) and isinstance(expected, str):
        return any(expected in line for line in actual)
    if isinstance(actual, list):
        return any(kinds.equal(item, expected) for item in actual)
    return expected in actual if _both_texts(actual, expected) else None


def _both_texts(actual: Any, expected: Any) -> bool:
    return any(isinstance(actual, kind) and isinstance(expected, kind) for kind in (str, bytes))


def _edge(of: Callable[[Any, Any], bool]) -> Predicate:
    return Predicate(lambda actual, expected: of(actual, expected) if _both_texts(actual, expected) else None, _TEXTS)


def _matches(actual: Any, expected: Any) -> bool | None:
    return expected.found(actual) if isinstance(actual, str) and isinstance(expected, Regex) else None


def _is_empty(actual: Any, _: Any) -> bool | None:
    return len(actual) == 0 if isinstance(actual, str | bytes | list | dict) else None


def _is(of: Callable[[Any], bool]) -> Predicate:
    return Predicate(lambda actual, _: of(actual))


def _text_is(of: Callable[[str], bool]) -> Predicate:
    return Predicate(lambda actual, _: of(actual) if isinstance(actual, str) else None)


def _an_address(version: int) -> Callable[[str], bool]:
    def is_one(text: str) -> bool:
        import ipaddress

        try:
            return ipaddress.ip_address(text).version == version
        except ValueError:
            return False

    return is_one


def _is_number(value: Any) -> bool:
    return kinds.is_number(value) or isinstance(value, kinds.Span)


PREDICATES: Mapping[str, Predicate] = {
    "==": Predicate(kinds.equal, _ANY),
    "!=": Predicate(lambda actual, expected: not kinds.equal(actual, expected), _ANY),
    ">": _compare(gt),
    ">=": _compare(ge),
    "<": _compare(lt),
    "<=": _compare(le),
    "startsWith": _edge(lambda actual, expected: actual.startswith(expected)),
    "endsWith": _edge(lambda actual, expected: actual.endswith(expected)),
    "contains": Predicate(_contains, _ANY),
    "matches": Predicate(_matches, _PATTERNS),
    "exists": _is(lambda _: True),
    "isEmpty": Predicate(_is_empty),
    "isInteger": _is(lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "isFloat": _is(lambda value: isinstance(value, float)),
    "isNumber": _is(_is_number),
    "isBoolean": _is(lambda value: isinstance(value, bool)),
    "isString": _is(lambda value: isinstance(value, str)),
    "isCollection": _is(lambda value: isinstance(value, list | dict | bytes)),
    "isList": _is(lambda value: isinstance(value, list)),
    "isObject": _is(lambda value: isinstance(value, dict)),
    "isDate": _is(lambda value: isinstance(value, datetime)),
    "isIsoDate": _text_is(dates.is_rfc_3339),
    "isIpv4": _text_is(_an_address(4)),
    "isIpv6": _text_is(_an_address(6)),
    "isUuid": _text_is(lambda text: bool(_UUID.fullmatch(text))),
}
"""By name. `==` and `!=` work on every pair of kinds: values of unlike kinds are different."""
