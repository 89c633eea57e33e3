"""What was gathered before anything is judged: suites, changed lines, the baseline. Immutable, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from actionkit.errors import Unreadable
from actionkit.missing import Missing
from coverage_gate.model import Counts, FileCoverage, Lines, Report


class Measure(NamedTuple):
    """Covered out of total, and how far it can be believed.

    `counts` is what is shown. `lowest` and `highest` are the other readings the evidence allows (a report's header that
    disagrees with its lines, branches merged from counts): a threshold is met only if every reading meets it, missed
    only if every reading misses it, and otherwise nobody can say, because of `doubt`.
    """

    counts: Counts
    lowest: Counts
    highest: Counts
    doubt: str = ""

    @classmethod
    def certain(cls, counts: Counts) -> Measure:
        return cls(counts, counts, counts)


NOTHING = Measure.certain(Counts(0, 0))


@dataclass(frozen=True, slots=True)
class Suite:
    """The reports of one suite, merged per line; `files` are keyed by the path git uses.

    `unreadable` are files that should have been evidence. `missing` are globs that matched nothing. `unmatched` are
    report paths that no tracked file answers to (they still count, and are said). `absent` are those of them that are
    no file here at all: they may not be this repository's, so `lines` has a further reading without them.
    """

    name: str
    reports: tuple[Report, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    missing: tuple[str, ...] = ()
    files: Mapping[str, FileCoverage] = field(default_factory=dict)
    lines: Measure = NOTHING
    branches: Measure = NOTHING
    unmatched: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a diff. Line numbers of `added` are the new file's, of `deleted` the old file's.

    `old_path` differs from `path` for a rename and is "" for a new file; `path` of a deleted file is its old one.
    `known` is False where a file is known to have changed but not how (the API left its patch out, binary content):
    its lines are unknown, never unchanged. `hunks` are (old first, old count, new first, new count) with no context.
    `symlink` is True for a symbolic link, whose one line is the path it points to.
    """

    path: str
    old_path: str
    added: Lines = 0
    deleted: Lines = 0
    hunks: tuple[tuple[int, int, int, int], ...] = ()
    known: bool = True
    removed: bool = False
    binary: bool = False
    symlink: bool = False


@dataclass(frozen=True, slots=True)
class Diff:
    """What a change touched, keyed by new path (old path for a removed file). `source` says where it was read."""

    base: str
    head: str
    files: Mapping[str, ChangedFile]
    source: str = "git"


@dataclass(frozen=True, slots=True)
class PatchFile:
    """Changed executable lines of one file: `covered` and `missing`, in the new file's numbering."""

    path: str
    covered: Lines
    missing: Lines


@dataclass(frozen=True, slots=True)
class Patch:
    """Coverage of the changed lines. `unknown` maps a changed path to why its changed lines cannot be judged."""

    lines: Counts
    files: tuple[PatchFile, ...]
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file in a baseline: executable and covered lines, and FileCoverage.uncounted."""

    lines: Lines
    covered: Lines
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class Baseline:
    """The coverage of a commit of the base branch, as a trusted run recorded it.

    `reports` is how many reports each suite had, so that a missing shard is noticed. `distance` is the number of
    commits from this record to the merge base (0: the merge base itself).
    """

    sha: str
    tool: str
    version: str
    format: str
    measured_at: float
    lines: Counts
    branches: Counts
    files: Mapping[str, FileRecord]
    suites: Mapping[str, tuple[Counts, Counts]] = field(default_factory=dict)
    reports: Mapping[str, int] = field(default_factory=dict)
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Tests:
    """Test results counted from JUnit files, never taken from what the files declare."""

    tests: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    flaky: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a judgement may rest on. A `why_no_…` is set when the thing beside it is None.

    `no_baseline` says why `baseline` is None. `other_shas` are further names of what was tested: of a merge commit the
    event's, the pull request's head. `beyond` maps files whose report names lines they do not have to (last line
    reported, lines in the file). `committed_reports` are reports that lie in the repository as they are in its commit.
    `astray` is the commit that the event is about, where what is checked out does not hold it.
    """

    suites: tuple[Suite, ...]
    overall: Suite
    today: date
    diff: Diff | None = None
    why_no_diff: str = ""
    patch: Patch | None = None
    baseline: Baseline | None = None
    no_baseline: Missing = Missing()
    head_sha: str = ""
    other_shas: tuple[str, ...] = ()
    astray: str = ""
    head_committed_at: float | None = None
    tests: Tests | None = None
    unreadable_tests: tuple[Unreadable, ...] = ()
    beyond: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    committed_reports: tuple[str, ...] = ()


def percent(counts: Counts) -> Fraction | None:
    """Exact percentage, or None for 0 of 0, which is neither 0 % nor 100 %."""
    return Fraction(100 * counts.covered, counts.total) if counts.total else None


def shown(value: Fraction | None) -> str:
    """Two decimals, rounded down, so that 79.996 never reads as 80.00; "" where nothing was measured."""
    if value is None:
        return ""
    hundredths = value.numerator * 100 // value.denominator
    sign, hundredths = ("-", -hundredths) if hundredths < 0 else ("", hundredths)
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"
