"""Whole load stages of some tenths of a second: both models, aborts, interrupts, and a server that freezes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from threading import Event, current_thread
from threading import enumerate as all_threads
from time import monotonic, sleep

import pytest
from tests.smoke_test.answering_site import Watched, plan, said, scenario, site, step
from tests.smoke_test.load.load_made import closed_load, open_load, threshold

from actionkit.errors import Interrupted
from smoke_test.halt import Halt
from smoke_test.load import run_load, stage
from smoke_test.load.clock import Clock
from smoke_test.load.samples import Sample, Turn
from smoke_test.load.users import User
from smoke_test.model import Load, LoadResult
from smoke_test.step_run import Ground, Session


class Shopper:
    """A user without a network: `request` takes the seconds of an iteration."""

    def __init__(self, request: Callable[[Turn, Halt], bool]) -> None:
        self._request = request
        self.closed = 0

    def iterate(self, turn: Turn, halt: Halt) -> Iterator[Sample]:
        began = monotonic()
        failed = self._request(turn, halt)
        reason = "item: status 500" if failed else ""
        yield Sample(
            "t", "item", "GET", 500 if failed else 200, failed, monotonic() - began, late=turn.late, reason=reason
        )

    def close(self) -> None:
        self.closed += 1


def run(load: Load, request: Callable[[Turn, Halt], bool], **more: object) -> LoadResult:
    users: list[Shopper] = []
    said: list[str] = []

    def recruit() -> User:
        users.append(Shopper(request))
        return users[-1]

    result = stage.run(load, recruit, say=said.append, **more)  # type: ignore[arg-type]
    assert len(users) == load.vus
    return result


def at_once(turn: Turn, halt: Halt) -> bool:
    return False


def lasting(seconds: float, *, failed: bool = False) -> Callable[[Turn, Halt], bool]:
    """An iteration of that length."""

    def request(turn: Turn, halt: Halt) -> bool:
        sleep(seconds)
        return failed

    return request


def no_one_left() -> bool:
    """Whether all users are gone soon."""
    until = monotonic() + 5
    while monotonic() < until:
        if not [thread for thread in all_threads() if thread.name.startswith("virtual-user")]:
            return True
        sleep(0.01)
    return False


def test_the_open_model_starts_what_is_due_and_no_more() -> None:
    load = open_load(threshold("http_req_duration", "p(50)<5000"), threshold("dropped_iterations", "count<1"))
    result = run(load, at_once)
    assert (result.requests, result.iterations, result.dropped, result.failed) == (30, 30, 0, 0)
    assert [held.ok for held in result.thresholds] == [True, True]
    assert result.seconds == pytest.approx(0.3, abs=0.2)
    assert result.aborted == ""
    assert no_one_left()


def test_a_user_who_is_busy_starts_nothing_and_what_is_due_meanwhile_is_dropped() -> None:
    freed = Event()
    load = open_load(threshold("http_req_failed", "rate<0.5"), vus=2, rate=50, duration=0.4)
    result = run(load, lambda turn, _: freed.wait(0.6) and False)
    assert (result.requests, result.dropped, result.iterations) == (2, 18, 2)
    assert result.thresholds[0].value == 18 / 20
    assert result.seconds > 0.55, "the iterations in flight may come to their end"


def test_the_closed_model_begins_again_at_once_until_the_time_is_up() -> None:
    result = run(closed_load(vus=3, duration=0.3), lasting(0.05))
    assert 6 <= result.requests <= 18
    assert (result.dropped, result.iterations) == (0, result.requests)


def test_a_failed_threshold_ends_the_stage_and_says_which() -> None:
    wanted = threshold("http_req_failed", "rate<0.5", abort_on_fail=True)
    load = closed_load(threshold("http_req_duration", "p(95)<9000"), wanted, vus=1, duration=60.0)
    began = monotonic()
    result = run(load, lasting(0.02, failed=True))
    assert monotonic() - began < 10
    assert result.aborted.startswith("http_req_failed rate<0.5 was crossed after 1 s")
    assert [held.ok for held in result.thresholds] == [True, False]
    assert result.failures[0][0] == "item: status 500"
    assert no_one_left()


def test_what_is_unfinished_when_the_time_is_over_is_counted_and_left() -> None:
    freed = Event()
    began = monotonic()
    result = run(closed_load(vus=2, duration=0.1, graceful_stop=0.1), lambda *_: freed.wait(20))
    assert monotonic() - began < 5
    assert result.iterations == 0
    assert [note.message for note in result.notes] == [
        "iterations that were unfinished when `graceful_stop` (0.1 s) was over: 2"
    ]
    freed.set()
    assert no_one_left()


def test_an_iteration_that_ends_after_the_end_is_none() -> None:
    result = run(closed_load(vus=1, duration=0.05, graceful_stop=0.05), lasting(0.2))
    assert (result.requests, result.iterations) == (1, 0)
    assert "was over: 1" in result.notes[0].message


def test_an_interrupt_leaves_at_once_and_nobody_goes_on() -> None:
    freed, begun = Event(), Event()
    main = current_thread()

    def interrupted(seconds: float) -> None:
        sleep(seconds)
        if current_thread() is main:
            begun.wait(5)
            raise Interrupted(2)

    def request(turn: Turn, halt: Halt) -> bool:
        begun.set()
        freed.wait(20)
        assert halt.stopped
        return False

    before, began = sys.getswitchinterval(), monotonic()
    told: list[LoadResult] = []
    with pytest.raises(Interrupted):
        run(closed_load(duration=60.0), request, clock=Clock(sleep=interrupted), so_far=told.append)
    assert monotonic() - began < 5
    assert sys.getswitchinterval() == before
    freed.set()
    assert no_one_left()
    assert told == []


def test_what_was_measured_until_an_interrupt_is_told() -> None:
    told: list[LoadResult] = []
    main, asked = current_thread(), Event()

    def interrupted(seconds: float) -> None:
        sleep(seconds)
        if current_thread() is main and asked.wait(5):
            raise Interrupted(15)

    def request(turn: Turn, halt: Halt) -> bool:
        if turn.index >= 10:
            asked.set()
        return False

    with pytest.raises(Interrupted):
        run(closed_load(vus=1, duration=60.0), request, clock=Clock(sleep=interrupted), so_far=told.append)
    (result,) = told
    assert result.requests >= 10
    assert 0 < result.seconds < 30
    assert re.fullmatch(
        r"the load stage was stopped after \d+ of 60 s: interrupted by signal 15", result.notes[0].message
    )
    assert no_one_left()


def test_what_must_not_happen_in_a_user_is_raised_here() -> None:
    def broken(turn: Turn, halt: Halt) -> bool:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(closed_load(vus=2, duration=30.0), broken)
    assert no_one_left()


def test_more_requests_than_are_kept_end_the_stage() -> None:
    result = run(closed_load(vus=1, duration=60.0), lasting(0.001), most_requests=50)
    assert result.requests >= 50
    assert result.seconds < 30
    assert "it keeps no more than its" in result.notes[0].message
    assert no_one_left()


def test_progress_is_said_every_ten_seconds() -> None:
    said: list[str] = []
    real = monotonic()
    fast = Clock(now=lambda: real + (monotonic() - real) * 100, sleep=lambda seconds: sleep(seconds / 100))
    load = open_load(rate=2, vus=1, duration=25.0)
    stage.run(load, lambda: Shopper(at_once), say=said.append, clock=fast)
    assert 1 <= len(said) <= 3
    assert said[0].startswith("load: 1")
    assert " of 25 s, " in said[0]
    assert "0 failed, " in said[0]


def test_a_plan_under_load_asks_a_real_server() -> None:
    test = scenario("buy", step("/item", 'jsonpath "$.ok" == true', name="item", status="200"))
    load = open_load(threshold("checks", "rate==1"), threshold("http_req_duration{name:item}", "p(50)<5000"), rate=50)
    with site({"/item": lambda _: said({"ok": True})}) as served:
        watched = Watched()
        ground = Ground(served.url, (), watched.doors())
        result = run_load(
            plan(served.url, test), load, Session.new({}, ground.doors.client), ground, print, stage.unheard
        )
        assert (result.requests, result.failed, len(served.seen)) == (15, 0, 15)
        assert [held.ok for held in result.thresholds] == [True, True]
        assert no_one_left()


def test_a_plan_without_a_test_under_load_asks_nothing_and_holds_nothing() -> None:
    ground = Ground("http://127.0.0.1:9", (), Watched().doors())
    load = open_load(threshold("dropped_iterations", "count<1"), tags=("load",))
    for tests in ((), (scenario("t", step("/")),)):
        base = Session.new({}, ground.doors.client)
        result = run_load(plan("http://127.0.0.1:9", *tests), load, base, ground, print, stage.unheard)
        assert (result.requests, [held.ok for held in result.thresholds]) == (0, [False])
