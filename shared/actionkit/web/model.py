"""What one HTTP exchange is made of, and every way in which it can fail. No I/O.

All durations are seconds as floats; times of day are aware datetimes in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from actionkit.errors import ActionkitError

MB = 1_000_000


class Phase(StrEnum):
    """The steps of an exchange in their order; a failure names the one it happened in."""

    DNS = "DNS"
    TCP = "TCP"
    PROXY = "proxy"
    TLS = "TLS"
    SEND = "send"
    WAIT = "wait"
    RECEIVE = "receive"


class Cause(StrEnum):
    """Why an exchange failed, told as closely as the network lets one tell."""

    NAME_NOT_FOUND = "name-not-found"
    NAME_TIMEOUT = "name-timeout"
    FORBIDDEN_ADDRESS = "forbidden-address"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect-timeout"
    PROXY = "proxy"
    TLS_TIMEOUT = "tls-timeout"
    TLS_FAILED = "tls-failed"
    UNTRUSTED = "untrusted"
    WRONG_HOST = "wrong-host"
    EXPIRED = "expired"
    RESET = "reset"
    CLOSED = "closed"
    SILENT = "silent"
    SLOW = "slow"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    UNDECODABLE = "undecodable"
    NOT_HTTP = "not-http"
    BAD_REDIRECT = "bad-redirect"
    BAD_REQUEST = "bad-request"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it is sent. `url` is absolute; `headers` are sent in this order, beside Host and length."""

    method: str
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may take. `max_bytes` is of the decoded body; `total_seconds` covers redirects too.

    `connect_seconds` is for name, TCP, proxy and TLS together, as curl's `--connect-timeout` counts them.
    """

    connect_seconds: float = 3.0
    total_seconds: float = 10.0
    max_bytes: int = 2 * MB


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds spent in each phase of the last hop; 0.0 for a phase that did not happen (a kept connection)."""

    dns: float = 0.0
    tcp: float = 0.0
    proxy: float = 0.0
    tls: float = 0.0
    send: float = 0.0
    wait: float = 0.0
    receive: float = 0.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's own certificate. `names` are its DNS names and IP addresses; `serial` is hexadecimal."""

    subject: str
    issuer: str
    starts: datetime
    expires: datetime
    serial: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tls:
    """`version` as in "TLSv1.3". `verified` is False where verification was switched off."""

    version: str
    cipher: str
    certificate: Certificate
    verified: bool


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed: its status and the absolute URL it led to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status. `body` is decoded (gzip and so on), `encoded_bytes` what crossed the wire.

    `url` is the one that answered, query included, user name and password not. `address` is the IP address of the
    peer (of the proxy, through one). `seconds` runs from the start of the call to the last byte, redirects included.
    """

    status: int
    reason: str
    version: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)
    address: str
    seconds: float
    timings: Timings
    encoded_bytes: int = 0
    tls: Tls | None = None
    hops: tuple[Hop, ...] = ()

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case; None where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        """Every value of that header, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


class Trouble(ActionkitError):  # noqa: N818 - the name reads as what it is: trouble in a phase
    """No whole answer. `detail` is a sentence part for the user ("refuses connections") without URL, query or secret.

    `target` is the URL without user name, password, query and fragment. `received` counts decoded body bytes that did
    arrive. `status` is known where the answer had begun.
    """

    def __init__(
        self,
        target: str,
        phase: Phase,
        cause: Cause,
        detail: str,
        *,
        seconds: float = 0.0,
        timings: Timings | None = None,
        address: str = "",
        status: int | None = None,
        received: int = 0,
        hops: tuple[Hop, ...] = (),
    ) -> None:
        self.target, self.phase, self.cause, self.detail = target, phase, cause, detail
        self.seconds, self.timings, self.address = seconds, timings or Timings(), address
        self.status, self.received, self.hops = status, received, hops
        super().__init__(f"{target}: {detail}")
