"""Which paths a list of globs in the policy speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from actionkit import globs
from actionkit.globs import Pattern


@dataclass(frozen=True, slots=True)
class Scope:
    """Path globs (`actionkit.globs`), matched against whole paths; `!glob` leaves out what earlier ones took in.

    A pattern without a wildcard that names a folder takes in everything below it.
    """

    patterns: tuple[Pattern, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Scope:
        """Raises InputError for a malformed glob."""
        return cls(tuple(globs.parse(text) for text in texts))

    def __contains__(self, path: str) -> bool:
        for pattern in reversed(self.patterns):
            if pattern.covers(path) if pattern.excludes else _names(pattern, path):
                return not pattern.excludes
        return False

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def __str__(self) -> str:
        return ", ".join(f"`{pattern.text}`" for pattern in self.patterns)


def _names(pattern: Pattern, path: str) -> bool:
    literal = pattern.literal
    if literal:
        return path == literal or path.startswith(f"{literal}/")
    return pattern.matches(path)
