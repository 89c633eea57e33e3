"""detect-secrets baselines and the output of `detect-secrets scan`: secrets by file, known by their SHA-1 only."""

from __future__ import annotations

from actionkit.jsonstream import CLOSED
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Finding, Location, Rule, Scan
from security_report_aggregator.readers.fields import Object, line, moment, obj, text
from security_report_aggregator.readers.leaks import leak
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.streamed import ANY, LIST, pieces

TOOL = "detect-secrets"
_SHA1_LENGTH = 40


def recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and document.has("plugins_used") and document.has("results")


def read(document: Document) -> tuple[Scan, ...]:
    """The scan; audited records that are no secret are suppressed. Raises Unreadable."""
    said: dict[str, object] = {}
    findings: list[Finding] = []
    for piece in pieces(document, ("results", ANY, LIST)):
        if piece.shape == ("results", ANY, LIST):
            findings.append(_finding(document, str(piece.path[1]), obj(piece.value)))
        elif len(piece.path) == 1:
            said[str(piece.path[0])] = piece.value
    if said.get("results") is not CLOSED:
        raise document.unreadable("has no `results` by file")
    return (
        Scan(
            document.name,
            TOOL,
            text(said.get("version")),
            "detect-secrets",
            tuple(findings),
            started=moment(said.get("generated_at")),
        ),
    )


def _finding(document: Document, path: str, record: Object) -> Finding:
    detector = text(record.get("type"))
    if not detector:
        raise document.unreadable(f"has a secret without `type` in `{path[:200]}`")
    hashed = text(record.get("hashed_secret"))
    audited = record.get("is_secret")
    confirmed = "confirmed" if audited is True else ""
    return leak(
        TOOL,
        Rule(detector),
        Location(relative(path), line(record.get("line_number"))),
        secret=document.digest_of_sha1(hashed) if len(hashed) == _SHA1_LENGTH else "",
        confidence=confirmed or ("verified" if record.get("is_verified") is True else ""),
        suppressed="audited: no secret" if audited is False else "",
    )


READER = Reader("detect-secrets", recognises, read)
