"""Reports of other projects' tests, with the severities their INDEX counts without our readers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from tests.security_report_aggregator.readers.reports_at_hand import CORPUS, opened

from actionkit.errors import Unreadable
from security_report_aggregator.model import Level
from security_report_aggregator.readers.clair import READER as CLAIR
from security_report_aggregator.readers.dependency_check import READER as DEPENDENCY_CHECK
from security_report_aggregator.readers.grype import READER as GRYPE
from security_report_aggregator.readers.ort import READER as ORT
from security_report_aggregator.readers.sonarqube import READER as SONARQUBE
from security_report_aggregator.readers.trivy import READER as TRIVY
from security_report_aggregator.readers.zap import READER as ZAP

READERS = {reader.name: reader for reader in (TRIVY, GRYPE, CLAIR, DEPENDENCY_CHECK, ZAP, SONARQUBE, ORT)}
LEVELS = {
    **dict.fromkeys(("critical", "defcon1"), Level.CRITICAL),
    **dict.fromkeys(("high", "3"), Level.HIGH),
    **dict.fromkeys(("medium", "moderate", "2"), Level.MEDIUM),
    **dict.fromkeys(("low", "negligible", "1", "0"), Level.LOW),
    "unknown": Level.UNKNOWN,
}


def entries(*, of_these: bool) -> list[Any]:
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the corpus is not here: ../shared/corpus/security"))]
    return [
        pytest.param(entry, id=entry["file"])
        for entry in json.loads(index.read_text(encoding="utf-8"))["entries"]
        if (entry["tool"] in READERS) == of_these and entry["tool"] != "hostile"
    ]


@pytest.mark.parametrize("entry", entries(of_these=True))
def test_every_record_has_the_severity_its_report_gives(entry: dict[str, Any]) -> None:
    document = opened(CORPUS / entry["file"])
    (reader,) = [reader for reader in READERS.values() if reader.recognises(document)]
    (scan,) = reader.read(document)
    counted: Counter[Level] = Counter()
    for word, count in entry["raw_severities"].items():
        counted[LEVELS[word.lower()]] += count
    assert reader.name == entry["tool"]
    assert (scan.tool, scan.records, scan.gaps) == (entry["tool"], entry["raw_count"], ())
    assert Counter(finding.rated.level for finding in scan.findings) == counted


@pytest.mark.parametrize("entry", entries(of_these=False))
def test_none_of_them_takes_a_report_of_another_scanner(entry: dict[str, Any]) -> None:
    document = opened(CORPUS / entry["file"]) if not entry["file"].endswith(".gz") else None
    if document is not None:
        assert not [name for name, reader in READERS.items() if reader.recognises(document)]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here: ../shared/corpus/security")
def test_an_external_entity_is_refused_and_never_fetched() -> None:
    with pytest.raises(Unreadable, match="declares an XML entity"):
        ZAP.read(opened(CORPUS / "hostile" / "xxe_file.xml"))
