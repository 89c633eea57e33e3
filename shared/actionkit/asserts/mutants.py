"""Damaged versions of a real answer: an assert that holds on all of them would hold on any answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from actionkit.asserts import body
from actionkit.asserts.aimed import OTHER, aimed
from actionkit.asserts.model import NO_VARIABLES, Assert, Variables
from actionkit.web.model import Answer, Certificate, Hop, Tls

MOST_LEAVES = 200
"""Values of a JSON body that are damaged, each in several ways."""
_MOST_ENCODED = 20_000_000
_DEEPEST = 60
_STATUSES = (500, 404, 302, 200)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged answer; `name` says what was done, such as `header Content-Type dropped`. `is_json`: its body is
    another JSON document than the real one."""

    name: str
    answer: Answer = field(repr=False)
    is_json: bool = False


def mutants(answer: Answer, asserts: Iterable[Assert] = (), variables: Variables = NO_VARIABLES) -> Iterator[Mutant]:
    """Every way in which `answer` is damaged here, one at a time; made as they are asked for.

    What most asserts fail on comes first. For `asserts` also the damage they look for, which no damage by chance
    brings: the header, the text or the number that must not be there; `variables` are what their templates are filled
    with.
    """
    return (mutant for mutant in _all(answer, asserts, variables) if mutant.answer != answer)


def json_mutants(answer: Answer) -> Iterator[Mutant]:
    """The JSON body with one value changed, of another type, or gone; the values in the order of the document.

    None where the body is no JSON. Only for what looks into the whole document: these cost most.
    """
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
            yield Mutant(f"{path} {how}", replace(answer, body=damaged), is_json=True)
        del holder[key]
        damaged = _encoded(answer, document)
        if isinstance(holder, dict):
            holder[key] = kept
        else:
            holder.insert(key, kept)
        yield Mutant(f"{path} removed", replace(answer, body=damaged), is_json=True)


def _all(answer: Answer, asserts: Iterable[Assert], variables: Variables) -> Iterator[Mutant]:
    yield from _bodies(answer)
    yield from _exchange(answer)
    yield from _headers(answer)
    for one in asserts:
        yield from (Mutant(name, damaged) for name, damaged in aimed(answer, one, variables))
    yield from _certificates(answer)


def _exchange(answer: Answer) -> Iterator[Mutant]:
    for status in _STATUSES:
        reason = answer.reason if status == answer.status else ""
        yield Mutant(f"status {status}", replace(answer, status=status, reason=reason))
    yield Mutant("other version", replace(answer, version="HTTP/0.9"))
    scheme = "http" if answer.url.startswith("https:") else "https"
    yield Mutant("other url", replace(answer, url=f"{scheme}://{OTHER}.invalid/{OTHER}"))
    for address in ("192.0.2.1", "2001:db8::1"):
        yield Mutant(f"address {address}", replace(answer, address=address))
    yield Mutant("slower by an hour", replace(answer, seconds=answer.seconds + 3600))
    yield Mutant("in no time", replace(answer, seconds=0.0))
    if answer.hops:
        yield Mutant("redirects dropped", replace(answer, hops=()))
    yield Mutant("redirected once more", replace(answer, hops=(*answer.hops, Hop(302, f"https://{OTHER}.invalid/"))))


def _headers(answer: Answer) -> Iterator[Mutant]:
    for index, (name, _) in enumerate(answer.headers):
        before, after = answer.headers[:index], answer.headers[index + 1 :]
        yield Mutant(f"header {name} dropped", replace(answer, headers=before + after))
        yield Mutant(f"header {name} changed", replace(answer, headers=(*before, (name, OTHER), *after)))
    yield Mutant("all headers dropped", replace(answer, headers=()))


def _bodies(answer: Answer) -> Iterator[Mutant]:
    if answer.body:
        yield Mutant("body emptied", replace(answer, body=b""))
        yield Mutant("body cut in half", replace(answer, body=answer.body[: len(answer.body) // 2]))
    yield Mutant("other body", replace(answer, body=b"<html><title>Sign in</title></html>"))
    for name, document in (("object", {OTHER: [None]}), ("list", [OTHER]), ("text", OTHER), ("null", None)):
        yield Mutant(f"other JSON {name}", replace(answer, body=_encoded(answer, document)), is_json=True)


def _certificates(answer: Answer) -> Iterator[Mutant]:
    if answer.tls is None:
        return
    tls, old = answer.tls, answer.tls.certificate
    other = replace(old, subject=f"CN={OTHER}", issuer=f"CN={OTHER}", serial="0", names=())
    yield Mutant("certificate expired", _certified(answer, tls, replace(old, expires=old.starts - timedelta(days=1))))
    yield Mutant("certificate of tomorrow", _certified(answer, tls, replace(old, starts=old.expires)))
    yield Mutant("other certificate", _certified(answer, tls, other))
    yield Mutant("TLS dropped", replace(answer, tls=None))


def _certified(answer: Answer, tls: Tls, certificate: Certificate) -> Answer:
    return replace(answer, tls=replace(tls, certificate=certificate))


def _places(document: Any) -> Iterator[tuple[str, Any, Any]]:
    """Values below the top: the path, what holds it, and its key there."""
    waiting: list[tuple[str, Any, int]] = [("$", document, 0)]
    while waiting:
        path, holder, depth = waiting.pop()
        deeper = []
        for key in _keys(holder):
            here = f"{path}.{key}" if isinstance(holder, dict) else f"{path}[{key}]"
            yield here, holder, key
            if depth < _DEEPEST:
                deeper.append((here, holder[key], depth + 1))
        waiting += reversed(deeper)


def _keys(holder: Any) -> list[Any]:
    """All keys of an object; of a list, whose items are mostly alike, the first two and the last."""
    if isinstance(holder, list):
        return sorted({0, 1, len(holder) - 1} & set(range(len(holder))))
    return list(holder) if isinstance(holder, dict) else []


def _damaged(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield "changed", not value
        yield "of another type", OTHER
    elif isinstance(value, int | float):
        yield "changed", -1 - int(value) if abs(value) < 1e15 else 0
        yield "of another type", str(value)
    elif isinstance(value, str):
        yield "changed", OTHER
        yield "of another type", 0
    elif value is None:
        yield "of another type", OTHER
    else:
        yield "emptied", type(value)()
        yield "of another type", OTHER


def _encoded(answer: Answer, document: Any) -> bytes:
    import json

    return json.dumps(document).encode(body.charset_of(answer), "replace")
