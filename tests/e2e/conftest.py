"""act, a runner that is not ours, on a consumer's workflow; the embedded GitHub is its API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from maintain import release_tree
from sandbox.github.tokens import Access
from sandbox.runner import Event
from sandbox.shop import Shop

ROOT = Path(__file__).resolve().parents[2]
JOB_IMAGE = "docker.io/library/debian:trixie-slim"
ACTIONS = "octo-org/actions"


@dataclass(frozen=True, slots=True)
class Left:
    """What one step that ran left: `annotations` are (level, message); `result` is success or failure."""

    result: str
    outputs: Mapping[str, str]
    summary: str
    annotations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished act run: its exit code, everything it printed, and what each step that has an id left.

    `outputs`, `summary` and `annotations` are those of the step `gate`.
    """

    exit_code: int
    log: str
    steps: Mapping[str, Left]

    @property
    def outputs(self) -> Mapping[str, str]:
        return self.steps["gate"].outputs

    @property
    def summary(self) -> str:
        return self.steps["gate"].summary

    @property
    def annotations(self) -> tuple[tuple[str, str], ...]:
        return self.steps["gate"].annotations


def ran(exit_code: int, printed: str) -> Ran:
    """Read act's `--json` lines."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    steps = dict.fromkeys(line["stepID"][0] for line in lines if len(line.get("stepID", ())) == 1)
    return Ran(
        exit_code=exit_code,
        log="".join(f"{line['msg'].rstrip()}\n" for line in lines),
        steps={step: left([line for line in lines if line.get("stepID") == [step]]) for step in steps},
    )


def left(lines: Sequence[Mapping[str, Any]]) -> Left:
    """What the lines of one step say."""
    return Left(
        result=next((line["stepResult"] for line in lines if "stepResult" in line), ""),
        outputs={line["name"]: line["arg"] for line in lines if line.get("command") == "set-output"},
        summary="".join(line["content"] for line in lines if line.get("command") == "summary"),
        annotations=tuple(
            (line["command"], line["arg"]) for line in lines if line.get("command") in ("error", "warning", "notice")
        ),
    )


@pytest.fixture(scope="session")
def act_command() -> str:
    command = shutil.which("act")
    if command is None:
        pytest.fail('act is missing: export PATH="$(.ci/tools.sh):$PATH"', pytrace=False)
    if subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        pytest.fail('no container engine: start Docker, or run `eval "$(.ci/containers.sh)"` first', pytrace=False)
    return command


Act = Callable[..., Ran]


@pytest.fixture
def act(act_command: str, tmp_path: Path) -> Act:
    """Run the workflow of the shop's checkout (or another) for an event, with a token of these permissions.

    `secrets` are the repository's.
    """

    def run(
        shop: Shop,
        event: Event,
        permissions: Mapping[str, Access],
        *,
        actions: Path | None = None,
        checkout: Path | None = None,
        workflow: str = "",
        secrets: Mapping[str, str] | None = None,
    ) -> Ran:
        token = shop.consumer.token(permissions)
        payload = tmp_path / "event.json"
        payload.write_text(json.dumps(event.payload))
        variables = {
            "GITHUB_API_URL": shop.consumer.url,
            "GITHUB_REPOSITORY": event.repository,
            "GITHUB_RUN_ID": str(event.run_id),
        }
        argv = [act_command, event.name, "--json", "--pull=false", "--no-cache-server"]
        argv += ["--container-daemon-socket", "-", "-P", f"ubuntu-latest={JOB_IMAGE}"]
        argv += ["--eventpath", str(payload), "-s", "GITHUB_TOKEN"]
        for name, value in variables.items():
            argv += ["--env", f"{name}={value}"]
        for name in secrets or {}:
            argv += ["-s", name]
        if actions is not None:
            argv += ["--local-repository", f"{ACTIONS}@v1={actions}"]
        if workflow:
            argv += ["-W", workflow]
        # A home of its own: act keeps copies of actions by name and ref, and the next test has others of that name.
        home = tmp_path / "home"
        environ = {
            **os.environ,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "GITHUB_TOKEN": token,
            **(secrets or {}),
        }
        (home / "config" / "act").mkdir(parents=True, exist_ok=True)
        (home / "config" / "act" / "actrc").touch()
        done = subprocess.run(
            argv, cwd=checkout or shop.workspace, env=environ, capture_output=True, text=True, check=False
        )
        result = ran(done.returncode, done.stdout)
        # Only what is shown: in JSON act itself repeats the `add-mask` line as it came.
        shown = result.log + done.stderr + "".join(step.summary for step in result.steps.values())
        assert not [secret for secret in (token, *(secrets or {}).values()) if secret in shown]
        return result

    return run


@pytest.fixture(scope="session")
def image(act_command: str) -> str:
    """The image of this checkout, under a name that needs no registry."""
    name = f"localhost/{ACTIONS}:test"
    subprocess.run(["docker", "build", "-t", name, ROOT], check=True, capture_output=True)
    return name


@pytest.fixture(scope="session")
def released(image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of HEAD that names the image built from this checkout."""
    out = tmp_path_factory.mktemp("released") / uuid4().hex
    release_tree.build(ROOT, "HEAD", f"docker://{image}", out)
    return out


@pytest.fixture(scope="session", params=["image", "dockerfile"])
def actions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of this repository's HEAD in each of its two modes."""
    image = f"docker://{request.getfixturevalue('image')}" if request.param == "image" else None
    out = tmp_path_factory.mktemp("release") / uuid4().hex
    release_tree.build(ROOT, "HEAD", image, out)
    return out
