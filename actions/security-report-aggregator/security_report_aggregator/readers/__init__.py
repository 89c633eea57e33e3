"""Every report format that is read. Adding a format is adding a module and one line here."""

from __future__ import annotations

from dataclasses import replace

from security_report_aggregator import diagnosis
from security_report_aggregator.document import Document, Reader
from security_report_aggregator.model import Scan
from security_report_aggregator.readers import (
    bandit,
    checkov,
    clair,
    dependency_check,
    detect_secrets,
    docker_bench,
    empty,
    gitleaks,
    grype,
    hadolint,
    noseyparker,
    npm_audit,
    ort,
    osv,
    pip_audit,
    pip_licenses,
    safety,
    sarif,
    semgrep,
    snyk,
    sonarqube,
    trivy,
    trufflehog,
    yarn_audit,
    zap,
)

READERS: tuple[Reader, ...] = (
    sarif.READER,
    empty.READER,
    bandit.READER,
    pip_audit.READER,
    osv.READER,
    semgrep.READER,
    trivy.READER,
    grype.READER,
    clair.READER,
    npm_audit.READER,
    yarn_audit.READER,
    snyk.READER,
    dependency_check.READER,
    zap.READER,
    gitleaks.READER,
    trufflehog.READER,
    detect_secrets.READER,
    noseyparker.READER,
    sonarqube.READER,
    checkov.READER,
    hadolint.READER,
    docker_bench.READER,
    pip_licenses.READER,
    ort.READER,
    safety.READER,
)


def read(document: Document) -> tuple[Scan, ...]:
    """The scans of one report, read by the reader its content asks for.

    Raises Unreadable with the file and the reason: damaged, truncated, a crash instead of a report, no known format.
    """
    for reader in READERS:
        if reader.recognises(document):
            return tuple(replace(scan, label=document.label) for scan in reader.read(document))
    raise document.unreadable(diagnosis.reason(document))
