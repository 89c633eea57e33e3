"""Locust's results: `*_stats.csv` of `--csv`, and what `--json` prints. Both count in rounded milliseconds.

https://docs.locust.io/en/stable/retrieving-stats.html
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from actionkit import jsondoc
from actionkit.errors import Unreadable
from actionkit.jsondoc import Json
from actionkit.outcome import Problem
from smoke_test.load.percentiles import percentile
from smoke_test.load.series import NOTHING, Figure, Rate
from smoke_test.load_reports.numbers import count, number, stated
from smoke_test.load_reports.numbers import seconds as lasted
from smoke_test.load_reports.report import EVERYTHING, Durations, Key, Known, Report, Tags, contradiction

SOURCE = "Locust"
HEADER = "Type,Name,Request Count,"
OTHER_TABLES = ("Timestamp,User Count,", "Method,Name,Error,", "Count,Message,Traceback,")
"""The tables that `--csv` writes beside the one that is read."""

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%", re.ASCII)
_COLUMNS = {
    "avg": "Average Response Time",
    "min": "Min Response Time",
    "max": "Max Response Time",
    "med": "Median Response Time",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """The requests of one name and method; all together where both are ""."""

    request: str
    method: str
    requests: int
    failed: int

    @property
    def tags(self) -> tuple[Tags, ...]:
        """The sets of tags that select it."""
        if not self.request and not self.method:
            return (EVERYTHING,)
        name, method = ("name", self.request), ("method", self.method)
        return frozenset({name}), frozenset({method}), frozenset({name, method})


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by rounded milliseconds, ascending; never spread out, so that a large count costs nothing."""

    values: tuple[float, ...]
    until: tuple[int, ...]
    total: float
    least: float
    most: float

    @classmethod
    def of(cls, counts: Mapping[float, int], total: float, least: float, most: float) -> Histogram:
        values = tuple(sorted(value for value, times in counts.items() if times))
        return cls(values, tuple(accumulate(counts[value] for value in values)), total, least, most)

    def __len__(self) -> int:
        return self.until[-1] if self.until else 0

    def __getitem__(self, index: int) -> float:
        return self.values[bisect_right(self.until, index)]

    def figure(self, aggregate: str, percent: Fraction | None) -> Figure:
        """Percentiles as if each count were so many samples; average and extremes are exact."""
        if not self.until:
            return NOTHING
        exact = {"avg": self.total / len(self), "min": self.least, "max": self.most}.get(aggregate)
        at = 50.0 if percent is None else float(percent)
        return Figure(percentile(self, at) if exact is None else exact, len(self))


def read_table(text: str, name: str) -> Report:
    """The report in a `*_stats.csv`. Raises Unreadable."""
    rows: dict[Tags, list[tuple[_Row, Durations]]] = defaultdict(list)
    seconds = 0.0
    try:
        for fields in csv.DictReader(text.splitlines()):
            row, durations = _row(fields, name)
            for tags in row.tags:
                rows[tags].append((row, durations))
            if row.tags == (EVERYTHING,) and (rate := _cell(fields, "Requests/s", name)):
                seconds = lasted(name, row.requests, rate)
    except csv.Error as error:
        raise Unreadable(name, f"is no CSV: {error}") from error
    if EVERYTHING not in rows:
        raise Unreadable(name, "has no row `Aggregated`: truncated")
    if len(rows[EVERYTHING]) > 1:
        raise Unreadable(name, "has more than one row `Aggregated`")
    # Two rows' percentiles cannot be made into one.
    known = {("http_req_duration", tags): found[0][1] for tags, found in rows.items() if len(found) == 1}
    return replace(
        _report({tags: [row for row, _ in found] for tags, found in rows.items()}, known, seconds),
        notes=_missummed(rows[EVERYTHING][0][0], {row for found in rows.values() for row, _ in found}, name),
    )


def _missummed(whole: _Row, rows: Set[_Row], name: str) -> tuple[Problem, ...]:
    """A doubt where `Aggregated` is not what the other rows come to; Locust writes them in one go."""
    others = rows - {whole}
    sums = (sum(row.requests for row in others), sum(row.failed for row in others))
    if not others or sums == (whole.requests, whole.failed):
        return ()
    told = f"`Aggregated` says {whole.requests} requests and {whole.failed} failures"
    return contradiction(name, f"{told}, its other rows {sums[0]} and {sums[1]}")


def _row(fields: Mapping[str, str], name: str) -> tuple[_Row, Known]:
    if None in fields or None in fields.values():
        raise Unreadable(name, "has a row that does not fit its header: truncated")
    requests = _whole(fields, "Request Count", name)
    whole = not fields["Type"] and fields["Name"] == "Aggregated"
    row = _Row("" if whole else fields["Name"], fields["Type"], requests, _whole(fields, "Failure Count", name))
    if not requests:
        return row, Known({}, {}, 0)
    values = {key: _cell(fields, column, name) for key, column in _COLUMNS.items()}
    at = {column: Fraction(found[1]) for column in fields if (found := _PERCENT.fullmatch(column))}
    return row, Known(
        {key: value for key, value in values.items() if value is not None},
        {percent: value for column, percent in at.items() if (value := _cell(fields, column, name)) is not None},
        requests,
    )


def _cell(fields: Mapping[str, str], column: str, name: str) -> float | None:
    """A number of the table; None for Locust's `N/A` and a column that is not there."""
    given = fields.get(column, "")
    if given in ("", "N/A"):
        return None
    try:
        return number(name, {column: float(given)}, column)
    except ValueError as error:
        raise Unreadable(name, f"`{column}` holds something else where a number belongs") from error


def _whole(fields: Mapping[str, str], column: str, name: str) -> int:
    return stated(name, {column: _cell(fields, column, name)}, column)


def read_json(document: Sequence[object], name: str) -> Report:
    """The report in what `--json` prints. Raises Unreadable."""
    entries = [jsondoc.mapping(name, entry, "an entry") for entry in document]
    found: dict[Tags, list[Json]] = defaultdict(list)
    rows: dict[Tags, list[_Row]] = defaultdict(list)
    for entry in entries:
        request, method = jsondoc.text(entry.get("name")), jsondoc.text(entry.get("method"))
        row = _Row(request, method, stated(name, entry, "num_requests"), stated(name, entry, "num_failures"))
        for tags in {EVERYTHING, *row.tags}:
            rows[tags].append(row)
            found[tags].append(entry)
    rows.setdefault(EVERYTHING, [])
    known = {("http_req_duration", tags): _merged(same, name) for tags, same in found.items()}
    times = [(number(name, one, "start_time"), number(name, one, "last_request_timestamp")) for one in entries]
    starts, ends = [start for start, _ in times if start], [end for _, end in times if end]
    return _report(rows, known, max(0.0, max(ends) - min(starts)) if starts and ends else 0.0)


def _merged(entries: Iterable[Json], name: str) -> Histogram:
    counts: Counter[float] = Counter()
    total, least, most = 0.0, [], []
    for entry in entries:
        times = jsondoc.mapping(name, entry.get("response_times", {}), "`response_times`")
        for milliseconds in times:
            counts[_milliseconds(milliseconds, name)] += count(name, times, milliseconds)
        total += number(name, entry, "total_response_time") or 0.0
        least += [value for value in [number(name, entry, "min_response_time")] if value is not None]
        most += [value for value in [number(name, entry, "max_response_time")] if value is not None]
    return Histogram.of(counts, total, min(least, default=0.0), max(most, default=0.0))


def _milliseconds(text: str, name: str) -> float:
    try:
        value = number(name, {"response_times": float(text)}, "response_times")
    except ValueError as error:
        raise Unreadable(name, "has a response time that is no number") from error
    return value or 0.0


def _report(rows: Mapping[Tags, Sequence[_Row]], durations: Mapping[Key, Durations], seconds: float) -> Report:
    sums = {tags: (sum(row.failed for row in same), sum(row.requests for row in same)) for tags, same in rows.items()}
    failed, requests = sums[EVERYTHING]
    return Report(
        source=SOURCE,
        requests=requests,
        failed=failed,
        seconds=seconds,
        rate=requests / seconds if seconds else 0.0,
        durations=durations,
        rates={("http_req_failed", tags): Rate(*both) for tags, both in sums.items()},
        counts={("http_reqs", tags): both[1] for tags, both in sums.items()},
    )
