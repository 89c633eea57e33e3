"""An absolute http(s) URL taken apart for sending: what goes on the wire, and what may be shown."""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit

from actionkit.web.failure import Failure, bad_request

_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"(?=.{1,253}\.?\Z)[a-z0-9_~-]{1,63}(?:\.[a-z0-9_~-]{1,63})*\.?", re.ASCII)
# Everything RFC 3986 reserves, so that nothing that has a meaning in a URL is encoded, and nothing twice.
_SAFE = "%/:?@!$&'()*+,;=[]~"


@dataclass(frozen=True, slots=True)
class Url:
    """`host` is in ASCII (IDNA), lower case, an IPv6 address without brackets. `path` is percent-encoded and holds
    the query. `authorization` is the value of a Basic header where the URL had a user name, else ""."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)
    authorization: str = field(default="", repr=False)

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        """Host and port as in a Host header: the scheme's own port is left out."""
        return self.bracketed if self.port == _PORTS[self.scheme] else f"{self.bracketed}:{self.port}"

    @property
    def bracketed(self) -> str:
        return f"[{self.host.split('%')[0]}]" if ":" in self.host else self.host

    @property
    def text(self) -> str:
        """The whole URL without user name and password."""
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def shown(self) -> str:
        """Without query too: fit for logs."""
        return f"{self.scheme}://{self.netloc}{self.path.partition('?')[0]}"


@lru_cache(maxsize=512)
def parsed(text: str) -> Url:
    """Take a URL apart. Raises Failure (BAD_REQUEST) that shows nothing of it but the scheme or the port."""
    if _CONTROL.search(text):
        raise bad_request("the URL holds a control character such as a line break")
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise bad_request("the URL cannot be read: its host or port is malformed") from None
    if parts.scheme not in _PORTS:
        raise bad_request("the URL does not start with http:// or https://")
    if port == 0:
        raise bad_request("the URL names port 0, which no server can have")
    return Url(
        parts.scheme,
        _host(host, "[" in parts.netloc),
        port or _PORTS[parts.scheme],
        _path(parts),
        _basic(parts.username, parts.password),
    )


def _host(host: str, bracketed: bool) -> str:
    if not host:
        raise bad_request("the URL names no host")
    if bracketed:
        try:
            return str(ipaddress.IPv6Address(unquote(host)))
        except ValueError:
            raise bad_request("the URL's host in brackets is no IPv6 address") from None
    name = host if host.isascii() else _idna(host)
    if not _HOST.fullmatch(name):
        raise bad_request("the URL's host is no host name and no address")
    return name


def _idna(host: str) -> str:
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise bad_request("the URL's host is no valid internationalised domain name") from None


def _path(parts: SplitResult) -> str:
    try:
        path = quote(_STRAY_PERCENT.sub("%25", parts.path), safe=_SAFE) or "/"
        query = quote(_STRAY_PERCENT.sub("%25", parts.query), safe=_SAFE)
    except UnicodeEncodeError:
        raise bad_request("the URL holds characters that are no text (lone surrogates)") from None
    return f"{path}?{query}" if query else path


def _basic(user: str | None, password: str | None) -> str:
    if not user and not password:
        return ""
    pair = f"{unquote(user or '')}:{unquote(password or '')}"
    return "Basic " + base64.b64encode(pair.encode("utf-8", "replace")).decode("ascii")


@lru_cache(maxsize=8)
def proxy(text: str) -> Url | None:
    """The proxy that a `Way` names, None for a direct way. Raises Failure (BAD_REQUEST)."""
    if not text:
        return None
    try:
        url = parsed(text if "://" in text else f"http://{text}")
    except Failure:
        url = None
    if url is None or url.tls:
        raise bad_request(
            "the proxy is not written http://host:port (proxies that speak TLS or SOCKS are not supported)"
        )
    return url
