"""When a target is healthy and when it is given up: consecutive good or failed probes, as Kubernetes counts them.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/: a threshold is a number of
consecutive results; one of the other kind starts the count again.
"""

from __future__ import annotations

from dataclasses import dataclass

from health_wait.model import Probe, Target

PROOFS = 5
"""Good probes in a row that prove a new version once the old one was seen: behind a load balancer two mean little."""

MOST_PROOFS = 20


@dataclass(frozen=True, slots=True)
class Streak:
    """Consecutive `good` or `bad` probes up to now; one of the two is 0. `since` is the start of the first of them.

    `longest` is the longest run of good ones ever, `mixed` the longest that the old version ended: None where the old
    version was never seen. `down_since` is the start of the first of the last probes that did not even serve.
    """

    good: int = 0
    bad: int = 0
    since: float = 0.0
    longest: int = 0
    mixed: int | None = None
    down_since: float | None = None


def after(streak: Streak, probe: Probe) -> Streak:
    """The streak with one more probe."""
    if probe.ok:
        good = streak.good + 1
        since = streak.since if streak.good else probe.began
        return Streak(good, 0, since, max(streak.longest, good), streak.mixed)
    since = streak.since if streak.bad else probe.began
    mixed = max(streak.mixed or 0, streak.good) if probe.serving else streak.mixed
    down_since = None if probe.serving else probe.began if streak.down_since is None else streak.down_since
    return Streak(0, streak.bad + 1, since, streak.longest, mixed, down_since)


def needed(target: Target, streak: Streak) -> int:
    """How many good probes in a row make it healthy.

    Once the old version was seen, connections go to old and new replicas alike: then more than `success_threshold`,
    and twice the longest run that an old one ended. A census asks every replica and needs no such guess.
    """
    if target.census or streak.mixed is None:
        return target.success_threshold
    return max(target.success_threshold, min(MOST_PROOFS, max(PROOFS, 2 * streak.mixed)))


def proven(target: Target, streak: Streak) -> bool:
    """Enough good probes in a row."""
    return streak.good >= needed(target, streak)


def given_up(target: Target, streak: Streak) -> bool:
    """So many failed probes in a row that the target is not waited for any longer."""
    return target.failure_threshold is not None and streak.bad >= target.failure_threshold
