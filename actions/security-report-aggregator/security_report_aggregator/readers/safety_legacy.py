"""Safety 1.x: `[[package, affected, installed, advisory, id, cvssv2, cvssv3], …]`; before 1.10 without the last two."""

from __future__ import annotations

import re

from actionkit.jsonstream import CLOSED
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.model import Finding, Package, Scan
from security_report_aggregator.readers.fields import text
from security_report_aggregator.readers.safety_findings import TOOL, finding, rated
from security_report_aggregator.readers.streamed import LIST, spelled

FORMAT = "safety-1"
SHORTEST = 5

_BEGINNING = re.compile(r'\s*\[\s*\[\s*"')


def recognises(document: Document) -> bool:
    """Whether it is a list of lists, with no objects but those of CVSS in them."""
    if document.kind is not Kind.ARRAY or not _BEGINNING.match(document.head):
        return False
    objects = {path for path in document.keys if any(step != LIST for step in path)}
    return all(len(path) == 3 and path[2] in ("base_score", "impact_score", "vector_string") for path in objects)


def read(document: Document) -> Scan:
    """Raises Unreadable."""
    entries = (entry for entry in document.walk(("*",)) if entry[1] is not CLOSED)
    return Scan(
        document.name, TOOL, "1", FORMAT, tuple(_finding(document, spelled(path), entry) for path, entry in entries)
    )


def _finding(document: Document, where: str, entry: object) -> Finding:
    if (
        not isinstance(entry, list)
        or len(entry) < SHORTEST
        or not all(isinstance(one, str) for one in entry[:SHORTEST])
    ):
        raise document.unreadable(f"`{where}` is no list of package, affected and installed version, advisory and id")
    name, _, version, advisory, own = (text(one) for one in entry[:SHORTEST])
    cvss = dict(zip(("cvssv2", "cvssv3"), entry[SHORTEST:], strict=False))
    return finding(own, Package("pypi", name, version), advisory, rated=rated(cvss))
