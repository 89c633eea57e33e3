"""A whole plan: setup, then the tests side by side, then always `finally`.

Every step runs in a daemon thread and the caller's thread only waits, so that an interrupt never tears a step apart
and a request that hangs never keeps the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf, isfinite
from threading import Event, Lock, Thread
from time import monotonic

from actionkit.asserts import template
from actionkit.errors import Interrupted
from smoke_test import plan_secrets
from smoke_test.bindings import bound
from smoke_test.halt import Halt
from smoke_test.model import Plan, Run, State, StepResult
from smoke_test.step_run import Ground, RunDoors, Session, run, without_exchange

FINALLY_SECONDS = 2.5
"""What `finally` has after an interrupt: the process is ended 4 s after it, and what is known has to be published."""

SLICE = 0.5
"""Seconds after which an interrupt is seen at the latest."""

_BAD = (State.FAILED, State.ERROR)


def run_plan(
    plan: Plan,
    secrets: Mapping[str, str],
    doors: RunDoors,
    *,
    fail_fast: bool = False,
    finally_seconds: float = FINALLY_SECONDS,
    load: Callable[[Ground, Session], None] | None = None,
) -> Run:
    """Carry out every step of `plan`; `secrets` are variable and value.

    `finally` runs whatever came before, an interrupt included: then for `finally_seconds` at most, and the run says so
    in `stopped` and is returned all the same. Steps not reached are SKIPPED with the reason. `load` is called in this
    thread between the tests and `finally`, with what setup knows, unless the run was stopped. Raises UsageError before
    anything is sent, for variables that cannot be filled.
    """
    variables = bound(plan.variables, secrets, plan.path)
    hidden = plan_secrets.hidden(plan, secrets)
    ground = Ground(template.fill(plan.base_url, variables), hidden, doors)
    session = Session.new(variables, doors.client)
    run = _PlanRun(plan, ground, session, fail_fast=fail_fast, finally_seconds=finally_seconds)
    return run.through(load)


class Crew:
    """Daemon threads that take jobs until none is left."""

    def __init__(self, jobs: Sequence[Callable[[], None]], threads: int) -> None:
        self._jobs = deque(jobs)
        self._crash: BaseException | None = None
        self._working, self._lock, self._over = min(threads, len(jobs)), Lock(), Event()
        if not jobs:
            self._over.set()

    def begin(self) -> Crew:
        """Start the threads. To be called once, even where it was interrupted."""
        for _ in range(self._working):
            Thread(target=self._work, daemon=True).start()
        return self

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the last job, so long at most; True if it is over. Raises what a job raised.

        Not Thread.join: a signal gets through to whoever waits for an event, on every Python. In slices: one that
        arrives in the very moment in which a wait begins is only seen after it.
        """
        ends = inf if seconds is None else monotonic() + seconds
        while not self._over.wait(min(max(ends - monotonic(), 0.0), SLICE)) and monotonic() < ends:
            pass
        over = self._over.is_set()
        if self._crash is not None:
            raise self._crash
        return over

    def _work(self) -> None:
        try:
            while self._crash is None and (job := self._next()):
                job()
        except BaseException as error:
            self._crash = error
        finally:
            with self._lock:
                self._working -= 1
                if not self._working:
                    self._over.set()

    def _next(self) -> Callable[[], None] | None:
        try:
            return self._jobs.popleft()
        except IndexError:
            return None


class _PlanRun:
    """The state of one run. `_results` are by section and step; sections are setup, each test, and finally."""

    def __init__(
        self, plan: Plan, ground: Ground, session: Session, *, fail_fast: bool, finally_seconds: float
    ) -> None:
        self._plan, self._ground, self._session = plan, ground, session
        self._fail_fast, self._finally_seconds = fail_fast, finally_seconds
        self._sections = (
            ("setup", plan.setup),
            *((test.name, test.steps) for test in plan.tests),
            ("finally", plan.finally_),
        )
        self._results: dict[tuple[int, int], StepResult] = {}
        doors = ground.doors
        self._ahead, self._end = Halt(doors.clock, doors.pause), Halt(doors.clock, doors.pause)
        self._interrupted = ""

    def through(self, load: Callable[[Ground, Session], None] | None) -> Run:
        try:
            self._setup_and_tests()
            if load is not None and not self._ahead.stopped:
                load(self._ground, self._session.branch())
        except Interrupted as error:
            self._interrupted = str(error)
            self._ahead.stop(self._interrupted)
        except BaseException:
            self._ahead.stop("the run crashed")
            self._finally()
            raise
        self._finally()
        return self._whole()

    def _setup_and_tests(self) -> None:
        Crew([partial(self._section, 0, self._session, self._ahead)], 1).begin().wait()
        if failed := self._failed(0):
            self._ahead.stop(f"the setup step `{failed}` failed, so no test was run")
            return
        tests = range(1, len(self._sections) - 1)
        Crew([partial(self._test, number) for number in tests], self._plan.parallel).begin().wait()

    def _test(self, number: int) -> None:
        self._section(number, self._session.branch(), self._ahead)
        if self._fail_fast and (failed := self._failed(number)):
            self._ahead.stop(f"fail-fast: the step `{failed}` of `{self._sections[number][0]}` failed")

    def _finally(self) -> None:
        """Every step of `finally`, bounded once an interrupt came; a second one changes nothing, whenever it comes."""
        crew, begun = Crew([self._clean_up], 1), False
        while True:
            try:
                if not begun:
                    begun = True
                    crew.begin()
                if self._interrupted:
                    self._end.limit(self._finally_seconds)
                left = self._end.left
                if crew.wait(max(left, 0) if isfinite(left) else None) or isfinite(left):
                    return
            except Interrupted as error:
                self._interrupted = str(error)

    def _clean_up(self) -> None:
        session = self._session.branch()
        for step in self._plan.setup:
            session.miss(step, State.SKIPPED)
        self._section(len(self._sections) - 1, session, self._end)

    def _section(self, number: int, session: Session, halt: Halt) -> None:
        """Steps in order. After a failed one the rest is skipped, but where each stands for itself."""
        name, steps = self._sections[number]
        failed, on_their_own = "", self._on_their_own(number)
        with session.open():
            for at, step in enumerate(steps):
                if failed and not on_their_own:
                    result = without_exchange(name, step, State.SKIPPED, f"the step `{failed}` failed before it")
                else:
                    result = run(name, step, session, self._ground, halt)
                self._results[number, at] = result
                failed = step.name if result.state in _BAD else failed

    def _on_their_own(self, number: int) -> bool:
        """Whether the steps of a section go on after one that failed: those of `finally` each clean up, and quick
        checks are of different things, whose second failure is news too."""
        if not 0 < number <= len(self._plan.tests):
            return number > 0
        return self._plan.tests[number - 1].independent and not self._fail_fast

    def _failed(self, number: int) -> str:
        """The first step of a section that failed, "" if none did."""
        steps = self._sections[number][1]
        found = (step.name for at, step in enumerate(steps) if self._results[number, at].state in _BAD)
        return next(found, "")

    def _whole(self) -> Run:
        stopped = self._interrupted or self._ahead.reason
        results = []
        for number, (name, steps) in enumerate(self._sections):
            for at, step in enumerate(steps):
                found = self._results.get((number, at))
                results.append(found or without_exchange(name, step, State.SKIPPED, stopped))
        requests = sum(result.attempts for result in results)
        return Run(
            steps=tuple(results),
            seconds=self._ground.elapsed(),
            requests=requests,
            stopped=stopped,
            interrupted=bool(self._interrupted),
        )
