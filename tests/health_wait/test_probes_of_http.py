"""An HTTP answer held against what is expected: status, body, asserts and version."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.health_wait import raw_server
from tests.health_wait.probing import a_prober, a_target, probe
from tests.health_wait.raw_server import answering, conversing, serving

from actionkit.surroundings import Surroundings
from actionkit.untrusted import one_line
from actionkit.web.model import Answer, Cause, Phase, Timings
from actionkit.web.statuses import statuses
from health_wait.http_probe import judge, same_version
from health_wait.model import Expectation

SHA = "0f3c" * 10
CANARY = "c4nary-7f3b9d"


def an_answer(status: int = 200, body: str = "", **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = [f"HTTP/1.1 {status} whatever", *lines, f"Content-Length: {len(body.encode())}", "", ""]
    return "\r\n".join(head).encode() + body.encode()


@pytest.mark.parametrize(
    ("answer", "given", "reason"),
    [
        (an_answer(), {}, ""),
        (an_answer(302, Location="/home"), {}, ""),
        (an_answer(body='{"status": "up"}'), {"expect": 'jsonpath "$.status" == "up"', "expect_body": "up"}, ""),
        (an_answer(502), {}, "answers 502 Bad Gateway, not 200-399"),
        (an_answer(404), {"expect_status": "200, 404"}, ""),
        (an_answer(299), {"expect_status": "200"}, "answers 299, not 200"),
        (an_answer(body="down"), {"expect_body": "u+p"}, "answers 200 OK, but `u+p` is not found in the body"),
        (
            an_answer(body='{"status": "starting"}'),
            {"expect": 'status == 200\njsonpath "$.status" == "up"'},
            "answers 200 OK, but",
        ),
        (
            an_answer(302, Location="https://user:pw@sso.example/authorize?next=secret"),
            {"expect_status": "200"},
            "answers 302 Found, not 200; it redirects to `https://sso.example/authorize`, which looks like a login, "
            "and redirects are not followed",
        ),
        (
            an_answer(302, Location="/home"),
            {"expect_body": "up"},
            "answers 302 Found, but `up` is not found in the body; it redirects to `http://127.0.0.1:PORT/home`, and",
        ),
        (
            an_answer(301, Location="http://[::1"),
            {"expect_status": "200"},
            "answers 301 Moved Permanently, not 200; it redirects to something that is no URL",
        ),
        (
            an_answer(body="<html><TITLE lang=en> Sign \n in </title>", Content_Type="text/html"),
            {"expect_body": "up"},
            "answers 200 OK, but `up` is not found in the body; the answer is an HTML page titled `Sign in`, "
            "which looks like a login",
        ),
        (
            an_answer(body="<html>", Content_Type="text/html; charset=utf-8"),
            {"expect_body": "up"},
            "answers 200 OK, but `up` is not found in the body; the answer is an HTML page",
        ),
    ],
)
def test_an_answer_is_held_against_what_is_expected(answer: bytes, given: dict[str, Any], reason: str) -> None:
    with serving(answering(answer)) as port:
        found = probe(f"http://127.0.0.1:{port}/health", **given)
    assert (found.ok, found.serving) == (not reason, not reason)
    assert found.reason.startswith(reason.replace("PORT", str(port)))
    assert found.address == "127.0.0.1"
    assert found.status == int(answer[9:12])
    assert found.phase is (Phase.RECEIVE if reason else None)


@pytest.mark.parametrize(
    ("answer", "given", "version", "reason"),
    [
        (an_answer(body='{"version": "1.2.0"}'), {"expect_version": "v1.2.0"}, "1.2.0", ""),
        (
            an_answer(body='{"version": "1.1.0"}'),
            {"expect_version": "1.2.0"},
            "1.1.0",
            "serves version `1.1.0`, not `1.2.0`",
        ),
        (
            an_answer(X_Version=SHA[:8]),
            {"expect_version": SHA, "version_from": 'header "X-Version"', "method": "HEAD"},
            SHA[:8],
            "",
        ),
        (
            an_answer(body="{}"),
            {"expect_version": "1.2.0"},
            None,
            'answers 200 OK, but states no version: `jsonpath "$.version"` ',
        ),
        (
            an_answer(302, body="", Location="/login"),
            {"expect_version": "1.2.0"},
            None,
            'answers 302 Found, but states no version: `jsonpath "$.version"` ',
        ),
        (an_answer(body='{"version": 12}'), {"expect_version": "12"}, "12", ""),
    ],
)
def test_the_old_version_serves_but_is_not_the_one_awaited(
    answer: bytes, given: dict[str, Any], version: str | None, reason: str
) -> None:
    with serving(answering(answer)) as port:
        found = probe(f"http://127.0.0.1:{port}/health", **given)
    assert (found.ok, found.serving, found.version) == (not reason, True, version)
    assert found.reason.startswith(reason)
    if "302" in found.reason:
        assert found.reason.endswith("/login`, which looks like a login, and redirects are not followed")


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ("1.2.0", "1.2.0", True),
        (" v1.2.0 ", "1.2.0", True),
        ("1.2.0", "V1.2.0", True),
        ("1.2.0", "1.2.00", False),
        ("1.2", "1.2.0", False),
        ("v", "", False),
        ("version-1", "ersion-1", False),
        (SHA, SHA[:7], True),
        (SHA[:7].upper(), SHA, True),
        (SHA, SHA[:6], False),
        ("2026112", "20261121", False),
        ("1234567", "1234568", False),
        ("main-0f3c0f3", "main-0f3c0f3c", False),
    ],
)
def test_versions_are_equal_as_text_but_for_a_v_and_abbreviated_commits(expected: str, found: str, same: bool) -> None:
    assert same_version(expected, found) is same
    assert same_version(found, expected) is same


def test_an_http_login_and_headers_are_sent_and_never_told() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(an_answer(503, body=CANARY))

    with serving(script) as port:
        found = probe(f"http://smoke:{CANARY}@127.0.0.1:{port}/health", headers=f"X-Api-Key: {CANARY}-2")
    (request,) = seen
    assert b"Authorization: Basic " in request
    assert f"X-Api-Key: {CANARY}-2".encode() in request
    assert CANARY not in repr(found)


def test_a_server_that_is_not_there_is_told_with_the_phase() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        target = a_target(f"http://127.0.0.1:{taken.getsockname()[1]}/")
        found = a_prober(surroundings=Surroundings(True)).probe(target, 1.5)
    assert (found.due, found.ok, found.phase, found.cause) == (1.5, False, Phase.TCP, Cause.REFUSED)
    assert "this action's own container" in found.reason
    assert "Docker gateway, with" in found.reason


def test_an_answer_that_never_ends_is_cut_off_at_the_time_out() -> None:
    with serving(raw_server.trickling(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        found = probe(f"http://127.0.0.1:{port}/", timeout="400ms")
    assert (found.cause, found.phase) == (Cause.SLOW, Phase.RECEIVE)
    assert found.ended - found.began < 4


def test_each_probe_is_a_connection_of_its_own() -> None:
    connections = 0

    def script(connection: socket.socket) -> None:
        nonlocal connections
        connections += 1
        conversing((b"\r\n\r\n", an_answer()))(connection)

    with serving(script) as port:
        prober, target = a_prober(), a_target(f"http://127.0.0.1:{port}/")
        assert all(prober.probe(target, 0.0).ok for _ in range(3))
    assert connections == 3


@given(reply=st.binary(max_size=80) | st.binary(max_size=80).map(lambda rest: b"HTTP/1.1 200 OK\r\n\r\n" + rest))
@settings(max_examples=25)
def test_any_bytes_make_a_probe_of_http(reply: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(reply)

    with serving(script) as port:
        found = probe(f"http://127.0.0.1:{port}/", expect_version="1", expect='jsonpath "$.a" == 1', expect_body="x")
    assert found.ok == (not found.reason)
    assert one_line(found.reason) == found.reason


@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=200) | st.text(max_size=50).map(lambda title: f"<title>{title}".encode()),
    kind=st.sampled_from(("text/html", "application/json", "x;charset=idna", "")),
    location=st.text(max_size=30) | st.sampled_from(("http://[", "//x/login", "http://x:y@z:99999/")),
)
@settings(max_examples=100)
def test_any_answer_is_judged_in_a_bounded_line(status: int, body: bytes, kind: str, location: str) -> None:
    headers = (("Content-Type", kind), ("Location", location))
    answer = Answer(status, "", "HTTP/1.1", headers, body, "http://x/", "10.0.0.1", 0.1, Timings())
    target = a_target("http://x/", expect_version="1", expect='jsonpath "$" == 1', expect_body="x")
    assert target.expectation is not None
    found = judge(answer, target.expectation, datetime(2026, 1, 1, tzinfo=UTC))
    assert one_line(found.reason) == found.reason
    assert len(found.reason) < 1000


def test_without_a_version_expected_none_is_looked_for() -> None:
    answer = Answer(200, "", "HTTP/1.1", (), b"", "http://x/", "10.0.0.1", 0.1, Timings())
    found = judge(answer, Expectation(status=statuses("200")), datetime(2026, 1, 1, tzinfo=UTC))
    assert (found.ok, found.version) == (True, None)
