"""The verdict over a run of smoke-test: a table of rules, each of which speaks for or against. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from actionkit.outcome import Problem, Severity, Verdict
from smoke_test.evidence import Evidence
from smoke_test.history import Change
from smoke_test.measures import P95_SAMPLES, count, measured, tested
from smoke_test.model import Executor, Failure, LoadResult, Place, State, StepResult, ThresholdResult
from smoke_test.written import CHECKS

FAILURES = ("http_req_failed", "checks")
"""The metrics that tell of failed requests."""

UNSTARTED = ("http_req_failed", "dropped_iterations", "iterations", "http_reqs")
"""The metrics that, of all samples, tell of iterations that were dropped."""

MOST_UNWATCHED = Fraction(1, 10)
"""The share of requests without a good answer beyond which the figures of the others show little."""

LOAD_FIX = "Use a load stage that makes more requests, or take this limit away."
BEGINNING = (
    "Let a run on the default branch record one first. On a laptop copy this run's outcome.json to a file of its own,"
    " and name that in `baseline`."
)
UNTOLD = {
    "k6": "Add it to k6's `--summary-trend-stats`, or use the file of its `--out json`, which holds every sample."
}
UNTOLD_ELSEWHERE = "Ask for a figure that it tells, or take this limit away."
"""What to do where a result has samples of a metric, but not the figure that a limit is about."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says: `verdict` is None for a remark that decides nothing."""

    verdict: Verdict | None
    problem: Problem


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the evidence comes to, with everything that a person should know."""

    verdict: Verdict
    headline: str
    problems: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        """Whether the run can be trusted as a measurement, whatever it measured."""
        return self.verdict in (Verdict.PASS, Verdict.FAIL)


def decide(evidence: Evidence) -> Judgement:
    """The worst that any rule says: `incomplete` weighs more than nothing, `fail` more than `incomplete`.

    What failed has failed, however much else is missing.
    """
    findings = [finding for rule in RULES for finding in rule(evidence)]
    verdict = _worst(findings)
    problems = tuple(finding.problem for finding in findings) + evidence.plan.notes
    return Judgement(verdict, _headline(evidence, verdict, findings), problems)


def without_history(evidence: Evidence) -> Verdict:
    """The verdict but for the comparison with earlier runs, which a first run cannot have."""
    return _worst([finding for rule in RULES if rule is not _regression for finding in rule(evidence)])


def _worst(findings: list[Finding]) -> Verdict:
    said = {finding.verdict for finding in findings}
    return next((one for one in (Verdict.FAIL, Verdict.INCOMPLETE) if one in said), Verdict.PASS)


def _steps(evidence: Evidence) -> Iterator[Finding]:
    """Every step that failed; where deployments are compared only what passed on the other one counts."""
    run = evidence.run
    if run is None:
        return
    excused = _already_failing(evidence)
    for step in run.steps:
        if step.state is State.FAILED and (step.test, step.name) in excused:
            message = f"{step.test}: {step.name} fails on the deployment compared with too: {step.message}"
            yield Finding(None, _at(step.place, message, Severity.WARNING))
        elif step.state is State.FAILED:
            yield from (Finding(Verdict.FAIL, problem) for problem in _failures(step))
        elif step.state is State.ERROR:
            message = f"{step.test}: {step.name} could not be carried out: {step.message}"
            fix = "Correct the plan, or what it names; no further attempt would mend it."
            yield Finding(Verdict.INCOMPLETE, _at(step.place, message, fix=fix))


def _failures(step: StepResult) -> Iterator[Problem]:
    tries = f" (after {step.attempts} attempts)" if step.attempts > 1 else ""
    for failure in step.failures or (Failure("it failed and does not say why"),):
        place = failure.place if failure.place.path else step.place
        message = f"{step.test}: {step.name}: {failure.message}{tries}"
        yield _at(place, message, title="Smoke test failed")


def _already_failing(evidence: Evidence) -> frozenset[tuple[str, str]]:
    comparison = evidence.comparison
    if comparison is None or comparison.why_none:
        return frozenset()
    bad = [one for one in comparison.differences if one.now in (State.FAILED, State.ERROR)]
    # Steps may share a name: one that broke is not excused by another that was broken before.
    unexcused = {(one.test, one.step) for one in bad if not one.already_failing}
    return frozenset((one.test, one.step) for one in bad) - unexcused


def _anything(evidence: Evidence) -> Iterator[Finding]:
    """A run that tested nothing, or asserted nothing, has shown nothing."""
    run = evidence.run
    if run is None:
        return
    steps = tested(run)
    place = Place(evidence.plan.path)
    if run.stopped:
        yield Finding(Verdict.INCOMPLETE, _at(place, f"the run ended early: {run.stopped}"))
    executed = count(steps, State.PASSED, State.FAILED)
    if not executed and not run.interrupted and not count(run.steps, State.FAILED, State.ERROR):
        fix = "Check `tags`, and `skip` in the plan."
        yield Finding(Verdict.INCOMPLETE, Problem("no test was executed", fix, path=place.path))
    elif executed and not any(step.checked for step in steps) and not _failing(evidence):
        fix = "Write `status: 200` or asserts into the plan."
        yield Finding(Verdict.INCOMPLETE, Problem("nothing was asserted of any answer", fix, path=place.path))


def _failing(evidence: Evidence) -> bool:
    """Whether a step failed that no other deployment excuses; who did not answer at all was asserted nothing of."""
    excused = _already_failing(evidence)
    steps = evidence.run.steps if evidence.run else ()
    return any(step.state is State.FAILED and (step.test, step.name) not in excused for step in steps)


def _comparison(evidence: Evidence) -> Iterator[Finding]:
    comparison = evidence.comparison
    if comparison is not None and comparison.why_none:
        message = f"there is nothing to compare with: {comparison.why_none}"
        yield Finding(Verdict.INCOMPLETE, Problem(message, "Check `compare-url`."))
    elif comparison is not None and evidence.run is not None and not count(tested(evidence.run), State.PASSED):
        message = "no test passed a single step here: what fails on both deployments shows nothing of this one"
        fix = "Compare with a deployment that works."
        yield Finding(Verdict.INCOMPLETE, Problem(message, fix, path=evidence.plan.path))


def _loads(evidence: Evidence) -> Iterator[Finding]:
    for problem in (*evidence.unreadable, *evidence.unloaded):
        yield Finding(Verdict.INCOMPLETE, problem)
    for load in evidence.loads:
        name = load.source or "the load stage"
        if not load.requests and not load.dropped:
            yield Finding(Verdict.INCOMPLETE, Problem(f"{name} made no request"))
        else:
            yield from _unwatched(load, name)
        if load.hung:
            message = "no virtual user got an answer any more when the load stage ended: the server hangs"
            fix = "See what it waits for; where such an iteration is meant, raise `graceful_stop`."
            yield Finding(Verdict.INCOMPLETE, Problem(message, fix, path=evidence.plan.path))
        for result in load.thresholds:
            yield from _threshold(result, name, blamed=not _own_fault(load, result))
        if load.aborted:
            yield Finding(Verdict.FAIL, Problem(f"{name} was ended early: {load.aborted}"))
        if not load.thresholds:
            message = f"no threshold is held against {name}: its figures are shown and decide nothing"
            yield Finding(None, Problem(message, "Add `thresholds` to `load` in the plan.", severity=Severity.NOTICE))
        for note in load.notes:
            yield _doubt(note, load, evidence)


def _unwatched(load: LoadResult, name: str) -> Iterator[Finding]:
    """Failures that no threshold looks at: whoever times only what was answered finds a dead server fast."""
    limited = [result.threshold for result in load.thresholds]
    failed = load.failed - _watched(load)
    dropped = 0 if any(one.metric in UNSTARTED and not one.tags for one in limited) else load.dropped
    asked = load.requests + load.dropped
    if failed + dropped <= asked * MOST_UNWATCHED:
        return
    share = f"{failed + dropped} of {asked}" if failed + dropped < asked else "all"
    what = " or ".join(["failed"] * bool(failed) + ["were dropped"] * bool(dropped))
    message = f"{share} requests of {name} {what}, and no threshold is held against that"
    yield Finding(Verdict.INCOMPLETE, Problem(message, 'Add `http_req_failed: ["rate<0.01"]` to `thresholds`.'))


def _watched(load: LoadResult) -> int:
    """How many of the failed requests a threshold looks at: one with tags looks at those alone that have them."""
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for result in load.thresholds:
        threshold = result.threshold
        if threshold.metric in FAILURES and not threshold.tags:
            return load.failed
        if threshold.metric in FAILURES and result.value is not None:
            share = result.value if threshold.metric == "http_req_failed" else 1 - result.value
            seen[threshold.tags] = max(seen.get(threshold.tags, 0), round(share * result.samples))
    return min(sum(seen.values()), load.failed)


def _doubt(note: Problem, load: LoadResult, evidence: Evidence) -> Finding:
    """A doubt in our own figures decides, but where it could only have made them worse than they are.

    Arrivals on schedule are timed from when they were due: where none was dropped the load was as asked for, and what
    our own delay added still kept within every threshold.
    """
    plan = evidence.plan
    if note.severity is not Severity.ERROR:
        return Finding(None, note)
    on_schedule = plan.load is not None and plan.load.executor is Executor.ARRIVAL_RATE and not load.dropped
    held = bool(load.thresholds) and all(result.ok and result.enough for result in load.thresholds)
    if on_schedule and held and not load.source and not load.aborted and plan.regression is None:
        return Finding(None, replace(note, severity=Severity.WARNING))
    return Finding(Verdict.INCOMPLETE, note)


def _own_fault(load: LoadResult, result: ThresholdResult) -> bool:
    """Whether it may be our own side that crossed a threshold: it was too slow to time anything, or to start in time.

    Answers that failed have failed, however slow we were.
    """
    if load.source or not any(note.severity is Severity.ERROR for note in load.notes):
        return False
    return bool(load.dropped) or result.threshold.metric not in FAILURES


def _threshold(result: ThresholdResult, name: str, *, blamed: bool) -> Iterator[Finding]:
    threshold = result.threshold
    tags = ",".join(f"{key}:{value}" for key, value in threshold.tags)
    metric = f"{threshold.metric}{{{tags}}}" if tags else threshold.metric
    if result.value is None and result.samples:
        message = f"the result of {name} does not tell what `{threshold.text}` of `{metric}` asks for"
        yield Finding(Verdict.INCOMPLETE, _at(threshold.place, message, fix=UNTOLD.get(name, UNTOLD_ELSEWHERE)))
    elif result.value is None:
        message = f"{name} has no sample of `{metric}`, so `{threshold.text}` cannot be judged"
        fix = "Let the load make such requests, or take this limit away."
        yield Finding(Verdict.INCOMPLETE, _at(threshold.place, message, fix=fix))
    elif not result.ok:
        message = f"`{metric}` of {name} is {shown(result.value)}, not {threshold.text}"
        verdict = Verdict.FAIL if blamed else Verdict.INCOMPLETE
        yield Finding(verdict, _at(threshold.place, message, title="Threshold crossed"))
    elif not result.enough:
        message = f"{result.samples} samples of `{metric}` are too few to judge `{threshold.text}`"
        yield Finding(Verdict.INCOMPLETE, Problem(message, LOAD_FIX, threshold.place.path, threshold.place.line))


def _regression(evidence: Evidence) -> Iterator[Finding]:
    policy = evidence.plan.regression
    if policy is None or (evidence.unloaded and not evidence.loads):  # the figures that are limited are not there
        return
    figures, known = measured(evidence), evidence.reference
    if policy.p95 is not None and figures.requests < P95_SAMPLES:
        message = f"p95 of {figures.requests} requests cannot be judged: {P95_SAMPLES} are needed"
        yield Finding(Verdict.INCOMPLETE, Problem(message, LOAD_FIX, path=evidence.plan.path))
    elif policy.p95 is not None and figures.p95_ms is None:
        message = f"`regression.p95` cannot be judged: nothing tells the p95 of these {figures.requests} requests"
        fix = "Have the load tool report it (k6: `summaryTrendStats` with `p(95)`), or limit only `error_rate`."
        yield Finding(Verdict.INCOMPLETE, Problem(message, fix, path=evidence.plan.path))
    elif policy.p95 is not None and known.runs and not known.p95_ms:
        none = f"no earlier run has one of {P95_SAMPLES} requests"
        why = none if known.p95_ms is None else "that of earlier runs is 0 ms, of which no share can be taken"
        message = f"`regression.p95` cannot be judged: {why}"
        fix = "Limit it under `load.thresholds`, and here only `error_rate`."
        yield Finding(Verdict.INCOMPLETE, Problem(message, fix, path=evidence.plan.path))
    if evidence.why_no_reference and evidence.begins:
        message = f"{evidence.why_no_reference}: this run records the first"
        yield Finding(None, Problem(message, severity=Severity.NOTICE))
    elif evidence.why_no_reference:
        message = f"`regression` cannot be judged: {evidence.why_no_reference}"
        elsewhere = "Name in `baseline` the outcome of an earlier run of this plan that passed."
        fix = BEGINNING if evidence.unrecorded else elsewhere
        yield Finding(Verdict.INCOMPLETE, Problem(message, fix))
    for change in evidence.changes:
        if not change.ok:
            yield Finding(Verdict.FAIL, _worse(change, evidence))


def _worse(change: Change, evidence: Evidence) -> Problem:
    unit, runs = change.unit, evidence.reference.runs
    allowed = f"{change.name} is {shown(change.value)} {unit}, at most {shown(change.limit)} {unit} passes"
    earlier = "the earlier run's" if runs == 1 else f"the median of {runs} earlier runs"
    message = f"{allowed}: {earlier} is {shown(change.reference)} {unit}"
    return Problem(message, path=evidence.plan.path, title="Regression")


def _mutation(evidence: Evidence) -> Iterator[Finding]:
    for one in evidence.never_fail:
        message = f"{one.test}: {one.step}: `{one.text}` held for all {one.tried} damaged answers: it never fails"
        fix = "Ask for a value that only a right answer has."
        yield Finding(
            None, Problem(message, fix, one.place.path, one.place.line, Severity.WARNING, title="Assert never fails")
        )


Rule = Callable[[Evidence], Iterator[Finding]]
RULES: tuple[Rule, ...] = (_anything, _steps, _comparison, _loads, _regression, _mutation)


def _headline(evidence: Evidence, verdict: Verdict, findings: list[Finding]) -> str:
    parts = []
    run = evidence.run
    if run is not None:
        steps = run.steps
        failed, skipped = count(steps, State.FAILED, State.ERROR), count(steps, State.SKIPPED)
        parts.append(f"{count(steps, State.PASSED)} of {len(steps)} steps passed")
        parts += [f"{failed} failed"] * bool(failed) + [f"{skipped} skipped"] * bool(skipped)
        newly = sum(one.newly_broken for one in evidence.comparison.differences) if evidence.comparison else 0
        parts += [f"{newly} newly broken"] * bool(newly)
    for load in evidence.loads:
        parts.append(_load_headline(load))
    first = next((finding.problem.message for finding in findings if finding.verdict is verdict), "")
    tail = [first] if first and verdict is not Verdict.PASS else []
    return ": ".join([", ".join(parts), *tail] if parts else tail)


def _load_headline(load: LoadResult) -> str:
    crossed = sum(not result.ok for result in load.thresholds)
    held = f"{len(load.thresholds) - crossed} of {len(load.thresholds)} thresholds held"
    return f"{load.source or 'load'}: {load.requests} requests, {held}"


def shown(value: float) -> str:
    """A figure with as many digits as people read: 0.0125, 12.3, 1234."""
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def _at(place: Place, message: str, severity: Severity = Severity.ERROR, title: str = "", fix: str = "") -> Problem:
    """A problem on its line. Quick checks stand in an input and in no file, so theirs is named in words."""
    if place.path == CHECKS:
        where = f" {place.line}" if place.line else ""
        return Problem(f"input `checks`, line{where}: {message}", fix, severity=severity, title=title)
    return Problem(message, fix, place.path, place.line, severity, title=title)
