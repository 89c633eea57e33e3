"""The bake: failed probes are counted as Argo Rollouts counts the measurements of a metric.

https://argo-rollouts.readthedocs.io/en/stable/features/analysis/: failed as soon as more measurements failed than the
limit allows, whatever else succeeded; success where the planned measurements were taken; else inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from health_wait.model import Policy, Probe, Target

ENOUGH = 0.8
"""Share of the planned probes that a bake must have to be worth its name, and of its time that was not blind."""

AT_LEAST = 4
"""Probes that even a bake shorter than the period has, as far as the shortest pace lets it."""

SHORTEST = 0.25
"""No pace of ours is faster than this many seconds, unless a period is."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Probes of one target while baking: how many, how many failed, and the longest run of failed ones of a replica.

    `seconds` is what they took together, `running` the run of failed ones of each replica up to now.
    """

    probes: int = 0
    failed: int = 0
    worst_run: int = 0
    seconds: float = 0.0
    running: Mapping[str, int] = field(default_factory=dict)


def counted_in(tally: Tally, probe: Probe) -> Tally:
    """The tally with one more probe."""
    run = 0 if probe.ok else tally.running.get(probe.replica, 0) + 1
    return Tally(
        tally.probes + 1,
        tally.failed + (not probe.ok),
        max(tally.worst_run, run),
        tally.seconds + max(0.0, probe.ended - probe.began),
        {**tally.running, probe.replica: run},
    )


def violated(tally: Tally, policy: Policy) -> str:
    """The limit that was exceeded, as a sentence part; "" while the bake may still succeed."""
    if policy.failure_limit is not None and tally.failed > policy.failure_limit:
        return f"{tally.failed} of {tally.probes} probes failed while baking, {policy.failure_limit} allowed"
    limit = policy.consecutive_failure_limit
    if limit is not None and tally.worst_run > limit:
        return f"{tally.worst_run} probes in a row failed while baking, {limit} allowed"
    return ""


def pace(target: Target, policy: Policy) -> float:
    """Seconds between two probes while baking: the period, or less in a short bake so that it has a few at all."""
    return min(target.period, max(policy.bake_time / AT_LEAST, min(SHORTEST, policy.bake_time / 2)))


def enough(tally: Tally, target: Target, policy: Policy, blind: float) -> bool:
    """Whether a bake that violated nothing proves something: probes were taken, and the runner (`blind` seconds of
    the bake it was not) could see. Slow probes and the jitter of the pace are allowed for."""
    if not tally.probes:
        return False
    each = 1.1 * pace(target, policy) + tally.seconds / tally.probes
    planned = max(1, math.floor(ENOUGH * policy.bake_time / each))
    return tally.probes >= planned and blind <= (1 - ENOUGH) * policy.bake_time
