"""What the contract tests of security-report-aggregator scan: reports of the small shop, and runs over them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.contract.measured import CART, HISTORY, outcome_of

from sandbox.consumer import Consumer
from sandbox.github.tokens import Access
from sandbox.runner import Event, Shown

NAME = "security-report-aggregator"
POLICY = ".github/security-policy.yml"
UPLOADER: Mapping[str, Access] = {"contents": "read", "pull-requests": "write", "security-events": "write"}

DJANGO = "django==3.2.1\n"
"""A manifest that names a package with advisories."""


@dataclass(frozen=True)
class Issue:
    """One finding of Bandit."""

    rule: str = "B608"
    path: str = CART
    line: int = 5
    severity: str = "HIGH"
    text: str = "SQL made of strings"


@dataclass(frozen=True)
class Advisory:
    """One vulnerability as Trivy reports it."""

    id: str = "CVE-2021-35042"
    package: str = "django"
    version: str = "3.2.1"
    fixed: str = "3.2.5"
    severity: str = "CRITICAL"
    target: str = "requirements.txt"
    published: str = "2021-07-02T10:15:00Z"


def bandit(*issues: Issue, errors: Iterable[Mapping[str, str]] = ()) -> bytes:
    """A report of Bandit 1.9."""
    results = [
        {
            "code": "",
            "filename": issue.path,
            "issue_confidence": "HIGH",
            "issue_cwe": {"id": 89, "link": "https://cwe.mitre.org/data/definitions/89.html"},
            "issue_severity": issue.severity,
            "issue_text": issue.text,
            "line_number": issue.line,
            "line_range": [issue.line],
            "more_info": "https://bandit.readthedocs.io/",
            "test_id": issue.rule,
            "test_name": issue.rule.lower(),
        }
        for issue in issues
    ]
    document = {"errors": list(errors), "generated_at": "2026-11-21T12:00:00Z", "metrics": {}, "results": results}
    return json.dumps(document).encode()


def trivy(*advisories: Advisory) -> bytes:
    """A report of Trivy, SchemaVersion 2."""
    by_target: dict[str, list[dict[str, str]]] = {}
    for one in advisories:
        by_target.setdefault(one.target, []).append(
            {
                "VulnerabilityID": one.id,
                "PkgName": one.package,
                "InstalledVersion": one.version,
                "FixedVersion": one.fixed,
                "Severity": one.severity,
                "Title": f"{one.id} in {one.package}",
                "PublishedDate": one.published,
                "PrimaryURL": f"https://avd.aquasec.com/nvd/{one.id.lower()}",
            }
        )
    results = [
        {"Target": target, "Class": "lang-pkgs", "Type": "pip", "Vulnerabilities": found}
        for target, found in by_target.items()
    ]
    document = {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem", "Results": results}
    return json.dumps(document).encode()


def gitleaks(secret: str, path: str = "src/deploy.py", line: int = 3) -> bytes:
    """A report of Gitleaks 8 of one leak."""
    leak = {
        "RuleID": "github-pat",
        "Description": "Uncovered a GitHub Personal Access Token",
        "StartLine": line,
        "EndLine": line,
        "StartColumn": 9,
        "EndColumn": 48,
        "Match": f"token = {secret}",
        "Secret": secret,
        "File": path,
        "SymlinkFile": "",
        "Commit": "",
        "Entropy": 4.1,
        "Author": "",
        "Email": "",
        "Date": "",
        "Message": "",
        "Tags": [],
        "Fingerprint": f"{path}:github-pat:{line}",
    }
    return json.dumps([leak]).encode()


def sarif(tool: str = "CodeQL", results: Iterable[Mapping[str, Any]] = (), **run: Any) -> bytes:
    """A SARIF file of one run."""
    made = {"tool": {"driver": {"name": tool, "rules": []}}, "results": list(results), **run}
    return json.dumps({"version": "2.1.0", "runs": [made]}).encode()


def result(rule: str = "js/xss", path: str = CART, line: int = 5, level: str = "error", text: str = "XSS") -> Any:
    """One result of a SARIF run."""
    place = {"artifactLocation": {"uri": path}, "region": {"startLine": line}}
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }


def scan(shop: Consumer, on: Event, **how: Any) -> Shown:
    """A run of the action; what is no argument of `Consumer.run` is an input, spelled with underscores."""
    options = {name: how.pop(name) for name in ("token", "env", "workspace", "cancel") if name in how}
    inputs = {name.replace("_", "-"): text for name, text in how.items()}
    shown = shop.run(NAME, on=on, with_=inputs, **options)
    assert "Traceback" not in shown.log, shown.log
    assert "has a bug" not in shown.log, shown.log
    return shown


def recorded_main(shop: Consumer, reports: Mapping[str, bytes], **inputs: str) -> Shown:
    """A push to main that these reports speak of, whatever its verdict; it is recorded."""
    shop.checkout.write(reports)
    shown = scan(shop, shop.push(), **{"fail_on": "none", **inputs})
    assert shop.checkout.head in history(shop), shown.log
    return shown


def found(shop: Consumer, shown: Shown) -> list[dict[str, Any]]:
    """The findings of the outcome."""
    listed: list[dict[str, Any]] = outcome_of(shop, shown)["data"]["findings"]
    return listed


def states(shop: Consumer, shown: Shown) -> dict[str, str]:
    """The state of each finding by its rule ("" for those that only the record knows)."""
    return {one["rule"]: one["state"] for one in found(shop, shown)}


def files_of_history(shop: Consumer) -> dict[str, bytes]:
    """Every file on the history branch; {} without a branch."""
    if HISTORY not in shop.repository.refs.names():
        return {}
    objects = shop.repository.objects
    tree = objects.files(objects.commit(shop.repository.tip("actions-data")).tree)
    return {path: objects.read(entry.sha, "blob") for path, entry in tree.items()}


def history(shop: Consumer) -> dict[str, dict[str, Any]]:
    """The records on the history branch by commit; they and the index name the same commits. {} without a branch."""
    files = files_of_history(shop)
    if not files:
        return {}
    folder = f"{NAME}/commits/"
    records = {
        path.removeprefix(folder).removesuffix(".json"): json.loads(content)
        for path, content in files.items()
        if path.startswith(folder)
    }
    assert {entry["sha"] for entry in json.loads(files[f"{NAME}/index.json"])["entries"]} == set(records)
    assert all(record["sha"] == sha for sha, record in records.items())
    return records
