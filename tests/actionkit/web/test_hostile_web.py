"""What a hostile server or plan tries with the client: each was tried for real before it stood here."""

from __future__ import annotations

import pytest
from tests.actionkit.web.rawserver import RawServer, answer, answers

from actionkit.web.client import Client
from actionkit.web.cookies import Jar
from actionkit.web.guard import forbidden
from actionkit.web.model import Limits, Request, Trouble
from actionkit.web.redirects import next_request
from actionkit.web.url import parsed


@pytest.mark.parametrize("status", [b"102 Processing", b"104 Upload Resumption Supported", b"199 Anything"])
def test_an_interim_answer_that_nobody_knows_is_not_the_answer(status: bytes) -> None:
    with RawServer(answers(b"HTTP/1.1 " + status + b"\r\n\r\n" + answer(b"late"))) as server, Client() as client:
        got = client.send(Request("GET", server.url), Limits())
    assert (got.status, got.body) == (200, b"late")


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((b"2", b"5"), "comes with two values of Content-Length"),
        ((b"1_0",), "comes with a Content-Length that is no number"),
        ((b"+2",), "comes with a Content-Length that is no number"),
        ((b"2, 2",), "comes with a Content-Length that is no number"),
    ],
)
def test_a_body_of_which_nobody_knows_the_end_is_no_answer(lengths: tuple[bytes, ...], expected: str) -> None:
    head = b"".join(b"Content-Length: " + length + b"\r\n" for length in lengths)
    said = b"HTTP/1.1 200 OK\r\n" + head + b"\r\nokokokokok"
    with RawServer(answers(said)) as server, Client() as client, pytest.raises(Trouble, match=expected):
        client.send(Request("GET", server.url), Limits())


def test_the_same_length_twice_is_one() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"
    with RawServer(answers(said)) as server, Client() as client:
        assert client.send(Request("GET", server.url), Limits()).body == b"ok"


@pytest.mark.parametrize(
    "coding", [b"chunked ", b"Chunked\t", b"identity\r\nTransfer-Encoding: chunked", b"chunked\r\nContent-Length: 3"]
)
def test_chunks_are_known_however_their_header_is_spelled(coding: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    with RawServer(answers(said)) as server, Client() as client:
        assert client.send(Request("GET", server.url), Limits()).body == b"ok"


@pytest.mark.parametrize("end", [b"0", b"0\r\n", b"0\r\nX-Checksum: 1"])
def test_chunks_without_their_very_end_are_cut_off(end: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + end
    with RawServer(answers(said)) as server, Client() as client, pytest.raises(Trouble) as caught:
        client.send(Request("GET", server.url), Limits())
    assert caught.value.detail == "closed the connection in the middle of its answer (2 bytes in chunks came)"


def test_megabytes_of_headers_are_not_even_parsed() -> None:
    """A hundred lines of 64 KiB are within http.client's limits, and such took ten times the deadline."""
    said = b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"a\r" * 32_000 + b"\r\n") * 98 + b"Content-Length: 2\r\n\r\nok"
    with RawServer(answers(said)) as server, Client() as client, pytest.raises(Trouble) as caught:
        client.send(Request("GET", server.url), Limits())
    assert caught.value.detail == "answers with more than 300 kB of headers"


def test_oracles_metadata_service_is_refused_over_ipv6_too() -> None:
    assert "metadata service" in forbidden("fd00:c1::a9fe:a9fe", "db.internal", ())


KEYS = ("X-Auth", "X-Auth-Key", "X-Access-Key", "X-Functions-Key", "X-Signature", "X-Passwd", "X-Csrf", "X-Api-Key")


@pytest.mark.parametrize("name", KEYS)
def test_a_header_that_sounds_like_a_key_stays_at_its_origin(name: str) -> None:
    request = Request("GET", "https://shop.example/a", ((name, "canary"), ("Accept", "text/html")))
    here, there = "https://shop.example/b", "https://evil.example/"
    assert next_request(request, parsed(request.url), 302, there)[0].headers == (("Accept", "text/html"),)
    assert next_request(request, parsed(request.url), 302, here)[0].headers == request.headers


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("__Secure-a=1; Secure", "https://shop.example/", "__Secure-a=1"),
        ("__Secure-a=1", "https://shop.example/", ""),
        ("__secure-a=1; Path=/", "https://shop.example/", ""),
        ("__Secure-a=1; Secure", "http://shop.example/", ""),
        ("__Host-a=1; Secure; Path=/", "https://shop.example/", "__Host-a=1"),
        ("__Host-a=1; Secure", "https://shop.example/", ""),
        ("__Host-a=1; Secure; Path=/; Domain=shop.example", "https://shop.example/", ""),
        ("__Host-a=1; Path=/", "https://shop.example/", ""),
    ],
)
def test_a_cookie_that_browsers_refuse_for_its_name_is_refused(cookie: str, url: str, sent: str) -> None:
    jar = Jar()
    jar.take(url, [("Set-Cookie", cookie)])
    assert jar.header(url.replace("http:", "https:")) == sent
