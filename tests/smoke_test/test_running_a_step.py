"""One step: what is expected, retried, captured, and told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from socket import socket
from threading import Event
from typing import Any

import pytest
from tests.smoke_test.answering_site import (
    HANG_UP,
    NOON,
    PLACE,
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
)

from actionkit.surroundings import Surroundings
from actionkit.web.statuses import statuses
from smoke_test.model import Bodies, State, Step

READY = 'jsonpath "$.state" == "ready"'


def in_turn(*answers: Said) -> Any:
    """Each answer once, the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def shop() -> Iterator[Site]:
    routes = {
        "/ok": lambda _: said({"state": "ready", "tags": ["a", 2], "none": None, "short": "abc", "pin": 1234567}),
        "/old": lambda _: moved("/older", 302, ("Set-Cookie", "seen=1; Path=/")),
        "/older": lambda _: moved("/home"),
        "/home": lambda asked: said({"cookies": asked.cookies()}),
        "/login-page": lambda _: Said(200, b"<html>", (("Content-Type", "text/html; charset=utf-8"),)),
    }
    with site(routes) as served:
        yield served


def messages(shop: Site, given: Step, watched: Watched | None = None) -> list[str]:
    return [failure.message for failure in (watched or Watched()).one(shop.url, given).failures]


def test_a_failing_assert_is_told_on_its_own_line_and_everything_else_on_that_of_its_step(shop: Site) -> None:
    asserts = ('jsonpath "$.state" == "gone"', READY, "body isEmpty")
    given = replace(step("/ok", *asserts, status="201"), assert_lines=(9, 10, 12))
    assert [one.place.line for one in Watched().one(shop.url, given).failures] == [7, 9, 12]


def test_every_failure_of_an_answer_is_told_in_the_order_of_the_plan(shop: Site) -> None:
    given = step(
        "/login-page",
        'body contains "Welcome"',
        "status == 200",
        "bytes count > 100",
        status="201-204",
        expects=(("Content-Type", "application/json"), ("X-Build", "7")),
        schema="s.json",
        captures={"token": 'jsonpath "$.token"', "page": "body"},
    )
    watched = Watched(files={"s.json": b"{}"})
    result = watched.one(shop.url, given)
    assert (result.state, result.status, result.checked, result.attempts) == (State.FAILED, 200, 9, 1)
    assert [failure.message for failure in result.failures] == [
        "status is 200, expected 201-204",
        "header `Content-Type` is `text/html; charset=utf-8`, expected `application/json`",
        "there is no header `X-Build` in 200 with text/html and 6 bytes",
        "the body is not JSON: Expecting value, line 1 column 1; it was 200 with text/html and 6 bytes",
        *[failure.message for failure in result.failures[4:]],
    ]
    assert [failure.expected for failure in result.failures[4:]] == [
        'body contains "Welcome"',
        "bytes count > 100",
        'jsonpath "$.token"',
    ]
    assert result.failures[6].message.startswith('the capture `token` finds nothing: `jsonpath "$.token"`')
    assert result.failures[6].message.endswith("it was 200 with text/html and 6 bytes")
    assert {failure.place for failure in result.failures} == {PLACE}


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        (("content-type", "Text/HTML"), True),
        (("Content-Type", "text/html; charset=UTF-8"), True),
        (("Content-Type", 'text/html;charset="utf-8"'), True),
        (("Content-Type", "text/html; charset=latin-1"), False),
        (("Content-Type", "text/plain"), False),
        (("content-length", "6"), True),
        (("Content-Length", "60"), False),
    ],
)
def test_an_expected_header_is_equal_and_a_media_type_may_leave_out_its_parameters(
    shop: Site, expected: tuple[str, str], holds: bool
) -> None:
    assert (messages(shop, step("/login-page", expects=(expected,))) == []) is holds


def test_one_of_several_headers_of_a_name_is_enough(shop: Site) -> None:
    shop.routes["/two"] = lambda _: said({}, 200, ("Vary", "Accept"), ("Vary", "Origin"))
    assert messages(shop, step("/two", expects=(("Vary", "Origin"),))) == []
    assert messages(shop, step("/two", expects=(("Vary", "Cookie"),))) == [
        "header `Vary` is `Accept, Origin`, expected `Cookie`"
    ]


def test_a_step_that_expects_nothing_fails_on_an_error_page(shop: Site) -> None:
    result = Watched().one(shop.url, step("/nowhere"))
    assert (result.state, result.checked) == (State.FAILED, 0)
    assert result.message == "status is 404, and the step expects nothing; write `status: 404` if that is right"
    assert Watched().one(shop.url, step("/nowhere", status="404")).ok
    assert Watched().one(shop.url, step("/nowhere", 'jsonpath "$.error" == "none"')).ok
    assert Watched().one(shop.url, step("/old")).ok


def test_a_step_that_only_captures_fails_on_an_error_page_that_holds_what_it_captures(shop: Site) -> None:
    shop.routes["/job"] = in_turn(*[said({"id": "7f3a91"}, 503)] * 3)
    taken = {"job": 'jsonpath "$.id"'}
    result = Watched().one(shop.url, step("/job", captures=taken))
    assert (result.state, result.checked) == (State.FAILED, 1)
    assert result.message == "status is 503, and the step only captures; write `status: 503` if that is right"
    assert Watched().one(shop.url, step("/job", captures=taken, status="503")).ok
    assert Watched().one(shop.url, step("/job", 'jsonpath "$.id" exists', captures=taken)).ok


def test_asserts_see_variables_and_the_time_of_the_run(shop: Site) -> None:
    shop.routes["/backup"] = lambda _: said({"at": NOON.isoformat(), "sha": "abc"})
    given = step("/backup", 'jsonpath "$.at" age < 1s', 'jsonpath "$.sha" == "{{sha}}"')
    run = Watched().run(plan(shop.url, scenario("a", given), variables={"sha": "abc"}))
    assert run.steps[0].message == ""


def test_asserts_see_a_variable_as_it_was_before_the_step_captured_it_anew(shop: Site) -> None:
    shop.routes["/count"] = in_turn(said({"n": 1}), said({"n": 2}))
    first = step("/count", captures={"n": 'jsonpath "$.n"'})
    again = step("/count", 'jsonpath "$.n" != {{n}}', captures={"n": 'jsonpath "$.n"'})
    now = step("/ok", 'variable "n" == 2')
    run = Watched().run(plan(shop.url, scenario("a", first, again, now)))
    assert [result.message for result in run.steps] == ["", "", ""]


def test_a_failed_expectation_is_tried_again_until_it_holds(shop: Site) -> None:
    shop.routes["/order"] = in_turn(said({"state": "new"}), said({}, 503), Said(HANG_UP), said({"state": "ready"}))
    watched = Watched()
    result = watched.one(
        shop.url, step("/order", READY, method="POST", status="200", retry=5, retry_interval=2.0, delay=1.0)
    )
    assert (result.state, result.attempts, result.message) == (State.PASSED, 4, "")
    assert watched.waits == [1.0, 2.0, 2.0, 2.0]
    assert len(shop.seen) == 4


def test_a_further_attempt_is_not_held_against_what_the_one_before_it_captured(shop: Site) -> None:
    shop.routes["/wanted"], shop.routes["/served"] = lambda _: said({"v": "new"}), lambda _: said({"v": "old"})
    wanted = step("/wanted", captures={"v": 'jsonpath "$.v"'})
    served = step("/served", 'jsonpath "$.v" == {{v}}', captures={"v": 'jsonpath "$.v"'}, retry=2)
    result = Watched().run(plan(shop.url, scenario("a", wanted, served))).steps[1]
    assert (result.state, result.attempts) == (State.FAILED, 3)


def test_after_the_last_retry_the_last_attempt_is_told(shop: Site) -> None:
    shop.routes["/order"] = in_turn(said({}, 500), said({}, 502), said({}, 503))
    watched = Watched()
    result = watched.one(shop.url, step("/order", status="200", retry=1, method="POST"))
    assert (result.state, result.attempts, result.message) == (State.FAILED, 2, "status is 502, expected 200")
    assert shop.paths() == ["POST /order"] * 2
    assert watched.run(plan(shop.url, scenario("a", step("/order", status="200")))).requests == 1


def test_a_terminal_condition_ends_the_retries_and_fails_the_step(shop: Site) -> None:
    terminal = 'jsonpath "$.state" == "failed"'
    shop.routes["/order"] = in_turn(said({"state": "new"}), said({"state": "failed"}))
    result = Watched().one(shop.url, step("/order", READY, retry=9, fail_when=(terminal,)))
    assert (result.state, result.attempts) == (State.FAILED, 2)
    assert result.failures[0].message == (f"the terminal condition `{terminal}` holds, so no further attempt is made")
    assert len(result.failures) == 2


def test_a_terminal_condition_fails_a_step_whose_expectations_hold(shop: Site) -> None:
    assert Watched().one(shop.url, step("/ok", READY, fail_when=("status == 200",))).state is State.FAILED
    assert Watched().one(shop.url, step("/ok", READY, fail_when=("status == 201",))).ok


def test_retry_without_end_ends_after_a_thousand_times_max_time(shop: Site) -> None:
    time = [0.0]
    watched = Watched()

    def pause(_: Event, seconds: float) -> None:
        time[0] += seconds

    given = step("/nowhere", status="200", retry=-1, retry_interval=300.0, max_time=1.0)
    result = watched.one(shop.url, given, clock=lambda: time[0], pause=pause)
    assert (result.state, result.attempts) == (State.FAILED, 4)


def test_no_answer_at_all_is_a_failure_told_without_query_and_tried_again(shop: Site) -> None:
    result = Watched().one("http://127.0.0.1:1", step("/x?token=abc", name="x", retry=1))
    assert (result.state, result.attempts, result.status, result.answer) == (State.FAILED, 2, None, None)
    assert result.message.startswith("http://127.0.0.1:1/x: ")
    assert "token" not in repr(result)
    assert result.failures[0].actual == "refused"


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://127.0.0.1:0/", "/{{newUuid}}\u0000"])
def test_what_no_attempt_can_mend_is_an_error_and_not_tried_again(shop: Site, url: str) -> None:
    watched = Watched()
    result = watched.one(shop.url, step(url, retry=3))
    assert result.state is State.ERROR
    assert result.attempts <= 1
    assert watched.waits == []


def test_a_redirect_to_a_forbidden_address_is_the_servers_failure(shop: Site) -> None:
    shop.routes["/out"] = lambda _: moved("http://169.254.169.254/latest/meta-data")
    result = Watched().one(shop.url, step("/out", location=True))
    assert (result.state, result.attempts) == (State.FAILED, 1)


def test_a_container_that_asks_itself_is_told_what_to_write_instead() -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://localhost:{taken.getsockname()[1]}"
        inside = Watched().one(url, step("/"), surroundings=Surroundings(True, "172.18.0.1"))
        outside = Watched().one(url, step("/"))
    assert "`localhost` is this action's own container here" in inside.message
    assert "the Docker gateway (`172.18.0.1`), with the process listening on 0.0.0.0" in inside.message
    assert "container" not in outside.message


def test_redirects_are_answers_unless_they_are_to_be_followed(shop: Site) -> None:
    assert messages(shop, step("/old", 'header "Location" == "/older"', status="302")) == []
    followed = step(
        "/old", 'url endsWith "/home"', "redirects count == 2", 'jsonpath "$.cookies.seen" == "1"', location=True
    )
    assert messages(shop, followed) == []
    result = Watched().one(shop.url, step("/old", location=True, max_redirs=1))
    assert result.state is State.FAILED
    assert "redirects more than 1 times" in result.message
    assert messages(shop, step("/old", status="204", location=True)) == [
        "status is 200 after 2 redirects, expected 204"
    ]
    assert messages(shop, step("/older", status="204", location=True)) == [
        "status is 200 after 1 redirect, expected 204"
    ]


def test_the_result_tells_what_was_asked_without_query_and_who_answered(shop: Site) -> None:
    result = Watched().one(shop.url, step("/ok?secret=1#top", method="GET", params=(("q", "a b&c"),)))
    assert shop.seen[0].path == "/ok?secret=1&q=a%20b%26c"
    assert (result.method, result.url, result.status) == ("GET", f"{shop.url}/ok", 200)
    assert (result.test, result.name, result.place) == ("alone", "/ok?secret=1#top", PLACE)
    assert result.address == "127.0.0.1"
    assert 0 < result.seconds <= result.finished - result.started
    assert result.answer is not None
    assert json.loads(result.answer.body)["state"] == "ready"


def test_a_slow_answer_is_cut_off_at_max_time_and_a_large_one_at_max_filesize(shop: Site) -> None:
    over = Event()
    shop.routes["/slow"] = lambda _: said(over.wait(30))
    slow, large = step("/slow", max_time=0.2, connect_timeout=9.0), step("/ok", max_filesize=10)
    results = [Watched().one(shop.url, given) for given in (slow, large)]
    over.set()
    assert [result.state for result in results] == [State.FAILED] * 2
    assert results[0].seconds < 5
    assert "more than 10 bytes" in results[1].message


def test_a_redacted_capture_is_hidden_before_anything_quotes_it_and_whole(shop: Site) -> None:
    token = "t0ken-" + "x7" * 100
    shop.routes["/login"] = lambda _: said(
        {"token": token, "all": [{"id": token[::-1]}]}, 200, ("X-Token", f"Bearer {token}")
    )
    given = step(
        "/login",
        'jsonpath "$.token" == "abc"',
        'header "X-Token" == "abc"',
        expects=(("X-Token", "abc"),),
        schema="s.json",
        captures={"token": 'jsonpath "$.token" redact', "both": 'jsonpath "$.all" redact', "pin": "status"},
    )
    schema = {"properties": {"token": {"maxLength": 3}, "all": {"type": "string"}}}
    watched = Watched(files={"s.json": json.dumps(schema).encode()})
    result = watched.one(shop.url, given)
    assert sorted(watched.hidden) == sorted([token, token[::-1]])
    assert len(result.failures) == 5
    assert not any("x7x7" in text or "7x7x" in text for text in (repr(result), result.message))


@pytest.mark.parametrize("query", ["$.short", "$.none", "$.tags"])
def test_a_redacted_capture_that_is_too_short_to_be_masked_fails(shop: Site, query: str) -> None:
    watched = Watched()
    result = watched.one(shop.url, step("/ok", captures={"it": f'jsonpath "{query}" redact'}))
    assert result.message == (
        "the capture `it` cannot be masked: what it finds is shorter than 6 characters, and hiding that would hide"
        " ordinary words; capture the whole secret, or leave out `redact`"
    )
    assert watched.hidden == []
    assert "abc" not in repr(result)


def test_a_number_can_be_kept_secret_too(shop: Site) -> None:
    watched = Watched()
    assert watched.one(shop.url, step("/ok", captures={"pin": 'jsonpath "$.pin" redact'})).ok
    assert watched.hidden == ["1234567"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "s.json: does not exist"),
        ({"s.json": b"{"}, "s.json: is not JSON"),
        ({"s.json": b'{"type": "objekt"}'}, "s.json: is no valid JSON Schema at $.type"),
    ],
)
def test_a_schema_that_cannot_be_used_is_an_error_before_anything_is_sent(
    shop: Site, files: dict[str, bytes], expected: str
) -> None:
    result = Watched(files=files).one(shop.url, step("/ok", schema="s.json", method="POST"))
    assert (result.state, shop.seen) == (State.ERROR, [])
    assert result.message.startswith(expected)


def test_a_schema_names_the_places_that_break_it(shop: Site) -> None:
    schema = {"properties": {"tags": {"items": {"type": "string"}}}, "required": ["id"]}
    watched = Watched(files={"schemas/item.json": json.dumps(schema).encode()})
    assert messages(shop, step("/ok", schema="schemas/item.json"), watched) == [
        "$.tags[1]: 2 is not of type 'string' (schemas/item.json)",
        "$: 'id' is a required property (schemas/item.json)",
    ]
    assert messages(shop, step("/login-page", schema="schemas/item.json"), watched)[0].startswith(
        "the body is not JSON"
    )


def test_an_answer_of_another_media_type_than_is_described_fails(shop: Site) -> None:
    described = Bodies(statuses("200"), (("application/json", "any.json"),))
    asked = [replace(step(url, status="200"), bodies=(described,)) for url in ("/ok", "/login-page")]
    watched = Watched(files={"any.json": b"true"})
    assert messages(shop, asked[0], watched) == []
    (told,) = messages(shop, asked[1], watched)
    assert told.startswith("it was 200 with text/html and ")
    assert told.endswith("and only application/json is described for 200")


def test_fail_fast_leaves_a_step_that_waits_for_its_retry(shop: Site) -> None:
    failed = Event()

    def bad(_: Asked) -> Said:
        return said({}, 500)

    waiting, failing = (
        step("/nowhere", status="200", retry=9, retry_interval=60.0),
        step("/bad", status="200", delay=0.05),
    )
    shop.routes["/bad"] = bad
    run = Watched().run(
        plan(shop.url, scenario("a", waiting), scenario("b", failing), parallel=2),
        fail_fast=True,
        pause=lambda event, seconds: event.wait(seconds) if seconds > 1 else failed.wait(seconds),
    )
    assert [result.state for result in run.steps] == [State.SKIPPED, State.FAILED]
    assert run.steps[0].message == ("fail-fast: the step `/bad` of `b` failed; so far: status is 404, expected 200")
    assert run.steps[0].attempts == 1


def test_hostile_answers_are_told_in_one_short_line(shop: Site) -> None:
    hostile = "\u202e::error::" + "x" * 9000
    body = json.dumps({"a": hostile, hostile: 1}).encode()
    shop.routes["/h"] = lambda _: Said(200, body, (("Content-Type", "y" * 9000), ("X", "z" * 9000)))
    watched = Watched(files={"s.json": b'{"properties": {"a": {"type": "integer"}}, "additionalProperties": false}'})
    given = step("/h", 'jsonpath "$.a" == "b"', expects=(("X", "1"), ("Y", "1")), schema="s.json", status="404")
    result = watched.one(shop.url, given)
    assert len(result.failures) == 6
    for failure in result.failures:
        for text in (failure.message, failure.expected, failure.actual):
            assert len(text) <= 400
            assert not {"\n", "\u202e"} & set(text)
