"""What most tests stand on: a consumer's repository on a served, embedded GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.consumer import Consumer

CART = '''"""A cart."""


def total(prices):
    return sum(prices)


def discounted(total, percent):
    if percent > 100:
        raise ValueError(percent)
    return total - total * percent // 100
'''


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Consumer]:
    """A small repository; whatever a test does, GitHub's own description of its API is kept to."""
    with Consumer.serve(tmp_path / "shop", {"src/cart.py": CART, "README.md": "# Shop\n"}) as consumer:
        yield consumer
        assert consumer.hub.violations == []
