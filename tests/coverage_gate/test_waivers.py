"""Waivers: they excuse until the end of a day, then expire loudly, and are told when they excuse nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from actionkit.origin import Origin
from actionkit.outcome import Problem, Severity
from actionkit.scope import Scope
from coverage_gate.waivers import LONGEST, Waiver, review, waiver_of

TODAY = date(2026, 11, 21)


def waiver(until: date = TODAY, *paths: str) -> Waiver:
    return Waiver(Scope.of(paths or ["src/legacy/**"]), until, "being replaced", Origin("waivers[0]", "c.yml", 7))


def told(*waivers: Waiver) -> tuple[Problem, ...]:
    return review(waivers, {"src/legacy/a.py"}, TODAY)


@pytest.mark.parametrize(("day", "counts"), [(0, True), (1, True), (-1, False)])
def test_the_last_day_is_included(day: int, counts: bool) -> None:
    found = waiver_of("src/legacy/a.py", [waiver(TODAY + timedelta(days=day))], TODAY)
    assert (found is not None) is counts


def test_a_waiver_excuses_only_its_paths() -> None:
    assert waiver_of("src/cart.py", [waiver()], TODAY) is None


def test_an_expired_waiver_is_told_with_its_place_and_day() -> None:
    (problem,) = told(waiver(TODAY - timedelta(days=1)))
    assert (problem.path, problem.line, problem.severity) == ("c.yml", 7, Severity.WARNING)
    assert "expired after 2026-11-20" in problem.message
    assert "being replaced" in problem.message


def test_a_waiver_for_nothing_is_told() -> None:
    (problem,) = told(waiver(TODAY, "src/gone/**"))
    assert "matches no file" in problem.message


def test_a_waiver_for_more_than_a_year_is_told() -> None:
    assert told(waiver(TODAY + LONGEST)) == ()
    (problem,) = told(waiver(TODAY + LONGEST + timedelta(days=1)))
    assert "more than a year ahead" in problem.message
