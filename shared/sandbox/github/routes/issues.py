"""Issues; a pull request is one too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..exchange import ApiError, Call, Reply, Route, invalid
from ..model import Issue
from ..tokens import Need
from ..views import discussions

_READ = (Need("issues", "read"), Need("pull-requests", "read"))
_CREATE = (Need("issues", "write"),)
_UPDATE = (Need("issues", "write"), Need("pull-requests", "write"))

TITLE_CHARACTERS = 256
"""The service refuses a longer title ("title is too long (maximum is 256 characters)")."""


def issues(call: Call) -> Reply:
    """Open ones unless told, newest first; `labels` are comma-separated and all must be there."""
    query = call.query
    key = {"updated": "updated_at", "created": "created_at"}.get(query.get("sort", ""), "created_at")
    kept = [issue for issue in call.repository.issues.values() if _wanted(query, issue)]
    kept.sort(key=lambda issue: (getattr(issue, key), issue.number), reverse=query.get("direction", "desc") == "desc")
    if query.get("sort") == "comments":
        kept.sort(key=lambda issue: len(issue.comments), reverse=query.get("direction", "desc") == "desc")
    return call.page(call.listing(kept), lambda issue: discussions.issue(call.links, call.repository, issue))


def _wanted(query: Mapping[str, str], issue: Issue) -> bool:
    if query.get("state", "open") not in ("all", issue.state):
        return False
    labels = {name.casefold() for name in issue.labels}
    if not all(name.casefold() in labels for name in query.get("labels", "").split(",") if name):
        return False
    if query.get("creator", issue.author.login) != issue.author.login:
        return False
    assignee = query.get("assignee", "*")
    if assignee not in ("*", "none", *(account.login for account in issue.assignees)):
        return False
    if "assignee" in query and assignee in ("*", "none") and bool(issue.assignees) != (assignee == "*"):
        return False
    return "since" not in query or issue.updated_at >= datetime.fromisoformat(query["since"])


def create(call: Call) -> Reply:
    title, body = str(call.body["title"]), call.body.get("body")
    _check(call, title, body)
    made = call.repository.issue(title, body, author=call.actor.login)
    made.hidden_for = call.lag("issues")
    made.labels = _labels(call.body.get("labels"))
    made.assignees = [call.site.account(login) for login in call.body.get("assignees", ())]
    shown = discussions.issue(call.links, call.repository, made)
    return Reply(201, shown, {"Location": shown["url"]})


def _check(call: Call, title: str | None, body: str | None) -> None:
    call.check_length("Issue", body)
    if title is not None and not title.strip():
        raise invalid("Issue", "title", "missing_field")
    if title is not None and len(title) > TITLE_CHARACTERS:
        message = f"title is too long (maximum is {TITLE_CHARACTERS} characters)"
        raise invalid("Issue", "title", "custom", message)


def _labels(given: Any) -> list[str]:
    return [entry if isinstance(entry, str) else entry["name"] for entry in given or ()]


def issue(call: Call) -> Reply:
    return Reply(body=discussions.issue(call.links, call.repository, call.issue()))


def update(call: Call) -> Reply:
    """Changes what the body names. `state_reason` goes with `state`; a merged pull request cannot be reopened."""
    found, body, when = call.issue(), call.body, call.site.clock()
    title = str(body["title"]) if body.get("title") is not None else None
    _check(call, title, body.get("body"))
    state = body.get("state", found.state)
    if state == "open" and found.state == "closed" and found.pull is not None and found.pull.merged_at:
        raise ApiError(422, "Validation Failed", errors=[{"resource": "Issue", "code": "invalid", "field": "state"}])
    if title is not None:
        found.title = title
    if "body" in body:
        found.body = body["body"]
    if "labels" in body:
        found.labels = _labels(body["labels"])
    if "assignees" in body:
        found.assignees = [call.site.account(login) for login in body["assignees"]]
    if state != found.state and state == "closed":
        found.close(when, body.get("state_reason") or "completed")
    elif state != found.state:
        found.reopen(when)
    found.updated_at = when
    return Reply(body=discussions.issue(call.links, call.repository, found))


_ISSUES = "/repos/{owner}/{repo}/issues"

ROUTES = (
    Route("GET", _ISSUES, issues, _READ),
    Route("POST", _ISSUES, create, _CREATE),
    Route("GET", f"{_ISSUES}/{{issue_number}}", issue, _READ),
    Route("PATCH", f"{_ISSUES}/{{issue_number}}", update, _UPDATE),
)
