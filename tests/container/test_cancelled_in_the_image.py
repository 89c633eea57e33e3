"""A cancelled job, where the action is the first process of a container: no shell and no init pass the signal on."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest
from tests.contract import scanned

from sandbox.runner import Cancellation, Conclusion, Container, Shown
from sandbox.service import Service
from sandbox.shop import CART, Shop, measured

pytestmark = pytest.mark.container


@dataclass
class Cancelled:
    """One signal, sent when `arrived` is set, and how long the action took to end after it."""

    number: signal.Signals
    arrived: Event = field(default_factory=Event)
    sent_at: list[float] = field(default_factory=list)

    def run(
        self,
        shop: Shop,
        image: str,
        action: str,
        with_: Mapping[str, str],
        when: Callable[[], bool] | None = None,
    ) -> Shown:
        """Run the action in the image with all that it may ask for; it must end in time, and be told as cancelled.

        `when` says when to cancel, if it is not when `arrived` is set.
        """
        due = when or self.arrived.is_set
        shown = shop.consumer.run(
            action,
            on=shop.event,
            with_=with_,
            token=shop.consumer.token(scanned.UPLOADER),
            container=Container(image=image, network="host"),
            cancel=Cancellation(lambda: self._due(due), ((self.number, 9.0),)),
        )
        assert time.monotonic() - self.sent_at[0] < 5
        assert (shown.exit_code, shown.conclusion) == (128 + self.number, Conclusion.CANCELLED)
        return shown

    def _due(self, due: Callable[[], bool]) -> bool:
        if is_due := due():
            self.sent_at.append(time.monotonic())
        return is_due


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.serve(tmp_path / "shop" / "shop") as shop:
        yield shop


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def cancelled(request: pytest.FixtureRequest) -> Cancelled:
    return Cancelled(request.param)


@pytest.mark.parametrize(
    ("action", "with_"),
    [
        ("coverage-gate", {"reports": "coverage.xml", "baseline": "none"}),
        (scanned.NAME, {"reports": "bandit.json", "baseline": "none"}),
    ],
    ids=["coverage-gate", scanned.NAME],
)
def test_while_it_comments_it_ends_in_time_and_says_that_it_could_not_judge(
    shop: Shop, image: str, cancelled: Cancelled, action: str, with_: Mapping[str, str]
) -> None:
    shop.consumer.checkout.write({"coverage.xml": measured(), "bandit.json": scanned.bandit()})
    behave = shop.consumer.hub.behave
    behave.on("GET", "*/comments").happens_meanwhile(cancelled.arrived.set)
    behave.on("GET", "*/comments").is_slow(before=20)
    shown = cancelled.run(shop, image, action, with_)
    assert shown.outputs["verdict"] == "incomplete"
    assert "incomplete" in shown.summary
    assert shop.comments() == []


def test_while_it_waits_for_code_scanning_it_ends_in_time(shop: Shop, image: str, cancelled: Cancelled) -> None:
    shop.consumer.checkout.write({"bandit.json": scanned.bandit(scanned.Issue(path=CART))})
    shop.consumer.hub.behave.on("POST", "*/sarifs").happens_meanwhile(cancelled.arrived.set)
    shown = cancelled.run(
        shop, image, scanned.NAME, {"reports": "bandit.json", "baseline": "none", "upload-sarif": "true"}
    )
    assert shown.outputs["verdict"] == "incomplete"
    assert len(shop.consumer.repository.code_scanning.uploads) == 1


def test_while_it_waits_for_a_deployment_it_ends_at_once_and_tells_what_it_saw(
    shop: Shop, image: str, cancelled: Cancelled
) -> None:
    with Service(1, "1.4.1") as service:
        with_ = {"targets": f"{service.url}/health", "expect-version": "1.5.0", "period": "100ms"}
        shown = cancelled.run(shop, image, "health-wait", with_, lambda: service.arrived >= 5)
    assert (shown.outputs["verdict"], shown.outputs["result"]) == ("incomplete", "inconclusive")
    assert "1.4.1" in shown.outputs["diagnosis"]
    assert int(shown.outputs["probes"]) >= 5
    assert json.loads((shop.workspace / shown.outputs["outcome"]).read_bytes())["verdict"] == "incomplete"
    assert "incomplete" in shown.summary


def test_while_an_answer_is_awaited_a_smoke_test_ends_at_once_and_tells_what_it_saw(
    shop: Shop, image: str, cancelled: Cancelled
) -> None:
    with Service(1) as service:
        service.fault("hang", path="/version")
        with_ = {"checks": "GET /health 200\nGET /version 200\nGET /home 200", "base-url": service.url}
        shown = cancelled.run(shop, image, "smoke-test", with_, lambda: service.arrived >= 2)
        assert [one.path for one in service.requests] == ["/health", "/version"]
    assert shown.outputs["verdict"] == "incomplete"
    assert shown.outputs["passed"] == "1"
    assert json.loads((shop.workspace / shown.outputs["outcome"]).read_bytes())["verdict"] == "incomplete"
    assert "incomplete" in shown.summary


def test_a_second_signal_does_not_take_away_what_the_first_one_had_told(shop: Shop, image: str) -> None:
    with Service(1) as service:
        service.fault("status", status=503)
        shown = shop.consumer.run(
            "health-wait",
            on=shop.event,
            with_={"targets": f"{service.url}/health", "period": "100ms"},
            container=Container(image=image, network="host"),
            cancel=Cancellation(lambda: service.arrived >= 3, ((signal.SIGINT, 0.02), (signal.SIGTERM, 9.0))),
        )
    assert shown.exit_code in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert shown.outputs["verdict"] == "incomplete"
    assert json.loads((shop.workspace / shown.outputs["outcome"]).read_bytes())["verdict"] == "incomplete"
