"""The test merge that GitHub makes for a pull request, file by file."""

from __future__ import annotations

from .gitobjects import Entry, ObjectStore


def merged_tree(store: ObjectStore, ours: str, theirs: str) -> str | None:
    """The tree of merging commit `theirs` into `ours`, or None when they conflict.

    Three-way by whole files: a file changed differently on both sides is a conflict here even where git could merge
    its lines. Unrelated histories conflict too, as GitHub refuses them.
    """
    base = store.merge_base(ours, theirs)
    if base is None:
        return None
    before = store.files(store.commit(base).tree)
    here = store.files(store.commit(ours).tree)
    there = store.files(store.commit(theirs).tree)
    wanted: dict[str, Entry | None] = {}
    for path in before.keys() | here.keys() | there.keys():
        old, mine, other = before.get(path), here.get(path), there.get(path)
        if other in (old, mine):
            continue
        if mine != old:
            return None
        wanted[path] = other
    return store.edit(store.commit(ours).tree, wanted)
