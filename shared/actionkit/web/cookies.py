"""A cookie jar by the rules of RFC 6265, on the standard library's."""

from __future__ import annotations

import copy
import urllib.request
from collections.abc import Sequence
from email.message import Message
from http.cookiejar import Cookie, CookieJar
from typing import cast
from urllib.parse import urlsplit


class Jar:
    """Cookies as a browser keeps them. Not shown in any repr: they are secrets."""

    def __init__(self) -> None:
        self._jar = CookieJar()
        self._empty = True

    def copy(self) -> Jar:
        """A jar with the same cookies, independent from now on."""
        made = Jar()
        for cookie in self._jar:
            made._keep(copy.copy(cookie))
        return made

    def set(self, name: str, value: str, url: str) -> None:
        """A session cookie for the host of `url`, all paths, secure if the URL is https."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        domain = host if "." in host or ":" in host else f"{host}.local"  # http.cookiejar's name of a name without dots
        self._keep(
            Cookie(
                version=0, name=name, value=value, port=None, port_specified=False, domain=domain,
                domain_specified=False, domain_initial_dot=False, path="/", path_specified=True,
                secure=parts.scheme == "https", expires=None, discard=True, comment=None, comment_url=None, rest={},
            )
        )  # fmt: skip

    def take(self, url: str, headers: Sequence[tuple[str, str]]) -> None:
        """Keep what the Set-Cookie headers of an answer from `url` ask for, as far as the rules allow."""
        message = Message()
        for name, value in headers:
            if name.lower() == "set-cookie":
                message["Set-Cookie"] = value
        if len(message):
            self._jar.extract_cookies(cast("urllib.request._UrlopenRet", _Answered(message)), _asked(url))
            self._empty = False

    def header(self, url: str) -> str:
        """The value of the Cookie header for a request to `url`; "" for none."""
        if self._empty:
            return ""
        request = _asked(url)
        self._jar.add_cookie_header(request)
        return request.get_header("Cookie") or ""

    def _keep(self, cookie: Cookie) -> None:
        self._jar.set_cookie(cookie)
        self._empty = False


class _Answered:
    """All that http.cookiejar wants of an answer."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def info(self) -> Message:
        return self._message


def _asked(url: str) -> urllib.request.Request:
    return urllib.request.Request(url)  # noqa: S310 - nothing is opened
