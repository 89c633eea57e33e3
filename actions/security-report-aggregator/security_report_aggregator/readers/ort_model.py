"""ORT's evaluated model: everything in lists, referring to each other by index (`_id`)."""

from __future__ import annotations

from collections.abc import Sequence

from actionkit.jsonstream import CLOSED
from security_report_aggregator.document import Document
from security_report_aggregator.model import Scan
from security_report_aggregator.readers.fields import Object, obj, objects, text
from security_report_aggregator.readers.ort_records import Inventory
from security_report_aggregator.readers.streamed import LIST, pieces

_KEPT = ("licenses", "issues", "rule_violations", "vulnerabilities")
_OF_PACKAGE = (
    *("_id", "id", "purl", "is_project", "is_excluded", "concluded_license"),
    *("declared_licenses", "declared_licenses_processed"),
)
_LARGE = (("copyrights", LIST), ("scan_results", LIST), ("paths", LIST), ("dependency_trees", LIST))


def recognises(document: Document) -> bool:
    return all(document.has(key) for key in ("path_excludes", "scope_excludes", "licenses"))


def read(document: Document) -> Scan:
    """Raises Unreadable."""
    kept: dict[str, object] = {}
    packages: list[dict[str, object]] = []
    package: dict[str, object] = {}
    for shape, _, value in pieces(document, ("packages", LIST, "findings", LIST), *_LARGE):
        if shape == ("packages", LIST):
            packages.append(package)
            package = {}
        elif len(shape) == 3 and shape[0] == "packages" and shape[2] in _OF_PACKAGE:
            package[shape[2]] = value
        elif value is not CLOSED and len(shape) == 1 and (shape[0] in _KEPT or shape[0] == "repository"):
            kept[shape[0]] = value
    return _Model(document, kept, packages).scan()


class _Model:
    """The lists, with what their indexes stand for."""

    def __init__(self, document: Document, kept: Object, packages: list[dict[str, object]]) -> None:
        self._document = document
        self._kept = kept
        self._packages = packages
        self._licenses = _ids(self._records("licenses"))
        self._names = _ids(packages)
        self._inventory = Inventory(document)

    def scan(self) -> Scan:
        excluded = sum(package.get("is_excluded") is True for package in self._packages)
        for record in self._packages:
            if record.get("is_excluded") is not True and record.get("is_project") is not True:
                self._take(record)
        self._inventory.take_issues(self._kept.get("issues"), "issues")
        for at, violation in enumerate(self._records("rule_violations")):
            license_ = self._referred(self._licenses, violation, "license")
            package = self._referred(self._names, violation, "pkg")
            self._inventory.take_violation(violation, package, license_, f"rule_violations[{at}]")
        for at, vulnerability in enumerate(self._records("vulnerabilities")):
            package = self._referred(self._names, vulnerability, "pkg")
            self._inventory.take_vulnerability(vulnerability, package, f"vulnerabilities[{at}]")
        vcs = obj(obj(self._kept.get("repository")).get("vcs_processed"))
        notes = (f"{excluded} packages and projects are excluded in ORT's configuration",) if excluded else ()
        return self._inventory.scan(notes=notes, commit=text(vcs.get("revision")))

    def _records(self, name: str) -> list[Object]:
        return list(objects(self._document, self._kept.get(name), name))

    def _take(self, package: Object) -> None:
        processed = obj(package.get("declared_licenses_processed"))
        declared = self._named(package.get("declared_licenses"))
        unmapped = self._named(processed.get("unmapped_licenses"))
        self._inventory.take_package(text(package.get("id")), package, declared, unmapped)

    def _named(self, indexes: object) -> tuple[str, ...]:
        wanted = indexes if isinstance(indexes, list) else []
        return tuple(self._licenses.get(one, f"licence {one}") for one in wanted if isinstance(one, int))

    def _referred(self, known: dict[int, str], record: Object, key: str) -> str:
        index = record.get(key)
        if index is None:
            return ""
        if not isinstance(index, int) or index not in known:
            raise self._document.unreadable(f"`{key}` refers to `{text(index)[:40]}`, which is not there")
        return known[index]


def _ids(records: Sequence[Object]) -> dict[int, str]:
    """What each index stands for; the position where a record does not say its own."""
    found: dict[int, str] = {}
    for at, record in enumerate(records):
        index = record.get("_id")
        found[index if isinstance(index, int) else at] = text(record.get("id"))
    return found
