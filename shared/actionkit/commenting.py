"""The pull request comment as every gate declares it: the permission that it needs, the output with its URL. Pure."""

from __future__ import annotations

from actionkit.action import Output, Permission, Use
from actionkit.outcome import Outcome

COMMENT_LINK = "Pull request comment"
COMMENTING = frozenset({"pull_request", "pull_request_target", "workflow_run"})
"""The events on which `comment: auto` comments."""


def _needed(use: Use) -> str:
    comment = use.says("comment", "auto")
    return "write" if comment == "always" or (comment != "never" and use.events & COMMENTING) else ""


def _url(outcome: Outcome) -> str:
    return next((link.url for link in outcome.links if link.title == COMMENT_LINK), "")


PERMISSION = Permission("pull-requests", "write", "Find the pull request and post the comment.", _needed)
COMMENT_URL = Output("The pull request comment.", _url)
