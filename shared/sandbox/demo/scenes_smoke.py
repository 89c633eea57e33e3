"""What was deployed, held against the shop's plan by smoke-test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from sandbox.consumer import Consumer, comment_of
from sandbox.demo.scene import Attached, Scene
from sandbox.demo.scenes_coverage import shop_files
from sandbox.demo.scenes_health import NEW, OLD, hosts
from sandbox.github.model import PullRequest
from sandbox.runner import Event
from sandbox.service import USERS, Service, Shop

ACTION = "smoke-test"
PLAN = "smoke/plan.yml"
VACUOUS = "smoke/ping.yml"
PING = """\
version: 1
base_url: https://www.shop.example.com
tests:
  - name: ping
    steps:
      - request: {url: /version}
      - request: {url: /api/items}
      - request: {url: /home}
"""
LIGHTER = {"rate: 50": "rate: 25", "duration: 10s": "duration: 2s", "p(95)<500": "med<500"}
"""With fewer samples than a percentile needs, nobody judges whether a busy machine was late to send them."""
(PASSWORD,) = USERS.values()
STALE = timedelta(hours=26)


def play(work: Path) -> Iterator[Scene]:
    """Every scene in order. `work` is a new folder for the checkout. Raises RuntimeError for a broken contract."""
    with Consumer.serve(work / "shop", {**shop_files(), VACUOUS: PING}) as shop:
        yield _green(shop)
        yield _red(shop)
        yield _vacuous(shop)
        yield _compared(shop)
        if shop.hub.violations:
            raise RuntimeError("requests that GitHub would refuse:\n" + "\n".join(shop.hub.violations))


def www(service: Service) -> str:
    """Where visitors reach the service."""
    return f"http://www.{service.name}:{service.port}"


def _green(shop: Consumer) -> Scene:
    plan = (shop.checkout.path / PLAN).read_text(encoding="utf-8")
    for usual, here in LIGHTER.items():
        plan = plan.replace(usual, here)
    shop.checkout.write({PLAN: plan})
    with Service(2, NEW) as service:
        story = (
            "The plan logs in, follows a redirect, holds an item against its JSON Schema, orders one and polls until "
            "the order is ready. Then it puts on a small load, with requests that are due however slow the shop is."
        )
        scene = _tested(shop, service, shop.push(), "A plan, with a load stage", story, left=(PLAN,))
    shop.checkout.git("checkout", "--quiet", "--", PLAN)
    return scene


def _red(shop: Consumer) -> Scene:
    pull, event = shop.open_pull("payments", {"src/shop/payments.py": "PROVIDER = 'new'\n"}, title="Pay elsewhere")
    with Service(2, NEW, shop=Shop(orders_fail=True, backup_age=STALE)) as service:
        story = (
            "The preview of a pull request. Every answer is a 200 or 201, and it is still wrong: an order fails, which "
            "ends the polling at once, and a backup is 26 hours old. Each failure is annotated at its step in the "
            "plan. Nothing is loaded that does not even pass its tests."
        )
        title = f"#{pull.number} {pull.issue.title}"
        return _tested(shop, service, event, title, story, pull=pull, left=(".actions/smoke-test/junit.xml",))


def _vacuous(shop: Consumer) -> Scene:
    with Service(2, NEW) as service:
        story = (
            "Three requests that are answered, and not one word about what the answers should be. That is not green."
        )
        return _tested(
            shop,
            service,
            shop.push(),
            "A plan that asserts nothing",
            story,
            {"plan": VACUOUS, "variables": ""},
            left=(VACUOUS,),
        )


def _compared(shop: Consumer) -> Scene:
    pull, event = shop.open_pull("search", {"src/shop/search.py": "INDEX = 'new'\n"}, title="Search faster")
    stale = Shop(backup_age=STALE)
    with Service(2, OLD, shop=stale) as production, Service(2, NEW, shop=stale, name="preview.test") as preview:
        preview.fault("status", path="/old", status=500)
        story = (
            "The preview is held against production. The backup is too old on both, so this change did not break it. "
            "The moved page works in production and not here: only that is red."
        )
        more = {"compare-url": www(production), "load": "false"}
        return _tested(
            shop, preview, event, f"#{pull.number} {pull.issue.title}", story, more, pull=pull, others=(production,)
        )


def _tested(
    shop: Consumer,
    service: Service,
    on: Event,
    title: str,
    story: str,
    more: Mapping[str, str] | None = None,
    *,
    pull: PullRequest | None = None,
    left: tuple[str, ...] = (),
    others: tuple[Service, ...] = (),
) -> Scene:
    """Run the plan against the service; `left` are files to show beside what came of it."""
    with_ = {"plan": PLAN, "base-url": www(service), "variables": f"version={NEW}", **(more or {})}
    known = {name: addresses for one in (service, *others) for name, addresses in hosts(one).items()}
    environment = {"SMOKE_PASSWORD": PASSWORD}
    shown = shop.run(ACTION, on=on, with_=with_, env=environment, secrets=(PASSWORD,), hosts=known)
    files = tuple(Attached(path, (shop.checkout.path / path).read_text(encoding="utf-8")) for path in left)
    return Scene(title, story, shown, comment_of(pull) if pull else "", ACTION, attached=files)
