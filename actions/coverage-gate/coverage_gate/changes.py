"""Which commit this run is held against, and what changed since: from git, or from the API in a shallow clone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, Unreadable
from actionkit.git import Git, GitFailed
from coverage_gate import diff as diffs
from coverage_gate.evidence import Diff

ANCESTORS = 500
"""How far back a baseline is looked for: recorded runs are rarely further apart."""

if TYPE_CHECKING:
    from actionkit.github.client import GitHub

LOCAL_BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
MOST_FILES = 3000
"""GitHub's cap on the files of a pull request; the list ends there without a word."""
DIFF_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Base:
    """The commit the measured one is held against, then its ancestors as far as known. Empty: there is none.

    `change` is False where the event brings no change of its own (a schedule, a first push): the base is then the
    measured commit's parent, there is a history to compare with, but no patch to judge.
    """

    ancestors: tuple[str, ...] = ()
    why_none: str = ""
    change: bool = True

    @property
    def sha(self) -> str:
        return self.ancestors[0] if self.ancestors else ""


def head_of(context: RunContext, git: Git) -> str:
    """The commit that is checked out, which is what was tested; without git the event's."""
    # On pull_request_target GITHUB_SHA is the base's.
    pull = context.pull_request if context.event_name == "pull_request_target" else None
    event = pull.head_sha if pull else context.sha
    try:
        return git.resolve("HEAD") or event
    except GitFailed:
        return event


def astray(context: RunContext, git: Git, head: str) -> str:
    """What the event is about, if what is checked out does not hold it; "" if it does, or if nobody can say."""
    pull = context.pull_request
    wanted = pull.head_sha if pull else context.sha if context.event_name == "merge_group" else ""
    if not wanted or head == wanted:
        return ""
    try:
        if not git.available() or not git.has_commit(head) or wanted in git.parents(head):
            return ""
        if git.has_commit(wanted):
            held = git.merge_base(wanted, head) == wanted
        else:
            held = git.is_shallow() and head not in (context.base_sha, context.sha)
    except GitFailed:
        return ""
    return "" if held else wanted


def base_of(context: RunContext, doors: Doors, head: str) -> Base:
    """The first parent of the tested merge commit; else the merge base with what the event names; else, on a laptop,
    with the default branch.

    A merge commit is what GitHub tests on a pull request: its first parent is the base branch as it was tested with,
    so what came to the base branch meanwhile is not blamed on the change.
    """
    git = doors.git
    if not git.available():
        if context.base_sha:
            return Base((context.base_sha,))
        return Base(why_none="this is no git checkout and the event names no base commit", change=False)
    try:
        sha = _base_sha(context, git, head)
        if not sha:
            parents = git.ancestors(head, ANCESTORS)[1:] if git.has_commit(head) else []
            why = f"the {context.event_name or 'local'} run names no commit to compare with"
            return Base(tuple(parents), why_none=why, change=False)
        if git.has_commit(sha):
            return Base(tuple(git.ancestors(sha, ANCESTORS)))
        return Base((sha,))
    except GitFailed as error:
        return Base((context.base_sha,) if context.base_sha else (), why_none=str(error))


def _base_sha(context: RunContext, git: Git, head: str) -> str:
    pull = context.pull_request
    if pull and head != pull.head_sha and git.has_commit(head):
        parents = git.parents(head)
        if len(parents) == 2 and parents[1] == pull.head_sha:
            return parents[0]
    if context.base_sha:
        return git.merge_base(context.base_sha, head) or context.base_sha
    if context.in_actions:
        own = context.ref.removeprefix("refs/heads/")
        if own in ("", context.ref, context.default_branch) or not context.default_branch:
            return ""
        # A branch that was just pushed, or that somebody started a run on: what it adds to the default branch.
        trunk = git.resolve(f"origin/{context.default_branch}")
        return (git.merge_base(trunk, head) or "") if trunk else ""
    for name in LOCAL_BASES:
        if sha := git.resolve(name):
            return git.merge_base(sha, head) or ""
    return ""


def is_about_a_change(context: RunContext) -> bool:
    """False for runs that no change started: of a tag, a release, a schedule, a call from outside."""
    if context.event_name == "push":
        return context.ref.startswith("refs/heads/")
    return not context.in_actions or context.event_name in ("pull_request", "pull_request_target", "merge_group")


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


def ancestors_by_api(context: RunContext, doors: Doors, base: Base) -> Sequence[str]:
    """Ancestors of the base commit where the checkout is too shallow to know them: one request, newest first."""
    if doors.github is None or len(base.ancestors) > 1:
        return base.ancestors
    commits = doors.github.get(f"/repos/{context.repository}/commits", {"sha": base.sha, "per_page": 100})
    if not isinstance(commits, list):
        raise Unreadable("GitHub's list of commits", "is no list")
    return [str(commit.get("sha", "")) for commit in commits]
