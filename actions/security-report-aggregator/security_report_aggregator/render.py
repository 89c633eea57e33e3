"""The outcome as Markdown, for the step summary and the pull request comment.

It reads the outcome and nothing else, so a trusted job can show what an untrusted one found: every word in it may have
been written by somebody else and is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actionkit import markdown as md
from actionkit.action import Page
from actionkit.outcome import Outcome, Problem, Severity
from actionkit.pages import (
    ROWS,
    code,
    facts,
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
from security_report_aggregator.advisory_links import is_linked
from security_report_aggregator.figures import whole
from security_report_aggregator.ruling import plural

LEVELS = ("critical", "high", "medium", "low", "unknown")
ICONS = {"critical": "🟥", "high": "🟧", "medium": "🟨", "low": "🟦", "unknown": "⬜"}
UPGRADE = "Upgrade "
"""How the title of an upgrade's annotation begins."""

MOST_NOTES = 3
"""Notes of one report that its row shows; the outcome lists all."""

STATES = {"new": "new", "active": "known", "waived": "waived", "fixed": "fixed"}


def render(outcome: Outcome, page: Page) -> str:
    """The whole page, most important first; what does not fit is cut from the end by whoever posts it."""
    data, rows = outcome.data, ROWS[page]
    findings, rules = mappings(data.get("findings")), mappings(data.get("explanation"))
    return joined(
        (
            head("Security reports", outcome),
            facts(outcome.facts),
            _explanation(rules, findings, rows),
            _findings(findings, mapping(data.get("counts")), rows, compared=bool(data.get("delta"))),
            problems(_others(outcome.problems, explained=bool(rules)), rows),
            _upgrades(mapping(data.get("upgrades")), rows),
            _delta(mapping(data.get("delta")), rows),
            _waivers(mappings(data.get("waivers")), rows),
            _ledger(mappings(data.get("scans")), rows),
            _sarif(mapping(data.get("sarif")), rows),
            _replay(mapping(data.get("replay")), rows),
            foot(outcome),
        )
    )


def _explanation(
    rules: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]], limit: int
) -> Iterator[str]:
    """Which rule asked for what, and which findings did not meet it: by name where the outcome lists them."""
    failed = [rule for rule in rules if rule.get("ok") is not True]
    if not failed:
        return
    named = {str(one.get("id", "")): one for one in findings}
    yield "### Why"
    yield ""
    for rule in failed[:limit]:
        mark = "❌" if rule.get("ok") is False else "⚠️"
        ids = [_named(str(one), named.get(str(one), {})) for one in items(rule.get("findings"))[:10]]
        more = len(items(rule.get("findings"))) - len(ids)
        listed = f": {', '.join(ids)}{f' and {more} more' if more > 0 else ''}" if ids else ""
        message, origin = str(rule.get("message", "")), str(rule.get("origin", ""))
        asked = "" if origin in message else f" ({md.prose(origin)})"
        fix = f". {md.prose(str(rule['fix']))}" if rule.get("fix") else ""
        yield f"- {mark} {md.prose(message)}{asked}{fix}{listed}"


def _named(known_as: str, finding: Mapping[str, Any]) -> str:
    """A finding by its name and place; by its id where the outcome does not list it."""
    name, where = next(iter(_names(finding)), ""), _where(finding)
    return f"{code(name)}{f' in {where}' if where else ''}" if name else code(known_as)


def _names(finding: Mapping[str, Any]) -> list[str]:
    """The advisories that it is known by, else its rule."""
    found = [str(one) for one in items(finding.get("aliases"))[:3]] or [str(finding.get("rule", ""))]
    return [one for one in found if one]


def _others(found: Sequence[Problem], *, explained: bool) -> Sequence[Problem]:
    """Problems that neither the rules nor the tables tell already; all of them where nothing was judged."""
    if not explained:
        return found
    return [one for one in found if one.severity is not Severity.ERROR and not one.title.startswith(UPGRADE)]


def _findings(
    findings: Sequence[Mapping[str, Any]], counts: Mapping[str, Any], limit: int, *, compared: bool
) -> Iterator[str]:
    shown = [one for one in findings if one.get("state") in ("new", "active")]
    if not shown:
        return
    yield "### Findings"
    yield ""
    total = whole(counts.get("findings"))
    yield _table(shown[:limit], compared=compared)
    more = (len(shown) if total is None else max(total, len(shown))) - min(limit, len(shown))
    if more > 0:
        yield ""
        yield f"and {more:,} more: see the merged SARIF and the outcome file."


def _table(findings: Sequence[Mapping[str, Any]], *, compared: bool) -> str:
    headers = ("Severity", "Finding", "Where", "Scanners that agree", "Fixed in")
    if not compared:
        return md.table(headers, [_row(one) for one in findings])
    rows = [(*_row(one), md.text(STATES.get(str(one.get("state")), ""))) for one in findings]
    return md.table((*headers, ""), rows)


def _row(finding: Mapping[str, Any]) -> tuple[str, ...]:
    level = str(finding.get("severity", ""))
    icon = ICONS.get(level, "")
    names = _names(finding)
    name, aliases = code(next(iter(names), "")), names[1:]
    title = text(str(finding.get("title", "")))
    url = str(finding.get("url") or "")
    also = f" ({', '.join(code(one) for one in aliases)})" if aliases else ""
    linked = f" {md.link('advisory', url)}" if is_linked(url) else ""
    return (
        f"{icon} {md.text(level)}{_disagreement(finding)}",
        f"{name}{also} {title}{linked}",
        _where(finding),
        ", ".join(md.text(str(tool)) for tool in items(finding.get("tools"))[:8]),
        ", ".join(code(str(one)) for one in items(finding.get("fixed_in"))[:3]),
    )


def _disagreement(finding: Mapping[str, Any]) -> str:
    """What each scanner says, where they do not say the same."""
    ratings = {str(tool): str(level) for tool, level in mapping(finding.get("ratings")).items()}
    if len(set(ratings.values())) < 2:
        return ""
    return f" ({md.text(', '.join(f'{tool}: {level}' for tool, level in sorted(ratings.items())[:6]))})"


def _where(finding: Mapping[str, Any]) -> str:
    path, line = str(finding.get("path") or ""), whole(finding.get("line"))
    place = code(f"{path}:{line}" if line else path) if path else ""
    package = str(finding.get("package") or "")
    return " in ".join(part for part in (code(package) if package else "", place) if part)


def _upgrades(upgrades: Mapping[str, Any], limit: int) -> Iterator[str]:
    steps = mappings(upgrades.get("steps"))
    if not steps:
        return
    yield "### Smallest set of upgrades"
    yield ""
    yield md.prose(str(upgrades.get("headline", "")))
    yield ""
    rows = [
        (
            code(str(step.get("package", ""))),
            code(str(step.get("from", ""))) if step.get("from") else "",
            code(str(step.get("to", ""))) + (" (major)" if step.get("breaking") is True else ""),
            _where({"path": step.get("path"), "line": step.get("line")}),
            str(whole(step.get("closes")) or 0),
        )
        for step in steps[:limit]
    ]
    yield md.table(("Package", "From", "To", "Where", "Closes"), rows, "llllr")
    yield from left_out(len(steps) - limit)


def _delta(delta: Mapping[str, Any], limit: int) -> Iterator[str]:
    parts = (
        ("new", "New with this change"),
        ("worse", "Worse than on the base"),
        ("published", "Published since the base was scanned: not brought by this change"),
        ("fixed", "Fixed by this change"),
        ("unknown", "Gone, but no scanner that reported them ran completely"),
    )
    rows = [(title, str(whole(delta.get(name)) or 0)) for name, title in parts if whole(delta.get(name))]
    if not rows:
        return
    yield "### Against the base"
    yield ""
    yield md.table(("What changed", "Findings"), rows[:limit], "lr")


def _waivers(waivers: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    if not waivers:
        return
    rows = [
        (
            code(str(one.get("finding", ""))),
            text(str(one.get("severity", ""))),
            text(str(one.get("reason", ""))),
            text(str(one.get("until") or "no end")),
            text(str(one.get("approved_by", ""))),
            md.prose(str(one.get("origin", ""))),
        )
        for one in waivers[:limit]
    ]
    table = md.table(("Waived", "Severity", "Reason", "Until", "Approved by", "Where"), rows)
    more = f"\n\nand {len(waivers) - limit} more" if len(waivers) > limit else ""
    yield md.details(f"{len(waivers)} waived", table + more)


def _ledger(scans: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    if not scans:
        return
    rows = [
        (
            "✅" if scan.get("complete") is True else "⚠️",
            text(f"{scan.get('tool', '')} {scan.get('version', '')}".strip()),
            code(str(scan.get("path", ""))) if scan.get("path") else "",
            str(whole(scan.get("records")) or 0),
            _levels(mapping(scan.get("by_severity"))),
            _remarks(scan),
        )
        for scan in scans[:limit]
    ]
    heads = ("", "Scanner", "Report", "Records", "Severities", "Why it cannot be relied on, and notes")
    table = md.table(heads, rows, "lllrll")
    more = f"\n\nand {len(scans) - limit} more" if len(scans) > limit else ""
    yield md.details(f"Evidence: {plural(len(scans), 'report')}", table + more)


def _remarks(scan: Mapping[str, Any]) -> str:
    """Why a scan is not complete, then what is worth knowing of it all the same."""
    notes = [str(note) for note in items(scan.get("notes"))]
    more = [f"and {len(notes) - MOST_NOTES} more"] if len(notes) > MOST_NOTES else []
    return text("; ".join(filter(None, (str(scan.get("reason", "")), *notes[:MOST_NOTES], *more))))


def _levels(levels: Mapping[str, Any]) -> str:
    return ", ".join(f"{whole(levels.get(level))} {level}" for level in LEVELS if whole(levels.get(level)))


def _sarif(sarif: Mapping[str, Any], limit: int) -> Iterator[str]:
    repairs = [str(one) for one in items(sarif.get("repairs"))]
    if not sarif.get("path"):
        return
    lines = [f"- {md.prose(one)}" for one in repairs[:limit]]
    if len(repairs) > limit:
        lines.append(f"- and {len(repairs) - limit} more")
    runs, results = (plural(whole(sarif.get(f"{one}s")) or 0, one) for one in ("run", "result"))
    said = f"Merged SARIF: {runs}, {results}"
    status = str(sarif.get("status") or "")
    body = f"{code(str(sarif['path']))}{f', upload {md.text(status)}' if status else ''}"
    yield md.details(said, "\n".join([body, "", *lines]))


def _replay(replay: Mapping[str, Any], limit: int) -> Iterator[str]:
    rows = mappings(replay.get("rows"))
    if not replay:
        return
    yield "### The policy held against the history"
    yield ""
    yield md.prose(str(replay.get("summary", "")))
    if not rows:
        return
    yield ""
    cells = [
        (
            code(str(row.get("sha", ""))[:12]),
            text(str(row.get("recorded_at", ""))),
            text(str(row.get("counts", ""))),
            text(str(row.get("verdict", ""))),
            text(str(row.get("why", ""))),
        )
        for row in rows[:limit]
    ]
    yield md.table(("Commit", "Recorded", "Findings", "Verdict", "Why"), cells)
    yield from left_out(len(rows) - limit)
