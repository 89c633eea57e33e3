"""smoke-test, put together: load the plan, gather, decide, publish. The only module that knows all the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from actionkit import base
from actionkit.action import Action, Doors, Output
from actionkit.commenting import COMMENT_URL
from actionkit.context import RunContext
from actionkit.errors import UsageError
from actionkit.outcome import Outcome, Problem, Severity, Verdict
from smoke_test import figures, gather, judgement, plans, recording, render, report
from smoke_test.evidence import Evidence
from smoke_test.gather import Gathered
from smoke_test.history import Entry
from smoke_test.inputs import Inputs
from smoke_test.judgement import Judgement
from smoke_test.measures import measured
from smoke_test.permissions import PERMISSIONS
from smoke_test.plans import Loaded
from smoke_test.report import Files

if TYPE_CHECKING:
    from smoke_test.plan_file import PlanFile

NAME = "smoke-test"


def run(inputs: Inputs, context: RunContext, doors: Doors) -> Outcome:
    """Run the plan against the deployment and judge what it did, or with `export` write the plan for another tool.

    Raises UsageError for a plan that cannot be used, and BadToken; what the deployment does is in the Outcome.
    """
    loaded = plans.load(inputs, doors.workspace, doors.environ)
    for secret in loaded.hidden:
        doors.hide(secret)
    if inputs.export:
        return _exported(inputs, loaded, doors)
    began = doors.now()
    gathered = gather.carried_out(inputs, loaded, doors)
    files = _junit(inputs, gathered, began, doors)
    if gathered.evidence.run is not None:  # whatever comes between, what the steps showed is told
        so_far = judgement.decide(gathered.evidence)
        doors.keep(report.outcome(so_far, gathered.evidence, files=files, action=NAME))
    if not gathered.interrupted:
        gathered = gather.completed(gathered, inputs, loaded, context, doors)
    evidence = gathered.evidence
    decided = judgement.decide(evidence)
    entry = _entry(inputs, evidence, decided, context, doors)
    said: tuple[Problem, ...] = ()
    if entry is not None and _recorded(inputs, evidence, entry, decided, context):
        written = recording.write(entry, inputs.baseline_branch, context, doors)
        said = written.problems
        if not written.kept:  # a first run that leaves nothing behind would be the first one for ever
            evidence = replace(evidence, begins=False)
            decided = judgement.decide(evidence)
    made = report.outcome(decided, evidence, files=files, record=entry, action=NAME)
    return replace(made, problems=(*made.problems, *said))


def _recorded(inputs: Inputs, evidence: Evidence, entry: Entry, decided: Judgement, context: RunContext) -> bool:
    """Whether the entry goes to the history branch, and not only into the outcome."""
    asked = evidence.plan.regression is not None and inputs.baseline.kind == "branch"
    return asked and context.trusted and decided.complete and bool(entry.sha)


def _exported(inputs: Inputs, loaded: Loaded, doors: Doors) -> Outcome:
    """The plan as a k6 script: `pass`, since it judges no deployment."""
    from pathlib import PurePosixPath

    from smoke_test.export_k6 import export

    depth = len(PurePosixPath(inputs.export_file).parent.parts)
    made = export(loaded.plan, "/".join([".."] * depth))
    path = doors.workspace.write(inputs.export_file, made.script.encode())
    headline = f"the plan was written to {path} for k6; nothing was tested"
    notes = (*loaded.plan.notes, *made.notes)
    return Outcome(NAME, Verdict.PASS, headline, problems=notes, data={"plan": loaded.plan.path, "export_file": path})


def _junit(inputs: Inputs, gathered: Gathered, began: datetime, doors: Doors) -> Files:
    """Write the JUnit file. It is written unasked, so that a read-only workspace costs the file and not the verdict."""
    run = gathered.evidence.run
    if run is None:
        return Files()
    from smoke_test.junit_out import junit

    try:
        return Files(doors.workspace.write(inputs.junit_file, junit(run, began, gathered.redactor.text)))
    except UsageError as error:
        return Files(
            problems=tuple(Problem(one.message, one.fix, severity=Severity.WARNING) for one in error.complaints)
        )


def _entry(inputs: Inputs, evidence: Evidence, decided: Judgement, context: RunContext, doors: Doors) -> Entry | None:
    """What later runs can be compared with; None where there is nothing to rely on. A run that lacks nothing but an
    earlier one is such a measurement too, or no outcome could ever be the first `baseline`."""
    figures_now = measured(evidence)
    verdict = judgement.without_history(evidence) if evidence.why_no_reference else decided.verdict
    if verdict not in (Verdict.PASS, Verdict.FAIL) or not figures_now.requests:
        return None
    return Entry(
        sha=base.head_of(context, doors.git) if evidence.plan.regression else context.sha,
        recorded_at=doors.now().timestamp(),
        series=gather.series(inputs, evidence),
        verdict=verdict.value,
        requests=figures_now.requests,
        failed=figures_now.failed,
        p95_ms=figures_now.p95_ms,
    )


def _plan_file() -> type[PlanFile]:
    from smoke_test.plan_file import PlanFile

    return PlanFile


ACTION = Action(
    name=NAME,
    title="Smoke test",
    description="Requests with asserts, and a small load, against what was deployed; a vacuous plan never passes.",
    inputs=Inputs,
    run=run,
    render=render.render,
    outputs={
        "total": Output("Steps of setup, tests and finally.", figures.count("total"), "integer"),
        "passed": Output("Of these, passed.", figures.count("passed"), "integer"),
        "failed": Output("Failed, or could not be carried out.", figures.count("failed"), "integer"),
        "skipped": Output(
            "Not carried out, after a failure or because the plan says so.", figures.count("skipped"), "integer"
        ),
        "requests": Output("Requests that the figures below are about.", figures.requests, "integer"),
        "p50-ms": Output(
            "Median duration in milliseconds, of the load stage where there is one.", figures.measure("p50_ms"), "float"
        ),
        "p95-ms": Output("95th percentile.", figures.measure("p95_ms"), "float"),
        "p99-ms": Output("99th percentile.", figures.measure("p99_ms"), "float"),
        "error-rate": Output(
            "Share of requests that failed, 0 to 1; dropped iterations count as failed.",
            figures.measure("error_rate"),
            "float",
        ),
        "throughput": Output("Requests a second.", figures.measure("throughput"), "float"),
        "junit-file": Output("Path of the JUnit XML.", figures.path("junit_file")),
        "export-file": Output("Path of the exported k6 script.", figures.path("export_file")),
        "comment-url": COMMENT_URL,
    },
    permissions=PERMISSIONS,
    hosts=(
        "the deployment, as `base-url`, `compare-url` and the URLs of the plan name it, over `proxy` where it is given",
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
        "deployment",
        "deployment_status",
        "release",
    ),
    icon="check-circle",
    color="blue",
    config=_plan_file,
    config_schema="plan.schema.json",
)
