"""The doors of a watch to the outside: who probes, and the crew of threads that lets many probes go on at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from health_wait.distrust import MOST_LAG
from health_wait.model import Probe, Target

MOST_WORKERS = 1000
"""Threads at once. More probes than that wait for their turn, which shows as the runner's own lag."""

JOIN_SECONDS = 0.1
"""How long the end of a watch waits for threads that are about to end."""

Clock = Callable[[], float]
Answered = Probe | tuple[str, ...] | Exception
Errand = Callable[[], "Probe | tuple[str, ...]"]


class Prober(Protocol):
    """Takes one probe, or resolves the addresses of a census."""

    def probe(self, target: Target, due: float, replica: str = "") -> Probe:
        """One probe, within `target.timeout` seconds; its times are on the clock of the watch. Raises nothing."""
        ...

    def replicas(self, target: Target) -> tuple[str, ...]:
        """The addresses of the target's name. Raises `actionkit.web.model.Trouble`."""
        ...


class Crew(Protocol):
    """Runs errands side by side on a clock; a test hands in one whose time passes as it likes."""

    def now(self) -> float:
        """Seconds since the watch began."""
        ...

    def start(self, number: int, errand: Errand) -> None:
        """Begin an errand; `wait` gives what came of it, under its number."""
        ...

    def wait(self, until: float) -> list[tuple[int, Answered]]:
        """Everything that came back. Returns as soon as something did, and at `until` with nothing."""
        ...


def stopwatch() -> Clock:
    """A monotonic clock in seconds that begins at 0."""
    began = time.monotonic()
    return lambda: time.monotonic() - began


class Workers:
    """A crew of threads, made as they are needed. Close it from the thread that made it.

    Its queues are written in C and hold no lock of Python's, so an interrupt in `wait` leaves nothing locked.
    """

    def __init__(self, clock: Clock, *, most: int = MOST_WORKERS) -> None:
        self._clock, self._most = clock, most
        self._errands: SimpleQueue[tuple[int, Errand] | None] = SimpleQueue()
        self._back: SimpleQueue[tuple[int, Answered]] = SimpleQueue()
        self._threads: list[Thread] = []
        self._out = 0

    def now(self) -> float:
        return self._clock()

    def start(self, number: int, errand: Errand) -> None:
        self._out += 1
        if self._out > len(self._threads) and len(self._threads) < self._most:
            thread = Thread(target=_work, args=(self._errands, self._back), name="health-wait", daemon=True)
            thread.start()
            self._threads.append(thread)
        self._errands.put((number, errand))

    def wait(self, until: float) -> list[tuple[int, Answered]]:
        came: list[tuple[int, Answered]] = []
        with suppress(Empty):
            came.append(self._back.get(timeout=max(0.0, until - self._clock())))
            while True:
                came.append(self._back.get_nowait())
        self._out -= len(came)
        return came

    def close(self) -> None:
        """Let the threads end: idle ones at once, the others with their errand, which is not waited for long."""
        for _ in self._threads:
            self._errands.put(None)
        until = time.monotonic() + JOIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))


def _work(errands: SimpleQueue[tuple[int, Errand] | None], back: SimpleQueue[tuple[int, Answered]]) -> None:
    while (task := errands.get()) is not None:
        number, errand = task
        try:
            back.put((number, errand()))
        except Exception as error:  # the watch raises it again, in its own thread
            back.put((number, error))


def control_probe(clock: Clock) -> Callable[[float], Probe]:
    """A probe of a loopback listener of our own: only the runner itself can make it late or fail."""

    def probe(due: float) -> Probe:
        began = clock()
        try:
            _round_trip()
        except OSError as error:
            return Probe(due=due, began=began, ended=clock(), ok=False, serving=False, reason=type(error).__name__)
        return Probe(due=due, began=began, ended=clock(), ok=True, serving=True)

    return probe


def _round_trip() -> None:
    """One connection to ourselves and one byte through it. Raises OSError."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(MOST_LAG)
        with socket.create_connection(listener.getsockname(), timeout=MOST_LAG) as near, listener.accept()[0] as far:
            far.settimeout(MOST_LAG)
            near.sendall(b"?")
            if far.recv(1) != b"?":
                raise OSError("the loopback connection broke")
