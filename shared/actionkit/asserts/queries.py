"""What can be asked of an answer: Hurl's queries but `xpath`. Each becomes a reader of the subject.

A reader raises NothingFound where there is nothing. Sources: hurl.dev, "Asserting response", "Queries".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from actionkit.asserts import arguments as take
from actionkit.asserts.arguments import Argument, Term
from actionkit.asserts.kinds import Lines, Span
from actionkit.asserts.model import NothingFound, Reader, Subject, Variables
from actionkit.web.model import Answer, Certificate


@dataclass(frozen=True, slots=True)
class Query:
    """One query: its arguments, and how it reads with them."""

    make: Callable[..., Reader]
    arguments: tuple[Argument, ...] = ()


def _plain(of: Callable[[Subject], Any]) -> Query:
    return Query(lambda: lambda subject, _: of(subject))


def _digest(algorithm: str) -> Query:
    def of(subject: Subject) -> bytes:
        import hashlib

        return hashlib.new(algorithm, subject.answer.body, usedforsecurity=False).digest()

    return _plain(of)


def _header(name: Term) -> Reader:
    """One value as a text, several of the same name as a list."""

    def read(subject: Subject, variables: Variables) -> Any:
        values = subject.answer.all_headers(name(subject, variables))
        if not values:
            raise NothingFound("finds nothing")
        return values[0] if len(values) == 1 else Lines(values)

    return read


def _cookie(asked: Term) -> Reader:
    """A part of the last Set-Cookie of that name. `Secure` and `HttpOnly` are true or not there, `Max-Age` a number."""

    def read(subject: Subject, variables: Variables) -> Any:
        name, part = asked(subject, variables)
        cookie = cookies(subject.answer).get(name)
        if cookie is None or part.lower() not in cookie:
            raise NothingFound("finds nothing")
        value = cookie[part.lower()]
        if part in ("Secure", "HttpOnly"):
            return True
        return int(value) if part == "Max-Age" and value.removeprefix("-").isdecimal() and len(value) < 20 else value

    return read


def cookies(answer: Answer) -> Mapping[str, Mapping[str, str]]:
    """The cookies that an answer sets, by name: `value` and the attributes in lower case (RFC 6265, section 5.2)."""
    found: dict[str, dict[str, str]] = {}
    for line in answer.all_headers("Set-Cookie"):
        first, *rest = line.split(";")
        name, equals, value = first.partition("=")
        if equals and name.strip():
            pairs = (attribute.partition("=") for attribute in rest)
            attributes = {key.strip().lower(): text.strip() for key, _, text in pairs}
            found[name.strip()] = attributes | {"value": value.strip()}
    return found


def _jsonpath(path: Term) -> Reader:
    def read(subject: Subject, variables: Variables) -> Any:
        document = subject.json
        if isinstance(document, NothingFound):
            raise document
        return path(subject, variables).select(document)

    return read


def _regex(pattern: Term) -> Reader:
    def read(subject: Subject, variables: Variables) -> Any:
        found = pattern(subject, variables).first_group(subject.text)
        if found is None:
            raise NothingFound("finds nothing")
        return found

    return read


def _variable(name: Term) -> Reader:
    def read(subject: Subject, variables: Variables) -> Any:
        wanted = name(subject, variables)
        if wanted not in variables:
            raise NothingFound("finds nothing")
        return variables[wanted]

    return read


def _certificate(field: Term) -> Reader:
    """A field of the server's own certificate; dates as dates, alternative names as a list."""

    def read(subject: Subject, variables: Variables) -> Any:
        if subject.answer.tls is None:
            raise NothingFound("finds nothing because the answer came without TLS")
        return _FIELDS[field(subject, variables)](subject.answer.tls.certificate)

    return read


_FIELDS: Mapping[str, Callable[[Certificate], Any]] = {
    "Subject": lambda certificate: certificate.subject,
    "Issuer": lambda certificate: certificate.issuer,
    "Start-Date": lambda certificate: certificate.starts,
    "Expire-Date": lambda certificate: certificate.expires,
    "Serial-Number": lambda certificate: certificate.serial,
    "Subject-Alt-Name": lambda certificate: list(certificate.names),
}

QUERIES: Mapping[str, Query] = {
    "status": _plain(lambda subject: subject.answer.status),
    "version": _plain(lambda subject: subject.answer.version.removeprefix("HTTP/")),
    "url": _plain(lambda subject: subject.answer.url),
    "ip": _plain(lambda subject: subject.answer.address),
    "header": Query(_header, (take.NAME,)),
    "cookie": Query(_cookie, (take.COOKIE,)),
    "body": _plain(lambda subject: subject.text),
    "bytes": _plain(lambda subject: subject.answer.body),
    "jsonpath": Query(_jsonpath, (take.PATH,)),
    "regex": Query(_regex, (take.GROUP,)),
    "variable": Query(_variable, (take.NAME,)),
    "duration": _plain(lambda subject: Span(subject.answer.seconds, 0.001)),
    "redirects": _plain(lambda subject: [{"status": hop.status, "url": hop.url} for hop in subject.answer.hops]),
    "certificate": Query(_certificate, (take.CERTIFICATE,)),
    "sha256": _digest("sha256"),
    "md5": _digest("md5"),
}
"""By name. `duration` is that of the whole exchange, redirects included; a bare number with it counts milliseconds."""
