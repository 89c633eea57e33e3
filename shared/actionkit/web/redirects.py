"""Where an answer leads and what is asked there. Pure."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from actionkit.web.failure import Failure
from actionkit.web.model import Cause, Phase, Request
from actionkit.web.url import Url, parsed

STATUSES = (301, 302, 303, 307, 308)
# Headers that are meant for one server only stay there; curl drops the first two, the others are keys by name.
_SECRET = re.compile(r"auth|cookie|token|secret|key|pass|session|credential|signature|csrf|xsrf", re.IGNORECASE)
_OF_THE_BODY = ("content-type", "content-length", "content-encoding", "content-language", "content-location")


def next_request(request: Request, url: Url, status: int, location: str) -> tuple[Request, Url]:
    """The request that follows a redirect, and its URL taken apart.

    303, and 301 or 302 behind a POST, become GET without a body, as browsers do (Fetch, 4.4). To another origin,
    headers that carry secrets do not go along. Raises Failure (BAD_REDIRECT).
    """
    led = _led(url, _text(location))
    method, body, headers = request.method, request.body, request.headers
    if (status == 303 and method not in ("GET", "HEAD")) or (status in (301, 302) and method == "POST"):
        method, body = "GET", None
        headers = tuple(header for header in headers if header[0].lower() not in _OF_THE_BODY)
    if led.origin != url.origin:
        headers = tuple(header for header in headers if header[0].lower() != "host" and not _SECRET.search(header[0]))
    elif url.authorization and not any(name.lower() == "authorization" for name, _ in headers):
        headers = (*headers, ("Authorization", url.authorization))
    return Request(method, led.text, headers, body), led


def _led(url: Url, location: str) -> Url:
    try:
        led = parsed(urljoin(url.text, location))
    except (Failure, ValueError):
        raise bad("redirects to something that is no http:// or https:// URL") from None
    if url.tls and not led.tls:
        raise bad("redirects from https:// to http://, where anyone on the way can read along")
    return parsed(led.text)  # user name and password in a redirect are someone else's choice


def bad(detail: str) -> Failure:
    return Failure(Phase.RECEIVE, Cause.BAD_REDIRECT, detail)


def _text(location: str) -> str:
    """Header bytes are read as Latin-1; many servers send a path as UTF-8."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location
