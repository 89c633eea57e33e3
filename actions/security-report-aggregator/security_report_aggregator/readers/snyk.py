"""Snyk's JSON: `snyk test`, `snyk container test` and `snyk iac test` with `--json`; Snyk Code writes SARIF instead.

One project is an object and several are an array; a container's applications are projects inside it. One record stands
for one path to a vulnerable package (https://docs.snyk.io/snyk-cli/scan-and-maintain-projects-using-the-cli).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from actionkit.jsonstream import CLOSED
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Location, Rule, Scan
from security_report_aggregator.readers import snyk_issues, strict
from security_report_aggregator.readers.fields import obj, text
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import capped, one_line
from security_report_aggregator.readers.streamed import LIST, pieces, spelled

TOOL = snyk_issues.TOOL

VULNERABILITIES = "vulnerabilities"
INFRASTRUCTURE = "infrastructureAsCodeIssues"
LISTINGS = (VULNERABILITIES, INFRASTRUCTURE)
APPLICATIONS = "applications"
UNRESOLVED = ("remediation", "unresolved")

MARKS = ("ok", "dependencyCount", "packageManager", "projectName", "filtered", "licensesPolicy")
"""Keys that stand beside `vulnerabilities`; two of them are Snyk's."""


def recognises(document: Document) -> bool:
    """Whether a project, a record of one, or the error instead of one stands in the head."""
    if document.kind not in (Kind.OBJECT, Kind.ARRAY) or document.has("runs"):
        return False
    prefix = (LIST,) if document.kind is Kind.ARRAY else ()
    if document.has(*prefix, INFRASTRUCTURE) or (document.has(*prefix, "ok") and document.has(*prefix, "error")):
        return True
    record = (*prefix, VULNERABILITIES, LIST)
    # A record alone may fill the head, and what tells of the project stands after them.
    has_record = document.has(*record, "from") and document.has(*record, "title")
    marks = sum(document.has(*prefix, mark) for mark in MARKS)
    return has_record or (document.has(*prefix, VULNERABILITIES) and marks >= 2)


@dataclass(slots=True)
class _Project:
    """One project as it is met: its own keys, and the findings of its records."""

    fields: dict[str, object] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read(document: Document) -> tuple[Scan, ...]:
    """One scan of all projects. Raises Unreadable, with Snyk's own words where the only project failed."""
    findings: list[Finding] = []
    gaps: list[str] = []
    withheld = 0
    for project in _projects(document):
        if error := _error(project.fields):
            if document.kind is Kind.OBJECT:
                raise document.unreadable(f"is no report but an error of Snyk: {error}")
            gaps.append(f"did not test {_name(project.fields)}: {error}")
            continue
        _check(document, project.fields)
        findings += _placed(project)
        withheld += _withheld(document, project.fields)
    is_iac = bool(findings) and all(finding.category is Category.IAC for finding in findings)
    tool = snyk_issues.IAC_TOOL if is_iac else TOOL
    return (Scan(document.name, tool, "", READER.name, tuple(findings), withheld=withheld, gaps=capped(gaps)),)


def _projects(document: Document) -> Iterator[_Project]:
    """Each project when it ends; the applications of a container come before it."""
    outer = (LIST,) if document.kind is Kind.ARRAY else ()
    inner = (*outer, APPLICATIONS, LIST)
    # `unresolved` holds copies of the records, as many as there are.
    shapes = [(*home, *rest, LIST) for home in (outer, inner) for rest in (*((one,) for one in LISTINGS), UNRESOLVED)]
    open_: dict[tuple[str, ...], _Project] = {outer: _Project(), inner: _Project()}
    rules: dict[Rule, Rule] = {}
    for shape, path, value in pieces(document, *shapes):
        if shape in open_:
            if value is CLOSED:
                yield open_[shape]
                open_[shape] = _Project()
            continue
        home = inner if shape[: len(inner)] == inner else outer
        tail = path[len(home) :]
        if len(tail) == 1:
            open_[home].fields[str(tail[0])] = value
        elif len(tail) == 2 and tail[0] in LISTINGS:
            is_iac = tail[0] == INFRASTRUCTURE
            make = snyk_issues.infrastructure if is_iac else snyk_issues.vulnerability
            open_[home].findings.append(make(document, obj(value), spelled(path), rules))


def _error(fields: Mapping[str, object]) -> str:
    """What went wrong with a project that was not tested; "" for one that was."""
    if not any(listing in fields for listing in LISTINGS) and fields.get("ok") is not True:
        return one_line(fields.get("error")) or one_line(fields.get("message")) or "no reason is given"
    return one_line(fields.get("error"))


def _check(document: Document, fields: Mapping[str, object]) -> None:
    prefix = (LIST,) if document.kind is Kind.ARRAY else ()
    listed = [listing for listing in LISTINGS if listing in fields]
    if not listed:
        raise document.unreadable("has neither `vulnerabilities` nor `infrastructureAsCodeIssues`")
    for listing in listed:
        strict.require_list(document, fields, listing, *prefix)


def _name(fields: Mapping[str, object]) -> str:
    keys = ("displayTargetFile", "targetFile", "path", "projectName")
    return next((relative(name) for key in keys if (name := text(fields.get(key)))), "a project")


def _is_image(fields: Mapping[str, object]) -> bool:
    return isinstance(fields.get("docker"), dict)


def _placed(project: _Project) -> Iterator[Finding]:
    """The findings with what only the project says: its file or image, and the ecosystem of its packages."""
    fields = project.fields
    is_image = _is_image(fields)
    image = text(fields.get("path")) or text(fields.get("projectName"))
    file = relative(text(fields.get("displayTargetFile")) or text(fields.get("targetFile")))
    place = Location(image, is_file=False) if is_image else Location(file)
    type_ = snyk_issues.package_type(fields.get("packageManager"))
    for finding in project.findings:
        here = replace(place, line=finding.location.line) if finding.location else place
        package = finding.package
        if package and not package.type:
            package = replace(package, type=type_)
        is_dependency = finding.category is Category.DEPENDENCY
        yield replace(
            finding,
            category=Category.CONTAINER if is_image and is_dependency else finding.category,
            location=here if here.path else None,
            package=package,
        )


def _withheld(document: Document, fields: Mapping[str, object]) -> int:
    """Records that a policy ignores or a patch mends: Snyk takes them out of the list and puts them beside it."""
    filtered = obj(fields.get("filtered"))
    return sum(
        sum(1 for _ in strict.objects(document, filtered, key, f"filtered.{key}")) for key in ("ignore", "patch")
    )


READER = Reader("snyk", recognises, read)
