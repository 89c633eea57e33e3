"""SARIF uploads, analyses and alerts of code scanning."""

from __future__ import annotations

from ..code_scanning import Alert, Analysis, CodeScanning, Status, Tool, Upload
from ..exchange import Links, Object
from ..repository import Repository
from ..site import stamp

_ANALYSIS_KEY = "(default)"


def receipt(links: Links, repository: Repository, shown: Upload) -> Object:
    """A `code-scanning-sarifs-receipt`."""
    return {"id": shown.id, "url": links.repo(repository, f"/code-scanning/sarifs/{shown.id}")}


def status(links: Links, repository: Repository, shown: Upload, now: Status) -> Object:
    """A `code-scanning-sarifs-status`."""
    body: Object = {"processing_status": now}
    if now == "complete":
        body["analyses_url"] = links.repo(repository, f"/code-scanning/analyses?sarif_id={shown.id}")
    if now == "failed":
        body["errors"] = list(shown.errors)
    return body


def analysis(links: Links, repository: Repository, shown: Analysis) -> Object:
    """A `code-scanning-analysis`."""
    scanning: CodeScanning = repository.code_scanning
    return {
        "ref": shown.ref,
        "commit_sha": shown.commit_sha,
        "analysis_key": _ANALYSIS_KEY,
        "environment": "{}",
        "category": shown.category,
        "error": "",
        "warning": f"{shown.ignored} results were ignored" if shown.ignored else "",
        "created_at": stamp(shown.created_at),
        "results_count": shown.results_count,
        "rules_count": shown.rules_count,
        "id": shown.id,
        "url": links.repo(repository, f"/code-scanning/analyses/{shown.id}"),
        "sarif_id": shown.sarif_id,
        "tool": _tool(shown.tool),
        "deletable": scanning.deletable(shown),
    }


def alert(links: Links, repository: Repository, shown: Alert) -> Object:
    """A `code-scanning-alert-items`."""
    finding, found_by = shown.finding, shown.analysis
    api = links.repo(repository, f"/code-scanning/alerts/{shown.number}")
    page = links.page(repository, f"/security/code-scanning/{shown.number}")
    return {
        "number": shown.number,
        "created_at": stamp(shown.created_at),
        "updated_at": stamp(shown.fixed_at or found_by.created_at),
        "url": api,
        "html_url": page,
        "instances_url": f"{api}/instances",
        "state": shown.state,
        "fixed_at": stamp(shown.fixed_at) if shown.fixed_at else None,
        "dismissed_by": None,
        "dismissed_at": None,
        "dismissed_reason": None,
        "dismissed_comment": None,
        "rule": {
            "id": finding.rule_id,
            "severity": finding.level,
            "security_severity_level": _band(finding.severity),
            "tags": list(finding.tags),
        },
        "tool": _tool(found_by.tool),
        "most_recent_instance": {
            "ref": found_by.ref,
            "analysis_key": _ANALYSIS_KEY,
            "environment": "{}",
            "category": found_by.category,
            "state": shown.state,
            "commit_sha": found_by.commit_sha,
            "message": {"text": finding.message},
            "location": {"path": finding.path, "start_line": finding.start_line, "end_line": finding.end_line},
            "classifications": [],
        },
    }


def _tool(shown: Tool) -> Object:
    return {"name": shown.name, "version": shown.version, "guid": shown.guid}


def _band(severity: float | None) -> str | None:
    """Docs "SARIF support for code scanning", `security-severity`."""
    if severity is None:
        return None
    return next(name for name, least in _BANDS if severity >= least)


_BANDS = (("critical", 9.0), ("high", 7.0), ("medium", 4.0), ("low", 0.0))
