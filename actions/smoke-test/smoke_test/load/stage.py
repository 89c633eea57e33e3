"""The load stage itself: users are let loose, the book is kept, thresholds may end it early. The only
loop with time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from actionkit.errors import Interrupted
from smoke_test.halt import Halt
from smoke_test.load import thresholds
from smoke_test.load.book import MS, Book
from smoke_test.load.clock import REAL, Clock
from smoke_test.load.executors import Arrivals, Desk, Loop
from smoke_test.load.result import Ended, conclude
from smoke_test.load.samples import Finished
from smoke_test.load.schedule import Schedule
from smoke_test.load.users import Crew, User
from smoke_test.model import Executor, Load, LoadResult

TICK = 0.1
EVALUATE_EVERY = 1.0
SAY_EVERY = 10.0
LAST_CALL = 1.0
"""How long after the deadline requests that must have ended by then are waited for."""

SWITCH_INTERVAL = 0.0005
"""How long a thread may keep the interpreter (Python's default is 5 ms, more than many an answer takes)."""

MOST_TOLD = 300_000
"""Requests whose figures are still worked out after an interrupt: that takes up to half a second."""

MOST_REQUESTS = 5_000_000
"""More are not kept: 32 bytes each in every series, some 500 MB in all."""


def unheard(_: LoadResult) -> None:
    """Nobody is told."""


def run(
    load: Load,
    recruit: Callable[[], User],
    *,
    say: Callable[[str], None],
    clock: Clock = REAL,
    most_requests: int = MOST_REQUESTS,
    so_far: Callable[[LoadResult], None] = unheard,
) -> LoadResult:
    """Put the load on, and tell what was measured and which thresholds hold.

    `recruit` makes a virtual user; it is called once in each of `load.vus` threads. Whatever a user raises is raised
    here. An interrupt leaves at once: nobody is waited for, and `so_far` hears what was measured until then.
    """
    stage = Stage(load, recruit, say, clock, most_requests)
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_INTERVAL))
    try:
        return stage.run()
    except Interrupted as error:
        stage.leave()
        if (known := stage.so_far(str(error))) is not None:
            so_far(known)
        raise
    finally:
        sys.setswitchinterval(before)
        stage.leave()


class Stage:
    """One load stage from its start to its end."""

    def __init__(
        self, load: Load, recruit: Callable[[], User], say: Callable[[str], None], clock: Clock, most_requests: int
    ) -> None:
        self._load, self._say, self._clock, self._most_requests = load, say, clock, most_requests
        # Threads need a moment until they are there; the first arrivals must find somebody.
        self._start = clock.now() + 0.02 + 0.0003 * load.vus
        self._halt = Halt(clock.now, ends=self._start + load.duration + load.graceful_stop)
        self._desk = _desk(load, clock, self._start)
        self._crew = Crew(recruit, self._desk, self._halt, clock, self._start)
        self._book = Book(load.thresholds, load.vus)
        self._last_end = load.duration

    def run(self) -> LoadResult:
        """Raises what a user raised."""
        self._crew.muster(self._load.vus)
        cpu = time.process_time()
        aborted = self._until_over()
        cpu = time.process_time() - cpu
        full = self._book.requests >= self._most_requests
        seconds = self._elapsed if aborted or full else self._last_end
        self._keep_book()
        for crash in self._crew.crashes:
            raise crash
        # Who was cut off has said so, though his thread may not have ended yet.
        rest = max(0, self._load.vus - self._book.interrupted)
        unfinished = 0 if aborted or full else min(self._crew.busy, rest)
        share = cpu / seconds if seconds else 0.0
        ended = Ended(seconds=seconds, cpu=share, aborted=aborted, full=full, unfinished=unfinished)
        return conclude(self._load, self._book, ended)

    def so_far(self, why: str) -> LoadResult | None:
        """What was measured until it was interrupted; None where there is nothing, or too much to sort in time."""
        self._keep_book()
        if not 0 < self._book.requests <= MOST_TOLD:
            return None
        return conclude(self._load, self._book, Ended(seconds=max(self._elapsed, TICK), stopped=why))

    def leave(self) -> None:
        """Nobody starts anything any more, nor goes on with another step."""
        self._desk.close()
        self._halt.stop("the load stage is over")

    @property
    def _elapsed(self) -> float:
        return self._clock.now() - self._start

    def _until_over(self) -> str:
        """Keep the book until everybody is done or must be. Returns the threshold that ended it early, or ""."""
        evaluated = said = 0.0
        over = self._load.duration + self._load.graceful_stop + LAST_CALL
        while self._crew.busy and not self._crew.crashes and self._elapsed < over:
            self._tick()
            self._keep_book()
            if self._book.requests >= self._most_requests:
                break
            if (elapsed := self._elapsed) >= evaluated + EVALUATE_EVERY:
                evaluated = elapsed
                if aborted := self._abort_by(elapsed):
                    return aborted
            if elapsed >= said + SAY_EVERY:
                said = elapsed
                self._say(_progress(self._load, self._book, elapsed))
        return ""

    def _tick(self) -> None:
        before = self._clock.now()
        self._clock.sleep(TICK)
        self._book.oversleep.add(max(0.0, self._clock.now() - before - TICK) * MS)

    def _keep_book(self) -> None:
        self._book.dropped = self._desk.settle(min(self._elapsed, self._load.duration))
        records = self._crew.records
        while records:
            record = records.popleft()
            if isinstance(record, Finished):
                self._book.finish(record)
                self._last_end = max(self._last_end, record.ended)
            else:
                self._book.add(record)

    def _abort_by(self, elapsed: float) -> str:
        for threshold in self._load.thresholds:
            if threshold.abort_on_fail:
                held = thresholds.hold(threshold, self._book.figure(threshold, elapsed))
                if thresholds.aborts(held, elapsed):
                    return f"{thresholds.shown(threshold)} was crossed after {elapsed:.0f} s"
        return ""


def _desk(load: Load, clock: Clock, start: float) -> Desk:
    if load.executor is Executor.ARRIVAL_RATE:
        return Arrivals(Schedule(load.rate, load.time_unit, load.duration), clock, start)
    return Loop(load.duration, clock, start)


def _progress(load: Load, book: Book, elapsed: float) -> str:
    """`load: 10 of 30 s, 4998 requests, 0 failed, 0 iterations dropped, p95 3.4 ms`."""
    p95 = book.duration.at(95)
    timed = f", p95 {p95:.4g} ms" if p95 is not None else ""
    return (
        f"load: {elapsed:.0f} of {load.duration:g} s, {book.requests} requests, {book.failed} failed, "
        f"{book.dropped} iterations dropped{timed}"
    )
