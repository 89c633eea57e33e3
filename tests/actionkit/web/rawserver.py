"""Servers that misbehave to the byte: every connection is handed to a function that may do anything with it."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread

Behaviour = Callable[["Peer"], None]


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket, server: RawServer) -> None:
        self.sock = sock
        self.server = server

    def hear(self) -> bytes:
        """One request: its head, and as much body as it announces."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            if not (more := self.sock.recv(65536)):
                return b""
            heard += more
        head, _, body = heard.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0]):
            body += self.sock.recv(65536)
        self.server.heard.append(head + b"\r\n\r\n" + body)
        return head

    def say(self, *said: bytes) -> None:
        self.sock.sendall(b"".join(said))

    def dribble(self, said: bytes, pause: float) -> None:
        for byte in said:
            self.say(bytes([byte]))
            if self.server.over.wait(pause):
                return

    def hang(self) -> None:
        """Keep the connection, do nothing."""
        self.server.over.wait(20)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class RawServer:
    """Listens on a free port, unless one is given. The first connection gets the first behaviour, and so on.

    The last behaviour serves all further ones. With `tls`, the handshake is done before. `heard` are the requests,
    `connections` counts.
    """

    def __init__(
        self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.behaviours, self.tls = behaviours, tls
        self.heard: list[bytes] = []
        self.connections = 0
        self.over = Event()
        self.peers: list[socket.socket] = []
        self.threads: list[Thread] = []
        self.lock = Lock()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.create_server((address, port), family=family)
        self.port: int = self.listener.getsockname()[1]
        host = f"[{address}]" if ":" in address else address
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"

    def __enter__(self) -> RawServer:
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            peers = list(self.peers)
        for peer in peers:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(10)
        for peer in self.peers:
            peer.close()

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = Thread(target=work, args=given, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.peers.append(sock)
            behaviour = self.behaviours[min(self.connections, len(self.behaviours) - 1)]
            self.connections += 1
            self._start(self._serve, sock, behaviour)

    def _serve(self, sock: socket.socket, behaviour: Behaviour) -> None:
        with suppress(OSError):
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                with self.lock:
                    self.peers.append(sock)
            behaviour(Peer(sock, self))
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()


def answers(*said: bytes) -> Behaviour:
    """Hear a request, say this, hang up."""

    def behave(peer: Peer) -> None:
        peer.hear()
        peer.say(*said)

    return behave


def keeps_answering(said: bytes) -> Behaviour:
    """Answer request after request on one connection."""

    def behave(peer: Peer) -> None:
        while peer.hear():
            peer.say(said)

    return behave


def answer(body: bytes = b"ok", *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole, proper answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
