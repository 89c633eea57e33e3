"""coverage-gate, put together: gather, decide, publish. The only module that knows all the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from actionkit import recorded
from actionkit.action import Action, Doors, Output
from actionkit.base import is_about_a_change
from actionkit.commenting import COMMENT_URL
from actionkit.context import RunContext
from actionkit.git import GitFailed
from actionkit.outcome import Outcome, Problem
from coverage_gate import (
    badge,
    baseline,
    delta,
    drift,
    figures,
    gate,
    gather,
    green_path,
    lookup,
    policies,
    render,
    report,
)
from coverage_gate.delta import Delta
from coverage_gate.evidence import Evidence
from coverage_gate.inputs import Inputs
from coverage_gate.permissions import PERMISSIONS
from coverage_gate.policy import Policy
from coverage_gate.record import RECORDS
from coverage_gate.replay import replay

if TYPE_CHECKING:
    from pydantic import BaseModel

NAME = "coverage-gate"


def run(inputs: Inputs, context: RunContext, doors: Doors) -> Outcome:
    """Judge the coverage of this run, or with `replay` the policy itself.

    Raises UsageError for a policy that cannot be read and BadToken; what is wrong with evidence is in the Outcome.
    """
    policy = policies.load(inputs, doors.workspace)
    if inputs.replay:
        return report.replayed(replay(lookup.history(inputs, context, doors).entries, policy), NAME)
    gathered = gather.gather(inputs, policy, context, doors)
    heals = gathered.evidence.no_baseline.heals
    made = _judged(gathered, policy, inputs, context, doors, is_first=context.trusted and heals)
    # A measurement in doubt would poison every later comparison; one that merely failed is the truth.
    if context.trusted and made.complete and inputs.baseline.kind == "branch":
        written = _record(made.outcome, gathered.evidence, inputs, context, doors)
        if heals and not written.kept:  # one that leaves nothing behind would be the first one for ever
            made = _judged(_not_begun(gathered), policy, inputs, context, doors, is_first=False)
        return report.with_problems(made.outcome, *written.problems)
    return made.outcome


def _not_begun(gathered: gather.Gathered) -> gather.Gathered:
    evidence = gathered.evidence
    return replace(gathered, evidence=replace(evidence, no_baseline=evidence.no_baseline.not_begun()))


@dataclass(frozen=True, slots=True)
class _Judged:
    """The outcome, and whether the evidence allowed a verdict on every gate."""

    outcome: Outcome
    complete: bool


def _judged(
    gathered: gather.Gathered, policy: Policy, inputs: Inputs, context: RunContext, doors: Doors, *, is_first: bool
) -> _Judged:
    evidence = gathered.evidence
    notes: tuple[Problem, ...] = ()
    if context.trusted or not is_about_a_change(context):
        policy, notes = policies.applicable(policy, has_change=gathered.has_change, is_first=is_first)
    change = _change(evidence)
    judgement = gate.decide(evidence, policy, change)
    made = report.outcome(
        judgement,
        evidence,
        delta=change,
        drift=_drift(evidence, change),
        path_to_green=green_path.steps(judgement.findings, evidence),
        index=gathered.index,
        action=NAME,
    )
    made = report.with_problems(made, *notes)
    if inputs.badge:
        made = report.with_badge(made, _badge(inputs.badge, evidence, policy, doors))
    return _Judged(made, judgement.complete)


def _badge(path: str, evidence: Evidence, policy: Policy, doors: Doors) -> str:
    """Write the SVG, and the shields.io JSON beside it; the path of the SVG."""
    made = badge.badge(evidence.overall.lines.counts, policy.line.limit if policy.line else None)
    doors.workspace.write(str(PurePosixPath(path).with_suffix(".json")), made.endpoint.encode())
    return doors.workspace.write(path, made.svg.encode())


def _record(made: Outcome, evidence: Evidence, inputs: Inputs, context: RunContext, doors: Doors) -> recorded.Written:
    try:
        parents = doors.git.parents(evidence.head_sha)
    except GitFailed:
        parents = []
    measured = report.record_of(evidence)
    entry = report.entry_of(measured, made.headline, doors.now().timestamp(), parents)
    return RECORDS.add(baseline.dump(measured), entry, inputs.baseline_branch, context, doors)


def _change(evidence: Evidence) -> Delta | None:
    baseline, lines = evidence.baseline, evidence.overall.lines.counts
    if baseline is None:
        return None
    if evidence.diff is None or not baseline.files:
        return delta.unattributed(baseline.lines, lines)
    return delta.attribute(baseline, evidence.overall.files, evidence.diff, current=lines)


def _drift(evidence: Evidence, change: Delta | None) -> drift.Drift | None:
    if evidence.baseline is None or change is None:
        return None
    tool, version, form = report.main_tool(evidence)
    return drift.detect(evidence.baseline, change, tool=tool, version=version, format=form)


def _config() -> type[BaseModel]:
    from coverage_gate.policy_file import ConfigFile

    return ConfigFile


ACTION = Action(
    name=NAME,
    title="Coverage gate",
    description="Judges line, branch and patch coverage of a run, and says when the evidence does not allow a verdict.",
    inputs=Inputs,
    run=run,
    render=render.render,
    outputs={
        "line-coverage": Output(
            "Line coverage in percent, two decimals, rounded down.", figures.share("totals", "lines"), "float"
        ),
        "branch-coverage": Output(
            "Branch coverage in percent; empty where not measured.", figures.share("totals", "branches"), "float"
        ),
        "patch-coverage": Output(
            "Coverage of the changed lines; empty where none is executable.", figures.share("patch", "lines"), "float"
        ),
        "lines-covered": Output("Executable lines that ran.", figures.count("totals", "lines_covered"), "integer"),
        "lines-total": Output("Executable lines.", figures.count("totals", "lines_total"), "integer"),
        "branches-covered": Output(
            "Branch outcomes that were taken.", figures.count("totals", "branches_covered"), "integer"
        ),
        "branches-total": Output("Branch outcomes.", figures.count("totals", "branches_total"), "integer"),
        "line-coverage-delta": Output(
            "Change of line coverage against the baseline, in percentage points.", figures.points, "float"
        ),
        "comment-url": COMMENT_URL,
        "badge": Output("Path of the badge SVG.", figures.badge),
    },
    permissions=PERMISSIONS,
    hosts=(
        "the GitHub API: `api.github.com`, or what `GITHUB_API_URL` names on GitHub Enterprise Server",
        "with `baseline: artifact:<name>` the storage that GitHub redirects the download to; it never sees the token",
    ),
    events=(
        "pull_request",
        "pull_request_target",
        "push",
        "merge_group",
        "schedule",
        "workflow_dispatch",
        "workflow_run",
    ),
    icon="check-circle",
    color="green",
    config=_config,
    config_path=policies.DEFAULT_PATH,
)
