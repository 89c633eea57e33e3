"""Plan mutation: which expectations would hold whatever the service answers? Nothing is sent; only answers are read.

Every real answer is damaged in many ways, one at a time. An expectation that holds on all of them has tested nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from actionkit.action import nothing
from actionkit.asserts import Subject
from actionkit.asserts.mutants import mutants
from smoke_test.evidence import NeverFails
from smoke_test.expectations import judged
from smoke_test.model import Plan, Run, State, Step, StepResult
from smoke_test.schema_check import Schemas


@dataclass(frozen=True, slots=True)
class Mutation:
    """`tried` expectations were held against damaged answers; these never failed."""

    tried: int
    never_fail: tuple[NeverFails, ...]


def mutation(plan: Plan, run: Run, schemas: Schemas, now: datetime) -> Mutation:
    """What the expectations of all passed steps are worth. A step that never passed shows that it can fail."""
    tried = 0
    found: list[NeverFails] = []
    steps = _steps(plan)
    for result in run.steps:
        step = steps.get((result.test, result.name))
        if step is None or result.answer is None or result.state is not State.PASSED:
            continue
        alone = tuple(_alone(step))
        tried += len(alone)
        found += _survivors(alone, result, schemas, now)
    return Mutation(tried, tuple(found))


def _steps(plan: Plan) -> Mapping[tuple[str, str], Step]:
    rooms = (("setup", plan.setup), *((test.name, test.steps) for test in plan.tests), ("finally", plan.finally_))
    return {(room, step.name): step for room, steps in rooms for step in steps}


def _alone(step: Step) -> Iterator[tuple[str, Step]]:
    """The step with each of its expectations alone, and how that one reads."""
    bare = replace(step, status=None, headers=(), json_schema="", asserts=(), captures=())
    if step.status is not None:
        yield f"status {step.status}", replace(bare, status=step.status)
    for name, value in step.headers:
        yield f"header {name}: {value}", replace(bare, headers=((name, value),))
    if step.json_schema:
        yield f"json_schema {step.json_schema}", replace(bare, json_schema=step.json_schema)
    for one in step.asserts:
        yield one.text, replace(bare, asserts=(one,))


def _survivors(
    alone: Sequence[tuple[str, Step]], result: StepResult, schemas: Schemas, now: datetime
) -> Iterator[NeverFails]:
    assert result.answer is not None  # noqa: S101 - the caller has looked
    standing, tried = list(alone), 0
    asserts = [one for _, step in alone for one in step.asserts]
    for mutant in mutants(result.answer, asserts):
        if not standing:
            return
        tried += 1
        subject = Subject(mutant.answer, now)
        standing = [
            (text, step)
            for text, step in standing
            if not judged(step, subject, result.variables, schemas, nothing).failures
        ]
    for text, _ in standing:
        yield NeverFails(result.test, result.name, text, tried, result.place)
