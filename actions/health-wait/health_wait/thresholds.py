"""When a target is healthy and when it is given up: consecutive good or failed probes, as Kubernetes counts them.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/: a threshold is a number of
consecutive results; one of the other kind starts the count again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from health_wait.model import Probe, Target

PROOFS = 10
"""Good probes in a row that prove a version where a load balancer may choose the replica: of one old among two, ten
new answers by chance are one in a thousand; in turns, ten show every one of ten replicas."""

TIMES_THE_LONGEST = 3
"""So many times the longest run that an old replica ended proves that none is left."""

MOST_PROOFS = 60

TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Streak:
    """Consecutive `good` or `bad` probes up to now; one of the two is 0. `since` is the start of the first of them.

    `longest` is the longest run of good ones ever, `mixed` the longest that another version ended. `down_since` is the
    start of the first of the last probes that did not even serve. `limited`: it once said that it is asked too often.
    """

    good: int = 0
    bad: int = 0
    since: float = 0.0
    longest: int = 0
    mixed: int = 0
    down_since: float | None = None
    limited: bool = False


def after(streak: Streak, probe: Probe) -> Streak:
    """The streak with one more probe."""
    if probe.ok:
        good = streak.good + 1
        since = streak.since if streak.good else probe.began
        longest = max(streak.longest, good)
        return replace(streak, good=good, bad=0, since=since, longest=longest, down_since=None)
    since = streak.since if streak.bad else probe.began
    mixed = max(streak.mixed, streak.good) if probe.serving else streak.mixed
    down_since = None if probe.serving else probe.began if streak.down_since is None else streak.down_since
    limited = streak.limited or probe.status == TOO_MANY_REQUESTS
    return Streak(0, streak.bad + 1, since, streak.longest, mixed, down_since, limited)


def sampled(target: Target) -> bool:
    """Whether a probe tells the version of one replica only, which others chose. A census asks every one."""
    return not target.census and target.expectation is not None and bool(target.expectation.version)


def fitting(target: Target, apart: float, deadline: float) -> int:
    """PROOFS, or as many as a third of a short deadline has room for, `apart` seconds from one to the next."""
    room = math.floor((deadline - target.initial_delay) / 3 / apart)
    return max(target.success_threshold, min(PROOFS, room))


def needed(target: Target, streak: Streak) -> int:
    """How many good probes in a row make it healthy.

    Behind a load balancer connections go to old and new replicas alike: a version is proven by more than
    `success_threshold`, and by a multiple of the longest run that an old one ended.
    """
    if not sampled(target):
        return target.success_threshold
    return max(target.success_threshold, min(MOST_PROOFS, max(target.proofs, TIMES_THE_LONGEST * streak.mixed)))


def proven(target: Target, streak: Streak) -> bool:
    """Enough good probes in a row."""
    return streak.good >= needed(target, streak)


def given_up(target: Target, streak: Streak) -> bool:
    """So many failed probes in a row that the target is not waited for any longer."""
    return target.failure_threshold is not None and streak.bad >= target.failure_threshold
