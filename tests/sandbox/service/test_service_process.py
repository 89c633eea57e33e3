"""The service as a process of its own, driven through its admin port; and on other addresses than loopback's."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.sandbox.service.raw import get, hear

from sandbox.service import Service
from sandbox.service.__main__ import main


@pytest.fixture
def admin(service: Service) -> str:
    return service.administered(lambda: None)


def post(admin: str, command: str, **given: object) -> requests.Response:
    return requests.post(f"{admin}/-/{command}", json=given, timeout=5)


def state(admin: str) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{admin}/-/state", timeout=5).json()
    return found


def status(service: Service, path: str = "/health") -> int:
    return hear((service.replicas[0].address, service.port), get(path)).status


def test_a_fault_is_switched_on_and_off_from_outside(service: Service, admin: str) -> None:
    assert post(admin, "fault", kind="status", on=0, path="/health", status=500).status_code == 202
    assert (status(service), status(service, "/home")) == (500, 200)
    assert post(admin, "mend").status_code == 202
    assert status(service) == 200


def test_a_deploy_is_begun_and_followed_from_outside(service: Service, admin: str) -> None:
    defect = {"kind": "status", "status": 500, "after_requests": 1}
    assert post(admin, "deploy", to="2.0.0", gap_seconds=0.05, pause=0, defect=defect).status_code == 202
    assert post(admin, "deploy", to="3.0.0").status_code == 422
    while state(admin)["deploying"]:
        time.sleep(0.02)
    told = state(admin)
    assert {one["version"] for one in told["replicas"]} == {"2.0.0"}
    (gap,) = told["replicas"][0]["gaps"]
    assert 0.05 <= gap["end"] - gap["start"] < 1
    assert [status(service) for _ in range(2)] == [200, 500]
    assert post(admin, "rollback", gap_seconds=0, pause=0).status_code == 202
    while state(admin)["deploying"]:
        time.sleep(0.02)
    assert status(service) == 200
    assert told["transitions"][0]["what"] == "open"


def test_the_answer_to_a_freeze_leaves_before_it(service: Service, admin: str) -> None:
    assert post(admin, "freeze", seconds=0.2).status_code == 202
    time.sleep(0.1)
    assert status(service) == 200
    assert [one["what"] for one in state(admin)["transitions"][-2:]] == ["frozen", "thawed"]


def test_the_shop_is_set_up_from_outside(service: Service, admin: str) -> None:
    assert post(admin, "shop", orders_fail=True, order_polls=7, backup_hours=30).status_code == 202
    shop = service.shop
    assert (shop.orders_fail, shop.order_polls, shop.backup_age.total_seconds()) == (True, 7, 30 * 3600)
    post(admin, "shop")
    assert (shop.orders_fail, shop.order_polls) == (True, 7)


def test_what_arrived_is_told(service: Service, admin: str) -> None:
    status(service, "/home?a=b")
    (one,) = requests.get(f"{admin}/-/requests", timeout=5).json()
    assert (one["method"], one["target"], one["replica"], one["body"]) == ("GET", "/home?a=b", "replica-1", "")
    assert ["Host", "shop.test"] in one["headers"]


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        ("fault", {"kind": "explode"}, "no fault 'explode'"),
        ("fault", {}, "KeyError"),
        ("deploy", {"to": "1", "speed": 3}, "TypeError"),
        ("deploy", {"to": "1", "defect": {"kind": "status", "status": "x"}}, "status='x' cannot be"),
        ("rollback", {}, "no version to go back to"),
        ("freeze", {"seconds": "long"}, "ValueError"),
        ("explode", {}, "there are /-/state, /-/requests, /-/fault"),
    ],
)
def test_a_command_that_cannot_be_says_why(admin: str, command: str, given: dict[str, object], said: str) -> None:
    answer = post(admin, command, **given)
    assert answer.status_code in (404, 422)
    assert said in answer.json()["detail"]


def test_only_objects_are_commands(admin: str) -> None:
    assert requests.post(f"{admin}/-/mend", data="[1]", timeout=5).status_code == 422
    assert requests.post(f"{admin}/-/mend", timeout=5).status_code == 202


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The process, with TLS, and what its first line told."""
    command = [sys.executable, "-m", "sandbox.service", "--replicas", "2", "--version", "9.8.7", "--tls", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running, json.loads(running.stdout.readline())
        finally:
            running.kill()


def test_the_process_tells_where_it_is_and_ends_when_told(
    process: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    running, told = process
    for url in (told["url"], *(one["url"] for one in told["replicas"])):
        assert requests.get(f"{url}/version", verify=told["ca"], timeout=5).json()["version"] == "9.8.7"
    assert (told["name"], len(told["replicas"])) == ("shop.test", 2)
    assert post(told["admin"], "stop").status_code == 202
    assert running.wait(10) == 0


def test_the_process_ends_at_a_signal(process: tuple[subprocess.Popen[str], dict[str, Any]]) -> None:
    running, _told = process
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 0


def test_a_taken_port_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["--port", port, "--replicas", "1"], threading.Event()) == 1
        assert main(["--admin-port", port, "--replicas", "1"], threading.Event()) == 1
    assert capsys.readouterr().err.count("Address already in use") == 2


def test_a_free_port_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with Service(1) as service:
        port = service.port
    stop = threading.Event()
    stop.set()
    assert main(["--port", str(port), "--replicas", "1"], stop) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["port"], told["ca"], told["replicas"][0]["address"]) == (port, None, "127.0.0.2")


def test_another_address_has_a_port_for_every_replica() -> None:
    with Service(2, bind="0.0.0.0") as service:  # noqa: S104
        ports = {service.port, *(replica.port for replica in service.replicas)}
        assert len(ports) == 3
        assert {hear(("127.0.0.1", port), get()).status for port in ports} == {200}
        first = service.port
    with Service(2, bind="127.0.0.5", port=first) as service:
        assert [replica.port for replica in service.replicas] == [first + 1, first + 2]
        assert service.resolver("shop.test") == ("127.0.0.5",)


def test_a_port_taken_on_one_of_the_addresses_is_not_chosen() -> None:
    """The port that the kernel gives for the first address may be taken on the second; then another is tried."""
    with socket.create_server(("127.0.0.2", 0)) as taken, Service(1) as service:
        assert service.port != taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            Service(1, port=taken.getsockname()[1]).start()
