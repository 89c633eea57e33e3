"""What surrounds a step: the folders the runner lays out, the `github` context, and the environment made of both."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.runner.events import Event

# The part of the `github` context that becomes GITHUB_* variables. The token is not in it.
_IN_ENVIRONMENT = (
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "actor",
    "actor_id",
    "api_url",
    "base_ref",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "server_url",
    "sha",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
)


@dataclass(frozen=True, slots=True)
class Folders:
    """The runner's folders on the host; a container sees them under /github."""

    workspace: Path
    temp: Path

    @property
    def home(self) -> Path:
        return self.temp / "_github_home"

    @property
    def workflow(self) -> Path:
        return self.temp / "_github_workflow"

    @property
    def file_commands(self) -> Path:
        return self.temp / "_runner_file_commands"

    def create(self) -> None:
        for folder in (self.workspace, self.home, self.workflow, self.file_commands):
            folder.mkdir(parents=True, exist_ok=True)

    def mounts(self) -> dict[Path, str]:
        """Host folder to container folder, the innermost first, so that the first match translates a path."""
        return {
            self.home: "/github/home",
            self.workflow: "/github/workflow",
            self.file_commands: "/github/file_commands",
            self.temp: "/github/runner_temp",
            self.workspace: "/github/workspace",
        }

    def in_container(self, value: str) -> str:
        """`value` with a leading host folder replaced by the container's."""
        for host, inside in self.mounts().items():
            if value == str(host) or value.startswith(f"{host}/"):
                return inside + value.removeprefix(str(host))
        return value

    def relative(self, path: str) -> str:
        """A path named in a command, relative to the workspace where it is inside; else as it was given."""
        for root in (f"{self.workspace}/", "/github/workspace/"):
            if path.startswith(root):
                return path.removeprefix(root)
        return path


def github_context(
    event: Event, folders: Folders, *, token: str, api_url: str, server_url: str, action_path: Path
) -> dict[str, Any]:
    """The `github` context of the step; writes the payload where GITHUB_EVENT_PATH points."""
    event_path = folders.workflow / "event.json"
    event_path.write_text(json.dumps(event.payload), encoding="utf-8")
    # On github.com the GraphQL API is beside the REST API, on GitHub Enterprise Server REST is at /api/v3.
    graphql = api_url.removesuffix("/v3") + "/graphql"
    return {
        **event.context(),
        "token": token,
        "api_url": api_url,
        "server_url": server_url,
        "graphql_url": graphql,
        "event": event.payload,
        "event_path": str(event_path),
        "workspace": str(folders.workspace),
        "action": "__self",
        "action_path": str(action_path),
        "action_ref": "",
        "action_repository": "",
    }


def runner_context(folders: Folders, *, debug: bool) -> dict[str, str]:
    """The `runner` context; `debug` is there only where it is on."""
    context = {
        "os": "Linux",
        "arch": {"aarch64": "ARM64", "arm64": "ARM64"}.get(platform.machine(), "X64"),
        "name": "twin",
        "environment": "self-hosted",
        "temp": str(folders.temp),
        "tool_cache": str(folders.temp / "_tool"),
        "workspace": str(folders.workspace.parent),
    }
    return {**context, "debug": "1"} if debug else context


def environment(
    *,
    inputs: Mapping[str, str],
    github: Mapping[str, Any],
    runner: Mapping[str, str],
    files: Mapping[str, Path],
    job: Mapping[str, str],
    home: Path,
) -> dict[str, str]:
    """The variables of the step, as host paths. What GitHub sets wins over the job's `env`, inputs included.

    `INPUT_` names are in upper case with spaces as `_`; hyphens stay.
    """
    return {
        "CI": "true",
        **job,
        **{f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in inputs.items()},
        "HOME": str(home),
        **{f"GITHUB_{name.upper()}": _variable(github[name]) for name in _IN_ENVIRONMENT},
        **{variable: str(path) for variable, path in files.items()},
        **{f"RUNNER_{name.upper()}": value for name, value in runner.items()},
        "GITHUB_ACTIONS": "true",
    }


def _variable(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
