"""SARIF logs for tests: the least a log needs, with what a test is about."""

from __future__ import annotations

from typing import Any

from tests.security_report_aggregator.readers.reports_at_hand import made, scan_of

from security_report_aggregator.model import Finding, Scan
from security_report_aggregator.readers.sarif import READER

Json = dict[str, Any]

MESSAGE = {"text": "Something is wrong."}


def at(uri: str, **region: object) -> Json:
    """The `locations` of a result."""
    return {"locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]}


def result(**members: object) -> Json:
    return {"ruleId": "R1", "message": MESSAGE, **members}


def run(*results: Json, name: str | None = "Tool", rules: list[Any] | None = None, **members: Any) -> Json:
    driver = {"name": name, "rules": rules or []}
    return {"tool": {"driver": driver}, "results": list(results), **members}


def log(*runs: Json, version: str = "2.1.0") -> Json:
    return {"version": version, "runs": list(runs)}


def scan(*results: Json, **members: Any) -> Scan:
    """The scan of a log with one run."""
    return scan_of(READER, log(run(*results, **members)))


def finding(one: Json, **members: Any) -> Finding:
    """The finding of a log with one result."""
    (found,) = scan(one, **members).findings
    return found


def scans(content: object, label: str = "") -> tuple[Scan, ...]:
    document = made(content, label=label)
    assert READER.recognises(document)
    return READER.read(document)
