"""k6's end-of-test summary: the file of `--summary-export`, and the data of `handleSummary` as JSON.

They differ where it hurts: in the export, a threshold's `true` means that it was crossed; in the other, `ok` says the
opposite. https://grafana.com/docs/k6/latest/results-output/end-of-test/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from actionkit import jsondoc
from actionkit.errors import InputError
from actionkit.jsondoc import Json
from actionkit.outcome import Problem, Severity
from actionkit.untrusted import one_line, shortened
from smoke_test import thresholds_grammar as grammar
from smoke_test.load.series import Rate
from smoke_test.load_reports.numbers import count, number, seconds
from smoke_test.load_reports.report import EVERYTHING, FAILED, Durations, Key, Known, Report, contradiction, uncertain

SOURCE = "k6"
_PERCENTILE = re.compile(r"p\(([0-9]{1,3}(?:\.[0-9]{1,9})?)\)", re.ASCII)
_AGGREGATES = ("avg", "min", "med", "max")
COUNTED = ("http_reqs", "iterations", "dropped_iterations")
"""k6's counters that can be asked for."""

ROUNDED = 0.001
"""How far a share may be from its counts, where somebody has rounded it."""

_NEVER_ZERO = ("http_req_duration", "http_req_waiting", "iteration_duration")


@dataclass(frozen=True, slots=True)
class _Metric:
    """One entry of the summary in one form for both."""

    name: str
    values: Json
    crossed: tuple[str, ...]


def read(document: Json, name: str) -> Report:
    """The report in a summary. Raises Unreadable."""
    metrics = dict(_metrics(document, name))
    requests, iterations = _values(metrics, "http_reqs"), _values(metrics, "iterations")
    rates = {key: _rate(metric.values, name) for key, metric in metrics.items() if "passes" in metric.values}
    failed = rates.get(FAILED, Rate())
    return Report(
        source=SOURCE,
        requests=count(name, requests, "count"),
        failed=failed.hits,
        seconds=_seconds(document, requests, iterations, name),
        rate=number(name, requests, "rate") or 0.0,
        iterations=count(name, iterations, "count"),
        dropped=count(name, _values(metrics, "dropped_iterations"), "count"),
        vus=number(name, _values(metrics, "vus_max"), "value"),
        durations=dict(_durations(metrics, rates, name)),
        rates=rates,
        counts={key: count(name, metric.values, "count") for key, metric in metrics.items() if key[0] in COUNTED},
        notes=(
            *_crossed(metrics, name),
            *uncertain(name, failed, count(name, requests, "count")),
            *_miscounted(metrics, rates, name),
        ),
    )


def _metrics(document: Json, name: str) -> Iterator[tuple[Key, _Metric]]:
    for text, given in jsondoc.mapping(name, document.get("metrics"), "`metrics`").items():
        entry = jsondoc.mapping(name, given, f"the metric {text[:60]!r}")
        by_handle = isinstance(entry.get("values"), dict)
        values = jsondoc.mapping(name, entry["values"], "`values`") if by_handle else entry
        held = entry.get("thresholds") or {}
        crossed = [
            one
            for one, said in jsondoc.mapping(name, held, "`thresholds`").items()
            if (said is True if not by_handle else isinstance(said, dict) and said.get("ok") is False)
        ]
        try:
            metric = grammar.metric(text)
        except InputError:
            key: Key = (text, EVERYTHING)
        else:
            key = (metric.name, frozenset(metric.tags))
        yield key, _Metric(text, values, tuple(crossed))


def _values(metrics: Mapping[Key, _Metric], metric: str) -> Json:
    found = metrics.get((metric, EVERYTHING))
    return found.values if found else {}


def _rate(values: Json, name: str) -> Rate:
    """`passes` counts the samples that are true: for http_req_failed, the failed ones."""
    hits = count(name, values, "passes")
    return Rate(hits, hits + count(name, values, "fails"))


def _miscounted(metrics: Mapping[Key, _Metric], rates: Mapping[Key, Rate], name: str) -> Iterator[Problem]:
    """Shares (`value` in the export, `rate` in the other form) that are not those of their counts."""
    for key, counted in rates.items():
        values = metrics[key].values
        share = number(name, values, "rate" if "rate" in values else "value")
        if share is not None and counted.total and abs(share - counted.hits / counted.total) > ROUNDED:
            what = (
                f"`{one_line(metrics[key].name)}` is {share:g}, and {counted.hits} of {counted.total} samples are true"
            )
            yield from contradiction(name, what)


def _seconds(document: Json, requests: Json, iterations: Json, name: str) -> float:
    state = document.get("state")
    if isinstance(state, dict) and (milliseconds := number(name, state, "testRunDurationMs")):
        return milliseconds / 1000
    for counter in (requests, iterations):
        rate = number(name, counter, "rate")
        if rate:
            return seconds(name, count(name, counter, "count"), rate)
    return 0.0


def _durations(metrics: Mapping[Key, _Metric], rates: Mapping[Key, Rate], name: str) -> Iterator[tuple[Key, Durations]]:
    for key, metric in metrics.items():
        given: dict[Fraction, float | None] = {}
        for text in metric.values:
            if found := _PERCENTILE.fullmatch(text):
                given[Fraction(found[1])] = number(name, metric.values, text)
        percentiles = {at: value for at, value in given.items() if value is not None}
        values = {text: value for text in _AGGREGATES if (value := number(name, metric.values, text)) is not None}
        is_trend = percentiles or "avg" in values or "med" in values
        # k6 fills a trend without samples with zeros, and a request that found nobody takes none of its time.
        empty = key[0] in _NEVER_ZERO and not any((*percentiles.values(), *values.values()))
        if is_trend and not empty and (samples := _samples(key, metrics, rates, name)) != 0:
            yield key, Known(values, percentiles, samples or 0)


def _samples(key: Key, metrics: Mapping[Key, _Metric], rates: Mapping[Key, Rate], name: str) -> int | None:
    """How many samples a trend has; None where the summary does not say."""
    metric, tags = key
    if "count" in metrics[key].values:
        return count(name, metrics[key].values, "count")
    if metric == "iteration_duration" and not tags:
        return count(name, _values(metrics, "iterations"), "count")
    if not metric.startswith("http_req_"):
        return None
    if tags == {("expected_response", "true")}:
        every = rates.get(FAILED)
        return every.total - every.hits if every is not None else None
    if (counter := metrics.get(("http_reqs", tags))) is not None:
        return count(name, counter.values, "count")
    same = rates.get(("http_req_failed", tags))
    return same.total if same is not None else None


def _crossed(metrics: Mapping[Key, _Metric], name: str) -> Iterator[Problem]:
    for metric in metrics.values():
        for text in metric.crossed:
            shown = shortened(one_line(f"{text} of {metric.name}"), 120)
            yield Problem(f"k6 itself found crossed: {shown}", path=name, severity=Severity.WARNING)
