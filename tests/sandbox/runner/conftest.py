"""A tiny Docker action whose program is a script of the test's, run by the twin as a process."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.runner import Runner, Shown, events

ACTION_YML = """
name: Tiny
description: Does what the test says
inputs:
  fail-under: {description: a number, default: 85}
  github-token: {description: the token, default: "${{ github.token }}"}
  two words: {description: with a space}
  old: {description: gone soon, deprecationMessage: use fail-under}
  wait: {description: a boolean, default: true}
runs:
  using: docker
  image: Dockerfile
  entrypoint: /usr/local/bin/tiny
"""

PUSH = events.push(sha="a" * 40)


class Tiny:
    """Writes the action and runs it."""

    def __init__(self, folder: Path) -> None:
        self.actions = folder / "actions"
        self.workspace = folder / "work" / "shop" / "shop"
        self.program = folder / "tiny.py"
        self.folder = self.actions / "tiny"
        self.folder.mkdir(parents=True)
        self.workspace.mkdir(parents=True)
        self.declare(ACTION_YML)

    def declare(self, action_yml: str) -> None:
        (self.folder / "action.yml").write_text(action_yml)

    def runner(self, **settings: Any) -> Runner:
        return Runner(
            actions=self.actions, script=lambda entrypoint: (sys.executable, "-I", "-u", str(self.program)), **settings
        )

    def __call__(self, program: str, *, runner: Runner | None = None, **run: Any) -> Shown:
        self.program.write_text("import os, sys, pathlib, time, json\n" + textwrap.dedent(program))
        return (runner or self.runner()).run("tiny", **{"on": PUSH, "workspace": self.workspace, **run})


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)


@pytest.fixture
def prints(tiny: Tiny) -> Callable[..., Shown]:
    """Run a step that prints these lines and nothing else."""
    return lambda *lines, **run: tiny(f"print({chr(10).join(lines)!r})", **run)
