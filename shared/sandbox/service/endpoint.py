"""A listening port that can be opened, closed and jammed, and what it does with a connection."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from .connection import Blurt, Connection, Serve
from .faults import CERTIFICATES, Fault, Faults, Kind
from .misbehave import ALERT, NOT_SSH, SSH
from .tls import Authority

BACKLOG = 1024
_WITHOUT_TLS = frozenset({Kind.BANNER, Kind.PLAIN, Kind.TLS, Kind.RESET})
State = Literal["open", "closed", "silent"]


def bound(address: str, port: int) -> socket.socket:
    """A socket with this address, not listening."""
    made = socket.socket()
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


@dataclass
class _Arrival:
    socket: socket.socket
    taken: bool = False


class Endpoint:
    """One address and port. Apart from the constructor, used only in the loop's thread.

    `place` stays bound and never listens: a closed port refuses, and nobody else gets its number meanwhile.
    `changed` hears of every state right after it is reached.
    """

    def __init__(
        self, place: socket.socket, serve: Serve, tls: Authority | None, changed: Callable[[State], None]
    ) -> None:
        self._place, self._serve, self._tls, self._changed = place, serve, tls, changed
        self.address: str
        self.port: int
        self.address, self.port = place.getsockname()
        self.faults = Faults()
        self._up = False
        self._state: State = "closed"
        self._listening: socket.socket | None = None
        self._held: set[socket.socket] = set()
        self._transports: set[asyncio.Transport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.address}:{self.port}"

    def start(self) -> None:
        self._up = True
        self.settle()

    def stop(self) -> None:
        """As when the process ends: the port is closed and so is every connection."""
        self._up = False
        self.settle()

    def settle(self) -> None:
        """Bring the port into the state that is due: the server's own, unless a fault has another."""
        fault = self.faults.at_port(time.monotonic())
        due: State = "open" if self._up else "closed"
        if self._up and fault is not None:
            due = "closed" if fault.kind is Kind.REFUSE else "silent"
        if due == self._state:
            return
        self._shut()
        if due == "open":
            listening = self._listen(BACKLOG)
            asyncio.get_running_loop().add_reader(listening, self._accept, listening)
        elif due == "silent":
            self._listen(0)
            self._jam()
        self._state = due
        self._changed(due)

    def close(self) -> None:
        """For good."""
        self.stop()
        self._place.close()

    def _listen(self, backlog: int) -> socket.socket:
        self._listening = bound(self.address, self.port)
        self._listening.listen(backlog)
        return self._listening

    def _jam(self) -> None:
        """Fill the backlog with connections of our own; Linux then drops every further SYN."""
        jammed = False
        while not jammed:
            filler = socket.socket()
            filler.setblocking(False)
            self._held.add(filler)
            filler.connect_ex((self.address, self.port))
            jammed = not select.select([], [filler], [], 0.02)[1]

    def _shut(self) -> None:
        loop = asyncio.get_running_loop()
        if self._listening is not None:
            loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        for task in self._tasks:
            task.cancel()
        for transport in tuple(self._transports):
            transport.abort()
        self.let_go()

    def let_go(self) -> None:
        """Close the connections that were left hanging."""
        for held in self._held:
            held.close()
        self._held.clear()

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(BACKLOG):
            try:
                accepted, _peer = listening.accept()
            except OSError:  # none is left, or it was gone before
                return
            accepted.setblocking(False)
            # asyncio sets it only on sockets made with IPPROTO_TCP; without, a second write waits 40 ms for an ACK.
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._welcome(accepted, self.faults.at_connection(time.monotonic()))

    def _welcome(self, accepted: socket.socket, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        if kind is Kind.HANG:
            self._held.add(accepted)
            return
        arrival = _Arrival(accepted)
        task = asyncio.get_running_loop().create_task(self._connect(arrival, fault))
        self._tasks.add(task)
        task.add_done_callback(partial(self._welcomed, arrival))

    def _welcomed(self, arrival: _Arrival, task: asyncio.Task[None]) -> None:
        """A task that was cancelled before it began leaves its socket open."""
        self._tasks.discard(task)
        if not arrival.taken:
            arrival.socket.close()

    async def _connect(self, arrival: _Arrival, fault: Fault | None) -> None:
        """Hand the connection to who speaks on it; a TLS handshake that fails is the peer's affair."""
        arrival.taken = True
        kind = fault.kind if fault else None
        context = None if kind in _WITHOUT_TLS else self._context(fault)
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError, ssl.SSLError):
            await loop.connect_accepted_socket(lambda: self._speaker(kind), arrival.socket, ssl=context)

    def _speaker(self, kind: Kind | None) -> asyncio.Protocol:
        if kind is Kind.BANNER:
            return Blurt(SSH, NOT_SSH, self._transports)
        if kind is Kind.RESET:
            return Blurt(b"", None, self._transports)
        if kind is Kind.TLS:
            return Blurt(b"", ALERT, self._transports)
        return Connection(self._serve, self._transports)

    def _context(self, fault: Fault | None) -> ssl.SSLContext | None:
        if self._tls is None:
            return None
        if fault is not None and fault.kind in CERTIFICATES:
            return self._tls.context(fault.kind.value, fault.days)
        return self._tls.context()


class Server:
    """Who serves at an endpoint of its own: it has that, and with it an address, as soon as the service starts."""

    endpoint: Endpoint

    @property
    def address(self) -> str:
        return self.endpoint.address

    @property
    def port(self) -> int:
        return self.endpoint.port

    @property
    def url(self) -> str:
        """`http(s)://address:port`, straight to this server."""
        return self.endpoint.url
