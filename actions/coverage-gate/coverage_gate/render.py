"""The outcome as Markdown, for the step summary and the pull request comment.

It reads the outcome and nothing else, so a trusted job can show what an untrusted one measured: every word in it may
have been written by somebody else and is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actionkit import markdown as md
from actionkit.action import Page
from actionkit.outcome import Fact, Outcome, Problem, Severity, Verdict
from actionkit.untrusted import shortened
from coverage_gate import figures, trend

ICONS = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.ERROR: "🛑", Verdict.INCOMPLETE: "⚠️"}
MARKS = {True: "✅", False: "❌", None: ""}
ROWS = {Page.SUMMARY: 200, Page.COMMENT: 25}
"""Rows of one table: the comment is for reading, the summary for looking things up."""

NAME_LIMIT = 500
"""Characters of one text in a table or list; a report may hold names of a megabyte."""

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
    sections = (
        _head(outcome),
        _facts(outcome.facts, data),
        _problems(outcome.problems, ROWS[page]),
        _patch(_mapping(data.get("patch")), ROWS[page]),
        _delta(data, ROWS[page]),
        _green_path(_rows(data.get("green_path")), ROWS[page]),
        _trend(_rows(data.get("trend"))),
        _replay(_mapping(data.get("replay")), ROWS[page]),
        _suites(_rows(data.get("suites")), ROWS[page]),
        _foot(outcome),
    )
    return "\n\n".join(part for section in sections if (part := "\n".join(section).strip())) + "\n"


def _head(outcome: Outcome) -> Iterator[str]:
    yield f"## {ICONS[outcome.verdict]} Coverage gate: {outcome.verdict.value}"
    yield ""
    yield md.prose(outcome.headline)


def _facts(facts: Sequence[Fact], data: Mapping[str, Any]) -> Iterator[str]:
    if not facts:
        return
    rows = []
    for fact in facts:
        value = "n/a" if fact.value in (None, "") else f"{fact.value}{_unit(fact.unit)}"
        limit = "" if fact.limit is None else f"{fact.limit}{_unit(fact.unit)}"
        rows.append((md.text(fact.name), md.text(value), _covered(fact.name, data), md.text(limit), MARKS[fact.ok]))
    yield md.table(("Measure", "Value", "Covered", "Threshold", ""), rows)


def _covered(fact: str, data: Mapping[str, Any]) -> str:
    """ "21 of 22" for the facts that are shares of something countable."""
    part, kind = COUNTED.get(fact, ("", ""))
    row = _mapping(data.get(part))
    return f"{_count(row, f'{kind}_covered')} of {_count(row, f'{kind}_total')}" if row.get(f"{kind}_total") else ""


def _problems(problems: Sequence[Problem], limit: int) -> Iterator[str]:
    for severity, title in ((Severity.ERROR, "Problems"), (Severity.WARNING, "Warnings"), (Severity.NOTICE, "Notes")):
        those = [problem for problem in problems if problem.severity is severity]
        if not those:
            continue
        yield f"### {title}"
        yield ""
        for problem in those[:limit]:
            where = f"{_code(problem.path + _lines(problem))}: " if problem.path else ""
            fix = f". {md.prose(problem.fix)}" if problem.fix else ""
            yield f"- {where}{md.prose(problem.message)}{fix}"
        if len(those) > limit:
            yield f"- and {len(those) - limit} more"
        yield ""


def _patch(patch: Mapping[str, Any], limit: int) -> Iterator[str]:
    files = _rows(patch.get("files"))
    if not files:
        return
    yield f"### Changed lines: {_count(patch, 'lines_covered')} of {_count(patch, 'lines_total')} covered"
    yield ""
    uncovered = [file for file in files if file.get("missing")]
    rows = [
        (
            _code(str(file.get("path", ""))),
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
    delta, detail, baseline = (_mapping(data.get(key)) for key in ("delta", "delta_detail", "baseline"))
    if not detail:
        return
    yield f"### Against the baseline: {md.text(_points(detail.get('points')))} percentage points"
    yield ""
    sha = str(baseline.get("sha", ""))[:12]
    if sha:
        covered, total = _count(baseline, "lines_covered"), _count(baseline, "lines_total")
        behind = f", {_count(baseline, 'distance')} commits behind the base" if baseline.get("distance") else ""
        yield f"Baseline {_code(sha)}: {covered} of {total} lines{behind}."
        yield ""
    rows = [(title, md.text(_points(delta.get(part)))) for part, title in PARTS.items() if delta.get(part)]
    if rows:
        yield md.table(("Where it comes from", "Percentage points"), rows)
    files = _rows(detail.get("uncovered"))
    if files:
        lines = [f"- {_code(str(f.get('path', '')))}: {md.text(_ranges(f.get('lines')))}" for f in files[:limit]]
        yield ""
        yield md.details("Untouched lines that lost their coverage", "\n".join(lines))


def _green_path(steps: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    if not steps:
        return
    yield "### Cheapest path to green"
    yield ""
    for step in steps[:limit]:
        yield f"- {md.prose(shortened(str(step.get('advice', '')), 2 * NAME_LIMIT))}"
        for place in _rows(step.get("places"))[:limit]:
            tests = [_code(str(test)) for test in _list(place.get("tests"))[:3]]
            reached = f", next to what {', '.join(tests)} already reaches" if tests else ""
            name = f" in {_code(str(place['function']))}" if place.get("function") else ""
            where = f"{_code(str(place.get('path', '')))} {md.text(_ranges(place.get('lines')))}"
            yield f"  - {_count(place, 'wanted')} of these {_count(place, 'missing')}: {where}{name}{reached}"


def _trend(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    chart = trend.chart(entries)
    if chart:
        yield "### Trend"
        yield ""
        yield md.fence(chart, "mermaid")


def _replay(replay: Mapping[str, Any], limit: int) -> Iterator[str]:
    rows = _rows(replay.get("rows"))
    if not rows:
        return
    yield "### This policy over the history"
    yield ""
    yield md.table(
        ("Commit", "Recorded", "Line", "Verdict", "Why"),
        [
            tuple(_text(str(row.get(key, ""))) for key in ("sha", "recorded_at", "line", "verdict", "why"))
            for row in rows[:limit]
        ],
    )


def _suites(suites: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    rows = [
        (
            _text(str(suite.get("name", ""))),
            _code(str(report.get("path", ""))),
            _text(" ".join(str(report.get(key) or "") for key in ("format", "tool", "version")).strip()),
            f"{_count(report, 'lines_covered')}/{_count(report, 'lines_total')}",
            f"{_count(report, 'branches_covered')}/{_count(report, 'branches_total')}",
            "yes" if report.get("complete") else _text(f"no: {report.get('reason', '')}"),
        )
        for suite in suites
        for report in _rows(suite.get("reports"))
    ]
    if rows:
        table = md.table(("Suite", "Report", "Format", "Lines", "Branches", "Complete"), rows[:limit])
        yield md.details(f"{len(rows)} report{'s' if len(rows) > 1 else ''} read", table)


def _foot(outcome: Outcome) -> Iterator[str]:
    run = outcome.run
    if run.url:
        link = md.link(f"run {run.run_id}", run.url)
        yield f"<sub>{_code(run.sha[:12])}, {link}</sub>"


def _text(text: str) -> str:
    return md.text(shortened(text, NAME_LIMIT))


def _code(name: str) -> str:
    return md.code(shortened(name, NAME_LIMIT))


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _lines(problem: Problem) -> str:
    if problem.line is None:
        return ""
    end = problem.end_line
    return f":{problem.line}" if end is None or end == problem.line else f":{problem.line}-{end}"


def _ranges(ranges: object) -> str:
    parts = []
    for pair in _list(ranges)[:30]:
        first, last = (*_list(pair), 0, 0)[:2]
        parts.append(f"{first}" if first == last else f"{first}-{last}")
    more = len(_list(ranges)) - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _points(value: object) -> str:
    """Signed, two decimals; "?" for what is no number."""
    points = figures.percentage_points(value)
    return "?" if points is None else f"{points:+.2f}"


def _count(row: Mapping[str, Any], key: str) -> str:
    """A count; "?" for what is none."""
    found = figures.number(row, key)
    return "?" if found is None else str(found)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    return [row for row in _list(value) if isinstance(row, Mapping)]
