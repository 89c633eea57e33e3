"""The index of recorded commits, and keeping it: one record a commit, and one entry about each in the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar

from actionkit import recorded
from actionkit.action import Doors
from actionkit.base import Base
from actionkit.context import RunContext
from actionkit.errors import Unreadable
from actionkit.missing import Missing
from actionkit.outcome import Problem, Severity

if TYPE_CHECKING:
    from actionkit.github.history import Snapshot

KEPT = 1000
"""Commits that an index remembers unless told otherwise."""


class Entry(Protocol):
    """A dataclass about one recorded commit. `recorded_at` is when it was first recorded, in seconds since the epoch;
    `headline` goes into the message of the commit that records it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def sha(self) -> str: ...

    @property
    def recorded_at(self) -> float: ...

    @property
    def headline(self) -> str: ...


EntryT = TypeVar("EntryT", bound=Entry)


@dataclass(frozen=True)  # no slots: typing notes the parameter of a generic alias on what it makes
class Index(Generic[EntryT]):
    """Every recorded commit, the newest first."""

    entries: tuple[EntryT, ...] = ()

    def adding(self, entry: EntryT, keep: int = KEPT) -> Self:
        """With `entry` in it, cut to the newest `keep`.

        A re-run of a recorded commit replaces its entry and keeps its place, so that running twice changes nothing.
        """
        known = {one.sha: one for one in self.entries}
        if entry.sha in known:
            entry = replace(entry, recorded_at=known[entry.sha].recorded_at)
        known[entry.sha] = entry
        newest_first = sorted(known.values(), key=lambda one: (-one.recorded_at, one.sha))
        return replace(self, entries=tuple(newest_first[: max(keep, 0)]))


@dataclass(frozen=True, slots=True)
class Records(Generic[EntryT]):
    """The records of an action on a history branch, in a folder of its name. `load` raises Unreadable."""

    action: str
    load: Callable[[bytes], Index[EntryT]]
    dump: Callable[[Index[EntryT]], bytes]

    @property
    def index_path(self) -> str:
        """Where the index lies on the history branch."""
        return f"{self.action}/index.json"

    def commit_path(self, sha: str) -> str:
        """Where the record of a commit lies on the history branch."""
        return f"{self.action}/commits/{sha}.json"

    def read(self, branch: str, context: RunContext, doors: Doors) -> Index[EntryT] | None:
        """The index of the branch; None: there is none. Raises what `recorded.read` does, and Unreadable."""
        data = recorded.read(branch, self.index_path, context, doors)
        return None if data is None else self.load(data)

    def history(self, branch: str, context: RunContext, doors: Doors) -> Index[EntryT]:
        """The same where it is asked for by itself, as for a replay. Raises Unreadable where there is none, too."""
        index = self.read(branch, context, doors)
        if index is None:
            raise Unreadable(branch, "holds no history yet: a push to the default branch records the first")
        return index

    def nearest(
        self, branch: str, base: Base, context: RunContext, doors: Doors
    ) -> tuple[Index[EntryT], tuple[bytes, int] | Missing]:
        """The index, and the record to compare with, and how many commits it lies behind. Raises what `read` does."""
        index = self.read(branch, context, doors)
        if index is None:
            return Index(), recorded.nothing(branch)
        shas = [entry.sha for entry in index.entries]
        return index, recorded.nearest(branch, shas, self.commit_path, base, context, doors)

    def add(self, record: bytes, entry: EntryT, branch: str, context: RunContext, doors: Doors) -> recorded.Written:
        """Add a commit's record and its entry to the history branch, and take away what the index no longer holds.

        Raises BadToken.
        """
        notes: list[Problem] = []

        def change(snapshot: Snapshot) -> Mapping[str, bytes | None]:
            notes.clear()
            index = self._index(snapshot.read(self.index_path), notes)
            extended = index.adding(entry)
            kept = {one.sha for one in extended.entries}
            files: dict[str, bytes | None] = {
                self.commit_path(one.sha): None for one in index.entries if one.sha not in kept
            }
            return {**files, self.index_path: self.dump(extended), self.commit_path(entry.sha): record}

        message = f"{self.action}: record {entry.sha[:12]}\n\n{entry.headline}"
        return recorded.write(branch, change, message, context, doors).noting(*notes)

    def _index(self, data: bytes | None, notes: list[Problem]) -> Index[EntryT]:
        """The index that is there; a corrupt one is begun anew. git keeps the corrupt one in the branch's history."""
        if data is None:
            return Index()
        try:
            return self.load(data)
        except Unreadable as error:
            notes.append(Problem(f"the history was begun anew: {error}", severity=Severity.WARNING))
            return Index()
