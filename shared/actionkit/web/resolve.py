"""Names to addresses, asked anew each time and never longer than granted.

`getaddrinfo` has no timeout and cannot be interrupted, so it runs in a daemon thread that is left behind.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread

from actionkit.web.failure import Failure, span
from actionkit.web.model import Cause, Phase, Trouble

_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def system(host: str, port: int) -> tuple[str, ...]:
    """The addresses the machine's own resolver gives, in its order. Raises socket.gaierror."""
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def addresses(
    host: str, port: int, seconds: float, resolve: Callable[[str, int], Sequence[str]] = system
) -> tuple[str, ...]:
    """Every address of `host` (a name or an address), without doubles, IPv4 first. Raises Trouble (phase DNS)."""
    try:
        return looked_up(host, port, seconds, resolve)
    except Failure as failure:
        raise Trouble(host, failure.phase, failure.cause, failure.detail) from None


def looked_up(
    host: str, port: int, seconds: float, resolve: Callable[[str, int], Sequence[str]] = system
) -> tuple[str, ...]:
    """The same for the inside of this package. Raises Failure."""
    if literal := _literal(host):
        return (literal,)
    outcome: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            outcome.put(resolve(host, port))
        except Exception as error:  # whatever a resolver raises is told in the asking thread
            outcome.put(error)

    Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        found = outcome.get(timeout=max(seconds, 0.001))
    except Empty:
        raise Failure(
            Phase.DNS,
            Cause.NAME_TIMEOUT,
            f"the host name {host} was not resolved within {span(seconds)}: the name server does not answer",
        ) from None
    if isinstance(found, Exception):
        raise _not_found(host, found) from None
    if not found:
        raise Failure(Phase.DNS, Cause.NAME_NOT_FOUND, f"the host name {host} has no address")
    return tuple(sorted(dict.fromkeys(found), key=lambda address: ":" in address))


def _literal(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""


def _not_found(host: str, error: Exception) -> Failure:
    if isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME:
        detail = f"the host name {host} does not exist"
    elif isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        detail = f"the host name {host} cannot be resolved now: the name server failed or is out of reach"
    elif isinstance(error, OSError):
        detail = f"the host name {host} cannot be resolved ({error.strerror or type(error).__name__})"
    else:
        detail = f"the host name {host} cannot be resolved ({type(error).__name__})"
    return Failure(Phase.DNS, Cause.NAME_NOT_FOUND, detail)
