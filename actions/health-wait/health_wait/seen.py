"""What a watch has seen, and nothing of what it means. `Record` grows while watching, `Seen` is what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from health_wait.model import Policy, Probe, Target

CONTROL_PERIOD = 2.0
"""Longest time between two control probes, in seconds: what the runner did in between is not known."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The addresses that the name of a census target led to at that time: its replicas."""

    at: float
    replicas: tuple[str, ...]


Event = Probe | Resolved


@dataclass(frozen=True, slots=True)
class Seen:
    """A watch, up to `ended`. `events` has a tuple per target, in the order in which they became known.

    `control` are the probes of our own listener. `baking_since` is when all targets were healthy for the first time.
    `container`: the watch ran inside a container, where `localhost` is that container.
    """

    targets: tuple[Target, ...]
    policy: Policy
    started_at: datetime
    events: tuple[tuple[Event, ...], ...]
    control: tuple[Probe, ...] = ()
    ended: float = 0.0
    baking_since: float | None = None
    container: bool = False

    @property
    def control_period(self) -> float:
        """Seconds between two control probes: as often as the target that is probed most, and never seldom."""
        return control_period(self.targets)


class Record:
    """Made by the caller of `watch` and filled by it, so that what was seen outlives an interrupted watch.

    `started_at` is the time of day of second 0.
    """

    def __init__(
        self, targets: Sequence[Target], policy: Policy, started_at: datetime, *, container: bool = False
    ) -> None:
        self.targets, self.policy, self.started_at, self.container = tuple(targets), policy, started_at, container
        self.events: list[list[Event]] = [[] for _ in self.targets]
        self.control: list[Probe] = []
        self.ended = 0.0
        self.baking_since: float | None = None

    def seen(self) -> Seen:
        """What is known so far, as values."""
        return Seen(
            self.targets,
            self.policy,
            self.started_at,
            tuple(tuple(events) for events in self.events),
            tuple(self.control),
            self.ended,
            self.baking_since,
            self.container,
        )


def control_period(targets: Sequence[Target]) -> float:
    """As `Seen.control_period`, in seconds."""
    return min([CONTROL_PERIOD, *(target.period for target in targets)])


def probes_of(events: Sequence[Event]) -> tuple[Probe, ...]:
    """Only the probes, in their order."""
    return tuple(event for event in events if isinstance(event, Probe))
