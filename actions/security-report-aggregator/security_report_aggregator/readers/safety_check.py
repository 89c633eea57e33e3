"""`safety check --output json` of Safety 2.x and 3.x: `report_meta`, `vulnerabilities`, `ignored_vulnerabilities`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from security_report_aggregator.document import Document, Kind
from security_report_aggregator.model import Finding, Location, Package, Scan
from security_report_aggregator.readers import strict
from security_report_aggregator.readers.fields import Object, moment, obj, text, texts
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.readers.safety_findings import TOOL, finding, rated
from security_report_aggregator.readers.streamed import ANY, LIST, pieces, spelled

FORMAT = "safety-2"
VULNERABILITY = ("vulnerabilities", LIST)
IGNORED = ("ignored_vulnerabilities", LIST)
AFFECTED = ("affected_packages", ANY)


def recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and document.has("report_meta") and not document.has("runs")


def read(document: Document) -> Scan:
    """Raises Unreadable."""
    rest: dict[str, object] = {}
    found_in: dict[str, str] = {}
    findings: list[Finding] = []
    unpinned = 0
    for shape, path, value in pieces(document, VULNERABILITY, IGNORED, AFFECTED):
        said = obj(value)
        if shape in (VULNERABILITY, IGNORED):
            findings.append(_finding(document, said, spelled(path), is_ignored=shape == IGNORED))
            unpinned += "unpinned" in text(said.get("ignored_reason"))
        elif shape == AFFECTED:
            found_in[str(path[-1])] = text(said.get("found"))
        elif path:
            rest[str(path[0])] = value
    strict.require_list(document, rest, "vulnerabilities")
    if "ignored_vulnerabilities" in rest:
        strict.require_list(document, rest, "ignored_vulnerabilities")
    meta = obj(rest.get("report_meta"))
    missing, notes = _notes(meta, findings, unpinned)
    return Scan(
        document.name,
        TOOL,
        text(meta.get("safety_version")),
        FORMAT,
        tuple(_placed(findings, meta, found_in)),
        gaps=missing,
        notes=notes,
        started=moment(meta.get("timestamp")),
        commit=text(obj(meta.get("git")).get("commit")),
    )


def _finding(document: Document, said: Object, where: str, *, is_ignored: bool) -> Finding:
    own, name = text(said.get("vulnerability_id")), text(said.get("package_name"))
    if not own or not name:
        raise document.unreadable(f"`{where}` has no vulnerability_id or no package_name")
    is_ignored = is_ignored or said.get("ignored") is True
    reason = one_line(said.get("ignored_reason")) or "ignored by Safety's policy or options"
    fixed = texts(said.get("fixed_versions")) or texts(said.get("closest_versions_without_known_vulnerabilities"))
    return finding(
        own,
        Package("pypi", name, text(said.get("analyzed_version"))),
        text(said.get("advisory")),
        rated=rated(obj(said.get("severity"))),
        cve=said.get("CVE"),
        fixed_in=fixed,
        suppressed=reason if is_ignored else "",
        published=said.get("published_date"),
        url=said.get("more_info_url"),
    )


def _placed(findings: list[Finding], meta: Object, found_in: Mapping[str, str]) -> Iterator[Finding]:
    """The findings with the file that their package stands in; what was found installed stands in none."""
    scanned = texts(meta.get("scanned"))
    if not text(meta.get("scan_target")).startswith("file"):
        yield from findings
        return
    for one in findings:
        name = one.package.name if one.package else ""
        path = relative(found_in.get(name, "") or (scanned[0] if len(scanned) == 1 else ""))
        yield replace(one, location=Location(path)) if path else one


def _notes(meta: Object, findings: list[Finding], unpinned: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Gaps and notes. What is counted and not listed is lost."""
    notes: list[str] = []
    if meta.get("packages_found") == 0:
        notes.append("no package was found to audit")
    if unpinned:
        notes.append(f"{unpinned} vulnerabilities of packages that are not pinned are ignored")
    counted, listed = meta.get("vulnerabilities_found"), sum(not one.suppressed for one in findings)
    if not isinstance(counted, int) or counted == listed:
        return (), tuple(notes)
    said = f"report_meta counts {counted} vulnerabilities, and it lists {listed}"
    return ((said,), tuple(notes)) if counted > len(findings) else ((), (*notes, said))
