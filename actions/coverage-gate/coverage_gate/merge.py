"""Merges what several reports say about the same files: line by line, never by averaging.

Lines merge exactly. Branches merge exactly where every outcome has a name (see LineBranches); where reports only count
them, the merged line carries the lowest and the highest number of outcomes the reports allow.

The order of reports does not matter. Nor does it matter in which groups they are merged, as long as they saw the same
sources; only the highest number of branch outcomes may be higher, never lower than the truth, where reports that name
outcomes are merged with reports that do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from coverage_gate.model import NO_BRANCHES, NO_CONTEXTS, Counts, FileCoverage, LineBranches, Totals

UNPLACED = 0
"""The key in `FileCoverage.branches` of outcomes that a report counts without saying on which line."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Files by path in the order of first mention, and sentences on where the merge cannot be exact."""

    files: Mapping[str, FileCoverage]
    doubts: tuple[str, ...] = ()


def merge(files: Iterable[FileCoverage]) -> Merged:
    """Merge all records of each path into one."""
    by_path: dict[str, list[FileCoverage]] = defaultdict(list)
    for file in files:
        by_path[file.path].append(file)
    merged: dict[str, FileCoverage] = {}
    bare: list[str] = []
    for path, records in by_path.items():
        merged[path] = records[0] if len(records) == 1 else _merged_file(path, records)
        if len(records) > 1 and any(record.summary is not None for record in records):
            bare.append(path)
    return Merged(merged, _doubts(bare))


def merged_branches(one: LineBranches, other: LineBranches) -> LineBranches:
    """The outcomes of one line as two reports saw them.

    Named on both sides: the union. Otherwise at least the better of the two was taken; at most what neither side
    names as missing, or, where a side does not name all it misses, the sum.
    """
    if one.named and other.named:
        if one == other:
            return one
        taken = one.taken | other.taken
        missing = (one.missing | other.missing) - taken
        return LineBranches(len(taken), len(taken) + len(missing), len(taken), taken, missing)
    taken = one.taken | other.taken
    total = max(one.total, other.total)
    covered = max(one.covered, other.covered, min(len(taken), total))
    if _names_all_missing(one) and _names_all_missing(other):
        missing = one.missing & other.missing
        return LineBranches(covered, total, max(covered, total - len(missing)), taken, missing)
    unnamed = (one.at_most - len(one.taken)) + (other.at_most - len(other.taken))
    return LineBranches(covered, total, max(covered, min(total, len(taken) + unnamed)), taken)


def _vagueness(here: LineBranches) -> int:
    """Reports that say most are merged first: a vague one in between would lose what the others agree on."""
    return 0 if here.named else 1 if _names_all_missing(here) else 2


def _names_all_missing(here: LineBranches) -> bool:
    return len(here.missing) == here.total - here.at_most


def _merged_file(path: str, records: list[FileCoverage]) -> FileCoverage:
    detailed = [record for record in records if record.summary is None]
    if not detailed:
        return FileCoverage(path, summary=_highest([record.summary for record in records if record.summary]))
    lines = covered = 0
    for record in detailed:
        lines |= record.lines
        covered |= record.covered
    return FileCoverage(
        path,
        lines,
        covered,
        _merged_lines(detailed),
        _uncounted(detailed, lines, covered),
        functions=tuple(sorted({function for record in detailed for function in record.functions}, key=_place)),
        contexts=_merged_contexts(detailed),
    )


def _place(function: tuple[str, int, int]) -> tuple[int, int, str]:
    name, first, last = function
    return first, last, name


def _merged_lines(records: list[FileCoverage]) -> Mapping[int, LineBranches]:
    by_line: dict[int, list[LineBranches]] = defaultdict(list)
    for record in records:
        for number, here in record.branches.items():
            by_line[number].append(here)
    merged = {number: reduce(merged_branches, sorted(here, key=_vagueness)) for number, here in by_line.items()}
    unplaced = merged.get(UNPLACED)
    if unplaced is not None and not unplaced.named:
        _place_unplaced(merged, unplaced, max(record.branch_counts.total for record in records))
    return merged or NO_BRANCHES


def _place_unplaced(merged: dict[int, LineBranches], unplaced: LineBranches, total: int) -> None:
    """Leave as many outcomes unplaced as the largest total of the file leaves room for.

    Reports of one source agree on its total; a shard that ran a line places outcomes that the others could not.
    """
    room = total - sum(here.total for number, here in merged.items() if number != UNPLACED)
    if room <= 0:
        del merged[UNPLACED]
    elif room < unplaced.total:
        covered = max(0, room - (unplaced.total - unplaced.covered))
        merged[UNPLACED] = LineBranches(covered, room, max(covered, min(room, unplaced.at_most)))


def _uncounted(records: list[FileCoverage], lines: int, covered: int) -> int:
    """Lines of the union that the tool does not count: all but the statements, whose number each such report knows."""
    statements = [record.line_counts.total for record in records if record.uncounted]
    if not statements:
        return 0
    return max(0, min(lines.bit_count() - max(statements), covered.bit_count()))


def _merged_contexts(records: list[FileCoverage]) -> Mapping[int, tuple[str, ...]]:
    merged: dict[int, set[str]] = defaultdict(set)
    for record in records:
        for number, names in record.contexts.items():
            merged[number].update(names)
    return {number: tuple(sorted(names)) for number, names in sorted(merged.items())} or NO_CONTEXTS


def _highest(summaries: list[Totals]) -> Totals:
    """The best line and branch counts: what is covered at least, since shards may cover different lines."""
    return Totals(_best(here.lines for here in summaries), _best(here.branches for here in summaries))


def _best(counts: Iterable[Counts]) -> Counts:
    several = list(counts)
    return Counts(max(here.covered for here in several), max(here.total for here in several))


def _doubts(paths: list[str]) -> tuple[str, ...]:
    if not paths:
        return ()
    shown = ", ".join(sorted(paths)[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    return (
        f"Files that are in several reports, of which at least one gives totals without lines: {shown}. "
        "What is counted of them is the lowest the reports allow.",
    )
