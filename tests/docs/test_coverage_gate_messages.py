"""Every message in the README of coverage-gate is one the action really says, with the verdict it is listed under."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.docs.pages import ROOT
from tests.docs.said import check_said, listed

from sandbox.consumer import PULL_JOB, Consumer
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown

README = ROOT / "actions" / "coverage-gate" / "README.md"
CART = "src/cart.py"
LINES = (4, 5, 8, 9, 10, 11)
OLD = (
    '<?xml version="1.0"?><coverage version="7.1" timestamp="1000000000000" lines-valid="1" lines-covered="1" '
    'line-rate="1"><packages><package name="a"><classes><class name="a" filename="src/cart.py"><lines>'
    '<line number="4" hits="1"/></lines></class></classes></package></packages></coverage>'
)


def lcov(path: str = CART, lines: tuple[int, ...] = LINES) -> str:
    body = "".join(f"DA:{line},1\n" for line in lines)
    return f"TN:\nSF:{path}\n{body}LF:{len(lines)}\nLH:{len(lines)}\nend_of_record\n"


GOOD = lcov()
GROWN = lcov(lines=(*LINES, 13, 14))


@dataclass(frozen=True)
class Stage:
    """A shop in which one thing goes wrong."""

    shop: Consumer
    folder: Path

    def push(self, report: str = GOOD, name: str = "lcov.info", token: str | None = None, **inputs: str) -> Shown:
        """Run on a push to main with one report."""
        self.shop.checkout.write({name: report})
        return self.run(self.shop.push(), token, **inputs)

    def pull(self, report: str = GROWN, *, fork: str = "", token: str | None = None, **inputs: str) -> Shown:
        """Run on a pull request that adds two lines."""
        _, event = self.opened(fork)
        self.shop.checkout.write({"lcov.info": report})
        return self.run(event, token, **inputs)

    def opened(self, fork: str = "") -> tuple[PullRequest, Event]:
        cart = self.shop.checkout.git("show", f"main:{CART}") + "\n\nx = 1\ny = 2\n"
        return self.shop.open_pull("more", {CART: cart}, fork=fork)

    def run(self, on: Event, token: str | None = None, workspace: Path | None = None, **inputs: str) -> Shown:
        texts = {name.replace("_", "-"): text for name, text in inputs.items()}
        return self.shop.run("coverage-gate", on=on, with_=texts, token=token, workspace=workspace)


def no_report(stage: Stage) -> Shown:
    return stage.run(stage.shop.push())


def a_shard_less(stage: Stage) -> Shown:
    stage.shop.checkout.write({f"shards/{number}.info": GOOD for number in range(3)})
    stage.run(stage.shop.push(), reports="shards/*.info")
    _, event = stage.opened()
    (stage.shop.checkout.path / "shards/2.info").unlink()
    return stage.run(event, reports="shards/*.info")


def a_shallow_clone_without_a_token(stage: Stage) -> Shown:
    _, event = stage.opened()
    clone = stage.shop.checkout.shallow(stage.folder / "clone")
    clone.write({"lcov.info": GROWN})
    return stage.run(event, workspace=clone.path, github_token="", fail_under_patch="80")


def a_file_nobody_measured(stage: Stage) -> Shown:
    stage.shop.checkout.commit("Two files", {"src/other.py": "x = 1\n"})
    return stage.pull(lcov("src/other.py", (1,)), fail_under_patch="90")


def a_misspelt_key(stage: Stage) -> Shown:
    stage.shop.checkout.write({".github/coverage-gate.yml": "fail_undr: 80\n"})
    return stage.push()


def an_expired_token(stage: Stage) -> Shown:
    hub = stage.shop.hub
    token = hub.token(stage.shop.repository, permissions=PULL_JOB, expires_in=timedelta(seconds=-1))
    return stage.pull(token=token.secret)


def a_fork(stage: Stage) -> Shown:
    return stage.pull(fork="stranger/shop", token=stage.shop.hub.fork_token(stage.shop.repository).secret)


def a_pull_request_that_moved_on(stage: Stage) -> Shown:
    pull, event = stage.opened("stranger/shop")
    stage.shop.checkout.write({"lcov.info": GROWN})
    token = stage.shop.hub.fork_token(stage.shop.repository).secret
    made = stage.run(event, token)
    pull.issue.state = "closed"
    return stage.run(stage.shop.followed(event, pull), from_outcome=made.outputs["outcome"])


def a_committed_report(stage: Stage) -> Shown:
    stage.shop.checkout.commit("Oops", {"lcov.info": GOOD})
    return stage.run(stage.shop.push())


SCENARIOS: dict[str, Callable[[Stage], Shown]] = {
    "no coverage report was found": no_report,
    "… matches no file": lambda stage: stage.push(reports="lcov.info\nother/*.xml"),
    "… is empty: the tool that should have written it did not finish": lambda stage: stage.push(""),
    "… is incomplete: its last record has no end_of_record: the file is truncated": lambda stage: stage.push(GOOD[:26]),
    "… is in no coverage format known here": lambda stage: stage.push("<html>502</html>"),
    "… was measured before the commit it should judge": lambda stage: stage.push(OLD, "coverage.xml"),
    "the reports name line … of …, which has … lines": lambda stage: stage.push(lcov(lines=(4, 500))),
    "no path in the reports is a tracked file": lambda stage: stage.push(lcov("/build/elsewhere.py")),
    "the reports hold no executable line at all": lambda stage: stage.push(lcov(lines=())),
    "no baseline is recorded on branch …": lambda stage: stage.pull(max_drop="1"),
    "suite … had … reports in the baseline and has … now": a_shard_less,
    "commit … is not in this checkout (set fetch-depth: 0 for actions/checkout)": a_shallow_clone_without_a_token,
    "… changed, but is in no report": a_file_nobody_measured,
    "branch coverage cannot be held against the … % of fail-under-branch: no report holds a branch": (
        lambda stage: stage.push(fail_under_branch="80")
    ),
    "input …: … is not a percentage": lambda stage: stage.push(fail_under="eighty"),
    "… is not a key; accepted: …": a_misspelt_key,
    "input config: …: no such file or directory": lambda stage: stage.push(config="ci/policy.yml"),
    "input source-root: … is no folder of the workspace": lambda stage: stage.push(source_root="sorce"),
    "GitHub does not accept the token": an_expired_token,
    "input from-outcome needs a workflow_run event": lambda stage: stage.push(from_outcome="outcome.json"),
    "no comment was posted: GitHub refused …: the token lacks …": lambda stage: stage.pull(
        token=stage.shop.token({"contents": "read", "pull-requests": "read"})
    ),
    "no comment was posted: a fork's token is read-only": a_fork,
    "no comment was posted: no open pull request has the commit of run … as its head": a_pull_request_that_moved_on,
    "nothing was recorded: GitHub refused …: the token lacks contents: write": lambda stage: stage.push(
        token=stage.shop.token({"contents": "read"})
    ),
    "… lies in the repository just as it was committed": a_committed_report,
    "… asks for 0.8 %, which nearly everything reaches": lambda stage: stage.push(fail_under="0.8"),
    "no threshold is set, so nothing could fail": lambda stage: stage.push(),
}


def test_every_message_in_the_readme_has_its_proof_here() -> None:
    assert list(listed(README)) == list(SCENARIOS)


@pytest.mark.parametrize("message", SCENARIOS)
def test_the_action_says_it_with_that_verdict_and_a_fix(shop: Consumer, tmp_path: Path, message: str) -> None:
    check_said(SCENARIOS[message](Stage(shop, tmp_path)), message, listed(README)[message])
