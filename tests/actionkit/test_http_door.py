"""The HTTP door against real sockets: deadlines, caps, redirects and what errors may show."""

from __future__ import annotations

import gzip
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import ActionkitError
from actionkit.http import (
    BadRedirect,
    BadRequest,
    ConnectionLost,
    Http,
    Network,
    NotJson,
    Response,
    Timeout,
    TooLarge,
    Unreachable,
    same_origin,
    shown,
)

Answer = Callable[[socket.socket, str, str], None]


@dataclass
class Server:
    """A server that hands every request's path and head to `answer`, which writes raw bytes."""

    url: str = ""
    port: int = 0
    heads: list[str] = field(default_factory=list)


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    server = Server()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while line := self.rfile.readline():
                head = line
                while (header := self.rfile.readline()).strip():
                    head += header
                text = head.decode("latin-1")
                if "content-length:" in text.lower():
                    length = int(text.lower().split("content-length:")[1].split()[0])
                    text += self.rfile.read(length).decode()
                server.heads.append(text)
                try:
                    answer(self.connection, text.split()[1], text)
                except OSError:
                    return

    class Threads(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Threads(("127.0.0.1", 0), Handler) as tcp:
        server.port = tcp.server_address[1]
        server.url = f"http://127.0.0.1:{server.port}"
        thread = threading.Thread(target=tcp.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            tcp.shutdown()
            thread.join()


def plain(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def always(data: bytes) -> Answer:
    return lambda connection, _path, _head: connection.sendall(data)


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as door:
        yield door


def test_importing_and_making_the_door_does_not_import_requests() -> None:
    code = "import sys; from actionkit.http import Http; Http(); sys.exit('requests' in sys.modules)"
    path = ":".join(entry for entry in sys.path if entry)
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=False).returncode == 0


def test_an_answer_has_its_status_lower_case_headers_and_body_and_an_error_status_is_no_exception(http: Http) -> None:
    with serving(always(plain(b'{"a": 1}', "404 Not Found", "X-Thing: yes"))) as server:
        response = http.request("GET", f"{server.url}/a/b?token=secret#part")
    assert (response.status, response.ok, response.header("X-THING"), response.json()) == (404, False, "yes", {"a": 1})
    assert response.url == f"{server.url}/a/b"
    assert response.header("absent", "none") == "none"
    assert response.elapsed_seconds > 0


def test_a_body_is_sent_as_given_and_the_user_agent_is_ours() -> None:
    with serving(always(plain(b"", "201 Created"))) as server, Http(user_agent="verdict-actions/1") as http:
        response = http.request("POST", server.url, body=b'{"x":1}', headers={"Content-Type": "application/json"})
    assert (response.status, response.text(), response.ok) == (201, "", True)
    assert server.heads[0].endswith('{"x":1}')
    assert "User-Agent: verdict-actions/1" in server.heads[0]


def test_a_body_that_is_not_json_is_named(http: Http) -> None:
    with serving(always(plain(b"<html>proxy login</html>"))) as server:
        response = http.request("GET", server.url)
        with pytest.raises(NotJson, match="answered 200 with a body that is not JSON"):
            response.json()


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"],
    ids=["nothing at all", "trickled headers", "trickled body"],
)
def test_the_deadline_holds_for_the_whole_call(http: Http, first: bytes) -> None:
    stop = threading.Event()

    def trickle(connection: socket.socket, _path: str, _head: str) -> None:
        connection.sendall(first)
        while first and not stop.wait(0.05):
            connection.sendall(b"x")
        stop.wait(5)

    with serving(trickle) as server:
        started = time.monotonic()
        with pytest.raises(Timeout, match=r"no complete answer within 0\.4 s") as caught:
            http.request("GET", server.url, timeout_seconds=0.4)
        took = time.monotonic() - started
        stop.set()
    assert took < 2
    assert caught.value.sent


def test_a_call_left_at_its_deadline_does_not_go_on_reading(http: Http) -> None:
    stop = threading.Event()

    def endless(connection: socket.socket, _path: str, _head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        while not stop.wait(0.05):
            connection.sendall(b"x")

    before = {thread.ident for thread in threading.enumerate()}
    with serving(endless) as server:
        with pytest.raises(Timeout):
            http.request("GET", server.url, timeout_seconds=0.3)
        until = time.monotonic() + 5
        while time.monotonic() < until and any(
            thread.name == "http" and thread.ident not in before for thread in threading.enumerate()
        ):
            time.sleep(0.02)
        left = [t for t in threading.enumerate() if t.name == "http" and t.ident not in before]
        stop.set()
    assert left == []


def test_a_deadline_that_has_passed_while_connecting_says_that_nothing_was_sent(http: Http) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        with pytest.raises(Timeout, match=r"within 0\.3 s") as caught:
            http.request("GET", f"http://127.0.0.1:{full.getsockname()[1]}", timeout_seconds=0.3)
        assert not caught.value.sent
        for filler in fillers:
            filler.close()


def test_the_decoded_size_is_capped_not_the_one_on_the_wire(http: Http) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    assert len(bomb) < 40_000
    with (
        serving(always(plain(bomb, "200 OK", "Content-Encoding: gzip"))) as server,
        pytest.raises(TooLarge, match="larger than 1,000,000 bytes"),
    ):
        http.request("GET", server.url, max_bytes=1_000_000)


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_the_cap_is_exact(http: Http, size: int, fits: bool) -> None:
    with serving(always(plain(b"x" * size))) as server:
        if fits:
            assert len(http.request("GET", server.url, max_bytes=1000).body) == size
        else:
            with pytest.raises(TooLarge):
                http.request("GET", server.url, max_bytes=1000)


def test_the_body_of_a_redirect_is_capped_too(http: Http) -> None:
    with (
        serving(always(plain(b"x" * 5000, "302 Found", "Location: /next"))) as server,
        pytest.raises(TooLarge),
    ):
        http.request("GET", server.url, max_bytes=1000, follow=1)


def test_a_body_cut_short_is_a_lost_connection(http: Http) -> None:
    def cut(connection: socket.socket, _path: str, _head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_RDWR)

    with serving(cut) as server, pytest.raises(ConnectionLost, match="before the whole answer came") as caught:
        http.request("GET", server.url)
    assert caught.value.sent


def test_a_connection_closed_without_an_answer_may_have_had_its_effect(http: Http) -> None:
    def hang_up(connection: socket.socket, _path: str, _head: str) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    with serving(hang_up) as server, pytest.raises(ConnectionLost) as caught:
        http.request("POST", server.url, body=b"{}")
    assert caught.value.sent


def test_nobody_listening_is_unreachable_and_nothing_was_sent(http: Http) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(Unreachable, match=r"cannot connect: Connection refused") as caught:
            http.request("GET", f"http://user:hunter2@127.0.0.1:{port}/path?token=abc")
    assert not caught.value.sent
    assert str(caught.value).startswith(f"http://127.0.0.1:{port}/path: ")
    assert "hunter2" not in repr(caught.value)
    assert "abc" not in str(caught.value)


def test_a_name_that_does_not_resolve_is_said_plainly(http: Http) -> None:
    with pytest.raises(Unreachable, match=r"http://nowhere\.invalid/: the host name cannot be resolved"):
        http.request("GET", "http://nowhere.invalid/", timeout_seconds=20)


@pytest.mark.parametrize("url", ["ftp://example.com/x", "/relative", "http://", "http://[::1", "https://exa mple/"])
def test_a_url_that_cannot_be_used_is_named_not_a_traceback(http: Http, url: str) -> None:
    with pytest.raises(ActionkitError):
        http.request("GET", url)


def test_a_header_that_would_split_is_refused_without_showing_it(http: Http) -> None:
    with pytest.raises(BadRequest) as caught:
        http.request("GET", "http://127.0.0.1:9/", headers={"Authorization": "Bearer ghp_secret\n"})
    assert "ghp_secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_secret_url_is_called_by_its_name(http: Http) -> None:
    with pytest.raises(Unreachable) as caught:
        http.request("POST", "http://127.0.0.1:9/services/T0/B0/secret", called="the Slack webhook")
    assert str(caught.value).startswith("the Slack webhook: ")
    assert "secret" not in str(caught.value)


def test_redirects_are_not_followed_by_default_and_not_at_all_for_a_write(http: Http) -> None:
    with serving(always(plain(b"", "302 Found", "Location: /login"))) as server:
        assert http.request("GET", server.url).status == 302
        assert http.request("POST", server.url, body=b"x", follow=5).status == 302
    assert len(server.heads) == 2


def test_the_same_origin_keeps_the_credentials_and_another_one_never_gets_them(http: Http) -> None:
    with serving(always(plain(b"here"))) as other:

        def hop(connection: socket.socket, path: str, _head: str) -> None:
            where = "/second" if path == "/first" else f"{other.url}/third?sig=1"
            connection.sendall(plain(b"", "302 Found", f"Location: {where}"))

        with serving(hop) as server:
            secrets = {"Authorization": "Bearer t", "Cookie": "a=b", "X-Kept": "1"}
            response = http.request("GET", f"{server.url}/first", headers=secrets, follow=3)
    assert response.body == b"here"
    assert response.url == f"{other.url}/third"
    assert ["Authorization: Bearer t" in head for head in server.heads] == [True, True]
    assert "X-Kept: 1" in other.heads[0]
    assert "Authorization" not in other.heads[0]
    assert "Cookie" not in other.heads[0]


def test_redirects_end(http: Http) -> None:
    with (
        serving(always(plain(b"", "307 Temporary Redirect", "Location: /again"))) as server,
        pytest.raises(BadRedirect, match="more than 2 redirects"),
    ):
        http.request("GET", server.url, follow=2)
    assert len(server.heads) == 3


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[::1", "http://a:port/"])
def test_a_redirect_that_leaves_the_web_is_refused(http: Http, location: str) -> None:
    with (
        serving(always(plain(b"", "302 Found", f"Location: {location}"))) as server,
        pytest.raises(BadRedirect, match="not an http or https URL"),
    ):
        http.request("GET", server.url, follow=2)


def test_a_redirect_without_a_location_is_an_answer(http: Http) -> None:
    with serving(always(plain(b"", "302 Found"))) as server:
        assert http.request("GET", server.url, follow=2).status == 302


def test_cookies_are_not_kept(http: Http) -> None:
    with serving(always(plain(b"", "200 OK", "Set-Cookie: session=1"))) as server:
        http.request("GET", server.url)
        http.request("GET", server.url)
    assert "Cookie:" not in server.heads[1]


def test_proxy_variables_of_the_process_are_not_read(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(always(plain(b"direct"))) as server:
        assert http.request("GET", server.url).body == b"direct"


def test_a_proxy_that_is_given_is_used_with_its_password() -> None:
    with serving(always(plain(b"via proxy"))) as proxy:
        network = Network.from_environment({"HTTP_PROXY": f"http://user:pass@127.0.0.1:{proxy.port}"})
        with Http(network) as http:
            assert http.request("GET", "http://example.invalid/x").body == b"via proxy"
    assert proxy.heads[0].startswith("GET http://example.invalid/x HTTP/1.1")
    assert "Proxy-Authorization: Basic dXNlcjpwYXNz" in proxy.heads[0]


def test_a_dead_proxy_is_named_without_its_password() -> None:
    network = Network.from_environment({"HTTPS_PROXY": "http://user:hunter2@127.0.0.1:9"})
    with Http(network) as http, pytest.raises(Unreachable, match="the proxy cannot be used") as caught:
        http.request("GET", "https://example.invalid/x")
    assert "hunter2" not in str(caught.value)


def test_kept_connections_are_reused_and_closing_is_not_the_end() -> None:
    ports: list[int] = []

    def remember(connection: socket.socket, _path: str, _head: str) -> None:
        ports.append(connection.getpeername()[1])
        connection.sendall(plain(b""))

    with serving(remember) as server, Http() as http:
        http.request("GET", server.url)
        http.request("GET", server.url)
        http.close()
        http.close()
        http.request("GET", server.url)
    assert ports[0] == ports[1] != ports[2]


SECRET = "SECRETvalue"


@given(
    st.sampled_from(["https", "http", ""]),
    st.sampled_from(["", f"{SECRET}@", f"user:{SECRET}@"]),
    st.sampled_from(["example.com", "[::1]", "10.0.0.1", ""]),
    st.sampled_from(["", ":8443", ":notaport", ":99999"]),
    st.text(st.characters(codec="utf-8", exclude_characters="?#@:/[]\\"), max_size=10),
    st.sampled_from(["", f"?token={SECRET}", f"#{SECRET}", f"?{SECRET}#{SECRET}"]),
)
def test_what_is_shown_of_a_url_never_holds_its_secrets(
    scheme: str, userinfo: str, host: str, port: str, path: str, tail: str
) -> None:
    url = f"{scheme}://{userinfo}{host}{port}/{path}{tail}"
    assert SECRET not in shown(url)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert same_origin("https://a/x", "https://a:443/y")
    assert same_origin("http://a", "http://a:80")
    assert not same_origin("https://a/", "http://a/")
    assert not same_origin("https://a/", "https://a:444/")
    assert not same_origin("https://a/", "https://b/")
    assert not same_origin("https://a/", "https://a:bad/")


def test_a_response_does_not_print_its_body() -> None:
    assert SECRET not in repr(Response(200, {}, SECRET.encode(), "http://x"))
