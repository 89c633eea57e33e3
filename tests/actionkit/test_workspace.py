"""The workspace door finds what is meant, names what it leaves out, and never leaves the workspace."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit import globs
from actionkit.errors import InputError, Unreadable, UsageError
from actionkit.workspace import Found, Refused, Workspace


def tree(root: Path, *paths: str) -> Workspace:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    return Workspace(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with something outside it to escape to."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.xml").write_text("secret")
    (tmp_path / "ws").mkdir()
    return tmp_path / "ws"


def found(root: Path, *patterns: str) -> tuple[str, ...]:
    return Workspace(root).find(patterns).paths


def test_globs_find_files_sorted_and_once(root: Path) -> None:
    tree(root, "b/x.xml", "a/x.xml", "x.xml", "x.txt", "a/deep/er/y.xml")
    assert found(root, "**/*.xml", "a/x.xml", "*.xml") == ("a/deep/er/y.xml", "a/x.xml", "b/x.xml", "x.xml")
    assert found(root, "*/x.xml") == ("a/x.xml", "b/x.xml")
    assert found(root, "{a,b}/[x-y].xm?") == ("a/x.xml", "b/x.xml")
    assert found(root, "a/") == ("a/deep/er/y.xml", "a/x.xml")
    assert found(root, "./a//x.xml") == ("a/x.xml",)


def test_a_glob_that_finds_nothing_is_named(root: Path) -> None:
    tree(root, "coverage.xml")
    assert Workspace(root).find(["coverage.xml", "**/*.info", "!**/old/*"]) == Found(("coverage.xml",), ("**/*.info",))


def test_exclusions_count_in_order(root: Path) -> None:
    tree(root, "a.xml", "old/b.xml", "old/keep.xml")
    assert found(root, "**/*.xml", "!old", "old/keep.xml") == ("a.xml", "old/keep.xml")
    assert found(root, "!old", "**/*.xml") == ("a.xml", "old/b.xml", "old/keep.xml")


def test_hidden_files_are_found_only_if_named(root: Path) -> None:
    tree(root, ".coverage", "pkg/.coverage.host.1", ".hidden/a.xml", "coverage/.resultset.json", "a.xml")
    assert found(root, "**/*") == ("a.xml",)
    assert found(root, "**/.coverage*") == (".coverage", "pkg/.coverage.host.1")
    assert found(root, "coverage/.resultset.json") == ("coverage/.resultset.json",)
    assert found(root, ".hidden/*.xml") == (".hidden/a.xml",)
    assert found(root, ".*/*.xml") == (".hidden/a.xml",)


def test_git_and_node_modules_are_searched_only_if_named(root: Path) -> None:
    tree(root, ".git/a.xml", "node_modules/p/a.xml", "lib/node_modules/a.xml", "a.xml")
    assert found(root, "**/a.xml", "*/p/a.xml", ".*/a.xml") == ("a.xml",)
    assert found(root, "node_modules/**/a.xml") == ("node_modules/p/a.xml",)
    assert found(root, "**/node_modules/a.xml") == ("lib/node_modules/a.xml",)
    assert found(root, ".git/a.xml") == (".git/a.xml",)


def test_absolute_paths_inside_are_accepted_however_they_are_spelled(root: Path, tmp_path: Path) -> None:
    tree(root, "out/a.xml")
    (tmp_path / "also").symlink_to(root)
    for spelled in (root, tmp_path / "also", "/github/workspace", "/home/runner/work/r/r", "/__w/r/r"):
        assert Workspace(tmp_path / "also").find([f"{spelled}/out/*.xml", f"!{spelled}/new/*"]).paths == ("out/a.xml",)
        assert Workspace(tmp_path / "also").relative(f"{spelled}/out/a.xml") == "out/a.xml"
    assert Workspace(root).relative(str(root)) == "."


def test_paths_outside_are_refused(root: Path, tmp_path: Path) -> None:
    shown = Workspace(root).find([f"{tmp_path}/outside/*.xml", "/etc/passwd"])
    assert shown.paths == ()
    assert shown.unmatched == (f"{tmp_path}/outside/*.xml", "/etc/passwd")
    assert {refused.path for refused in shown.refused} == set(shown.unmatched)
    with pytest.raises(InputError, match="leaves the workspace"):
        Workspace(root).find(["../outside/*.xml"])


def test_links_to_outside_are_refused_by_name(root: Path) -> None:
    (root / "file.xml").symlink_to("../outside/secret.xml")
    (root / "folder").symlink_to("../outside")
    (root / "elsewhere.txt").symlink_to("/etc/passwd")
    shown = Workspace(root).find(["**/*.xml", "folder/*.xml"])
    assert shown.paths == ()
    assert shown.refused == (
        Refused("file.xml", "is a link to outside the workspace"),
        Refused("folder", "is a link to outside the workspace"),
    )
    assert Workspace(root).find(["**/*.xml", "!folder", "!file.xml"]).refused == ()


def test_links_inside_are_followed_where_they_are_named(root: Path) -> None:
    tree(root, "real/a.xml")
    (root / "link").symlink_to("real")
    (root / "b.xml").symlink_to("real/a.xml")
    assert found(root, "link/*.xml") == ("link/a.xml",)
    assert found(root, "link/**/*.xml") == ("link/a.xml",)
    assert found(root, "**/*.xml") == ("real/a.xml",), "one file, under its own name"
    assert found(root, "link/*.xml", "real/*.xml") == ("real/a.xml",)


def test_loops_and_broken_links_do_no_harm(root: Path) -> None:
    tree(root, "a/x.xml")
    (root / "a" / "up").symlink_to("..")
    (root / "a" / "self.xml").symlink_to("self.xml")
    (root / "gone.xml").symlink_to("missing.xml")
    shown = Workspace(root).find(["**/*.xml", "*/*/*/x.xml"])
    assert shown.paths == ("a/x.xml",)
    assert [refused.path for refused in shown.refused] == ["a/self.xml", "gone.xml"]
    assert shown.refused[1].reason == "no such file or directory"
    assert found(root, "*/*/*/x.xml") == ("a/up/a/x.xml",)


def test_a_folder_is_no_file_and_the_reason_says_what_to_write(root: Path) -> None:
    tree(root, "reports/a.xml")
    shown = Workspace(root).find(["reports"])
    assert shown == Found((), ("reports",), (Refused("reports", "is a folder; add `/**` for what is in it"),))


def test_special_files_are_refused_without_waiting(root: Path) -> None:
    os.mkfifo(root / "pipe.xml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket.xml"))
        door = Workspace(root)
        shown = door.find(["*.xml"])
        assert shown.refused == (Refused("pipe.xml", "is a pipe"), Refused("socket.xml", "is a socket"))
        for name, reason in {
            "pipe.xml": "is a pipe",
            "socket.xml": "no such device or address",
            ".": "is a folder",
        }.items():
            with pytest.raises(Unreadable, match=reason):
                door.read(name)


def test_odd_names_are_found_and_read(root: Path) -> None:
    for name in ("new\nline.xml", "::error::.xml", "esc\x1b[31m.xml", "b ö 漢.xml"):
        (root / name).write_text(name)
    (root / os.fsdecode(b"bytes\xff.xml")).write_text("bytes")
    door = Workspace(root)
    shown = door.find(["*.xml"])
    assert len(shown.paths) == 5
    assert {door.text(path).text for path in shown.paths} == {
        "new\nline.xml", "::error::.xml", "esc\x1b[31m.xml", "b ö 漢.xml", "bytes"
    }  # fmt: skip
    with pytest.raises(Unreadable) as refused:
        door.read("gone\n::error::.xml")
    assert str(refused.value) == "gone ::error::.xml: no such file or directory"


def test_a_folder_that_cannot_be_listed_is_named(root: Path) -> None:
    assert Workspace(root / "gone").find(["*"]).refused == (Refused(".", "no such file or directory"),)


def test_the_search_ends_and_says_so(root: Path) -> None:
    tree(root, *(f"{n}.xml" for n in range(11)))
    assert "ended after 10 files and folders" in Workspace(root).find(["**/*.xml"], entries=10).truncated
    assert Workspace(root).find(["**/*.xml"], entries=11).truncated == ""


def test_what_is_left_out_for_good_is_not_even_searched(root: Path) -> None:
    tree(root, "a.xml", *(f"vendor/{n}.xml" for n in range(20)))
    assert Workspace(root).find(["**/*.xml", "!vendor"], entries=10) == Found(("a.xml",))
    assert found(root, "**/*.xml", "!vendor", "**/*.xml")[:2] == ("a.xml", "vendor/0.xml")


def test_the_search_does_not_go_deeper_than_it_says(root: Path) -> None:
    tree(root, "/".join(["d"] * 63) + "/in.xml", "e/" + "/".join(["d"] * 70) + "/out.xml", "z.xml")
    shown = Workspace(root).find(["**/*.xml"])
    assert [path[-6:] for path in shown.paths] == ["in.xml"[-6:], "z.xml"]
    assert "deeper than 64 folders" in shown.truncated


NAMES = st.sampled_from(["a", "b.xml", ".h", "node_modules", "c d"])


@given(
    files=st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=8),
    segments=st.lists(st.sampled_from(["**", "*", "a", "*.xml", ".*", "{a,.h}"]), min_size=1, max_size=4),
)
def test_what_is_found_is_there_and_matches(
    files: list[str], segments: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("ws")
    made = []
    for path in files:
        try:
            tree(root, path)
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            continue
        made.append(path)
    pattern = "/".join(segments)
    paths = found(root, pattern)
    assert list(paths) == sorted(set(paths))
    assert set(paths) <= {path for path in made if globs.parse(pattern).matches(path)}
    plain = {path for path in made if not any(part in (".h", "node_modules") for part in path.split("/"))}
    assert {path for path in plain if globs.parse(pattern).matches(path)} <= set(paths)


def test_a_file_is_read_up_to_a_limit(root: Path) -> None:
    door = tree(root, "a")
    (root / "big").write_bytes(b"x" * 1001)
    assert door.read("a") == b"a"
    assert len(door.read("big", limit=1001)) == 1001
    with pytest.raises(Unreadable, match="big: is larger than 1,000 bytes"):
        door.read("big", limit=1000)


def test_a_file_that_grows_while_it_is_read_is_still_limited() -> None:
    # /proc files state a size of 0 and hold more: the same as a file that grew.
    with pytest.raises(Unreadable, match="is larger than 10 bytes"):
        Workspace(Path("/proc/self")).read("status", limit=10)


@pytest.mark.parametrize("path", ["../outside/secret.xml", "/etc/passwd", "link.xml", "folder/secret.xml", "a\0b"])
def test_nothing_outside_is_read_or_written(root: Path, path: str) -> None:
    (root / "link.xml").symlink_to("../outside/secret.xml")
    (root / "folder").symlink_to("../outside")
    with pytest.raises(Unreadable, match="is outside the workspace"):
        Workspace(root).read(path)
    if path != "link.xml":
        with pytest.raises(UsageError, match="outside the workspace") as refused:
            Workspace(root).write(path, b"new")
        assert refused.value.complaints[0].fix
    assert (root.parent / "outside" / "secret.xml").read_text() == "secret"
    assert len(list((root.parent / "outside").iterdir())) == 1


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [(b"plain", "plain", "utf-8"), ("\ufeffmarked".encode(), "marked", "utf-8"), ("ö".encode("utf-16"), "ö", "utf-16"),
     (b"\xfe\xff\x00a", "a", "utf-16"), (b"caf\xe9", "café", "latin-1"), (b"", "", "utf-8")],
)  # fmt: skip
def test_text_is_decoded_by_what_it_says(root: Path, data: bytes, text: str, encoding: str) -> None:
    (root / "f").write_bytes(data)
    assert Workspace(root).text("f") == (text, encoding)


def test_half_of_a_utf_16_file_is_unreadable(root: Path) -> None:
    (root / "f").write_bytes(b"\xff\xfea")
    with pytest.raises(Unreadable, match="f: starts like UTF-16 but is not"):
        Workspace(root).text("f")


def test_writing_makes_folders_and_replaces_in_one_step(root: Path) -> None:
    door = Workspace(root)
    assert door.write("./out/deep/a.json", b"one") == "out/deep/a.json"
    assert door.write(f"{root}/out/deep/a.json", b"two") == "out/deep/a.json"
    assert (root / "out/deep/a.json").read_bytes() == b"two"
    assert [path.name for path in (root / "out/deep").iterdir()] == ["a.json"]


def test_what_is_written_belongs_to_the_workspaces_owner_and_can_be_read_by_all(root: Path) -> None:
    if os.geteuid() == 0:
        os.chown(root, 1234, 1234)
    Workspace(root).write("out/deep/a", b"")
    for path in (root / "out", root / "out/deep", root / "out/deep/a"):
        assert (path.stat().st_uid, path.stat().st_gid) == (root.stat().st_uid, root.stat().st_gid)
    assert stat.S_IMODE((root / "out/deep/a").stat().st_mode) & 0o444 == 0o444


def test_a_link_at_the_target_is_replaced_not_followed(root: Path) -> None:
    (root / "a").symlink_to("../outside/secret.xml")
    Workspace(root).write("a", b"new")
    assert not (root / "a").is_symlink()
    assert (root / "a").read_bytes() == b"new"
    assert (root.parent / "outside/secret.xml").read_text() == "secret"


@pytest.mark.parametrize("path", [".", "dir", "file/below"])
def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(root: Path, path: str) -> None:
    tree(root, "dir/a", "file")
    before = sorted(root.rglob("*"))
    with pytest.raises(UsageError, match=f"cannot write `{path}`") as refused:
        Workspace(root).write(path, b"x")
    assert refused.value.complaints[0].fix
    assert sorted(root.rglob("*")) == before


@pytest.fixture
def read_only() -> Path:
    """A folder nobody can write to, not even root."""
    return Path("/proc/self")


def test_a_read_only_workspace_is_said(read_only: Path) -> None:
    with pytest.raises(UsageError) as refused:
        Workspace(read_only).write("out.json", b"{}")
    (complaint,) = refused.value.complaints
    assert complaint.message.startswith("cannot write `out.json`: ")
    assert "writable" in complaint.fix
