"""Files kept on an orphan branch of the consumer's own repository (`actions-data`): baselines, histories, records.

No half-written history is possible: blobs, tree and commit are unreachable objects until one single request moves the
branch, and GitHub moves it only if it still points where we read it (`force: false`). Every other outcome leaves the
branch as it was. A writer that loses that race starts again from the new commit, so no one's change is lost.
"""

from __future__ import annotations

import base64
import math
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from actionkit.errors import ActionkitError
from actionkit.github.api import MIB, GitHubApi
from actionkit.github.errors import Conflict, Invalid, MaybeDone
from actionkit.github.limits import REAL_CLOCK, Clock

TRIES = 30
OBJECT_TRIES = 4
UNCERTAIN_TRIES = 5
LONGEST_PAUSE_SECONDS = 20.0
FILE_LIMIT = 64 * MIB
"""GitHub refuses blobs above 100 MB; a history that large is a mistake."""

INLINE_LIMIT = MIB

AUTHOR = {"name": "github-actions[bot]", "email": "41898282+github-actions[bot]@users.noreply.github.com"}

LOST_RACE = re.compile(
    r"not a fast.?forward|(reference|object) does not exist|already exists|cannot be updated|is at \w+ but expected",
    re.IGNORECASE,
)
"""What 422 says when another writer, or GitHub's own replication, is in the way: start again from what is there now."""


class HistoryError(ActionkitError):
    """The branch cannot be read or written: says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The branch at one commit; `sha` and `tree` are "" while the branch does not exist. Files are read
    when asked for, once.
    """

    sha: str
    tree: str
    _github: GitHubApi
    _repository: str
    _known: dict[str, bytes | None] = field(default_factory=dict, repr=False)

    def read(self, path: str) -> bytes | None:
        """The file at `path`, None if there is none."""
        if path not in self._known:
            self._known[path] = _read(self._github, self._repository, path, self.sha) if self.sha else None
        return self._known[path]

    def lacks(self, path: str, content: bytes | None) -> bool:
        """Whether `content` (None: no file) is not what is known to be there."""
        known = self.read(path) if content is None else self._known.get(path)
        return known != content


Change = Callable[[Snapshot], Mapping[str, bytes | None]]
"""Path -> new content, or None to delete. Called again from a newer snapshot when another writer was faster, so it must
build on what it reads. Keeping the history short (retention) is its business too."""


@dataclass(frozen=True, slots=True)
class Result:
    """`sha` is the commit that holds the change (for `unchanged` the one that was there, "" for no branch)."""

    sha: str
    result: Literal["created", "updated", "unchanged"]
    tries: int


@dataclass(frozen=True, slots=True)
class History:
    """Read and change the files of `branch` in `repository` (`owner/name`)."""

    github: GitHubApi
    repository: str
    branch: str = "actions-data"
    clock: Clock = REAL_CLOCK

    def read(self, path: str) -> bytes | None:
        """The newest content of `path`; None if the file or the branch does not exist.

        Raises GitHubError, PermissionNeeded, HttpError; HistoryError for a path that cannot be.
        """
        return _read(self.github, self.repository, path, self.branch)

    def snapshot(self) -> Snapshot:
        """The branch as it is now. Raises HistoryError if what GitHub says of it cannot be understood."""
        found = self.github.get_or_none(f"/repos/{self.repository}/branches/{quote(self.branch)}")
        # A renamed branch redirects to its new name: that one is not ours.
        if found is None or found.get("name") != self.branch:
            return Snapshot("", "", self.github, self.repository)
        try:
            sha, tree = str(found["commit"]["sha"]), str(found["commit"]["commit"]["tree"]["sha"])
        except (KeyError, TypeError) as error:
            raise HistoryError(f"{self.branch} does not point to a commit that can be read; delete it") from error
        return Snapshot(sha, tree, self.github, self.repository)

    def update(self, change: Change, message: str) -> Result:
        """Apply `change` as one commit, whoever else writes at the same time.

        Raises HistoryError when the branch cannot be written (protected, broken, too many other writers), GitHubError,
        PermissionNeeded, HttpError: then nothing was written. MaybeDone alone leaves it open.
        """
        uncertain: list[str] = []
        for tries in range(1, TRIES + 1):
            base = self.snapshot()
            landed = next((sha for sha in uncertain if self._holds(base.sha, sha)), None)
            if landed is not None:
                return Result(landed, "updated", tries)
            tree = self._tree(base, change(base))
            if tree is None:
                return Result(base.sha, "unchanged", tries)
            commit = self._commit(base, tree, message)
            try:
                if self._move(base, commit):
                    return Result(commit, "updated" if base.sha else "created", tries)
            except MaybeDone:
                uncertain.append(commit)
                if len(uncertain) == UNCERTAIN_TRIES:
                    raise
            # Losers of one race must not meet again in the next: the window doubles, and all of it is chance.
            self.clock.sleep(min(math.pow(2, tries), LONGEST_PAUSE_SECONDS) * self.clock.chance())
        raise HistoryError(f"{self.branch} could not be updated in {TRIES} tries: too many runs write to it at once")

    def _move(self, base: Snapshot, commit: str) -> bool:
        """The one request that makes the change real. False if another writer was faster."""
        try:
            if base.sha:
                path = f"/repos/{self.repository}/git/refs/heads/{quote(self.branch)}"
                self.github.patch(path, {"sha": commit, "force": False})
            else:
                new = {"ref": f"refs/heads/{self.branch}", "sha": commit}
                self.github.post(f"/repos/{self.repository}/git/refs", new)
        except Conflict:
            return False
        except Invalid as error:
            if LOST_RACE.search(error.message):
                return False
            raise HistoryError(
                f"{self.branch} cannot be written: {error.message}. If a rule protects it, let github-actions bypass it"
            ) from error
        return True

    def _holds(self, head: str, commit: str) -> bool:
        """Whether `commit` is `head` or behind it."""
        if not head or head == commit:
            return bool(head)
        between = self.github.get_or_none(f"/repos/{self.repository}/compare/{commit}...{head}", {"per_page": 1})
        return between is not None and between.get("status") in ("ahead", "identical")

    def _tree(self, base: Snapshot, changes: Mapping[str, bytes | None]) -> str | None:
        """The tree with the changes; None if it is the one that is there."""
        entries = [
            self._entry(_checked(path), content)
            for path, content in sorted(changes.items())
            if base.lacks(path, content)  # GitHub answers 422 to deleting what is not there
        ]
        if not entries:
            return None
        new: dict[str, Any] = {"tree": entries}
        if base.tree:
            new["base_tree"] = base.tree
        tree = self._object("trees", new)
        return tree if tree != base.tree else None

    def _entry(self, path: str, content: bytes | None) -> dict[str, Any]:
        entry: dict[str, Any] = {"path": path, "mode": "100644", "type": "blob"}
        if content is None:
            return entry | {"sha": None}
        text = _inline(content)
        if text is not None:
            return entry | {"content": text}
        blob = {"content": base64.b64encode(content).decode("ascii"), "encoding": "base64"}
        return entry | {"sha": self._object("blobs", blob)}

    def _commit(self, base: Snapshot, tree: str, message: str) -> str:
        """A commit no other writer can make: two that write the same bytes in the same second would otherwise make
        the same SHA, and the second one's move would succeed without anything having been added.
        """
        body = f"{message}\n\nUpdate-Id: {secrets.token_hex(8)}"
        new = {"message": body, "tree": tree, "parents": [base.sha] if base.sha else [], "author": AUTHOR}
        return self._object("commits", new | {"committer": AUTHOR})

    def _object(self, kind: str, new: Mapping[str, Any]) -> str:
        """Store a git object. Its name is its content and nothing points to it yet: storing it twice is harmless."""
        path = f"/repos/{self.repository}/git/{kind}"
        for attempt in range(1, OBJECT_TRIES + 1):
            try:
                return str(self.github.post(path, new)["sha"])
            except Conflict as error:
                raise HistoryError(
                    f"{self.repository} has no commit yet, so nothing can be stored: push one"
                ) from error
            except MaybeDone:
                if attempt == OBJECT_TRIES:
                    raise
                self.clock.sleep(self.clock.backoff(attempt))
        raise AssertionError("unreachable: the last try returns or raises")


def _read(github: GitHubApi, repository: str, path: str, ref: str) -> bytes | None:
    return github.raw(f"/repos/{repository}/contents/{quote(_checked(path))}", {"ref": ref}, max_bytes=FILE_LIMIT)


def _inline(content: bytes) -> str | None:
    """The content as it may stand in the tree itself, which saves a request; None for binary and for large files."""
    try:
        return content.decode("utf-8") if len(content) <= INLINE_LIMIT else None
    except UnicodeDecodeError:
        return None


def _checked(path: str) -> str:
    """`path` if it names a file inside the branch."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) or "\0" in path or "\\" in path:
        raise HistoryError(f"{path!r} cannot be a path of the history: use a/b/c.json")
    return path
