"""The preflight of SARIF: whatever comes in, GitHub accepts what goes out, or it is refused with a reason.

It knows nothing of how we build SARIF. The document is read in passes, never as a whole in memory. What GitHub does not
read is left out, so that the result is small and validates. A run of a scan that failed is refused by name: it would
close the alerts that the scan did not come to.
"""

from __future__ import annotations

import io
from array import array
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from actionkit.errors import Unreadable
from actionkit.jsondoc import utf8
from actionkit.jsonstream import CLOSED, walk
from actionkit.untrusted import one_line, shortened
from security_report_aggregator.preflight_runs import RawRun, Run, prepared
from security_report_aggregator.repairs_fields import UNREAD
from security_report_aggregator.repairs_results import Results, encoded, is_alert
from security_report_aggregator.repairs_rules import Object, RulePlace, only, rules_count, without_help
from security_report_aggregator.sarif_limits import GITHUB, Limits
from security_report_aggregator.sarif_repairs import Repairs
from security_report_aggregator.sarif_size import packed

NAME = "the SARIF"
VERSION = "2.1.0"

VERSION_MENDED = f"the version is written as {VERSION}"
TOO_MANY_RESULTS = "the least severe results are left out, since GitHub takes no more of a run"
SHOWN = "GitHub shows the most severe results of a run only"
NO_FLOWS = "data flows and related places are left out: the upload would be larger than GitHub takes"
NO_HELP = "the help of rules is left out: the upload would be larger than GitHub takes"
LEAST = "the least severe results are left out: the upload would be larger than GitHub takes"
TOO_MANY_RULES = "rules are left out, those without results first, since GitHub takes no more of a run"
UNUSED = "rules without results are left out: the upload would be larger than GitHub takes"
ENCODING = "the text is written as UTF-8 without a byte order mark"
NO_ALERT = -1.0
"""The rank of a result that is no alert."""

Runs = Sequence[Run | None]
"""Every run of the document by its place, None for those that are refused."""

_STREAMS = (
    ("runs", "[]", "results", "[]"),
    ("runs", "[]", "artifacts", "[]"),
    ("runs", "[]", "tool", "driver", "rules", "[]"),
    ("runs", "[]", "tool", "extensions", "[]", "rules", "[]"),
)
_FLOWS = (b'"codeFlows"', b'"relatedLocations"')
_HEAD = b'{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":['


class Preflight(NamedTuple):
    """`data` is what can be uploaded, empty where nothing can.

    `repairs` are the kinds of changes, each with its count and first place. `refused` says why runs, or all of it, are
    not in `data`.
    """

    data: bytes
    repairs: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def check_and_repair(sarif: bytes, limits: Limits = GITHUB) -> Preflight:
    """Any SARIF as GitHub takes it, or the reasons why not. Never raises, whatever the bytes."""
    repairs = Repairs()
    data = utf8(sarif)
    if data is not sarif or data.startswith(BOM_UTF8):
        repairs.add(ENCODING)
    try:
        raw = _read(data, repairs)
        runs, refused = prepared(raw, repairs, limits.runs)
        if not any(run is not None for run in runs):
            return Preflight(b"", (), tuple(refused) or (f"{NAME} has no run",))
        fitted = _Fitting(data, limits).fitted(runs, repairs)
        return Preflight(fitted, repairs.texts(), tuple(refused))
    except Unreadable as error:
        return Preflight(b"", (), (str(error),))


def _read(data: bytes, repairs: Repairs) -> list[RawRun]:
    """All of the document but the results. Raises Unreadable for what is no SARIF 2.1.0."""
    runs: list[RawRun] = []
    version: object = None
    shape: object = None
    for path, value in walk(NAME, data, *_STREAMS):
        if path == ("version",):
            version = value
        elif path == ("runs",):
            shape = value
        elif path[:1] == ("runs",):
            if path[1] == len(runs):
                runs.append(RawRun())
            runs[-1].take(path[2:], value)
        elif path and path != ("$schema",):
            repairs.add(UNREAD, str(path[0]))
    if shape is not CLOSED:
        raise Unreadable(NAME, "has no list `runs`: no SARIF log")
    if version != VERSION:
        if isinstance(version, str) and not version.startswith(VERSION):
            raise Unreadable(NAME, f"is SARIF {shortened(one_line(version), 40) or 'of no version'}, not {VERSION}")
        repairs.add(VERSION_MENDED)
    return runs


class _Written(NamedTuple):
    """`results` are those written when it was done, or became too large; `packed` is the size as an upload."""

    data: bytes
    results: int
    repairs: Repairs
    packed: int


class _Chosen(NamedTuple):
    """Which results are kept, by run a byte for each, and how many alerts are not."""

    masks: Mapping[int, bytearray]
    lost: int


_EVERY = _Chosen({}, 0)


class _Fitting:
    """Writes a document until it is within the limits."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data, self._limits = data, limits

    def fitted(self, runs: Runs, repairs: Repairs) -> bytes:
        """The document within GitHub's limits. Raises Unreadable where nothing of it would be left."""
        limit, chosen = self._limits.gzip_bytes, _EVERY
        if any(run and run.count > self._limits.results for run in runs):
            chosen = self._worst(runs, None)
            if chosen.lost:
                repairs.add(TOO_MANY_RESULTS, count=chosen.lost)
        if any(run and rules_count(run.tool) > self._limits.rules for run in runs):
            runs = self._pruned(runs, chosen, TOO_MANY_RULES, repairs)
        written = self._write(runs, chosen)
        if written.packed > limit and any(sign in self._data for sign in _FLOWS):
            repairs.add(NO_FLOWS)
            written = self._write(runs, chosen, with_flows=False)
        if written.packed > limit:
            repairs.add(NO_HELP)
            runs = [run and replace(run, tool=without_help(run.tool)) for run in runs]
            runs = self._pruned(runs, chosen, UNUSED, repairs)
            written = self._write(runs, chosen, with_flows=False)
        before = written.results
        while written.packed > limit:
            # 95 %: the rules do not shrink with the results.
            keep = int(written.results * limit / written.packed * 0.95)
            if not keep:
                raise Unreadable(NAME, f"is larger than the {limit:,} bytes that GitHub takes, even without results")
            chosen = self._worst(runs, keep)
            runs = self._pruned(runs, chosen, UNUSED, Repairs())
            written = self._write(runs, chosen, with_flows=False)
        if written.results < before:
            repairs.add(LEAST, count=before - written.results)
        for what, place, count in written.repairs.items():
            repairs.add(what, place, count)
        return written.data

    def _worst(self, runs: Runs, keep: int | None) -> _Chosen:
        """The most severe results: as many as GitHub takes of a run, and `keep` of all together.

        What is no alert stays chosen: it is left out, and counted, when it is written.
        """
        readers = _readers(runs, Repairs(), with_flows=False)
        ranks = {at: array("d") for at in readers}
        for at, _, result in self._results(runs):
            if result is not None:
                ranks[at].append(readers[at].rank(result) if is_alert(result) else NO_ALERT)
        best: list[tuple[float, int, int]] = []
        for at, found in ranks.items():
            alerts = sorted((-rank, at, place) for place, rank in enumerate(found) if rank != NO_ALERT)
            best += alerts[: self._limits.results]
        if keep is not None:
            best = sorted(best)[:keep]
        masks = {at: bytearray(rank == NO_ALERT for rank in found) for at, found in ranks.items()}
        for _, at, place in best:
            masks[at][place] = 1
        return _Chosen(masks, sum(mask.count(0) for mask in masks.values()))

    def _pruned(self, runs: Runs, chosen: _Chosen, what: str, repairs: Repairs) -> Runs:
        """The runs with the rules that their results need, the most severe ones as many as GitHub takes."""
        readers = _readers(runs, Repairs(), with_flows=False)
        used: dict[int, set[RulePlace]] = {at: set() for at in readers}
        for at, place, result in self._results(runs):
            if result is not None and (at not in chosen.masks or chosen.masks[at][place]):
                found = readers[at].place(result)
                if found is not None:
                    used[at].add(found)
        made: list[Run | None] = []
        for at, run in enumerate(runs):
            if run is None:
                made.append(None)
                continue
            order = sorted(used[at], key=lambda one: (-one.severity, one.extension is not None, one))
            slim = only(run.tool, {(one.extension, one.at) for one in order[: self._limits.rules]})
            lost = rules_count(run.tool) - rules_count(slim)
            if lost:
                repairs.add(what, run.name, lost)
            made.append(replace(run, tool=slim))
        return made

    def _write(self, runs: Runs, chosen: _Chosen, *, with_flows: bool = True) -> _Written:
        buffer, repairs, total = io.BytesIO(), Repairs(), 0
        readers = _readers(runs, repairs, with_flows=with_flows)
        buffer.write(_HEAD)
        current, count = -1, 0
        for at, place, result in self._results(runs):
            run = runs[at]
            if run is not None and at != current:
                buffer.write((b"," if current >= 0 else b"") + run.opening())
                current, count = at, 0
            if result is None:
                buffer.write(b"]}")
                if run is not None and count > self._limits.kept_results:
                    repairs.add(SHOWN, run.name)
            elif at not in chosen.masks or chosen.masks[at][place]:
                made = readers[at].repaired(result, f"runs[{at}].results[{place}]")
                if made is not None:
                    buffer.write((b"," if count else b"") + encoded(made))
                    count, total = count + 1, total + 1
            if buffer.tell() > self._limits.document:
                return _Written(b"", total, repairs, self._limits.gzip_bytes + 1)
        buffer.write(b"]}\n")
        document = buffer.getvalue()
        return _Written(document, total, repairs, packed(document, self._limits.gzip_bytes))

    def _results(self, runs: Runs) -> Iterator[tuple[int, int, Object | None]]:
        """(run, place, result) for every result of the runs that are kept, and (run, -1, None) where a run ends."""
        for path, value in walk(NAME, self._data, *_STREAMS):
            if path[:1] != ("runs",) or len(path) < 2 or runs[int(path[1])] is None:
                continue
            at = int(path[1])
            if len(path) == 4 and path[2] == "results" and isinstance(value, dict):
                yield at, int(path[3]), value
            elif len(path) == 2:
                yield at, -1, None


def _readers(runs: Runs, repairs: Repairs, *, with_flows: bool) -> dict[int, Results]:
    kept = [(at, run) for at, run in enumerate(runs) if run is not None]
    return {at: Results(run.head, run.tool, repairs, with_flows=with_flows) for at, run in kept}
