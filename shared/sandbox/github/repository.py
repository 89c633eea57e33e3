"""One repository: real git objects, references, pull requests, issues and workflow runs, and how tests seed them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from . import gitimport, merging
from .code_scanning import CodeScanning
from .diff import FileChange, file_changes
from .gitobjects import EXECUTABLE, FILE, Commit, Entry, ObjectStore
from .model import Comment, Issue, PullRequest, Workflow, WorkflowRun
from .refs import Refs
from .site import ACTIONS_BOT, Account, Site

Changes = Mapping[str, str | bytes | None]
"""Path -> new content, or None to delete."""


@dataclass
class Repository:
    """Seed it with `commit`, `pull_request`, `run`…; read what an action did from `pulls`, `issues`, `refs`.

    A new repository is empty (no commit, no reference) until something is committed or imported.
    """

    site: Site = field(repr=False)
    owner: Account
    name: str
    id: int
    created_at: datetime
    private: bool = True
    default_branch: str = "main"
    parent: Repository | None = None
    objects: ObjectStore = field(default_factory=ObjectStore, repr=False)
    refs: Refs = field(default_factory=Refs, repr=False)
    issues: dict[int, Issue] = field(default_factory=dict, repr=False)
    workflows: dict[str, Workflow] = field(default_factory=dict, repr=False)
    runs: list[WorkflowRun] = field(default_factory=list, repr=False)
    forks: dict[str, Repository] = field(default_factory=dict, repr=False)
    code_scanning: CodeScanning = field(default_factory=CodeScanning, repr=False)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def empty(self) -> bool:
        return not self.refs.names()

    # History

    def tip(self, branch: str | None = None) -> str:
        """The hash at the tip of a branch (the default branch unless told). Raises LookupError when there is none."""
        name = branch or self.default_branch
        sha = self.refs.get(f"refs/heads/{name}")
        if sha is None:
            raise LookupError(f"{self.full_name} has no branch {name!r}")
        return sha

    def commit(
        self,
        changes: Changes,
        *,
        branch: str | None = None,
        message: str = "Change files",
        author: str = "octocat",
        start: str | None = None,
    ) -> str:
        """Commit onto a branch and return the hash.

        A branch that does not exist starts at commit `start`, or at the default branch's tip; the first commit of an
        empty repository has no parent.
        """
        name = f"refs/heads/{branch or self.default_branch}"
        parent = self.refs.get(name) or start or self.refs.get(f"refs/heads/{self.default_branch}")
        tree = self.objects.commit(parent).tree if parent else self.objects.add_tree({})
        made = self.record(self.write(tree, changes), [parent] if parent else [], message, self.site.account(author))
        self.move(name, made.sha)
        return made.sha

    def write(self, tree: str, changes: Changes) -> str:
        """The tree after these changes to files; a changed file keeps its mode."""
        entries: dict[str, Entry | None] = {}
        for path, content in changes.items():
            if content is None:
                entries[path] = None
                continue
            old = self.objects.find(tree, path)
            mode = EXECUTABLE if old is not None and old.mode == EXECUTABLE else FILE
            entries[path] = Entry(
                mode, self.objects.add("blob", content.encode() if isinstance(content, str) else content)
            )
        return self.objects.edit(tree, entries)

    def record(self, tree: str, parents: list[str], message: str, author: Account) -> Commit:
        """A commit object by this account, now; no reference moves."""
        signature = author.signature(self.site.clock())
        return self.objects.add_commit(
            tree=tree, parents=parents, author=signature, committer=signature, message=message
        )

    def move(self, ref: str, sha: str, *, unseen_for: int = 0) -> None:
        """Point a reference (full name) at a commit; open pull requests of that branch follow."""
        self.refs.put(ref, sha, unseen_for=unseen_for)
        branch = ref.removeprefix("refs/heads/")
        for home in filter(None, (self, self.parent)):
            for pull in home.pulls:
                if pull.issue.state == "open" and pull.head_repository is self and pull.head_ref == branch:
                    pull.head_sha = sha
                    home.refresh(pull)

    def resolve(self, ref: str) -> str | None:
        """The commit that a reader gets for a branch, tag, reference or (abbreviated) hash; None for none."""
        for name in (ref, f"refs/{ref}", f"refs/heads/{ref}", f"refs/tags/{ref}"):
            if name.startswith("refs/") and self.refs.get(name) is not None:
                sha = self.refs.seen(name)
                return None if sha is None else self.peel(sha)
        if not re.fullmatch(r"[0-9a-f]{4,40}", ref):
            return None
        matches = [ref] if self.objects.has(ref, "commit") else self.objects.starting_with(ref, "commit")
        return matches[0] if len(matches) == 1 else None

    def peel(self, sha: str) -> str:
        """The commit that an annotated tag points at; any other hash is its own."""
        while self.objects.has(sha, "tag"):
            sha = self.objects.read(sha, "tag").split(b"\n", 1)[0].removeprefix(b"object ").decode()
        return sha

    def read(self, path: str, ref: str | None = None) -> bytes:
        """A file's bytes at a branch, tag or hash. Raises LookupError when it is not there."""
        sha = self.resolve(ref or self.default_branch)
        entry = self.objects.find(self.objects.commit(sha).tree, path) if sha else None
        if entry is None or entry.kind != "blob":
            raise LookupError(f"{self.full_name} has no file {path!r} at {ref or self.default_branch!r}")
        return self.objects.read(entry.sha, "blob")

    def changed_files(self, base: str | None, head: str) -> list[FileChange]:
        """What `head` changed since it left `base` (three dots); everything when they share no history."""
        start = self.objects.merge_base(base, head) if base else None
        old = self.objects.commit(start).tree if start else None
        return file_changes(self.objects, old, self.objects.commit(head).tree, patch_lines=self.site.limits.patch_lines)

    def import_git(self, checkout: Path) -> None:
        """Take every object and branch and tag of a local git repository; hashes stay the same.

        The branch that is checked out becomes the default branch. Raises `ImportFailedError` with git's words.
        """
        imported = gitimport.read(checkout, self.objects)
        if imported.head is not None:
            self.default_branch = imported.head
        for name, sha in imported.refs.items():
            self.move(name, sha)

    # Pull requests and issues

    @property
    def pulls(self) -> list[PullRequest]:
        """All pull requests, by number."""
        return [issue.pull for issue in self.issues.values() if issue.pull is not None]

    def fork(self, full_name: str) -> Repository:
        """The fork of that name, made when it is first named; it shares objects, as on GitHub, and has its own refs."""
        owner, _, name = full_name.partition("/")
        found = self.forks.get(full_name.lower())
        if found is None:
            found = Repository(
                site=self.site,
                owner=self.site.account(owner),
                name=name or self.name,
                id=self.site.next_id(),
                created_at=self.site.clock(),
                private=self.private,
                default_branch=self.default_branch,
                parent=self,
                objects=self.objects,
            )
            for ref in self.refs.names():
                if ref.startswith(("refs/heads/", "refs/tags/")):
                    found.refs.put(ref, self.refs.get(ref) or "")
            self.forks[full_name.lower()] = found
        return found

    def issue(
        self, title: str, body: str | None = None, *, author: str = "octocat", labels: list[str] | None = None
    ) -> Issue:
        """Open an issue."""
        when = self.site.clock()
        number = max(self.issues, default=0) + 1
        made = Issue(self.site.next_id(), number, title, body, self.site.account(author), when, when)
        made.labels = list(labels or ())
        self.issues[number] = made
        return made

    def pull_request(
        self,
        changes: Changes | None = None,
        *,
        title: str = "Improve things",
        body: str | None = None,
        branch: str | None = None,
        base: str | None = None,
        from_fork: str | None = None,
        author: str = "octocat",
        draft: bool = False,
    ) -> PullRequest:
        """Open a pull request, committing `changes` onto its head branch first.

        `branch` may exist already (then `changes` may be None). `from_fork` is the fork's full name; its owner is the
        author then. Raises LookupError for a head or base branch that does not exist.
        """
        source = self.fork(from_fork) if from_fork else self
        by = source.owner.login if from_fork else author
        base_ref = base or self.default_branch
        head_ref = branch or f"patch-{max(self.issues, default=0) + 1}"
        if changes is not None:
            source.commit(changes, branch=head_ref, message=title, author=by, start=self.tip(base_ref))
        head_sha = source.tip(head_ref)
        issue = self.issue(title, body, author=by)
        pull = PullRequest(self, issue, source, head_ref, base_ref, self.tip(base_ref), head_sha, draft)
        issue.pull = pull
        self.refresh(pull)
        return pull

    def refresh(self, pull: PullRequest) -> None:
        """After a push: the base's tip, `refs/pull/N/head`, and the test merge in `refs/pull/N/merge` if it merges."""
        pull.base_sha = self.refs.get(f"refs/heads/{pull.base_ref}") or pull.base_sha
        self.refs.put(f"refs/pull/{pull.number}/head", pull.head_sha)
        tree = merging.merged_tree(self.objects, pull.base_sha, pull.head_sha)
        pull.merge_commit_sha = None
        if tree is not None:
            message = f"Merge {pull.head_sha} into {pull.base_sha}"
            merge = self.record(tree, [pull.base_sha, pull.head_sha], message, pull.issue.author)
            pull.merge_commit_sha = merge.sha
            self.refs.put(f"refs/pull/{pull.number}/merge", merge.sha)

    def merge(self, pull: PullRequest) -> str:
        """Merge it, as the button does; the merge commit's hash. Raises ValueError when it conflicts."""
        self.refresh(pull)
        if pull.merge_commit_sha is None:
            raise ValueError(f"pull request #{pull.number} conflicts with {pull.base_ref}")
        when = self.site.clock()
        pull.merged_at = when
        pull.issue.close(when, reason=None)
        self.move(f"refs/heads/{pull.base_ref}", pull.merge_commit_sha)
        return pull.merge_commit_sha

    def commits_of(self, pull: PullRequest) -> list[Commit]:
        """The commits that the pull request adds to its base, oldest first."""
        known = self.objects.ancestry(pull.base_sha)
        return [commit for commit in self.objects.history(pull.head_sha) if commit.sha not in known][::-1]

    def comment(
        self, issue: Issue | PullRequest, body: str, *, author: str = ACTIONS_BOT, hidden_for: int = 0
    ) -> Comment:
        """Add a comment; it is left out of the next `hidden_for` listings."""
        about = issue.issue if isinstance(issue, PullRequest) else issue
        when = self.site.clock()
        made = Comment(self.site.next_id(), about, self.site.account(author), body, when, when, hidden_for)
        about.comments.append(made)
        about.updated_at = when
        return made

    # Actions

    def run(
        self,
        workflow: str = ".github/workflows/ci.yml",
        *,
        name: str = "CI",
        event: str = "push",
        branch: str | None = None,
        sha: str | None = None,
        pull: PullRequest | None = None,
        status: str = "completed",
        conclusion: str | None = "success",
        attempt: int = 1,
        actor: str = "octocat",
        age: timedelta = timedelta(),
    ) -> WorkflowRun:
        """Add a workflow run: of a pull request, or of a branch (the default branch unless told), begun `age` ago."""
        created = self.site.clock() - age
        if workflow not in self.workflows:
            self.workflows[workflow] = Workflow(self.site.next_id(), name, workflow, created)
        head_branch = pull.head_ref if pull else branch or self.default_branch
        head_sha = pull.head_sha if pull else sha or self.tip(head_branch)
        made = WorkflowRun(
            id=self.site.next_id(),
            number=sum(run.workflow.path == workflow for run in self.runs) + 1,
            attempt=attempt,
            workflow=self.workflows[workflow],
            repository=self,
            head_repository=pull.head_repository if pull else self,
            event="pull_request" if pull and event == "push" else event,
            head_branch=head_branch,
            head_sha=head_sha,
            status=status,
            conclusion=conclusion if status == "completed" else None,
            actor=pull.issue.author if pull else self.site.account(actor),
            created_at=created,
            updated_at=created,
            pull=pull,
        )
        self.runs.append(made)
        return made
