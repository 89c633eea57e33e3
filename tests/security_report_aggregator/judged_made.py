"""Weaknesses, waivers, evidence and policies for tests of the judgement, made from as few words as the case needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from actionkit import inputs, yamlcore
from actionkit.config import load_config
from actionkit.origin import Origin
from actionkit.scope import Scope
from security_report_aggregator.combine import File, combine
from security_report_aggregator.evidence import Delta, Entry, Evidence
from security_report_aggregator.inputs import Inputs
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
from security_report_aggregator.policy import Policy
from security_report_aggregator.policy_file import ConfigFile
from security_report_aggregator.waiver import Waiver

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
LATER = date(2027, 3, 31)
CONFIG = ".github/security-policy.yml"


def reported(
    level: Level = Level.HIGH, rule: str = "B608", *, tool: str = "bandit", path: str = "src/db.py", **fields: Any
) -> Finding:
    """One record of one scanner, in the code unless told otherwise."""
    usual = {"location": Location(path, 7), "message": "SQL made of strings"}
    source = fields.pop("source", "Severity")
    category = fields.pop("category", Category.CODE)
    return Finding(category, tool, Rule(rule), Rated(level, level.value, source), **{**usual, **fields})


def advised(
    level: Level = Level.HIGH, *ids: str, name: str = "django", version: str = "3.2.1", **fields: Any
) -> Finding:
    """One advisory for a package of PyPI."""
    type_ = fields.pop("type_", "pypi")
    named = ids or ("CVE-2021-1",)
    usual: dict[str, Any] = {
        "category": Category.DEPENDENCY,
        "tool": "trivy",
        "path": "requirements.txt",
        "message": "an injection",
        "package": Package(type_, name, version),
        "aliases": named,
    }
    return reported(level, **{"rule": named[0], **usual, **fields})


def weak(*findings: Finding, id: str = "") -> Weakness:  # noqa: A002 - what the model calls it
    """The findings as one weakness; its id is made of what they are unless given."""
    ratings = {finding.tool: finding.rated.level for finding in findings}
    first = findings[0]
    place = first.package.name if first.package else (first.location.path if first.location else "")
    return Weakness(
        id or f"{first.rule.id} {place}",
        first.category,
        findings,
        max((finding.rated for finding in findings), key=lambda rated: rated.level.rank),
        tuple(sorted(ratings)),
        ratings,
        tuple(sorted({alias for finding in findings for alias in finding.aliases})),
    )


def at(level: Level, number: int = 0, category: Category = Category.CODE) -> Weakness:
    """The `number`th weakness of a level."""
    return weak(reported(level, f"R{number}", category=category), id=f"{category.value}-{level.value}-{number}")


def waiving(**fields: Any) -> Waiver:
    """A waiver of the policy file that counts today; `paths` are globs."""
    usual = {"origin": Origin("waivers[0]", CONFIG, 3), "reason": "not reachable", "until": LATER}
    paths = fields.pop("paths", ())
    return Waiver(**{**usual, "scope": Scope.of(paths), **fields})


def a_scan(tool: str = "trivy", **fields: Any) -> Scan:
    return Scan(**{"path": f"{tool}.json", "tool": tool, "version": "1", "format": "made", **fields})


def an_entry(tool: str = "trivy", *reasons: str) -> Entry:
    return Entry(tool, f"{tool}.json", reasons, a_scan(tool))


def found(*weaknesses: Weakness, ledger: Iterable[Entry] | None = None, **fields: Any) -> Evidence:
    """Evidence of these weaknesses, complete unless the ledger says otherwise. `new` is the ids of a delta."""
    new = fields.pop("new", None)
    if new is not None:
        fields["delta"] = Delta(new=frozenset(new))
    return Evidence(tuple(ledger) if ledger is not None else (an_entry(),), weaknesses, NOW, **fields)


def a_file(yaml: str, path: str = CONFIG) -> File:
    return File(load_config(path, yaml, ConfigFile), path, yamlcore.read(yaml).line_of)


def a_policy(yaml: str | None = None, base: str | None = None, **given: str) -> Policy:
    """The policy of inputs (as YAML spells them) and files, as it would be loaded."""
    parsed = inputs.parse(Inputs, {name.replace("_", "-"): text for name, text in given.items()})
    file = a_file(yaml) if yaml is not None else None
    return combine(parsed, file, a_file(base) if base is not None else None)
