"""The two load models: who may start which iteration, and when. Virtual users, each a thread, queue at a desk.

There is no dispatcher that would have to wake a user for each iteration: the user whose turn is next sleeps until it
is due and then runs it itself (leader and followers), which saves a hand-over of the interpreter at every start.
"""

from __future__ import annotations

import threading
from typing import Protocol

from smoke_test.load.clock import Clock
from smoke_test.load.samples import Turn
from smoke_test.load.schedule import Schedule

NAP = 0.2
"""The longest sleep in seconds, so that a stage that is stopped is left soon."""


class Desk(Protocol):
    """Deals out iterations. Times are seconds since the stage began."""

    def next(self, free_since: float, /) -> Turn | None:
        """Wait for the next iteration to run; None when there is no further one."""

    def settle(self, until: float, /) -> int:
        """How many iterations due before `until` are dropped, those that nobody could have started included."""

    def close(self) -> None:
        """Deal out nothing more, and let everybody go who waits."""


class Arrivals:
    """The open model: iterations arrive on schedule, whatever became of the earlier ones."""

    def __init__(self, schedule: Schedule, clock: Clock, start: float) -> None:
        self._schedule, self._clock, self._start = schedule, clock, start
        self._count = schedule.count
        self._closed = False
        self._lead = threading.Lock()
        self._books = threading.Lock()
        # Guarded by `_books`: the next iteration, how many users are free, how many iterations are dropped.
        self._index = self._free = self._dropped = 0

    def next(self, free_since: float) -> Turn | None:
        """The next arrival, when it is due. Who waits for the lead or for the arrival is free meanwhile."""
        with self._books:
            if not self._free:
                self._drop(free_since)
            self._free += 1
        with self._lead:
            index, due = self._index, self._schedule.due(self._index)
            started = index < self._count and self._wait_until(due)
            with self._books:
                self._free -= 1
                self._index += started
            return Turn(index, due, self._clock.now() - self._start) if started else None

    def settle(self, until: float) -> int:
        with self._books:
            if not self._free:
                self._drop(until)
            return self._dropped

    def close(self) -> None:
        self._closed = True

    def _drop(self, free_since: float) -> None:
        startable = self._schedule.first_startable(self._index, free_since)
        self._dropped += startable - self._index
        self._index = startable

    def _wait_until(self, due: float) -> bool:
        while not self._closed and (rest := self._start + due - self._clock.now()) > 0:
            self._clock.sleep(min(rest, NAP))
        return not self._closed


class Loop:
    """The closed model: every user starts the next iteration as soon as its last one is over. Nothing is dropped."""

    def __init__(self, duration: float, clock: Clock, start: float) -> None:
        self._duration, self._clock, self._start = duration, clock, start
        self._closed = False
        self._index = 0
        self._books = threading.Lock()

    def next(self, _: float) -> Turn | None:
        while (now := self._clock.now() - self._start) < 0 and not self._closed:
            self._clock.sleep(min(-now, NAP))
        if self._closed or now >= self._duration:
            return None
        with self._books:
            index, self._index = self._index, self._index + 1
        return Turn(index, now, now)

    def settle(self, _: float) -> int:
        return 0

    def close(self) -> None:
        self._closed = True
