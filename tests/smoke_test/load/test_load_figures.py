"""What is counted, which thresholds hold, what ends a stage early, and when the figures are worth nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from tests.smoke_test.load.load_made import closed_load, open_load, threshold

from actionkit.outcome import Severity
from actionkit.web.model import Timings
from smoke_test.load.book import MOST_REASONS, Book
from smoke_test.load.result import Ended, bottleneck, conclude
from smoke_test.load.samples import Finished, Sample, Turn
from smoke_test.load.series import Figure, Rate, counted
from smoke_test.load.thresholds import aborts, hold, shown
from smoke_test.model import Load, Threshold

SAMPLE = Sample(test="api", step="item", method="GET", status=200, failed=False, seconds=0.010)


def book(*asked: Threshold, samples: tuple[Sample, ...] = ()) -> Book:
    made = Book(asked, 5)
    for sample in samples:
        made.add(sample)
    return made


def value(metric: str, text: str, *samples: Sample, dropped: int = 0) -> tuple[float | None, int]:
    asked = threshold(metric, text)
    made = book(asked, samples=samples)
    made.dropped = dropped
    result = hold(asked, made.figure(asked, 2.0))
    return result.value, result.samples


ORDER = replace(SAMPLE, step="order", method="POST", status=500, failed=True, seconds=0.030, reason="order: status 500")
REFUSED = replace(SAMPLE, status=None, failed=True, sent=False, seconds=0.0, reason="item: refuses connections")
LATE = replace(SAMPLE, late=0.005)
TIMED = replace(
    SAMPLE, timings=Timings(dns=0.001, tcp=0.002, proxy=0.004, tls=0.008, send=0.016, wait=0.032, receive=0.064)
)
CHECKED = replace(SAMPLE, checks=(("status 200", True), ("body exists", False)))


@pytest.mark.parametrize(
    ("metric", "text", "samples", "expected"),
    [
        ("http_req_duration", "avg<1", (SAMPLE, ORDER), (20.0, 2)),
        ("http_req_duration", "max<1", (SAMPLE, LATE), (15.0, 2)),
        ("http_req_duration", "max<1", (REFUSED,), (None, 0)),
        ("http_req_duration", "avg<1", (SAMPLE, REFUSED), (10.0, 1)),
        ("http_req_duration{name:order}", "med<1", (SAMPLE, ORDER), (30.0, 1)),
        ("http_req_duration{name:order,method:GET}", "med<1", (SAMPLE, ORDER), (None, 0)),
        ("http_req_duration{status:500}", "min<1", (SAMPLE, ORDER), (30.0, 1)),
        ("http_req_duration{expected_response:true}", "max<1", (SAMPLE, ORDER), (10.0, 1)),
        ("http_req_duration{test:api}", "p(50)<1", (SAMPLE, ORDER), (20.0, 2)),
        ("http_req_duration{scenario:load}", "p(50)<1", (SAMPLE,), (None, 0)),
        ("http_req_blocked", "max<1", (TIMED,), (15.0, 1)),
        ("http_req_connecting", "max<1", (TIMED,), (6.0, 1)),
        ("http_req_tls_handshaking", "max<1", (TIMED,), (8.0, 1)),
        ("http_req_sending", "max<1", (TIMED,), (16.0, 1)),
        ("http_req_waiting", "max<1", (TIMED,), (32.0, 1)),
        ("http_req_receiving", "max<1", (TIMED,), (64.0, 1)),
        ("http_req_failed", "rate<1", (SAMPLE, ORDER, REFUSED, SAMPLE), (0.5, 4)),
        ("http_req_failed{name:item}", "rate<1", (SAMPLE, ORDER, REFUSED), (0.5, 2)),
        ("http_req_failed{name:nowhere}", "rate<1", (SAMPLE,), (None, 0)),
        ("http_req_failed{status:0}", "rate<1", (SAMPLE, REFUSED), (1.0, 1)),
        ("http_reqs", "count<1", (SAMPLE, ORDER, REFUSED), (3.0, 3)),
        ("http_reqs{name:order}", "rate<1", (SAMPLE, ORDER), (0.5, 1)),
        ("http_reqs", "count<1", (), (None, 0)),
        ("checks", "rate>1", (CHECKED, CHECKED), (0.5, 4)),
        ("checks{check:body exists}", "rate>1", (CHECKED, CHECKED), (0.0, 2)),
        ("checks{name:order}", "rate>1", (CHECKED,), (None, 0)),
        ("checks", "rate>1", (SAMPLE,), (None, 0)),
        ("vus", "value>1", (), (5.0, 1)),
        ("iterations", "count>1", (SAMPLE,), (None, 0)),
        ("dropped_iterations{name:item}", "count<1", (SAMPLE,), (None, 0)),
    ],
)
def test_a_metric_is_what_k6_calls_by_that_name(
    metric: str, text: str, samples: tuple[Sample, ...], expected: tuple[float | None, int]
) -> None:
    found, count = value(metric, text, *samples)
    assert (found if found is None else round(found, 9), count) == expected


def test_a_dropped_iteration_is_a_request_that_failed() -> None:
    assert value("http_req_failed", "rate<1", SAMPLE, SAMPLE, SAMPLE, dropped=1) == (0.25, 4)
    assert value("http_req_failed{name:item}", "rate<1", SAMPLE, dropped=1) == (0.0, 1)
    assert value("http_req_failed", "rate<1", dropped=2) == (1.0, 2)
    assert value("dropped_iterations", "count<1", dropped=2) == (2.0, 2)
    assert value("dropped_iterations", "rate<1", dropped=2) == (1.0, 2)


def test_iterations_that_were_cut_off_are_none() -> None:
    asked = [threshold("iterations", "count>1"), threshold("iteration_duration", "max<1")]
    made = book(*asked)
    for ended, complete in ((0.5, True), (0.7, True), (9.0, False)):
        made.finish(Finished(Turn(0, 0.1, 0.2), ended, complete))
    assert (made.iterations, made.interrupted) == (2, 1)
    assert [hold(one, made.figure(one, 1.0)).value for one in asked] == [2.0, pytest.approx(500.0)]
    assert made.lag.at(100) == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("text", "found", "ok"),
    [
        ("p(95)<500", 499.9, True),
        ("p(95)<500", 500.0, False),
        ("p(95)<=0.1", 0.1, True),
        ("p(95)==0.1", 0.1, True),
        ("p(95)!=0.1", 0.1, False),
        ("p(95)>=3", 3.0, True),
        ("p(95)>3", 3.0, False),
        ("rate<0.01", Fraction(1, 100), False),
        ("rate<=0.01", Fraction(1, 100), True),
        ("rate<0.3333333333333333", Fraction(1, 3), False),
    ],
)
def test_a_threshold_is_compared_exactly(text: str, found: float | Fraction, ok: bool) -> None:
    metric = "http_req_failed" if text.startswith("rate") else "http_req_duration"
    assert hold(threshold(metric, text), Figure(found, 1000)).ok is ok


@pytest.mark.parametrize(
    ("text", "samples", "enough"),
    [
        ("p(95)<1", 58, False),
        ("p(95)<1", 59, True),
        ("p(99)<1", 298, False),
        ("p(99)<1", 299, True),
        ("med<1", 4, False),
        ("med<1", 5, True),
        ("avg<1", 1, True),
        ("max<1", 1, True),
    ],
)
def test_a_percentile_of_too_few_samples_is_not_judged(text: str, samples: int, enough: bool) -> None:
    assert hold(threshold("http_req_duration", text), Figure(0.5, samples)).enough is enough


@pytest.mark.parametrize(
    ("more", "found", "samples", "elapsed", "ends"),
    [
        ({}, 900.0, 100, 60.0, False),
        ({"abort_on_fail": True}, 900.0, 100, 1.0, True),
        ({"abort_on_fail": True}, 100.0, 100, 1.0, False),
        ({"abort_on_fail": True}, None, 0, 60.0, False),
        ({"abort_on_fail": True}, 900.0, 10, 60.0, False),
        ({"abort_on_fail": True, "delay_abort_eval": 5.0}, 900.0, 100, 4.9, False),
        ({"abort_on_fail": True, "delay_abort_eval": 5.0}, 900.0, 100, 5.0, True),
    ],
)
def test_a_threshold_ends_a_stage_when_it_is_certain_and_was_asked_to(
    more: dict[str, Any], found: float | None, samples: int, elapsed: float, ends: bool
) -> None:
    asked = threshold("http_req_duration", "p(95)<500", **more)
    assert aborts(hold(asked, Figure(found, samples)), elapsed) is ends


def test_a_threshold_is_shown_as_it_was_written() -> None:
    assert shown(threshold("http_req_duration{name:item,method:GET}", "p(95)<500")) == (
        "http_req_duration{name:item,method:GET} p(95)<500"
    )
    assert shown(threshold("checks", "rate==1")) == "checks rate==1"


def test_a_rate_of_no_time_is_none() -> None:
    assert counted(5, 5, "rate", 0.0).value is None
    assert Rate().figure().value is None


def test_the_result_counts_and_times_and_says_why_requests_failed() -> None:
    load = open_load(threshold("http_req_duration", "p(95)<50"), threshold("http_req_failed", "rate<0.01"))
    made = book(*load.thresholds, samples=(*[LATE] * 99, ORDER, ORDER, REFUSED))
    made.dropped = 3
    result = conclude(load, made, Ended(seconds=10.0))
    assert (result.requests, result.failed, result.dropped, result.rate) == (102, 3, 3, 10.2)
    assert (result.p50_ms, result.p95_ms, result.service_p95_ms) == (15.0, 15.0, 10.0)
    assert [held.ok for held in result.thresholds] == [True, False]
    assert result.failures == (("order: status 500", 2), ("item: refuses connections", 1))
    assert result.notes == ()


def test_reasons_without_end_are_not_kept_without_end() -> None:
    made = book(samples=tuple(replace(ORDER, reason=f"reason {number}") for number in range(MOST_REASONS + 50)))
    made.add(replace(ORDER, reason="reason 3"))
    assert (len(made.reasons), made.reasons["reason 3"], made.failed) == (MOST_REASONS, 2, MOST_REASONS + 51)


def test_what_makes_figures_incomplete_or_remarkable_is_a_note_at_the_load_stage() -> None:
    load = open_load(graceful_stop=2.0)
    made = book(samples=(SAMPLE,))
    made.interrupted = 1
    notes = conclude(load, made, Ended(seconds=1.0, full=True, cpu=0.95, unfinished=2)).notes
    assert [(note.severity, note.message) for note in notes] == [
        (Severity.ERROR, "the load stage ended early: it keeps no more than its 1 requests"),
        (Severity.WARNING, "iterations that were unfinished when `graceful_stop` (2 s) was over: 3"),
        (Severity.ERROR, "the load generator was the bottleneck: it used 95% of a core, and Python has one"),
    ]


@pytest.mark.parametrize(("load", "paused"), [(open_load(), False), (closed_load(), True)], ids=["open", "closed"])
def test_users_in_a_loop_that_ask_as_fast_as_they_can_are_told_to_pause(load: Load, paused: bool) -> None:
    (note,) = conclude(load, book(samples=(SAMPLE,)), Ended(seconds=1.0, cpu=0.95)).notes
    assert ("`options: {delay: 1s}`" in note.fix) is paused


@pytest.mark.parametrize(
    ("took", "unfinished", "more", "hung"),
    [
        (0.01, 3, {}, True),
        (0.01, 2, {}, False),
        (2.5, 3, {}, False),
        (0.01, 3, {"aborted": "p(95)<5"}, False),
        (0.01, 3, {"stopped": "a signal"}, False),
    ],
)
def test_a_server_that_answers_nobody_at_the_end_hangs(
    took: float, unfinished: int, more: dict[str, Any], hung: bool
) -> None:
    made = book(samples=(SAMPLE,))
    made.finish(Finished(Turn(0, 0.0, 0.0), took, complete=True))
    made.interrupted = 1
    ended = Ended(seconds=1.0, unfinished=unfinished - 1, **more)
    assert conclude(closed_load(graceful_stop=2.0), made, ended).hung is hung


@pytest.mark.parametrize(
    ("lags", "durations", "says"),
    [
        ([0.0] * 100, [10.0] * 100, ""),
        ([9.0] * 100, [20.0] * 100, ""),
        ([11.0] * 100, [20.0] * 100, "5 % of its own {what} were over 11 ms late"),
        ([11.0] * 100, [200.0] * 100, ""),
        ([21.0] * 100, [200.0] * 100, "5 % of its own {what} were over 21 ms late"),
        ([21.0] * 58, [200.0] * 100, ""),
        ([0.0] * 290 + [150.0] * 10, [20.0] * 300, "1 % of its own {what} were over 150 ms late"),
        ([0.0] * 290 + [90.0] * 10, [20.0] * 300, ""),
        ([0.0] * 100, [], ""),
    ],
)  # fmt: skip
def test_a_generator_that_lags_says_that_the_figures_are_its_own(
    lags: list[float], durations: list[float], says: str
) -> None:
    made = book()
    for duration in durations:
        made.duration.add(duration)
    for lag in lags:
        made.lag.add(lag)
        made.oversleep.add(lag)
    assert bottleneck(open_load(), made, 0.5) == says.format(what="starts")
    assert bottleneck(closed_load(), made, 0.5) == says.format(what="timer calls")
    assert conclude(open_load(), made, Ended(seconds=1.0)).max_lag_ms == max(lags)
