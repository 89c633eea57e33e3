"""A cancelled job of security-report-aggregator says `incomplete` in time; runs that record at once lose nothing."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.contract.interrupting import WITHIN_SECONDS, Interrupt, Moment, once_holding
from tests.contract.measured import CART
from tests.contract.scanned import NAME, Issue, bandit, history, recorded_main, result, sarif, scan, trivy

from actionkit import envelope
from sandbox.checkout import Checkout
from sandbox.consumer import Consumer
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown

linux = pytest.mark.skipif(not Path("/proc/thread-self").exists(), reason="needs Linux's /proc to time signals")


@dataclass(frozen=True)
class Stage:
    """A pull request with a recorded base."""

    shop: Consumer
    pull: PullRequest
    event: Event

    def stopped(self, interrupt: Interrupt, **inputs: str) -> dict[str, Any]:
        """A run that is interrupted: it ended in time with the signal's code and said `incomplete`; its outcome."""
        kept = self.shop.checkout.path / f".actions/{NAME}/outcome.json"
        kept.unlink(missing_ok=True)
        token = self.shop.token({"contents": "write", "pull-requests": "write", "security-events": "write"})
        shown = scan(self.shop, self.event, token=token, cancel=interrupt.cancellation, **inputs)
        assert interrupt.sent_at is not None, f"the run ended before it was interrupted\n{shown.log}"
        assert time.monotonic() - interrupt.sent_at < WITHIN_SECONDS
        assert shown.exit_code == interrupt.exit_code, shown.log
        assert "Exception ignored" not in shown.log
        assert shown.outputs["verdict"] == "incomplete"
        assert "incomplete" in shown.summary
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        envelope.load(json.dumps(found).encode(), "outcome.json")
        assert found["verdict"] == "incomplete"
        assert found["headline"].startswith("stopped by")
        return found

    def answering(self, method: str, path: str) -> Moment:
        """True once a request like this, later than now, has taken effect and is being answered."""
        start = len(self.shop.hub.requests)
        return lambda: any(one.method == method and path in one.path for one in self.shop.hub.requests[start:])


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Consumer.serve(tmp_path_factory.mktemp("interrupts") / "shop", {CART: "a = 1\n" * 12}) as shop:
        recorded_main(shop, {"bandit.json": bandit()})
        yield Stage(shop, *shop.open_pull("docs", {"README.md": "# The shop\n"}))
        assert shop.hub.violations == []


@pytest.fixture
def stage(everything: Stage) -> Iterator[Stage]:
    everything.pull.comments.clear()
    everything.shop.checkout.write({"bandit.json": bandit(Issue())})
    yield everything
    everything.shop.hub.behave.calm()


@linux
def test_while_a_large_report_is_read(stage: Stage) -> None:
    stage.shop.checkout.write({"large.sarif": sarif("CodeQL", (result(line=at + 1) for at in range(120_000)))})
    stage.stopped(Interrupt(signal.SIGTERM, once_holding(60)), reports="large.sarif")
    assert not stage.pull.comments
    assert not stage.shop.repository.code_scanning.uploads


@linux
def test_while_it_waits_for_what_becomes_of_the_upload(stage: Stage) -> None:
    sent = Interrupt(signal.SIGTERM, stage.answering("POST", "/code-scanning/sarifs"))
    stage.stopped(sent, reports="bandit.json", upload_sarif="true")
    assert len(stage.shop.repository.code_scanning.uploads) == 1
    assert not stage.pull.comments


@linux
def test_while_github_is_slow_to_answer_about_the_history(stage: Stage) -> None:
    stage.shop.hub.behave.on("GET", "*/contents/*").is_slow(body=20)
    stage.stopped(Interrupt(signal.SIGINT, stage.answering("GET", "/contents/")), reports="bandit.json")
    assert not stage.pull.comments


@linux
def test_between_the_verdict_and_the_comment_the_verdict_is_told_so_far(stage: Stage) -> None:
    stage.shop.hub.behave.on("GET", "*/issues/*/comments").is_slow(body=20)
    found = stage.stopped(Interrupt(signal.SIGTERM, stage.answering("GET", "/comments")), reports="bandit.json")
    assert "so far: " in found["headline"]
    assert found["data"]["counts"]["high"] == 1


def cloned(shop: Consumer, folder: Path) -> Path:
    """The workspace of another job: what is checked out now, and its report."""
    shop.checkout.git("clone", "--quiet", "--no-hardlinks", str(shop.checkout.path), str(folder))
    clone = Checkout(folder)
    clone.git("switch", "--quiet", "--detach", shop.checkout.head)
    clone.write({"trivy.json": trivy()})
    return folder


def test_pushes_that_record_at_once_lose_nothing(shop: Consumer, tmp_path: Path) -> None:
    jobs: list[tuple[Event, Path]] = []
    expected: set[str] = set()
    for number in range(3):
        expected.add(shop.checkout.commit(f"Push {number}", {"README.md": f"# {number}\n"}))
        jobs.append((shop.push(), cloned(shop, tmp_path / f"push{number}")))

    def record(job: tuple[Event, Path]) -> Shown:
        return scan(shop, job[0], workspace=job[1])

    with ThreadPoolExecutor(len(jobs)) as pool:
        for shown in pool.map(record, jobs):
            assert shown.exit_code == 0, shown.log
            assert "nothing was recorded" not in shown.log
    assert set(history(shop)) == expected


def test_a_writer_that_is_faster_loses_nothing_and_takes_nothing(shop: Consumer) -> None:
    recorded_main(shop, {"bandit.json": bandit()})
    other = {"coverage-gate/index.json": "{}"}
    shop.hub.behave.on("PATCH", "*/git/refs/*", nth=1).happens_meanwhile(
        lambda: shop.repository.commit(other, branch="actions-data")
    )
    shop.checkout.commit("Next", {"README.md": "# Next\n"})
    recorded_main(shop, {"bandit.json": bandit()})
    assert shop.repository.read("coverage-gate/index.json", "actions-data") == b"{}"
