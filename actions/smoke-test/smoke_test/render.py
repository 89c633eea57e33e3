"""The outcome as Markdown, for the step summary and the pull request comment.

It reads the outcome and nothing else, so a trusted job can show what an untrusted one found: every word in it may have
been written by somebody else and is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actionkit import markdown as md
from actionkit.action import Page
from actionkit.outcome import Outcome
from actionkit.pages import (
    ROWS,
    code,
    facts,
    figure,
    foot,
    head,
    joined,
    left_out,
    mapping,
    mappings,
    problems,
    text,
)
from smoke_test.judgement import shown

STATES = {"passed": "✅", "failed": "❌", "skipped": "⏭️", "error": "⚠️"}


def render(outcome: Outcome, page: Page) -> str:
    """The whole page, most important first; what does not fit is cut from the end by whoever posts it."""
    data, rows = outcome.data, ROWS[page]
    return joined(
        (
            head("Smoke test", outcome),
            facts(outcome.facts),
            problems(outcome.problems, rows),
            _comparison(mapping(data.get("comparison")), rows),
            _loads(mappings(data.get("loads")), rows),
            _steps(mappings(data.get("steps")), mapping(data.get("counts")), rows, page),
            foot(outcome),
        )
    )


def _comparison(comparison: Mapping[str, Any], limit: int) -> Iterator[str]:
    changed = mappings(comparison.get("steps"))
    if not changed:
        return
    yield "### Against the deployment compared with"
    yield ""
    rows = [
        (
            text(_name(one)),
            _state(one.get("before")),
            _state(one.get("now")),
            "newly broken" * (one.get("newly_broken") is True),
        )
        for one in changed[:limit]
    ]
    yield md.table(("Step", "Before", "Now", ""), rows)
    yield from left_out(len(changed) - limit)


def _loads(loads: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    for number, load in enumerate(loads):
        if number:
            yield ""
        yield f"### {text(str(load.get('source') or 'Load'))}"
        yield ""
        names = ("requests", "failed", "dropped", "rate", "p50_ms", "p95_ms", "p99_ms")
        heads = ("Requests", "Failed", "Dropped iterations", "Requests/s", "p50 ms", "p95 ms", "p99 ms")
        yield md.table(heads, [tuple(_number(load.get(name)) for name in names)])
        failures = mappings(load.get("failures"))
        if failures:
            yield ""
            rows = [(text(str(one.get("message"))), _number(one.get("count"))) for one in failures[:limit]]
            yield md.table(("Failure", "Times"), rows)


def _steps(steps: Sequence[Mapping[str, Any]], counts: Mapping[str, Any], limit: int, page: Page) -> Iterator[str]:
    """Every step in the summary; in the comment only what did not pass, since that is what a reader must act on."""
    wanted = [one for one in steps if page is Page.SUMMARY or one.get("state") not in ("passed", "skipped")]
    if not wanted:
        return
    yield "### Steps"
    yield ""
    rows = [
        (
            _state(one.get("state")),
            text(_name(one)),
            code(f"{one.get('method', '')} {one.get('url', '')}".strip()),
            _number(one.get("status")),
            _number(one.get("duration_ms")),
            text(str(one.get("message", ""))),
        )
        for one in wanted[:limit]
    ]
    yield md.table(("", "Step", "Request", "Status", "ms", "Message"), rows)
    total = counts.get("total")
    rest = (total if type(total) is int and page is Page.SUMMARY else len(wanted)) - limit
    yield from left_out(rest)


def _name(one: Mapping[str, Any]) -> str:
    return f"{one.get('test', '')}: {one.get('name', '')}"


def _state(state: object) -> str:
    return STATES.get(str(state), "")


def _number(value: object) -> str:
    return figure(value, shown)
