"""A cancelled job leaves nothing half done: SIGINT and SIGTERM at random moments and at the worst ones.

The time before the program's own handlers stand (the interpreter's start) is not covered: nobody can handle a signal
there, and nothing has been read or written yet.
"""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from tests.contract.interrupting import WITHIN_SECONDS, Interrupt, Moment, once_holding, once_running
from tests.contract.measured import CART, FULL, document, history, lcov, record_main

from actionkit import envelope
from sandbox.consumer import Consumer
from sandbox.github.model import PullRequest
from sandbox.runner import Shown

SIGNALS = [signal.SIGINT, signal.SIGTERM]

pytestmark = pytest.mark.skipif(not Path("/proc/thread-self").exists(), reason="needs Linux's /proc to time signals")


@dataclass(frozen=True)
class Stage:
    """A push that writes everything there is: the history, then the comment on a pull request from main to release."""

    shop: Consumer
    pull: PullRequest

    def commit(self, text: str) -> None:
        self.shop.checkout.commit(text, {"README.md": f"# {text}\n"})
        self.shop.checkout.write({"lcov.info": lcov(FULL)})
        (self.shop.checkout.path / ".actions/coverage-gate/outcome.json").unlink(missing_ok=True)

    def run(self, interrupt: Interrupt | None = None, with_: Mapping[str, str] | None = None) -> Shown:
        inputs = {"comment": "always", "max-drop": "1", **(with_ or {})}
        cancel = interrupt.cancellation if interrupt else None
        return self.shop.run("coverage-gate", on=self.shop.push(), with_=inputs, cancel=cancel)

    def answering(self, method: str, path: str) -> Moment:
        """True once a request like this, later than now, has taken effect and is being answered."""
        start = len(self.shop.hub.requests)
        return lambda: any(one.method == method and path in one.path for one in self.shop.hub.requests[start:])

    def arriving(self, method: str, path: str) -> Moment:
        """True once a request like this has arrived; it takes effect in 20 seconds."""
        arrived = Event()
        self.shop.hub.behave.on(method, path).happens_meanwhile(arrived.set)
        self.shop.hub.behave.on(method, path).is_slow(before=20)
        return arrived.is_set


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Consumer.serve(tmp_path_factory.mktemp("interrupts") / "shop", {CART: "a = 1\n" * 12}) as shop:
        shop.checkout.git("branch", "release")
        shop.repository.import_git(shop.checkout.path)
        pull = shop.repository.pull_request(title="Release", branch="main", base="release")
        record_main(shop)
        yield Stage(shop, pull)
        assert shop.hub.violations == []


@pytest.fixture
def stage(everything: Stage) -> Iterator[Stage]:
    everything.pull.comments.clear()
    yield everything
    everything.shop.hub.behave.calm()
    assert_whole(everything)


def assert_whole(stage: Stage) -> None:
    """Whatever happened: at most one comment, from its marker to its last line; every record whole and indexed."""
    assert history(stage.shop)
    assert len(stage.pull.comments) <= 1
    for comment in stage.pull.comments:
        assert comment.body.startswith("<!-- coverage-gate: v1 -->\n## ")
        assert comment.body.rstrip().endswith("</sub>")


def assert_stopped(stage: Stage, shown: Shown, interrupt: Interrupt) -> dict[str, Any]:
    """The run ended in time with the signal's code and said `incomplete` wherever it said anything; its outcome."""
    assert interrupt.sent_at is not None, f"the run ended before it was interrupted\n{shown.log}"
    assert time.monotonic() - interrupt.sent_at < WITHIN_SECONDS
    assert shown.exit_code == interrupt.exit_code, shown.log
    assert "Traceback" not in shown.log
    assert "Exception ignored" not in shown.log
    assert shown.outputs["verdict"] == "incomplete"
    assert "incomplete" in shown.summary
    assert any("was stopped by" in message for message in shown.errors)
    found = document(stage.shop.checkout.path)
    assert found is not None
    envelope.load(json.dumps(found).encode(), "outcome.json")
    assert found["verdict"] == "incomplete"
    assert_whole(stage)
    return found


def test_at_any_moment_nothing_is_left_half_done(stage: Stage) -> None:
    chance = random.Random(20_261_121)
    began = time.monotonic()
    stage.commit("How long a run takes")
    assert stage.run().exit_code == 0
    whole = time.monotonic() - began
    stopped = 0
    for number in range(12):
        stage.commit(f"Interrupted {number}")
        interrupt = Interrupt(SIGNALS[number % 2], once_running(chance.uniform(0, whole / 2)))
        shown = stage.run(interrupt)
        found = document(stage.shop.checkout.path)
        if found is not None and found["verdict"] == "pass":
            # The signal came when the verdict was being written down, or not at all.
            assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
            assert stage.shop.checkout.head in history(stage.shop)
        else:
            assert_stopped(stage, shown, interrupt)
            stopped += 1
    assert stopped >= 3
    stage.commit("Undisturbed")
    assert stage.run().exit_code == 0
    assert stage.shop.checkout.head[:12] in stage.pull.comments[0].body


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/contents/"), ("PATCH", "/git/refs/"), ("POST", "/comments")],
    ids=["reading the baseline", "moving the history", "posting the comment"],
)
def test_while_github_is_slow_to_answer(stage: Stage, method: str, path: str, number: signal.Signals) -> None:
    stage.commit("Slow")
    stage.shop.hub.behave.on(method, f"*{path}*").is_slow(body=20)
    interrupt = Interrupt(number, stage.answering(method, path))
    found = assert_stopped(stage, stage.run(interrupt), interrupt)
    recorded = stage.shop.checkout.head in history(stage.shop)
    assert recorded is (method != "GET")
    assert bool(stage.pull.comments) is (method == "POST")
    assert found["headline"].startswith("stopped by")


def test_between_the_history_and_the_comment(stage: Stage) -> None:
    stage.commit("Recorded, not commented")
    interrupt = Interrupt(signal.SIGTERM, stage.arriving("GET", "*/pulls"))
    found = assert_stopped(stage, stage.run(interrupt), interrupt)
    assert stage.shop.checkout.head in history(stage.shop)
    assert not stage.pull.comments
    assert "so far: " in found["headline"]
    assert found["data"]["totals"]["lines_covered"] == 6


def test_before_the_history_is_moved_it_is_as_it_was(stage: Stage) -> None:
    stage.commit("Not recorded")
    before = history(stage.shop)
    stage.shop.hub.behave.on("POST", "*/git/commits").is_slow(body=20)
    interrupt = Interrupt(signal.SIGINT, stage.answering("POST", "/git/commits"))
    assert_stopped(stage, stage.run(interrupt), interrupt)
    assert history(stage.shop) == before


def test_while_waiting_for_a_rate_limit(stage: Stage) -> None:
    stage.commit("Limited")
    stage.shop.hub.behave.on("GET", "*/contents/*").answers_secondary_limit(retry_after=60)
    interrupt = Interrupt(signal.SIGTERM, stage.answering("GET", "/contents/"))
    assert_stopped(stage, stage.run(interrupt), interrupt)


def test_while_a_large_report_is_read(stage: Stage) -> None:
    stage.commit("Large")
    lines = list(range(1, 4000))
    one = {"executed_lines": lines, "missing_lines": [], "excluded_lines": [], "summary": {"covered_lines": 3999}}
    files = {f"src/{number}.py": one for number in range(1500)}
    stage.shop.checkout.write({"coverage.json": json.dumps({"meta": {"format": 3, "version": "7.6"}, "files": files})})
    interrupt = Interrupt(signal.SIGINT, once_holding(60))
    assert_stopped(stage, stage.run(interrupt, {"reports": "coverage.json"}), interrupt)


def test_the_runners_own_sequence_needs_no_second_signal(stage: Stage) -> None:
    stage.commit("Cancelled")
    interrupt = Interrupt(signal.SIGINT, stage.arriving("GET", "*/contents/*"))
    shown = stage.run(interrupt)
    assert_stopped(stage, shown, interrupt)
    assert shown.conclusion == "cancelled"
