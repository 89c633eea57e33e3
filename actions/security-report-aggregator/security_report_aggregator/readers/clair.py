"""Clair through its clients: clair-scanner, klar, and the vulnerability report of Clair 4 (clairctl, claircore).

Shapes: `vulnerabilityReport` in clair-scanner's utils.go, `jsonOutput` in klar's main.go, `VulnerabilityReport` in
claircore's vulnerabilityreport.go, which lists vulnerabilities and packages apart and beside them which go together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from actionkit.jsonstream import CLOSED
from security_report_aggregator import purls, severity
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Location, Package, Rule, Scan
from security_report_aggregator.readers.advisory_ids import weakness_ids
from security_report_aggregator.readers.fields import Object, moment, obj, text, texts
from security_report_aggregator.readers.streamed import ANY, LIST, pieces, spelled

TOOL = "clair"


def recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and (_is_scanner(document) or _is_klar(document) or _is_core(document))


def _is_scanner(document: Document) -> bool:
    return all(document.has(key) for key in ("image", "unapproved", "vulnerabilities"))


def _is_klar(document: Document) -> bool:
    return document.has("LayerCount") and document.has("Vulnerabilities")


def _is_core(document: Document) -> bool:
    return document.has("manifest_hash") and (document.has("packages") or document.has("vulnerabilities"))


def read(document: Document) -> tuple[Scan, ...]:
    if _is_core(document):
        return (_of_core(document),)
    return (_of_klar(document) if _is_klar(document) else _of_scanner(document),)


def _of_scanner(document: Document) -> Scan:
    said: dict[str, object] = {}
    findings: list[Finding] = []
    for shape, path, value in pieces(document, ("vulnerabilities", LIST)):
        if value is CLOSED:
            continue
        if len(shape) == 1:
            said[shape[0]] = value
            continue
        record = obj(value)
        common = _finding(document, record, spelled(path), "vulnerability", "severity")
        findings.append(
            replace(
                common,
                package=_package(record.get("namespace"), record.get("featurename"), record.get("featureversion")),
                fixed_in=texts(record.get("fixedby")),
            )
        )
    unapproved = set(texts(said.get("unapproved")))
    others = sum(finding.rule.id not in unapproved for finding in findings)
    image = text(said.get("image"))
    return Scan(
        document.name,
        TOOL,
        "",
        "clair-scanner",
        tuple(replace(finding, location=Location(image, is_file=False) if image else None) for finding in findings),
        notes=(f"{others} are on clair-scanner's whitelist or below its threshold",) if others else (),
    )


def _of_klar(document: Document) -> Scan:
    layers: object = None
    findings: list[Finding] = []
    for shape, path, value in pieces(document, ("Vulnerabilities", ANY, LIST)):
        if shape == ("LayerCount",):
            layers = value
        if value is CLOSED or len(shape) < 3:
            continue
        record = obj(value)
        common = _finding(document, {"Severity": path[1], **record}, spelled(path), "Name", "Severity")
        findings.append(
            replace(
                common,
                package=_package(record.get("NamespaceName"), record.get("FeatureName"), record.get("FeatureVersion")),
                fixed_in=texts(record.get("FixedBy")),
            )
        )
    gaps = ("klar found no layer of the image that Clair could analyse",) if layers == 0 else ()
    return Scan(document.name, TOOL, "", "klar", tuple(findings), gaps=gaps)


@dataclass
class _Core:
    """The parts of a report of Clair 4 that refer to each other."""

    packages: dict[str, Object] = field(default_factory=dict)
    vulnerabilities: dict[str, tuple[Finding, str]] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    manifest: str = ""
    is_report: bool = False


def _of_core(document: Document) -> Scan:
    core = _Core()
    for shape, path, value in pieces(
        document, ("packages", ANY), ("vulnerabilities", ANY), ("package_vulnerabilities", ANY)
    ):
        core.is_report |= shape[:1] == ("package_vulnerabilities",)
        if value is CLOSED:
            continue
        if shape == ("packages", ANY):
            said = obj(value)
            core.packages[str(path[1])] = {key: text(said.get(key)) for key in ("name", "version")}
        elif shape == ("vulnerabilities", ANY):
            core.vulnerabilities[str(path[1])] = _of_clair_4(document, obj(value), spelled(path))
        elif shape == ("package_vulnerabilities", ANY):
            if not isinstance(value, list | None):
                raise document.unreadable(f"`{spelled(path)}` is no list")
            core.pairs += [(str(path[1]), text(one)) for one in value or ()]
        elif shape == ("manifest_hash",):
            core.manifest = text(value)
    if not core.is_report:
        raise document.unreadable(
            "is Clair's index of an image, not its vulnerability report: no vulnerability was looked for"
        )
    return Scan(document.name, TOOL, "", "clair", tuple(_paired(document, core)))


def _of_clair_4(document: Document, record: Object, where: str) -> tuple[Finding, str]:
    """A vulnerability without its package, and the name of the distribution it is known in."""
    finding = _finding(document, record, where, "name", "normalized_severity")
    finding = replace(
        finding,
        url=text(record.get("links")).split(" ")[0],
        fixed_in=texts(record.get("fixed_in_version")),
        published=moment(record.get("issued")),
    )
    return finding, text(obj(record.get("distribution") or record.get("dist")).get("did"))


def _paired(document: Document, core: _Core) -> Iterator[Finding]:
    for package, vulnerability in core.pairs:
        known, found = core.packages.get(package), core.vulnerabilities.get(vulnerability)
        if known is None or found is None:
            what = f"packages.{package[:40]}" if known is None else f"vulnerabilities.{vulnerability[:40]}"
            raise document.unreadable(f"`package_vulnerabilities` refers to `{what}`, which is not there")
        finding, distribution = found
        yield replace(
            finding,
            package=_package(distribution, known["name"], known["version"]),
            location=Location(core.manifest, is_file=False) if core.manifest else None,
        )


def _finding(document: Document, record: Object, where: str, id_key: str, severity_key: str) -> Finding:
    own = text(record.get(id_key))
    if not own:
        raise document.unreadable(f"`{where}` has no `{id_key}`")
    description = text(record.get("description") or record.get("Description"))
    url = text(record.get("link") or record.get("Link"))
    return Finding(
        category=Category.CONTAINER,
        tool=TOOL,
        rule=Rule(own, description=description, help_uri=url),
        rated=severity.by_word(record.get(severity_key), severity_key),
        message=description or own,
        aliases=weakness_ids(own),
        url=url,
    )


def _package(namespace: object, name: object, version: object) -> Package:
    """`namespace` is a distribution: `ubuntu:18.04`, or for Clair 4 `ubuntu`."""
    return Package(purls.type_of(namespace), text(name), text(version))


READER = Reader("clair", recognises, read)
