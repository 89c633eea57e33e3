"""A look inside from another process, outside the API: `/_sandbox/requests`, `/_sandbox/state`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from .exchange import JSON, Object
from .repository import Repository

if TYPE_CHECKING:
    from .hub import EmbeddedGitHub

PREFIX = "/_sandbox/"


def answer(hub: EmbeddedGitHub, request: Request) -> Response:
    """JSON of the ledger or of the state; 404 for anything else."""
    views = {"requests": _requests, "state": _state}
    view = views.get(request.path.removeprefix(PREFIX))
    if view is None:
        return Response(f"served here: {', '.join(PREFIX + name for name in views)}\n", status=404)
    with hub.lock:
        return Response(json.dumps(view(hub)), content_type=JSON)


def _requests(hub: EmbeddedGitHub) -> Object:
    return {
        "requests": [
            {
                "method": record.method,
                "path": record.path,
                "template": record.template,
                "query": record.query,
                "body": record.body,
                "token": record.token,
                "status": record.status,
                "need": list(record.need) if record.need else None,
                "fault": record.fault,
            }
            for record in hub.requests
        ],
        "permissions_used": hub.permissions_used(),
        "violations": hub.violations,
    }


def _state(hub: EmbeddedGitHub) -> Object:
    return {"repositories": [_repository(repository) for repository in hub.repositories()]}


def _repository(repository: Repository) -> Object:
    return {
        "full_name": repository.full_name,
        "private": repository.private,
        "refs": {name: repository.refs.get(name) for name in repository.refs.names()},
        "issues": [
            {
                "number": issue.number,
                "title": issue.title,
                "state": issue.state,
                "pull_request": issue.pull is not None,
                "labels": issue.labels,
                "comments": [
                    {"id": comment.id, "user": comment.author.login, "body": comment.body} for comment in issue.comments
                ],
            }
            for issue in repository.issues.values()
        ],
        "artifacts": [
            {"id": artifact.id, "name": artifact.name, "run": run.id, "deleted": artifact.deleted}
            for run in repository.runs
            for artifact in run.artifacts
        ],
    }
