"""Names, addresses and the way to them."""

from __future__ import annotations

import errno
import socket
import time
from contextlib import ExitStack
from threading import Event

import pytest
from tests.actionkit.web.rawserver import RawServer, answer, answers

from actionkit.web.client import Client
from actionkit.web.deadline import Deadline
from actionkit.web.dial import not_connected, refuse_itself
from actionkit.web.model import Cause, Limits, Phase, Request, Trouble
from actionkit.web.resolve import addresses, system
from actionkit.web.way import Resolver, Way

LIMITS = Limits(connect_seconds=0.3, total_seconds=0.6)


def to(*found: str) -> Resolver:
    return lambda _host, _port: found


def trouble_with(url: str, resolve: Resolver = system, limits: Limits = LIMITS, pin: str = "") -> Trouble:
    begun = time.monotonic()
    with pytest.raises(Trouble) as caught, Client(Way(resolve=resolve)) as client:
        client.send(Request("GET", url), limits, pin=pin)
    assert time.monotonic() - begun < limits.total_seconds + 1
    return caught.value


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def deaf_listener(held: ExitStack) -> int:
    """A port whose queue of waiting connections is full, so that it takes no more of them."""
    listener = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(4):
        waiting = held.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(listener.getsockname())
    time.sleep(0.05)
    return int(listener.getsockname()[1])


def test_nothing_listens() -> None:
    port = free_port()
    trouble = trouble_with(f"http://127.0.0.1:{port}/")
    assert (trouble.cause, trouble.phase, trouble.address) == (Cause.REFUSED, Phase.TCP, "127.0.0.1")
    assert trouble.detail == f"refuses connections: nothing listens on 127.0.0.1 port {port}"


def test_nothing_takes_connections_in_time() -> None:
    with ExitStack() as held:
        port = deaf_listener(held)
        trouble = trouble_with(f"http://127.0.0.1:{port}/")
    assert (trouble.cause, trouble.phase) == (Cause.CONNECT_TIMEOUT, Phase.TCP)
    assert "does not take a connection within 0.3 s" in trouble.detail
    assert trouble.timings.tcp >= 0.29


def test_a_port_that_answers_itself_is_one_where_nothing_listens() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.connect(sock.getsockname())
        with pytest.raises(ConnectionRefusedError):
            refuse_itself(sock, *sock.getsockname())


def test_an_address_without_a_way_to_it() -> None:
    trouble = trouble_with("http://far.example/", to("255.255.255.255"))
    assert (trouble.cause, trouble.phase) == (Cause.UNREACHABLE, Phase.TCP)
    assert "cannot be reached" in trouble.detail
    assert "255.255.255.255" in trouble.detail


@pytest.mark.parametrize(
    ("code", "cause", "words"),
    [
        (errno.EHOSTUNREACH, Cause.UNREACHABLE, "there is no way to 127.0.0.1 port 9"),
        (errno.EADDRNOTAVAIL, Cause.UNREACHABLE, "no address or free port"),
        (errno.EMFILE, Cause.UNREACHABLE, "too many open connections"),
        (errno.ECONNRESET, Cause.RESET, "resets every connection as soon as it is made on 127.0.0.1 port 9"),
        (errno.ETIMEDOUT, Cause.CONNECT_TIMEOUT, "the host is down or a firewall is silent"),
    ],
)
def test_what_the_system_says_of_a_failed_connection_is_told(code: int, cause: Cause, words: str) -> None:
    failure = not_connected(OSError(code, "words of the system"), "127.0.0.1", 9, 0.3, 1)
    assert failure.cause is cause
    assert words in failure.detail


def test_each_of_several_addresses_gets_its_share_of_the_time() -> None:
    """The first one is dead; the second one still gets half of the time."""
    with ExitStack() as held:
        port = deaf_listener(held)
        server = held.enter_context(RawServer(answers(answer()), address="127.0.0.2", port=port))
        with Client(Way(resolve=to("127.0.0.1", "127.0.0.2"))) as client:
            got = client.send(Request("GET", f"http://two.example:{server.port}/"), Limits(connect_seconds=1.0))
    assert got.address == "127.0.0.2"
    assert 0.45 < got.timings.tcp < 1.0


def test_of_several_refusals_the_first_is_told() -> None:
    port = free_port()
    trouble = trouble_with(f"http://two.example:{port}/", to("127.0.0.1", "127.0.0.3", "127.0.0.1"))
    assert trouble.cause is Cause.REFUSED
    assert f"127.0.0.1 port {port} (first of 2 addresses)" in trouble.detail


def test_ipv4_comes_first_without_doubles() -> None:
    found = addresses("x.example", 80, 1.0, to("::2", "10.0.0.2", "::1", "10.0.0.1", "10.0.0.2"))
    assert found == ("10.0.0.2", "10.0.0.1", "::2", "::1")


def test_localhost_is_known_and_an_address_is_its_own() -> None:
    assert "127.0.0.1" in addresses("localhost", 80, 5.0)
    assert addresses("::1", 80, 0.0, to()) == ("::1",)


def test_a_name_that_does_not_exist() -> None:
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    trouble = trouble_with("http://nowhere.invalid/", unknown)
    assert (trouble.cause, trouble.phase) == (Cause.NAME_NOT_FOUND, Phase.DNS)
    assert trouble.detail == "the host name nowhere.invalid does not exist"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "again"), "the name server failed or is out of reach"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable"), "cannot be resolved (Non-recoverable)"),
        (UnicodeError("label too long"), "cannot be resolved (UnicodeError)"),
    ],
)
def test_every_way_in_which_a_name_is_not_resolved_is_told(error: Exception, words: str) -> None:
    def failing(_host: str, _port: int) -> tuple[str, ...]:
        raise error

    with pytest.raises(Trouble) as caught:
        addresses("x.example", 80, 1.0, failing)
    assert caught.value.cause is Cause.NAME_NOT_FOUND
    assert words in caught.value.detail


def test_a_name_without_addresses() -> None:
    assert trouble_with("http://empty.example/", to()).detail == "the host name empty.example has no address"


def test_a_name_server_that_hangs_costs_no_more_than_the_time_to_connect() -> None:
    over = Event()

    def hangs(_host: str, _port: int) -> tuple[str, ...]:
        over.wait(20)
        return ()

    trouble = trouble_with("http://slow.example/", hangs)
    over.set()
    assert (trouble.cause, trouble.phase) == (Cause.NAME_TIMEOUT, Phase.DNS)
    assert "was not resolved within 0.3 s" in trouble.detail
    assert trouble.timings.dns >= 0.29


def test_a_pinned_address_is_connected_to_and_nothing_is_resolved() -> None:
    with RawServer(answers(answer())) as server, Client(Way(resolve=to())) as client:
        got = client.send(Request("GET", f"http://shop.example:{server.port}/"), Limits(), pin="127.0.0.1")
    assert got.address == "127.0.0.1"
    assert b"Host: shop.example:%d" % server.port in server.heard[0]


def test_what_is_pinned_must_be_an_address() -> None:
    assert trouble_with("http://shop.example/", pin="elsewhere.example").cause is Cause.BAD_REQUEST


@pytest.mark.parametrize("pin", ["", "169.254.169.254"])
def test_an_address_is_judged_after_it_is_known(pin: str) -> None:
    trouble = trouble_with("http://innocent.example/", to("169.254.169.254"), pin=pin)
    assert (trouble.cause, trouble.phase) == (Cause.FORBIDDEN_ADDRESS, Phase.DNS)
    assert trouble.detail == ("169.254.169.254 is a cloud's metadata service; refused unless `allow-hosts` names it")


def test_of_a_name_with_forbidden_and_other_addresses_only_the_others_are_used() -> None:
    with (
        RawServer(answers(answer())) as server,
        Client(Way(resolve=to("169.254.1.1", "127.0.0.1", "fe80::1"))) as client,
    ):
        assert client.send(Request("GET", f"http://x.example:{server.port}"), Limits()).address == "127.0.0.1"


def test_a_deadline_leaves_time_or_says_that_there_is_none() -> None:
    assert 0 < Deadline.after(60).left() <= 60
    assert Deadline.after(60).within(1).seconds == 1
    assert Deadline.after(1).within(60).seconds == 1
    with pytest.raises(TimeoutError):
        Deadline.after(0).left()


def test_a_deadline_that_is_over_before_it_begins_is_kept_too() -> None:
    with RawServer(answers(answer())) as server:
        trouble = trouble_with(server.url, limits=Limits(connect_seconds=1, total_seconds=0))
    assert trouble.cause is Cause.CONNECT_TIMEOUT
