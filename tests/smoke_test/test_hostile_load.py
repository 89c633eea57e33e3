"""What a load does not show is never green: results that leave something out, loads left out, clocks that are wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from tests.smoke_test import smoke_made as made

from actionkit import checked
from actionkit.errors import Unreadable
from actionkit.outcome import Problem, Severity, Verdict
from smoke_test import history, load_reports
from smoke_test.evidence import Comparison, Difference
from smoke_test.export_k6 import export
from smoke_test.history import Entry, reference
from smoke_test.judgement import decide
from smoke_test.model import Options, Regression, State, ThresholdResult

TABLE = "Type,Name,Request Count,Failure Count,Requests/s,95%\n"
TREND = {"avg": 1, "p(95)": None, "count": 100}


def k6(**metrics: object) -> bytes:
    return json.dumps({"metrics": {"http_reqs": {"count": 100, "rate": 10}, **metrics}}).encode()


def points(*values: float) -> bytes:
    lines = [
        json.dumps(
            {
                "metric": "http_reqs",
                "type": "Point",
                "data": {"time": "2026-01-01T00:00:00Z", "value": value, "tags": {}},
            }
        )
        for value in values
    ]
    return "\n".join(lines).encode()


def artillery(**counters: int) -> bytes:
    return json.dumps({"aggregate": {"counters": {key.replace("_", "."): n for key, n in counters.items()}}}).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (TABLE.replace("Failure Count", "Failed").encode() + b",Aggregated,9,5,1,1\n", "does not say `Failure Count`"),
        (TABLE.encode() + b",Aggregated,9,N/A,1,1\n", "does not say `Failure Count`"),
        (TABLE.encode() + b",Aggregated,9,0,1,1\n" * 2, "more than one row `Aggregated`"),
        (TABLE.encode() + b",Aggregated,9,0,1e-300,1\n", "has a rate that no tool measures"),
        (b'[{"name": "a", "num_requests": 9}]', "does not say `num_failures`"),
        (b'[{"name": "a"}]', "does not say `num_requests`"),
        (points(1e308, 1e308), "is no number that a tool measures"),
        (points(0.4, 1), "`http_reqs` is no count"),
        (json.dumps({"metrics": {"http_reqs": {"count": 9, "rate": 1e-300}}}).encode(), "has a rate"),
        (TABLE.encode() + b",Aggregated,9,10,1,1\n", "contradicts itself: 10 of 9 requests failed"),
        (b"metric_name,timestamp,metric_value,check\n", "is a table of k6's `--out csv`; use the file of its"),
    ],
)
def test_a_result_with_other_fields_or_impossible_figures_is_not_read(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        load_reports.read(data, "result")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [k6(), k6(http_req_failed={"value": 0.9}), points(1, 1), artillery(http_requests=9, http_codes_200=3)],
    ids=["k6 without failures", "k6 with a share of nothing", "k6 points", "Artillery cut short"],
)
def test_a_result_that_does_not_say_what_failed_is_incomplete(data: bytes) -> None:
    result = load_reports.read(data, "result")
    assert Severity.ERROR in {note.severity for note in result.notes}
    assert decide(made.evidence(made.step(), loads=(result,))).verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (k6(http_req_failed={"value": 0.5, "passes": 0, "fails": 100}), "is 0.5, and 0 of 100 samples are true"),
        (k6(http_req_failed={"values": {"rate": 0, "passes": 9, "fails": 91}}), "is 0, and 9 of 100 samples are true"),
        (k6(http_req_failed={"passes": 0, "fails": 200}), "200 requests succeeded or failed, and 100 were made"),
        (k6(http_req_failed={"passes": 0, "fails": 10}), "no samples of `http_req_failed` of 90 of 100 requests"),
        (
            TABLE.encode() + b"GET,/a,9,5,1,1\n,Aggregated,9,0,1,1\n",
            "9 requests and 0 failures, its other rows 9 and 5",
        ),
    ],
)
def test_a_result_that_contradicts_itself_is_incomplete(data: bytes, said: str) -> None:
    result = load_reports.read(data, "result")
    judged = decide(made.evidence(made.step(), loads=(result,)))
    assert judged.verdict is Verdict.INCOMPLETE
    assert said in judged.headline


def test_users_of_artillery_who_failed_or_were_lost_are_told() -> None:
    counters = {"http_requests": 9, "http_codes_200": 9, "vusers_created": 9, "vusers_completed": 4, "vusers_failed": 3}
    result = load_reports.read(artillery(**counters), "result")
    assert result.failed == 3
    assert "2 of 9 virtual users of Artillery neither completed nor failed" in result.notes[-1].message


def test_a_percentile_that_is_null_was_not_measured() -> None:
    result = load_reports.read(k6(http_req_duration=TREND, http_req_failed={"passes": 0, "fails": 100}), "result")
    assert (result.p95_ms, result.failed, result.notes) == (None, 0, ())


def test_a_load_of_failures_alone_is_not_green_for_being_fast() -> None:
    held = made.load(made.threshold(80), requests=200, failed=200)
    judged = decide(made.evidence(made.step(), loads=(held,)))
    assert judged.verdict is Verdict.INCOMPLETE
    assert "all requests of the load stage failed or were dropped, and no threshold" in judged.headline


def limit(metric: str, *tags: tuple[str, str]) -> ThresholdResult:
    """A threshold on that metric which holds, whatever was measured."""
    return replace(made.threshold(0), threshold=replace(made.P95, metric=metric, tags=tags))


@pytest.mark.parametrize(
    ("result", "verdict", "said"),
    [
        ({"failed": 60, "dropped": 0}, Verdict.INCOMPLETE, "60 of 100 requests of the load stage failed, and no"),
        ({"failed": 0, "dropped": 900}, Verdict.INCOMPLETE, "900 of 1000 requests of the load stage were dropped"),
        ({"failed": 3, "dropped": 2}, Verdict.PASS, ""),
        ({"failed": 60, "dropped": 0, "thresholds": (limit("checks"),)}, Verdict.PASS, ""),
        ({"failed": 0, "dropped": 900, "thresholds": (limit("checks"),)}, Verdict.INCOMPLETE, "900 of 1000"),
        ({"failed": 0, "dropped": 900, "thresholds": (limit("dropped_iterations"),)}, Verdict.PASS, ""),
        ({"failed": 0, "dropped": 900, "thresholds": (limit("http_req_failed"),)}, Verdict.PASS, ""),
        (
            {"failed": 0, "dropped": 900, "thresholds": (limit("http_req_failed", ("name", "item")),)},
            Verdict.INCOMPLETE,
            "900 of 1000",
        ),
    ],
)
def test_a_server_that_dies_or_stalls_is_not_green_for_the_answers_it_gave(
    result: dict[str, Any], verdict: Verdict, said: str
) -> None:
    shown = replace(made.load(made.threshold(80), requests=100), **result)
    judged = decide(made.evidence(made.step(), loads=(shown,)))
    assert judged.verdict is verdict
    assert said in judged.headline


@pytest.mark.parametrize(("ours", "theirs"), [(None, 100.0), (80.0, None), (80.0, 0.0)])
def test_a_p95_that_one_side_does_not_tell_is_no_regression_that_was_held(
    ours: float | None, theirs: float | None
) -> None:
    watched = made.plan(regression=Regression(p95=Fraction(1, 4)))
    reference = history.Reference(3, theirs, Fraction(0))
    judged = decide(
        made.evidence(
            made.step(), plan=watched, loads=(made.load(made.threshold(80), p95_ms=ours),), reference=reference
        )
    )
    assert judged.verdict is Verdict.INCOMPLETE
    assert "`regression.p95` cannot be judged" in judged.headline


def test_a_load_left_out_is_not_green_where_the_failure_before_it_is_excused() -> None:
    same = Comparison((Difference("shop", "item", State.FAILED, State.FAILED),))
    steps = (made.step(name="list"), made.step(State.FAILED))
    assert decide(made.evidence(*steps, comparison=same)).verdict is Verdict.PASS
    left_out = (Problem("the load stage was left out", severity=Severity.WARNING),)
    assert decide(made.evidence(*steps, comparison=same, unloaded=left_out)).verdict is Verdict.INCOMPLETE


def test_a_load_left_out_is_not_asked_for_the_figures_that_it_would_have_had() -> None:
    left_out = (Problem("the load stage was left out", severity=Severity.WARNING),)
    failed = made.evidence(
        made.step(State.FAILED),
        plan=made.plan(regression=Regression(p95=Fraction(1, 4))),
        why_no_reference="no passed run of this plan is recorded",
        begins=True,
        unloaded=left_out,
    )
    judged = decide(failed)
    assert judged.verdict is Verdict.FAIL
    assert not [one for one in judged.problems if "records the first" in one.message or "59" in one.message]


def test_a_run_of_the_far_future_is_no_reference() -> None:
    entries = [
        Entry(sha="a" * 40, recorded_at=at, series="plan", verdict="pass", requests=100, failed=0, p95_ms=p95)
        for at, p95 in ((1000.0, 10.0), (1000.0 + 2 * history.DAY, 9000.0))
    ]
    assert reference(entries, "plan", 1000.0, history.DAY).p95_ms == 10.0


@pytest.mark.parametrize("given", [10**400, float("nan"), float("inf"), -1, 10**13])
def test_a_time_beyond_all_measure_is_refused_and_no_crash(given: float) -> None:
    with pytest.raises(checked.Refused):
        checked.seconds(given)


def test_setup_that_verifies_no_certificate_is_told_of_the_exported_script() -> None:
    from smoke_test.model import Place, Send, Step

    step = Step(
        name="login", send=Send(method="GET", url="/"), place=Place("smoke.yml", 1), options=Options(insecure=True)
    )
    exported = export(made.plan(setup=(step,)))
    assert "insecureSkipTLSVerify" in exported.script
    assert any("verifies no certificate" in note.message for note in exported.notes)
