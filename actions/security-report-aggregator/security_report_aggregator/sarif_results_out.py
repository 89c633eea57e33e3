"""One scanner's word on one weakness as a SARIF result with the one place that GitHub shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from actionkit.untrusted import shortened
from security_report_aggregator import sarif_flow_limit
from security_report_aggregator.model import Category, Finding, Level, Location
from security_report_aggregator.sarif_limits import KEPT_LOCATIONS, LARGEST_NUMBER
from security_report_aggregator.sarif_repairs import Repairs
from security_report_aggregator.sarif_rules_out import LEVELS, Descriptor, Pick
from security_report_aggregator.sarif_text import file_uri, inert
from security_report_aggregator.sources import Sources

SAID_LENGTH = 1000
"""Characters of a scanner's own message."""

Region = dict[str, int]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a result is placed with.

    `manifest_line` gives the file and line that bring a package in. `report_of` gives the path of the report that a
    finding is in, for findings that name no file. `shown` is how a scanner is called on a page.
    """

    sources: Sources
    manifest_line: Callable[[Finding], tuple[str, int | None] | None]
    report_of: Callable[[Finding], str]
    shown: Callable[[str], str]


def result(
    pick: Pick, rule: Descriptor, around: Surroundings, repairs: Repairs, *, with_flows: bool
) -> dict[str, object]:
    """A result (SARIF 2.1.0, 3.27): rule, level, message, one location, a fingerprint, and its flows."""
    finding = pick.finding
    uri, path, region = _place(finding, around, repairs)
    made: dict[str, object] = {
        "ruleId": rule.id,
        "ruleIndex": rule.index,
        "level": LEVELS[rule.level],
        "message": {"text": _message(pick, around.shown)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(pick, path, around.sources)},
    }
    # A flow or a related place of a secret may quote it.
    if with_flows and finding.flows is not None and finding.category is not Category.SECRET:
        made |= _flows(finding.flows)
    return made


def has_flows(pick: Pick) -> bool:
    return pick.finding.flows is not None and pick.finding.category is not Category.SECRET


def _place(finding: Finding, around: Surroundings, repairs: Repairs) -> tuple[str, str, Region]:
    """URI, path and region: where the finding says, else where its package is declared, else its report."""
    location = finding.location
    if finding.package is not None and (location is None or location.line is None or not location.is_file):
        declared = around.manifest_line(finding)
        uri = file_uri(declared[0]) if declared else ""
        if declared and uri:
            return uri, declared[0], _region(Location(declared[0], declared[1]))
    if location is not None and location.is_file:
        uri = file_uri(location.path)
        if uri:
            return uri, location.path, _region(location)
    report = around.report_of(finding)
    what = f"results of {finding.tool} that name no file of the repository point at the report they are in"
    repairs.add(what, report)
    return file_uri(report) or "unknown", report, {"startLine": 1}


def _region(location: Location) -> Region:
    """Lines and columns that are in order; line 1 where none is known, which GitHub needs to show an alert."""
    line = location.line
    if line is None or line < 1:
        return {"startLine": 1}
    region = {"startLine": min(line, LARGEST_NUMBER)}
    column, end, end_column = location.column, location.end_line, location.end_column
    if column is not None and column > 0:
        region["startColumn"] = min(column, LARGEST_NUMBER)
    if end is not None and end >= line:
        region["endLine"] = min(end, LARGEST_NUMBER)
    elif end is not None:
        return region
    is_one_line = end is None or end == line
    if end_column is not None and end_column > 0 and not (is_one_line and end_column < (column or 1)):
        region["endColumn"] = min(end_column, LARGEST_NUMBER)
    return region


def _fingerprint(pick: Pick, path: str, sources: Sources) -> str:
    """What tells GitHub that this is the alert of before: the scanner's own, the line's text, or id and place.

    Line hashes are those of github/codeql-action; a dependency keeps its alert when the manifest's lines move.
    """
    finding = pick.finding
    own = finding.fingerprint
    if own and len(own) <= 200 and own.isascii() and own.isprintable():
        return own
    package, location = finding.package, finding.location
    if package is not None:
        return _hashed(_advisory(finding), path, f"{package.type}/{package.name}")
    if location is not None and location.is_file and location.line is not None:
        hashes = sources.hashes(location.path)
        if 0 < location.line <= len(hashes):
            return hashes[location.line - 1]
    return _hashed(pick.weakness.id, path, finding.resource)


def _advisory(finding: Finding) -> str:
    """The rule's id, which is the advisory's with most scanners; with the others both."""
    rule, aliases = finding.rule.id, finding.aliases
    return rule if not aliases or rule in aliases else f"{rule}:{min(aliases)}"


def _hashed(*parts: str) -> str:
    return hashlib.sha256(":".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _message(pick: Pick, shown: Callable[[str], str]) -> str:
    """What, in which package, what fixes it, and who says so too; others' words inert, on one line."""
    finding = pick.finding
    said = shortened(finding.message.strip(), SAID_LENGTH) or finding.rule.name or finding.rule.id
    parts = [said or str(finding.category)]
    package = finding.package
    if package is not None:
        name = f"{package.name} {package.version}".strip()
        names = " ".join(dict.fromkeys((finding.rule.id, *finding.aliases[:1])))
        parts[0] = f"{shortened(name, 200)} ({shortened(names, 200)}): {parts[0]}" if names else f"{name}: {parts[0]}"
        if finding.fixed_in:
            parts.append(f"Fixed in {shortened(', '.join(finding.fixed_in[:3]), 200)}.")
    others = _others(pick, shown)
    if others:
        parts.append(f"Also reported by {others}.")
    return inert(" ".join(_ended(part) for part in parts))


def _others(pick: Pick, shown: Callable[[str], str]) -> str:
    """The other scanners that report it, with their severity where it is not the same."""
    weakness, own = pick.weakness, pick.finding.tool
    if len(weakness.tools) < 2:
        return ""
    names = []
    for tool in weakness.tools:
        if tool == own:
            continue
        rated = weakness.ratings.get(tool, Level.UNKNOWN)
        differs = rated not in (Level.UNKNOWN, pick.rated.level)
        names.append(f"{shown(tool)} ({rated})" if differs else shown(tool))
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def _ended(sentence: str) -> str:
    plain = sentence.rstrip()
    return plain if plain.endswith((".", "!", "?", "…", ":")) else f"{plain}."


def _flows(flows: Mapping[str, Any]) -> dict[str, object]:
    """`relatedLocations` and `codeFlows` with their texts inert, as much of them as GitHub keeps."""
    made: dict[str, object] = {}
    related: list[Any] = []
    for one in _quiet((flows.get("relatedLocations") or [])[:KEPT_LOCATIONS]):
        # SARIF wants each once.
        if one not in related:
            related.append(one)
    if related:
        made["relatedLocations"] = related
    kept = sarif_flow_limit.cut(flows.get("codeFlows") or [])
    if kept:
        made["codeFlows"] = _quiet(kept)
    return made


def _quiet(value: Any) -> Any:
    """The same with every `text` inert. The reader builds flows, so they are as deep as it makes them."""
    if isinstance(value, list):
        return [_quiet(one) for one in value]
    if isinstance(value, dict):
        return {
            key: inert(one) if key == "text" and isinstance(one, str) else _quiet(one) for key, one in value.items()
        }
    return value
