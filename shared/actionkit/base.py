"""Which commit this run is held against: from git, or from the API in a shallow clone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import Unreadable
from actionkit.git import Git, GitFailed

ANCESTORS = 500
"""How far back a baseline is looked for: recorded runs are rarely further apart."""

LOCAL_BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


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


def ancestors_by_api(context: RunContext, doors: Doors, base: Base) -> Sequence[str]:
    """Ancestors of the base commit where the checkout is too shallow to know them: one request, newest first."""
    if doors.github is None or len(base.ancestors) > 1:
        return base.ancestors
    commits = doors.github.get(f"/repos/{context.repository}/commits", {"sha": base.sha, "per_page": 100})
    if not isinstance(commits, list):
        raise Unreadable("GitHub's list of commits", "is no list")
    return [str(commit.get("sha", "")) for commit in commits]
