"""The references of one repository, and what a reader is told of them while a write is still spreading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class _Stale:
    sha: str | None
    reads: int


@dataclass
class Refs:
    """Full names (`refs/heads/main`) to hashes. Writers always see the newest value; readers may lag."""

    _current: dict[str, str] = field(default_factory=dict)
    _stale: dict[str, _Stale] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """The newest value."""
        return self._current.get(name)

    def names(self) -> list[str]:
        return sorted(self._current)

    def put(self, name: str, sha: str, *, unseen_for: int = 0) -> None:
        """Create or move a reference; its next `unseen_for` readers are told what was there before."""
        if unseen_for:
            self._stale[name] = _Stale(self._current.get(name), unseen_for)
        self._current[name] = sha

    def remove(self, name: str) -> None:
        """Raises KeyError for an unknown reference."""
        del self._current[name]
        self._stale.pop(name, None)

    def seen(self, name: str) -> str | None:
        """What a reader of this reference is told now; counts as one read of it."""
        stale = self._stale.get(name)
        if stale is None:
            return self.get(name)
        stale.reads -= 1
        if stale.reads == 0:
            del self._stale[name]
        return stale.sha

    def seen_under(self, prefix: str) -> Iterator[tuple[str, str]]:
        """What a reader is told of all references that start with `prefix`, sorted by name."""
        for name in self.names():
            if name.startswith(prefix):
                sha = self.seen(name)
                if sha is not None:
                    yield name, sha
