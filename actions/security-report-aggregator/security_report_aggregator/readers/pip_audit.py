"""pip-audit's JSON: a list of dependencies (until 2.4) or an object with `dependencies` and `fixes`; no severities.

A dependency with a `skip_reason` was not audited at all (https://github.com/pypa/pip-audit#audit-limitations).
"""

from __future__ import annotations

from collections.abc import Iterator

from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import UNRATED, Category, Finding, Package, Rule, Scan
from security_report_aggregator.readers import strict
from security_report_aggregator.readers.fields import Object, obj, text, texts
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.readers.streamed import LIST, pieces, spelled

TOOL = "pip-audit"


def recognises(document: Document) -> bool:
    """Whether a dependency with `vulns` or a `skip_reason` stands in the head, or the object that lists none."""
    shape = _dependency(document)
    if document.kind not in (Kind.OBJECT, Kind.ARRAY) or not document.has(*shape) or document.has("runs"):
        return False
    if any(document.has(*shape, key) for key in ("vulns", "skip_reason")) and document.has(*shape, "name"):
        return True
    top = {path[0] for path in document.keys}
    return top <= {"dependencies", "fixes"} and len({path for path in document.keys if path[0] == "dependencies"}) == 2


def read(document: Document) -> tuple[Scan, ...]:
    """One scan. Raises Unreadable."""
    shape = _dependency(document)
    findings: list[Finding] = []
    gaps: list[str] = []
    rest: dict[str, object] = {}
    rules: dict[Rule, Rule] = {}
    audited = 0
    for here, path, value in pieces(document, shape):
        if here != shape:
            rest[str(path[0]) if path else ""] = value
            continue
        dependency = obj(value)
        name = one_line(dependency.get("name"))
        if not name:
            raise document.unreadable(f"`{spelled(path)}` has no name")
        if "skip_reason" in dependency:
            gaps.append(f"did not audit {name}: {one_line(dependency['skip_reason']) or 'no reason is given'}")
            continue
        if "vulns" not in dependency:
            raise document.unreadable(f"`{spelled(path)}` ({name}) has no `vulns`: audited or not, nobody can say")
        audited += 1
        findings.extend(_findings(document, dependency, spelled(path), rules))
    if document.kind is Kind.OBJECT:
        strict.require_list(document, rest, "dependencies")
    notes = () if audited or gaps else ("no dependency was audited: there was none",)
    return (Scan(document.name, TOOL, "", READER.name, tuple(findings), gaps=tuple(dict.fromkeys(gaps)), notes=notes),)


def _dependency(document: Document) -> tuple[str, ...]:
    return (LIST,) if document.kind is Kind.ARRAY else ("dependencies", LIST)


def _findings(document: Document, dependency: Object, where: str, rules: dict[Rule, Rule]) -> Iterator[Finding]:
    package = Package("pypi", text(dependency.get("name")), text(dependency.get("version")))
    for vuln in strict.objects(document, dependency, "vulns", f"{where}.vulns"):
        own = text(vuln.get("id"))
        if not own:
            raise document.unreadable(f"a vulnerability of `{where}` ({package.name}) has no id")
        description = text(vuln.get("description"))
        rule = Rule(own, description=description, help_uri=f"https://osv.dev/vulnerability/{own}")
        yield Finding(
            Category.DEPENDENCY,
            TOOL,
            rules.setdefault(rule, rule),
            UNRATED,
            one_line(description) or f"{own} in {package.name} {package.version}",
            package=package,
            aliases=tuple(dict.fromkeys((*(ids_in(own) or (own,)), *texts(vuln.get("aliases"))))),
            fixed_in=texts(vuln.get("fix_versions")),
            url=rule.help_uri,
        )


READER = Reader("pip-audit", recognises, read)
