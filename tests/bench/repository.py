"""A repository in which a pull request changes 20 lines in each of 300 files that a Cobertura report tells of.

python tests/bench/repository.py folder/ --files 20000
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from pathlib import Path

CHANGED = 300
LENGTH = 400
"""Lines of a source file; no file of the report has more."""


def write(folder: Path, files: int) -> None:
    """Two commits, older than the report says it is, and the event of a pull request from the one to the other."""
    names = [f"src/p{index // 20}/module_{index}.py" for index in range(files)]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x\n" * LENGTH)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "src")
    _git(folder, "commit", "--quiet", "--message=Base")
    for name in names[:CHANGED]:
        (folder / name).write_text("x\n" * 40 + "y\n" * 20 + "x\n" * (LENGTH - 60))
    _git(folder, "commit", "--quiet", "--all", "--message=Change")
    base, head = _git(folder, "rev-parse", "HEAD~1", "HEAD").split()
    pull = {"base": {"sha": base, "ref": "main"}, "head": {"sha": head, "ref": "change", "repo": {"full_name": "o/r"}}}
    event = {"number": 1, "pull_request": {"number": 1, **pull}, "repository": {"default_branch": "main"}}
    (folder / ".git" / "event.json").write_text(json.dumps(event))


def _git(folder: Path, *words: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        **{f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in _WHO.items()},
    }
    return subprocess.run(
        ["git", "-C", str(folder), *words], check=True, env=environment, capture_output=True, text=True
    ).stdout


_WHO = {"NAME": "bench", "EMAIL": "bench@example.com", "DATE": "2023-01-01T00:00:00Z"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, required=True)
    asked = parser.parse_args()
    write(asked.folder, asked.files)


if __name__ == "__main__":
    main()
