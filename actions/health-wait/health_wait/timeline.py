"""A watch as a chart in plain text: one row of cells a target, the worst of a cell's probes in each.

Letters, for they keep rows and axis in line in every font, and say the same to whoever sees no colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actionkit.untrusted import one_line, shortened
from health_wait import census, distrust, pace
from health_wait.distrust import Span
from health_wait.model import Probe, Target
from health_wait.phrases import told
from health_wait.seen import Seen, probes_of
from health_wait.verdict import Judgement

MOST_CELLS = 48
MOST_ROWS = 40
MOST_REPLICAS = 8
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Sign:
    """How one state of a cell is drawn."""

    letter: str
    meaning: str


NONE = Sign(".", "no probe")
GOOD = Sign("#", "good")
OLD = Sign("o", "serves another version")
FAILED = Sign("x", "failed")
IGNORED = Sign("?", "the runner's own fault")

WORST_FIRST = (FAILED, OLD, IGNORED, GOOD, NONE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the chart."""

    name: str
    cells: tuple[Sign, ...]


def rows(seen: Seen, judgement: Judgement) -> tuple[Row, ...]:
    """A row a target; under one whose census found a few replicas, a row for each of them."""
    width = _cells(seen)
    found: list[Row] = []
    for index, judged in enumerate(judgement.targets):
        probes: dict[str, list[Probe]] = {census.NAME: []}
        for probe in probes_of(seen.events[index]):
            probes.setdefault(probe.replica, []).append(probe)
        cells = {name: _row(judged.target, own, seen, width, judgement.spans) for name, own in probes.items()}
        found.append(Row(judged.target.name, tuple(map(_worst, zip(*cells.values(), strict=True)))))
        replicas = sorted(cells.keys() - {census.NAME})
        if len(replicas) <= MOST_REPLICAS:
            found += [Row(f"  {name}", cells[name]) for name in replicas]
    return tuple(found)


def _worst(signs: Sequence[Sign]) -> Sign:
    return min(signs, key=WORST_FIRST.index)


def _cells(seen: Seen) -> int:
    """As many cells as the target that was probed most has probes, within the limit."""
    return max(1, min(MOST_CELLS, max((len(events) for events in seen.events), default=1)))


def _row(target: Target, probes: Sequence[Probe], seen: Seen, width: int, spans: Sequence[Span]) -> tuple[Sign, ...]:
    """What was seen last holds until the next probe is due: only a longer silence shows as no probe."""
    per_cell = max(seen.ended, 1e-9) / width
    signs: list[list[Sign]] = [[] for _ in range(width)]
    held: list[Sign] = [NONE] * width
    for probe in sorted(probes, key=lambda probe: probe.began):
        at = min(width - 1, max(0, int(probe.began / per_cell)))
        signs[at].append(_sign(probe, spans))
        holds = min(probe.ended, probe.began + target.timeout) + (1 + pace.JITTER) * target.period
        until = min(width, int(holds / per_cell) + 1)
        held[at:until] = [_sign(probe, spans)] * (until - at)
    return tuple(_worst(cell) if cell else last for cell, last in zip(signs, held, strict=True))


def _sign(probe: Probe, spans: Sequence[Span]) -> Sign:
    if probe.ok:
        return GOOD
    if not distrust.counts(probe, spans):
        return IGNORED
    return OLD if probe.serving else FAILED


def chart(seen: Seen, judgement: Judgement) -> str:
    """The chart with axis and legend, without a final line break; "" where nothing was watched."""
    drawn = rows(seen, judgement)
    if not drawn:
        return ""
    shown = drawn[:MOST_ROWS]
    names = [_name(row.name) for row in shown]
    wide = max(map(len, names))
    lines = [
        f"{name.ljust(wide)} {''.join(sign.letter for sign in row.cells)}"
        for name, row in zip(names, shown, strict=True)
    ]
    if len(drawn) > len(shown):
        lines.append(f"and {len(drawn) - len(shown)} more rows")
    lines.append(f"{' ' * wide} {_axis(seen, len(shown[0].cells))}")
    used = {sign for row in shown for sign in row.cells}
    legend = [sign for sign in (GOOD, OLD, FAILED, IGNORED, NONE) if sign in used]
    lines.append(", ".join(f"{sign.letter} {sign.meaning}" for sign in legend))
    return "\n".join(lines)


def _axis(seen: Seen, columns: int) -> str:
    """`0 s` at the left, the end at the right, and `bake` where it began, as far as there is room."""
    left, right = "0 s", told(seen.ended)
    axis = list(left.ljust(max(columns - len(right), len(left) + 1)) + right)
    if seen.baking_since is not None and seen.ended > 0:
        mark = "^bake"
        at = int(seen.baking_since / seen.ended * columns)
        if all(sign == " " for sign in axis[max(0, at - 1) : at + len(mark) + 1]) and at + len(mark) < len(axis):
            axis[at : at + len(mark)] = mark
    return "".join(axis)


def _name(name: str) -> str:
    indent = "  " if name.startswith("  ") else ""
    return indent + shortened(one_line(name), LONGEST_NAME)
