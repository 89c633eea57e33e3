"""Reports for the tests of readers: made here, written by real tools (`tests/fixtures`), and of the corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from actionkit.workspace import Workspace
from security_report_aggregator.document import Document, Reader
from security_report_aggregator.documents import documents
from security_report_aggregator.model import Finding, Scan

KEY = b"key of this run"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "security" / "reports"
CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "corpus" / "security"


def made(content: object, name: str = "out/report.json", label: str = "") -> Document:
    """A document of a JSON value, or of text or bytes as they are."""
    data = content if isinstance(content, bytes | str) else json.dumps(content)
    return Document(name, data.encode() if isinstance(data, str) else data, label, KEY)


def scan_of(reader: Reader, content: object) -> Scan:
    document = made(content)
    assert reader.recognises(document)
    (scan,) = reader.read(document)
    return scan


def finding_of(reader: Reader, content: object) -> Finding:
    (finding,) = scan_of(reader, content).findings
    return finding


def refusal_of(reader: Reader, content: object) -> str:
    """Why a document that looks like the reader's is not read."""
    document = made(content)
    assert reader.recognises(document)
    with pytest.raises(Unreadable) as error:
        reader.read(document)
    return str(error.value).removeprefix(document.name)


def real(*folders: str) -> list[Any]:
    """Paths of reports that real tools wrote, each with the number of records that were counted without our readers."""
    found = [
        pytest.param(FIXTURES / entry["file"], entry["records"], id=entry["file"])
        for entry in json.loads((FIXTURES / "INDEX.json").read_text())
        if entry["file"].split("/")[0] in folders and not entry["file"].endswith((".sarif", ".txt"))
        if entry["records"] is not None
    ]
    if not (CORPUS / "INDEX.json").exists():
        reason = "the corpus is not here: ../shared/corpus/security"
        return [*found, pytest.param(CORPUS, 0, marks=pytest.mark.skip(reason=reason))]
    return found + [
        pytest.param(CORPUS / entry["file"], entry["raw_count"], id=f"corpus/{entry['file']}")
        for entry in json.loads((CORPUS / "INDEX.json").read_text())["entries"]
        if entry["tool"] in folders
    ]


def opened(path: Path) -> Document:
    (document,) = documents(Workspace(path.parents[1]), f"{path.parent.name}/{path.name}", label="", key=KEY)
    assert isinstance(document, Document), document
    return document


def reads_or_refuses(readers: Iterable[Reader], data: bytes) -> None:
    """Whatever the bytes are, each reader that recognises them reads them or raises Unreadable, and nothing else."""
    for reader in readers:
        document = made(data)
        if reader.recognises(document):
            with suppress(Unreadable):
                assert all(scan.records >= 0 for scan in reader.read(document))


OTHER_VALUES = st.sampled_from(
    [b"null", b"0", b'""', b"[]", b"{}", b"true", b"-1", b"1e999", b'"\\ud800"', b"[[[]]]", b"9" * 5000]
)


@st.composite
def mutated(draw: st.DrawFn, sources: Iterable[object]) -> bytes:
    """A report with some of its bytes cut, doubled or replaced by values of another type."""
    source = draw(st.sampled_from([one if isinstance(one, bytes) else json.dumps(one).encode() for one in sources]))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(source)))
        to = min(len(source), at + draw(st.integers(0, 40)))
        kind = draw(st.sampled_from(["cut", "end", "double", "replace", "value"]))
        if kind == "value":
            # From the colon after a key to the end of its value, as far as that is easily told.
            at = source.find(b": ", at) + 2
            to = next((i for i in range(at, len(source)) if source[i : i + 1] in b",}]\n"), len(source))
            source = source[:at] + draw(OTHER_VALUES) + source[to:]
        else:
            middle = {"cut": b"", "double": source[at:to] * 2, "replace": draw(st.binary(max_size=8))}.get(kind, b"")
            source = source[:at] + middle + (b"" if kind == "end" else source[to:])
    return source
