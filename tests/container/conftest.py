"""The image, built once, and a consumer to run it on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.container.traps import INSIDE

from sandbox.shop import Shop

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "verdict-actions:test"


@pytest.fixture(scope="session")
def image() -> str:
    """The image that the root's Dockerfile builds: `ACTIONS_IMAGE` if it was built already (`make test-container`)."""
    client = shutil.which("docker")
    if client is None or subprocess.run([client, "version"], capture_output=True, check=False).returncode:
        pytest.fail('no container engine: start Docker, or run `eval "$(.ci/containers.sh)"` first', pytrace=False)
    if made := os.environ.get("ACTIONS_IMAGE"):
        return made
    built = subprocess.run([client, "build", "-t", IMAGE, ROOT], capture_output=True, text=True, check=False)
    if built.returncode:
        pytest.fail(f"docker build failed:\n{(built.stdout + built.stderr)[-3000:]}", pytrace=False)
    return IMAGE


@pytest.fixture(params=["process", pytest.param("container", marks=pytest.mark.container)])
def where(request: pytest.FixtureRequest, shop: Shop) -> str:
    """The workspace as the action sees it: on this machine, or in the image."""
    return INSIDE if request.param == "container" else str(shop.workspace)
