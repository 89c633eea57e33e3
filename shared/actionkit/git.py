"""The git command line, as a door that a hostile checkout cannot use.

A workspace is written by whoever opened the pull request, and by every step that ran before. Its `.git/config` and
`.gitattributes` can name programs (fsmonitor, hooks, filters, external diffs, textconv, pagers, ssh commands, lazy
fetches), and its settings can change what `git diff` prints. Here none of them is run and none of them is believed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from actionkit.errors import ActionkitError

OUTPUT_LIMIT = 256 * 1024 * 1024
"""The most that is read from one command, in bytes."""

TIME_LIMIT = 120.0
"""The longest that one command may take, in seconds."""

_FULL_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REVISION = re.compile(r"[0-9A-Za-z_@][0-9A-Za-z_@./+#~^{}-]{0,254}")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]*@")

# `safe.directory` and `safe.bareRepository` count on the command line since git 2.38: a checkout that belongs to
# another user is read (it always does in a container), a bare repository planted among the files is not.
_SETTINGS = (
    "safe.directory=*",
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.pager=cat",
    "core.quotePath=true",
    "credential.helper=",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
)

# GIT_NO_LAZY_FETCH is known to git 2.45 and later; GIT_ALLOW_PROTOCOL stops a partial clone's fetch in every version.
# Replace refs and grafts would let the checkout say that a commit has other parents or contents.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_PAGER": "cat",
}

# Each option overrides a setting that would change the text: diff.context, diff.renames, diff.renameLimit,
# diff.algorithm, diff.noprefix, diff.mnemonicPrefix, diff.relative, diff.submodule, diff.interHunkContext,
# diff.orderFile, diff.indentHeuristic, core.abbrev, diff.external, diff.<driver>.command and .textconv.
_DIFF = (
    "diff",
    "-U0",
    "-M",
    "-l1000",
    "--diff-algorithm=myers",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--no-relative",
    "--ignore-submodules=dirty",
    "--submodule=short",
    "--inter-hunk-context=0",
    "-O/dev/null",
    "--no-indent-heuristic",
    "--full-index",
)


class GitFailed(ActionkitError):  # noqa: N818 - reads as the sentence it stands for: "git failed"
    """Git could not answer; the text is a sentence for the user, with the fix where there is one."""


class Git:
    """The repository that `root` lies in. Paths are relative to the repository's top, text is UTF-8 with escapes.

    `executable` is git itself; without it the first one on PATH outside the workspace. Every method may raise
    GitFailed, for a command that failed, took longer than `seconds` or gave more than `output_limit` bytes.
    """

    def __init__(
        self,
        root: Path,
        *,
        executable: Path | None = None,
        seconds: float = TIME_LIMIT,
        output_limit: int = OUTPUT_LIMIT,
    ) -> None:
        self._root = root.resolve()
        self._path = _search_path(self._root)
        self._executable = executable or _git_on(self._path)
        self._seconds = seconds
        self._output_limit = output_limit
        self._is_available = False
        self._commits: set[str] = set()

    def available(self) -> bool:
        """True if git is installed and `root` lies in the work tree of a repository. Never raises."""
        if not self._is_available:
            with contextlib.suppress(GitFailed):
                self._is_available = self._run("rev-parse", "--is-inside-work-tree").strip() == b"true"
        return self._is_available

    def is_shallow(self) -> bool:
        """True if history is cut off, as `actions/checkout` does unless told otherwise."""
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def resolve(self, rev: str) -> str | None:
        """The full SHA of the commit that `rev` names, or None if it is not in this checkout."""
        # A commit that was there stays there, and half of what a run asks git is whether it has the same two.
        if rev in self._commits:
            return rev
        found = self._run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{_checked(rev)}^{{commit}}", accept=(0, 1, 128)
        )
        sha = found.decode("ascii", "replace").strip()
        if not _FULL_SHA.fullmatch(sha):
            return None
        self._commits.add(sha)
        return sha

    def has_commit(self, sha: str) -> bool:
        """True if the commit is in this checkout; nothing is ever fetched to find out."""
        return self.resolve(sha) is not None

    def tracked_files(self) -> list[str]:
        """Every path in the index of the whole repository; a submodule is one entry."""
        listing = self._run("ls-files", "-z", "--full-name", "--", ":/")
        return list(dict.fromkeys(_text(path) for path in listing.split(b"\0") if path))

    def merge_base(self, a: str, b: str) -> str | None:
        """The best common ancestor, or None if there is none or a commit is not in this checkout.

        In a shallow checkout None can also mean that the history in between was cut off.
        """
        first, second = self.resolve(a), self.resolve(b)
        if first is None or second is None:
            return None
        return _text(self._run("merge-base", first, second, accept=(0, 1))).strip() or None

    def parents(self, rev: str) -> list[str]:
        """The parents that the commit itself names, also those a shallow checkout does not hold."""
        return [value for key, value in self._commit(rev) if key == "parent"]

    def committed_at(self, rev: str) -> float:
        """When the commit was made, in seconds since the epoch."""
        for key, value in self._commit(rev):
            if key == "committer":
                seconds = value.rsplit(" ", 2)[-2:-1]
                if seconds and seconds[0].isdecimal() and len(seconds[0]) < 16:
                    return float(seconds[0])
        raise GitFailed(f"Commit {rev} carries no time.")

    def ancestors(self, rev: str, limit: int) -> list[str]:
        """`rev` itself, then its ancestors, newest first, at most `limit` SHAs."""
        listing = self._run("rev-list", f"--max-count={max(limit, 0)}", self._known(rev), "--")
        return _text(listing).split()

    def diff(self, base: str, head: str) -> bytes:
        """What changed from `base` to `head`, as git's unified diff without context, renames found.

        The text does not depend on any setting of the user or the repository.
        """
        return self._run(*_DIFF, self._known(base), self._known(head), "--")

    def blob(self, rev: str, path: str) -> bytes | None:
        """The file as it is in the commit, or None if there is no regular file of that path."""
        if not path or path.startswith("/") or ".." in path.split("/") or "\0" in path:
            return None
        listing = self._run("ls-tree", "-z", "--full-tree", self._known(rev), "--", path)
        for entry in listing.split(b"\0"):
            about, _, name = entry.partition(b"\t")
            mode, _, kind_and_id = about.partition(b" ")
            if mode in (b"100644", b"100755") and _text(name) == path:
                return self._run("cat-file", "blob", _text(kind_and_id.partition(b" ")[2]))
        return None

    def _commit(self, rev: str) -> list[tuple[str, str]]:
        head, _, _ = self._run("cat-file", "commit", self._known(rev)).partition(b"\n\n")
        pairs = (_text(line).partition(" ") for line in head.split(b"\n"))
        return [(key, value) for key, _, value in pairs]

    def _known(self, rev: str) -> str:
        sha = self.resolve(rev)
        if sha is None:
            raise GitFailed(
                f"Commit {rev} is not in this checkout. Give `actions/checkout` the input `fetch-depth: 0`."
            )
        return sha

    def _run(self, *arguments: str, accept: Sequence[int] = (0,)) -> bytes:
        if self._executable is None:
            raise GitFailed("git is not installed here.")
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        command = [str(self._executable), "--no-pager", *settings, *arguments]
        with tempfile.TemporaryFile() as complaint:
            try:
                code, output = self._collect(arguments[0], command, complaint.fileno())
            except OSError as error:
                raise GitFailed(f"git cannot be started: {error.strerror or error}.") from error
            if code not in accept:
                complaint.seek(0)
                raise GitFailed(f"`git {arguments[0]}` failed: {_sentence(complaint.read(4096))}")
        return output

    def _collect(self, name: str, command: Sequence[str], complaint: int) -> tuple[int, bytes]:
        late = threading.Event()
        with subprocess.Popen(
            command,
            cwd=self._root,
            env={"PATH": os.pathsep.join(self._path), **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaint,
            start_new_session=True,
        ) as process:

            def expire() -> None:
                late.set()
                _end(process)

            timer = threading.Timer(self._seconds, expire)
            timer.daemon = True
            timer.start()
            try:
                output = process.stdout.read(self._output_limit + 1) if process.stdout else b""
                if len(output) <= self._output_limit:
                    process.wait()
            finally:
                timer.cancel()
                _end(process)
        if late.is_set():
            raise GitFailed(f"`git {name}` took longer than {self._seconds:g} s.")
        if len(output) > self._output_limit:
            raise GitFailed(f"`git {name}` gave more than {self._output_limit} bytes.")
        return process.returncode, output


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _search_path(root: Path) -> list[str]:
    """PATH without relative folders and folders of the workspace, where a `git` could have been put."""
    folders = (Path(folder) for folder in os.get_exec_path() if folder)
    return [str(folder) for folder in folders if folder.is_absolute() and not folder.resolve().is_relative_to(root)]


def _git_on(path: Sequence[str]) -> Path | None:
    for folder in path:
        candidate = Path(folder, "git")
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    return None


def _checked(rev: str) -> str:
    """A revision that cannot be an option, a range or a path."""
    if not _REVISION.fullmatch(rev) or ".." in rev:
        raise GitFailed(f"{rev[:60]!r} is not the name of a commit; a SHA, a branch or a tag is.")
    return rev


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _sentence(complaint: bytes) -> str:
    """What git complained of, on one short line, without control characters and credentials in addresses."""
    words = " ".join(complaint.decode("utf-8", "replace").split())
    printable = "".join(character for character in words if character.isprintable())
    return _CREDENTIALS.sub("", printable)[:300] or "it gave no reason"
