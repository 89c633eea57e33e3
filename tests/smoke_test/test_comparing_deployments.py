"""The differential run: only what passed on the deployment before and fails on this one is newly broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.smoke_test.answering_site import PLACE, Watched, plan, said, scenario, site, step

from smoke_test.compare import compare, compared, elsewhere
from smoke_test.evidence import Difference, Evidence
from smoke_test.judgement import decide
from smoke_test.model import Executor, Failure, Load, Plan, Run, State, StepResult

PASSED, FAILED, SKIPPED, ERROR = State.PASSED, State.FAILED, State.SKIPPED, State.ERROR


def run(*states: State, names: tuple[str, ...] = ("a", "b", "c", "d", "e", "f"), stopped: str = "") -> Run:
    steps = tuple(
        StepResult(
            test="shop",
            name=name,
            state=state,
            place=PLACE,
            status=200,
            attempts=1,
            checked=1,
            failures=() if state is PASSED else (Failure("no"),),
        )
        for name, state in zip(names, states, strict=False)
    )
    return Run(steps=steps, seconds=1.0, requests=len(steps), stopped=stopped)


def differences(before: Run, now: Run) -> list[tuple[bool, bool]]:
    return [(one.newly_broken, one.already_failing) for one in compared(before, now).differences]


NEW, OLD, NEITHER = (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (PASSED, PASSED, NEITHER),
        (PASSED, FAILED, NEW),
        (PASSED, ERROR, NEW),
        (FAILED, FAILED, OLD),
        (ERROR, FAILED, NEITHER),
        (FAILED, PASSED, NEITHER),
        (SKIPPED, FAILED, NEITHER),
        (PASSED, SKIPPED, NEITHER),
    ],
)
def test_a_step_is_newly_broken_already_failing_or_neither(before: State, now: State, expected: Any) -> None:
    assert differences(run(before), run(now)) == [expected]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(State), st.sampled_from(State)), min_size=1, max_size=6))
def test_no_step_is_both_and_every_failing_one_that_was_reached_before_is_one(pairs: list[tuple[State, State]]) -> None:
    before, now = zip(*pairs, strict=True)
    for (was, is_now), (new, old) in zip(pairs, differences(run(*before), run(*now)), strict=True):
        assert not (new and old)
        assert (new or old) == (is_now in (FAILED, ERROR) and was not in (SKIPPED, ERROR))


def verdict(before: Run, now: Run) -> str:
    return decide(Evidence(plan=Plan(path="smoke.yml"), run=now, comparison=compared(before, now))).verdict.value


def test_what_was_not_reached_before_excuses_nothing() -> None:
    assert verdict(run(FAILED, SKIPPED), run(PASSED, FAILED)) == "fail"
    assert verdict(run(FAILED, PASSED), run(FAILED, PASSED)) == "pass"
    assert verdict(run(PASSED, PASSED), run(PASSED, FAILED)) == "fail"


def test_a_step_that_broke_is_not_excused_by_one_of_its_name_that_was_broken_before() -> None:
    def named(*states: State) -> Run:
        return run(*states, PASSED, names=("same", "same", "other"))

    assert verdict(named(FAILED, PASSED), named(FAILED, FAILED)) == "fail"
    assert verdict(named(FAILED, FAILED), named(FAILED, FAILED)) == "pass"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (run(FAILED, FAILED, stopped="interrupted by signal 15"), "ended early: interrupted by signal 15"),
        (Run(steps=(), seconds=0.0), "no request was made to the previous deployment: the plan has no step"),
        (run(PASSED), "the two runs are not of the same plan"),
    ],
)
def test_a_run_that_proves_nothing_is_nothing_to_compare_with(before: Run, expected: str) -> None:
    comparison = compared(before, run(PASSED, PASSED))
    assert expected in comparison.why_none
    assert comparison.differences == ()


def test_the_same_plan_is_run_on_both_and_setup_and_finally_too() -> None:
    old = {"/a": lambda _: said({}), "/b": lambda _: said({}, 500), "/c": lambda _: said({}, 500)}
    new = {"/a": lambda _: said({}, 500), "/b": lambda _: said({}), "/c": lambda _: said({}, 500)}
    login, logout = step("/login", status="404"), step("/logout", status="404")
    with site(old) as before, site(new) as now:
        tests = [scenario(path, step(path, status="200")) for path in ("/a", "/b", "/c")]
        given = plan(now.url, *tests, setup=(login,), finally_=(logout,))
        watched = Watched()
        comparison = compare(given, before.url, watched.run(given), watched.run)
        assert before.paths() == now.paths() == ["GET /login", "GET /a", "GET /b", "GET /c", "GET /logout"]
    assert comparison.why_none == ""
    assert comparison.differences[1:4] == (
        Difference("/a", "/a", PASSED, FAILED),
        Difference("/b", "/b", FAILED, PASSED),
        Difference("/c", "/c", FAILED, FAILED),
    )


def test_a_step_that_fails_on_both_is_newly_broken_where_it_fails_in_what_held_before() -> None:
    asserts = ('jsonpath "$.stock" > 0', 'jsonpath "$.name" exists')
    answers = {"stale": said({"stock": 0, "name": "a"}), "down": said({}, 500), "odd": said({"stock": 1})}
    found = {}
    for was in answers:
        for is_now in answers:
            with (
                site({"/a": lambda _, one=was: answers[one]}) as before,
                site({"/a": lambda _, one=is_now: answers[one]}) as now,
            ):
                given = plan(now.url, scenario("a", step("/a", *asserts, status="200")))
                (one,) = compare(given, before.url, Watched().run(given), Watched().run).differences
            found[was, is_now] = one.newly_broken
            assert one.already_failing is not one.newly_broken
    assert [pair for pair, broken in found.items() if broken] == [
        ("stale", "down"),
        ("stale", "odd"),
        ("odd", "stale"),
        ("odd", "down"),
    ]


def test_a_previous_deployment_that_cannot_be_reached_is_no_comparison() -> None:
    with site({"/a": lambda _: said({})}) as now:
        given = plan(now.url, scenario("a", step("/a", status="200"), step("/a")))
        watched = Watched()
        comparison = compare(given, "http://127.0.0.1:1", watched.run(given), watched.run)
    assert comparison.why_none.startswith("the previous deployment answered none of 1 requests: http://127.0.0.1:1/a: ")
    unset = plan("http://127.0.0.1:1", scenario("a", step("/{{x}}")))
    assert (
        "no request was made to the previous deployment: the variable `x`"
        in compared(watched.run(unset), watched.run(unset)).why_none
    )


def test_after_an_interrupt_nobody_is_asked_but_after_a_failed_setup_the_other_one_is() -> None:
    asked: list[Plan] = []

    def again(given: Plan) -> Run:
        asked.append(given)
        return run(FAILED)

    given = plan("http://127.0.0.1:1")
    interrupted = replace(run(PASSED, stopped="interrupted by signal 15"), interrupted=True)
    stopped = compare(given, "http://127.0.0.1:2", interrupted, again)
    assert (stopped.why_none, asked) == ("the run on this deployment ended early: interrupted by signal 15", [])
    setup = StepResult(test="setup", name="s", state=FAILED, place=PLACE)
    compare(given, "http://127.0.0.1:2", Run(steps=(setup,), seconds=1.0, stopped="the setup step `s` failed"), again)
    assert [one.base_url for one in asked] == ["http://127.0.0.1:2"]


@pytest.mark.parametrize(
    ("base", "url", "moved"),
    [
        ("https://{{host}}/app", "https://{{host}}/app/x?y", "/x?y"),
        ("https://{{host}}/app/", "https://{{host}}/app", "/"),
        ("https://{{host}}/app", "https://{{host}}/apple", "https://{{host}}/apple"),
        ("https://{{host}}/app", "https://other/x", "https://other/x"),
        ("https://{{host}}/app", "/x", "/x"),
        ("", "/x", "/x"),
    ],
)
def test_absolute_urls_of_the_deployment_move_with_it(base: str, url: str, moved: str) -> None:
    load = Load(executor=Executor.VUS, vus=1, duration=1.0)
    given = plan(base, scenario("a", step(url)), setup=(step(url),), finally_=(step(url),), load=load)
    made = elsewhere(given, "https://before.example.com")
    steps = (*made.setup, *made.tests[0].steps, *made.finally_)
    assert [one.send.url for one in steps] == [moved] * 3
    assert (made.base_url, made.load) == ("https://before.example.com", None)
