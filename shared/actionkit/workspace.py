"""The door to the files of the workspace: finds, reads and writes inside it and nowhere else."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from actionkit import globs
from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.globs import Pattern, Segment
from actionkit.untrusted import one_line

READ_LIMIT = 256 * 1024 * 1024
"""Bytes of one file, unless the caller sets another limit."""
ENTRIES = 100_000
"""Files and folders one search looks at."""
DEPTH = 64
"""Folders below the workspace a search goes into."""

_SKIPPED = frozenset({".git", "node_modules"})


class Refused(NamedTuple):
    """A file, folder or pattern that was asked for and not taken, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    `paths` are relative to the workspace, sorted, each file once. `unmatched` are the patterns, as given, that no file
    answers to. `refused` are files and folders left out although a pattern names them. `truncated` says why the search
    ended early, "" if it did not: then there may be more files.
    """

    paths: tuple[str, ...]
    unmatched: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    truncated: str = ""


class Text(NamedTuple):
    """A decoded file. `encoding` is `utf-8`, `utf-16`, or `latin-1` for bytes that are neither, which is a guess."""

    text: str
    encoding: str


class Workspace:
    """The folder `root`; every path handed in is relative to it, or absolute as this machine or a runner spells it."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self._spelled = {f"{str(path).rstrip('/')}/" for path in (root.absolute(), self.root)}

    def relative(self, path: str) -> str | None:
        """`path` relative to the workspace without `.` segments ("." for itself), None if it is not inside it."""
        inside = self._without_root(path)
        segments = [segment for segment in inside.split("/") if segment not in ("", ".")]
        if inside.startswith("/") or ".." in segments or "\0" in inside:
            return None
        return "/".join(segments) or "."

    def find(self, patterns: Sequence[str]) -> Found:
        """The files `patterns` name (see `actionkit.globs`); the last pattern that speaks of a file decides.

        Wildcards do not find names that start with a dot, `.git` or `node_modules`; naming them does. `**` does not go
        through links. Raises InputError for a pattern that is malformed.
        """
        wanted = [replace(globs.parse(self._without_root_of_glob(text)), text=text) for text in patterns]
        search = _Search(self.root, [pattern for pattern in wanted if not pattern.excludes and not pattern.absolute])
        search.walk()
        leaving_out = [pattern for pattern in wanted if pattern.excludes]
        paths: dict[str, str] = {}
        # A file with several names goes by its own, not by a link's.
        for path, real in sorted(search.found.items(), key=lambda one: (one[1] != f"{self.root}/{one[0]}", one[0])):
            if not leaving_out or globs.selected(wanted, path):
                paths.setdefault(real, path)
        refused = [one for one in search.refused if not any(pattern.covers(one.path) for pattern in leaving_out)]
        outside = [
            Refused(one.text, "is outside the workspace, and only that is visible here")
            for one in wanted
            if one.absolute
        ]
        unmatched = [one.text for one in wanted if not one.excludes and one.text not in search.matched]
        return Found(
            tuple(sorted(paths.values())), tuple(unmatched), (*outside, *sorted(set(refused))), search.truncated
        )

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        """The bytes of a file. Raises Unreadable: missing, outside, not a plain file, forbidden, over `limit` bytes."""
        name = one_line(path)
        real = self._real(path)
        if real is None:
            raise Unreadable(name, "is outside the workspace")
        try:
            data = _bounded(real, name, limit)
        except OSError as error:
            raise Unreadable(name, _reason(error)) from None
        if len(data) > limit:
            raise Unreadable(name, f"is larger than {limit:,} bytes")
        return data

    def text(self, path: str, limit: int = READ_LIMIT) -> Text:
        """The same decoded: by its byte order mark, else as UTF-8, else as Latin-1, which cannot fail."""
        return decoded(self.read(path, limit), one_line(path))

    def write(self, path: str, data: bytes) -> str:
        """Replace the file `path` by `data` in one step, making its folders; returns the relative path.

        A link at `path` is replaced, not followed. New files and folders belong to whoever owns the workspace: a
        container's root must not leave behind what the next job cannot delete. Raises UsageError if it cannot.
        """
        inside = self.relative(path)
        if inside in (None, "."):
            raise UsageError([self._unwritable(path, "is outside the workspace", "Write a path inside the workspace.")])
        target = self.root / str(inside)
        if not self._holds(os.path.realpath(target.parent)):
            fix = "Choose a folder that is not a link to outside the workspace."
            raise UsageError([self._unwritable(path, "lies in a folder outside the workspace", fix)])
        try:
            self._replace(target, data)
        except OSError as error:
            fix = "Let the workspace be writable for this step, or choose another path."
            raise UsageError([self._unwritable(path, _reason(error), fix)]) from None
        return str(inside)

    def _replace(self, target: Path, data: bytes) -> None:
        owner = self.root.stat()
        missing = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            _give(folder, owner)
        temporary = target.parent / f".{os.urandom(8).hex()}.tmp"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            _give(temporary, owner)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _unwritable(self, path: str, reason: str, fix: str) -> Complaint:
        return Complaint(f"cannot write `{one_line(path)}`: {reason}", fix)

    def _real(self, path: str) -> str | None:
        inside = self.relative(path)
        if inside is None:
            return None
        real = os.path.realpath(self.root / inside)
        return real if self._holds(real) else None

    def _holds(self, real: str) -> bool:
        return real == str(self.root) or real.startswith(f"{self.root}/")

    def _without_root(self, path: str) -> str:
        for root in self._spelled:
            if f"{path}/".startswith(root):
                return path[len(root) :] or "."
        return globs.in_workspace(path) or path

    def _without_root_of_glob(self, text: str) -> str:
        mark = "!" if text.startswith("!") else ""
        return mark + self._without_root(text[len(mark) :].strip())


def decoded(data: bytes, name: str) -> Text:
    """Raises Unreadable for a UTF-16 mark before what is not UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return Text(data.decode("utf-16"), "utf-16")
        except UnicodeDecodeError as error:
            raise Unreadable(name, f"starts like UTF-16 but is not: {error.reason}") from None
    try:
        return Text(data.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError:
        return Text(data.decode("latin-1"), "latin-1")


class _Folder(NamedTuple):
    """A folder to search: its path as spelled, where it really is, and the places its names may take in each way."""

    path: str
    real: str
    states: dict[int, set[int]]


class _Search:
    """One walk over the tree for all patterns at once. A way is one alternative of one pattern."""

    def __init__(self, root: Path, patterns: Sequence[Pattern]) -> None:
        self.root = str(root).rstrip("/")
        self.found: dict[str, str] = {}
        self.matched: set[str] = set()
        self.refused: list[Refused] = []
        self.truncated = ""
        self._looked_at = 0
        self._ways = [(pattern, segments) for pattern in patterns for segments in pattern.alternatives]

    def walk(self) -> None:
        folders = [_Folder("", self.root, {way: globs.opened(ends, {0}) for way, (_, ends) in enumerate(self._ways)})]
        while folders and self._looked_at <= ENTRIES:
            folders.extend(self._folder(folders.pop()))

    def _folder(self, folder: _Folder) -> list[_Folder]:
        try:
            entries = list(os.scandir(folder.real))
        except OSError as error:
            self.refused.append(Refused(folder.path or ".", _reason(error)))
            return []
        self._looked_at += len(entries)
        if self._looked_at > ENTRIES:
            self.truncated = f"the search ended after {ENTRIES:,} files and folders; write narrower patterns"
        below: list[_Folder] = []
        for entry in entries:
            states = self._stepped(entry.name, folder.states, through_link=False)
            if states:
                path = f"{folder.path}/{entry.name}" if folder.path else entry.name
                below.extend(self._entry(entry, path, states, folder))
        if below and folder.path.count("/") + 2 > DEPTH:
            self.truncated = f"the search did not go deeper than {DEPTH} folders, at `{one_line(folder.path)[:80]}`"
            return []
        return below

    def _stepped(self, name: str, states: dict[int, set[int]], *, through_link: bool) -> dict[int, set[int]]:
        after: dict[int, set[int]] = {}
        for way, places in states.items():
            segments = self._ways[way][1]
            stepped = set()
            for at in places:
                if at < len(segments) and _takes(segments[at], name):
                    deep = segments[at].deep
                    if not (deep and through_link):
                        stepped.add(at if deep else at + 1)
            if stepped:
                after[way] = globs.opened(segments, stepped)
        return after

    def _entry(
        self, entry: os.DirEntry[str], path: str, states: dict[int, set[int]], folder: _Folder
    ) -> Iterator[_Folder]:
        """Take a file that is matched; hand back a folder to go into."""
        ended = [self._ways[way][0] for way, places in states.items() if len(self._ways[way][1]) in places]
        going_on = any(min(places) < len(self._ways[way][1]) for way, places in states.items())
        real = f"{folder.real}/{entry.name}"
        if entry.is_symlink():
            real = os.path.realpath(real)
            states = self._stepped(entry.name, folder.states, through_link=True)
            is_folder, is_file = Path(real).is_dir(), Path(real).is_file()
        else:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        if not real.startswith(f"{self.root}/") and real != self.root:
            if ended or (going_on and is_folder):
                self.refused.append(Refused(path, "is a link to outside the workspace"))
        elif is_folder:
            if any(pattern.literal == path for pattern in ended):
                self.refused.append(Refused(path, "is a folder; add `/**` for what is in it"))
            if going_on and states:
                yield _Folder(path, real, states)
        elif ended and is_file:
            self.found[path] = real
            self.matched.update(pattern.text for pattern in ended)
        elif ended:
            self.refused.append(Refused(path, _why_no_file(real)))


def _bounded(real: str, name: str, limit: int) -> bytes:
    """At most `limit` + 1 bytes of a regular file."""
    # O_NONBLOCK: opening a pipe nobody writes to must not wait.
    handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise Unreadable(name, _kind(mode))
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(handle)


def _takes(segment: Segment, name: str) -> bool:
    return segment.matches(name, hidden=False) and (segment.name is not None or name not in _SKIPPED)


def _give(path: Path, owner: os.stat_result) -> None:
    with suppress(PermissionError):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _why_no_file(path: str) -> str:
    try:
        return _kind(Path(path).stat().st_mode)
    except OSError as error:
        return _reason(error)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _kind(mode: int) -> str:
    names = {stat.S_IFDIR: "is a folder", stat.S_IFIFO: "is a pipe", stat.S_IFSOCK: "is a socket"}
    return names.get(stat.S_IFMT(mode), "is a device")
