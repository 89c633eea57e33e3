"""Plan mutation: which expectations would hold whatever the service answers? Nothing is sent; only answers are read.

Every real answer is damaged in many ways, one at a time. An expectation that holds on all of them has tested nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from actionkit.action import nothing
from actionkit.asserts import Assert, Subject
from actionkit.asserts.mutants import Mutant, json_mutants, mutants
from actionkit.untrusted import one_line, shortened
from actionkit.web.model import Answer
from smoke_test.described import expected_body
from smoke_test.evidence import NeverFails
from smoke_test.expectations import judged
from smoke_test.model import Plan, Run, State, Step, StepResult
from smoke_test.schema_check import Schemas

MOST_DAMAGED = 60_000_000
"""Bytes of JSON damaged value by value, in all; a schema that was not tried on one whole answer by then is not told."""

_LONGEST = 200
_MATCHES = re.compile(r"\bnot\s+matches\b")


@dataclass(frozen=True, slots=True)
class Mutation:
    """`tried` expectations were held against damaged answers; these never failed."""

    tried: int
    never_fail: tuple[NeverFails, ...]


@dataclass(slots=True)
class _Claim:
    """One expectation of a step alone, and how many damaged answers it has held for."""

    text: str
    step: Step
    held: int = 0

    def is_about(self, mutant: Mutant) -> bool:
        """Whether the damage is of what the claim speaks of: a schema speaks of JSON, and one that takes any says
        nothing, though it fails on what is no JSON."""
        return mutant.is_json or not self.step.json_schema


def mutation(plan: Plan, run: Run, schemas: Schemas, now: datetime, *, most_damaged: int = MOST_DAMAGED) -> Mutation:
    """What the expectations of all passed steps are worth; `run` is a run of `plan`, `now` its time.

    Those of a step that failed are left out: it has shown that it can. So are captures, asserts on what an earlier step
    captured, and `fail_when`: they are not meant to fail on this answer.
    """
    tried = 0
    found: list[tuple[str, NeverFails]] = []
    bench = _Bench(schemas, now, most_damaged)
    captured = frozenset(name for step in _steps(plan) for name, _ in step.captures)
    for step, result in zip(_steps(plan), run.steps, strict=True):
        if result.answer is not None and result.state is State.PASSED:
            claims = tuple(_claims(step, result.answer, captured))
            tried += len(claims)
            found += bench.survivors(claims, result, result.answer)
    return Mutation(tried, tuple(one for schema, one in found if bench.is_sure(schema)))


def _steps(plan: Plan) -> Iterator[Step]:
    return chain(plan.setup, *(test.steps for test in plan.tests), plan.finally_)


def _claims(step: Step, answer: Answer, captured: frozenset[str]) -> Iterator[_Claim]:
    """Each expectation of the step alone."""
    bare = replace(step, status=None, headers=(), json_schema="", bodies=(), asserts=(), assert_lines=(), captures=())
    if step.status is not None:
        yield _Claim(f"status {step.status}", replace(bare, status=step.status))
    for name, value in step.headers:
        yield _Claim(f"header {name}: {value}", replace(bare, headers=((name, value),)))
    if schema := step.json_schema or expected_body(step, answer).schema:
        yield _Claim(f"json_schema {schema}", replace(bare, json_schema=schema))
    for at, one in enumerate(step.asserts):
        if not (one.text.startswith("variable") and captured & one.variables):
            yield _Claim(one.text, replace(bare, asserts=(one,), place=step.place_of(at)))


class _Bench:
    """Holds claims against damaged answers. A schema is judged by the answers of all steps that name it."""

    def __init__(self, schemas: Schemas, now: datetime, most_damaged: int) -> None:
        self._schemas, self._now, self._left = schemas, now, most_damaged
        self._failing: set[str] = set()
        self._tried: set[str] = set()

    def survivors(
        self, claims: Iterable[_Claim], result: StepResult, answer: Answer
    ) -> Iterator[tuple[str, NeverFails]]:
        """The claims that hold for every damaged version of `answer`, which is the result's, each with its schema."""
        standing = [claim for claim in claims if claim.step.json_schema not in self._failing]
        asserts = [one for claim in standing for one in claim.step.asserts]
        standing = self._standing(standing, mutants(answer, asserts, result.variables), result)
        if schemas := {claim.step.json_schema for claim in standing} - {""}:
            standing = self._standing(standing, self._affordable(json_mutants(answer)), result)
            self._tried |= schemas if self._left > 0 else set()
        for claim in standing:
            if not any(map(_cannot_be_told, claim.step.asserts)):
                text = shortened(one_line(claim.text), _LONGEST)
                told = NeverFails(result.test, result.name, text, claim.held, claim.step.place)
                yield claim.step.json_schema, told

    def is_sure(self, schema: str) -> bool:
        """Whether all damage of at least one answer was held against the schema, and of none it failed."""
        return not schema or (schema in self._tried and schema not in self._failing)

    def _affordable(self, damaged: Iterator[Mutant]) -> Iterator[Mutant]:
        while self._left > 0 and (mutant := next(damaged, None)):
            self._left -= len(mutant.answer.body)
            yield mutant

    def _standing(self, claims: list[_Claim], damaged: Iterator[Mutant], result: StepResult) -> list[_Claim]:
        while claims and (mutant := next(damaged, None)):
            subject = Subject(mutant.answer, self._now)
            claims = [claim for claim in claims if not claim.is_about(mutant) or self._holds(claim, subject, result)]
        return claims

    def _holds(self, claim: _Claim, subject: Subject, result: StepResult) -> bool:
        if judged(claim.step, subject, result.variables, self._schemas, nothing).failures:
            self._failing |= {claim.step.json_schema} - {""}
            return False
        claim.held += 1
        return True


def _cannot_be_told(claim: Assert) -> bool:
    """No text is made up that a regex matches: that `not matches` held for all others shows nothing."""
    return claim.negative and _MATCHES.search(claim.text) is not None
