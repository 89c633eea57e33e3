"""A consumer's checkout: a real git repository in a folder, as actions/checkout leaves it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_AUTHOR = {
    "GIT_AUTHOR_NAME": "Octo Cat",
    "GIT_AUTHOR_EMAIL": "octocat@users.noreply.github.com",
    "GIT_COMMITTER_NAME": "Octo Cat",
    "GIT_COMMITTER_EMAIL": "octocat@users.noreply.github.com",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


@dataclass(frozen=True, slots=True)
class Checkout:
    """The repository in `path`. Every method that commits returns the SHA."""

    path: Path

    @classmethod
    def create(cls, path: Path, files: Mapping[str, str | bytes] | None = None) -> Checkout:
        """A new repository on branch main, with a first commit if there are files."""
        path.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        made.git("init", "--quiet", "--initial-branch=main")
        if files is not None:
            made.commit("First commit", files)
        return made

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            env={**os.environ, **_AUTHOR},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files into the work tree without committing them, as a test step does."""
        for name, content in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str, files: Mapping[str, str | bytes | None]) -> str:
        """Commit these files and nothing else; None deletes one."""
        self.write({name: content for name, content in files.items() if content is not None})
        gone = [name for name, content in files.items() if content is None]
        if gone:
            self.git("rm", "--quiet", "--", *gone)
        kept = [name for name, content in files.items() if content is not None]
        if kept:
            self.git("add", "--force", "--", *kept)
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "main") -> None:
        self.git("switch", "--quiet", "--create", name, start)

    def switch(self, name: str) -> None:
        self.git("switch", "--quiet", name)

    def test_merge(self, head: str, base: str = "main") -> str:
        """Check out the merge commit GitHub would test for a pull request of `head` into `base` (detached)."""
        self.git("switch", "--quiet", "--detach", base)
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {head} into {base}", head)
        return self.head

    def shallow(self, path: Path, rev: str = "HEAD") -> Checkout:
        """A clone of depth 1 of `rev`, detached, as actions/checkout makes by default."""
        sha = self.git("rev-parse", rev)
        self.git("branch", "--force", "shallow-source", sha)
        self.git("clone", "--quiet", "--depth=1", "--branch=shallow-source", f"file://{self.path}", str(path))
        self.git("branch", "--quiet", "-D", "shallow-source")
        clone = Checkout(path)
        clone.git("switch", "--quiet", "--detach", sha)
        return clone
