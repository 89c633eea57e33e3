"""A report may hold names of any length: they are no paths, cost no time, and leave room for what people read."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from actionkit import globs
from actionkit.errors import Unreadable
from actionkit.outcome import Outcome, Problem, Verdict
from actionkit.publish import HEADLINE_LIMIT, TEXT_LIMIT, readable
from actionkit.workspace import Workspace

LONG = "a/" * 500_000 + "b.py"


def test_no_glob_names_what_can_be_no_path() -> None:
    began = time.monotonic()
    pattern = globs.parse("**/*.py")
    assert pattern.matches("a/b.py")
    assert not pattern.matches(LONG)
    assert not pattern.covers(LONG)
    assert time.monotonic() - began < 1


def test_the_workspace_has_what_lies_in_it_and_never_raises(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").touch()
    (tmp_path / "outside.py").touch()
    (root / "out").symlink_to(tmp_path)
    workspace = Workspace(root)
    assert workspace.has("src/a.py")
    assert workspace.has(f"{root}/src/a.py")
    for path in ("src/b.py", "../outside.py", "out/outside.py", "/etc/passwd", "a\0b", "n" * 300, LONG):
        assert not workspace.has(path)
    with pytest.raises(Unreadable):
        workspace.read(LONG)


def test_what_is_shown_is_short_and_the_data_stays_whole() -> None:
    problem = Problem("m" * 10**6, "f" * 10**6, path=LONG, line=1)
    outcome = Outcome("a", Verdict.FAIL, "h" * 10**6, problems=(problem, Problem("short")), data={"paths": [LONG]})
    shown = readable(outcome)
    assert len(shown.headline) == HEADLINE_LIMIT
    assert [len(text) for text in (shown.problems[0].message, shown.problems[0].fix)] == [TEXT_LIMIT, TEXT_LIMIT]
    assert shown.problems[0].path == ""
    assert shown.problems[1] == Problem("short")
    assert shown.data == outcome.data
    short = replace(outcome, headline="h", problems=(Problem("short"),))
    assert readable(short) is short
