"""Pull requests: their files, a comparison of two commits, and the pull request a `workflow_run` is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from actionkit.errors import ActionkitError
from actionkit.github.api import GitHubApi

MOST_PULL_FILES = 3000
MOST_COMPARED_FILES = 300
PER_PAGE = 100


class AmbiguousPull(ActionkitError):  # noqa: N818
    """Several open pull requests have the run's head commit: commenting on one of them would be a guess."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a diff. `status` is added, removed, modified, renamed, copied, changed or unchanged.

    `patch` is the hunks as `git diff` prints them, or None where GitHub leaves it out (binary, or too large): then the
    changed lines are unknown, not none.
    """

    path: str
    status: str
    additions: int
    deletions: int
    previous_path: str = ""
    patch: str | None = None


@dataclass(frozen=True, slots=True)
class PullFiles:
    """`complete` is False when GitHub's cap of 3,000 files was reached: there may be more."""

    files: tuple[ChangedFile, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Commit:
    """`title` is the first line of the message, written by others. `author` is a login, or a name without one."""

    sha: str
    title: str
    author: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `head` has that `base` has not, from their merge base (three dots).

    `status` is ahead, behind, identical or diverged. `commits` is whole, oldest first; `files_complete` is False when
    GitHub's cap of 300 files was reached.
    """

    status: str
    merge_base: str
    ahead_by: int
    behind_by: int
    commits: tuple[Commit, ...]
    files: tuple[ChangedFile, ...]
    files_complete: bool


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as GitHub states it now. Refs are branch names; `head_repository` is `owner/name`."""

    number: int
    url: str
    state: str
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    head_repository: str
    from_fork: bool


def pull_files(github: GitHubApi, repository: str, number: int) -> PullFiles:
    """All changed files of a pull request. Raises GitHubError, PermissionNeeded, HttpError."""
    files = tuple(_file(item) for item in github.pages(f"/repos/{repository}/pulls/{number}/files"))
    return PullFiles(files, complete=len(files) < MOST_PULL_FILES)


def compare(github: GitHubApi, repository: str, base: str, head: str) -> Comparison:
    """Compare two commits, branches or tags of a repository (`owner:branch` for a fork's), all commits included.

    Raises NotFound if one of them is unknown or they have no common ancestor; GitHubError, PermissionNeeded, HttpError.
    """
    path = f"/repos/{repository}/compare/{quote(base, safe=':')}...{quote(head, safe=':')}"
    first = github.get(path, {"per_page": PER_PAGE, "page": 1})
    commits = list(first["commits"])
    if int(first["total_commits"]) > len(commits):
        commits += github.pages(path, {"per_page": PER_PAGE, "page": 2}, key="commits")
    files = tuple(_file(item) for item in first.get("files") or [])
    return Comparison(
        status=str(first["status"]),
        merge_base=str(first["merge_base_commit"]["sha"]),
        ahead_by=int(first["ahead_by"]),
        behind_by=int(first["behind_by"]),
        commits=tuple(_commit(item) for item in commits),
        files=files,
        files_complete=len(files) < MOST_COMPARED_FILES,
    )


def pull_of_run(
    github: GitHubApi, repository: str, *, head_repository: str, head_branch: str, head_sha: str
) -> Pull | None:
    """The pull request whose head is what the run of a `workflow_run` event tested; the three come from that event.

    None if there is none, or if its head has moved on since. The list by head is asked, because `commits/{sha}/pulls`
    answers `[]` for a fork's commit; nothing the run left behind is believed.

    Raises AmbiguousPull if several open ones have this head (towards different bases), GitHubError, PermissionNeeded
    (`pull-requests: read`), HttpError.
    """
    owner = head_repository.partition("/")[0]
    if not owner or not head_branch or not head_sha:
        return None
    listed = github.pages(f"/repos/{repository}/pulls", {"head": f"{owner}:{head_branch}", "state": "all"})
    pulls = [_pull(item, repository) for item in listed]
    matching = [
        pull
        for pull in pulls
        if pull.head_sha == head_sha
        and pull.head_ref == head_branch
        and pull.head_repository.lower() == head_repository.lower()
    ]
    opened = [pull for pull in matching if pull.state == "open"]
    if len(opened) > 1:
        numbers = ", ".join(f"#{pull.number}" for pull in opened)
        raise AmbiguousPull(f"pull requests {numbers} all have {head_branch} at {head_sha[:12]} as their head")
    return max(opened or matching, key=lambda pull: pull.number, default=None)


def _file(item: dict[str, Any]) -> ChangedFile:
    patch = item.get("patch")
    return ChangedFile(
        path=str(item["filename"]),
        status=str(item["status"]),
        additions=int(item.get("additions") or 0),
        deletions=int(item.get("deletions") or 0),
        previous_path=str(item.get("previous_filename") or ""),
        patch=None if patch is None else str(patch),
    )


def _commit(item: dict[str, Any]) -> Commit:
    commit = item.get("commit") or {}
    author = (item.get("author") or {}).get("login") or (commit.get("author") or {}).get("name") or ""
    return Commit(str(item["sha"]), str(commit.get("message") or "").partition("\n")[0], str(author))


def _pull(item: dict[str, Any], repository: str) -> Pull:
    head, base = item["head"], item["base"]
    head_repository = str((head.get("repo") or {}).get("full_name") or "")  # null once the fork is deleted
    return Pull(
        number=int(item["number"]),
        url=str(item.get("html_url") or ""),
        state=str(item["state"]),
        base_ref=str(base["ref"]),
        base_sha=str(base["sha"]),
        head_ref=str(head["ref"]),
        head_sha=str(head["sha"]),
        head_repository=head_repository,
        from_fork=head_repository.lower() != repository.lower(),
    )
