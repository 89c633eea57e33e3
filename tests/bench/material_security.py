"""Reports of scanners of any size, the same on every machine."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CWES = (22, 78, 79, 89, 94, 200, 295, 327, 352, 502, 601, 611, 798, 918)
LEVELS = ("error", "warning", "note")
TOOLS = (
    *("CodeQL", "Semgrep", "Bandit", "gosec", "ESLint", "ShellCheck", "Hadolint", "Checkov", "KICS", "tfsec"),
    *("Snyk Code", "SpotBugs", "Brakeman", "PMD", "njsscan", "Ruff", "Bearer", "Horusec", "Kubescape", "Terrascan"),
)
MIXED = ("sarif", "trivy", "grype", "bandit", "semgrep", "npm", "hadolint", "detect-secrets", "checkov", "pip-audit")


def sarif(path: Path, results: int, *, tool: str = "CodeQL", slim: bool = False, seed: int = 1, first: int = 0) -> int:
    """A SARIF file of one run, written piece by piece; its size in bytes. `first` tells its results from others'."""
    dice = random.Random(seed)
    rules = [_rule(f"{tool.lower()}/rule-{at}", dice) for at in range(min(300, results))]
    driver = {"name": tool, "semanticVersion": "2.19.3", "rules": rules}
    with path.open("w", encoding="utf-8") as file:
        file.write('{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":')
        file.write(json.dumps({"driver": driver}))
        file.write(',"results":[')
        for at in range(first, first + results):
            file.write("," if at > first else "")
            file.write(json.dumps(_result(at, rules, dice, slim=slim)))
        file.write('],"columnKind":"utf16CodeUnits"}]}')
    return path.stat().st_size


def split(folder: Path, results: int, each: int) -> int:
    """So many results as SARIF files of at most `each` under `folder`; their size in bytes."""
    folder.mkdir()
    firsts = range(0, results, each)
    return sum(sarif(folder / f"{at}.sarif", min(each, results - at), slim=True, first=at) for at in firsts)


def trivy(path: Path, vulnerabilities: int) -> int:
    """A Trivy report of 40 targets, written piece by piece; its size in bytes."""
    dice = random.Random(2)
    each = -(-vulnerabilities // 40)
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '{"SchemaVersion":2,"CreatedAt":"2026-01-02T03:04:05Z","ArtifactName":".","ArtifactType":"filesystem"'
        )
        file.write(',"Results":[')
        for target, first in enumerate(range(0, vulnerabilities, each)):
            file.write(f'{"," if target else ""}{{"Target":"service{target}/requirements.txt","Class":"lang-pkgs",')
            file.write('"Type":"pip","Vulnerabilities":[')
            for at in range(first, min(first + each, vulnerabilities)):
                file.write("," if at > first else "")
                file.write(json.dumps(_vulnerability(at, dice)))
            file.write("]}")
        file.write("]}")
    return path.stat().st_size


def sarifs(folder: Path, files: int) -> tuple[int, int]:
    """SARIF files of all TOOLS under `reports/`; how many results and bytes they hold."""
    (folder / "reports").mkdir()
    size = sum(
        sarif(folder / "reports" / f"{at}.sarif", 250, tool=TOOLS[at % len(TOOLS)], seed=at) for at in range(files)
    )
    return files * 250, size


def mixed(folder: Path, files: int) -> tuple[int, int]:
    """Reports of 20 tools, ten formats and ten SARIF ones, under `reports/`; how many records and bytes they hold."""
    (folder / "reports").mkdir()
    records = 0
    for at in range(files):
        path = folder / "reports" / f"{at}.json"
        kind = at % 20
        if kind >= 10:
            sarif(path, 250, tool=TOOLS[kind], seed=at)
            records += 250
        else:
            document = list(_MAKERS[MIXED[kind]](random.Random(at), at))
            path.write_text(json.dumps(document[0]), encoding="utf-8")
            records += 250
    return records, sum(path.stat().st_size for path in (folder / "reports").iterdir())


def _rule(name: str, dice: random.Random) -> dict[str, Any]:
    return {
        "id": name,
        "name": name.replace("/", "_"),
        "shortDescription": {"text": f"What {name} looks for"},
        "fullDescription": {"text": "A value that somebody else controls reaches a place where it does harm. " * 3},
        "help": {"text": "Check the value, or use an interface that takes it apart from the command. " * 8},
        "defaultConfiguration": {"level": dice.choice(LEVELS)},
        "properties": {
            "tags": ["security", f"external/cwe/cwe-{dice.choice(CWES):03d}"],
            "security-severity": f"{dice.uniform(0.1, 10):.1f}",
        },
    }


def _result(at: int, rules: list[dict[str, Any]], dice: random.Random, *, slim: bool) -> dict[str, Any]:
    index = dice.randrange(len(rules))
    line = at // 2000 + 1
    region = {"startLine": line, "startColumn": 3, "endColumn": 40}
    artifact = {"uri": f"src/package{at % 50}/module{at % 2000}.py", "uriBaseId": "%SRCROOT%"}
    found: dict[str, Any] = {
        "ruleId": rules[index]["id"],
        "ruleIndex": index,
        "message": {"text": f"This value {at} comes from [user input](1) and is not checked."},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }
    if not slim:
        snippet = {"text": f"    value_{at} = compute(request.args['name'], other, and_more)\n"}
        found["partialFingerprints"] = {"primaryLocationLineHash": f"{at:016x}:1"}
        found["locations"][0]["physicalLocation"]["contextRegion"] = {"startLine": line, "snippet": snippet}
        source = {"artifactLocation": artifact, "region": {"startLine": line}}
        found["relatedLocations"] = [{"id": 1, "physicalLocation": source, "message": {"text": "user input"}}]
    return found


def _vulnerability(at: int, dice: random.Random) -> dict[str, Any]:
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    return {
        "VulnerabilityID": f"CVE-2024-{at % 90000:05d}",
        "PkgName": f"package-{at % 3001}",
        "PkgIdentifier": {"PURL": f"pkg:pypi/package-{at % 3001}@1.{at % 7}.0"},
        "InstalledVersion": f"1.{at % 7}.0",
        "FixedVersion": f"2.{at % 5}.1",
        "Severity": dice.choice(("CRITICAL", "HIGH", "MEDIUM", "LOW")),
        "Title": "A parser reads more than it was given",
        "Description": "An attacker who controls the input makes the parser read beyond the end of its buffer. " * 6,
        "PrimaryURL": f"https://avd.example.com/nvd/cve-2024-{at % 90000:05d}",
        "CweIDs": ["CWE-125"],
        "CVSS": {"nvd": {"V3Vector": vector, "V3Score": 9.8}, "ghsa": {"V3Vector": vector, "V3Score": 9.8}},
        "PublishedDate": "2024-03-04T05:06:07Z",
        "References": [f"https://example.com/advisories/{at}/{one}" for one in range(3)],
    }


def _trivy(dice: random.Random, at: int) -> Iterator[object]:
    found = [_vulnerability(at * 250 + one, dice) for one in range(250)]
    result = {"Target": "requirements.txt", "Class": "lang-pkgs", "Type": "pip", "Vulnerabilities": found}
    yield {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem", "Results": [result]}


def _grype(dice: random.Random, at: int) -> Iterator[object]:
    matches = [
        {
            "vulnerability": {
                "id": f"CVE-2023-{at * 250 + one:05d}",
                "severity": dice.choice(("Critical", "High", "Medium", "Low", "Negligible")),
                "fix": {"versions": ["2.0"], "state": "fixed"},
            },
            "relatedVulnerabilities": [],
            "matchDetails": [],
            "artifact": {"name": f"lib{one}", "version": "1.0", "type": "deb", "purl": f"pkg:deb/debian/lib{one}@1.0"},
        }
        for one in range(250)
    ]
    source = {"type": "image", "target": {"userInput": "shop:1"}}
    yield {"matches": matches, "source": source, "descriptor": {"name": "grype", "version": "0.100.0"}}


def _bandit(dice: random.Random, at: int) -> Iterator[object]:
    results = [
        {
            "filename": f"./src/mod{at}.py",
            "line_number": one + 1,
            "line_range": [one + 1],
            "test_id": f"B{dice.choice((102, 105, 301, 303, 602, 608))}",
            "test_name": "some_test",
            "issue_severity": dice.choice(("LOW", "MEDIUM", "HIGH")),
            "issue_confidence": "HIGH",
            "issue_cwe": {"id": dice.choice(CWES), "link": "https://cwe.mitre.org/"},
            "issue_text": "A thing that is better done otherwise.",
            "more_info": "https://bandit.readthedocs.io/",
            "code": "1 x\n",
        }
        for one in range(250)
    ]
    yield {"errors": [], "generated_at": "2026-01-02T03:04:05Z", "metrics": {"_totals": {}}, "results": results}


def _semgrep(dice: random.Random, at: int) -> Iterator[object]:
    results = [
        {
            "check_id": f"python.rule-{dice.randrange(40)}",
            "path": f"src/mod{at}.py",
            "start": {"line": one + 1, "col": 1, "offset": 0},
            "end": {"line": one + 1, "col": 9, "offset": 8},
            "extra": {
                "message": "A thing that is better done otherwise.",
                "severity": dice.choice(("ERROR", "WARNING", "INFO")),
                "metadata": {"cwe": [f"CWE-{dice.choice(CWES)}: x"]},
                "fingerprint": "requires login",
                "lines": "requires login",
            },
        }
        for one in range(250)
    ]
    yield {"version": "1.100.0", "results": results, "errors": [], "paths": {"scanned": []}}


def _npm(dice: random.Random, at: int) -> Iterator[object]:
    vulnerabilities = {}
    for one in range(250):
        name = f"package-{at}-{one}"
        severity = dice.choice(("critical", "high", "moderate", "low"))
        advisory = {
            "source": at * 1000 + one,
            "name": name,
            "dependency": name,
            "title": "Prototype pollution",
            "url": f"https://github.com/advisories/GHSA-{at:04d}-{one:04d}-abcd",
            "severity": severity,
            "cwe": ["CWE-1321"],
            "range": "<2.0.0",
        }
        entry = {"name": name, "severity": severity, "isDirect": True, "via": [advisory], "effects": []}
        vulnerabilities[name] = {**entry, "range": "<2.0.0", "nodes": [f"node_modules/{name}"], "fixAvailable": True}
    yield {"auditReportVersion": 2, "vulnerabilities": vulnerabilities, "metadata": {"vulnerabilities": {"total": 250}}}


def _hadolint(dice: random.Random, at: int) -> Iterator[object]:
    yield [
        {
            "code": f"DL{dice.choice((3002, 3006, 3008, 3020, 4006))}",
            "column": 1,
            "file": f"images/{at}/Dockerfile",
            "level": dice.choice(("error", "warning", "info")),
            "line": one + 1,
            "message": "A thing that is better done otherwise",
        }
        for one in range(250)
    ]


def _detect_secrets(dice: random.Random, at: int) -> Iterator[object]:
    path = f"config/{at}.ini"
    found = [
        {
            "type": "Secret Keyword",
            "filename": path,
            "hashed_secret": f"{dice.getrandbits(160):040x}",
            "is_verified": False,
            "line_number": one + 1,
        }
        for one in range(250)
    ]
    yield {"version": "1.5.0", "plugins_used": [], "results": {path: found}, "generated_at": "2026-01-02T03:04:05Z"}


def _checkov(dice: random.Random, at: int) -> Iterator[object]:
    failed = [
        {
            "check_id": f"CKV_AWS_{dice.choice((18, 19, 20, 21, 23, 24))}",
            "check_name": "A thing that is better done otherwise",
            "check_result": {"result": "FAILED"},
            "file_path": f"/infra/{at}.tf",
            "file_line_range": [one * 3 + 1, one * 3 + 3],
            "resource": f"aws_s3_bucket.b{one}",
            "severity": None,
        }
        for one in range(250)
    ]
    results = {"passed_checks": [], "failed_checks": failed, "skipped_checks": [], "parsing_errors": []}
    summary = {"passed": 0, "failed": 250, "skipped": 0, "parsing_errors": 0, "checkov_version": "3.2.0"}
    yield {"check_type": "terraform", "results": results, "summary": summary}


def _pip_audit(_: random.Random, at: int) -> Iterator[object]:
    dependencies = [
        {
            "name": f"package-{at}-{one}",
            "version": "1.0",
            "vulns": [{"id": f"PYSEC-2024-{one}", "fix_versions": ["1.1"], "aliases": [], "description": "x"}],
        }
        for one in range(250)
    ]
    yield {"dependencies": dependencies, "fixes": []}


_MAKERS = {
    "trivy": _trivy,
    "grype": _grype,
    "bandit": _bandit,
    "semgrep": _semgrep,
    "npm": _npm,
    "hadolint": _hadolint,
    "detect-secrets": _detect_secrets,
    "checkov": _checkov,
    "pip-audit": _pip_audit,
    "sarif": lambda dice, at: iter([_sarif_document(dice, at)]),
}


def _sarif_document(dice: random.Random, at: int) -> object:
    rules = [_rule(f"rule-{one}", dice) for one in range(50)]
    results = [_result(at * 250 + one, rules, dice, slim=False) for one in range(250)]
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gosec", "rules": rules}}, "results": results}]}
