"""Whatever happens to a report on its way, reading it ends in a report or in Unreadable, never in anything else."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from coverage import CoverageData
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from coverage_gate.model import Counts, Report, Totals
from coverage_gate.readers import coveragepy_data, coveragepy_json, gcov, gocover, istanbul, lcov, llvm, simplecov
from coverage_gate.readers.source import Reader, Source

FIXTURES = Path(__file__).parent / "fixtures"

LCOV = b"""TN:
SF:src/a.c
FN:1,5,f
FNL:0,7,9
FNA:0,1,g
FNDA:1,f
BRDA:2,0,0,1
BRDA:2,0,1,-
DA:1,1
DA:2,3
DA:7,0,RuZ5KcncCoRYUb0REMXZIg
LF:3
LH:2
BRF:2
BRH:1
end_of_record
SF:b.c
LF:4
LH:1
end_of_record
"""
PLACE = {"start": {"line": 3, "column": 0}, "end": {"line": 4, "column": 9}}
COUNTED = {"covered_lines": 1, "num_statements": 2, "covered_branches": 1, "num_branches": 2}
COVERAGE_PY = {
    "meta": {"format": 3, "version": "7.6.12", "timestamp": "2026-11-21T05:34:14", "branch_coverage": True},
    "files": {
        "a.py": {
            "executed_lines": [1, 2],
            "missing_lines": [3],
            "excluded_lines": [],
            "summary": COUNTED,
            "executed_branches": [[1, 2]],
            "missing_branches": [[1, -1]],
            "contexts": {"1": ["t"]},
            "functions": {"f": {"executed_lines": [2], "missing_lines": [3], "excluded_lines": [], "start_line": 1}},
        }
    },
    "totals": COUNTED,
}
ISTANBUL = {
    "/a.js": {
        "path": "/a.js",
        "statementMap": {"0": PLACE},
        "fnMap": {"0": {"name": "f", "decl": PLACE, "loc": PLACE, "line": 3}},
        "branchMap": {"0": {"type": "if", "loc": PLACE, "locations": [PLACE], "line": 3}},
        "s": {"0": 1},
        "f": {"0": 1},
        "b": {"0": [1, 0]},
    }
}
TOTAL = {key: {"total": 2, "covered": 1, "skipped": 0} for key in ("lines", "statements", "functions", "branches")}
RESULTSET = {
    "RSpec": {
        "coverage": {
            "/a.rb": {
                "lines": [1, 0, None, "ignored"],
                "branches": {"[:if, 0, 1, 0, 2, 3]": {"[:then, 1, 1, 0, 1, 3]": 1, "[:else, 2, 2, 0, 2, 3]": 0}},
            },
            "/b.rb": [1, 0],
        },
        "timestamp": 1700000000.5,
    }
}
FORMATTED = {
    "meta": {"simplecov_version": "0.22.0"},
    "coverage": {
        "/a.rb": {
            "lines": [1, 0],
            "branches": [{"type": "then", "start_line": 1, "end_line": 1, "coverage": 1, "inline": False}],
        }
    },
}

SEEDS: tuple[tuple[Reader, object], ...] = (
    (lcov.READER, LCOV),
    (lcov.READER, (FIXTURES / "shapes.llvm.info").read_bytes()),
    (gocover.READER, (FIXTURES / "shapes.go.out").read_bytes()),
    (gcov.READER, (FIXTURES / "shapes.cc.gcov").read_bytes()),
    (gcov.READER, (FIXTURES / "shapes.gcov.json.gz").read_bytes()),
    (coveragepy_json.READER, COVERAGE_PY),
    (istanbul.READER, ISTANBUL),
    (istanbul.READER, {"total": TOTAL, "/a.js": TOTAL}),
    (simplecov.READER, RESULTSET),
    (simplecov.READER, FORMATTED),
    (llvm.READER, json.loads((FIXTURES / "shapes.llvm.json").read_text(encoding="utf-8"))),
    (llvm.READER, json.loads((FIXTURES / "shapes.llvm-summary.json").read_text(encoding="utf-8"))),
)
DOCUMENTS = tuple(seed for seed in SEEDS if not isinstance(seed[1], bytes))
ODD = (
    None,
    True,
    "",
    "x",
    "7",
    -1,
    0,
    1.5,
    1e300,
    10**18,
    10**400,
    9_999_999,
    [],
    [[]],
    {},
    {"": None},
    [None],
    [1, [2]],
)
PIECES = (
    b"",
    b"\0",
    b"\n",
    b",",
    b":",
    b"-",
    b"99999999999999999999",
    b"\xff",
    b"{",
    b"]",
    b'"',
    b"end_of_record\n",
    b"SF:",
)


def as_bytes(seed: object) -> bytes:
    return seed if isinstance(seed, bytes) else json.dumps(seed).encode()


def outcome(reader: Reader, source: Source) -> tuple[Report | None, str]:
    try:
        return reader.read(source), ""
    except Unreadable as error:
        return None, str(error)


def read(reader: Reader, data: bytes, folder: Path) -> Report | None:
    path = folder / "report"
    path.write_bytes(data)
    source = Source("report", path, folder)
    reader.recognises(source.head())
    report, problem = outcome(reader, source)
    if report is None:
        assert problem.startswith("report:")
        return None
    lines, branches = report.totals
    assert 0 <= lines.covered <= lines.total
    assert 0 <= branches.covered <= branches.total
    for file in report.files:
        assert file.covered & ~file.lines == 0
        assert file.lines & 1 == 0
        assert 0 <= file.line_counts.covered <= file.line_counts.total
    return report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.mark.parametrize(("reader", "seed"), SEEDS)
def test_the_seeds_themselves_are_read(reader: Reader, seed: object, folder: Path) -> None:
    report = read(reader, as_bytes(seed), folder)
    assert report is not None
    assert report.totals.lines.total


@settings(max_examples=100)
@given(st.sampled_from(SEEDS), st.data())
def test_bytes_that_are_cut_replaced_or_repeated(
    folder: Path, seed: tuple[Reader, object], data: st.DataObject
) -> None:
    reader, content = seed
    damaged = as_bytes(content)
    for _ in range(data.draw(st.integers(1, 3))):
        start, end = sorted((data.draw(st.integers(0, len(damaged))), data.draw(st.integers(0, len(damaged)))))
        piece = data.draw(st.sampled_from((*PIECES, damaged[start:end] * 2)))
        damaged = damaged[:start] + piece + damaged[min(end, start + data.draw(st.integers(0, 40))) :]
    read(reader, damaged, folder)


@settings(max_examples=100)
@given(st.sampled_from(DOCUMENTS), st.randoms(use_true_random=False))
def test_values_of_any_type_anywhere_in_a_document(
    folder: Path, seed: tuple[Reader, object], choice: random.Random
) -> None:
    reader, content = seed
    read(reader, json.dumps(replaced(content, choice, choice.randrange(1, 4))).encode(), folder)


def replaced(value: object, choice: random.Random, times: int) -> object:
    """A copy of a document with values somewhere replaced by odd ones, or left out."""
    copy = json.loads(json.dumps(value))
    for _ in range(times):
        places = list(places_in(copy))
        holder, key = choice.choice(places)
        if choice.random() < 0.2:
            del holder[key]
        else:
            holder[key] = json.loads(json.dumps(choice.choice(ODD)))
        if not list(places_in(copy)):
            return copy
    return copy


def places_in(value: object) -> list[tuple[dict[object, object] | list[object], object]]:
    if isinstance(value, dict):
        own = [(value, key) for key in value]
    elif isinstance(value, list):
        own = [(value, index) for index in range(len(value))]
    else:
        return []
    return [*own, *(place for holder, key in own for place in places_in(holder[key]))]


@pytest.mark.parametrize(("reader", "seed"), DOCUMENTS)
def test_every_single_value_of_a_document_may_be_of_any_type(reader: Reader, seed: object, folder: Path) -> None:
    places = len(places_in(seed))
    for index in range(0, places, places // 60 + 1):
        for value in (None, "x", -1, [], {}, 10**400):
            copy = json.loads(json.dumps(seed))
            holder, key = places_in(copy)[index]
            holder[key] = value
            read(reader, json.dumps(copy).encode(), folder)


@pytest.mark.parametrize(("reader", "seed"), SEEDS)
def test_other_encodings_and_nonsense(reader: Reader, seed: object, folder: Path) -> None:
    data = as_bytes(seed)
    for damaged in (data.decode("latin-1").encode("utf-16"), data.decode("latin-1").encode("utf-32"), data[::-1]):
        read(reader, damaged, folder)
    for nonsense in (b"\0" * 5000, b"[" * 100_000, b"\xff\xfe", b"\xff\xfe\0", b"{}", b" ", b"\x1f\x8b\x08\0"):
        read(reader, nonsense, folder)


@pytest.fixture(scope="module")
def data_file(folder: Path) -> bytes:
    """A small `.coverage` of a source that exists."""
    (folder / "a.py").write_text("if x:\n    y = 1\nz = 2\n", encoding="utf-8")
    data = CoverageData(str(folder / "whole.coverage"))
    data.add_arcs({"a.py": [(-1, 1), (1, 3), (3, -1)]})
    data.close(force=True)
    return (folder / "whole.coverage").read_bytes()


def test_the_data_file_itself_is_read(folder: Path, data_file: bytes) -> None:
    report = read(coveragepy_data.READER, data_file, folder)
    assert report is not None
    assert report.totals == Totals(Counts(2, 3), Counts(1, 2))


@settings(max_examples=25)
@given(st.data())
def test_a_data_file_with_damaged_bytes(folder: Path, data_file: bytes, data: st.DataObject) -> None:
    damaged = bytearray(data_file)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(16, len(damaged) - 1))
        damaged[at : at + 8] = data.draw(st.binary(min_size=1, max_size=8))
    end = data.draw(st.one_of(st.just(len(damaged)), st.integers(0, len(damaged))))
    read(coveragepy_data.READER, bytes(damaged[:end]), folder)
