"""Everything a run of smoke-test found out, before it is judged. Immutable, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

from actionkit.outcome import Problem
from smoke_test.history import Change, Reference
from smoke_test.model import LoadResult, Place, Plan, Run, State

_BAD = (State.FAILED, State.ERROR)


@dataclass(frozen=True, slots=True)
class NeverFails:
    """An assert that held for every damaged version of a real answer: `tried` of them."""

    test: str
    step: str
    text: str
    tried: int
    place: Place


@dataclass(frozen=True, slots=True)
class Difference:
    """A step on both deployments: `before` on the one compared with, `now` on this one; None where it has no such.

    One that fails here and there was not reached, or could not be carried out, is neither newly broken nor excused.
    `worse`: it fails on both, and here in something that held there.
    """

    test: str
    step: str
    before: State | None
    now: State
    worse: bool = False

    @property
    def newly_broken(self) -> bool:
        return self.now in _BAD and (self.before is State.PASSED or self.worse)

    @property
    def already_failing(self) -> bool:
        return self.before is State.FAILED and self.now in _BAD and not self.worse


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differential run: what each step did on both, or `why_none` there is nothing to compare with."""

    differences: tuple[Difference, ...] = ()
    why_none: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is judged. `run` is None where only another tool's result was read; `loads` are our own load stage first,
    then results of other tools by file. `changes` are figures against `reference`; `why_no_reference` is "" where there
    is one. `unrecorded`: it could be asked for, and nothing is recorded yet; `begins`: then this run may record the
    first. `unreadable` are files that were named and cannot be read; `unloaded`
    says why the load stage that was asked for was left out."""

    plan: Plan
    run: Run | None = None
    loads: tuple[LoadResult, ...] = ()
    comparison: Comparison | None = None
    reference: Reference = field(default_factory=Reference)
    changes: tuple[Change, ...] = ()
    why_no_reference: str = ""
    unrecorded: bool = False
    begins: bool = False
    never_fail: tuple[NeverFails, ...] = ()
    mutated: int = 0
    unreadable: tuple[Problem, ...] = ()
    unloaded: tuple[Problem, ...] = ()
