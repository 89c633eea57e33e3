"""ZAP's traditional XML report. Texts of alerts are HTML in XML: what is left here of them is HTML."""

from __future__ import annotations

from functools import partial

from actionkit import xmldoc
from actionkit.xmldoc import Attributes, Elements
from security_report_aggregator.document import Document
from security_report_aggregator.readers.fields import text
from security_report_aggregator.readers.zap_alerts import Alert, Report

ROOT = "OWASPZAPReport"

_OF_ALERT = (
    *("pluginid", "alertRef", "alert", "name", "riskcode", "riskdesc", "confidence", "desc", "count", "reference"),
    "cweid",
)
_OF_INSTANCE = ("uri", "param")


def parse(document: Document) -> Report:
    """Raises Unreadable."""
    lane = _Lane(Report(document))
    elements = Elements(
        root=ROOT,
        opens={ROOT: lane.root, "site": lane.site, "alertitem": lane.alert, "instance": lane.instance},
        closes={"alertitem": lane.alert_end, "instance": lane.instance_end},
        texts={name: partial(lane.text, name) for name in (*_OF_ALERT, *_OF_INSTANCE)},
    )
    xmldoc.parse(document.name, document.data, elements)
    return lane.report


class _Lane:
    """The actions of the XML parser."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._alert: Alert | None = None
        self._instance: dict[str, object] | None = None

    def root(self, attributes: Attributes) -> None:
        self.report.said = {
            "@version": attributes.get("version"),
            "@generated": attributes.get("generated"),
            "created": attributes.get("created"),
        }

    def site(self, attributes: Attributes) -> None:
        # An insight has a <site> too, which is its text.
        self.report.has_site |= "name" in attributes

    def alert(self, _attributes: Attributes) -> None:
        self._alert = Alert()

    def alert_end(self) -> None:
        if self._alert is not None:
            self.report.take(self._alert)
        self._alert = None

    def instance(self, _attributes: Attributes) -> None:
        self._instance = {}

    def instance_end(self) -> None:
        if self._alert is not None and self._instance is not None:
            self._alert.add(self._instance)
        self._instance = None

    def text(self, name: str, said: str) -> None:
        if self._instance is not None:
            self._instance.setdefault(name, text(said))
        elif self._alert is not None:
            self._alert.said.setdefault(name, text(said))
