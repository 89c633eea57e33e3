"""What a whole answer holds, and what goes over the wire for it."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib

import pytest
from tests.actionkit.web.rawserver import Peer, RawServer, answer, answers

from actionkit.web.client import Client
from actionkit.web.cookies import Jar
from actionkit.web.model import MB, Answer, Cause, Limits, Request, Timings, Trouble
from actionkit.web.way import Way

OK = b"HTTP/1.1 200 OK\r\n"


def get(url: str, *headers: tuple[str, str], method: str = "GET", body: bytes | None = None) -> Answer:
    with Client() as client:
        return client.send(Request(method, url, headers, body), Limits())


def refused(url: str, *headers: tuple[str, str], method: str = "GET", body: bytes | None = None) -> Trouble:
    with pytest.raises(Trouble) as caught:
        get(url, *headers, method=method, body=body)
    assert caught.value.cause is Cause.BAD_REQUEST
    return caught.value


def test_an_answer_holds_everything_that_can_be_asserted() -> None:
    said = answer(b"hello", b"Set-Cookie: a=1", b"Set-Cookie: b=2", b"X-Folded: one\r\n two", status=b"404 Not  Here")
    with RawServer(answers(said)) as server:
        got = get(f"{server.url}/a?b=c")
    assert (got.status, got.reason, got.version, got.body, got.encoded_bytes) == (
        404,
        "Not  Here",
        "HTTP/1.1",
        b"hello",
        5,
    )
    assert got.all_headers("set-cookie") == ("a=1", "b=2")
    assert got.header("x-folded") == "one two"
    assert (got.url, got.address, got.tls, got.hops) == (f"{server.url}/a?b=c", "127.0.0.1", None, ())
    timings = got.timings
    assert 0 < timings.tcp < got.seconds
    assert min(timings.dns, timings.send, timings.wait, timings.receive) >= 0
    assert (timings.tls, timings.proxy) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (OK + b"\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", b"old"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + answer(b"late"), b"late"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\nignored??", b""),
        (b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbinary", b""),
        (answer(gzip.compress(b"packed", mtime=0), b"Content-Encoding: x-gzip"), b"packed"),
        (answer(gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0), b"Content-Encoding: gzip"), b"onetwo"),
        (answer(gzip.compress(b"padded", mtime=0) + b"\0" * 9, b"Content-Encoding: identity, gzip"), b"padded"),
        (answer(zlib.compress(b"deflated"), b"Content-Encoding: deflate"), b"deflated"),
        (answer(zlib.compress(b"bare")[2:-4], b"Content-Encoding: deflate"), b"bare"),
        (answer(b"", b"Content-Encoding: gzip"), b""),
        (answer(b"", b"Content-Encoding: deflate"), b""),
    ],
)
def test_every_framing_and_coding_is_read_to_its_end(said: bytes, body: bytes) -> None:
    with RawServer(answers(said)) as server:
        assert get(server.url).body == body


def test_deflate_that_comes_byte_by_byte_is_put_together() -> None:
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in zlib.compress(b"slowly but surely"))
    said = OK + b"Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"
    with RawServer(answers(said)) as server:
        got = get(server.url)
    assert (got.body, got.encoded_bytes) == (b"slowly but surely", len(zlib.compress(b"slowly but surely")))


def test_a_body_behind_the_answer_to_head_is_not_read() -> None:
    with RawServer(answers(answer(b"should not be here", b"Content-Encoding: gzip"))) as server:
        got = get(server.url, method="HEAD")
    assert (got.status, got.body, got.header("content-length")) == (200, b"", "18")


def test_a_gzip_bomb_costs_no_more_memory_than_is_allowed() -> None:
    made = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(made.compress(bytes(MB)) for _ in range(300)) + made.flush()
    assert len(bomb) < 300_000
    with RawServer(answers(answer(bomb, b"Content-Encoding: gzip"))) as server, Client() as client:
        with pytest.raises(Trouble):
            client.send(Request("GET", server.url), Limits())  # what is imported once does not count
        tracemalloc.start()
        try:
            with pytest.raises(Trouble) as caught:
                client.send(Request("GET", server.url), Limits(max_bytes=2 * MB))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (caught.value.cause, caught.value.received) == (Cause.TOO_LARGE, 2 * MB)
    assert peak < 4 * MB


def test_as_much_as_is_allowed_is_not_too_large() -> None:
    with RawServer(answers(answer(b"x" * 1000))) as server, Client() as client:
        assert len(client.send(Request("GET", server.url), Limits(max_bytes=1000)).body) == 1000


def test_the_request_goes_out_as_written_with_what_is_missing_added() -> None:
    with RawServer(answers(answer())) as server:
        get(f"{server.url}/ä b%2F%zz?q=ü&r=%20#part", ("X-One", "é"), ("x-two", ""))
        get(server.url, ("User-Agent", "own"), ("host", "shop.example"), ("Range", "bytes=0-1"), ("Connection", "x"))
        get(
            server.url,
            ("Accept", "a/b"),
            ("Accept-Encoding", "identity"),
            ("Content-Length", "3"),
            method="PUT",
            body=b"abc",
        )
        get(server.url, method="POST")
    port = b"%d" % server.port
    assert server.heard == [
        b"GET /%C3%A4%20b%2F%25zz?q=%C3%BC&r=%20 HTTP/1.1\r\nHost: 127.0.0.1:"
        + port
        + b"\r\nX-One: \xc3\xa9\r\nx-two: \r\n"
        b"User-Agent: verdict-actions\r\nAccept: */*\r\nConnection: close\r\nAccept-Encoding: gzip, deflate\r\n\r\n",
        b"GET / HTTP/1.1\r\nUser-Agent: own\r\nhost: shop.example\r\nRange: bytes=0-1\r\n"
        b"Connection: x\r\nAccept: */*\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: 127.0.0.1:" + port + b"\r\nAccept: a/b\r\nAccept-Encoding: identity\r\n"
        b"User-Agent: verdict-actions\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1:" + port + b"\r\nUser-Agent: verdict-actions\r\nAccept: */*\r\n"
        b"Connection: close\r\nContent-Length: 0\r\nAccept-Encoding: gzip, deflate\r\n\r\n",
    ]


def test_user_name_and_password_become_basic_auth_and_are_shown_nowhere() -> None:
    with RawServer(answers(answer()), answers(b"")) as server:
        url = server.url.replace("//", "//us%40er:p%3Aw@")
        got = get(url)
        with pytest.raises(Trouble) as caught:
            get(url, ("authorization", "Bearer own"))
    assert b"\r\nAuthorization: Basic dXNAZXI6cDp3\r\n" in server.heard[0]
    assert b"\r\nauthorization: Bearer own\r\n" in server.heard[1]
    assert b"Basic" not in server.heard[1]
    for shown in (got.url, repr(got), str(caught.value), repr(caught.value)):
        assert "p%3Aw" not in shown
        assert "us%40er" not in shown


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://host/", "does not start with http:// or https://"),
        ("/only/a/path", "does not start with http:// or https://"),
        ("http:///path", "names no host"),
        ("http://host:99999/", "host or port is malformed"),
        ("http://host:0/", "names port 0"),
        ("http://[::1/", "malformed"),
        ("http://[v1.x]/", "is no IPv6 address"),
        ("http://a..b/", "no host name and no address"),
        ("http://a b/", "no host name and no address"),
        ("http://%31.example/", "no host name and no address"),
        (f"http://{'a' * 64}.example/", "no host name and no address"),
        (f"http://{'ä' * 80}.example/", "no valid internationalised domain name"),
        ("http://host/\r\nX-Injected: 1", "holds a control character"),
        ("http://host/\ud800", "are no text"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_showing_it(url: str, words: str) -> None:
    trouble = refused(url)
    assert words in trouble.detail
    assert trouble.target == "the request"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("X-A", "secret\r\nX-B: c"), "value of the header X-A holds a control character"),
        (("X-A", "secret\0"), "holds a control character"),
        (("X-A", "\ud800"), "holds lone surrogates"),
        (("X A", "secret"), "a header's name"),
        (("", "secret"), "a header's name"),
        (("X:\r\nA", "secret"), "a header's name"),
        (("Transfer-Encoding", "chunked"), "Transfer-Encoding header cannot be given"),
        (("Content-Length", "7"), "not that of the body"),
    ],
)
def test_a_header_that_cannot_be_sent_is_told_without_its_value(header: tuple[str, str], words: str) -> None:
    trouble = refused("http://127.0.0.1:1/", header, method="POST", body=b"abc")
    assert words in trouble.detail
    assert "secret" not in str(trouble)


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "connect", "CONNECT"])
def test_a_method_that_is_none_is_refused(method: str) -> None:
    assert "the method" in refused("http://127.0.0.1:1/", method=method).detail


@pytest.mark.parametrize(
    ("host", "sent"),
    [("bücher.example", b"xn--bcher-kva.example"), ("Shop_1.Example", b"shop_1.example"), ("a.b.", b"a.b.")],
)
def test_host_names_are_sent_as_dns_has_them(host: str, sent: bytes) -> None:
    asked: list[str] = []

    def resolve(name: str, _port: int) -> tuple[str, ...]:
        asked.append(name)
        return ("127.0.0.1",)

    with RawServer(answers(answer())) as server, Client(Way(resolve=resolve)) as client:
        client.send(Request("GET", f"http://{host}:{server.port}"), Limits())
    assert asked == [sent.decode()]
    assert b"Host: %s:%d\r\n" % (sent, server.port) in server.heard[0]


def test_ipv6_works_in_brackets() -> None:
    try:
        server = RawServer(answers(answer()), address="::1")
    except OSError:
        pytest.skip("this machine has no ::1")
    with server:
        got = get(server.url)
    assert got.address == "::1"
    assert b"Host: [::1]:%d\r\n" % server.port in server.heard[0]


def test_cookies_of_the_jar_are_sent_and_kept() -> None:
    jar = Jar()
    with RawServer(answers(answer(b"", b"Set-Cookie: b=2"))) as server, Client() as client:
        jar.set("a", "1", server.url)
        client.send(Request("GET", server.url), Limits(), jar=jar)
        client.send(Request("GET", server.url, (("Cookie", "own=0"),)), Limits(), jar=jar)
    assert b"\r\nCookie: a=1\r\n" in server.heard[0]
    assert b"\r\nCookie: own=0; a=1; b=2\r\n" in server.heard[1]


def test_a_server_may_end_its_side_first() -> None:
    def half_closes(peer: Peer) -> None:
        peer.hear()
        peer.say(OK, b"\r\nbye")
        peer.sock.shutdown(socket.SHUT_WR)
        peer.hang()

    with RawServer(half_closes) as server:
        assert get(server.url).body == b"bye"


def test_timings_of_an_answer_add_up_to_no_more_than_the_whole() -> None:
    with RawServer(answers(answer())) as server:
        got = get(server.url)
    parts = got.timings
    assert parts != Timings()
    assert sum((parts.dns, parts.tcp, parts.send, parts.wait, parts.receive)) <= got.seconds
