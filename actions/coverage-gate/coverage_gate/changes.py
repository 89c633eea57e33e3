"""What changed since the base: from git, or from the API in a shallow clone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from actionkit.action import Doors
from actionkit.base import Base
from actionkit.context import RunContext
from actionkit.errors import ActionkitError
from actionkit.git import GitFailed
from coverage_gate import diff as diffs
from coverage_gate.evidence import Diff

if TYPE_CHECKING:
    from actionkit.github.client import GitHub

MOST_FILES = 3000
"""GitHub's cap on the files of a pull request; the list ends there without a word."""
DIFF_LIMIT = 64 * 1024 * 1024


def changed(context: RunContext, doors: Doors, base: Base, head: str) -> tuple[Diff | None, str]:
    """What the change touched, or None and why nobody can say."""
    if not base.sha:
        return None, base.why_none
    git = doors.git
    try:
        if git.available() and git.has_commit(base.sha) and git.has_commit(head):
            return diffs.parse(git.diff(base.sha, head), base.sha, head), ""
    except GitFailed as error:
        reason = str(error)
    else:
        reason = f"commit {base.sha[:12]} is not in this checkout (set `fetch-depth: 0` for actions/checkout)"
    if doors.github is None or not context.repository:
        return None, reason
    try:
        return _from_api(context, doors.github, base, head), ""
    except ActionkitError as error:
        return None, f"{reason}, and {error}"


def _from_api(context: RunContext, github: GitHub, base: Base, head: str) -> Diff:
    """One request for the whole diff of what was tested; where that is too large for GitHub, the list of files.

    Comparing the tested commit keeps its line numbers; the pull request's own diff may be of an older base.
    """
    from actionkit.github.errors import GitHubError

    path = f"/repos/{context.repository}/compare/{base.sha}...{head}"
    try:
        text = github.raw(path, accept="application/vnd.github.diff", max_bytes=DIFF_LIMIT)
        if text is not None:
            return replace(diffs.parse(text, base.sha, head), source="api")
    except GitHubError as error:
        if not context.pull_request or error.status not in (406, 422):
            raise
    if not context.pull_request:
        raise GitFailed(f"GitHub does not know {base.sha[:12]} or {head[:12]}")
    entries = list(github.pages(f"/repos/{context.repository}/pulls/{context.pull_request.number}/files"))
    if len(entries) >= MOST_FILES:
        raise GitFailed(f"GitHub lists only the first {MOST_FILES:,} changed files")
    return replace(diffs.from_api(entries, base.sha, head), source="api")
