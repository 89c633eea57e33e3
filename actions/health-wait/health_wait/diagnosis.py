"""Why a target is where it is, in one sentence: DNS, TCP, TLS, HTTP, status, answer, version, in this order of depth.

A sentence starts small and has no full stop, so that it can follow the target's name and a colon.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from actionkit.surroundings import is_loopback
from actionkit.web.model import Cause
from health_wait import bake, census, distrust, downtime, phrases, standing, thresholds
from health_wait.distrust import Span
from health_wait.model import Gap, Probe, Result, Target
from health_wait.phrases import Phrase, told
from health_wait.seen import Seen
from health_wait.standing import Standing

FLAPS = 2
"""So many times down after it had served, and a target flaps."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that a sentence is made from. `probes` and `gaps` are of the events that count."""

    target: Target
    result: Result
    stands: Standing
    probes: tuple[Probe, ...]
    gaps: tuple[Gap, ...]
    seen: Seen
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Symptom:
    """How it fails at the end, for how many seconds already, and on how many replicas of how many (0: no census)."""

    probe: Probe
    phrase: Phrase
    seconds: float
    replicas: int
    of: int

    @property
    def share(self) -> str:
        """ " on 2 of 4 replicas", or nothing without a census."""
        return f" on {self.replicas} of {self.of} replicas" if self.of else ""


def sentence(case: Case) -> str:
    """The diagnosis of one target."""
    if case.result is Result.MISCONFIGURED and case.stands.hard:
        hard = phrases.phrase(case.target, case.stands.hard)
        return _because(hard.now, hard.why)
    told_by = {
        Result.HEALTHY: _healthy,
        Result.REGRESSED: _regressed,
        Result.WRONG_VERSION: _wrong_version,
        Result.INCONCLUSIVE: _inconclusive,
    }
    return told_by.get(case.result, _timeout)(case)


def symptom(case: Case) -> Symptom | None:
    """How the target fails at the end: the commonest failure of its replicas. None where the last answers are good."""
    failing = [probe for probe in case.stands.latest.values() if not probe.ok]
    if not failing:
        return None
    kinds = Counter(phrases.kind_of_failure(case.target, probe) for probe in failing)
    ((kind, often),) = kinds.most_common(1)
    alike = [probe for probe in failing if phrases.kind_of_failure(case.target, probe) == kind]
    since = min(_since(case, probe, kind) for probe in alike)
    of = len([name for name in case.stands.streaks if name != census.NAME]) if case.target.census else 0
    return Symptom(alike[-1], phrases.phrase(case.target, alike[-1]), max(p.ended for p in alike) - since, often, of)


def _since(case: Case, last: Probe, kind: str) -> float:
    """When the run of failures alike began that ended with `last`."""
    since = last.began
    for probe in reversed(case.probes):
        if probe.replica == last.replica:
            if probe.ok or phrases.kind_of_failure(case.target, probe) != kind:
                break
            since = probe.began
    return since


def _healthy(case: Case) -> str:
    allowed = case.stands.tally.failed
    baked = f", and stayed so for {told(case.seen.policy.bake_time)}" if case.seen.policy.bake_time else ""
    within = f" ({allowed} of {case.stands.tally.probes} probes failed, within the limit)" if allowed else ""
    if case.gaps:
        if case.gaps[-1].end is None:  # by a single failed probe: more would prove nothing
            return f"{_was_up_then(case)}, at the very end of its bake{within}"
        return f"{_was_up_then(case)}; healthy again{baked}{within}"
    if case.target.census:
        count = census.count(case.target, case.stands.streaks, case.stands.latest)
        serves = f"serves {_wanted(case)} on" if _wanted(case) else "answers on"
        replicas = {1: "its only replica", 2: "both replicas"}.get(count.of, f"all {count.of} replicas")
        return f"{serves} {replicas} after {_after(case)}{baked}{within}"
    serves = f"serves {_wanted(case)}" if _wanted(case) else "healthy"
    return f"{serves} after {_after(case)}{baked}{within}"


def _regressed(case: Case) -> str:
    violation = bake.violated(case.stands.tally, case.seen.policy)
    since = case.seen.baking_since or 0.0
    first = next(probe for probe in case.probes if not probe.ok and probe.began >= since)
    then = phrases.phrase(case.target, first).then
    return f"was healthy, then {then}, {told(first.began - since)} into the bake: {violation}"


def _wrong_version(case: Case) -> str:
    last = [probe for probe in case.probes if not probe.ok and probe.serving][-1]
    found = symptom(case)
    if case.target.census and found:
        return _because(f"{found.phrase.now},{found.share}", found.phrase.why)
    recent = case.probes[-_needed(case) :]
    old = sum(not probe.ok for probe in recent)
    mixed = f" on {old} of its last {len(recent)} connections" if old < len(recent) else ""
    lasting = f" after {told(case.seen.ended)}" if not mixed else ""
    phrase = phrases.phrase(case.target, last)
    return _because(f"{phrase.now},{mixed}{lasting}", phrase.why)


def _inconclusive(case: Case) -> str:
    blind = distrust.blind_seconds(case.spans, 0.0, case.seen.ended)
    since = case.seen.baking_since
    over = since is not None and case.seen.ended >= since + case.seen.policy.bake_time
    found = symptom(case)
    if over and found and standing.fails_at_its_end(case.stands):
        tally = case.stands.tally
        lasting = f"{found.phrase.then}{found.share} for {told(found.seconds)} until the end of its bake"
        return f"was healthy, then {lasting}: {tally.failed} of {tally.probes} probes failed, within the limit"
    if blind:
        lag = distrust.measured_lag(case.seen)
        return (
            f"the runner itself was frozen or starved for {told(blind)} ({lag.late} of {lag.of} control probes late or"
            f" failed), so this watch proves nothing"
        )
    if over:
        return f"only {_probes(case.stands.tally.probes)} in a bake of {told(case.seen.policy.bake_time)}: too few"
    if since is not None or standing.healthy(case.target, case.stands):
        return f"healthy after {_after(case)}, but the watch was stopped before the end of its bake"
    if not case.stands.probes:
        return f"no probe of it came back in {told(case.seen.ended)}"
    state = _because(found.phrase.now + found.share, _why(case, found)) if found else "its last answer was good"
    return f"not decided when the watch was stopped after {told(case.seen.ended)}: {state}"


def _timeout(case: Case) -> str:
    found = symptom(case)
    shut = [gap for gap in case.gaps if gap.end is not None]
    if len(case.gaps) >= FLAPS or (shut and found):
        return _flaps(case)
    if found is None:
        return _too_late(case)
    if case.gaps and not found.of:
        return _because(f"was up, then {found.phrase.then} for {told(found.seconds)} until the end", _why(case, found))
    return _because(f"{found.phrase.now}{found.share} for {told(found.seconds)}", _why(case, found))


def _flaps(case: Case) -> str:
    failed = [probe for probe in case.probes if not probe.ok]
    kinds = Counter(phrases.kind_of_failure(case.target, probe) for probe in failed)
    commonest = kinds.most_common(1)[0][0]
    sample = next(probe for probe in failed if phrases.kind_of_failure(case.target, probe) == commonest)
    longest = max((streak.longest for streak in case.stands.streaks.values()), default=0)
    row = f", never {_needed(case)} good ones in a row" if longest < _needed(case) else ""
    mostly = phrases.phrase(case.target, sample).then
    return f"flaps: {len(failed)} of {len(case.probes)} probes failed{row}; where it failed, it mostly {mostly}"


def _too_late(case: Case) -> str:
    """The last answers were good, but not enough of them came before the deadline."""
    if not case.stands.streaks:
        return "its name leads to no address"
    slowest = min(case.stands.streaks.values(), key=lambda streak: streak.good)
    if not slowest.good:
        return "a replica came too late to be proven before the deadline"
    if all(thresholds.proven(case.target, streak) for streak in case.stands.streaks.values()):
        needed = standing.resolutions_needed(case.target, case.stands)
        return (
            f"its name leads to other addresses again and again: those of now are good, but only "
            f"{case.stands.settled} of {needed} resolutions in a row lost none"
        )
    up = told(max(0.0, case.seen.ended - slowest.since))
    return f"came up only {up} before the end: {slowest.good} of {_needed(case)} good probes in a row"


def _was_up_then(case: Case) -> str:
    first = case.gaps[0]
    broke = next((probe for probe in case.probes if probe.began == first.start and not probe.serving), None)
    failed = phrases.phrase(case.target, broke).then if broke else "was down"
    total = downtime.downtime(case.gaps, case.seen.ended)
    if len(case.gaps) > 1:
        return f"was up, then {failed}: down {len(case.gaps)} times, {told(total)} in all"
    end = case.seen.ended if first.end is None else first.end
    during = " while the rollout replaced it" if _replaced(case, first) else ""
    return f"was up, then {failed} for {told(total)} ({_clock(case, first.start)} to {_clock(case, end)}){during}"


def _replaced(case: Case, gap: Gap) -> bool:
    """Another version answered after the gap than before it."""
    before = [probe.version for probe in case.probes if probe.serving and probe.began < gap.start]
    behind = [probe.version for probe in case.probes if probe.serving and probe.began > gap.start]
    return bool(before and behind) and before[-1] is not None and behind[-1] not in (None, before[-1])


def _why(case: Case, found: Symptom) -> str:
    """What lies behind it. A container that asks itself is a likely mistake, which the probe explains."""
    asked_itself = case.seen.container and is_loopback(case.target.host) and case.stands.served_at is None
    if not asked_itself or found.probe.cause is not Cause.REFUSED:
        return found.phrase.why
    return phrases.reason(found.probe).removeprefix(f"{found.phrase.now}: ")


def _needed(case: Case) -> int:
    streaks = case.stands.streaks.values()
    return max((thresholds.needed(case.target, s) for s in streaks), default=case.target.success_threshold)


def _wanted(case: Case) -> str:
    wanted = case.target.expectation.version if case.target.expectation else ""
    return phrases.version(wanted) if wanted else ""


def _after(case: Case) -> str:
    return told(case.stands.healthy_at or 0.0)


def _because(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what


def _clock(case: Case, seconds: float) -> str:
    return (case.seen.started_at + timedelta(seconds=seconds)).strftime("%H:%M:%S")


def _probes(number: int) -> str:
    return f"{number} probe{'' if number == 1 else 's'}"
