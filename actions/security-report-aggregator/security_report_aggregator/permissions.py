"""What the job's token must be allowed to do, and by which use of the action. Pure."""

from __future__ import annotations

from actionkit import commenting
from actionkit.action import Permission, Use

RECORDING = frozenset({"push", "schedule", "workflow_dispatch"})
"""The events that write the history, on the default branch."""


def _contents(use: Use) -> str:
    if use.given.get("from-outcome"):
        return ""
    records = use.says("baseline", "branch") == "branch" and use.says("replay", "false") != "true"
    return "write" if records and use.events & RECORDING else "read"


def _security_events(use: Use) -> str:
    return "write" if use.says("upload-sarif", "false") == "true" and not use.given.get("from-outcome") else ""


def _actions(use: Use) -> str:
    return "read" if use.says("baseline").startswith("artifact:") and not use.given.get("from-outcome") else ""


PERMISSIONS = (
    Permission(
        "contents",
        "write",
        "Read the code, the base branch's policy and the history (`read`); record pushes, schedules and "
        "manual runs (`write`).",
        _contents,
    ),
    commenting.PERMISSION,
    Permission(
        "security-events",
        "write",
        "Only for `upload-sarif: true`: upload the merged SARIF and ask what became of it.",
        _security_events,
    ),
    Permission("actions", "read", "Only for `baseline: artifact:<name>`: find and download the artifact.", _actions),
)
