"""What a run of smoke-test ends in: what failed has failed, and what was not shown is never green."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.smoke_test import smoke_made as made

from actionkit.outcome import Problem, Severity, Verdict
from smoke_test.evidence import Comparison, Difference, Evidence, NeverFails
from smoke_test.history import Change, Reference
from smoke_test.judgement import decide, shown
from smoke_test.load.percentiles import percentile
from smoke_test.measures import Measures, measured
from smoke_test.model import Executor, Failure, Load, Place, Regression, Run, State

PASSED, FAILED, SKIPPED, ERROR = (
    made.step(),
    made.step(State.FAILED),
    made.step(State.SKIPPED),
    made.step(State.ERROR),
)
SLOWER = Change("p95", "ms", 200.0, 100.0, 125.0, False)
REGRESSION = {"plan": made.plan(regression=Regression(p95=Fraction(1, 4)))}
KNOWN = {**REGRESSION, "reference": Reference(4, 100.0, Fraction(0)), "loads": (made.load(made.threshold(80)),)}


def both(before: State, now: State) -> Comparison:
    return Comparison((Difference("shop", "item", before, now),))


@pytest.mark.parametrize(
    ("evidence", "verdict", "said"),
    [
        (made.evidence(PASSED), Verdict.PASS, ""),
        (made.evidence(PASSED, FAILED, SKIPPED), Verdict.FAIL, "shop: item: status is 503, expected 200"),
        (made.evidence(PASSED, ERROR), Verdict.INCOMPLETE, "could not be carried out: the variable token is not set"),
        (made.evidence(FAILED, ERROR), Verdict.FAIL, "status is 503"),
        (made.evidence(made.step(State.FAILED, test="setup")), Verdict.FAIL, "setup: item"),
        (made.evidence(PASSED, made.step(State.FAILED, test="finally")), Verdict.FAIL, "finally: item"),
        (made.evidence(), Verdict.INCOMPLETE, "no test was executed"),
        (made.evidence(SKIPPED), Verdict.INCOMPLETE, "no test was executed"),
        (made.evidence(made.step(test="setup")), Verdict.INCOMPLETE, "no test was executed"),
        (made.evidence(made.step(checked=0)), Verdict.INCOMPLETE, "nothing was asserted"),
        (made.evidence(run=made.run(PASSED, stopped="SIGTERM")), Verdict.INCOMPLETE, "ended early: SIGTERM"),
        (made.evidence(made.step(State.FAILED, attempts=4)), Verdict.FAIL, "(after 4 attempts)"),
        (made.evidence(PASSED, comparison=both(State.PASSED, State.PASSED)), Verdict.PASS, ""),
        (made.evidence(FAILED, comparison=both(State.PASSED, State.FAILED)), Verdict.FAIL, "status is 503"),
        (made.evidence(PASSED, FAILED, comparison=both(State.FAILED, State.FAILED)), Verdict.PASS, "compared with too"),
        (made.evidence(PASSED, comparison=Comparison(why_none="refused")), Verdict.INCOMPLETE, "compare with: refused"),
        (made.evidence(PASSED, loads=(made.load(made.threshold(80)),)), Verdict.PASS, ""),
        (
            made.evidence(PASSED, loads=(made.load(made.threshold(512.3, ok=False)),)),
            Verdict.FAIL,
            "is 512.3, not p(95)",
        ),
        (
            made.evidence(PASSED, loads=(made.load(made.threshold(None, ok=False, samples=0)),)),
            Verdict.INCOMPLETE,
            "no sample of",
        ),
        (
            made.evidence(PASSED, loads=(made.load(made.threshold(None, ok=False), source="Artillery"),)),
            Verdict.INCOMPLETE,
            "the result of Artillery does not tell what `p(95)<500` of `http_req_duration` asks for",
        ),
        (
            made.evidence(PASSED, loads=(made.load(made.threshold(80, samples=20, enough=False)),)),
            Verdict.INCOMPLETE,
            "20 samples of `http_req_duration` are too few",
        ),
        (made.evidence(PASSED, loads=(made.load(),)), Verdict.PASS, "no threshold is held against the load stage"),
        (made.evidence(loads=(made.load(made.threshold(80), source="k6"),), run=None), Verdict.PASS, ""),
        (made.evidence(PASSED, loads=(made.load(aborted="p(95)<500"),)), Verdict.FAIL, "ended early: p(95)<500"),
        (
            made.evidence(PASSED, loads=(made.load(made.threshold(80), hung=True),)),
            Verdict.INCOMPLETE,
            "the server hangs",
        ),
        (made.evidence(PASSED, loads=(made.load(requests=0, dropped=0),)), Verdict.INCOMPLETE, "made no request"),
        (made.evidence(PASSED, loads=(made.load(notes=(Problem("too slow"),)),)), Verdict.INCOMPLETE, "too slow"),
        (
            made.evidence(PASSED, loads=(made.load(notes=(Problem("by the way", severity=Severity.NOTICE),)),)),
            Verdict.PASS,
            "by the way",
        ),
        (made.evidence(PASSED, changes=(SLOWER,), **KNOWN), Verdict.FAIL, "p95 is 200 ms, at most 125 ms passes"),
        (made.evidence(PASSED, **KNOWN), Verdict.PASS, ""),
        (made.evidence(PASSED, reference=Reference(4, 100.0), **REGRESSION), Verdict.INCOMPLETE, "59 are needed"),
        (made.evidence(PASSED, why_no_reference="nothing yet", **REGRESSION), Verdict.INCOMPLETE, "nothing yet"),
        (
            made.evidence(PASSED, loads=(made.load(),), why_no_reference="nothing yet", begins=True, **REGRESSION),
            Verdict.PASS,
            "this run records the first",
        ),
        (
            made.evidence(PASSED, why_no_reference="nothing yet", begins=True, **REGRESSION),
            Verdict.INCOMPLETE,
            "p95 of 1 requests cannot be judged: 59 are needed",
        ),
        (
            made.evidence(PASSED, never_fail=(NeverFails("shop", "item", "body exists", 40, Place("smoke.yml", 9)),)),
            Verdict.PASS,
            "`body exists` held for all 40 damaged answers",
        ),
    ],
)
def test_every_rule_says_what_it_decides(evidence: Evidence, verdict: Verdict, said: str) -> None:
    judgement = decide(evidence)
    assert judgement.verdict is verdict, judgement.problems
    assert judgement.complete is (verdict in (Verdict.PASS, Verdict.FAIL))
    assert (said in "\n".join(problem.message for problem in judgement.problems)) is True
    assert bool(judgement.problems) is bool(said)


OPEN = Load(executor=Executor.ARRIVAL_RATE, vus=10, duration=10.0, rate=50)
CLOSED = Load(executor=Executor.VUS, vus=10, duration=10.0)


@pytest.mark.parametrize(
    ("asked", "more", "plan", "verdict"),
    [
        (OPEN, {"dropped": 0}, {}, Verdict.PASS),
        (OPEN, {"dropped": 1}, {}, Verdict.INCOMPLETE),
        (OPEN, {"dropped": 0, "source": "k6"}, {}, Verdict.INCOMPLETE),
        (OPEN, {"dropped": 0}, {"regression": Regression(error_rate=Fraction(1))}, Verdict.INCOMPLETE),
        (CLOSED, {"dropped": 0}, {}, Verdict.INCOMPLETE),
        (None, {"dropped": 0}, {}, Verdict.INCOMPLETE),
    ],
)
def test_a_delay_of_our_own_decides_nothing_where_every_threshold_holds_in_spite_of_it(
    asked: Load | None, more: dict[str, Any], plan: dict[str, Any], verdict: Verdict
) -> None:
    slow = made.load(made.threshold(80), notes=(Problem("the runner was too slow"),), **more)
    evidence = made.evidence(
        PASSED, loads=(slow,), plan=made.plan(load=asked, **plan), reference=Reference(1, None, Fraction(0))
    )
    judgement = decide(evidence)
    assert judgement.verdict is verdict
    assert "the runner was too slow" in [problem.message for problem in judgement.problems]


@pytest.mark.parametrize(
    ("metric", "dropped", "verdict"),
    [
        ("http_req_duration", 0, Verdict.INCOMPLETE),
        ("dropped_iterations", 2, Verdict.INCOMPLETE),
        ("http_req_failed", 2, Verdict.INCOMPLETE),
        ("http_req_failed", 0, Verdict.FAIL),
        ("checks", 0, Verdict.FAIL),
    ],
)
def test_a_generator_that_was_too_slow_blames_nobody_for_its_own_delay(
    metric: str, dropped: int, verdict: Verdict
) -> None:
    crossed = made.threshold(900, ok=False)
    crossed = replace(crossed, threshold=replace(crossed.threshold, metric=metric))
    slow = made.load(crossed, dropped=dropped, notes=(Problem("the runner was too slow"),))
    assert decide(made.evidence(PASSED, loads=(slow,))).verdict is verdict


@pytest.mark.parametrize(
    ("tags", "metric", "rate", "verdict"),
    [
        ((), "http_req_failed", 0.5, Verdict.PASS),
        ((("test", "shop"),), "http_req_failed", 0.0, Verdict.INCOMPLETE),
        ((("test", "shop"),), "http_req_failed", 1.0, Verdict.PASS),
        ((("test", "shop"),), "checks", 1.0, Verdict.INCOMPLETE),
        ((("test", "shop"),), "checks", 0.0, Verdict.PASS),
    ],
)
def test_a_threshold_with_tags_watches_no_requests_but_those_that_have_them(
    tags: tuple[tuple[str, str], ...], metric: str, rate: float, verdict: Verdict
) -> None:
    held = made.threshold(rate, samples=500)
    held = replace(held, threshold=replace(held.threshold, metric=metric, tags=tags))
    assert decide(made.evidence(PASSED, loads=(made.load(held, failed=500),))).verdict is verdict


def test_the_headline_counts_and_names_the_first_reason() -> None:
    assert decide(made.evidence(PASSED)).headline == "1 of 1 steps passed"
    failed = decide(made.evidence(PASSED, FAILED, SKIPPED, loads=(made.load(made.threshold(80)),)))
    assert failed.headline == (
        "1 of 3 steps passed, 1 failed, 1 skipped, load: 1000 requests, 1 of 1 thresholds held: "
        "shop: item: status is 503, expected 200"
    )
    newly = made.evidence(FAILED, comparison=both(State.PASSED, State.FAILED))
    assert "1 newly broken" in decide(newly).headline


def test_a_failure_is_shown_on_the_line_of_its_assert_or_of_its_step() -> None:
    own = made.step(State.FAILED, failures=(Failure("a", place=Place("smoke.yml", 12)), Failure("b")))
    assert [problem.line for problem in decide(made.evidence(own)).problems] == [12, 7]


@given(st.lists(st.sampled_from(list(State)), max_size=6))
def test_green_needs_a_test_that_passed_and_none_that_did_not(states: list[State]) -> None:
    verdict = decide(made.evidence(*(made.step(state) for state in states))).verdict
    if verdict is Verdict.PASS:
        assert State.PASSED in states
        assert not {State.FAILED, State.ERROR} & set(states)
    if State.FAILED in states:
        assert verdict is Verdict.FAIL


def test_figures_are_those_of_the_load_stage_and_dropped_iterations_count_as_failures() -> None:
    figures = measured(made.evidence(PASSED, loads=(made.load(),)))
    assert (figures.source, figures.requests, figures.failed, figures.p95_ms) == ("load", 1002, 5, 80.5)
    assert figures.error_rate == Fraction(5, 1002)


def test_figures_of_steps_are_those_that_were_asked() -> None:
    figures = measured(made.evidence(PASSED, made.step(State.FAILED, seconds=0.24), SKIPPED))
    assert figures == Measures(
        source="steps", requests=2, failed=1, p50_ms=180.0, p95_ms=234.0, p99_ms=238.8, throughput=1.0
    )


@pytest.mark.parametrize("evidence", [made.evidence(SKIPPED), made.evidence(run=None)])
def test_nothing_measured_has_no_figures(evidence: Any) -> None:
    assert measured(evidence) == Measures()
    assert measured(evidence).error_rate is None


def test_a_run_that_took_no_time_has_no_throughput() -> None:
    assert measured(made.evidence(run=Run(steps=(PASSED,), seconds=0.0, requests=1))).throughput is None


@given(st.lists(st.floats(0, 1e6), min_size=1).map(sorted), st.floats(0, 100))
def test_a_percentile_lies_between_samples_and_grows(samples: list[float], percent: float) -> None:
    found = percentile(samples, percent)
    assert samples[0] <= found <= samples[-1] + 1e-6
    assert percentile(samples, 0) == samples[0]
    assert percentile(samples, 100) == samples[-1]


@pytest.mark.parametrize(("value", "text"), [(0.01253, "0.01253"), (12.345, "12.35"), (1234.56, "1235"), (0, "0")])
def test_figures_have_as_many_digits_as_people_read(value: float, text: str) -> None:
    assert shown(value) == text


def test_a_deployment_that_does_not_answer_is_not_told_to_assert_more() -> None:
    refused = made.step(State.FAILED, status=None, checked=0)
    alone = decide(made.evidence(refused))
    assert (alone.verdict, len(alone.problems)) == (Verdict.FAIL, 1)
    both_refused = made.evidence(
        made.step(name="other", checked=0), refused, comparison=both(State.FAILED, State.FAILED)
    )
    assert decide(both_refused).verdict is Verdict.INCOMPLETE
