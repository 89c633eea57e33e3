"""Setup, tests side by side, finally; variables, cookies and connections between them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Event
from threading import enumerate as threads
from time import monotonic, sleep
from typing import Any

import pytest
from tests.smoke_test.answering_site import (
    Asked,
    Said,
    Site,
    Watched,
    moved,
    plan,
    said,
    scenario,
    site,
    step,
    told,
)

from actionkit.errors import Interrupted, UsageError
from smoke_test import checks
from smoke_test.model import State
from smoke_test.step_run import Ground, Session


@pytest.fixture
def shop() -> Iterator[Site]:
    def whoami(asked: Asked) -> Said:
        return said({"authorization": asked.headers.get("authorization"), "cookies": asked.cookies()})

    login = said({"token": "t0ken-of-the-shop"}, 200, ("Set-Cookie", "session=s1; Path=/"))
    routes = {
        "/login": lambda _: login,
        "/whoami": whoami,
        "/ok": lambda _: said({"state": "ready"}),
        "/bad": lambda _: said({"error": "down"}, 503),
        "/set": lambda _: said({}, 200, ("Set-Cookie", "own=1; Path=/")),
        "/echo": lambda asked: said({"path": asked.path}),
    }
    with site(routes) as served:
        yield served


LOGIN = step("/login", method="POST", status="200", captures={"token": 'jsonpath "$.token"'})
OK, BAD = step("/ok", status="200"), step("/bad", status="200")
BEARER = (("Authorization", "Bearer {{token}}"),)
AS_LOGGED_IN = step("/whoami", 'jsonpath "$.authorization" == "Bearer {{token}}"', headers=BEARER)


def test_what_setup_captured_is_known_in_every_test_and_in_finally(shop: Site) -> None:
    tests = (scenario("a", AS_LOGGED_IN), scenario("b", AS_LOGGED_IN))
    run = Watched().run(plan(shop.url, *tests, setup=(LOGIN,), finally_=(AS_LOGGED_IN,)))
    assert [result.message for result in run.steps] == [""] * 4
    assert told(run)[0] == ("setup", "/login", "passed")
    assert told(run)[3] == ("finally", "/whoami", "passed")
    assert (run.requests, run.stopped) == (4, "")


def test_what_a_test_captured_is_known_in_its_later_steps_and_nowhere_else(shop: Site) -> None:
    tests = (scenario("a", LOGIN, AS_LOGGED_IN), scenario("b", AS_LOGGED_IN))
    run = Watched().run(plan(shop.url, *tests, finally_=(AS_LOGGED_IN,)))
    assert [state for _, _, state in told(run)] == ["passed", "passed", "error", "error"]
    assert run.steps[2].message == "the variable `token` is not set"
    assert shop.paths() == ["POST /login", "GET /whoami"]


def test_a_variable_that_is_misspelt_is_told_with_the_nearest_name_and_nothing_is_sent(shop: Site) -> None:
    given = plan(shop.url, scenario("a", step("/items/{{skv}}")), variables={"sku": "A-100"})
    (result,) = Watched().run(given).steps
    assert (result.state, result.attempts) == (State.ERROR, 0)
    assert result.message == "the variable `skv` is not set; did you mean `sku`?"
    assert shop.seen == []


def test_every_test_starts_with_the_cookies_of_setup_and_keeps_its_own_to_itself(shop: Site) -> None:
    cookies = 'jsonpath "$.cookies"'
    first = scenario("a", step("/set"), step("/whoami", f"{cookies} count == 2"))
    second = scenario("b", step("/whoami", 'jsonpath "$.cookies.session" == "s1"', f"{cookies} count == 1"))
    run = Watched().run(
        plan(shop.url, first, second, setup=(LOGIN,), finally_=(step("/whoami", f"{cookies} count == 1"),))
    )
    assert [result.message for result in run.steps] == [""] * 5


def test_a_setup_that_fails_skips_every_test_and_says_so_and_finally_runs_all_the_same(shop: Site) -> None:
    setup = (BAD, LOGIN)
    run = Watched().run(plan(shop.url, scenario("a", OK), setup=setup, finally_=(AS_LOGGED_IN, OK)))
    assert [state for _, _, state in told(run)] == ["failed", "skipped", "skipped", "skipped", "passed"]
    assert run.stopped == "the setup step `/bad` failed, so no test was run"
    assert run.steps[2].message == run.stopped
    assert run.steps[3].message == (
        "needs `{{token}}`, which is not set: the step `/login`, which captures it, was skipped"
    )
    assert shop.paths() == ["GET /bad", "GET /ok"]


def test_what_a_failing_setup_did_capture_is_there_for_finally_to_clean_up_with(shop: Site) -> None:
    half = step("/login", status="201", captures={"token": 'jsonpath "$.token"'})
    run = Watched().run(plan(shop.url, scenario("a", OK), setup=(half,), finally_=(AS_LOGGED_IN,)))
    assert [state for _, _, state in told(run)] == ["failed", "skipped", "passed"]


def test_the_first_step_that_fails_skips_the_rest_of_its_test_only(shop: Site) -> None:
    run = Watched().run(plan(shop.url, scenario("a", BAD, OK, OK), scenario("b", OK)))
    assert [state for _, _, state in told(run)] == ["failed", "skipped", "skipped", "passed"]
    assert run.steps[1].message == "the step `/bad` failed before it"
    assert run.stopped == ""


@pytest.mark.parametrize(("fail_fast", "third"), [(False, "passed"), (True, "skipped")])
def test_quick_checks_are_all_asked_unless_the_run_is_to_fail_fast(shop: Site, fail_fast: bool, third: str) -> None:
    run = Watched().run(plan(shop.url, checks.read("/ok\n/bad 200\n/ok")), fail_fast=fail_fast)
    assert [state for _, _, state in told(run)] == ["passed", "failed", third]


def test_in_finally_a_step_that_fails_keeps_no_other_from_cleaning_up(shop: Site) -> None:
    run = Watched().run(plan(shop.url, finally_=(BAD, step("/{{nope}}"), OK)))
    assert [state for _, _, state in told(run)] == ["failed", "error", "passed"]


def test_fail_fast_runs_no_further_test_but_finally(shop: Site) -> None:
    tests = (scenario("a", OK), scenario("b", BAD), scenario("c", OK))
    run = Watched().run(plan(shop.url, *tests, finally_=(OK,)), fail_fast=True)
    assert [state for _, _, state in told(run)] == ["passed", "failed", "skipped", "passed"]
    assert run.steps[2].message == run.stopped == "fail-fast: the step `/bad` of `b` failed"


def test_a_step_that_the_plan_skips_takes_along_those_that_need_its_capture_and_no_other(shop: Site) -> None:
    login = step("/login", name="login", captures={"token": 'jsonpath "$.token"'}, skip=True)
    run = Watched().run(plan(shop.url, scenario("a", login, AS_LOGGED_IN, OK)))
    assert [state for _, _, state in told(run)] == ["skipped", "skipped", "passed"]
    assert run.steps[0].message == "the plan says `skip: true`"
    assert "the step `login`, which captures it, was skipped" in run.steps[1].message


def test_tests_run_side_by_side_and_their_steps_in_order(shop: Site) -> None:
    together = Barrier(3)

    def met(_: Asked) -> Said:
        together.wait(30)
        return said({})

    shop.routes["/met"] = met
    tests = [scenario(name, step("/met", status="200"), OK) for name in "abc"]
    run = Watched().run(plan(shop.url, *tests, parallel=3))
    assert all(result.ok for result in run.steps)
    for first, second in zip(run.steps[::2], run.steps[1::2], strict=True):
        assert 0 <= first.started <= first.finished <= second.started <= second.finished <= run.seconds


def test_tests_side_by_side_never_see_one_another(shop: Site) -> None:
    def own(name: str) -> Any:
        capture = step(f"/echo?{name}", captures={"mine": 'jsonpath "$.path"'})
        uses = [
            step("/echo", f'url not contains "{name}{name}"', f'variable "mine" == "/echo?{name}"') for _ in range(4)
        ]
        return scenario(name, capture, *uses)

    run = Watched().run(plan(shop.url, *(own(f"t{number}") for number in range(12)), parallel=6))
    assert [result.message for result in run.steps] == [""] * 60


def test_a_test_uses_one_connection_and_no_other_tests(shop: Site) -> None:
    run = Watched().run(plan(shop.url, scenario("a", OK, OK, OK), scenario("b", OK, OK), parallel=2))
    assert all(result.ok for result in run.steps)
    assert sorted(map([asked.peer for asked in shop.seen].count, {asked.peer for asked in shop.seen})) == [2, 3]


def test_every_thread_and_connection_is_gone_afterwards_and_everyone_was_told(shop: Site) -> None:
    before, watched = set(threads()), Watched()
    run = watched.run(plan(shop.url, *(scenario(str(number), OK, BAD) for number in range(6)), parallel=3))
    assert {(result.test, result.name) for result in watched.done} == {(one.test, one.name) for one in run.steps}
    until = monotonic() + 10
    while any("_work" in one.name for one in set(threads()) - before) and monotonic() < until:
        sleep(0.01)
    assert not [one for one in set(threads()) - before if "_work" in one.name]
    assert all(not client._idle for client in watched.clients)


def test_a_plan_without_anything_runs_nothing(shop: Site) -> None:
    run = Watched().run(plan(shop.url))
    assert (run.steps, run.requests, run.stopped) == ((), 0, "")


def test_variables_refer_to_one_another_and_to_secrets_in_any_order(shop: Site) -> None:
    variables = {"address": "{{host}}/{{id}}", "host": shop.url.removeprefix("http://"), "id": 17, "same": "{{id}}"}
    asking = step("http://{{address}}", 'variable "same" == 17', status="404", headers=(("X-Key", "{{key}}"),))
    run = Watched().run(plan("", scenario("a", asking), variables=variables), {"key": "k3y-of-the-shop"})
    assert run.steps[0].message == ""
    assert shop.paths() == ["GET /17"]
    assert shop.seen[0].headers["x-key"] == "k3y-of-the-shop"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"a": "{{b}}", "b": "x{{c}}", "c": "{{a}}"}, ["variables that refer to one another in a circle"]),
        ({"a": "{{a}}"}, ["circle: a -> a"]),
        (
            {"a": "{{nmae}}", "name": 1, "b": "{{x}}{{a}}"},
            ["`a` cannot be filled", "did you mean `name`", "`x` is not set"],
        ),
    ],
)
def test_variables_that_cannot_be_filled_are_told_before_anything_is_sent(
    shop: Site, variables: dict[str, Any], expected: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        Watched().run(plan(shop.url, scenario("a", OK), variables=variables))
    assert [part for part in expected if part not in str(caught.value)] == []
    assert {complaint.path for complaint in caught.value.complaints} == {"smoke.yml"}
    assert shop.seen == []


def test_a_secret_is_no_template_and_wins_over_a_variable_of_its_name(shop: Site) -> None:
    given = plan(shop.url, scenario("a", step("/echo", headers=(("X", "{{key}}"),))), variables={"key": "plain"})
    Watched().run(given, {"key": "with{{braces}}"})
    assert shop.seen[0].headers["x"] == "with{{braces}}"


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGUSR1 does what SIGTERM does in the action."""

    def arrived(number: int, _: object) -> None:
        raise Interrupted(15)

    before = signal.signal(signal.SIGUSR1, arrived)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def interrupting(over: Event) -> Any:
    def route(_: Asked) -> Said:
        os.kill(os.getpid(), signal.SIGUSR1)
        over.wait(30)
        return said({})

    return route


def test_an_interrupt_ends_the_tests_runs_finally_and_returns_what_is_known(shop: Site) -> None:
    over = Event()
    shop.routes["/hang"] = interrupting(over)
    tests = (scenario("a", OK), scenario("b", step("/hang"), OK), scenario("c", OK))
    began = monotonic()
    with interruptible():
        run = Watched().run(plan(shop.url, *tests, setup=(LOGIN,), finally_=(AS_LOGGED_IN,)))
    over.set()
    assert monotonic() - began < 5
    assert run.stopped == "interrupted by signal 15"
    assert [state for _, _, state in told(run)] == ["passed", "passed", "skipped", "skipped", "skipped", "passed"]
    assert {result.message for result in run.steps[2:5]} == {"interrupted by signal 15"}


def test_an_interrupt_in_setup_still_cleans_up(shop: Site) -> None:
    over = Event()
    shop.routes["/hang"] = interrupting(over)
    with interruptible():
        run = Watched().run(plan(shop.url, scenario("a", OK), setup=(LOGIN, step("/hang")), finally_=(AS_LOGGED_IN,)))
    over.set()
    assert [state for _, _, state in told(run)] == ["passed", "skipped", "skipped", "passed"]


def test_after_an_interrupt_finally_has_little_time_however_often_it_comes(shop: Site) -> None:
    over = Event()
    shop.routes["/hang"] = interrupting(over)
    steps = (OK, step("/hang", retry=-1), step("/hang"), OK)
    began = monotonic()
    with interruptible():
        run = Watched().run(plan(shop.url, finally_=steps), finally_seconds=0.3)
    took = monotonic() - began
    over.set()
    assert 0.25 < took < 5
    assert [state for _, _, state in told(run)] == ["passed", "skipped", "skipped", "skipped"]
    assert run.stopped == "interrupted by signal 15"


def test_a_request_of_finally_after_an_interrupt_is_cut_to_what_is_left(shop: Site) -> None:
    over = Event()
    shop.routes["/hang"] = interrupting(over)
    shop.routes["/slow"] = lambda _: said(over.wait(30))
    with interruptible():
        run = Watched().run(
            plan(shop.url, scenario("a", step("/hang")), finally_=(step("/slow"),)), finally_seconds=0.3
        )
    over.set()
    assert run.steps[1].state in (State.FAILED, State.SKIPPED)
    assert run.steps[1].seconds < 5


def test_a_load_stage_comes_between_the_tests_and_finally_and_knows_what_setup_knows(shop: Site) -> None:
    known: list[Any] = []

    def load(ground: Ground, session: Session) -> None:
        known.append((shop.paths(), session.variables["token"], session.jar.header(shop.url), ground.base_url))
        session.variables.clear()

    given = plan(shop.url, scenario("a", OK), setup=(LOGIN,), finally_=(AS_LOGGED_IN,))
    assert all(result.ok for result in Watched().run(given, load=load).steps)
    assert known == [(["POST /login", "GET /ok"], "t0ken-of-the-shop", "session=s1", shop.url)]
    Watched().run(plan(shop.url, setup=(BAD,)), load=load)
    Watched().run(plan(shop.url, scenario("a", BAD)), load=load, fail_fast=True)
    assert len(known) == 1


def test_an_interrupt_of_the_load_stage_still_runs_finally(shop: Site) -> None:
    def load(*_: object) -> None:
        raise Interrupted(2)

    run = Watched().run(plan(shop.url, scenario("a", OK), finally_=(OK,)), load=load)
    assert [state for _, _, state in told(run)] == ["passed", "passed"]
    assert run.stopped == "interrupted by signal 2"


def test_a_crash_is_no_result_but_finally_runs_first(shop: Site) -> None:
    def done(result: Any) -> None:
        if result.name == "/ok":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Watched().run(plan(shop.url, scenario("a", OK), scenario("b", OK), finally_=(BAD,)), done=done)
    assert "GET /bad" in shop.paths()


def test_no_secret_stands_in_anything_a_run_returns(shop: Site) -> None:
    key, token = "k3y&of+the/shop", "t0ken-of-the-shop"
    asking = step(
        "/echo?key={{key}}",
        'jsonpath "$.path" == "nope"',
        'header "X" == "y"',
        status="500",
        expects=(("Content-Type", "{{key}}"),),
        params=(("also", "{{key}}"),),
        captures={"nothing": 'jsonpath "$.none"'},
    )
    login = step("/login", 'jsonpath "$.token" == "x"', captures={"token": 'jsonpath "$.token" redact'}, status="500")
    gone = step("http://user:pass{{user}}@127.0.0.1:1/{{key}}?{{key}}", name="gone")
    mistaken = step("{{key}}")
    tests = (scenario("a", asking), scenario("b", login), scenario("c", gone), scenario("d", mistaken))
    watched = Watched()
    run = watched.run(plan(shop.url, *tests), {"key": key, "user": "us3r-of-the-shop"})
    assert [result.state for result in run.steps] == [State.FAILED] * 4
    assert watched.hidden == [token]
    shown = f"{run!r} {[result.message for result in run.steps]}"
    assert [secret for secret in (key, "k3y&of", "us3r", token) if secret in shown] == []
    assert run.steps[2].url == "http://127.0.0.1:1/***"


def test_no_half_of_a_secret_is_told_either(shop: Site) -> None:
    """Where a server puts it into a redirect or a type, what is shown of these ends in the middle of it."""
    secret = "cAnArY-?" + "0a" * 60
    shop.routes["/away"] = lambda _: moved(f"http://127.0.0.1:1/{secret}")
    shop.routes["/type"] = lambda _: Said(200, b"<p>", (("Content-Type", f"text/{'x' * 40}{secret}"),))
    away = step("/away?{{s}}", location=True)
    typed = step("/type?{{s}}", expects=(("ETag", "x"),))
    for one in (away, typed):
        message = Watched().one(shop.url, one, {"s": secret}).message
        assert "***" in message
        assert "cAnArY" not in message
