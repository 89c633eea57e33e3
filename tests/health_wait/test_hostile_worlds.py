"""Worlds that would make a watch lie: mixtures behind a balancer, replicas that come and go, probes still out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from tests.health_wait.worlds import DOWN, NEW, OLD, UP, Says, Simulation, World, a_target, at_times, one, watched

from actionkit.web.model import Cause
from health_wait.model import Policy, Result
from health_wait.seen import Record

NAME = "https://shop.test/"
REPLICAS = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
A_MINUTE = Policy(deadline=60)


def in_turns(old: int, replicas: int, first: int) -> World:
    """A balancer that asks one replica after the other, some of them old for good."""
    turn = iter(range(first, 10**6))
    return lambda *_: OLD if next(turn) % replicas < old else NEW


def by_chance(old: int, replicas: int, seed: int) -> World:
    """One that asks any of them."""
    random = Random(seed)
    return lambda *_: OLD if random.randrange(replicas) < old else NEW


# -- behind a load balancer --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "replicas"), [(1, 2), (1, 4), (1, 8), (3, 8)])
def test_a_rollout_that_is_stuck_is_not_healthy_wherever_the_watch_begins(old: int, replicas: int) -> None:
    for first in range(replicas):
        _, judgement = one(in_turns(old, replicas, first), a_target(expects="1.5.0"), A_MINUTE)
        assert judgement.result is Result.WRONG_VERSION


def test_half_of_the_replicas_old_is_not_healthy_by_luck() -> None:
    lucky = 0
    for seed in range(60):
        _, judgement = one(by_chance(1, 2, seed), a_target(expects="1.5.0"), A_MINUTE)
        lucky += judgement.result is Result.HEALTHY
    assert lucky <= 2


def test_a_new_version_is_proven_by_ten_answers_in_little_more_than_a_period() -> None:
    record, judgement = one(at_times((0, NEW)), a_target(expects="1.5.0"))
    assert judgement.result is Result.HEALTHY
    assert judgement.targets[0].probes == 10
    assert record.ended < 5


def test_a_larger_threshold_than_ten_is_kept() -> None:
    _, judgement = one(at_times((0, NEW)), a_target(expects="1.5.0", success_threshold=12))
    assert judgement.targets[0].probes == 12


def test_a_census_needs_no_more_answers_than_its_threshold() -> None:
    simulation = Simulation({NAME: at_times((0, NEW))}, {NAME: lambda now: REPLICAS[:1]})
    record, judgement = watched(simulation, [a_target(expects="1.5.0", census=True)])
    assert judgement.targets[0].probes == 2
    assert record.ended < 2.3


# -- a census ----------------------------------------------------------------------------------------------------------


def a_census(old: str, names: Callable[[float], tuple[str, ...]]) -> tuple[Record, Result]:
    world: World = lambda now, replica: OLD if replica == old else NEW  # noqa: E731
    record, judgement = watched(Simulation({NAME: world}, {NAME: names}), [a_target(expects="1.5.0", census=True)])
    return record, judgement.result


def test_a_replica_that_is_missing_for_one_resolution_and_comes_back_old_still_counts() -> None:
    record, result = a_census("10.0.0.1", lambda now: REPLICAS[1:] if 9 < now < 11.5 else REPLICAS)
    assert result is Result.WRONG_VERSION
    assert record.ended > 290


def test_a_replica_that_is_gone_for_good_is_missed_for_one_resolution_only() -> None:
    record, result = a_census("10.0.0.1", lambda now: REPLICAS[1:] if now > 9 else REPLICAS)
    assert result is Result.HEALTHY
    assert 10 < record.ended < 14


def test_name_servers_that_give_out_some_addresses_at_a_time_do_not_hide_an_old_replica_long() -> None:
    turn = iter(range(10**6))

    def three_of_four(_: float) -> tuple[str, ...]:
        left_out = next(turn) // 2 % 4  # each answer twice in a row
        return tuple(replica for at, replica in enumerate(REPLICAS) if at != left_out)

    record, result = a_census(REPLICAS[3], three_of_four)
    assert result is not Result.HEALTHY
    assert record.ended > 290


# -- at the same time --------------------------------------------------------------------------------------------------


def test_a_target_that_hangs_when_the_last_one_comes_up_is_waited_for() -> None:
    hangs = replace(DOWN, cause=Cause.SILENT, took=5.0)
    worlds = {"a": at_times((0, UP), (10, hangs)), "b": at_times((0, DOWN), (12, UP))}
    _, judgement = watched(Simulation(worlds), [a_target("a"), a_target("b")], A_MINUTE)
    assert judgement.result is Result.TIMEOUT
    assert [judged.result for judged in judgement.targets] == [Result.TIMEOUT, Result.HEALTHY]


def test_slow_answers_of_several_targets_do_not_wait_for_each_other_for_ever() -> None:
    worlds = {name: at_times((0, replace(UP, took=took))) for name, took in (("a", 3.9), ("b", 4.3), ("c", 4.9))}
    record, judgement = watched(Simulation(worlds), [a_target(name) for name in worlds])
    assert judgement.result is Result.HEALTHY
    assert record.ended < 15


def test_a_bake_does_not_begin_while_a_probe_from_before_is_out() -> None:
    hangs = replace(DOWN, cause=Cause.SILENT, took=5.0)
    worlds = {"a": at_times((0, UP), (10, hangs), (15.5, UP)), "b": at_times((0, DOWN), (12, UP))}
    record, judgement = watched(Simulation(worlds), [a_target("a"), a_target("b")], Policy(bake_time=30))
    assert judgement.result is Result.HEALTHY
    assert record.baking_since is not None
    assert record.baking_since > 17


# -- pace and bake -----------------------------------------------------------------------------------------------------


def test_a_target_that_is_asked_too_often_is_not_asked_more_often_for_it() -> None:
    limited = Says(ok=False, status=429, reason="answers 429 Too Many Requests")
    simulation = Simulation({NAME: at_times((0, NEW), (1.2, limited), (20, NEW))})
    _, judgement = watched(simulation, [a_target(expects="1.5.0")])
    assert judgement.result is Result.HEALTHY
    starts = [at for at, _, _ in simulation.starts if at > 1.2]
    assert all(later - earlier > 1.79 for earlier, later in pairwise(starts))


@pytest.mark.parametrize("bake", [0.01, 0.1, 0.25])
def test_the_shortest_bake_has_a_probe(bake: float) -> None:
    record, judgement = one(at_times((0, UP)), policy=Policy(bake_time=bake))
    assert judgement.result is Result.HEALTHY
    assert judgement.targets[0].standing.tally.probes >= 1
    _, judgement = one(at_times((0, UP), (record.baking_since or 0, DOWN)), policy=Policy(bake_time=bake))
    assert judgement.result is Result.REGRESSED


def test_a_bake_ends_even_where_nobody_can_vouch_for_the_runner_any_more() -> None:
    for at in (0.0, 0.002, 0.005, 0.009, 0.0095, 0.011, 0.3):
        world = at_times((0, UP), (20, DOWN))
        record, judgement = one(world, policy=Policy(bake_time=60), control_fails=lambda now, at=at: now > 20 + at)
        assert judgement.result in (Result.REGRESSED, Result.INCONCLUSIVE)
        assert record.ended <= (record.baking_since or 0) + 60 + 5 + 1.1
