"""The `docker` commands that the twin gives, against a stand-in client (tests/container runs a real one)."""

from __future__ import annotations

import json
import sys
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sandbox.runner import Cancellation, Conclusion, Container, ManifestError

CLIENT = """\
#!{python}
import json, os, pathlib, sys, time
with open({log!r}, "a") as log:
    print(json.dumps([sys.argv[1:], dict(os.environ)]), file=log)
{behaviour}
"""


class Client:
    """A docker client that writes down what it was asked and then does as told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "docker-stand-in"
        self.log = folder / "asked.jsonl"
        self.behave("print('::notice::' + sys.argv[1])")

    def behave(self, behaviour: str) -> None:
        text = CLIENT.format(python=sys.executable, log=str(self.log), behaviour=textwrap.dedent(behaviour))
        self.path.write_text(text)
        self.path.chmod(0o755)

    def asked(self) -> list[tuple[list[str], dict[str, str]]]:
        return [tuple(json.loads(line)) for line in self.log.read_text().splitlines()]

    def asked_to_run(self) -> tuple[list[str], dict[str, str]]:
        """The one `docker run`; whatever ran is removed afterwards."""
        run, (remove, _) = self.asked()
        assert remove == ["rm", "--force", run[0][run[0].index("--name") + 1]]
        return run

    def was_asked(self) -> bool:
        return self.log.exists() and self.log.stat().st_size > 0

    def container(self, **settings: Any) -> Container:
        return Container(client=str(self.path), **settings)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def test_the_image_is_run_with_the_runners_mounts_and_the_actions_entrypoint(tiny, client, tmp_path) -> None:
    temp = tmp_path / "temp"
    shown = tiny("", container=client.container(image="tiny:1"), temp=temp, env={"STAGE": "test"})
    argv, _ = client.asked_to_run()
    options = list(pairwise(argv))
    assert argv[0] == "run"
    assert argv[-1] == "tiny:1"
    assert ("--workdir", "/github/workspace") in options
    assert ("--entrypoint", "/usr/local/bin/tiny") in options
    assert not {"--user", "--init", "-t", "--network"} & set(argv)
    assert [value for option, value in options if option == "-v"] == [
        f"{temp}/_github_home:/github/home",
        f"{temp}/_github_workflow:/github/workflow",
        f"{temp}/_runner_file_commands:/github/file_commands",
        f"{temp}:/github/runner_temp",
        f"{tiny.workspace}:/github/workspace",
    ]
    assert ("-e", "STAGE") in options
    assert ("-e", "INPUT_FAIL-UNDER") in options
    assert shown.annotations[0].message == "run"


def test_values_are_in_the_clients_environment_and_not_on_its_command_line(tiny, client) -> None:
    tiny("", container=client.container(image="tiny:1"), runner=tiny.runner(token="ghs_only_in_here"))
    argv, environ = client.asked_to_run()
    assert environ["INPUT_GITHUB-TOKEN"] == "ghs_only_in_here"
    assert not [word for word in argv if "ghs_only_in_here" in word]


def test_paths_are_those_inside_the_container(tiny, client) -> None:
    tiny("", container=client.container(image="tiny:1"))
    _, environ = client.asked_to_run()
    assert environ["GITHUB_WORKSPACE"] == "/github/workspace"
    assert environ["HOME"] == "/github/home"
    assert environ["RUNNER_TEMP"] == "/github/runner_temp"
    assert environ["GITHUB_EVENT_PATH"] == "/github/workflow/event.json"
    assert environ["GITHUB_OUTPUT"].startswith("/github/file_commands/set_output_")


def test_the_clients_own_settings_cannot_be_taken_over_by_the_job(tiny, client, monkeypatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///the/engine")
    tiny("", container=client.container(image="tiny:1"), env={"DOCKER_HOST": "tcp://elsewhere", "PATH": "/nowhere"})
    _, environ = client.asked_to_run()
    assert environ["DOCKER_HOST"] == "unix:///the/engine"


def test_a_network_and_a_read_only_workspace_can_be_asked_for(tiny, client) -> None:
    tiny("", container=client.container(image="tiny:1", network="host", read_only_workspace=True))
    argv, _ = client.asked_to_run()
    assert ("--network", "host") in list(pairwise(argv))
    assert f"{tiny.workspace}:/github/workspace:ro" in argv


def test_an_image_from_a_registry_is_run_as_it_is_named(tiny, client) -> None:
    tiny.declare("runs: {using: docker, image: 'docker://ghcr.io/o/r@sha256:1', args: [a, b]}")
    tiny("", container=client.container())
    argv, _ = client.asked_to_run()
    assert argv[-3:] == ["ghcr.io/o/r@sha256:1", "a", "b"]
    assert "--entrypoint" not in argv


def test_a_dockerfile_is_built_in_its_own_folder_first(tiny, client) -> None:
    tiny.declare("runs: {using: docker, image: ../../Dockerfile}")
    dockerfile = tiny.actions.parent / "Dockerfile"
    dockerfile.touch()
    tiny("", container=client.container())
    (build, _), (run, _), _ = client.asked()
    assert build[0] == "build"
    assert build[-3:] == ["-f", str(dockerfile), str(dockerfile.parent)]
    assert run[-1] == build[2]


def test_a_dockerfile_that_is_missing_or_does_not_build_ends_the_job_before_the_step(tiny, client) -> None:
    with pytest.raises(ManifestError, match="does not exist"):
        tiny("", container=client.container())
    (tiny.folder / "Dockerfile").touch()
    client.behave("print('no space left'); sys.exit(1)")
    with pytest.raises(ManifestError, match="no space left"):
        tiny("", container=client.container())


def test_a_container_is_removed_when_the_step_is_cancelled(tiny, client) -> None:
    client.behave(
        """
        if sys.argv[1] == "run":
            print("::notice::started", flush=True)
            time.sleep(60)
        """
    )
    shown = tiny("", container=client.container(image="tiny:1"), cancel=Cancellation(client.was_asked))
    (run, _), (remove, _) = client.asked()
    assert shown.conclusion == Conclusion.CANCELLED
    assert remove == ["rm", "--force", run[run.index("--name") + 1]]
