"""What a policy would have said of every recorded commit, before it is made the rule. Pure.

The history keeps how many weaknesses of each level and category were left after the waivers of their time:
`fail_on`, limits and the score are held against these. Rules that need the weaknesses themselves are named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from actionkit.outcome import Verdict
from security_report_aggregator.model import Category, Level
from security_report_aggregator.policy import Limit, Policy
from security_report_aggregator.record import IndexEntry, by_level
from security_report_aggregator.ruling import plural
from security_report_aggregator.score import score


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded commit under the policy. `why` names what failed or could not be judged."""

    sha: str
    recorded_at: str
    counts: str
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
        many = plural(len(self.rows), "recorded commit")
        passed, failed, unknown = (self.count(verdict) for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.INCOMPLETE))
        said = f"of {many} {passed} would have passed, {failed} failed, {unknown} could not be judged"
        return f"{said}; not replayed: {', '.join(self.not_replayed)}" if self.not_replayed else said


def replay(entries: Sequence[IndexEntry], policy: Policy) -> Replay:
    """Hold the policy against index entries in any order."""
    newest_first = sorted(entries, key=lambda entry: (-entry.recorded_at, entry.sha))
    return Replay(tuple(_row(entry, policy) for entry in newest_first), tuple(_not_replayed(policy)))


def _row(entry: IndexEntry, policy: Policy) -> Row:
    failed = list(_failed(entry, policy))
    verdict, why = (Verdict.FAIL, ", ".join(failed)) if failed else (Verdict.PASS, "")
    if not failed and entry.verdict not in (Verdict.PASS.value, Verdict.FAIL.value):
        verdict, why = Verdict.INCOMPLETE, f"its own run was {entry.verdict}"
    return Row(entry.sha, _day(entry.recorded_at), _levels(by_level(entry.counts)), verdict, why)


def _failed(entry: IndexEntry, policy: Policy) -> Iterator[str]:
    alone = _failing_alone(entry, policy)
    if alone:
        yield _levels(alone)
    for limit in policy.limits:
        count = _limited(entry, policy, limit)
        if count > limit.most:
            what = " ".join(part.value for part in (limit.level, limit.category) if part) or "in all"
            yield f"{count} {what} > {limit.most}"
    if policy.min_score is not None:
        # The record's own score may be of an older formula.
        found = score(by_level(entry.counts)).score
        if found < policy.min_score:
            yield f"score {found} < {policy.min_score}"


def _failing_alone(entry: IndexEntry, policy: Policy) -> dict[Level, int]:
    """Those that `fail_on` and `fail_on_unknown` fail, by level."""
    found: Counter[Level] = Counter()
    for category, level, count in _groups(entry):
        if policy.limit_for(level, category) is None and policy.fails_alone(level):
            found[level] += count
    return found


def _limited(entry: IndexEntry, policy: Policy, limit: Limit) -> int:
    return sum(count for category, level, count in _groups(entry) if policy.counts_for(limit, level, category))


def _groups(entry: IndexEntry) -> Iterator[tuple[Category, Level, int]]:
    for category, levels in entry.counts.items():
        for level, count in levels.items():
            yield category, level, count


def _levels(counts: dict[Level, int]) -> str:
    return ", ".join(f"{counts[level]} {level.value}" for level in Level if counts.get(level)) or "no finding"


def _not_replayed(policy: Policy) -> Iterator[str]:
    parts = (
        ("waivers other than those of the time", bool(policy.waivers)),
        ("licences", policy.licenses is not None),
        ("dependency age", policy.dependency_age is not None),
        ("what was new", policy.only_new),
        ("expected scanners", bool(policy.expected)),
    )
    yield from (name for name, asked in parts if asked)


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""
