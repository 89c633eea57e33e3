"""Reports of real tools, with totals known from the tool or from other projects' tests (`../shared/corpus`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from actionkit.errors import Unreadable
from coverage_gate.merge import merge
from coverage_gate.model import Counts, LineBranches, Report, Totals
from coverage_gate.readers import coveragepy_data, coveragepy_json, gcov, gocover, istanbul, lcov, llvm, simplecov
from coverage_gate.readers.source import Reader, Source

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "corpus" / "coverage"
MISSING = pytest.mark.skip(reason="the corpus is not here: ../shared/corpus/coverage")
ALL = tuple(
    module.READER for module in (coveragepy_data, coveragepy_json, gcov, gocover, istanbul, lcov, llvm, simplecov)
)
SUFFIXES = (".json", ".lcov", ".info", ".out", ".gcov", ".sqlite")


def reader_of(file: str) -> Reader:
    if file.endswith((".lcov", ".info")):
        return lcov.READER
    if file.endswith(".sqlite"):
        return coveragepy_data.READER
    folders = {module.__name__.rpartition(".")[2]: module.READER for module in (gcov, istanbul, llvm, simplecov)}
    return {**folders, "go": gocover.READER, "coveragepy": coveragepy_json.READER}[file.partition("/")[0]]


def entries(*, with_data: bool = True) -> list[Any]:
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return [pytest.param({}, marks=MISSING)]
    return [
        pytest.param(entry, id=entry["file"])
        for entry in json.loads(index.read_text(encoding="utf-8"))["entries"]
        if entry["file"].endswith(SUFFIXES) and (with_data or not entry["file"].endswith(".sqlite"))
    ]


def read(path: Path) -> Report:
    source = Source(path.name, path, path.parent)
    return next(reader for reader in ALL if reader.recognises(source.head())).read(source)


@pytest.mark.parametrize("entry", entries())
def test_exactly_one_reader_recognises_a_real_report(entry: dict[str, Any]) -> None:
    path = CORPUS / entry["file"]
    head = Source(path.name, path, path.parent).head()
    assert [reader.name for reader in ALL if reader.recognises(head)] == [reader_of(entry["file"]).name]


@pytest.mark.parametrize("entry", entries(with_data=False))
def test_the_totals_of_a_real_report_are_the_known_ones(entry: dict[str, Any]) -> None:
    """Data files are left out: their totals need the sources, and the version of coverage.py that reads them."""
    report = read(CORPUS / entry["file"])
    lines, branches = report.totals
    found: dict[str, object] = {
        "line_covered": lines.covered,
        "line_total": lines.total,
        "branch_covered": branches.covered,
        "branch_total": branches.total,
        "lines_spanned": list(lines),
    }
    if report.statements is not None:
        found["statements"] = list(report.statements)
    known = entry["expected"]
    if known.get("scope") != "changed lines only":
        assert {key: found[key] for key in found if known.get(key) is not None} == {
            key: known[key] for key in found if known.get(key) is not None
        }
    assert report.complete
    assert report.files


@pytest.mark.parametrize("entry", entries(with_data=False))
def test_a_real_report_that_is_cut_is_never_a_smaller_complete_one(entry: dict[str, Any], tmp_path: Path) -> None:
    """Text formats have no end mark beyond the record: a cut between two of their records is not to be seen."""
    data = (CORPUS / entry["file"]).read_bytes()
    whole = read(CORPUS / entry["file"])
    path = tmp_path / "cut"
    for cut in sorted({len(data) - 2, len(data) // 2, *range(100, len(data) - 1, len(data) // 23 + 1)}):
        path.write_bytes(data[:cut])
        if data[:cut].rstrip() == data.rstrip() or (is_between_records(data, cut) and not is_json(data)):
            continue
        try:
            report = read(path)
        except (Unreadable, StopIteration):
            continue
        assert not report.complete
        assert report.totals.lines.total <= whole.totals.lines.total


def is_json(data: bytes) -> bool:
    return data.lstrip().startswith(b"{")


def is_between_records(data: bytes, cut: int) -> bool:
    return data[cut - 1 : cut] == b"\n" and (data[:cut].endswith(b"end_of_record\n") or b"end_of_record" not in data)


def merged(*names: str) -> tuple[Totals, list[LineBranches]]:
    from coverage_gate.readers import cobertura

    shards = CORPUS / "coveragepy" / "shards"
    sources = [Source(name, shards / name, shards) for name in names]
    readers = [cobertura.READER if name.endswith(".xml") else coveragepy_json.READER for name in names]
    files = [file for reader, source in zip(readers, sources, strict=True) for file in reader.read(source).files]
    everything = merge(files).files.values()
    totals = Report("merged", "", tuple(everything)).totals
    return totals, [here for file in everything for here in file.branches.values()]


SHARDS = ("pluggy-shard1", "pluggy-shard2", "pluggy-shard3")


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here: ../shared/corpus/coverage")
def test_json_shards_merge_to_the_whole_run_exactly() -> None:
    totals, branches = merged(*(f"{shard}.json" for shard in SHARDS))
    assert totals == Totals(Counts(712, 740), Counts(190, 212))
    assert sum(here.at_most for here in branches) == 190


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here: ../shared/corpus/coverage")
def test_xml_shards_merge_to_bounds_around_the_whole_run() -> None:
    totals, branches = merged(*(f"{shard}.xml" for shard in SHARDS))
    assert totals.lines == Counts(712, 740)
    assert totals.branches == Counts(189, 212)
    assert 190 <= sum(here.at_most for here in branches) <= 191
