"""A cancelled job of smoke-test says in time what it knows, and cleans up after itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.contract.interrupting import WITHIN_SECONDS, Interrupt, Moment
from tests.contract.measured import outcome_of
from tests.contract.smoked import SECRETS, SHOP, cases, smoke, states

from actionkit import envelope
from sandbox.consumer import Consumer
from sandbox.runner import Shown
from sandbox.service import Service

pytestmark = pytest.mark.skipif(not Path("/proc/thread-self").exists(), reason="needs Linux's /proc to time signals")

FOREVER = "options: {retry: -1, retry_interval: 50ms}"
WAITING = SHOP.replace('asserts: [jsonpath "$.version" == "1.4.1"]', f"asserts: [status == 599]\n        {FOREVER}")
"""The step `version` is tried again until somebody stops it."""

LONG_LOAD = "load: {executor: constant-arrival-rate, rate: 20, vus: 5, duration: 60s}\n"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(replicas=1) as started:
        yield started
        assert started.mishaps == ()


@dataclass(frozen=True)
class Stage:
    shop: Consumer
    service: Service

    def arrived(self, path: str, times: int) -> Moment:
        """True once so many requests for the path have arrived."""
        return lambda: len([one for one in self.service.requests if one.path == path]) >= times

    def stopped(self, interrupt: Interrupt, plan: str, **inputs: str) -> tuple[Shown, dict[str, Any]]:
        """A run that is interrupted: it ended in time with the signal's code and said `incomplete`."""
        shown = smoke(
            self.shop,
            self.shop.push(),
            plan,
            base_url=self.service.url,
            env=SECRETS,
            cancel=interrupt.cancellation,
            **inputs,
        )
        assert interrupt.sent_at is not None, f"the run ended before it was interrupted\n{shown.log}"
        assert time.monotonic() - interrupt.sent_at < WITHIN_SECONDS
        assert shown.exit_code == interrupt.exit_code, shown.log
        assert "Exception ignored" not in shown.log
        assert shown.outputs["verdict"] == "incomplete"
        assert shown.outputs["headline"].startswith("stopped by")
        found = outcome_of(self.shop, shown)
        envelope.load((self.shop.checkout.path / shown.outputs["outcome"]).read_bytes(), "outcome.json")
        return shown, found


@pytest.fixture
def stage(shop: Consumer, service: Service) -> Stage:
    return Stage(shop, service)


def test_a_step_that_waits_is_left_finally_still_runs_and_what_is_known_is_told(stage: Stage) -> None:
    sent = Interrupt(signal.SIGTERM, stage.arrived("/version", 3))
    shown, found = stage.stopped(sent, WAITING)
    told = {name: state for _, name, state in states(found)}
    assert told["login"] == told["item"] == told["logout"] == "passed"
    assert told["version"] == told["GET /old"] == "skipped"
    (step,) = (one for one in found["data"]["steps"] if one["name"] == "version")
    assert "interrupted by signal 15; so far: status is 200 (integer), expected == 599" in step["message"]
    assert "so far: 3 of 5 steps passed" in found["headline"]
    # The shop has logged the user out.
    assert stage.service.shop.tokens == {}
    junit = (stage.shop.checkout.path / shown.outputs["junit-file"]).read_bytes()
    assert cases(junit)["api", "version"] == "skipped"


def test_a_request_that_hangs_keeps_nobody(stage: Stage) -> None:
    stage.service.fault("hang", path="/version")
    sent = Interrupt(signal.SIGINT, stage.arrived("/version", 1))
    _, found = stage.stopped(sent, SHOP)
    told = {name: state for _, name, state in states(found)}
    assert told["item"] == "passed"
    assert told["logout"] == "passed"


def test_a_load_stage_ends_at_once_and_finally_still_runs(stage: Stage) -> None:
    sent = Interrupt(signal.SIGTERM, stage.arrived("/api/items/A-100", 5))
    _, found = stage.stopped(sent, SHOP + LONG_LOAD)
    assert {state for *_, state in states(found)} == {"passed"}
    # What was measured until then is told, as what it is.
    assert found["data"]["load"]["requests"] >= 3
    assert any("the load stage was stopped after" in problem["message"] for problem in found["problems"])
    assert stage.service.shop.tokens == {}


def test_a_finally_that_hangs_is_cut_off(stage: Stage) -> None:
    stage.service.fault("hang", path="/api/logout")
    sent = Interrupt(signal.SIGTERM, stage.arrived("/version", 1))
    _, found = stage.stopped(sent, WAITING)
    told = {name: state for _, name, state in states(found)}
    assert told["item"] == "passed"
    assert told["logout"] != "passed"


def test_while_github_is_slow_to_answer_about_the_history_what_the_steps_showed_is_told(stage: Stage) -> None:
    hub = stage.shop.hub
    hub.behave.on("GET", "*/contents/*").is_slow(body=20)
    sent = Interrupt(signal.SIGTERM, lambda: any("/contents/" in one.path for one in hub.requests))
    _, found = stage.stopped(sent, SHOP + "regression: {error_rate: 0.5pp}\n")
    hub.behave.calm()
    assert {state for *_, state in states(found)} == {"passed"}
    assert "so far: 5 of 5 steps passed" in found["headline"]
    assert found["data"]["junit_file"]


def test_the_deployment_compared_with_is_interrupted_too(stage: Stage) -> None:
    with Service(replicas=1, version="1.4.0") as previous:
        previous.fault("hang", path="/version")
        sent = Interrupt(signal.SIGTERM, lambda: any(one.path == "/version" for one in previous.requests))
        _, found = stage.stopped(sent, SHOP, compare_url=previous.url)
    assert {state for *_, state in states(found)} == {"passed"}
