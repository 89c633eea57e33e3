"""Every report format that is read. Adding a format is adding a module and one line here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from security_report_aggregator import diagnosis
from security_report_aggregator.document import HEAD_SIZE, LONG_HEAD_SIZE, Document, Kind, Reader
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
    for seen in _looks(document):
        for reader in READERS:
            if reader.recognises(seen):
                return tuple(replace(scan, label=document.label) for scan in reader.read(seen))
    raise document.unreadable(diagnosis.reason(document))


def _looks(document: Document) -> Iterator[Document]:
    """The document as it is, then with a longer head, if that can tell more."""
    yield document
    if document.kind in (Kind.OBJECT, Kind.ARRAY) and len(document.data) > HEAD_SIZE:
        yield replace(document, head_size=LONG_HEAD_SIZE)
