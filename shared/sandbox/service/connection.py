"""One accepted connection: whole requests in, answers or raw bytes out."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Any, cast

from .message import Asked, MalformedError, Reply, parse, problem

Behaviour = Coroutine[Any, Any, None]
Serve = Callable[["Connection", Asked], Reply | Behaviour]
"""What answers a request: a Reply, or a coroutine that writes to the connection itself."""

_RST = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: closing sends RST instead of FIN (socket(7))."""


def _reset(transport: asyncio.Transport) -> None:
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    transport.abort()


class Connection(asyncio.Protocol):
    """Serves one request after the other. `among` holds it while it is open."""

    def __init__(self, serve: Serve, among: set[asyncio.Transport]) -> None:
        self._serve, self._among = serve, among
        self._buffer = bytearray()
        self._writable = asyncio.Event()
        self._writable.set()
        self._busy: asyncio.Task[None] | asyncio.TimerHandle | None = None
        self.keep = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        # `send` returns when the kernel has the bytes. Not 0: asyncio's TLS would pause at 0 and never resume.
        self.transport.set_write_buffer_limits(high=1, low=0)
        self._among.add(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's)
        self._among.discard(self.transport)
        self._writable.set()
        if self._busy is not None:
            self._busy.cancel()
            self._busy = None

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def _next(self) -> None:
        """Begin what has come whole, one exchange at a time."""
        while self._buffer and self._busy is None and not self.transport.is_closing():
            try:
                asked = parse(self._buffer)
            except MalformedError as error:
                self.transport.write(problem(error.status, "this is no request").head(keep=False, framing=()))
                self.transport.close()
                return
            if asked is None:
                return
            self.keep = asked.keep
            served = self._serve(self, asked)
            loop = asyncio.get_running_loop()
            if not isinstance(served, Reply):
                self._busy = loop.create_task(self._behave(served))
            elif served.after:
                self._busy = loop.call_later(served.after, self._later, asked, served)
            else:
                self.answer(asked, served)

    def _later(self, asked: Asked, reply: Reply) -> None:
        self._busy = None
        self.answer(asked, reply)
        self._next()

    async def _behave(self, behaviour: Behaviour) -> None:
        await behaviour
        self._busy = None
        if not self.keep:
            self.transport.close()
        self._next()

    def answer(self, asked: Asked, reply: Reply) -> None:
        """The whole answer, and the end where the connection is not kept."""
        self.transport.write(reply.encoded(asked, keep=self.keep))
        if not self.keep:
            self.transport.close()

    async def send(self, data: bytes) -> None:
        """Write, and wait until the kernel has it; the task ends as cancelled when the peer is gone."""
        self.transport.write(data)
        await self._writable.wait()
        if self.transport.is_closing():
            raise asyncio.CancelledError

    def reset(self) -> None:
        """RST, whatever was sent before."""
        _reset(self.transport)

    def close(self) -> None:
        """FIN, after what was sent before."""
        self.transport.close()


class Blurt(asyncio.Protocol):
    """What does not speak HTTP: says one thing at once, one when it hears something (None: RST), and closes."""

    def __init__(self, at_once: bytes, at_data: bytes | None, among: set[asyncio.Transport]) -> None:
        self._at_once, self._at_data, self._among = at_once, at_data, among

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._among.add(self._transport)
        self._transport.write(self._at_once)

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 (asyncio's)
        if self._at_data is None:
            _reset(self._transport)
        else:
            self._transport.write(self._at_data)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's)
        self._among.discard(self._transport)
