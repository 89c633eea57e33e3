"""The git door: right answers from any checkout, and nothing of a hostile one is run or believed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from actionkit.git import Git, GitFailed

Run = Callable[..., str]

QUIET = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "1700000000 +0100",
    "GIT_COMMITTER_DATE": "1700000000 +0100",
}


def runner_in(folder: Path) -> Run:
    def run(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=folder, env=QUIET, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return run


def plain(folder: Path, *arguments: str) -> None:
    """Git as it comes, whatever becomes of it."""
    subprocess.run(["git", *arguments], cwd=folder, env=QUIET, check=False, capture_output=True, timeout=20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    repository = tmp_path / "repository"
    repository.mkdir()
    runner_in(repository)("init", "-q", "-b", "main")
    return repository


@pytest.fixture
def run(folder: Path) -> Run:
    return runner_in(folder)


def commit(folder: Path, files: dict[str, str], message: str = "change") -> str:
    run = runner_in(folder)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    run("add", "-A")
    run("commit", "-q", "--allow-empty", "-m", message)
    return run("rev-parse", "HEAD")


def test_a_folder_that_is_no_repository_is_not_available(tmp_path: Path) -> None:
    git = Git(tmp_path)
    assert git.available() is False
    with pytest.raises(GitFailed, match="`git ls-files` failed: fatal: not a git repository"):
        git.tracked_files()


def test_without_git_nothing_is_available(folder: Path, tmp_path: Path) -> None:
    git = Git(folder, executable=tmp_path / "no-git")
    assert git.available() is False
    with pytest.raises(GitFailed, match=r"git cannot be started: No such file or directory\."):
        git.is_shallow()


def test_a_machine_without_git_on_its_path_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(GitFailed, match="git is not installed here"):
        Git(folder).tracked_files()


def test_tracked_files_are_those_of_the_index_by_their_exact_names(folder: Path) -> None:
    names = {"a.py": "", "with space.py": "", "sub/ünïcode.py": "", 'quo"te.py': "", "tab\tand\nnewline.py": ""}
    commit(folder, names)
    (folder / "untracked.py").write_text("")
    assert sorted(Git(folder).tracked_files()) == sorted(names)


def test_from_a_subfolder_paths_still_start_at_the_top(folder: Path) -> None:
    commit(folder, {"top.py": "1\n", "sub/inner.py": "1\n"})
    git = Git(folder / "sub")
    assert git.available()
    assert sorted(git.tracked_files()) == ["sub/inner.py", "top.py"]
    assert git.blob("HEAD", "sub/inner.py") == b"1\n"


def test_history_is_told_by_sha(folder: Path, run: Run) -> None:
    first = commit(folder, {"a.py": "1\n"})
    second = commit(folder, {"a.py": "2\n"})
    git = Git(folder)
    assert git.resolve("HEAD") == second
    assert git.resolve("main~1") == first
    assert git.parents("HEAD") == [first]
    assert git.parents(first) == []
    assert git.ancestors("HEAD", 10) == [second, first]
    assert git.ancestors("HEAD", 1) == [second]
    assert git.committed_at("HEAD") == 1_700_000_000.0
    assert git.has_commit(first) is True
    assert git.has_commit("1" * 40) is False
    assert git.is_shallow() is False


def test_a_merge_has_its_parents_in_order_and_a_merge_base(folder: Path, run: Run) -> None:
    base = commit(folder, {"a.py": "1\n"})
    run("checkout", "-q", "-b", "topic")
    topic = commit(folder, {"b.py": "1\n"})
    run("checkout", "-q", "main")
    main = commit(folder, {"c.py": "1\n"})
    run("merge", "-q", "--no-ff", "-m", "merge", "topic")
    git = Git(folder)
    assert git.parents("HEAD") == [main, topic]
    assert git.merge_base(main, topic) == base
    assert git.merge_base(main, "2" * 40) is None
    assert git.merge_base("3" * 40, main) is None


def test_unrelated_histories_have_no_merge_base(folder: Path, run: Run) -> None:
    main = commit(folder, {"a.py": "1\n"})
    run("checkout", "-q", "--orphan", "other")
    other = commit(folder, {"b.py": "1\n"})
    assert Git(folder).merge_base(main, other) is None


def test_a_shallow_clone_knows_the_parents_it_does_not_hold(folder: Path, tmp_path: Path, run: Run) -> None:
    first = commit(folder, {"a.py": "1\n"})
    commit(folder, {"a.py": "2\n"})
    run("clone", "-q", "--depth=1", f"file://{folder}", str(tmp_path / "shallow"))
    git = Git(tmp_path / "shallow")
    assert git.is_shallow() is True
    assert git.parents("HEAD") == [first]
    assert git.has_commit(first) is False
    with pytest.raises(GitFailed, match=r"is not in this checkout.*`fetch-depth: 0`"):
        git.diff(first, "HEAD")


def test_blobs_are_regular_files_of_the_commit(folder: Path) -> None:
    (folder / "link.py").symlink_to("a.py")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    commit(folder, {"a.py": "one\n", "sub/b.py": "two\n", "st*r.py": "three\n"})
    (folder / "a.py").write_text("changed since\n")
    git = Git(folder)
    assert git.blob("HEAD", "a.py") == b"one\n"
    assert git.blob("HEAD", "run.sh") == b"#!/bin/sh\n"
    assert git.blob("HEAD", "st*r.py") == b"three\n"
    for none in ("link.py", "sub", "missing.py", "", "/etc/passwd", "../a.py", "sub/../a.py", "nul\0"):
        assert git.blob("HEAD", none) is None, none


@pytest.mark.parametrize(
    "rev", ["--output=stolen", "-h", "", "a b", "HEAD..main", "HEAD:a.py", "a\nb", "x" * 300, ":/fix", "^HEAD"]
)
def test_what_is_no_name_of_a_commit_never_reaches_git(folder: Path, rev: str) -> None:
    commit(folder, {"a.py": "1\n"})
    git = Git(folder)
    for ask in (git.resolve, git.has_commit, git.parents, git.committed_at):
        with pytest.raises(GitFailed, match="is not the name of a commit"):
            ask(rev)
    with pytest.raises(GitFailed, match="is not the name of a commit"):
        git.diff("HEAD", rev)
    assert not (folder / "stolen").exists()


def test_the_diff_shows_renames_and_no_context(folder: Path) -> None:
    body = "".join(f"line {number}\n" for number in range(20))
    base = commit(folder, {"old.py": body})
    (folder / "old.py").rename(folder / "new.py")
    head = commit(folder, {"new.py": body.replace("line 10\n", "line ten\n")})
    text = Git(folder).diff(base, head).decode()
    assert "rename from old.py\nrename to new.py\n" in text
    assert "@@ -11 +11 @@" in text
    assert "\n line" not in text


HOSTILE_DIFF_SETTINGS = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.srcPrefix": "x/",
    "diff.renames": "false",
    "diff.renameLimit": "1",
    "diff.context": "5",
    "diff.interHunkContext": "9",
    "diff.algorithm": "patience",
    "diff.relative": "true",
    "diff.submodule": "log",
    "diff.ignoreSubmodules": "all",
    "diff.orderFile": "/nonexistent/order",
    "diff.indentHeuristic": "true",
    "diff.suppressBlankEmpty": "true",
    "diff.colorMoved": "zebra",
    "color.ui": "always",
    "core.quotePath": "false",
    "core.abbrev": "7",
}


def test_no_setting_changes_the_diff(folder: Path, run: Run) -> None:
    body = "".join(f"line {number}\n\n" for number in range(20))
    base = commit(folder, {"old.py": body, "ünï.py": body, "sub/c.py": body})
    (folder / "old.py").rename(folder / "new.py")
    changed = body.replace("line 3\n", "line three\n").replace("line 5\n", "")
    head = commit(folder, {"new.py": changed, "ünï.py": changed, "sub/c.py": changed})
    before = Git(folder).diff(base, head)
    for key, value in HOSTILE_DIFF_SETTINGS.items():
        run("config", key, value)
    assert Git(folder).diff(base, head) == before
    assert Git(folder / "sub").diff(base, head) == before
    assert b'"a/\\303\\274n\\303\\257.py"' in before


def test_variables_of_the_job_do_not_reach_git(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = commit(folder, {"a.py": "1\n"})
    canary = tmp_path / "ran"
    for name, value in {
        "GIT_DIR": str(tmp_path),
        "GIT_WORK_TREE": str(tmp_path),
        "GIT_INDEX_FILE": "/nonexistent",
        "GIT_EXTERNAL_DIFF": f"touch {canary}",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.bare",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_DIFF_OPTS": "-u9",
    }.items():
        monkeypatch.setenv(name, value)
    git = Git(folder)
    assert git.resolve("HEAD") == head
    assert git.tracked_files() == ["a.py"]
    assert not canary.exists()
    assert not (tmp_path / "trace").exists()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def evil(tmp_path: Path, canary: Path) -> str:
    """A program that leaves a mark whenever anything runs it."""
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    return str(program)


def use_everything(git: Git, base: str, head: str) -> None:
    git.available()
    git.is_shallow()
    git.tracked_files()
    git.merge_base(base, head)
    git.parents(head)
    git.ancestors(head, 10)
    git.committed_at(head)
    git.diff(base, head)
    git.blob(head, "a.py")
    git.has_commit("4" * 40)


def test_nothing_a_hostile_checkout_names_is_ever_run(folder: Path, run: Run, evil: str, canary: Path) -> None:
    base = commit(folder, {"a.py": "1\n", "b.bin": "1\n"})
    head = commit(folder, {"a.py": "2\n", "b.bin": "2\n"})
    (folder / ".gitattributes").write_text("* diff=evil filter=evil merge=evil\n")
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "pager.diff",
        "pager.log",
        "credential.helper",
        "gpg.program",
        "sequence.editor",
        "uploadpack.packObjectsHook",
    ):
        run("config", key, evil)
    run("config", "alias.diff", f"!{evil}")
    run("config", "log.showSignature", "true")
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"):
        (hooks / name).symlink_to(evil)
    plain(folder, "status")
    assert canary.exists(), "plain git does run what the checkout names"
    canary.unlink()
    plain(folder, "diff", base, head)
    assert canary.exists(), "plain git does run what the checkout names"
    canary.unlink()
    use_everything(Git(folder), base, head)
    assert not canary.exists()


def test_a_missing_object_is_never_fetched(folder: Path, run: Run, evil: str, canary: Path) -> None:
    base = commit(folder, {"a.py": "1\n"})
    head = commit(folder, {"a.py": "2\n"})
    blob = run("rev-parse", f"{head}:a.py")
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    run("config", "core.repositoryFormatVersion", "1")
    run("config", "extensions.partialClone", "origin")
    run("config", "remote.origin.promisor", "true")
    run("config", "remote.origin.url", f"ext::{evil}")
    run("config", "remote.origin.uploadpack", evil)
    run("config", "protocol.ext.allow", "always")
    plain(folder, "diff", base, head)
    assert canary.exists(), "plain git does fetch, through a program of the checkout's choice"
    canary.unlink()
    git = Git(folder)
    with pytest.raises(GitFailed, match="`git diff` failed"):
        git.diff(base, head)
    assert git.has_commit("5" * 40) is False
    assert not canary.exists()


def test_a_git_in_the_workspace_is_not_taken_for_git(
    folder: Path, evil: str, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(folder, {"a.py": "1\n"})
    (folder / "bin").mkdir()
    (folder / "bin" / "git").symlink_to(evil)
    (folder / "git").symlink_to(evil)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f".:{folder}/bin:bin:{os.environ['PATH']}")
    assert Git(folder).tracked_files() == ["a.py"]
    assert not canary.exists()


def test_a_bare_repository_among_the_files_is_not_the_checkout(folder: Path, run: Run) -> None:
    run("init", "-q", "--bare", "planted")
    planted = runner_in(folder / "planted")
    planted("config", "core.bare", "false")
    planted("config", "core.worktree", str(folder))
    assert planted("rev-parse", "--git-dir") == str(folder / "planted"), "plain git does take the planted one"
    assert Git(folder / "planted").available() is False


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a checkout to another user"
)
def test_a_checkout_of_another_user_is_read(folder: Path) -> None:
    commit(folder, {"a.py": "1\n"})
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 12345, 12345)
    with pytest.raises(subprocess.CalledProcessError):
        runner_in(folder)("status")
    git = Git(folder)
    assert git.available()
    assert git.tracked_files() == ["a.py"]


def test_replace_refs_do_not_rewrite_history(folder: Path, run: Run) -> None:
    first = commit(folder, {"a.py": "1\n"})
    second = commit(folder, {"a.py": "2\n"})
    run("replace", "--graft", second)
    assert run("rev-list", second) == second, "plain git does believe the replacement"
    assert Git(folder).parents(second) == [first]
    assert Git(folder).ancestors(second, 5) == [second, first]


def test_too_much_output_is_a_failure_not_half_an_answer(folder: Path) -> None:
    base = commit(folder, {"a.py": "1\n"})
    head = commit(folder, {"a.py": "line\n" * 1000})
    git = Git(folder, output_limit=1000)
    with pytest.raises(GitFailed, match=r"`git diff` gave more than 1000 bytes\."):
        git.diff(base, head)


def test_a_git_that_hangs_is_ended_with_its_children(folder: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow-git"
    slow.write_text("#!/bin/sh\necho partial\nsleep 60 &\nwait\n")
    slow.chmod(0o755)
    began = time.monotonic()
    with pytest.raises(GitFailed, match=r"`git ls-files` took longer than 0\.3 s\."):
        Git(folder, executable=slow, seconds=0.3).tracked_files()
    assert time.monotonic() - began < 10


def test_what_git_complains_of_is_shown_short_and_without_credentials(folder: Path, tmp_path: Path) -> None:
    rude = tmp_path / "rude-git"
    rude.write_text(
        "#!/bin/sh\nprintf 'fatal: \\033[31mno\\033[0m https://x:hunter2@example.com/a\\n::error::x' >&2\nexit 9\n"
    )
    rude.chmod(0o755)
    with pytest.raises(GitFailed) as failed:
        Git(folder, executable=rude).tracked_files()
    assert str(failed.value) == "`git ls-files` failed: fatal: [31mno[0m https://example.com/a ::error::x"
    silent = tmp_path / "silent-git"
    silent.write_text("#!/bin/sh\nexit 9\n")
    silent.chmod(0o755)
    with pytest.raises(GitFailed, match="`git ls-files` failed: it gave no reason"):
        Git(folder, executable=silent).tracked_files()


def test_a_commit_without_a_time_is_a_failure(folder: Path, run: Run) -> None:
    commit(folder, {"a.py": "1\n"})
    tree = run("rev-parse", "HEAD^{tree}")
    raw = f"tree {tree}\nauthor A <a@example.com> 1 +0000\ncommitter A <a@example.com> never +0000\n\nx\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "--literally", "-w", "--stdin"],
        cwd=folder,
        env=QUIET,
        input=raw,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    with pytest.raises(GitFailed, match=f"Commit {made} carries no time"):
        Git(folder).committed_at(made)
