"""A cookie jar by the rules of RFC 6265, on the standard library's."""

from __future__ import annotations

import copy
import re
import urllib.request
from collections.abc import Sequence
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any, cast

# The attributes of RFC 6265, 5.2, in the forms that http.cookiejar takes without stumbling.
_ATTRIBUTE = re.compile(
    r"\s*(?:secure|httponly|max-age\s*=\s*-?[0-9]{1,10}|(?:expires|domain)\s*=[^;]{1,1000}|path\s*=\s*/[^;]{0,1000})\s*",
    re.IGNORECASE | re.ASCII,
)
# Hosts that share cookies with no other: names without dots, and addresses (RFC 6265, 5.1.3).
_ALONE = re.compile(r"\[.*\]|[0-9.]+|[^.]+")


class Jar:
    """Cookies as a browser keeps them. Not shown in any repr: they are secrets."""

    def __init__(self) -> None:
        # A cookie without a Domain goes back to its very host only (RFC 6265, 5.3, step 6).
        strict = DefaultCookiePolicy.DomainStrictNonDomain
        self._jar = CookieJar(DefaultCookiePolicy(strict_ns_domain=strict))
        self._empty = True

    def copy(self) -> Jar:
        """A jar with the same cookies, independent from now on."""
        made = Jar()
        for cookie in self._jar:
            made._keep(copy.copy(cookie))
        return made

    def set(self, name: str, value: str, url: str) -> None:
        """A session cookie for the host of `url`, all paths, secure if the URL is https."""
        host = _host(url)
        domain = host if "." in host else f"{host}.local"  # http.cookiejar's name of a host without dots
        self._keep(
            Cookie(
                version=0, name=name, value=value, port=None, port_specified=False, domain=domain,
                domain_specified=False, domain_initial_dot=False, path="/", path_specified=True,
                secure=url.startswith("https:"), expires=None, discard=True, comment=None, comment_url=None, rest={},
            )
        )  # fmt: skip

    def take(self, url: str, headers: Sequence[tuple[str, str]]) -> None:
        """Keep what the Set-Cookie headers of an answer from `url` ask for, as far as the rules allow."""
        given = [value for name, value in headers if name.lower() == "set-cookie"]
        host = _host(url) if given else ""
        for cookie in given:  # one by one: one that deletes another deletes that of a line before it, too
            if _keeps_its_promise(cookie, url) and (understood := _understood(cookie, host)):
                self._jar.extract_cookies(cast("Any", _Answered([understood])), _asked(url))
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


def _understood(cookie: str, host: str) -> str:
    """Name, value and the attributes that are understood; RFC 6265 ignores all others. "" for a cookie that is for
    another host, where http.cookiejar would not see that."""
    pair, *given = cookie.split(";")
    attributes = [attribute for attribute in given if _ATTRIBUTE.fullmatch(attribute)]
    if _ALONE.fullmatch(host):
        domains = {_domain(attribute) for attribute in attributes} - {None}
        if domains - {host}:
            return ""
        attributes = [attribute for attribute in attributes if _domain(attribute) is None]
    return ";".join((pair, *attributes))


def _domain(attribute: str) -> str | None:
    key, _, value = attribute.partition("=")
    return value.strip().lower().removeprefix(".") if key.strip().lower() == "domain" else None


def _keeps_its_promise(cookie: str, url: str) -> bool:
    """Browsers refuse a cookie whose name promises what it does not keep (RFC 6265bis, 4.1.3 and 5.6)."""
    pair, *rest = cookie.split(";")
    name = pair.strip().lower()
    attributes = {key.strip().lower(): value.strip() for key, _, value in (one.partition("=") for one in rest)}
    if not name.startswith(("__secure-", "__host-")):
        return True
    if "secure" not in attributes or not url.startswith("https:"):
        return False
    return name.startswith("__secure-") or (not attributes.get("domain") and attributes.get("path") == "/")


class _Answered:
    """All that http.cookiejar wants of an answer and its headers."""

    def __init__(self, cookies: list[str]) -> None:
        self._cookies = cookies

    def info(self) -> _Answered:
        return self

    def get_all(self, name: str, default: list[str]) -> list[str]:
        return self._cookies if name == "Set-Cookie" else default


def _host(url: str) -> str:
    return re.sub(r":\d*$", "", _asked(url).host).lower()


def _asked(url: str) -> urllib.request.Request:
    """http.cookiejar would take a user name for a part of the host."""
    return urllib.request.Request(re.sub(r"//[^/?#]*@", "//", url))  # noqa: S310 - nothing is opened
