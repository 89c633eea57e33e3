"""What a stage comes to: its figures, its thresholds, and whether the figures are those of the server at all. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from actionkit.outcome import Problem, Severity
from smoke_test.load import thresholds
from smoke_test.load.book import MS, Book
from smoke_test.load.percentiles import needed
from smoke_test.model import Executor, Load, LoadResult

LAG_SHARE = 0.1
LAG_FLOORS_MS = ((95, 10.0), (99, 100.0))
"""(percentile, milliseconds): our own delay matters where at that percentile it is over a tenth of what was measured
and over so many milliseconds. Below the floor a busy runner is simply a runner."""

BUSY = 0.9
"""The share of a core from which on the generator itself is what is measured: its threads share one interpreter."""

MOST_FAILURES = 10
FASTER = "Use a larger runner or less load; `--export k6` writes the plan for a faster generator."
PAUSES = f"Let users pause before a step, as people do: `options: {{delay: 1s}}`. {FASTER}"
"""What to do where users in a loop ask as fast as they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a stage ended: after so many `seconds`, having used so much of a core (`cpu`, 0 to 1 and more). `aborted`
    says which threshold ended it; `full`: it held all the requests that are kept; `unfinished` users were still
    waiting for an answer when everything had to be over; `stopped` says what interrupted it."""

    seconds: float
    cpu: float = 0.0
    aborted: str = ""
    full: bool = False
    unfinished: int = 0
    stopped: str = ""


def conclude(load: Load, book: Book, ended: Ended) -> LoadResult:
    """The result of a stage."""
    return LoadResult(
        requests=book.requests,
        failed=book.failed,
        dropped=book.dropped,
        iterations=book.iterations,
        seconds=ended.seconds,
        rate=book.requests / ended.seconds if ended.seconds > 0 else 0.0,
        p50_ms=book.duration.at(50),
        p95_ms=book.duration.at(95),
        p99_ms=book.duration.at(99),
        thresholds=tuple(thresholds.hold(one, book.figure(one, ended.seconds)) for one in load.thresholds),
        aborted=ended.aborted,
        failures=tuple(sorted(book.reasons.items(), key=lambda item: (-item[1], item[0])))[:MOST_FAILURES],
        service_p50_ms=book.service.at(50),
        service_p95_ms=book.service.at(95),
        max_lag_ms=max(book.lag.at(100) or 0.0, book.oversleep.at(100) or 0.0),
        hung=_hung(load, book, ended),
        notes=tuple(
            Problem(message, fix, load.place.path, load.place.line, severity)
            for message, fix, severity in _notes(load, book, ended)
        ),
    )


def _hung(load: Load, book: Book, ended: Ended) -> bool:
    """Whether the server answered nobody any more: in a loop that is one sample a user, which no percentile sees."""
    over = not (ended.aborted or ended.full or ended.stopped)
    longest = book.longest_ms
    waited = longest is not None and load.graceful_stop * MS > longest
    return over and waited and book.interrupted + ended.unfinished >= load.vus


def _notes(load: Load, book: Book, ended: Ended) -> Iterator[tuple[str, str, Severity]]:
    if ended.stopped:
        message = f"the load stage was stopped after {ended.seconds:.0f} of {load.duration:g} s: {ended.stopped}"
        yield message, "Run the job again.", Severity.ERROR
    if ended.full:
        message = f"the load stage ended early: it keeps no more than its {book.requests:,} requests"
        yield (
            message,
            "Shorten `duration` or lower `rate`; `--export k6` writes the plan for longer runs.",
            Severity.ERROR,
        )
    if book.interrupted or ended.unfinished:
        count = book.interrupted + ended.unfinished
        message = f"iterations that were unfinished when `graceful_stop` ({load.graceful_stop:g} s) was over: {count}"
        yield message, "Their open requests count as failed.", Severity.WARNING
    if why := bottleneck(load, book, ended.cpu):
        fix = FASTER if load.executor is Executor.ARRIVAL_RATE else PAUSES
        yield f"the load generator was the bottleneck: {why}", fix, Severity.ERROR


def bottleneck(load: Load, book: Book, cpu: float) -> str:
    """Why the figures are rather those of our own side; "" where they are the server's."""
    if cpu >= BUSY:
        return f"it used {cpu:.0%} of a core, and Python has one"
    arrivals = load.executor is Executor.ARRIVAL_RATE
    lag, what = (book.lag, "starts") if arrivals else (book.oversleep, "timer calls")
    for percent, floor in LAG_FLOORS_MS:
        late, measured = lag.at(percent), book.duration.at(percent)
        sure = len(lag) >= needed(percent)
        if sure and late is not None and measured is not None and late > max(floor, LAG_SHARE * measured):
            return f"{100 - percent} % of its own {what} were over {late:.0f} ms late"
    return ""
