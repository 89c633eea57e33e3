"""The newest artifact a trusted run left on a branch, and its files.

Anyone who opens a pull request can upload an artifact of any name. So an artifact counts only if a push to, or a
schedule on, that branch of this very repository made it, and that run succeeded.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from actionkit.errors import Unreadable
from actionkit.github.api import MIB, GitHubApi
from actionkit.github.errors import GitHubError

TRUSTED_EVENTS = ("push", "schedule")
MOST_RUNS = 50
GONE = 410
ARCHIVE_LIMIT = 64 * MIB
UNPACKED_LIMIT = 512 * MIB
MOST_MEMBERS = 10_000
MOST_RATIO = 250
"""Real reports (XML, LCOV) pack 20 to 100 times; a bomb packs 1,000 times."""

SMALL = MIB
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
)
"""What zipfile raises on bytes that are no archive, are cut, patched, or encrypted."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact and the run that made it. `size_bytes` is that of the archive; `created_at` RFC 3339 UTC."""

    id: int
    name: str
    size_bytes: int
    created_at: str
    run_id: int
    head_sha: str


def latest(github: GitHubApi, repository: str, name: str, branch: str) -> Artifact | None:
    """The newest unexpired artifact called `name` that a successful push or scheduled run on `branch` made.

    None if there is none (among the newest 50 runs that come into question). Raises GitHubError, PermissionNeeded
    (`actions: read`), HttpError.
    """
    judged: dict[int, bool] = {}
    for found in _newest_first(github, repository, name):
        run = found.get("workflow_run") or {}
        if found.get("name") != name or found.get("expired") or not _of_branch(run, branch):
            continue
        run_id = int(run["id"])
        if run_id not in judged:
            if len(judged) == MOST_RUNS:
                return None
            judged[run_id] = _trusted(github, repository, run_id, branch)
        if judged[run_id]:
            size, created = int(found.get("size_in_bytes") or 0), str(found.get("created_at") or "")
            return Artifact(int(found["id"]), name, size, created, run_id, str(run.get("head_sha") or ""))
    return None


def download(github: GitHubApi, repository: str, artifact: Artifact) -> dict[str, bytes] | None:
    """The files of an artifact by their path; None if it expired meanwhile.

    Raises Unreadable for an archive that is broken or exceeds the limits of `unpack`, TooLarge for one over 64 MiB.
    """
    path = f"/repos/{repository}/actions/artifacts/{artifact.id}/zip"
    try:
        data = github.raw(path, max_bytes=ARCHIVE_LIMIT)
    except GitHubError as error:
        if error.status == GONE:
            return None
        raise
    return None if data is None else unpack(data, f"artifact {artifact.name}")


def latest_outcome(github: GitHubApi, repository: str, name: str, branch: str) -> tuple[str, bytes] | None:
    """Path and bytes of the `outcome.json` in the `latest` artifact of that name, else of its first file, or None.

    Raises what `latest` and `download` do.
    """
    artifact = latest(github, repository, name, branch)
    files = download(github, repository, artifact) if artifact else None
    if not files:
        return None
    outcomes = [path for path in files if path.rsplit("/", 1)[-1] == "outcome.json"] or sorted(files)[:1]
    return outcomes[0], files[outcomes[0]]


def unpack(data: bytes, name: str, *, limit_bytes: int = UNPACKED_LIMIT) -> dict[str, bytes]:
    """The files of a zip archive, `name` being what messages call it.

    At most 10,000 files and `limit_bytes`, none packed more than 250 times (above 1 MiB), no absolute path, no `..`, no
    backslash, no name twice, no password. The sizes an archive declares are not believed. Raises Unreadable.
    """
    files: dict[str, bytes] = {}
    room = limit_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_MEMBERS:
                raise Unreadable(name, f"holds {len(members):,} files; at most {MOST_MEMBERS:,} are read")
            for member in members:
                path = _safe(name, member.filename)
                if path in files:
                    raise Unreadable(name, f"holds {path!r} twice")
                files[path] = _content(archive, member, name, room)
                room -= len(files[path])
    except BROKEN as error:
        raise Unreadable(name, f"is not a zip archive that can be read ({type(error).__name__})") from error
    return files


def _newest_first(github: GitHubApi, repository: str, name: str) -> Iterator[dict[str, Any]]:
    """GitHub lists the newest first but does not promise it: where it does not, everything is read and sorted."""
    path = f"/repos/{repository}/actions/artifacts"
    listed = github.pages(path, {"name": name}, key="artifacts")
    held: list[dict[str, Any]] = []
    for found in listed:
        if held and _created(found) > _created(held[-1]):
            yield from sorted([*held, found, *listed], key=_created, reverse=True)
            return
        yield from held[-1:]
        held.append(found)
    yield from held[-1:]


def _created(artifact: dict[str, Any]) -> str:
    """RFC 3339 in UTC sorts as text."""
    return str(artifact.get("created_at") or "")


def _of_branch(run: dict[str, Any], branch: str) -> bool:
    """Whether the artifact's own record says: this branch, of this repository and not of a fork."""
    repository_id = run.get("repository_id")
    return (
        run.get("head_branch") == branch
        and repository_id is not None
        and run.get("head_repository_id") == repository_id
    )


def _trusted(github: GitHubApi, repository: str, run_id: int, branch: str) -> bool:
    run = github.get_or_none(f"/repos/{repository}/actions/runs/{run_id}")
    return (
        run is not None
        and run.get("conclusion") == "success"
        and run.get("event") in TRUSTED_EVENTS
        and run.get("head_branch") == branch
    )


def _safe(name: str, path: str) -> str:
    if path.startswith("/") or "\\" in path or ":" in path or "\0" in path or ".." in path.split("/"):
        raise Unreadable(name, f"holds a file with the path {path!r}, which leads elsewhere")
    return path


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, room: int) -> bytes:
    if member.compress_type not in METHODS:
        raise Unreadable(name, f"holds {member.filename!r}, packed in a way GitHub never uses")
    allowed = max(member.compress_size * MOST_RATIO, SMALL)
    with archive.open(member) as file:
        content = file.read(min(allowed, room) + 1)
    if len(content) > allowed:
        raise Unreadable(name, f"holds {member.filename!r}, which unpacks to more than {MOST_RATIO} times its size")
    if len(content) > room:
        raise Unreadable(name, "unpacks to more bytes than are read from an artifact")
    return content
