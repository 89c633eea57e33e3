"""A push, then pull requests, each measured with coverage.py and judged by coverage-gate."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandbox.checkout import Checkout
from sandbox.consumer import Consumer, comment_of
from sandbox.demo.scene import Scene

ROOT = Path(__file__).resolve().parents[3]
SHOP = ROOT / "examples" / "python-shop"
ACTION = "coverage-gate"
POLICY = {"reports": "coverage.json", "fail-under": "85", "fail-under-patch": "90", "max-drop": "0.5"}

DISCOUNT = '''

def discounted(cents, percent):
    """What is left after a discount, rounded down to the cent."""
    if not 0 <= percent <= 100:
        raise ValueError("percent must be from 0 to 100")
    return cents * (100 - percent) // 100
'''
DISCOUNT_TEST = """import unittest

from shop.cart import discounted


class DiscountTest(unittest.TestCase):
    def test_discount(self):
        self.assertEqual(discounted(1000, 15), 850)
        with self.assertRaises(ValueError):
            discounted(1000, 101)
"""
REFUND = '''

def refund(cents, days):
    """What is paid back: all within 14 days, half within 30, nothing later."""
    if days <= 14:
        return cents
    if days <= 30:
        return cents // 2
    return 0


def restocked(quantity, damaged):
    if damaged > quantity:
        raise ValueError("more damaged than returned")
    return quantity - damaged
'''
REFUND_TEST = """import unittest

from shop.cart import refund


class RefundTest(unittest.TestCase):
    def test_refund(self):
        self.assertEqual(refund(1000, 3), 1000)
"""


def play(work: Path) -> Iterator[Scene]:
    """Every scene in order. `work` is an empty folder for the checkout. Raises RuntimeError for a broken contract."""
    with Consumer.serve(work / "shop", shop_files()) as shop:
        yield _push(shop)
        yield _good(shop)
        yield _bad(shop)
        yield _crashed(shop)
        yield from _fork(shop)
        if shop.hub.violations:
            raise RuntimeError("requests that GitHub would refuse:\n" + "\n".join(shop.hub.violations))


def shop_files() -> dict[str, bytes]:
    """The example shop, by path."""
    return {str(path.relative_to(SHOP)): path.read_bytes() for path in sorted(SHOP.rglob("*")) if _ours(path)}


def measure(checkout: Checkout) -> None:
    """Run the shop's tests under coverage.py, for real, as its workflow does."""
    coverage = (sys.executable, "-m", "coverage")
    environment = {"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"}
    suite = ("run", "--branch", "--source=src", "-m", "unittest", "discover", "--quiet", "-s", "tests")
    for step in (suite, ("json", "--quiet")):
        subprocess.run((*coverage, *step), cwd=checkout.path, env=environment, check=True, capture_output=True)


def _push(shop: Consumer) -> Scene:
    measure(shop.checkout)
    shown = shop.run(ACTION, on=shop.push(), with_=POLICY)
    story = "The tests of the default branch ran. What they cover is recorded on the branch actions-data."
    return Scene("A push to main", story, shown, "", ACTION)


def _good(shop: Consumer) -> Scene:
    added = {"src/shop/cart.py": _cart(shop, DISCOUNT), "tests/test_discount.py": DISCOUNT_TEST}
    return _judged(shop, "discount", "Add discounts", added, "New code, with tests.")


def _bad(shop: Consumer) -> Scene:
    added = {"src/shop/cart.py": _cart(shop, REFUND), "tests/test_refund.py": REFUND_TEST}
    return _judged(shop, "refund", "Add refunds", added, "New code, and one test for its first line.")


def _judged(shop: Consumer, branch: str, title: str, files: Mapping[str, str], story: str) -> Scene:
    pull, event = shop.open_pull(branch, files, title=title)
    measure(shop.checkout)
    shown = shop.run(ACTION, on=event, with_=POLICY)
    return Scene(f"#{pull.number} {title}", story, shown, comment_of(pull), ACTION)


def _crashed(shop: Consumer) -> Scene:
    pull, event = shop.open_pull("crash", {"tests/test_fast.py": "import unittest\n"}, title="Speed the tests up")
    measure(shop.checkout)
    report = shop.checkout.path / "coverage.json"
    report.write_bytes(report.read_bytes()[:900])
    shown = shop.run(ACTION, on=event, with_=POLICY)
    story = "The machine ran out of disk while the report was written: half of it is there. That is not green."
    return Scene(f"#{pull.number} Speed the tests up", story, shown, comment_of(pull), ACTION)


def _fork(shop: Consumer) -> Iterator[Scene]:
    fork = "stranger/shop"
    shipping = (SHOP / "src/shop/shipping.py").read_text(encoding="utf-8") + "\n\nEXPRESS = 1290\n"
    pull, event = shop.open_pull("express", {"src/shop/shipping.py": shipping}, title="Name the price", fork=fork)
    measure(shop.checkout)
    token = shop.hub.fork_token(shop.repository).secret
    shown = shop.run(ACTION, on=event, with_=POLICY, token=token)
    story = "A stranger's pull request: its token is read-only, so the result waits in the outcome file."
    yield Scene(f"#{pull.number} Name the price (from {fork})", story, shown, comment_of(pull), ACTION)
    relay = {"from-outcome": shown.outputs.get("outcome", ""), "mode": "report"}
    relayed = shop.run(ACTION, on=shop.followed(event, pull), with_=relay)
    story = "The workflow_run job of the default branch checks the file, finds the pull request itself, and comments."
    yield Scene(f"#{pull.number}, relayed", story, relayed, comment_of(pull), ACTION)


def _cart(shop: Consumer, more: str) -> str:
    return shop.checkout.git("show", "main:src/shop/cart.py") + "\n" + more


def _ours(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts
