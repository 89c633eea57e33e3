"""Git's object model in memory: blobs, trees, commits, with the hashes that git gives them. No I/O.

Object encodings follow git's own documentation ("Git Internals - Git Objects"); `import_git` and the tests hold the
hashes against a real git.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple

Kind = Literal["blob", "tree", "commit", "tag"]

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

FILE, EXECUTABLE, SYMLINK, FOLDER, SUBMODULE = "100644", "100755", "120000", "040000", "160000"


class Entry(NamedTuple):
    """One line of a tree: an octal mode of six digits and the SHA-1 of what it names."""

    mode: str
    sha: str

    @property
    def kind(self) -> Kind:
        if self.mode == FOLDER:
            return "tree"
        return "commit" if self.mode == SUBMODULE else "blob"


@dataclass(frozen=True)
class Signature:
    """Who wrote or committed, and when (an aware datetime; git keeps whole seconds and the offset)."""

    name: str
    email: str
    when: datetime

    def encode(self) -> str:
        offset = self.when.utcoffset() or timedelta()
        minutes = int(offset.total_seconds()) // 60
        sign = "-" if minutes < 0 else "+"
        zone = f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
        return f"{self.name} <{self.email}> {int(self.when.timestamp())} {zone}"

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Raises ValueError for a line that no git writes."""
        match = re.fullmatch(r"(.*?) ?<(.*?)> (-?\d+) ([+-])(\d\d)(\d\d)", text)
        if match is None:
            raise ValueError(f"not a git signature: {text!r}")
        name, email, seconds, sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        zone = UTC if not offset else timezone(offset)
        return cls(name, email, datetime.fromtimestamp(int(seconds), zone))


@dataclass(frozen=True)
class Commit:
    """A commit as its object says it, with its own hash."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass
class ObjectStore:
    """Every object of a repository and its forks (on GitHub too, a fork network shares its objects)."""

    _objects: dict[str, tuple[Kind, bytes]] = field(default_factory=dict)

    def add(self, kind: Kind, data: bytes) -> str:
        """Keep an object and return its SHA-1; adding it again changes nothing."""
        sha = hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data, usedforsecurity=False).hexdigest()
        self._objects.setdefault(sha, (kind, data))
        return sha

    def has(self, sha: str, kind: Kind | None = None) -> bool:
        found = self._objects.get(sha)
        return found is not None and (kind is None or found[0] == kind)

    def kind(self, sha: str) -> Kind:
        """Raises KeyError for an unknown object."""
        return self._objects[sha][0]

    def read(self, sha: str, kind: Kind) -> bytes:
        """Raises KeyError when there is no such object of that kind."""
        if not self.has(sha, kind):
            raise KeyError(sha)
        return self._objects[sha][1]

    def starting_with(self, prefix: str, kind: Kind) -> list[str]:
        """The hashes of that kind which start with `prefix`, for abbreviated hashes."""
        return [sha for sha, (found, _) in self._objects.items() if found == kind and sha.startswith(prefix)]

    # Trees

    def tree(self, sha: str) -> dict[str, Entry]:
        """The entries of one tree, by name, in git's order. Raises KeyError for an unknown tree."""
        entries: dict[str, Entry] = {}
        data, at = self.read(sha, "tree"), 0
        while at < len(data):
            space = data.index(b" ", at)
            end = data.index(b"\0", space)
            name = data[space + 1 : end].decode("utf-8", "surrogateescape")
            entries[name] = Entry(data[at:space].decode().zfill(6), data[end + 1 : end + 21].hex())
            at = end + 21
        return entries

    def add_tree(self, entries: Mapping[str, Entry]) -> str:
        """Keep a tree of these names (no slashes in them)."""
        ordered = sorted(entries.items(), key=lambda item: _encoded(item[0]) + b"/" * (item[1].mode == FOLDER))
        return self.add(
            "tree",
            b"".join(
                b"%s %s\0" % (entry.mode.lstrip("0").encode(), _encoded(name)) + bytes.fromhex(entry.sha)
                for name, entry in ordered
            ),
        )

    def paths(self, sha: str, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """Every entry below a tree with its whole path, folders before their contents."""
        for name, entry in self.tree(sha).items():
            yield prefix + name, entry
            if entry.mode == FOLDER:
                yield from self.paths(entry.sha, f"{prefix}{name}/")

    def files(self, sha: str) -> dict[str, Entry]:
        """Path -> entry of everything below a tree that is not a folder."""
        return {path: entry for path, entry in self.paths(sha) if entry.mode != FOLDER}

    def find(self, tree: str, path: str) -> Entry | None:
        """The entry at a path below a tree; the tree itself for the empty path."""
        entry = Entry(FOLDER, tree)
        for name in (part for part in path.split("/") if part):
            inside = self.tree(entry.sha).get(name) if entry.mode == FOLDER else None
            if inside is None:
                return None
            entry = inside
        return entry

    def edit(self, tree: str, changes: Mapping[str, Entry | None]) -> str:
        """The tree after setting (or, for None, removing) these paths; emptied folders vanish as in git.

        Raises KeyError when a path to remove is not there.
        """
        here = dict(self.tree(tree))
        below: dict[str, dict[str, Entry | None]] = {}
        for path, entry in changes.items():
            name, _, rest = path.partition("/")
            if rest:
                below.setdefault(name, {})[rest] = entry
            elif entry is None:
                del here[name]
            else:
                here[name] = entry
        for name, inside in below.items():
            old = here.get(name)
            start = old.sha if old is not None and old.mode == FOLDER else self.add_tree({})
            edited = self.edit(start, inside)
            if edited == EMPTY_TREE:
                here.pop(name, None)
            else:
                here[name] = Entry(FOLDER, edited)
        return self.add_tree(here)

    # Commits

    def add_commit(
        self, *, tree: str, parents: Iterable[str], author: Signature, committer: Signature, message: str
    ) -> Commit:
        kept = tuple(parents)
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in kept)]
        lines += [f"author {author.encode()}", f"committer {committer.encode()}", "", message]
        sha = self.add("commit", "\n".join(lines).encode("utf-8", "surrogateescape"))
        return Commit(sha, tree, kept, author, committer, message)

    def commit(self, sha: str) -> Commit:
        """Raises KeyError when there is no such commit."""
        head, _, message = self.read(sha, "commit").decode("utf-8", "surrogateescape").partition("\n\n")
        fields: dict[str, list[str]] = {}
        for line in head.split("\n"):
            if not line.startswith(" "):  # the inside of a signature is folded with a leading space
                key, _, value = line.partition(" ")
                fields.setdefault(key, []).append(value)
        return Commit(
            sha=sha,
            tree=fields["tree"][0],
            parents=tuple(fields.get("parent", ())),
            author=Signature.parse(fields["author"][0]),
            committer=Signature.parse(fields["committer"][0]),
            message=message,
        )

    def ancestry(self, sha: str) -> dict[str, Commit]:
        """The commit and all its ancestors, breadth first."""
        seen: dict[str, Commit] = {}
        waiting = deque([sha])
        while waiting:
            current = waiting.popleft()
            if current not in seen:
                seen[current] = self.commit(current)
                waiting.extend(seen[current].parents)
        return seen

    def history(self, sha: str) -> list[Commit]:
        """The commit and its ancestors: newest first, and no parent before all of its children."""
        found = self.ancestry(sha)
        children = Counter(parent for commit in found.values() for parent in commit.parents)
        ready, ordered = [found[sha]], []
        while ready:
            commit = max(ready, key=lambda one: one.committer.when)
            ready.remove(commit)
            ordered.append(commit)
            for parent in commit.parents:
                children[parent] -= 1
                if children[parent] == 0:
                    ready.append(found[parent])
        return ordered

    def is_ancestor(self, old: str, new: str) -> bool:
        return old in self.ancestry(new)

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor (the first of them by date, when several are best), None for unrelated histories."""
        first = self.ancestry(one)
        common = {sha: commit for sha, commit in self.ancestry(other).items() if sha in first}
        beneath = {parent for commit in common.values() for parent in commit.parents}
        best = [commit for sha, commit in common.items() if sha not in beneath]
        if not best:
            return None
        return max(best, key=lambda commit: (commit.committer.when, commit.sha)).sha


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
