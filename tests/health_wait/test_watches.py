"""Whole watches in simulated time: rollouts, gaps, bakes, limits, and a runner that is not to be trusted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from tests.health_wait.worlds import (
    BAD_GATEWAY,
    DOWN,
    NEW,
    NOON,
    OLD,
    UP,
    Says,
    Simulation,
    World,
    a_target,
    at_times,
    one,
    watched,
)

from actionkit.errors import Interrupted
from actionkit.outcome import Verdict
from actionkit.web.model import Cause, Phase
from health_wait import downtime
from health_wait.model import Policy, Result
from health_wait.seen import Record, Resolved, probes_of
from health_wait.verdict import judge
from health_wait.watch import watch

REPLICAS = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
NAME = "https://shop.test/"


def rolling(first: float, each: float) -> World:
    """A rolling deploy: one replica after another serves the new version."""
    return lambda now, replica: NEW if now >= first + each * REPLICAS.index(replica) else OLD


def balanced(first: float, each: float, replicas: int = 4) -> World:
    """The same behind a load balancer that sends each connection to the next replica."""
    sent = iter(range(10**6))
    return lambda now, _: NEW if now >= first + each * (next(sent) % replicas) else OLD


def anything(world: World) -> World:
    """What a target without an expected version makes of the same answers."""

    def says(now: float, replica: str) -> Says:
        found = world(now, replica)
        return replace(found, ok=found.serving or found.ok)

    return says


# -- becoming healthy --------------------------------------------------------------------------------------------------


def test_a_target_that_answers_is_healthy_after_two_good_probes() -> None:
    record, judgement = one(at_times((0, UP)))
    assert (judgement.result, judgement.verdict) == (Result.HEALTHY, Verdict.PASS)
    (judged,) = judgement.targets
    assert judged.probes == 2
    assert 1.8 <= record.ended <= 2.3
    assert judged.standing.detected_in == pytest.approx(record.ended, abs=0.02)


def test_time_to_detect_counts_from_the_first_good_answer() -> None:
    _, judgement = one(at_times((0, DOWN), (31, UP)), a_target(success_threshold=1))
    assert judgement.targets[0].standing.detected_in == pytest.approx(0.01)


def test_one_failure_starts_the_count_again() -> None:
    script = iter([UP, UP, DOWN, UP, UP, UP])
    _, judgement = one(lambda *_: next(script), a_target(success_threshold=3))
    assert judgement.targets[0].probes == 6


def test_all_targets_must_be_healthy_at_the_same_time() -> None:
    worlds = {"a": at_times((0, UP), (9, DOWN), (40, UP)), "b": at_times((0, DOWN), (20, UP))}
    simulation = Simulation(worlds)
    record, judgement = watched(simulation, [a_target("a"), a_target("b")])
    assert judgement.result is Result.HEALTHY
    assert record.ended > 40
    first, second = judgement.targets
    assert (first.standing.healthy_at or 0) < 3
    assert 20 < (second.standing.healthy_at or 0) < 25


def test_the_initial_delay_is_waited_for() -> None:
    simulation = Simulation({NAME: at_times((0, UP))})
    watched(simulation, [a_target(initial_delay=15.0, success_threshold=1)])
    assert simulation.starts[0][0] == 15.0


def test_a_target_that_never_comes_up_times_out_at_the_deadline() -> None:
    record, judgement = one(at_times((0, DOWN)), policy=Policy(deadline=60))
    assert (judgement.result, judgement.verdict) == (Result.TIMEOUT, Verdict.FAIL)
    assert 57 < record.ended <= 60
    assert judgement.targets[0].availability is None


def test_a_watch_ends_when_the_rest_of_the_time_is_too_short() -> None:
    record, judgement = one(at_times((0, DOWN)), a_target(success_threshold=10), Policy(deadline=60))
    assert judgement.result is Result.TIMEOUT
    assert 42 < record.ended < 46


def test_a_target_is_given_up_at_its_failure_threshold() -> None:
    record, judgement = one(at_times((0, DOWN)), a_target(failure_threshold=5))
    assert judgement.result is Result.TIMEOUT
    assert judgement.targets[0].probes == 5
    assert record.ended < 10


def test_a_failure_that_waiting_cannot_mend_ends_the_watch_at_once() -> None:
    forbidden = Says(ok=False, status=None, cause=Cause.FORBIDDEN_ADDRESS, reason="169.254.169.254", hard=True)
    worlds = {"bad": at_times((0, forbidden)), "good": at_times((0, UP))}
    record, judgement = watched(Simulation(worlds), [a_target("bad"), a_target("good")])
    assert (judgement.result, judgement.verdict) == (Result.MISCONFIGURED, Verdict.ERROR)
    assert [judged.result for judged in judgement.targets] == [Result.MISCONFIGURED, Result.INCONCLUSIVE]
    assert record.ended < 0.1


def test_no_target_at_all_is_no_success() -> None:
    _, judgement = watched(Simulation({}), [])
    assert judgement.verdict is Verdict.INCOMPLETE


# -- versions and replicas ---------------------------------------------------------------------------------------------


def test_without_an_expected_version_a_rollout_is_healthy_at_once() -> None:
    record, judgement = one(anything(balanced(20, 5)))
    assert judgement.result is Result.HEALTHY
    assert record.ended < 3


@pytest.mark.parametrize(("replicas", "each"), [(4, 5.0), (4, 12.0), (2, 8.0), (8, 12.0)])
def test_behind_a_load_balancer_only_the_whole_rollout_is_healthy(replicas: int, each: float) -> None:
    record, judgement = one(balanced(20, each, replicas), a_target(expects="1.5.0"))
    assert judgement.result is Result.HEALTHY
    assert record.ended > 20 + each * (replicas - 1)
    assert record.ended < 20 + each * (replicas - 1) + 20


def test_a_census_is_healthy_when_every_replica_serves_the_new_version() -> None:
    simulation = Simulation({NAME: rolling(20, 10)}, {NAME: lambda now: REPLICAS})
    record, judgement = watched(simulation, [a_target(expects="1.5.0", census=True)])
    assert judgement.result is Result.HEALTHY
    assert 50 < record.ended < 56
    (judged,) = judgement.targets
    assert judged.census is not None
    assert (judged.census.proven, judged.census.of, dict(judged.census.versions)) == (4, 4, {"1.5.0": 4})
    assert judged.downtime == 0
    assert any("3/4 replicas on 1.5.0" in line for _, line in simulation.lines)


def test_replicas_that_vanish_count_no_more_and_new_ones_prove_themselves() -> None:
    world: World = lambda now, replica: OLD if replica == "10.0.0.1" else NEW  # noqa: E731
    names = {NAME: lambda now: ("10.0.0.1", "10.0.0.2") if now < 20 else ("10.0.0.2", "10.0.0.3")}
    simulation = Simulation({NAME: world}, names)
    record, judgement = watched(simulation, [a_target(expects="1.5.0", census=True)])
    assert judgement.result is Result.HEALTHY
    (judged,) = judgement.targets
    assert set(judged.standing.streaks) == {"10.0.0.2", "10.0.0.3"}
    assert all(streak.good >= 2 for streak in judged.standing.streaks.values())
    assert 22 < record.ended < 26
    assert max(at for at, _, replica in simulation.starts if replica == "10.0.0.1") < 23


def test_a_name_that_does_not_resolve_has_no_replicas() -> None:
    names = {NAME: lambda now: REPLICAS[:2] if now < 3 or now > 30 else ()}
    simulation = Simulation({NAME: at_times((0, NEW))}, names)
    record, judgement = watched(simulation, [a_target(expects="1.5.0", census=True, success_threshold=3)])
    assert judgement.result is Result.HEALTHY
    assert record.ended > 34
    assert not [at for at, _, _ in simulation.starts if 8 < at < 30]
    (gap,) = judgement.targets[0].gaps
    assert (gap.start, gap.reason) == (pytest.approx(4, abs=1), "the name does not resolve")


def test_an_empty_census_is_never_healthy() -> None:
    simulation = Simulation({NAME: at_times((0, NEW))}, {NAME: lambda now: ()})
    _, judgement = watched(simulation, [a_target(census=True)], Policy(deadline=20))
    assert judgement.result is Result.TIMEOUT
    assert "does not resolve" in judgement.targets[0].diagnosis


def test_a_replica_stuck_on_the_old_version_is_the_wrong_version() -> None:
    world: World = lambda now, replica: OLD if replica == REPLICAS[2] else NEW  # noqa: E731
    simulation = Simulation({NAME: world}, {NAME: lambda now: REPLICAS})
    _, judgement = watched(simulation, [a_target(expects="1.5.0", census=True)], Policy(deadline=30))
    assert judgement.result is Result.WRONG_VERSION
    assert judgement.targets[0].diagnosis.startswith("answers 200 but still serves 1.4.1, not 1.5.0")
    assert judgement.targets[0].diagnosis.endswith(" on 1 of 4 replicas")


# -- downtime ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "end"), [(10.0, 13.2), (11.7, 30.1), (9.9, 10.9)])
def test_downtime_is_the_injected_gap_within_a_period(start: float, end: float) -> None:
    target = a_target(expects="1.5.0", period=1.0)
    record, judgement = one(at_times((0, OLD), (start, DOWN), (end, NEW)), target)
    assert judgement.result is Result.HEALTHY
    (judged,) = judgement.targets
    assert judged.downtime == pytest.approx(end - start, abs=1.0)
    assert judged.availability == pytest.approx(1 - judged.downtime / record.ended)
    (gap,) = judged.gaps
    assert start <= gap.start <= start + 1.1
    assert gap.end is not None
    assert end <= gap.end <= end + 0.3, "after a failure it is probed faster"


def test_a_replica_being_replaced_is_no_downtime_while_others_serve() -> None:
    world: World = lambda now, replica: DOWN if replica == REPLICAS[0] and 10 < now < 20 else NEW  # noqa: E731
    simulation = Simulation({NAME: world, "slow": at_times((0, DOWN), (30, UP))}, {NAME: lambda now: REPLICAS[:2]})
    record, judgement = watched(simulation, [a_target(census=True), a_target("slow")])
    judged = judgement.targets[0]
    assert judged.downtime == 0
    (gap,) = downtime.replica_gaps(judged.events, REPLICAS[0])
    assert downtime.length(gap, record.ended) == pytest.approx(10, abs=2.2)


def test_a_gap_that_is_open_at_the_end_lasts_until_then() -> None:
    record, judgement = one(at_times((0, OLD), (20, DOWN)), a_target(expects="1.5.0"), Policy(deadline=50))
    (judged,) = judgement.targets
    assert judged.result is Result.TIMEOUT
    assert judged.gaps[0].end is None
    assert judged.downtime == pytest.approx(record.ended - 20, abs=2.2)


def test_a_replica_that_vanished_serves_no_one() -> None:
    both, left = Resolved(0, ("a", "b")), Resolved(5, ("b",))
    events = (both, UP.probe(1, 1, "a"), DOWN.probe(2, 2, "b"), left, DOWN.probe(6, 6, "b"), UP.probe(9, 9, "b"))
    (gap,) = downtime.gaps(events)
    assert (gap.start, gap.end) == (6, 9)
    assert downtime.gaps((both, UP.probe(1, 1, "a"), left, UP.probe(6, 6, "b"))) == (), "its successor serves"


# -- the bake ----------------------------------------------------------------------------------------------------------


def test_a_bake_that_holds_is_healthy_at_its_end() -> None:
    record, judgement = one(at_times((0, UP)), policy=Policy(bake_time=60))
    assert judgement.result is Result.HEALTHY
    assert record.baking_since == pytest.approx(2, abs=0.3)
    assert record.ended == pytest.approx(record.baking_since + 60, abs=0.1)


@pytest.mark.parametrize(
    ("limit", "consecutive", "failed"), [(0, None, 1), (2, None, 3), (None, 2, 3), (50, 1, 2), (1, 50, 2)]
)
def test_a_bad_version_regresses_as_soon_as_the_limit_is_exceeded(
    limit: int | None, consecutive: int | None, failed: int
) -> None:
    policy = Policy(bake_time=300, failure_limit=limit, consecutive_failure_limit=consecutive)
    record, judgement = one(at_times((0, UP), (20, BAD_GATEWAY)), policy=policy)
    assert (judgement.result, judgement.verdict) == (Result.REGRESSED, Verdict.FAIL)
    assert judgement.targets[0].standing.tally.failed == failed
    assert 20 + 2 * (failed - 1.2) < record.ended < 20 + 2.2 * failed + 0.1


def test_failures_within_the_limit_are_no_regression() -> None:
    policy = Policy(bake_time=60, failure_limit=3, consecutive_failure_limit=2)
    _, judgement = one(at_times((0, UP), (20, DOWN), (23.5, UP)), policy=policy)
    assert judgement.result is Result.HEALTHY
    assert 1 <= judgement.targets[0].standing.tally.failed <= 2
    assert "within the limit" in judgement.targets[0].diagnosis


@pytest.mark.parametrize(("ends_with", "says"), [(DOWN, "refused connections"), (OLD, "served 1.4.1 again, not 1.5.0")])
def test_an_outage_that_lasts_to_the_end_of_the_bake_is_undecided_though_the_limit_allows_it(
    ends_with: Says, says: str
) -> None:
    policy = Policy(bake_time=60, failure_limit=20)
    _, judgement = one(at_times((0, NEW), (60, ends_with)), a_target(expects="1.5.0"), policy)
    assert (judgement.result, judgement.verdict) == (Result.INCONCLUSIVE, Verdict.INCOMPLETE)
    assert f"was healthy, then {says} for" in judgement.targets[0].diagnosis
    assert "until the end of its bake" in judgement.targets[0].diagnosis
    assert "within the limit" in judgement.targets[0].diagnosis


def test_the_old_version_coming_back_is_a_regression() -> None:
    target = a_target(expects="1.5.0")
    _, judgement = one(at_times((0, NEW), (20, OLD)), target, Policy(bake_time=60))
    assert judgement.result is Result.REGRESSED
    assert "served 1.4.1 again, not 1.5.0" in judgement.targets[0].diagnosis


@pytest.mark.parametrize("bake", [0.3, 1.0, 5.0])
def test_a_bake_shorter_than_a_period_is_probed_nevertheless(bake: float) -> None:
    _, judgement = one(at_times((0, UP)), policy=Policy(bake_time=bake))
    assert judgement.result is Result.HEALTHY
    assert judgement.targets[0].standing.tally.probes >= 1


def test_the_bake_waits_for_a_probe_that_is_out_at_its_end() -> None:
    slow = replace(DOWN, took=4.0)
    record, judgement = one(at_times((0, UP), (59, slow)), policy=Policy(bake_time=60))
    assert judgement.result is Result.REGRESSED
    assert record.ended > 62


def test_slow_answers_are_no_missing_samples() -> None:
    slow = replace(UP, took=3.5)
    _, judgement = one(at_times((0, slow)), policy=Policy(bake_time=60))
    assert judgement.result is Result.HEALTHY


def test_one_regression_ends_the_bake_of_all() -> None:
    worlds = {"a": at_times((0, UP)), "b": at_times((0, UP), (20, DOWN))}
    _, judgement = watched(Simulation(worlds), [a_target("a"), a_target("b")], Policy(bake_time=60))
    assert [judged.result for judged in judgement.targets] == [Result.INCONCLUSIVE, Result.REGRESSED]
    assert judgement.result is Result.REGRESSED
    assert "stopped before the end of its bake" in judgement.targets[0].diagnosis


def test_a_target_that_was_never_baked_is_not_healthy() -> None:
    worlds = {"a": at_times((0, UP)), "b": at_times((0, DOWN))}
    policy = Policy(deadline=30, bake_time=60)
    _, judgement = watched(Simulation(worlds), [a_target("a"), a_target("b")], policy)
    assert [judged.result for judged in judgement.targets] == [Result.INCONCLUSIVE, Result.TIMEOUT]


# -- self-distrust -----------------------------------------------------------------------------------------------------


def test_a_frozen_runner_never_calls_it_a_regression() -> None:
    lost = replace(DOWN, cause=Cause.SILENT, took=5.0)
    world = at_times((0, UP), (19, lost), (50, UP))
    record, judgement = one(world, policy=Policy(bake_time=600), frozen=[(20, 50)])
    assert judgement.result is Result.HEALTHY, "what is left of a long bake is enough"
    assert judgement.targets[0].ignored == 1
    assert judgement.lag.late >= 1
    assert judgement.lag.worst == pytest.approx(30, abs=3)
    assert record.ended > 600


@pytest.mark.parametrize("frozen", [(20.0, 50.0), (3.0, 61.0), (3.0, 500.0)])
def test_a_bake_slept_through_is_inconclusive(frozen: tuple[float, float]) -> None:
    _, judgement = one(at_times((0, UP)), policy=Policy(bake_time=60), frozen=[frozen])
    assert (judgement.result, judgement.verdict) == (Result.INCONCLUSIVE, Verdict.INCOMPLETE)
    assert "the runner itself was frozen or starved" in judgement.targets[0].diagnosis


def test_a_deadline_slept_through_is_inconclusive() -> None:
    _, judgement = one(at_times((0, DOWN)), policy=Policy(deadline=60), frozen=[(20, 90)])
    assert judgement.result is Result.INCONCLUSIVE


@pytest.mark.parametrize("frozen", [(20.0, 40.0), (46.0, 55.0)])
def test_a_freeze_before_the_end_is_no_excuse_for_a_target_that_fails_after_it(frozen: tuple[float, float]) -> None:
    _, judgement = one(at_times((0, DOWN)), policy=Policy(deadline=60), frozen=[frozen])
    assert judgement.result is Result.TIMEOUT


def test_a_target_that_came_up_during_a_freeze_is_not_timed_out() -> None:
    target = a_target(success_threshold=5)
    _, judgement = one(at_times((0, DOWN), (45, UP)), target, Policy(deadline=60), frozen=[(43, 56)])
    assert judgement.result is Result.INCONCLUSIVE


def test_a_frozen_runner_does_not_give_up_a_target() -> None:
    lost = replace(DOWN, cause=Cause.SILENT, took=5.0)
    target = a_target(failure_threshold=1)
    _, judgement = one(at_times((0, DOWN), (0.1, UP)), target, frozen=[(0.005, 30)])
    assert judgement.result is Result.HEALTHY
    _, judgement = one(at_times((0, lost)), target)
    assert judgement.result is Result.TIMEOUT


def test_when_the_control_fails_too_failures_prove_nothing() -> None:
    broken = {"control_fails": lambda now: now > 10}
    _, judgement = one(at_times((0, DOWN)), policy=Policy(deadline=60), **broken)
    assert judgement.result is Result.INCONCLUSIVE
    _, judgement = one(at_times((0, UP), (20, DOWN)), policy=Policy(bake_time=60), **broken)
    assert judgement.result is Result.INCONCLUSIVE
    _, judgement = one(at_times((0, DOWN), (20, UP)), **broken)
    assert judgement.result is Result.HEALTHY, "good answers are proof all the same"


def test_a_probe_that_never_comes_back_is_the_runners_own_fault() -> None:
    record, judgement = one(at_times((0, UP)), hung=lambda now: now < 10)
    assert judgement.result is Result.HEALTHY
    first = probes_of(record.events[0])[0]
    assert first.own_fault
    assert first.ended == pytest.approx(6.0), "the timeout of 5 s, and one more"
    _, judgement = one(at_times((0, UP)), policy=Policy(deadline=30), hung=lambda now: True)
    assert judgement.result is Result.INCONCLUSIVE
    assert judgement.targets[0].ignored == judgement.targets[0].probes > 0


# -- the watch ---------------------------------------------------------------------------------------------------------


def test_an_interrupted_watch_leaves_what_it_saw() -> None:
    simulation = Simulation({NAME: at_times((0, DOWN))}, interrupt_at=20)
    record = Record([a_target()], Policy(), NOON)
    with pytest.raises(Interrupted):
        watch(record, simulation, simulation.control, simulation, lambda _: None)
    judgement = judge(record.seen())
    assert judgement.result is Result.INCONCLUSIVE
    assert judgement.targets[0].probes >= 9
    assert judgement.targets[0].diagnosis.startswith("not decided when the watch was stopped after 2")
    assert record.ended == pytest.approx(20, abs=2.2)


def test_an_interrupted_bake_is_no_bake() -> None:
    simulation = Simulation({NAME: at_times((0, UP))}, interrupt_at=59)
    record = Record([a_target()], Policy(bake_time=60), NOON)
    with pytest.raises(Interrupted):
        watch(record, simulation, simulation.control, simulation, lambda _: None)
    assert judge(record.seen()).result is Result.INCONCLUSIVE


def test_an_interrupt_before_the_first_answer_leaves_an_empty_watch() -> None:
    simulation = Simulation({NAME: at_times((0, DOWN))}, interrupt_at=0)
    record = Record([a_target()], Policy(), NOON)
    with pytest.raises(Interrupted):
        watch(record, simulation, simulation.control, simulation, lambda _: None)
    assert judge(record.seen()).targets[0].diagnosis.startswith("no probe of it came back")


def test_an_error_of_the_prober_is_not_swallowed() -> None:
    def broken(now: float, replica: str) -> Says:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        one(broken)


def test_a_prober_that_lets_a_trouble_out_has_failed_its_probe() -> None:
    simulation = Simulation({NAME: at_times((0, UP))}, {NAME: lambda now: ()})
    simulation.probe = lambda target, due, replica="": simulation.replicas(target)  # type: ignore[method-assign,assignment,return-value]
    record, judgement = watched(simulation, [a_target(failure_threshold=2)])
    assert judgement.result is Result.TIMEOUT
    assert probes_of(record.events[0])[0].phase is Phase.DNS


def test_at_most_one_probe_of_a_target_is_in_flight() -> None:
    slow = replace(DOWN, took=4.7)
    simulation = Simulation({NAME: at_times((0, slow))})
    watched(simulation, [a_target()], Policy(deadline=60))
    starts = [at for at, _, _ in simulation.starts]
    assert all(later - earlier > 4.699 for earlier, later in pairwise(starts))


def test_probes_keep_their_period_give_or_take_a_tenth() -> None:
    simulation = Simulation({NAME: at_times((0, DOWN))})
    watched(simulation, [a_target()], Policy(deadline=200))
    starts = [at for at, _, _ in simulation.starts]
    steps = [later - earlier for earlier, later in pairwise(starts)]
    assert all(1.79 < step < 2.21 for step in steps)
    assert len({round(step, 6) for step in steps}) > len(steps) // 2


def test_each_resolution_is_recorded() -> None:
    simulation = Simulation({NAME: at_times((0, UP))}, {NAME: lambda now: REPLICAS})
    record, _ = watched(simulation, [a_target(census=True)])
    assert next(event.replicas for event in record.events[0] if isinstance(event, Resolved)) == REPLICAS
