"""The recorded weaknesses of the base branch: their form on the history branch, and which record to compare with.

The branch is public where the repository is, so a record holds hashes, levels, categories and names of scanners, and
nothing that would disclose an open weakness. Records are keyed by commit and written by trusted runs only. Pure.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actionkit import checked, commit_index
from actionkit.errors import Unreadable
from security_report_aggregator.evidence import Baseline, Known
from security_report_aggregator.model import Category, Level, Weakness

SCHEMA = 1
VERDICTS = ("pass", "fail", "incomplete", "error")
COUNT_LIMIT = 10**9
SECONDS_LIMIT = 10**11
LEVELS = tuple(Level)

_RECORD = "security-report-aggregator/baseline"
_INDEX = "security-report-aggregator/index"
_ID = re.compile(r"[0-9a-f]{16,64}")

Counts = Mapping[Category, Mapping[Level, int]]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One recorded commit. `recorded_at` is when it was first recorded, in seconds since the epoch.

    `counts` are weaknesses, without zeros. `tools` are the scanners whose scans were complete. `score` is the security
    score, None where there was none.
    """

    sha: str
    recorded_at: float
    verdict: str
    counts: Counts = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    score: int | None = None

    @property
    def headline(self) -> str:
        """`fail: 1 critical, 3 high`: made of verdict and counts alone, so that it can name no weakness."""
        levels = by_level(self.counts)
        said = ", ".join(f"{levels[level]} {level}" for level in LEVELS if levels.get(level))
        return f"{self.verdict}: {said or 'no findings'}"


Index = commit_index.Index[IndexEntry]


def baseline_of(
    sha: str, recorded_at: float, weaknesses: Sequence[Weakness], complete_tools: Mapping[str, int]
) -> Baseline:
    """What is to be recorded of a commit. `complete_tools` are scanners with how many scans each had."""
    known = {
        weakness.id: Known(weakness.id, weakness.category, weakness.rated.level, weakness.tools)
        for weakness in weaknesses
    }
    return Baseline(sha, recorded_at, known, dict(sorted(complete_tools.items())))


def counts_of(weaknesses: Sequence[Weakness]) -> Counts:
    """Weaknesses by category and level, without zeros."""
    counted = Counter((weakness.category, weakness.rated.level) for weakness in weaknesses)
    return {
        category: {level: counted[category, level] for level in LEVELS if counted[category, level]}
        for category in Category
        if any(counted[category, level] for level in LEVELS)
    }


def by_level(counts: Counts) -> dict[Level, int]:
    """The sum over all categories, without zeros."""
    total: Counter[Level] = Counter()
    for levels in counts.values():
        total.update(levels)
    return {level: total[level] for level in LEVELS if total[level]}


def dump(baseline: Baseline) -> bytes:
    """The record as JSON: the same baseline always gives the same bytes. `distance` is no part of it."""
    return _written(document(baseline))


def document(baseline: Baseline) -> dict[str, Any]:
    """The same in JSON's types, as it stands in an outcome. Scanners of a weakness are places in `scanners`."""
    scanners = sorted({tool for known in baseline.known.values() for tool in known.tools})
    places = {tool: place for place, tool in enumerate(scanners)}
    return {
        "schema": SCHEMA,
        "kind": _RECORD,
        "sha": baseline.sha,
        "recorded_at": baseline.recorded_at,
        "tools": dict(baseline.tools),
        "scanners": scanners,
        "known": {
            known.id: [known.category.value, known.level.value, *(places[tool] for tool in known.tools)]
            for known in baseline.known.values()
        },
    }


def load(data: bytes) -> Baseline:
    """Read a record that nobody vouches for.

    Raises Unreadable if it is corrupt, of another kind, of a newer schema, or says what cannot be.
    """
    try:
        fields = checked.document(data, _RECORD, SCHEMA)
        scanners = _texts(fields.get("scanners"))
        return Baseline(
            sha=checked.sha(fields.get("sha")),
            recorded_at=_seconds(fields.get("recorded_at")),
            known={id_: _known(id_, entry, scanners) for id_, entry in checked.mapping(fields.get("known")).items()},
            tools=_tools(fields.get("tools")),
        )
    except checked.Refused as error:
        raise Unreadable("the recorded baseline", str(error)) from error


def dump_index(index: Index) -> bytes:
    """The index as JSON, deterministic."""
    entries = [
        {
            "sha": entry.sha,
            "recorded_at": entry.recorded_at,
            "verdict": entry.verdict,
            "counts": {category.value: dict(levels) for category, levels in entry.counts.items()},
            "tools": entry.tools,
            "parents": entry.parents,
            "score": entry.score,
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


def _written(fields: Mapping[str, Any]) -> bytes:
    return (json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n").encode("ascii")


def _entry(fields: Mapping[str, Any]) -> IndexEntry:
    verdict = fields.get("verdict")
    if verdict not in VERDICTS:
        raise checked.Refused("has a verdict nobody knows")
    score = fields.get("score")
    return IndexEntry(
        sha=checked.sha(fields.get("sha")),
        recorded_at=_seconds(fields.get("recorded_at")),
        verdict=str(verdict),
        counts={
            _category(category): {
                _level(level): checked.number(count, COUNT_LIMIT) for level, count in checked.mapping(levels).items()
            }
            for category, levels in checked.mapping(fields.get("counts")).items()
        },
        tools=_texts(fields.get("tools")),
        parents=tuple(checked.sha(parent) for parent in checked.sequence(fields.get("parents"))),
        score=None if score is None else checked.number(score, 100),
    )


def _known(id_: str, entry: object, scanners: tuple[str, ...]) -> Known:
    parts = checked.sequence(entry)
    if not _ID.fullmatch(id_) or len(parts) < 2:
        raise checked.Refused("holds something else where a weakness belongs")
    tools = tuple(scanners[checked.number(place, len(scanners) - 1)] for place in parts[2:])
    return Known(id_, _category(parts[0]), _level(parts[1]), tools)


def _seconds(value: object) -> float:
    found = checked.seconds(value)
    if found >= SECONDS_LIMIT:
        raise checked.Refused("holds a time that no calendar has")
    return found


def _tools(value: object) -> dict[str, int]:
    return {checked.text(tool): checked.number(scans, COUNT_LIMIT) for tool, scans in checked.mapping(value).items()}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(checked.text(text) for text in checked.sequence(value))


def _category(value: object) -> Category:
    try:
        return Category(str(value))
    except ValueError:
        raise checked.Refused("names a category nobody knows") from None


def _level(value: object) -> Level:
    try:
        return Level(str(value))
    except ValueError:
        raise checked.Refused("names a severity nobody knows") from None
