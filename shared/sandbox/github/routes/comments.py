"""Comments on issues and pull requests."""

from __future__ import annotations

from datetime import datetime

from ..exchange import Call, Reply, Route, invalid, not_found
from ..model import Comment
from ..tokens import Need
from ..views import discussions

_READ = (Need("pull-requests", "read"), Need("issues", "read"))
_WRITE = (Need("pull-requests", "write"), Need("issues", "write"))


def _reply(call: Call, comment: Comment, status: int = 200) -> Reply:
    body = discussions.comment(call.links, call.repository, comment)
    return Reply(status, body, {"Location": body["url"]} if status == 201 else {})


def comments(call: Call) -> Reply:
    """Oldest first."""
    return _listed(call, call.issue().comments)


def all_comments(call: Call) -> Reply:
    """Of every issue and pull request, by id unless told."""
    found = [comment for issue in call.repository.issues.values() for comment in issue.comments]
    key = {"updated": "updated_at", "created": "created_at"}.get(call.query.get("sort", ""), "id")
    found.sort(key=lambda comment: (getattr(comment, key), comment.id), reverse=call.query.get("direction") == "desc")
    return _listed(call, found)


def _listed(call: Call, found: list[Comment]) -> Reply:
    since = call.query.get("since")
    if since:
        found = [comment for comment in found if comment.updated_at >= datetime.fromisoformat(since)]
    shown = call.listing(found)
    return call.page(shown, lambda comment: discussions.comment(call.links, call.repository, comment))


def create(call: Call) -> Reply:
    issue, body = call.issue(), call.body["body"]
    _check(call, body)
    made = call.repository.comment(issue, body, author=call.actor.login, hidden_for=call.lag("comments"))
    return _reply(call, made, 201)


def _check(call: Call, body: str) -> None:
    call.check_length("IssueComment", body)
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field")


def comment(call: Call) -> Reply:
    return _reply(call, _find(call))


def update(call: Call) -> Reply:
    found = _find(call)
    _check(call, call.body["body"])
    found.body, found.updated_at = call.body["body"], call.site.clock()
    return _reply(call, found)


def delete(call: Call) -> Reply:
    found = _find(call)
    found.issue.comments.remove(found)
    return Reply(204)


def _find(call: Call) -> Comment:
    wanted = call.number("comment_id")
    comments = (comment for issue in call.repository.issues.values() for comment in issue.comments)
    found = next((comment for comment in comments if comment.id == wanted), None)
    if found is None:
        raise not_found()
    return found


_ISSUES = "/repos/{owner}/{repo}/issues"

ROUTES = (
    Route("GET", f"{_ISSUES}/comments", all_comments, _READ),
    Route("GET", f"{_ISSUES}/comments/{{comment_id}}", comment, _READ),
    Route("PATCH", f"{_ISSUES}/comments/{{comment_id}}", update, _WRITE),
    Route("DELETE", f"{_ISSUES}/comments/{{comment_id}}", delete, _WRITE),
    Route("GET", f"{_ISSUES}/{{issue_number}}/comments", comments, _READ),
    Route("POST", f"{_ISSUES}/{{issue_number}}/comments", create, _WRITE),
)
