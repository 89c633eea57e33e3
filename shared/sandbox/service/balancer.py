"""The proxy in front of the replicas: round robin, 502 where one is down, 504 where it hangs."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import time
from collections.abc import Sequence

from .connection import Behaviour, Connection
from .endpoint import Server
from .message import Asked, Reply
from .misbehave import behave
from .replica import Replica

BALANCER = "balancer"
VIA = ("Via", "1.1 balancer")
_MOST_HEAD = 65_536
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"})
"""Headers that end at a proxy (RFC 9110, 7.6.1)."""


class Balancer(Server):
    """A new connection to a replica for every request. `seconds`: how long a replica may take to begin its answer."""

    name = BALANCER

    def __init__(self, replicas: Sequence[Replica], seconds: float, tls: ssl.SSLContext | None) -> None:
        self._turn = itertools.cycle(replicas)
        self._seconds, self._tls = seconds, tls

    def serve(self, connection: Connection, asked: Asked) -> Reply | Behaviour:
        """Relay to the next replica, unless a fault of the balancer's own strikes."""
        fault = self.endpoint.faults.at_request(asked.path, time.monotonic())
        if fault is not None:
            return behave(fault, connection, asked, lambda: _gateway(502, "no replica was asked"))
        return self._relay(connection, asked, next(self._turn))

    async def _relay(self, connection: Connection, asked: Asked, replica: Replica) -> None:
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(self._seconds):
                reader, writer = await asyncio.open_connection(
                    replica.address, replica.port, ssl=self._tls, limit=_MOST_HEAD
                )
                writer.write(_forwarded(asked))
                head = await reader.readuntil(b"\r\n\r\n")
            await self._pass_on(connection, asked, head, reader)
        except TimeoutError:
            connection.answer(asked, _gateway(504, "the replica does not answer"))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            connection.answer(asked, _gateway(502, "the replica is down"))
        finally:
            if writer is not None:
                writer.transport.abort()

    async def _pass_on(self, connection: Connection, asked: Asked, head: bytes, reader: asyncio.StreamReader) -> None:
        """The replica's head with our own headers, then its body byte for byte. Raises ValueError: this is no head."""
        status, headers = _read_head(head)
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        left = int(lengths[0]) if lengths else None
        bodiless = asked.method == "HEAD" or status in (204, 304)
        connection.keep = connection.keep and (bodiless or left is not None)
        kept = [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
        end = [VIA] if connection.keep else [VIA, ("Connection", "close")]
        first = head.partition(b"\r\n")[0].decode("latin-1")
        await connection.send(_head(first, [*kept, *end]))
        if bodiless:
            return
        while left is None or left > 0:
            piece = await self._piece(reader, 65_536 if left is None else min(left, 65_536))
            if not piece:
                connection.keep = False
                return
            await connection.send(piece)
            left = None if left is None else left - len(piece)

    async def _piece(self, reader: asyncio.StreamReader, most: int) -> bytes:
        """The next bytes of a body; none where the replica ends, breaks off or stalls."""
        try:
            async with asyncio.timeout(self._seconds):
                return await reader.read(most)
        except OSError:
            return b""


def _gateway(status: int, detail: str) -> Reply:
    return Reply(status, f"<html><body><h1>{status}</h1>{detail}</body></html>".encode(), (VIA,), "text/html")


def _forwarded(asked: Asked) -> bytes:
    headers = [(name, value) for name, value in asked.headers if name.lower() not in _HOP_BY_HOP]
    return _head(f"{asked.method} {asked.target} HTTP/1.1", [*headers, VIA, ("Connection", "close")]) + asked.body


def _head(first: str, headers: Sequence[tuple[str, str]]) -> bytes:
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1")


def _read_head(head: bytes) -> tuple[int, list[tuple[str, str]]]:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    protocol, _, rest = first.partition(" ")
    if not protocol.startswith("HTTP/1."):
        raise ValueError(first)
    return int(rest[:3]), [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
