"""What earlier runs left on the history branch, and adding to it: only trusted runs do, however many run at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, PermissionNeeded
from actionkit.git import GitFailed
from actionkit.outcome import Problem, Severity

if TYPE_CHECKING:
    from actionkit.github.history import Change

GRANT = "Add to the job that runs on pushes:\npermissions:\n  contents: write"
NEXT = "; the next push to the default branch records one"
"""Ends why there is no baseline, where nothing is recorded at all."""


@dataclass(frozen=True, slots=True)
class Written:
    """Whether the record is on the history branch now, and what a person should know."""

    kept: bool
    problems: tuple[Problem, ...] = ()

    def noting(self, *notes: Problem) -> Self:
        """With what was noticed while the record was made; nothing where it was not kept."""
        return replace(self, problems=(*self.problems, *notes)) if self.kept else self


def not_begun(why: str) -> str:
    """Why there is no baseline, where this run should have recorded the first one and could not."""
    return f"{why.removesuffix(NEXT)}, and this run could not record one"


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
