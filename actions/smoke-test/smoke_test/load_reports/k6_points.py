"""k6's `--out json`: one JSON object a line, every sample of every metric. Percentiles are exact here.

https://grafana.com/docs/k6/latest/results-output/real-time/json/
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from actionkit import jsondoc
from actionkit.errors import Unreadable
from actionkit.jsondoc import Json
from smoke_test.load.series import Rate, Trend
from smoke_test.load_reports.k6_summary import COUNTED
from smoke_test.load_reports.numbers import count, number
from smoke_test.load_reports.report import DURATION, FAILED, REQUESTS, Key, Report, Tags, of_scenario, uncertain
from smoke_test.model import Threshold

SOURCE = "k6"
TABLE = "metric_name,timestamp,metric_value,"
"""How the same samples begin as `--out csv`, which is not read."""

LONGEST_LINE = 1_000_000
_ALWAYS: tuple[Key, ...] = (DURATION, FAILED, REQUESTS)
_USERS = "vus_max"  # `vus` itself is 0 again at the end
_RATES = ("http_req_failed", "checks")
_METRIC = re.compile(rb'\{"metric":"([a-z_]{1,100})",')


def is_line(line: Json) -> bool:
    """Whether this is how a line of this format begins."""
    return line.get("type") in ("Metric", "Point") and isinstance(line.get("data"), dict)


def read(data: bytes, name: str, asked: Sequence[Threshold]) -> Report:
    """The report in a stream of points, of which those are kept that thresholds ask for. Raises Unreadable."""
    samples = _Samples(name, asked)
    stream, end = BytesIO(data), len(data.rstrip())
    for at, line in enumerate(stream, start=1):
        # The last one is always read: there one sees whether k6 came to its end.
        if not line.strip() or (stream.tell() < end and _unasked(line, samples.metrics)):
            continue
        if len(line) > LONGEST_LINE:
            raise Unreadable(name, "has a line longer than any that k6 writes", at)
        try:
            point = jsondoc.parse(name, line)
            if point.get("type") == "Point":
                samples.add(point)
        except Unreadable as error:
            raise Unreadable(name, error.reason, at) from error
    return samples.report()


def _unasked(line: bytes, metrics: frozenset[str]) -> bool:
    """Whether the line's first words say that nobody asks for it: reading the rest would take most of the time."""
    begins = _METRIC.match(line)
    return begins is not None and begins[1].decode() not in metrics


class _Samples:
    """The series that are asked for, filled point by point."""

    def __init__(self, name: str, asked: Sequence[Threshold]) -> None:
        self._name = name
        wanted = {*_ALWAYS, *((one.metric, frozenset(one.tags)) for one in asked)}
        # That nothing of a scenario was dropped is shown by what of it was not.
        wanted |= {
            ("iterations", tags) for metric, tags in wanted if metric == "dropped_iterations" and of_scenario(tags)
        }
        self.metrics = frozenset((*COUNTED, _USERS, *(metric for metric, _ in wanted)))
        self._durations = {key: Trend() for key in wanted if key[0] not in (*COUNTED, *_RATES, "vus")}
        self._rates = {key: Rate() for key in wanted if key[0] in _RATES}
        self._counts = {key: 0.0 for key in wanted if key[0] in COUNTED}
        self._counts |= {(metric, frozenset()): 0.0 for metric in COUNTED}
        self._tags = {
            metric: [tags for one, tags in {*wanted, *self._counts} if one == metric] for metric in self.metrics
        }
        self._vus: float | None = None
        self._times: list[float] = []

    def add(self, point: Json) -> None:
        name = self._name
        metric = jsondoc.text(point.get("metric"))
        data = jsondoc.mapping(name, point.get("data"), "`data`")
        value = number(name, data, "value")
        if metric not in self._tags or value is None:
            return
        if metric == _USERS:
            self._vus = value
        tags = _tags(data)
        for wanted in self._tags[metric]:
            if wanted <= tags:
                self._keep((metric, wanted), value)
        if metric in COUNTED:
            self._time(jsondoc.text(data.get("time")))

    def _keep(self, key: Key, value: float) -> None:
        if key in self._durations:
            self._durations[key].add(value)
        elif key in self._rates:
            self._rates[key].add(bool(value))
        elif key in self._counts:
            self._counts[key] += value

    def _time(self, text: str) -> None:
        try:
            moment = datetime.fromisoformat(text).timestamp()
        except (ValueError, OverflowError, OSError) as error:
            raise Unreadable(self._name, "has a point whose `time` is none") from error
        self._times = [min((*self._times, moment)), max((*self._times, moment))]

    def report(self) -> Report:
        seconds = self._times[1] - self._times[0] if self._times else 0.0
        counts = {key: count(self._name, {key[0]: value}, key[0]) for key, value in self._counts.items()}
        requests = counts[REQUESTS]
        return Report(
            source=SOURCE,
            requests=requests,
            failed=self._rates[FAILED].hits,
            seconds=seconds,
            rate=requests / seconds if seconds else 0.0,
            iterations=counts["iterations", frozenset()],
            dropped=counts["dropped_iterations", frozenset()],
            vus=self._vus,
            durations=self._durations,
            rates=self._rates,
            notes=uncertain(self._name, self._rates[FAILED], requests),
            counts=counts,
        )


def _tags(data: Json) -> Tags:
    tags = data.get("tags")
    return (
        frozenset((key, value) for key, value in tags.items() if isinstance(value, str))
        if isinstance(tags, dict)
        else frozenset()
    )
