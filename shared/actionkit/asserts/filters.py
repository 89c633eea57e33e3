"""What can be made of a value on its way to a predicate: Hurl's filters but `xpath`, and `age`.

A filter raises NothingFound: `absent` where the part it looks for is not there (`nth 9` of three), else where it
cannot work on what it was given. Sources: hurl.dev, "Filters"; dates by `actionkit.asserts.dates`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actionkit.asserts import arguments as take
from actionkit.asserts import body, dates, kinds, literals
from actionkit.asserts.arguments import Argument, Term
from actionkit.asserts.kinds import Nodes, Real, Span
from actionkit.asserts.model import NothingFound, Subject, Variables

Apply = Callable[[Any, Subject, Variables], Any]

AHEAD = 300.0
"""Seconds that a date may lie in the future and still have an age: clocks differ that much, not more."""
_LARGEST_EXPONENT = 400
_REFERENCE = re.compile(r"\$(?:(\$)|([0-9]{1,2}|[A-Za-z_]\w*)|\{(\w+)\})")


class Unfit(Exception):  # noqa: N818
    """A value that a filter cannot work on; str() is why, read after the value and its kind."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: its arguments, and how it works with them. `lists`: it takes several selected nodes as a list, even
    if only one was selected."""

    make: Callable[..., Apply]
    arguments: tuple[Argument, ...] = ()
    lists: bool = False

    def applied(self, apply: Apply) -> Apply:
        """`apply` behind the common front: one selected node is its value, what is unfit is NothingFound."""

        def front(value: Any, subject: Subject, variables: Variables) -> Any:
            given = value if self.lists and isinstance(value, Nodes) else kinds.settled(value)
            try:
                return apply(given, subject, variables)
            except Unfit as why:
                found = f"{kinds.shown(given, subject.redacted)} ({kinds.kind(given)})"
                raise NothingFound(f"finds nothing because {found} {why}", absent=False) from None

        return front


def _simple(of: Callable[[Any], Any], *, lists: bool = False) -> Filter:
    return Filter(lambda: lambda value, _, __: of(value), lists=lists)


def _with(of: Callable[[Any, Any], Any], argument: Argument, *, lists: bool = False) -> Filter:
    def make(term: Term) -> Apply:
        return lambda value, subject, variables: of(value, term(subject, variables))

    return Filter(make, (argument,), lists)


def _dated(of: Callable[[datetime, Subject], Any]) -> Filter:
    def apply(value: Any, subject: Subject, _: Variables) -> Any:
        moment = dates.read(value) if not isinstance(value, bool) else None
        if moment is None:
            raise Unfit("is no date: wanted ISO 8601, an HTTP date or seconds since 1970")
        return of(moment, subject)

    return Filter(lambda: apply)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("is no string")
    return value


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise Unfit("is not bytes (the query `bytes` is)")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, list | dict | bytes):
        raise Unfit("cannot be counted: only a list, an object or bytes can")
    return len(value)


def _nth(value: Any, index: int) -> Any:
    if not isinstance(value, list):
        raise Unfit("is no list")
    if not -len(value) <= index < len(value):
        raise NothingFound(f"finds nothing: the list has {len(value)} items")
    return value[index]


def _regex(value: Any, pattern: Any) -> str:
    found = pattern.first_group(_text(value))
    if found is None:
        raise NothingFound("finds nothing")
    return str(found)


def _replace(old: Term, new: Term) -> Apply:
    return lambda value, subject, variables: _text(value).replace(old(subject, variables), new(subject, variables))


def _replace_regex(pattern: Term, new: Term) -> Apply:
    """Every match replaced; `$1` or `${name}` in the new text is a group, `$$` a dollar."""

    def apply(value: Any, subject: Subject, variables: Variables) -> str:
        replacement = new(subject, variables)

        def written(match: Any) -> str:
            return _REFERENCE.sub(lambda found: found[1] or _group(match, found[2] or found[3]), replacement)

        return str(pattern(subject, variables).replaced(_text(value), written))

    return apply


def _group(match: Any, name: str) -> str:
    try:
        return match.group(int(name) if name.isdigit() else name) or ""
    except (IndexError, KeyError):
        return ""


def _split(value: Any, separator: str) -> list[str]:
    if not separator:
        raise Unfit("cannot be split at an empty text")
    return _text(value).split(separator)


def _to_int(value: Any) -> int:
    """An integer; a fraction is cut off, as Hurl does."""
    value = kinds.plain(value) if isinstance(value, Span) else value
    if isinstance(value, str):
        if not re.fullmatch(r"[+-]?[0-9]{1,1000}", value, re.ASCII):
            raise Unfit("is no whole number")
        return int(value)
    if not kinds.is_number(value):
        raise Unfit("is no number")
    number = kinds.exact(value)
    if not isinstance(number, int) and (not number.is_finite() or number.adjusted() > _LARGEST_EXPONENT):
        raise Unfit("is too large for a whole number")
    return int(number)


def _to_float(value: Any) -> Real:
    value = kinds.plain(value) if isinstance(value, Span) else value
    if isinstance(value, str):
        if literals.number(value.removeprefix("+")) is None:
            raise Unfit("is no number")
        return Real(value)
    if not kinds.is_number(value):
        raise Unfit("is no number")
    return value if isinstance(value, Real) else Real(str(value))


def _to_string(value: Any) -> str:
    if isinstance(value, list | dict | bytes):
        raise Unfit("is not one value")
    return kinds.text(value)


def _to_hex(value: Any) -> str:
    return _bytes(value).hex()


def _to_date(value: Any, pattern: str) -> datetime:
    moment = dates.parsed(_text(value), pattern)
    if moment is None:
        raise Unfit(f"is no date by `{pattern[:60]}`")
    return moment


def _format(value: Any, pattern: str) -> str:
    if not isinstance(value, datetime):
        raise Unfit("is no date: put `toDate` before it")
    if dates.unknown_directive(pattern):
        raise Unfit(f"cannot be written by `{pattern[:60]}`")
    return dates.formatted(value, pattern)


def _days_after_now(moment: datetime, subject: Subject) -> int:
    """Whole days, a part of one cut off; negative for the past."""
    return int((moment - subject.now).total_seconds() / 86_400)


def _age(moment: datetime, subject: Subject) -> Span:
    """Seconds from then to now. A date in the future has no age: `age < 25h` must not hold for the year 2999."""
    seconds = (subject.now - moment).total_seconds()
    if seconds < -AHEAD:
        raise Unfit(f"lies {-seconds / 3600:.1f} hours in the future")
    return Span(max(seconds, 0.0))


def _base64_decode(value: Any) -> bytes:
    try:
        return binascii.a2b_base64(_text(value).encode("ascii"), strict_mode=True)
    except ValueError:
        raise Unfit("is not base64") from None


def _base64_url_decode(value: Any) -> bytes:
    text = _text(value).rstrip("=")
    try:
        padded = text.encode("ascii").translate(bytes.maketrans(b"-_+/", b"+/!!")) + b"=" * (-len(text) % 4)
        return binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        raise Unfit("is not base64 for URLs") from None


def _decode(value: Any, charset: str) -> str:
    try:
        return _bytes(value).decode(charset)
    except UnicodeError:
        raise Unfit(f"is not {charset}") from None


def _url_decode(value: Any) -> str:
    from urllib.parse import unquote

    return unquote(_text(value), errors="replace")


def _url_encode(value: Any) -> str:
    """All but unreserved characters (RFC 3986, section 2.3) and `/`."""
    from urllib.parse import quote

    return quote(_text(value), safe="/", errors="replace")


def _html_escape(value: Any) -> str:
    from html import escape

    return escape(_text(value), quote=False)


def _html_unescape(value: Any) -> str:
    from html import unescape

    return unescape(_text(value))


def _url_query_param(value: Any, name: str) -> str:
    from urllib.parse import parse_qsl, urlsplit

    try:
        pairs = parse_qsl(urlsplit(_text(value)).query, keep_blank_values=True)
    except ValueError:
        raise Unfit("is no URL") from None
    found = next((text for key, text in pairs if key == name), None)
    if found is None:
        raise NothingFound("finds nothing")
    return found


def _jsonpath(value: Any, path: Any) -> Any:
    if isinstance(value, str):
        try:
            value = body.json(value)
        except body.NoJson:
            raise Unfit("is no JSON") from None
    if isinstance(value, bytes | datetime | Span):
        raise Unfit("is no JSON")
    return path.select(value)


def _location(value: Any) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        raise Unfit("is no redirect: write `redirects nth 0 location`")
    return str(value["url"])


_DECODE = _with(_decode, take.CHARSET)
_FORMAT = _with(_format, take.DATES)

FILTERS: Mapping[str, Filter] = {
    "count": _simple(_count, lists=True),
    "nth": _with(_nth, take.INDEX, lists=True),
    "first": _simple(lambda value: _nth(value, 0), lists=True),
    "last": _simple(lambda value: _nth(value, -1), lists=True),
    "regex": _with(_regex, take.GROUP),
    "replace": Filter(_replace, (take.TEXT, take.TEXT)),
    "replaceRegex": Filter(_replace_regex, (take.PATTERN, take.TEXT)),
    "split": _with(_split, take.SEPARATOR),
    "toInt": _simple(_to_int),
    "toFloat": _simple(_to_float),
    "toString": _simple(_to_string),
    "toHex": _simple(_to_hex),
    "toDate": _with(_to_date, take.DATES),
    "format": _FORMAT,
    "dateFormat": _FORMAT,
    "daysAfterNow": _dated(_days_after_now),
    "daysBeforeNow": _dated(lambda moment, subject: -_days_after_now(moment, subject)),
    "age": _dated(_age),
    "base64Decode": _simple(_base64_decode),
    "base64Encode": _simple(lambda value: base64.b64encode(_bytes(value)).decode()),
    "base64UrlSafeDecode": _simple(_base64_url_decode),
    "base64UrlSafeEncode": _simple(lambda value: base64.urlsafe_b64encode(_bytes(value)).decode().rstrip("=")),
    "urlDecode": _simple(_url_decode),
    "urlEncode": _simple(_url_encode),
    "urlQueryParam": _with(_url_query_param, take.NAME),
    "htmlEscape": _simple(_html_escape),
    "htmlUnescape": _simple(_html_unescape),
    "decode": _DECODE,
    "charsetDecode": _DECODE,
    "utf8Decode": _simple(lambda value: _decode(value, "utf-8")),
    "utf8Encode": _simple(lambda value: _text(value).encode("utf-8", "replace")),
    "jsonpath": _with(_jsonpath, take.PATH),
    "location": _simple(_location),
}
"""By name. `age` is ours: the time since a date, compared with a duration (`age < 25h`) or a number of seconds."""
