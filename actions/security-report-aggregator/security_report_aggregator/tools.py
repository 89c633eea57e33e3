"""Names of scanners: one spelling for each, however a report or a user spells it."""

from __future__ import annotations

import re

ALIASES = {
    "anchore grype": "grype",
    "aqua security trivy": "trivy",
    "bridgecrew": "checkov",
    "codeql command-line toolchain": "codeql",
    "dependency check": "dependency-check",
    "dependencycheck": "dependency-check",
    "detect secrets": "detect-secrets",
    "docker bench": "docker-bench",
    "docker bench for security": "docker-bench",
    "docker-bench-security": "docker-bench",
    "golang security checks by gosec": "gosec",
    "nodejsscan": "njsscan",
    "npm": "npm-audit",
    "npm audit": "npm-audit",
    "nosey parker": "noseyparker",
    "oss review toolkit": "ort",
    "osv": "osv-scanner",
    "owasp dependency-check": "dependency-check",
    "owasp zap": "zap",
    "owasp_zap": "zap",
    "pip audit": "pip-audit",
    "pip_audit": "pip-audit",
    "pnpm": "pnpm-audit",
    "pnpm audit": "pnpm-audit",
    "pypa pip-audit": "pip-audit",
    "secret detection": "gitleaks",
    "semgrep oss": "semgrep",
    "semgrep pro": "semgrep",
    "snyk code": "snyk-code",
    "snykcode": "snyk-code",
    "snyk container": "snyk",
    "snyk iac": "snyk-iac",
    "snyk open source": "snyk",
    "snyk test": "snyk",
    "sonar": "sonarqube",
    "trufflehog2": "trufflehog",
    "trufflehog3": "trufflehog",
    "yarn": "yarn-audit",
    "yarn audit": "yarn-audit",
    "zaproxy": "zap",
    "zed attack proxy": "zap",
}
"""Spelling in lower case -> name."""

KNOWN = frozenset(
    {
        *ALIASES.values(),
        *("bandit", "bearer", "clair", "eslint", "flake8", "hadolint", "horusec", "kics", "klar", "kubescape"),
        *("njsscan", "ort", "pip-licenses", "prowler", "ruff", "safety", "scorecard", "semgrep", "shellcheck"),
        *("spotbugs", "terrascan", "tfsec", "trivy", "trufflehog", "zap", "grype", "checkov", "gosec", "gitleaks"),
        *("codeql", "snyk", "detect-secrets", "noseyparker", "sonarqube", "osv-scanner", "pip-audit", "npm-audit"),
    }
)
"""Scanners known by name: a hint for reports that name none, such as an empty list in `gitleaks.json`."""

_WORDS = re.compile(r"[a-z0-9]+")


def normalised(name: str) -> str:
    """`CodeQL command-line toolchain` -> `codeql`; a scanner nobody knows keeps its name, in lower case with dashes."""
    plain = " ".join(name.lower().split())
    return ALIASES.get(plain) or ALIASES.get(plain.replace("-", " ")) or plain.replace(" ", "-")


def hinted(path: str) -> str:
    """The scanner that a path names (`out/gitleaks/report.json`, `pip_audit-2.json`), "" if none or several do."""
    words = "-".join(_WORDS.findall(path.lower()))
    found = {ALIASES.get(name, name) for name in (*KNOWN, "trufflehog2", "trufflehog3") if f"-{name}-" in f"-{words}-"}
    # `snyk-code` names one scanner, though `snyk` is another.
    found = {name for name in found if not any(name != other and name in other.split("-") for other in found)}
    return found.pop() if len(found) == 1 else ""
