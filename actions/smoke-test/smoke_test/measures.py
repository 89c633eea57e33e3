"""The figures of a run that outputs, history and page share: requests, failures, percentiles, throughput. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from smoke_test.evidence import Evidence
from smoke_test.load.percentiles import needed, percentile
from smoke_test.model import Run, State, StepResult

P95_SAMPLES = needed(95)
"""The fewest samples that a 95th percentile is judged by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """`source` says what was measured: "load", "steps", or the tool whose result was read; "" where nothing was.

    `requests` and `failed` count requests and, in a load stage, iterations that could not start. Percentiles are
    milliseconds, None where there is no sample; `throughput` is requests a second.
    """

    source: str = ""
    requests: int = 0
    failed: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    throughput: float | None = None

    @property
    def error_rate(self) -> Fraction | None:
        """The share that failed, 0 to 1; None where nothing was asked."""
        return Fraction(self.failed, self.requests) if self.requests else None


def measured(evidence: Evidence) -> Measures:
    """The figures of the load stage where there was one, else those of the steps."""
    if evidence.loads:
        load = evidence.loads[0]
        return Measures(
            source=load.source or "load",
            requests=load.requests + load.dropped,
            failed=load.failed + load.dropped,
            p50_ms=load.p50_ms,
            p95_ms=load.p95_ms,
            p99_ms=load.p99_ms,
            throughput=load.rate,
        )
    return of_steps(evidence.run) if evidence.run else Measures()


def of_steps(run: Run) -> Measures:
    """The figures of a run's steps: one sample each, the last attempt's."""
    asked = [step for step in run.steps if step.attempts]
    if not asked:
        return Measures()
    times = sorted(step.seconds * 1000 for step in asked)
    return Measures(
        source="steps",
        requests=len(asked),
        failed=sum(not step.ok for step in asked),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
        p99_ms=percentile(times, 99),
        throughput=run.requests / run.seconds if run.seconds else None,
    )


def tested(run: Run) -> tuple[StepResult, ...]:
    """The steps of tests alone, without setup and finally."""
    return tuple(step for step in run.steps if step.test not in ("setup", "finally"))


def count(steps: Sequence[StepResult], *states: State) -> int:
    return sum(step.state in states for step in steps)
