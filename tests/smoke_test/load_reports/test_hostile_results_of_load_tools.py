"""Results that no tool writes: truncated, damaged, invented. They are unreadable with a reason, and never a crash."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.smoke_test.load.load_made import threshold

from actionkit.errors import Unreadable
from smoke_test import load_reports
from smoke_test.load_reports import k6_points

FIXTURES = Path(__file__).parents[2] / "fixtures" / "load"
REAL = {path.name: path.read_bytes() for path in sorted(FIXTURES.iterdir()) if path.suffix in (".json", ".csv")}
POINTS = b"".join(gzip.decompress((FIXTURES / "k6-points.json.gz").read_bytes()).splitlines(keepends=True)[:60])
REAL["k6-points.json"] = POINTS
HEADER = "Type,Name,Request Count,Failure Count,Median Response Time,Requests/s,95%\n"


ASKED = [
    threshold("http_req_duration", "p(95)<1"),
    threshold("http_req_failed{name:item}", "rate<1"),
    threshold("vus", "value<9"),
]
KEYS = [
    *("http_reqs", "http_req_duration", "http_req_failed", "values", "count", "rate", "avg", "p(95)", "passes"),
    *("thresholds", "counters", "summaries", "http.requests", "http.response_time", "response_times", "name"),
]


def why_unreadable(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        load_reports.read(data, "result", ASKED)
    assert str(caught.value).startswith("result")
    return str(caught.value)


def k6(**metrics: Any) -> bytes:
    return json.dumps({"metrics": metrics}).encode()


def point(**data: Any) -> bytes:
    return json.dumps({"metric": "http_reqs", "type": "Point", "data": data}).encode() + b"\n"


GOOD = point(time="2026-11-21T17:27:37.6Z", value=1, tags={})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"<testsuites/>", "is no result of a load test that is known here; accepted: k6's"),
        (b'{"hello": 1}', "is no result of a load test"),
        (b'{"metrics": []}', "is no result of a load test"),
        (b'{"metrics": {"a"', "truncated"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[1]", "an entry is a number"),
        (b"\x1f\x8b\x08\x00", "gzip that is damaged or ends early"),
        (gzip.compress(POINTS)[:-9], "gzip that is damaged or ends early"),
        (POINTS[:-20], "truncated"),
        (k6(http_reqs=1), "the metric 'http_reqs' is a number"),
        (k6(http_reqs={"count": 1.5}), "`count` is no count"),
        (k6(http_reqs={"count": -1}), "`count` is no number that a tool measures"),
        (k6(http_reqs={"count": 10**400}), "`count` is no number that a tool measures"),
        (k6(http_reqs={"count": True}), "`count` is no number"),
        (b'{"metrics": {"http_reqs": {"rate": 1e999}}}', "`rate` is no number that a tool measures"),
        (b'{"metrics": {"http_reqs": {"rate": NaN}}}', "the number NaN"),
        (k6(http_req_duration={"p(95)": "fast"}), "`p(95)` is no number"),
        (k6(http_req_duration={"avg": 1, "thresholds": 5}), "`thresholds` is a number"),
        (GOOD + point(time="yesterday", value=1), "result:2: has a point whose `time` is none"),
        (b'{"data"\n', "truncated"),
        (GOOD + point(value="1"), "result:2: `value` is no number"),
        (GOOD + b'{"metric":"vus_max","type":"Point"}', "result:2: `data` is null"),
        (GOOD + b'{"metric":"' + b"x" * k6_points.LONGEST_LINE, "result:2: has a line longer than any that k6 writes"),
        (b'{"aggregate": {"latency": {"p95": 3}, "codes": {"200": 9}}}', "is no report of Artillery 2"),
        (b'{"aggregate": {"counters": {"http.requests": "many"}}}', "`http.requests` is no number"),
        (b'{"aggregate": {"counters": {}, "summaries": {"http.response_time": 5}}}', "is a number, not an object"),
        (HEADER.encode(), "has no row `Aggregated`: truncated"),
        ((HEADER + "GET,item,9").encode(), "does not fit its header: truncated"),
        ((HEADER + "GET,item,9,0,1,1,1,1,1").encode(), "does not fit its header: truncated"),
        ((HEADER + "GET,item,nine,0,1,1,1").encode(), "holds something else where a number belongs"),
        ((HEADER + "GET,item,1e999,0,1,1,1").encode(), "is no number that a tool measures"),
        ((HEADER + '"' + "x" * 200_000).encode(), "is no CSV"),
        (
            b'[{"name": "a", "num_requests": 1, "num_failures": 0, "response_times": {"fast": 1}}]',
            "has a response time that is no number",
        ),
        (b'[{"name": "a", "num_requests": 1, "num_failures": 0, "response_times": {"5": 1e14}}]', "`5` is no count"),
    ],
)
def test_it_is_told_what_is_wrong(data: bytes, reason: str) -> None:
    assert reason in why_unreadable(data)


def test_a_bomb_is_not_blown_up() -> None:
    with pytest.raises(Unreadable, match="is longer than 1 MB"):
        load_reports.read(gzip.compress(b" " * 2_000_000), "result", most_bytes=1_000_000)


def test_a_count_of_billions_is_a_number_and_no_list_of_billions() -> None:
    times = {"5": 10**11, "7": 10**11}
    entry = {
        "name": "a",
        "method": "GET",
        "num_requests": 2 * 10**11,
        "num_failures": 0,
        "response_times": times,
        "total_response_time": 1,
    }
    result = load_reports.read(json.dumps([entry]).encode(), "result", ASKED)
    assert (result.requests, result.p50_ms, result.p95_ms) == (2 * 10**11, 6.0, 7.0)


def test_a_run_without_anything_is_a_result_without_samples() -> None:
    empty = [b"[]", (HEADER + ",Aggregated,0,0,0,0.0,N/A\n").encode(), b'{"aggregate":{"counters":{}}}', k6()]
    for data in empty:
        result = load_reports.read(data, "result", ASKED)
        assert (result.requests, result.rate, result.p95_ms) == (0, 0.0, None)
        assert not any(held.ok for held in result.thresholds)


def test_points_of_metrics_that_nobody_knows_are_passed_over() -> None:
    unknown = (
        b'{"type":"Point","metric":"mine","data":{"value":1}}\n{"metric":"http_reqs","type":"Point","data":{}}\n\n'
    )
    assert load_reports.read(GOOD + unknown + GOOD, "result", ASKED).requests == 2


def test_a_summary_counts_samples_where_it_can() -> None:
    statistics = {"p(95)": 2, "avg": 1}
    by_count = k6(**{"http_req_duration{name:item}": {**statistics, "count": 70}})
    by_requests = k6(**{"http_req_duration{name:item}": statistics, "http_reqs{name:item}": {"count": 71, "rate": 9}})
    by_failures = k6(
        **{"http_req_duration{name:item}": statistics, "http_req_failed{name:item}": {"passes": 2, "fails": 70}}
    )
    asked = [threshold("http_req_duration{name:item}", "p(95)<3")]
    found = [load_reports.read(data, "result", asked).thresholds[0] for data in (by_count, by_requests, by_failures)]
    assert [(one.samples, one.ok, one.enough) for one in found] == [
        (70, True, True),
        (71, True, True),
        (72, True, True),
    ]


def test_two_rows_of_one_name_have_no_percentile_together_but_a_rate() -> None:
    table = HEADER + "GET,item,90,9,5,9.0,7\nPUT,item,10,1,50,1.0,70\n,Aggregated,100,10,6,10.0,60\n"
    held = load_reports.read(table.encode(), "result", ASKED).thresholds
    assert held[1].value == 0.1
    named = [
        threshold(f"http_req_duration{{{tags}}}", "p(95)<9")
        for tags in ("name:item", "name:item,method:PUT", "method:GET")
    ]
    assert [one.value for one in load_reports.read(table.encode(), "result", named).thresholds] == [None, 70.0, 7.0]


@settings(max_examples=100)
@given(
    st.sampled_from(sorted(REAL)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=6)), max_size=4),
)
def test_damaged_results_are_read_or_refused_and_nothing_else(
    name: str, damages: list[tuple[float, int, bytes]]
) -> None:
    data = REAL[name]
    for place, removed, put in damages:
        at = int(place * len(data))
        data = data[:at] + put + data[at + removed :]
    try:
        result = load_reports.read(data, name, ASKED)
    except Unreadable:
        return
    assert result.requests >= 0
    assert result.rate >= 0


@settings(max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    for document in (value, {"metrics": value}, {"aggregate": value}, {"aggregate": {"counters": value}}, [value]):
        with contextlib.suppress(Unreadable):
            assert load_reports.read(json.dumps(document).encode(), "result", ASKED).source in (
                "k6",
                "Artillery",
                "Locust",
            )
