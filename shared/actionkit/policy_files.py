"""The files of the workspace that a policy is made of: the config file and CODEOWNERS."""

from __future__ import annotations

from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.workspace import Workspace

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first one found counts.
https://docs.github.com/articles/about-code-owners"""


def config_bytes(workspace: Workspace, path: str, *, must_exist: bool) -> bytes | None:
    """The config file; None if it is not there and need not be. Raises UsageError for one that cannot be read."""
    if not must_exist and not (workspace.root / path).exists():
        return None
    try:
        return workspace.read(path)
    except Unreadable as error:
        fix = "Check the path, and that actions/checkout ran before this step."
        raise UsageError([Complaint(f"input `config`: {error}", fix, path=path)]) from None


def codeowners_text(workspace: Workspace) -> str | None:
    """The text of CODEOWNERS; None if there is none or it cannot be read."""
    for path in CODEOWNERS:
        if (workspace.root / path).exists():
            try:
                return workspace.text(path).text
            except Unreadable:
                return None
    return None
