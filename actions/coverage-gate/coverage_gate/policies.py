"""Loading the policy: the inputs, the config file and CODEOWNERS from the workspace."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from actionkit.outcome import Problem, Severity
from actionkit.policy_files import codeowners_text, config_bytes
from actionkit.workspace import Workspace
from coverage_gate.inputs import Inputs
from coverage_gate.policy import Policy

DEFAULT_PATH = ".github/coverage-gate.yml"


def load(inputs: Inputs, workspace: Workspace) -> Policy:
    """The policy of this run; inputs win over the file. Raises UsageError with everything that is wrong at once."""
    path = inputs.config or DEFAULT_PATH
    data = config_bytes(workspace, path, must_exist=bool(inputs.config))
    combine = partial(
        Policy.combine,
        fail_under=inputs.fail_under,
        fail_under_branch=inputs.fail_under_branch,
        fail_under_patch=inputs.fail_under_patch,
        fail_under_file=inputs.fail_under_file,
        max_drop=inputs.max_drop,
        reports=inputs.reports,
        has_baseline=inputs.baseline.kind != "none",
    )
    if data is None:
        return combine()
    from actionkit import yamlcore
    from actionkit.config import load_config
    from coverage_gate.policy_file import ConfigFile

    return combine(
        config=load_config(path, data, ConfigFile),
        config_path=path,
        line_of=yamlcore.read(data).line_of,
        codeowners=codeowners_text(workspace),
    )


def applicable(policy: Policy, *, has_change: bool, is_first: bool) -> tuple[Policy, tuple[Problem, ...]]:
    """The part of the policy that a run on the default branch can be asked for, and what was left out.

    A run that brings no change has no patch, and the run that records the first baseline has none to fall below.
    """
    notes = []
    if not has_change and policy.asks_for_patch:
        components = tuple(replace(component, patch=None) for component in policy.components)
        policy = replace(policy, patch=None, components=components)
        notes.append("this run brings no change, so there are no changed lines to judge")
    if is_first and policy.asks_for_baseline:
        owners = tuple(replace(owner, ratchet=None) for owner in policy.owners)
        policy = replace(policy, max_drop=None, owners=owners)
        notes.append("nothing is recorded yet to compare with: this run records the first baseline")
    return policy, tuple(Problem(note, severity=Severity.NOTICE, title="Not asked of this run") for note in notes)
