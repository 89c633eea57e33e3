"""Every way in which a server can fail, over real sockets: each gives its own cause, phase and sentence, in time."""

from __future__ import annotations

import errno
import gzip
import time

import pytest
from tests.actionkit.web.rawserver import Behaviour, Peer, RawServer, answer, answers

from actionkit.web.client import Client
from actionkit.web.model import Cause, Limits, Phase, Request, Trouble
from actionkit.web.symptoms import Seen, told

LIMITS = Limits(connect_seconds=5, total_seconds=5, max_bytes=100_000)
SHORT = Limits(connect_seconds=0.4, total_seconds=0.4, max_bytes=100_000)
MARGIN = 0.1 + 0.9  # what is promised, and what a busy machine may add
OK = b"HTTP/1.1 200 OK\r\n"


def trouble_with(url: str, limits: Limits = LIMITS, method: str = "GET", body: bytes | None = None) -> Trouble:
    begun = time.monotonic()
    with pytest.raises(Trouble) as caught, Client() as client:
        client.send(Request(method, url, body=body), limits)
    assert time.monotonic() - begun < limits.total_seconds + MARGIN
    assert caught.value.seconds <= limits.total_seconds + MARGIN
    return caught.value


def hangs_after(said: bytes) -> Behaviour:
    def behave(peer: Peer) -> None:
        peer.hear()
        peer.say(said)
        peer.hang()

    return behave


def resets_after(said: bytes) -> Behaviour:
    def behave(peer: Peer) -> None:
        peer.hear()
        if said:
            peer.say(said)
            time.sleep(0.05)  # a reset overtakes what was not read yet
        peer.reset()

    return behave


def dribbles(first: bytes, then: bytes) -> Behaviour:
    def behave(peer: Peer) -> None:
        peer.hear()
        peer.say(first)
        peer.dribble(then * 1000, 0.02)

    return behave


def floods(first: bytes, then: bytes) -> Behaviour:
    def behave(peer: Peer) -> None:
        peer.hear()
        peer.say(first)
        while not peer.server.over.is_set():
            peer.say(then)

    return behave


def never_reads(peer: Peer) -> None:
    peer.hang()


CASES: list[tuple[str, Behaviour, Cause, Phase, str]] = [
    ("silent", hangs_after(b""), Cause.SILENT, Phase.WAIT, "sent no byte of an answer within 0.4 s"),
    ("closed", answers(b""), Cause.CLOSED, Phase.WAIT, "closed the connection without an answer"),
    ("reset", resets_after(b""), Cause.RESET, Phase.WAIT, "reset the connection before it answered"),
    ("reset midway", resets_after(OK + b"Content-Length: 9\r\n\r\nabc"), Cause.RESET, Phase.RECEIVE, "(3 of 9 bytes"),
    ("slow headers", hangs_after(OK + b"Date: x\r\n"), Cause.SLOW, Phase.RECEIVE, "did not finish its headers within"),
    ("trickled headers", dribbles(OK, b"A: b\r\n"), Cause.SLOW, Phase.RECEIVE, "did not finish its headers"),
    ("endless 100", floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), Cause.SLOW, Phase.RECEIVE, "did not finish"),
    ("endless 103", floods(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), Cause.SLOW, Phase.RECEIVE, "did not finish"),
    ("slow body", hangs_after(OK + b"Content-Length: 9\r\n\r\nabc"), Cause.SLOW, Phase.RECEIVE, "(3 of 9 bytes"),
    ("trickled body", dribbles(OK + b"Content-Length: 900\r\n\r\n", b"x"), Cause.SLOW, Phase.RECEIVE, "of 900 bytes"),
    ("unframed body", hangs_after(OK + b"\r\nabc"), Cause.SLOW, Phase.RECEIVE, "(3 bytes of the body came)"),
    ("trickled chunks", dribbles(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), Cause.SLOW, Phase.RECEIVE,
     "of the body came"),
    ("endless trailers", floods(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"), Cause.SLOW,
     Phase.RECEIVE, "(0 bytes of the body came)"),
    ("short body", answers(OK, b"Content-Length: 9\r\n\r\nabc"), Cause.TRUNCATED, Phase.RECEIVE, "(3 of 9 bytes came)"),
    ("cut headers", answers(OK, b"Content-Le"), Cause.TRUNCATED, Phase.RECEIVE, "in the middle of the headers"),
    ("cut status", answers(b"HTTP/1.1 200 OK"), Cause.TRUNCATED, Phase.RECEIVE, "in the middle of the headers"),
    ("cut chunk", answers(OK, b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc"), Cause.TRUNCATED, Phase.RECEIVE,
     "(3 bytes in chunks came)"),
    ("cut chunks", answers(OK, b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), Cause.TRUNCATED, Phase.RECEIVE,
     "(3 bytes in chunks came)"),
    ("no chunk size", answers(OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), Cause.UNDECODABLE, Phase.RECEIVE,
     "in broken chunks (after 0 bytes"),
    ("no chunk end", answers(OK, b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdefg\r\n"), Cause.UNDECODABLE,
     Phase.RECEIVE, "in broken chunks (after 3 bytes"),
    ("transfer coding", answers(OK, b"Transfer-Encoding: gzip, chunked\r\n\r\n"), Cause.UNDECODABLE, Phase.RECEIVE,
     "in a Transfer-Encoding other than chunked"),
    ("length", answers(OK, b"Content-Length: many\r\n\r\nabc"), Cause.UNDECODABLE, Phase.RECEIVE, "that is no number"),
    ("not gzip", answers(answer(b"hello", b"Content-Encoding: gzip")), Cause.UNDECODABLE, Phase.RECEIVE,
     "is no valid gzip data"),
    ("cut gzip", answers(answer(gzip.compress(b"hello" * 99, mtime=0)[:-9], b"Content-Encoding: gzip")),
     Cause.UNDECODABLE, Phase.RECEIVE, "ends in the middle of its gzip data"),
    ("not deflate", answers(answer(b"\xff\xff\xff", b"Content-Encoding: deflate")), Cause.UNDECODABLE, Phase.RECEIVE,
     "is no valid deflate data"),
    ("brotli", answers(answer(b"x", b"Content-Encoding: br")), Cause.UNDECODABLE, Phase.RECEIVE, "other than gzip and"),
    ("twice", answers(answer(b"x", b"Content-Encoding: gzip, deflate")), Cause.UNDECODABLE, Phase.RECEIVE,
     "encoded more than once"),
    ("announced too large", answers(OK, b"Content-Length: 100001\r\n\r\n"), Cause.TOO_LARGE, Phase.RECEIVE,
     "more than 100000 bytes (it announces 100001)"),
    ("too large", floods(OK + b"\r\n", b"x" * 9999), Cause.TOO_LARGE, Phase.RECEIVE, "of more than 100000 bytes"),
    ("no HTTP", answers(b"welcome\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "answers in something other than HTTP"),
    ("blank line", answers(b"\r\n\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "answers in something other than HTTP"),
    ("status", answers(b"HTTP/1.1 abc OK\r\n\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "break the rules of HTTP"),
    ("SSH", answers(b"SSH-2.0-OpenSSH_9.2\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "is an SSH server"),
    ("banner that waits", hangs_after(b"220 mail"), Cause.NOT_HTTP, Phase.RECEIVE, "is a mail or FTP server"),
    ("TLS", answers(b"\x15\x03\x01\x00\x02\x02\x46"), Cause.NOT_HTTP, Phase.RECEIVE, "write https://"),
    ("HTTP/2", answers(b"\0\0\x12\x04\0\0\0\0\0"), Cause.NOT_HTTP, Phase.RECEIVE, "speaks only HTTP/2"),
    ("HTTP/3", answers(b"HTTP/3 200 OK\r\n\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "a version of HTTP other than"),
    ("no header", answers(OK, b"Foo : bar\r\nContent-Length: 2\r\n\r\nok"), Cause.NOT_HTTP, Phase.RECEIVE,
     "headers that break the rules"),
    ("nameless header", answers(OK, b": bar\r\n\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "headers that break the rules"),
    ("long line", answers(OK, b"A: " + b"b" * 70_000 + b"\r\n\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "more than 64 KiB"),
    ("101 headers", answers(OK, b"A: b\r\n" * 101, b"\r\n"), Cause.NOT_HTTP, Phase.RECEIVE, "more than 100 headers"),
]  # fmt: skip


@pytest.mark.parametrize(("behaviour", "cause", "phase", "words"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_every_misbehaviour_has_its_own_diagnosis_and_ends_in_time(
    behaviour: Behaviour, cause: Cause, phase: Phase, words: str
) -> None:
    with RawServer(behaviour) as server:
        limits = SHORT if "within 0.4 s" in words or cause is Cause.SLOW or "mail" in words else LIMITS
        trouble = trouble_with(f"{server.url}/x?token=s3cret-query", limits)
    assert (trouble.cause, trouble.phase) == (cause, phase), trouble
    assert words in trouble.detail
    assert str(trouble) == f"{server.url}/x: {trouble.detail}"
    assert trouble.address == "127.0.0.1"


def test_a_server_that_takes_no_more_of_the_request_is_slow_while_sending() -> None:
    with RawServer(never_reads) as server:
        trouble = trouble_with(server.url, SHORT, method="POST", body=b"x" * 30_000_000)
    assert (trouble.cause, trouble.phase) == (Cause.SLOW, Phase.SEND)
    assert "did not take the whole request" in trouble.detail


def test_a_server_that_hangs_up_while_it_is_sent_to_has_reset_the_connection() -> None:
    with RawServer(lambda peer: peer.reset()) as server:
        trouble = trouble_with(server.url, method="POST", body=b"x" * 30_000_000)
    assert trouble.cause is Cause.RESET
    assert trouble.phase in (Phase.TCP, Phase.SEND)


def test_an_answer_that_comes_before_the_request_is_out_counts() -> None:
    def turns_away(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.say(answer(b"too much", status=b"413 Content Too Large"))
        time.sleep(0.05)

    with RawServer(turns_away) as server, Client() as client:
        got = client.send(Request("POST", server.url, body=b"x" * 30_000_000), Limits())
    assert (got.status, got.body) == (413, b"too much")


def test_what_came_before_a_failure_is_told() -> None:
    with RawServer(answers(OK, b"Content-Length: 9\r\n\r\nabc")) as server:
        trouble = trouble_with(server.url)
    assert (trouble.status, trouble.received) == (200, 3)


def test_the_time_of_a_failure_is_told_by_phase() -> None:
    with RawServer(hangs_after(b"")) as server:
        spent = trouble_with(server.url, SHORT).timings
    assert spent.tcp > 0
    assert spent.wait > 0.3
    assert spent.receive == 0.0


def test_other_errors_of_the_network_are_told_by_name() -> None:
    failure = told(OSError(errno.EHOSTUNREACH, "No route to host"), Seen(asked=True), b"", 1.0)
    assert (failure.cause, failure.phase) == (Cause.UNREACHABLE, Phase.WAIT)
    assert failure.detail == "was lost from sight: No route to host (EHOSTUNREACH)"
    assert told(OSError("odd"), Seen(), b"", 1.0).detail == "was lost from sight: OSError"
