"""What was changed so that GitHub takes a SARIF log: each kind of change once, with its count and first place."""

from __future__ import annotations

from collections.abc import Iterator

from actionkit.untrusted import one_line, shortened

PLACE_LENGTH = 120


class Repairs:
    """The changes in the order of their first time. Places may be text of others; they are cut to one short line."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._places: dict[str, str] = {}

    def add(self, what: str, place: str = "", count: int = 1) -> None:
        """`count` more changes of the kind `what`, a clause that says what was done and why."""
        if what not in self._counts:
            self._places[what] = shortened(one_line(place), PLACE_LENGTH)
        self._counts[what] = self._counts.get(what, 0) + count

    def items(self) -> Iterator[tuple[str, str, int]]:
        """Each kind with its first place and its count."""
        for what, count in self._counts.items():
            yield what, self._places[what], count

    def texts(self) -> tuple[str, ...]:
        return tuple(f"{what}{_where(count, self._places[what])}" for what, count in self._counts.items())


def _where(count: int, place: str) -> str:
    if count == 1:
        return f" ({place})" if place else ""
    return f" ({count:,} times{f', first: {place}' if place else ''})"
