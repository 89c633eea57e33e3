"""Patches are such as `git apply` takes, and are left out where GitHub leaves them out."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.github.diff import FileChange, file_changes
from sandbox.github.gitobjects import FILE, SUBMODULE, Entry, ObjectStore

LIMIT = 20_000


def tree(store: ObjectStore, files: dict[str, str | bytes]) -> str:
    entries = {
        path: Entry(FILE, store.add("blob", content.encode() if isinstance(content, str) else content))
        for path, content in files.items()
    }
    return store.edit(store.add_tree({}), dict(entries))


def between(old: dict[str, str | bytes], new: dict[str, str | bytes], limit: int = LIMIT) -> list[FileChange]:
    store = ObjectStore()
    return file_changes(store, tree(store, old), tree(store, new), patch_lines=limit)


def test_one_changed_line_is_one_hunk_with_its_section() -> None:
    before = "def total(prices):\n" + "".join(f"    line{n}\n" for n in range(8))
    [change] = between({"a.py": before}, {"a.py": before.replace("line6", "LINE6")})
    assert (change.status, change.additions, change.deletions) == ("modified", 1, 1)
    assert change.patch == (
        "@@ -5,5 +5,5 @@ def total(prices):\n     line3\n     line4\n     line5\n-    line6\n+    LINE6\n     line7"
    )


def test_a_missing_newline_at_the_end_is_told() -> None:
    [change] = between({}, {"a": "x"})
    assert change.patch == "@@ -0,0 +1 @@\n+x\n\\ No newline at end of file"


def test_binary_files_and_patches_over_the_limit_come_without_a_patch() -> None:
    binary, large = between({}, {"b.bin": b"\0\1", "c.txt": "x\n" * 11}, limit=11)
    assert binary.patch is None
    assert (large.patch, large.additions) == (None, 11)


def test_an_empty_file_has_no_patch() -> None:
    [change] = between({}, {"empty": ""})
    assert (change.patch, change.additions) == (None, 0)


def test_a_moved_file_is_renamed_and_a_similar_one_too() -> None:
    text = "".join(f"{n}\n" for n in range(20))
    exact, similar = between({"a": text, "b": text * 2}, {"c": text, "d": text * 2 + "more\n"})
    assert (exact.status, exact.path, exact.previous_path, exact.patch) == ("renamed", "c", "a", None)
    assert (similar.status, similar.path, similar.previous_path, similar.additions) == ("renamed", "d", "b", 1)


def test_unrelated_and_empty_files_are_not_renamed() -> None:
    found = between({"a": "one\n", "e": ""}, {"b": "two\n", "f": "three\n"})
    assert [(change.path, change.status) for change in found] == [
        ("a", "removed"), ("b", "added"), ("e", "removed"), ("f", "added"),
    ]  # fmt: skip


def test_a_submodule_is_a_line_with_its_commit() -> None:
    store = ObjectStore()
    old = store.edit(store.add_tree({}), {"lib": Entry(SUBMODULE, "1" * 40), "gone": Entry(SUBMODULE, "3" * 40)})
    new = store.edit(
        store.add_tree({}), {"lib": Entry(SUBMODULE, "2" * 40), "text": Entry(FILE, store.add("blob", b"t"))}
    )
    gone, lib, text = file_changes(store, old, new, patch_lines=LIMIT)
    assert (gone.status, lib.status, text.status) == ("removed", "modified", "added")
    assert lib.patch == f"@@ -1 +1 @@\n-Subproject commit {'1' * 40}\n+Subproject commit {'2' * 40}"


def test_a_root_commit_adds_everything() -> None:
    store = ObjectStore()
    [change] = file_changes(store, None, tree(store, {"a": "1\n"}), patch_lines=LIMIT)
    assert change.status == "added"


TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "\n", "c", "ü\n", "\r\n", "\f\n"]), max_size=14).map("".join)


@given(old=TEXTS, new=TEXTS)
@settings(max_examples=25, deadline=None)
def test_git_applies_every_patch(old: str, new: str, tmp_path_factory: object) -> None:
    if old == new:
        return
    found = between({"f": old} if old else {}, {"f": new} if new else {})
    [change] = found
    folder = tmp_path_factory.mktemp("apply")  # type: ignore[attr-defined]
    assert applied(folder, change, old) == new.encode()


def applied(folder: Path, change: FileChange, old: str) -> bytes:
    """The file after git has applied the patch to `old`."""
    file = folder / "f"
    file.write_bytes(old.encode())
    header = "--- a/f\n+++ b/f\n"
    patch = (header + (change.patch or "") + "\n").encode()
    done = subprocess.run(
        ["git", "apply", "--unsafe-paths", "-"], input=patch, cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return file.read_bytes() if file.exists() else b""
