"""The outcome as Markdown, for the step summary and the pull request comment.

It reads the outcome and nothing else, so a trusted job can show what an untrusted one measured: every word in it may
have been written by somebody else and is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actionkit import markdown as md
from actionkit.action import Page
from actionkit.outcome import Fact, Outcome
from actionkit.pages import (
    MARKS,
    NAME_LIMIT,
    ROWS,
    code,
    foot,
    head,
    items,
    joined,
    limit_of,
    mapping,
    mappings,
    problems,
    text,
    value_of,
)
from actionkit.untrusted import shortened
from coverage_gate import figures, trend

COUNTED = {
    "line coverage": ("totals", "lines"),
    "branch coverage": ("totals", "branches"),
    "patch coverage": ("patch", "lines"),
}
"""Fact -> where in the data its counts stand."""

PARTS = {
    "added": "Lines added by this change",
    "deleted": "Lines deleted by this change",
    "moved": "Lines moved with renamed files",
    "newly_uncovered": "Untouched lines that lost or gained coverage",
    "base_drift": "Measured differently, not by this change",
}


def render(outcome: Outcome, page: Page) -> str:
    """The whole page, most important first; what does not fit is cut from the end by whoever posts it."""
    data = outcome.data
    return joined(
        (
            head("Coverage gate", outcome),
            _facts(outcome.facts, data),
            problems(outcome.problems, ROWS[page]),
            _patch(mapping(data.get("patch")), ROWS[page]),
            _delta(data, ROWS[page]),
            _green_path(mappings(data.get("green_path")), ROWS[page]),
            _trend(mappings(data.get("trend"))),
            _replay(mapping(data.get("replay")), ROWS[page]),
            _suites(mappings(data.get("suites")), ROWS[page]),
            foot(outcome),
        )
    )


def _facts(facts: Sequence[Fact], data: Mapping[str, Any]) -> Iterator[str]:
    if not facts:
        return
    rows = [
        (md.text(fact.name), value_of(fact), _covered(fact.name, data), limit_of(fact), MARKS[fact.ok])
        for fact in facts
    ]
    yield md.table(("Measure", "Value", "Covered", "Threshold", ""), rows)


def _covered(fact: str, data: Mapping[str, Any]) -> str:
    """ "21 of 22" for the facts that are shares of something countable."""
    part, kind = COUNTED.get(fact, ("", ""))
    row = mapping(data.get(part))
    return f"{_count(row, f'{kind}_covered')} of {_count(row, f'{kind}_total')}" if row.get(f"{kind}_total") else ""


def _patch(patch: Mapping[str, Any], limit: int) -> Iterator[str]:
    files = mappings(patch.get("files"))
    if not files:
        return
    yield f"### Changed lines: {_count(patch, 'lines_covered')} of {_count(patch, 'lines_total')} covered"
    yield ""
    uncovered = [file for file in files if file.get("missing")]
    rows = [
        (
            code(str(file.get("path", ""))),
            f"{_count(file, 'lines_covered')}/{_count(file, 'lines_total')}",
            md.text(_ranges(file.get("missing"))),
        )
        for file in uncovered[:limit]
    ]
    if rows:
        yield md.table(("File", "Covered", "Lines not covered"), rows)
    if len(uncovered) > limit:
        yield f"\nand {len(uncovered) - limit} more files"


def _delta(data: Mapping[str, Any], limit: int) -> Iterator[str]:
    delta, detail, baseline = (mapping(data.get(key)) for key in ("delta", "delta_detail", "baseline"))
    if not detail:
        return
    yield f"### Against the baseline: {md.text(_points(detail.get('points')))} percentage points"
    yield ""
    sha = str(baseline.get("sha", ""))[:12]
    if sha:
        covered, total = _count(baseline, "lines_covered"), _count(baseline, "lines_total")
        behind = f", {_count(baseline, 'distance')} commits behind the base" if baseline.get("distance") else ""
        yield f"Baseline {code(sha)}: {covered} of {total} lines{behind}."
        yield ""
    rows = [(title, md.text(_points(delta.get(part)))) for part, title in PARTS.items() if delta.get(part)]
    if rows:
        yield md.table(("Where it comes from", "Percentage points"), rows)
    files = mappings(detail.get("uncovered"))
    if files:
        lines = [f"- {code(str(f.get('path', '')))}: {md.text(_ranges(f.get('lines')))}" for f in files[:limit]]
        yield ""
        yield md.details("Untouched lines that lost their coverage", "\n".join(lines))


def _green_path(steps: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    if not steps:
        return
    yield "### Cheapest path to green"
    yield ""
    for step in steps[:limit]:
        yield f"- {md.prose(shortened(str(step.get('advice', '')), 2 * NAME_LIMIT))}"
        for place in mappings(step.get("places"))[:limit]:
            tests = [code(str(test)) for test in items(place.get("tests"))[:3]]
            reached = f", next to what {', '.join(tests)} already reaches" if tests else ""
            name = f" in {code(str(place['function']))}" if place.get("function") else ""
            where = f"{code(str(place.get('path', '')))} {md.text(_ranges(place.get('lines')))}"
            yield f"  - {_count(place, 'wanted')} of these {_count(place, 'missing')}: {where}{name}{reached}"


def _trend(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    chart = trend.chart(entries)
    if chart:
        yield "### Trend"
        yield ""
        yield md.fence(chart, "mermaid")


def _replay(replay: Mapping[str, Any], limit: int) -> Iterator[str]:
    rows = mappings(replay.get("rows"))
    if not rows:
        return
    yield "### This policy over the history"
    yield ""
    yield md.table(
        ("Commit", "Recorded", "Line", "Verdict", "Why"),
        [
            tuple(text(str(row.get(key, ""))) for key in ("sha", "recorded_at", "line", "verdict", "why"))
            for row in rows[:limit]
        ],
    )


def _suites(suites: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    rows = [
        (
            text(str(suite.get("name", ""))),
            code(str(report.get("path", ""))),
            text(" ".join(str(report.get(key) or "") for key in ("format", "tool", "version")).strip()),
            f"{_count(report, 'lines_covered')}/{_count(report, 'lines_total')}",
            f"{_count(report, 'branches_covered')}/{_count(report, 'branches_total')}",
            "yes" if report.get("complete") else text(f"no: {report.get('reason', '')}"),
        )
        for suite in suites
        for report in mappings(suite.get("reports"))
    ]
    if rows:
        table = md.table(("Suite", "Report", "Format", "Lines", "Branches", "Complete"), rows[:limit])
        yield md.details(f"{len(rows)} report{'s' if len(rows) > 1 else ''} read", table)


def _ranges(ranges: object) -> str:
    parts = []
    for pair in items(ranges)[:30]:
        first, last = (*items(pair), 0, 0)[:2]
        parts.append(f"{first}" if first == last else f"{first}-{last}")
    more = len(items(ranges)) - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _points(value: object) -> str:
    """Signed, two decimals; "?" for what is no number."""
    points = figures.percentage_points(value)
    return "?" if points is None else f"{points:+.2f}"


def _count(row: Mapping[str, Any], key: str) -> str:
    """A count; "?" for what is none."""
    found = figures.number(row, key)
    return "?" if found is None else str(found)
