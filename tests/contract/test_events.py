"""Every event that may start the action: what it is held against, who is told, and that only trusted runs record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.contract.measured import CART, FULL, HISTORY, MORE, WITH_MORE, history, lcov, outcome_of, record_main

from sandbox.consumer import Consumer
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown, events

BASE = "a = 1\n" * 11
GATES = {"fail-under-patch": "75", "max-drop": "10"}


@dataclass(frozen=True)
class Stage:
    """A recorded main and a pull request that adds a function, three of its four lines covered."""

    shop: Consumer
    pull: PullRequest
    event: Event
    recorded: frozenset[str]

    @property
    def main(self) -> str:
        return self.shop.checkout.git("rev-parse", "main")

    @property
    def merge(self) -> str:
        return self.event.sha

    def run(self, event: Event, commit: str, with_: Mapping[str, str] | None = None, **how: Any) -> Shown:
        """A run of `event` with `commit` checked out and what its tests measured; it changes no history."""
        self.shop.checkout.git("switch", "--quiet", "--detach", commit)
        self.shop.checkout.write({"lcov.info": lcov(FULL if commit == self.main else WITH_MORE)})
        self.shop.repository.import_git(self.shop.checkout.path)
        event = replace(event, run_id=next(self.shop.run_ids))
        return self.shop.run("coverage-gate", on=event, with_=GATES if with_ is None else with_, **how)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Consumer.serve(tmp_path_factory.mktemp("events") / "shop", {CART: BASE}) as shop:
        record_main(shop)
        pull, event = shop.open_pull("shipping", {CART: BASE + MORE})
        yield Stage(shop, pull, event, frozenset(history(shop)))
        assert shop.hub.violations == []


@pytest.fixture
def stage(everything: Stage) -> Iterator[Stage]:
    everything.pull.comments.clear()
    yield everything
    everything.pull.issue.reopen(everything.shop.hub.site.clock())


def assert_judged_as_the_pull_request(stage: Stage, shown: Shown) -> None:
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert (shown.outputs["patch-coverage"], shown.outputs["line-coverage-delta"]) == ("75.00", "-10.00")
    assert set(history(stage.shop)) == stage.recorded


def test_pull_request_target_with_the_pull_requests_code_is_judged_and_commented(stage: Stage) -> None:
    event = replace(stage.event, name="pull_request_target", sha=stage.main, ref="refs/heads/main")
    shown = stage.run(event, stage.merge)
    assert_judged_as_the_pull_request(stage, shown)
    assert len(stage.pull.comments) == 1


def test_pull_request_target_with_the_base_checked_out_is_no_evidence_about_the_change(stage: Stage) -> None:
    event = replace(stage.event, name="pull_request_target", sha=stage.main, ref="refs/heads/main")
    shown = stage.run(event, stage.main)
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "is checked out, which does not hold commit" in shown.log


def test_a_checkout_of_the_head_instead_of_the_merge_is_held_against_the_merge_base(stage: Stage) -> None:
    shown = stage.run(stage.event, stage.pull.head_sha)
    assert_judged_as_the_pull_request(stage, shown)


def test_a_merge_queue_is_held_against_its_base_and_told_nobody(stage: Stage) -> None:
    event = events.merge_group(repository=stage.shop.name, base_sha=stage.main, head_sha=stage.merge)
    shown = stage.run(event, stage.merge)
    assert_judged_as_the_pull_request(stage, shown)
    assert not stage.pull.comments
    assert not [warning for warning in shown.warnings if "comment" in warning]


def test_a_schedule_on_the_default_branch_is_recorded_and_has_no_patch_to_judge(stage: Stage) -> None:
    shown = stage.run(events.schedule(repository=stage.shop.name, sha=stage.main), stage.main)
    assert shown.exit_code == 0, shown.log
    assert shown.outputs["patch-coverage"] == ""
    assert stage.main in history(stage.shop)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (events.workflow_dispatch(repository="org/shop", sha="", branch="shipping"), "a manual run on a branch"),
        (events.push(repository="org/shop", sha="", branch="shipping"), "a push to a branch"),
        (replace(events.push(repository="org/shop", sha=""), ref="refs/tags/v1"), "a push of a tag"),
        (replace(events.push(repository="org/shop", sha=""), name="repository_dispatch"), "an event like no other"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_only_the_default_branch_is_recorded(stage: Stage, event: Event, why: str) -> None:
    head = stage.pull.head_sha
    shown = stage.run(replace(event, sha=head), head, {"fail-under": "90"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), (why, shown.log)
    assert set(history(stage.shop)) == stage.recorded
    assert not stage.pull.comments


def test_a_manual_run_on_the_default_branch_is_recorded_like_a_push(stage: Stage) -> None:
    before = stage.shop.repository.tip("actions-data")
    shown = stage.run(events.workflow_dispatch(repository=stage.shop.name, sha=stage.main), stage.main)
    assert shown.exit_code == 0, shown.log
    assert stage.shop.repository.tip("actions-data") == before
    assert stage.main in history(stage.shop)


def test_a_run_tried_again_changes_nothing(stage: Stage) -> None:
    tip = stage.shop.repository.tip("actions-data")
    push = events.push(repository=stage.shop.name, sha=stage.main)
    assert stage.run(push.rerun(), stage.main, {}).exit_code == 0
    assert stage.shop.repository.tip("actions-data") == tip
    stage.run(stage.event, stage.merge)
    (comment,) = stage.pull.comments
    again = stage.run(stage.event.rerun(), stage.merge)
    assert stage.pull.comments == [comment]
    assert outcome_of(stage.shop, again)["run"]["run_attempt"] == 2


def test_a_workflow_run_without_from_outcome_measures_and_records_nothing(stage: Stage) -> None:
    shown = stage.run(stage.shop.followed(stage.event, stage.pull), stage.main, {"fail-under": "90"})
    assert shown.exit_code == 0, shown.log
    assert set(history(stage.shop)) == stage.recorded


def test_dependabots_read_only_token_costs_the_comment_only(stage: Stage) -> None:
    token = stage.shop.hub.fork_token(stage.shop.repository).secret
    shown = stage.run(replace(stage.event, actor="dependabot[bot]"), stage.merge, token=token)
    assert_judged_as_the_pull_request(stage, shown)
    assert any("pull-requests: write" in warning for warning in shown.warnings)
    assert not stage.pull.comments


def test_a_pull_request_closed_meanwhile_is_judged_and_its_relay_says_why_nobody_is_told(stage: Stage) -> None:
    stage.pull.close()
    shown = stage.run(stage.event, stage.merge)
    assert_judged_as_the_pull_request(stage, shown)
    stage.pull.comments.clear()
    found = outcome_of(stage.shop, shown)
    (stage.shop.checkout.path / "left.json").write_text(
        (stage.shop.checkout.path / shown.outputs["outcome"]).read_text(encoding="utf-8"), encoding="utf-8"
    )
    ran = replace(stage.event, run_id=found["run"]["run_id"])
    relayed = stage.run(stage.shop.followed(ran, stage.pull), stage.main, {"from-outcome": "left.json"})
    assert relayed.exit_code == 0, relayed.log
    assert not stage.pull.comments
    assert "no open pull request" in relayed.log


def test_a_fork_that_was_deleted_is_still_a_fork(stage: Stage) -> None:
    payload = dict(stage.event.payload)
    payload["pull_request"] = {**payload["pull_request"], "head": {**payload["pull_request"]["head"], "repo": None}}
    token = stage.shop.hub.fork_token(stage.shop.repository).secret
    shown = stage.run(replace(stage.event, payload=payload), stage.merge, token=token)
    assert_judged_as_the_pull_request(stage, shown)
    assert "a fork's token is read-only" in shown.log
    assert not [warning for warning in shown.warnings if "comment" in warning]


def test_on_enterprise_server_everything_stays_under_its_own_path(stage: Stage) -> None:
    ghes = replace(stage, shop=replace(stage.shop, url=f"{stage.shop.url}/api/v3"))
    shown = ghes.run(stage.event, stage.merge)
    assert_judged_as_the_pull_request(stage, shown)
    assert shown.outputs["comment-url"]
    assert len(stage.pull.comments) == 1


def test_an_event_without_a_payload_is_judged_by_what_is_checked_out(stage: Stage) -> None:
    event = replace(stage.event, payload={})
    shown = stage.run(event, stage.merge, {"fail-under": "90"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert HISTORY in stage.shop.repository.refs.names()
    assert not stage.pull.comments
