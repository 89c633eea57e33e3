"""Servers of a few bytes on a port of 127.0.0.1: what each does with a connection is handed in."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]


class Open:
    """Connections that are still open, to be broken off when the test is over."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.over = threading.Event()


@contextmanager
def serving(script: Script, kind: int = socket.SOCK_STREAM) -> Iterator[int]:
    """Runs `script` for every connection (or, over UDP, for the socket itself) and yields the port."""
    server = socket.socket(socket.AF_INET, kind)
    server.bind(("127.0.0.1", 0))
    still = Open()
    if kind == socket.SOCK_STREAM:
        server.listen(16)
        main = threading.Thread(target=_accept, args=(server, script, still))
    else:
        main = threading.Thread(target=_run, args=(server, script))
    main.start()
    try:
        yield server.getsockname()[1]
    finally:
        still.over.set()
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        for connection in still.sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        main.join()


def _accept(server: socket.socket, script: Script, still: Open) -> None:
    threads = []
    while not still.over.is_set():
        try:
            connection, _ = server.accept()
        except OSError:
            break
        still.sockets.append(connection)
        threads.append(threading.Thread(target=_run, args=(connection, script)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _run(connection: socket.socket, script: Script) -> None:
    with connection, suppress(OSError):
        script(connection)


def answering(*pieces: bytes, wait: float = 0.0) -> Script:
    """Reads what is asked, sends each piece, then waits for the client to hang up."""

    def script(connection: socket.socket) -> None:
        pause = threading.Event()
        connection.recv(65536)
        for piece in pieces:
            connection.sendall(piece)
            pause.wait(wait)
        connection.recv(65536)

    return script


def silent(connection: socket.socket) -> None:
    """Takes everything and says nothing."""
    while connection.recv(65536):
        pass


def closing(connection: socket.socket) -> None:
    """Hangs up at once."""


def resetting(connection: socket.socket) -> None:
    """Reads, then breaks the connection off."""
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def flooding(connection: socket.socket) -> None:
    """Sends without end what nobody asked for."""
    while True:
        connection.sendall(b"\xff" * 65536)


def trickling(start: bytes) -> Script:
    """Sends one byte after another, forever."""

    def script(connection: socket.socket) -> None:
        pause = threading.Event()
        connection.recv(65536)
        while True:
            for byte in start + b"a" * 100:
                connection.sendall(bytes([byte]))
                pause.wait(0.02)

    return script


def conversing(*exchanges: tuple[bytes, bytes]) -> Script:
    """For each pair: reads until what was asked ends with the first, then sends the second."""

    def script(connection: socket.socket) -> None:
        for asked, said in exchanges:
            got = b""
            while not got.endswith(asked):
                more = connection.recv(65536)
                if not more:
                    return
                got += more
            connection.sendall(said)
        connection.recv(65536)

    return script
