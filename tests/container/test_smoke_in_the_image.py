"""smoke-test where it really runs: Debian's Python in a container, without `cryptography`, in a foreign workspace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from tests.container import traps
from tests.container.traps import INSIDE, owned

from sandbox.runner import Container, Shown
from sandbox.service import USERS, Authority, Service
from sandbox.service import Shop as Sample
from sandbox.shop import Shop

NAME = "smoke-test"
SCHEMA = {"type": "object", "required": ["sku"], "properties": {"price": {"type": "number", "minimum": 0}}}
(PASSWORD,) = USERS.values()
# Every library has a part in it: YAML, RE2, JSONPath, JSON Schema, templates, TLS and ASN.1.
PLAN = r"""
version: 1
variables: {sku: A-100}
secrets: {password: SMOKE_PASSWORD}
parallel: 3
setup:
  - name: log in
    request: {method: POST, url: /api/login, json: {user: smoke, password: "{{password}}"}}
    status: 200
    captures: {token: jsonpath "$.token" redact}
tests:
  - name: catalogue
    tags: [load]
    steps:
      - name: item
        request: {url: "/api/items/{{sku}}", headers: {Authorization: "Bearer {{token}}"}}
        json_schema: item.schema.json
        asserts:
          - jsonpath "$.tags[?@ == 'light']" count == 1
          - jsonpath "$.last_backup" age < 25h
      - name: items
        request: {url: /api/items}
        headers: {Content-Type: application/json}
        asserts:
          - jsonpath "$.items[?@.price < 100 && @.stock > 0]" count == 1
          - jsonpath "$.items[?match(@.sku, '[AB]-[0-9]{3}')]" count == 3
          - jsonpath "$.items[?search(@.name, 'größer$')].sku" == "B-300"
          - 'body matches /"sku": ?"[A-Z]-\d+"/'
  - name: order
    steps:
      - name: order
        request:
          {method: POST, url: /api/orders, headers: {Authorization: "Bearer {{token}}"}, json: {sku: "{{sku}}"}}
        status: 201
        captures: {order: jsonpath "$.id"}
      - name: ready
        request: {url: "/api/orders/{{order}}"}
        options: {retry: 5, retry_interval: 50ms, fail_when: ['jsonpath "$.state" == "failed"']}
        asserts: [jsonpath "$.state" == "ready"]
finally:
  - name: log out
    request: {method: POST, url: /api/logout, headers: {Authorization: "Bearer {{token}}"}}
    status: 204
"""
# With fewer samples than a percentile needs, nobody judges whether a busy machine was late to send them.
LOAD = """
load:
  executor: constant-arrival-rate
  rate: 25
  vus: 10
  duration: 2s
  tags: [load]
  thresholds:
    http_req_duration: ["med<1000"]
    http_req_failed: ["rate<0.01"]
"""
CERTIFICATE = """
version: 1
tests:
  - name: certificate
    steps:
      - name: certificate
        request: {url: /health}
        status: 200
        asserts:
          - certificate "Expire-Date" daysAfterNow > 21
          - certificate "Subject-Alt-Name" contains "shop.test"
          - certificate "Issuer" contains "trustme"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.serve(tmp_path / "shop" / "shop") as shop:
        shop.write({"plan.yml": PLAN, "loaded.yml": PLAN + LOAD, "item.schema.json": json.dumps(SCHEMA)})
        yield shop
        assert not shop.consumer.hub.violations


@pytest.fixture
def container(image: str) -> Container:
    return Container(image=image, network="host")


def smoke(shop: Shop, with_: Mapping[str, str], env: Mapping[str, str] | None = None, **settings: Any) -> Shown:
    """Run the action for a push; nothing of it may look like a bug of ours, or show the password."""
    environment = {"SMOKE_PASSWORD": PASSWORD, **(env or {})}
    given = {"on": shop.consumer.push(), "secrets": (PASSWORD,), **settings}
    shown = shop.consumer.run(NAME, with_={"plan": "plan.yml", **with_}, env=environment, **given)
    assert "Traceback" not in shown.log, shown.log
    assert "has a bug" not in shown.log, shown.log
    assert shown.outputs, shown.log
    assert PASSWORD not in f"{shown}"
    return shown


def outcome_of(shop: Shop, shown: Shown) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((shop.workspace / shown.outputs["outcome"]).read_bytes())
    return read


def told(shop: Shop, shown: Shown) -> list[tuple[Any, ...]]:
    """What came of each step, without what time and chance are in."""
    steps = outcome_of(shop, shown)["data"]["steps"]
    return [(one["test"], one["name"], one["ok"], one["status"], one["message"]) for one in steps]


def cases(shop: Shop, shown: Shown) -> list[Element]:
    return list(ElementTree.parse(shop.workspace / shown.outputs["junit-file"]).iter("testcase"))


@pytest.mark.container
class TestPlans:
    def test_a_good_deployment_is_green_and_what_it_leaves_is_the_runners(
        self, shop: Shop, container: Container
    ) -> None:
        with Service(2) as service:
            shown = smoke(shop, {"base-url": service.url}, container=container)
        assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
        assert (shown.outputs["total"], shown.outputs["passed"]) == ("6", "6")
        for output in ("outcome", "junit-file"):
            path = shop.workspace / shown.outputs[output]
            assert path.is_relative_to(shop.workspace)
            assert path.stat().st_uid == os.getuid()
        assert [case.get("name") for case in cases(shop, shown)] == [
            "log in",
            "item",
            "items",
            "order",
            "ready",
            "log out",
        ]

    def test_a_bad_one_is_red_and_told_alike_here_and_in_the_image(self, shop: Shop, container: Container) -> None:
        seen = []
        for where in (None, container):
            with Service(2, shop=Sample(orders_fail=True)) as service:
                service.fault("status", path="/api/items", status=503)
                shown = smoke(shop, {"base-url": service.url}, container=where)
            assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["failed"]) == (1, "fail", "2"), shown.log
            seen.append((told(shop, shown), sorted(shown.errors)))
        assert seen[0] == seen[1]
        failed = [case.get("name") for case in cases(shop, shown) if case.find("failure") is not None]
        assert failed == ["items", "ready"]

    def test_the_load_stage_is_put_on_from_inside(self, shop: Shop, container: Container) -> None:
        with Service(2) as service:
            shown = smoke(shop, {"plan": "loaded.yml", "base-url": service.url}, container=container)
        assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
        # 50 iterations of two requests; throughput is of the two seconds and what was in flight at their end.
        assert shown.outputs["requests"] == "100"
        assert float(shown.outputs["throughput"]) > 25
        assert shown.outputs["error-rate"] in ("0", "0.0")

    def test_certificates_are_read_without_the_library_cryptography(
        self, shop: Shop, container: Container, image: str, tmp_path: Path
    ) -> None:
        look = "import importlib.util as u; print(u.find_spec('cryptography'))"
        argv = ["docker", "run", "--entrypoint", "/usr/bin/python3", "--rm=false", image, "-Ic", look]
        assert subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip() == "None"
        authority = Authority(tmp_path / "ca")
        shutil.copy(authority.ca_pem, shop.workspace / "ca.pem")
        shop.write({"plan.yml": CERTIFICATE})
        with Service(1, tls=authority) as service:
            base = f"https://{service.name}:{service.port}"
            settings: dict[str, Any] = {"container": container, "hosts": {service.name: ("127.0.0.1",)}}
            good = smoke(shop, {"base-url": base, "ca-bundle": "ca.pem"}, **settings)
            service.fault("expiring", on="balancer", days=5)
            old = smoke(shop, {"base-url": base, "ca-bundle": "ca.pem"}, **settings)
            unknown = smoke(shop, {"base-url": base}, **settings)
        assert (good.exit_code, good.outputs["verdict"]) == (0, "pass"), good.log
        assert [shown.exit_code for shown in (old, unknown)] == [1, 1]
        assert "daysAfterNow" in old.errors[0]
        assert "certificate" in unknown.errors[0]

    def test_a_plan_in_hurl_and_a_k6_script_work_there_too(self, shop: Shop, container: Container) -> None:
        shop.write({"plan.hurl": 'GET {{host}}/health\nHTTP 200\n[Asserts]\njsonpath "$.status" == "ok"\n'})
        with Service(1) as service:
            hurl = smoke(shop, {"plan": "plan.hurl", "variables": f"host={service.url}"}, container=container)
            k6 = smoke(shop, {"plan": "loaded.yml", "base-url": service.url, "export": "k6"}, container=container)
        assert (hurl.exit_code, hurl.outputs["total"]) == (0, "1"), hurl.log
        script = (shop.workspace / k6.outputs["export-file"]).read_text(encoding="utf-8")
        assert "export const options" in script
        assert PASSWORD not in script


@pytest.mark.container
def test_localhost_in_a_container_of_its_own_is_explained(shop: Shop, image: str) -> None:
    with Service(1) as service:
        base = f"http://localhost:{service.port}"
        shown = smoke(
            shop, {"plan": "", "checks": "GET /health 200", "base-url": base}, container=Container(image=image)
        )
    assert shown.exit_code == 1
    assert "this action's own container" in shown.errors[0]


class TestHostileWorkspace:
    NAMES = (
        "re2.py",
        "requests.py",
        "urllib3.py",
        "sitecustomize.py",
        "usercustomize.py",
        "json.py",
        "ssl.py",
        "yaml.py",
        "certifi.py",
        "pydantic.py",
        "jsonpath_rfc9535.py",
        "jsonschema.py",
        "referencing.py",
        "rpds.py",
        "regex.py",
        "asn1crypto/__init__.py",
        "junitparser.py",
        "smoke_test.py",
        "actionkit.py",
        "encodings/__init__.py",
    )

    def test_no_module_in_it_is_imported(self, request: pytest.FixtureRequest, shop: Shop, where: str) -> None:
        environment = traps.modules(shop, where, self.NAMES)
        inside = where == INSIDE
        container = Container(image=request.getfixturevalue("image"), network="host") if inside else None
        with Service(1) as service:
            shown = smoke(shop, {"base-url": service.url, "mutate": "true"}, environment, container=container)
        assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
        assert not owned(shop).exists()

    @pytest.mark.parametrize("name", ["plan", "json_schema", "file", "ca-bundle"])
    def test_a_file_that_is_a_link_out_is_not_followed(self, shop: Shop, tmp_path: Path, name: str) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("s3cret-of-the-runner")
        (shop.workspace / "link").symlink_to(secret)
        request = {"json_schema": "{url: /health}", "file": "{method: POST, url: /api/login, file: link}"}
        schema = "json_schema: link" if name == "json_schema" else "status: 200"
        step = f"{{name: step, request: {request.get(name, '{url: /health}')}, {schema}}}"
        shop.write({"plan.yml": f"version: 1\ntests: [{{name: test, steps: [{step}]}}]\n"})
        with_ = {name: "link"} if name in ("plan", "ca-bundle") else {}
        with Service(1) as service:
            shown = smoke(shop, {"base-url": service.url, **with_})
            assert service.requests == ()
        assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log
        assert "s3cret" not in f"{shown}"

    def test_neither_junit_nor_outcome_is_written_through_a_link_out(self, shop: Shop, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (shop.workspace / ".actions").symlink_to(outside, target_is_directory=True)
        with Service(1) as service:
            shown = smoke(shop, {"base-url": service.url})
        assert shown.outputs["verdict"] == "pass"
        assert (shown.outputs["outcome"], shown.outputs["junit-file"]) == ("", "")
        assert list(outside.iterdir()) == []

    @pytest.mark.container
    def test_a_workspace_that_is_read_only_is_said_plainly(self, shop: Shop, image: str) -> None:
        container = Container(image=image, network="host", read_only_workspace=True)
        with Service(1) as service:
            shown = smoke(shop, {"base-url": service.url}, container=container)
        assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
        assert (shown.outputs["outcome"], shown.outputs["junit-file"]) == ("", "")
        for name in ("outcome.json", "junit.xml"):
            assert any(name in warning and "read-only" in warning.lower() for warning in shown.warnings)
