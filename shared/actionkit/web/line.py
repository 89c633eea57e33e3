"""A connected socket under a deadline: the shape in which http.client gets it."""

from __future__ import annotations

import io
import select
import socket
import ssl
from time import monotonic

from actionkit.web.deadline import Deadline
from actionkit.web.model import Tls

_BUFFER = 32 * 1024
_HEAD = 16
LONGEST_HEAD = 300_000
"""Bytes of status line and headers together, as much as curl takes: to parse megabytes of them takes seconds."""


class HeadTooLong(Exception):  # noqa: N818 - says what the answer is
    """It is longer than `LONGEST_HEAD`."""


class _Reader(io.RawIOBase):
    """Reads from the socket; before every read the socket's timeout is what is left of the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self.expect(deadline)
        self.dry = False

    def expect(self, deadline: Deadline) -> None:
        """An answer is to come: forget what is known of the one before."""
        self.deadline = deadline
        self.first_byte = 0.0
        self.head = b""
        self.ended = self.ragged = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]  # io's stub names no concrete type
        if self.dry:
            return None
        self.sock.settimeout(self.deadline.left())
        try:
            count = self.sock.recv_into(buffer)
        except ssl.SSLEOFError:
            self.ragged = True
            count = 0
        if not count:
            self.ended = True
        elif not self.first_byte:
            self.first_byte = monotonic()
            self.head = bytes(buffer[: min(count, _HEAD)])
        return count


class _Buffer(io.BufferedReader):
    """http.client closes what it reads from after every answer; the connection lives longer than that.

    `in_head`: the next line is one of an answer's head.
    """

    in_head = True
    _size = 0

    def close(self) -> None:
        pass

    def readline(self, size: int | None = -1, /) -> bytes:
        """Raises HeadTooLong."""
        line = super().readline(size)
        if self.in_head:  # an empty line ends it; behind an interim answer the next one begins
            self._size = self._size + len(line) if line not in (b"\r\n", b"\n") else 0
            if self._size > LONGEST_HEAD:
                raise HeadTooLong
        return line


class Line:
    """One connection. Give it to `http.client` as its socket; `hang_up` is what really closes it.

    `address` is the peer's IP address. `sent` counts the bytes handed to the system since `expect`.
    """

    def __init__(self, sock: socket.socket, address: str, deadline: Deadline, tls: Tls | None = None) -> None:
        self._sock = sock
        self.address = address
        self.tls = tls
        self.reader = _Reader(sock, deadline)
        self._buffer = _Buffer(self.reader, _BUFFER)
        self._deadline = deadline
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)
        self.sent = 0

    def expect(self, deadline: Deadline) -> None:
        """From now on reads and writes end at this deadline."""
        self._deadline = deadline
        self.reader.expect(deadline)
        self.sent = 0
        self._buffer.in_head = True

    def end_head(self) -> None:
        """The headers of the answer that was expected have come."""
        self._buffer.in_head = False

    def take_socket(self) -> socket.socket:
        """The socket itself, for what speaks no HTTP over it."""
        return self._sock

    def makefile(self, _mode: str, *_rest: object) -> io.BufferedReader:
        return self._buffer

    def sendall(self, data: bytes) -> None:
        """Raises TimeoutError at the deadline and OSError for a broken connection."""
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._deadline.left())
            count = self._sock.send(rest)
            self.sent += count
            rest = rest[count:]

    def quiet(self) -> bool:
        """Whether an idle connection can be used again: nothing unread, not closed by the peer."""
        return not self._readable.poll(0) and not self.unread()

    def unread(self) -> bool:
        """Whether bytes were read from the peer that belong to no answer."""
        self.reader.dry = True
        try:
            return bool(self._buffer.peek(1))
        finally:
            self.reader.dry = False

    def hang_up(self) -> None:
        self._sock.close()
