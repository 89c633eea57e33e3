"""The load stage of smoke-test: k6's two executors, raw samples, thresholds. `run_load` is the way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smoke_test.model import Load, LoadResult, Plan
    from smoke_test.step_run import Ground, Session


def run_load(
    plan: Plan,
    load: Load,
    base: Session,
    ground: Ground,
    say: Callable[[str], None],
    so_far: Callable[[LoadResult], None],
) -> LoadResult:
    """Put the load of a plan on, after its setup: `base` holds setup's variables and cookies, and makes clients that
    keep their connections.

    A plan without a test under load gives a result without requests. Raises what an interrupt raises, at once, when
    `so_far` has heard what was measured until then.
    """
    from smoke_test.load import iterations, result, stage
    from smoke_test.load.book import Book

    tests = iterations.under_load(load, plan.tests)
    if not any(not step.options.skip for test in tests for step in test.steps):
        return result.conclude(load, Book(load.thresholds, 0), result.Ended(seconds=0.0))
    return stage.run(load, iterations.recruiter(tests, base, ground), say=say, so_far=so_far)
