"""Exact downtime: when a target that had served did not, whatever its version.

A gap runs from the start of the first failed probe to the start of the next good one, so it is known to within the
time between two probes at either end. Where a census is taken, a target is down while none of its replicas serves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from health_wait.census import NAME
from health_wait.model import Gap, Probe
from health_wait.seen import Event, Resolved


def gaps(events: Iterable[Event]) -> tuple[Gap, ...]:
    """The gaps of one target, in order and disjoint. Only events that count are to be given (`distrust.counted`)."""
    found: list[Gap] = []
    serving: set[str] = set()
    known: frozenset[str] | None = None
    served = False
    for event in sorted(events, key=_moment):
        if isinstance(event, Resolved):
            known = frozenset(event.replicas)
            serving &= known
        elif known is not None and event.replica != NAME and event.replica not in known:
            continue
        elif event.serving:
            serving.add(event.replica)
            served = True
            if found and found[-1].end is None:
                found[-1] = Gap(found[-1].start, event.began, found[-1].reason)
        else:
            serving = set() if event.replica == NAME else serving - {event.replica}
            if served and not serving and not (found and found[-1].end is None):
                found.append(Gap(event.began, None, event.reason))
    return tuple(found)


def replica_gaps(events: Iterable[Event], replica: str) -> tuple[Gap, ...]:
    """The gaps of one replica of a census."""
    return gaps(event for event in events if isinstance(event, Probe) and event.replica == replica)


def length(gap: Gap, ended: float) -> float:
    """Seconds, up to the end of the watch where the gap did not end before."""
    return max(0.0, (ended if gap.end is None else gap.end) - gap.start)


def downtime(found: Iterable[Gap], ended: float) -> float:
    """Seconds of all gaps together."""
    return math.fsum(length(gap, ended) for gap in found)


def availability(found: Sequence[Gap], served_at: float | None, ended: float) -> float | None:
    """The share of the time since it first served, from 0 to 1, in which it served; None where it never did."""
    if served_at is None:
        return None
    watched = ended - served_at
    return 1.0 if watched <= 0 else max(0.0, 1.0 - downtime(found, ended) / watched)


def together(several: Iterable[Sequence[Gap]], ended: float) -> float:
    """Seconds in which at least one of several targets was down."""
    spans = sorted((gap.start, gap.start + length(gap, ended)) for found in several for gap in found)
    total, upto = 0.0, -math.inf
    for start, end in spans:
        total += max(0.0, end - max(start, upto))
        upto = max(upto, end)
    return total


def _moment(event: Event) -> float:
    return event.at if isinstance(event, Resolved) else event.began
