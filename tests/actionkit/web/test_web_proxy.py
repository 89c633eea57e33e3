"""Ways through a proxy."""

from __future__ import annotations

import socket
import ssl
from threading import Thread

import pytest
import trustme
from tests.actionkit.web.rawserver import Behaviour, Peer, RawServer, answer, answers, keeps_answering

from actionkit.web.client import Client
from actionkit.web.model import Answer, Cause, Limits, Phase, Request, Trouble
from actionkit.web.way import Way

LIMITS = Limits(connect_seconds=5, total_seconds=5)
SHORT = Limits(connect_seconds=0.5, total_seconds=1)


@pytest.fixture(scope="module")
def served() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("shop.example").configure_cert(context)
    return context


def tunnels_to(server: RawServer) -> Behaviour:
    """A proxy that connects, whatever it is asked for, to this server."""

    def behave(peer: Peer) -> None:
        peer.hear()
        with socket.create_connection(("127.0.0.1", server.port)) as far:
            peer.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = Thread(target=pump, args=(far, peer.sock), daemon=True)
            back.start()
            pump(peer.sock, far)
            back.join(10)

    return behave


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def get(url: str, proxy: str, *, insecure: bool = True, pin: str = "", limits: Limits = LIMITS) -> Answer:
    with Client(Way(proxy=proxy, insecure=insecure)) as client:
        return client.send(Request("GET", url), limits, pin=pin)


def trouble_with(url: str, proxy: str, *, insecure: bool = True, pin: str = "", limits: Limits = LIMITS) -> Trouble:
    with pytest.raises(Trouble) as caught:
        get(url, proxy, insecure=insecure, pin=pin, limits=limits)
    assert caught.value.seconds < limits.connect_seconds + 1
    return caught.value


def test_plain_http_is_asked_for_by_its_whole_url() -> None:
    with RawServer(answers(answer(b"far"))) as proxy:
        got = get("http://u:p@shop.example/a?b=c", proxy.url.replace("//", "//me:s%40f@"))
    assert got.body == b"far"
    assert got.address == "127.0.0.1"
    head = proxy.heard[0]
    assert head.startswith(b"GET http://shop.example/a?b=c HTTP/1.1\r\nHost: shop.example\r\n")
    assert b"\r\nProxy-Authorization: Basic bWU6c0Bm\r\n" in head
    assert b"\r\nAuthorization: Basic dTpw\r\n" in head


def test_https_goes_through_a_tunnel_and_its_certificate_is_the_target_s(served: ssl.SSLContext) -> None:
    with RawServer(answers(answer(b"far")), tls=served) as server, RawServer(tunnels_to(server)) as proxy:
        got = get("https://shop.example/a", proxy.url.replace("//", "//me:pw@"))
    assert got.body == b"far"
    assert got.timings.proxy > 0
    assert got.tls is not None
    assert got.tls.certificate.names == ("shop.example",)
    assert proxy.heard == [
        b"CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\nProxy-Authorization: Basic bWU6cHc=\r\n\r\n"
    ]
    assert b"Proxy-Authorization" not in server.heard[0]


def test_a_certificate_is_distrusted_through_a_tunnel_too_with_its_facts(served: ssl.SSLContext) -> None:
    with RawServer(answers(answer()), tls=served) as server, RawServer(tunnels_to(server)) as proxy:
        trouble = trouble_with("https://shop.example/", proxy.url, insecure=False)
    assert trouble.cause is Cause.UNTRUSTED
    assert "issued by Testing CA" in trouble.detail or "issued by trustme" in trouble.detail


def closes(peer: Peer) -> None:
    peer.hear()


def hangs(peer: Peer) -> None:
    peer.hear()
    peer.hang()


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (answers(answer(status=b"407 Proxy Authentication Required")), "wants a user name and password (407)"),
        (answers(answer(status=b"403 Forbidden")), "does not connect to shop.example:443: it answers 403"),
        (answers(b"SSH-2.0\r\n"), "answers in something other than HTTP"),
        (answers(b"HTTP/1.1 200 OK\r\n\r\nmore"), "sends data of its own through the tunnel"),
        (closes, "closed the connection when asked to connect to shop.example:443"),
        (hangs, "did not connect to shop.example:443 within 0.5 s"),
    ],
)
def test_every_failure_of_the_proxy_is_the_proxy_s(behaviour: Behaviour, words: str) -> None:
    with RawServer(behaviour) as proxy:
        limits = SHORT if behaviour is hangs else LIMITS
        trouble = trouble_with("https://shop.example/x?secret", proxy.url, limits=limits)
    assert (trouble.cause, trouble.phase, trouble.address) == (Cause.PROXY, Phase.PROXY, "127.0.0.1")
    assert words in trouble.detail
    assert trouble.target == "https://shop.example/x"


def test_a_refused_password_is_told_apart_from_a_missing_one() -> None:
    with RawServer(answers(answer(status=b"407 No"))) as proxy:
        trouble = trouble_with("https://shop.example/", proxy.url.replace("//", "//me:hidden@"))
        plain = trouble_with("http://shop.example/", proxy.url)
    assert trouble.detail == "the proxy refuses the user name and password (407)"
    assert (plain.cause, plain.status) == (Cause.PROXY, 407)


def test_a_proxy_that_turns_away_on_a_kept_connection_is_no_answer_of_the_server() -> None:
    refusal = answer(status=b"407 No")

    def once(peer: Peer) -> None:
        peer.hear()
        peer.say(answer())
        keeps_answering(refusal)(peer)

    with RawServer(once) as proxy, Client(Way(proxy=proxy.url.replace("//", "//me:hidden@")), keep=True) as client:
        request = Request("GET", "http://shop.example/")
        assert client.send(request, LIMITS).status == 200
        with pytest.raises(Trouble, match="the proxy refuses the user name and password"):
            client.send(request, LIMITS)
        assert proxy.connections == 1


def test_a_proxy_that_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in ("http://shop.example/", "https://shop.example/"):
        trouble = trouble_with(url, f"127.0.0.1:{port}")
        assert (trouble.cause, trouble.phase, trouble.address) == (Cause.PROXY, Phase.PROXY, "127.0.0.1")
        assert trouble.detail.startswith("the proxy fails: refuses connections")


def test_a_proxy_whose_name_is_unknown() -> None:
    def nothing(_host: str, _port: int) -> tuple[str, ...]:
        return ()

    with pytest.raises(Trouble) as caught, Client(Way(proxy="http://proxy.example", resolve=nothing)) as client:
        client.send(Request("GET", "http://shop.example/"), LIMITS)
    assert caught.value.cause is Cause.PROXY
    assert "proxy.example has no address" in caught.value.detail


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "metadata.google.internal", "[::ffff:169.254.169.254]"]
)
def test_the_guard_judges_what_a_proxy_is_asked_for(host: str) -> None:
    trouble = trouble_with(f"http://{host}/", "http://127.0.0.1:1")
    assert (trouble.cause, trouble.phase) == (Cause.FORBIDDEN_ADDRESS, Phase.DNS)


def test_an_address_cannot_be_pinned_behind_a_proxy() -> None:
    assert trouble_with("http://shop.example/", "http://127.0.0.1:1", pin="10.0.0.1").cause is Cause.BAD_REQUEST


@pytest.mark.parametrize(
    "proxy", ["https://proxy.example", "socks5://me:hidden@proxy.example", "http://", "http://h:x"]
)
def test_a_proxy_that_is_none_is_refused_without_showing_it(proxy: str) -> None:
    trouble = trouble_with("http://shop.example/", proxy)
    assert trouble.cause is Cause.BAD_REQUEST
    assert "the proxy is not written http://host:port" in trouble.detail
    assert "hidden" not in str(trouble)
    assert "hidden" not in repr(Way(proxy=proxy))


def test_cleartext_connections_to_a_proxy_are_kept_too() -> None:
    with RawServer(keeps_answering(answer())) as proxy, Client(Way(proxy=proxy.url), keep=True) as client:
        for _ in range(3):
            client.send(Request("GET", "http://shop.example/"), LIMITS)
    assert proxy.connections == 1
