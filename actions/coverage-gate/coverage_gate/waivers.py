"""Waivers: paths that may fail a threshold until a day, with a reason. They expire by themselves, loudly."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from actionkit.origin import Origin
from actionkit.outcome import Problem, Severity
from actionkit.scope import Scope

LONGEST = timedelta(days=366)
"""A waiver further ahead than this is said: it is an exception that nobody will remember."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """`until` is the last day it counts."""

    scope: Scope
    until: date
    reason: str
    origin: Origin

    def active(self, today: date) -> bool:
        return today <= self.until


def waiver_of(path: str, waivers: Sequence[Waiver], today: date) -> Waiver | None:
    """The first active waiver for a path, if there is one."""
    return next((waiver for waiver in waivers if waiver.active(today) and path in waiver.scope), None)


def review(waivers: Sequence[Waiver], paths: Collection[str], today: date) -> tuple[Problem, ...]:
    """What is wrong with the waivers themselves: expired, useless (none of `paths` matches), or too far ahead."""
    return tuple(problem for waiver in waivers for problem in _review(waiver, paths, today))


def _review(waiver: Waiver, paths: Collection[str], today: date) -> Iterator[Problem]:
    what = f"the waiver {waiver.origin} for {waiver.scope}"
    if not waiver.active(today):
        yield _problem(
            waiver,
            f"{what} expired after {waiver.until.isoformat()} and no longer counts (its reason was: {waiver.reason})",
            "Cover those files and remove it, or set a later `until` with a reason that holds today.",
            title="Waiver expired",
        )
        return
    if not any(path in waiver.scope for path in paths):
        yield _problem(
            waiver,
            f"{what} matches no file in any report",
            "Remove it, or correct its `paths` (globs over whole paths, such as `src/legacy/**`).",
            title="Waiver without a file",
        )
    if waiver.until - today > LONGEST:
        yield _problem(
            waiver,
            f"{what} lasts until {waiver.until.isoformat()}, which is more than a year ahead",
            "Choose a nearer day; it can be prolonged then.",
            title="Waiver for a long time",
        )


def _problem(waiver: Waiver, message: str, fix: str, *, title: str) -> Problem:
    return Problem(message, fix, waiver.origin.path, waiver.origin.line, Severity.WARNING, title=title)
