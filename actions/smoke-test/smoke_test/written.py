"""A plan as it was written: where in its file a word stands, and messages that say so. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from actionkit.errors import Complaint
from actionkit.outcome import Problem, Severity
from smoke_test.model import Place

CHECKS = "checks"
"""The path of a Place in the input `checks`, which is no file."""


@dataclass(frozen=True, slots=True)
class Source:
    """The lines of a plan file; none where the plan is not of a file."""

    path: str = ""
    lines: tuple[str, ...] = ()

    @property
    def top(self) -> Place:
        """The beginning of the file."""
        return Place(self.path, 1 if self.lines else None)

    def use_of(self, variable: str, place: Place) -> Place:
        """Where `{{variable}}` stands: from `place` on, or else anywhere in the file; `place` if nowhere."""
        return self.first(_use(variable).search, place)

    def uses(self, variable: str) -> bool:
        """Whether `{{variable}}` stands anywhere in the file."""
        return any(map(_use(variable).search, self.lines))

    def key(self, name: str, place: Place) -> Place:
        """Where the key `name` stands, in the same way."""
        return self.first(re.compile(rf"""(?<![\w-])["']?{re.escape(name)}["']?\s*:""").search, place)

    def first(self, fits: Callable[[str], object], place: Place) -> Place:
        """The first line that fits from `place` on, or else of the file; `place` where there is none."""
        if place.path != self.path:
            return place
        start = (place.line or 1) - 1
        for at in (*range(start, len(self.lines)), *range(min(start, len(self.lines)))):
            if fits(self.lines[at]):
                return Place(self.path, at + 1)
        return place


def _use(variable: str) -> re.Pattern[str]:
    return re.compile(r"\{\{\s*" + re.escape(variable) + r"\s*\}\}")


def complaint(place: Place, message: str, fix: str) -> Complaint:
    """What is wrong at `place`; a line of the input `checks` is named in words."""
    if place.path == CHECKS:
        return Complaint(f"input `{CHECKS}`, line {place.line}: {message}", fix)
    return Complaint(message, fix, place.path, place.line)


def note(place: Place, message: str, fix: str = "", severity: Severity = Severity.NOTICE) -> Problem:
    """What should be looked at there, though the plan can be run."""
    told = complaint(place, message, fix)
    return Problem(told.message, told.fix, told.path, told.line, severity)
