"""How users spell what health-wait takes, in an input or in the config file: each `str -> value`, or InputError."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from actionkit import values
from actionkit.errors import InputError

if TYPE_CHECKING:
    from actionkit.asserts import Assert, Capture

T = TypeVar("T")

Header = tuple[str, str]

LONGEST = 7 * 86400.0
"""Seconds. No job of GitHub's lives longer, and no socket takes a much longer timeout."""

METHODS = ("GET", "HEAD", "OPTIONS")
"""The safe methods (RFC 9110, section 9.2.1) that ask for something: a watch sends them over and over."""

VERSION_FROM = 'jsonpath "$.version"'

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_FRAMING = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
_PLAIN = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "content-type", "forwarded"}
    | {"from", "host", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "origin", "pragma"}
    | {"range", "referer", "traceparent", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
    | {"x-request-id"}
)
"""Headers that carry no credential (RFC 9110, and those that proxies add): what they say may be shown."""

_AUTH_SCHEMES = ("basic", "bearer", "token")
"""Before a credential; one that stands alone is what an empty secret leaves of the line."""

_HOST = re.compile(r"[^\s/@\\]+")


def span(given: str) -> float:
    """A duration, 0 included, in seconds."""
    seconds = values.duration(given).total_seconds()
    if seconds > LONGEST:
        raise InputError(f"{values.quoted(given)} is longer than a job may live", "at most 7d", "Write `1h`.")
    return seconds


def some_time(given: str) -> float:
    """A duration that is not 0, in seconds; less than 10 ms is not taken for one."""
    seconds = span(given)
    if seconds < 0.01:
        raise InputError(f"{values.quoted(given)} is no time", "a duration of at least 10ms", "Write `5s`.")
    return seconds


def threshold(given: str) -> int:
    """A whole number, 1 or more."""
    number = values.count(given)
    if not number:
        raise InputError("0 is no threshold", "a whole number, 1 or more", "Write `1`.")
    return number


def word(given: str) -> str:
    """A text that is not blank."""
    if not given.strip():
        raise InputError("an empty text", "a text", "Write it, or leave the key out.")
    return given.strip()


def pattern(given: str) -> str:
    """A regular expression of RE2's, https://github.com/google/re2/wiki/Syntax."""
    from actionkit.asserts.patterns import BadPattern, regex

    try:
        regex(given)
    except BadPattern as error:
        accepted = f"a regular expression of RE2's (this one: {error.reason})"
        fix = (
            f"{error.fix[:1].upper()}{error.fix[1:]}." if error.fix else "Put a `\\` before each sign meant as itself."
        )
        raise InputError(f"{values.quoted(given)} is no regular expression", accepted, fix) from None
    return given


def an_assert(given: str) -> Assert:
    """One assert line of smoke-test's grammar; it may use no variables."""
    from actionkit.asserts import parse_assert

    return _of_the_grammar(given, parse_assert, 'an assert such as `jsonpath "$.status" == "up"`')


def a_capture(given: str) -> Capture:
    """A query with its filters, such as `jsonpath "$.version"`; it may use no variables."""
    from actionkit.asserts import parse_capture

    return _of_the_grammar(given, parse_capture, f"a query such as `{VERSION_FROM}`")


def _of_the_grammar(given: str, parse: Callable[[str], T], accepted: str) -> T:
    from actionkit.asserts import NotUnderstood

    try:
        parsed = parse(given)
    except NotUnderstood as error:
        wanted = f"{' or '.join(error.expected)} at column {error.column}" if error.expected else accepted
        fix = f"Write `{error.nearest}`." if error.nearest else error.fix
        raise InputError(f"{values.quoted(given)}: {error}", wanted, fix) from None
    if variables := sorted(getattr(parsed, "variables", ())):
        wrong = f"{values.quoted(given)} uses the variable `{variables[0]}`"
        raise InputError(wrong, f"{accepted} without variables", "Write the value itself.")
    return parsed


def assert_lines(given: str) -> tuple[Assert, ...]:
    """Assert lines; every line that does not parse is named."""
    return _each_line(given, an_assert)


def header_lines(given: str) -> tuple[Header, ...]:
    """Lines of `Name: value`. The messages show no value."""
    return _each_line(given, _header_line)


def host_lines(given: str) -> tuple[str, ...]:
    """Lines of host names and IP addresses."""
    return _each_line(given, host)


def _each_line(given: str, convert: Callable[[str], T]) -> tuple[T, ...]:
    """Every line converted; one InputError for all that cannot be, with their numbers."""
    found: list[T] = []
    wrong: list[tuple[int, InputError]] = []
    for number, line in enumerate(given.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(convert(line.strip()))
        except InputError as error:
            wrong.append((number, error))
    if not wrong:
        return tuple(found)
    said = "; ".join(f"line {number}, {error.wrong}" for number, error in wrong)
    accepted = "; ".join(dict.fromkeys(error.accepted for _, error in wrong))
    raise InputError(said, accepted, " ".join(dict.fromkeys(error.fix for _, error in wrong)))


def _header_line(line: str) -> Header:
    name, colon, value = line.partition(":")
    if not colon:
        raise InputError("no colon", "lines of `Name: value`", "Write a colon behind the name of each header.")
    try:
        return header(name.strip(), value.strip())
    except InputError as error:  # of a secret input only the fix is shown: it tells which header is meant
        named = f"Header `{name.strip()}`: " if _TOKEN.fullmatch(name.strip()) else ""
        raise InputError(error.wrong, error.accepted, named + error.fix) from None


def header(name: str, value: str) -> Header:
    """A header that a probe may send; InputErrors name the header and never the value."""
    if not _TOKEN.fullmatch(name):
        fix = "Write letters, digits and `-` for the name of a header."
        raise InputError(f"{values.quoted(name)} is no header name", "letters, digits and `-`", fix)
    if name.lower() in _FRAMING:
        raise InputError(f"`{name}` is set by the connection", "headers that do not frame a message", "Leave it out.")
    if not value or not value.isprintable():
        fix = "Check the secret: an empty one means that it is not set for this repository or event."
        raise InputError(f"`{name}` has no value that HTTP can carry", "a value of printable characters", fix)
    return name, value


def is_secret(header_name: str) -> bool:
    """Whether a header's value must not be shown; only those known to carry no credential may be."""
    return header_name.lower() not in _PLAIN


def credential(header_name: str, value: str) -> str:
    """What of a header's value is the secret: in `Authorization: Bearer …` what follows the scheme, else all of it."""
    if header_name.lower() not in ("authorization", "proxy-authorization"):
        return value
    scheme, blank, rest = value.partition(" ")
    return rest.strip() if blank or scheme.lower() in _AUTH_SCHEMES else value


def host(given: str) -> str:
    """A host name or an IP address, without scheme, port and path."""
    plain = given.strip()
    if "://" in plain or not _HOST.fullmatch(plain) or (plain.count(":") == 1):
        raise InputError(
            f"{values.quoted(_bare(plain))} is no host", "a host name or an IP address", "Write `10.0.0.7`."
        )
    return plain.strip("[]").lower()


def _bare(text: str) -> str:
    return "…" if "@" in text else text


def proxy(given: str) -> str:
    """The URL of an HTTP proxy. InputErrors do not show it: it may hold a password."""
    try:
        url = urlsplit(given.strip())
        usable = url.scheme == "http" and bool(url.hostname) and url.port != 0 and url.path in ("", "/")
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", given.strip()):
        accepted, fix = (
            "`http://host:port`",
            "Write `http://proxy.example.com:3128`; to TLS hosts it is asked to CONNECT.",
        )
        raise InputError("the proxy's URL cannot be used", accepted, fix)
    return given.strip()
