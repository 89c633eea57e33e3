"""What stands after a query or a filter: each kind of argument, which tokens it is made of, and what it becomes.

An argument becomes a term: a function of the answer and the variables, since a string may hold `{{name}}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from actionkit.asserts import patterns
from actionkit.asserts.body import charset
from actionkit.asserts.dates import unknown_directive
from actionkit.asserts.model import NothingFound, NotUnderstood, Subject, Variables
from actionkit.asserts.patterns import BadPattern
from actionkit.asserts.scanner import Kind, Token
from actionkit.asserts.template import Made, Template
from actionkit.nearest import nearest
from actionkit.untrusted import one_line, shortened

Term = Callable[[Subject, Variables], Any]

COOKIE_ATTRIBUTES = ("Value", "Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite")
CERTIFICATE_FIELDS = ("Subject", "Issuer", "Start-Date", "Expire-Date", "Serial-Number", "Subject-Alt-Name")

_COOKIE = re.compile(r"(.*?)(?:\[\s*([^\[\]]*?)\s*\])?", re.DOTALL)
_RECENT_PATTERNS = 64


@dataclass(frozen=True, slots=True)
class Argument:
    """One kind of argument: the tokens it may be, and how a token becomes a term (raises NotUnderstood)."""

    kinds: tuple[Kind, ...]
    build: Callable[[Token], Term]
    example: str


def constantly(value: Any) -> Term:
    """A term that is always the same."""
    return lambda _, __: value


def text_term(token: Token) -> Term:
    """The text of a string or a placeholder, filled at each check. The term raises Unset."""
    template: Template = token.value
    if (constant := template.constant) is not None:
        return constantly(constant)
    return lambda subject, variables: template.text(variables, Made(now=lambda: subject.now))


def value_term(token: Token) -> Term:
    """The value of any token, of its own type; exactly one `{{name}}` keeps the type of its variable."""
    if not isinstance(token.value, Template):
        return constantly(token.value)
    template = token.value
    if token.kind is Kind.STRING or template.constant is not None:
        return text_term(token)
    return lambda subject, variables: template.value(variables, Made(now=lambda: subject.now))


def _compiled(token: Token, compile_: Callable[[str], Any]) -> Term:
    """A term of something compiled: now if the text is known, else at each check; recent ones are remembered."""
    constant = token.value.constant if isinstance(token.value, Template) else str(token.value)
    if constant is not None:
        try:
            return constantly(compile_(constant))
        except BadPattern as error:
            found = f"`{shortened(one_line(constant), 60)}` {error.reason}"
            raise NotUnderstood(token.column(error.at), found, fix=error.fix) from None
    remembered, written = lru_cache(_RECENT_PATTERNS)(compile_), text_term(token)

    def term(subject: Subject, variables: Variables) -> Any:
        try:
            return remembered(written(subject, variables))
        except BadPattern as error:
            raise NothingFound(f"finds nothing because its filled template {error.reason}", absent=False) from None

    return term


def _capturing(pattern: str) -> patterns.Regex:
    compiled = patterns.regex(pattern)
    if compiled.groups == 0:
        raise BadPattern("has no group to extract", 0, f"put the part you want in parentheses: ({pattern})")
    return compiled


def _index(token: Token) -> Term:
    if not isinstance(token.value, int):
        raise NotUnderstood(token.start + 1, "a number with a fraction", ("a whole number such as 0 or -1",))
    return constantly(token.value)


def _one_of(token: Token, known: tuple[str, ...], given: str, index: int) -> None:
    if given not in known:
        near = nearest(given, known) or ""
        found = f"`{shortened(one_line(given), 40)}`"
        raise NotUnderstood(token.column(index), found, tuple(f"`{name}`" for name in known), near)


def _cookie(token: Token) -> Term:
    """The name of a cookie and which part of it is asked for."""
    written = text_term(token)

    def split(text: str) -> tuple[str, str]:
        found = _COOKIE.fullmatch(text)
        return (found[1], found[2] or "Value") if found and found[2] != "" else (text, "Value")

    constant = token.value.constant
    if constant is None:
        return lambda subject, variables: split(written(subject, variables))
    name, part = split(constant)
    _one_of(token, COOKIE_ATTRIBUTES, part, constant.rfind(part))
    return constantly((name, part))


def _certificate(token: Token) -> Term:
    constant = token.value.constant or ""
    _one_of(token, CERTIFICATE_FIELDS, constant, 0)
    return constantly(constant)


def _charset(token: Token) -> Term:
    constant = token.value.constant or ""
    if charset(constant) is None:
        found = f"`{shortened(one_line(constant), 40)}` is no character encoding"
        near = nearest(constant, ("utf-8", "utf-16", "iso-8859-1", "windows-1252", "gb2312", "shift_jis", "euc-kr"))
        raise NotUnderstood(token.column(), found, ('one such as "utf-8"',), near or "")
    return constantly(charset(constant))


def _dates(token: Token) -> Term:
    constant = token.value.constant
    if constant is not None and (unknown := unknown_directive(constant)):
        found = f"`{one_line(unknown[1])}` is no part of a date"
        raise NotUnderstood(token.column(unknown[0]), found, ("such as `%Y-%m-%dT%H:%M:%SZ` or `%+`",))
    return text_term(token)


def _separator(token: Token) -> Term:
    if token.value.constant == "":
        raise NotUnderstood(token.column(), "an empty separator", ('one such as ","',))
    return text_term(token)


_STRING = (Kind.STRING,)
_PATTERN = (Kind.STRING, Kind.REGEX)

TEXT = Argument(_STRING, text_term, '"text"')
NAME = Argument(_STRING, text_term, '"name"')
SEPARATOR = Argument(_STRING, _separator, '","')
INDEX = Argument((Kind.NUMBER,), _index, "0")
PATH = Argument(_STRING, lambda token: _compiled(token, patterns.path), '"$.name"')
GROUP = Argument(_PATTERN, lambda token: _compiled(token, _capturing), r"/v(\d+)/")
PATTERN = Argument(_PATTERN, lambda token: _compiled(token, patterns.regex), r"/\d+/")
COOKIE = Argument(_STRING, _cookie, '"name[Secure]"')
CERTIFICATE = Argument(_STRING, _certificate, '"Expire-Date"')
CHARSET = Argument(_STRING, _charset, '"utf-8"')
DATES = Argument(_STRING, _dates, '"%Y-%m-%d"')
