"""What a policy would have said of every recorded commit, before it is made the rule. Pure.

The history keeps totals, not lines: thresholds on line and branch coverage, of the whole and of suites, are held
against it exactly; a fall is held against the record of the parent, or else the record before it, without taking
deletions out. Rules that need lines (patch, files, components, owners) are named as not replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from actionkit.outcome import Verdict
from coverage_gate.baseline import IndexEntry
from coverage_gate.drop import hold_drop
from coverage_gate.evidence import Measure
from coverage_gate.finding import Finding, hold, percent_text, unjudged
from coverage_gate.limits import Threshold
from coverage_gate.model import Counts
from coverage_gate.policy import Policy


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded commit under the policy. `why` names what failed or could not be judged."""

    sha: str
    recorded_at: str
    line: str
    branch: str
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Rows, the newest first, and what of the policy the history cannot answer."""

    rows: tuple[Row, ...]
    not_replayed: tuple[str, ...] = ()

    def count(self, verdict: Verdict) -> int:
        return sum(row.verdict is verdict for row in self.rows)

    @property
    def summary(self) -> str:
        """One line such as "of 12 recorded commits 9 would have passed, 2 failed, 1 could not be judged"."""
        many = "1 recorded commit" if len(self.rows) == 1 else f"{len(self.rows)} recorded commits"
        passed, failed, unknown = (self.count(verdict) for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.INCOMPLETE))
        return f"of {many} {passed} would have passed, {failed} failed, {unknown} could not be judged"


def replay(entries: Sequence[IndexEntry], policy: Policy) -> Replay:
    """Hold the policy against index entries in any order."""
    newest_first = sorted(entries, key=lambda entry: (-entry.recorded_at, entry.sha))
    by_sha = {entry.sha: entry for entry in newest_first}
    rows = []
    for at, entry in enumerate(newest_first):
        parents = [by_sha[sha] for sha in entry.parents if sha in by_sha]
        before = parents[0] if parents else next(iter(newest_first[at + 1 : at + 2]), None)
        rows.append(_row(entry, list(_findings(entry, before, policy))))
    return Replay(tuple(rows), tuple(_not_replayed(policy)))


def _findings(entry: IndexEntry, before: IndexEntry | None, policy: Policy) -> Iterator[Finding]:
    yield from _held(policy.line, entry.lines, "line", policy)
    yield from _held(policy.branch, entry.branches, "branch", policy)
    for suite in policy.suites:
        known = entry.suites.get(suite.name)
        for threshold, kind, at in ((suite.line, "line", 0), (suite.branch, "branch", 1)):
            subject = f"{suite.name} {kind}"
            if known is not None:
                yield from _held(threshold, known[at], subject, policy)
            elif threshold is not None:
                yield unjudged(threshold, "it was not recorded", rule="each suite", subject=subject)
    if policy.max_drop is None:
        return
    if before is None:
        yield unjudged(policy.max_drop, "nothing is recorded before it", rule="no drop", subject="fall")
        return
    yield hold_drop(
        before.lines,
        Measure.certain(entry.lines),
        policy.max_drop,
        rule="no drop",
        subject="line coverage",
        short="line",
        on_no_lines=policy.on_no_lines,
    )


def _held(threshold: Threshold | None, counts: Counts, subject: str, policy: Policy) -> Iterator[Finding]:
    if threshold is not None:
        yield hold(
            Measure.certain(counts),
            threshold,
            rule=subject,
            subject=subject,
            short=subject,
            on_no_lines=policy.on_no_lines,
        )


def _row(entry: IndexEntry, findings: Sequence[Finding]) -> Row:
    failed = [finding.brief for finding in findings if finding.ok is False]
    unknown = [finding.brief for finding in findings if finding.ok is None]
    verdict = Verdict.FAIL if failed else Verdict.INCOMPLETE if unknown else Verdict.PASS
    return Row(
        entry.sha,
        _day(entry.recorded_at),
        percent_text(entry.lines),
        percent_text(entry.branches),
        verdict,
        ", ".join(failed or unknown),
    )


def _not_replayed(policy: Policy) -> Iterator[str]:
    parts: Iterable[tuple[str, bool]] = (
        ("patch coverage", policy.asks_for_patch),
        ("every file's coverage", policy.file is not None),
        ("new files", policy.new_files is not None),
        ("components", bool(policy.components)),
        ("owners", bool(policy.owners)),
    )
    yield from (name for name, asked in parts if asked)


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""
