"""What one iteration of a virtual user sends, expects and leaves behind, over real sockets."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from time import monotonic
from typing import Any

import pytest
from tests.smoke_test.answering_site import HANG_UP, Asked, Said, Watched, said, scenario, site, step
from tests.smoke_test.load.load_made import open_load

from smoke_test.halt import Halt
from smoke_test.load.iterations import recruiter, under_load
from smoke_test.load.samples import Sample, Turn
from smoke_test.model import Test
from smoke_test.step_run import Ground, Session


class Stand:
    """Everything an iteration stands on; `variables` and a cookie as setup left them."""

    def __init__(self, url: str, *tests: Test, halt: Halt | None = None, **variables: Any) -> None:
        self.watched, self.halt = Watched(), halt or Halt()
        ground = Ground(url, ("a-secret",), self.watched.doors())
        base = Session.new({"sku": "A-100", **variables}, ground.doors.client)
        base.jar.set("session", "s-1", url)
        self.user = recruiter(tests, base, ground)()

    def iterate(self, index: int = 0, late: float = 0.0) -> list[Sample]:
        return list(self.user.iterate(Turn(index, 1.0, 1.0 + late), self.halt))

    def once(self) -> list[Sample]:
        try:
            return self.iterate()
        finally:
            self.user.close()


def echo(asked: Asked) -> Said:
    return said({"path": asked.path, "token": "t-123456", "cookies": asked.cookies(), "to": asked.headers.get("to")})


ROUTES = {"/login": echo, "/item": echo, "/broken": lambda _: said({}, 500), "/gone": lambda _: Said(HANG_UP)}
BUY = scenario(
    "buy",
    step("/login", name="login", status="200", captures={"token": 'jsonpath "$.token" redact'}),
    step(
        "/item?sku={{sku}}", 'jsonpath "$.to" == "t-123456"', name="item", status="2xx", headers=(("To", "{{token}}"),)
    ),
)


def test_the_steps_of_a_test_share_captures_and_cookies_and_leave_a_sample_each() -> None:
    with site(ROUTES) as served:
        samples = Stand(served.url, BUY).once()
        assert [(one.test, one.step, one.method, one.status, one.failed) for one in samples] == [
            ("buy", "login", "GET", 200, False),
            ("buy", "item", "GET", 200, False),
        ]
        assert samples[1].checks == (("status 2xx", True), ('jsonpath "$.to" == "t-123456"', True))
        assert samples[0].checks[-1] == ('capture token: jsonpath "$.token" redact', True)
        assert all(one.sent and 0 < one.seconds < 5 for one in samples)
        assert [asked.cookies() for asked in served.seen] == [{"session": "s-1"}] * 2
        assert samples[0].timings.tcp > 0 == samples[1].timings.tcp, "the connection is used again"


def test_an_iteration_begins_as_setup_left_it_and_tests_take_turns() -> None:
    def counting(asked: Asked) -> Said:
        return said(None, 200, ("Set-Cookie", "visits=1"))

    visits = scenario("visits", step("/visits"))
    with site({**ROUTES, "/visits": counting}) as served:
        stand = Stand(served.url, visits, BUY)
        names = [stand.iterate(index)[0].test for index in range(3)]
        stand.user.close()
        assert names == ["visits", "buy", "visits"]
        assert [asked.cookies() for asked in served.seen if asked.path == "/visits"] == [{"session": "s-1"}] * 2
        assert len(stand.watched.clients) == 1
        assert len({asked.peer for asked in served.seen}) == 1


def test_only_the_first_request_was_late() -> None:
    with site(ROUTES) as served:
        stand = Stand(served.url, BUY)
        assert [one.late for one in stand.iterate(late=0.25)] == [0.25, 0.0]
        stand.user.close()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (step("/broken", name="x"), "x: status 500, expected: a status below 400"),
        (step("/broken", name="x", status="200"), "x: status 500, expected: 200"),
        (step("/login", "status == 201", name="x"), "x: status 200, expected: status == 201"),
        (step("/login", name="x", captures={"id": 'jsonpath "$.id"'}), 'x: status 200, expected: jsonpath "$.id"'),
        (step("/login", name="x", expects=(("X-Id", "1"),)), "x: status 200, expected: X-Id: 1"),
        (step("/login", name="x", fail_when=("status == 200",)), "x: status 200, expected: not status == 200"),
    ],
)
def test_the_first_step_that_fails_ends_the_iteration_and_is_known_by_what_was_expected(
    broken: Any, reason: str
) -> None:
    with site(ROUTES) as served:
        (sample,) = Stand(served.url, scenario("t", broken, step("/item"))).once()
    assert (sample.failed, sample.sent, sample.reason) == (True, True, reason)
    assert all(not held for _, held in sample.checks)


def test_no_answer_is_a_failure_of_every_check() -> None:
    with site(ROUTES) as served:
        (gone,) = Stand(served.url, scenario("t", step("/gone", name="x", status="200", method="POST"))).once()
    assert (gone.status, gone.failed, gone.sent, gone.checks) == (None, True, True, (("status 200", False),))
    assert gone.reason.startswith("x: ")
    (refused,) = Stand(served.url, scenario("t", step("/gone", name="x"))).once()
    assert (refused.failed, refused.sent) == (True, False)
    assert refused.seconds < 0.5
    assert refused.reason.startswith("x: refuses connections")


def test_what_a_capture_made_unsendable_is_a_failed_request_that_was_never_sent() -> None:
    (unset,) = Stand("http://127.0.0.1:9", scenario("t", step("/{{nothing}}", name="x"))).once()
    assert (unset.failed, unset.sent, unset.status) == (True, False, None)
    assert unset.reason == "x: the variable `nothing` is not set"


def test_steps_may_be_skipped_and_wait() -> None:
    with site(ROUTES) as served:
        waits: list[float] = []
        halt = Halt(pause=lambda _, seconds: waits.append(seconds))
        steps = (step("/login", skip=True), step("/item", name="item", delay=0.75))
        assert [one.step for one in Stand(served.url, scenario("t", *steps), halt=halt).once()] == ["item"]
        assert waits == [0.75]


def test_nothing_is_sent_once_the_stage_is_given_up() -> None:
    with site(ROUTES) as served:
        stopped, over = Halt(), Halt(ends=monotonic() - 1)
        stopped.stop("the load stage is over")
        for halt in (stopped, over):
            assert Stand(served.url, scenario("t", step("/item", delay=9.0)), halt=halt).once() == []
        assert served.seen == []


def test_a_request_goes_on_no_longer_than_the_stage_may() -> None:
    never = Event()
    with site({"/slow": lambda _: (never.wait(5), said())[1]}) as served:
        began = monotonic()
        halt = Halt(ends=began + 0.2)
        (sample,) = Stand(served.url, scenario("t", step("/slow", name="x")), halt=halt).once()
        assert monotonic() - began < 2
        assert (sample.failed, sample.reason) == (True, "x: unfinished when `graceful_stop` was over")
        never.set()


def test_redirects_count_whole_and_without_the_connection() -> None:
    with site({"/old": lambda _: Said(302, b"", (("Location", "/item"),)), "/item": echo}) as served:
        (sample,) = Stand(served.url, scenario("t", step("/old", status="200", location=True))).once()
    assert (sample.failed, sample.status) == (False, 200)
    assert sample.seconds > sample.timings.send + sample.timings.wait + sample.timings.receive


def test_tests_are_chosen_by_tag() -> None:
    tagged, other = replace(BUY, tags=("load", "slow")), replace(BUY, name="other")
    assert under_load(open_load(tags=("load",)), (tagged, other)) == (tagged,)
    assert under_load(open_load(), (tagged, other)) == (tagged, other)
