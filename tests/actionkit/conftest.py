"""A consumer's job that runs in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.actionkit.job import Job

from sandbox.consumer import Consumer


@pytest.fixture
def job(shop: Consumer) -> Iterator[Job]:
    with Job.of(shop) as made:
        yield made
