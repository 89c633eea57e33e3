"""Git objects, comparisons and file contents."""

from __future__ import annotations

import base64
from urllib.parse import quote

from ..diff import FileChange
from ..exchange import Links, Object
from ..gitobjects import Commit, Entry, Signature
from ..repository import Repository
from ..site import node_id, stamp
from .accounts import user

UNSIGNED: Object = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}

_TYPES = {"blob": "file", "tree": "dir", "commit": "submodule"}


def ref(links: Links, repository: Repository, name: str, sha: str) -> Object:
    """A `git-ref`."""
    kind = repository.objects.kind(sha)
    return {
        "ref": name,
        "node_id": node_id("Ref", f"{repository.id}:{name}"),
        "url": links.repo(repository, f"/git/{quote(name)}"),
        "object": {"type": kind, "sha": sha, "url": links.repo(repository, f"/git/{kind}s/{sha}")},
    }


def signature(signed: Signature) -> Object:
    return {"name": signed.name, "email": signed.email, "date": stamp(signed.when)}


def git_commit(links: Links, repository: Repository, commit: Commit) -> Object:
    """A `git-commit`: the object, as the Git database endpoints show it."""
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", commit.sha),
        "url": links.repo(repository, f"/git/commits/{commit.sha}"),
        "html_url": links.page(repository, f"/commit/{commit.sha}"),
        "author": signature(commit.author),
        "committer": signature(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": links.repo(repository, f"/git/trees/{commit.tree}")},
        "parents": [
            {
                "sha": parent,
                "url": links.repo(repository, f"/git/commits/{parent}"),
                "html_url": links.page(repository, f"/commit/{parent}"),
            }
            for parent in commit.parents
        ],
        "verification": UNSIGNED,
    }


def commit(links: Links, repository: Repository, commit: Commit) -> Object:
    """A `commit`, as the commit endpoints show it (without files)."""
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", commit.sha),
        "url": links.repo(repository, f"/commits/{commit.sha}"),
        "html_url": links.page(repository, f"/commit/{commit.sha}"),
        "comments_url": links.repo(repository, f"/commits/{commit.sha}/comments"),
        "commit": {
            "url": links.repo(repository, f"/git/commits/{commit.sha}"),
            "author": signature(commit.author),
            "committer": signature(commit.committer),
            "message": commit.message,
            "comment_count": 0,
            "tree": {"sha": commit.tree, "url": links.repo(repository, f"/git/trees/{commit.tree}")},
            "verification": UNSIGNED,
        },
        "author": _account(links, repository, commit.author),
        "committer": _account(links, repository, commit.committer),
        "parents": [
            {
                "sha": parent,
                "url": links.repo(repository, f"/commits/{parent}"),
                "html_url": links.page(repository, f"/commit/{parent}"),
            }
            for parent in commit.parents
        ],
    }


def _account(links: Links, repository: Repository, signed: Signature) -> Object | None:
    """Whose address it is; None when nobody on this site has it."""
    account = repository.site.by_email(signed.email)
    return None if account is None else user(links, account)


def diff_entry(links: Links, repository: Repository, change: FileChange, sha: str) -> Object:
    """A `diff-entry`; `patch` is absent when the service would leave it out."""
    path = quote(change.path)
    shown: Object = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": links.page(repository, f"/blob/{sha}/{path}"),
        "raw_url": links.page(repository, f"/raw/{sha}/{path}"),
        "contents_url": links.repo(repository, f"/contents/{path}?ref={sha}"),
    }
    if change.patch is not None:
        shown["patch"] = change.patch
    if change.previous_path is not None:
        shown["previous_filename"] = change.previous_path
    return shown


def tree_entry(links: Links, repository: Repository, path: str, entry: Entry) -> Object:
    """One row of a `git-tree`."""
    shown: Object = {"path": path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
    if entry.kind == "blob":
        shown["size"] = len(repository.objects.read(entry.sha, "blob"))
    if entry.kind != "commit":
        shown["url"] = links.repo(repository, f"/git/{entry.kind}s/{entry.sha}")
    return shown


def blob(links: Links, repository: Repository, sha: str) -> Object:
    """A `blob`, its content in base64."""
    data = repository.objects.read(sha, "blob")
    return {
        "sha": sha,
        "node_id": node_id("Blob", sha),
        "size": len(data),
        "url": links.repo(repository, f"/git/blobs/{sha}"),
        "content": wrapped_base64(data),
        "encoding": "base64",
    }


def contents_entry(links: Links, repository: Repository, path: str, entry: Entry, ref: str) -> Object:
    """One row of a `content-directory`, and what a `content-file` begins with."""
    quoted = quote(path)
    api = links.repo(repository, f"/contents/{quoted}?ref={quote(ref)}")
    git = links.repo(repository, f"/git/{'trees' if entry.kind == 'tree' else 'blobs'}/{entry.sha}")
    html = links.page(repository, f"/{'tree' if entry.kind == 'tree' else 'blob'}/{quote(ref)}/{quoted}")
    is_file = entry.kind == "blob"
    return {
        "type": _TYPES[entry.kind],
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": len(repository.objects.read(entry.sha, "blob")) if is_file else 0,
        "url": api,
        "html_url": html,
        "git_url": git,
        "download_url": links.page(repository, f"/raw/{quote(ref)}/{quoted}") if is_file else None,
        "_links": {"self": api, "git": git, "html": html},
    }


def wrapped_base64(data: bytes) -> str:
    """Base64 in lines of 60 characters, as the contents and blobs endpoints write it."""
    encoded = base64.b64encode(data).decode()
    return "".join(f"{encoded[at : at + 60]}\n" for at in range(0, len(encoded), 60))
