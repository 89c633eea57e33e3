"""Redirects: followed as far as allowed, with nothing secret taken along."""

from __future__ import annotations

import ssl

import pytest
import trustme
from tests.actionkit.web.rawserver import Peer, RawServer, answer, answers

from actionkit.web.client import Client
from actionkit.web.cookies import Jar
from actionkit.web.failure import Failure
from actionkit.web.model import Answer, Cause, Hop, Limits, Phase, Request, Trouble
from actionkit.web.redirects import next_request
from actionkit.web.url import parsed
from actionkit.web.way import Way

HEADERS = (
    ("X-Own", "1"),
    ("Authorization", "Bearer t"),
    ("Cookie", "c=1"),
    ("X-Api-Key", "k"),
    ("Content-Type", "a/b"),
)


def to(location: str, status: bytes = b"302 Found", *more: bytes) -> bytes:
    return answer(b"moved", b"Location: " + location.encode("utf-8"), *more, status=status)


def sent(server: RawServer, request: Request, follow: int, jar: Jar | None = None) -> Answer:
    with Client() as client:
        return client.send(request, Limits(), follow=follow, jar=jar)


def test_without_following_a_redirect_is_the_answer() -> None:
    with RawServer(answers(to("/elsewhere"))) as server:
        got = sent(server, Request("GET", server.url), 0)
    assert (got.status, got.body, got.header("location"), got.hops) == (302, b"moved", "/elsewhere", ())


def test_hops_are_recorded_and_the_last_url_told() -> None:
    with RawServer(answers(to("next?q=1#there")), answers(to("/ünï?x")), answers(answer(b"home"))) as server:
        got = sent(server, Request("GET", f"{server.url}/a/b"), 2)
    assert got.body == b"home"
    assert got.url == f"{server.url}/%C3%BCn%C3%AF?x"
    assert got.hops == (Hop(302, f"{server.url}/a/next?q=1"), Hop(302, got.url))
    assert b"GET /a/next?q=1 HTTP/1.1" in server.heard[1]


def test_more_redirects_than_allowed() -> None:
    with RawServer(answers(to("/again"))) as server, pytest.raises(Trouble) as caught:
        sent(server, Request("GET", server.url), 3)
    trouble = caught.value
    assert (trouble.cause, trouble.phase, trouble.status) == (Cause.BAD_REDIRECT, Phase.RECEIVE, 302)
    assert trouble.detail == "redirects more than 3 times"
    assert len(trouble.hops) == 3
    assert len(server.heard) == 4


@pytest.mark.parametrize("headers", [(), (b"Location:",)])
def test_a_redirect_that_names_no_place_is_the_answer(headers: tuple[bytes, ...]) -> None:
    with RawServer(answers(answer(b"", *headers, status=b"302 Found"))) as server:
        assert sent(server, Request("GET", server.url), 5).status == 302


@pytest.mark.parametrize("location", ["mailto:me@x.example", "https://", "http://[::1", "http://h:99999/"])
def test_a_redirect_to_what_is_no_url(location: str) -> None:
    with RawServer(answers(to(location))) as server, pytest.raises(Trouble) as caught:
        sent(server, Request("GET", server.url), 5)
    assert caught.value.cause is Cause.BAD_REDIRECT
    assert "no http:// or https:// URL" in caught.value.detail


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        (301, "POST", "GET", None),
        (302, "POST", "GET", None),
        (303, "POST", "GET", None),
        (303, "PUT", "GET", None),
        (303, "HEAD", "HEAD", None),
        (301, "PUT", "PUT", b"abc"),
        (302, "GET", "GET", b"abc"),
        (307, "POST", "POST", b"abc"),
        (308, "POST", "POST", b"abc"),
    ],
)
def test_method_and_body_change_as_in_browsers(status: int, method: str, then: str, body: bytes | None) -> None:
    given = Request(method, "http://a.example/", HEADERS, b"abc" if method != "HEAD" else None)
    request, _ = next_request(given, parsed(given.url), status, "/b")
    assert (request.method, request.body) == (then, body)
    assert ("Content-Type" in dict(request.headers)) is (then == method)


@pytest.mark.parametrize(
    ("location", "along"),
    [
        ("/same", True),
        ("http://a.example:80/same", True),
        ("http://b.example/", False),
        ("http://a.example:81/", False),
        ("https://a.example/", False),
    ],
)
def test_secrets_stay_behind_where_the_origin_changes(location: str, along: bool) -> None:
    given = Request("GET", "http://u:p@a.example/", (*HEADERS, ("Host", "virtual.example")))
    request, _ = next_request(given, parsed(given.url), 302, location)
    names = [name for name, _ in request.headers]
    assert names == (
        ["X-Own", "Authorization", "Cookie", "X-Api-Key", "Content-Type", "Host"]
        if along
        else ["X-Own", "Content-Type"]
    )


def test_a_password_of_the_url_goes_along_within_the_origin_only() -> None:
    url = parsed("http://u:p@a.example/")
    within, _ = next_request(Request("GET", "http://u:p@a.example/"), url, 302, "/b")
    assert within.headers == (("Authorization", "Basic dTpw"),)
    without, led = next_request(Request("GET", "http://u:p@a.example/"), url, 302, "http://x:y@b.example/")
    assert (without.headers, led.authorization, led.text) == ((), "", "http://b.example/")


def test_https_does_not_fall_back_to_http() -> None:
    with pytest.raises(Failure, match="from https:// to http://"):
        next_request(Request("GET", "https://a.example/"), parsed("https://a.example/"), 301, "http://a.example/")


def test_the_fall_back_is_told_as_trouble_of_the_server() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with RawServer(answers(to("http://localhost/")), tls=context) as server, Client(Way(insecure=True)) as client:
        with pytest.raises(Trouble) as caught:
            client.send(Request("GET", server.url), Limits(), follow=1)
        assert client.send(Request("GET", server.url), Limits()).status == 302
    assert (caught.value.cause, caught.value.status) == (Cause.BAD_REDIRECT, 302)


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/meta-data/", "//metadata.google.internal/", "//[fe80::1]/"]
)
def test_a_redirect_to_a_forbidden_address_is_refused(location: str) -> None:
    with RawServer(answers(to(location))) as server, pytest.raises(Trouble) as caught:
        sent(server, Request("GET", server.url), 5)
    assert caught.value.cause is Cause.FORBIDDEN_ADDRESS
    assert len(caught.value.hops) == 1


def test_a_redirect_to_a_name_that_leads_to_a_forbidden_address_is_refused() -> None:
    def resolve(host: str, _port: int) -> tuple[str, ...]:
        return ("169.254.169.254",) if host == "inner.example" else ("127.0.0.1",)

    with (
        RawServer(answers(to("http://inner.example/"))) as server,
        Client(Way(resolve=resolve)) as client,
        pytest.raises(Trouble) as caught,
    ):
        client.send(Request("GET", f"http://outer.example:{server.port}/"), Limits(), follow=1)
    assert (caught.value.cause, caught.value.target) == (Cause.FORBIDDEN_ADDRESS, "http://inner.example/")


def test_the_deadline_covers_all_hops() -> None:
    def slowly(peer: Peer) -> None:
        peer.hear()
        peer.server.over.wait(0.15)
        peer.say(to("/again"))

    with RawServer(slowly) as server, Client() as client, pytest.raises(Trouble) as caught:
        client.send(Request("GET", server.url), Limits(total_seconds=0.5), follow=50)
    assert caught.value.cause in (Cause.SILENT, Cause.CONNECT_TIMEOUT)
    assert caught.value.seconds < 0.5 + 1
    assert 1 <= len(caught.value.hops) <= 3
    assert f"(in all, after {len(caught.value.hops)} redirect" in caught.value.detail


def test_a_place_that_is_written_in_latin_1_is_read_as_that() -> None:
    _, led = next_request(Request("GET", "http://a.example/"), parsed("http://a.example/"), 302, "/caf\xe9")
    assert led.path == "/caf%C3%A9"


def test_cookies_set_on_the_way_are_sent_on() -> None:
    jar = Jar()
    with RawServer(answers(to("/home", b"303 See Other", b"Set-Cookie: session=1")), answers(answer())) as server:
        sent(server, Request("POST", f"{server.url}/login", body=b"x"), 1, jar)
    assert b"GET /home HTTP/1.1" in server.heard[1]
    assert b"Cookie: session=1" in server.heard[1]


def test_a_pinned_address_is_for_the_first_origin_only() -> None:
    with RawServer(answers(answer(b"other"))) as other:
        elsewhere = f"http://localhost:{other.port}/"
        with RawServer(answers(to("/b")), answers(to(elsewhere))) as first, Client() as client:
            url = f"http://pinned.example:{first.port}/a"
            got = client.send(Request("GET", url), Limits(), follow=5, pin="127.0.0.1")
    assert got.body == b"other"
    assert len(first.heard) == 2
