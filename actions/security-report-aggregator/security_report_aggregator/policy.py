"""The policy of a run: what the inputs and the policy file ask for, in one immutable value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from actionkit.origin import Origin
from security_report_aggregator.model import Category, Level
from security_report_aggregator.waiver import Waiver

FAIL_ON = Origin("fail-on")
FAIL_ON_UNKNOWN = Origin("fail-on-unknown")
DEPENDENCY_AGE = Origin("dependency_age")
MIN_SCORE = Origin("min_score")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` weaknesses: of one level (None: of any), in one category (None: of any)."""

    most: int
    origin: Origin
    level: Level | None = None
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A waiver for this level counts only if approved by `team` and, with `base_branch_only`, if it stands there."""

    team: str
    base_branch_only: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Licenses:
    """SPDX ids, `WITH` an exception or not. `allow` empty: everything that `deny` does not name is allowed.

    The licence of `packages` (names as in waivers) is accepted whatever it is.
    """

    allow: tuple[str, ...]
    deny: tuple[str, ...]
    origin: Origin
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What a run is held against.

    `fail_on` is the lowest level that fails on its own, None for `none`; LOW stands for `any` too. A limit for a level
    takes the place of `fail_on` for it, and one for a level of a category that of both. `fail_on_unknown`: a weakness
    without a severity fails. `expected` are scanners that must have reported. `max_age` is the oldest a report may be.
    `only_new`: only what the change brought counts. `approval` is by level (`approval_for`). `dependency_age` is how
    long a published, fixable advisory may stay open. `unaudited` are packages that no advisory data base has to know,
    such as one's own (name globs). `min_score` is the lowest security score that passes. `base` is set where the base
    branch's `fail_on` and limits must pass too (`base_rules`).
    """

    fail_on: Level | None = Level.HIGH
    fail_on_origin: Origin = FAIL_ON
    fail_on_unknown: bool = True
    fail_on_unknown_origin: Origin = FAIL_ON_UNKNOWN
    expected: tuple[str, ...] = ()
    max_age: timedelta | None = None
    only_new: bool = False
    limits: tuple[Limit, ...] = ()
    approval: Mapping[Level, Approval] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    licenses: Licenses | None = None
    dependency_age: timedelta | None = None
    dependency_age_origin: Origin = DEPENDENCY_AGE
    unaudited: tuple[str, ...] = ()
    min_score: int | None = None
    min_score_origin: Origin = MIN_SCORE
    base: Policy | None = None

    @property
    def asks_for_anything(self) -> bool:
        """False if no finding, however bad, could fail a run."""
        asked = (self.fail_on, self.licenses, self.dependency_age, self.min_score)
        if self.fail_on_unknown or self.limits or any(one is not None for one in asked):
            return True
        return self.base is not None and self.base.asks_for_anything

    def limit_for(self, level: Level, category: Category) -> Limit | None:
        """The limit that takes the place of `fail_on` for a level in a category: its own before the general one."""
        own = [limit for limit in self.limits if limit.level is level and limit.category in (category, None)]
        return next((limit for limit in own if limit.category), own[0] if own else None)

    def counts_for(self, limit: Limit, level: Level, category: Category) -> bool:
        """Whether a weakness counts for a limit: for a total always, for a level's unless a narrower one has it."""
        if limit.category not in (category, None):
            return False
        return limit.level is None or (limit.level is level and self.limit_for(level, category) is limit)

    def fails_alone(self, level: Level) -> bool:
        """Whether one weakness of this level is enough to fail, where no limit takes its place."""
        if level is Level.UNKNOWN:
            return self.fail_on_unknown
        return self.fail_on is not None and level.rank >= self.fail_on.rank

    def approval_for(self, level: Level) -> Approval | None:
        """The level's own approval, else that of the next lower one; for an unknown level only its own."""
        if level is Level.UNKNOWN:
            return self.approval.get(level)
        lower = [one for one in self.approval if 0 < one.rank <= level.rank]
        return self.approval[max(lower, key=lambda one: one.rank)] if lower else None
