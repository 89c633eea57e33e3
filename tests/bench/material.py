"""The files that are measured, each made by a process of its own.

What this process ever held, those it starts would count as memory of theirs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TINY = (
    '<coverage version="7.6" timestamp="1700000000000" lines-valid="2" lines-covered="1" line-rate="0.5" '
    'branches-valid="0" branches-covered="0" branch-rate="0" complexity="0"><packages><package name="p"><classes>'
    '<class name="a" filename="a.py"><methods/><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines>'
    "</class></classes></package></packages></coverage>"
)

_WRITTEN = re.compile(r"lines_covered=(\d+), lines=(\d+)")


class Lines(NamedTuple):
    """What a report adds up to."""

    covered: int
    total: int


def report(kind: str, path: Path, lines: int, files: int) -> Lines:
    """A report of `kind` cobertura, jacoco or lcov."""
    script = "reports_text.py" if kind == "lcov" else "reports.py"
    found = _WRITTEN.search(_made(script, kind, str(path), "--lines", str(lines), "--files", str(files)))
    if found is None:
        raise RuntimeError(f"{script} does not say what it wrote")
    return Lines(int(found[1]), int(found[2]))


def project(folder: Path, statements: int, files: int) -> None:
    """Python sources of so many statements each, and the `.coverage` of running them."""
    _made("reports_text.py", "data", str(folder), "--lines", str(statements), "--files", str(files))


def repository(folder: Path, files: int) -> None:
    _made("repository.py", str(folder), "--files", str(files))


def _made(script: str, *words: str) -> str:
    return subprocess.run(
        [sys.executable, str(HERE / script), *words], check=True, capture_output=True, text=True
    ).stdout
