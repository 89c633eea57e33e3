"""Requests as they come in and answers as they go out, HTTP/1.1."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_HEAD, MOST_BODY = 65_536, 10_000_000
"""Bytes of a request that are taken; more is answered 431 or 413."""

JSON = "application/json"
HTML = "text/html; charset=utf-8"
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_WITHOUT_BODY = frozenset({204, 304})


class MalformedError(Exception):
    """This is no request; `status` is what it is answered with."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


@dataclass(slots=True)
class Asked:
    """One whole request. `target` is as it was sent; `headers` in their order."""

    method: str
    target: str
    path: str
    version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that (lower-case) name, "" where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def keep(self) -> bool:
        """Whether the connection outlives this exchange (RFC 9112, 9.3)."""
        wish = self.header("connection").lower()
        return "close" not in wish if self.version == "HTTP/1.1" else "keep-alive" in wish

    @property
    def query(self) -> dict[str, str]:
        """The last value of every name in the query."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def cookies(self) -> dict[str, str]:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(self.header("cookie"))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in jar.items()}

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(slots=True)
class Reply:
    """One answer. `after` seconds pass before it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    media: str = ""
    after: float = 0.0

    def head(self, *, keep: bool, framing: tuple[tuple[str, str], ...] | None = None) -> bytes:
        """The status line and all headers; `framing` instead of the true length of the body."""
        if framing is None:
            framing = () if self.status in _WITHOUT_BODY else (("Content-Length", str(len(self.body))),)
        fields = [*self.headers, *framing]
        if self.media:
            fields.insert(0, ("Content-Type", self.media))
        if not keep:
            fields.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Unassigned')}"]
        lines.extend(f"{name}: {value}" for name, value in fields)
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def encoded(self, asked: Asked, *, keep: bool) -> bytes:
        """All bytes of the answer to `asked`."""
        head = self.head(keep=keep)
        return head if asked.method == "HEAD" or self.status in _WITHOUT_BODY else head + self.body


def as_json(value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(status, json.dumps(value).encode(), headers, JSON)


def problem(status: int, detail: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A refusal in the form of RFC 9457."""
    body = json.dumps({"status": status, "title": _REASONS.get(status, ""), "detail": detail})
    return Reply(status, body.encode(), headers, "application/problem+json")


def parse(buffer: bytearray) -> Asked | None:
    """The first request of the buffer, taken out of it; None while it is not whole. Raises MalformedError."""
    if not 0x41 <= buffer[0] <= 0x5A:  # a method begins with a letter; a TLS ClientHello with 0x16
        raise MalformedError(400)
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > MOST_HEAD:
            raise MalformedError(431)
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise MalformedError(400)
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    asked = Asked(words[0], words[1], words[1].partition("?")[0], words[2], headers)
    length = _length(asked)
    whole = end + 4 + length
    if len(buffer) < whole:
        return None
    asked.body = bytes(buffer[end + 4 : whole])
    del buffer[:whole]
    return asked


def _length(asked: Asked) -> int:
    """How long the body is. Chunked requests are not served: 411, as RFC 9112 (6.3) allows."""
    length = 0
    for name, value in asked.headers:
        plain = name.lower()
        if plain == "transfer-encoding":
            raise MalformedError(411)
        if plain == "content-length":
            if not (value.isascii() and value.isdigit()):
                raise MalformedError(400)
            length = int(value[:20])
    if length > MOST_BODY:
        raise MalformedError(413)
    return length
