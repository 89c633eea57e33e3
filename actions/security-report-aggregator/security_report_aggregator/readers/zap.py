"""ZAP: the traditional JSON and XML reports, with and without requests and responses.

Shapes: traditional-json, traditional-json-plus and traditional-xml in zap-extensions' addOns/reports. One finding is
one alert, however many requests showed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from actionkit.jsonstream import CLOSED, Path
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Scan
from security_report_aggregator.readers import zap_xml
from security_report_aggregator.readers.fields import Object, moment, obj, text
from security_report_aggregator.readers.remarks import capped, one_line
from security_report_aggregator.readers.streamed import LIST, pieces
from security_report_aggregator.readers.zap_alerts import TOOL, Alert, Report

_INSTANCES = ("alerts", LIST, "instances", LIST)


def recognises(document: Document) -> bool:
    if document.kind is Kind.XML:
        return document.root is not None and document.root.name == zap_xml.ROOT
    if document.kind is not Kind.OBJECT or not document.has("site"):
        return False
    # The report on a login has the same frame, and `summaryItems`.
    return (document.has("@generated") or document.has("@version")) and not document.has("summaryItems")


def read(document: Document) -> tuple[Scan, ...]:
    report = zap_xml.parse(document) if document.kind is Kind.XML else _of_json(document)
    return (
        Scan(
            document.name,
            TOOL,
            text(report.said.get("@version")),
            "zap",
            tuple(report.found),
            gaps=capped(_gaps(report)),
            started=moment(report.said.get("created")) or _moment(report.said.get("@generated")),
        ),
    )


def _of_json(document: Document) -> Report:
    report = Report(document)
    alerts: dict[Path, Alert] = {}
    # One site may be written as an object instead of a list.
    for shape, path, value in pieces(document, ("site", LIST, *_INSTANCES), ("site", *_INSTANCES)):
        report.has_site |= len(shape) > 1 and shape[0] == "site"
        if shape[-4:] == _INSTANCES:
            alerts.setdefault(path[:-2], Alert()).add(obj(value))
        elif shape[-2:] == ("alerts", LIST):
            report.take(alerts.pop(path, Alert()))
        elif value is not CLOSED and shape[-3:-1] == ("alerts", LIST):
            alerts.setdefault(path[:-1], Alert()).said[shape[-1]] = value
        elif value is not CLOSED and len(shape) == 1:
            report.said[shape[0]] = value
    return report


def _gaps(report: Report) -> Iterator[str]:
    if not report.has_site:
        yield "no site was scanned"
    errors = report.said.get("afPlanErrors")
    for error in errors if isinstance(errors, list) else ():
        yield f"the automation plan failed: {one_line(error)}"
    stopped: Object = obj(report.said.get("stoppingInsight"))
    if stopped:
        yield f"ZAP stopped early: {one_line(stopped.get('description'))}"


def _moment(said: object) -> datetime | None:
    """`Tue, 12 May 2020 20:57:30`, in no zone, or RFC 3339."""
    known = moment(said)
    if known is not None:
        return known
    try:
        found = parsedate_to_datetime(text(said))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


READER = Reader("zap", recognises, read)
