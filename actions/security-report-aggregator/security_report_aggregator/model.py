"""The domain: findings, scans, weaknesses. Immutable, no I/O.

A *finding* is one record of one scanner. A *scan* is one report (or one run of a SARIF file): its findings and whether
it can be believed. A *weakness* is what all scanners together say about one thing; only weaknesses are judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Category(StrEnum):
    """What kind of thing is weak; limits in the policy are set per category."""

    DEPENDENCY = "dependency"
    CODE = "code"
    CONTAINER = "container"
    SECRET = "secret"  # noqa: S105 - a category, not a password
    LICENSE = "license"
    DAST = "dast"
    IAC = "iac"


class Level(StrEnum):
    """How bad a finding is, in the bands that every scanner's words are mapped to (`severity`)."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """4 for critical down to 1 for low; 0 for unknown, which is no statement."""
        return _RANKS[self]


_RANKS = {"critical": 4, "high": 3, "medium": 2, "low": 1, "unknown": 0}


class Rated(NamedTuple):
    """A severity and where it comes from.

    `said` is the scanner's own word or number ("" where it gives none), `source` what was read, such as `Severity`,
    `CVSS:3.1 vector`, `security-severity of the rule`. `score` is a CVSS base score (0 to 10) where one is known.
    """

    level: Level
    said: str = ""
    source: str = ""
    score: float | None = None


UNRATED = Rated(Level.UNKNOWN, source="the scanner gives no severity")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a scanner looks for. `cwes` are numbers, ascending. Shared by all findings of the rule."""

    id: str
    name: str = ""
    description: str = ""
    help_uri: str = ""
    cwes: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file (lines and columns from 1, `None` unknown), or a resource or URL where there is no file.

    `path` is relative to the repository with forward slashes, or a resource such as an image, a URL or a cluster object
    with `is_file` False. `snippet` is the reported source text; never set for secrets.
    """

    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: str = ""
    is_file: bool = True


@dataclass(frozen=True, slots=True)
class Package:
    """A dependency. `type` is a purl type (pypi, npm, golang, maven, deb, apk, rpm, …), "" if the report hides it.

    `name` is whole as the ecosystem spells it (`@scope/name`, `group:artifact`). The purl is made by `purls.purl_of`.
    """

    type: str
    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One record of one scanner.

    `tool` is a name from `tools.normalised`. `aliases` are all ids of the weakness itself (CVE-…, GHSA-…, PYSEC-…, OSV
    ids; upper-case as issued, without the rule's id unless that is one). `fixed_in` are the versions that fix it.
    `suppressed` says why the scanner or its user set it aside, "" if nobody did. `secret` is the keyed digest of a
    leaked secret (`Document.digest`), "" where the report hides it. `resource` is what an IaC check or a DAST alert
    speaks of (`aws_s3_bucket.logs`, a parameter). `license` is the licence expression of a licence finding.
    `published` is when the advisory appeared. `url` leads to the advisory. `fingerprint` is the scanner's own
    stable `primaryLocationLineHash`. `flows` keeps SARIF parts that GitHub shows (codeFlows, relatedLocations),
    None for other formats. `instances` counts the places where a DAST alert was seen.
    """

    category: Category
    tool: str
    rule: Rule
    rated: Rated
    message: str
    location: Location | None = None
    package: Package | None = None
    aliases: tuple[str, ...] = ()
    fixed_in: tuple[str, ...] = ()
    resource: str = ""
    secret: str = ""
    license: str = ""
    suppressed: str = ""
    published: datetime | None = None
    url: str = ""
    fingerprint: str = ""
    confidence: str = ""
    instances: int = 1
    flows: Mapping[str, Any] | None = None


class Licensed(NamedTuple):
    """A package and its licence as an inventory (pip-licenses, ORT) states it; the policy makes findings of it."""

    package: Package
    license: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What one report says, or one run of a SARIF file.

    `records` is the number of findings in the report before any deduplication, suppressed ones and `withheld` ones
    (taken out by the scanner itself, listed beside its results) included; of a licence inventory its packages.
    `gaps` say what the scan did not cover (a file that does not parse, a dependency that was skipped, a crash): with a
    gap a scan is not complete. `policy_findings` are what the policy makes of `licensed` (`licenses.judged`); they are
    in no report, so no record. `notes` are worth knowing and leave it complete. `started` is when the scan ran as the
    report says, `commit` what it scanned. `tally` is the scanner's own count by level where it does not count its
    findings one by one: npm 7 counts vulnerable packages, of which one advisory can make several.
    """

    path: str
    tool: str
    version: str
    format: str
    findings: tuple[Finding, ...] = ()
    licensed: tuple[Licensed, ...] = ()
    policy_findings: tuple[Finding, ...] = ()
    withheld: int = 0
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    started: datetime | None = None
    commit: str = ""
    label: str = ""
    rules: tuple[Rule, ...] = ()
    tally: Mapping[Level, int] | None = None

    @property
    def records(self) -> int:
        found = len(self.findings) if self.tally is None else sum(self.tally.values())
        return found + len(self.licensed) + self.withheld

    @property
    def suppressed(self) -> int:
        return self.withheld + sum(bool(finding.suppressed) for finding in self.findings)

    @property
    def complete(self) -> bool:
        return not self.gaps


class State(StrEnum):
    """Where a weakness stands: against the baseline, and under the policy."""

    ACTIVE = "active"
    NEW = "new"
    FIXED = "fixed"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Weakness:
    """What all scanners together say about one thing.

    `id` is stable from run to run and over line moves (identity.py). `findings` are the records behind it, at least
    one. `rated` is the highest severity any scanner gives. `ratings` are the levels by tool, for disagreements.
    """

    id: str
    category: Category
    findings: tuple[Finding, ...]
    rated: Rated
    tools: tuple[str, ...]
    ratings: Mapping[str, Level] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    @property
    def first(self) -> Finding:
        """The finding that says most: shown where one must stand for all."""
        return self.findings[0]
