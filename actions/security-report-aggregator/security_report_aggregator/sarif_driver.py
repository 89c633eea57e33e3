"""How the scanners call themselves in code scanning, where alerts are told apart by the tool's name."""

from __future__ import annotations

import re

from actionkit.untrusted import one_line, shortened
from security_report_aggregator.sarif_limits import NAME_LENGTH

NAMES = {
    "bandit": "Bandit",
    "bearer": "Bearer",
    "checkov": "Checkov",
    "clair": "Clair",
    "codeql": "CodeQL",
    "dependency-check": "OWASP Dependency-Check",
    "docker-bench": "Docker Bench for Security",
    "eslint": "ESLint",
    "gitleaks": "Gitleaks",
    "grype": "Grype",
    "hadolint": "Hadolint",
    "kics": "KICS",
    "npm-audit": "npm audit",
    "noseyparker": "Nosey Parker",
    "ort": "OSS Review Toolkit",
    "osv-scanner": "OSV-Scanner",
    "pnpm-audit": "pnpm audit",
    "prowler": "Prowler",
    "ruff": "Ruff",
    "safety": "Safety",
    "scorecard": "OpenSSF Scorecard",
    "semgrep": "Semgrep",
    "shellcheck": "ShellCheck",
    "snyk": "Snyk",
    "snyk-code": "Snyk Code",
    "snyk-iac": "Snyk IaC",
    "sonarqube": "SonarQube",
    "spotbugs": "SpotBugs",
    "terrascan": "Terrascan",
    "trivy": "Trivy",
    "trufflehog": "TruffleHog",
    "yarn-audit": "yarn audit",
    "zap": "ZAP",
}
"""Names of `tools.normalised` that are spelled otherwise on a page; all others are shown as they are."""

# semver.org, 2.0.0, with leading zeros refused as there.
_NUMBER = r"(?:0|[1-9][0-9]*)"
_SEMANTIC = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_NO_SLUG = re.compile(r"[^a-z0-9._-]+")


def shown_name(tool: str) -> str:
    """What GitHub's pages call a scanner; never empty."""
    return NAMES.get(tool) or shortened(one_line(tool), NAME_LENGTH) or "unknown"


def versions(version: str) -> dict[str, str]:
    """`version`, and `semanticVersion` if it is one; nothing for a version that the report hides."""
    plain = shortened(one_line(version), 80)
    if not plain:
        return {}
    return {"version": plain} | ({"semanticVersion": plain} if _SEMANTIC.fullmatch(plain) else {})


def slug(name: str) -> str:
    """A name as one step of a category: lower case letters, digits, dots, dashes and underscores; never empty."""
    return _NO_SLUG.sub("-", name.lower()).strip("-.")[:80] or "unknown"
