"""health-wait on pull requests: one comment, no permission but for it, and a fork's run relayed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.contract.inert import assert_inert
from tests.contract.waiting import NAME, outcome_of, wait

from actionkit.action import Use
from health_wait.action import ACTION
from sandbox.consumer import ACTIONS, Consumer, comment_of
from sandbox.github.ledger import permissions_used
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown
from sandbox.service import Service

README = (ACTIONS / NAME / "README.md").read_text(encoding="utf-8")
LATE = {"deadline": "1s", "timeout": "500ms"}


@dataclass(frozen=True)
class Stage:
    """A pull request of the repository and one of a fork, and a service that is up."""

    shop: Consumer
    service: Service
    push: Event
    pull: PullRequest
    event: Event
    fork: PullRequest
    fork_event: Event

    @property
    def health(self) -> str:
        return f"{self.service.url}/health"

    def used(self, on: Event, token: str | None = None, **inputs: Any) -> tuple[Shown, dict[str, str]]:
        """A run, and the permissions that its requests needed."""
        before = len(self.shop.hub.requests)
        given: dict[str, Any] = {"targets": self.health, **inputs}
        shown = wait(self.shop, on, token=token, **given)
        return shown, dict(permissions_used(self.shop.hub.requests[before:]))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("pulls")
    with Consumer.serve(folder / "shop", {"README.md": "# Shop\n"}) as shop, Service(1) as service:
        push = shop.push()
        fork = shop.open_pull("docs", {"README.md": "# The shop\n"}, fork="stranger/shop")
        yield Stage(shop, service, push, *shop.open_pull("more", {"more.md": "# More\n"}), *fork)
        assert shop.hub.violations == []


@pytest.fixture
def stage(everything: Stage) -> Iterator[Stage]:
    yield everything
    everything.service.mend()
    for pull in (everything.pull, everything.fork):
        pull.comments.clear()


def test_a_pull_request_is_commented_once_and_the_comment_follows(stage: Stage) -> None:
    stage.service.fault("status", on=0)
    shown, used = stage.used(stage.event, **LATE)
    assert (shown.exit_code, used) == (1, {"pull-requests": "write"}), shown.log
    assert len(stage.pull.comments) == 1
    assert "the answer is 503" in comment_of(stage.pull)
    assert shown.outputs["comment-url"]
    stage.service.mend()
    again, _ = stage.used(stage.event)
    assert again.exit_code == 0, again.log
    assert len(stage.pull.comments) == 1
    assert "Health wait: pass" in comment_of(stage.pull)
    assert "### Timeline" in comment_of(stage.pull)


@pytest.mark.parametrize(
    ("event", "given", "needs"),
    [
        ("push", {}, {}),
        ("push", {"comment": "always"}, {"pull-requests": "write"}),
        ("event", {"comment": "never"}, {}),
        ("event", {"comment_key": "exactly"}, {"pull-requests": "write"}),
    ],
)
def test_each_use_needs_exactly_what_its_permissions_say(
    stage: Stage, event: str, given: dict[str, str], needs: dict[str, Any]
) -> None:
    on = getattr(stage, event)
    shown, used = stage.used(on, stage.shop.token(needs), **given)
    assert shown.exit_code == 0, shown.log
    assert "lacks" not in shown.log
    assert used.keys() <= needs.keys()
    use = Use({name.replace("_", "-"): text for name, text in given.items()}, frozenset({on.name}))
    (permission,) = ACTION.permissions
    assert permission.needed_by(use) == needs.get("pull-requests", "")


def test_the_page_grants_what_is_used_and_no_more() -> None:
    table = README.split("<!-- generated:permissions -->")[1].split("<!-- /generated:permissions -->")[0]
    assert re.findall(r"^\| `([a-z-]+): (read|write)` \|", table, re.MULTILINE) == [("pull-requests", "write")]


def test_a_token_that_may_not_comment_is_a_warning_that_names_the_permission(stage: Stage) -> None:
    shown, _ = stage.used(stage.event, stage.shop.token({"pull-requests": "read"}), comment_key="warned")
    assert shown.exit_code == 0, shown.log
    assert any("pull-requests: write" in warning for warning in shown.warnings)
    assert not stage.pull.comments


def relayed(stage: Stage, path: str) -> Shown:
    followed = stage.shop.followed(stage.fork_event, stage.fork)
    return stage.shop.run(NAME, on=followed, with_={"from-outcome": path})


def test_a_fork_fails_nothing_for_its_token_and_a_trusted_job_comments(stage: Stage) -> None:
    stage.service.fault("status", on=0)
    token = stage.shop.hub.fork_token(stage.shop.repository).secret
    shown, _ = stage.used(stage.fork_event, token, **LATE)
    assert (shown.exit_code, shown.outputs["result"]) == (1, "timeout"), shown.log
    assert "a fork's token is read-only" in shown.log
    assert not stage.fork.comments
    relay = relayed(stage, shown.outputs["outcome"])
    assert (relay.exit_code, relay.outputs["result"]) == (1, "timeout"), relay.log
    assert relay.outputs["diagnosis"] == shown.outputs["diagnosis"]
    assert "the answer is 503" in comment_of(stage.fork)
    assert "##[group]Waiting" not in relay.log, "nothing was probed"


@pytest.fixture(scope="module")
def genuine(everything: Stage) -> dict[str, Any]:
    """The outcome of a fork's run."""
    token = everything.shop.hub.fork_token(everything.shop.repository).secret
    shown, _ = everything.used(everything.fork_event, token)
    return outcome_of(everything.shop, shown)


@pytest.mark.parametrize(
    "change",
    [{"schema": 7}, {"verdict": "green"}, {"action": "smoke-test"}, {"run": {"run_id": 1}}, {"surprise": True}],
    ids=lambda change: next(iter(change)),
)
def test_a_forged_outcome_is_refused(stage: Stage, genuine: dict[str, Any], change: dict[str, Any]) -> None:
    stage.shop.checkout.write({"forged.json": json.dumps({**genuine, **change})})
    assert relayed(stage, "forged.json").exit_code == 3
    assert not stage.fork.comments


HOSTILE = "<img src=x> @everyone [click](https://evil.test) <!-- health-wait: v1 --> ::error::x ```\n# heading"


def test_words_in_a_forged_outcome_are_shown_inert(stage: Stage, genuine: dict[str, Any]) -> None:
    target = {key: HOSTILE if isinstance(value, str) else value for key, value in genuine["data"]["targets"][0].items()}
    target |= {
        "gaps": [{"start_seconds": 1, "end_seconds": None, "reason": HOSTILE}],
        "replicas": [{"address": HOSTILE, "ok": "yes", "version": HOSTILE}],
    }
    data = {**genuine["data"], "targets": [target], "timeline": HOSTILE, "diagnosis": HOSTILE, "result": HOSTILE}
    forged = {**genuine, "headline": HOSTILE, "data": data | {"failed_targets": [HOSTILE], "probes": "many"}}
    stage.shop.checkout.write({"forged.json": json.dumps(forged)})
    relay = relayed(stage, "forged.json")
    assert relay.exit_code == 0, relay.log
    assert_inert(comment_of(stage.fork), f"https://github.com/{stage.shop.name}/actions/runs/")
    assert not relay.errors
    assert (relay.outputs["result"], relay.outputs["probes"]) == ("inconclusive", "")
    assert "\n" not in relay.outputs["diagnosis"]
