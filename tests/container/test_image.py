"""What is in the image, what is not, and how it behaves as the first process of a container."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

pytestmark = pytest.mark.container

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = sorted(ROOT.glob("actions/*/action.yml"))


def run(*options: str) -> str:
    """What `docker run` prints. Podman's service answers 0 for a container with `--rm`, so it is removed afterwards."""
    name = f"image-test-{uuid4().hex}"
    try:
        return subprocess.run(
            ["docker", "run", "--name", name, *options], check=True, capture_output=True, text=True
        ).stdout.strip()
    finally:
        subprocess.run(["docker", "rm", "--force", name], check=True, capture_output=True)


def sh(image: str, script: str) -> str:
    return run("--entrypoint", "/bin/sh", image, "-c", script)


def test_python_is_debians_and_new_enough(image: str) -> None:
    assert sh(image, "/usr/bin/python3 -Ic 'import sys; print(*sys.version_info[:2])'") == "3 13"


@pytest.mark.parametrize(
    "program", ["pip", "pip3", "uv", "gcc", "cc", "ld", "make", "git-remote-https", "curl", "wget", "ssh"]
)
def test_nothing_that_installs_compiles_or_fetches_is_left(image: str, program: str) -> None:
    assert sh(image, f"command -v {program} || ls /usr/lib/git-core/{program} 2>/dev/null || echo none") == "none"


def test_no_module_of_pip_or_of_tests_is_left(image: str) -> None:
    listing = sh(
        image,
        "/usr/bin/python3 -Ic 'import importlib.util as u; print([n for n in "
        '["pip","ensurepip","hatchling","pytest","test","tests","sandbox","maintain"] if u.find_spec(n)])\'',
    )
    assert listing == "[]"


def test_no_pth_file_runs_code_at_start(image: str) -> None:
    """coverage brings one that starts a measurement, with plugins, where the job sets COVERAGE_PROCESS_START."""
    assert sh(image, "find / -xdev -name '*.pth' -not -path '/proc/*'") == ""


def test_every_module_is_compiled_already(image: str) -> None:
    script = """
        cd /usr/local/lib/python3.13/dist-packages
        find . -name '*.py' | wc -l
        find . -name '*.cpython-313.pyc' | wc -l
    """
    sources, compiled = map(int, sh(image, script).split())
    assert sources > 500
    assert compiled == sources


def test_what_container_hooks_need_is_there(image: str) -> None:
    """ARC's Kubernetes hook starts the container with `tail` and moves files with `sh` and `mv`."""
    assert sh(image, "for name in sh tail mv; do command -v $name; done") == "/usr/bin/sh\n/usr/bin/tail\n/usr/bin/mv"


def test_git_reads_history_without_the_rest_of_its_package(image: str) -> None:
    script = """
        set -e
        export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        cd $(mktemp -d) && git init -q && seq 100 >a && git add a && git commit -qm one
        git mv a b && echo 101 >>b && git commit -qam two
        git diff -M --name-status HEAD~1 HEAD
        git merge-base HEAD HEAD~1 | wc -l
        git rev-list --count HEAD
        git ls-files
        git cat-file -t HEAD
    """
    status, merge_base, count, files, kind = sh(image, script).splitlines()
    assert status.split("\t")[1:] == ["a", "b"]
    assert (merge_base, count, files, kind) == ("1", "2", "b", "commit")


def test_the_labels_say_what_it_is(image: str) -> None:
    inspected = json.loads(subprocess.run(["docker", "inspect", image], check=True, capture_output=True).stdout)
    labels = inspected[0]["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "verdict-actions"
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    assert {f"org.opencontainers.image.{name}" for name in ("version", "revision", "source")} <= labels.keys()


@pytest.mark.parametrize("action_yml", ACTIONS, ids=[path.parent.name for path in ACTIONS])
def test_every_actions_entrypoint_is_isolated_python(image: str, action_yml: Path) -> None:
    entrypoint = yaml.safe_load(action_yml.read_text())["runs"]["entrypoint"]
    assert sh(image, f"test -x {entrypoint} && head -n 1 {entrypoint}") == "#!/usr/bin/python3 -Iu"


@pytest.mark.parametrize("action_yml", ACTIONS, ids=[path.parent.name for path in ACTIONS])
def test_every_action_says_how_it_is_used(image: str, action_yml: Path) -> None:
    action = yaml.safe_load(action_yml.read_text())
    shown = run("--entrypoint", action["runs"]["entrypoint"], image, "--help")
    assert all(f"--{name}" in shown for name in action["inputs"])


def test_the_image_says_how_it_is_used_when_run_without_an_entrypoint(image: str) -> None:
    assert "--fail-under" in run(image)
