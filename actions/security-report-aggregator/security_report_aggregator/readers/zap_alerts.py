"""An alert of ZAP as a finding, whether it was written as JSON or as XML.

Codes: riskcode 3 high, 2 medium, 1 low, 0 informational; confidence 0 is what a user marked as a false positive
(zaproxy, `Alert`).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from security_report_aggregator import severity
from security_report_aggregator.document import Document
from security_report_aggregator.model import Category, Finding, Level, Location, Rated, Rule
from security_report_aggregator.readers.fields import Object, line, numbers_of_cwes, text

TOOL = "zap"
RISKS = {
    "3": Rated(Level.HIGH, "High", "riskcode"),
    "2": Rated(Level.MEDIUM, "Medium", "riskcode"),
    "1": Rated(Level.LOW, "Low", "riskcode"),
    "0": Rated(Level.LOW, "Informational", "riskcode"),
}
CONFIDENCES = {"0": "false positive", "1": "low", "2": "medium", "3": "high", "4": "confirmed"}

_TAG = re.compile(r"<[^<>]*>")


@dataclass
class Alert:
    """One alert while it is read: its fields by their names in JSON, and the first of the requests that showed it."""

    said: dict[str, object] = field(default_factory=dict)
    first: Object = field(default_factory=dict)
    instances: int = 0

    def add(self, instance: Object) -> None:
        self.instances += 1
        if self.instances == 1:
            self.first = {key: text(instance.get(key)) for key in ("uri", "param")}


@dataclass
class Report:
    """What a report says of the run (`@version`, `@generated`, `created`, …), and its alerts as findings."""

    document: Document
    said: dict[str, object] = field(default_factory=dict)
    has_site: bool = False
    found: list[Finding] = field(default_factory=list)

    def take(self, alert: Alert) -> None:
        """Raises Unreadable for an alert that names no rule."""
        self.found.append(_finding(self.document, alert))


def _finding(document: Document, alert: Alert) -> Finding:
    said = alert.said
    # Variants of one scan rule have a reference of their own: 10055-4.
    own = text(said.get("alertRef")).strip() or text(said.get("pluginid")).strip()
    name = plain(text(said.get("name")) or text(said.get("alert")))
    if not own:
        raise document.unreadable(f"the alert `{name[:80]}` has no `pluginid`")
    # Old reports have one request, in the alert itself.
    first = alert.first or {key: text(said.get(key)) for key in ("uri", "param")}
    address = _without_values(text(first.get("uri")))
    confidence = CONFIDENCES.get(text(said.get("confidence")).strip(), "")
    return Finding(
        category=Category.DAST,
        tool=TOOL,
        rule=Rule(
            own,
            name,
            plain(text(said.get("desc"))),
            next(iter(plain(text(said.get("reference"))).split()), ""),
            numbers_of_cwes(text(said.get("cweid")).strip()),
        ),
        rated=_rated(said),
        message=name or own,
        location=Location(address, is_file=False) if address else None,
        resource=text(first.get("param")),
        suppressed="marked as a false positive in ZAP" if confidence == CONFIDENCES["0"] else "",
        confidence=confidence,
        instances=alert.instances or line(said.get("count")) or 1,
    )


def plain(markup: str) -> str:
    """The words of a text that ZAP wraps in paragraphs, on one line."""
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _rated(said: Object) -> Rated:
    """By the code; a report of another generator may have none but its description, `High (Medium)`."""
    word = text(said.get("riskdesc")).partition("(")[0]
    return RISKS.get(text(said.get("riskcode")).strip()) or severity.by_word(word, "riskdesc")


def _without_values(address: str) -> str:
    """A URL without credentials, query and fragment: they may hold tokens, and the scanner's own attacks."""
    try:
        parts = urlsplit(address)
        if not parts.netloc:
            return address.partition("?")[0].partition("#")[0]
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return ""
