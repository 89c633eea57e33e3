"""An action in this process, in a plain folder without git: inputs in, outcome and outputs out."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actionkit.action import Action
from actionkit.app import main
from actionkit.inputs import declared
from actionkit.signals import Signals
from sandbox.runner.filecommands import FileCommands
from security_report_aggregator.action import ACTION


@dataclass(frozen=True)
class Ran:
    """One run: its exit code, outcome, outputs, the job's summary, and what it printed."""

    exit_code: int
    outcome: Mapping[str, Any]
    outputs: Mapping[str, str]
    summary: str
    printed: str

    @property
    def verdict(self) -> str:
        return str(self.outcome["verdict"])

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.outcome["data"]
        return found

    @property
    def scans(self) -> list[dict[str, Any]]:
        """The reports that were read, or could not be; without expected scanners that left none."""
        return [scan for scan in self.data["scans"] if scan["path"]]

    @property
    def messages(self) -> list[str]:
        return [f"{problem['path']} {problem['message']}" for problem in self.outcome["problems"]]


@dataclass(frozen=True)
class Folder:
    """A workspace, and the runner's command files beside it."""

    path: Path
    action: Action[Any] = ACTION

    @classmethod
    def within(cls, folder: Path, action: Action[Any] = ACTION) -> Folder:
        workspace = folder / "workspace"
        workspace.mkdir(parents=True)
        return cls(workspace, action)

    def write(self, files: Mapping[str, bytes | str]) -> None:
        for name, content in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, env: Mapping[str, str] | None = None, **inputs: str) -> Ran:
        """The action with this environment and nothing else; without a history unless `baseline` says otherwise."""
        files = FileCommands.create(self.path.parent / "commands")
        given = {**({"baseline": "none"} if "baseline" in declared(self.action.inputs) else {}), **inputs}
        environ = {f"INPUT_{name.replace('_', '-').upper()}": text for name, text in given.items()}
        environ |= {name: str(path) for name, path in files.paths.items()} | {
            "GITHUB_WORKSPACE": str(self.path),
            **(env or {}),
        }
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = main(self.action, [], environ, Signals())
        outcome = json.loads((self.path / f".actions/{self.action.name}/outcome.json").read_text(encoding="utf-8"))
        summary = Path(environ["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
        return Ran(code, outcome, files.pairs("GITHUB_OUTPUT"), summary, printed.getvalue())
