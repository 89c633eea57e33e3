"""Counts what was odd about the results of a run, so that a thousand odd results make one line."""

from __future__ import annotations

EXAMPLE_LIMIT = 120


class Tally:
    """How many results there were of each kind, with the first as an example; in the order of their first time."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}

    def add(self, what: str, example: str = "") -> None:
        """One more result that did `what`, a verb and what follows it: `name no rule`."""
        if what not in self._counts:
            self._examples[what] = clipped(example)
        self._counts[what] = self._counts.get(what, 0) + 1

    def texts(self) -> tuple[str, ...]:
        return tuple(
            f"results that {what}: {count}{f' (first: {found})' if (found := self._examples[what]) else ''}"
            for what, count in self._counts.items()
        )


def clipped(said: str, limit: int = EXAMPLE_LIMIT) -> str:
    """A text of a report on one line, cut to `limit` characters."""
    line = " ".join(said.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
