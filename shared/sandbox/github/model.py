"""The things people and workflows make in a repository. Plain records; the rules are where they are changed.

`hidden_for`, where there is one, is how many more listings leave the thing out, as if its creation were spreading.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from .site import Account

if TYPE_CHECKING:
    from .repository import Repository


@dataclass
class Comment:
    id: int
    issue: Issue
    author: Account
    body: str
    created_at: datetime
    updated_at: datetime
    hidden_for: int = 0


@dataclass
class Issue:
    """An issue, or the issue half of a pull request (GitHub numbers them together)."""

    id: int
    number: int
    title: str
    body: str | None
    author: Account
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    pull: PullRequest | None = None
    hidden_for: int = 0

    def close(self, when: datetime, reason: str | None = "completed") -> None:
        self.state, self.state_reason, self.closed_at, self.updated_at = "closed", reason, when, when

    def reopen(self, when: datetime) -> None:
        self.state, self.state_reason, self.closed_at, self.updated_at = "open", "reopened", None, when


@dataclass
class Job:
    id: int
    name: str
    status: str
    conclusion: str | None
    started_at: datetime
    completed_at: datetime | None
    steps: Sequence[tuple[str, str]] = ()


@dataclass
class Artifact:
    """One artifact: the zip that a download gives, and where it came from."""

    id: int
    name: str
    run: WorkflowRun
    zip: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime
    deleted: bool = False
    hidden_for: int = 0

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.zip).hexdigest()}"

    def expired(self, when: datetime) -> bool:
        return when >= self.expires_at


@dataclass(frozen=True)
class Workflow:
    id: int
    name: str
    path: str
    created_at: datetime


@dataclass
class WorkflowRun:
    id: int
    number: int
    attempt: int
    workflow: Workflow
    repository: Repository
    head_repository: Repository
    event: str
    head_branch: str
    head_sha: str
    status: str
    conclusion: str | None
    actor: Account
    created_at: datetime
    updated_at: datetime
    pull: PullRequest | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    hidden_for: int = 0

    def artifact(
        self,
        name: str,
        files: Mapping[str, str | bytes],
        *,
        age: timedelta = timedelta(),
        keep: timedelta | None = None,
    ) -> Artifact:
        """Upload files as an artifact of this run, `age` ago, kept for `keep` (90 days unless told)."""
        site = self.repository.site
        created = site.clock() - age
        kept = timedelta(days=90) if keep is None else keep
        made = Artifact(site.next_id(), name, self, zip_of(files), created, created + kept)
        self.artifacts.append(made)
        return made

    def job(self, name: str, *, conclusion: str | None = "success", steps: Sequence[tuple[str, str]] = ()) -> Job:
        """Add a job; `steps` are (name, conclusion)."""
        site = self.repository.site
        completed = site.clock() if conclusion is not None else None
        status = "completed" if conclusion is not None else "in_progress"
        made = Job(site.next_id(), name, status, conclusion, site.clock(), completed, steps)
        self.jobs.append(made)
        return made


@dataclass
class PullRequest:
    """A pull request. Its head follows the branch while it is open; its base stays what it was at the last push."""

    repository: Repository = field(repr=False)
    issue: Issue
    head_repository: Repository = field(repr=False)
    head_ref: str
    base_ref: str
    base_sha: str
    head_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None

    @property
    def number(self) -> int:
        return self.issue.number

    @property
    def comments(self) -> list[Comment]:
        """Its conversation, oldest first."""
        return self.issue.comments

    @property
    def from_fork(self) -> bool:
        return self.head_repository is not self.repository

    def push(self, changes: Mapping[str, str | bytes | None], message: str = "More work") -> str:
        """Commit onto the head branch, as its author would; the new head's hash."""
        return self.head_repository.commit(
            changes, branch=self.head_ref, message=message, author=self.issue.author.login
        )

    def close(self) -> None:
        self.issue.close(self.repository.site.clock(), reason=None)


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    """A zip with these files, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
