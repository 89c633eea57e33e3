"""OSV-Scanner's JSON, versions 1 and 2: one record per advisory of a package, in groups of records that are aliases.

https://google.github.io/osv-scanner/output/. An empty Go slice may be null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from security_report_aggregator import purls
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import UNRATED, Category, Finding, Location, Package, Rated, Rule, Scan
from security_report_aggregator.readers import strict
from security_report_aggregator.readers.fields import Object, obj, objects, text, texts
from security_report_aggregator.readers.osv_records import Record, record
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.streamed import LIST, pieces, spelled
from security_report_aggregator.severity import by_score, highest

TOOL = "osv-scanner"
SOURCE = ("results", LIST)
PACKAGE = (*SOURCE, "packages", LIST)
RECORD = (*PACKAGE, "vulnerabilities", LIST)

MOST_IDS = 100
"""Ids of a group that its records share; real groups have a handful."""

UNLISTED = Rule("license-violation", "Licence that is not on the allowlist")


def recognises(document: Document) -> bool:
    """Whether packages of a source, or the `experimental_config` of a run without any, stand in the head.

    Version 1 wrote `{"results": []}` before 1.4: that is read if the user says it is OSV-Scanner's.
    """
    if document.kind is not Kind.OBJECT or not document.has("results") or document.has("errors"):
        return False
    if document.has(*PACKAGE, "package") or (document.has(*SOURCE, "source") and document.has(*SOURCE, "packages")):
        return True
    top = {path[0] for path in document.keys}
    return "experimental_config" in top or (top == {"results"} and document.label == TOOL)


def read(document: Document) -> tuple[Scan, ...]:
    """One scan; one finding a record. Raises Unreadable."""
    rest: dict[str, object] = {}
    findings: list[Finding] = []
    source: dict[str, object] = {}
    packages: list[tuple[dict[str, object], list[Record]]] = []
    package: dict[str, object] = {}
    records: list[Record] = []
    rules: dict[str, Rule] = {}
    for shape, path, value in pieces(document, RECORD):
        if shape == RECORD:
            records.append(record(document, obj(value), spelled(path), rules))
        elif shape == PACKAGE:
            packages.append((package, records))
            package, records = {}, []
        elif len(shape) > len(PACKAGE):
            package[str(path[len(PACKAGE)])] = value
        elif shape == SOURCE:
            findings += _of_source(document, spelled(path), source, packages)
            source, packages = {}, []
        elif len(shape) == len(SOURCE) + 1:
            source[str(path[len(SOURCE)])] = value
        elif path:
            rest[str(path[0])] = value
    if "results" not in rest or rest["results"] is not None:
        strict.require_list(document, rest, "results")
    return (Scan(document.name, TOOL, "", READER.name, tuple(findings), gaps=_gaps(rest)),)


def _of_source(
    document: Document,
    where: str,
    source: Mapping[str, object],
    packages: Sequence[tuple[Mapping[str, object], Sequence[Record]]],
) -> Iterator[Finding]:
    if "packages" not in source:
        raise document.unreadable(f"`{where}` has no packages: no whole report")
    location = _location(obj(source.get("source")))
    for held in packages:
        yield from _findings(document, *held, location)


def _location(source: Object) -> Location | None:
    path = relative(text(source.get("path")))
    return Location(path, is_file=text(source.get("type")) not in ("docker", "git", "image")) if path else None


def _findings(
    document: Document, fields: Mapping[str, object], records: Sequence[Record], location: Location | None
) -> Iterator[Finding]:
    """The findings of one package of a source: a group's records share its ids and the worst severity of any."""
    said = obj(fields.get("package"))
    type_, name, version = purls.type_of(said.get("ecosystem")), text(said.get("name")), text(said.get("version"))
    package = Package(type_, name, version or text(said.get("commit"))) if name else None
    groups = _groups(document, fields, records)
    set_aside = _set_aside(fields)
    for one in records:
        group = groups.get(one.id)
        yield Finding(
            Category.CONTAINER if type_ in purls.SYSTEM_TYPES else Category.DEPENDENCY,
            TOOL,
            one.rule,
            group[1] if group else one.rated,
            one.message,
            location,
            package,
            tuple(dict.fromkeys((one.id, *one.aliases, *(group[0] if group else ())))),
            one.fixed_in(package),
            resource="" if package else text(said.get("commit")),
            suppressed=one.withdrawn or set_aside.get(one.id, ""),
            published=one.published,
            url=one.rule.help_uri,
        )
    yield from _violations(fields, package, location)


def _groups(
    document: Document, fields: Mapping[str, object], records: Sequence[Record]
) -> dict[str, tuple[tuple[str, ...], Rated]]:
    """Id of a record -> all ids of its group, and the group's severity."""
    found: dict[str, tuple[tuple[str, ...], Rated]] = {}
    ratings = {one.id: one.rated for one in records}
    for group in objects(document, fields.get("groups"), "groups"):
        ids = texts(group.get("ids"))
        rated = by_score(group.get("max_severity"), "max_severity of the group")
        if rated.score is None:
            rated = highest(ratings[own] for own in ids if own in ratings)
        whole = ((*ids, *texts(group.get("aliases")))[:MOST_IDS], rated)
        found.update(dict.fromkeys(ids, whole))
    return found


def _set_aside(fields: Mapping[str, object]) -> dict[str, str]:
    """Id of a record -> why OSV-Scanner does not count it: its call analysis, or what the distribution says."""
    found: dict[str, str] = {}
    groups = fields.get("groups")
    for group in groups if isinstance(groups, list) else []:
        # Spelled in two ways by 1.x and 2.x.
        analysis = obj(group.get("experimental_analysis") or group.get("experimentalAnalysis"))
        for own, said in analysis.items():
            if obj(said).get("called") is False:
                found.setdefault(own, "call analysis: the code does not call what is vulnerable")
            elif obj(said).get("unimportant") is True:
                found.setdefault(own, "unimportant, says the distribution")
    return found


def _violations(fields: Mapping[str, object], package: Package | None, location: Location | None) -> Iterator[Finding]:
    licenses = texts(fields.get("license_violations"))
    if licenses:
        named = package.name if package else "a package"
        yield Finding(
            Category.LICENSE,
            TOOL,
            UNLISTED,
            UNRATED,
            f"{named} has a licence that is not on the allowlist: {', '.join(licenses)}",
            location,
            package,
            license=" AND ".join(licenses),
        )


def _gaps(rest: Mapping[str, object]) -> tuple[str, ...]:
    generic = rest.get("experimental_generic_findings")
    if isinstance(generic, list) and generic:
        return (f"{len(generic)} experimental findings that belong to no package are not read",)
    return ()


READER = Reader("osv-scanner", recognises, read)
