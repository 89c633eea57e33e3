"""Running an action's image the way the runner does: its mounts, its working folder, its entrypoint, no `--user`.

Two things differ, both for Podman's sake: the Docker socket, which it does not have, is not mounted, and the container
is removed after the run instead of by `--rm`, because its service answers 0 for a container that removed itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sandbox.hosts import Hosts
from sandbox.runner.manifest import Manifest, ManifestError
from sandbox.runner.process import Program
from sandbox.runner.surroundings import Folders


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Run the action in a container.

    `image` is a built image to use; without it the Dockerfile that action.yml names is built first. The runner joins
    a network of its own only beside job services; `network` "host" lets the action reach a server on this machine's
    loopback. `read_only_workspace` mounts the workspace read-only, as a hardened self-hosted runner may. `client` is
    the docker command.
    """

    image: str = ""
    network: str = ""
    read_only_workspace: bool = False
    client: str = "docker"

    def image_for(self, manifest: Manifest) -> str:
        """The image to run, built now where need be. Raises ManifestError with the end of the build's output."""
        if self.image:
            return self.image
        if manifest.dockerfile is None:
            return manifest.image.removeprefix("docker://")
        return self._build(manifest.dockerfile)

    def program(
        self,
        name: str,
        image: str,
        entrypoint: str,
        args: Sequence[str],
        environ: Mapping[str, str],
        folders: Folders,
        hosts: Hosts,
    ) -> Program:
        """The `docker run` of the container `name`.

        Values travel in the client's environment and only names on the command line, so no secret is listed.
        """
        options = ["--name", name, "--workdir", "/github/workspace"]
        for variable in environ:
            options += ["-e", variable]
        if entrypoint:
            options += ["--entrypoint", entrypoint]
        if self.network:
            options += ["--network", self.network]
        for known, addresses in hosts.items():
            options += [part for address in addresses for part in ("--add-host", f"{known}:{address}")]
        for host, inside in folders.mounts().items():
            read_only = ":ro" if self.read_only_workspace and host == folders.workspace else ""
            options += ["-v", f"{host}:{inside}{read_only}"]
        translated = {variable: folders.in_container(value) for variable, value in environ.items()}
        # The job's PATH may lead anywhere, so the client is named in full.
        argv = (shutil.which(self.client) or self.client, "run", *options, image, *args)
        return Program(argv, {**translated, **_client_environment()}, folders.temp)

    def remove(self, name: str) -> None:
        """Remove the container, even where a killed client left it running; nothing happens where there is none."""
        subprocess.run([self.client, "rm", "--force", name], capture_output=True, check=False)

    def _build(self, dockerfile: Path) -> str:
        if not dockerfile.is_file():
            raise ManifestError(f"{dockerfile}: the Dockerfile that action.yml names does not exist")
        image = f"twin:{uuid4().hex}"
        built = subprocess.run(
            [self.client, "build", "-t", image, "-f", str(dockerfile), str(dockerfile.parent)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if built.returncode:
            raise ManifestError(f"docker build of {dockerfile} failed:\n{(built.stdout + built.stderr)[-2000:]}")
        return image


def container_name() -> str:
    return f"twin_{uuid4().hex}"


def _client_environment() -> dict[str, str]:
    """What the docker client itself needs. HOME is the action's, so the client's configuration is named."""
    kept = {"DOCKER_CONFIG": str(Path.home() / ".docker")}
    return {**kept, **{name: os.environ[name] for name in ("DOCKER_HOST", "DOCKER_CONFIG") if name in os.environ}}
