"""The config file and CODEOWNERS, where they are, where they are not, and where they cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionkit.errors import UsageError
from actionkit.policy_files import codeowners_text, config_bytes
from actionkit.workspace import Workspace


def put(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def test_a_config_file_may_be_missing_unless_it_is_named(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert config_bytes(workspace, "p.yml", must_exist=False) is None
    with pytest.raises(UsageError) as wrong:
        config_bytes(workspace, "p.yml", must_exist=True)
    (complaint,) = wrong.value.complaints
    assert (complaint.message, complaint.path) == ("input `config`: p.yml: no such file or directory", "p.yml")
    put(tmp_path, "p.yml", "a: 1\n")
    assert config_bytes(workspace, "p.yml", must_exist=False) == b"a: 1\n"


def test_a_config_file_that_cannot_be_read_is_never_passed_over(tmp_path: Path) -> None:
    (tmp_path / "p.yml").mkdir()
    with pytest.raises(UsageError, match="input `config`"):
        config_bytes(Workspace(tmp_path), "p.yml", must_exist=False)


def test_the_first_codeowners_that_github_would_look_at_is_the_one(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert codeowners_text(workspace) is None
    for path in ("docs/CODEOWNERS", "CODEOWNERS", ".github/CODEOWNERS"):
        put(tmp_path, path, f"* @{path.partition('/')[0]}\n")
        assert codeowners_text(workspace) == f"* @{path.partition('/')[0]}\n"


def test_codeowners_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").mkdir()
    put(tmp_path, "docs/CODEOWNERS", "* @org/docs\n")
    assert codeowners_text(Workspace(tmp_path)) is None
