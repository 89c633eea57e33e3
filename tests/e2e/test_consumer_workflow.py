"""A consumer's whole workflow, from `uses: octo-org/actions/coverage-gate@v1` to the comment on its pull request."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox.consumer import MAIN_JOB, PULL_JOB
from sandbox.shop import NEW_LINES, Shop, measured, measured_on_base

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
# act names its containers after the workflow: with a name of its own, no run meets those of another.
WORKFLOW = """\
name: CI {run}
on: [push, pull_request, workflow_dispatch]
permissions:
  contents: write
  pull-requests: write
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cp measured.xml coverage.xml
      - id: gate
        uses: {uses}
        with:
          reports: coverage.xml
          fail-under: 50
          {more}
      - run: test "${{{{ steps.gate.outputs.verdict }}}}" = pass
"""


def workflow(uses: str, more: str) -> str:
    return WORKFLOW.format(run=uuid4().hex, uses=uses, more=more)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    ci = workflow("octo-org/actions/coverage-gate@v1", "fail-under-patch: 90")
    with Shop.serve(tmp_path / "shop", {".github/workflows/ci.yml": ci}) as shop:
        yield shop


def test_a_push_records_and_a_covered_pull_request_is_green_with_one_comment(act, actions, shop: Shop) -> None:
    checkout, repository = shop.consumer.checkout, shop.consumer.repository
    checkout.switch("main")
    shop.write({"measured.xml": measured_on_base()})
    pushed = act(shop, shop.consumer.push(), MAIN_JOB, actions=actions)
    assert pushed.exit_code == 0, pushed.log
    assert pushed.outputs["verdict"] == "pass"
    history = repository.tip("actions-data")
    assert shop.comments() == []

    checkout.git("switch", "--quiet", "--detach", shop.event.sha)
    shop.write({"measured.xml": measured()})
    for _ in range(2):
        pull = act(shop, shop.event, PULL_JOB, actions=actions)
        assert pull.exit_code == 0, pull.log
        assert pull.outputs["verdict"] == "pass"
        assert pull.outputs["patch-coverage"] == "100.00"
        assert pull.outputs["line-coverage-delta"] == "0.00"
        assert "Coverage gate" in pull.summary
    assert len(shop.comments()) == 1
    assert shop.branches() == {"main", "discounts", "actions-data"}
    assert repository.objects.commit(history).parents == ()
    assert repository.tip("actions-data") == history
    assert not shop.consumer.hub.violations


def test_an_uncovered_pull_request_is_red_and_says_which_lines(act, actions, shop: Shop) -> None:
    shop.write({"measured.xml": measured(uncovered=NEW_LINES)})
    pull = act(shop, shop.event, PULL_JOB, actions=actions)
    assert pull.exit_code == 1
    assert pull.outputs["verdict"] == "fail"
    assert pull.outputs["patch-coverage"] == "0.00"
    assert "error" in [level for level, _ in pull.annotations]
    assert len(shop.comments()) == 1
    assert "`src/shop/cart.py`" in shop.comments()[0]
    assert shop.branches() == {"main", "discounts"}
    assert not shop.consumer.hub.violations


def test_an_action_is_used_by_its_path_in_this_repository(act, shop: Shop, tmp_path: Path) -> None:
    checkout = tmp_path / "actions"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, checkout], check=True)
    (checkout / ".github" / "workflows" / "by-path.yml").write_text(
        workflow("./actions/coverage-gate", "baseline: none")
    )
    shutil.copytree(shop.workspace / "src", checkout / "src")
    (checkout / "measured.xml").write_text(measured())
    ran = act(shop, shop.dispatch_event(), MAIN_JOB, checkout=checkout, workflow=".github/workflows/by-path.yml")
    assert ran.exit_code == 0, ran.log
    assert (ran.outputs["verdict"], ran.outputs["line-coverage"]) == ("pass", "100.00")
