"""What another tool's result says, in k6's words, and what thresholds make of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from actionkit.outcome import Problem, Severity
from smoke_test.load import thresholds
from smoke_test.load.series import NOTHING, Figure, Rate, counted
from smoke_test.model import LoadResult, Threshold, ThresholdResult

Tags = frozenset[tuple[str, str]]
Key = tuple[str, Tags]

EVERYTHING: Tags = frozenset()
DURATION: Key = ("http_req_duration", EVERYTHING)
FAILED: Key = ("http_req_failed", EVERYTHING)
REQUESTS: Key = ("http_reqs", EVERYTHING)


class Durations(Protocol):
    """Anything that can be asked for the aggregates of a trend."""

    def figure(self, aggregate: str, percent: Fraction | None) -> Figure:
        """The figure; its value is None where it is not known."""


@dataclass(frozen=True, slots=True)
class Known:
    """The aggregates that a summary gives, percentiles by percent (0 to 100). Nothing is made up between them."""

    values: Mapping[str, float]
    percentiles: Mapping[Fraction, float]
    samples: int

    def figure(self, aggregate: str, percent: Fraction | None) -> Figure:
        same = {"med": Fraction(50), "min": Fraction(0), "max": Fraction(100)}
        if percent is None:
            found = self.values.get(aggregate, self.percentiles.get(same.get(aggregate, Fraction(-1))))
        else:
            named = next((name for name, at in same.items() if at == percent), "")
            found = self.percentiles.get(percent, self.values.get(named))
        return Figure(found, self.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of one run of `source`. A metric that is in none of the mappings was not measured, or not told.

    `iterations` and `dropped` are None where the tool has no such thing. `vus` is the gauge's last value; `counts` are
    those of http_reqs, and with tags those of iterations and dropped_iterations.
    """

    source: str
    requests: int
    failed: int
    seconds: float
    rate: float
    iterations: int | None = None
    dropped: int | None = None
    vus: float | None = None
    durations: Mapping[Key, Durations] = field(default_factory=dict)
    rates: Mapping[Key, Rate] = field(default_factory=dict)
    counts: Mapping[Key, int] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()

    def figure(self, asked: Threshold) -> Figure:
        """What a threshold asks for. Dropped iterations count as failed requests, as in our own load stage."""
        key = (asked.metric, frozenset(asked.tags))
        if asked.metric in ("http_req_failed", "checks"):
            rate = self.rates.get(key)
            return NOTHING if rate is None else rate.figure(more_hits=(self.dropped or 0) if key == FAILED else 0)
        if asked.metric == "vus":
            return NOTHING if self.vus is None or asked.tags else Figure(self.vus, 1)
        if asked.metric in ("http_reqs", "iterations", "dropped_iterations"):
            count, samples = self._count(key)
            return NOTHING if count is None or not samples else counted(count, samples, asked.aggregate, self.seconds)
        found = self.durations.get(key)
        return NOTHING if found is None else found.figure(asked.aggregate, asked.percentile)

    def _count(self, key: Key) -> tuple[int | None, int]:
        """A counter, and how many events could have made it more: of none, nothing can be said."""
        if key[0] == "http_reqs":
            return self.counts.get(key), self.counts.get(key, 0)
        if key[1]:
            count = self.counts.get(key)
            begun = sum(self.counts.get((metric, key[1]), 0) for metric in ("iterations", "dropped_iterations"))
            if key[0] == "dropped_iterations" and of_scenario(key[1]):
                none = count is None and self.dropped == 0  # of none, no scenario has any
                return 0 if none else count, begun or self._seen(key[1])
            return count, begun
        return (self.iterations if key[0] == "iterations" else self.dropped), (self.iterations or 0) + (
            self.dropped or 0
        )

    def _seen(self, tags: Tags) -> int:
        """How many requests with these tags are told of, by whatever metric; 1 where only that there were some."""
        failed, duration = self.rates.get((FAILED[0], tags)), self.durations.get((DURATION[0], tags))
        counted = self.counts.get((REQUESTS[0], tags), 0) or (failed.total if failed else 0)
        return counted or int(duration is not None and duration.figure("max", None).value is not None)

    def percentile(self, percent: int) -> float | None:
        found = self.durations.get(DURATION)
        value = found.figure("p", Fraction(percent)).value if found is not None else None
        return None if value is None else float(value)


def of_scenario(tags: Tags) -> bool:
    """Whether a scenario is all that is asked for: k6 gives no other tag to what it dropped, not even those of its
    configuration."""
    return [key for key, _ in tags] == ["scenario"]


def result(report: Report, asked: Sequence[Threshold]) -> LoadResult:
    """The report held against the thresholds of a plan."""
    held = tuple(thresholds.hold(one, report.figure(one)) for one in asked)
    return LoadResult(
        requests=report.requests,
        failed=report.failed,
        dropped=report.dropped or 0,
        iterations=report.iterations or 0,
        seconds=report.seconds,
        rate=report.rate,
        p50_ms=report.percentile(50),
        p95_ms=report.percentile(95),
        p99_ms=report.percentile(99),
        thresholds=held,
        source=report.source,
        notes=(
            *report.notes,
            *(_uncounted(one, report.source) for one in held if one.value is not None and not one.samples),
        ),
    )


def uncertain(name: str, failed: Rate, requests: int) -> tuple[Problem, ...]:
    """A doubt that decides, where it is not told of every request that was made whether it failed."""
    if failed.total == requests:
        return ()
    of = "" if not failed.total else f" of {requests - failed.total} of {requests} requests"
    message = f"k6's result has no samples of `http_req_failed`{of}, so nobody knows how many requests failed"
    if failed.total > requests:
        return contradiction(name, f"{failed.total} requests succeeded or failed, and {requests} were made")
    return (Problem(message, "Do not switch `responseCallback` off.", name),)


def contradiction(name: str, what: str) -> tuple[Problem, ...]:
    """A doubt that decides: one of two things that a result says is wrong."""
    return (Problem(f"the result contradicts itself: {what}", "Name the result as the tool wrote it.", name),)


def _uncounted(held: ThresholdResult, source: str) -> Problem:
    place = held.threshold.place
    message = f"the result of {source} does not say how many samples `{thresholds.shown(held.threshold)}` is made of"
    fix = "Add `count` to k6's `summaryTrendStats`, or use the file of its `--out json`."
    return Problem(message, fix, place.path, place.line, Severity.NOTICE)
