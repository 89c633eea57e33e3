"""The judgement as an Outcome: facts, problems, and the data that others may rely on (see the contract). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from actionkit.outcome import Fact, Outcome, Problem
from actionkit.untrusted import shortened
from smoke_test import history
from smoke_test.evidence import Evidence
from smoke_test.history import Entry
from smoke_test.judgement import Judgement, shown
from smoke_test.measures import Measures, count, measured
from smoke_test.model import LoadResult, State, StepResult, ThresholdResult

MOST_STEPS = 5000
"""Steps in `data`; a plan of more is counted whole and listed in the JUnit file."""

MESSAGE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Files:
    """What was written beside the outcome: paths in the workspace, "" for what was not; and what kept it from being."""

    junit: str = ""
    exported: str = ""
    problems: tuple[Problem, ...] = ()


def outcome(
    judgement: Judgement, evidence: Evidence, *, files: Files = Files(), record: Entry | None = None, action: str
) -> Outcome:
    """Everything the judgement says, in the envelope every action ends in."""
    figures = measured(evidence)
    steps = evidence.run.steps if evidence.run else ()
    return Outcome(
        action=action,
        verdict=judgement.verdict,
        headline=judgement.headline,
        facts=tuple(_facts(evidence, figures)),
        problems=judgement.problems + files.problems,
        data={
            "plan": evidence.plan.path,
            "counts": {
                "total": len(steps),
                "passed": count(steps, State.PASSED),
                "failed": count(steps, State.FAILED, State.ERROR),
                "skipped": count(steps, State.SKIPPED),
            },
            "steps": [_step(step) for step in steps[:MOST_STEPS]],
            "measures": _measures(figures),
            "load": _load(evidence.loads[0]) if evidence.loads else None,
            "loads": [_load(load) for load in evidence.loads],
            "comparison": _comparison(evidence),
            "regression": _regression(evidence),
            "mutation": _mutation(evidence),
            "record": history.fields(record) if record else None,
            "junit_file": files.junit,
            "export_file": files.exported,
        },
    )


def _facts(evidence: Evidence, figures: Measures) -> Iterator[Fact]:
    run = evidence.run
    if run is not None:
        failed = count(run.steps, State.FAILED, State.ERROR)
        yield Fact("Steps passed", f"{count(run.steps, State.PASSED)} of {len(run.steps)}", ok=not failed)
        yield Fact("Requests", run.requests)
    if figures.source:
        of = "" if figures.source == "steps" else f" ({figures.source})"
        rate = figures.error_rate
        yield Fact(f"p50{of}", _rounded(figures.p50_ms), "ms")
        yield Fact(f"p95{of}", _rounded(figures.p95_ms), "ms")
        yield Fact(f"Error rate{of}", None if rate is None else round(float(rate) * 100, 3), "%")
    for load in evidence.loads:
        of = f" ({load.source or 'load'})" if len(evidence.loads) > 1 else ""
        for result in load.thresholds:
            yield Fact(f"{metric_of(result)}{of}", _value(result), limit=result.threshold.text, ok=_ok(result))
    for change in evidence.changes:
        yield Fact(
            f"{change.name} against earlier runs",
            round(change.value, 3),
            change.unit,
            limit=round(change.limit, 3),
            ok=change.ok,
        )


def metric_of(result: ThresholdResult) -> str:
    """The metric as the plan spells it: `http_req_duration{name:item}`."""
    tags = ",".join(f"{key}:{value}" for key, value in result.threshold.tags)
    return f"{result.threshold.metric}{{{tags}}}" if tags else result.threshold.metric


def _value(result: ThresholdResult) -> str | None:
    return None if result.value is None else shown(result.value)


def _ok(result: ThresholdResult) -> bool | None:
    """Whether it held; None where that cannot be said."""
    if result.value is None or (result.ok and not result.enough):
        return None
    return result.ok


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "test": step.test,
        "name": step.name,
        "ok": step.ok,
        "status": step.status,
        "duration_ms": round(step.seconds * 1000, 3),
        "message": shortened(step.message, MESSAGE_LIMIT),
        "state": step.state.value,
        "method": step.method,
        "url": step.url,
        "attempts": step.attempts,
        "checked": step.checked,
        "path": step.place.path,
        "line": step.place.line,
    }


def _measures(figures: Measures) -> dict[str, Any]:
    rate = figures.error_rate
    return {
        "source": figures.source,
        "requests": figures.requests,
        "failed": figures.failed,
        "p50_ms": _rounded(figures.p50_ms),
        "p95_ms": _rounded(figures.p95_ms),
        "p99_ms": _rounded(figures.p99_ms),
        "error_rate": None if rate is None else round(float(rate), 6),
        "throughput": _rounded(figures.throughput),
    }


def _load(load: LoadResult) -> dict[str, Any]:
    return {
        "source": load.source,
        "requests": load.requests,
        "failed": load.failed,
        "dropped": load.dropped,
        "iterations": load.iterations,
        "seconds": round(load.seconds, 3),
        "rate": round(load.rate, 3),
        "p50_ms": _rounded(load.p50_ms),
        "p95_ms": _rounded(load.p95_ms),
        "p99_ms": _rounded(load.p99_ms),
        "service_p50_ms": _rounded(load.service_p50_ms),
        "service_p95_ms": _rounded(load.service_p95_ms),
        "max_lag_ms": round(load.max_lag_ms, 3),
        "aborted": load.aborted,
        "failures": [{"message": message, "count": times} for message, times in load.failures],
        "thresholds": [
            {
                "metric": metric_of(result),
                "threshold": result.threshold.text,
                "value": _rounded(result.value),
                "ok": result.ok,
                "samples": result.samples,
                "enough": result.enough,
            }
            for result in load.thresholds
        ],
    }


def _comparison(evidence: Evidence) -> dict[str, Any] | None:
    comparison = evidence.comparison
    if comparison is None:
        return None
    return {
        "why_none": comparison.why_none,
        "steps": [
            {
                "test": one.test,
                "name": one.step,
                "before": one.before.value if one.before else None,
                "now": one.now.value,
                "newly_broken": one.newly_broken,
            }
            for one in comparison.differences
            if one.before is not one.now or one.already_failing or one.newly_broken
        ],
    }


def _regression(evidence: Evidence) -> dict[str, Any] | None:
    if evidence.plan.regression is None:
        return None
    known = evidence.reference
    return {
        "runs": known.runs,
        "why_none": evidence.why_no_reference,
        "p95_ms": _rounded(known.p95_ms),
        "error_rate": None if known.error_rate is None else round(float(known.error_rate), 6),
        "changes": [
            {
                "name": change.name,
                "unit": change.unit,
                "value": round(change.value, 3),
                "reference": round(change.reference, 3),
                "limit": round(change.limit, 3),
                "ok": change.ok,
            }
            for change in evidence.changes
        ],
    }


def _mutation(evidence: Evidence) -> dict[str, Any] | None:
    if not evidence.mutated:
        return None
    return {
        "asserts": evidence.mutated,
        "never_fail": [
            {"test": one.test, "name": one.step, "assert": one.text, "tried": one.tried} for one in evidence.never_fail
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
