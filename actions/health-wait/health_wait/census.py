"""The census of a rollout: every address that a name resolves to is a replica and must prove itself.

Replicas come and go between resolutions: one that vanished counts no more, a new one starts from nothing. A name that
does not resolve has no replicas; its failed resolution stands in for them until it resolves again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from health_wait import thresholds
from health_wait.model import Probe, Target
from health_wait.thresholds import Streak

NAME = ""
"""Stands for the name itself where the addresses are not known."""


@dataclass(frozen=True, slots=True)
class Count:
    """`proven` of `of` replicas are healthy; `versions` counts the versions they answered last, None for none."""

    proven: int
    of: int
    versions: Mapping[str | None, int]


def nobody() -> Mapping[str, Streak]:
    """No replica is known yet."""
    return {}


def resolved(streaks: Mapping[str, Streak], replicas: tuple[str, ...]) -> Mapping[str, Streak]:
    """The replicas that there are now."""
    return {replica: streaks.get(replica, Streak()) for replica in replicas}


def lost(streaks: Mapping[str, Streak], replicas: tuple[str, ...]) -> frozenset[str]:
    """The replicas that were known and are not among them any more."""
    return frozenset(name for name in streaks if name != NAME and name not in replicas)


def is_known(target: Target, streaks: Mapping[str, Streak], probe: Probe) -> bool:
    """Whether the probe is of a replica that counts, or is a resolution that failed."""
    return not target.census or probe.replica == NAME or probe.replica in streaks


def probed(target: Target, streaks: Mapping[str, Streak], probe: Probe) -> Mapping[str, Streak]:
    """The streaks with one more probe; a resolution that failed takes all replicas away."""
    name = probe.replica if target.census else NAME
    kept = {} if target.census and name == NAME else streaks
    return {**kept, name: thresholds.after(streaks.get(name, Streak()), probe)}


def count(target: Target, streaks: Mapping[str, Streak], latest: Mapping[str, Probe]) -> Count:
    """How far the rollout is. Without replicas (the name does not resolve) it is 0 of 0."""
    replicas = [name for name in streaks if name != NAME]
    answered = Counter(latest[name].version if name in latest else None for name in replicas)
    return Count(sum(thresholds.proven(target, streaks[name]) for name in replicas), len(replicas), answered)
