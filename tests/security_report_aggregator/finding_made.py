"""Findings as scanners report them, made short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from security_report_aggregator.identity import weaknesses
from security_report_aggregator.model import (
    Category,
    Finding,
    Level,
    Location,
    Package,
    Rated,
    Rule,
    Scan,
    Weakness,
)


def rated(level: Level) -> Rated:
    return Rated(level, level.value.upper(), "Severity")


def code(
    tool: str,
    rule: str,
    path: str,
    line: int | None,
    *,
    cwe: int | tuple[int, ...] = (),
    end: int | None = None,
    **more: Any,
) -> Finding:
    cwes = (cwe,) if isinstance(cwe, int) else cwe
    return Finding(
        more.pop("category", Category.CODE),
        tool,
        Rule(rule, cwes=cwes),
        rated(more.pop("level", Level.HIGH)),
        more.pop("message", f"{rule} of {tool}"),
        Location(path, line, end_line=end, snippet=more.pop("snippet", ""), column=more.pop("column", None)),
        **more,
    )


def advisory(
    tool: str,
    *ids: str,
    name: str = "django",
    type_: str = "pypi",
    version: str = "3.2.1",
    manifest: str | None = "requirements.txt",
    **more: Any,
) -> Finding:
    return Finding(
        more.pop("category", Category.DEPENDENCY),
        tool,
        Rule(more.pop("rule", ids[0] if ids else "")),
        rated(more.pop("level", Level.HIGH)),
        more.pop("message", "an advisory"),
        Location(manifest, more.pop("line", None)) if manifest is not None else None,
        Package(type_, name, version),
        ids,
        **more,
    )


def leak(tool: str, rule: str, path: str, line: int | None, secret: str = "", *, end: int | None = None) -> Finding:
    return Finding(
        Category.SECRET,
        tool,
        Rule(rule),
        rated(Level.HIGH),
        "a leak",
        Location(path, line, end_line=end),
        secret=secret,
    )


def check(
    tool: str, rule: str, path: str, line: int | None = None, resource: str = "", end: int | None = None
) -> Finding:
    return replace(code(tool, rule, path, line, end=end), category=Category.IAC, resource=resource)


def scan(*findings: Finding, tool: str = "") -> Scan:
    return Scan("report.json", tool or (findings[0].tool if findings else "bandit"), "1", "made", tuple(findings))


def no_lines(path: str, line: int) -> None:
    return None


def merged(*findings: Finding) -> tuple[Weakness, ...]:
    return weaknesses([scan(*findings)], no_lines)


def tools_of(rows: Sequence[Weakness]) -> list[tuple[str, ...]]:
    return sorted(row.tools for row in rows)
