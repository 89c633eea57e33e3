"""The fast lane of the LCOV reader takes only what it reads exactly as the careful lane does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from coverage_gate.model import lines_of
from coverage_gate.readers.document_lines import LineSets
from coverage_gate.readers.lcov_runs import Runs
from coverage_gate.readers.lcov_tracefile import Tracefile

numbers = st.one_of(
    st.integers(0, 20), st.integers(0, 5000), st.sampled_from(["007", "", "x", "4095", "4096", "10000001", "123456789"])
)
counts = st.one_of(
    st.integers(0, 3), st.sampled_from(["00", "01", "", "-1", "1.5", "99999999999999999999", "x", "1,1"])
)
da_lines = st.builds("DA:{},{}".format, numbers, counts)
odd_lines = st.sampled_from(
    ["", " DA:1,1", "D1A:1,2", "DA1:1,2", "DA:1", "DA:1,2,3,4", "BRDA:1,0,0,1", "DA:5,1,,", ":,"]
)
plain_lines = st.builds("DA:{},{}".format, st.integers(0, 9000), st.integers(0, 2))


def fast(lines: list[str]) -> tuple[int, int] | None:
    """The lines and covered lines of a run in the fast lane, None if it declines."""
    return Runs(LineSets("r")).read("".join(f"{line}\n" for line in lines).encode())


def read(lines: list[str]) -> object:
    """Everything a record with these lines says, or the error."""
    tracefile = Tracefile("r")
    data = "\n".join(["SF:a", *lines, ""]).encode()
    tracefile.start(data)
    try:
        tracefile.read_record(0, len(data))
    except Unreadable as error:
        return error.reason, error.line
    return tracefile.files, tracefile.claimed, tracefile.agrees, tracefile.doubts()


def read_carefully(lines: list[str]) -> object:
    """The same with lines that are indented, which the fast lane does not look at."""
    return read([f" {line}" for line in lines])


@given(st.lists(st.one_of(da_lines, plain_lines, odd_lines), max_size=8), st.booleans())
def test_both_lanes_read_a_record_the_same(lines: list[str], has_totals: bool) -> None:
    body = [*lines, *(["LF:2", "LH:1"] if has_totals else [])]
    assert read(body) == read_carefully(body)


@given(st.dictionaries(st.integers(1, 9000), st.integers(0, 10**20), min_size=1, max_size=40), st.data())
def test_plain_records_take_the_fast_lane_to_the_same_end(hits: dict[int, int], data: st.DataObject) -> None:
    lines = data.draw(st.permutations([f"DA:{number},{count}" for number, count in hits.items()]))
    assert fast(lines) == (lines_of(hits), lines_of(number for number, count in hits.items() if count))
    branches = [f"BRDA:{number},0,{index},{hits[number]}" for number in sorted(hits)[:5] for index in (0, 1)]
    body = ["FN:1,f", *branches, "BRF:10", *lines, f"LF:{len(hits)}", "LH:1"]
    assert read(body) == read_carefully(body)


@given(st.lists(st.one_of(plain_lines, odd_lines), min_size=1, max_size=6))
def test_the_fast_lane_leaves_anything_odd_to_the_careful_one(lines: list[str]) -> None:
    if any(not line.startswith("DA:") or line.count(",") != 1 for line in lines):
        assert fast(lines) is None


HIGH = "".join(f"DA:{number},1\n" for number in (*range(1, 5000), 12_345_678))


def test_a_run_is_left_alone_from_the_first_byte_that_is_not_its_own() -> None:
    for text in (
        "DA:1,1",
        "XDA:1,1\n",
        "DA:1,1\nDA:2,1",
        "\nDA:1,1\n",
        "DA:1,1\n\n",
        "1DA:,1\n",
        "DA:1,\n",
        "DA:,1\n",
        "DA:1,00\n",
        HIGH,
    ):
        assert Runs(LineSets("r")).read(text.encode()) is None, text
