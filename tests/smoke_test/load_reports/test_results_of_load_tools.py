"""What k6, Artillery and Locust really wrote, held against thresholds that are written as for k6."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.smoke_test.load.load_made import threshold

from actionkit.errors import Unreadable
from actionkit.outcome import Severity
from smoke_test import load_reports
from smoke_test.model import LoadResult, ThresholdResult

FIXTURES = Path(__file__).parents[2] / "fixtures" / "load"


def read(name: str, *asked: tuple[str, str]) -> LoadResult:
    return load_reports.read((FIXTURES / name).read_bytes(), name, [threshold(*one) for one in asked])


def held(name: str, metric: str, text: str) -> ThresholdResult:
    return read(name, (metric, text)).thresholds[0]


def test_k6s_percentiles_come_out_of_its_own_samples_to_the_last_digit() -> None:
    summary = json.loads((FIXTURES / "k6-summary-export.json").read_bytes())["metrics"]
    metrics = ("http_req_duration", "http_req_duration{name:item}", "http_req_duration{expected_response:true}",
               "http_req_waiting", "http_req_sending", "http_req_receiving", "http_req_connecting",
               "http_req_blocked", "http_req_tls_handshaking", "iteration_duration")  # fmt: skip
    aggregates = ("min", "med", "max", "p(90)", "p(95)")
    asked = [(metric, f"{aggregate}<1") for metric in metrics for aggregate in aggregates]
    values = [result.value for result in read("k6-points.json.gz", *asked).thresholds]
    assert values == [summary[metric][text.removesuffix("<1")] for metric, text in asked]
    averages = read("k6-points.json.gz", *((metric, "avg<1") for metric in metrics)).thresholds
    assert [one.value for one in averages] == pytest.approx([summary[metric]["avg"] for metric in metrics])


@pytest.mark.parametrize("name", ["k6-summary-export.json", "k6-points.json.gz"])
def test_summary_and_points_of_one_run_say_the_same(name: str) -> None:
    result = read(name)
    assert (result.source, result.requests, result.failed, result.dropped, result.iterations) == ("k6", 242, 12, 0, 121)
    assert (result.p50_ms, result.p95_ms) == (4.359696, 5.93684795)
    assert result.seconds == pytest.approx(4.01, abs=0.01)
    assert result.rate == pytest.approx(60.35, rel=0.002)


HELD = [
    ("k6-summary-export.json", "http_req_duration", "p(95)<500", 5.93684795, True, 242, True),
    ("k6-summary-export.json", "http_req_duration", "p(95)<5.93684795", 5.93684795, False, 242, True),
    ("k6-summary-export.json", "http_req_duration{expected_response:true}", "p(95)<500", 5.93375155, True, 230, True),
    ("k6-summary-export.json", "http_req_duration{name:item}", "p(95)<500", 3.047706, True, 0, False),
    ("k6-summary-export.json", "http_req_failed", "rate<0.05", 12 / 242, True, 242, True),
    ("k6-summary-export.json", "checks", "rate>0.99", 230 / 242, False, 242, True),
    ("k6-summary-export.json", "vus", "value>4", 5.0, True, 1, True),
    ("k6-summary-export.json", "iterations", "count==121", 121.0, True, 121, True),
    ("k6-summary-export.json", "http_reqs", "rate>60", 242 * 60.35001900783699 / 242, True, 242, True),
    ("k6-handle-summary.json", "http_req_duration", "p(95)<500", 5.88897935, True, 242, True),
    ("k6-handle-summary.json", "dropped_iterations", "count<1", 0.0, True, 121, True),
    ("k6-points.json.gz", "http_req_duration{name:order}", "p(97.5)<500", 6.066699, True, 121, True),
    ("k6-points.json.gz", "http_req_failed{name:order}", "rate<0.1", 12 / 121, True, 121, True),
    ("k6-points.json.gz", "http_reqs{name:order,method:POST}", "count>120", 121.0, True, 121, True),
    ("k6-points.json.gz", "checks{check:item answers 200}", "rate==1", 1.0, True, 121, True),
    ("k6-points.json.gz", "iterations{scenario:shop}", "count>120", 121.0, True, 121, True),
    ("k6-points.json.gz", "vus", "value>4", 5.0, True, 1, True),
    ("k6-dropped.json", "dropped_iterations", "count<1", 178.0, False, 301, True),
    ("k6-dropped.json", "http_req_failed", "rate<0.1", (12 + 178) / (123 + 178), False, 301, True),
    ("k6-nothing.json", "iterations", "count>2", 3.0, True, 3, True),
    ("artillery.json", "http_req_duration", "p(95)<6", 6.0, False, 160, True),
    ("artillery.json", "http_req_waiting", "avg<5", 4.3, True, 160, True),
    ("artillery.json", "http_req_duration{name:item}", "p(99)<5", 3.0, True, 80, False),
    ("artillery.json", "http_req_duration{name:order}", "med<7", 6.0, True, 80, True),
    ("artillery.json", "http_req_duration", "p(99.9)<8", 7.0, True, 160, False),
    ("artillery.json", "http_req_failed", "rate<0.05", 0.05, False, 160, True),
    ("artillery.json", "dropped_iterations", "count<1", 0.0, True, 80, True),
    ("artillery.json", "iteration_duration", "max<31", 30.9, True, 80, True),
    ("artillery-refused.json", "http_req_failed", "rate<0.05", 1.0, False, 5, True),
    ("locust_stats.csv", "http_req_duration", "p(95)<10", 9.0, True, 175, True),
    ("locust_stats.csv", "http_req_duration{name:order}", "p(50)<9", 8.0, True, 85, True),
    ("locust_stats.csv", "http_req_duration{method:GET}", "max<37", 36.31435700299335, True, 90, True),
    ("locust_stats.csv", "http_req_failed{name:order}", "rate<0.1", 9 / 85, False, 85, True),
    ("locust_stats.csv", "http_reqs", "count>100", 175.0, True, 175, True),
    ("locust-json.json", "http_req_duration{name:order}", "p(95)<10", 9.35, True, 134, True),
    ("locust-json.json", "http_req_duration", "p(97)<10", 9.62, True, 247, True),
    ("locust-json.json", "http_req_duration", "med<8", 7.0, True, 247, True),
    ("locust-json.json", "http_req_duration", "max<37", 36.31435700299335, True, 247, True),
    ("locust-json.json", "http_req_duration", "avg<7", (569.8939649992099 + 1065.9567330076243) / 247, True, 247, True),
    ("locust-json.json", "http_reqs{name:order,method:POST}", "count==134", 134.0, True, 134, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "metric", "text", "value", "ok", "samples", "enough"), HELD)
def test_a_threshold_is_held_against_what_the_report_says(
    name: str, metric: str, text: str, value: float, ok: bool, samples: int, enough: bool
) -> None:
    result = held(name, metric, text)
    assert result.value == pytest.approx(value)
    assert (result.ok, result.samples, result.enough) == (ok, samples, enough)


UNANSWERED = [
    ("k6-summary-export.json", "http_req_duration", "p(99)<500"),
    ("k6-summary-export.json", "http_req_duration{name:nowhere}", "p(95)<10"),
    ("k6-summary-export.json", "http_reqs{name:item}", "count>1"),
    ("k6-summary-export.json", "iterations{name:item}", "count>1"),
    ("k6-summary-export.json", "vus{name:item}", "value>1"),
    ("k6-points.json.gz", "http_req_duration{name:nowhere}", "p(95)<10"),
    ("k6-points.json.gz", "iterations{scenario:nowhere}", "count>1"),
    ("k6-points.json.gz", "dropped_iterations{scenario:nowhere}", "count<1"),
    ("k6-nothing.json", "http_req_duration", "p(95)<500"),
    ("k6-nothing.json", "http_req_failed", "rate<0.01"),
    ("k6-nothing.json", "http_reqs", "count>0"),
    ("artillery.json", "http_req_duration", "p(97)<500"),
    ("artillery.json", "checks", "rate>0.9"),
    ("artillery.json", "http_req_connecting", "avg<9"),
    ("artillery-refused.json", "http_req_duration", "p(95)<500"),
    ("locust_stats.csv", "http_req_duration", "p(97)<500"),
    ("locust_stats.csv", "dropped_iterations", "count<1"),
    ("locust_stats.csv", "iteration_duration", "avg<9"),
    ("locust-json.json", "http_req_duration{name:nowhere}", "p(95)<9"),
]


@pytest.mark.parametrize(("name", "metric", "text"), UNANSWERED)
def test_what_a_report_does_not_say_is_never_ok(name: str, metric: str, text: str) -> None:
    result = held(name, metric, text)
    assert (result.value, result.ok, result.enough) == (None, False, False)


@pytest.mark.parametrize("name", ["k6-summary-export.json", "k6-handle-summary.json"])
def test_what_k6_itself_found_crossed_is_told_from_both_of_its_opposite_spellings(name: str) -> None:
    notes = read(name, ("http_req_duration{name:item}", "p(95)<500")).notes
    uncounted = "the result of k6 does not say how many samples `http_req_duration{name:item} p(95)<500` is made of"
    assert [(note.severity, note.message) for note in notes] == [
        (Severity.WARNING, "k6 itself found crossed: p(95)<1 of http_req_duration"),
        (Severity.WARNING, "k6 itself found crossed: rate<0.01 of http_req_failed"),
        (Severity.NOTICE, uncounted),
    ]


def test_k6s_summary_tells_the_iterations_of_a_scenario_that_it_has_a_threshold_on() -> None:
    told = {
        "iterations{scenario:buy}": 37,
        "dropped_iterations{scenario:buy}": 2,
        "dropped_iterations{scenario:idle}": 0,
    }
    metrics = {"http_reqs": 50, "iterations": 40, "dropped_iterations": 2, **told}
    summary = json.dumps({"metrics": {name: {"count": count, "rate": count / 10} for name, count in metrics.items()}})
    asked = [threshold(name, "count<3") for name in told]
    results = load_reports.read(summary.encode(), "k6.json", asked).thresholds
    assert [(one.value, one.ok, one.samples) for one in results] == [
        (37.0, False, 39),
        (2.0, True, 39),
        (None, False, 0),
    ]


def _points(*points: tuple[str, dict[str, str]]) -> bytes:
    lines = [{"metric": "http_reqs", "type": "Metric", "data": {"name": "http_reqs", "type": "counter"}}]
    for metric, tags in points:
        data = {"time": "2026-01-01T00:00:00Z", "value": 1, "tags": tags}
        lines.append({"metric": metric, "type": "Point", "data": data})
    return "\n".join(map(json.dumps, lines)).encode()


def test_of_a_scenario_that_ran_and_dropped_nothing_nothing_was_dropped() -> None:
    look = {"group": "", "scenario": "look", "team": "a"}
    points = _points(*[("iterations", look)] * 3, ("dropped_iterations", {"scenario": "buy"}))
    asked = [threshold(f"dropped_iterations{{{tag}}}", "count<1") for tag in ("scenario:look", "scenario:buy")]
    asked += [threshold(f"dropped_iterations{{{tag}}}", "count<1") for tag in ("scenario:gone", "team:a")]
    results = load_reports.read(points, "k6.json", asked).thresholds
    assert [(one.value, one.ok) for one in results] == [(0, True), (1, False), (None, False), (None, False)]


@pytest.mark.parametrize(
    ("told", "dropped", "value"),
    [
        ({"http_reqs{scenario:look}": {"count": 5, "rate": 1}}, None, 0),
        ({"iterations{scenario:look}": {"count": 5, "rate": 1}}, 0, 0),
        ({"http_req_failed{scenario:look}": {"passes": 0, "fails": 5, "value": 0}}, None, 0),
        ({"http_reqs{scenario:look}": {"count": 5}, "dropped_iterations{scenario:look}": {"count": 0}}, 2, 0),
        ({"http_req_duration{scenario:look}": {"avg": 3, "med": 3, "max": 4, "p(95)": 4}}, None, 0),
        ({"http_req_duration{scenario:look}": {"avg": 0, "med": 0, "max": 0, "p(95)": 0}}, None, None),
        ({"http_reqs{scenario:look}": {"count": 5, "rate": 1}}, 2, None),
        ({"http_reqs{scenario:other}": {"count": 5, "rate": 1}}, None, None),
    ],
    ids=[
        "requests",
        "iterations",
        "failures",
        "it is told",
        "times",
        "no times",
        "some were dropped somewhere",
        "another scenario",
    ],
)
def test_k6s_summary_shows_it_where_nothing_at_all_was_dropped(
    told: dict[str, dict[str, float]], dropped: int | None, value: float | None
) -> None:
    metrics = {"http_reqs": {"count": 9, "rate": 1}, "iterations": {"count": 9, "rate": 1}, **told}
    if dropped is not None:
        metrics["dropped_iterations"] = {"count": dropped, "rate": dropped / 9}
    summary = json.dumps({"metrics": metrics}).encode()
    asked = threshold("dropped_iterations{scenario:look}", "count<1")
    (result,) = load_reports.read(summary, "k6.json", [asked]).thresholds
    assert (result.value, result.ok) == (value, value == 0)


def test_artillerys_response_time_is_called_what_it_is() -> None:
    (note,) = read("artillery.json").notes
    assert "ends with the first byte" in note.message


@pytest.mark.parametrize("name", ["locust_stats_history.csv", "locust_failures.csv"])
def test_locusts_other_tables_are_named_for_what_they_are(name: str) -> None:
    with pytest.raises(Unreadable, match=r"other tables; the one with the result ends in `_stats.csv`"):
        read(name)


def _utf16(data: bytes) -> bytes:
    return data.decode().encode("utf-16")


@pytest.mark.parametrize("name", ["k6-summary-export.json", "artillery.json", "locust_stats.csv", "locust-json.json"])
@pytest.mark.parametrize("changed", [gzip.compress, b"\xef\xbb\xbf".__add__, _utf16])
def test_compression_and_byte_order_marks_change_nothing(name: str, changed: Callable[[bytes], bytes]) -> None:
    data = (FIXTURES / name).read_bytes()
    assert load_reports.read(changed(data), name) == load_reports.read(data, name)
