"""What the job's token must be allowed to do, and by which use of the action. Pure."""

from __future__ import annotations

from actionkit.action import Permission, Use

COMMENTING = frozenset({"pull_request", "pull_request_target", "workflow_run"})


def _pull_requests(use: Use) -> str:
    comment = use.says("comment", "auto")
    return "write" if comment == "always" or (comment != "never" and use.events & COMMENTING) else ""


PERMISSIONS = (Permission("pull-requests", "write", "Find the pull request and post the comment.", _pull_requests),)
