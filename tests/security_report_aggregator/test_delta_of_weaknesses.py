"""What a change did: new, published since the base, worse, fixed, or not looked for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.finding_made import advisory, code, merged

from security_report_aggregator.delta import compare
from security_report_aggregator.evidence import Baseline, Delta, Known
from security_report_aggregator.model import Category, Level, State, Weakness

RECORDED = datetime(2024, 5, 1, tzinfo=UTC)
SHA = "a" * 40


def base(*known: Known) -> Baseline:
    return Baseline(SHA, RECORDED.timestamp(), {one.id: one for one in known})


def known(row: Weakness, level: Level | None = None, tools: tuple[str, ...] | None = None) -> Known:
    return Known(row.id, row.category, level or row.rated.level, tools or row.tools)


def against(baseline: Baseline, *rows: Weakness, tools: tuple[str, ...] = (), was_there: bool = False) -> Delta:
    return compare(baseline, rows, complete_tools=Counter(tools), was_there=lambda weakness: was_there)


def test_what_the_base_does_not_know_is_new() -> None:
    (row,) = merged(code("bandit", "B608", "a.py", 1))
    delta = against(base(), row)
    assert delta == Delta(new=frozenset({row.id}))
    assert delta.state(row) is State.NEW


def test_what_the_base_knows_is_nothing_new() -> None:
    (row,) = merged(code("bandit", "B608", "a.py", 1))
    delta = against(base(known(row)), row)
    assert delta == Delta()
    assert delta.state(row) is State.ACTIVE


def test_an_advisory_that_appeared_since_blames_nobody_if_the_package_was_there() -> None:
    (later,) = merged(advisory("trivy", "CVE-2024-1", published=datetime(2024, 5, 2, tzinfo=UTC)))
    (earlier,) = merged(advisory("trivy", "CVE-2024-1", published=datetime(2024, 4, 1, tzinfo=UTC)))
    (undated,) = merged(advisory("trivy", "CVE-2024-1"))
    assert against(base(), later, was_there=True) == Delta(published=frozenset({later.id}))
    for row, was_there in ((later, False), (earlier, True), (undated, True)):
        assert against(base(), row, was_there=was_there) == Delta(new=frozenset({row.id}))


def test_the_manifest_of_the_base_is_asked_only_of_what_appeared_since() -> None:
    rows = merged(code("bandit", "B608", "a.py", 1), advisory("trivy", "CVE-2024-1"))

    def fail(weakness: Weakness) -> bool:
        raise AssertionError(weakness.id)

    assert len(compare(base(), rows, complete_tools={}, was_there=fail).new) == 2


def test_a_higher_severity_is_worse_but_one_that_becomes_known_is_not() -> None:
    (row,) = merged(advisory("trivy", "CVE-2024-1", level=Level.HIGH))
    assert against(base(known(row, Level.MEDIUM)), row).worse == {row.id: Level.MEDIUM}
    assert not against(base(known(row, Level.UNKNOWN)), row).worse
    assert not against(base(known(row, Level.CRITICAL)), row).worse


def test_what_is_gone_is_fixed_only_if_a_scanner_that_reported_it_ran_completely() -> None:
    gone = Known("1" * 24, Category.CODE, Level.HIGH, ("bandit", "semgrep"))
    assert against(base(gone), tools=("semgrep",)) == Delta(fixed=(gone,))
    assert against(base(gone), tools=("trivy",)) == Delta(unknown=(gone,))
    assert against(base(gone)) == Delta(unknown=(gone,))


def test_a_scanner_that_handed_in_less_than_before_has_fixed_nothing() -> None:
    gone = Known("1" * 24, Category.CODE, Level.HIGH, ("bandit",))
    both = Baseline(SHA, RECORDED.timestamp(), {gone.id: gone}, {"bandit": 2, "zap": 1})
    assert against(both, tools=("bandit", "bandit", "new")) == Delta(fixed=(gone,))
    assert against(both, tools=("bandit", "zap")) == Delta(unknown=(gone,), fewer={"bandit": (2, 1)})
    assert against(both, tools=("zap",)) == Delta(unknown=(gone,))


def test_the_worst_of_what_is_gone_comes_first() -> None:
    low = Known("1" * 24, Category.CODE, Level.LOW, ("bandit",))
    high = Known("2" * 24, Category.CODE, Level.HIGH, ("bandit",))
    assert against(base(low, high), tools=("bandit",)).fixed == (high, low)


ROWS = merged(*(code("bandit", f"r{number}", "a.py", number + 1) for number in range(6)))


@settings(max_examples=80)
@given(
    st.sets(st.sampled_from(range(6))), st.sets(st.sampled_from(range(6))), st.sets(st.sampled_from(["bandit", "x"]))
)
def test_every_weakness_is_counted_once(before: set[int], after: set[int], tools: set[str]) -> None:
    baseline = base(*(known(ROWS[number]) for number in before))
    delta = against(baseline, *(ROWS[number] for number in after), tools=tuple(tools))
    assert delta.new == {ROWS[number].id for number in after - before}
    assert {one.id for one in (*delta.fixed, *delta.unknown)} == {ROWS[number].id for number in before - after}
    assert bool(delta.unknown) == bool(before - after and "bandit" not in tools)
