"""Which lines a change touched, exactly: against real git, `diff -u`, GitHub's API and every way to be cut short."""

from __future__ import annotations

import difflib
import os
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.coverage_gate.made import a_file

from actionkit.errors import Unreadable
from actionkit.git import Git
from coverage_gate.diff import carried, from_api, parse
from coverage_gate.evidence import ChangedFile, Diff
from coverage_gate.model import LINE_LIMIT, lines_of, numbers_of
from coverage_gate.patch import unmeasured


def only(diff: str | bytes) -> ChangedFile:
    data = diff.encode() if isinstance(diff, str) else diff
    files = parse(data, "base", "head").files
    (changed,) = files.values()
    assert files == {changed.path: changed}
    return changed


def added(changed: ChangedFile) -> list[int]:
    return list(numbers_of(changed.added))


def deleted(changed: ChangedFile) -> list[int]:
    return list(numbers_of(changed.deleted))


WITH_CONTEXT = """diff --git a/src/cart.py b/src/cart.py
index 1234567..89abcde 100644
--- a/src/cart.py
+++ b/src/cart.py
@@ -11,7 +11,8 @@ def total(items):
 one
 two
 three
-four
+FOUR
+FIVE
 five
 six
 seven
"""


def test_context_is_not_changed() -> None:
    changed = only(WITH_CONTEXT)
    assert (changed.path, changed.old_path, changed.known) == ("src/cart.py", "src/cart.py", True)
    assert added(changed) == [14, 15]
    assert deleted(changed) == [14]
    assert changed.hunks == ((14, 1, 14, 2),)


def test_base_and_head_are_carried_along() -> None:
    diff = parse(b"", "base", "head")
    assert (diff.base, diff.head, diff.files, diff.source) == ("base", "head", {}, "git")


def test_several_changes_in_one_hunk_are_told_apart() -> None:
    changed = only("--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n-a\n b\n+B\n c\n-d\n+D\n e\n")
    assert changed.hunks == ((1, 1, 0, 0), (2, 0, 2, 1), (4, 1, 4, 1))
    assert (added(changed), deleted(changed)) == ([2, 4], [1, 4])


def test_a_hunk_without_context_may_be_empty_on_one_side() -> None:
    changed = only(
        "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -3,0 +4,2 @@ f()\n+a\n+b\n@@ -9 +10,0 @@\n-c\n"
    )
    assert changed.hunks == ((3, 0, 4, 2), (9, 1, 10, 0))
    assert (added(changed), deleted(changed)) == ([4, 5], [9])


def test_lines_that_look_like_headers_are_lines() -> None:
    body = "--- a/fake\n+++ b/fake\n+@@ -1 +1 @@\n+diff --git a/evil b/evil\n+Binary files a and b differ\n"
    changed = only(f"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1,4 @@\n{body}")
    assert changed.known
    assert added(changed) == [1, 2, 3, 4]


def test_a_missing_newline_at_the_end_is_no_line() -> None:
    changed = only(
        "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n"
        "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    )
    assert changed.known
    assert changed.hunks == ((1, 1, 1, 1),)


def test_windows_line_ends_in_files_and_in_the_diff_itself_change_nothing() -> None:
    crlf = only(WITH_CONTEXT.replace("\n", "\r\n"))
    assert crlf == only(WITH_CONTEXT)


def test_context_lines_that_lost_their_space_still_count() -> None:
    changed = only("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n")
    assert changed.known
    assert added(changed) == [3]


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("rows", range(1, 9))
def test_a_hunk_that_is_cut_short_makes_its_file_unknown(rows: int, end: str) -> None:
    whole = WITH_CONTEXT.removesuffix("\n").split("\n")
    assert not only("\n".join(whole[: 4 + rows]) + end).known


def test_a_file_cut_short_does_not_hide_the_next() -> None:
    files = parse((WITH_CONTEXT[:-20] + "\n" + WITH_CONTEXT.replace("cart", "shop")).encode(), "", "").files
    assert {path: changed.known for path, changed in files.items()} == {"src/cart.py": False, "src/shop.py": True}


def test_a_header_whose_lines_are_missing_makes_its_file_unknown() -> None:
    assert not only("diff --git a/x b/x\nindex 1234567..89abcde 100644\n").known
    assert not only("diff --git a/x b/x\n--- a/x\n+++ b/x\n").known


@pytest.mark.parametrize(
    "hunks",
    [
        "@@ -1 +1 @@\n-a\n+b\n+c\n",
        "@@ -1,2 +1 @@\n-a\n+b\n",
        "@@ -5 +5 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n",
        "@@ -1 +1 @@\n-a\n+b\n@@ -5 +9 @@\n-a\n+b\n",
        "@@ -1 +1 @@\n-a\n+b\n@@ broken @@\n",
        "@@ -0 +0 @@\n-a\n+b\n",
        "@@@ -1 -1 +1 @@@\n- a\n",
        f"@@ -1,0 +{LINE_LIMIT + 1} @@\n+a\n",
        "@@ -1 +999999999,999999999 @@\n+a\n",
    ],
)
def test_hunks_that_contradict_themselves_make_their_file_unknown(hunks: str) -> None:
    assert not only(f"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n{hunks}").known


def test_a_combined_diff_is_unknown() -> None:
    diff = (
        "diff --cc src/x.py\nindex 1,2..3\n--- a/src/x.py\n+++ b/src/x.py\n@@@ -1,1 -1,1 +1,2 @@@\n"
        "--- gone\n+++ come\n@@ -1 +1 @@\n" + WITH_CONTEXT
    )
    files = parse(diff.encode(), "", "").files
    assert {path: changed.known for path, changed in files.items()} == {"src/x.py": False, "src/cart.py": True}


def test_a_new_file_has_no_old_path() -> None:
    changed = only(
        "diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    )
    assert (changed.path, changed.old_path, added(changed), changed.removed) == ("x", "", [1, 2], False)


def test_a_deleted_file_keeps_its_old_path() -> None:
    changed = only(
        "diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0000000\n--- a/x\n+++ /dev/null\n"
        "@@ -1,2 +0,0 @@\n-a\n-b\n"
    )
    assert (changed.path, changed.old_path, deleted(changed), changed.removed) == ("x", "x", [1, 2], True)
    assert carried(0b110, changed) == 0


@pytest.mark.parametrize("empty", ["e69de29", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"])
def test_an_empty_file_comes_and_goes_without_lines(empty: str) -> None:
    come = only(f"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..{empty}\n")
    gone = only(f"diff --git a/x b/x\ndeleted file mode 100644\nindex {empty}..0000000\n")
    assert (come.known, come.old_path, come.added) == (True, "", 0)
    assert (gone.known, gone.removed, gone.deleted) == (True, True, 0)


def test_a_change_of_mode_changes_no_line() -> None:
    changed = only("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n")
    assert (changed.known, changed.added, changed.deleted) == (True, 0, 0)


def test_a_pure_rename_changes_no_line() -> None:
    changed = only("diff --git a/a.py b/lib/b.py\nsimilarity index 100%\nrename from a.py\nrename to lib/b.py\n")
    assert (changed.path, changed.old_path, changed.known, changed.added) == ("lib/b.py", "a.py", True, 0)


def test_a_rename_with_changes() -> None:
    changed = only(
        "diff --git a/a.py b/b.py\nsimilarity index 90%\nrename from a.py\nrename to b.py\nindex 1..2 100644\n"
        "--- a/a.py\n+++ b/b.py\n@@ -2 +2 @@\n-a\n+b\n"
    )
    assert (changed.path, changed.old_path, added(changed), deleted(changed)) == ("b.py", "a.py", [2], [2])


def test_a_copy_is_a_new_file_that_differs_in_the_lines_shown() -> None:
    changed = only(
        "diff --git a/a.py b/b.py\nsimilarity index 90%\ncopy from a.py\ncopy to b.py\nindex 1..2 100644\n"
        "--- a/a.py\n+++ b/b.py\n@@ -2 +2 @@\n-a\n+b\n"
    )
    assert (changed.path, changed.old_path, added(changed)) == ("b.py", "", [2])


@pytest.mark.parametrize("content", ["Binary files a/x and b/x differ", "GIT binary patch\nliteral 3\nKcmZ=a\n"])
def test_binary_content_is_unknown(content: str) -> None:
    changed = only(f"diff --git a/x b/x\nindex 1..2 100644\n{content}\n")
    assert (changed.known, changed.binary, changed.path) == (False, True, "x")


def test_a_moved_submodule_is_unknown() -> None:
    changed = only(
        "diff --git a/lib b/lib\nindex 1..2 160000\n--- a/lib\n+++ b/lib\n@@ -1 +1 @@\n"
        "-Subproject commit 1\n+Subproject commit 2\n"
    )
    assert not changed.known
    assert not only("diff --git a/lib b/lib\nnew file mode 160000\nindex 0000000..2\n").known


def test_a_file_that_becomes_a_symlink_is_deleted_and_added() -> None:
    changed = only(
        "diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0000000\n--- a/x\n+++ /dev/null\n@@ -1,3 +0,0 @@\n"
        "-a\n-b\n-c\ndiff --git a/x b/x\nnew file mode 120000\nindex 0000000..2\n--- /dev/null\n+++ b/x\n"
        "@@ -0,0 +1 @@\n+target\n\\ No newline at end of file\n"
    )
    assert (changed.old_path, changed.known, changed.removed) == ("x", True, False)
    assert (added(changed), deleted(changed), changed.hunks) == ([1], [1, 2, 3], ((1, 3, 1, 1),))


def test_an_empty_file_that_becomes_an_empty_symlink_has_no_hunk() -> None:
    changed = only(
        "diff --git a/x b/x\ndeleted file mode 100644\nindex e69de29..0000000\n"
        "diff --git a/x b/x\nnew file mode 120000\nindex 0000000..e69de29\n"
    )
    assert (changed.old_path, changed.known, changed.hunks) == ("x", True, ())


def test_one_file_in_two_patches_is_unknown() -> None:
    assert not only(WITH_CONTEXT + WITH_CONTEXT).known


def test_a_mailed_patch_with_message_and_signature() -> None:
    mail = "From 1 Mon Sep 17\nSubject: x\n\n- a point\n+ another\n---\n x | 2 +-\n\n"
    files = parse((mail + WITH_CONTEXT + "-- \n2.39.5\n\n" + mail).encode(), "", "").files
    assert added(files["src/cart.py"]) == [14, 15]
    assert files["src/cart.py"].known


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("--- old/src/x.py\t2026-01-01 00:00:00", "+++ new/src/x.py\t2026-01-02 00:00:00", "src/x.py"),
        ("--- src/x.py.orig\t2026-01-01", "+++ src/x.py\t2026-01-02", "src/x.py"),
        ("--- src/x.py", "+++ src/x.py", "src/x.py"),
        ("--- a/src/x y.py\t", "+++ b/src/x y.py\t", "src/x y.py"),
        ('--- "a/\\303\\274.py"', '+++ "b/\\303\\274.py"', "ü.py"),
    ],
)
def test_a_plain_diff_without_git_headers(old: str, new: str, path: str) -> None:
    changed = only(f"Only in new: y\ndiff -ru old new\n{old}\n{new}\n@@ -1 +1 @@\n-a\n+b\n")
    assert (changed.path, changed.old_path, added(changed)) == (path, path, [1])


def test_a_plain_diff_of_a_new_a_deleted_and_a_renamed_file() -> None:
    new = only("--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+a\n")
    gone = only("--- x.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
    renamed = only("--- a/x.py\n+++ b/y.py\n@@ -1 +1 @@\n-a\n+b\n")
    assert (new.path, new.old_path) == ("x.py", "")
    assert (gone.path, gone.removed) == ("x.py", True)
    assert (renamed.path, renamed.old_path) == ("y.py", "x.py")


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("a/x b/x", "x"),
        ("a/with space b/with space", "with space"),
        ("a/x b/x b/x b/x", "x b/x"),
        ("i/x w/x", "x"),
        ("src/x.py src/x.py", "src/x.py"),
        ('"a/tab\\there" "b/tab\\there"', "tab\there"),
        ('"a/q\\"uo\\\\te\\n" "b/q\\"uo\\\\te\\n"', 'q"uo\\te\n'),
        ('"a/\\303\\274\\a\\b\\v\\f\\r" "b/\\303\\274\\a\\b\\v\\f\\r"', "ü\a\b\v\f\r"),
    ],
)
def test_names_in_the_header(header: str, path: str) -> None:
    assert only(f"diff --git {header}\nold mode 100644\nnew mode 100755\n").path == path


@pytest.mark.parametrize("header", ["left/x other/xy", "x", 'a/x "b/x y"'])
def test_a_header_that_names_no_file_relies_on_the_rows_below(header: str) -> None:
    diff = f"diff --git {header}\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
    assert only(diff).path == "x.py"
    assert parse(f"diff --git {header}\nold mode 100644\n".encode(), "", "").files == {}


def test_bytes_that_are_no_text_survive_in_names() -> None:
    changed = only(b"diff --git a/\xff b/\xff\nold mode 100644\nnew mode 100755\n")
    assert os.fsencode(changed.path) == b"\xff"


@given(st.binary(max_size=400))
def test_no_bytes_make_the_parser_raise(data: bytes) -> None:
    parse(data, "", "")


@settings(max_examples=60)
@given(st.data())
def test_no_damaged_diff_makes_the_parser_raise(data: st.DataObject) -> None:
    rows = WITH_CONTEXT.encode().split(b"\n")
    kept = data.draw(st.lists(st.sampled_from(rows), max_size=30))
    for changed in parse(b"\n".join(kept), "", "").files.values():
        if changed.known:
            carried(lines_of(range(1, 50)), changed)


# What follows holds the parser against git itself and against Python's difflib, whose answers are independent of it.

LINES = st.lists(st.sampled_from(["a", "b", "c", "-- x", "++ y", "", "@@ -1 +1 @@", "\\ z"]), max_size=14)


def unified(old: list[str], new: list[str], context: int) -> bytes:
    rows = list(difflib.unified_diff(old, new, "a/x", "b/x", n=context, lineterm=""))
    return "".join(f"{row}\n" for row in rows).encode()


@given(LINES, LINES, st.integers(0, 4))
def test_any_two_texts_any_context(old: list[str], new: list[str], context: int) -> None:
    files = parse(unified(old, new, context), "", "").files
    if old == new:
        assert files == {}
        return
    changed = files["x"]
    assert changed.known
    kept_old = [line for number, line in enumerate(old, 1) if not changed.deleted >> number & 1]
    kept_new = [line for number, line in enumerate(new, 1) if not changed.added >> number & 1]
    assert kept_old == kept_new
    for number, line in enumerate(old, 1):
        at = list(numbers_of(carried(1 << number, changed)))
        assert bool(at) is not bool(changed.deleted >> number & 1)
        assert [new[place - 1] for place in at] == [line] * len(at)
    every = carried(lines_of(range(1, len(old) + 1)), changed)
    assert every == lines_of(range(1, len(new) + 1)) & ~changed.added


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a.py", "b c.py", "sub/ü.py", 'q"t\t.py']), st.tuples(LINES, LINES), min_size=1),
    st.sampled_from(["-U0", "-U3"]),
)
def test_git_itself_agrees(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, tuple[list[str], list[str]]], context: str
) -> None:
    folder = tmp_path_factory.mktemp("repository")
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments: str) -> bytes:
        settings = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        return subprocess.run(
            ["git", *settings, *arguments], cwd=folder, env=environment, check=True, capture_output=True
        ).stdout

    git("init", "-q")
    shas = []
    for side in (0, 1):
        for name, pair in texts.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("".join(f"{line}\n" for line in pair[side]))
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "x")
        shas.append(git("rev-parse", "HEAD").decode().strip())
    raw = Git(folder).diff(*shas) if context == "-U0" else git("diff", context, *shas)
    files = parse(raw, *shas).files
    numstat = git("diff", "--numstat", "-z", *shas).decode().split("\0")
    expected = {name: (int(plus), int(minus)) for plus, minus, name in (row.split("\t", 2) for row in numstat if row)}
    assert all(changed.known for changed in files.values())
    assert {
        path: (changed.added.bit_count(), changed.deleted.bit_count()) for path, changed in files.items()
    } == expected
    for path, changed in files.items():
        old, new = texts[path]
        assert [old[n - 1] for n in range(1, len(old) + 1) if not changed.deleted >> n & 1] == [
            new[n - 1] for n in range(1, len(new) + 1) if not changed.added >> n & 1
        ]


def test_lines_of_an_unknown_file_cannot_be_carried() -> None:
    with pytest.raises(ValueError, match=r"the changed lines of x\.py are unknown"):
        carried(0b10, ChangedFile("x.py", "x.py", known=False))


def seconds_for(hunks: int) -> float:
    """The processor time to read a diff of that many hunks and to carry every line of its file over."""
    diff = "--- a/x\n+++ b/x\n" + "".join(f"@@ -{n * 10} +{n * 10} @@\n-a\n+b\n" for n in range(1, hunks + 1))
    began = time.process_time()
    changed = only(diff)
    kept = carried((1 << (hunks * 10 + 1)) - 2, changed)
    took = time.process_time() - began
    assert (changed.added.bit_count(), kept.bit_count()) == (hunks, hunks * 9)
    return took


def test_a_long_file_with_many_hunks_is_linear() -> None:
    small = min(seconds_for(5_000) for _ in range(3))
    assert seconds_for(40_000) < 30 * small, "8 times as much; quadratic would be 64"


# GitHub's API


def test_github_names_what_it_knows() -> None:
    patch = WITH_CONTEXT[WITH_CONTEXT.index("@@") :].removesuffix("\n")
    entries = [
        {"filename": "m.py", "status": "modified", "additions": 2, "deletions": 1, "changes": 3, "patch": patch},
        {"filename": "n.py", "status": "renamed", "previous_filename": "o.py", "changes": 0},
        {"filename": "new.py", "status": "added", "additions": 1, "changes": 1, "patch": "@@ -0,0 +1 @@\n+a"},
        {
            "filename": "gone.py",
            "status": "removed",
            "deletions": 1,
            "changes": 1,
            "patch": "@@ -1 +0,0 @@\n-a\n\\ No newline at end of file",
        },
        {"filename": "copy.py", "status": "copied", "previous_filename": "m.py", "changes": 0},
        {"filename": "same.py", "status": "unchanged", "changes": 0},
        {"filename": "image.png", "status": "added", "additions": 0, "changes": 0},
    ]
    diff = from_api(entries, "base", "head")
    assert (diff.source, diff.base, diff.head) == ("api", "base", "head")
    assert all(changed.known for changed in diff.files.values())
    assert {path: (f.old_path, added(f), deleted(f), f.removed) for path, f in diff.files.items()} == {
        "m.py": ("m.py", [14, 15], [14], False),
        "n.py": ("o.py", [], [], False),
        "new.py": ("", [1], [], False),
        "gone.py": ("gone.py", [], [1], True),
        "copy.py": ("", [], [], False),
        "image.png": ("", [], [], False),
    }


@pytest.mark.parametrize(
    "entry",
    [
        {"status": "modified", "changes": 2081},
        {"status": "modified", "changes": 2081, "patch": None},
        {"status": "modified"},
        {"status": "renamed", "changes": 0},
        {"status": "modified", "additions": 2, "deletions": 0, "changes": 2, "patch": "@@ -0,0 +1 @@\n+a"},
        {"status": "modified", "additions": 1, "deletions": 1, "changes": 2, "patch": "@@ -0,0 +1 @@\n+a"},
        {"status": "modified", "additions": 2, "deletions": 0, "changes": 2, "patch": "@@ -0,0 +1,2 @@\n+a"},
        {"status": "modified", "additions": 1, "deletions": 0, "changes": 1, "patch": "[too large]"},
    ],
)
def test_a_patch_that_github_left_out_or_shortened_is_unknown_never_unchanged(entry: dict[str, object]) -> None:
    (changed,) = from_api([{"filename": "x.py", **entry}]).files.values()
    assert not changed.known


@pytest.mark.parametrize("entry", [{}, {"filename": None}, {"filename": ""}, {"filename": 3}])
def test_an_entry_without_a_name_is_unreadable(entry: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match="an entry without a file name"):
        from_api([entry])


@pytest.mark.parametrize(
    ("header", "symlink"),
    [
        ("new file mode 120000\nindex 0000000..2\n--- /dev/null\n", True),
        ("index 1..2 120000\n--- a/x.py\n", True),
        ("index 1..2 100644\n--- a/x.py\n", False),
        ("new file mode 100644\nindex 0000000..2\n--- /dev/null\n", False),
    ],
)
def test_a_symbolic_link_is_told_from_a_source_file(header: str, symlink: bool) -> None:
    old = "@@ -0,0 +1 @@\n" if "/dev/null" in header else "@@ -1 +1 @@\n-b\n"
    text = f"diff --git a/x.py b/x.py\n{header}+++ b/x.py\n{old}+a\n"
    changed = only(text)
    assert (changed.symlink, changed.known) == (symlink, True)
    assert unmeasured(Diff("", "", {"x.py": changed}), {"y.py": a_file("y.py", [1])}) == (() if symlink else ("x.py",))
