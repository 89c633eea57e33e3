"""What earlier runs left, on the history branch or as an artifact, and adding to that branch: only trusted runs do,
however many run at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from actionkit import envelope
from actionkit.action import Doors
from actionkit.base import Base, ancestors_by_api
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, PermissionNeeded, Unreadable
from actionkit.git import GitFailed
from actionkit.missing import Missing
from actionkit.outcome import Problem, Severity

if TYPE_CHECKING:
    from actionkit.github.history import Change

GRANT = "Add to the job that runs on pushes:\npermissions:\n  contents: write"


@dataclass(frozen=True, slots=True)
class Written:
    """Whether the record is on the history branch now, and what a person should know."""

    kept: bool
    problems: tuple[Problem, ...] = ()

    def noting(self, *notes: Problem) -> Self:
        """With what was noticed while the record was made; nothing where it was not kept."""
        return replace(self, problems=(*self.problems, *notes)) if self.kept else self


def read(branch: str, path: str, context: RunContext, doors: Doors) -> bytes | None:
    """A file of the history branch, from GitHub, or from the clone where there is no token. None: there is none.

    Raises what `History.read` does.
    """
    if doors.github is not None:
        from actionkit.github.history import History

        return History(doors.github, context.repository, branch).read(path)
    for rev in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"):
        try:
            if doors.git.resolve(rev):
                return doors.git.blob(rev, path)
        except GitFailed:
            return None
    return None


def nothing(branch: str) -> Missing:
    """What is missing where no run has recorded anything yet."""
    reason = f"no baseline is recorded on branch {branch} yet"
    return Missing(reason, heals=True, promise="; the next push to the default branch records one")


def nearest(
    branch: str, shas: Collection[str], path_of: Callable[[str], str], base: Base, context: RunContext, doors: Doors
) -> tuple[bytes, int] | Missing:
    """The record of the base commit or of its nearest ancestor among `shas`, and how many commits that lies behind.

    Raises what `read` does, and what the API does where the checkout is too shallow to know ancestors.
    """
    if not base.sha:
        return Missing(base.why_none, heals=True)
    chosen = _first(base.ancestors, shas)
    if chosen is None and len(base.ancestors) == 1:
        chosen = _first(ancestors_by_api(context, doors, base), shas)
    if chosen is None:
        return Missing(f"neither {base.sha[:12]} nor an ancestor of it is recorded on branch {branch}", heals=True)
    sha, distance = chosen
    data = read(branch, path_of(sha), context, doors)
    return Missing(f"the record of {sha[:12]} is missing on branch {branch}") if data is None else (data, distance)


def _first(ancestors: Sequence[str], shas: Collection[str]) -> tuple[str, int] | None:
    known = frozenset(shas)
    return next(((sha, distance) for distance, sha in enumerate(ancestors) if sha in known), None)


def file(path: str, context: RunContext, doors: Doors, base: Base) -> bytes:
    """An outcome that an earlier step fetched, or one that is committed: as the base has it, so that no change writes
    the record that it is compared with. Raises Unreadable."""
    inside, git = doors.workspace.relative(path), doors.git
    if inside is None or not base.change or context.trusted or not git.available():
        return doors.workspace.read(path, envelope.OUTCOME_LIMIT)
    data = git.blob(base.sha, inside) if base.sha and git.has_commit(base.sha) else None
    if data is not None:
        return data
    root = doors.workspace.root
    # A link, or a folder that is one, may lead to a file that the change commits elsewhere.
    if not {inside, os.path.relpath(os.path.realpath(root / inside), root)}.isdisjoint(git.tracked_files()):
        raise Unreadable(path, "is committed, but its base commit does not hold it: no change brings its own baseline")
    return doors.workspace.read(path, envelope.OUTCOME_LIMIT)


def artifact(name: str, context: RunContext, doors: Doors) -> tuple[str, bytes] | Missing:
    """What the outcome in the newest artifact of that name is called, and its bytes; a good run on the base branch must
    have left it. Raises what `artifacts.latest_outcome` does."""
    if doors.github is None:
        return Missing(f"artifact {name} cannot be read without a `github-token`")
    from actionkit.github import artifacts

    found = artifacts.latest_outcome(doors.github, context.repository, name, context.base_branch)
    if found is None:
        return Missing(f"no successful run on {context.base_branch} left an artifact called {name}", heals=True)
    path, data = found
    return f"artifact {name}: {path}", data


def write(branch: str, change: Change, message: str, context: RunContext, doors: Doors) -> Written:
    """Apply `change` to the history branch in one commit with this message. Raises BadToken."""
    if doors.github is None:
        return _refused("no `github-token`")
    from actionkit.github.history import History

    try:
        History(doors.github, context.repository, branch).update(change, message)
    except PermissionNeeded as error:
        return _refused(error, GRANT)
    except ActionkitError as error:
        if is_bad_token(error):
            raise
        return _refused(error)
    return Written(kept=True)


def _refused(why: object, fix: str = "") -> Written:
    return Written(kept=False, problems=(Problem(f"nothing was recorded: {why}", fix, severity=Severity.WARNING),))


def is_bad_token(error: Exception) -> bool:
    """Whether GitHub does not know the token: an error of the run, while everything else is no more than a reason."""
    from actionkit.github.errors import BadToken

    return isinstance(error, BadToken)
