"""The base branch as this run is held against it: files of the commit that a change starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from actionkit import base as bases
from actionkit.action import Doors
from actionkit.base import Base
from actionkit.context import RunContext
from actionkit.errors import ActionkitError, Unreadable
from actionkit.git import GitFailed

ASKED = 2
"""Files asked of GitHub where the checkout does not hold the base: the policy and a manifest. More would cost calls."""


@dataclass(frozen=True)
class Trunk:
    """`head` is the commit that is checked out, `base` what it is held against.

    On the default branch itself every file is its own base: what stands there has been approved already.
    """

    head: str
    base: Base
    context: RunContext
    doors: Doors
    _read: dict[str, bytes | None] = field(default_factory=dict, repr=False)
    _asked: list[str] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, context: RunContext, doors: Doors) -> Trunk:
        head = bases.head_of(context, doors.git)
        return cls(head, bases.base_of(context, doors, head), context, doors)

    def file(self, path: str) -> bytes | None:
        """The bytes of a file on the base branch; None where there is none or nobody can say. Never raises."""
        if path not in self._read:
            self._read[path] = self._file(path)
        return self._read[path]

    def _file(self, path: str) -> bytes | None:
        if not self.base.change:
            try:
                return self.doors.workspace.read(path)
            except Unreadable:
                return None
        git = self.doors.git
        try:
            if git.available() and git.has_commit(self.base.sha):
                return git.blob(self.base.sha, path)
        except GitFailed:
            pass
        return self._from_github(path)

    def _from_github(self, path: str) -> bytes | None:
        github = self.doors.github
        if github is None or not self.context.repository or len(self._asked) >= ASKED:
            return None
        self._asked.append(path)
        try:
            where = f"/repos/{self.context.repository}/contents/{quote(path)}"
            return github.raw(where, {"ref": self.base.sha})
        except ActionkitError:
            return None
