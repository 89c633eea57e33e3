"""The event payloads that a runner writes to `GITHUB_EVENT_PATH`, for the events these actions run on."""

from __future__ import annotations

from .exchange import Links, Object
from .model import PullRequest, WorkflowRun
from .repository import Repository
from .site import Account
from .views import accounts, actions, discussions


def pull_request(links: Links, pull: PullRequest, action: str = "synchronize") -> Object:
    """`pull_request` (and `pull_request_target`): the pull request as it is now."""
    repository = pull.repository
    changed = repository.changed_files(pull.base_sha, pull.head_sha)
    return {
        "action": action,
        "number": pull.number,
        "pull_request": discussions.pull(links, repository, pull, changed, len(repository.commits_of(pull))),
        **_common(links, repository, pull.issue.author),
    }


def push(
    links: Links, repository: Repository, *, before: str, after: str, branch: str, actor: str = "octocat"
) -> Object:
    """`push` of a branch from commit `before` to commit `after`; `before` is forty zeros for a new branch."""
    return {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "created": set(before) == {"0"},
        "deleted": False,
        "forced": False,
        "compare": links.page(repository, f"/compare/{before[:12]}...{after[:12]}"),
        "head_commit": actions.head_commit(repository, after),
        "commits": [actions.head_commit(repository, after)],
        **_common(links, repository, repository.site.account(actor)),
    }


def workflow_run(links: Links, run: WorkflowRun, action: str = "completed") -> Object:
    """`workflow_run`; its `pull_requests` is empty for a fork, so the pull request must be looked up."""
    repository = run.repository
    return {
        "action": action,
        "workflow_run": actions.run(links, repository, run),
        "workflow": actions.workflow(links, repository, run.workflow),
        **_common(links, repository, run.actor),
    }


def _common(links: Links, repository: Repository, sender: Account) -> Object:
    return {"repository": accounts.repository(links, repository), "sender": accounts.user(links, sender)}
