"""What is said while waiting: a line for every change of state, and one at least every ten seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from health_wait import census, phrases, standing
from health_wait.model import Probe, Target
from health_wait.phrases import told
from health_wait.standing import Standing

EVERY = 10.0
"""Seconds of silence after which a line is due, and between two lines about a target that goes to and fro."""

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Said:
    """`at` is when the last line was said. `known` are the states each target was said to be in, `states` the last,
    `changed_at` when there last was a line about it alone."""

    at: float = 0.0
    known: Mapping[int, frozenset[str]] = field(default_factory=dict)
    states: Mapping[int, str] = field(default_factory=dict)
    changed_at: Mapping[int, float] = field(default_factory=dict)


def changes(said: Said, index: int, target: Target, stands: Standing, now: float) -> tuple[Said, tuple[str, ...]]:
    """The line about a target that came into another state: at once the first time, else at most every 10 s."""
    state = _state(target, stands)
    if not state or state == said.states.get(index):
        return said, ()
    known = said.known.get(index, frozenset())
    if state in known and now - said.changed_at.get(index, 0.0) < EVERY:
        return said, ()
    moved = Said(
        now,
        {**said.known, index: known | {state}},
        {**said.states, index: state},
        {**said.changed_at, index: now},
    )
    verb = f"{state} after" if standing.healthy(target, stands) else "waiting"
    return moved, (_line(target, stands, verb, now),)


def beat(
    said: Said, targets: Sequence[Target], standings: Sequence[Standing], now: float, baking_since: float | None
) -> tuple[Said, tuple[str, ...]]:
    """The line that is due when nothing was said for 10 s: of the one target that is missing, or of them all."""
    if now < said.at + EVERY:
        return said, ()
    moved = replace(said, at=now)
    if baking_since is not None:
        failed = sum(stands.tally.failed for stands in standings)
        taken = sum(stands.tally.probes for stands in standings)
        return moved, (f"baking for {told(now - baking_since)}: {failed} of {taken} probes failed",)
    pairs = list(zip(targets, standings, strict=True))
    missing = [index for index, (target, stands) in enumerate(pairs) if not standing.healthy(target, stands)]
    if len(missing) == 1:
        moved = replace(moved, changed_at={**said.changed_at, missing[0]: now})
        return moved, (_line(*pairs[missing[0]], "waiting", now),)
    named = "; ".join(f"{pairs[index][0].name}: {_how(*pairs[index])}" for index in missing[:MOST_NAMED])
    more = f"; and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    done = len(pairs) - len(missing)
    return moved, (f"{done} of {len(pairs)} targets healthy after {told(now)}; waiting for {named}{more}",)


def _line(target: Target, stands: Standing, verb: str, now: float) -> str:
    probes = f"{stands.probes} probe{'' if stands.probes == 1 else 's'}"
    return f"{target.name}: {verb} {told(now)}: {_how(target, stands)} ({probes})"


def _state(target: Target, stands: Standing) -> str:
    """A word for where it stands: two with the same word are no news. "" before the first probe."""
    if standing.healthy(target, stands):
        return "healthy"
    if not stands.probes:
        return ""
    return " ".join(sorted({_kind(target, probe) for probe in stands.latest.values()})) + _replicas(target, stands)


def _kind(target: Target, probe: Probe) -> str:
    return f"good {probe.version or ''}" if probe.ok else phrases.kind_of_failure(target, probe)


def _how(target: Target, stands: Standing) -> str:
    """The last failure in words, or what is good."""
    failing = [probe for probe in stands.latest.values() if not probe.ok]
    replicas = _replicas(target, stands)
    if failing:
        return phrases.phrase(target, failing[-1]).now + replicas
    if not stands.latest:
        return "not probed yet"
    found = next((probe.version for probe in reversed(list(stands.latest.values())) if probe.version is not None), None)
    return f"answers{f' {phrases.version(found)}' if found else ''}{replicas}"


def _replicas(target: Target, stands: Standing) -> str:
    if not target.census:
        return ""
    found = census.count(target, stands.streaks, stands.latest)
    wanted = target.expectation.version if target.expectation else ""
    word = f"on {phrases.version(wanted)}" if wanted else "healthy"
    return f", {found.proven}/{found.of} replicas {word}"
