"""Sends requests and follows redirects, under one deadline, with nothing implicit."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from actionkit.web import redirects
from actionkit.web.deadline import Deadline
from actionkit.web.dial import Clock, dial
from actionkit.web.exchange import Exchange, Reply
from actionkit.web.failure import Failure
from actionkit.web.line import Line
from actionkit.web.model import Answer, Hop, Limits, Request, Timings, Trouble
from actionkit.web.tunnel import not_let_through
from actionkit.web.url import Url, parsed, proxy
from actionkit.web.way import Way
from actionkit.web.wire import Wire, wire

if TYPE_CHECKING:
    from actionkit.web.cookies import Jar

_KEPT = 16  # idle lines a client holds on to; a plan talks to few origins
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))  # RFC 9110, 9.2.2

_Key = tuple[str, str, int, str]


@dataclass(slots=True)
class _Call:
    """One `send`: what it was given and how far it has come."""

    url: Url
    limits: Limits
    deadline: Deadline
    begun: float
    pin: str = ""
    clock: Clock = field(default_factory=Clock)
    hops: tuple[Hop, ...] = ()


class Client:
    """`keep=False`: a new connection and fresh DNS for every exchange; may be shared between threads.

    `keep=True`: connections are kept and used again; belongs to one thread. Close it, or use it in a `with`.
    """

    def __init__(self, way: Way = Way(), *, keep: bool = False) -> None:
        self._way, self._keep = way, keep
        self._idle: dict[_Key, Line] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up every kept connection."""
        while self._idle:
            self._idle.popitem()[1].hang_up()

    def send(
        self, request: Request, limits: Limits, *, follow: int = 0, jar: Jar | None = None, pin: str = ""
    ) -> Answer:
        """The whole answer to `request`, whatever its status.

        Up to `follow` redirects are followed; with 0 a redirect is the answer. Cookies of `jar` are sent, and those
        of the answers kept in it. `pin` is the IP address to connect to instead of resolving the host (of this URL, not
        of redirects elsewhere); name and certificate stay those of the URL. Raises Trouble, nothing else.
        """
        begun = monotonic()
        deadline = Deadline(begun + limits.total_seconds, limits.total_seconds)
        try:
            url = parsed(request.url)
        except Failure as failure:
            raise Trouble("the request", failure.phase, failure.cause, failure.detail) from None
        call = _Call(url, limits, deadline, begun, pin)
        try:
            return self._followed(call, request, follow, jar)
        except Failure as failure:
            raise _trouble(call, failure) from None

    def _followed(self, call: _Call, request: Request, follow: int, jar: Jar | None) -> Answer:
        first = call.url.origin
        while True:
            call.clock = Clock()
            pin = call.pin if call.url.origin == first else ""
            reply, line = self._exchanged(call, request, jar, pin)
            if jar is not None:
                jar.take(call.url.text, reply.headers)
            location = _location(reply) if follow else ""
            if not location:
                return _answer(call, reply, line)
            try:
                if len(call.hops) >= follow:
                    raise redirects.bad(f"redirects more than {follow} times")
                request, url = redirects.next_request(request, call.url, reply.status, location)
            except Failure as failure:
                failure.status, failure.address = reply.status, line.address
                raise
            call.url, call.hops = url, (*call.hops, Hop(reply.status, url.text))

    def _exchanged(self, call: _Call, request: Request, jar: Jar | None, pin: str) -> tuple[Reply, Line]:
        """One hop. A kept line may have been closed meanwhile: then, once, a new one is tried if that is safe."""
        through = None if call.url.tls else proxy(self._way.proxy)
        cookie = jar.header(call.url.text) if jar is not None else ""
        ready = wire(request, call.url, keep=self._keep, cookie=cookie, proxy=through)
        key = (*call.url.origin, pin)
        kept = self._idle.pop(key, None)
        if kept is not None and kept.quiet():
            try:
                return self._over(kept, key, ready, call), kept
            except Failure as failure:
                if not failure.stale or (request.method not in _IDEMPOTENT and kept.sent):
                    raise
        elif kept is not None:
            kept.hang_up()
        line = dial(call.url, self._way, call.deadline.within(call.limits.connect_seconds), call.clock, pin)
        return self._over(line, key, ready, call), line

    def _over(self, line: Line, key: _Key, ready: Wire, call: _Call) -> Reply:
        """The exchange over this line, which is kept if it can be, and else hung up."""
        keep = False
        try:
            reply = Exchange(line, ready, call.deadline, call.limits.max_bytes).run()
            if reply.status == 407 and not call.url.tls and (through := proxy(self._way.proxy)):
                raise not_let_through(through)
            keep = self._keep and reply.reusable
            return reply
        except Failure as failure:
            failure.address = line.address
            raise
        finally:
            if keep:
                self._put_away(key, line)
            else:
                line.hang_up()

    def _put_away(self, key: _Key, line: Line) -> None:
        if len(self._idle) >= _KEPT:
            self._idle.pop(next(iter(self._idle))).hang_up()
        self._idle[key] = line


def _location(reply: Reply) -> str:
    if reply.status not in redirects.STATUSES:
        return ""
    return next((value for name, value in reply.headers if name.lower() == "location"), "")


def _answer(call: _Call, reply: Reply, line: Line) -> Answer:
    clock = call.clock
    return Answer(
        status=reply.status,
        reason=reply.reason,
        version=reply.version,
        headers=reply.headers,
        body=reply.body,
        url=call.url.text,
        address=line.address,
        seconds=monotonic() - call.begun,
        timings=Timings(clock.dns, clock.tcp, clock.proxy, clock.tls, reply.send, reply.wait, reply.receive),
        encoded_bytes=reply.encoded_bytes,
        tls=line.tls,
        hops=call.hops,
    )


def _trouble(call: _Call, failure: Failure) -> Trouble:
    clock, detail = call.clock, failure.detail
    if call.hops and monotonic() > call.deadline.at - 0.01:  # this hop alone may have been fast
        detail += f" (in all, after {len(call.hops)} redirect{'s' * (len(call.hops) > 1)})"
    return Trouble(
        call.url.shown,
        failure.phase,
        failure.cause,
        detail,
        seconds=monotonic() - call.begun,
        timings=Timings(clock.dns, clock.tcp, clock.proxy, clock.tls, *failure.spent),
        address=failure.address,
        status=failure.status,
        received=failure.received,
        hops=call.hops,
    )
