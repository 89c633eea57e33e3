"""Whatever bytes a server sends, in whatever pieces: an Answer or a Trouble comes out, in time and within bounds."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.actionkit.web.rawserver import Peer, RawServer, answer, answers

from actionkit.web.client import Client
from actionkit.web.cookies import Jar
from actionkit.web.model import Answer, Cause, Limits, Request, Trouble

LIMITS = Limits(connect_seconds=1, total_seconds=1, max_bytes=3000)
PARTS = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 404 No\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 302 Found\r\n",
    b"HTTP/1.1 204 No\r\n",
    b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate\r\n",
    b"Content-Type: multipart/x; boundary*=\"x'y'%00\r\n", b"Content-Type: message/rfc822\r\n", b"From x\r\n",
    b" folded\r\n",
    b"Location: /next\r\n", b"Location: //[\r\n", b"Set-Cookie: a=b; Max-Age=x; Expires=0\r\n", b": x\r\n", b"\r\n",
    b"\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b"-5\r\n", b"ffffffffffffffffff\r\n", b"0x1\r\n", b"hello",
    b"\x00\xff\x1b[31m",
    gzip.compress(b"x" * 5000, mtime=0), gzip.compress(b"hello", mtime=0), b"\x15\x03\x01", b"\r", b"\x0b\x0c\x1c\x85",
)  # fmt: skip

pieces = st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=30)), max_size=14)
begun = st.lists(st.sampled_from(PARTS), max_size=12).map(lambda parts: [PARTS[0], *parts])


def outcome(said: Sequence[bytes], method: str) -> Answer | Trouble:
    def behave(peer: Peer) -> None:
        peer.hear()
        for piece in said:
            peer.say(piece)

    with RawServer(behave) as server, Client(keep=True) as client:
        try:
            return client.send(Request(method, server.url), LIMITS, follow=1, jar=Jar())
        except Trouble as trouble:
            return trouble


@settings(max_examples=100)
@given(st.one_of(begun, pieces), st.sampled_from(["GET", "HEAD", "POST"]))
def test_garbage_ends_in_an_answer_or_a_trouble(said: list[bytes], method: str) -> None:
    got = outcome(said, method)
    assert got.seconds < LIMITS.total_seconds + 1
    if isinstance(got, Answer):
        assert len(got.body) <= LIMITS.max_bytes
        assert 100 <= got.status <= 999
        assert all("\n" not in name + value and "\r" not in name + value for name, value in got.headers)
    else:
        assert got.detail
        assert got.received <= LIMITS.max_bytes
        assert got.detail.isascii()


@settings(max_examples=60)
@given(
    st.text(max_size=12),
    st.lists(st.tuples(st.sampled_from(["X-A", "Cookie", "Host", "A B", "é", ""]), st.text(max_size=8)), max_size=3),
    st.one_of(st.sampled_from(["GET", "PUT", "get"]), st.text(max_size=4)),
    st.one_of(st.none(), st.binary(max_size=20)),
)
def test_whatever_is_asked_for_ends_in_an_answer_or_a_trouble(
    path: str, headers: list[tuple[str, str]], method: str, body: bytes | None
) -> None:
    with RawServer(answers(answer())) as server, Client() as client:
        try:
            got: Answer | Trouble = client.send(Request(method, f"{server.url}/{path}", tuple(headers), body), LIMITS)
        except Trouble as trouble:
            got = trouble
    assert isinstance(got, Answer) or got.cause is Cause.BAD_REQUEST
    for heard in server.heard:
        assert isinstance(got, Answer)
        assert heard.count(b"\r\n\r\n") >= 1
        assert heard.split(b"\r\n")[0].count(b" ") == 2


WHOLE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=1\r\n\r\n"
    b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
)


@settings(max_examples=25)
@given(st.lists(st.integers(0, len(WHOLE)), max_size=6))
def test_how_an_answer_is_chopped_makes_no_difference(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(WHOLE)]
    got = outcome([WHOLE[low:high] for low, high in pairwise(edges)], "GET")
    assert isinstance(got, Answer)
    assert got.body == b"hello world"


@settings(max_examples=25)
@given(st.integers(0, len(WHOLE) - 1))
def test_an_answer_that_is_cut_off_anywhere_is_never_taken_for_whole(length: int) -> None:
    assert isinstance(outcome([WHOLE[:length]], "GET"), Trouble)
