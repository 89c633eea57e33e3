"""Hashes, trees and histories are git's own."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.github import EmbeddedGitHub, Repository
from sandbox.github.gitimport import ImportFailedError
from sandbox.github.gitobjects import EMPTY_TREE, EXECUTABLE, FILE, Entry, ObjectStore, Signature

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def git(folder: Path, *arguments: str) -> str:
    who = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org", "GIT_AUTHOR_DATE": "1763000000 +0130"}
    who |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in who.items()}
    who |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
    done = subprocess.run(["git", "-C", str(folder), *arguments], env=who, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a folder, an executable, a symlink, a merge and an annotated tag, made by git."""
    git(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "übung.py").write_text("print('hi')\n", encoding="utf-8")
    (tmp_path / "src.txt").write_text("sorts before the folder src/ in bytes, after it as a name\n")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("run.sh")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "First\n\nwith a body")
    git(tmp_path, "checkout", "-q", "-b", "side")
    (tmp_path / "side.txt").write_text("side\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "Side")
    git(tmp_path, "checkout", "-q", "trunk")
    git(tmp_path, "merge", "-q", "--no-ff", "-m", "Merge side", "side")
    git(tmp_path, "tag", "-a", "v1", "-m", "Version 1")
    return tmp_path


def test_the_hash_of_a_blob_is_gits() -> None:
    store = ObjectStore()
    assert store.add("blob", b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert store.add_tree({}) == EMPTY_TREE


def test_an_imported_repository_keeps_every_hash(checkout: Path, hub: EmbeddedGitHub) -> None:
    repository = hub.repository("org/real")
    assert repository.empty
    repository.import_git(checkout)
    assert repository.default_branch == "trunk"
    assert repository.tip() == git(checkout, "rev-parse", "HEAD")
    assert repository.resolve("v1") == git(checkout, "rev-parse", "v1^{commit}")
    assert repository.read("src/übung.py") == b"print('hi')\n"
    commit = repository.objects.commit(repository.tip())
    assert commit.parents == tuple(git(checkout, "rev-parse", "HEAD^1", "HEAD^2").split())
    assert commit.author == Signature("Ann", "ann@example.org", commit.author.when)
    assert commit.author.when.utcoffset() == timedelta(hours=1, minutes=30)


def test_a_tree_and_a_commit_written_anew_hash_as_git_made_them(checkout: Path, hub: EmbeddedGitHub) -> None:
    repository = hub.repository("org/real")
    repository.import_git(checkout)
    objects = repository.objects
    old = objects.commit(objects.commit(repository.tip()).parents[0])
    tree = objects.edit(objects.add_tree({}), dict(objects.files(old.tree)))
    assert tree == git(checkout, "rev-parse", "HEAD~1^{tree}")
    made = objects.add_commit(
        tree=tree, parents=old.parents, author=old.author, committer=old.committer, message=old.message
    )
    assert made.sha == old.sha


def test_a_folder_that_is_no_repository_is_refused_with_gits_words(tmp_path: Path, hub: EmbeddedGitHub) -> None:
    with pytest.raises(ImportFailedError, match="not a git repository"):
        hub.repository("org/real").import_git(tmp_path)


def test_a_repository_with_other_hashes_and_a_machine_without_git_are_told(
    tmp_path: Path, hub: EmbeddedGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "First")
    with pytest.raises(ImportFailedError, match="does not hash to its name"):
        hub.repository("org/real").import_git(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImportFailedError, match="git is not installed"):
        hub.repository("org/other").import_git(tmp_path)


def test_a_detached_checkout_leaves_the_default_branch(checkout: Path, hub: EmbeddedGitHub) -> None:
    git(checkout, "checkout", "-q", "--detach")
    repository = hub.repository("org/real", default_branch="trunk")
    repository.import_git(checkout)
    assert repository.tip() == git(checkout, "rev-parse", "trunk")


def test_the_signature_of_a_signed_commit_is_no_part_of_its_message() -> None:
    store = ObjectStore()
    person = Signature("Ann", "a@b", NOON).encode()
    signed = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n author Eve <e@e> 1 +0000\n -----END PGP SIGNATURE-----"
    text = f"tree {EMPTY_TREE}\nauthor {person}\ncommitter {person}\n{signed}\n\nMessage\n\nwith a body\n"
    commit = store.commit(store.add("commit", text.encode()))
    assert (commit.author.name, commit.message) == ("Ann", "Message\n\nwith a body\n")


def test_an_unknown_object_is_a_key_error_whatever_is_asked() -> None:
    store = ObjectStore()
    sha = store.add("blob", b"x")
    with pytest.raises(KeyError):
        store.commit(sha)
    with pytest.raises(KeyError):
        store.tree("0" * 40)


@pytest.mark.parametrize("line", ["nobody", "a <b> yesterday +0000", "a <b> 1 0000"])
def test_a_line_that_no_git_writes_is_no_signature(line: str) -> None:
    with pytest.raises(ValueError, match="not a git signature"):
        Signature.parse(line)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=8
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@given(paths=st.sets(PATHS, max_size=12), data=st.data())
@settings(max_examples=50)
def test_what_is_put_into_a_tree_is_found_there_and_removing_it_undoes_it(paths: set[str], data: st.DataObject) -> None:
    kept = {path for path in paths if not any(other.startswith(f"{path}/") for other in paths)}
    store = ObjectStore()
    wanted = {
        path: Entry(data.draw(st.sampled_from([FILE, EXECUTABLE])), store.add("blob", path.encode())) for path in kept
    }
    tree = store.edit(store.add_tree({}), wanted)
    assert store.files(tree) == wanted
    assert all(store.find(tree, path) == entry for path, entry in wanted.items())
    assert store.edit(tree, dict.fromkeys(wanted)) == EMPTY_TREE


@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="<>\n\0"), max_size=10).map(str.strip),
    seconds=st.integers(0, 2**32),
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_a_signature_survives_being_written_and_read(name: str, seconds: int, minutes: int) -> None:
    when = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    written = Signature(name, "a@b", when)
    assert Signature.parse(written.encode()) == written


def test_removing_what_is_not_there_is_a_key_error() -> None:
    store = ObjectStore()
    with pytest.raises(KeyError):
        store.edit(store.add_tree({}), {"a/b": None})


def test_the_merge_base_is_where_two_branches_left_each_other(shop: Repository) -> None:
    start = shop.tip()
    left = shop.commit({"a": "1"}, branch="left")
    right = shop.commit({"b": "1"}, branch="right", start=start)
    merge = shop.record(shop.objects.commit(left).tree, [left, right], "Merge", shop.owner).sha
    assert shop.objects.merge_base(left, right) == start
    assert shop.objects.merge_base(merge, right) == right
    orphan = shop.record(shop.objects.add_tree({}), [], "Orphan", shop.owner).sha
    assert shop.objects.merge_base(left, orphan) is None
    order = [commit.sha for commit in shop.objects.history(merge)]
    assert order[0] == merge
    assert order[-1] == start


def test_a_hash_may_be_abbreviated_while_it_is_unique(shop: Repository) -> None:
    tip = shop.tip()
    assert shop.resolve(tip[:10]) == tip
    assert shop.resolve("heads/main") == shop.resolve("refs/heads/main") == shop.resolve("main") == tip
    assert shop.resolve("nowhere") is None
    assert shop.resolve("0" * 40) is None


def test_asking_for_what_a_repository_lacks_says_so(shop: Repository) -> None:
    with pytest.raises(LookupError, match="no branch 'gone'"):
        shop.tip("gone")
    with pytest.raises(LookupError, match="no file 'gone'"):
        shop.read("gone")
    with pytest.raises(LookupError, match="no file 'src'"):
        shop.read("src")


def test_a_changed_file_stays_executable_and_a_removed_one_is_gone(shop: Repository) -> None:
    sha = shop.objects.add("blob", b"#!/bin/sh\n")
    tree = shop.objects.edit(shop.objects.commit(shop.tip()).tree, {"run.sh": Entry(EXECUTABLE, sha)})
    shop.move("refs/heads/main", shop.record(tree, [shop.tip()], "Add", shop.owner).sha)
    shop.commit({"run.sh": b"#!/bin/bash\n", "README.md": None})
    entries = shop.objects.files(shop.objects.commit(shop.tip()).tree)
    assert entries["run.sh"].mode == EXECUTABLE
    assert "README.md" not in entries
