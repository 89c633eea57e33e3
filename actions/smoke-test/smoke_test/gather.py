"""Carrying out a plan and everything around it: the load stage, other tools' results, the differential run, the
history. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from actionkit import surroundings
from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import Unreadable
from actionkit.outcome import Problem, Severity
from actionkit.redact import Redactor
from actionkit.web.bundle import bundle
from actionkit.web.client import Client
from actionkit.web.way import Way
from smoke_test import compare, history, measures, recording
from smoke_test.evidence import Evidence
from smoke_test.inputs import Inputs
from smoke_test.model import LoadResult, Plan, Run, State, StepResult
from smoke_test.plans import Loaded
from smoke_test.step_run import Ground, RunDoors, Session

REPORT_LIMIT = 500_000_000
MEND = "Mend what fails first."
LEAVE_OUT = (
    " Until then give its test a tag such as `broken`, and leave it out with `!broken` in the input `tags`; or compare"
    " without a load, with `load: false`."
)
MARKS = {State.PASSED: "ok", State.FAILED: "FAILED", State.SKIPPED: "skipped", State.ERROR: "ERROR"}


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence so far, and the redactor that knows every secret of the run, those that answers held included.

    `interrupted`: a signal came, and there is no time for more.
    """

    evidence: Evidence
    redactor: Redactor = field(repr=False)
    doors: RunDoors = field(repr=False)
    interrupted: bool = False


def carried_out(inputs: Inputs, loaded: Loaded, doors: Doors) -> Gathered:
    """Run the plan with its load stage. Raises UsageError for what the run cannot begin with."""
    redactor = Redactor([*loaded.hidden, inputs.proxy])
    plan = loaded.plan
    stage = _Stage(inputs, plan, doors)
    run_doors = _doors(inputs, loaded, redactor, stage.heard, doors)
    run = None
    if plan.tests:
        run = _run(plan, loaded, run_doors, doors, fail_fast=inputs.fail_fast, load=stage.load)
    evidence = Evidence(plan=plan, run=run, loads=tuple(stage.results), unloaded=tuple(stage.left_out))
    return Gathered(evidence, redactor, run_doors, interrupted=run is not None and run.interrupted)


def completed(gathered: Gathered, inputs: Inputs, loaded: Loaded, context: RunContext, doors: Doors) -> Gathered:
    """The same with all that the run is held against: another tool's result, the deployment before, damaged answers,
    the history. Raises BadToken."""
    evidence, run = gathered.evidence, gathered.evidence.run
    if inputs.load_report:
        evidence = _with_report(evidence, inputs.load_report, doors)
    if inputs.compare_url and run is not None:
        evidence, interrupted = _compared(evidence, run, inputs, loaded, gathered.doors, doors)
        if interrupted:
            return replace(gathered, evidence=evidence, interrupted=True)
    if inputs.mutate and run is not None:
        from smoke_test import mutate

        found = mutate.mutation(loaded.plan, run, loaded.schemas, doors.now())
        evidence = replace(evidence, never_fail=found.never_fail, mutated=found.tried)
    if loaded.plan.regression is not None:
        evidence = _with_history(evidence, inputs, context, doors)
    return replace(gathered, evidence=evidence)


def series(inputs: Inputs, evidence: Evidence) -> str:
    """What is comparable: the same plan, under the same comment key, measured the same way.

    Of the key only a hash: it goes to the history branch, and nobody has promised that it holds nothing secret.
    """
    key = _hashed(inputs.comment_key) if inputs.comment_key else ""
    return "#".join(part for part in (evidence.plan.path, key, measures.measured(evidence).source) if part)


def _hashed(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


class _Stage:
    """The load stage between tests and finally: nothing is loaded that does not even pass its tests."""

    def __init__(self, inputs: Inputs, plan: Plan, doors: Doors) -> None:
        self._plan, self._doors = plan, doors
        self._wanted = plan.load is not None and not (inputs.load_report and inputs.load is not True)
        self._broken = False
        # What fails on both deployments is known once both have run, and the load belongs before the clean-up here.
        self._fix = MEND + LEAVE_OUT * bool(inputs.compare_url)
        self.results: list[LoadResult] = []
        self.left_out: list[Problem] = []

    def heard(self, result: StepResult) -> None:
        self._broken = self._broken or result.state in (State.FAILED, State.ERROR)
        ms = f" {result.seconds * 1000:.0f} ms" if result.attempts else ""
        status = f" {result.status}" if result.status is not None else ""
        said = f": {result.message}" if result.message else ""
        self._doors.say(f"{MARKS[result.state]} {result.test}: {result.name}{status}{ms}{said}")

    def load(self, ground: Ground, session: Session) -> None:
        """Put the load on with what setup knows."""
        load = self._plan.load
        if load is None or not self._wanted:
            return
        if self._broken:
            message = "the load stage was left out, since a step failed before it"
            self.left_out.append(Problem(message, self._fix, load.place.path, load.place.line, Severity.WARNING))
            return
        from smoke_test.load import run_load

        self.results.append(run_load(self._plan, load, session, ground, self._doors.say, self.results.append))


def _doors(
    inputs: Inputs, loaded: Loaded, redactor: Redactor, heard: Callable[[StepResult], None], doors: Doors
) -> RunDoors:
    ca_bundle = bundle(doors.workspace, inputs.ca_bundle)
    way = Way(proxy=inputs.proxy, ca_bundle=ca_bundle, allow_hosts=inputs.allow_hosts)

    def client(insecure: bool) -> Client:
        return Client(replace(way, insecure=insecure or inputs.insecure), keep=True)

    def hide(secret: str) -> None:
        redactor.learn([secret])
        doors.hide(secret)

    return RunDoors(
        client=client,
        read_file=loaded.schemas.read_file,
        now=doors.now,
        hide=hide,
        done=heard,
        surroundings=surroundings.look(),
    )


def _run(
    plan: Plan,
    loaded: Loaded,
    run_doors: RunDoors,
    doors: Doors,
    *,
    fail_fast: bool = False,
    load: Callable[[Ground, Session], None] | None = None,
    title: str = "Steps",
) -> Run:
    from smoke_test.runner import run_plan

    with doors.group(title):
        return run_plan(plan, loaded.secrets, run_doors, fail_fast=fail_fast, load=load)


def _compared(
    evidence: Evidence, run: Run, inputs: Inputs, loaded: Loaded, run_doors: RunDoors, doors: Doors
) -> tuple[Evidence, bool]:
    """The evidence with the differential run, and whether that was interrupted."""
    runs: list[Run] = []

    def again(plan: Plan) -> Run:
        runs.append(_run(plan, loaded, run_doors, doors, title="Steps on the deployment compared with"))
        return runs[-1]

    comparison = compare.compare(loaded.plan, inputs.compare_url, run, again)
    return replace(evidence, comparison=comparison), any(one.interrupted for one in runs)


def _with_report(evidence: Evidence, path: str, doors: Doors) -> Evidence:
    """The evidence with another tool's result; one that cannot be read is a doubt that decides."""
    from smoke_test import load_reports

    thresholds = evidence.plan.load.thresholds if evidence.plan.load else ()
    try:
        result = load_reports.read(doors.workspace.read(path, REPORT_LIMIT), path, thresholds)
    except Unreadable as error:
        fix = "Name the whole result of a run in `load-report`."
        told = Problem(f"input `load-report`: {error}", fix)
        return replace(evidence, unreadable=(*evidence.unreadable, told))
    return replace(evidence, loads=(*evidence.loads, result))


def _with_history(evidence: Evidence, inputs: Inputs, context: RunContext, doors: Doors) -> Evidence:
    policy = evidence.plan.regression
    assert policy is not None  # noqa: S101 - the caller has looked
    found = recording.look_up(inputs.baseline, inputs.baseline_branch, context, doors)
    ours = series(inputs, evidence)
    known = history.reference(found.entries, ours, doors.now().timestamp(), policy.window)
    figures = measures.measured(evidence)
    why = str(found.missing)
    if not why and not known.runs:
        why = f"no passed run of this plan is recorded in the last {policy.window / history.DAY:.0f} days"
        if inputs.baseline.kind == "file":
            why = f"{inputs.baseline.name} is no measure: {history.unfit(found.entries[0], ours, policy.window)}"
    # A file is what the user names: no run makes it the first one by itself.
    unrecorded = inputs.baseline.kind != "file" and (found.missing.heals or not found.missing.reason)
    return replace(
        evidence,
        reference=known,
        why_no_reference=why,
        unrecorded=unrecorded,
        begins=context.trusted and unrecorded,
        changes=tuple(history.compare(policy, known, figures.p95_ms, figures.failed, figures.requests)),
    )
