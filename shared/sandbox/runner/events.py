"""Events that start a workflow, with the payload fields that GitHub sends (a subset) and the refs GitHub derives.

https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows says which commit and
ref each event runs on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

NO_COMMIT = "0" * 40
SERVER = "https://github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What started the run, and the run itself: everything in the `github` context that does not depend on the step."""

    name: str
    repository: str
    sha: str
    ref: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    head_ref: str = ""
    base_ref: str = ""
    actor: str = "octocat"
    run_id: int = 1001
    run_number: int = 1
    run_attempt: int = 1
    workflow: str = "CI"
    workflow_path: str = ".github/workflows/ci.yml"
    job: str = "test"

    def context(self) -> dict[str, Any]:
        """The event's part of the `github` context."""
        owner = self.repository.partition("/")[0]
        return {
            "event_name": self.name,
            "repository": self.repository,
            "repository_id": str(_id(self.repository)),
            "repository_owner": owner,
            "repository_owner_id": str(_id(owner)),
            "sha": self.sha,
            "ref": self.ref,
            "ref_name": self.ref.removeprefix("refs/heads/").removeprefix("refs/tags/").removeprefix("refs/pull/"),
            "ref_type": "tag" if self.ref.startswith("refs/tags/") else "branch",
            "ref_protected": False,
            "head_ref": self.head_ref,
            "base_ref": self.base_ref,
            "actor": self.actor,
            "actor_id": str(_id(self.actor)),
            "triggering_actor": self.actor,
            "run_id": str(self.run_id),
            "run_number": str(self.run_number),
            "run_attempt": str(self.run_attempt),
            "retention_days": "90",
            "workflow": self.workflow,
            "workflow_ref": f"{self.repository}/{self.workflow_path}@{self.ref}",
            "workflow_sha": self.sha,
            "job": self.job,
        }

    def rerun(self) -> Event:
        """The same run, tried again."""
        return replace(self, run_attempt=self.run_attempt + 1)


def push(
    *,
    repository: str = "octo-org/shop",
    sha: str,
    before: str = NO_COMMIT,
    branch: str = "main",
    default_branch: str = "main",
    run_id: int = 1001,
) -> Event:
    """Commits pushed to `branch`; `before` is all zeros where the branch is new."""
    ref = f"refs/heads/{branch}"
    payload = {
        "ref": ref,
        "before": before,
        "after": sha,
        "created": before == NO_COMMIT,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": f"{SERVER}/{repository}/compare/{before[:12]}...{sha[:12]}",
        "commits": [],
        "head_commit": {"id": sha},
        "pusher": {"name": "octocat"},
        **_common(repository, default_branch),
    }
    return Event(name="push", repository=repository, sha=sha, ref=ref, payload=payload, run_id=run_id)


def pull_request(
    *,
    repository: str = "octo-org/shop",
    number: int = 1,
    base_sha: str,
    head_sha: str,
    merge_sha: str = "",
    base_ref: str = "main",
    head_ref: str = "feature",
    head_repository: str = "",
    default_branch: str = "main",
    action: str = "synchronize",
    run_id: int = 1001,
) -> Event:
    """A pull request's run on its merge commit (`merge_sha`; the head where there is none).

    `head_repository` names a fork; empty means the same repository. A fork's run gets a read-only token: hand the
    runner one.
    """
    source = head_repository or repository
    pull = {
        "url": f"https://api.github.com/repos/{repository}/pulls/{number}",
        "id": 100_000 + number,
        "html_url": f"{SERVER}/{repository}/pull/{number}",
        "number": number,
        "state": "open",
        "title": f"Pull request {number}",
        "body": None,
        "draft": False,
        "merged": False,
        "user": _user(source.partition("/")[0]),
        "labels": [],
        "head": _side(source, head_ref, head_sha, default_branch, fork=source != repository),
        "base": _side(repository, base_ref, base_sha, default_branch),
        "merge_commit_sha": merge_sha or None,
    }
    return Event(
        name="pull_request",
        repository=repository,
        sha=merge_sha or head_sha,
        ref=f"refs/pull/{number}/merge",
        head_ref=head_ref,
        base_ref=base_ref,
        payload={"action": action, "number": number, "pull_request": pull, **_common(repository, default_branch)},
        run_id=run_id,
    )


def fork_pull_request(*, fork: str = "stranger/shop", **fields: Any) -> Event:
    """A pull request from `fork`; the other fields are those of `pull_request`."""
    return pull_request(head_repository=fork, **fields)


def workflow_run(
    *,
    repository: str = "octo-org/shop",
    sha: str,
    of_run: int,
    of_event: str = "pull_request",
    conclusion: str = "success",
    head_sha: str,
    head_branch: str = "feature",
    head_repository: str = "",
    pull_requests: Sequence[Mapping[str, Any]] = (),
    default_branch: str = "main",
    run_id: int = 2001,
) -> Event:
    """The run that follows the completed run `of_run`, on the default branch's commit `sha` whatever that run was on.

    `pull_requests` is empty for a fork's run, as GitHub sends it.
    """
    source = head_repository or repository
    completed = {
        "id": of_run,
        "name": "CI",
        "head_branch": head_branch,
        "head_sha": head_sha,
        "path": ".github/workflows/ci.yml",
        "run_number": 1,
        "run_attempt": 1,
        "event": of_event,
        "status": "completed",
        "conclusion": conclusion,
        "workflow_id": 1,
        "url": f"https://api.github.com/repos/{repository}/actions/runs/{of_run}",
        "html_url": f"{SERVER}/{repository}/actions/runs/{of_run}",
        "pull_requests": list(pull_requests),
        "repository": _repository(repository, default_branch),
        "head_repository": _repository(source, default_branch, fork=source != repository),
    }
    return Event(
        name="workflow_run",
        repository=repository,
        sha=sha,
        ref=f"refs/heads/{default_branch}",
        payload={
            "action": "completed",
            "workflow": {"id": 1, "name": "CI", "path": ".github/workflows/ci.yml"},
            "workflow_run": completed,
            **_common(repository, default_branch),
        },
        workflow="After CI",
        workflow_path=".github/workflows/after-ci.yml",
        run_id=run_id,
    )


def merge_group(
    *,
    repository: str = "octo-org/shop",
    number: int = 1,
    base_sha: str,
    head_sha: str,
    base_branch: str = "main",
    default_branch: str = "main",
    run_id: int = 1001,
) -> Event:
    """A merge queue's run on the commit that would be merged."""
    head_ref = f"refs/heads/gh-readonly-queue/{base_branch}/pr-{number}-{base_sha}"
    group = {
        "head_sha": head_sha,
        "head_ref": head_ref,
        "base_sha": base_sha,
        "base_ref": f"refs/heads/{base_branch}",
        "head_commit": {"id": head_sha},
    }
    return Event(
        name="merge_group",
        repository=repository,
        sha=head_sha,
        ref=head_ref,
        payload={"action": "checks_requested", "merge_group": group, **_common(repository, default_branch)},
        run_id=run_id,
    )


def schedule(
    *,
    repository: str = "octo-org/shop",
    sha: str,
    cron: str = "17 3 * * *",
    default_branch: str = "main",
    run_id: int = 1001,
) -> Event:
    """A timed run on the default branch."""
    return Event(
        name="schedule",
        repository=repository,
        sha=sha,
        ref=f"refs/heads/{default_branch}",
        payload={"schedule": cron, "workflow": ".github/workflows/ci.yml", **_common(repository, default_branch)},
        run_id=run_id,
    )


def workflow_dispatch(
    *,
    repository: str = "octo-org/shop",
    sha: str,
    branch: str = "main",
    inputs: Mapping[str, str] | None = None,
    default_branch: str = "main",
    run_id: int = 1001,
) -> Event:
    """A run that a person started on `branch`."""
    ref = f"refs/heads/{branch}"
    return Event(
        name="workflow_dispatch",
        repository=repository,
        sha=sha,
        ref=ref,
        payload={
            "inputs": dict(inputs) if inputs else None,
            "ref": ref,
            "workflow": ".github/workflows/ci.yml",
            **_common(repository, default_branch),
        },
        run_id=run_id,
    )


def deployment_status(
    *,
    repository: str = "octo-org/shop",
    sha: str,
    branch: str = "main",
    state: str = "success",
    environment_url: str = "",
    default_branch: str = "main",
    run_id: int = 1001,
) -> Event:
    """A run that a deployment's new state started; it is on the branch that was deployed."""
    status = {"id": 1, "state": state, "environment": "production", "environment_url": environment_url}
    deployment = {"id": 1, "sha": sha, "ref": branch, "task": "deploy", "environment": "production"}
    return Event(
        name="deployment_status",
        repository=repository,
        sha=sha,
        ref=f"refs/heads/{branch}",
        payload={
            "action": "created",
            "deployment_status": status,
            "deployment": deployment,
            **_common(repository, default_branch),
        },
        run_id=run_id,
    )


def _common(repository: str, default_branch: str) -> dict[str, Any]:
    return {"repository": _repository(repository, default_branch), "sender": _user("octocat")}


def _side(repository: str, ref: str, sha: str, default_branch: str, *, fork: bool = False) -> dict[str, Any]:
    owner = repository.partition("/")[0]
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": _user(owner),
        "repo": _repository(repository, default_branch, fork=fork),
    }


def _repository(full_name: str, default_branch: str, *, fork: bool = False) -> dict[str, Any]:
    owner, _, name = full_name.partition("/")
    return {
        "id": _id(full_name),
        "name": name,
        "full_name": full_name,
        "private": False,
        "owner": _user(owner),
        "html_url": f"{SERVER}/{full_name}",
        "url": f"https://api.github.com/repos/{full_name}",
        "fork": fork,
        "default_branch": default_branch,
    }


def _user(login: str) -> dict[str, Any]:
    return {"login": login, "id": _id(login), "type": "User", "html_url": f"{SERVER}/{login}"}


def _id(name: str) -> int:
    """A number that is the same wherever the name is."""
    return crc32(name.encode())
