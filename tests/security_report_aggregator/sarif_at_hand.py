"""SARIF for the tests of what we write and of the preflight: findings to write, and what judges the result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from actionkit.workspace import Workspace
from sandbox.github import sarif as github
from sandbox.github.code_scanning import SarifLimits
from security_report_aggregator import sarif_out
from security_report_aggregator.evidence import Entry
from security_report_aggregator.model import Category, Finding, Level, Location, Package, Rated, Rule, Scan, Weakness
from security_report_aggregator.sarif_limits import GITHUB, Limits
from security_report_aggregator.sarif_out import Merged
from security_report_aggregator.sources import Sources

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
REPORTS = FIXTURES / "security" / "reports"
Json = dict[str, Any]


@cache
def schema() -> Draft4Validator:
    """OASIS' schema of SARIF 2.1.0."""
    return Draft4Validator(json.loads((FIXTURES / "sarif" / "sarif-schema-2.1.0.json").read_text()))


def accepted(data: bytes) -> list[github.AcceptedRun]:
    """The runs as the embedded GitHub keeps them; fails where it or the schema refuses the document."""
    raw, runs, errors = github.process(data, None, SarifLimits())
    assert errors == []
    first = next(schema().iter_errors(raw), None)
    assert first is None, (list(first.absolute_path), first.message)
    return runs


def finding(
    tool: str = "bandit",
    rule: str | Rule = "B324",
    level: Level = Level.HIGH,
    *,
    score: float | None = None,
    path: str = "src/cart.py",
    line: int | None = 3,
    **more: Any,
) -> Finding:
    """A finding of code in a file, unless `more` says otherwise."""
    given: Json = {
        "category": Category.CODE,
        "rule": rule if isinstance(rule, Rule) else Rule(rule),
        "message": "MD5 is weak",
        "location": Location(path, line),
    } | more
    return Finding(tool=tool, rated=Rated(level, score=score), **given)


def dependency(tool: str = "pip-audit", rule: str | Rule = "PYSEC-2021-142", **more: Any) -> Finding:
    """A finding of a package, without a place."""
    package = Package("pypi", "pyyaml", "3.12")
    given: Json = {"category": Category.DEPENDENCY, "package": package, "location": None} | more
    return finding(tool, rule, **given)


def weakness(*findings: Finding, known_as: str = "") -> Weakness:
    """A weakness of these findings; its id is made of where the first one is."""
    first = findings[0]
    ratings = {one.tool: one.rated.level for one in findings}
    made = known_as or f"{first.rule.id}:{first.location}:{first.package}"
    return Weakness(made, first.category, findings, first.rated, tuple(sorted(ratings)), ratings)


def entry(
    tool: str = "bandit", *findings: Finding, path: str = "", version: str = "", reasons: tuple[str, ...] = ()
) -> Entry:
    """A line of the ledger with the scan of its report."""
    path = path or f"reports/{tool}.json"
    return Entry(tool, path, reasons, Scan(path, tool, version, tool, findings))


def merged(
    *weaknesses: Weakness,
    entries: tuple[Entry, ...] = (),
    left_out: frozenset[str] = frozenset(),
    category: str = "",
    root: Path | None = None,
    manifest: Mapping[str, tuple[str, int | None]] | None = None,
    limits: Limits = GITHUB,
) -> Merged:
    """The merged SARIF; the scanners of the weaknesses have complete reports where no `entries` are given."""
    tools = sorted({tool for one in weaknesses for tool in one.tools})
    known = manifest or {}
    return sarif_out.merged(
        entries or tuple(entry(tool) for tool in tools),
        weaknesses,
        left_out,
        category=category,
        sources=Sources(Workspace(root or FIXTURES / "sarif")),
        manifest_line=lambda one: known.get(one.package.name) if one.package else None,
        limits=limits,
    )


def runs_of(made: Merged) -> list[Json]:
    """The runs of a document that GitHub and the schema accept."""
    accepted(made.data)
    runs: list[Json] = json.loads(made.data)["runs"]
    return runs


def result_of(made: Merged) -> Json:
    """The only result of the only run."""
    (run,) = runs_of(made)
    (result,) = run["results"]
    found: Json = result
    return found


def rule_of(made: Merged) -> Json:
    """The only rule of the only run."""
    (run,) = runs_of(made)
    (rule,) = run["tool"]["driver"]["rules"]
    found: Json = rule
    return found


def place_of(made: Merged) -> tuple[str, Json]:
    """URI and region of the only result."""
    (location,) = result_of(made)["locations"]
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]
