"""The outcome for a log or a terminal: plain text, widest facts first aligned, problems with their fix."""

from __future__ import annotations

from actionkit.outcome import Fact, Outcome, Problem

MARKS = {True: "ok", False: "NOT OK", None: ""}


def text(outcome: Outcome, problems: int = 20) -> str:
    """Verdict, facts and the first `problems` problems, one per line. Foreign text stands in it unescaped."""
    lines = [f"{outcome.action}: {outcome.verdict.value.upper()}: {outcome.headline}"]
    width = max((len(fact.name) for fact in outcome.facts), default=0)
    lines += [_fact(fact, width) for fact in outcome.facts]
    for problem in outcome.problems[:problems]:
        lines += _problem(problem)
    if len(outcome.problems) > problems:
        lines.append(f"  and {len(outcome.problems) - problems} more")
    lines += [f"  {link.title}: {link.url}" for link in outcome.links]
    return "\n".join(lines) + "\n"


def _fact(fact: Fact, width: int) -> str:
    value = "n/a" if fact.value is None or fact.value == "" else f"{fact.value}{' ' + fact.unit if fact.unit else ''}"
    limit = f"  (limit {fact.limit}{' ' + fact.unit if fact.unit else ''})" if fact.limit is not None else ""
    return f"  {fact.name:<{width}}  {value}{limit}  {MARKS[fact.ok]}".rstrip()


def _problem(problem: Problem) -> list[str]:
    where = problem.path
    if problem.line is not None:
        where += f":{problem.line}"
        if problem.end_line is not None and problem.end_line != problem.line:
            where += f"-{problem.end_line}"
    lines = [f"  {problem.severity.value}: {where + ': ' if where else ''}{problem.message}"]
    if problem.fix:
        first, *more = problem.fix.splitlines()
        lines += [f"    fix: {first}", *(f"      {line}" for line in more)]
    return lines
