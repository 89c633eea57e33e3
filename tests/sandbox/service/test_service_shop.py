"""What the shop answers, its description of itself, and that every replica tells the same."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from socket import gaierror
from typing import Any

import jsonschema
import pytest
import requests
from openapi_spec_validator import validate
from tests.sandbox.service.raw import get, hear

from sandbox.service import USERS, Service

CREDENTIALS = {"user": "smoke", "password": USERS["smoke"]}


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def login(service: Service, client: requests.Session) -> dict[str, str]:
    """The headers of a user who has logged in at the first replica."""
    answer = client.post(f"{service.replicas[0].url}/api/login", json=CREDENTIALS, timeout=5)
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_who_logs_in_gets_a_token_and_a_session_that_hold_at_every_replica(
    service: Service, client: requests.Session
) -> None:
    answer = client.post(f"{service.replicas[0].url}/api/login", json=CREDENTIALS, timeout=5)
    token = answer.json()["token"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie == f"session={token}; Path=/; Secure; HttpOnly; SameSite=Lax"
    for replica in service.replicas:
        item = f"{replica.url}/api/items/A-100"
        assert client.get(item, timeout=5).status_code == 401
        assert client.get(item, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code == 200
        assert client.get(item, headers={"Cookie": f"session={token}"}, timeout=5).json()["sku"] == "A-100"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps({**CREDENTIALS, "password": "guess"}), 401),
        (json.dumps({"user": "nobody", "password": ""}), 401),
        (json.dumps({"user": 5}), 422),
        ("[]", 422),
        ("{", 422),
    ],
)
def test_a_wrong_login_is_refused(service: Service, client: requests.Session, body: str, status: int) -> None:
    answer = client.post(f"{service.replicas[0].url}/api/login", data=body, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert "Set-Cookie" not in answer.headers


def test_after_the_logout_the_token_is_worth_nothing(service: Service, client: requests.Session) -> None:
    url, bearer = service.replicas[1].url, login(service, client)
    assert client.post(f"{url}/api/logout", headers=bearer, timeout=5).status_code == 204
    assert client.get(f"{url}/api/items/A-100", headers=bearer, timeout=5).status_code == 401
    assert client.post(f"{url}/api/logout", headers=bearer, timeout=5).status_code == 401


def test_an_item_tells_all_of_itself(service: Service, client: requests.Session) -> None:
    bearer = login(service, client)
    answer = client.get(f"{service.replicas[0].url}/api/items/B-300", headers=bearer, timeout=5)
    item = answer.json()
    assert (item["name"], item["price"], item["tags"], item["stock"]) == ("Mug — größer", 7.5, ["kitchen"], 0)
    age = datetime.now(UTC) - datetime.fromisoformat(item["last_backup"])
    assert timedelta(minutes=59) < age < timedelta(minutes=61)
    service.shop.backup_age = timedelta(hours=30)
    item = client.get(f"{service.replicas[0].url}/api/items/B-300", headers=bearer, timeout=5).json()
    assert datetime.now(UTC) - datetime.fromisoformat(item["last_backup"]) > timedelta(hours=29)
    missing = client.get(f"{service.replicas[0].url}/api/items/Z-1", headers=bearer, timeout=5)
    assert missing.status_code == 404


@pytest.mark.parametrize(("fails", "state"), [(False, "ready"), (True, "failed")])
def test_an_order_is_pending_until_it_was_asked_for_often_enough(
    service: Service, client: requests.Session, fails: bool, state: str
) -> None:
    service.shop.orders_fail = fails
    url, bearer = service.replicas[0].url, login(service, client)
    assert client.get(f"{url}/api/order", timeout=5).status_code == 404
    assert client.post(f"{url}/api/orders", json={"sku": "A-100"}, timeout=5).status_code == 401
    assert client.post(f"{url}/api/orders", json={"sku": "?"}, headers=bearer, timeout=5).status_code == 422
    placed = client.post(f"{url}/api/orders", json={"sku": "A-100", "quantity": 2}, headers=bearer, timeout=5)
    assert (placed.status_code, placed.json()["state"]) == (201, "pending")
    order = f"{url}{placed.headers['Location']}"
    assert [client.get(order, timeout=5).json()["state"] for _ in range(2)] == ["pending", "pending"]
    latest = client.get(f"{url}/api/order", timeout=5).json()
    assert latest == {"id": "1001", "sku": "A-100", "quantity": 2, "state": state}
    assert client.get(f"{url}/api/orders/7", timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/old", 301, "/home"),
        ("/private", 302, "/login"),
        ("/home", 200, None),
        ("/login", 200, None),
        ("/", 200, None),
    ],
)
def test_pages_and_redirects(service: Service, client: requests.Session, path: str, status: int, location: str) -> None:
    answer = client.get(f"{service.replicas[0].url}{path}", timeout=5, allow_redirects=False)
    assert (answer.status_code, answer.headers.get("Location")) == (status, location)
    assert status != 200 or "<h1>" in answer.text


def test_who_has_a_session_sees_what_is_private(service: Service, client: requests.Session) -> None:
    bearer = login(service, client)
    answer = client.get(f"{service.replicas[0].url}/private", headers=bearer, timeout=5, allow_redirects=False)
    assert answer.status_code == 200


def test_a_known_tag_is_answered_304(service: Service, client: requests.Session) -> None:
    url = f"{service.replicas[0].url}/etag"
    first = client.get(url, timeout=5)
    again = client.get(url, headers={"If-None-Match": f'"x", {first.headers["ETag"]}'}, timeout=5)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_gzip_is_sent_where_it_is_always_or_where_it_is_wanted(service: Service) -> None:
    host, port = service.replicas[0].address, service.port
    assert b"Content-Encoding: gzip" in hear((host, port), get("/gzip")).head
    assert b"Content-Encoding: gzip" in hear((host, port), get("/api/items", "Accept-Encoding: gzip")).head
    assert json.loads(hear((host, port), get("/api/items")).body)["items"][0]["sku"] == "A-100"


def test_cookies_are_set_and_told(service: Service, client: requests.Session) -> None:
    url = f"{service.replicas[0].url}/cookie"
    assert client.get(f"{url}?flavour=oat&bad=a%0d%0ab", timeout=5).json() == {"cookies": {}}
    assert client.get(url, timeout=5).json() == {"cookies": {"flavour": "oat"}}
    assert client.get(url, headers={"Cookie": "a@b=c"}, timeout=5).status_code == 200


def test_slow_answers_after_the_milliseconds_asked_for(service: Service) -> None:
    at = (service.replicas[0].address, service.port)
    first = hear(at, get("/slow?ms=150")).first
    assert first is not None
    assert 0.15 <= first < 2
    assert [hear(at, get(f"/slow?ms={ms}")).status for ms in ("x", "99999999999", "0")] == [422, 422, 200]


def test_what_is_not_there_and_what_is_not_allowed(service: Service, client: requests.Session) -> None:
    url = service.replicas[0].url
    assert client.get(f"{url}/nothing", timeout=5).status_code == 404
    wrong = client.delete(f"{url}/api/orders", timeout=5)
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
    assert client.put(f"{url}/api/items/A-100", timeout=5).headers["Allow"] == "GET"


def test_head_has_the_headers_and_no_body(service: Service) -> None:
    connection = http.client.HTTPConnection(service.replicas[0].address, service.port, timeout=5)
    for _ in range(2):  # the second would read a body of the first
        connection.request("HEAD", "/health")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Content-Length"), answer.read()) == (200, "89", b"")
    connection.close()


def test_the_proxy_hands_on_a_head_without_waiting_for_a_body(service: Service) -> None:
    connection = http.client.HTTPConnection(service.balancer.address, service.port, timeout=5)
    for _ in range(2):
        connection.request("HEAD", "/health")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Content-Length"), answer.getheader("Via")) == (
            200,
            "89",
            "1.1 balancer",
        )
        answer.read()
    connection.close()


def test_requests_sent_at_once_on_one_connection_are_answered_in_order(service: Service) -> None:
    keep = get("/slow?ms=50").replace(b"close", b"keep-alive")
    found = hear((service.replicas[0].address, service.port), keep + get("/version"))
    assert found.data.index(b'"slept_ms"') < found.data.index(b'"version"')
    assert found.data.count(b"HTTP/1.1 200 OK") == 2


def test_old_clients_get_their_connection_closed_unless_they_ask(service: Service) -> None:
    at = (service.replicas[0].address, service.port)
    assert hear(at, b"GET /health HTTP/1.0\r\n\r\n").end == "fin"
    assert hear(at, b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", patience=0.2).end == "silence"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / SMTP/1\r\n\r\n", 400),
        (b"A" * 70_000, 431),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    ],
)
def test_what_is_no_request_is_refused(service: Service, sent: bytes, status: int) -> None:
    assert hear((service.replicas[0].address, service.port), sent).status == status
    assert service.requests == ()


def test_a_request_in_pieces_is_one_request(service: Service, client: requests.Session) -> None:
    body = json.dumps(CREDENTIALS).encode()
    head = f"POST /api/login HTTP/1.1\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection((service.replicas[0].address, service.port), timeout=5) as connected:
        for piece in (head[:20], head[20:], body[:5], body[5:]):
            connected.sendall(piece)
        assert b"200 OK" in connected.recv(65_536)
    assert [(seen.method, seen.body) for seen in service.requests] == [("POST", body)]


def test_everything_that_arrives_is_recorded_with_its_headers(service: Service, client: requests.Session) -> None:
    client.get(f"{service.url}/health?key=canary", headers={"X-Api-Key": "canary"}, timeout=5)
    client.get(f"{service.replicas[2].url}/bench/now", timeout=5)
    (seen,) = service.requests
    assert (seen.replica, seen.method, seen.target, seen.path) == ("replica-1", "GET", "/health?key=canary", "/health")
    assert (seen.header("x-api-key"), seen.header("Via"), seen.header("missing")) == ("canary", "1.1 balancer", "")
    assert "X-Api-Key" not in repr(seen)
    assert service.arrived == 2
    metrics = client.get(f"{service.replicas[0].url}/metrics", timeout=5).text.splitlines()
    assert 'shop_requests_total{replica="replica-1",method="GET",path="/health"} 1' in metrics
    assert 'shop_requests_total{replica="replica-3",method="GET",path="/bench/now"} 1' in metrics


def test_the_description_is_valid_and_every_get_without_parameters_answers_as_it_says(
    service: Service, client: requests.Session
) -> None:
    url = service.replicas[0].url
    described = client.get(f"{url}/openapi.json", timeout=5).json()
    validate(described)
    plain = [path for path, verbs in described["paths"].items() if "get" in verbs and "parameters" not in verbs["get"]]
    assert len(plain) > 10
    for path in plain:
        answer = client.get(f"{url}{path}", timeout=5, allow_redirects=False)
        expected = described["paths"][path]["get"]["responses"][str(answer.status_code)].get("content", {})
        media = answer.headers.get("Content-Type", "").partition(";")[0]
        assert media in expected or (not expected and not answer.content), path
        if media == "application/json":
            schema = {**expected[media]["schema"], "components": described["components"]}
            jsonschema.validate(answer.json(), schema, jsonschema.Draft7Validator)


def test_what_is_described_with_parameters_answers_as_described(service: Service, client: requests.Session) -> None:
    url, bearer = service.replicas[0].url, login(service, client)
    described = client.get(f"{url}/openapi.json", timeout=5).json()
    item = client.get(f"{url}/api/items/A-100", headers=bearer, timeout=5).json()
    placed = client.post(f"{url}/api/orders", json={"sku": "A-100"}, headers=bearer, timeout=5).json()
    slept = client.get(f"{url}/slow?ms=1", timeout=5).json()
    for value, name in ((item, "Item"), (placed, "Order"), (slept, "Slept")):
        schema: dict[str, Any] = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        jsonschema.validate(value, schema, jsonschema.Draft7Validator)


def test_the_name_resolves_to_the_replicas_and_www_to_the_proxy(service: Service) -> None:
    assert service.resolver("shop.test", 80) == ("127.0.0.2", "127.0.0.3", "127.0.0.4")
    assert service.resolver("www.shop.test", service.port) == ("127.0.0.1",)
    assert service.resolver("127.0.0.9", 80, 1.0) == ("127.0.0.9",)
    assert service.resolver("[::1]") == ("::1",)
    with pytest.raises(gaierror):
        service.resolver("elsewhere.test", 80)


def test_all_replicas_have_one_port_and_say_who_they_are(service: Service, client: requests.Session) -> None:
    assert {replica.port for replica in service.replicas} == {service.port}
    answers = [client.get(f"{replica.url}/health", timeout=5) for replica in service.replicas]
    assert [answer.headers["X-Replica"] for answer in answers] == ["replica-1", "replica-2", "replica-3"]
    assert [answer.headers["Server"] for answer in answers] == ["shop/1.4.1"] * 3
    assert all(re.fullmatch("[0-9a-f]{40}", answer.json()["build"]) for answer in answers)
