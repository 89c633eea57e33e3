"""Every fault as it looks on the wire, seen through plain sockets."""

from __future__ import annotations

import json
import socket
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from tests.sandbox.service.raw import End, Heard, get, hear

from sandbox.service import Kind, NoSuchFaultError, Replica, Service

PATIENCE = 0.15
"""Seconds after which nothing that has not come is awaited any more."""


def at(replica: Replica) -> tuple[str, int]:
    return replica.address, replica.port


def heard(service: Service, path: str = "/health", *, patience: float = 5) -> Heard:
    """What the first replica says."""
    return hear(at(service.replicas[0]), get(path), patience=patience)


def version(answer: Heard) -> str:
    found: str = json.loads(answer.body)["version"]
    return found


@pytest.mark.parametrize(
    ("kind", "options", "end", "starts"),
    [
        ("refuse", {}, "refused", b""),
        ("silent", {}, "no handshake", b""),
        ("hang", {}, "silence", b""),
        ("hang", {"path": "/health"}, "silence", b""),
        ("reset", {}, "rst", b""),
        ("reset", {"path": "/h*"}, "rst", b""),
        ("banner", {}, "fin", b"SSH-2.0-OpenSSH_9.6\r\nInvalid"),
        ("garbage", {}, "fin", b"ICY 200 OK\r\n"),
        ("tls", {}, "fin", b"\x15\x03\x03\x00\x02\x02"),
        ("close", {}, "fin", b""),
        ("reset-after-headers", {}, "rst", b"HTTP/1.1 200 OK\r\n"),
        ("truncated", {}, "fin", b"HTTP/1.1 200 OK\r\n"),
        ("chunked-cut", {}, "fin", b"HTTP/1.1 200 OK\r\n"),
        ("status", {"status": 503}, "fin", b"HTTP/1.1 503 Service Unavailable\r\n"),
        ("status", {"status": 401}, "fin", b"HTTP/1.1 401 Unauthorized\r\n"),
        ("redirect", {"location": "/elsewhere"}, "fin", b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"),
        ("redirect-login", {}, "fin", b"HTTP/1.1 302 Found\r\nLocation: /login\r\n"),
        ("redirect-loop", {}, "fin", b"HTTP/1.1 302 Found\r\nLocation: /health\r\n"),
        ("redirect-metadata", {}, "fin", b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/"),
    ],
)
def test_a_fault_is_what_its_name_says_and_ends_when_it_is_mended(
    service: Service, kind: str, options: dict[str, object], end: End, starts: bytes
) -> None:
    service.fault(kind, on=0, **options)
    found = heard(service, patience=PATIENCE if end in ("silence", "no handshake") else 5)
    assert (found.end, found.data[: len(starts)]) == (end, starts)
    assert bool(found.data) == bool(starts)
    assert hear(at(service.replicas[1]), get()).status == 200, "the other replicas are well"
    service.mend()
    assert heard(service).status == 200


def test_an_empty_answer_is_an_orderly_end_after_the_request_was_read(service: Service) -> None:
    service.fault("close")
    assert heard(service) == Heard(b"", "fin")
    assert [(seen.path, seen.fault) for seen in service.requests] == [("/health", "close")]


def test_a_truncated_answer_promises_more_than_comes(service: Service) -> None:
    service.fault("truncated", on=0)
    found = heard(service)
    assert b"Content-Length: 89" in found.head
    assert len(found.body) == 44


def test_a_cut_chunk_has_half_its_bytes_and_no_last_chunk_follows(service: Service) -> None:
    service.fault("chunked-cut", on=0)
    found = heard(service)
    assert b"Transfer-Encoding: chunked" in found.head
    size, _, rest = found.body.partition(b"\r\n")
    assert (int(size, 16), len(rest)) == (89, 44)


def test_a_reset_after_the_headers_comes_after_half_of_the_body(service: Service) -> None:
    service.fault("reset-after-headers", on=0)
    assert len(heard(service).body) == 44


@pytest.mark.parametrize(("kind", "first_is_quick"), [("trickle-headers", False), ("trickle-body", True)])
def test_a_trickle_comes_byte_by_byte(service: Service, kind: str, first_is_quick: bool) -> None:
    service.fault(kind, on=0, ms=10)
    with socket.create_connection(at(service.replicas[0]), timeout=5) as connected:
        connected.sendall(get())
        if first_is_quick:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connected.recv(1)
        assert connected.recv(1)
        began = time.monotonic()
        assert [len(connected.recv(65_536)) for _ in range(10)] == [1] * 10
        assert time.monotonic() - began >= 0.08


def test_a_bomb_is_small_on_the_wire_large_when_decoded_and_never_held_whole(service: Service) -> None:
    service.fault("gzip-bomb", on=0, megabytes=20)
    tracemalloc.start()
    found = heard(service, patience=20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert b"Content-Encoding: gzip" in found.head
    assert len(found.body) < 50_000
    unpacker = zlib.decompressobj(wbits=31)
    decoded = unpacker.decompress(dechunked(found.body))
    assert (len(decoded), unpacker.eof) == (20_000_000, True)
    assert peak < 10_000_000


def dechunked(body: bytes) -> bytes:
    whole = bytearray()
    while True:
        size, _, rest = body.partition(b"\r\n")
        if size == b"0":
            return bytes(whole)
        whole += rest[: int(size, 16)]
        body = rest[int(size, 16) + 2 :]


def test_corrupt_gzip_has_a_good_header_and_cannot_be_decoded(service: Service) -> None:
    service.fault("corrupt-gzip", on=0)
    found = heard(service)
    assert found.body[:2] == b"\x1f\x8b"
    with pytest.raises(zlib.error):
        zlib.decompress(found.body, wbits=31)


def test_huge_headers_are_as_huge_as_told(service: Service) -> None:
    service.fault("huge-headers", on=0, kilobytes=100)
    assert 100_000 < len(heard(service).head) < 110_000


def test_a_redirect_to_the_login_page_ends_there_with_200(service: Service) -> None:
    service.fault("redirect-login", on=0)
    assert heard(service, "/login").status == 200
    assert heard(service, "/api/items").status == 302


def test_an_old_version_answers_well(service: Service) -> None:
    service.fault("old-version", on=0, version="1.3.9")
    assert version(heard(service)) == "1.3.9"
    assert version(hear(at(service.replicas[1]), get())) == "1.4.1"


def test_only_the_path_that_was_named_is_hit(service: Service) -> None:
    service.fault("status", path="/api/*", status=500)
    assert heard(service, "/api/items").status == 500
    assert heard(service, "/health").status == 200


def test_the_fault_set_last_wins(service: Service) -> None:
    service.fault("status", status=500)
    service.fault("status", status=404)
    assert heard(service).status == 404


def test_a_flapping_service_fails_every_nth_time(service: Service) -> None:
    service.fault("status", on=0, every=3)
    assert [heard(service).status for _ in range(6)] == [200, 200, 503, 200, 200, 503]


def test_a_flapping_port_resets_every_second_connection(service: Service) -> None:
    service.fault("reset", on=0, every=2)
    assert [heard(service).end for _ in range(4)] == ["fin", "rst", "fin", "rst"]


def test_a_slow_start_is_over_after_its_seconds(service: Service) -> None:
    service.fault("status", on=0, status=503, seconds=0.5)
    assert heard(service).status == 503
    time.sleep(0.55)
    assert heard(service).status == 200


@pytest.mark.parametrize(("kind", "end"), [("refuse", "refused"), ("silent", "no handshake")])
def test_a_closed_port_opens_after_its_seconds(service: Service, kind: str, end: End) -> None:
    service.fault(kind, on=0, seconds=0.5)
    assert heard(service, patience=PATIENCE).end == end
    time.sleep(0.6)
    assert heard(service).status == 200
    (gap,) = service.gaps(0)
    assert 0.5 <= gap.seconds < 2


def test_closing_a_port_ends_the_connections_it_has(service: Service) -> None:
    with socket.create_connection(at(service.replicas[0]), timeout=5) as connected:
        connected.sendall(get().replace(b"close", b"keep-alive"))
        assert connected.recv(65_536).startswith(b"HTTP/1.1 200")
        service.fault("refuse", on=0)
        assert connected.recv(1) == b""


def test_a_mended_hang_lets_go_of_who_was_waiting(service: Service) -> None:
    service.fault("hang", on=0)
    with socket.create_connection(at(service.replicas[0]), timeout=5) as connected:
        time.sleep(0.05)
        service.mend()
        assert connected.recv(1) == b""


def test_a_frozen_service_reads_nothing_and_then_goes_on(service: Service) -> None:
    with socket.create_connection(at(service.replicas[0]), timeout=3) as connected:
        service.freeze(0.4)
        time.sleep(0.05)
        began = time.monotonic()
        connected.sendall(get())
        assert connected.recv(65_536).startswith(b"HTTP/1.1 200")
        took = time.monotonic() - began
    frozen, thawed = (one for one in service.transitions if one.server == "service")
    assert (frozen.what, thawed.what) == ("frozen", "thawed")
    assert 0.4 <= thawed.at - frozen.at < 1
    assert 0.25 <= took < 1.5


def test_closing_does_not_wait_for_the_end_of_a_freeze() -> None:
    began = time.monotonic()
    with Service(1) as service:
        service.freeze(60)
    assert time.monotonic() - began < 5


def test_the_proxy_answers_502_for_a_replica_that_is_down_while_its_own_port_is_open(service: Service) -> None:
    front = (service.balancer.address, service.port)
    assert b"\r\nVia: 1.1 balancer\r\n" in hear(front, get()).data
    for kind in ("refuse", "reset", "banner", "close", "garbage", "huge-headers"):
        service.fault(kind)
        found = hear(front, get())
        assert (kind, found.status) == (kind, 502)
        assert b"Via: 1.1 balancer" in found.head
        service.mend()


def test_the_proxy_answers_504_for_a_replica_that_hangs() -> None:
    with Service(2, balancer_seconds=0.2) as service:
        service.fault("hang", on=1)
        statuses = [hear((service.balancer.address, service.port), get()).status for _ in range(4)]
    assert statuses == [200, 504, 200, 504]


@pytest.mark.parametrize("kind", ["truncated", "chunked-cut", "reset-after-headers"])
def test_the_proxy_passes_on_what_breaks_off(service: Service, kind: str) -> None:
    service.fault(kind)
    found = hear((service.balancer.address, service.port), get())
    assert (found.status, found.end) == (200, "fin")
    assert len(found.body) in (44, 44 + len(b"59\r\n"))


def test_the_proxy_gives_up_on_a_body_that_stalls() -> None:
    with Service(1, balancer_seconds=0.1) as service:
        service.fault("trickle-body", ms=1000)
        found = hear((service.balancer.address, service.port), get())
    assert (found.end, found.body) == ("fin", b"{")


def test_the_proxy_can_have_faults_of_its_own(service: Service) -> None:
    service.fault("status", on="balancer", status=503)
    service.fault("truncated", on="balancer", path="/home")
    front = (service.balancer.address, service.port)
    assert hear(front, get()).status == 503
    assert hear(front, get("/home")).status == 502
    assert service.requests == ()
    service.mend("balancer")
    assert hear(front, get()).status == 200


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("explode", {}, "no fault 'explode'; there are refuse"),
        ("status", {"colour": "red"}, "no option colour; there are"),
        ("status", {"status": "500"}, "status='500' cannot be"),
        ("status", {"every": 0}, "every=0 cannot be"),
        ("status", {"path": 5}, "path=5 cannot be"),
        ("status", {"seconds": True}, "seconds=True cannot be"),
        ("status", {"on": 9}, "no server 9; there are 0 to 2 and 'balancer'"),
        ("refuse", {"every": 2}, "it takes only `seconds`"),
        ("banner", {"path": "/x"}, "strikes before a path is known"),
        ("expired", {}, "expired needs a service with tls"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(service: Service, kind: str, options: dict[str, object], said: str) -> None:
    with pytest.raises(NoSuchFaultError, match=said):
        service.fault(kind, **options)  # type: ignore[arg-type]
    assert heard(service).status == 200


def test_every_kind_is_in_one_of_these_tests() -> None:
    told = {"wrong-host", "expired", "expiring", "self-signed", "untrusted", "plain"}  # test_service_tls.py
    here = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in Kind if kind not in told and f'"{kind}"' not in here] == []
