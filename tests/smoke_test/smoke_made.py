"""Runs and load results made by hand, for what is decided and shown of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from smoke_test.evidence import Evidence
from smoke_test.model import (
    Failure,
    LoadResult,
    Place,
    Plan,
    Run,
    State,
    StepResult,
    Threshold,
    ThresholdResult,
)

PLACE = Place("smoke.yml", 7)
P95 = Threshold(
    metric="http_req_duration",
    text="p(95)<500",
    aggregate="p",
    operator="<",
    limit=Fraction(500),
    percentile=Fraction(95),
    place=Place("smoke.yml", 40),
)


def step(state: State = State.PASSED, *, test: str = "shop", name: str = "item", **more: Any) -> StepResult:
    """A step that took 120 ms; one that failed says so."""
    said = {State.FAILED: "status is 503, expected 200", State.ERROR: "the variable token is not set"}
    failures = (Failure(said[state]),) if state in said else ()
    ran = state in (State.PASSED, State.FAILED)
    asked = (
        {"status": 200 if state is State.PASSED else 503, "seconds": 0.12, "attempts": 1, "checked": 1} if ran else {}
    )
    values = {"method": "GET", "url": "https://shop.example.com/item", "failures": failures, **asked, **more}
    return StepResult(test=test, name=name, state=state, place=PLACE, **values)


def run(*steps: StepResult, stopped: str = "") -> Run:
    return Run(steps=steps, seconds=2.0, requests=sum(one.attempts for one in steps), stopped=stopped)


def threshold(value: float | None, *, ok: bool = True, samples: int = 1000, enough: bool = True) -> ThresholdResult:
    return ThresholdResult(threshold=P95, value=value, ok=ok, samples=samples, enough=enough)


def load(*thresholds: ThresholdResult, **more: Any) -> LoadResult:
    values: dict[str, Any] = {
        "requests": 1000,
        "failed": 3,
        "dropped": 2,
        "iterations": 1000,
        "seconds": 20.0,
        "rate": 50.0,
        "p50_ms": 20.0,
        "p95_ms": 80.5,
        "p99_ms": 120.0,
        "service_p50_ms": 2.5,
        "service_p95_ms": 8.25,
        **more,
    }
    return LoadResult(thresholds=thresholds, **values)


def plan(**more: Any) -> Plan:
    return Plan(path="smoke.yml", **more)


def evidence(*steps: StepResult, **more: Any) -> Evidence:
    values = {"plan": plan(), "run": run(*steps), **more}
    return Evidence(**values)
