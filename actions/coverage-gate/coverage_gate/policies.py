"""Loading the policy: the inputs, the config file and CODEOWNERS from the workspace."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.outcome import Problem, Severity
from actionkit.workspace import Workspace
from coverage_gate.inputs import Inputs
from coverage_gate.policy import Policy

DEFAULT_PATH = ".github/coverage-gate.yml"
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first one found counts."""


def load(inputs: Inputs, workspace: Workspace) -> Policy:
    """The policy of this run; inputs win over the file. Raises UsageError with everything that is wrong at once."""
    path = inputs.config or DEFAULT_PATH
    data = _read(workspace, path, must_exist=bool(inputs.config))
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
        codeowners=_codeowners(workspace),
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


def _read(workspace: Workspace, path: str, *, must_exist: bool) -> bytes | None:
    if not must_exist and not (workspace.root / path).exists():
        return None
    try:
        return workspace.read(path)
    except Unreadable as error:
        fix = "Check the path, and that actions/checkout ran before this step."
        raise UsageError([Complaint(f"input `config`: {error}", fix, path=path)]) from None


def _codeowners(workspace: Workspace) -> str | None:
    for path in CODEOWNERS:
        if (workspace.root / path).exists():
            try:
                return workspace.text(path).text
            except Unreadable:
                return None
    return None
