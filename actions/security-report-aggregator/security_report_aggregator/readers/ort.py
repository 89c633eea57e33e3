"""OSS Review Toolkit: the result of its analyzer, advisor or evaluator, and the evaluated model, as JSON.

Shapes: `OrtResult` in ORT's model, with keys in snake case, `EvaluatedModel` in its evaluated-model reporter. Packages
with their licences are an inventory, vulnerabilities of the advisor and violations of the evaluator's rules are
findings, errors of any step are gaps. A result in YAML, ORT's default, is refused: it is far beyond what is read as
YAML here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from actionkit.jsonstream import CLOSED, Path
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Scan
from security_report_aggregator.readers import ort_model
from security_report_aggregator.readers.fields import NONE, Object, obj, objects, text, texts
from security_report_aggregator.readers.ort_records import Inventory
from security_report_aggregator.readers.streamed import ANY, LIST, Shape, pieces, spelled

STEPS = ("analyzer", "advisor", "evaluator")

_YAML = re.compile(r"(?:---\s+)?repository:\s*\n\s+vcs:")
_PACKAGE: Shape = ("analyzer", "result", "packages", LIST)
_ISSUES: Shape = ("analyzer", "result", "issues", ANY)
_ADVISED: tuple[Shape, ...] = (("advisor", "results", ANY), ("advisor", "results", "advisor_results", ANY))
_VIOLATION: Shape = ("evaluator", "violations", LIST)
_SUMMARY: Shape = ("scanner", "scan_results", LIST, "summary")
_SCAN_ISSUE: Shape = (*_SUMMARY, "issues", LIST)
_LARGE: tuple[Shape, ...] = (
    ("analyzer", "result", "projects", LIST),
    ("analyzer", "result", "dependency_graphs", ANY, "nodes", LIST),
    ("analyzer", "result", "dependency_graphs", ANY, "edges", LIST),
    ("scanner", "files", LIST),
    ("scanner", "provenances", LIST),
    *((*_SUMMARY, name, LIST) for name in ("licenses", "copyrights", "snippets")),
)
"""What is passed over in pieces, since it may be large."""


def recognises(document: Document) -> bool:
    if document.kind is Kind.TEXT:
        return _YAML.match(document.head) is not None and "\nanalyzer:" in document.head
    if document.kind is not Kind.OBJECT:
        return False
    has_step = document.has("analyzer", "result") or document.has("advisor", "results")
    is_result = document.has("repository", "vcs") and (has_step or document.has("evaluator", "violations"))
    return is_result or ort_model.recognises(document)


def read(document: Document) -> tuple[Scan, ...]:
    if document.kind is Kind.TEXT:
        raise document.unreadable("is ORT's result in YAML; write it as JSON with `-f JSON`")
    if ort_model.recognises(document):
        return (ort_model.read(document),)
    return (_Result(document).scan(),)


class _Result:
    """The document on its way to a scan; `_said` is what it says beside its lists."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._inventory = Inventory(document)
        self._said: dict[Shape, object] = {}

    def scan(self) -> Scan:
        for shape, path, value in pieces(
            self._document, _PACKAGE, _ISSUES, *_ADVISED, _VIOLATION, _SCAN_ISSUE, *_LARGE
        ):
            if value is CLOSED:
                self._said.setdefault(shape[:1], NONE)
            else:
                self._take(shape, path, value)
        environment = obj(self._said.get(("analyzer", "environment")))
        times = [time for step in STEPS if (time := text(self._said.get((step, "start_time"))))]
        return self._inventory.scan(
            notes=self._notes(),
            version=text(environment.get("ort_version")),
            commit=text(obj(self._repository().get("vcs_processed")).get("revision")),
            # That of the oldest step: what was found may be as old.
            started=min(times, default=None),
        )

    def _take(self, shape: Shape, path: Path, value: object) -> None:
        if shape == _PACKAGE:
            self._package(obj(value))
        elif shape == _ISSUES:
            self._inventory.take_issues(value, spelled(path))
        elif shape in _ADVISED:
            self._advised(value, path)
        elif shape == _VIOLATION:
            record = obj(value)
            package, license_ = text(record.get("pkg")), text(record.get("license"))
            self._inventory.take_violation(record, package, license_, spelled(path))
        elif shape == _SCAN_ISSUE:
            self._inventory.take_issues([value], spelled(path[:-1]))
        elif len(shape) < 3:
            self._said[shape] = value

    def _package(self, record: Object) -> None:
        # Once a package and its curations stood side by side.
        package = obj(record.get("package")) or record
        processed = obj(package.get("declared_licenses_processed"))
        declared = texts(package.get("declared_licenses"))
        self._inventory.take_package(text(package.get("id")), package, declared, texts(processed.get("unmapped")))

    def _advised(self, value: object, path: Path) -> None:
        where = spelled(path)
        for advice in objects(self._document, value, where):
            self._inventory.take_issues(obj(advice.get("summary")).get("issues"), f"{where}.summary.issues")
            for record in objects(self._document, advice.get("vulnerabilities"), f"{where}.vulnerabilities"):
                self._inventory.take_vulnerability(record, str(path[-1]), f"{where}.vulnerabilities")

    def _repository(self) -> Object:
        return obj(self._said.get(("repository",)))

    def _notes(self) -> Iterator[str]:
        if ("advisor",) not in self._said or self._said[("advisor",)] is None:
            yield "ORT's advisor did not run: no vulnerabilities were looked for"
        resolved = obj(obj(self._said.get(("resolved_configuration",))).get("resolutions"))
        count = sum(len(entries) for entries in resolved.values() if isinstance(entries, list))
        if count:
            yield f"{count} resolutions in ORT's configuration are not applied here; write waivers instead"


READER = Reader("ort", recognises, read)
