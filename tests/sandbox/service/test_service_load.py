"""Many clients at once: nothing is lost or mixed up, what is slow costs no thread, and nothing stays behind."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from tests.sandbox.service.raw import get, hear

from sandbox.service import Service, Shop

CLIENTS, EACH = 50, 10


def test_fifty_clients_at_once_lose_and_mix_up_nothing(service: Service) -> None:
    """Each client reads back its own cookie, whatever faults and deploys are switched meanwhile."""

    def client(number: int) -> int:
        replica = service.replicas[number % 2]
        connection = http.client.HTTPConnection(replica.address, replica.port, timeout=10)
        right = 0
        for turn in range(EACH):
            connection.request("GET", "/cookie", headers={"Cookie": f"mine={number}.{turn}"})
            right += json.load(connection.getresponse()) == {"cookies": {"mine": f"{number}.{turn}"}}
        connection.close()
        return right

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = pool.map(client, range(CLIENTS))
        for _ in range(10):
            service.fault("refuse", on=2)
            service.mend(2)
        assert sum(done) == CLIENTS * EACH
    assert service.arrived == CLIENTS * EACH == len(service.requests)


def test_a_hundred_waiting_connections_are_answered_together() -> None:
    async def one(at: tuple[str, int]) -> float:
        reader, writer = await asyncio.open_connection(*at)
        began = time.monotonic()
        writer.write(get("/bench/slow?ms=100"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        took = time.monotonic() - began
        writer.transport.abort()
        return took

    async def all_of_them(at: tuple[str, int]) -> list[float]:
        return await asyncio.gather(*(one(at) for _ in range(100)))

    with Service(1) as service:
        took = asyncio.run(all_of_them((service.replicas[0].address, service.port)))
    assert min(took) >= 0.1
    assert sorted(took)[50] < 1


def test_one_connection_is_answered_again_and_again_quickly(service: Service) -> None:
    connection = http.client.HTTPConnection(service.replicas[0].address, service.port, timeout=5)
    began = time.monotonic()
    for _ in range(200):
        connection.request("GET", "/bench/now")
        assert connection.getresponse().read() == b'{"status": "ok"}'
    took = time.monotonic() - began
    connection.close()
    assert 200 / took > 100
    assert service.requests == ()


def test_nothing_stays_behind(service: Service) -> None:
    before = threading.active_count()
    with Service(2) as other:
        at = (other.replicas[0].address, other.port)
        other.fault("hang", on=1)
        hear((other.replicas[1].address, other.port), get(), patience=0.05)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    assert hear(at, get()).end == "refused"
    other.close()
    with pytest.raises(RuntimeError, match="not running"):
        other.fault("hang")


def test_a_mistake_of_the_sandbox_itself_is_told() -> None:
    def broken() -> datetime:
        raise ZeroDivisionError

    with Service(1, shop=Shop(now=broken)) as service:
        assert hear((service.replicas[0].address, service.port), get("/api/items")).data == b""
        (mishap,) = service.mishaps
    assert "ZeroDivisionError" in mishap


def test_it_closes_in_the_middle_of_everything() -> None:
    """Connections that are waiting, trickling, hanging, half sent, on the proxy, and a deploy under way."""
    with Service(2) as service:
        service.fault("trickle-body", path="/home", ms=1000)
        service.fault("hang", path="/hang")
        at = (service.replicas[0].address, service.port)
        with ThreadPoolExecutor(5) as pool:
            paths = [(at, "/home"), (at, "/hang"), (at, "/slow?ms=60000"), ((service.balancer.address, at[1]), "/hang")]
            waiting = [pool.submit(hear, to, get(path), patience=5) for to, path in paths]
            waiting.append(pool.submit(hear, at, b"GET /half HTTP/1.1\r\n", patience=5))
            time.sleep(0.2)
            service.rolling_deploy("1.5.0", gap_seconds=60)
            service.close()
            assert [one.result().end in ("fin", "rst") for one in waiting] == [True] * 5
