"""Of the readers of Bandit, Safety, pip-audit, OSV, Semgrep, npm, yarn and Snyk at most one takes a report."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.advisory_reports import (
    CORPUS,
    KEY,
    PRODUCED,
    READERS,
    a_document,
    corpus,
    produced,
)

from actionkit.errors import Unreadable
from security_report_aggregator.document import Document
from security_report_aggregator.readers import bandit
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import capped, one_line

THEIRS = ("checkov", "clair", "dependency-check", "detect-secrets", "docker-bench", "gitleaks", "grype", "hadolint")
OTHERS = ("noseyparker", "openvex", "pip-licenses", "sarif", "sonarqube", "trivy", "trufflehog", "zap")


@pytest.mark.parametrize("entry", corpus(*THEIRS, *OTHERS))
def test_none_of_them_takes_a_report_of_another_scanner(entry: dict[str, Any]) -> None:
    document = Document(entry["file"], (CORPUS / entry["file"]).read_bytes(), key=KEY)
    assert [reader.name for reader in READERS if reader.recognises(document)] == []


@pytest.mark.parametrize("entry", produced(*THEIRS, *OTHERS, "eslint", "gosec", "njsscan", "ruff", "trufflehog3"))
def test_none_of_them_takes_what_another_scanner_wrote_here(entry: dict[str, Any]) -> None:
    document = Document(entry["file"], (PRODUCED / entry["file"]).read_bytes(), key=KEY)
    assert [reader.name for reader in READERS if reader.recognises(document)] == []


@pytest.mark.parametrize("entry", corpus("hostile"))
def test_hostile_documents_are_refused_by_name_or_not_recognised(entry: dict[str, Any]) -> None:
    """A mark is taken off, and gzip undone, before a document is made."""
    data = (CORPUS / entry["file"]).read_bytes()
    document = Document(entry["file"], data.removeprefix(b"\xef\xbb\xbf"), key=KEY)
    if entry["file"].endswith("bandit_utf8_bom.json"):
        assert [scan.records for scan in bandit.read(document)] == [entry["raw_count"]]
        return
    for reader in READERS:
        if reader.recognises(document):
            with pytest.raises(Unreadable, match=entry["file"]):
                reader.read(document)


@pytest.mark.parametrize(
    "data", [b"", b" ", b"[]", b"{}", b"null", b"<a/>", b"\x00\xff", b"{" * 5000, b'{"results": []}']
)
def test_what_tells_of_no_scanner_is_nobodys(data: bytes) -> None:
    assert [reader.name for reader in READERS if reader.recognises(a_document(data))] == []


@given(data=st.binary(max_size=60))
def test_to_recognise_never_raises(data: bytes) -> None:
    assert all(reader.recognises(a_document(data)) in (True, False) for reader in READERS)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", ""),
        ("  ", ""),
        ("./a.py", "a.py"),
        (".\\src\\a.py", "src/a.py"),
        ("src//./a.py", "src/a.py"),
        ("file:///github/workspace/src/a.py", "src/a.py"),
        ("/home/runner/work/shop/shop/a.py", "a.py"),
        ("/home/runner/work/shop/shop", "."),
        ("/__w/shop/shop/a.py", "a.py"),
        ("/opt/actions/_work/shop/shop/a.py", "a.py"),
        ("D:\\a\\shop\\shop\\a.py", "a.py"),
        ("/src/a.py", "/src/a.py"),
    ],
)
def test_paths_are_those_of_the_repository(path: str, said: str) -> None:
    assert relative(path) == said


def test_ids_are_spelled_as_issued() -> None:
    assert ids_in(
        "cve-2020-1234, x", None, ["https://github.com/advisories/ghsa-AAAA-bbbb-cccc", 5, "CVE-2020-1234"]
    ) == (
        "CVE-2020-1234",
        "GHSA-aaaa-bbbb-cccc",
    )


def test_remarks_are_one_line_without_credentials() -> None:
    assert one_line("a\n  b http://u:p@h/") == "a b http://***@h/"
    assert (one_line(None), len(one_line("x" * 999))) == ("", 300)
    assert capped(["a", "b", "a"]) == ("a", "b")
