"""Every message in the README of health-wait is one the action says, with the verdict that it is listed under."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.contract.waiting import NAME, probed, wait
from tests.docs.pages import ROOT
from tests.docs.said import check_said, listed

from sandbox.consumer import PULL_JOB, Consumer
from sandbox.runner import Cancellation, Shown
from sandbox.service import Authority, Service

README = ROOT / "actions" / NAME / "README.md"
linux = Path("/proc/thread-self").exists()


@dataclass(frozen=True)
class Stage:
    """A shop, and the service that it deploys."""

    shop: Consumer
    service: Service

    def push(self, targets: str = "https://shop.test/", cancel: Cancellation | None = None, **inputs: Any) -> Shown:
        return wait(self.shop, self.shop.push(), targets=targets, cancel=cancel, **inputs)

    def pull(self, token: str, *, fork: str = "") -> Shown:
        _, event = self.shop.open_pull("more", {"more.md": "# More\n"}, fork=fork)
        return wait(self.shop, event, token=token, targets=f"{self.service.url}/health", insecure="true")


def a_frozen_runner(stage: Stage) -> Shown:
    frozen = Cancellation(probed(stage.service, times=2), ((signal.SIGSTOP, 2.5), (signal.SIGCONT, 30.0)))
    given = {"expect_status": "201", "insecure": "true", "deadline": "2s", "timeout": "500ms"}
    return stage.push(f"{stage.service.url}/health", frozen, **given)


def a_cancelled_job(stage: Stage) -> Shown:
    cancelled = Cancellation(probed(stage.service, times=2), ((signal.SIGINT, 10.0),))
    return stage.push(f"{stage.service.url}/health", cancelled, expect_status="201", insecure="true")


def a_misspelt_key(stage: Stage) -> Shown:
    stage.shop.checkout.write({".github/health-wait.yml": "target: [https://shop.test/]\n"})
    return stage.push()


def an_expired_token(stage: Stage) -> Shown:
    hub = stage.shop.hub
    return stage.pull(hub.token(stage.shop.repository, permissions=PULL_JOB, expires_in=timedelta(seconds=-1)).secret)


SCENARIOS: dict[str, Callable[[Stage], Shown]] = {
    "the runner itself was frozen or starved for … (… of … control probes late or failed), "
    "so this watch proves nothing": a_frozen_runner,
    "the run was stopped by SIGINT before it was finished": a_cancelled_job,
    "no target to wait for": lambda stage: stage.push(""),
    "… has no scheme; accepted: …": lambda stage: stage.push("shop.test:8080"),
    "… has the unknown scheme …": lambda stage: stage.push("mysql://shop.test"),
    "input deadline: … is shorter than one probe: … of timeout": lambda stage: stage.push(deadline="1s"),
    "input expect: line …: column …: …; accepted: …": lambda stage: stage.push(expect='jsonpth "$.status" == "up"'),
    "… may not be probed: … is a cloud's metadata service": lambda stage: stage.push("http://169.254.169.254/"),
    "failed probes are counted while baking, and there is no bake-time": lambda stage: stage.push(failure_limit="3"),
    "this is where an answer states its version, but no version is expected": lambda stage: stage.push(
        version_from='header "X-Version"'
    ),
    "the value of the header … has fewer than 6 characters": lambda stage: stage.push(headers="X-Api-Key: short"),
    "… has a password of fewer than 6 characters, which cannot be kept out of the log": lambda stage: stage.push(
        "https://smoke:short@shop.test/"
    ),
    "input ca-bundle: …: no such file or directory": lambda stage: stage.push(ca_bundle="certs/none.pem"),
    "input config: …: no such file or directory": lambda stage: stage.push(config="ci/none.yml"),
    "… is not a key; accepted: …": a_misspelt_key,
    "GitHub does not accept the token": an_expired_token,
    "input from-outcome needs a workflow_run event": lambda stage: stage.push(from_outcome="outcome.json"),
    "the certificate was not verified, so anybody may have answered": lambda stage: stage.push(
        f"{stage.service.url}/health", insecure="true"
    ),
    "no comment was posted: GitHub refused …: the token lacks …": lambda stage: stage.pull(
        stage.shop.token({"pull-requests": "read"})
    ),
    "no comment was posted: a fork's token is read-only": lambda stage: stage.pull(
        stage.shop.hub.fork_token(stage.shop.repository).secret, fork="stranger/shop"
    ),
}


def test_every_message_in_the_readme_has_its_proof_here() -> None:
    assert list(listed(README)) == list(SCENARIOS)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(1, tls=Authority(tmp_path_factory.mktemp("authority"))) as running:
        yield running


@pytest.mark.parametrize("message", SCENARIOS)
def test_the_action_says_it_with_that_verdict_and_a_fix(shop: Consumer, service: Service, message: str) -> None:
    if not linux and SCENARIOS[message] is a_frozen_runner:
        pytest.skip("needs Linux's signals")
    check_said(SCENARIOS[message](Stage(shop, service)), message, listed(README)[message])
