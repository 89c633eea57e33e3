"""The door to the targets: one probe at a time, over a new connection and with fresh DNS, never longer than granted."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from actionkit.redact import Redaction
from actionkit.surroundings import Surroundings, why_refused
from actionkit.web import resolve, tls
from actionkit.web.client import Client
from actionkit.web.deadline import Deadline
from actionkit.web.failure import Failure
from actionkit.web.model import Cause, Limits, Phase, Request, Trouble
from actionkit.web.way import Resolver as Addresses
from actionkit.web.way import Way
from health_wait import dns_probe, http_probe, postgres_probe, redis_probe, tcp_probe
from health_wait.conversation import Conversation, connect
from health_wait.model import Kind, Probe, Target
from health_wait.observation import Observation, troubled, wrong
from health_wait.targets import TLS_MODES, ssl_mode

if TYPE_CHECKING:
    from dns.resolver import Resolver


class Prober:
    """Probes targets from any number of threads at once; it keeps no state between probes.

    `clock` gives seconds since the watch began, `now` the time of day for asserts about dates; `resolver` makes the
    resolver of `dns://` targets that name no server; `redacted` takes secrets out of what is quoted of an answer.
    """

    def __init__(
        self,
        way: Way,
        clock: Callable[[], float],
        surroundings: Surroundings,
        *,
        now: Callable[[], datetime],
        resolver: Callable[[], Resolver] = dns_probe.configured,
        random: Random | None = None,
        redacted: Redaction = str,
    ) -> None:
        self._way, self._clock, self._surroundings = way, clock, surroundings
        self._now, self._resolver, self._redacted = now, resolver, redacted
        self._random = random or Random()  # noqa: S311 - which address is asked is no secret

    def probe(self, target: Target, due: float, replica: str = "") -> Probe:
        """Look at a target once, at one of its addresses if `replica` is given; takes `target.timeout` at most.

        Never raises for what a network or a server does.
        """
        began = self._clock()
        try:
            seen = self._seen(target, replica)
        except Trouble as trouble:
            refused = trouble.cause is Cause.REFUSED
            seen = troubled(trouble, why_refused(target.host, target.port, self._surroundings) if refused else "")
        except TimeoutError:
            seen = troubled(_too_late(target))
        return seen.probe(due=due, began=began, ended=self._clock(), replica=replica)

    def replicas(self, target: Target) -> tuple[str, ...]:
        """The addresses that a target's host has now, as far as this machine can tell the way to them: most runners
        have no IPv6. Raises Trouble in the phase DNS."""
        found = resolve.addresses(target.host, target.port, target.timeout, self._way.resolve)
        return tuple(address for address in found if _has_a_route(address)) or found

    def _seen(self, target: Target, replica: str) -> Observation:
        deadline = Deadline.after(target.timeout)
        match target.kind:
            case Kind.HTTP:
                return self._http(target, replica)
            case Kind.DNS:
                return dns_probe.look_up(target, self._way, deadline, self._resolver)
        way = replace(self._way, resolve=scattered(self._way.resolve, self._random))
        with connect(target, way, deadline, replica) as conversation:
            match target.kind:
                case Kind.TCP:
                    return tcp_probe.knock(conversation, target)
                case Kind.POSTGRES:
                    return self._postgres(conversation, target)
                case _:
                    return self._redis(conversation, target)

    def _http(self, target: Target, replica: str) -> Observation:
        assert target.expectation is not None  # noqa: S101 - every HTTP target has one
        way = replace(self._way, insecure=target.insecure, resolve=scattered(self._way.resolve, self._random))
        limits = Limits(connect_seconds=target.timeout, total_seconds=target.timeout)
        with closing(Client(way)) as client:
            answer = client.send(Request(target.method, target.url, target.headers), limits, pin=replica)
        return http_probe.judge(answer, target.expectation, self._now(), self._redacted)

    def _postgres(self, conversation: Conversation, target: Target) -> Observation:
        mode = ssl_mode(target.url)
        if mode in TLS_MODES:
            if not postgres_probe.asked_for_tls(conversation):
                reason = f"does not offer TLS, which `sslmode={mode}` asks for"
                return wrong(reason, address=conversation.address)
            insecure = target.insecure or mode == "require"
            self._secure(conversation, target, insecure=insecure, any_host=mode == "verify-ca")
        return postgres_probe.ping(conversation, target, self._redacted)

    def _redis(self, conversation: Conversation, target: Target) -> Observation:
        if urlsplit(target.url).scheme == "rediss":
            self._secure(conversation, target, insecure=target.insecure, instead=redis_probe.PLAIN)
        return redis_probe.ping(conversation, target, self._redacted)

    def _secure(
        self,
        conversation: Conversation,
        target: Target,
        *,
        insecure: bool,
        any_host: bool = False,
        instead: str = "",
    ) -> None:
        try:
            context = tls.context(self._way.ca_bundle, insecure, alpn=(), any_host=any_host)
        except Failure as error:
            raise Trouble(target.name, error.phase, error.cause, error.detail) from None
        conversation.start_tls(context, target.host, instead)


def scattered(resolve: Addresses, random: Random) -> Addresses:
    """The same addresses in any order: a system's resolver puts the same one first each time, and behind a name with
    several the others would never be asked."""

    def shuffled(host: str, port: int) -> Sequence[str]:
        found = list(resolve(host, port))
        random.shuffle(found)
        return found

    return shuffled


def _has_a_route(address: str) -> bool:
    """Whether this machine knows a way to an IPv6 address; a datagram's socket says so without sending anything."""
    if ":" not in address:
        return True
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 9))
    except OSError:
        return False
    return True


def _too_late(target: Target) -> Trouble:
    return Trouble(target.name, Phase.TCP, Cause.SLOW, f"did not answer within {target.timeout:g} s")
