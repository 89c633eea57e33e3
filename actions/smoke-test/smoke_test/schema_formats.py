"""The `format`s of JSON Schema that are checked, alike for every draft and wherever this runs. Pure.

jsonschema checks date-time, time and uri only where further packages happen to be installed; here they always are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

if TYPE_CHECKING:
    from jsonschema import FormatChecker

# RFC 3339, section 5.6; `t`, `z` and a leap second are allowed by it.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"(\d{2}:\d{2}:)(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
# RFC 3986, sections 2 and 3.1: what may stand in a URI at all, and its scheme.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def checker() -> FormatChecker:
    """Checks `CHECKED` and no other format: an unknown one is an annotation (2020-12 validation, section 7.2.3)."""
    from jsonschema import FormatChecker

    made = FormatChecker(formats=())
    for name, holds in CHECKED.items():
        made.checks(name, raises=(ValueError, OverflowError, re.error))(_of_text(holds))
    return made


def _of_text(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and datetime.fromisoformat(text) is not None


def _time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    seconds, zone = ("59" if found[2] == "60" else found[2]), found[4].upper().replace("Z", "+00:00")
    return datetime.fromisoformat(f"2000-01-01T{found[1]}{seconds}{zone}") is not None


def _date_time(text: str) -> bool:
    return text[10:11] in ("T", "t", " ") and _date(text[:10]) and _time(text[11:])


def _uri(text: str) -> bool:
    return _URI.fullmatch(text) is not None and urlsplit(text).port is not False


def _uuid(text: str) -> bool:
    return all(text[at : at + 1] == "-" for at in (8, 13, 18, 23)) and UUID(text) is not None


def _address(version: int) -> Callable[[str], bool]:
    return lambda text: ip_address(text).version == version


CHECKED: dict[str, Callable[[str], bool]] = {
    "date": _date,
    "date-time": _date_time,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "hostname": lambda text: len(text) <= 253 and _HOSTNAME.fullmatch(text) is not None,
    "ipv4": _address(4),
    "ipv6": _address(6),
    "regex": lambda text: re.compile(text) is not None,
    "time": _time,
    "uri": _uri,
    "uuid": _uuid,
}
"""Format to whether a text is one; a ValueError says no too."""
