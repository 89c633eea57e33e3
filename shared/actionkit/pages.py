"""What the page of every action has: its head, facts, problems and foot, in Markdown out of the outcome alone.

Every word of an outcome may have been written by somebody else: these functions give Markdown in which it is escaped
and short. Sections are lines; `joined` puts them together. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from actionkit import markdown as md
from actionkit.action import Page
from actionkit.outcome import Fact, Outcome, Problem, Severity, Verdict
from actionkit.untrusted import shortened

ICONS = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.ERROR: "🛑", Verdict.INCOMPLETE: "⚠️"}
MARKS = {True: "✅", False: "❌", None: ""}
"""Whether a fact meets its limit; None where it has none."""

ROWS = {Page.SUMMARY: 200, Page.COMMENT: 25}
"""Rows of one table: the comment is for reading, the summary for looking things up."""

NAME_LIMIT = 500
"""Characters of one text in a table or list; a report may hold names of a megabyte."""

FIGURE_LIMIT = 10**12
"""What is larger was written by somebody else: nothing here can count so far."""

HEADINGS = ((Severity.ERROR, "Problems"), (Severity.WARNING, "Warnings"), (Severity.NOTICE, "Notes"))


def joined(sections: Iterable[Iterable[str]]) -> str:
    """The sections with a blank line between them, without those that are empty; ends with a newline."""
    return "\n\n".join(part for section in sections if (part := "\n".join(section).strip())) + "\n"


def head(title: str, outcome: Outcome) -> Iterator[str]:
    """The verdict as a heading, and the headline. `title` is the action's own and is not escaped."""
    yield f"## {ICONS[outcome.verdict]} {title}: {outcome.verdict.value}"
    yield ""
    yield md.prose(outcome.headline)


def facts(found: Sequence[Fact]) -> Iterator[str]:
    """A table of what was measured, each held against its limit; nothing where nothing was."""
    if found:
        rows = [(md.text(fact.name), value_of(fact), limit_of(fact), MARKS[fact.ok]) for fact in found]
        yield md.table(("Measure", "Value", "Limit", ""), rows)


def value_of(fact: Fact) -> str:
    """A cell with the value and its unit; "n/a" where there is none."""
    return md.text("n/a" if fact.value in (None, "") else f"{fact.value}{_unit(fact)}")


def limit_of(fact: Fact) -> str:
    """A cell with the limit and its unit; "" where there is none."""
    return md.text("" if fact.limit is None else f"{fact.limit}{_unit(fact)}")


def problems(found: Sequence[Problem], limit: int) -> Iterator[str]:
    """A list for each severity, the worst first, of at most `limit` problems and how many more there are."""
    for severity, title in HEADINGS:
        those = [problem for problem in found if problem.severity is severity]
        if not those:
            continue
        yield f"### {title}"
        yield ""
        for problem in those[:limit]:
            where = f"{code(problem.path + _lines(problem))}: " if problem.path else ""
            fix = f". {md.prose(problem.fix)}" if problem.fix else ""
            yield f"- {where}{md.prose(problem.message)}{fix}"
        if len(those) > limit:
            yield f"- and {len(those) - limit} more"
        yield ""


def foot(outcome: Outcome) -> Iterator[str]:
    """The commit and the run it comes from; nothing where the run has no address."""
    run = outcome.run
    if run.url:
        link = md.link(f"run {run.run_id}", run.url)
        yield f"<sub>{code(run.sha[:12])}, {link}</sub>"


def text(untrusted: str) -> str:
    """Plain text on one line, NAME_LIMIT characters of it at most."""
    return md.text(shortened(untrusted, NAME_LIMIT))


def code(untrusted: str) -> str:
    """Inline code on one line, NAME_LIMIT characters of it at most."""
    return md.code(shortened(untrusted, NAME_LIMIT))


def figure(value: object, written: Callable[[float], str]) -> str:
    """A number in an outcome's data, as `written` writes it; "" where there is something else, or beyond the limit."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < FIGURE_LIMIT:
        return ""
    return written(value)


def left_out(rest: int) -> Iterator[str]:
    """How many rows a table left out, as a paragraph below it; nothing where it has them all."""
    if rest > 0:
        yield ""
        yield f"and {rest} more"


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping in an outcome's data; empty where there is something else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[Any]:
    """A list in an outcome's data; empty where there is something else."""
    return value if isinstance(value, list | tuple) else ()


def mappings(value: object) -> Sequence[Mapping[str, Any]]:
    """The mappings in a list in an outcome's data."""
    return [row for row in items(value) if isinstance(row, Mapping)]


def _unit(fact: Fact) -> str:
    return f" {fact.unit}" if fact.unit else ""


def _lines(problem: Problem) -> str:
    if problem.line is None:
        return ""
    end = problem.end_line
    return f":{problem.line}" if end is None or end == problem.line else f":{problem.line}-{end}"
