"""What was gathered before anything is judged. Immutable, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from actionkit.errors import Unreadable
from actionkit.missing import Missing
from security_report_aggregator.model import Category, Level, Scan, State, Weakness
from security_report_aggregator.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Known:
    """A weakness in a baseline: nothing of it but its id (a hash), how bad it was, and who reported it."""

    id: str
    category: Category
    level: Level
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a trusted run recorded of a commit of the base branch. `recorded_at` is in seconds since the epoch.

    `tools` are the scanners whose scans were complete, with how many each had. `distance` is the number of commits from
    it to the merge base.
    """

    sha: str
    recorded_at: float
    known: Mapping[str, Known]
    tools: Mapping[str, int] = field(default_factory=dict)
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """The weaknesses against a baseline, by id.

    `new` came with the change. `published` are not in the baseline but were there already: their advisory appeared
    after it was recorded, so nobody's change is to blame. `worse` maps to the level before. `fixed` are gone although
    a scanner that had reported them ran completely; `unknown` are gone because none did. `fewer` are the scanners that
    handed in fewer scans than were recorded, as how many there were and are.
    """

    new: frozenset[str] = frozenset()
    published: frozenset[str] = frozenset()
    worse: Mapping[str, Level] = field(default_factory=dict)
    fixed: tuple[Known, ...] = ()
    unknown: tuple[Known, ...] = ()
    fewer: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def state(self, weakness: Weakness) -> State:
        return State.NEW if weakness.id in self.new else State.ACTIVE


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the evidence ledger: a scanner, a file, or an expected scanner without either.

    `reasons` say why it cannot be relied on (missing, stale, of another commit, crashed, partial, unreadable); with
    none it can.
    """

    tool: str
    path: str
    reasons: tuple[str, ...] = ()
    scan: Scan | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a judgement may rest on. `no_baseline` says why `baseline` is None.

    `weaknesses` are of all readable scans, licence findings of the policy included. `waivers` are those of the policy
    and of every ignore file.
    """

    ledger: tuple[Entry, ...]
    weaknesses: tuple[Weakness, ...]
    now: datetime
    waivers: tuple[Waiver, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    baseline: Baseline | None = None
    no_baseline: Missing = Missing()
    delta: Delta | None = None
    head_sha: str = ""
