"""What holds for every watch, whatever the targets answer and whenever the runner stands still."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.health_wait.worlds import BAD_GATEWAY, DOWN, NEW, NOON, OLD, Says, Simulation, a_target, at_times, watched

from health_wait import bake, distrust, downtime, standing
from health_wait.model import Gap, Policy, Probe, Result
from health_wait.seen import Resolved, Seen, probes_of
from health_wait.verdict import WORST_FIRST, judge, worst

answers = st.sampled_from([NEW, NEW, NEW, OLD, DOWN, BAD_GATEWAY, replace(NEW, took=1.0), replace(DOWN, took=5.0)])
scripts = st.lists(st.tuples(st.floats(0, 60), answers), max_size=8).map(
    lambda changes: at_times((0, DOWN), *sorted(changes, key=lambda change: change[0]))
)
policies = st.builds(
    Policy,
    deadline=st.floats(5, 60),
    bake_time=st.sampled_from([0.0, 0.5, 20.0]),
    failure_limit=st.sampled_from([0, 2, None]),
    consecutive_failure_limit=st.sampled_from([None, 1]),
)
freezes = st.lists(st.tuples(st.floats(0, 60), st.floats(0.1, 30)), max_size=2).map(
    lambda spans: [(start, start + length) for start, length in spans]
)
settings_of_targets = st.fixed_dictionaries(
    {
        "success_threshold": st.integers(1, 4),
        "failure_threshold": st.sampled_from([None, None, 3]),
        "period": st.sampled_from([0.3, 1.0, 2.0]),
        "expects": st.sampled_from(["", "1.5.0"]),
        "census": st.booleans(),
    }
)


@settings(max_examples=80)
@given(script=scripts, policy=policies, frozen=freezes, given=settings_of_targets)
def test_no_watch_claims_more_than_it_saw(
    script: Any, policy: Policy, frozen: list[tuple[float, float]], given: dict[str, Any]
) -> None:
    simulation = Simulation({"x": script}, {"x": lambda now: ("a", "b") if now < 20 else ("b", "c")}, frozen)
    target = a_target("x", **given)
    record, judgement = watched(simulation, [target], policy)
    (judged,) = judgement.targets
    seen = record.seen()
    if judged.result is Result.HEALTHY:
        assert judged.probes >= target.success_threshold
        for replica in judged.standing.streaks:
            before = [
                probe
                for probe in probes_of(judged.events)
                if probe.replica == replica and (seen.baking_since is None or probe.ended <= seen.baking_since)
            ]
            if seen.baking_since is None:
                assert all(probe.ok for probe in before[-target.success_threshold :])
                assert len(before) >= target.success_threshold
        if policy.bake_time:
            assert judged.standing.tally.probes >= 1
            assert record.ended >= (seen.baking_since or math.inf) + policy.bake_time
            assert not bake.violated(judged.standing.tally, policy)
    if judged.result is Result.REGRESSED:
        tally = judged.standing.tally
        limit = math.inf if policy.failure_limit is None else policy.failure_limit
        in_a_row = math.inf if policy.consecutive_failure_limit is None else policy.consecutive_failure_limit
        assert tally.failed > limit or tally.worst_run > in_a_row
    served = judged.standing.served_at
    watched_for = 0.0 if served is None else record.ended - served
    assert 0 <= judged.downtime <= watched_for + 1e-9
    assert all(one.end is not None and one.end <= other.start for one, other in pairwise(judged.gaps))
    assert judged.availability is None or 0 <= judged.availability <= 1
    out = max((end for start, end in frozen), default=0.0)
    latest = policy.deadline + policy.bake_time + target.timeout + 1.0 + 0.1
    assert record.ended <= max(latest, out + target.timeout + 1.1)
    assert judge(seen) == judgement


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0.1, 5), st.sampled_from([NEW, OLD, DOWN])), max_size=40), st.integers(1, 5))
def test_healthy_is_nothing_but_the_last_answers(steps: list[tuple[float, Says]], threshold: int) -> None:
    target, time, probes = a_target(success_threshold=threshold), 0.0, []
    for step, says in steps:
        time += step
        probes.append(says.probe(time, time))
    stands = standing.stand(target, probes)
    tail = [probe.ok for probe in probes[-threshold:]]
    assert standing.healthy(target, stands) == (len(tail) == threshold and all(tail))


def test_without_a_probe_nothing_is_healthy() -> None:
    for policy in (Policy(), Policy(bake_time=1)):
        for since in (None, 0.0):
            seen = Seen((a_target(),), policy, NOON, ((),), (), 500.0, since)
            assert judge(seen).result is Result.INCONCLUSIVE


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.floats(0.01, 3), st.sampled_from(["", "a", "b"]), st.sampled_from([NEW, OLD, DOWN]))),
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from([("a",), ("b",), ("a", "b"), ()])), max_size=4),
)
def test_gaps_are_disjoint_and_ordered(
    steps: list[tuple[float, str, Says]], resolutions: list[tuple[float, tuple[str, ...]]]
) -> None:
    time = 0.0
    events: list[Probe | Resolved] = [Resolved(at, names) for at, names in resolutions]
    for step, replica, says in steps:
        time += step
        events.append(says.probe(time, time, replica))
    found = downtime.gaps(events)
    assert all(gap.end is not None and gap.start < gap.end for gap in found[:-1])
    assert all((one.end or 0) <= other.start for one, other in pairwise(found))
    assert downtime.together([found, found], time) == downtime.together([found], time)


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 10)), max_size=10))
def test_merged_spans_cover_the_same_time(spans: list[tuple[float, float]]) -> None:
    given = [distrust.Span(start, start + length) for start, length in spans]
    merged = distrust.merged(given)
    assert all(one.end < other.start for one, other in pairwise(merged))
    for span in given:
        assert any(one.start <= span.start and span.end <= one.end for one in merged)


def test_two_targets_down_at_once_are_down_once() -> None:
    several = [(Gap(0, 4, ""), Gap(10, None, "")), (Gap(2, 6, ""), Gap(3, 5, ""))]
    assert downtime.together(several, 12) == 8


def test_the_worst_result_wins() -> None:
    for at, result in enumerate(WORST_FIRST):
        assert worst(WORST_FIRST[at:][::-1]) is result
