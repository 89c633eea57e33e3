"""How the threads of a run are told to end, and how long they may still take."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from threading import Event
from time import monotonic

Pause = Callable[[Event, float], object]
"""Waits for the event, or that many seconds; `Event.wait` is one."""


class Halt:
    """Shared between threads. Once stopped, no step starts and no wait goes on; a request in flight ends by itself."""

    def __init__(self, clock: Callable[[], float] = monotonic, pause: Pause = Event.wait, *, ends: float = inf) -> None:
        self.reason = ""
        self._ends = ends
        self._clock, self._pause, self._event = clock, pause, Event()

    def stop(self, reason: str) -> None:
        """From now on; the first reason stays."""
        self.reason = self.reason or reason
        self._event.set()

    def limit(self, seconds: float) -> None:
        """Everything is to be over in so many seconds; what waits now waits no longer."""
        self._ends = min(self._ends, self._clock() + seconds)
        self._event.set()

    @property
    def stopped(self) -> bool:
        return bool(self.reason) or self.left <= 0

    @property
    def left(self) -> float:
        """Seconds until the end, given at first (`ends`, on the clock) or by `limit`; infinite without one."""
        return self._ends - self._clock()

    def waited(self, seconds: float) -> bool:
        """Wait so long; False at once where a stop or a limit comes first."""
        if seconds > 0 and not self._event.is_set():
            self._pause(self._event, seconds)
        return seconds <= 0 or not self._event.is_set()
