"""The differential run: the same plan on the deployment before and on this one, so that only what broke fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from smoke_test.evidence import Comparison, Difference
from smoke_test.model import Plan, Run, State, Step, StepResult, Test

ERROR_PAGE = 400
"""The status from which on an answer is one."""


def compare(plan: Plan, previous_url: str, current: Run, run: Callable[[Plan], Run]) -> Comparison:
    """Run the same plan, setup and finally too, on `previous_url` and compare. `run` must not be fail-fast: where it
    stopped, nothing could be compared.

    After a run that was interrupted nothing is asked of anyone any more.
    """
    if current.interrupted:
        return Comparison(why_none=f"the run on this deployment ended early: {current.stopped}")
    return compared(run(elsewhere(plan, previous_url)), current)


def elsewhere(plan: Plan, base_url: str) -> Plan:
    """`plan` against another base URL, without its load stage. Absolute URLs that start with the plan's base URL, as it
    is written, move too; any other host is asked twice."""

    def step(one: Step) -> Step:
        below = one.send.url.removeprefix(plan.base_url.rstrip("/")) if plan.base_url else one.send.url
        moves = below != one.send.url and (not below or below[0] in "/?#")
        return replace(one, send=replace(one.send, url=below or "/")) if moves else one

    def steps(several: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(map(step, several))

    def test(one: Test) -> Test:
        return replace(one, steps=steps(one.steps))

    return replace(
        plan,
        base_url=base_url,
        load=None,
        setup=steps(plan.setup),
        tests=tuple(map(test, plan.tests)),
        finally_=steps(plan.finally_),
    )


def compared(previous: Run, current: Run) -> Comparison:
    """What each step did on both. There is nothing to compare with where the previous deployment answered nothing at
    all, or the run on it ended early: then no failure here can be excused, and none is shown to be new."""
    if why := _useless(previous):
        return Comparison(why_none=why)
    if [(step.test, step.name) for step in previous.steps] != [(step.test, step.name) for step in current.steps]:
        return Comparison(why_none="the two runs are not of the same plan")
    pairs = zip(previous.steps, current.steps, strict=True)
    return Comparison(
        tuple(Difference(now.test, now.name, before.state, now.state, _worse(before, now)) for before, now in pairs)
    )


def _worse(before: StepResult, now: StepResult) -> bool:
    """Whether a step that fails on both fails here in something that held there. Of an error page nothing holds but by
    chance."""
    both = before.state is State.FAILED and now.state is State.FAILED
    if not both or before.answer is None or before.answer.status >= ERROR_PAGE:
        return False
    return not {one.expected for one in now.failures} <= {one.expected for one in before.failures}


def _useless(previous: Run) -> str:
    answered = any(step.status is not None for step in previous.steps)
    asked = [step for step in previous.steps if step.attempts]
    if asked and not answered and not previous.interrupted:
        return f"the previous deployment answered none of {previous.requests} requests: {asked[0].message}"
    if previous.stopped:
        return f"the run on the previous deployment ended early: {previous.stopped}"
    if answered:
        return ""
    first = next((step.message for step in previous.steps), "the plan has no step")
    return f"no request was made to the previous deployment: {first}"
