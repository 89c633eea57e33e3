"""Loading the policy: the inputs, the policy file of the workspace, and the same file on the base branch."""

from __future__ import annotations

import os

from actionkit.errors import Complaint, UsageError
from actionkit.policy_files import config_bytes
from actionkit.workspace import Workspace
from security_report_aggregator import combine
from security_report_aggregator.combine import File, on_base
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.policy import Policy

DEFAULT_PATH = ".github/security-policy.yml"

__all__ = ["DEFAULT_PATH", "load", "on_base", "path_of"]


def path_of(inputs: Inputs) -> str:
    """The policy file of a run, whether it is there or not."""
    return inputs.config or DEFAULT_PATH


def load(inputs: Inputs, workspace: Workspace, base_config: bytes | None) -> Policy:
    """The policy of this run; inputs win over the file.

    `base_config` is the same file on the base branch, None if there is none or nobody can say: then no waiver stands
    there. Where there is no base, as in a push to the default branch, hand in the file itself. One that cannot be used
    counts as none. Raises UsageError with everything that is wrong at once.
    """
    path = path_of(inputs)
    data = config_bytes(workspace, path, must_exist=bool(inputs.config))
    if data is not None:
        _refuse_link(workspace, path)
    file = None if data is None else _file(path, data)
    return combine.combine(inputs, file, _base(path, base_config))


def _refuse_link(workspace: Workspace, path: str) -> None:
    """Git holds a link and not what it leads to: the base branch's approvals could not be read through one."""
    plain = workspace.root / str(workspace.relative(path))
    if os.path.realpath(plain) != str(plain):
        fix = "Put the policy itself there, or name the file that the link leads to in `config`."
        message = "the policy file is a link, so it cannot be compared with that of the base branch"
        raise UsageError([Complaint(message, fix, path=path)])


def _base(path: str, data: bytes | None) -> File | None:
    try:
        return None if data is None else _file(path, data)
    except UsageError:
        return None


def _file(path: str, data: bytes) -> File:
    from actionkit import yamlcore
    from actionkit.config import load_config
    from security_report_aggregator.policy_file import ConfigFile

    return File(load_config(path, data, ConfigFile), path, yamlcore.read(data).line_of)
