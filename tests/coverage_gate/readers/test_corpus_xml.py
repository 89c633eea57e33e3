"""Reports of real tools, with totals known from the tool or from other projects' tests (`../shared/corpus`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from actionkit.errors import Unreadable
from coverage_gate.readers import clover, cobertura, jacoco, opencover
from coverage_gate.readers.cobertura_fast import scan as scan_cobertura
from coverage_gate.readers.jacoco_fast import scan as scan_jacoco
from coverage_gate.readers.source import Reader, Source

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "corpus" / "coverage"
READERS = (cobertura.READER, jacoco.READER, clover.READER, opencover.READER)
LEFT_TO_THE_PARSER = {
    "cobertura/gcovr-duplicate-lines.xml",
    "cobertura/swift-methods-only-bom.xml",
    "cobertura/empty-lines.xml",
    "cobertura/zero-line-number.xml",
}
FOLDER_READERS = {"jacoco": jacoco.READER, "opencover": opencover.READER, "clover": clover.READER}


def reader_of(file: str) -> Reader:
    if file.endswith("clover.xml"):
        return clover.READER
    return FOLDER_READERS.get(file.partition("/")[0], cobertura.READER)


def entries(*formats: str) -> list[Any]:
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the corpus is not here: ../shared/corpus/coverage"))]
    return [
        pytest.param(entry, id=entry["file"])
        for entry in json.loads(index.read_text(encoding="utf-8"))["entries"]
        if entry["file"].endswith(".xml") and not entry["file"].startswith("junit/")
        if not formats or reader_of(entry["file"]).name in formats
    ]


def source_of(path: Path) -> Source:
    return Source(path.name, path, path.parent)


@pytest.mark.parametrize("entry", entries())
def test_exactly_the_right_reader_recognises_a_real_report(entry: dict[str, Any]) -> None:
    head = source_of(CORPUS / entry["file"]).head()
    assert [reader.name for reader in READERS if reader.recognises(head)] == [reader_of(entry["file"]).name]


@pytest.mark.parametrize("entry", entries())
def test_the_totals_of_a_real_report_are_the_known_ones(entry: dict[str, Any]) -> None:
    report = reader_of(entry["file"]).read(source_of(CORPUS / entry["file"]))
    lines, branches = report.totals
    found = {
        "line_covered": lines.covered,
        "line_total": lines.total,
        "branch_covered": branches.covered,
        "branch_total": branches.total,
    }
    expected = {key: entry["expected"][key] for key in found if entry["expected"][key] is not None}
    assert {key: found[key] for key in expected} == expected
    assert report.complete


@pytest.mark.parametrize("entry", entries())
def test_a_real_report_that_is_cut_anywhere_is_unreadable(entry: dict[str, Any], tmp_path: Path) -> None:
    data = (CORPUS / entry["file"]).read_bytes().rstrip()
    path = tmp_path / "cut.xml"
    cuts = {1, 2, 5, len(data) // 2, *range(len(data) - 12, len(data)), *range(10, len(data), len(data) // 23 + 1)}
    for cut in sorted(cuts):
        path.write_bytes(data[:cut])
        with pytest.raises(Unreadable):
            reader_of(entry["file"]).read(source_of(path))


@pytest.mark.parametrize("entry", entries("cobertura", "jacoco"))
def test_both_lanes_agree_on_a_real_report(entry: dict[str, Any]) -> None:
    source = source_of(CORPUS / entry["file"])
    data = source.read()
    if reader_of(entry["file"]) is jacoco.READER:
        found = scan_jacoco(data)
        assert found is not None
        assert found.report("r") == jacoco.read_document(source.name, data).report("r")
        return
    fast = scan_cobertura(data)
    assert (fast is None) == (entry["file"] in LEFT_TO_THE_PARSER)
    if fast is not None:
        exact = cobertura.read_document(source.name, data)
        assert cobertura.report_of("r", fast) == cobertura.report_of("r", exact)


def test_per_file_and_per_line_facts_of_real_reports() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not here: ../shared/corpus/coverage")
    clover_report = clover.READER.read(source_of(CORPUS / "clover" / "istanbul-path-attr.xml"))
    assert {file.path: tuple(file.line_counts) for file in clover_report.files} == {
        "/src/components/utils.ts": (8, 10),
        "/src/helpers/utils.ts": (6, 10),
        "/src/lib/utils.ts": (6, 10),
    }
    (template,) = cobertura.READER.read(source_of(CORPUS / "cobertura" / "gcovr-duplicate-lines.xml")).files
    assert {number: here[:2] for number, here in template.branches.items()} == {
        82: (2, 4),
        85: (1, 2),
        86: (3, 4),
        87: (0, 4),
    }
    shared = cobertura.READER.read(source_of(CORPUS / "cobertura" / "python-fastapi-two-sources.xml"))
    assert len(shared.sources) == 2
    assert any("7809 of 7815" in doubt and "7706 of 7712" in doubt for doubt in shared.doubts)
