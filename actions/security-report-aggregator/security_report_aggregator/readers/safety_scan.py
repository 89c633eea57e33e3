"""`safety scan --output json` of Safety 3.x (schema 3.0): no severities, nested under files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from security_report_aggregator.document import Document, Kind
from security_report_aggregator.model import Finding, Location, Package, Scan
from security_report_aggregator.readers import strict
from security_report_aggregator.readers.fields import Object, moment, obj, text, texts
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.readers.safety_findings import TOOL, finding
from security_report_aggregator.readers.streamed import LIST, pieces, spelled

FORMAT = "safety-3"
RESULTS = "scan_results"
PROJECT = (RESULTS, "projects", LIST)
FILES = ((*PROJECT, "files", LIST), (RESULTS, "files", LIST))
"""Files of a project, and of a whole system (`safety system-scan`)."""

_PINNED = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*={2,3}\s*(?P<version>[^\s,;]+)")


def recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and document.has(RESULTS) and document.has("meta")


def read(document: Document) -> Scan:
    """Raises Unreadable."""
    findings: list[Finding] = []
    gaps: list[str] = []
    project: dict[str, object] = {}
    results: dict[str, object] = {}
    rest: dict[str, object] = {}
    for shape, path, value in pieces(document, *FILES):
        if shape in FILES:
            findings += _of_file(document, obj(value), spelled(path))
        elif shape == PROJECT:
            if "files" not in project:
                gaps.append(f"holds no results of the project {one_line(project.get('id')) or 'without an id'}")
            project = {}
        elif shape[:-1] == PROJECT:
            project[str(path[-1])] = value
        elif len(path) == 2:
            results[str(path[-1])] = value
        elif path:
            rest[str(path[0])] = value
    listed = [key for key in ("projects", "files") if key in results]
    for key in listed or ["projects"]:
        strict.require_list(document, results, key, RESULTS)
    meta = obj(rest.get("meta"))
    unpinned = sum("unpinned" in one.suppressed for one in findings)
    return Scan(
        document.name,
        TOOL,
        text(obj(meta.get("telemetry")).get("safety_version")),
        FORMAT,
        tuple(findings),
        gaps=tuple(dict.fromkeys(gaps)),
        notes=(f"{unpinned} vulnerabilities of packages that are not pinned are ignored",) if unpinned else (),
        started=moment(meta.get("timestamp")),
    )


def _of_file(document: Document, file: Object, where: str) -> Iterator[Finding]:
    path = relative(text(file.get("location")))
    results = _object(document, file, "results", where)
    for at, package in enumerate(strict.objects(document, results, "dependencies", f"{where}.results.dependencies")):
        inner = f"{where}.results.dependencies[{at}]"
        specifications = strict.objects(document, package, "specifications", f"{inner}.specifications")
        for number, specification in enumerate(specifications):
            here = f"{inner}.specifications[{number}]"
            held = _object(document, specification, "vulnerabilities", here)
            known = strict.objects(document, held, "known_vulnerabilities", f"{here}.known_vulnerabilities")
            for vulnerability in known:
                yield _finding(document, vulnerability, text(package.get("name")), specification, path)


def _object(document: Document, holder: Object, key: str, where: str) -> Object:
    value = holder.get(key)
    if not isinstance(value, dict):
        raise document.unreadable(f"`{where}.{key}` is no object")
    return value


def _finding(document: Document, said: Object, name: str, specification: Object, path: str) -> Finding:
    own = text(said.get("id"))
    if not own or not name:
        raise document.unreadable(f"a vulnerability of {name or 'a package without a name'} in {path} has no id")
    pinned = _PINNED.match(text(specification.get("raw"))[:500])
    ignored = said.get("ignored")
    return finding(
        own,
        Package("pypi", name, pinned["version"] if pinned else ""),
        "",
        cve=own,
        fixed_in=tuple(_fixes(obj(obj(specification.get("vulnerabilities")).get("remediation")))),
        location=Location(path) if path else None,
        suppressed=_reason(obj(ignored)) if ignored else "",
        url=f"https://data.safetycli.com/v/{own}/",
    )


def _reason(ignored: Object) -> str:
    """Why and until when; the code (`unpinned_specification`, `manual` …) always stands."""
    reason, expires = one_line(ignored.get("reason")), one_line(ignored.get("expires"))
    said = ": ".join(part for part in (one_line(ignored.get("code")) or "ignored", reason) if part)
    return f"{said} (until {expires})" if expires else said


def _fixes(remediation: Object) -> Iterator[str]:
    """What mends all vulnerabilities of the package at once."""
    closest = obj(remediation.get("closest_secure_version") or remediation.get("closest_secure"))
    named = (remediation.get("recommended"), closest.get("upper"), closest.get("lower"))
    found = [text(one) for one in named if text(one)] + list(texts(remediation.get("other_recommended")))
    yield from dict.fromkeys(found)
