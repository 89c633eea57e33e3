"""The Git database: blobs, trees, commits and references, written one by one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..exchange import ApiError, Call, Object, Reply, Route, not_found
from ..gitobjects import FILE, Entry, Signature
from ..tokens import Need
from ..views import git

_READ, _WRITE = (Need("contents", "read"),), (Need("contents", "write"),)


def _not_empty(call: Call) -> None:
    """The Git database of an empty repository cannot be used, not even to write the first object."""
    if call.repository.empty:
        raise ApiError(409, "Git Repository is empty.")


def _created(body: Object) -> Reply:
    return Reply(201, body, {"Location": body["url"]})


# Blobs and trees


def create_blob(call: Call) -> Reply:
    _not_empty(call)
    content, encoding = call.body["content"], call.body.get("encoding", "utf-8")
    try:
        data = base64.b64decode(content) if encoding == "base64" else content.encode()
    except binascii.Error as error:
        raise ApiError(422, "content is not valid Base64") from error
    sha = call.repository.objects.add("blob", data)
    return _created({"sha": sha, "url": call.links.repo(call.repository, f"/git/blobs/{sha}")})


def blob(call: Call) -> Reply:
    _not_empty(call)
    sha = call.arguments["file_sha"]
    if not call.repository.objects.has(sha, "blob"):
        raise not_found()
    if call.accepts("raw"):
        data = call.repository.objects.read(sha, "blob")
        return Reply(body=data, media="application/vnd.github.raw; charset=utf-8")
    return Reply(body=git.blob(call.links, call.repository, sha))


def create_tree(call: Call) -> Reply:
    """`base_tree` plus the given entries; `sha: null` removes a path."""
    _not_empty(call)
    objects = call.repository.objects
    base = call.body.get("base_tree")
    start = objects.add_tree({})
    if base is not None:
        if objects.has(base, "commit"):
            base = objects.commit(base).tree
        if not objects.has(base, "tree"):
            raise ApiError(422, f"base_tree {base} is not a valid tree oid")
        start = base
    changes = dict(_entry(call, given) for given in call.body["tree"])
    try:
        sha = objects.edit(start, changes)
    except KeyError as error:
        raise ApiError(422, "GitRPC::BadObjectState") from error
    return _created(_tree(call, sha, recursive=False))


def _entry(call: Call, given: Mapping[str, Any]) -> tuple[str, Entry | None]:
    objects, path = call.repository.objects, given.get("path")
    if not path or path.startswith("/") or any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise ApiError(422, "tree.path contains a malformed path component")
    mode = given.get("mode", FILE)
    if "content" in given:
        return path, Entry(mode, objects.add("blob", given["content"].encode()))
    if "sha" not in given:
        raise ApiError(422, "Must supply either tree.sha or tree.content")
    sha = given["sha"]
    if sha is None:
        return path, None
    if not objects.has(sha, Entry(mode, sha).kind):
        raise ApiError(422, f"tree.sha {sha} is not a valid {Entry(mode, sha).kind}")
    return path, Entry(mode, sha)


def tree(call: Call) -> Reply:
    """A tree by its hash, or of a branch, tag or commit; `recursive` with any value lists everything below."""
    _not_empty(call)
    name, objects = call.arguments["tree_sha"], call.repository.objects
    if not objects.has(name, "tree"):
        sha = call.repository.resolve(name)
        if sha is None:
            raise not_found()
        name = objects.commit(sha).tree
    return Reply(body=_tree(call, name, recursive="recursive" in call.query))


def _tree(call: Call, sha: str, *, recursive: bool) -> Object:
    objects, limit = call.repository.objects, call.site.limits.tree_entries
    rows = list(objects.paths(sha)) if recursive else list(objects.tree(sha).items())
    return {
        "sha": sha,
        "url": call.links.repo(call.repository, f"/git/trees/{sha}"),
        "tree": [git.tree_entry(call.links, call.repository, path, entry) for path, entry in rows[:limit]],
        "truncated": len(rows) > limit,
    }


# Commits


def create_commit(call: Call) -> Reply:
    """An object only: no reference moves. Author and committer default to the token's account, now."""
    _not_empty(call)
    objects, body = call.repository.objects, call.body
    if not objects.has(body["tree"], "tree"):
        raise ApiError(422, "Tree SHA does not exist")
    for parent in body.get("parents", ()):
        if not objects.has(parent, "commit"):
            raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    default = call.actor.signature(call.site.clock().astimezone(UTC))
    author = _signature(body.get("author"), default)
    made = objects.add_commit(
        tree=body["tree"],
        parents=body.get("parents", ()),
        author=author,
        committer=_signature(body.get("committer"), author),
        message=body["message"],
    )
    return _created(git.git_commit(call.links, call.repository, made))


def _signature(given: Mapping[str, str] | None, default: Signature) -> Signature:
    if given is None:
        return default
    when = datetime.fromisoformat(given["date"]).astimezone(UTC) if "date" in given else default.when
    return Signature(given.get("name", default.name), given.get("email", default.email), when)


def git_commit(call: Call) -> Reply:
    _not_empty(call)
    sha = call.arguments["commit_sha"]
    if not call.repository.objects.has(sha, "commit"):
        raise not_found()
    return Reply(body=git.git_commit(call.links, call.repository, call.repository.objects.commit(sha)))


# References


def _view(call: Call, name: str, sha: str) -> Object:
    return git.ref(call.links, call.repository, name, sha)


def reference(call: Call) -> Reply:
    _not_empty(call)
    name = f"refs/{call.arguments['ref']}"
    sha = call.repository.refs.seen(name)
    if sha is None:
        raise not_found()
    return Reply(body=_view(call, name, sha))


def matching_references(call: Call) -> Reply:
    """All references that start with the given text; an empty list, not 404, for none."""
    _not_empty(call)
    found = list(call.repository.refs.seen_under(f"refs/{call.arguments['ref']}"))
    return call.page(call.listing(found), lambda pair: _view(call, *pair))


def create_reference(call: Call) -> Reply:
    _not_empty(call)
    name, sha = call.body["ref"], call.body["sha"]
    if not re.fullmatch(r"refs/[^/\s~^:?*\[\\]+(/[^/\s~^:?*\[\\]+)+", name) or ".." in name or name.endswith(".lock"):
        raise ApiError(422, f"{name} is not a valid ref name.")
    if not call.repository.objects.has(sha):
        raise ApiError(422, "Object does not exist")
    if call.repository.refs.get(name) is not None:
        raise ApiError(422, "Reference already exists")
    call.repository.move(name, sha, unseen_for=call.lag("refs"))
    return _created(_view(call, name, sha))


def update_reference(call: Call) -> Reply:
    """Moves a reference forward; only with `force` anywhere else."""
    _not_empty(call)
    name, sha = f"refs/{call.arguments['ref']}", call.body["sha"]
    current, objects = call.repository.refs.get(name), call.repository.objects
    if current is None:
        raise ApiError(422, "Reference does not exist")
    if not objects.has(sha):
        raise ApiError(422, "Object does not exist")
    if not call.body.get("force", False) and not objects.is_ancestor(current, sha):
        raise ApiError(422, "Update is not a fast forward")
    call.repository.move(name, sha, unseen_for=call.lag("refs"))
    return Reply(body=_view(call, name, sha))


def delete_reference(call: Call) -> Reply:
    _not_empty(call)
    name = f"refs/{call.arguments['ref']}"
    if call.repository.refs.get(name) is None:
        raise ApiError(422, "Reference does not exist")
    call.repository.refs.remove(name)
    return Reply(204)


_GIT = "/repos/{owner}/{repo}/git"

ROUTES = (
    Route("POST", f"{_GIT}/blobs", create_blob, _WRITE),
    Route("GET", f"{_GIT}/blobs/{{file_sha}}", blob, _READ),
    Route("POST", f"{_GIT}/trees", create_tree, _WRITE),
    Route("GET", f"{_GIT}/trees/{{tree_sha}}", tree, _READ),
    Route("POST", f"{_GIT}/commits", create_commit, _WRITE),
    Route("GET", f"{_GIT}/commits/{{commit_sha}}", git_commit, _READ),
    Route("GET", f"{_GIT}/ref/{{ref}}", reference, _READ),
    Route("GET", f"{_GIT}/matching-refs/{{ref}}", matching_references, _READ),
    Route("POST", f"{_GIT}/refs", create_reference, _WRITE),
    Route("PATCH", f"{_GIT}/refs/{{ref}}", update_reference, _WRITE),
    Route("DELETE", f"{_GIT}/refs/{{ref}}", delete_reference, _WRITE),
)
