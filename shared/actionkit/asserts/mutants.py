"""Damaged versions of a real answer: an assert that holds on all of them would hold on any answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from actionkit.asserts import body
from actionkit.asserts.model import Assert
from actionkit.asserts.scanner import Kind, Scanner, Token
from actionkit.asserts.template import Template
from actionkit.web.model import Answer, Certificate, Hop, Tls

MOST_LEAVES = 200
"""Values of a JSON body that are damaged, each in several ways."""
_MOST_ENCODED = 20_000_000
_DEEPEST = 60
_OTHER = "mutated"
_STATUSES = (500, 404, 302, 200)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged answer; `name` says what was done, such as `header Content-Type dropped`."""

    name: str
    answer: Answer = field(repr=False)


def mutants(answer: Answer, asserts: Iterable[Assert] = ()) -> Iterator[Mutant]:
    """Every way in which `answer` is damaged here, one at a time; made as they are asked for.

    For `asserts` also the damage they look for, which no damage by chance brings: the header, the cookie or the text
    that must not be there.
    """
    yield from _exchange(answer)
    yield from _headers(answer)
    yield from _bodies(answer)
    for one in asserts:
        yield from _aimed(answer, one)
    yield from _certificates(answer)
    yield from _json(answer)


def _exchange(answer: Answer) -> Iterator[Mutant]:
    for status in _STATUSES:
        if status != answer.status:
            yield Mutant(f"status {status}", replace(answer, status=status, reason=""))
    yield Mutant("other version", replace(answer, version="HTTP/0.9"))
    yield Mutant("other url", replace(answer, url=f"https://{_OTHER}.invalid/{_OTHER}"))
    yield Mutant("other address", replace(answer, address="192.0.2.1"))
    yield Mutant("slower by an hour", replace(answer, seconds=answer.seconds + 3600))
    yield Mutant("in no time", replace(answer, seconds=0.0))
    if answer.hops:
        yield Mutant("redirects dropped", replace(answer, hops=()))
    yield Mutant("redirected once more", replace(answer, hops=(*answer.hops, Hop(302, f"https://{_OTHER}.invalid/"))))


def _headers(answer: Answer) -> Iterator[Mutant]:
    for index, (name, _) in enumerate(answer.headers):
        before, after = answer.headers[:index], answer.headers[index + 1 :]
        yield Mutant(f"header {name} dropped", replace(answer, headers=before + after))
        yield Mutant(f"header {name} changed", replace(answer, headers=(*before, (name, _OTHER), *after)))
    yield Mutant("all headers dropped", replace(answer, headers=()))


def _bodies(answer: Answer) -> Iterator[Mutant]:
    if answer.body:
        yield Mutant("body emptied", replace(answer, body=b""))
        yield Mutant("body cut in half", replace(answer, body=answer.body[: len(answer.body) // 2]))
    yield Mutant("other body", replace(answer, body=b"<html><title>Sign in</title></html>"))
    yield Mutant("other JSON", replace(answer, body=_encoded(answer, {_OTHER: [None]})))


def _certificates(answer: Answer) -> Iterator[Mutant]:
    if answer.tls is None:
        return
    tls, old = answer.tls, answer.tls.certificate
    other = replace(old, subject=f"CN={_OTHER}", issuer=f"CN={_OTHER}", serial="0", names=())
    yield Mutant("certificate expired", _certified(answer, tls, replace(old, expires=old.starts - timedelta(days=1))))
    yield Mutant("certificate of tomorrow", _certified(answer, tls, replace(old, starts=old.expires)))
    yield Mutant("other certificate", _certified(answer, tls, other))
    yield Mutant("TLS dropped", replace(answer, tls=None))


def _certified(answer: Answer, tls: Tls, certificate: Certificate) -> Answer:
    return replace(answer, tls=replace(tls, certificate=certificate))


def _aimed(answer: Answer, claim: Assert) -> Iterator[Mutant]:
    """What the assert mentions, put where it looks: the first text names the place, the last one is the value."""
    tokens = list(_tokens(claim.text))
    texts = [text for text in map(_constant, tokens) if text is not None]
    query = tokens[0].value
    value = texts[-1] if len(texts) > (query in ("header", "cookie")) else _OTHER
    if query == "header" and texts:
        others = tuple(pair for pair in answer.headers if pair[0].lower() != texts[0].lower())
        yield Mutant(f"header {texts[0]} set", replace(answer, headers=(*others, (texts[0], value))))
    elif query == "cookie" and texts:
        name = texts[0].partition("[")[0]
        line = f"{name}={value}; Path=/; Domain={_OTHER}; Secure; HttpOnly; Max-Age=0; SameSite=None; Expires={_OTHER}"
        yield Mutant(f"cookie {name} set", replace(answer, headers=(*answer.headers, ("Set-Cookie", line))))
    elif query in ("body", "bytes") and texts:
        yield Mutant("body with the text that is mentioned", replace(answer, body=answer.body + value.encode()))
    elif query == "url" and texts:
        yield Mutant("url with the text that is mentioned", replace(answer, url=answer.url + value))


def _tokens(text: str) -> Iterator[Token]:
    scanner = Scanner(text)
    while (token := scanner.take()).kind is not Kind.END:
        yield token


def _constant(token: Token) -> str | None:
    if token.kind is Kind.REGEX:
        return str(token.value).replace("\\", "")
    return token.value.constant if isinstance(token.value, Template) else None


def _json(answer: Answer) -> Iterator[Mutant]:
    """The JSON body with one value changed, of another type, or gone; the values in the order of the document."""
    try:
        document = body.json(body.text(answer))
        _encoded(answer, document)
    except (body.NoJson, RecursionError):
        return
    most = min(MOST_LEAVES, max(1, _MOST_ENCODED // (3 * len(answer.body))))
    for path, holder, key in islice(_places(document), most):
        kept = holder[key]
        for how, value in _damaged(kept):
            holder[key] = value
            damaged = _encoded(answer, document)
            holder[key] = kept
            yield Mutant(f"{path} {how}", replace(answer, body=damaged))
        del holder[key]
        damaged = _encoded(answer, document)
        if isinstance(holder, dict):
            holder[key] = kept
        else:
            holder.insert(key, kept)
        yield Mutant(f"{path} removed", replace(answer, body=damaged))


def _places(document: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every value below the top: its path, what holds it, and its key there."""
    waiting: list[tuple[str, Any, int]] = [("$", document, 0)]
    while waiting:
        path, holder, depth = waiting.pop()
        keys = (
            list(holder) if isinstance(holder, dict) else list(range(len(holder))) if isinstance(holder, list) else []
        )
        deeper = []
        for key in keys:
            here = f"{path}.{key}" if isinstance(holder, dict) else f"{path}[{key}]"
            yield here, holder, key
            if depth < _DEEPEST:
                deeper.append((here, holder[key], depth + 1))
        waiting += reversed(deeper)


def _damaged(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield "changed", not value
        yield "of another type", _OTHER
    elif isinstance(value, int | float):
        yield "changed", -1 - int(value) if abs(value) < 1e15 else 0
        yield "of another type", str(value)
    elif isinstance(value, str):
        yield "changed", _OTHER
        yield "of another type", 0
    elif value is None:
        yield "of another type", _OTHER
    else:
        yield "emptied", type(value)()
        yield "of another type", _OTHER


def _encoded(answer: Answer, document: Any) -> bytes:
    import json

    return json.dumps(document).encode(body.charset_of(answer), "replace")
