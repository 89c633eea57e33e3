"""A request as it goes over the wire: every header decided and checked, nothing left for a library to add."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from actionkit.web.decode import ACCEPTED
from actionkit.web.failure import bad_request
from actionkit.web.model import Request
from actionkit.web.url import Url

USER_AGENT = "verdict-actions"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110, 5.6.2
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_WITH_LENGTH = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Wire:
    """`target` is a path, or the whole URL for a proxy. `headers` are complete."""

    method: str
    target: str = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


def wire(request: Request, url: Url, *, keep: bool, cookie: str = "", proxy: Url | None = None) -> Wire:
    """`request` made ready for `url`. `cookie` is the jar's, sent behind the request's own; `proxy` one that is
    spoken to in plain HTTP. Raises Failure (BAD_REQUEST)."""
    if not _TOKEN.fullmatch(request.method) or request.method.upper() == "CONNECT":
        raise bad_request("the method is none that can be sent")
    given: dict[str, None] = {}
    headers: list[tuple[str, bytes]] = []
    for name, value in request.headers:
        low = name.lower()
        given[low] = None
        if low == "content-length":
            _check_length(value, request.body)
        elif low == "cookie" and cookie:
            headers.append((name, _value(name, f"{value}; {cookie}")))
            cookie = ""
        else:
            headers.append((name, _value(name, value)))
    if "host" not in given:
        headers.insert(0, ("Host", url.netloc.encode("ascii")))
    headers += [
        (name, text.encode("latin-1")) for name, text in _defaults(url, keep, cookie) if name.lower() not in given
    ]
    if proxy is not None and proxy.authorization and "proxy-authorization" not in given:
        headers.append(("Proxy-Authorization", proxy.authorization.encode("ascii")))
    if request.body is not None or request.method in _WITH_LENGTH:
        headers.append(("Content-Length", b"%d" % len(request.body or b"")))
    if "range" not in given and "accept-encoding" not in given:  # a range of gzip cannot be decoded
        headers.append(("Accept-Encoding", ACCEPTED.encode("ascii")))
    return Wire(request.method, url.path if proxy is None else url.text, tuple(headers), request.body)


def _defaults(url: Url, keep: bool, cookie: str) -> list[tuple[str, str]]:
    found = [("User-Agent", USER_AGENT), ("Accept", "*/*")]
    if url.authorization:
        found.append(("Authorization", url.authorization))
    if cookie:
        found.append(("Cookie", cookie))
    if not keep:
        found.append(("Connection", "close"))
    return found


def _value(name: str, value: str) -> bytes:
    """UTF-8, as curl sends it."""
    if not _TOKEN.fullmatch(name):
        raise bad_request("a header's name is none that can be sent")
    if name.lower() == "transfer-encoding":
        raise bad_request("a Transfer-Encoding header cannot be given: the body is sent with its length")
    if _CONTROL.search(value):
        raise bad_request(f"the value of the header {name} holds a control character such as a line break")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        raise bad_request(f"the value of the header {name} is no text (it holds lone surrogates)") from None


def _check_length(value: str, body: bytes | None) -> None:
    if value.strip() != str(len(body or b"")):
        raise bad_request("the Content-Length given is not that of the body; leave it out")
