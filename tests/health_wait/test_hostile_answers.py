"""Answers and addresses that would be taken for what they are not."""

from __future__ import annotations

import socket
from random import Random
from threading import Event
from time import monotonic

import pytest
from dns.resolver import Answer, NoAnswer, Resolver
from tests.health_wait.probing import a_prober, a_target, probe
from tests.health_wait.raw_server import answering, serving

from actionkit.errors import InputError
from actionkit.web.deadline import Deadline
from actionkit.web.model import Cause, Trouble
from actionkit.web.way import Way
from health_wait.dns_probe import look_up
from health_wait.http_probe import same_version
from health_wait.prober import scattered
from health_wait.targets import place

CANARY = "s3cr3tCANARY"
COMMIT = "0123456789012345678901234567890123456789"


def stating(version: str) -> bytes:
    body = f'{{"version": {version}}}'.encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ("2026010201", "20260102", False),
        ("20260102", "2026010201", False),
        ("1234567", "12345678", False),
        (COMMIT, COMMIT[:7], True),
        (COMMIT[:8], COMMIT, True),
        ("abc1234", "ABC1234def", True),
        ("abc123", "abc1234def", False),
    ],
)
def test_dates_and_numbers_of_builds_are_no_abbreviated_commits(expected: str, found: str, same: bool) -> None:
    assert same_version(expected, found) is same


@pytest.mark.parametrize(
    ("stated", "expected", "ok"),
    [("1.10", "1.10", True), ("1.10", "1.1", False), ("3", "3", True), ('"1.10"', "1.10", True)],
)
def test_a_number_as_a_version_keeps_its_last_zero(stated: str, expected: str, ok: bool) -> None:
    with serving(answering(stating(stated))) as port:
        assert probe(f"http://127.0.0.1:{port}/", expect_version=expected).ok is ok


@pytest.mark.parametrize("stated", ["null", "true", "[]", '["1.5.0"]', "{}"])
def test_what_is_no_version_is_no_version(stated: str) -> None:
    with serving(answering(stating(stated))) as port:
        seen = probe(f"http://127.0.0.1:{port}/", expect_version="1.5.0")
    assert (seen.ok, seen.serving, seen.version) == (False, True, None)
    assert "states no version" in seen.reason


@pytest.mark.parametrize(
    "line",
    [
        f"user:{CANARY}@https://shop.test/",
        f"shop.test/health?token={CANARY}&next=https://shop.test/",
        f"https://https://user:{CANARY}@shop.test/",
        f"https://http://:{CANARY}@shop.test/",
        f"htps://user:{CANARY}@shop.test/?token={CANARY}#{CANARY}",
        f"tcp://user:{CANARY}@shop.test:80",
        f"redis://shop.test/{CANARY}@",
        f"postgres://user:{CANARY}/@shop.test",
        f"dns://shop.test?type=TXTT&token={CANARY}",
    ],
)
def test_a_line_that_cannot_be_used_shows_no_secret_of_it(line: str) -> None:
    with pytest.raises(InputError) as caught:
        place(line)
    said = f"{caught.value.wrong} {caught.value.accepted} {caught.value.fix}"
    assert CANARY not in said
    assert "shop.test" in said or "***@" in said


class Sleeper(Resolver):
    """A resolver that is not back in time, as dnspython's is where it sleeps between two rounds of questions."""

    def __init__(self, over: Event) -> None:
        super().__init__(configure=False)
        self.over = over

    def resolve(self, *_: object, **__: object) -> Answer:
        self.over.wait(20)
        raise NoAnswer


def test_a_resolver_that_sleeps_on_does_not_hold_a_probe_longer_than_its_timeout() -> None:
    over = Event()
    try:
        begun = monotonic()
        with pytest.raises(Trouble, match="no name server answered within") as caught:
            look_up(a_target("dns://shop.test?type=TXT"), Way(), Deadline.after(0.1), lambda: Sleeper(over))
        assert monotonic() - begun < 5
        assert caught.value.cause is Cause.NAME_TIMEOUT
    finally:
        over.set()


def test_every_address_of_a_name_is_asked_some_time() -> None:
    order = scattered(lambda host, port: ("10.0.0.1", "10.0.0.2", "10.0.0.3"), Random(3))
    asked = [tuple(order("shop.test", 80)) for _ in range(40)]
    assert {first for first, *_ in asked} == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}
    assert all(sorted(one) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"] for one in asked)


@pytest.mark.parametrize("scheme", ["http", "tcp"])
def test_a_name_with_a_dead_address_is_up_through_the_other(scheme: str) -> None:
    way = Way(resolve=lambda host, port: ("127.0.0.9", "127.0.0.1"))
    with serving(answering(stating("1"))) as port:
        assert all(probe(f"{scheme}://shop.test:{port}", way=way).ok for _ in range(4))


def test_a_census_leaves_out_addresses_that_this_machine_has_no_way_to() -> None:
    nowhere = "fe80::1"  # link-local, and no interface is named
    prober = a_prober(Way(resolve=lambda host, port: (nowhere, "10.0.0.1")))
    target = a_target("http://shop.test/", census="true")
    assert prober.replicas(target) == ("10.0.0.1",)
    alone = a_prober(Way(resolve=lambda host, port: (nowhere,)))
    assert alone.replicas(target) == (nowhere,), "its probe tells why"


def test_a_census_keeps_the_ipv6_addresses_that_can_be_reached() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    prober = a_prober(Way(resolve=lambda host, port: ("::1", "127.0.0.1")))
    assert prober.replicas(a_target("http://shop.test/", census="true")) == ("127.0.0.1", "::1")
