"""How soon the next probe is due. Never later than a period; sooner where sooner tells more."""

from __future__ import annotations

from random import Random

from health_wait import bake, thresholds
from health_wait.model import Policy, Target
from health_wait.thresholds import Streak

JITTER = 0.1
"""Periods differ by up to this share, so that many watchers do not knock in step."""

STEADY = 0.5
"""Shorter periods than this many seconds are kept as they are."""

QUICK_SECONDS = 30.0
"""For so long after a target went down it is probed faster, so that the end of a short gap is known more exactly."""

STAGGER = 0.01
"""Seconds between the first probes of two targets at the start."""


def quick(target: Target) -> float:
    """A quarter of the period: ten probes of a version then take little longer than two of an answer."""
    return min(target.period, max(bake.SHORTEST, target.period / 4))


def seconds(target: Target, streak: Streak, policy: Policy, *, served: bool, baking: bool, now: float) -> float:
    """Seconds from one probe to the next, before jitter.

    Faster only while waiting: just after it went down (not where `failure_threshold` counts failures by the period),
    and while a version is being proven; never of a target that said it is asked too often. A bake keeps its pace, for
    it counts failures.
    """
    if baking:
        return bake.pace(target, policy)
    if streak.limited:
        return target.period
    just_down = served and streak.down_since is not None and now < streak.down_since + QUICK_SECONDS
    went_down = just_down and target.failure_threshold is None
    return quick(target) if went_down or _proving(target, streak) else target.period


def fastest(target: Target, streak: Streak) -> float:
    """The shortest time between two good probes while it is being proven, jitter included."""
    return (1 - JITTER) * (quick(target) if thresholds.sampled(target) and not streak.limited else target.period)


def jittered(pace: float, random: Random) -> float:
    """`pace` give or take a tenth; one under half a second is kept."""
    return pace if pace < STEADY else pace * random.uniform(1 - JITTER, 1 + JITTER)


def first_due(target: Target, index: int, of: int) -> float:
    """When the first probe is due: a little after that of the target before it, and never a period after the first."""
    return target.initial_delay + index * min(STAGGER, target.period / of)


def _proving(target: Target, streak: Streak) -> bool:
    return thresholds.sampled(target) and streak.good > 0 and not thresholds.proven(target, streak)
