"""Virtual users: what one of them does, how long it may, and the threads they live in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from smoke_test.halt import Halt
from smoke_test.load.clock import Clock
from smoke_test.load.executors import Desk
from smoke_test.load.samples import Finished, Sample, Turn


class User(Protocol):
    """A virtual user with connections of its own; used from one thread only."""

    def iterate(self, turn: Turn, halt: Halt) -> Iterator[Sample]:
        """Run one iteration, and yield a sample for each request that is over. Ends early once `halt` is stopped."""

    def close(self) -> None:
        """Close the connections."""


class Crew:
    """Users in threads of their own who take turns at a desk.

    `records` fills as they go and is emptied by whoever keeps the book (deque's append and popleft are atomic);
    `crashes` holds what must not happen in a thread and did.
    """

    def __init__(self, recruit: Callable[[], User], desk: Desk, halt: Halt, clock: Clock, start: float) -> None:
        self.records: deque[Sample | Finished] = deque()
        self.crashes: deque[BaseException] = deque()
        self._recruit, self._desk, self._halt = recruit, desk, halt
        self._clock, self._start = clock, start
        self._threads: list[threading.Thread] = []

    def muster(self, vus: int) -> None:
        """Start that many users; they wait for the stage to begin. Daemons: what hangs does not keep the process."""
        for number in range(vus):
            thread = threading.Thread(target=self._live, name=f"virtual-user-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    @property
    def busy(self) -> int:
        """How many users are still there."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        return len(self._threads)

    def _live(self) -> None:
        try:
            user = self._recruit()
            try:
                self._take_turns(user)
            finally:
                user.close()
        except BaseException as error:
            self.crashes.append(error)
            self._desk.close()

    def _take_turns(self, user: User) -> None:
        now, keep = self._clock.now, self.records.append
        free_since = 0.0
        while (turn := self._desk.next(free_since)) is not None:
            for sample in user.iterate(turn, self._halt):
                keep(sample)
            free_since = now() - self._start
            keep(Finished(turn, free_since, not self._halt.stopped))
