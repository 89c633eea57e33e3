"""Measurement drift: coverage that moved on lines nobody touched, because the measurement changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from coverage_gate.delta import Delta
from coverage_gate.evidence import Baseline, percent, shown
from coverage_gate.model import Counts

NOTABLE = Fraction(1, 10)
"""Percentage points below which drift under one and the same tool is not worth a sentence."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Coverage of the untouched lines went from `from_` to `to` percent, `points` apart, by measurement alone."""

    points: Fraction
    from_: Fraction
    to: Fraction
    sentence: str


def detect(baseline: Baseline, delta: Delta, *, tool: str, version: str, format: str) -> Drift | None:  # noqa: A002
    """Say what measurement alone moved, on the lines the change does not touch; None if nothing worth saying.

    `tool`, `version` and `format` are those of the current report. Lines that ran before and no longer do are no
    drift: they are the delta's `newly_uncovered`.
    """
    drifted = delta.parts["base_drift"]
    before = percent(delta.untouched)
    after = percent(Counts(delta.untouched.covered + drifted.covered, delta.untouched.total + drifted.total))
    if before is None or after is None or before == after:
        return None
    points = after - before
    old, new = (baseline.tool, baseline.version, baseline.format), (tool, version, format)
    if old == new and abs(points) < NOTABLE:
        return None
    cause = _by_tool(old, new) if old != new else _by_evidence(delta)
    sentence = f"{cause} from {shown(before)} % to {shown(after)} %: not your change."
    return Drift(points, before, after, sentence)


def _by_tool(old: tuple[str, str, str], new: tuple[str, str, str]) -> str:
    was, became = _label(*old), _label(*new)
    if was == became:
        was, became = f"{was} ({old[2]})", f"{became} ({new[2]})"
    return f"{was} -> {became} moves lines that this change does not touch"


def _by_evidence(delta: Delta) -> str:
    if delta.no_longer_measured:
        files = _files(delta.no_longer_measured)
        return f"{files} no longer measured (did every shard report?), which moves untouched code"
    if delta.first_measured:
        return f"{_files(delta.first_measured)} measured for the first time, which moves untouched code"
    return "Lines that this change does not touch are counted in another way than in the baseline, which moves them"


def _files(paths: Sequence[str]) -> str:
    names = ", ".join(f"`{path}`" for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    return f"1 untouched file ({names}) is" if len(paths) == 1 else f"{len(paths)} untouched files ({names}) are"


def _label(tool: str, version: str, report_format: str) -> str:
    return f"{tool or report_format} {version}".strip()[:60]
