"""Targets, probes and what a watch makes of them: the words every module of health-wait shares. Immutable, no I/O.

Times are seconds as floats since the watch began, on a monotonic clock; durations are seconds too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from actionkit.web.model import Cause, Phase

if TYPE_CHECKING:
    from actionkit.asserts import Assert, Capture
    from actionkit.web.statuses import Statuses


class Kind(StrEnum):
    """How a target is probed."""

    HTTP = "http"
    TCP = "tcp"
    DNS = "dns"
    POSTGRES = "postgres"
    REDIS = "redis"


class Result(StrEnum):
    """What a watch ends in, in the words of the output `result`."""

    HEALTHY = "healthy"
    TIMEOUT = "timeout"
    WRONG_VERSION = "wrong-version"
    REGRESSED = "regressed"
    INCONCLUSIVE = "inconclusive"
    MISCONFIGURED = "misconfigured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a probe's answer must be. `version` is compared with what `version_from` finds."""

    status: Statuses
    body: str = ""
    asserts: tuple[Assert, ...] = ()
    version: str = ""
    version_from: Capture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing to wait for. `name` is its URL as it may be shown: no user name, password, query or fragment.

    `url` is the real one. `census`: every resolved address is probed by itself and counts as a replica.
    `proofs` are the good probes in a row that prove a version where a load balancer may choose the replica.
    """

    name: str
    kind: Kind
    url: str = field(repr=False)
    host: str
    port: int
    method: str = "GET"
    expectation: Expectation | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    insecure: bool = False
    census: bool = False
    period: float = 2.0
    timeout: float = 5.0
    initial_delay: float = 0.0
    success_threshold: int = 2
    failure_threshold: int | None = None
    proofs: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One probe. `due` is when it was scheduled, `began` when it really started, `ended` when it was decided.

    `ok`: everything expected held, version included. `serving`: everything but the version held, so that users are
    served. `phase` and `cause` say where a failed one failed (`cause` is None where the answer came and was wrong);
    `reason` is that as a sentence part for people. `replica` is the address probed where a census is taken, `address`
    the peer. `status` is the HTTP status. `hard` marks a failure that waiting cannot mend: a forbidden address.
    `own_fault`: the runner failed, not the target (a probe that never came back); it counts for nothing.
    """

    due: float
    began: float
    ended: float
    ok: bool
    serving: bool
    phase: Phase | None = None
    cause: Cause | None = None
    reason: str = ""
    version: str | None = None
    status: int | None = None
    address: str = ""
    replica: str = ""
    hard: bool = False
    own_fault: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """When a watch is over. `failure_limit` and `consecutive_failure_limit` count failed probes of one target while
    baking, as Argo Rollouts counts measurements: more than the limit is `regressed`. A limit that is None is none.

    `deadline` is for becoming healthy; the bake comes on top.
    """

    deadline: float = 300.0
    bake_time: float = 0.0
    failure_limit: int | None = 0
    consecutive_failure_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a target did not serve: from the first failed probe's start to the next good one's start.

    `end` is None where the watch ended first. `reason` is the first failed probe's.
    """

    start: float
    end: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the runner itself was behind: the worst delay of a probe's start and of the control probe, in seconds,
    and how many control probes failed or were late, of how many."""

    worst: float = 0.0
    late: int = 0
    of: int = 0
