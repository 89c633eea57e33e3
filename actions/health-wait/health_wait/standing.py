"""Where a target stands after what was seen of it: a fold over its events, the same while watching and afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from health_wait import bake, census, pace, thresholds
from health_wait.bake import Tally
from health_wait.model import Policy, Probe, Target
from health_wait.seen import Event, Resolved
from health_wait.thresholds import Streak


@dataclass(frozen=True, slots=True)
class Standing:
    """`streaks` has an entry per replica that counts now; without a census there is one, named "".

    `served_at` is the start of the first probe that served, `healthy_at` when it was declared healthy for the first
    time, `detected_in` how long that was after the start of the first good probe of that run. `latest` is the last
    probe of each replica, `hard` one that waiting cannot mend. `settled` counts the last resolutions of a census in
    which no replica was lost, `left` are those that ever were, and `rotates` says that one of them came back.
    """

    streaks: Mapping[str, Streak]
    served_at: float | None = None
    healthy_at: float | None = None
    detected_in: float | None = None
    latest: Mapping[str, Probe] = field(default_factory=dict)
    hard: Probe | None = None
    tally: Tally = field(default_factory=Tally)
    probes: int = 0
    settled: int = 0
    left: frozenset[str] = frozenset()
    rotates: bool = False


def start(target: Target) -> Standing:
    """Nothing was seen yet."""
    return Standing(census.nobody() if target.census else {"": Streak()})


def advance(standing: Standing, target: Target, event: Event, baking_since: float | None = None) -> Standing:
    """The standing with one more event. Probes that began after `baking_since` are counted for the bake too."""
    if isinstance(event, Resolved):
        lost = census.lost(standing.streaks, event.replicas)
        moved = replace(
            standing,
            settled=1 if lost else standing.settled + 1,
            left=standing.left | lost,
            rotates=standing.rotates or any(name in standing.left for name in event.replicas),
            streaks=census.resolved(standing.streaks, event.replicas),
            latest={name: probe for name, probe in standing.latest.items() if name in event.replicas},
        )
        return _declared(moved, target, event.at)
    if not census.is_known(target, standing.streaks, event):
        return standing
    streaks = census.probed(target, standing.streaks, event)
    moved = replace(
        standing,
        streaks=streaks,
        served_at=event.began if event.serving and standing.served_at is None else standing.served_at,
        latest={name: probe for name, probe in standing.latest.items() if name in streaks} | {event.replica: event},
        hard=standing.hard or (event if event.hard else None),
        probes=standing.probes + 1,
        settled=0 if event.replica == census.NAME else standing.settled,
        tally=standing.tally
        if baking_since is None or event.began < baking_since
        else bake.counted_in(standing.tally, event),
    )
    return _declared(moved, target, event.ended)


def stand(target: Target, events: Iterable[Event], baking_since: float | None = None) -> Standing:
    """Where it stands after all of them."""
    standing = start(target)
    for event in events:
        standing = advance(standing, target, event, baking_since)
    return standing


def fails_at_its_end(stands: Standing) -> bool:
    """Whether a replica that counts failed more than once in a row up to now: an outage that the bake's limits still
    allow, and of which nobody knows whether it ends. One failed probe alone may be chance."""
    return any(run > 1 for name, run in stands.tally.running.items() if name in stands.streaks)


def healthy(target: Target, standing: Standing) -> bool:
    """Every replica that counts is proven, and there is one; of a census none vanished just now."""
    if not standing.streaks or (target.census and standing.settled < resolutions_needed(target, standing)):
        return False
    return all(thresholds.proven(target, streak) for streak in standing.streaks.values())


def resolutions_needed(target: Target, standing: Standing) -> int:
    """How many resolutions in a row must have lost no replica: one that vanished may be back with the old version.
    More where one did come back, as with name servers that give out only some of the addresses at a time."""
    return max(target.success_threshold, thresholds.PROOFS if standing.rotates else 0)


def given_up(target: Target, standing: Standing) -> bool:
    """`failure_threshold` is reached, by one replica at least."""
    return any(thresholds.given_up(target, streak) for streak in standing.streaks.values())


def last_chance(target: Target, standing: Standing, policy: Policy) -> float:
    """From when on it cannot become healthy before the deadline, even if all goes well: infinite for a target that is
    healthy, or was not probed."""
    if not standing.probes or healthy(target, standing):
        return math.inf
    streaks = list(standing.streaks.values()) or [Streak()]
    return policy.deadline - max(_seconds_left(target, streak) for streak in streaks)


def _seconds_left(target: Target, streak: Streak) -> float:
    """The least time until it can be proven. The next probe may be on its way already, so it costs nothing."""
    missing = max(0, thresholds.needed(target, streak) - streak.good)
    return max(0, missing - 1) * pace.fastest(target, streak)


def _declared(standing: Standing, target: Target, at: float) -> Standing:
    if standing.healthy_at is not None or not healthy(target, standing):
        return standing
    first = min(streak.since for streak in standing.streaks.values())
    return replace(standing, healthy_at=at, detected_in=at - first)
