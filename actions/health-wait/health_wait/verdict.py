"""The judgement of a watch: what was seen, weighed. Pure: the same `Seen` is judged the same, whenever."""

from __future__ import annotations

from dataclasses import dataclass

from actionkit.outcome import Verdict
from health_wait import bake, diagnosis, distrust, downtime, pace, standing, thresholds
from health_wait.census import Count, count
from health_wait.diagnosis import Case
from health_wait.distrust import Span
from health_wait.model import Gap, Lag, Probe, Result, Target
from health_wait.seen import Event, Seen, probes_of
from health_wait.standing import Standing

WORST_FIRST = (
    Result.MISCONFIGURED,
    Result.REGRESSED,
    Result.WRONG_VERSION,
    Result.TIMEOUT,
    Result.INCONCLUSIVE,
    Result.HEALTHY,
)

VERDICTS = {
    Result.HEALTHY: Verdict.PASS,
    Result.TIMEOUT: Verdict.FAIL,
    Result.WRONG_VERSION: Verdict.FAIL,
    Result.REGRESSED: Verdict.FAIL,
    Result.INCONCLUSIVE: Verdict.INCOMPLETE,
    Result.MISCONFIGURED: Verdict.ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One target, judged. `diagnosis` is one sentence without a full stop. Seconds count from the watch's beginning.

    `probes` were taken, `ignored` of them failed through the runner's own fault. `availability` is 0 to 1 since it
    first served, None where it never did; `downtime` is in seconds.
    """

    target: Target
    result: Result
    diagnosis: str
    standing: Standing
    events: tuple[Event, ...]
    gaps: tuple[Gap, ...]
    probes: int
    ignored: int
    downtime: float
    availability: float | None
    census: Count | None

    @property
    def version(self) -> str | None:
        """The version that it answered last, None where it never said one."""
        answered = (probe.version for probe in reversed(probes_of(self.events)) if probe.version is not None)
        return next(answered, None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """All targets, judged. `result` is the worst of theirs; `spans` are when the runner was not to be trusted."""

    targets: tuple[Judged, ...]
    result: Result
    lag: Lag
    spans: tuple[Span, ...]

    @property
    def verdict(self) -> Verdict:
        return VERDICTS[self.result]


def judge(seen: Seen) -> Judgement:
    """What came of a watch, whether it ended by itself or was interrupted."""
    spans = distrust.untrusted_spans(seen)
    judged = tuple(_judged(index, seen, spans) for index in range(len(seen.targets)))
    result = worst(tuple(one.result for one in judged))
    return Judgement(judged, result, distrust.measured_lag(seen), spans)


def worst(results: tuple[Result, ...]) -> Result:
    """The worst result wins; no target at all proves nothing."""
    return min(results, key=WORST_FIRST.index, default=Result.INCONCLUSIVE)


def _judged(index: int, seen: Seen, spans: tuple[Span, ...]) -> Judged:
    target, every = seen.targets[index], seen.events[index]
    events = distrust.counted(every, spans)
    stands = standing.stand(target, events, seen.baking_since)
    gaps = downtime.gaps(events)
    result = _result(target, stands, events, seen, spans)
    return Judged(
        target=target,
        result=result,
        diagnosis=diagnosis.sentence(Case(target, result, stands, probes_of(events), gaps, seen, spans)),
        standing=stands,
        events=events,
        gaps=gaps,
        probes=len(probes_of(every)),
        ignored=len(every) - len(events),
        downtime=downtime.downtime(gaps, seen.ended),
        availability=downtime.availability(gaps, stands.served_at, seen.ended),
        census=count(target, stands.streaks, stands.latest) if target.census else None,
    )


def _result(target: Target, stands: Standing, events: tuple[Event, ...], seen: Seen, spans: tuple[Span, ...]) -> Result:
    if stands.hard:
        return Result.MISCONFIGURED
    if seen.baking_since is not None:
        return _baked(target, stands, seen, spans, seen.baking_since)
    if standing.healthy(target, stands):
        return Result.HEALTHY if not seen.policy.bake_time else Result.INCONCLUSIVE
    over = seen.ended >= seen.policy.deadline or seen.ended > standing.last_chance(target, stands, seen.policy)
    if not standing.given_up(target, stands) and (not over or _blinded(target, stands, events, seen, spans)):
        return Result.INCONCLUSIVE
    return Result.WRONG_VERSION if serves_old(target, stands, events) else Result.TIMEOUT


def _baked(target: Target, stands: Standing, seen: Seen, spans: tuple[Span, ...], since: float) -> Result:
    """A violated limit beats everything; a bake that was cut short, or taken blindly, or at whose end the target still
    fails, proves nothing."""
    if bake.violated(stands.tally, seen.policy):
        return Result.REGRESSED
    end = since + seen.policy.bake_time
    blind = distrust.blind_seconds(spans, since, end)
    if seen.ended < end or not bake.enough(stands.tally, target, seen.policy, blind):
        return Result.INCONCLUSIVE
    if standing.fails_at_its_end(stands):
        return Result.INCONCLUSIVE
    return Result.HEALTHY


def _blinded(target: Target, stands: Standing, events: tuple[Event, ...], seen: Seen, spans: tuple[Span, ...]) -> bool:
    """The runner was not to be trusted in the time that decided, and the target did not fail after it."""
    failed_at = max((probe.ended for probe in probes_of(events) if not probe.ok), default=None)
    if not stands.probes:
        return True
    most = max((thresholds.needed(target, streak) for streak in stands.streaks.values()), default=1)
    each = pace.quick(target) if thresholds.sampled(target) else target.period
    window = seen.ended - most * each - target.timeout
    return any(span.end >= window and (failed_at is None or failed_at < span.end) for span in spans)


def serves_old(target: Target, stands: Standing, events: tuple[Event, ...]) -> bool:
    """It serves, but not everywhere the version that is expected: nothing else is wrong with its last answers."""
    last: tuple[Probe, ...] = tuple(stands.latest.values())
    if not target.census:
        most = max((thresholds.needed(target, streak) for streak in stands.streaks.values()), default=1)
        last = probes_of(events)[-most:]
    return bool(last) and all(probe.serving for probe in last) and any(not probe.ok for probe in last)
