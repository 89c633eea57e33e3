"""Safety 1.x: `[[package, affected, installed, advisory, id, cvssv2, cvssv3], …]`; before 1.10 without the last two."""

from __future__ import annotations

from security_report_aggregator.document import Document, Kind
from security_report_aggregator.model import Package, Scan
from security_report_aggregator.readers.fields import text
from security_report_aggregator.readers.safety_findings import TOOL, finding, rated
from security_report_aggregator.readers.streamed import LIST

FORMAT = "safety-1"
SHORTEST = 5


def recognises(document: Document) -> bool:
    """Whether it is a list of lists, with no objects but those of CVSS in them."""
    if document.kind is not Kind.ARRAY or not document.has(LIST, LIST) or document.has(LIST, LIST, LIST):
        return False
    objects = {path for path in document.keys if any(step != LIST for step in path)}
    return all(len(path) == 3 and path[2] in ("base_score", "impact_score", "vector_string") for path in objects)


def read(document: Document) -> Scan:
    """Raises Unreadable."""
    listed = document.json()
    if not isinstance(listed, list):
        raise document.unreadable("is no list")
    findings = []
    for at, entry in enumerate(listed):
        if (
            not isinstance(entry, list)
            or len(entry) < SHORTEST
            or not all(isinstance(one, str) for one in entry[:SHORTEST])
        ):
            raise document.unreadable(
                f"`[{at}]` is no list of package, affected and installed version, advisory and id"
            )
        name, _, version, advisory, own = (text(one) for one in entry[:SHORTEST])
        cvss = dict(zip(("cvssv2", "cvssv3"), entry[SHORTEST:], strict=False))
        findings.append(finding(own, Package("pypi", name, version), advisory, rated=rated(cvss)))
    return Scan(document.name, TOOL, "1", FORMAT, tuple(findings))
