"""The outcome as Markdown, for the step summary and the pull request comment.

It reads the outcome and nothing else, so a trusted job can show what an untrusted one saw: every word in it may have
been written by somebody else and is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actionkit import markdown as md
from actionkit.action import Page
from actionkit.outcome import Outcome
from actionkit.pages import (
    MARKS,
    ROWS,
    facts,
    figure,
    foot,
    head,
    items,
    joined,
    left_out,
    mapping,
    mappings,
    problems,
    text,
)

ICONS = {
    "healthy": "✅",
    "timeout": "❌",
    "wrong-version": "❌",
    "regressed": "❌",
    "inconclusive": "⚠️",
    "misconfigured": "🛑",
}
CHART_LIMIT = 40_000
"""Characters of the chart; a comment holds 65,536 in all."""


def render(outcome: Outcome, page: Page) -> str:
    """The whole page, most important first; what does not fit is cut from the end by whoever posts it."""
    data, rows = outcome.data, ROWS[page]
    return joined(
        (
            head("Health wait", outcome),
            _targets(mappings(data.get("targets")), rows),
            _timeline(data.get("timeline")),
            facts(outcome.facts),
            problems(outcome.problems, rows),
            _replicas(mappings(data.get("targets")), rows),
            _gaps(mappings(data.get("targets")), rows),
            _runner(mapping(data.get("runner"))),
            foot(outcome),
        )
    )


def _targets(targets: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    if not targets:
        return
    rows = [
        (
            ICONS.get(str(one.get("result")), ""),
            text(str(one.get("target", ""))),
            text(str(one.get("diagnosis", ""))),
            text(str(one.get("version") or "")),
            _number(one.get("first_healthy_seconds")),
            "" if one.get("first_served_seconds") is None else _number(one.get("downtime_seconds")),
            _number(one.get("probes")),
        )
        for one in targets[:limit]
    ]
    yield md.table(("", "Target", "Diagnosis", "Version", "Healthy after s", "Downtime s", "Probes"), rows)
    yield from left_out(len(targets) - limit)


def _timeline(chart: object) -> Iterator[str]:
    """The chart in letters: it was drawn in the run, and is shown as plain text whatever it holds."""
    if isinstance(chart, str) and chart.strip() and len(chart) <= CHART_LIMIT:
        yield "### Timeline"
        yield ""
        yield md.fence(chart, "text")


def _replicas(targets: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    rows = [
        (
            text(str(target.get("target", ""))),
            text(str(replica.get("address", ""))),
            MARKS[replica.get("ok") if isinstance(replica.get("ok"), bool) else None],
            text(str(replica.get("version") or "")),
            _number(replica.get("downtime_seconds")),
        )
        for target in targets
        for replica in mappings(target.get("replicas"))
    ]
    if rows:
        yield "### Replicas"
        yield ""
        yield md.table(("Target", "Address", "", "Version", "Downtime s"), rows[:limit])
        yield from left_out(len(rows) - limit)


def _gaps(targets: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    rows = [
        (
            text(str(target.get("target", ""))),
            _number(gap.get("start_seconds")),
            _number(gap.get("end_seconds")) or "not yet",
            text(str(gap.get("reason", ""))),
        )
        for target in targets
        for gap in mappings(target.get("gaps"))
    ]
    if rows:
        yield "### Downtime"
        yield ""
        yield md.table(("Target", "From s", "To s", "Why"), rows[:limit])
        yield from left_out(len(rows) - limit)


def _runner(runner: Mapping[str, Any]) -> Iterator[str]:
    """When the runner itself was not to be trusted: those times count for nobody."""
    spans = [span for span in items(runner.get("untrusted")) if len(items(span)) == 2]
    if spans:
        times = ", ".join(f"{_number(span[0])} to {_number(span[1])} s" for span in spans[:5])
        yield f"The runner itself stood still or was late ({times}): failures in that time were not counted."


def _number(value: object) -> str:
    return figure(value, lambda found: f"{found:.3f}".rstrip("0").rstrip("."))
