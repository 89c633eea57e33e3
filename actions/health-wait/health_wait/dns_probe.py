"""A name looked up anew: by the system's resolver or by one name server, and held against what is expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from actionkit.web import guard, resolve
from actionkit.web.deadline import Deadline
from actionkit.web.failure import span
from actionkit.web.model import Cause, Phase, Trouble
from actionkit.web.way import Way
from health_wait.model import Target
from health_wait.observation import Observation, good, told, wrong
from health_wait.targets import Question, question

if TYPE_CHECKING:
    from dns.rdata import Rdata
    from dns.resolver import Answer, NoNameservers, Resolver

_SHOWN = 3

_TEXTS = ("CAA", "TXT")
"""Types of records in which capitals mean something."""


def configured(settings: Path = Path("/etc/resolv.conf")) -> Resolver:
    """A resolver that asks the name servers of this machine. Raises NoResolverConfiguration."""
    import dns.resolver

    return dns.resolver.Resolver(str(settings))


def look_up(target: Target, way: Way, deadline: Deadline, resolver: Callable[[], Resolver] = configured) -> Observation:
    """What the name servers say. Raises Trouble in the phase DNS.

    `resolver` makes the one to ask where the target names no server.
    """
    asked = question(target.url)
    server = _server(asked, way, deadline) if asked.server else ""
    if not asked.type and not server:
        found = _addresses(asked, way, deadline, resolver)
    else:
        one = _resolver_of(asked, server) if server else _configured(asked, resolver)
        found = _records(asked, asked.type or _family(asked), one, deadline)
    if asked.expect and _spelled(asked, asked.expect) not in {_spelled(asked, one) for one in found}:
        said = ", ".join(told(one) for one in sorted(found)[:_SHOWN]) + (" and others" if len(found) > _SHOWN else "")
        return wrong(f"resolves to {said}, not to {told(asked.expect)}", address=server)
    return good(server)


def _family(asked: Question) -> str:
    """Where no type is named: IPv4 first, unless it is an IPv6 address that is expected."""
    return "AAAA" if ":" in asked.expect else "A"


def _spelled(asked: Question, record: str) -> str:
    """A record for comparing: small letters and no final dot, as in names capitals mean nothing (RFC 4343), and
    addresses in their one short form. Texts are compared as they stand."""
    if asked.type in _TEXTS:
        return record
    try:
        return str(ip_address(record))
    except ValueError:
        return record.lower().rstrip(".")


def _server(asked: Question, way: Way, deadline: Deadline) -> str:
    """The address of the name server itself."""
    address = resolve.addresses(asked.server, asked.port, deadline.left(), way.resolve)[0]
    if why := guard.forbidden(address, asked.server, way.allow_hosts):
        raise _trouble(asked, Cause.FORBIDDEN_ADDRESS, f"may not be asked: {why}")
    return address


def _addresses(asked: Question, way: Way, deadline: Deadline, resolver: Callable[[], Resolver]) -> tuple[str, ...]:
    """By DNS, which tells why there is none; else as this machine finds names, /etc/hosts included."""
    try:
        return _records(asked, _family(asked), _configured(asked, resolver), deadline.within(deadline.left() / 2))
    except Trouble as by_dns:
        try:
            return resolve.addresses(asked.name, asked.port, deadline.left(), way.resolve)
        except (Trouble, TimeoutError):
            raise by_dns from None


def _configured(asked: Question, resolver: Callable[[], Resolver]) -> Resolver:
    import dns.resolver

    try:
        return resolver()
    except dns.resolver.NoResolverConfiguration:
        detail = "cannot be resolved: this machine has no name server configured"
        raise _trouble(asked, Cause.NAME_NOT_FOUND, detail) from None


def _resolver_of(asked: Question, server: str) -> Resolver:
    import dns.resolver

    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [server], asked.port
    return resolver


def _records(asked: Question, record_type: str, resolver: Resolver, deadline: Deadline) -> tuple[str, ...]:
    """The records as zone files write them, final dots and TXT's quotes left off."""
    import dns.exception
    import dns.resolver

    resolver.lifetime = deadline.left()
    try:
        answer = _in_time(deadline, lambda: resolver.resolve(asked.name, record_type, search=not asked.server))
    except dns.resolver.NXDOMAIN:
        raise _trouble(asked, Cause.NAME_NOT_FOUND, "does not exist (NXDOMAIN)") from None
    except dns.resolver.NoAnswer:
        if record_type == "A" and not asked.type:
            return _records(asked, "AAAA", resolver, deadline)
        raise _trouble(asked, Cause.NAME_NOT_FOUND, f"exists, but has no {record_type} record") from None
    except (dns.resolver.LifetimeTimeout, TimeoutError):
        detail = f"no name server answered within {span(deadline.seconds)}"
        raise _trouble(asked, Cause.NAME_TIMEOUT, f"was not resolved: {detail}") from None
    except dns.resolver.NoNameservers as error:
        raise _trouble(asked, Cause.NAME_NOT_FOUND, f"cannot be resolved: {_why(error)}") from None
    except (dns.exception.DNSException, OSError, ValueError) as error:
        detail = f"cannot be resolved ({type(error).__name__})"
        raise _trouble(asked, Cause.NAME_NOT_FOUND, detail) from None
    return tuple(_text(record) for record in answer)


def _in_time(deadline: Deadline, ask: Callable[[], Answer]) -> Answer:
    """What `ask` returns or raises. Raises TimeoutError at the deadline: dnspython looks at its own only after it has
    slept between two rounds, and is left behind in its thread then."""
    came: SimpleQueue[Answer | Exception] = SimpleQueue()

    def work() -> None:
        try:
            came.put(ask())
        except Exception as error:  # told in the asking thread
            came.put(error)

    Thread(target=work, name="look up", daemon=True).start()
    try:
        found = came.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise found
    return found


def _text(record: Rdata) -> str:
    strings: Sequence[bytes] | None = getattr(record, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    return record.to_text().rstrip(".")


def _why(error: NoNameservers) -> str:
    """The response code of the last server that was asked, in the words of `dig`."""
    import dns.rcode

    for _server, _tcp, _port, _error, response in reversed(error.kwargs.get("errors", ())):
        if response is not None:
            return f"the name server answers {dns.rcode.to_text(response.rcode())}"
    return "the name server is out of reach, or its answers make no sense"


def _trouble(asked: Question, cause: Cause, detail: str) -> Trouble:
    return Trouble(asked.name, Phase.DNS, cause, f"the name {asked.name} {detail}")
