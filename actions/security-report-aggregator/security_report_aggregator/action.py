"""security-report-aggregator, put together: gather, decide, publish. The only module that knows all the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from actionkit import recorded
from actionkit.action import Action, Doors, Output
from actionkit.commenting import COMMENT_URL
from actionkit.context import RunContext
from actionkit.errors import UsageError
from actionkit.git import GitFailed
from actionkit.outcome import Outcome, Problem, Severity
from security_report_aggregator import (
    figures,
    gate,
    gather,
    lookup,
    openvex_out,
    policies,
    preflight,
    record,
    render,
    report,
    sarif_out,
    upgrades,
    upload,
)
from security_report_aggregator.evidence import Delta, Evidence
from security_report_aggregator.gather import Gathered
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.judgement import Judgement
from security_report_aggregator.permissions import PERMISSIONS
from security_report_aggregator.recording import RECORDS
from security_report_aggregator.replay import replay
from security_report_aggregator.report import Files
from security_report_aggregator.sarif_out import Merged
from security_report_aggregator.trunk import Trunk
from security_report_aggregator.upgrades import Upgrade

if TYPE_CHECKING:
    from pydantic import BaseModel

NAME = "security-report-aggregator"
FIRST = "nothing is recorded yet to compare with, so no finding counts as new: this run records the first baseline"


def run(inputs: Inputs, context: RunContext, doors: Doors) -> Outcome:
    """Judge the security reports of this run, or with `replay` the policy itself.

    Raises UsageError for a policy that cannot be read and BadToken; what is wrong with evidence is in the Outcome.
    """
    trunk = Trunk.of(context, doors)
    policy = policies.load(inputs, doors.workspace, trunk.approved(policies.path_of(inputs)))
    if inputs.replay:
        return report.replayed(replay(lookup.history(inputs, context, doors).entries, policy), NAME)
    gathered = gather.gather(inputs, policy, trunk, context, doors)
    begins = policy.only_new and context.trusted and gathered.evidence.no_baseline.heals
    # Nothing is recorded yet: this run records the first, so on the default branch nothing can be new.
    evidence = replace(gathered.evidence, delta=Delta()) if begins else gathered.evidence
    judgement = gate.decide(evidence, policy)
    written = _record(judgement, evidence, inputs, context, doors)
    if begins and written is not None and not written.kept:  # it would be the first one for ever
        missing = gathered.evidence.no_baseline.not_begun()
        begins, evidence = False, replace(gathered.evidence, no_baseline=missing)
        judgement = gate.decide(evidence, policy)
    gathered = replace(gathered, evidence=evidence)
    merged = _merged(judgement, gathered, inputs)
    files = _write(merged, judgement, gathered, inputs, context, doors)
    steps = _steps(judgement, gathered)
    made = report.outcome(judgement, evidence, steps=steps, merged=merged, files=files, action=NAME)
    if begins and judgement.complete:
        made = report.with_problems(made, _beginning(gathered))
    if inputs.upload_sarif:
        made = report.uploaded(made, upload.upload(merged.data, evidence.head_sha, context, doors))
    return report.with_problems(made, *(written.problems if written is not None else ()))


def _beginning(gathered: Gathered) -> Problem:
    said = f"{gathered.evidence.no_baseline}, so no finding counts as new" if gathered.index.entries else FIRST
    return Problem(said, severity=Severity.NOTICE)


def _merged(judgement: Judgement, gathered: Gathered, inputs: Inputs) -> Merged:
    """The merged SARIF; what is to be uploaded is held against every limit of GitHub's once more, as it is written."""
    evidence = gathered.evidence
    made = sarif_out.merged(
        evidence.ledger,
        evidence.weaknesses,
        judgement.applied.waived,
        category=inputs.sarif_category,
        sources=gathered.sources,
        manifest_line=gathered.places.of,
    )
    if not inputs.upload_sarif or not made.data:
        return made
    checked = preflight.check_and_repair(made.data)
    return replace(made, data=checked.data, repairs=(*made.repairs, *checked.repairs, *checked.refused))


def _write(
    merged: Merged, judgement: Judgement, gathered: Gathered, inputs: Inputs, context: RunContext, doors: Doors
) -> Files:
    """Write the merged SARIF and OpenVEX; an empty path for what there is nothing to say in.

    The SARIF is written unasked, so that a read-only workspace costs the file and not the verdict.
    """
    try:
        files = Files(doors.workspace.write(inputs.sarif_file, merged.data) if merged.data else "")
    except UsageError as error:
        files = Files(
            problems=tuple(Problem(one.message, one.fix, severity=Severity.WARNING) for one in error.complaints)
        )
    if not inputs.openvex_file:
        return files
    applied, evidence = judgement.applied.waived, gathered.evidence
    data = openvex_out.document(
        [(one, applied[one.id]) for one in evidence.weaknesses if one.id in applied],
        author=context.repository or NAME,
        id=f"{context.run_url or f'urn:{NAME}'}#openvex-{evidence.head_sha[:12]}",
        now=evidence.now,
        product=f"pkg:github/{context.repository.lower()}@{evidence.head_sha}" if context.repository else "",
    )
    return replace(files, openvex=doors.workspace.write(inputs.openvex_file, data) if data else "")


def _steps(judgement: Judgement, gathered: Gathered) -> tuple[Upgrade, ...]:
    """The smallest set of upgrades, each with the line that names the package."""
    applied = judgement.applied.waived
    steps = upgrades.plan(one for one in gathered.evidence.weaknesses if one.id not in applied)
    placed = []
    for step in steps[: report.MOST_UPGRADES]:
        place = gathered.places.at(step.package, step.path)
        placed.append(replace(step, path=place[0], line=place[1]) if place else step)
    return (*placed, *steps[report.MOST_UPGRADES :])


def _record(
    judgement: Judgement, evidence: Evidence, inputs: Inputs, context: RunContext, doors: Doors
) -> recorded.Written | None:
    """None where nothing is to be recorded. Evidence in doubt would poison every later comparison; what merely failed
    is the truth."""
    if not context.trusted or not judgement.complete or inputs.baseline.kind != "branch":
        return None
    try:
        parents = doors.git.parents(evidence.head_sha)
    except GitFailed:
        parents = []
    applied = judgement.applied.waived
    standing = [one for one in evidence.weaknesses if one.id not in applied]
    baseline = report.baseline_of(evidence, standing, gather.complete_tools(evidence.ledger))
    entry = report.entry_of(judgement, baseline, parents)
    return RECORDS.add(record.dump(baseline), entry, inputs.baseline_branch, context, doors)


def _config() -> type[BaseModel]:
    from security_report_aggregator.policy_file import ConfigFile

    return ConfigFile


ACTION = Action(
    name=NAME,
    title="Security report aggregator",
    description="One verdict over all security scanners: one list without duplicates, and incomplete is never clean.",
    inputs=Inputs,
    run=run,
    render=render.render,
    outputs={
        "findings": Output(
            "Findings that count, without duplicates and waived ones.", figures.count("findings"), "integer"
        ),
        "critical": Output("Of these, critical ones.", figures.count("critical"), "integer"),
        "high": Output("High ones.", figures.count("high"), "integer"),
        "medium": Output("Medium ones.", figures.count("medium"), "integer"),
        "low": Output("Low and informational ones.", figures.count("low"), "integer"),
        "unknown": Output("Ones that no scanner gives a severity.", figures.count("unknown"), "integer"),
        "secrets": Output("Leaked secrets among them.", figures.count("secrets"), "integer"),
        "new": Output("New against the baseline; empty without one.", figures.count("new"), "integer"),
        "fixed": Output("Gone since the baseline; empty without one.", figures.count("fixed"), "integer"),
        "waived": Output("Set aside by a waiver, VEX or the scanner itself.", figures.count("waived"), "integer"),
        "score": Output("Security score, 0 to 100; empty where evidence is incomplete.", figures.score, "integer"),
        "grade": Output("Grade of the score, A to F.", figures.grade, "enum", figures.GRADES),
        "sarif-file": Output("Path of the merged SARIF; empty where no scanner can be relied on.", figures.sarif_file),
        "sarif-id": Output("Id of the upload to code scanning.", figures.sarif_id),
        "comment-url": COMMENT_URL,
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
    icon="shield",
    color="red",
    config=_config,
    config_path=policies.DEFAULT_PATH,
)
