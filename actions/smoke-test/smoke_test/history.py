"""What earlier runs measured: the form it has on the history branch, and what this run is compared with. Pure.

One file for all plans of a repository. An entry holds figures only: no URL, no name of a step, nothing secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

from actionkit import checked
from actionkit.errors import Unreadable
from smoke_test.load.percentiles import needed
from smoke_test.model import Regression

SCHEMA = 1
PATH = "smoke-test/history.json"
KEPT = 2000
"""Entries of all plans together; at 20 deployments a day that is three months."""

DAY = 86400.0
VERDICTS = ("pass", "fail", "incomplete", "error")

_KIND = "smoke-test/history"


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded run. `series` tells plans, comment keys and kinds of measurement apart.

    `recorded_at` is in epoch seconds. `p95_ms` is None where nothing was timed; `failed` counts requests and dropped
    iterations, of `requests` (which counts both too).
    """

    sha: str
    recorded_at: float
    series: str
    verdict: str
    requests: int
    failed: int
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Reference:
    """What a run is held against: the medians of `runs` passed runs that are young enough; None where no run has it."""

    runs: int = 0
    p95_ms: float | None = None
    error_rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One figure against its reference. `limit` is the highest value that passes, in the same unit as both."""

    name: str
    unit: str
    value: float
    reference: float
    limit: float
    ok: bool


def reference(entries: Iterable[Entry], series: str, now: float, window: float) -> Reference:
    """The medians over the passed runs of `series` in the last `window` seconds.

    The median, so that one slow day does not move it; passed runs only, so that an outage never becomes normal.
    A run of tomorrow (a clock that was wrong) would count for ever: a day of it is borne.
    """
    young = [
        entry
        for entry in entries
        if entry.series == series
        and entry.verdict == "pass"
        and entry.requests
        and now - window <= entry.recorded_at <= now + DAY
    ]
    timed = [entry.p95_ms for entry in young if entry.p95_ms is not None and entry.requests >= needed(95)]
    rates = [Fraction(entry.failed, entry.requests) for entry in young]
    return Reference(len(young), median(timed) if timed else None, median(rates) if rates else None)


def unfit(entry: Entry, series: str, window: float) -> str:
    """Why one measurement that was named is nothing to compare with, where `reference` found it to be nothing."""
    if entry.series != series:
        return f"it measured {entry.series}, and this run {series}"
    if entry.verdict != "pass":
        return "its run did not pass"
    return f"it is older than {window / DAY:.0f} days, or of no request"


def compare(policy: Regression, known: Reference, p95_ms: float | None, failed: int, requests: int) -> list[Change]:
    """Every figure that the plan limits and that both sides have. Nothing to compare gives no change."""
    made = []
    # A median of 0 ms (tools that round to whole milliseconds) leaves no room that a share could be taken of.
    if policy.p95 is not None and p95_ms is not None and known.p95_ms:
        limit = known.p95_ms * float(1 + policy.p95)
        made.append(Change("p95", "ms", p95_ms, known.p95_ms, limit, p95_ms <= limit))
    if policy.error_rate is not None and requests and known.error_rate is not None:
        rate, most = Fraction(failed, requests), known.error_rate + policy.error_rate
        made.append(
            Change("error rate", "%", float(rate * 100), float(known.error_rate * 100), float(most * 100), rate <= most)
        )
    return made


def with_entry(entries: Sequence[Entry], entry: Entry, keep: int = KEPT) -> tuple[Entry, ...]:
    """The entries with `entry`, the newest first, cut to the newest `keep`.

    A schedule measures one commit many times, and each time counts: were only the last one kept, a run that failed
    would take those that passed with it, and the next would be the first. Only the very same entry is not added twice.
    """
    others = [one for one in entries if one != entry]
    newest_first = sorted([entry, *others], key=lambda one: (-one.recorded_at, one.sha, one.series))
    return tuple(newest_first[:keep])


def fields(entry: Entry) -> dict[str, Any]:
    """An entry in JSON's types, as it stands in an outcome too."""
    return {
        "sha": entry.sha,
        "recorded_at": entry.recorded_at,
        "series": entry.series,
        "verdict": entry.verdict,
        "requests": entry.requests,
        "failed": entry.failed,
        "p95_ms": entry.p95_ms,
    }


def dump(entries: Sequence[Entry]) -> bytes:
    """The history as JSON, an entry a line so that git's diffs can be read; the same entries always give the same."""
    lines = ",\n".join(json.dumps(fields(entry), sort_keys=True, allow_nan=False) for entry in entries)
    return f'{{"kind": "{_KIND}", "schema": {SCHEMA}, "entries": [\n{lines}\n]}}\n'.encode("ascii")


def load(data: bytes) -> tuple[Entry, ...]:
    """Read a history that nobody vouches for. Raises Unreadable."""
    try:
        entries = checked.sequence(checked.document(data, _KIND, SCHEMA).get("entries"))
        return tuple(_entry(checked.mapping(one)) for one in entries)
    except checked.Refused as error:
        raise Unreadable("the recorded history", str(error)) from error


def entry_of(document: Mapping[str, Any], name: str) -> Entry:
    """The entry in another outcome's data; without a commit where it was made outside a repository. Raises Unreadable
    naming that outcome."""
    record = document.get("record")
    if record is None:
        raise Unreadable(name, "holds no measurement: its run was incomplete, or asked for nothing")
    try:
        return _entry(checked.mapping(record), commit=bool(checked.mapping(record).get("sha")))
    except checked.Refused as error:
        raise Unreadable(name, f"holds no measurement of smoke-test: {error}") from error


def _entry(given: Mapping[str, Any], *, commit: bool = True) -> Entry:
    verdict, p95 = given.get("verdict"), given.get("p95_ms")
    if verdict not in VERDICTS:
        raise checked.Refused("has a verdict nobody knows")
    requests = checked.number(given.get("requests"))
    return Entry(
        sha=checked.sha(given.get("sha")) if commit else "",
        recorded_at=checked.seconds(given.get("recorded_at")),
        series=checked.text(given.get("series")),
        verdict=str(verdict),
        requests=requests,
        failed=checked.number(given.get("failed"), requests),
        p95_ms=None if p95 is None else checked.seconds(p95),
    )
