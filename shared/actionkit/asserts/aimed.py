"""Damage that one assert looks for, which none by chance brings: the header, the text, the number it mentions. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from actionkit.asserts import kinds
from actionkit.asserts.model import Assert, Unset, Variables
from actionkit.asserts.scanner import Kind, Scanner, Token
from actionkit.asserts.template import Template
from actionkit.web.model import Answer, Hop

OTHER = "mutated"
_MOST_BYTES = 5_000_000
_MOST_TIMES = 10_000
_MOST_HOPS = 100

Damaged = Iterator[tuple[str, Answer]]


def aimed(answer: Answer, claim: Assert, variables: Variables) -> Damaged:
    """What `claim` mentions, put where it looks: (what was done, the answer). Its templates are filled."""
    query, *others = _tokens(claim.text)
    mentioned = _Mentioned(
        tuple(_text(one, variables) for one in others if one.kind in _TEXTS), _number(others, variables)
    )
    make = _BY_QUERY.get(str(query.value))
    return make(answer, mentioned) if make else iter(())


@dataclass(frozen=True, slots=True)
class _Mentioned:
    """The texts of an assert in their order, and its last whole number, which is what it compares with."""

    texts: tuple[str | bytes, ...]
    number: int | None

    @property
    def last(self) -> str | bytes:
        return self.texts[-1] if self.texts else b""


_TEXTS = (Kind.STRING, Kind.REGEX, Kind.PLACEHOLDER, Kind.BYTES)


def _tokens(text: str) -> Iterator[Token]:
    scanner = Scanner(text)
    while (token := scanner.take()).kind is not Kind.END:
        yield token


def _text(token: Token, variables: Variables) -> str | bytes:
    if token.kind is Kind.REGEX:
        return str(token.value).replace("\\", "")
    if isinstance(token.value, bytes):
        return token.value
    return _filled(token.value, variables)


def _filled(template: Template, variables: Variables) -> str:
    try:
        return template.text(variables)
    except Unset:
        return OTHER


def _number(tokens: list[Token], variables: Variables) -> int | None:
    numbers = [token.value for token in tokens if token.kind is Kind.NUMBER]
    for token in tokens:
        if token.kind is Kind.PLACEHOLDER:
            try:
                numbers.append(token.value.value(variables))
            except Unset:
                continue
    found = next((one for one in reversed(numbers) if kinds.is_number(one) and abs(one) < _MOST_BYTES), None)
    return None if found is None else int(found)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _str(text: str | bytes) -> str:
    return text if isinstance(text, str) else OTHER


def _status(answer: Answer, mentioned: _Mentioned) -> Damaged:
    """No whole answer has a status below 200, so that `status >= 200` says nothing."""
    if mentioned.number is not None:
        for status in range(mentioned.number - 1, mentioned.number + 2):
            if 200 <= status <= 599 and status != answer.status:
                yield f"status {status}", replace(answer, status=status, reason="")


def _version(answer: Answer, mentioned: _Mentioned) -> Damaged:
    if mentioned.texts:
        yield "version that is mentioned", replace(answer, version=f"HTTP/{_str(mentioned.last)}")


def _ip(answer: Answer, mentioned: _Mentioned) -> Damaged:
    if mentioned.texts:
        yield "address that is mentioned", replace(answer, address=_str(mentioned.last))


def _url(answer: Answer, mentioned: _Mentioned) -> Damaged:
    if mentioned.texts:
        text = _str(mentioned.last)
        yield "url with the text that is mentioned", replace(answer, url=answer.url + text)
        yield "url that is mentioned", replace(answer, url=text)


def _header(answer: Answer, mentioned: _Mentioned) -> Damaged:
    if mentioned.texts:
        name, value = _str(mentioned.texts[0]), _value(mentioned)
        others = tuple(pair for pair in answer.headers if pair[0].lower() != name.lower())
        yield f"header {name} set", replace(answer, headers=(*others, (name, value)))


def _cookie(answer: Answer, mentioned: _Mentioned) -> Damaged:
    if mentioned.texts:
        name, value = _str(mentioned.texts[0]).partition("[")[0], _value(mentioned)
        line = f"{name}={value}; Path=/; Domain={OTHER}; Secure; HttpOnly; Max-Age=0; SameSite=None; Expires={OTHER}"
        yield f"cookie {name} set", replace(answer, headers=(*answer.headers, ("Set-Cookie", line)))


def _value(mentioned: _Mentioned) -> str:
    return _str(mentioned.last) if len(mentioned.texts) > 1 else OTHER


def _body(answer: Answer, mentioned: _Mentioned) -> Damaged:
    text, number = _bytes(mentioned.last), mentioned.number
    if text:
        yield "body with the text that is mentioned", replace(answer, body=answer.body + text)
        yield "body that is mentioned", replace(answer, body=text)
    if number is not None and 0 <= number <= _MOST_BYTES:
        yield f"body of {number + 1} bytes", replace(answer, body=b"x" * (number + 1))
        yield f"body of {number} bytes", replace(answer, body=b"x" * number)
        if text and number <= _MOST_TIMES:
            yield "body with what is mentioned many times", replace(answer, body=answer.body + text * (number + 1))


def _redirects(answer: Answer, mentioned: _Mentioned) -> Damaged:
    if mentioned.number is not None and 0 <= mentioned.number <= _MOST_HOPS:
        for count in range(max(mentioned.number - 1, 0), mentioned.number + 2):
            hops = tuple(Hop(302, f"https://{OTHER}.invalid/{at}") for at in range(count))
            yield f"{count} redirects", replace(answer, hops=hops)


_BY_QUERY: Mapping[str, Callable[[Answer, _Mentioned], Damaged]] = {
    "status": _status,
    "version": _version,
    "ip": _ip,
    "url": _url,
    "header": _header,
    "cookie": _cookie,
    "body": _body,
    "bytes": _body,
    "redirects": _redirects,
}
