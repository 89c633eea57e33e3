"""A release is a tree that anyone can build again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from maintain import release_tree
from maintain.release_tree import ReleaseError, build, verify

IMAGE = "docker://ghcr.io/octo-org/actions@sha256:" + "0123456789abcdef" * 4
ACTION_YML = """\
# Generated from the typed inputs.
name: {name}
description: Judges coverage.
inputs:
  fail-under: {{description: 'A line that says image: ../../Dockerfile', default: ''}}
runs:
  using: docker
  image: ../../Dockerfile
  entrypoint: /usr/local/bin/{name}
"""
SOURCE = {
    "LICENSE": "MIT\n",
    "README.md": "# Actions\n",
    ".dockerignore": "*\n",
    "Dockerfile": "FROM scratch\n",
    "pyproject.toml": "[project]\n",
    "requirements/build.txt": "a==1\n",
    "requirements/runtime.txt": "b==1\n",
    "requirements/dev.txt": "c==1\n",
    "shared/actionkit/app.py": "",
    "shared/sandbox/runner.py": "",
    "tests/test_it.py": "",
    "actions/coverage-gate/action.yml": ACTION_YML.format(name="coverage-gate"),
    "actions/coverage-gate/action-types.yml": "inputs: {}\n",
    "actions/coverage-gate/README.md": "# coverage-gate\n",
    "actions/coverage-gate/coverage_gate/gate.py": "",
    "actions/smoke-test/action.yml": ACTION_YML.format(name="smoke-test"),
    "actions/smoke-test/README.md": "# smoke-test\n",
    "actions/smoke-test/smoke_test/plan.py": "",
}
OF_AN_ACTION = {"action.yml", "README.md", "LICENSE"}


def git(folder: Path, *arguments: str) -> str:
    environ = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }
    return subprocess.run(
        ["git", "-C", folder, *arguments], env=environ, check=True, capture_output=True, text=True
    ).stdout.strip()


def put(folder: Path, files: dict[str, str], message: str = "A commit") -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    put(folder, SOURCE)
    return folder


def listing(out: Path) -> set[str]:
    return set(git(out, "ls-tree", "-r", "--name-only", "HEAD").splitlines())


def test_every_action_is_a_folder_at_the_root_that_names_the_image(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, "HEAD", IMAGE, out)
    assert listing(out) == {
        "LICENSE",
        "README.md",
        "coverage-gate/action-types.yml",
        *(f"{name}/{file}" for name in ("coverage-gate", "smoke-test") for file in OF_AN_ACTION),
    }
    text = (out / "coverage-gate" / "action.yml").read_text()
    assert text == SOURCE["actions/coverage-gate/action.yml"].replace("  image: ../../Dockerfile", f"  image: {IMAGE}")
    assert yaml.safe_load(text)["runs"]["image"] == IMAGE


def test_in_mode_dockerfile_every_action_carries_what_its_image_is_built_from(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, "HEAD", None, out)
    assert yaml.safe_load((out / "smoke-test" / "action.yml").read_text())["runs"]["image"] == "Dockerfile"
    assert {path for path in listing(out) if path.startswith("smoke-test/")} == {
        f"smoke-test/{file}"
        for file in (
            *OF_AN_ACTION,
            ".dockerignore",
            "Dockerfile",
            "pyproject.toml",
            "requirements/build.txt",
            "requirements/runtime.txt",
            "shared/actionkit/app.py",
            "actions/coverage-gate/coverage_gate/gate.py",
            "actions/smoke-test/smoke_test/plan.py",
        )
    }
    assert (out / "smoke-test" / "README.md").read_text() == "# smoke-test\n"


@pytest.mark.parametrize("image", [IMAGE, None])
def test_building_twice_gives_the_same_commit(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: str | None
) -> None:
    first = build(source, "HEAD", image, tmp_path / "first")
    config = tmp_path / "gitconfig"
    config.write_text("[core]\nautocrlf = true\n[user]\nname = Someone\n[commit]\ngpgsign = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Someone")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    second = build(source, "main", image, tmp_path / "second")
    assert first == second
    assert git(tmp_path / "first", "rev-list", "--parents", "HEAD") == first.commit


def test_what_is_not_committed_does_not_get_in(source: Path, tmp_path: Path) -> None:
    clean = build(source, "HEAD", None, tmp_path / "clean")
    (source / "actions" / "coverage-gate" / "coverage_gate" / "new.py").touch()
    (source / "LICENSE").write_text("changed\n")
    assert build(source, "HEAD", None, tmp_path / "dirty") == clean


def test_an_executable_file_stays_one(source: Path, tmp_path: Path) -> None:
    (source / "shared" / "actionkit" / "app.py").chmod(0o755)
    put(source, {})
    build(source, "HEAD", None, tmp_path / "out")
    assert git(tmp_path / "out", "ls-tree", "HEAD", "smoke-test/shared/actionkit/app.py").startswith("100755")
    assert git(tmp_path / "out", "ls-tree", "HEAD", "smoke-test/Dockerfile").startswith("100644")


def release_into(source: Path, out: Path, tag: str) -> None:
    git(source, "fetch", "--quiet", str(out), f"HEAD:refs/tags/{tag}")


@pytest.mark.parametrize("image", [IMAGE, None])
def test_a_release_is_proved_by_building_it_again(source: Path, tmp_path: Path, image: str | None) -> None:
    release = build(source, "HEAD", image, tmp_path / "out")
    release_into(source, tmp_path / "out", "v1.2.3")
    put(source, {"LICENSE": "Another\n"})
    assert verify(source, "v1.2.3") == release


def test_a_release_that_was_tampered_with_is_not_proved(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, "HEAD", IMAGE, out)
    (out / "coverage-gate" / "action.yml").write_text("runs: {using: docker, image: docker://evil}\n")
    git(out, "commit", "--quiet", "--all", "--amend", "--no-edit")
    release_into(source, out, "v1.2.3")
    with pytest.raises(ReleaseError, match=r"v1\.2\.3 has the tree"):
        verify(source, "v1.2.3")


def test_a_commit_that_is_no_release_is_not_proved(source: Path) -> None:
    with pytest.raises(ReleaseError, match="names no Source-Commit"):
        verify(source, "HEAD")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"actions/smoke-test/action.yml": "runs:\n  using: docker\n  image: Dockerfile\n"}, "expected one line"),
        (
            {"actions/smoke-test/action.yml": "runs:\n  using: docker\n  image: a\n  image: ../../Dockerfile\n"},
            "expected",
        ),
        ({"actions/health-wait/action.yml": ACTION_YML.format(name="health-wait")}, "no actions/health-wait/README.md"),
    ],
)
def test_an_action_that_is_not_ready_is_not_released(
    source: Path, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    put(source, changes)
    with pytest.raises(ReleaseError, match=reason):
        build(source, "HEAD", IMAGE, tmp_path / "out")


def test_a_source_without_actions_is_not_released(source: Path, tmp_path: Path) -> None:
    git(source, "rm", "--quiet", "-r", "actions")
    put(source, {})
    with pytest.raises(ReleaseError, match=re.escape("no actions/*/action.yml")):
        build(source, "HEAD", IMAGE, tmp_path / "out")


class TestCommandLine:
    def run(self, *arguments: object) -> int:
        return release_tree.main([str(argument) for argument in arguments])

    def test_it_prints_the_hashes(self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "out"
        assert self.run("--image", IMAGE, "--out", out, "--repository", source) == 0
        printed = capsys.readouterr().out
        assert printed == f"commit {git(out, 'rev-parse', 'HEAD')}\ntree {git(out, 'rev-parse', 'HEAD^{tree}')}\n"
        release_into(source, out, "v1")
        assert self.run("--verify", "v1", "--repository", source) == 0
        assert capsys.readouterr().out == printed

    def test_a_folder_with_something_in_it_is_left_alone(
        self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine").touch()
        assert self.run("--mode", "dockerfile", "--out", tmp_path / "out", "--repository", source) == 1
        assert "not empty" in capsys.readouterr().err

    def test_a_commit_that_does_not_exist_is_named(
        self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run("--mode", "dockerfile", "--out", tmp_path / "o", "--repository", source, "--commit", "v9") == 1
        assert "git rev-parse" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "image", ["docker://ghcr.io/o/r:v1", "ghcr.io/o/r@sha256:" + "0" * 64, "docker://r@sha256:1"]
    )
    def test_an_image_must_be_pinned_by_its_digest(
        self, tmp_path: Path, image: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit):
            self.run("--image", image, "--out", tmp_path / "out")
        assert "not pinned" in capsys.readouterr().err

    def test_a_folder_must_be_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            self.run("--mode", "dockerfile")
        assert "--out is needed" in capsys.readouterr().err


def test_the_actions_of_a_release_are_valid_for_github(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(source, "HEAD", IMAGE, out)
    subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions"),
            *out.glob("*/action.yml"),
        ],
        check=True,
        capture_output=True,
    )
