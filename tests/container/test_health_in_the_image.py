"""health-wait where it really runs: in a container, whose `localhost` is not the runner's, in a foreign workspace."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.container import traps
from tests.container.traps import INSIDE, owned

from sandbox.runner import Container, Shown
from sandbox.service import Authority, Service
from sandbox.shop import Shop

NAME = "health-wait"
AT_ONCE = {"period": "100ms", "timeout": "1s", "deadline": "10s"}
NEVER = {"period": "100ms", "timeout": "500ms", "deadline": "1s"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.serve(tmp_path / "shop" / "shop") as shop:
        yield shop
        assert not shop.consumer.hub.violations


def wait(shop: Shop, with_: Mapping[str, str], **settings: Any) -> Shown:
    """Run the action for a push; nothing of it may look like a bug of ours."""
    shown = shop.consumer.run(NAME, **{"on": shop.consumer.push(), "with_": with_, **settings})
    assert "Traceback" not in shown.log, shown.log
    assert "has a bug" not in shown.log, shown.log
    assert shown.outputs, shown.log
    return shown


def hosts(service: Service) -> dict[str, tuple[str, ...]]:
    return {service.name: service.resolver(service.name)}


def data_of(shop: Shop, shown: Shown) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shop.workspace / shown.outputs["outcome"]).read_bytes())["data"]
    return found


def plain_of(shop: Shop, service: Service) -> dict[str, str]:
    """Inputs that need every library: YAML, JSONPath, RE2, DNS."""
    config = f"""\
targets:
  - url: {service.url}/version
    expect: jsonpath "$[?@ == 'ok']" count == 1
    expect_body: '"build": ?"[0-9a-f]{{40}}"'
"""
    shop.write({".github/health-wait.yml": config})
    return {**AT_ONCE, "targets": "dns://localhost", "expect-version": "1.4.1"}


@pytest.mark.container
class TestReach:
    def test_localhost_is_refused_with_the_address_to_write_instead_which_then_works(
        self, shop: Shop, image: str
    ) -> None:
        with Service(1, bind="0.0.0.0") as service:  # noqa: S104 - the bridge must reach it
            target = f"http://localhost:{service.port}/health"
            refused = wait(shop, {**NEVER, "targets": target}, container=Container(image=image))
            diagnosis = refused.outputs["diagnosis"]
            assert (refused.exit_code, refused.outputs["result"]) == (1, "timeout")
            assert "`localhost` is this action's own container here" in diagnosis
            assert "for a service container write its name" in diagnosis
            gateway = re.search(r"`([0-9.]+)`", diagnosis.partition("gateway")[2])
            assert gateway, diagnosis
            target = f"http://{gateway[1]}:{service.port}/health"
            reached = wait(shop, {**AT_ONCE, "targets": target}, container=Container(image=image))
            assert (reached.exit_code, reached.outputs["result"]) == (0, "healthy")

    def test_localhost_works_where_the_container_shares_the_network(self, shop: Shop, image: str) -> None:
        with Service(1) as service:
            with_ = {**AT_ONCE, "targets": f"http://localhost:{service.port}/health\ntcp://localhost:{service.port}"}
            shown = wait(shop, with_, container=Container(image=image, network="host"))
        assert shown.outputs["result"] == "healthy"
        assert "own container" not in shown.log

    def test_every_replica_behind_a_name_is_counted(self, shop: Shop, image: str) -> None:
        with Service(3, "1.5.0") as service:
            target = f"http://{service.name}:{service.port}/health"
            with_ = {**AT_ONCE, "targets": target, "census": "true", "expect-version": "1.5.0"}
            container = Container(image=image, network="host")
            shown = wait(shop, with_, container=container, hosts=hosts(service))
            assert shown.outputs["diagnosis"].startswith("serves 1.5.0 on all 3 replicas")
            assert {one.replica for one in service.requests} == {"replica-1", "replica-2", "replica-3"}

    def test_an_authority_of_ones_own_is_trusted_by_its_file_in_the_workspace(
        self, shop: Shop, image: str, tmp_path: Path
    ) -> None:
        authority = Authority(tmp_path / "ca")
        shutil.copy(authority.ca_pem, shop.workspace / "ca.pem")
        container = Container(image=image, network="host")
        with Service(1, tls=authority) as service:
            target = f"https://{service.name}:{service.port}/health"
            settings: dict[str, Any] = {"container": container, "hosts": hosts(service)}
            unknown = wait(shop, {**NEVER, "targets": target}, **settings)
            known = wait(shop, {**AT_ONCE, "targets": target, "ca-bundle": "ca.pem"}, **settings)
            service.fault("wrong-host")
            other = wait(shop, {**NEVER, "targets": target, "ca-bundle": "ca.pem"}, **settings)
        assert (known.outputs["result"], known.outputs["verdict"]) == ("healthy", "pass")
        assert unknown.exit_code == other.exit_code == 1
        assert "certificate" in unknown.outputs["diagnosis"]
        assert "elsewhere.test" in other.outputs["diagnosis"]

    def test_a_name_that_nobody_knows_is_told_by_the_images_own_resolver(self, shop: Shop, image: str) -> None:
        with_ = {**NEVER, "targets": "https://no-such-host.invalid/health", "timeout": "900ms"}
        shown = wait(shop, with_, container=Container(image=image, network="none"))
        assert (shown.exit_code, shown.outputs["result"]) == (1, "timeout")
        assert "the name does not resolve" in shown.outputs["diagnosis"]


@pytest.mark.container
def test_the_image_sees_what_this_python_sees(shop: Shop, image: str) -> None:
    """Python 3.13 and its newer JSONPath library in the image, whatever is installed here."""
    seen = []
    with Service(1) as service:
        with_ = plain_of(shop, service)
        for container in (None, Container(image=image, network="host")):
            shown = wait(shop, with_, container=container)
            targets = data_of(shop, shown)["targets"]
            seen.append([(one["target"], one["result"], one["version"]) for one in targets])
    assert seen[0] == seen[1]
    assert [result for _, result, _ in seen[0]] == ["healthy", "healthy"]


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
        "health_wait.py",
        "actionkit.py",
        "dns/__init__.py",
        "dns/resolver.py",
        "encodings/__init__.py",
    )

    def test_no_module_in_it_is_imported(self, request: pytest.FixtureRequest, shop: Shop, where: str) -> None:
        with Service(1) as service:
            with_ = plain_of(shop, service)
            environment = traps.modules(shop, where, self.NAMES)
            inside = where == INSIDE
            container = Container(image=request.getfixturevalue("image"), network="host") if inside else None
            shown = wait(shop, with_, env=environment, container=container)
        assert (shown.exit_code, shown.outputs["result"]) == (0, "healthy")
        assert not owned(shop).exists()

    def test_a_bundle_or_config_that_is_a_link_out_is_not_followed(self, shop: Shop, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("s3cret-of-the-runner")
        (shop.workspace / "ca.pem").symlink_to(secret)
        (shop.workspace / "health.yml").symlink_to(secret)
        for name, path in (("ca-bundle", "ca.pem"), ("config", "health.yml")):
            shown = wait(shop, {**NEVER, "targets": "https://shop.test/health", name: path})
            assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error")
            assert "s3cret" not in f"{shown}"

    @pytest.mark.container
    def test_a_workspace_that_is_read_only_is_said_plainly(self, shop: Shop, image: str) -> None:
        with Service(1) as service:
            container = Container(image=image, network="host", read_only_workspace=True)
            shown = wait(shop, {**AT_ONCE, "targets": f"{service.url}/health"}, container=container)
        assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["outcome"]) == (0, "pass", "")
        assert "read-only" in shown.warnings[0].lower()
