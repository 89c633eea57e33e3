"""What can go wrong, where and when; which of several faults strikes a connection or a request. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Kind(StrEnum):
    """Everything that can be switched on with `service.fault`."""

    REFUSE = "refuse"
    SILENT = "silent"
    HANG = "hang"
    RESET = "reset"
    BANNER = "banner"
    PLAIN = "plain"
    TLS = "tls"
    WRONG_HOST = "wrong-host"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    SELF_SIGNED = "self-signed"
    UNTRUSTED = "untrusted"
    CLOSE = "close"
    GARBAGE = "garbage"
    RESET_AFTER_HEADERS = "reset-after-headers"
    TRICKLE_HEADERS = "trickle-headers"
    TRICKLE_BODY = "trickle-body"
    TRUNCATED = "truncated"
    CHUNKED_CUT = "chunked-cut"
    GZIP_BOMB = "gzip-bomb"
    CORRUPT_GZIP = "corrupt-gzip"
    HUGE_HEADERS = "huge-headers"
    STATUS = "status"
    REDIRECT = "redirect"
    REDIRECT_LOGIN = "redirect-login"
    REDIRECT_LOOP = "redirect-loop"
    REDIRECT_METADATA = "redirect-metadata"
    OLD_VERSION = "old-version"


PORT = frozenset({Kind.REFUSE, Kind.SILENT})
"""Of the listening socket: nothing is accepted. SILENT: no handshake is answered, as behind a firewall that drops."""

CERTIFICATES = frozenset({Kind.WRONG_HOST, Kind.EXPIRED, Kind.EXPIRING, Kind.SELF_SIGNED, Kind.UNTRUSTED})
CONNECTION = frozenset({Kind.HANG, Kind.RESET, Kind.BANNER, Kind.PLAIN, Kind.TLS}) | CERTIFICATES
"""Of a connection, before a byte of it is read; HANG and RESET with a path strike when the request was read."""

_EITHER = frozenset({Kind.HANG, Kind.RESET})


class NoSuchFaultError(ValueError):
    """A fault that does not exist, or makes no sense as it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a fault strikes, of the connections or requests it is about (each fault counts its own).

    every: only each nth (a flapping service); after_requests: the first so many are spared; after_seconds: not before
    that; seconds: over after so long (a slow start); times: over after so many strikes.
    """

    every: int = 1
    after_requests: int = 0
    after_seconds: float = 0.0
    seconds: float | None = None
    times: int | None = None

    def strikes(self, nth: int, struck: int, elapsed: float) -> bool:
        """Whether the nth one (1-based), `elapsed` seconds after the fault was set, is hit; `struck` were before."""
        if elapsed < self.after_seconds or self.over(struck, elapsed):
            return False
        return nth > self.after_requests and (nth - self.after_requests) % self.every == 0

    def over(self, struck: int, elapsed: float) -> bool:
        late = self.seconds is not None and elapsed >= self.after_seconds + self.seconds
        return late or (self.times is not None and struck >= self.times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `path` is a glob; "" for all.

    status: of STATUS. ms: between two bytes of TRICKLE_*. location: of REDIRECT. version: of OLD_VERSION.
    megabytes: decoded size of GZIP_BOMB. days: left to the certificate of EXPIRING. kilobytes: of HUGE_HEADERS.
    """

    kind: Kind
    path: str = ""
    status: int = 503
    ms: float = 20.0
    location: str = "/login"
    version: str = "1.0.0"
    megabytes: int = 300
    kilobytes: int = 256
    days: int = 5
    when: Schedule = Schedule()

    @property
    def of_the_port(self) -> bool:
        return self.kind in PORT

    @property
    def of_the_connection(self) -> bool:
        return self.kind in CONNECTION and not (self.kind in _EITHER and self.path)


_WHEN = frozenset({"every", "after_requests", "after_seconds", "seconds", "times"})
_WHAT = frozenset({"path", "status", "ms", "location", "version", "megabytes", "kilobytes", "days"})
_NUMBERS = frozenset({"every", "after_requests", "status", "times", "megabytes", "kilobytes", "days"})


def made(kind: str, options: dict[str, object]) -> Fault:
    """A fault of loose values, as they come from a call or from JSON. Raises NoSuchFaultError."""
    if kind not in Kind.__members__.values():
        raise NoSuchFaultError(f"no fault {kind!r}; there are {', '.join(Kind)}")
    unknown = options.keys() - _WHEN - _WHAT
    if unknown:
        raise NoSuchFaultError(f"no option {', '.join(sorted(unknown))}; there are {', '.join(sorted(_WHEN | _WHAT))}")
    for name, value in options.items():
        _check(name, value)
    schedule = Schedule(**{name: value for name, value in options.items() if name in _WHEN})  # type: ignore[arg-type]
    what = {name: value for name, value in options.items() if name in _WHAT}
    fault = Fault(kind=Kind(kind), when=schedule, **what)  # type: ignore[arg-type]
    if fault.of_the_port and options.keys() - {"seconds"}:
        raise NoSuchFaultError(f"{kind} closes the port for all; it takes only `seconds`")
    if fault.of_the_connection and fault.path:
        raise NoSuchFaultError(f"{kind} strikes before a path is known")
    return fault


def _check(name: str, value: object) -> None:
    if name in ("path", "location", "version"):
        fits = isinstance(value, str)
    elif name in _NUMBERS:
        fits = isinstance(value, int) and value >= (1 if name == "every" else 0)
    else:
        fits = isinstance(value, (int, float)) and value >= 0
    if not fits or isinstance(value, bool):
        raise NoSuchFaultError(f"{name}={value!r} cannot be")


@dataclass(slots=True)
class _Live:
    fault: Fault
    since: float
    seen: int = 0
    struck: int = 0

    def strikes(self, now: float) -> bool:
        self.seen += 1
        struck = self.fault.when.strikes(self.seen, self.struck, now - self.since)
        self.struck += struck
        return struck


class Faults:
    """The faults of one server; the one set last wins. Used only in the loop's thread."""

    def __init__(self) -> None:
        self._live: list[_Live] = []

    def set(self, fault: Fault, now: float) -> None:
        self._live.insert(0, _Live(fault, now))

    def clear(self) -> None:
        self._live.clear()

    def at_port(self, now: float) -> Fault | None:
        """The fault that keeps the port from accepting."""
        live = (one for one in self._live if one.fault.of_the_port)
        return next((one.fault for one in live if not one.fault.when.over(0, now - one.since)), None)

    def at_connection(self, now: float) -> Fault | None:
        """The fault that strikes the connection just accepted."""
        live = (one for one in self._live if one.fault.of_the_connection)
        return next((one.fault for one in live if one.strikes(now)), None)

    def at_request(self, path: str, now: float) -> Fault | None:
        """The fault that strikes the request for this path, just read."""
        if not self._live:
            return None
        live = (one for one in self._live if not one.fault.of_the_port and not one.fault.of_the_connection)
        about = (one for one in live if not one.fault.path or fnmatchcase(path, one.fault.path))
        return next((one.fault for one in about if one.strikes(now)), None)
