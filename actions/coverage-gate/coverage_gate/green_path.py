"""The cheapest path to green: which few places to cover, and how many of their lines, to meet a missed limit. Pure.

A place is a function, or a run of lines where the format names no functions. A place that a test already reaches needs
one more assertion or case (cost 1); one that nothing reaches needs a new test (cost 2). The places chosen have the
lowest total cost that is enough, which sorting both kinds by size finds exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

from coverage_gate.evidence import Evidence
from coverage_gate.finding import Finding
from coverage_gate.model import FileCoverage, Function, Lines, numbers_of, ranges_of

TESTS_NAMED = 3
STEPS = 50
"""More limits than this are never explained: nobody would read on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to write a test for: cover `wanted` of the `missing` lines, which are `lines`.

    `function` is "" for a run of lines outside any known function. `tests` reach covered lines of it already, those
    that reach most first. `reached` is True if any covered line says that a test gets there.
    """

    path: str
    function: str
    lines: Lines
    missing: int
    wanted: int
    reached: bool
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """How to meet one missed limit: `needed` more lines, in `places`."""

    rule: str
    subject: str
    needed: int
    places: tuple[Place, ...]

    @property
    def advice(self) -> str:
        lines = "1 more line" if self.needed == 1 else f"{self.needed} more lines"
        where = "1 place" if len(self.places) == 1 else f"{len(self.places)} places"
        return f"{self.subject}: cover {lines}, in {where}"


def steps(findings: Iterable[Finding], evidence: Evidence) -> tuple[Step, ...]:
    """The cheapest way out of the missed line limits, in the order of the findings, of the first STEPS of them."""
    missed = [finding for finding in findings if finding.missing][:STEPS]
    return tuple(step for finding in missed if (step := _step(finding, evidence)) is not None)


def cheapest(places: Sequence[Place], wanted: int) -> tuple[Place, ...]:
    """The places of lowest total cost that have `wanted` missing lines together (all, if there are fewer).

    The last and smallest of them is asked only for what is left. Costs n log n.
    """
    if wanted <= 0:
        return ()
    reached = sorted((place for place in places if place.reached), key=_largest_first)
    unreached = sorted((place for place in places if not place.reached), key=_largest_first)
    sums = [0, *accumulate(place.missing for place in unreached)]
    best: tuple[int, int, int] | None = None
    have = 0
    for taken in range(len(reached) + 1):
        if taken:
            have += reached[taken - 1].missing
        more = bisect_left(sums, wanted - have)
        if more < len(sums):
            cost = (taken + 2 * more, taken + more, more)
            best = cost if best is None else min(best, cost)
        if have >= wanted:
            break
    if best is None:
        return (*reached, *unreached)
    chosen = [*reached[: best[1] - best[2]], *unreached[: best[2]]]
    return tuple(_asked(chosen, wanted))


def places_of(file: FileCoverage, missing: Lines) -> tuple[Place, ...]:
    """The missing lines of a file by the innermost function they lie in, else by runs that no covered line parts."""
    places: list[Place] = []
    left = missing
    for region, lines in _by_function(file.functions, missing):
        left &= ~lines
        inside = region.covered_in(file)
        tests = _tests(file, inside)
        # The line of a `def` runs when the module is imported; only what lies below says that the function ran.
        ran = bool(tests) if file.contexts else bool(inside & ~(1 << region.first))
        places.append(Place(file.path, region.name, lines, lines.bit_count(), 0, ran, tests))
    for lines, neighbours in _runs(file, left):
        tests = _tests(file, neighbours)
        ran = bool(tests) if file.contexts else bool(neighbours)
        places.append(Place(file.path, "", lines, lines.bit_count(), 0, ran, tests))
    return tuple(places)


class _Region(NamedTuple):
    """A function and the lines that belong to it and to none inside it."""

    name: str
    first: int
    own: Lines

    def covered_in(self, file: FileCoverage) -> Lines:
        return file.covered & self.own


def _step(finding: Finding, evidence: Evidence) -> Step | None:
    files = evidence.overall.files
    places = [
        place for path, lines in finding.missing.items() if path in files for place in places_of(files[path], lines)
    ]
    chosen = cheapest(places, finding.shortfall)
    return Step(finding.rule, finding.subject, finding.shortfall, chosen) if chosen else None


def _largest_first(place: Place) -> tuple[int, str, int]:
    return -place.missing, place.path, place.lines


def _asked(chosen: Sequence[Place], wanted: int) -> Iterator[Place]:
    left = wanted
    for place in sorted(chosen, key=_largest_first):
        asked = min(place.missing, left)
        left -= asked
        if asked:
            yield replace(place, wanted=asked)


def _by_function(functions: Sequence[Function], missing: Lines) -> Iterator[tuple[_Region, Lines]]:
    """Every function that has missing lines of its own, and those lines."""
    if not functions or not missing:
        return
    top = missing.bit_length()
    taken: Lines = 0
    # The innermost function is the one that starts last, so going backwards each takes what is left of its range.
    ordered = sorted(set(functions), key=lambda here: (here.first, -(here.last or top)))
    following = top + 1
    for function in reversed(ordered):
        last = function.last or following - 1
        following = min(following, function.first)
        own = _span(function.first, last) & ~taken
        taken |= own
        lines = own & missing
        if lines:
            yield _Region(function.name, function.first, own), lines


def _span(first: int, last: int) -> Lines:
    return (1 << last + 1) - (1 << first) if 0 < first <= last else 0


def _runs(file: FileCoverage, missing: Lines) -> Iterator[tuple[Lines, Lines]]:
    """Missing lines in runs that only lines without code part, and the covered lines next to each run."""
    others = file.lines & ~missing
    ranges = ranges_of(missing)
    at = 0
    while at < len(ranges):
        first, last = ranges[at]
        at += 1
        while at < len(ranges) and not others & _span(last + 1, ranges[at][0] - 1):
            last = ranges[at][1]
            at += 1
        neighbours = _neighbours(file, first, last)
        yield missing & _span(first, last), neighbours


def _neighbours(file: FileCoverage, first: int, last: int) -> Lines:
    """The executable lines right before and after, if they are covered."""
    below = file.lines & ((1 << first) - 1)
    before = 1 << below.bit_length() - 1 if below else 0
    above = file.lines >> last + 1
    after = (above & -above) << last + 1
    return (before | after) & file.covered


def _tests(file: FileCoverage, lines: Lines) -> tuple[str, ...]:
    """The tests that reach most of the lines, by coverage contexts; pytest-cov adds `|run` and the like to a name."""
    reached: Counter[str] = Counter()
    for number in numbers_of(lines) if file.contexts else ():
        reached.update({name.partition("|")[0] for name in file.contexts.get(number, ())} - {""})
    ranked = sorted(reached.items(), key=lambda one: (-one[1], one[0]))
    return tuple(name for name, _ in ranked[:TESTS_NAMED])
