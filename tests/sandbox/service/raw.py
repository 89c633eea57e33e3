"""A client of plain sockets, so that what is tested is the wire and not another HTTP library."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from typing import Literal

End = Literal["refused", "no handshake", "fin", "rst", "silence"]


@dataclass(frozen=True)
class Heard:
    """All bytes that came, how the connection ended, and after how many seconds the first byte came."""

    data: bytes
    end: End
    first: float | None = None

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split()[1])


def get(path: str = "/health", *lines: str) -> bytes:
    """A GET that asks for the connection to be closed."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: shop.test", "Connection: close", *lines, "", ""]).encode()


def hear(at: tuple[str, int], sent: bytes, *, patience: float = 5.0, tls: ssl.SSLContext | None = None) -> Heard:
    """Connect, send, listen until the end or until nothing came for `patience` seconds."""
    began = time.monotonic()
    try:
        connected = socket.create_connection(at, timeout=patience)
    except ConnectionRefusedError:
        return Heard(b"", "refused")
    except ConnectionResetError:  # between the handshake and here
        return Heard(b"", "rst")
    except TimeoutError:
        return Heard(b"", "no handshake")
    with connected:
        if tls is not None:
            connected = tls.wrap_socket(connected, server_hostname="shop.test")
        with connected:
            try:
                connected.sendall(sent)
            except ConnectionError:
                return Heard(b"", "rst")
            return _listen(connected, began)


def _listen(connected: socket.socket, began: float) -> Heard:
    data, first = bytearray(), None
    while True:
        try:
            piece = connected.recv(65_536)
        except TimeoutError:
            return Heard(bytes(data), "silence", first)
        except ConnectionResetError:
            return Heard(bytes(data), "rst", first)
        if not piece:
            return Heard(bytes(data), "fin", first)
        first = first if first is not None else time.monotonic() - began
        data += piece
