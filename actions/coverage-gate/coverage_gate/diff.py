"""Which lines a change touched: git's unified diff, a plain `diff -u`, or GitHub's list of changed files. Pure.

Hunk bodies are walked line by line, so context never counts as changed. Whatever cannot be read exactly (a hunk cut
short, a combined diff, content git calls binary, a patch GitHub left out) makes its file unknown, never unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from actionkit.errors import Unreadable
from coverage_gate.diffnames import header_name, pair_of_names, unquoted
from coverage_gate.evidence import ChangedFile, Diff
from coverage_gate.model import LINE_LIMIT, Lines

_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_INDEX = re.compile(rb"index ([0-9a-f]+)\.\.([0-9a-f]+)(?: (\d+))?$")
_GITLINK = b"160000"
_SYMLINK = b"120000"

# The empty file in SHA-1 and in SHA-256 repositories.
_EMPTY_BLOBS = (
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)


@dataclass(slots=True)
class _Section:
    """One file of a diff while it is read. `promised` says that its header announces changed lines."""

    old: str = ""
    new: str = ""
    in_header: bool = False
    ended: bool = False
    minus_row: bytes = b""
    known: bool = True
    binary: bool = False
    created: bool = False
    removed: bool = False
    copied: bool = False
    symlink: bool = False
    promised: bool = False
    hunks: list[tuple[int, int, int, int]] = field(default_factory=list)
    old_cursor: int = 1
    new_cursor: int = 1

    def changed_file(self) -> ChangedFile | None:
        """The file, or None if the section names none."""
        path = self.old if self.removed else self.new
        if not path:
            return None
        return ChangedFile(
            path=path,
            old_path="" if self.created or self.copied else self.old,
            added=_lines_in([(new, count) for _, _, new, count in self.hunks]),
            deleted=_lines_in([(old, count) for old, count, _, _ in self.hunks]),
            hunks=tuple(self.hunks),
            known=self.known and not self.binary and (bool(self.hunks) or not self.promised),
            removed=self.removed,
            binary=self.binary,
            symlink=self.symlink,
        )


def parse(diff: bytes, base: str, head: str) -> Diff:
    """Read a unified diff with any amount of context; never raises.

    `base` and `head` are only carried along. A copy is a new file whose changed lines are those that differ from
    what it was copied from, as git shows it. The hunks of each file follow git's convention for an empty side: its
    first line is the one before.
    """
    rows = diff.split(b"\n")
    files: dict[str, ChangedFile] = {}
    section: _Section | None = None
    at = 0
    while at < len(rows):
        started = _section_at(rows, at, section)
        if started is not None:
            _put(files, section)
            section, at = started
        elif section is not None and rows[at].startswith(b"@@"):
            at = _read_hunk(section, rows, at)
        else:
            if section is not None:
                _read_row(section, rows[at].rstrip(b"\r"))
            at += 1
    _put(files, section)
    return Diff(base=base, head=head, files=files)


def from_api(entries: Iterable[Mapping[str, Any]], base: str = "", head: str = "") -> Diff:
    """Read the entries of `GET /repos/{owner}/{repo}/pulls/{number}/files` (all pages).

    GitHub leaves `patch` out for large and binary files: such a file is unknown unless it says it changed no line.
    Raises Unreadable for an entry without a file name.
    """
    files: dict[str, ChangedFile] = {}
    for entry in entries:
        name, previous, status = entry.get("filename"), entry.get("previous_filename"), entry.get("status")
        if not isinstance(name, str) or not name:
            raise Unreadable("GitHub's list of changed files", "has an entry without a file name")
        if status == "unchanged":
            continue
        section = _Section(
            old=previous if isinstance(previous, str) and previous else name,
            new=name,
            created=status == "added",
            removed=status == "removed",
            copied=status == "copied",
            known=status != "renamed" or isinstance(previous, str),
        )
        patch = entry.get("patch")
        if isinstance(patch, str) and patch:
            _read_patch(section, patch.encode("utf-8", "replace").split(b"\n"))
        section.known = section.known and _tallies(section, entry)
        _put(files, section)
    return Diff(base=base, head=head, files=files, source="api")


def carried(lines: Lines, changed: ChangedFile) -> Lines:
    """Old line numbers as the new file's: deleted lines are dropped, the others move. Linear in the file's length.

    Raises ValueError for a file whose changed lines are unknown.
    """
    if not changed.known:
        raise ValueError(f"the changed lines of {changed.path} are unknown")
    if changed.removed or not lines:
        return 0
    digits = bin(lines)[:1:-1]
    pieces: list[str] = []
    at = 0
    for old, gone, _, come in changed.hunks:
        start = old if gone else old + 1
        if start >= len(digits):
            break
        pieces += (digits[at:start], "0" * come)
        at = start + gone
    pieces.append(digits[at:])
    return int("".join(pieces)[::-1] or "0", 2)


def _section_at(rows: Sequence[bytes], at: int, current: _Section | None) -> tuple[_Section, int] | None:
    """The section that starts in row `at` and the row to go on with, or None."""
    row = rows[at].rstrip(b"\r")
    if row.startswith(b"diff --git "):
        name = header_name(row[len(b"diff --git ") :])
        return _Section(old=name, new=name, in_header=True), at + 1
    if row.startswith((b"diff --cc ", b"diff --combined ")):
        name = unquoted(row.split(b" ", 2)[2])
        at += 1
        while at < len(rows) and not rows[at].startswith(b"diff --"):
            at += 1
        return _Section(old=name, new=name, known=False), at
    if current is not None and current.in_header:
        return None
    following = rows[at + 1 : at + 3]
    if row.startswith(b"--- ") and [r[:4] for r in following[:1]] == [b"+++ "] and following[-1][:3] == b"@@ ":
        section = _Section(promised=True)
        _name_by_rows(section, row, following[0].rstrip(b"\r"))
        return section, at + 2
    return None


def _read_row(section: _Section, row: bytes) -> None:
    """Take in a line that is neither the start of a file nor in a hunk."""
    if not section.in_header:
        # More lines than the hunk announced; `-- ` alone is the signature that ends a mailed patch.
        if row[:1] not in (b"+", b"-", b"\\") or row == b"-- ":
            section.ended = True
        elif row[:1] != b"\\" and not section.ended:
            section.known = False
    elif row.startswith((b"Binary files ", b"GIT binary patch")):
        section.binary = True
    elif row.startswith(b"--- "):
        section.minus_row, section.promised = row, True
    elif row.startswith(b"+++ "):
        section.promised = True
        if not (section.old and section.new):
            _name_by_rows(section, section.minus_row, row)
    else:
        _read_extended_header(section, row)


def _read_extended_header(section: _Section, row: bytes) -> None:
    index = _INDEX.match(row)
    if index:
        old, new, mode = index.groups()
        section.known = section.known and mode != _GITLINK
        section.symlink = section.symlink or mode == _SYMLINK
        section.promised = not (_is_empty(old) and _is_empty(new))
    elif row.startswith((b"rename from ", b"copy from ")):
        section.old = unquoted(row.split(b" ", 2)[2])
        section.copied = row.startswith(b"copy")
    elif row.startswith((b"rename to ", b"copy to ")):
        section.new = unquoted(row.split(b" ", 2)[2])
    elif row.startswith((b"new file mode ", b"deleted file mode ")):
        section.created, section.removed = row.startswith(b"new"), row.startswith(b"deleted")
        section.known = section.known and not row.endswith(_GITLINK)
        section.symlink = row.endswith(_SYMLINK)


def _is_empty(blob: bytes) -> bool:
    """True for the (abbreviated) id of no file or of the empty file."""
    return not blob.strip(b"0") or any(empty.startswith(blob) for empty in _EMPTY_BLOBS)


def _name_by_rows(section: _Section, minus: bytes, plus: bytes) -> None:
    old, new = pair_of_names(minus[4:], plus[4:])
    section.created, section.removed = not old, not new
    section.old, section.new = old or new, new or old


def _read_hunk(section: _Section, rows: Sequence[bytes], at: int) -> int:
    """Walk one hunk from its `@@` row; returns the first row after it. A hunk cut short makes the file unknown."""
    section.in_header = False
    header = _HUNK.match(rows[at])
    if header is None:
        section.known = False
        return at + 1
    old, gone, new, come = (1 if count is None else int(count) for count in header.groups())
    old_at, new_at = old + (not gone), new + (not come)
    old_end, new_end = old_at + gone, new_at + come
    skipped = old_at - section.old_cursor
    in_order = 0 <= skipped == new_at - section.new_cursor and max(old_end, new_end) <= LINE_LIMIT
    section.old_cursor, section.new_cursor = old_end, new_end
    minus = plus = 0
    at += 1
    while old_at + minus < old_end or new_at + plus < new_end:
        mark = rows[at][:1] if at < len(rows) else b"?"
        if mark == b"-":
            minus += 1
        elif mark == b"+":
            plus += 1
        # Some tools strip trailing spaces, which leaves an empty context line empty.
        elif mark == b" " or (mark in (b"", b"\r") and at < len(rows) - 1):
            _note(section, in_order, old_at, minus, new_at, plus)
            old_at, new_at, minus, plus = old_at + minus + 1, new_at + plus + 1, 0, 0
        elif mark != b"\\":
            break
        at += 1
    _note(section, in_order, old_at, minus, new_at, plus)
    if not in_order or (old_at + minus, new_at + plus) != (old_end, new_end):
        section.known = False
    return at


def _note(section: _Section, in_order: bool, old_at: int, minus: int, new_at: int, plus: int) -> None:
    if in_order and (minus or plus):
        section.hunks.append((old_at - (not minus), minus, new_at - (not plus), plus))


def _read_patch(section: _Section, rows: Sequence[bytes]) -> None:
    """The `patch` of GitHub's API: hunks without file names."""
    at = 0
    while at < len(rows):
        if rows[at].startswith(b"@@"):
            at = _read_hunk(section, rows, at)
        else:
            section.known = section.known and rows[at][:1] in (b"\\", b"")
            at += 1


def _tallies(section: _Section, entry: Mapping[str, Any]) -> bool:
    """True if the lines read are as many as GitHub counted, so that a shortened patch is found out."""
    if not section.hunks:
        return entry.get("changes") == 0
    gone, come = sum(hunk[1] for hunk in section.hunks), sum(hunk[3] for hunk in section.hunks)
    return (come, gone) == (entry.get("additions", come), entry.get("deletions", gone))


def _put(files: dict[str, ChangedFile], section: _Section | None) -> None:
    changed = section.changed_file() if section else None
    if changed is None:
        return
    before = files.get(changed.path)
    files[changed.path] = changed if before is None else _both(before, changed)


def _both(before: ChangedFile, after: ChangedFile) -> ChangedFile:
    """Two sections for one path: git writes a change of type (file to symlink) so; anything else cannot be added up."""
    if not (before.removed and not after.removed and not after.old_path):
        return replace(after, known=False)
    hunks: tuple[tuple[int, int, int, int], ...] = ()
    gone, come = before.deleted.bit_count(), after.added.bit_count()
    if gone or come:
        hunks = ((int(gone > 0), gone, int(come > 0), come),)
    return replace(after, old_path=before.path, deleted=before.deleted, hunks=hunks, known=before.known and after.known)


def _lines_in(ranges: Sequence[tuple[int, int]]) -> Lines:
    """The bit set of (first, count) ranges in ascending order, in time linear in the highest line."""
    top = max((first + count for first, count in ranges if count), default=0)
    digits = bytearray(b"0") * (top + 1)
    for first, count in ranges:
        if count:
            digits[top - first - count + 1 : top - first + 1] = b"1" * count
    return int(digits, 2)
