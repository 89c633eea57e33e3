"""SARIF 2.1.0, as CodeQL, Semgrep, Trivy, ESLint and most other scanners write it; one scan a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from actionkit.jsonstream import CLOSED, Path
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Scan
from security_report_aggregator.readers.fields import text
from security_report_aggregator.readers.sarif_flows import Budget
from security_report_aggregator.readers.sarif_results import Results
from security_report_aggregator.readers.sarif_run import Head
from security_report_aggregator.readers.sarif_tally import clipped

NAME = "sarif"
VERSION = "2.1.0"

_STREAMS = (
    ("runs", "[]", "results", "[]"),
    ("runs", "[]", "artifacts", "[]"),
    ("runs", "[]", "tool", "driver", "rules", "[]"),
    ("runs", "[]", "tool", "extensions", "[]", "rules", "[]"),
)
_SCHEMA = re.compile(r'"\$schema"\s*:\s*"[^"]{0,300}sarif', re.IGNORECASE)


class _ResultsFirstError(Exception):
    """A run's results come before what they cannot be read without."""


def recognises(document: Document) -> bool:
    """A log has `runs` and a version or a schema, or runs with a tool or results; or a schema that says SARIF."""
    if document.kind is not Kind.OBJECT:
        return False
    has_runs = document.has("runs") and (
        document.has("version") or document.has("runs", "[]", "tool") or document.has("runs", "[]", "results")
    )
    return has_runs or (document.has("$schema") and _SCHEMA.search(document.head) is not None)


def read(document: Document) -> tuple[Scan, ...]:
    """Every run of the log as a scan. Raises Unreadable for what is no SARIF 2.1.0."""
    try:
        return _read(document, None)
    except _ResultsFirstError:
        return _read(document, _heads(document))


READER = Reader(NAME, recognises, read)


def _read(document: Document, heads: Mapping[int, Head] | None) -> tuple[Scan, ...]:
    log = _Log(document, heads)
    for path, value in document.walk(*_STREAMS):
        log.take(path, value)
    return log.scans()


def _heads(document: Document) -> Mapping[int, Head]:
    """The members of all runs but their results: a pass of its own over the document."""
    heads: dict[int, Head] = {}
    for path, value in document.walk(*_STREAMS):
        if len(path) > 2 and path[0] == "runs" and path[2] != "results":
            heads.setdefault(int(path[1]), Head()).take(path[2:], value)
    return heads


class _Log:
    """What one pass over a log has found. `heads` are what an earlier pass found, None in the first."""

    def __init__(self, document: Document, heads: Mapping[int, Head] | None) -> None:
        self._document, self._heads = document, heads
        self._budget = Budget()
        self._version = ""
        self._runs: object = "missing"
        self._scans: list[Scan] = []
        self._head = Head()
        self._results: Results | None = None

    def take(self, path: Path, value: object) -> None:
        """The next value of the document."""
        if len(path) == 4 and path[2] == "results" and path[0] == "runs":
            self._take_result(path, value)
        elif path[:1] != ("runs",):
            if path == ("version",):
                self._take_version(value)
        elif len(path) == 1:
            self._runs = value
        elif len(path) == 2:
            self._end_run(int(path[1]), value)
        elif self._heads is None or path[2:] == ("results",):
            self._head.take(path[2:], value)

    def scans(self) -> tuple[Scan, ...]:
        """The scans of all runs; one that is incomplete if there is no run. Raises Unreadable."""
        if self._runs is not CLOSED and self._runs is not None:
            is_missing = self._runs == "missing"
            raise self._document.unreadable("has no `runs`: no SARIF log" if is_missing else "`runs` is no list")
        if not self._scans:
            tool = Head().tool(self._document.label)
            gap = "the log has no run, so that nothing says that a scan was done"
            return (Scan(self._document.name, tool, "", NAME, gaps=(gap,), label=self._document.label),)
        if not self._version:
            note = f"the log does not say which version of SARIF it is; read as {VERSION}"
            return tuple(replace(scan, notes=(*scan.notes, note)) for scan in self._scans)
        return tuple(self._scans)

    def _take_version(self, value: object) -> None:
        self._version = text(value)
        # Drafts are called `2.1.0-rtm.5`.
        if not self._version.startswith(VERSION):
            raise self._document.unreadable(f"is SARIF {clipped(self._version, 40) or 'of no version'}, not {VERSION}")

    def _take_result(self, path: Path, value: object) -> None:
        if self._results is None:
            self._results = self._begin(int(path[1]))
        if not isinstance(value, dict):
            raise self._document.unreadable(f"`runs[{path[1]}].results[{path[3]}]` is no object")
        self._results.add(value)

    def _begin(self, run: int) -> Results:
        if self._heads is not None:
            head = self._heads.get(run, Head())
            head.results_are = self._head.results_are
            self._head = head
        elif not self._head.is_ready(self._document.data.__contains__):
            raise _ResultsFirstError
        return Results(self._document, self._head, self._budget)

    def _end_run(self, run: int, value: object) -> None:
        if value is not CLOSED:
            raise self._document.unreadable(f"`runs[{run}]` is no object")
        results = self._results or self._begin(run)
        head, document = self._head, self._document
        if head.results_are is not CLOSED and head.results_are is not None:
            raise document.unreadable(f"`runs[{run}].results` is no list")
        self._scans.append(
            Scan(
                document.name,
                head.tool(document.label),
                head.version,
                NAME,
                tuple(results.findings),
                gaps=(*head.gaps(), *results.gaps.texts()),
                notes=(*head.notes(), *results.notes.texts()),
                started=head.started,
                commit=head.commit,
                label=document.label,
                rules=results.rules,
            )
        )
        self._head, self._results = Head(), None
