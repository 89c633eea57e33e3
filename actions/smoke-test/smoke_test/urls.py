"""The URLs of a plan and of the inputs: what they may look like before their variables are known.

Nothing here shows a URL's user name, password or query: messages show its beginning only.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from actionkit import values
from actionkit.errors import InputError

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
"""The methods of RFC 9110 and RFC 5789, without CONNECT."""

_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://", re.ASCII)
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f]")
_FIX = "Write `https://shop.example.com`."


def base(given: str) -> str:
    """The URL that the paths of steps start at; may hold `{{name}}`. Raises InputError."""
    word = given.strip()
    if word.startswith("{{"):
        _sendable(word, word)
        return word.rstrip("/")
    plain = _absolute(word)
    if "?" in plain or "#" in plain:
        raise InputError(
            "a base URL with a query or fragment", "scheme, host, port and path", "Write what is before `?`."
        )
    return word.rstrip("/")


def proxy(given: str) -> str:
    """`http://host:port`, with user name and password if the proxy wants them. Raises InputError without them."""
    word = given.strip()
    fix = "Write `http://proxy.example.com:3128`."
    try:
        parts = urlsplit(word)
        usable = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or _UNSENDABLE.search(word):
        raise InputError("no URL of an HTTP proxy", "`http://host:port`, for TLS hosts too", fix)
    return word


def of_step(given: str) -> str:
    """The URL of a request: absolute, or a path that starts with `/`; may hold `{{name}}`. Raises InputError."""
    word = given.strip()
    _sendable(word, word)
    if word.startswith(("/", "{{")) and not word.startswith("//"):
        return word
    if not _SCHEME.match(_TEMPLATE.sub("x", word)):
        fix = (
            f"Write `/{word.lstrip('/')}`, or `https://{word.lstrip('/')}`."
            if _shown(word) == word
            else "Write `/path`."
        )
        raise InputError(f"{values.quoted(_shown(word))} is no URL", "`https://…`, or a path that starts with `/`", fix)
    _absolute(word)
    return word


def is_relative(url: str) -> bool:
    """Whether a step's URL needs the plan's base URL."""
    return url.startswith("/")


def accepted_instead(url: str) -> str:
    """What is accepted instead of an absolute URL that is filled in, "" if it can be used. Shows nothing of it."""
    try:
        _absolute(url)
    except InputError as error:
        return error.accepted
    return ""


def _absolute(word: str) -> str:
    """The URL with a letter for each template. Raises InputError."""
    _sendable(word, word)
    plain = _TEMPLATE.sub("x", word)
    scheme = _SCHEME.match(plain)
    if not scheme:
        raise InputError(f"{values.quoted(_shown(word))} is no URL", "a URL that starts with http:// or https://", _FIX)
    if scheme[1].lower() not in ("http", "https"):
        raise InputError(f"`{scheme[1]}://` is not HTTP", "a URL that starts with http:// or https://", _FIX)
    try:
        # A template stands for a port, too.
        parts = urlsplit(re.sub(r":x(?=[/?#]|$)", "", plain))
        host, port, user = parts.hostname, parts.port, parts.username
    except ValueError:
        raise InputError("a URL whose host or port cannot be read", "`https://host:port/path`", _FIX) from None
    if user is not None:
        fix = 'Write `auth: {basic: [user, "{{password}}"]}` in the request.'
        raise InputError("a URL with a user name", "a URL without user name and password", fix)
    if not host or port == 0:
        empty = "Write the host after `://`, or set the secret or variable that it is made from: it is empty."
        fix = _FIX if host else empty
        raise InputError(f"{values.quoted(_shown(word))} names no host", "`https://host/path`", fix)
    return plain


def _sendable(word: str, given: str) -> None:
    if not word:
        raise InputError("an empty text", "a URL or a path", "Write `/` for the start page.")
    if "${{" in word:
        fix = "Hand the value in by the input `variables`, and write `{{name}}`."
        raise InputError("a URL with GitHub's `${{ }}`, which is not evaluated here", "`{{name}}`", fix)
    if _UNSENDABLE.search(_TEMPLATE.sub("x", word)):
        wrong = f"{values.quoted(_shown(given))} holds blanks or control characters"
        raise InputError(
            wrong,
            "a URL without blanks and control characters",
            "Write a blank as `%20`, or put the query in `params`.",
        )


def _shown(word: str) -> str:
    """The beginning of a URL, without what may be secret."""
    before = re.split(r"[?#]", word, maxsplit=1)[0]
    return re.sub(r"(?<=//)[^/]*@", "", before).rpartition("@")[2] if "@" in before else before
