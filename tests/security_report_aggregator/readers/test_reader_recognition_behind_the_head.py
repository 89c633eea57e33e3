"""Reports whose telling keys come late, behind long lists of files, errors or actions, are read all the same."""

from __future__ import annotations

import json

import pytest

from actionkit.errors import Unreadable
from security_report_aggregator.document import HEAD_SIZE, Document
from security_report_aggregator.readers import read

LONG = ["x" * 100] * 4000
SEMGREP_RESULT = {"check_id": "a.b", "path": "x.py", "start": {"line": 1}, "extra": {"severity": "ERROR"}}
NPM_ADVISORY = {"id": 534, "module_name": "debug", "severity": "high", "title": "t", "findings": []}
TRIVY_RESULT = {
    "Target": "a",
    "Vulnerabilities": [{"VulnerabilityID": "CVE-2024-1", "PkgName": "a", "Severity": "HIGH"}],
}


@pytest.mark.parametrize(
    ("tool", "report"),
    [
        ("semgrep", {"errors": [], "paths": {"scanned": LONG}, "results": [SEMGREP_RESULT], "version": "1.84.1"}),
        ("npm-audit", {"actions": [{"resolves": LONG}], "advisories": {"534": NPM_ADVISORY}, "muted": []}),
        ("trivy", {"Metadata": {"x": LONG}, "SchemaVersion": 2, "ArtifactName": "a", "Results": [TRIVY_RESULT]}),
    ],
)
def test_a_report_is_known_by_keys_that_come_late(tool: str, report: object) -> None:
    data = json.dumps(report).encode()
    assert len(data) > HEAD_SIZE
    (scan,) = read(Document("r.json", data))
    assert (scan.tool, scan.records, scan.complete) == (tool, 1, True)


def test_json_of_no_format_is_none_however_long_it_is() -> None:
    with pytest.raises(Unreadable, match="no report format that is read here"):
        read(Document("r.json", json.dumps({"files": LONG, "more": LONG}).encode()))
