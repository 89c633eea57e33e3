"""Issues, comments and pull requests."""

from __future__ import annotations

from ..diff import FileChange
from ..exchange import Links, Object
from ..model import Comment, Issue, PullRequest
from ..repository import Repository
from ..site import Account, node_id, stamp
from .accounts import repository as repository_view
from .accounts import user


def association(account: Account, repository: Repository) -> str:
    """The `author_association`: bots and the owner are known, everyone else is a contributor at most."""
    if account == repository.owner:
        return "OWNER"
    return "NONE" if account.kind == "Bot" else "CONTRIBUTOR"


def comment(links: Links, repository: Repository, shown: Comment) -> Object:
    """An `issue-comment`."""
    number = shown.issue.number
    kind = "pull" if shown.issue.pull else "issues"
    return {
        "id": shown.id,
        "node_id": node_id("IssueComment", shown.id),
        "url": links.repo(repository, f"/issues/comments/{shown.id}"),
        "html_url": links.page(repository, f"/{kind}/{number}#issuecomment-{shown.id}"),
        "issue_url": links.repo(repository, f"/issues/{number}"),
        "user": user(links, shown.author),
        "body": shown.body,
        "created_at": stamp(shown.created_at),
        "updated_at": stamp(shown.updated_at),
        "author_association": association(shown.author, repository),
        "performed_via_github_app": None,
    }


def label(links: Links, repository: Repository, name: str) -> Object:
    return {
        "id": sum(name.encode()),
        "node_id": node_id("Label", name),
        "url": links.repo(repository, f"/labels/{name}"),
        "name": name,
        "description": "",
        "color": "ededed",
        "default": False,
    }


def issue(links: Links, repository: Repository, shown: Issue) -> Object:
    """An `issue` (a pull request is one too, with `pull_request`)."""
    api = links.repo(repository, f"/issues/{shown.number}")
    page = links.page(repository, f"/{'pull' if shown.pull else 'issues'}/{shown.number}")
    body: Object = {
        "id": shown.id,
        "node_id": node_id("Issue", shown.id),
        "url": api,
        "repository_url": links.repo(repository),
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "html_url": page,
        "number": shown.number,
        "state": shown.state,
        "state_reason": shown.state_reason,
        "title": shown.title,
        "body": shown.body,
        "user": user(links, shown.author),
        "labels": [label(links, repository, name) for name in shown.labels],
        "assignee": user(links, shown.assignees[0]) if shown.assignees else None,
        "assignees": [user(links, account) for account in shown.assignees],
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "comments": len(shown.comments),
        "created_at": stamp(shown.created_at),
        "updated_at": stamp(shown.updated_at),
        "closed_at": stamp(shown.closed_at) if shown.closed_at else None,
        "author_association": association(shown.author, repository),
        "performed_via_github_app": None,
    }
    if shown.pull:
        pull = links.repo(repository, f"/pulls/{shown.number}")
        merged = stamp(shown.pull.merged_at) if shown.pull.merged_at else None
        urls = {"url": pull, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
        body["pull_request"] = {**urls, "merged_at": merged}
    return body


def pull_simple(links: Links, repository: Repository, pull: PullRequest) -> Object:
    """A `pull-request-simple`, as lists show it."""
    issue_ = pull.issue
    api = links.repo(repository, f"/pulls/{pull.number}")
    as_issue = links.repo(repository, f"/issues/{pull.number}")
    page = links.page(repository, f"/pull/{pull.number}")
    statuses = links.repo(repository, f"/statuses/{pull.head_sha}")
    urls = {
        "url": api,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": as_issue,
        "commits_url": f"{api}/commits",
        "review_comments_url": f"{api}/comments",
        "review_comment_url": links.repo(repository, "/pulls/comments{/number}"),
        "comments_url": f"{as_issue}/comments",
        "statuses_url": statuses,
    }
    related = {
        "self": api,
        "html": page,
        "issue": as_issue,
        "comments": f"{as_issue}/comments",
        "review_comments": f"{api}/comments",
        "review_comment": urls["review_comment_url"],
        "commits": f"{api}/commits",
        "statuses": statuses,
    }
    return {
        "id": issue_.id,
        "node_id": node_id("PullRequest", issue_.id),
        **urls,
        "number": pull.number,
        "state": issue_.state,
        "locked": False,
        "title": issue_.title,
        "user": user(links, issue_.author),
        "body": issue_.body,
        "labels": [label(links, repository, name) for name in issue_.labels],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": stamp(issue_.created_at),
        "updated_at": stamp(issue_.updated_at),
        "closed_at": stamp(issue_.closed_at) if issue_.closed_at else None,
        "merged_at": stamp(pull.merged_at) if pull.merged_at else None,
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": user(links, issue_.assignees[0]) if issue_.assignees else None,
        "assignees": [user(links, account) for account in issue_.assignees],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _side(links, pull.head_repository, pull.head_ref, pull.head_sha),
        "base": _side(links, repository, pull.base_ref, pull.base_sha),
        "_links": {name: {"href": url} for name, url in related.items()},
        "author_association": association(issue_.author, repository),
        "auto_merge": None,
        "draft": pull.draft,
    }


def _side(links: Links, repository: Repository, ref: str, sha: str) -> Object:
    owner = repository.owner
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(links, owner),
        "repo": repository_view(links, repository),
    }


def pull(links: Links, repository: Repository, shown: PullRequest, files: list[FileChange], commits: int) -> Object:
    """A `pull-request`, as `GET /pulls/{number}` shows it."""
    merged = shown.merged_at is not None
    mergeable = None if merged else shown.merge_commit_sha is not None
    state = "unknown" if mergeable is None else "clean" if mergeable else "dirty"
    return {
        **pull_simple(links, repository, shown),
        "merged": merged,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": user(links, repository.owner) if merged else None,
        "comments": len(shown.comments),
        "review_comments": 0,
        "maintainer_can_modify": shown.from_fork,
        "commits": commits,
        "additions": sum(change.additions for change in files),
        "deletions": sum(change.deletions for change in files),
        "changed_files": len(files),
    }
