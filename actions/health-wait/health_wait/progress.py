"""What is said while waiting: a line for every change of state, and one at least every ten seconds.

Where many targets change at about the same time, one line tells of them together.
"""

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
"""Targets that a line names, and that a watch may have to be told of one by one, each at once."""

MOST_STATES = 10
"""States of a target that are told as soon as it comes into them; whatever else it comes into, such as versions that
hold the time of day, is told every 10 s."""

HEALTHY = "healthy"

TOGETHER = 1.0
"""Seconds from one line to the next about the changes of more targets: what changes in between is told together."""


@dataclass(frozen=True, slots=True)
class Said:
    """`at` is when the last line was said. `known` are the states each target was said to be in, `states` the last,
    `changed_at` when there last was a line about it alone. `news` are the targets whose last change is not told yet."""

    at: float = 0.0
    known: Mapping[int, frozenset[str]] = field(default_factory=dict)
    states: Mapping[int, str] = field(default_factory=dict)
    changed_at: Mapping[int, float] = field(default_factory=dict)
    news: tuple[int, ...] = ()


def changed(said: Said, index: int, target: Target, stands: Standing, now: float) -> Said:
    """Note a target that came into another state: the first time, else at most every 10 s."""
    state = _state(target, stands)
    if not state or state == said.states.get(index):
        return said
    known = said.known.get(index, frozenset())
    restless = len(known) >= MOST_STATES and state != HEALTHY
    if (state in known or restless) and now - said.changed_at.get(index, 0.0) < EVERY:
        return said
    return replace(
        said,
        known={**said.known, index: known | {state}},
        states={**said.states, index: state},
        changed_at={**said.changed_at, index: now},
        news=said.news if index in said.news else (*said.news, index),
    )


def due(said: Said, of: int) -> float:
    """When the next line about `of` targets is due, if nothing changes until then."""
    return said.at + (TOGETHER if said.news and of > MOST_NAMED else EVERY)


def changes(
    said: Said, targets: Sequence[Target], standings: Sequence[Standing], now: float, *, baking: bool
) -> tuple[Said, tuple[str, ...]]:
    """The lines about the targets that changed: one each of a few, and one of many together, a second after the last
    line at the soonest."""
    if not said.news or (len(targets) > MOST_NAMED and now < said.at + TOGETHER):
        return said, ()
    told_now = replace(said, at=now, news=())
    if len(said.news) > MOST_NAMED:
        return told_now, (_together(targets, standings, now, baking=baking),)
    return told_now, tuple(_change(targets[index], standings[index], now, baking=baking) for index in said.news)


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
    missing = _missing(targets, standings)
    if len(missing) == 1:
        (index,) = missing
        moved = replace(moved, changed_at={**said.changed_at, index: now})
        return moved, (_line(targets[index], standings[index], "waiting", now),)
    return moved, (_together(targets, standings, now, baking=False),)


def _missing(targets: Sequence[Target], standings: Sequence[Standing]) -> list[int]:
    pairs = enumerate(zip(targets, standings, strict=True))
    return [index for index, (target, stands) in pairs if not standing.healthy(target, stands)]


def _together(targets: Sequence[Target], standings: Sequence[Standing], now: float, *, baking: bool) -> str:
    """How many are healthy, and what the first of the others do."""
    missing = _missing(targets, standings)
    done = f"{len(targets) - len(missing)} of {len(targets)} targets healthy after {told(now)}"
    if not missing:
        return done
    named = "; ".join(
        f"{targets[index].name}: {_how(targets[index], standings[index])}" for index in missing[:MOST_NAMED]
    )
    more = f"; and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    return f"{done}; {'no longer ' if baking else 'waiting for '}{named}{more}"


def _change(target: Target, stands: Standing, now: float, *, baking: bool) -> str:
    """Nothing is waited for while baking."""
    otherwise = "not healthy after" if baking else "waiting"
    return _line(target, stands, "healthy after" if standing.healthy(target, stands) else otherwise, now)


def _line(target: Target, stands: Standing, verb: str, now: float) -> str:
    probes = f"{stands.probes} probe{'' if stands.probes == 1 else 's'}"
    return f"{target.name}: {verb} {told(now)}: {_how(target, stands)} ({probes})"


def _state(target: Target, stands: Standing) -> str:
    """A word for where it stands: two with the same word are no news. "" before the first probe."""
    if standing.healthy(target, stands):
        return HEALTHY
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
