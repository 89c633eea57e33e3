"""A scripted world for watches: at time t a target answers x. Time is simulated; nothing here waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from actionkit.errors import Interrupted
from actionkit.web.model import Cause, Phase, Trouble
from actionkit.web.statuses import statuses
from health_wait.crew import Answered, Errand
from health_wait.model import Expectation, Kind, Policy, Probe, Target
from health_wait.seen import Record
from health_wait.verdict import Judgement, judge
from health_wait.watch import watch

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
AS_USUAL = Policy()
TOOK = 0.01
"""Seconds that a scripted probe takes, unless it says otherwise."""


def a_target(name: str = "https://shop.test/", *, expects: str = "", **given: Any) -> Target:
    expectation = Expectation(status=statuses("200-399"), version=expects)
    settings: dict[str, Any] = {"kind": Kind.HTTP, "host": "shop.test", "port": 443, "expectation": expectation}
    return Target(name=name, url=name, **settings | given)


@dataclass(frozen=True)
class Says:
    """What a world answers to one probe; `took` is in seconds."""

    ok: bool = True
    serving: bool | None = None
    version: str | None = None
    status: int | None = 200
    cause: Cause | None = None
    phase: Phase | None = None
    reason: str = ""
    hard: bool = False
    took: float = TOOK

    def probe(self, due: float, began: float, replica: str = "") -> Probe:
        return Probe(
            due=due,
            began=began,
            ended=began + self.took,
            ok=self.ok,
            serving=self.ok if self.serving is None else self.serving,
            phase=self.phase,
            cause=self.cause,
            reason=self.reason,
            version=self.version,
            status=self.status,
            replica=replica,
            hard=self.hard,
        )


UP = Says()
DOWN = Says(ok=False, status=None, cause=Cause.REFUSED, phase=Phase.TCP, reason="refuses connections")
BAD_GATEWAY = Says(ok=False, status=502, reason="answers 502")
NEW, OLD = Says(version="1.5.0"), Says(ok=False, serving=True, version="1.4.1", reason="serves 1.4.1")

World = Callable[[float, str], Says]
Names = Callable[[float], Sequence[str]]


def at_times(*changes: tuple[float, Says]) -> World:
    """What is said from each time on; the first must be of time 0."""
    return lambda now, _: [says for since, says in changes if since <= now][-1]


@dataclass
class Simulation:
    """Prober, control and crew in one, on a clock that only passes while the watch waits.

    `frozen` are times in which the runner stood still: whoever waits wakes up at their end.
    """

    worlds: Mapping[str, World]
    names: Mapping[str, Names] = field(default_factory=dict)
    frozen: Sequence[tuple[float, float]] = ()
    control_fails: Callable[[float], bool] = lambda now: False
    interrupt_at: float | None = None
    hung: Callable[[float], bool] = lambda now: False
    time: float = 0.0
    lines: list[tuple[float, str]] = field(default_factory=list)
    out: list[tuple[float, int, Answered]] = field(default_factory=list)
    flying: list[tuple[str, str]] = field(default_factory=list)
    starts: list[tuple[float, str, str]] = field(default_factory=list)

    def probe(self, target: Target, due: float, replica: str = "") -> Probe:
        self.starts.append((self.time, target.name, replica))
        return self.worlds[target.name](self.time, replica).probe(due, self.time, replica)

    def replicas(self, target: Target) -> tuple[str, ...]:
        found = self.names[target.name](self.time)
        if not found:
            raise Trouble(target.name, Phase.DNS, Cause.NAME_NOT_FOUND, "the name does not resolve")
        return tuple(found)

    def control(self, due: float) -> Probe:
        failed = self.control_fails(self.time)
        return Probe(due=due, began=self.time, ended=self.time + 0.001, ok=not failed, serving=not failed)

    def now(self) -> float:
        return self.time

    def start(self, number: int, errand: Errand) -> None:
        try:
            answered: Answered = errand()
        except Exception as error:
            answered = error
        ended = answered.ended if isinstance(answered, Probe) else self.time + TOOK
        if isinstance(answered, Probe) and answered.status is not None and self.hung(self.time):
            ended = self.time + 8.0
        heapq.heappush(self.out, (self._thawed(ended), number, answered))

    def wait(self, until: float) -> list[tuple[int, Answered]]:
        if self.interrupt_at is not None and self.time >= self.interrupt_at:
            raise Interrupted(15)
        first = self.out[0][0] if self.out else until
        self.time = self._thawed(max(self.time, min(until, first)))
        came = []
        while self.out and self.out[0][0] <= self.time:
            _, number, answered = heapq.heappop(self.out)
            came.append((number, self._seen_late(answered)))
        return came

    def _thawed(self, at: float) -> float:
        return next((end for start, end in self.frozen if start <= at < end), at)

    def _seen_late(self, answered: Answered) -> Answered:
        """A probe that was out while the runner stood still ends when it moves again."""
        if isinstance(answered, Probe):
            return replace(answered, ended=self._thawed(answered.ended))
        return answered


def watched(
    simulation: Simulation, targets: Sequence[Target], policy: Policy = AS_USUAL, *, container: bool = False
) -> tuple[Record, Judgement]:
    """A whole watch in simulated time, and what it is judged to be."""
    record = Record(targets, policy, NOON, container=container)
    watch(
        record,
        simulation,
        simulation.control,
        simulation,
        lambda line: simulation.lines.append((simulation.time, line)),
        Random(7),
    )
    return record, judge(record.seen())


def one(says: World, target: Target | None = None, policy: Policy = AS_USUAL, **more: Any) -> tuple[Record, Judgement]:
    """A watch of one target."""
    target = target or a_target()
    return watched(Simulation({target.name: says}, **more), [target], policy)
