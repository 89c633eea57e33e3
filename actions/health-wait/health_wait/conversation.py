"""One connection to a server that does not speak HTTP: bytes out, bounded bytes in, all before one deadline."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from actionkit.web.deadline import Deadline
from actionkit.web.dial import Clock, dial
from actionkit.web.failure import Failure, span
from actionkit.web.model import Cause, Phase, Trouble
from actionkit.web.url import Url
from actionkit.web.way import Way
from health_wait.model import Target

if TYPE_CHECKING:
    import ssl


def connect(target: Target, way: Way, deadline: Deadline, replica: str = "") -> Conversation:
    """A connection to a target, or to one of its addresses, never through a proxy. Raises Trouble."""
    url = Url("http", target.host, target.port, "/")
    with _as_trouble(target.name):
        line = dial(url, replace(way, proxy=""), deadline, Clock(), replica)
    return Conversation(line.take_socket(), deadline, name=target.name, address=line.address)


@contextmanager
def _as_trouble(name: str) -> Iterator[None]:
    try:
        yield
    except Failure as error:
        raise Trouble(name, error.phase, error.cause, error.detail, address=error.address) from None


class Conversation:
    """A connected socket. Every method raises Trouble, about `name`, and nothing else. Close it with `with`."""

    def __init__(self, sock: socket.socket, deadline: Deadline, *, name: str, address: str) -> None:
        self._socket, self._deadline, self._name, self.address = sock, deadline, name, address

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Everything, or Trouble in the phase SEND."""
        rest = memoryview(data)
        try:
            while rest:
                self._socket.settimeout(self._deadline.left())
                rest = rest[self._socket.send(rest) :]
        except OSError as error:
            raise self._lost(error, Phase.SEND, b"") from None

    def exactly(self, count: int) -> bytes:
        """That many bytes."""
        got = bytearray()
        while len(got) < count:
            got += self._some(count - len(got), bytes(got))
        return bytes(got)

    def line(self, longest: int) -> bytes:
        """What comes before the next line feed, carriage return left off; at most `longest` bytes of it."""
        got = bytearray()
        # One by one, so that nothing behind the line is taken; a line is short.
        while not got.endswith(b"\n") and len(got) < longest:
            got += self._some(1, bytes(got))
        return bytes(got).rstrip(b"\r\n")

    def is_closed_within(self, seconds: float) -> bool:
        """Whether the server hangs up by itself in the next `seconds`; not reading is not hanging up."""
        try:
            self._socket.settimeout(min(seconds, self._deadline.left()))
            return not self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        except OSError:
            return True

    def start_tls(self, context: ssl.SSLContext, host: str, instead: str = "") -> None:
        """TLS from here on. `instead`: what is likely where the server speaks none, and the fix."""
        from actionkit.web import tls

        try:
            self._socket = tls.handshake(self._socket, host, context, self._deadline)
        except OSError as error:
            failure = tls.told(error, host, self._deadline, lambda: None, instead)
            raise self._trouble(failure.phase, failure.cause, failure.detail) from None

    def _some(self, most: int, before: bytes) -> bytes:
        try:
            self._socket.settimeout(self._deadline.left())
            got = self._socket.recv(most)
        except OSError as error:
            raise self._lost(error, Phase.RECEIVE if before else Phase.WAIT, before) from None
        if not got and before:
            raise self._trouble(Phase.RECEIVE, Cause.TRUNCATED, "closed the connection in the middle of its answer")
        if not got:
            raise self._trouble(Phase.WAIT, Cause.CLOSED, "accepted the connection and closed it without an answer")
        return got

    def _lost(self, error: OSError, phase: Phase, before: bytes) -> Trouble:
        if not isinstance(error, TimeoutError):
            when = "in the middle of its answer" if before else "before it answered"
            return self._trouble(phase, Cause.RESET, f"reset the connection {when}")
        within = f"within {span(self._deadline.seconds)}"
        if phase is Phase.SEND:
            return self._trouble(phase, Cause.SLOW, f"did not take the whole request {within}")
        if before:
            return self._trouble(phase, Cause.SLOW, f"began an answer but did not finish it {within}")
        return self._trouble(phase, Cause.SILENT, f"accepts connections but sent no byte of an answer {within}")

    def _trouble(self, phase: Phase, cause: Cause, detail: str) -> Trouble:
        return Trouble(self._name, phase, cause, detail, address=self.address)
