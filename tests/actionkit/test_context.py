"""The context is what GitHub says in its variables and the event payload, nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from actionkit.context import RunContext

BASE = "b" * 40
HEAD = "c" * 40


def context(tmp_path: Path, event: str, payload: object, **environ: str) -> RunContext:
    file = tmp_path / "event.json"
    file.write_text(payload if isinstance(payload, str) else json.dumps(payload), encoding="utf-8")
    given = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_EVENT_NAME": event,
        "GITHUB_REPOSITORY": "org/shop",
        "GITHUB_SHA": "a" * 40,
        "GITHUB_RUN_ID": "77",
        "GITHUB_RUN_ATTEMPT": "2",
        "GITHUB_REF": "refs/heads/main",
        **environ,
    }
    return RunContext.of(given, tmp_path)


def pull(head_repository: str | None) -> dict[str, Any]:
    repo = {"full_name": head_repository} if head_repository else None
    return {
        "number": 7,
        "pull_request": {
            "number": 7,
            "base": {"sha": BASE, "ref": "main"},
            "head": {"sha": HEAD, "ref": "feature", "repo": repo},
        },
        "repository": {"default_branch": "main"},
    }


def test_a_pull_request_of_the_same_repository(tmp_path: Path) -> None:
    seen = context(tmp_path, "pull_request", pull("Org/Shop"))
    assert seen.pull_request is not None
    assert (seen.pull_request.number, seen.pull_request.is_fork, seen.base_sha) == (7, False, BASE)
    assert seen.base_branch == "main"
    assert not seen.trusted


@pytest.mark.parametrize("head", ["mallory/shop", None])
def test_a_pull_request_from_a_fork_even_a_deleted_one(tmp_path: Path, head: str | None) -> None:
    seen = context(tmp_path, "pull_request_target", pull(head))
    assert seen.pull_request is not None
    assert seen.pull_request.is_fork


@pytest.mark.parametrize(
    ("event", "ref", "trusted"),
    [
        ("push", "refs/heads/main", True),
        ("schedule", "refs/heads/main", True),
        ("workflow_dispatch", "refs/heads/main", True),
        ("push", "refs/heads/feature", False),
        ("push", "refs/tags/main", False),
        ("workflow_run", "refs/heads/main", False),
        ("merge_group", "refs/heads/main", False),
    ],
)
def test_only_runs_on_the_default_branch_are_trusted(tmp_path: Path, event: str, ref: str, trusted: bool) -> None:
    payload = {"repository": {"default_branch": "main"}, "before": BASE}
    assert context(tmp_path, event, payload, GITHUB_REF=ref).trusted is trusted


def test_without_a_default_branch_nothing_is_trusted(tmp_path: Path) -> None:
    assert not context(tmp_path, "push", {}).trusted


def test_the_base_of_a_push_is_what_was_there_before(tmp_path: Path) -> None:
    assert context(tmp_path, "push", {"before": BASE}).base_sha == BASE
    assert context(tmp_path, "push", {"before": "0" * 40}).base_sha == ""


def test_the_base_of_a_merge_group(tmp_path: Path) -> None:
    assert context(tmp_path, "merge_group", {"merge_group": {"base_sha": BASE}}).base_sha == BASE


def test_a_workflow_run_names_the_run_it_is_about(tmp_path: Path) -> None:
    run = {
        "id": 9,
        "event": "pull_request",
        "conclusion": "failure",
        "head_sha": HEAD,
        "head_branch": "feature",
        "head_repository": {"full_name": "mallory/shop"},
        "run_attempt": 3,
    }
    seen = context(tmp_path, "workflow_run", {"workflow_run": run}).workflow_run
    assert seen is not None
    assert (seen.id, seen.head_sha, seen.head_repository, seen.attempt) == (9, HEAD, "mallory/shop", 3)


@pytest.mark.parametrize("payload", ["", "{", "[]", "[" * 100_000, '{"pull_request": 3, "repository": []}'])
def test_a_broken_payload_leaves_its_parts_empty(tmp_path: Path, payload: str) -> None:
    seen = context(tmp_path, "pull_request", payload)
    assert seen.pull_request is None
    assert seen.default_branch == ""


def test_numbers_that_are_none_are_zero(tmp_path: Path) -> None:
    seen = context(tmp_path, "push", {}, GITHUB_RUN_ID="seven", GITHUB_RUN_ATTEMPT="")
    assert (seen.run_id, seen.run_attempt, seen.run_url) == (0, 0, "")


def test_the_api_host_is_never_assumed_on_a_server_of_ones_own(tmp_path: Path) -> None:
    seen = context(
        tmp_path, "push", {}, GITHUB_API_URL="https://ghe.test/api/v3/", GITHUB_SERVER_URL="https://ghe.test"
    )
    assert seen.api_url == "https://ghe.test/api/v3"
    assert seen.run.url == "https://ghe.test/org/shop/actions/runs/77"


def test_on_a_laptop_everything_is_empty(tmp_path: Path) -> None:
    seen = RunContext.of({}, tmp_path)
    assert (seen.in_actions, seen.workspace, seen.repository, seen.trusted) == (False, tmp_path, "", False)
    assert seen.api_url == "https://api.github.com"


def test_a_missing_payload_file_is_an_empty_payload(tmp_path: Path) -> None:
    assert RunContext.of({"GITHUB_EVENT_PATH": str(tmp_path / "none")}, tmp_path).payload == {}
