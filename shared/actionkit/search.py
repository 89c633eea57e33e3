"""One walk over a folder's tree for any number of globs at once."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from actionkit import globs
from actionkit.globs import Pattern, Segment
from actionkit.untrusted import one_line

ENTRIES = 100_000
"""Files and folders one search looks at."""
DEPTH = 64
"""Folders below the root a search goes into."""

_SKIPPED = frozenset({".git", "node_modules"})

_Ways = Sequence[tuple[Pattern, tuple[Segment, ...]]]
"""Every alternative of every pattern."""


class Refused(NamedTuple):
    """A file, folder or pattern that was asked for and not taken, and why."""

    path: str
    reason: str


class _Places:
    """How far into the ways a path has got: a position in the segments for each way it may still match or does."""

    def __init__(self, ways: _Ways, states: Mapping[int, frozenset[int]]) -> None:
        self.states = states
        self.ended = tuple(ways[way][0] for way, places in states.items() if len(ways[way][1]) in places)
        self.going_on = any(min(places) < len(ways[way][1]) for way, places in states.items())
        next_up = [ways[way][1][at] for way, places in states.items() for at in places if at < len(ways[way][1])]
        self._names = frozenset(segment.name for segment in next_up) | _SKIPPED
        wild = {segment.regex.pattern for segment in next_up if segment.regex is not None}
        self._wild = re.compile("|".join(sorted(wild)), re.DOTALL) if wild else None

    def plain(self, name: str) -> bool:
        """True if no segment but `**` takes `name`: most names, so this is what keeps a search fast."""
        return not (name.startswith(".") or name in self._names or (self._wild and self._wild.fullmatch(name)))


class _Folder(NamedTuple):
    """A folder to search: its path as spelled, where it really is, and how far its path has got."""

    path: str
    real: str
    places: _Places


class Search:
    """Finds the files under `root` (a real path) that the including ones of `patterns` match.

    `found` maps each path to where it really is, `matched` holds the texts of patterns that matched a file, `refused`
    what was left out, `truncated` why the walk ended early (it looks at `entries` files and folders). Folders that
    exclusions at the end of `patterns` cover are not walked; the rest of what exclusions mean is left to the caller.
    """

    def __init__(self, root: str, patterns: Sequence[Pattern], entries: int = ENTRIES) -> None:
        self._entries = entries
        self.root = root.rstrip("/")
        self.found: dict[str, str] = {}
        self.matched: set[str] = set()
        self.refused: list[Refused] = []
        self.truncated = ""
        self._looked_at = 0
        self._closed = tuple(takewhile(lambda pattern: pattern.excludes, reversed(patterns)))
        inside = [pattern for pattern in patterns if not pattern.excludes and not pattern.absolute]
        self._ways = [(pattern, segments) for pattern in inside for segments in pattern.alternatives]
        self._known: dict[frozenset[tuple[int, frozenset[int]]], _Places] = {}

    def walk(self) -> None:
        """Look at everything once."""
        start = {way: globs.opened(segments, {0}) for way, (_, segments) in enumerate(self._ways)}
        folders = [_Folder("", self.root, self._places(start))]
        while folders and self._looked_at <= self._entries:
            folders.extend(self._folder(folders.pop()))

    def _folder(self, folder: _Folder) -> list[_Folder]:
        try:
            entries = list(os.scandir(folder.real or "/"))
        except OSError as error:
            self.refused.append(Refused(folder.path or ".", reason(error)))
            return []
        self._looked_at += len(entries)
        if self._looked_at > self._entries:
            self.truncated = f"the search ended after {self._entries:,} files and folders; write narrower patterns"
        below: list[_Folder] = []
        usual = self._stepped("", folder.places, through_link=False)
        for entry in entries:
            plain = folder.places.plain(entry.name)
            places = usual if plain else self._stepped(entry.name, folder.places, through_link=False)
            if places.ended or (places.going_on and (entry.is_symlink() or entry.is_dir())):
                path = f"{folder.path}/{entry.name}" if folder.path else entry.name
                below.extend(self._entry(entry, path, places, folder))
        if below and folder.path.count("/") + 2 > DEPTH:
            self.truncated = f"the search did not go deeper than {DEPTH} folders, at `{one_line(folder.path)[:80]}`"
            return []
        return below

    def _stepped(self, name: str, places: _Places, *, through_link: bool) -> _Places:
        """After one more name; the empty one stands for any that only `**` takes."""
        after: dict[int, set[int]] = {}
        for way, before in places.states.items():
            segments = self._ways[way][1]
            stepped = set()
            for at in before:
                if at < len(segments) and _takes(segments[at], name):
                    deep = segments[at].deep
                    if not (deep and through_link):
                        stepped.add(at if deep else at + 1)
            if stepped:
                after[way] = globs.opened(segments, stepped)
        return self._places(after)

    def _places(self, states: Mapping[int, set[int]]) -> _Places:
        frozen = {way: frozenset(places) for way, places in states.items()}
        key = frozenset(frozen.items())
        if key not in self._known:
            self._known[key] = _Places(self._ways, frozen)
        return self._known[key]

    def _entry(self, entry: os.DirEntry[str], path: str, places: _Places, folder: _Folder) -> Iterator[_Folder]:
        """Take a file that is matched; hand back a folder to go into."""
        real = f"{folder.real}/{entry.name}"
        onward = places
        if entry.is_symlink():
            real = os.path.realpath(real)
            onward = self._stepped(entry.name, folder.places, through_link=True)
            is_folder, is_file = Path(real).is_dir(), Path(real).is_file()
        else:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        if not real.startswith(f"{self.root}/") and real != self.root:
            if places.ended or is_folder:
                self.refused.append(Refused(path, "is a link to outside the workspace"))
        elif is_folder:
            if any(pattern.literal == path for pattern in places.ended):
                self.refused.append(Refused(path, "is a folder; add `/**` for what is in it"))
            if onward.going_on and not any(pattern.covers(path) for pattern in self._closed):
                yield _Folder(path, real, onward)
        elif places.ended and is_file:
            self.found[path] = real
            self.matched.update(pattern.text for pattern in places.ended)
        elif places.ended:
            self.refused.append(Refused(path, _why_no_file(real)))


def _takes(segment: Segment, name: str) -> bool:
    if not name:
        return segment.deep
    return segment.matches(name, hidden=False) and (segment.name is not None or name not in _SKIPPED)


def _why_no_file(path: str) -> str:
    try:
        return kind(Path(path).stat().st_mode)
    except OSError as error:
        return reason(error)


def reason(error: OSError) -> str:
    """What the system says, as the end of a sentence."""
    return (error.strerror or type(error).__name__).lower()


def kind(mode: int) -> str:
    """What something that is no regular file is instead, from its `st_mode`."""
    names = {stat.S_IFDIR: "is a folder", stat.S_IFIFO: "is a pipe", stat.S_IFSOCK: "is a socket"}
    return names.get(stat.S_IFMT(mode), "is a device")
