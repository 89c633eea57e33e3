"""What the job's token must be allowed to do, and by which use of the action. Pure."""

from __future__ import annotations

from actionkit import commenting
from actionkit.action import Permission, Use

FILES = ("plan", "openapi", "load-report")
"""The inputs that name a file of the repository. Quick checks alone need no checkout and have no history."""


def _contents(use: Use) -> str:
    """Whether a plan has a `regression`, and so records, its file tells and not the workflow's."""
    if use.given.get("from-outcome") or not any(use.given.get(name) for name in FILES):
        return ""
    return "read"


def _actions(use: Use) -> str:
    return "read" if use.says("baseline").startswith("artifact:") and not use.given.get("from-outcome") else ""


PERMISSIONS = (
    Permission(
        "contents",
        "write",
        "Read plan and history (`read`); for a plan with `regression`, record what pushes, schedules and manual runs "
        "measure (`write`).",
        _contents,
    ),
    commenting.PERMISSION,
    Permission("actions", "read", "Only for `baseline: artifact:<name>`: find and download the artifact.", _actions),
)
