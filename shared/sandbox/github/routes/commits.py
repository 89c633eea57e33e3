"""Commits, what they changed, and comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..diff import FileChange
from ..exchange import ApiError, Call, Object, Reply, Route, not_found
from ..gitobjects import Commit, ObjectStore
from ..model import PullRequest
from ..tokens import Need
from ..views import discussions, git

_READ = (Need("contents", "read"),)
_DIFF = "application/vnd.github.diff"


def commits(call: Call) -> Reply:
    """History from `sha` (default branch unless told), newest first."""
    repository = call.repository
    if repository.empty:
        raise ApiError(409, "Git Repository is empty.")
    sha = repository.resolve(call.query.get("sha") or repository.default_branch)
    if sha is None:
        raise not_found()
    found = [commit for commit in repository.objects.history(sha) if _wanted(call, commit)]
    return call.page(call.listing(found), lambda commit: git.commit(call.links, repository, commit))


def _wanted(call: Call, commit: Commit) -> bool:
    since, until, path = (call.query.get(name) for name in ("since", "until", "path"))
    if since and commit.committer.when < datetime.fromisoformat(since):
        return False
    if until and commit.committer.when > datetime.fromisoformat(until):
        return False
    author = call.query.get("author")
    if author and author not in (commit.author.name, commit.author.email):
        return False
    return path is None or _touches(call.repository.objects, commit, path)


def _touches(objects: ObjectStore, commit: Commit, path: str) -> bool:
    after = objects.find(commit.tree, path)
    before = [objects.find(objects.commit(parent).tree, path) for parent in commit.parents]
    return after not in before if before else after is not None


def commit(call: Call) -> Reply:
    """One commit with the files it changed against its first parent."""
    found = call.commit(call.arguments["ref"])
    if call.accepts("sha"):
        return Reply(body=found.sha.encode(), media="application/vnd.github.sha; charset=utf-8")
    files = call.repository.changed_files(found.parents[0] if found.parents else None, found.sha)
    if call.accepts("diff"):
        return as_diff(files)
    additions, deletions = sum(f.additions for f in files), sum(f.deletions for f in files)
    shown = git.commit(call.links, call.repository, found)
    shown["stats"] = {"additions": additions, "deletions": deletions, "total": additions + deletions}
    shown["files"] = _entries(call, files[: call.site.limits.compare_files], found.sha)
    return Reply(body=shown)


def _entries(call: Call, files: Sequence[FileChange], sha: str) -> list[Object]:
    return [git.diff_entry(call.links, call.repository, change, sha) for change in files]


def as_diff(files: Sequence[FileChange]) -> Reply:
    """The unified diff, for the diff media type."""
    text = "".join(
        f"diff --git a/{change.previous_path or change.path} b/{change.path}\n"
        f"--- {'/dev/null' if change.status == 'added' else 'a/' + (change.previous_path or change.path)}\n"
        f"+++ {'/dev/null' if change.status == 'removed' else 'b/' + change.path}\n"
        f"{change.patch or ''}\n"
        for change in files
    )
    return Reply(body=text.encode(), media=f"{_DIFF}; charset=utf-8")


def compare(call: Call) -> Reply:
    """`base...head`: the commits of head that base lacks, oldest first, and the files they changed.

    Either side may be `owner:branch` of a fork. At most 300 files are listed, on the first page only.
    """
    base_name, dots, head_name = call.arguments["basehead"].partition("...")
    if not dots:
        raise not_found()
    base, head = _side(call, base_name), _side(call, head_name)
    objects, limits = call.repository.objects, call.site.limits
    meeting = objects.merge_base(base.sha, head.sha)
    if meeting is None:
        raise ApiError(404, f"No common ancestor between {base_name} and {head_name}.")
    behind = objects.ancestry(base.sha).keys() - objects.ancestry(head.sha).keys()
    ours = objects.ancestry(base.sha)
    ahead = [commit for commit in objects.history(head.sha) if commit.sha not in ours][::-1]
    paged = "page" in call.query or "per_page" in call.query
    listed = call.page(ahead, lambda one: git.commit(call.links, call.repository, one))
    shown = (
        listed.body
        if paged
        else [git.commit(call.links, call.repository, one) for one in ahead[-limits.compare_commits :]]
    )
    first_page = int(call.query.get("page", 1)) <= 1
    files = call.repository.changed_files(base.sha, head.sha) if first_page else []
    if call.accepts("diff"):
        return as_diff(files)
    page = call.links.page(call.repository, f"/compare/{base_name}...{head_name}")
    body: Object = {
        "url": call.links.repo(call.repository, f"/compare/{base_name}...{head_name}"),
        "html_url": page,
        "permalink_url": call.links.page(call.repository, f"/compare/{base.sha}...{head.sha}"),
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": git.commit(call.links, call.repository, base),
        "merge_base_commit": git.commit(call.links, call.repository, objects.commit(meeting)),
        "status": _status(len(ahead), len(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": shown,
        "files": _entries(call, files[: limits.compare_files], head.sha),
    }
    return Reply(body=body, headers=listed.headers if paged else {})


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


def _side(call: Call, name: str) -> Commit:
    """Raises ApiError 404 for a side that does not exist."""
    repository = call.repository
    owner, colon, rest = name.partition(":")
    branch = name
    if colon:
        branch = rest.rpartition(":")[2]
        network = (repository.parent or repository, *(repository.parent or repository).forks.values())
        owned = [one for one in network if one.owner.login.lower() == owner.lower()]
        if not owned:
            raise not_found()
        repository = owned[0]
    sha = repository.resolve(branch)
    if sha is None:
        raise not_found()
    return repository.objects.commit(sha)


def pulls_of(call: Call) -> Reply:
    """Merged pull requests that brought the commit, and open ones whose branch has it in this repository.

    The service answers an empty list for a commit that only a fork has.
    """
    found = call.commit(call.arguments["commit_sha"])

    def brings(pull: PullRequest) -> bool:
        objects = call.repository.objects
        own = objects.ancestry(pull.head_sha).keys() - objects.ancestry(pull.base_sha).keys()
        return found.sha == pull.merge_commit_sha or (found.sha in own and not pull.from_fork)

    kept = [pull for pull in call.repository.pulls if (pull.merged_at or pull.issue.state == "open") and brings(pull)]
    return call.page(call.listing(kept), lambda pull: discussions.pull_simple(call.links, call.repository, pull))


ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/commits", commits, _READ),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}", commit, _READ),
    Route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", pulls_of, (Need("pull-requests", "read"),)),
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead}", compare, _READ),
)
