"""What most tests stand on: a consumer's repository on a served, embedded GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sandbox.consumer import Consumer

# A busy machine is slow now and then; how long one example takes is not what a property is about.
settings.register_profile("kit", deadline=None)
# For a second run of the same tests, on another Python: what random examples find is looked for in the first one.
settings.register_profile("again", deadline=None, max_examples=20)
settings.load_profile("kit")

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
