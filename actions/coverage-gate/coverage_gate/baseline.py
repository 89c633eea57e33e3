"""The recorded coverage of the base branch: its form on the history branch, which record to compare with, and how.

Records are keyed by commit and written by trusted runs only. Line sets are kept, so that a later change can be held
against them line by line. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from actionkit import checked, commit_index
from actionkit.errors import Unreadable
from coverage_gate import recorded_counts
from coverage_gate.diff import carried
from coverage_gate.evidence import Baseline, Diff, FileRecord
from coverage_gate.model import Counts

SCHEMA = 1
NO_COUNTS = Counts(0, 0)
_RECORD = "coverage-gate/baseline"
_INDEX = "coverage-gate/index"


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One recorded commit. `recorded_at` is when it was first recorded, in seconds since the epoch."""

    sha: str
    recorded_at: float
    lines: Counts
    branches: Counts = NO_COUNTS
    tool: str = ""
    version: str = ""
    format: str = ""
    headline: str = ""
    parents: tuple[str, ...] = ()
    suites: Mapping[str, tuple[Counts, Counts]] = field(default_factory=dict)


Index = commit_index.Index[IndexEntry]


def dump(baseline: Baseline) -> bytes:
    """The record as JSON: the same baseline always gives the same bytes. `distance` is no part of it."""
    return _written(document(baseline))


def document(baseline: Baseline) -> dict[str, Any]:
    """The same in JSON's types, as it stands in an outcome."""
    return {
        "schema": SCHEMA,
        "kind": _RECORD,
        "sha": baseline.sha,
        "tool": baseline.tool,
        "version": baseline.version,
        "format": baseline.format,
        "measured_at": baseline.measured_at,
        "lines": list(baseline.lines),
        "branches": list(baseline.branches),
        "suites": {name: [list(lines), list(branches)] for name, (lines, branches) in baseline.suites.items()},
        "reports": dict(baseline.reports),
        "files": {
            path: [f"{file.lines:x}", f"{file.covered:x}", file.uncounted] for path, file in baseline.files.items()
        },
    }


def load(data: bytes) -> Baseline:
    """Read a record that nobody vouches for.

    Raises Unreadable if it is corrupt, of another kind, of a newer schema, or says what cannot be.
    """
    try:
        fields = checked.document(data, _RECORD, SCHEMA)
        return Baseline(
            sha=checked.sha(fields.get("sha")),
            tool=checked.text(fields.get("tool")),
            version=checked.text(fields.get("version")),
            format=checked.text(fields.get("format")),
            measured_at=checked.seconds(fields.get("measured_at")),
            lines=recorded_counts.counts(fields.get("lines")),
            branches=recorded_counts.counts(fields.get("branches")),
            suites=_suites(fields.get("suites")),
            reports={name: checked.number(count) for name, count in checked.mapping(fields.get("reports")).items()},
            files={path: _file(entry) for path, entry in checked.mapping(fields.get("files")).items()},
        )
    except checked.Refused as error:
        raise Unreadable("the recorded baseline", str(error)) from error


def dump_index(index: Index) -> bytes:
    """The index as JSON, deterministic."""
    entries = [
        {
            "sha": entry.sha,
            "recorded_at": entry.recorded_at,
            "lines": entry.lines,
            "branches": entry.branches,
            "tool": entry.tool,
            "version": entry.version,
            "format": entry.format,
            "headline": entry.headline,
            "parents": entry.parents,
            "suites": entry.suites,
        }
        for entry in index.entries
    ]
    return _written({"schema": SCHEMA, "kind": _INDEX, "entries": entries})


def load_index(data: bytes) -> Index:
    """Read an index; the counterpart of `dump_index`. Raises Unreadable as `load` does."""
    try:
        entries = checked.sequence(checked.document(data, _INDEX, SCHEMA).get("entries"))
        return Index(tuple(_entry(checked.mapping(fields)) for fields in entries))
    except checked.Refused as error:
        raise Unreadable("the index of recorded baselines", str(error)) from error


def adjust(baseline: Baseline, diff: Diff) -> Baseline:
    """The baseline as if the deletions of `diff` had been made before it was measured, in the new line numbers.

    Deleting covered code must not fail a ratchet, so what the change deletes is taken out of the base. `diff` starts
    at the baseline's commit. Files whose changed lines are unknown stay as they are. Branches stay as they are.
    """
    moved = {changed.old_path: changed for changed in diff.files.values() if changed.old_path and changed.known}
    files: dict[str, FileRecord] = {}
    covered, total = baseline.lines
    for path, record in baseline.files.items():
        changed = moved.get(path)
        if changed is None:
            files.setdefault(path, record)
            continue
        before = counts_of(record)
        after = Counts(0, 0)
        if not changed.removed:
            lines = carried(record.lines, changed)
            kept = carried(record.covered, changed)
            files[changed.path] = FileRecord(lines, kept, min(record.uncounted, kept.bit_count()))
            after = counts_of(files[changed.path])
        covered += after.covered - before.covered
        total += after.total - before.total
    return replace(baseline, lines=Counts(max(covered, 0), max(total, covered, 0)), files=files)


def counts_of(record: FileRecord) -> Counts:
    """Covered and executable lines as the tool counts them."""
    return Counts(record.covered.bit_count() - record.uncounted, record.lines.bit_count() - record.uncounted)


def _written(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n").encode("ascii")


def _entry(fields: Mapping[str, Any]) -> IndexEntry:
    return IndexEntry(
        sha=checked.sha(fields.get("sha")),
        recorded_at=checked.seconds(fields.get("recorded_at")),
        lines=recorded_counts.counts(fields.get("lines")),
        branches=recorded_counts.counts(fields.get("branches")),
        tool=checked.text(fields.get("tool")),
        version=checked.text(fields.get("version")),
        format=checked.text(fields.get("format")),
        headline=checked.text(fields.get("headline")),
        parents=tuple(checked.sha(parent) for parent in checked.sequence(fields.get("parents"))),
        suites=_suites(fields.get("suites")),
    )


def _suites(value: object) -> dict[str, tuple[Counts, Counts]]:
    suites = {}
    for name, pair in checked.mapping(value).items():
        lines, branches = checked.sequence(pair, 2)
        suites[name] = (recorded_counts.counts(lines), recorded_counts.counts(branches))
    return suites


def _file(entry: object) -> FileRecord:
    executable, ran, left_out = checked.sequence(entry, 3)
    lines, covered, uncounted = recorded_counts.lines(executable), recorded_counts.lines(ran), checked.number(left_out)
    if covered & ~lines or uncounted > covered.bit_count():
        raise checked.Refused("has a file with more covered lines than executable ones")
    return FileRecord(lines, covered, uncounted)
