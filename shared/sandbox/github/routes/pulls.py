"""Pull requests, their commits and files."""

from __future__ import annotations

from ..exchange import ApiError, Call, Object, Reply, Route, invalid, not_found
from ..model import PullRequest
from ..tokens import Need
from ..views import discussions, git
from .commits import as_diff

_READ, _WRITE = (Need("pull-requests", "read"),), (Need("pull-requests", "write"),)


def pulls(call: Call) -> Reply:
    """Open ones unless told, newest first; `head` is `owner:branch` and ignored in any other form, as documented."""
    state, head, base = call.query.get("state", "open"), call.query.get("head", ""), call.query.get("base")
    owner, colon, branch = head.partition(":")

    def wanted(pull: PullRequest) -> bool:
        if state not in ("all", pull.issue.state) or base not in (None, pull.base_ref):
            return False
        return not colon or (pull.head_repository.owner.login.lower() == owner.lower() and pull.head_ref == branch)

    key = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    newest_first = call.query.get("direction", "desc" if key == "created_at" else "asc") == "desc"
    kept = [pull for pull in call.repository.pulls if wanted(pull)]
    kept.sort(key=lambda pull: (getattr(pull.issue, key), pull.number), reverse=newest_first)
    return call.page(call.listing(kept), lambda pull: discussions.pull_simple(call.links, call.repository, pull))


def create(call: Call) -> Reply:
    """Raises 422 in the service's words for a missing branch, no commits, or a pull request that is there already."""
    repository, body = call.repository, call.body
    owner, _, branch = body["head"].rpartition(":")
    source = repository
    if owner and owner.lower() != repository.owner.login.lower():
        owned = [fork for fork in repository.forks.values() if fork.owner.login.lower() == owner.lower()]
        if not owned:
            raise invalid("PullRequest", "head", "invalid")
        source = owned[0]
    for field, home, name in (("base", repository, body["base"]), ("head", source, branch)):
        if home.refs.get(f"refs/heads/{name}") is None:
            raise invalid("PullRequest", field, "invalid")
    if not body.get("title"):
        raise invalid("PullRequest", "title", "missing_field")
    call.check_length("PullRequest", body.get("body"))
    head_sha, base_sha = source.tip(branch), repository.tip(body["base"])
    if repository.objects.is_ancestor(head_sha, base_sha):
        message = f"No commits between {body['base']} and {body['head']}"
        raise _refused(message)
    for pull in repository.pulls:
        if pull.issue.state == "open" and (pull.head_repository, pull.head_ref, pull.base_ref) == (
            source,
            branch,
            body["base"],
        ):
            message = f"A pull request already exists for {source.owner.login}:{branch}."
            raise _refused(message)
    made = repository.pull_request(
        title=body["title"],
        body=body.get("body"),
        branch=branch,
        base=body["base"],
        from_fork=source.full_name if source is not repository else None,
        author=call.actor.login,
        draft=body.get("draft", False),
    )
    shown = _view(call, made)
    return Reply(201, shown, {"Location": shown["url"]})


def _refused(message: str) -> ApiError:
    return ApiError(
        422, "Validation Failed", errors=[{"resource": "PullRequest", "code": "custom", "message": message}]
    )


def pull(call: Call) -> Reply:
    found = _find(call)
    if call.accepts("diff"):
        return as_diff(call.repository.changed_files(found.base_sha, found.head_sha))
    return Reply(body=_view(call, found))


def files(call: Call) -> Reply:
    """At most 3,000 files can be listed."""
    found, repository = _find(call), call.repository
    changed = repository.changed_files(found.base_sha, found.head_sha)
    return call.page(
        changed[: call.site.limits.pull_files],
        lambda change: git.diff_entry(call.links, found.head_repository, change, found.head_sha),
    )


def commits(call: Call) -> Reply:
    """At most 250 commits, oldest first."""
    found, repository = _find(call), call.repository
    return call.page(
        repository.commits_of(found)[: call.site.limits.pull_commits],
        lambda commit: git.commit(call.links, repository, commit),
    )


def _view(call: Call, found: PullRequest) -> Object:
    changed = call.repository.changed_files(found.base_sha, found.head_sha)
    return discussions.pull(call.links, call.repository, found, changed, len(call.repository.commits_of(found)))


def _find(call: Call) -> PullRequest:
    issue = call.repository.issues.get(call.number("pull_number"))
    if issue is None or issue.pull is None:
        raise not_found()
    return issue.pull


_PULLS = "/repos/{owner}/{repo}/pulls"

ROUTES = (
    Route("GET", _PULLS, pulls, _READ),
    Route("POST", _PULLS, create, _WRITE),
    Route("GET", f"{_PULLS}/{{pull_number}}", pull, _READ),
    Route("GET", f"{_PULLS}/{{pull_number}}/files", files, _READ),
    Route("GET", f"{_PULLS}/{{pull_number}}/commits", commits, _READ),
)
