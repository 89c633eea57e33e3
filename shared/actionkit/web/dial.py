"""From a URL to a line: name, address, guard, TCP, proxy and TLS, each timed and each failing in its own words."""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from actionkit.web import tls
from actionkit.web.certificate import facts
from actionkit.web.deadline import Deadline
from actionkit.web.failure import Failure, bad_request, span
from actionkit.web.guard import forbidden
from actionkit.web.line import Line
from actionkit.web.model import Cause, Certificate, Phase, Tls
from actionkit.web.resolve import looked_up
from actionkit.web.tunnel import tunnel
from actionkit.web.url import Url, proxy
from actionkit.web.way import Way

_NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)


@dataclass(slots=True)
class Clock:
    """Seconds spent in each phase of the last dial."""

    dns: float = 0.0
    tcp: float = 0.0
    proxy: float = 0.0
    tls: float = 0.0

    @contextmanager
    def timing(self, phase: Phase) -> Iterator[None]:
        begun = monotonic()
        try:
            yield
        finally:
            setattr(self, phase.value.lower(), monotonic() - begun)


def dial(url: Url, way: Way, deadline: Deadline, clock: Clock, pin: str = "") -> Line:
    """A line to `url`'s server, ready for a request. Raises Failure; no socket stays open then."""
    through = proxy(way.proxy)
    near = through or url
    with clock.timing(Phase.DNS):
        found = _addresses(url, through, way, deadline, pin)
    with clock.timing(Phase.TCP), _of_the_proxy(through is not None):
        sock, address = _connected(found, near.port, deadline)
    try:
        return _secured(sock, address, url, way, deadline, clock)
    except Failure as failure:
        failure.address = failure.address or address
        raise


def _addresses(url: Url, through: Url | None, way: Way, deadline: Deadline, pin: str) -> tuple[str, ...]:
    """Where to connect to, guarded. A proxy resolves the target itself, so only its name can be judged then."""
    _refuse(forbidden("", url.host, way.allow_hosts))
    if through is not None:
        if pin:
            raise bad_request("an address cannot be pinned where a proxy connects")
        with _of_the_proxy(True):
            return looked_up(through.host, through.port, _left(deadline), way.resolve)
    found = (_pinned(pin),) if pin else looked_up(url.host, url.port, _left(deadline), way.resolve)
    reasons = {address: forbidden(address, url.host, way.allow_hosts) for address in found}
    fine = tuple(address for address in found if not reasons[address])
    if not fine:
        _refuse(reasons[found[0]])
    return fine


def _pinned(pin: str) -> str:
    try:
        return str(ipaddress.ip_address(pin))
    except ValueError:
        raise bad_request("the address to connect to is no IP address") from None


def _refuse(reason: str) -> None:
    if reason:
        raise Failure(Phase.DNS, Cause.FORBIDDEN_ADDRESS, f"{reason}; refused unless `allow-hosts` names it")


def _left(deadline: Deadline) -> float:
    """What is left for an operation whose own time-out is told by its caller."""
    return max(deadline.at - monotonic(), 0.001)


@contextmanager
def _of_the_proxy(used: bool) -> Iterator[None]:
    """On the way to a proxy, every failure is the proxy's."""
    try:
        yield
    except Failure as failure:
        if not used:
            raise
        raise Failure(Phase.PROXY, Cause.PROXY, f"the proxy fails: {failure.detail}", address=failure.address) from None


def _connected(addresses: tuple[str, ...], port: int, deadline: Deadline) -> tuple[socket.socket, str]:
    """The first address that accepts. Each gets a fair share of the time, so that a dead one leaves some for others."""
    failures: list[Failure] = []
    for position, address in enumerate(addresses):
        share = deadline.within(_left(deadline) / (len(addresses) - position))
        try:
            return _tcp(address, port, share), address
        except OSError as error:
            failures.append(not_connected(error, address, port, share.seconds, len(addresses)))
    raise failures[0]


def _tcp(address: str, port: int, deadline: Deadline) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(deadline.left())
        sock.connect((address, port))
        refuse_itself(sock, address, port)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def refuse_itself(sock: socket.socket, address: str, port: int) -> None:
    """A free port of this machine may be connected to from that very port, and then speaks to itself (RFC 9293, 3.5).

    Raises ConnectionRefusedError: nothing listens there.
    """
    if sock.getsockname()[:2] == (address, port):
        raise ConnectionRefusedError


def not_connected(error: OSError, address: str, port: int, seconds: float, tried: int) -> Failure:
    """Why no connection came about, from the error of the first of `tried` addresses."""
    at = f"{address} port {port}" + (f" (first of {tried} addresses)" if tried > 1 else "")
    if isinstance(error, ConnectionRefusedError):
        cause, detail = Cause.REFUSED, f"refuses connections: nothing listens on {at}"
    elif isinstance(error, ConnectionResetError):
        cause, detail = Cause.RESET, f"resets every connection as soon as it is made on {at}"
    elif isinstance(error, TimeoutError):
        cause = Cause.CONNECT_TIMEOUT
        detail = f"does not take a connection within {span(seconds)} on {at}: the host is down or a firewall is silent"
    elif error.errno in _NO_WAY:
        cause, detail = Cause.UNREACHABLE, f"cannot be reached: there is no way to {at}"
    elif error.errno == errno.EADDRNOTAVAIL:
        cause, detail = (
            Cause.UNREACHABLE,
            f"cannot be reached: this machine has no address or free port to reach {at} from",
        )
    elif error.errno in (errno.EMFILE, errno.ENFILE):
        cause, detail = Cause.UNREACHABLE, "cannot be reached: this machine has too many open connections"
    else:
        cause, detail = Cause.UNREACHABLE, f"cannot be reached on {at} ({error.strerror or type(error).__name__})"
    return Failure(Phase.TCP, cause, detail, address=address)


def _secured(sock: socket.socket, address: str, url: Url, way: Way, deadline: Deadline, clock: Clock) -> Line:
    """The line over a connected socket, which is closed should this fail."""
    through = proxy(way.proxy)
    if not url.tls:
        return Line(sock, address, deadline)
    try:
        tls.context(way.ca_bundle, way.insecure)
        if through is not None:
            with clock.timing(Phase.PROXY):
                tunnel(sock, url, through, deadline)
        with clock.timing(Phase.TLS):
            secured, agreed = _handshake(sock, url, way, deadline, address)
    except BaseException:
        sock.close()
        raise
    return Line(secured, address, deadline, agreed)


def _handshake(sock: socket.socket, url: Url, way: Way, deadline: Deadline, address: str) -> tuple[ssl.SSLSocket, Tls]:
    def look() -> Certificate | None:
        return _certificate(address, url, way, deadline)

    try:
        secured = tls.handshake(sock, url.host, tls.context(way.ca_bundle, way.insecure), deadline)
    except OSError as error:
        raise tls.told(error, url.host, deadline, look) from None
    try:
        return secured, tls.described(secured, verified=not way.insecure)
    except BaseException:
        secured.close()
        raise


def _certificate(address: str, url: Url, way: Way, deadline: Deadline) -> Certificate | None:
    """What the server shows, fetched over a line of its own: after a failed handshake OpenSSL does not tell."""
    through = proxy(way.proxy)
    try:
        sock = _tcp(address, (through or url).port, deadline)
        try:
            if through is not None:
                tunnel(sock, url, through, deadline)
            with tls.handshake(sock, url.host, tls.context("", insecure=True), deadline) as secured:
                return facts(secured.getpeercert(binary_form=True) or b"")
        finally:
            sock.close()
    except (OSError, ValueError, Failure):
        return None
