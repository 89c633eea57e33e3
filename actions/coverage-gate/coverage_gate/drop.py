"""The ratchet: coverage now against the baseline, in exact percentage points. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from coverage_gate.baseline import adjust
from coverage_gate.delta import Delta
from coverage_gate.evidence import Baseline, Evidence, Measure, percent, shown
from coverage_gate.finding import Finding, nothing, percent_text, unjudged
from coverage_gate.limits import Threshold, is_empty, needed, plain, readings, worst
from coverage_gate.model import Counts

HEALS = (
    "It heals by itself: the next push to the default branch that runs this action with `contents: write` records one."
)


def no_baseline(threshold: Threshold, evidence: Evidence, *, rule: str, subject: str) -> Finding:
    """A missing baseline is no baseline of 0 %: nothing can be compared, and it is said how that ends."""
    reason = str(evidence.no_baseline) or "no baseline is recorded"
    return unjudged(
        threshold,
        reason,
        rule=rule,
        subject=subject,
        fix=HEALS if evidence.no_baseline.heals else "",
        unit="percentage points",
    )


def base_of(evidence: Evidence, baseline: Baseline) -> Baseline:
    """The baseline without what the change deletes: deleting covered code is no drop."""
    return adjust(baseline, evidence.diff) if evidence.diff is not None else baseline


def hold_drop(
    before: Counts, after: Measure, threshold: Threshold, *, rule: str, subject: str, short: str, on_no_lines: str
) -> Finding:
    """Hold the fall from `before` to `after` against the highest number of percentage points it may have.

    Every reading of `after` has to agree.
    """
    found = Finding(rule=rule, subject=subject, ok=None, message="", counts=after.counts, threshold=threshold)
    if is_empty(after):
        return nothing(found, short, on_no_lines)
    base = percent(before)
    if base is None:
        return replace(
            found, ok=True, message=f"{subject} is new: the baseline has no lines of it", brief=f"{short} new"
        )
    drops = [base - now for counts in readings(after) if (now := percent(counts)) is not None]
    answers = {drop <= threshold.limit for drop in drops}
    allowed = f"{threshold.origin} allows {threshold} percentage points"
    if len(answers) > 1 or not after.counts.total:
        low, high = plain_points(min(drops)), plain_points(max(drops))
        message = f"{subject} fell by {low} to {high} percentage points, and {allowed}: {after.doubt}"
        return replace(found, message=message, brief=f"{short} fell by {low} to {high} points")
    drop = base - Fraction(100 * after.counts.covered, after.counts.total)
    sentence = f"{subject} went from {percent_text(before)} to {percent_text(after.counts)}"
    if answers == {True}:
        return replace(found, ok=True, message=f"{sentence}, and {allowed} of fall", brief=f"{short} {_change(drop)}")
    more = needed(worst(after), base - threshold.limit)
    return replace(
        found,
        ok=False,
        message=f"{sentence}, a fall of {plain_points(drop)} percentage points, and {allowed}",
        brief=f"{short} fell {plain_points(drop)} > {threshold} points",
        fix=f"Cover at least {more} more lines.",
        shortfall=more,
    )


def without_drift(after: Measure, evidence: Evidence, baseline: Baseline, delta: Delta | None) -> Measure:
    """`after`, with one more reading if another tool or version measured the baseline.

    What differs then in lines that nobody touched may be the tool's doing: neither a drop nor a rise of that kind is
    the change's.
    """
    old = (baseline.tool, baseline.version, baseline.format)
    reports = evidence.overall.reports
    if delta is None or old in {(report.tool, report.version, report.format) for report in reports}:
        return after
    drifted = delta.parts["base_drift"]
    covered, total = after.counts.covered - drifted.covered, after.counts.total - drifted.total
    if not 0 <= covered <= total or not total or drifted == (0, 0):
        return after
    return _with_reading(
        after, Counts(covered, total), f"{_label(*old)} measured the baseline, {_now(evidence)} this run"
    )


def plain_points(points: Fraction) -> str:
    """Percentage points in two decimals, rounded up, so that a forbidden fall never reads as an allowed one."""
    return shown(-points).removeprefix("-") if points > 0 else plain(Fraction(0))


def _with_reading(measure: Measure, other: Counts, doubt: str) -> Measure:
    several: Sequence[Counts] = sorted((*readings(measure), other), key=lambda counts: percent(counts) or Fraction(0))
    return Measure(measure.counts, several[0], several[-1], "; ".join(text for text in (measure.doubt, doubt) if text))


def _change(drop: Fraction) -> str:
    text = shown(-drop)
    return f"{text if text.startswith('-') else f'+{text}'} points"


def _label(tool: str, version: str, report_format: str) -> str:
    return f"{tool or report_format} {version}".strip()


def _now(evidence: Evidence) -> str:
    labels = dict.fromkeys(_label(report.tool, report.version, report.format) for report in evidence.overall.reports)
    return ", ".join(labels)
