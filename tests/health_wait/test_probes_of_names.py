"""Names looked up: at a name server of the test's, over real UDP and TCP, and as the machine finds names."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.health_wait.probing import NOW, a_prober, a_target, probe
from tests.health_wait.raw_server import serving

from actionkit.surroundings import Surroundings, is_loopback, look
from actionkit.untrusted import one_line
from actionkit.web.model import Cause, Phase
from actionkit.web.way import Way
from health_wait.dns_probe import configured
from health_wait.model import Probe
from health_wait.prober import Prober

ZONE = {
    ("shop.example.", "A"): ("10.0.0.1", "10.0.0.2"),
    ("shop.example.", "TXT"): ('"v=1" " and more"',),
    ("shop.example.", "MX"): ("10 mail.example.",),
    ("six.example.", "AAAA"): ("fd00::1",),
    ("both.example.", "A"): ("10.0.0.1",),
    ("both.example.", "AAAA"): ("fd00::1",),
    ("dot.example.", "TXT"): ('"Ends in a dot."',),
    ("alias.example.", "CNAME"): ("Shop.Example.",),
}

Answering = Callable[[dns.message.Message], dns.message.Message | None]


def authority(query: dns.message.Message) -> dns.message.Message:
    """What the zone says."""
    asked = query.question[0]
    answer = dns.message.make_response(query)
    kind = dns.rdatatype.to_text(asked.rdtype)
    records = ZONE.get((str(asked.name), kind))
    if records:
        answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *records))
    elif not any(name == str(asked.name) for name, _ in ZONE):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer


def failing(code: dns.rcode.Rcode) -> Answering:
    def answer(query: dns.message.Message) -> dns.message.Message:
        made = dns.message.make_response(query)
        made.set_rcode(code)
        return made

    return answer


@contextmanager
def name_server(answering: Answering) -> Iterator[int]:
    """A name server over UDP."""

    def script(server: socket.socket) -> None:
        while True:
            data, peer = server.recvfrom(4096)
            if not data:
                return
            answer = answering(dns.message.from_wire(data))
            if answer is not None:
                server.sendto(answer.to_wire(), peer)

    with serving(script, socket.SOCK_DGRAM) as port:
        yield port


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("shop.example", ""),
        ("shop.example?expect=10.0.0.2", ""),
        ("shop.example?expect=10.0.0.3", "resolves to `10.0.0.1`, `10.0.0.2`, not to `10.0.0.3`"),
        ("six.example", ""),
        ("six.example?type=AAAA&expect=fd00::1", ""),
        ("shop.example?type=TXT&expect=v%3D1%20and%20more", ""),
        ("shop.example?type=mx&expect=10%20mail.example.", ""),
        ("six.example?type=AAAA&expect=FD00:0::1", ""),
        ("both.example?expect=fd00::1", ""),
        ("both.example?expect=10.0.0.1", ""),
        ("alias.example?type=CNAME&expect=shop.example", ""),
        ("dot.example?type=TXT&expect=Ends%20in%20a%20dot.", ""),
        ("dot.example?type=TXT&expect=ends%20in%20a%20dot.", "resolves to `Ends in a dot.`, not to `ends in a dot.`"),
        ("shop.example?type=SRV", "the name shop.example exists, but has no SRV record"),
        ("none.example", "the name none.example does not exist (NXDOMAIN)"),
    ],
)
def test_a_name_server_is_asked(query: str, reason: str) -> None:
    with name_server(authority) as port:
        found = probe(f"dns://127.0.0.1:{port}/{query}")
    assert (found.ok, found.reason) == (not reason, reason)
    if found.ok:
        assert found.address == "127.0.0.1"
    elif "exist" in reason:
        assert (found.phase, found.cause) == (Phase.DNS, Cause.NAME_NOT_FOUND)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (dns.rcode.SERVFAIL, "cannot be resolved: the name server answers SERVFAIL"),
        (dns.rcode.REFUSED, "cannot be resolved: the name server answers REFUSED"),
        (dns.rcode.YXDOMAIN, "cannot be resolved (YXDOMAIN)"),
    ],
)
def test_a_name_server_that_fails_is_no_name_that_is_missing(code: dns.rcode.Rcode, reason: str) -> None:
    with name_server(failing(code)) as port:
        found = probe(f"dns://127.0.0.1:{port}/shop.example")
    assert found.reason == f"the name shop.example {reason}"


def test_a_name_server_that_cannot_be_asked_is_told() -> None:
    found = probe("dns://255.255.255.255/shop.example")
    assert found.reason == (
        "the name shop.example cannot be resolved: the name server is out of reach, or its answers make no sense"
    )


def test_a_name_server_that_is_silent_costs_the_time_out() -> None:
    with name_server(lambda _query: None) as port:
        found = probe(f"dns://127.0.0.1:{port}/shop.example", timeout="300ms")
    assert (found.cause, found.phase) == (Cause.NAME_TIMEOUT, Phase.DNS)
    assert found.reason == "the name shop.example was not resolved: no name server answered within 0.3 s"
    assert found.ended - found.began < 3


def test_many_records_are_not_all_told() -> None:
    def many(query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.answer.append(
            dns.rrset.from_text(query.question[0].name, 1, "IN", "A", *(f"10.0.1.{n}" for n in range(9)))
        )
        return answer

    with name_server(many) as port:
        found = probe(f"dns://127.0.0.1:{port}/shop.example?expect=x")
    assert found.reason == "resolves to `10.0.1.0`, `10.0.1.1`, `10.0.1.2` and others, not to `x`"


def test_a_long_answer_comes_over_tcp() -> None:
    def cut(query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.TC
        return answer

    def whole(connection: socket.socket) -> None:
        (length,) = struct.unpack("!H", connection.recv(2))
        data = authority(dns.message.from_wire(connection.recv(length))).to_wire()
        connection.sendall(struct.pack("!H", len(data)) + data)

    with serving(whole) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        with ExitStack() as stack:
            stack.enter_context(answered_by(server, cut))
            assert probe(f"dns://127.0.0.1:{port}/shop.example").ok


@contextmanager
def answered_by(server: socket.socket, answering: Answering) -> Iterator[None]:
    def once() -> None:
        data, peer = server.recvfrom(4096)
        answer = answering(dns.message.from_wire(data))
        assert answer is not None
        server.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=once)
    thread.start()
    yield
    thread.join()


def of_this_machine(
    port: int | None, addresses: tuple[str, ...] = (), line: str = "dns://shop.example", timeout: str = "2s"
) -> Probe:
    """A probe where resolv.conf leads to that port (None: there is none) and getaddrinfo finds those addresses."""

    def resolver() -> dns.resolver.Resolver:
        if port is None:
            raise dns.resolver.NoResolverConfiguration
        made = dns.resolver.Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.1"], port
        return made

    def by_hosts(host: str, _port: int) -> tuple[str, ...]:
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return addresses

    prober = Prober(Way(resolve=by_hosts), lambda: 0.0, Surroundings(), now=lambda: NOW, resolver=resolver)
    return prober.probe(a_target(line, timeout=timeout), 0.0)


def test_without_a_server_the_machine_s_own_name_servers_are_asked() -> None:
    with name_server(authority) as port:
        assert of_this_machine(port).ok
        assert of_this_machine(port, line="dns://six.example").ok
        assert of_this_machine(port, line="dns://shop.example?type=TXT").ok


def test_a_name_that_only_the_hosts_file_knows_is_found() -> None:
    with name_server(authority) as port:
        assert of_this_machine(port, ("10.1.1.1",), "dns://only.example?expect=10.1.1.1").ok
        missing = of_this_machine(port, (), "dns://only.example")
    assert missing.reason == "the name only.example does not exist (NXDOMAIN)"


def test_a_machine_without_name_servers_still_has_its_hosts_file() -> None:
    assert of_this_machine(None, ("10.1.1.1",)).ok
    none = of_this_machine(None)
    assert none.reason == "the name shop.example cannot be resolved: this machine has no name server configured"


def test_a_resolver_that_takes_all_the_time_is_told_as_too_late() -> None:
    def slow() -> dns.resolver.Resolver:
        threading.Event().wait(0.05)
        return dns.resolver.Resolver(configure=False)

    prober = Prober(Way(), lambda: 0.0, Surroundings(), now=lambda: NOW, resolver=slow)
    found = prober.probe(a_target("dns://shop.example?type=TXT", timeout="10ms"), 0.0)
    assert (found.cause, found.reason) == (Cause.SLOW, "did not answer within 0.01 s")


def test_the_machine_s_own_resolver_is_made_from_its_configuration(tmp_path: Path) -> None:
    settings = tmp_path / "resolv.conf"
    settings.write_text("nameserver 10.9.8.7\n", "utf-8")
    assert configured(settings).nameservers == ["10.9.8.7"]


def test_a_silent_name_server_leaves_time_for_the_hosts_file() -> None:
    with name_server(lambda _query: None) as port:
        assert of_this_machine(port, ("10.1.1.1",), timeout="400ms").ok
        silent = of_this_machine(port, timeout="200ms")
    assert silent.cause is Cause.NAME_TIMEOUT


def test_a_name_server_at_a_metadata_address_is_not_asked() -> None:
    way = Way(resolve=lambda _host, _port: ("169.254.169.254",))
    found = a_prober(way).probe(a_target("dns://ns.example/shop.example"), 0.0)
    assert (found.hard, found.cause) == (True, Cause.FORBIDDEN_ADDRESS)
    assert "may not be asked: 169.254.169.254 is a cloud's metadata service" in found.reason


@given(reply=st.binary(max_size=80))
@settings(max_examples=10)
def test_any_bytes_from_a_name_server_make_a_probe(reply: bytes) -> None:
    def script(server: socket.socket) -> None:
        data, peer = server.recvfrom(4096)
        if data:
            server.sendto(data[:2] + reply, peer)

    with serving(script, socket.SOCK_DGRAM) as port:
        found = probe(f"dns://127.0.0.1:{port}/shop.example", timeout="60ms")
    assert found.ok == (not found.reason)
    assert one_line(found.reason) == found.reason


def test_a_container_is_known_by_the_files_of_its_engine(tmp_path: Path) -> None:
    assert look(tmp_path) == Surroundings()
    (tmp_path / ".dockerenv").touch()
    assert look(tmp_path) == Surroundings(in_container=True)
    (tmp_path / "proc/net").mkdir(parents=True)
    routes = "Iface\tDestination\tGateway\neth0\t000012AC\t00000000\neth0\t00000000\tzz\neth0\t00000000\t010012AC\n"
    (tmp_path / "proc/net/route").write_text(routes, "ascii")
    assert look(tmp_path) == Surroundings(in_container=True, gateway="172.18.0.1")
    (tmp_path / "proc/net/route").write_text("Iface\neth0 00000000 00000000\n", "ascii")
    assert look(tmp_path).gateway == ""
    hosts = ("localhost", "a.LOCALHOST.", "127.8.8.8", "::1", "db", "10.0.0.1")
    assert [is_loopback(host) for host in hosts] == [True, True, True, True, False, False]
