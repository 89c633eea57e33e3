"""Records of one leaked secret in one file: one weakness, whichever scanners and rules found it.

Equal keyed digests in one file are one secret wherever it stands. Scanners capture more or less of the same secret
(with its name, one line of a key), or hide it, so records on one line are one too, unless their rules are of different
kinds, or one rule found several secrets there. Guesses within the lines of a key are that key. The same secret in two
files is two weaknesses: both must go. Nothing of the secret or of its line goes into the id. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from security_report_aggregator.detectors import GENERIC, detector, generic_last
from security_report_aggregator.model import Finding
from security_report_aggregator.place_match import extent
from security_report_aggregator.rows import Row, key_of


def rows(findings: Iterable[Finding]) -> Iterator[Row]:
    """The weaknesses of these records. Linear but for sorting within a file."""
    files: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        files[finding.location.path if finding.location else ""].append(finding)
    while files:
        path, members = files.popitem()
        if len(members) == 1:
            yield Row(key_of("secret", path, detector(members[0].rule.id), "0"), members)
        else:
            yield from _named(path, _File(sorted(members, key=_order)).secrets())


def _order(finding: Finding) -> tuple[int, int, int, str, str, int, str, str, str]:
    """By what is the same in every run; the keyed digest, which is not, only where nothing else differs."""
    return (
        *extent(finding),
        _column(finding),
        finding.tool,
        finding.rule.id,
        finding.rated.level.rank,
        finding.message,
        finding.fingerprint,
        finding.secret,
    )


def _column(finding: Finding) -> int:
    return (finding.location.column or 0) if finding.location else 0


class _File:
    """The records of a file, each with the number of the secret it is of: the number of that secret's first record."""

    def __init__(self, findings: list[Finding]) -> None:
        self._findings = findings
        self._kinds = [detector(finding.rule.id) for finding in findings]
        self._root_kinds = list(self._kinds)
        self._above = list(range(len(findings)))
        self._lines: dict[int, list[int]] = defaultdict(list)
        for number, finding in enumerate(findings):
            start = extent(finding)[0]
            if start:
                self._lines[start].append(number)

    def secrets(self) -> list[list[Finding]]:
        """The records of each secret, in the order of the file."""
        self._join_equal()
        self._join_within_keys()
        for members in self._lines.values():
            if len(members) > 1:
                self._join_line(members)
        found: dict[int, list[Finding]] = defaultdict(list)
        for number, finding in enumerate(self._findings):
            found[self._of(number)].append(finding)
        return list(found.values())

    def _join_equal(self) -> None:
        """One digest is one secret; one rule at one column of a line is one record of two reports."""
        seen: dict[tuple[str, ...], int] = {}
        for number, finding in enumerate(self._findings):
            start, column = extent(finding)[0], _column(finding)
            if finding.secret:
                self._join(seen.setdefault((finding.secret,), number), number, equal=True)
            if column or not finding.secret:
                place = (finding.tool, finding.rule.id, str(start), str(column), "" if start else finding.fingerprint)
                self._join(seen.setdefault(place, number), number, equal=True)

    def _join_line(self, members: list[int]) -> None:
        by_rule: dict[tuple[str, str], int] = {}
        for number in members:
            rule = (self._findings[number].tool, self._findings[number].rule.id)
            if self._of(by_rule.setdefault(rule, number)) != self._of(number):
                self._join_unplaced(members)
                return
        firsts: dict[str, int] = {}
        lowest: int | None = None
        for number in sorted(members, key=lambda number: generic_last(self._kinds[number])):
            kind = self._kinds[number]
            first = firsts.get(kind, number)
            if kind == GENERIC and lowest is not None:
                first = lowest
            firsts.setdefault(kind, number)
            lowest = first if lowest is None else min(lowest, firsts[kind])
            self._join(first, number)

    def _join_unplaced(self, members: list[int]) -> None:
        """On a line with several secrets, what hides both the secret and its column stands for the first."""
        is_placed = [bool(self._findings[number].secret or _column(self._findings[number])) for number in members]
        first = members[is_placed.index(True)]
        for number, placed in zip(members, is_placed, strict=True):
            if not placed:
                self._join(first, number)

    def _join_within_keys(self) -> None:
        """What starts within a secret of several lines is that secret, if it may be of that kind."""
        starts = sorted(self._lines)
        reached = 0
        for number, finding in enumerate(self._findings):
            start, end = extent(finding)
            kind = self._kinds[number]
            if end == start or kind == GENERIC:
                continue
            for at in range(bisect_right(starts, max(start, reached)), bisect_right(starts, end)):
                for other in self._lines[starts[at]]:
                    self._join(number, other)
            reached = max(reached, end)

    def _of(self, number: int) -> int:
        root = number
        while self._above[root] != root:
            root = self._above[root]
        while self._above[number] != root:
            self._above[number], number = root, self._above[number]
        return root

    def _join(self, one: int, other: int, *, equal: bool = False) -> None:
        """Make two records one secret; unless they are `equal`, only if their kinds can be the same."""
        low, high = sorted((self._of(one), self._of(other)))
        kinds = {self._root_kinds[low], self._root_kinds[high]} - {GENERIC}
        if equal or len(kinds) < 2:
            self._above[high] = low
            self._root_kinds[low] = min(kinds, default=GENERIC)


def _named(path: str, secrets: list[list[Finding]]) -> Iterator[Row]:
    """An ordinal for each secret of a kind in the file: all that an id may say of it."""
    seen: dict[str, int] = {}
    for group in secrets:
        kind = min({detector(finding.rule.id) for finding in group}, key=generic_last)
        ordinal = seen.get(kind, 0)
        seen[kind] = ordinal + 1
        yield Row(key_of("secret", path, kind, str(ordinal)), group)
