"""Read a local git repository through the git command, object by object."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .gitobjects import Kind, ObjectStore

_KINDS: dict[str, Kind] = {"blob": "blob", "tree": "tree", "commit": "commit", "tag": "tag"}


class ImportFailedError(Exception):
    """Git could not read the folder; says which and why."""


@dataclass(frozen=True)
class Imported:
    """`head` is the branch that is checked out, None when HEAD is detached or unborn."""

    refs: dict[str, str]
    head: str | None


def read(checkout: Path, store: ObjectStore) -> Imported:
    """Copy all reachable objects into `store`; the hash of each is computed anew and must be git's.

    Raises ImportFailedError when the folder is no git repository or git is missing.
    """
    listed = _git(checkout, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags").decode()
    refs = dict(line.split(" ", 1) for line in listed.splitlines())
    reachable = _git(checkout, "rev-list", "--objects", "--all").decode("utf-8", "surrogateescape")
    wanted = {line.split(" ", 1)[0] for line in reachable.splitlines()} | set(refs.values())
    data = _git(checkout, "cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in sorted(wanted)).encode())
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        sha, kind, size = data[at:end].decode().split(" ")
        start = end + 1
        at = start + int(size) + 1
        if store.add(_KINDS[kind], data[start : at - 1]) != sha:
            raise ImportFailedError(f"{checkout}: object {sha} does not hash to its name (SHA-256 repository?)")
    head = _git(checkout, "branch", "--show-current").decode().strip() or None
    return Imported(refs, head)


def _git(checkout: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(checkout), *arguments], input=stdin, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise ImportFailedError("git is not installed, and import_git reads through it") from error
    except subprocess.CalledProcessError as error:
        raise ImportFailedError(
            f"git {arguments[0]} in {checkout}: {error.stderr.decode('utf-8', 'replace').strip()}"
        ) from error
    return done.stdout
