"""Writing the history: only trusted runs do, in one commit, however many run at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from actionkit import recorded
from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import Unreadable
from actionkit.outcome import Problem, Severity
from security_report_aggregator import record
from security_report_aggregator.evidence import Baseline
from security_report_aggregator.record import Index, IndexEntry

if TYPE_CHECKING:
    from actionkit.github.history import Snapshot


def write(baseline: Baseline, entry: IndexEntry, branch: str, context: RunContext, doors: Doors) -> recorded.Written:
    """Add the record to the history branch. Raises BadToken."""
    notes: list[Problem] = []

    def change(snapshot: Snapshot) -> Mapping[str, bytes | None]:
        notes.clear()
        index = _index(snapshot.read(record.INDEX_PATH), notes)
        extended = record.with_entry(index, entry)
        kept = {one.sha for one in extended.entries}
        files: dict[str, bytes | None] = {
            record.commit_path(one.sha): None for one in index.entries if one.sha not in kept
        }
        files[record.INDEX_PATH] = record.dump_index(extended)
        files[record.commit_path(baseline.sha)] = record.dump(baseline)
        return files

    message = f"security-report-aggregator: record {baseline.sha[:12]}\n\n{entry.headline}"
    return recorded.write(branch, change, message, context, doors).noting(*notes)


def _index(data: bytes | None, notes: list[Problem]) -> Index:
    """The index that is there; a corrupt one is begun anew. git keeps the corrupt one in the branch's history."""
    if data is None:
        return Index()
    try:
        return record.load_index(data)
    except Unreadable as error:
        notes.append(Problem(f"the history was begun anew: {error}", severity=Severity.WARNING))
        return Index()
