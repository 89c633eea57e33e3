"""Workflows, their runs, jobs and artifacts."""

from __future__ import annotations

from datetime import datetime

from ..exchange import Links, Object
from ..model import Artifact, Job, PullRequest, Workflow, WorkflowRun
from ..repository import Repository
from ..site import node_id, stamp
from .accounts import minimal_repository, user


def workflow(links: Links, repository: Repository, shown: Workflow) -> Object:
    """A `workflow`."""
    created = stamp(shown.created_at)
    return {
        "id": shown.id,
        "node_id": node_id("Workflow", shown.id),
        "name": shown.name,
        "path": shown.path,
        "state": "active",
        "created_at": created,
        "updated_at": created,
        "url": links.repo(repository, f"/actions/workflows/{shown.id}"),
        "html_url": links.page(repository, f"/blob/{repository.default_branch}/{shown.path}"),
        "badge_url": links.page(repository, f"/workflows/{shown.name}/badge.svg"),
    }


def run(links: Links, repository: Repository, shown: WorkflowRun) -> Object:
    """A `workflow-run`. `pull_requests` is empty for a fork's, as the service leaves it."""
    api = links.repo(repository, f"/actions/runs/{shown.id}")
    suite = shown.id + 1
    started = stamp(shown.created_at)
    same_repository = shown.pull is not None and not shown.pull.from_fork
    return {
        "id": shown.id,
        "node_id": node_id("WorkflowRun", shown.id),
        "name": shown.workflow.name,
        "display_title": shown.pull.issue.title if shown.pull else _headline(repository, shown.head_sha),
        "path": shown.workflow.path,
        "run_number": shown.number,
        "run_attempt": shown.attempt,
        "event": shown.event,
        "status": shown.status,
        "conclusion": shown.conclusion,
        "workflow_id": shown.workflow.id,
        "check_suite_id": suite,
        "check_suite_node_id": node_id("CheckSuite", suite),
        "head_branch": shown.head_branch,
        "head_sha": shown.head_sha,
        "pull_requests": [pull_minimal(links, shown.pull)] if shown.pull and same_repository else [],
        "referenced_workflows": [],
        "created_at": started,
        "updated_at": stamp(shown.updated_at),
        "run_started_at": started,
        "actor": user(links, shown.actor),
        "triggering_actor": user(links, shown.actor),
        "url": api,
        "html_url": links.page(repository, f"/actions/runs/{shown.id}"),
        "jobs_url": f"{api}/jobs",
        "logs_url": f"{api}/logs",
        "check_suite_url": links.repo(repository, f"/check-suites/{suite}"),
        "artifacts_url": f"{api}/artifacts",
        "cancel_url": f"{api}/cancel",
        "rerun_url": f"{api}/rerun",
        "previous_attempt_url": f"{api}/attempts/{shown.attempt - 1}" if shown.attempt > 1 else None,
        "workflow_url": links.repo(repository, f"/actions/workflows/{shown.workflow.id}"),
        "head_commit": head_commit(repository, shown.head_sha),
        "repository": minimal_repository(links, repository),
        "head_repository": minimal_repository(links, shown.head_repository),
    }


def _headline(repository: Repository, sha: str) -> str:
    return repository.objects.commit(sha).message.split("\n", 1)[0]


def head_commit(repository: Repository, sha: str) -> Object:
    """A `simple-commit`."""
    commit = repository.objects.commit(sha)
    return {
        "id": sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": stamp(commit.committer.when),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def pull_minimal(links: Links, pull: PullRequest) -> Object:
    """A `pull-request-minimal`."""

    def side(repository: Repository, ref: str, sha: str) -> Object:
        return {
            "ref": ref,
            "sha": sha,
            "repo": {"id": repository.id, "url": links.repo(repository), "name": repository.name},
        }

    return {
        "id": pull.issue.id,
        "number": pull.number,
        "url": links.repo(pull.repository, f"/pulls/{pull.number}"),
        "head": side(pull.head_repository, pull.head_ref, pull.head_sha),
        "base": side(pull.repository, pull.base_ref, pull.base_sha),
    }


def artifact(links: Links, repository: Repository, shown: Artifact, now: datetime) -> Object:
    """An `artifact`."""
    api = links.repo(repository, f"/actions/artifacts/{shown.id}")
    created = stamp(shown.created_at)
    return {
        "id": shown.id,
        "node_id": node_id("Artifact", shown.id),
        "name": shown.name,
        "size_in_bytes": len(shown.zip),
        "url": api,
        "archive_download_url": f"{api}/zip",
        "expired": shown.expired(now),
        "digest": shown.digest,
        "created_at": created,
        "updated_at": created,
        "expires_at": stamp(shown.expires_at),
        "workflow_run": {
            "id": shown.run.id,
            "repository_id": repository.id,
            "head_repository_id": shown.run.head_repository.id,
            "head_branch": shown.run.head_branch,
            "head_sha": shown.run.head_sha,
        },
    }


def job(links: Links, repository: Repository, run_: WorkflowRun, shown: Job) -> Object:
    """A `job`."""
    started = stamp(shown.started_at)
    completed = stamp(shown.completed_at) if shown.completed_at else None
    return {
        "id": shown.id,
        "node_id": node_id("CheckRun", shown.id),
        "run_id": run_.id,
        "run_url": links.repo(repository, f"/actions/runs/{run_.id}"),
        "run_attempt": run_.attempt,
        "head_sha": run_.head_sha,
        "head_branch": run_.head_branch,
        "workflow_name": run_.workflow.name,
        "url": links.repo(repository, f"/actions/jobs/{shown.id}"),
        "html_url": links.page(repository, f"/actions/runs/{run_.id}/job/{shown.id}"),
        "check_run_url": links.repo(repository, f"/check-runs/{shown.id}"),
        "name": shown.name,
        "status": shown.status,
        "conclusion": shown.conclusion,
        "created_at": started,
        "started_at": started,
        "completed_at": completed,
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "runner_group_id": 1,
        "runner_group_name": "GitHub Actions",
        "steps": [
            {
                "name": name,
                "number": number,
                "status": "completed",
                "conclusion": conclusion,
                "started_at": started,
                "completed_at": completed or started,
            }
            for number, (name, conclusion) in enumerate(shown.steps, start=1)
        ],
    }
