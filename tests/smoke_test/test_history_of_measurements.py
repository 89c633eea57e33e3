from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from smoke_test import history
from smoke_test.history import Entry, Reference
from smoke_test.model import Regression

NOW = 1_795_000_000.0
ENTRY = Entry("a" * 40, NOW, "smoke.yml", "pass", 100, 1, 120.5)

entries = st.builds(
    Entry,
    sha=st.integers(0, 2**160 - 1).map(lambda number: f"{number:040x}"),
    recorded_at=st.floats(0, 2e9),
    series=st.sampled_from(["smoke.yml", "other.yml"]),
    verdict=st.sampled_from(history.VERDICTS),
    requests=st.just(10),
    failed=st.integers(0, 10),
    p95_ms=st.none() | st.floats(0, 1e6),
)


def known(*changes: dict[str, Any]) -> list[Entry]:
    """Runs a day apart, the newest first, each with what `changes` says."""
    return [
        replace(ENTRY, sha=f"{day:040x}", recorded_at=NOW - (day + 1) * history.DAY, **change)
        for day, change in enumerate(changes)
    ]


def test_the_reference_is_the_median_of_the_passed_runs_in_the_window() -> None:
    there = known(*({"p95_ms": value} for value in (100.0, 9000.0, 110.0, 90.0, 120.0)))
    assert history.reference(there, "smoke.yml", NOW, 30 * history.DAY) == Reference(5, 110.0, Fraction(1, 100))


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "fail"},
        {"series": "other.yml"},
        {"requests": 0, "failed": 0},
        {"recorded_at": NOW - 40 * history.DAY},
    ],
    ids=lambda change: next(iter(change)),
)
def test_failed_runs_other_plans_empty_runs_and_old_ones_are_no_reference(change: dict[str, Any]) -> None:
    assert history.reference([replace(ENTRY, **change)], "smoke.yml", NOW, 30 * history.DAY) == Reference()


def test_a_slower_run_is_a_regression_just_above_the_limit_and_not_at_it() -> None:
    policy = Regression(p95=Fraction(1, 4))
    reference = Reference(3, 100.0, Fraction(0))
    (at,) = history.compare(policy, reference, 125.0, 0, 100)
    (above,) = history.compare(policy, reference, 125.1, 0, 100)
    assert (at.ok, at.limit) == (True, 125.0)
    assert not above.ok


def test_more_errors_are_a_regression_in_percentage_points() -> None:
    policy = Regression(error_rate=Fraction(1, 200))
    reference = Reference(3, None, Fraction(1, 100))
    (at,) = history.compare(policy, reference, None, 15, 1000)
    (above,) = history.compare(policy, reference, None, 16, 1000)
    assert (at.ok, at.value, at.limit, at.unit) == (True, 1.5, 1.5, "%")
    assert not above.ok


def test_what_one_side_does_not_have_is_not_compared() -> None:
    policy = Regression(p95=Fraction(1, 4), error_rate=Fraction(1, 200))
    assert history.compare(policy, Reference(), 100.0, 0, 100) == []
    assert history.compare(policy, Reference(1, 100.0, Fraction(0)), None, 0, 0) == []
    assert history.compare(policy, Reference(1, 0.0, None), 1.0, 0, 100) == []


@given(st.lists(entries, max_size=8), entries)
def test_a_history_is_read_as_it_was_written_and_an_entry_that_is_written_again_stands_once(
    there: list[Entry], new: Entry
) -> None:
    once = history.with_entry(there, new)
    assert history.load(history.dump(once)) == once
    assert history.with_entry(once, new) == once
    assert list(once) == sorted(once, key=lambda entry: -entry.recorded_at)


def test_a_run_that_fails_takes_no_earlier_run_of_its_commit_with_it() -> None:
    hourly = [replace(ENTRY, recorded_at=NOW - hour * 3600, p95_ms=100.0 + hour) for hour in (3, 2, 1)]
    there = history.with_entry(hourly, replace(ENTRY, verdict="fail", p95_ms=9000.0))
    assert len(there) == 4
    assert history.reference(there, "smoke.yml", NOW, 30 * history.DAY).p95_ms == 102.0


def test_only_the_newest_entries_are_kept() -> None:
    assert history.with_entry(known({}, {}, {}), ENTRY, keep=2) == (ENTRY, *known({}))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ({"sha": "main"}, "names no commit"),
        ({"verdict": "great"}, "a verdict nobody knows"),
        ({"failed": 101}, "a count belongs"),
        ({"p95_ms": "fast"}, "a time belongs"),
        ({"series": 1}, "a text belongs"),
        ({"recorded_at": -1}, "a time belongs"),
    ],
)
def test_a_history_that_says_what_cannot_be_is_refused(damage: dict[str, Any], why: str) -> None:
    document = json.loads(history.dump([ENTRY]))
    document["entries"][0] |= damage
    with pytest.raises(Unreadable, match=why):
        history.load(json.dumps(document).encode())


def test_the_entry_in_another_outcome_is_found_or_the_outcome_is_named() -> None:
    assert history.entry_of({"record": history.fields(ENTRY)}, "last/outcome.json") == ENTRY
    assert history.entry_of({"record": {**history.fields(ENTRY), "sha": ""}}, "last/outcome.json").sha == ""
    with pytest.raises(Unreadable, match=r"last/outcome\.json: holds no measurement"):
        history.entry_of({}, "last/outcome.json")
