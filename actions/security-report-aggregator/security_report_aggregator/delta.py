"""What a change did to the weaknesses: new, there all along, worse, fixed, or not looked for this time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from security_report_aggregator.consensus import published
from security_report_aggregator.evidence import Baseline, Delta, Known
from security_report_aggregator.model import Level, Weakness


def compare(
    baseline: Baseline,
    weaknesses: Sequence[Weakness],
    *,
    complete_tools: Mapping[str, int],
    was_there: Callable[[Weakness], bool],
) -> Delta:
    """The weaknesses of a change against what is recorded of its base.

    `complete_tools` are the scanners of this run that can be relied on, with how many scans each handed in: one that
    handed in fewer than were recorded has fixed nothing, as the missing one may tell of it still. `was_there` tells
    whether the base held the very package and version already; it is asked only of advisories that appeared after the
    record. What cannot be shown to have been there is new. A severity that becomes known, or unknown, is not worse.
    """
    new: set[str] = set()
    of_old: set[str] = set()
    worse: dict[str, Level] = {}
    for weakness in weaknesses:
        known = baseline.known.get(weakness.id)
        if known is None:
            is_older = _appeared_after(weakness, baseline.recorded_at) and was_there(weakness)
            (of_old if is_older else new).add(weakness.id)
        elif known.level is not Level.UNKNOWN and weakness.rated.level.rank > known.level.rank:
            worse[weakness.id] = known.level
    now = {weakness.id for weakness in weaknesses}
    gone = sorted((known for known in baseline.known.values() if known.id not in now), key=_worst_first)
    fewer = {
        tool: (before, complete_tools[tool])
        for tool, before in baseline.tools.items()
        if 0 < complete_tools.get(tool, 0) < before
    }
    complete = frozenset(complete_tools) - fewer.keys()
    return Delta(
        new=frozenset(new),
        published=frozenset(of_old),
        worse=worse,
        fixed=tuple(known for known in gone if not complete.isdisjoint(known.tools)),
        unknown=tuple(known for known in gone if complete.isdisjoint(known.tools)),
        fewer=fewer,
    )


def _appeared_after(weakness: Weakness, recorded_at: float) -> bool:
    moment = published(weakness)
    return moment is not None and moment.timestamp() > recorded_at


def _worst_first(known: Known) -> tuple[int, str]:
    return -known.level.rank, known.id
