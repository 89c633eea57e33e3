"""A trusted job shows what an untrusted run measured, and believes nothing the file says about itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.sample import FROM_FORK, MEASURED, GitHubInMemory, doors, listed

from actionkit import envelope, relay
from actionkit.context import RunContext, WorkflowRun
from actionkit.errors import Unreadable, UsageError
from actionkit.outcome import Link, Outcome, Run

ABOUT = WorkflowRun(42, "pull_request", "success", FROM_FORK.head_sha, "feature", "stranger/shop", attempt=3)
THERE = Run(
    "org/shop", "m" * 40, "refs/pull/7/merge", 42, 1, "https://github.com/org/shop/actions/runs/42", "ci", "test"
)
MADE = replace(MEASURED, run=THERE, started_at="2026-11-20T10:00:00Z", links=(Link("Comment", "https://evil.test"),))


def context(folder: Path, **others: Any) -> RunContext:
    usual = {"event_name": "workflow_run", "repository": "org/shop", "workflow_run": ABOUT, "default_branch": "main"}
    return RunContext(folder, **{**usual, **others})


def relayed(folder: Path, outcome: Outcome = MADE, **others: Any) -> Outcome:
    (folder / "outcome.json").write_bytes(envelope.dump(outcome))
    return relay.relayed("sample", "outcome.json", context(folder, **others), doors(folder))


def test_the_measurement_is_shown_as_it_is(tmp_path: Path) -> None:
    shown = relayed(tmp_path)
    assert (shown.verdict, shown.headline, shown.facts, shown.problems) == (
        MADE.verdict,
        MADE.headline,
        MADE.facts,
        MADE.problems,
    )
    assert shown.started_at == MADE.started_at


def test_where_it_was_made_is_what_the_event_says_not_the_file(tmp_path: Path) -> None:
    forged = replace(THERE, url="https://evil.test/login", sha="c" * 40, run_attempt=9, repository="ORG/shop")
    shown = relayed(tmp_path, replace(MADE, run=forged), server_url="https://ghes.test")
    assert shown.run.url == "https://ghes.test/org/shop/actions/runs/42"
    assert (shown.run.repository, shown.run.sha, shown.run.run_attempt) == ("org/shop", FROM_FORK.head_sha, 3)
    assert shown.links == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action": "smoke-test"}, "is an outcome of `smoke-test`, not of `sample`"),
        ({"run": replace(THERE, run_id=41)}, "was made by run 41, the event is about run 42"),
        ({"run": replace(THERE, repository="stranger/shop")}, "was made by run 42, the event is about run 42"),
    ],
)
def test_a_file_of_another_action_run_or_repository_is_refused(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        relayed(tmp_path, replace(MADE, **change))
    assert refused.value.reason == reason


def test_a_file_that_is_missing_or_outside_is_unreadable(tmp_path: Path) -> None:
    for path in ("outcome.json", "../outcome.json"):
        with pytest.raises(Unreadable):
            relay.relayed("sample", path, context(tmp_path), doors(tmp_path))


@pytest.mark.parametrize(("event", "named"), [("push", "this is `push`"), ("", "this is `no event`")])
def test_it_is_for_workflow_run_only_and_says_how_to_write_that(tmp_path: Path, event: str, named: str) -> None:
    with pytest.raises(UsageError) as wrong:
        relayed(tmp_path, event_name=event, workflow_run=None)
    (complaint,) = wrong.value.complaints
    assert named in complaint.message
    assert "workflow_run: {workflows: [...], types: [completed]}" in complaint.fix


def test_the_pull_request_is_found_from_the_event_and_knows_its_fork(tmp_path: Path) -> None:
    github = GitHubInMemory(pulls=[listed(FROM_FORK)])
    assert relay.pull_request(context(tmp_path), doors(tmp_path, github)) == FROM_FORK


def test_there_is_no_pull_request_without_a_token_or_outside_the_events_that_have_one(tmp_path: Path) -> None:
    github = GitHubInMemory(pulls=[listed(FROM_FORK)])
    assert relay.pull_request(context(tmp_path), doors(tmp_path)) is None
    push = context(tmp_path, event_name="push", workflow_run=None, ref="refs/heads/feature", sha="a" * 40)
    assert relay.pull_request(push, doors(tmp_path, github)) is None
    tag = replace(push, ref="refs/tags/v1")
    assert relay.pull_request(tag, doors(tmp_path, github), anywhere=True) is None
    assert github.calls == []
    ours = replace(FROM_FORK, head_repository="org/shop", is_fork=False)
    github.pulls = [listed(ours)]
    assert relay.pull_request(push, doors(tmp_path, github), anywhere=True) == ours
