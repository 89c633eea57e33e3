"""The door to the files of the workspace: finds, reads and writes inside it and nowhere else."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from actionkit import globs
from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.search import ENTRIES, Refused, Search, kind, reason
from actionkit.untrusted import one_line

READ_LIMIT = 256 * 1024 * 1024
"""Bytes of one file, unless the caller sets another limit."""


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

    def find(self, patterns: Sequence[str], entries: int = ENTRIES) -> Found:
        """The files `patterns` name (see `actionkit.globs`); the last pattern that speaks of a file decides.

        Wildcards do not find names that start with a dot, `.git` or `node_modules`; naming them does. `**` does not go
        through links. The search ends after looking at `entries` files and folders. Raises InputError for a malformed
        pattern.
        """
        wanted = [replace(globs.parse(self._without_root_of_glob(text)), text=text) for text in patterns]
        search = Search(str(self.root), wanted, entries)
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
            raise Unreadable(name, reason(error)) from None
        if len(data) > limit:
            raise Unreadable(name, f"is larger than {limit:,} bytes")
        return data

    def has(self, path: str) -> bool:
        """True if there is something at `path` inside the workspace. Never raises, whatever the path."""
        real = self._real(path)
        return real is not None and os.path.exists(real)  # noqa: PTH110 - answers False for what cannot be a path

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
            raise UsageError([self._unwritable(path, reason(error), fix)]) from None
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

    def _unwritable(self, path: str, why: str, fix: str) -> Complaint:
        return Complaint(f"cannot write `{one_line(path)}`: {why}", fix)

    def _real(self, path: str) -> str | None:
        inside = self.relative(path) if len(path) <= globs.PATH_LIMIT else None
        if inside is None:
            return None
        try:
            real = os.path.realpath(self.root / inside)
        except ValueError:  # lone surrogates, which no file name of this system can hold
            return None
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


def _bounded(real: str, name: str, limit: int) -> bytes:
    """At most `limit` + 1 bytes of a regular file."""
    # O_NONBLOCK: opening a pipe nobody writes to must not wait.
    handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise Unreadable(name, kind(mode))
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(limit + 1)
    finally:
        os.close(handle)


def _give(path: Path, owner: os.stat_result) -> None:
    with suppress(PermissionError):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
