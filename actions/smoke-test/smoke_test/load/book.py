"""What a load stage measured: the counts every result has, and a series for each metric that a threshold asks for.

Used from one thread only. A request takes 32 bytes in each trend it belongs to; `stage.MOST_REQUESTS` bounds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from smoke_test.load.samples import Finished, Sample, connection_seconds
from smoke_test.load.series import NOTHING, Figure, Rate, Trend, counted
from smoke_test.model import Threshold

Tags = tuple[tuple[str, str], ...]

MS = 1000.0
MOST_REASONS = 100

DURATIONS: dict[str, Callable[[Sample], float]] = {
    "http_req_duration": lambda sample: sample.late + sample.seconds,
    "http_req_blocked": lambda sample: connection_seconds(sample.timings),
    "http_req_connecting": lambda sample: sample.timings.tcp + sample.timings.proxy,
    "http_req_tls_handshaking": lambda sample: sample.timings.tls,
    "http_req_sending": lambda sample: sample.timings.send,
    "http_req_waiting": lambda sample: sample.timings.wait,
    "http_req_receiving": lambda sample: sample.timings.receive,
}
"""The durations of a request in seconds, under k6's names. http_req_duration counts from when the request was due:
the user whose request waits does not care whose fault the delay is."""

TAGS = ("name", "test", "method", "status", "expected_response", "check")
"""What a threshold may select samples by. `name` is the step's; `check` belongs to the metric `checks` alone."""


class Selection:
    """The requests with certain tags: how many failed of how many, and the durations that are asked for."""

    def __init__(self) -> None:
        self.failed = Rate()
        self._trends: dict[str, Trend] = {}

    def trend(self, metric: str) -> Trend:
        """The durations of that metric, recorded from the first call on."""
        return self._trends.setdefault(metric, Trend())

    def add(self, sample: Sample) -> None:
        self.failed.add(sample.failed)
        if sample.sent:
            for metric, trend in self._trends.items():
                trend.add(DURATIONS[metric](sample) * MS)

    def figure(self, asked: Threshold, dropped: int, seconds: float) -> Figure:
        """An iteration that was dropped is a request nobody answered: it counts as failed."""
        if asked.metric == "http_req_failed":
            return self.failed.figure(more_hits=dropped)
        if asked.metric == "http_reqs":
            total = self.failed.total
            return counted(total, total, asked.aggregate, seconds) if total else NOTHING
        return self.trend(asked.metric).figure(asked.aggregate, asked.percentile)


class Book:
    """Everything that was counted and timed, by `vus` users. `dropped` is set by whoever knows it."""

    def __init__(self, thresholds: Iterable[Threshold], vus: int) -> None:
        self.iterations = self.interrupted = self.dropped = 0
        self.vus = vus
        self.reasons: dict[str, int] = {}
        self.service, self.lag, self.oversleep = Trend(), Trend(), Trend()
        self._iterations = Trend()
        self._all = Selection()
        self.duration = self._all.trend("http_req_duration")
        self._selections: dict[Tags, Selection] = {(): self._all}
        self._checks: dict[Tags, Rate] = {}
        for asked in thresholds:
            if asked.metric == "checks":
                self._checks.setdefault(asked.tags, Rate())
            elif asked.metric in DURATIONS or asked.metric in ("http_req_failed", "http_reqs"):
                selection = self._selections.setdefault(asked.tags, Selection())
                if asked.metric in DURATIONS:
                    selection.trend(asked.metric)
        self._routes: dict[Tags, tuple[Selection, ...]] = {}

    @property
    def requests(self) -> int:
        return self._all.failed.total

    @property
    def failed(self) -> int:
        return self._all.failed.hits

    @property
    def longest_ms(self) -> float | None:
        """The longest that an iteration took which came to its end; None where none did."""
        return self._iterations.at(100)

    def add(self, sample: Sample) -> None:
        """Count one request in every series it belongs to."""
        tags = tags_of(sample)
        route = self._routes.get(tags)
        if route is None:
            route = tuple(one for wanted, one in self._selections.items() if set(wanted) <= set(tags))
            self._routes[tags] = route
        for selection in route:
            selection.add(sample)
        if sample.sent:
            self.service.add(sample.seconds * MS)
        for name, held in sample.checks:
            for wanted, rate in self._checks.items():
                if set(wanted) <= {*tags, ("check", name)}:
                    rate.add(held)
        if sample.failed and (sample.reason in self.reasons or len(self.reasons) < MOST_REASONS):
            self.reasons[sample.reason] = self.reasons.get(sample.reason, 0) + 1

    def finish(self, finished: Finished) -> None:
        """Count one iteration that ended. One that was cut off is no iteration, as in k6."""
        self.lag.add(finished.turn.late * MS)
        if finished.complete:
            self.iterations += 1
            self._iterations.add(finished.seconds * MS)
        else:
            self.interrupted += 1

    def figure(self, asked: Threshold, seconds: float) -> Figure:
        """What the threshold asks for, after so many seconds of load. A tag that no sample has selects nothing."""
        if asked.metric == "checks":
            return self._checks[asked.tags].figure()
        if asked.tags in self._selections:
            selection = self._selections[asked.tags]
            if asked.metric in DURATIONS or asked.metric in ("http_req_failed", "http_reqs"):
                return selection.figure(asked, 0 if asked.tags else self.dropped, seconds)
        return NOTHING if asked.tags else self._stage_figure(asked, seconds)

    def _stage_figure(self, asked: Threshold, seconds: float) -> Figure:
        began = self.iterations + self.interrupted + self.dropped
        if asked.metric == "vus":
            return Figure(float(self.vus), 1)
        if asked.metric == "iteration_duration":
            return self._iterations.figure(asked.aggregate, asked.percentile)
        if asked.metric in ("iterations", "dropped_iterations") and began:
            count = self.iterations if asked.metric == "iterations" else self.dropped
            return counted(count, began, asked.aggregate, seconds)
        return NOTHING


def tags_of(sample: Sample) -> Tags:
    """The tags of a request. `status` is 0 where no answer came, as in k6."""
    return (
        ("name", sample.step),
        ("test", sample.test),
        ("method", sample.method),
        ("status", str(sample.status or 0)),
        ("expected_response", "false" if sample.failed else "true"),
    )
