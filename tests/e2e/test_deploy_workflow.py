"""The example's own deploy workflow: rolled out, awaited, smoked, and rolled back where it is known to be bad.

The deployment is the sample service on this machine; the two scripts of `deploy/` steer it over its admin port.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any
from uuid import uuid4

import pytest
import yaml
from tests.e2e.conftest import ACTIONS, ROOT, Act, Ran

from sandbox.runner import Event
from sandbox.service import USERS, Service
from sandbox.shop import Shop

pytestmark = pytest.mark.e2e

EXAMPLE = ROOT / "examples" / "python-shop"
FRONT_DOOR = "https://www.shop.example.com"
OLD, NEW = "1.4.1", "1.5.0"
(PASSWORD,) = USERS.values()
POST = """\
#!/bin/bash
# The job's image has neither curl nor Python.
exec 3<>/dev/tcp/{address}
printf 'POST %s HTTP/1.1\\r\\n' {path} >&3
printf 'Host: admin\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s' "${{#1}}" "$1" >&3
grep -q '^HTTP/1.1 202' <&3
"""
LIGHTER = {"rate: 50": "rate: 25", "duration: 10s": "duration: 2s", "p(95)<500": "med<500"}
"""With fewer samples than a percentile needs, nobody judges whether a busy machine was late to send them."""
SLOWLY = {"gap_seconds": 0.2, "pause": 0.1}
BREAKS = {"kind": "status", "status": 500, "after_requests": 18}
"""Of each replica: more than make it healthy, fewer than a bake of 4 s asks."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(3, OLD) as service:
        yield service
        assert service.mishaps == ()


@pytest.fixture
def shop(tmp_path: Path, service: Service) -> Iterator[Shop]:
    """The example, with the sample service in the place of its production."""
    with Shop.serve(tmp_path / "shop", files(service)) as shop:
        shop.consumer.checkout.switch("main")
        yield shop
        assert not shop.consumer.hub.violations


def files(service: Service) -> dict[str, str]:
    """What the workflow goes by: the example's files with other addresses and times, and a lighter load."""
    workflow = yaml.safe_load((EXAMPLE / ".github/workflows/deploy.yml").read_text(encoding="utf-8"))
    # act names its containers after the workflow; the runner's own Node actions are not to be had here.
    workflow = {("on" if key is True else key): value for key, value in workflow.items()} | {"name": uuid4().hex}
    (job,) = workflow["jobs"].values()
    job["steps"] = [step for step in job["steps"] if "upload-artifact" not in step.get("uses", "")]
    plan = (EXAMPLE / "smoke/plan.yml").read_text(encoding="utf-8")
    for usual, here in LIGHTER.items():
        assert usual in plan
        plan = plan.replace(usual, here)
    return {
        ".github/workflows/deploy.yml": dumped(workflow).replace("org/actions/", f"{ACTIONS}/"),
        ".github/health-wait.yml": dumped(health(service)),
        "smoke/plan.yml": plan.replace(FRONT_DOOR, service.url),
        "smoke/item.schema.json": (EXAMPLE / "smoke/item.schema.json").read_text(encoding="utf-8"),
    }


def health(service: Service) -> dict[str, Any]:
    """The example's config. No name leads to the replicas here, so each is a target of its own."""
    config: dict[str, Any] = yaml.safe_load((EXAMPLE / ".github/health-wait.yml").read_text(encoding="utf-8"))
    replicas, front_door = config["targets"]
    each = [
        {**replicas, "name": one.name, "url": replicas["url"].replace("https://shop.example.com", one.url)}
        for one in service.replicas
    ]
    door = {**front_door, "url": front_door["url"].replace(FRONT_DOOR, service.url)}
    return {**config, "targets": [*each, door], "period": "200ms", "deadline": "15s", "bake_time": "4s"}


def dumped(read: dict[str, Any]) -> str:
    return yaml.safe_dump(read, sort_keys=False)


def scripts(shop: Shop, service: Service, defect: dict[str, Any]) -> None:
    """`deploy/*.sh`, which roll out a release with this defect, and back."""
    address = service.administered(Flag().set).removeprefix("http://").replace(":", "/")
    asked = {**SLOWLY, **({"defect": defect} if defect else {})}
    out = "set -- \"$(printf '%s' '" + json.dumps({"to": "VERSION", **asked}) + '\' | sed "s/VERSION/$1/")"\n'
    back = f"set -- '{json.dumps(SLOWLY)}'\n"
    for name, path, before in (("roll-out", "/-/deploy", out), ("roll-back", "/-/rollback", back)):
        first, rest = POST.format(address=address, path=path).split("\n", 1)
        shop.write({f"deploy/{name}.sh": f"{first}\n{before}{rest}"})
        (shop.workspace / f"deploy/{name}.sh").chmod(0o755)


def deploy(act: Act, shop: Shop, service: Service, released: Path, defect: dict[str, Any] | None = None) -> Ran:
    """Push the tag of the new version, which has this defect."""
    scripts(shop, service, defect or {})
    secrets = {"SMOKE_PASSWORD": PASSWORD}
    return act(shop, tagged(shop.consumer.push()), {"contents": "read"}, actions=released, secrets=secrets)


def tagged(push: Event) -> Event:
    ref = f"refs/tags/v{NEW}"
    return replace(push, ref=ref, payload={**push.payload, "ref": ref})


def results(ran: Ran) -> dict[str, str]:
    """How each step with a name of its own ended; those that were left out have no result."""
    return {step: left.result for step, left in ran.steps.items() if left.result and not step.isdigit()}


def test_a_release_is_awaited_smoked_and_green(act: Act, released: Path, shop: Shop, service: Service) -> None:
    ran = deploy(act, shop, service, released)
    assert ran.exit_code == 0, ran.log
    assert results(ran) == dict.fromkeys(("deploy", "wait", "smoke"), "success")
    wait, smoke = ran.steps["wait"], ran.steps["smoke"]
    assert (wait.outputs["result"], wait.outputs["failed-targets"]) == ("healthy", "")
    assert float(wait.outputs["elapsed-seconds"]) > 4
    assert (smoke.outputs["verdict"], smoke.outputs["passed"], smoke.outputs["requests"]) == ("pass", "7", "50")
    assert "Timeline" in wait.summary
    assert "3 of 3 thresholds held" in smoke.summary
    assert [replica.version for replica in service.replicas] == [NEW] * 3


def test_a_release_that_breaks_while_it_bakes_is_rolled_back_and_never_smoked(
    act: Act, released: Path, shop: Shop, service: Service
) -> None:
    ran = deploy(act, shop, service, released, BREAKS)
    assert ran.exit_code == 1
    assert results(ran) == {"deploy": "success", "wait": "failure", "rollback": "success", "restored": "success"}
    wait, restored = ran.steps["wait"], ran.steps["restored"]
    assert wait.outputs["result"] == "regressed"
    assert "answered 500" in wait.outputs["diagnosis"]
    assert "error" in [level for level, _ in wait.annotations]
    assert (restored.outputs["result"], restored.outputs["outcome"]) == (
        "healthy",
        ".actions/health-wait/restored.json",
    )
    assert [replica.version for replica in service.replicas] == [OLD] * 3


def test_a_release_that_is_up_but_wrong_is_rolled_back_too(
    act: Act, released: Path, shop: Shop, service: Service
) -> None:
    service.shop.orders_fail = True
    ran = deploy(act, shop, service, released)
    assert ran.exit_code == 1
    failed = {"deploy": "success", "wait": "success", "smoke": "failure", "rollback": "success", "restored": "success"}
    assert results(ran) == failed
    smoke = ran.steps["smoke"]
    assert (smoke.outputs["verdict"], smoke.outputs["failed"]) == ("fail", "1")
    assert "orders: order is ready" in smoke.outputs["headline"]
    assert [replica.version for replica in service.replicas] == [OLD] * 3
