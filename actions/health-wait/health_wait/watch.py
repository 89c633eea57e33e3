"""The watch itself: what is due is probed, what comes back is recorded, and it ends as soon as all is decided.

One thread decides and sleeps until something is due or comes back; a crew probes. What it has seen is in the caller's
`Record` at any time, so that an interrupt loses nothing.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from actionkit.web.model import Cause, Trouble
from health_wait import bake, census, distrust, pace, progress, standing
from health_wait.crew import Answered, Crew, Errand, Prober
from health_wait.model import Probe
from health_wait.seen import Event, Record, Resolved, control_period
from health_wait.standing import Standing
from health_wait.thresholds import Streak

GRACE = 1.0
"""Seconds after its timeout at which a probe that did not come back is given up; then the runner is to blame."""

CONTROL = -1
"""Stands for the control probe where the number of a target is asked for."""

ALL = "*"
"""Stands for all replicas of a census, whose addresses are resolved again and again; no address is written so."""

Lane = tuple[int, str]
"""One thing that is probed again and again, never twice at once: a replica of a target ("" without a census), the
addresses of a census, or the control."""

OURS: Lane = (CONTROL, "")


@dataclass(frozen=True, slots=True)
class Flight:
    """An errand that is out: for which lane, when it was due and began, and when it is given up."""

    lane: Lane
    due: float
    began: float
    until: float


@dataclass(frozen=True, slots=True)
class Mark:
    """What decides about one target, as it stands."""

    healthy: bool = False
    hard: bool = False
    given_up: bool = False
    violated: bool = False
    last_chance: float = math.inf


def watch(
    record: Record,
    prober: Prober,
    control: Callable[[float], Probe],
    crew: Crew,
    say: Callable[[str], None],
    random: Random | None = None,
) -> None:
    """Probe the targets of the record until their fate is decided, and no longer than deadline, bake and one probe.

    `say` gets lines of progress. The crew is the caller's to close. Raises Interrupted where a signal came, and
    whatever a prober raises that it should not; the record holds what was seen until then.
    """
    watching = _Watch(record, prober, control, crew, say, random or Random())  # noqa: S311 - jitter, no secret
    try:
        watching.run()
    finally:
        watching.finish()


class _Watch:
    def __init__(
        self,
        record: Record,
        prober: Prober,
        control: Callable[[float], Probe],
        crew: Crew,
        say: Callable[[str], None],
        random: Random,
    ) -> None:
        self._record, self._prober, self._control, self._crew = record, prober, control, crew
        self._say, self._random = say, random
        self._standings = [standing.start(target) for target in record.targets]
        self._marks = [Mark() for _ in record.targets]
        self._unhealthy = len(record.targets)
        self._healthy_since = math.inf
        self._spans: tuple[distrust.Span, ...] = ()
        self._doubted = False
        self._said = progress.Said()
        self._dues: dict[Lane, float] = {}
        self._heap: list[tuple[float, Lane]] = []
        self._flights: dict[int, Flight] = {}
        self._busy: dict[Lane, int] = {}
        self._numbers = 0
        self._control_period = control_period(record.targets)

    def run(self) -> None:
        """Until decided."""
        self._schedule(OURS, 0.0)
        for index, target in enumerate(self._record.targets):
            lane = (index, ALL if target.census else "")
            self._schedule(lane, pace.first_due(target, index, len(self._record.targets)))
        while not self._decided(self._crew.now()):
            self._launch(self._crew.now())
            for number, answered in self._crew.wait(self._next_moment(self._crew.now())):
                self._came_back(number, answered)
            now = self._crew.now()
            self._give_up(now)
            self._tell(now)

    def finish(self) -> None:
        """The end of the record. A control probe that is long due and not back shows that the runner stood still."""
        now = self._record.ended = self._crew.now()
        out = self._flights.get(self._busy.get(OURS, 0))
        due = out.due if out else self._dues.get(OURS, now)
        if now - due > max(self._control_period, distrust.MOST_LAG):
            self._record.control.append(_own_fault(Flight(OURS, due, now, now), now))

    # -- deciding ------------------------------------------------------------------------------------------------------

    def _decided(self, now: float) -> bool:
        self._reconsider(now)
        if any(mark.hard for mark in self._marks):
            return True
        policy = self._record.policy
        if self._record.baking_since is None and self._all_healthy(now):
            if not policy.bake_time:
                return True
            self._begin_bake(now)
        if self._record.baking_since is not None:
            return self._bake_is_over(now, self._record.baking_since + policy.bake_time)
        if not self._unhealthy:
            return False  # what is out comes back within a timeout, or is given up
        return now >= policy.deadline or self._lost(now)

    def _all_healthy(self, now: float) -> bool:
        """All are healthy, and no probe that was out when the last of them became so says otherwise."""
        if self._unhealthy:
            self._healthy_since = math.inf
            return False
        self._healthy_since = min(self._healthy_since, now)
        return not any(f.began < self._healthy_since for f in self._flights.values() if f.lane[0] != CONTROL)

    def _reconsider(self, now: float) -> None:
        """Where the runner turned out not to be trusted, count again without what failed then."""
        if not self._doubted:
            return
        self._doubted = False
        self._spans = distrust.untrusted_spans(self._record.seen())
        for index, target in enumerate(self._record.targets):
            events = distrust.counted(self._record.events[index], self._spans)
            self._stands(index, standing.stand(target, events, self._record.baking_since))
            self._lanes_of(index, now)

    def _stands(self, index: int, stands: Standing) -> None:
        """A target stands elsewhere now. What the decision needs is marked here, once, and not asked of all targets
        each time one answers."""
        target, policy, before = self._record.targets[index], self._record.policy, self._marks[index]
        self._standings[index] = stands
        mark = self._marks[index] = Mark(
            healthy=standing.healthy(target, stands),
            hard=stands.hard is not None,
            given_up=standing.given_up(target, stands),
            violated=bool(bake.violated(stands.tally, policy)),
            last_chance=standing.last_chance(target, stands, policy),
        )
        self._unhealthy += before.healthy - mark.healthy

    def _begin_bake(self, now: float) -> None:
        self._record.baking_since = now
        for lane, due in list(self._dues.items()):
            if lane[0] != CONTROL:
                self._schedule(lane, min(due, now + bake.pace(self._record.targets[lane[0]], self._record.policy)))

    def _bake_is_over(self, now: float, end: float) -> bool:
        violated = [index for index, mark in enumerate(self._marks) if mark.violated]
        if violated and self._vouched(violated, now):
            return True
        out = any(flight.began < end for flight in self._flights.values() if flight.lane[0] != CONTROL)
        return now >= end and not out

    def _lost(self, now: float) -> bool:
        """A target was given up, or cannot be healthy in time any more."""
        if given_up := [index for index, mark in enumerate(self._marks) if mark.given_up]:
            return self._vouched(given_up, now)
        return any(now > mark.last_chance for mark in self._marks)

    def _vouched(self, failed: list[int], now: float) -> bool:
        """Whether the control shows that the runner was well when one of them failed; else it is asked at once."""
        vouched = distrust.vouched_until(self._record.control, self._control_period)
        latest = [self._standings[index].latest.values() for index in failed]
        if any(max((probe.ended for probe in probes), default=0.0) <= vouched for probes in latest):
            return True
        if OURS not in self._busy:
            self._schedule(OURS, min(now, self._dues.get(OURS, now)))
        return False

    # -- probing -------------------------------------------------------------------------------------------------------

    def _schedule(self, lane: Lane, due: float) -> None:
        self._dues[lane] = due
        heapq.heappush(self._heap, (due, lane))

    def _next_moment(self, now: float) -> float:
        """When something is due, is to be given up, to be said, or the stage ends."""
        while self._heap and self._dues.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        policy, since = self._record.policy, self._record.baking_since
        end = policy.deadline if since is None else since + policy.bake_time
        moments = [progress.due(self._said, len(self._marks)), *(flight.until for flight in self._flights.values())]
        moments += [self._heap[0][0]] if self._heap else []
        return min([*moments, end] if end > now else moments)

    def _launch(self, now: float) -> None:
        while self._heap and self._heap[0][0] <= now:
            due, lane = heapq.heappop(self._heap)
            if self._dues.get(lane) == due:
                del self._dues[lane]
                self._send(lane, due, now)

    def _send(self, lane: Lane, due: float, now: float) -> None:
        index, replica = lane
        if index == CONTROL:
            errand: Errand = partial(self._control, due)
            patience = self._control_period
        else:
            target = self._record.targets[index]
            patience = target.timeout
            resolving = replica == ALL
            errand = (
                partial(self._prober.replicas, target)
                if resolving
                else partial(self._prober.probe, target, due, replica)
            )
        self._numbers += 1
        self._busy[lane] = self._numbers
        self._flights[self._numbers] = Flight(lane, due, now, now + patience + GRACE)
        self._crew.start(self._numbers, errand)

    def _came_back(self, number: int, answered: Answered) -> None:
        flight = self._flights.pop(number, None)
        if flight is None:  # given up before
            return
        del self._busy[flight.lane]
        now = self._crew.now()
        if isinstance(answered, Trouble):
            self._seen(flight, _unresolved(flight, answered, now), now)
        elif isinstance(answered, Exception):
            raise answered
        elif isinstance(answered, Probe):
            self._seen(flight, answered, now)
        else:
            self._seen(flight, Resolved(now, answered), now)

    def _give_up(self, now: float) -> None:
        for number, flight in list(self._flights.items()):
            if flight.until <= now:
                del self._flights[number], self._busy[flight.lane]
                self._seen(flight, _own_fault(flight, now), now)

    def _seen(self, flight: Flight, event: Event, now: float) -> None:
        """Record what came of an errand, and when its lane is due again."""
        index, replica = flight.lane
        if index == CONTROL and isinstance(event, Probe):
            self._vouch(event)
            self._schedule(OURS, max(flight.due + self._control_period, now))
            return
        target = self._record.targets[index]
        self._record.events[index].append(event)
        if isinstance(event, Probe) and distrust.late(event, target.period):
            self._doubted = True
        if distrust.counts(event, self._spans):
            since = self._record.baking_since
            self._stands(index, standing.advance(self._standings[index], target, event, since))
        stands = self._standings[index]
        self._lanes_of(index, now)
        if replica in stands.streaks or replica == ALL or not target.census:
            self._schedule(flight.lane, max(flight.due + self._pace(index, replica, now), now))
        self._said = progress.changed(self._said, index, target, stands, now)

    def _vouch(self, probe: Probe) -> None:
        """A control probe came back. One that shows the runner unwell, or well again, changes what counts."""
        well_before = not self._record.control or self._is_well()
        self._record.control.append(probe)
        if not (well_before and self._is_well()):
            self._doubted = True

    def _is_well(self) -> bool:
        return distrust.vouched_until(self._record.control, self._control_period) > -math.inf

    def _pace(self, index: int, replica: str, now: float) -> float:
        target, stands = self._record.targets[index], self._standings[index]
        seconds = pace.seconds(
            target,
            stands.streaks.get(replica, Streak()),
            self._record.policy,
            served=stands.served_at is not None,
            baking=self._record.baking_since is not None,
            now=now,
        )
        return pace.jittered(seconds, self._random)

    def _lanes_of(self, index: int, now: float) -> None:
        """Each replica of a census that counts now is probed, and no other."""
        if not self._record.targets[index].census:
            return
        wanted: set[Lane] = {(index, name) for name in self._standings[index].streaks if name != census.NAME}
        for lane in [lane for lane in self._dues if lane[0] == index and lane[1] != ALL and lane not in wanted]:
            del self._dues[lane]
        for lane in sorted(wanted):
            if lane not in self._dues and lane not in self._busy:
                self._schedule(lane, now)

    def _tell(self, now: float) -> None:
        """Say what changed, and what is due after ten silent seconds."""
        targets, since = self._record.targets, self._record.baking_since
        self._said, news = progress.changes(self._said, targets, self._standings, now, baking=since is not None)
        self._said, silent = progress.beat(self._said, targets, self._standings, now, since)
        for line in (*news, *silent):
            self._say(line)


def _replica(flight: Flight) -> str:
    return census.NAME if flight.lane[1] == ALL else flight.lane[1]


def _own_fault(flight: Flight, now: float) -> Probe:
    """Stands for a probe that never came back."""
    return Probe(
        due=flight.due,
        began=flight.began,
        ended=now,
        ok=False,
        serving=False,
        reason="the probe did not come back",
        replica=_replica(flight),
        own_fault=True,
    )


def _unresolved(flight: Flight, trouble: Trouble, now: float) -> Probe:
    """Stands for what trouble kept from being seen: the replicas of a name, or the answer of a prober that raised."""
    return Probe(
        due=flight.due,
        began=flight.began,
        ended=now,
        ok=False,
        serving=False,
        phase=trouble.phase,
        cause=trouble.cause,
        reason=trouble.detail,
        replica=_replica(flight),
        hard=trouble.cause is Cause.FORBIDDEN_ADDRESS,
    )
