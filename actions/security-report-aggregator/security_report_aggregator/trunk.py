"""What a change starts from: files of the commit it is held against, and files as the base branch has approved them."""

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

READ = 100
"""Files that are read of one commit: reports name as many manifests as they like, and each costs a run of git."""


@dataclass(frozen=True)
class Trunk:
    """`head` is the commit that is checked out, `base` what it is held against. Paths may be anybody's."""

    head: str
    base: Base
    context: RunContext
    doors: Doors
    _read: dict[tuple[str, str], bytes | None] = field(default_factory=dict, repr=False)
    _asked: list[str] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, context: RunContext, doors: Doors) -> Trunk:
        head = bases.head_of(context, doors.git)
        return cls(head, bases.base_of(context, doors, head), context, doors)

    def file(self, path: str) -> bytes | None:
        """The bytes of a file in the base commit; None where there is none or nobody can say. Never raises."""
        return self._at(self.base.sha, path) if self.base.sha else None

    def approved(self, path: str) -> bytes | None:
        """The same of the base branch: what stands there was merged, so that no change approves itself.

        A pull request and a merge queue name theirs. On the default branch the checkout itself stands there. Any other
        branch or tag is held against the default branch, not against its own earlier commits.
        """
        context = self.context
        if context.trusted or not (context.in_actions or self.base.change):
            return self._here(path)
        if not context.in_actions or context.pull_request or context.event_name == "merge_group":
            return self.file(path)
        return self._at(context.default_branch, path) if context.default_branch else None

    def _here(self, path: str) -> bytes | None:
        try:
            return self.doors.workspace.read(path)
        except Unreadable:
            return None

    def _at(self, rev: str, path: str) -> bytes | None:
        inside = self.doors.workspace.relative(path)
        if inside in (None, "."):
            return None
        key = (rev, str(inside))
        if key not in self._read:
            if len(self._read) >= READ:
                return None
            self._read[key] = self._file(*key)
        return self._read[key]

    def _file(self, rev: str, path: str) -> bytes | None:
        git = self.doors.git
        try:
            sha = git.resolve(rev if rev == self.base.sha else f"origin/{rev}") if git.available() else None
            if sha:
                return git.blob(sha, path)
        except (GitFailed, ValueError):  # A path that cannot be encoded is a ValueError.
            pass
        return self._from_github(rev, path)

    def _from_github(self, rev: str, path: str) -> bytes | None:
        github = self.doors.github
        if github is None or not self.context.repository or len(self._asked) >= ASKED:
            return None
        self._asked.append(path)
        try:
            return github.raw(f"/repos/{self.context.repository}/contents/{quote(path)}", {"ref": rev})
        except (ActionkitError, ValueError):
            return None
