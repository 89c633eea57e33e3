"""A cancelled job, where the action is the first process of a container: no shell and no init pass the signal on."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from sandbox.runner import Cancellation, Conclusion, Container
from sandbox.shop import Shop, measured

pytestmark = pytest.mark.container

WITH = {"reports": "coverage.xml", "baseline": "none"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.serve(tmp_path / "shop" / "shop") as shop:
        yield shop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_time_and_says_that_it_could_not_judge(shop: Shop, image: str, number: signal.Signals) -> None:
    shop.write({"coverage.xml": measured()})
    arrived = Event()
    behave = shop.consumer.hub.behave
    behave.on("GET", "*/comments").happens_meanwhile(arrived.set)
    behave.on("GET", "*/comments").is_slow(before=20)
    sent: list[float] = []

    def when() -> bool:
        if arrived.is_set():
            sent.append(time.monotonic())
        return arrived.is_set()

    shown = shop.consumer.run(
        "coverage-gate",
        on=shop.event,
        with_=WITH,
        container=Container(image=image, network="host"),
        cancel=Cancellation(when, ((number, 9.0),)),
    )
    assert time.monotonic() - sent[0] < 5
    assert (shown.exit_code, shown.conclusion) == (128 + number, Conclusion.CANCELLED)
    assert shown.outputs["verdict"] == "incomplete"
    assert "incomplete" in shown.summary
    assert shop.comments() == []
