"""A consumer's security workflow, from `uses: octo-org/actions/security-report-aggregator@v1` to code scanning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from tests.contract import scanned
from tests.e2e.conftest import Act

from sandbox.github.tokens import Access
from sandbox.shop import CART, Shop

pytestmark = pytest.mark.e2e

# act names its containers after the workflow: with a name of its own, no run meets those of another.
WORKFLOW = """\
name: security {run}
on: [push, pull_request]
permissions:
  contents: write
  pull-requests: write
  security-events: write
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          mkdir -p reports
          cp written/* reports/
      - id: gate
        uses: octo-org/actions/security-report-aggregator@v1
        with:
          reports: reports/*
          expected: |
            bandit
            trivy
          only-new: true
          upload-sarif: true
      - run: test "${{{{ steps.gate.outputs.verdict }}}}" = pass
"""
PUSH: Mapping[str, Access] = {"contents": "write", "security-events": "write"}
PULL: Mapping[str, Access] = {"contents": "read", "pull-requests": "write", "security-events": "write"}

KNOWN = {"written/trivy.json": scanned.trivy(scanned.Advisory()), "written/bandit.json": scanned.bandit()}
NEW = {**KNOWN, "written/bandit.json": scanned.bandit(scanned.Issue(path=CART))}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    files = {".github/workflows/security.yml": WORKFLOW.format(run=uuid4().hex), "requirements.txt": scanned.DJANGO}
    with Shop.serve(tmp_path / "shop", files) as shop:
        yield shop


def analyses(shop: Shop, ref: str) -> dict[str, int]:
    """Category and results of what code scanning has of a reference."""
    return {one.category: one.results_count for one in shop.consumer.repository.code_scanning.newest(ref)}


def test_a_push_records_and_uploads_and_a_pull_request_that_adds_nothing_is_green(
    act: Act, released: Path, shop: Shop
) -> None:
    checkout = shop.consumer.checkout
    checkout.switch("main")
    checkout.write(KNOWN)
    pushed = act(shop, shop.consumer.push(), PUSH, actions=released)
    assert pushed.exit_code == 0, pushed.log
    assert (pushed.outputs["verdict"], pushed.outputs["critical"]) == ("pass", "1")
    assert analyses(shop, "refs/heads/main") == {"verdict/bandit": 0, "verdict/trivy": 1}

    checkout.git("switch", "--quiet", "--detach", shop.event.sha)
    pull = act(shop, shop.event, PULL, actions=released)
    assert pull.exit_code == 0, pull.log
    assert (pull.outputs["verdict"], pull.outputs["new"], pull.outputs["findings"]) == ("pass", "0", "1")
    assert "Security reports" in pull.summary
    assert analyses(shop, f"refs/pull/{shop.pull.number}/merge") == {"verdict/bandit": 0, "verdict/trivy": 1}
    assert len(shop.comments()) == 1
    assert shop.branches() == {"main", "discounts", "actions-data"}
    assert not shop.consumer.hub.violations


def test_a_pull_request_with_a_new_finding_is_red_and_says_where(act: Act, released: Path, shop: Shop) -> None:
    checkout = shop.consumer.checkout
    checkout.switch("main")
    checkout.write(KNOWN)
    # Recorded without act: how a push is recorded under it, the test above shows.
    scanned.scan(shop.consumer, shop.consumer.push(), reports="written/*", fail_on="none")
    checkout.git("switch", "--quiet", "--detach", shop.event.sha)
    checkout.write(NEW)
    pull = act(shop, shop.event, PULL, actions=released)
    assert pull.exit_code == 1
    assert (pull.outputs["verdict"], pull.outputs["new"]) == ("fail", "1")
    assert "error" in [level for level, _ in pull.annotations]
    assert f"`{CART}:5`" in shop.comments()[0]
    assert analyses(shop, f"refs/pull/{shop.pull.number}/merge") == {"verdict/bandit": 1, "verdict/trivy": 1}
    assert not shop.consumer.hub.violations
