"""Self-distrust: when the runner was frozen or starved, what failed then says nothing about the deployment.

Two witnesses: a control probe of a listener of our own, which can fail or be late only through the runner, and the
lag of every probe's own start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from health_wait.model import Lag, Probe
from health_wait.seen import Event, Resolved, Seen, probes_of

MOST_LAG = 1.0
"""A start that is late by more than this, and by more than a period, is the runner's failure. Seconds."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which the runner was not to be trusted; `end` is infinite where it did not recover."""

    start: float
    end: float


def lag(probe: Probe) -> float:
    """How late a probe began, in seconds."""
    return max(0.0, probe.began - probe.due)


def late(probe: Probe, period: float) -> bool:
    """The probe began later than a runner that is well would begin it."""
    return lag(probe) > max(period, MOST_LAG)


def untrusted_spans(seen: Seen) -> tuple[Span, ...]:
    """When the runner was not to be trusted: ordered, disjoint."""
    return merged(
        [
            *_blind(seen.control, seen.control_period),
            *(
                Span(probe.due, probe.began)
                for target, events in zip(seen.targets, seen.events, strict=True)
                for probe in probes_of(events)
                if late(probe, target.period)
            ),
        ]
    )


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Ordered, and those that touch made one."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def counts(event: Event, spans: Sequence[Span]) -> bool:
    """Whether an event says something about the target: a failure does only while the runner was well.

    An answer that served is proof whenever it came: no frozen runner makes one up.
    """
    if isinstance(event, Resolved) or event.serving or event.hard:
        return True
    return not event.own_fault and not any(event.began <= span.end and event.ended >= span.start for span in spans)


def counted(events: Iterable[Event], spans: Sequence[Span]) -> tuple[Event, ...]:
    """The events that count, in their order."""
    return tuple(event for event in events if counts(event, spans))


def blind_seconds(spans: Iterable[Span], start: float, end: float) -> float:
    """How much of the time from `start` to `end` was not to be trusted."""
    return math.fsum(max(0.0, min(span.end, end) - max(span.start, start)) for span in spans)


def vouched_until(control: Sequence[Probe], period: float) -> float:
    """The time up to which the control probes show whether the runner was well: a failure that ended later may still
    turn out to be the runner's own."""
    return control[-1].began if control and _well(control[-1], period) else -math.inf


def measured_lag(seen: Seen) -> Lag:
    """How far behind the runner was over the whole watch."""
    every = [*seen.control, *(probe for events in seen.events for probe in probes_of(events))]
    bad = sum(not _well(probe, seen.control_period) for probe in seen.control)
    return Lag(max(map(lag, every), default=0.0), bad, len(seen.control))


def _well(probe: Probe, period: float) -> bool:
    return probe.ok and probe.ended - probe.due <= max(period, MOST_LAG)


def _blind(control: Sequence[Probe], period: float) -> Iterator[Span]:
    """From the last good control probe to the next one that works: what happened in between nobody knows."""
    known, since = 0.0, None
    for probe in control:
        if not _well(probe, period):
            since = known if since is None else since
        if probe.ok:
            if since is not None:
                yield Span(since, probe.ended)
            known, since = probe.ended, None
    if since is not None:
        yield Span(since, math.inf)
