"""What changed between two trees, as GitHub's `diff-entry` tells it. No I/O."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .gitobjects import EMPTY_TREE, SUBMODULE, Entry, ObjectStore

Status = Literal["added", "removed", "modified", "renamed"]

SIMILAR = 0.5
"""Git's own threshold for calling a removal and an addition a rename (`-M50%`)."""


@dataclass(frozen=True)
class FileChange:
    """One changed file. `patch` is None for binary files, pure renames and patches over the limit."""

    path: str
    status: Status
    sha: str
    additions: int
    deletions: int
    patch: str | None
    previous_path: str | None = None


def file_changes(store: ObjectStore, old_tree: str | None, new_tree: str, *, patch_lines: int) -> list[FileChange]:
    """The changed files between two trees, sorted by path; a patch of more than `patch_lines` lines is left out."""
    old, new = store.files(old_tree or _empty(store)), store.files(new_tree)
    removed = {path: entry for path, entry in old.items() if path not in new}
    added = {path: entry for path, entry in new.items() if path not in old}
    found: list[FileChange] = []
    for path, (previous, before) in _renames(store, removed, added).items():
        found.append(_change(store, path, "renamed", before, added.pop(path), patch_lines, previous))
        del removed[previous]
    found += [_change(store, path, "added", None, entry, patch_lines) for path, entry in added.items()]
    found += [_change(store, path, "removed", entry, None, patch_lines) for path, entry in removed.items()]
    found += [
        _change(store, path, "modified", old[path], new[path], patch_lines)
        for path in old.keys() & new.keys()
        if old[path] != new[path]
    ]
    return sorted(found, key=lambda change: change.path)


def _empty(store: ObjectStore) -> str:
    store.add_tree({})
    return EMPTY_TREE


def _renames(store: ObjectStore, removed: dict[str, Entry], added: dict[str, Entry]) -> dict[str, tuple[str, Entry]]:
    """New path -> (old path, old entry): exact copies first, then the most similar above the threshold."""
    pairs: dict[str, tuple[str, Entry]] = {}
    left = dict(removed)
    for exact in (True, False):
        for path, entry in added.items():
            if path in pairs or not left:
                continue
            scored = [
                (1.0 if before.sha == entry.sha else 0.0 if exact else _similarity(store, before, entry), previous)
                for previous, before in left.items()
            ]
            score, previous = max(scored)
            if score >= (1.0 if exact else SIMILAR):
                pairs[path] = (previous, left.pop(previous))
    return pairs


def _similarity(store: ObjectStore, one: Entry, other: Entry) -> float:
    """The share of bytes in lines that both have, of the larger of the two."""
    if SUBMODULE in (one.mode, other.mode):
        return 0.0
    a, b = store.read(one.sha, "blob"), store.read(other.sha, "blob")
    if not a or not b:
        return 0.0
    shared = Counter(a.splitlines(keepends=True)) & Counter(b.splitlines(keepends=True))
    return sum(len(line) * count for line, count in shared.items()) / max(len(a), len(b))


def _change(
    store: ObjectStore,
    path: str,
    status: Status,
    before: Entry | None,
    after: Entry | None,
    patch_lines: int,
    previous_path: str | None = None,
) -> FileChange:
    old, new = _content(store, before), _content(store, after)
    kept = after or before
    sha = kept.sha if kept is not None else ""
    if b"\0" in old or b"\0" in new:
        return FileChange(path, status, sha, 0, 0, None, previous_path)
    lines = list(_hunks(_lines(old), _lines(new)))
    additions = sum(line.startswith("+") for line in lines)
    deletions = sum(line.startswith("-") for line in lines)
    patch = "\n".join(lines) if 0 < len(lines) <= patch_lines else None
    return FileChange(path, status, sha, additions, deletions, patch, previous_path)


def _content(store: ObjectStore, entry: Entry | None) -> bytes:
    if entry is None:
        return b""
    if entry.mode == SUBMODULE:
        return f"Subproject commit {entry.sha}\n".encode()
    return store.read(entry.sha, "blob")


def _lines(data: bytes) -> list[str]:
    """Lines with their newline, split at line feeds only, as git does."""
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", "replace"))


def _hunks(old: list[str], new: list[str]) -> Iterator[str]:
    """Unified hunks with three lines of context, without file headers, as in the API's `patch`."""
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(3):
        (_, start_old, _, start_new, _), (_, _, end_old, _, end_new) = group[0], group[-1]
        yield f"@@ -{_range(start_old, end_old)} +{_range(start_new, end_new)} @@{_section(old, start_old)}"
        for tag, from_old, to_old, from_new, to_new in group:
            if tag == "equal":
                yield from _marked(" ", old[from_old:to_old])
                continue
            yield from _marked("-", old[from_old:to_old])
            yield from _marked("+", new[from_new:to_new])


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _section(old: list[str], start: int) -> str:
    """Git's function context: the nearest line above the hunk that starts with a letter, `_` or `$`."""
    for line in reversed(old[:start]):
        if re.match(r"[A-Za-z_$]", line):
            return f" {line.rstrip()[:80]}"
    return ""


def _marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"
