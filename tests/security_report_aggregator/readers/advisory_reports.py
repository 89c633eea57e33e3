"""What the tests of the readers of bandit, Safety, pip-audit, OSV, Semgrep, npm, yarn and Snyk share."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from security_report_aggregator.document import Document, Reader
from security_report_aggregator.model import Scan
from security_report_aggregator.readers import (
    bandit,
    npm_audit,
    osv,
    pip_audit,
    safety,
    semgrep,
    snyk,
    yarn_audit,
)

READERS: tuple[Reader, ...] = tuple(
    module.READER for module in (bandit, safety, pip_audit, osv, semgrep, npm_audit, yarn_audit, snyk)
)
KEY = b"a key of this run"

REPOSITORY = Path(__file__).resolve().parents[3]
CORPUS = REPOSITORY.parent / "shared" / "corpus" / "security"
PRODUCED = REPOSITORY / "tests" / "fixtures" / "security" / "reports"

GARBAGE: tuple[object, ...] = (
    *(None, True, 0, -1, 2.5, 10**30, "", "x", "CVE-2020-1234", [], {}, [[]], [None], ["x"], {"x": None}, "\ud800"),
)


def a_document(report: object, *, name: str = "out/report.json", label: str = "") -> Document:
    """A report as bytes, as text, or as a value that is written as JSON."""
    if isinstance(report, str):
        report = report.encode()
    data = report if isinstance(report, bytes) else json.dumps(report).encode()
    return Document(name, data, label=label, key=KEY)


def json_lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def scanned(reader: Reader, report: object, *, label: str = "") -> Scan:
    """The one scan of a report that the reader, and none of the others here, recognises."""
    document = a_document(report, label=label)
    assert [one.name for one in READERS if one.recognises(document)] == [reader.name]
    (scan,) = reader.read(document)
    return scan


def refused(reader: Reader, report: object, *, label: str = "") -> Unreadable:
    """The error for a report that the reader recognises and cannot read."""
    document = a_document(report, label=label)
    assert reader.recognises(document)
    with pytest.raises(Unreadable) as raised:
        reader.read(document)
    assert raised.value.name == document.name
    return raised.value


def reads_or_refuses(reader: Reader, data: bytes) -> None:
    """Whatever a report holds: the reader ends in scans or in Unreadable, never in anything else."""
    document = a_document(data)
    reader.recognises(document)
    scans: tuple[Scan, ...] = ()
    reason = "read"
    try:
        scans = reader.read(document)
    except Unreadable as error:
        reason = error.reason
    assert reason
    assert all(scan.records >= scan.suppressed >= 0 for scan in scans)


def levels(scan: Scan) -> dict[str, int]:
    return dict(Counter(finding.rated.level.value for finding in scan.findings))


def mutants(*reports: object) -> st.SearchStrategy[bytes]:
    """Reports in which one to three places hold something else, or nothing, or that are cut off."""
    return st.builds(_mutant, st.sampled_from(reports), st.randoms(use_true_random=False))


def _mutant(report: object, chance: random.Random) -> bytes:
    if isinstance(report, bytes):
        lines = [_mutant(json.loads(line), chance) for line in report.splitlines()]
        return b"\n".join(lines)
    changed = copy.deepcopy({"": report})
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(_places(changed)))
        if chance.random() < 0.2 and holder is not changed:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(GARBAGE))
    data = json.dumps(changed[""], allow_nan=False).encode()
    return data[: chance.randrange(len(data) + 1)] if chance.random() < 0.1 else data


def _places(value: Any) -> Iterable[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)


def corpus(*tools: str) -> list[Any]:
    """The entries of the corpus for these tools; one that is skipped, with the reason, where it is not there."""
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the corpus is not here: ../shared/corpus/security"))]
    entries = json.loads(index.read_text(encoding="utf-8"))["entries"]
    return [pytest.param(entry, id=entry["file"]) for entry in entries if entry["file"].split("/")[0] in tools]


def produced(*tools: str) -> list[Any]:
    """The reports that real tools wrote here, of these tools, that are JSON."""
    entries = json.loads((PRODUCED / "INDEX.json").read_text(encoding="utf-8"))
    kinds = ("findings", "clean", "partial", "crashed")
    return [
        pytest.param(entry, id=entry["file"])
        for entry in entries
        if entry["tool"] in tools and entry["file"].endswith(".json") and entry["kind"] in kinds
    ]


def holds_to_the_corpus(reader: Reader, entry: dict[str, Any], words: dict[str, str]) -> None:
    """Records and severities as counted in the corpus; `words` are the scanner's own for our levels."""
    document = Document(entry["file"], (CORPUS / entry["file"]).read_bytes(), key=KEY)
    assert [one.name for one in READERS if one.recognises(document)] == [reader.name]
    (scan,) = reader.read(document)
    assert scan.records == entry["raw_count"]
    wanted: Counter[str] = Counter()
    for word, count in entry["raw_severities"].items():
        wanted[words[word]] += count
    assert levels(scan) == dict(wanted)
    assert entry["outcome"] != "warn" or not scan.complete


def read_produced(entry: dict[str, Any]) -> Scan | Unreadable | None:
    """The scan of a really produced report, why it cannot be read, or None if no reader here recognises it."""
    document = Document(entry["file"], (PRODUCED / entry["file"]).read_bytes(), key=KEY)
    found = [reader for reader in READERS if reader.recognises(document)]
    if not found:
        return None
    (reader,) = found
    try:
        (scan,) = reader.read(document)
    except Unreadable as error:
        return error
    return scan
