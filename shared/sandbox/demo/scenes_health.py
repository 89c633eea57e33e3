"""Deploys of the shop's service, four replicas behind a proxy, each awaited by health-wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sandbox.consumer import Consumer
from sandbox.demo.scene import Scene
from sandbox.demo.scenes_coverage import shop_files
from sandbox.service import Service

ACTION = "health-wait"
OLD, NEW = "1.4.1", "1.5.0"
REPLICAS = 4
CONFIG = ".github/health-wait.yml"
AT_DEMOS_PACE = {"period": "100ms", "timeout": "1s", "deadline": "10s", "bake-time": "0s"}
"""Nobody wants to look at a demo for five minutes; inputs win over the shop's own config file."""


def play(work: Path) -> Iterator[Scene]:
    """Every scene in order. `work` is a new folder for the checkout. Raises RuntimeError for a broken contract."""
    with Consumer.serve(work / "shop", shop_files()) as shop:
        yield _rollout(shop)
        yield _left_behind(shop)
        yield _regressed(shop)
        if shop.hub.violations:
            raise RuntimeError("requests that GitHub would refuse:\n" + "\n".join(shop.hub.violations))


def at(service: Service, text: str) -> str:
    """The shop's file with the sample service in the place of its production."""
    names = {f"https://{name}.example.com": f"http://{name}.test:{service.port}" for name in ("www.shop", "shop")}
    for production, here in names.items():
        text = text.replace(production, here)
    return text


def hosts(service: Service) -> dict[str, tuple[str, ...]]:
    """What a name server would know of the service."""
    return {name: service.resolver(name) for name in (service.name, f"www.{service.name}")}


def once_asked(service: Service, what: Callable[[], object]) -> threading.Thread:
    """Do something half a second after the first request arrived; the thread is to be joined."""

    def wait() -> None:
        while not service.arrived:
            time.sleep(0.01)
        time.sleep(0.5)
        what()

    thread = threading.Thread(target=wait, name="once asked")
    thread.start()
    return thread


def _rollout(shop: Consumer) -> Scene:
    with Service(REPLICAS, OLD) as service:
        deploying = once_asked(service, lambda: service.rolling_deploy(NEW, gap_seconds=0.3, pause=0.15))
        story = (
            f"{NEW} is rolled out while health-wait watches: each replica in turn is down for 300 ms. All the time "
            "some replica answers 200, and that is not enough: every address behind the name must serve the new "
            "version."
        )
        scene = _awaited(shop, service, "A rolling deploy", story)
        deploying.join()
    return scene


def _left_behind(shop: Consumer) -> Scene:
    with Service(REPLICAS, NEW) as service:
        service.fault("old-version", on=3, version=OLD)
        story = (
            f"The deploy said that it was done. One replica was not replaced: it answers 200, and every fourth visitor "
            f"still gets {OLD}."
        )
        return _awaited(shop, service, "The old version answers 200", story, {"deadline": "1500ms"})


def _regressed(shop: Consumer) -> Scene:
    with Service(REPLICAS, OLD) as service:
        service.bad_version(NEW, after_requests=20, gap_seconds=0, pause=0).wait()
        story = (
            f"{NEW} starts well and is healthy soon. But it leaks: after twenty requests to a replica each further one "
            "is a 500. The bake sees it: more failed probes than the shop's limit of 2, and the watch ends at once."
        )
        return _awaited(shop, service, "A bad version, found while it bakes", story, {"bake-time": "5s"})


def _awaited(shop: Consumer, service: Service, title: str, story: str, more: Mapping[str, str] | None = None) -> Scene:
    shop.checkout.write({CONFIG: at(service, shop.checkout.git("show", f"HEAD:{CONFIG}") + "\n")})
    with_ = {**AT_DEMOS_PACE, "expect-version": NEW, **(more or {})}
    shown = shop.run(ACTION, on=shop.push(), with_=with_, hosts=hosts(service))
    return Scene(title, story, shown, "", ACTION)
