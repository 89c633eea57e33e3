"""What a rule found: one threshold held against one measure, in a sentence that names both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coverage_gate.evidence import Measure, percent, shown
from coverage_gate.limits import Threshold, is_empty, judged, needed, worst
from coverage_gate.model import Counts, Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One threshold, judged.

    `ok` is None where the evidence cannot say. `subject` is what was measured, as messages name it ("line coverage of
    component `billing`"); `brief` is the result in a few words for a headline. `message` is a sentence without a full
    stop. `blocks` marks a doubt about the evidence itself, which nothing outweighs. `waived` is the reason of the
    waiver that excuses it. `counts` is what `threshold` was held against (for a drop: the coverage now). Where a limit
    is missed, `shortfall` is how many more must be covered, and `missing` are the lines by path that would count.
    """

    rule: str
    subject: str
    ok: bool | None
    message: str
    brief: str = ""
    fix: str = ""
    path: str = ""
    counts: Counts | None = None
    threshold: Threshold | None = None
    blocks: bool = False
    waived: str = ""
    shortfall: int = 0
    missing: Mapping[str, Lines] = field(default_factory=dict)


def hold(measure: Measure, threshold: Threshold, *, rule: str, subject: str, short: str, on_no_lines: str) -> Finding:
    """Hold a measure against a lowest percentage. `short` names it in the headline.

    What has nothing to cover passes, unless `on_no_lines` is `fail` or `incomplete`.
    """
    found = Finding(rule=rule, subject=subject, ok=None, message="", counts=measure.counts, threshold=threshold)
    if is_empty(measure):
        return nothing(found, short, on_no_lines)
    ok = judged(measure, threshold.limit)
    figure = percent_text(measure.counts)
    asked = f"the {threshold} % of {threshold.origin}"
    if ok is None:
        low, high = percent_text(measure.lowest), percent_text(measure.highest)
        return replace(
            found,
            message=f"{subject} is between {low} and {high}, so nobody can say if it meets {asked}: {measure.doubt}",
            brief=f"{short} {low} to {high}",
            fix="Give reports of this repository that agree with their headers, in a format that merges exactly.",
        )
    sentence = f"{subject} is {figure} ({measure.counts.covered} of {measure.counts.total})"
    if ok:
        return replace(found, ok=True, message=f"{sentence}, which meets {asked}", brief=f"{short} {figure}")
    more = needed(worst(measure), threshold.limit)
    return replace(
        found,
        ok=False,
        message=f"{sentence}, below {asked}",
        brief=f"{short} {figure} < {threshold} %",
        fix=f"Cover at least {more} more.",
        shortfall=more,
    )


def nothing(found: Finding, short: str, on_no_lines: str) -> Finding:
    """`found` for 0 of 0."""
    message = f"{found.subject} is n/a: there is nothing to cover (0 of 0)"
    if on_no_lines in ("fail", "incomplete"):
        ok = False if on_no_lines == "fail" else None
        message += f", and `on_no_lines` is `{on_no_lines}`"
        return replace(
            found, ok=ok, message=message, brief=f"{short} n/a", fix="Measure it, or set `on_no_lines: pass`."
        )
    return replace(found, ok=True, message=message, brief=f"{short} n/a")


def unjudged(threshold: Threshold, reason: str, *, rule: str, subject: str, fix: str = "", unit: str = "%") -> Finding:
    """A finding that the evidence does not allow; `reason` says why."""
    message = f"{subject} cannot be held against the {threshold} {unit} of {threshold.origin}: {reason}"
    return Finding(
        rule=rule, subject=subject, ok=None, message=message, brief=f"{subject} unknown", fix=fix, threshold=threshold
    )


def percent_text(counts: Counts) -> str:
    """`84.12 %`, rounded down, or `n/a`."""
    text = shown(percent(counts))
    return f"{text} %" if text else "n/a"
