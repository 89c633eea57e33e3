"""Writing the history: only trusted runs do, in one commit, however many run at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actionkit import recorded
from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import Unreadable
from actionkit.outcome import Problem, Severity
from coverage_gate import baseline as baselines
from coverage_gate.baseline import Index, IndexEntry
from coverage_gate.evidence import Baseline

if TYPE_CHECKING:
    from actionkit.github.history import Snapshot


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of this run: the baseline, and its line in the index."""

    baseline: Baseline
    entry: IndexEntry


def write(new: Recorded, branch: str, context: RunContext, doors: Doors) -> recorded.Written:
    """Add the record to the history branch. Raises BadToken."""
    notes: list[Problem] = []

    def change(snapshot: Snapshot) -> Mapping[str, bytes | None]:
        notes.clear()
        index = _index(snapshot.read(baselines.INDEX_PATH), notes)
        extended = baselines.with_entry(index, new.entry)
        kept = {entry.sha for entry in extended.entries}
        files: dict[str, bytes | None] = {
            baselines.commit_path(entry.sha): None for entry in index.entries if entry.sha not in kept
        }
        files[baselines.INDEX_PATH] = baselines.dump_index(extended)
        files[baselines.commit_path(new.baseline.sha)] = baselines.dump(new.baseline)
        return files

    message = f"coverage-gate: record {new.baseline.sha[:12]}\n\n{new.entry.headline}"
    return recorded.write(branch, change, message, context, doors).noting(*notes)


def _index(data: bytes | None, notes: list[Problem]) -> Index:
    """The index that is there; a corrupt one is begun anew. git keeps the corrupt one in the branch's history."""
    if data is None:
        return Index()
    try:
        return baselines.load_index(data)
    except Unreadable as error:
        notes.append(Problem(f"the history was begun anew: {error}", severity=Severity.WARNING))
        return Index()
