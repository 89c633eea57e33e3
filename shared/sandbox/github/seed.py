"""A GitHub described in a file, for a server of its own (`python -m sandbox.github`)."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .hub import EmbeddedGitHub
from .repository import Repository
from .tokens import Access


class SeedError(Exception):
    """The seed cannot be used; says why."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Pull(_Strict):
    changes: dict[str, str | None]
    title: str = "Improve things"
    branch: str | None = None
    from_fork: str | None = None
    author: str = "octocat"


class _Token(_Strict):
    secret: str
    permissions: dict[str, Access]


class _Run(_Strict):
    workflow: str = ".github/workflows/ci.yml"
    branch: str | None = None
    conclusion: str | None = "success"
    artifacts: dict[str, dict[str, str]] = Field(default_factory=dict)


class _Repository(_Strict):
    files: dict[str, str] | None = None
    git: Path | None = None
    private: bool = True
    default_branch: str = "main"
    pulls: list[_Pull] = Field(default_factory=list)
    runs: list[_Run] = Field(default_factory=list)
    tokens: list[_Token] = Field(default_factory=list)


class _Seed(_Strict):
    repositories: dict[str, _Repository]


def load(path: Path) -> EmbeddedGitHub:
    """The hub that a seed describes: a `.json` file, or a Python file with `seed() -> EmbeddedGitHub`.

    JSON: `{"repositories": {"org/shop": {"files": {…} | "git": "checkout", "pulls": [{"changes": {…}}],
    "runs": [{"artifacts": {"coverage": {"coverage.xml": "…"}}}], "tokens": [{"secret": "…", "permissions": {…}}]}}}`;
    `git` is relative to the seed. Raises SeedError.
    """
    if path.suffix == ".py":
        return _call(path)
    try:
        seed = _Seed.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValidationError, ValueError) as error:
        raise SeedError(f"{path}: {error}") from error
    hub = EmbeddedGitHub()
    for full_name, wanted in seed.repositories.items():
        _fill(hub, full_name, wanted, path.parent)
    return hub


def _call(path: Path) -> EmbeddedGitHub:
    spec = importlib.util.spec_from_file_location("sandbox_seed", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SeedError(f"{path}: no such Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Any = getattr(module, "seed", lambda: None)()
    if not isinstance(made, EmbeddedGitHub):
        raise SeedError(f"{path}: wanted is a function seed() that returns an EmbeddedGitHub")
    return made


def _fill(hub: EmbeddedGitHub, full_name: str, wanted: _Repository, folder: Path) -> None:
    repository = hub.repository(
        full_name, files=wanted.files, private=wanted.private, default_branch=wanted.default_branch
    )
    if wanted.git is not None:
        repository.import_git(folder / wanted.git)
    for pull in wanted.pulls:
        repository.pull_request(
            pull.changes, title=pull.title, branch=pull.branch, from_fork=pull.from_fork, author=pull.author
        )
    for run in wanted.runs:
        _run(repository, run)
    for token in wanted.tokens:
        hub.token(repository, permissions=token.permissions, secret=token.secret)


def _run(repository: Repository, wanted: _Run) -> None:
    run = repository.run(wanted.workflow, branch=wanted.branch, conclusion=wanted.conclusion)
    for name, files in wanted.artifacts.items():
        run.artifact(name, files)
