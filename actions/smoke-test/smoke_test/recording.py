"""Reading and writing the history of measurements: the history branch, a trusted artifact, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actionkit import envelope, recorded
from actionkit.action import Doors
from actionkit.base import base_of, head_of
from actionkit.baseline_source import BaselineSource
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, Unreadable
from actionkit.missing import Missing
from actionkit.outcome import Problem, Severity
from smoke_test import history
from smoke_test.history import Entry

if TYPE_CHECKING:
    from actionkit.github.history import Snapshot


@dataclass(frozen=True, slots=True)
class Found:
    """The entries there are, or why there are none."""

    entries: tuple[Entry, ...] = ()
    missing: Missing = Missing()


def look_up(source: BaselineSource, branch: str, context: RunContext, doors: Doors) -> Found:
    """What earlier runs measured. Whatever goes wrong is a reason, not an exception; raises BadToken only."""
    try:
        if source.kind == "none":
            return Found(missing=Missing("`baseline: none` asks for no comparison"))
        if source.kind == "file":
            data = recorded.file(source.name, context, doors, base_of(context, doors, head_of(context, doors.git)))
            return Found((_of_outcome(source.name, data),))
        if source.kind == "artifact":
            return _of_artifact(source.name, context, doors)
        data_there = recorded.read(branch, history.PATH, context, doors)
        if data_there is None:
            return Found(missing=Missing(f"no measurement is recorded on branch {branch} yet", heals=True))
        return Found(history.load(data_there))
    except ActionkitError as error:
        if recorded.is_bad_token(error):
            raise
        return Found(missing=Missing(str(error)))


def write(entry: Entry, branch: str, context: RunContext, doors: Doors) -> recorded.Written:
    """Add the entry to the history branch. Raises BadToken."""
    notes: list[Problem] = []

    def change(snapshot: Snapshot) -> Mapping[str, bytes | None]:
        notes.clear()
        return {history.PATH: history.dump(history.with_entry(_entries(snapshot.read(history.PATH), notes), entry))}

    message = f"smoke-test: record {entry.sha[:12]}\n\n{entry.verdict}"
    return recorded.write(branch, change, message, context, doors).noting(*notes)


def _entries(data: bytes | None, notes: list[Problem]) -> tuple[Entry, ...]:
    """The entries that are there; a corrupt file is begun anew. git keeps the corrupt one in the branch's history."""
    if data is None:
        return ()
    try:
        return history.load(data)
    except Unreadable as error:
        notes.append(Problem(f"the history was begun anew: {error}", severity=Severity.WARNING))
        return ()


def _of_artifact(name: str, context: RunContext, doors: Doors) -> Found:
    found = recorded.artifact(name, context, doors)
    return Found(missing=found) if isinstance(found, Missing) else Found((_of_outcome(*found),))


def _of_outcome(name: str, data: bytes) -> Entry:
    outcome = envelope.load(data, name)
    if outcome.action != "smoke-test":
        raise Unreadable(name, f"is an outcome of {outcome.action}, not of smoke-test")
    return history.entry_of(outcome.data, name)
