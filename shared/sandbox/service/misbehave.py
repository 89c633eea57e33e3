"""How a fault looks on the wire once a request was read: the bytes, and what is missing of them."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable, Iterator

from .connection import Behaviour, Connection
from .faults import Fault, Kind
from .message import Asked, Reply, problem

METADATA = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
"""Where clouds tell their machines credentials; no client of ours may ever go there."""

SSH = b"SSH-2.0-OpenSSH_9.6\r\n"
NOT_SSH = b"Invalid SSH identification string.\r\n"
RADIO = b"ICY 200 OK\r\nicy-name: shop radio\r\n\r\n"
"""SHOUTcast's status line: nearly HTTP, and not."""

ALERT = b"\x15\x03\x03\x00\x02\x02\x46"
"""A TLS record: fatal alert, protocol_version (RFC 8446, 6)."""

_MEGABYTE = 1_000_000
_STALL = 3600.0

Truth = Callable[[], Reply]
"""What would have been answered; asked only by faults that spoil it on its way."""


def behave(fault: Fault, connection: Connection, asked: Asked, true: Truth) -> Reply | Behaviour:
    """What the fault makes of a request: another answer, or a coroutine that writes what it likes."""
    if fault.kind is Kind.OLD_VERSION or (fault.kind is Kind.REDIRECT_LOGIN and asked.path == "/login"):
        return true()
    if fault.kind in _ANSWERS:
        return _ANSWERS[fault.kind](fault, asked)
    return _WIRE[fault.kind](fault, connection, asked, true)


def _to(location: str) -> Reply:
    return Reply(302, headers=(("Location", location),))


async def _hang(_fault: Fault, _connection: Connection, _asked: Asked, _true: Truth) -> None:
    await asyncio.sleep(_STALL)


async def _reset(_fault: Fault, connection: Connection, _asked: Asked, _true: Truth) -> None:
    connection.reset()


async def _close(_fault: Fault, connection: Connection, _asked: Asked, _true: Truth) -> None:
    connection.close()


async def _garbage(_fault: Fault, connection: Connection, _asked: Asked, _true: Truth) -> None:
    await connection.send(RADIO)
    connection.close()


async def _reset_after_headers(_fault: Fault, connection: Connection, _asked: Asked, true: Truth) -> None:
    reply = true()
    await connection.send(reply.head(keep=True) + reply.body[: len(reply.body) // 2])
    await asyncio.sleep(0.05)  # so that the peer has read them; a reset may throw away what it has not
    connection.reset()


async def _trickle_headers(fault: Fault, connection: Connection, asked: Asked, true: Truth) -> None:
    await _trickle(connection, true().encoded(asked, keep=connection.keep), fault.ms)


async def _trickle_body(fault: Fault, connection: Connection, _asked: Asked, true: Truth) -> None:
    reply = true()
    await connection.send(reply.head(keep=connection.keep))
    await _trickle(connection, reply.body, fault.ms)


async def _trickle(connection: Connection, data: bytes, ms: float) -> None:
    for at in range(len(data)):
        await connection.send(data[at : at + 1])
        await asyncio.sleep(ms / 1000)


async def _truncated(_fault: Fault, connection: Connection, _asked: Asked, true: Truth) -> None:
    reply = true()
    await connection.send(reply.head(keep=False) + reply.body[: len(reply.body) // 2])
    connection.close()


async def _chunked_cut(_fault: Fault, connection: Connection, _asked: Asked, true: Truth) -> None:
    """A chunk that promises more than comes, and no last chunk."""
    reply = true()
    half = reply.body[: len(reply.body) // 2]
    await connection.send(reply.head(keep=False, framing=(("Transfer-Encoding", "chunked"),)))
    await connection.send(b"%x\r\n%b" % (len(reply.body), half))
    connection.close()


async def _gzip_bomb(fault: Fault, connection: Connection, _asked: Asked, _true: Truth) -> None:
    framing = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    await connection.send(Reply(200, media="application/json").head(keep=connection.keep, framing=framing))
    for piece in _bomb(fault.megabytes):
        await connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        await asyncio.sleep(0)
    await connection.send(b"0\r\n\r\n")


def _bomb(megabytes: int) -> Iterator[bytes]:
    """Blanks, compressed about a thousand to one, a megabyte at a time."""
    packer = zlib.compressobj(wbits=31)
    blanks = b" " * _MEGABYTE
    for _ in range(megabytes):
        if piece := packer.compress(blanks):
            yield piece
    yield packer.flush()


async def _corrupt_gzip(_fault: Fault, connection: Connection, _asked: Asked, true: Truth) -> None:
    reply = true()
    packed = bytearray(gzip.compress(reply.body))
    packed[10] ^= 0xFF  # the first byte after the header of RFC 1952, 2.3: a block type that does not exist
    spoilt = Reply(reply.status, bytes(packed), (("Content-Encoding", "gzip"),), reply.media)
    await connection.send(spoilt.head(keep=connection.keep) + spoilt.body)


async def _huge_headers(fault: Fault, connection: Connection, asked: Asked, true: Truth) -> None:
    reply = true()
    many = tuple((f"X-Padding-{number}", "x" * 1000) for number in range(fault.kilobytes))
    huge = Reply(reply.status, reply.body, (*reply.headers, *many), reply.media)
    await connection.send(huge.encoded(asked, keep=connection.keep))


_ANSWERS: dict[Kind, Callable[[Fault, Asked], Reply]] = {
    Kind.STATUS: lambda fault, _: problem(fault.status, "as told"),
    Kind.REDIRECT: lambda fault, _: _to(fault.location),
    Kind.REDIRECT_LOGIN: lambda *_: _to("/login"),
    Kind.REDIRECT_LOOP: lambda _, asked: _to(asked.target),
    Kind.REDIRECT_METADATA: lambda *_: _to(METADATA),
}
_WIRE: dict[Kind, Callable[[Fault, Connection, Asked, Truth], Behaviour]] = {
    Kind.HANG: _hang,
    Kind.RESET: _reset,
    Kind.CLOSE: _close,
    Kind.GARBAGE: _garbage,
    Kind.RESET_AFTER_HEADERS: _reset_after_headers,
    Kind.TRICKLE_HEADERS: _trickle_headers,
    Kind.TRICKLE_BODY: _trickle_body,
    Kind.TRUNCATED: _truncated,
    Kind.CHUNKED_CUT: _chunked_cut,
    Kind.GZIP_BOMB: _gzip_bomb,
    Kind.CORRUPT_GZIP: _corrupt_gzip,
    Kind.HUGE_HEADERS: _huge_headers,
}
