"""The policy of a run: what the inputs and the policy file ask for, in one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from actionkit.origin import Origin
from security_report_aggregator.model import Category, Level
from security_report_aggregator.waiver import Waiver

FAIL_ON = Origin("fail-on")


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
    """SPDX expressions. `allow` empty: everything that `deny` does not name is allowed."""

    allow: tuple[str, ...]
    deny: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Policy:
    """What a run is held against.

    `fail_on` is the lowest level that fails on its own, None for `none`; LOW stands for `any` too. A limit for a level
    takes the place of `fail_on` for it. `fail_on_unknown`: a weakness without a severity fails. `expected` are
    scanners that must have reported. `max_age` is the oldest a report may be. `only_new`: only what the change brought
    counts. `approval` is by level. `dependency_age` is how long a published, fixable advisory may stay open.
    `unaudited` are packages that no advisory data base has to know, such as one's own (name globs). `min_score` is
    the lowest security score that passes.
    """

    fail_on: Level | None = Level.HIGH
    fail_on_origin: Origin = FAIL_ON
    fail_on_unknown: bool = True
    expected: tuple[str, ...] = ()
    max_age: timedelta | None = None
    only_new: bool = False
    limits: tuple[Limit, ...] = ()
    approval: Mapping[Level, Approval] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    licenses: Licenses | None = None
    dependency_age: timedelta | None = None
    unaudited: tuple[str, ...] = ()
    min_score: int | None = None
