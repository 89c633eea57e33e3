"""What a line of `targets` names: where to connect, how to speak, and how the target is called. Pure.

Nothing here shows a user name, a password, a query or a fragment.
"""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from actionkit import values
from actionkit.errors import InputError
from actionkit.nearest import nearest
from actionkit.redact import SHORTEST
from actionkit.untrusted import one_line
from health_wait.model import Kind
from health_wait.spelling import Header

KINDS = {
    "https": Kind.HTTP,
    "http": Kind.HTTP,
    "tcp": Kind.TCP,
    "dns": Kind.DNS,
    "postgres": Kind.POSTGRES,
    "postgresql": Kind.POSTGRES,
    "redis": Kind.REDIS,
    "rediss": Kind.REDIS,
}
PORTS = {"https": 443, "http": 80, "dns": 53, "postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379}

RECORD_TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""libpq's, https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION"""

TLS_MODES = SSL_MODES[3:]
"""Those in which TLS is asked for."""

_SCHEMES = "https://, http://, tcp://, dns://, postgres://, redis:// and rediss://"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_SEVERAL = re.compile(rf"(?:\s|^[^?#]*[,;|])(?:{'|'.join(KINDS)})://", re.IGNORECASE)
"""Where a second target begins, as other tools take them in one line. In a query a URL may be a value."""

_BROKEN = re.compile(rf"({'|'.join(KINDS)})(?::/?|//)(?=[^/:0-9])", re.IGNORECASE)
"""A scheme without its colon or slashes."""
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)
_TELLING = re.compile(r"key|token|secret|sig|pass|pwd|auth|code|credential|sess", re.IGNORECASE)
_LONG = 16


@dataclass(frozen=True, slots=True)
class Place:
    """One line understood. `url` holds no HTTP user name and password any more: these are in `headers`.

    `secrets` are the parts of the line to be kept out of every output.
    """

    name: str
    kind: Kind
    url: str = field(repr=False)
    host: str
    port: int
    headers: tuple[Header, ...] = field(default=(), repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What a `dns://` target asks: `server` "" is the system's resolver, `expect` "" any record, `type` "" an address
    however this machine finds one."""

    name: str
    type: str = ""
    expect: str = ""
    server: str = ""
    port: int = 53


def shown(text: str) -> str:
    """A line that may not be a URL at all, without what may be a secret in it."""
    line = one_line(text)
    scheme = _SCHEME.match(line)
    if "@" in line:
        line = f"{scheme[0] if scheme else ''}***@{line.rpartition('@')[2]}"
    return re.split(r"[?#]", line, maxsplit=1)[0]


def place(text: str) -> Place:
    """The target that a line names. Raises InputError, which shows no secret of it."""
    url = _split(text)
    kind = KINDS[url.scheme]
    if kind is not Kind.HTTP and "#" in text:  # of a web page it is the place to scroll to, which no server is told
        fix = "Write `%23` where it is meant as itself, or leave it out with what follows."
        raise _wrong(text, "holds a `#`, and what follows it would not be asked for", "a URL without `#`", fix)
    port = _port(url, text)
    if kind is Kind.DNS:
        asked = question(text)
        return Place(_name(url) + (f" ({asked.type})" if asked.type else ""), kind, text, asked.name, port)
    host = _host(url.hostname or "", text)
    if kind in (Kind.POSTGRES, Kind.REDIS):
        _check_data_store(url, text)
    if kind is Kind.TCP and (url.path not in ("", "/") or url.query or url.username):
        raise _wrong(text, "has more than a host and a port", "`tcp://host:port`", f"Write `tcp://{host}:{port}`.")
    secrets = _secrets(url, kind, text)
    if kind is not Kind.HTTP:
        return Place(_name(url), kind, text, host, port, secrets=secrets)
    authority = (f"[{host}]" if ":" in host else host) + (f":{url.port}" if url.port else "")
    plain = url._replace(netloc=authority, fragment="").geturl()
    return Place(_name(url), kind, plain, host, port, _basic(url), secrets)


def question(text: str) -> Question:
    """What `dns://name` or `dns://server:port/name?type=TXT&expect=…` asks (after RFC 4501). Raises InputError."""
    url = urlsplit(text)
    asked = unquote(url.path.strip("/"))
    name, server = (asked, url.hostname or "") if asked else (url.hostname or "", "")
    found = {key.lower(): value for key, value in parse_qsl(url.query)}
    record_type = found.pop("type", "").upper()
    if record_type and record_type not in RECORD_TYPES:
        guess = nearest(record_type, RECORD_TYPES) or "TXT"
        raise _wrong(text, "asks for an unknown record type", ", ".join(RECORD_TYPES), f"Write `type={guess}`.")
    expect = found.pop("expect", "")
    if found or (not asked and url.port):
        accepted = "`dns://name` or `dns://server/name`, and `?type=…&expect=…`"
        raise _wrong(text, "asks for more than a name", accepted, f"Write `dns://{name}?type=TXT&expect=…`.")
    if is_address(name):
        accepted, fix = "`dns://name` or `dns://server/name`", f"Write `dns://{name}/shop.example.com`."
        raise _wrong(text, "asks for an address, not for a name", accepted, fix)
    return Question(_host(name, text), record_type, expect, _host(server, text) if server else "", url.port or 53)


def ssl_mode(url: str) -> str:
    """`sslmode` of a `postgres://` URL as libpq spells it, "prefer" where it is not given."""
    return dict(parse_qsl(urlsplit(url).query)).get("sslmode", "prefer")


def encrypted(url: str) -> bool:
    """Whether a probe of it speaks TLS."""
    scheme = urlsplit(url).scheme
    return scheme in ("https", "rediss") or (KINDS[scheme] is Kind.POSTGRES and ssl_mode(url) in TLS_MODES)


def looks_secret(name: str, value: str) -> bool:
    """Whether a named value may be a key: it is called one, or long."""
    return len(value) >= SHORTEST and bool(_TELLING.search(name) or len(value) >= _LONG)


def is_address(host: str) -> bool:
    """Whether a host is an IP address already."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _split(text: str) -> SplitResult:
    if text.startswith("#"):
        fix = "Leave the line out: an input is no YAML, and has no comments."
        raise _wrong(text.lstrip("# "), "is behind a `#`", "a URL", fix)
    if _SEVERAL.search(text) and not text.startswith("- "):
        raise _wrong(text, "holds more than one URL", "one URL a line", "Write each target on a line of its own.")
    if text.startswith(("- ", '"', "'")):
        fix = "Leave the `- ` and the quotes out: an input is no YAML list, every line is a URL as it stands."
        raise _wrong(text, "begins with a dash or a quote", "a URL", fix)
    if re.search(r"\s", text) or not text.isprintable():
        fix = "Leave the comment out." if re.search(r"\s#", text) else "Write `%20` for a blank."
        raise _wrong(text, "holds a blank", "a URL without blanks", fix)
    if not (scheme := _SCHEME.match(text)):  # whatever stands before a later `://` may be a password
        raise _wrong(text, "has no scheme", _SCHEMES, _fix_of_no_scheme(shown(text)))
    if (name := scheme[0][:-3].lower()) not in KINDS:
        raise _unknown_scheme(text, name)
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError as error:
        if "port" in str(error).lower():
            raise _bad_port(text) from None
        raise _wrong(text, "is no URL", "a URL", "Check the brackets around an IPv6 address.") from None
    if url.path.startswith("//") and url.netloc.lower().rpartition("@")[2].removesuffix(":") in KINDS:
        raise _wrong(text, "has two schemes", "`scheme://host`", f"Leave the first `{scheme[0]}` out.")
    return url


def _fix_of_no_scheme(bare: str) -> str:
    if broken := _BROKEN.match(bare):
        return f"Write `{broken[1].lower()}://{bare[broken.end() :]}`."
    plain = bare.lstrip("/")
    return f"Write `tcp://{plain}`." if re.fullmatch(r"[^/:]+:[0-9]+", plain) else f"Write `https://{plain}`."


def _unknown_scheme(text: str, scheme: str) -> InputError:
    guess = nearest(scheme, KINDS)
    port = re.search(r":([0-9]+)(?:/|$)", text)
    if guess:
        fix = f"Write `{guess}://…`."
    elif port:
        fix = f"Write `tcp://host:{port[1]}`, which asks no more than whether the port accepts connections."
    else:
        fix = "Write `tcp://host:port`, which asks no more than whether the port accepts connections."
    return _wrong(text, f"has the unknown scheme {values.quoted(scheme)}", _SCHEMES, fix)


def _bad_port(text: str) -> InputError:
    fix = "Write a port such as `:8080`; percent-encode `/`, `?`, `#` and `@` in a password."
    return _wrong(text, "has no port from 1 to 65535", "a port from 1 to 65535", fix)


def _port(url: SplitResult, text: str) -> int:
    if url.port == 0:
        raise _bad_port(text)
    if url.port is None and url.scheme not in PORTS:
        raise _wrong(text, "has no port", "`tcp://host:port`", f"Write `{shown(text).rstrip('/:')}:5432`.")
    return url.port or PORTS[url.scheme]


def _host(given: str, text: str) -> str:
    """A host name in ASCII, or an IP address as it stands."""
    if not given:
        fix = "Write the host after `://`, or set the secret or variable that it is made from: it is empty."
        raise _wrong(text, "names no host", "a host name or an IP address", fix)
    if ":" in given or is_address(given):
        if not is_address(given):
            raise _wrong(text, "names no host", "an IPv6 address in brackets", "Write `http://[::1]:8080/`.")
        return given
    name = (given if given.isascii() else _in_ascii(given)).rstrip(".")
    if not all(_LABEL.fullmatch(label) for label in name.split(".")) or len(name) > 253:
        accepted = "labels of letters, digits and `-` with dots between"
        raise _wrong(text, f"has the host {values.quoted(given)}, which no name can be", accepted, "Check the host.")
    return name


def _in_ascii(name: str) -> str:
    """As browsers and the HTTP client spell it (UTS 46); "" for what is no name."""
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return ""


def _check_data_store(url: SplitResult, text: str) -> None:
    if "@" in url.path:
        fix = "Percent-encode `/`, `?`, `#` and `@` in the password: `%2F`, `%3F`, `%23`, `%40`."
        raise _wrong(text, "has an `@` after the host", "`scheme://user:password@host:port/name`", fix)
    if "\0" in unquote(text):
        raise _wrong(text, "holds a zero byte", "text without `%00`", "Leave `%00` out.")
    mode = ssl_mode(url.geturl())
    if KINDS[url.scheme] is Kind.POSTGRES and mode not in SSL_MODES:
        guess = nearest(mode, SSL_MODES) or "require"
        raise _wrong(text, "has an unknown `sslmode`", ", ".join(SSL_MODES), f"Write `sslmode={guess}`.")
    if KINDS[url.scheme] is Kind.REDIS and url.username and not url.password:
        fix = f"Write `{url.scheme}://:password@host`, or leave the user out."
        raise _wrong(text, "names a user without a password", "a password, with a user or without", fix)


def _secrets(url: SplitResult, kind: Kind, text: str) -> tuple[str, ...]:
    """Password (as written and decoded), an HTTP user that stands alone, and what in a query looks like a key."""
    password = url.password or (url.username if kind is Kind.HTTP else "") or ""
    if password and len(unquote(password)) < SHORTEST:
        fix = "Use a longer one" + (", or none: the ping needs no password." if kind is Kind.POSTGRES else ".")
        wrong = f"has a password of fewer than {SHORTEST} characters, which cannot be kept out of the log"
        raise _wrong(text, wrong, f"a password of {SHORTEST} characters or more", fix)
    pairs = ((name, value) if value else ("", name) for name, value in parse_qsl(url.query, keep_blank_values=True))
    keys = [value for name, value in pairs if looks_secret(name, value)]
    return tuple(dict.fromkeys(part for part in (password, unquote(password), *keys) if part))


def _basic(url: SplitResult) -> tuple[Header, ...]:
    """User name and password as HTTP sends them (RFC 7617)."""
    if url.username is None and url.password is None:
        return ()
    pair = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
    return (("Authorization", f"Basic {b64encode(pair.encode()).decode()}"),)


def _name(url: SplitResult) -> str:
    return url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _wrong(text: str, wrong: str, accepted: str, fix: str) -> InputError:
    return InputError(f"{values.quoted(shown(text))} {wrong}", accepted, fix)
