"""What kind of weakness a SARIF result is: SARIF has no word for it, so its scanner and its rule tell."""

from __future__ import annotations

import re

from security_report_aggregator.model import Category
from security_report_aggregator.readers.sarif_advice import IDS
from security_report_aggregator.readers.sarif_rules import Descriptor

_TOOLS = {
    Category.IAC: (
        *("ansible-lint", "cfn-lint", "cfn-nag", "checkov", "datree", "defsec", "docker-bench", "dockle", "hadolint"),
        *("kics", "kube-linter", "kube-score", "kubescape", "kubesec", "polaris", "prowler", "regula", "snyk-iac"),
        *("terrascan", "tflint", "tfsec", "zizmor"),
    ),
    Category.SECRET: (
        *("betterleaks", "credscan", "detect-secrets", "ggshield", "gitguardian", "gitleaks", "kingfisher"),
        *("noseyparker", "ripsecrets", "secretlint", "talisman", "trufflehog", "whispers"),
    ),
    Category.DAST: (
        "arachni",
        "burp",
        "dastardly",
        "hawkscan",
        "nikto",
        "nuclei",
        "stackhawk",
        "w3af",
        "wapiti",
        "zap",
    ),
    Category.DEPENDENCY: (
        *("auditjs", "bundler-audit", "cargo-audit", "cargo-deny", "clair", "composer-audit", "dependency-check"),
        *("govulncheck", "grype", "npm-audit", "osv-scanner", "pip-audit", "pnpm-audit", "retire.js", "safety", "snyk"),
        *("yarn-audit",),
    ),
    Category.LICENSE: ("fossa", "ort", "pip-licenses", "scancode"),
}
_BY_TOOL = {tool: category for category, tools in _TOOLS.items() for tool in tools}
_TRIVY_NAMES = {
    "ospackagevulnerability": Category.CONTAINER,
    "languagespecificpackagevulnerability": Category.DEPENDENCY,
    "misconfiguration": Category.IAC,
    "secret": Category.SECRET,
    "license": Category.LICENSE,
}
_TRIVY_TAGS = {
    "vulnerability": Category.DEPENDENCY,
    "misconfiguration": Category.IAC,
    "secret": Category.SECRET,
    "license": Category.LICENSE,
}
_MISCONFIGURATION = re.compile(
    r"(?:AVD-[A-Z]+-\d+|(?:DS|KSV|KCV|AWS|AZU|GCP|DIG|OCI|NIF|CUS)-?\d{2,5})\Z", re.IGNORECASE
)
# Use of hard-coded credentials, passwords and cryptographic keys: the source line is the secret.
_CREDENTIAL_CWES = frozenset({259, 321, 798})
_BANDIT_PASSWORDS = frozenset(["B105", "B106", "B107"])
_SECRET_NAMES = re.compile(r"secret|passw|credential|(?:api|private|access|hardcoded)[-_]?(?:key|token)", re.IGNORECASE)
_NOT_PARSED = frozenset([("ruff", "invalid-syntax"), ("ruff", "E999"), ("flake8", "E999"), ("hadolint", "DL1000")])


def category_of(tool: str, driver: str, found: Descriptor) -> Category:
    """The category of a rule's results. `tool` is the scanner's normalised name, `driver` what its run calls it."""
    if tool == "trivy":
        return _trivy(found)
    rule_id = found.rule.id
    if rule_id.startswith("CKV_SECRET_"):
        return Category.SECRET
    if rule_id.startswith("snyk:lic:"):
        return Category.LICENSE
    is_advisory = IDS.match(rule_id) is not None
    category = Category.DEPENDENCY if is_advisory else _BY_TOOL.get(tool, Category.CODE)
    is_container = category is Category.DEPENDENCY and "container" in driver.lower()
    return Category.CONTAINER if is_container else category


def is_credential(category: Category, found: Descriptor) -> bool:
    """Whether the source lines of the rule's results hold secrets, so that none is kept."""
    rule = found.rule
    is_password = rule.id in _BANDIT_PASSWORDS or _SECRET_NAMES.search(f"{rule.id} {rule.name}") is not None
    return category is Category.SECRET or is_password or not _CREDENTIAL_CWES.isdisjoint(rule.cwes)


def is_unparsed(tool: str, found: Descriptor) -> bool:
    """Whether a result of the rule says that a file does not parse, so that the scanner did not check it."""
    return (tool, found.rule.id) in _NOT_PARSED


def _trivy(found: Descriptor) -> Category:
    rule = found.rule
    named = _TRIVY_NAMES.get(rule.name.lower()) or next(
        (_TRIVY_TAGS[tag.lower()] for tag in rule.tags if tag.lower() in _TRIVY_TAGS), None
    )
    if named:
        return named
    if _MISCONFIGURATION.match(rule.id):
        return Category.IAC
    return Category.DEPENDENCY if IDS.match(rule.id) else Category.CODE
