"""Artillery's JSON report (`artillery run -o`). Its percentiles are estimates within 1 %, mostly whole milliseconds.

https://www.artillery.io/docs/reference/reported-metrics
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from actionkit import jsondoc
from actionkit.errors import Unreadable
from actionkit.jsondoc import Json
from actionkit.outcome import Problem, Severity
from smoke_test.load.series import Rate
from smoke_test.load_reports.numbers import count, number
from smoke_test.load_reports.report import DURATION, EVERYTHING, FAILED, REQUESTS, Key, Known, Report

SOURCE = "Artillery"
_PERCENTILES = {
    "p50": Fraction(50),
    "p75": Fraction(75),
    "p90": Fraction(90),
    "p95": Fraction(95),
    "p99": Fraction(99),
    "p999": Fraction("99.9"),
}
_AGGREGATES = {"mean": "avg", "min": "min", "max": "max", "median": "med"}
_WHOLE = {"http.response_time": DURATION, "vusers.session_length": ("iteration_duration", EVERYTHING)}
# The plugin calls an endpoint `/path (name)`, or by its name alone.
_ENDPOINT = re.compile(r"plugins\.metrics-by-endpoint\.response_time\.(?:[^()]*\((?=.*\)\Z))?(.+?)\)?", re.DOTALL)
_FIRST_BYTE = "Artillery's response time ends with the first byte of an answer: http_req_duration is without the rest"


def read(document: Json, name: str) -> Report:
    """The report of a run. Raises Unreadable."""
    aggregate = jsondoc.mapping(name, document.get("aggregate"), "`aggregate`")
    if "counters" not in aggregate:
        raise Unreadable(name, "is no report of Artillery 2: its `aggregate` has no `counters`")
    counters = jsondoc.mapping(name, aggregate["counters"], "`counters`")
    requests, seconds = count(name, counters, "http.requests"), _seconds(aggregate, name)
    failures = _failures(name, counters)
    expected, broken = count(name, counters, "plugins.expect.ok"), count(name, counters, "plugins.expect.failed")
    return Report(
        source=SOURCE,
        requests=requests,
        failed=min(requests, failures),
        seconds=seconds,
        rate=requests / seconds if seconds else 0.0,
        iterations=count(name, counters, "vusers.completed"),
        dropped=count(name, counters, "vusers.skipped"),
        durations=dict(_durations(aggregate, name)),
        rates={
            FAILED: Rate(min(requests, failures), requests),
            ("checks", EVERYTHING): Rate(expected, expected + broken),
        },
        counts={REQUESTS: requests},
        notes=(Problem(_FIRST_BYTE, path=name, severity=Severity.NOTICE), *_unanswered(name, counters, requests)),
    )


def _seconds(aggregate: Json, name: str) -> float:
    first, last = number(name, aggregate, "firstMetricAt"), number(name, aggregate, "lastMetricAt")
    return max(0.0, last - first) / 1000 if first is not None and last is not None else 0.0


def _failures(name: str, counters: Json) -> int:
    """Statuses from 400 on, as k6 counts them, and whatever Artillery itself calls an error. A user who failed has
    failed with one request at least."""
    bad = (f"http.codes.{status}" for status in range(400, 600))
    errors = (key for key in counters if key.startswith("errors."))
    told = sum(count(name, counters, key) for key in (*bad, *errors))
    return max(told, count(name, counters, "vusers.failed"))


def _unanswered(name: str, counters: Json, requests: int) -> Iterator[Problem]:
    """A doubt that decides: requests of which the report tells neither a status nor an error."""
    told = (key for key in counters if key.startswith(("http.codes.", "errors.")))
    missing = requests - sum(count(name, counters, key) for key in told)
    if missing > 0:
        message = f"Artillery's result tells neither a status nor an error of {missing} of {requests} requests"
        yield Problem(message, "Name the report of a run that came to its end.", name)
    users = {word: count(name, counters, f"vusers.{word}") for word in ("created", "completed", "failed")}
    if (lost := users["created"] - users["completed"] - users["failed"]) > 0:
        message = f"{lost} of {users['created']} virtual users of Artillery neither completed nor failed"
        yield Problem(f"{message}: the run did not come to its end", path=name, severity=Severity.WARNING)


def _durations(aggregate: Json, name: str) -> Iterator[tuple[Key, Known]]:
    summaries = jsondoc.mapping(name, aggregate.get("summaries", {}), "`summaries`")
    for text, given in summaries.items():
        key = _WHOLE.get(text)
        if key is None and (endpoint := _ENDPOINT.fullmatch(text)):
            key = ("http_req_duration", frozenset({("name", endpoint[1])}))
        if key is not None:
            known = _known(name, jsondoc.mapping(name, given, f"the summary {text[:60]!r}"))
            yield key, known
            if key[0] == "http_req_duration":
                yield ("http_req_waiting", key[1]), known


def _known(name: str, summary: Json) -> Known:
    percentiles = {at: number(name, summary, key) for key, at in _PERCENTILES.items()}
    values = {word: number(name, summary, key) for key, word in _AGGREGATES.items()}
    return Known(
        {word: value for word, value in values.items() if value is not None},
        {at: value for at, value in percentiles.items() if value is not None},
        count(name, summary, "count"),
    )
