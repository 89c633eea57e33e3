"""Why coverage moved: the change since the baseline, split into parts that add up exactly. Pure.

The parts are whole lines, so they sum to the difference of the two counts by construction. Percentage points are made
from them one after the other, each part moving the figure from where the part before left it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from coverage_gate.baseline import counts_of
from coverage_gate.diff import carried
from coverage_gate.evidence import Baseline, ChangedFile, Diff, FileRecord, percent
from coverage_gate.model import Counts, FileCoverage, Lines

PARTS: Mapping[str, str] = {
    "newly_uncovered": "untouched lines that ran before and no longer do",
    "newly_covered": "untouched lines that run now and did not",
    "added": "lines the change added",
    "deleted": "lines the change deleted",
    "moved": "renamed files that are measured on one side only",
    "base_drift": "untouched lines that began or ceased to be measured",
    "unattributed": "files with totals only or an unknown diff, and totals that are no sum of lines",
}
"""The parts of a delta, in the order in which their percentage points are made, and what each one is."""


class Change(NamedTuple):
    """By how many lines covered and total went up (or, negative, down)."""

    covered: int
    total: int


@dataclass(frozen=True, slots=True)
class Delta:
    """From `before` to `after`, split into `parts` (every key of PARTS).

    `uncovered` are the newly uncovered lines that the change did not touch, by file, in its new numbering.
    `untouched` are the counts that the baseline has for lines the change leaves alone. `no_longer_measured` and
    `first_measured` are files outside the change that only one side measured.
    """

    before: Counts
    after: Counts
    parts: Mapping[str, Change]
    uncovered: Mapping[str, Lines] = field(default_factory=dict)
    untouched: Counts = Counts(0, 0)
    no_longer_measured: tuple[str, ...] = ()
    first_measured: tuple[str, ...] = ()

    @property
    def points(self) -> Fraction | None:
        """The change of line coverage in percentage points; None if either side measured nothing."""
        before, after = percent(self.before), percent(self.after)
        return None if before is None or after is None else after - before

    @property
    def shares(self) -> dict[str, Fraction]:
        """The percentage points of each part; they sum exactly to `points`. All 0 where that is None."""
        end, at = percent(self.after), percent(self.before)
        if end is None or at is None:
            return dict.fromkeys(PARTS, Fraction(0))
        shares = {}
        covered, total = self.before
        for name in PARTS:
            covered, total = covered + self.parts[name].covered, total + self.parts[name].total
            # Halfway there may be no line left, of which no percentage can be said: the next part makes up for it.
            now = Fraction(100 * covered, total) if total > 0 else at
            shares[name], at = now - at, now
        return shares


class Hundredths(NamedTuple):
    """Percentage points as they are shown, in hundredths: `parts` sum exactly to `points`."""

    points: int
    parts: Mapping[str, int]


def attribute(
    baseline: Baseline, files: Mapping[str, FileCoverage], diff: Diff, *, current: Counts | None = None
) -> Delta:
    """Split the change since `baseline` by cause.

    `diff` leads from the baseline's commit to the measured one. `current` are the totals that are judged, where they
    are not the sum over `files`. Whatever the inputs, the parts sum to `current` less `baseline.lines`.
    """
    ledger = _Ledger()
    left = dict(baseline.files)
    leaving = {changed.old_path: changed for changed in diff.files.values() if changed.old_path}
    for path, file in sorted(files.items()):
        changed = diff.files.get(path)
        if changed is None or changed.removed:
            record = None if path in leaving else left.pop(path, None)
            ledger.enter(path, record, file, None)
        else:
            record = left.pop(changed.old_path, None)
            ledger.enter(path, record, file, changed)
    for path, record in sorted(left.items()):
        ledger.enter(path, record, None, leaving.get(path))

    now = _sum([file.line_counts for file in files.values()])
    then = _sum([counts_of(record) for record in baseline.files.values()])
    after = now if current is None else current
    ledger.add("unattributed", after.covered - now.covered, after.total - now.total)
    ledger.add("unattributed", then.covered - baseline.lines.covered, then.total - baseline.lines.total)
    return Delta(
        before=baseline.lines,
        after=after,
        parts={name: Change(*ledger.parts[name]) for name in PARTS},
        uncovered=ledger.uncovered,
        untouched=ledger.untouched,
        no_longer_measured=tuple(ledger.no_longer_measured),
        first_measured=tuple(ledger.first_measured),
    )


def unattributed(before: Counts, after: Counts) -> Delta:
    """The change in one part, for when the lines of the baseline, or of the change, are not known."""
    whole = Change(after.covered - before.covered, after.total - before.total)
    return Delta(before, after, {name: whole if name == "unattributed" else Change(0, 0) for name in PARTS})


def in_hundredths(delta: Delta) -> Hundredths | None:
    """The delta rounded down to hundredths of a point, and its parts rounded so that they add up to it.

    None if there is no delta. The largest remainders are rounded up first (Hamilton's method).
    """
    points = delta.points
    if points is None:
        return None
    exact = {name: share * 100 for name, share in delta.shares.items()}
    parts = {name: share.numerator // share.denominator for name, share in exact.items()}
    whole = points.numerator * 100 // points.denominator
    by_remainder = sorted(PARTS, key=lambda name: parts[name] - exact[name])
    for name in by_remainder[: whole - sum(parts.values())]:
        parts[name] += 1
    return Hundredths(whole, parts)


@dataclass(slots=True)
class _Ledger:
    """The parts while files are entered one by one."""

    parts: dict[str, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(PARTS, (0, 0)))
    uncovered: dict[str, Lines] = field(default_factory=dict)
    untouched: Counts = Counts(0, 0)
    no_longer_measured: list[str] = field(default_factory=list)
    first_measured: list[str] = field(default_factory=list)

    def add(self, part: str, covered: int, total: int) -> None:
        before = self.parts[part]
        self.parts[part] = (before[0] + covered, before[1] + total)

    def enter(
        self, path: str, record: FileRecord | None, file: FileCoverage | None, changed: ChangedFile | None
    ) -> None:
        """Enter one file: as the baseline has it, as it is measured now, and what the change did to it."""
        then = counts_of(record) if record else Counts(0, 0)
        now = file.line_counts if file else Counts(0, 0)
        whole = _part_of_the_whole(file, changed)
        if whole:
            self.add(whole, now.covered - then.covered, now.total - then.total)
            return
        if changed is None and then.total and file is None:
            self.no_longer_measured.append(path)
        if changed is None and now.total and record is None:
            self.first_measured.append(path)
        self._compare(path, record or FileRecord(0, 0), file or FileCoverage(path), changed, record is None or not file)

    def _compare(
        self, path: str, record: FileRecord, file: FileCoverage, changed: ChangedFile | None, one_sided: bool
    ) -> None:
        added = changed.added if changed else 0
        kept = carried(record.lines, changed) if changed else record.lines
        ran = carried(record.covered, changed) if changed else record.covered
        fresh, untouched = file.lines & added, file.lines & ~added
        appeared, vanished = untouched & ~kept, kept & ~untouched
        lost, won = ran & untouched & ~file.covered, kept & untouched & file.covered & ~ran
        drift = "moved" if one_sided and changed and changed.old_path != changed.path else "base_drift"

        fresh_ran, gone_ran = _size(fresh & file.covered), _size(record.covered) - _size(ran)
        appeared_ran, vanished_ran = _size(appeared & file.covered), _size(vanished & ran)
        self.add("added", fresh_ran, _size(fresh))
        self.add("deleted", -gone_ran, _size(kept) - _size(record.lines))
        self.add("newly_uncovered", -_size(lost), 0)
        self.add("newly_covered", _size(won), 0)
        self.add(drift, appeared_ran - vanished_ran, _size(appeared) - _size(vanished))
        if lost:
            self.uncovered[path] = lost
        left_out = min(record.uncounted, _size(ran))
        self.untouched = self.untouched.plus(Counts(_size(ran) - left_out, _size(kept) - left_out))

        # Covered lines that the tool does not count are known by number only. They are most likely among the lines
        # that appeared or vanished unasked (another version of the tool), then among those the change brought or took.
        more = file.uncounted - record.uncounted
        drifted = _within(more, vanished_ran, appeared_ran)
        brought = _within(more - drifted, 0, fresh_ran)
        taken = _within(more - drifted, gone_ran, 0)
        self.add("added", -brought, -brought)
        self.add("deleted", -taken, -taken)
        unexplained = more - brought - taken
        self.add(drift, -unexplained, -unexplained)


def _part_of_the_whole(file: FileCoverage | None, changed: ChangedFile | None) -> str:
    """The part that takes a file in one piece, because it came or went whole or its lines are not known; else ""."""
    if changed and not changed.old_path and file:
        return "added"
    if changed and changed.removed:
        return "deleted"
    if (changed and not changed.known) or (file and file.summary is not None):
        return "unattributed"
    return ""


def _sum(counts: list[Counts]) -> Counts:
    return Counts(sum(count.covered for count in counts), sum(count.total for count in counts))


def _size(lines: Lines) -> int:
    return lines.bit_count()


def _within(value: int, below: int, above: int) -> int:
    return max(-below, min(value, above))
