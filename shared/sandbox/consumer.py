"""A consuming repository: its checkout, its place on an embedded GitHub, and the runner of its jobs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.checkout import Checkout
from sandbox.github import EmbeddedGitHub
from sandbox.github.model import PullRequest
from sandbox.github.repository import Repository
from sandbox.github.tokens import Access
from sandbox.hosts import Hosts
from sandbox.runner import Cancellation, Container, Event, Runner, Shown, events

ACTIONS = Path(__file__).resolve().parents[2] / "actions"
MAIN_JOB: Mapping[str, Access] = {"contents": "write", "pull-requests": "write"}
PULL_JOB: Mapping[str, Access] = {"contents": "read", "pull-requests": "write"}


@dataclass(frozen=True, slots=True)
class Consumer:
    """`name` is `owner/name`; `url` where its GitHub is served. Git SHAs are the same on both sides."""

    name: str
    hub: EmbeddedGitHub
    repository: Repository
    checkout: Checkout
    url: str
    run_ids: Iterator[int] = field(default_factory=lambda: itertools.count(5001))

    @classmethod
    @contextmanager
    def serve(cls, folder: Path, files: Mapping[str, str | bytes], name: str = "org/shop") -> Iterator[Consumer]:
        """A repository of these files, in `folder` and on a served GitHub, until the block ends."""
        hub = EmbeddedGitHub()
        checkout = Checkout.create(folder, files)
        repository = hub.repository(name)
        repository.import_git(checkout.path)
        with hub.serve() as url:
            yield cls(name, hub, repository, checkout, url)

    def token(self, permissions: Mapping[str, Access]) -> str:
        """A job's `github.token` with these permissions."""
        return self.hub.token(self.repository, permissions=permissions).secret

    def push(self) -> Event:
        """The event of a push of what is checked out to the default branch."""
        self.repository.import_git(self.checkout.path)
        return events.push(repository=self.name, sha=self.checkout.head, run_id=next(self.run_ids))

    def open_pull(
        self, branch: str, files: Mapping[str, str | bytes | None], *, title: str = "", fork: str = ""
    ) -> tuple[PullRequest, Event]:
        """Commit on a new branch from main, open its pull request, check out the merge commit that is tested."""
        self.checkout.branch(branch)
        head = self.checkout.commit(title or branch, files)
        if fork:
            self.repository.fork(fork)
        self.repository.import_git(self.checkout.path)
        if fork:
            self.repository.fork(fork).move(f"refs/heads/{branch}", head)
        pull = self.repository.pull_request(title=title or branch, branch=branch, base="main", from_fork=fork or None)
        return pull, self.pull_event(pull)

    def pull_event(self, pull: PullRequest) -> Event:
        """The event of a run of this pull request, with its merge commit checked out anew."""
        merge = self.checkout.test_merge(pull.head_sha)
        self.checkout.git("tag", "--force", f"merge-{pull.number}", merge)
        self.repository.import_git(self.checkout.path)
        source = pull.head_repository.full_name if pull.head_repository else ""
        return events.pull_request(
            repository=self.name,
            number=pull.number,
            base_sha=self.checkout.git("rev-parse", "main"),
            head_sha=pull.head_sha,
            merge_sha=merge,
            head_ref=pull.head_ref,
            head_repository="" if source == self.name else source,
            run_id=next(self.run_ids),
        )

    def followed(self, event: Event, pull: PullRequest) -> Event:
        """The `workflow_run` event that follows the run of `event`, on the default branch."""
        return events.workflow_run(
            repository=self.name,
            sha=self.checkout.git("rev-parse", "main"),
            of_run=event.run_id,
            head_sha=pull.head_sha,
            head_branch=pull.head_ref,
            head_repository=pull.head_repository.full_name if pull.head_repository else "",
            run_id=next(self.run_ids),
        )

    def run(
        self,
        action: str,
        *,
        on: Event,
        with_: Mapping[str, str],
        token: str | None = None,
        env: Mapping[str, str] | None = None,
        workspace: Path | None = None,
        container: Container | None = None,
        cancel: Cancellation | None = None,
        hosts: Hosts | None = None,
        secrets: Sequence[str] = (),
    ) -> Shown:
        """Run an action of this repository as a step of the consumer's job; the job's token may do what it needs.

        `secrets` are values that the runner masks, as it does those of the repository.
        """
        default = MAIN_JOB if on.name in ("push", "schedule", "workflow_dispatch") else PULL_JOB
        runner = Runner(actions=ACTIONS, github_api_url=self.url, token=token or self.token(default), hosts=hosts or {})
        return runner.run(
            action,
            on=on,
            with_=with_,
            workspace=workspace or self.checkout.path,
            env=env,
            container=container,
            cancel=cancel,
            secrets=secrets,
        )


def comment_of(pull: PullRequest) -> str:
    """The text of the newest comment on a pull request, "" if there is none."""
    return pull.issue.comments[-1].body if pull.issue.comments else ""
