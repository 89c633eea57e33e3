"""Which commit, ref and payload each event brings."""

from __future__ import annotations

import pytest

from sandbox.runner import Event, events

BASE, HEAD, MERGE = "b" * 40, "c" * 40, "d" * 40


@pytest.mark.parametrize(
    ("event", "sha", "ref", "ref_name", "head_ref", "base_ref"),
    [
        (events.push(sha=HEAD, branch="release/1"), HEAD, "refs/heads/release/1", "release/1", "", ""),
        (
            events.pull_request(base_sha=BASE, head_sha=HEAD, merge_sha=MERGE, number=7),
            MERGE,
            "refs/pull/7/merge",
            "7/merge",
            "feature",
            "main",
        ),
        (events.schedule(sha=HEAD), HEAD, "refs/heads/main", "main", "", ""),
        (events.workflow_dispatch(sha=HEAD, branch="try"), HEAD, "refs/heads/try", "try", "", ""),
        (
            events.merge_group(base_sha=BASE, head_sha=HEAD, number=7),
            HEAD,
            f"refs/heads/gh-readonly-queue/main/pr-7-{BASE}",
            f"gh-readonly-queue/main/pr-7-{BASE}",
            "",
            "",
        ),
        (events.workflow_run(sha=BASE, of_run=5, head_sha=HEAD), BASE, "refs/heads/main", "main", "", ""),
    ],
)
def test_an_event_runs_on_the_commit_and_ref_that_github_documents(
    event: Event, sha: str, ref: str, ref_name: str, head_ref: str, base_ref: str
) -> None:
    context = event.context()
    assert (context["sha"], context["ref"], context["ref_name"]) == (sha, ref, ref_name)
    assert (context["head_ref"], context["base_ref"]) == (head_ref, base_ref)
    assert context["event_name"] == event.name
    assert event.payload["repository"]["full_name"] == context["repository"] == "octo-org/shop"


def test_a_pull_request_from_the_same_repository_has_one_repository_on_both_sides() -> None:
    pull = events.pull_request(base_sha=BASE, head_sha=HEAD).payload["pull_request"]
    assert pull["head"]["repo"]["full_name"] == pull["base"]["repo"]["full_name"]
    assert pull["merge_commit_sha"] is None
    assert (pull["base"]["sha"], pull["head"]["sha"]) == (BASE, HEAD)


def test_a_pull_request_from_a_fork_has_the_forks_repository_as_its_head() -> None:
    pull = events.fork_pull_request(base_sha=BASE, head_sha=HEAD, fork="stranger/shop").payload["pull_request"]
    assert pull["head"]["label"] == "stranger:feature"
    assert pull["head"]["repo"]["fork"]
    assert not pull["base"]["repo"]["fork"]


def test_the_run_after_a_forks_run_names_the_head_but_no_pull_request() -> None:
    event = events.workflow_run(sha=BASE, of_run=5, head_sha=HEAD, head_repository="stranger/shop")
    run = event.payload["workflow_run"]
    assert (run["id"], run["head_sha"], run["pull_requests"]) == (5, HEAD, [])
    assert run["head_repository"]["full_name"] == "stranger/shop"
    assert run["repository"]["full_name"] == "octo-org/shop"


def test_a_push_that_makes_a_branch_has_no_commit_before_it() -> None:
    assert events.push(sha=HEAD).payload["created"]
    assert not events.push(sha=HEAD, before=BASE).payload["created"]


def test_a_dispatch_carries_its_inputs() -> None:
    assert events.workflow_dispatch(sha=HEAD, inputs={"level": "high"}).payload["inputs"] == {"level": "high"}
    assert events.workflow_dispatch(sha=HEAD).payload["inputs"] is None


def test_a_second_attempt_is_the_same_run() -> None:
    event = events.push(sha=HEAD)
    again = event.rerun()
    assert (again.run_id, again.run_attempt) == (event.run_id, 2)


def test_a_tag_is_a_ref_of_its_own_kind() -> None:
    context = Event(name="push", repository="o/r", sha=HEAD, ref="refs/tags/v1").context()
    assert (context["ref_type"], context["ref_name"]) == ("tag", "v1")
