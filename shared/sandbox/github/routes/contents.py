"""Files at a reference."""

from __future__ import annotations

from ..exchange import ApiError, Call, Object, Reply, Route, not_found
from ..gitobjects import FOLDER, SUBMODULE, SYMLINK, Entry
from ..tokens import Need
from ..views.git import contents_entry, wrapped_base64


def contents(call: Call) -> Reply:
    """A file (JSON or, with the raw media type, its bytes), a folder, a symlink or a submodule."""
    repository, path = call.repository, call.arguments["path"].strip("/")
    if repository.empty:
        raise ApiError(404, "This repository is empty.")
    ref = call.query.get("ref") or repository.default_branch
    sha = repository.resolve(ref)
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {ref}")
    entry = repository.objects.find(repository.objects.commit(sha).tree, path)
    if entry is None:
        raise not_found()
    if entry.mode == FOLDER:
        return _folder(call, path, entry, ref)
    if call.accepts("raw") and entry.kind == "blob":
        data = repository.objects.read(entry.sha, "blob")
        return Reply(body=data, media="application/vnd.github.raw; charset=utf-8")
    return Reply(body=_file(call, path, entry, ref))


def _folder(call: Call, path: str, folder: Entry, ref: str) -> Reply:
    prefix = f"{path}/" if path else ""
    entries = [
        contents_entry(call.links, call.repository, prefix + name, entry, ref)
        for name, entry in call.repository.objects.tree(folder.sha).items()
    ]
    if not call.accepts("object"):
        return Reply(body=entries[:1000])
    itself = contents_entry(call.links, call.repository, path, folder, ref)
    return Reply(body={**itself, "entries": entries[:1000]}, media="application/vnd.github.object; charset=utf-8")


def _file(call: Call, path: str, entry: Entry, ref: str) -> Object:
    """Between 1 and 100 MB the service answers without content: `encoding: none`."""
    shown = contents_entry(call.links, call.repository, path, entry, ref)
    if entry.mode == SUBMODULE:
        return {**shown, "submodule_git_url": f"{call.links.web}/submodule.git"}
    data = call.repository.objects.read(entry.sha, "blob")
    if entry.mode == SYMLINK:
        return {**shown, "type": "symlink", "target": data.decode("utf-8", "replace")}
    if len(data) > call.site.limits.contents_bytes:
        return {**shown, "content": "", "encoding": "none"}
    return {**shown, "content": wrapped_base64(data), "encoding": "base64"}


ROUTES = (Route("GET", "/repos/{owner}/{repo}/contents/{path}", contents, (Need("contents", "read"),)),)
