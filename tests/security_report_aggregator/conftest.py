"""What the tests of the orchestrating modules stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.actionkit.job import CART
from tests.security_report_aggregator.job import Job

from sandbox.consumer import Consumer


@pytest.fixture
def scanned(tmp_path: Path) -> Iterator[Job]:
    """A job in a small repository of its own."""
    with (
        Consumer.serve(tmp_path / "shop", {CART: "a = 1\n" * 12, "README.md": "# Shop\n"}) as shop,
        Job.of(shop) as job,
    ):
        yield job
        assert shop.hub.violations == []
