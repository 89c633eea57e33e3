"""Loading what a watch goes by: the inputs, and the config file of the workspace."""

from __future__ import annotations

from collections.abc import Callable

from actionkit.action import nothing
from actionkit.policy_files import config_bytes
from actionkit.web.bundle import bundle
from actionkit.web.way import Way
from actionkit.workspace import Workspace
from health_wait.combine import Settings, combine
from health_wait.inputs import Inputs
from health_wait.sources import File

DEFAULT_PATH = ".github/health-wait.yml"


def load(inputs: Inputs, workspace: Workspace, hide: Callable[[str], None] = nothing) -> Settings:
    """The settings of this run; inputs win over the file. `hide` is told every secret in them.

    Raises UsageError with everything that is wrong at once, and without any secret.
    """
    path = inputs.config or DEFAULT_PATH
    data = config_bytes(workspace, path, must_exist=bool(inputs.config))
    settings = combine(inputs, None if data is None else _file(path, data))
    for secret in settings.secrets:
        hide(secret)
    return settings


def way(settings: Settings, workspace: Workspace) -> Way:
    """How probes reach the world. Raises UsageError for a CA bundle that cannot be used."""
    place = bundle(workspace, settings.ca_bundle)
    return Way(proxy=settings.proxy, ca_bundle=place, allow_hosts=settings.allow_hosts)


def _file(path: str, data: bytes) -> File:
    from actionkit import yamlcore
    from actionkit.config import load_config
    from health_wait.policy_file import ConfigFile

    return File(load_config(path, data, ConfigFile), path, yamlcore.read(data).line_of)
