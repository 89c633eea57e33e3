"""Files that the runner named and that cannot be written: said in the log, never a traceback."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.actionkit.sample import MEASURED, sample

from actionkit.app import main
from actionkit.commands import Commands
from actionkit.context import RunContext
from actionkit.publish import Desk
from actionkit.redact import Redactor
from actionkit.signals import Signals
from actionkit.workspace import Workspace


@pytest.mark.parametrize(
    ("variable", "lost", "kept"),
    [
        ("GITHUB_OUTPUT", "the outputs were not set", "summary"),
        ("GITHUB_STEP_SUMMARY", "the summary was not written", "output"),
    ],
)
def test_what_can_be_written_is_and_what_cannot_is_said(tmp_path: Path, variable: str, lost: str, kept: str) -> None:
    environ = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    environ[variable] = str(tmp_path / "no/such/file")
    log = io.StringIO()
    context = RunContext(tmp_path, in_actions=True)
    desk = Desk(sample(), context, Commands(log, in_actions=True), Redactor([]), Workspace(tmp_path), environ)
    desk.deliver(MEASURED, None)
    assert f"::warning::{lost}: No such file or directory: {variable}" in log.getvalue()
    assert (tmp_path / kept).read_text(encoding="utf-8")


def test_a_workspace_that_is_no_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path / "gone")}
    assert main(sample(), [], environ, Signals()) == 2
    assert f"the workspace `{tmp_path / 'gone'}` is no folder" in capsys.readouterr().out
