"""What the contract tests of health-wait stand on: runs of it against the sample service, and what they saw."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from actionkit import inputs
from actionkit.surroundings import Surroundings
from actionkit.web.way import Way
from health_wait import crew, verdict
from health_wait.combine import combine
from health_wait.inputs import Inputs
from health_wait.prober import Prober
from health_wait.seen import Record
from health_wait.verdict import Judgement
from health_wait.watch import watch
from sandbox.consumer import Consumer
from sandbox.runner import Cancellation, Event, Shown
from sandbox.service import Service

NAME = "health-wait"
QUICK = {"period": "100ms", "timeout": "2s", "deadline": "60s"}
"""Quick, and patient enough for a busy machine."""

PERIOD = 0.1
SLACK = 0.25
"""Seconds by which a busy machine may be late."""


def wait(
    shop: Consumer,
    on: Event,
    *,
    token: str | None = None,
    cancel: Cancellation | None = None,
    hosts: Mapping[str, tuple[str, ...]] | None = None,
    **inputs: str,
) -> Shown:
    """Run health-wait as a step; inputs as texts, `_` for `-`."""
    texts = {name.replace("_", "-"): text for name, text in {**QUICK, **inputs}.items()}
    return shop.run(NAME, on=on, with_=texts, token=token, cancel=cancel, hosts=hosts)


def wait_here(targets: Sequence[str], way: Way = Way(), **given: str) -> tuple[Record, Judgement]:
    """A watch in this process, of a machine that is no container."""
    texts = {name.replace("_", "-"): text for name, text in {**QUICK, **given}.items()}
    settings = combine(inputs.parse(Inputs, {**texts, "targets": "\n".join(targets)}), None)
    record, clock = Record(settings.targets, settings.policy, datetime.now(UTC)), crew.stopwatch()
    prober = Prober(way, clock, Surroundings(), now=lambda: datetime.now(UTC))
    with closing(crew.Workers(clock)) as workers:
        watch(record, prober, crew.control_probe(clock), workers, lambda _: None)
    return record, verdict.judge(record.seen())


def outcome_of(shop: Consumer, shown: Shown) -> dict[str, Any]:
    """The outcome file that the run's output `outcome` names."""
    found: dict[str, Any] = json.loads((shop.checkout.path / shown.outputs["outcome"]).read_text(encoding="utf-8"))
    return found


def hosts_of(service: Service) -> Mapping[str, tuple[str, ...]]:
    """The names of a service, as the machine's hosts file has them."""
    return {service.name: service.resolver(service.name), f"www.{service.name}": (service.balancer.address,)}


def probed(service: Service, *replicas: int, times: int = 1) -> Callable[[], bool]:
    """True once each of these replicas (all unless told) was asked so many times, from now on."""
    names = [service.replicas[number].name for number in replicas] or [one.name for one in service.replicas]
    start = len(service.requests)
    return lambda: all(sum(seen.replica == name for seen in service.requests[start:]) >= times for name in names)


@contextmanager
def once(condition: Callable[[], bool], then: Callable[[], object], seconds: float = 60.0) -> Iterator[None]:
    """Beside the block, do something as soon as a condition holds; the block fails if it never did."""
    done: list[bool] = []

    def watch() -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not condition():
            time.sleep(0.01)
        if condition():
            then()
            done.append(True)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    assert done, "what was waited for never happened"


def grouped(shown: Shown) -> list[str]:
    """The lines of progress: those in the action's own group."""
    after = shown.log.split("##[group]Waiting for ")[1]
    lines = after.split("##[endgroup]")[0].splitlines()[1:]
    return [line for line in lines if not line.startswith("::")]


def written(folder: Path) -> list[str]:
    """The text of every file in a folder, but for git's."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return [path.read_text(encoding="utf-8", errors="replace") for path in files]
