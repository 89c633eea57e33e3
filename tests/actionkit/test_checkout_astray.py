"""Whether what is checked out is what the event is about: a base that was checked out instead proves nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from actionkit.base import astray, head_of
from actionkit.context import PullRequest, RunContext
from actionkit.git import Git
from sandbox.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """main, and a branch `change` of one commit."""
    made = Checkout.create(tmp_path / "shop", {"a.py": "a = 1\n"})
    made.branch("change")
    made.commit("Change", {"a.py": "a = 2\n"})
    return made


def event(checkout: Checkout, name: str = "pull_request") -> RunContext:
    base, head = checkout.git("rev-parse", "main"), checkout.git("rev-parse", "change")
    pull = PullRequest(1, base, "main", head, "change", "org/shop", False)
    sha = base if name == "pull_request_target" else "f" * 40
    return RunContext(
        workspace=checkout.path, in_actions=True, event_name=name, sha=sha, base_sha=base, pull_request=pull
    )


def found(checkout: Checkout, context: RunContext) -> str:
    git = Git(checkout.path)
    return astray(context, git, head_of(context, git))


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_the_head_its_merge_and_what_a_job_adds_to_either_are_right(checkout: Checkout, name: str) -> None:
    context = event(checkout, name)
    assert found(checkout, context) == ""
    checkout.test_merge("change")
    assert found(checkout, context) == ""
    checkout.commit("Formatted by the job", {"a.py": "a = 3\n"})
    assert found(checkout, context) == ""


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_the_base_a_newer_base_and_another_branch_are_not(checkout: Checkout, name: str) -> None:
    context = event(checkout, name)
    wanted = context.pull_request.head_sha if context.pull_request else ""
    checkout.switch("main")
    assert found(checkout, context) == wanted
    checkout.commit("Newer", {"b.py": "b = 1\n"})
    assert found(checkout, context) == wanted
    checkout.branch("other")
    checkout.commit("Other", {"c.py": "c = 1\n"})
    assert found(checkout, context) == wanted


def test_in_a_shallow_clone_only_what_is_known_to_be_wrong_is_called_wrong(checkout: Checkout, tmp_path: Path) -> None:
    context = event(checkout, "pull_request_target")
    wanted = context.pull_request.head_sha if context.pull_request else ""
    assert found(checkout.shallow(tmp_path / "base", "main"), context) == wanted
    checkout.commit("Formatted by the job", {"a.py": "a = 3\n"})
    assert found(checkout.shallow(tmp_path / "head"), context) == ""
    checkout.test_merge("change~1")
    assert found(checkout.shallow(tmp_path / "merge"), context) == ""


def test_a_merge_queues_commit_must_be_held_and_other_events_name_none(checkout: Checkout) -> None:
    head, main = checkout.git("rev-parse", "change"), checkout.git("rev-parse", "main")
    queue = replace(event(checkout, "merge_group"), pull_request=None, sha=head)
    assert found(checkout, queue) == ""
    checkout.switch("main")
    assert found(checkout, queue) == head
    assert found(checkout, replace(queue, event_name="push", sha=main)) == ""


def test_without_git_the_event_says_what_was_tested(tmp_path: Path) -> None:
    pull = PullRequest(1, "b" * 40, "main", "c" * 40, "change", "org/shop", False)
    context = RunContext(workspace=tmp_path, event_name="pull_request_target", sha="b" * 40, pull_request=pull)
    git = Git(tmp_path)
    assert head_of(context, git) == "c" * 40
    assert head_of(replace(context, event_name="pull_request"), git) == "b" * 40
    assert astray(replace(context, event_name="pull_request"), git, "b" * 40) == ""
