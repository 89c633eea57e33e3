"""A suite: the reports of one test run merged per line, and how far their totals can be believed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from actionkit.errors import Unreadable
from actionkit.scope import Scope
from coverage_gate.evidence import Measure, Suite
from coverage_gate.limits import readings, total_of
from coverage_gate.merge import merge
from coverage_gate.model import Counts, FileCoverage, Report, Totals

OVERALL = "overall"


def without(report: Report, ignore: Scope) -> Report:
    """The report without the files that do not count.

    What the header claims is lowered by what was dropped. Nobody knows how much of a header that was believed against
    the lines belonged to the dropped files: from then on it is one of two readings.
    """
    if not ignore:
        return report
    kept = tuple(file for file in report.files if file.path not in ignore)
    if len(kept) == len(report.files):
        return report
    dropped = Totals(
        total_of(file.line_counts for file in report.files if file.path in ignore),
        total_of(file.branch_counts for file in report.files if file.path in ignore),
    )
    header = report.believed or report.claimed
    claimed = Totals(_less(header.lines, dropped.lines), _less(header.branches, dropped.branches)) if header else None
    return replace(report, files=kept, claimed=claimed, believed=None)


def assemble(
    name: str,
    reports: Sequence[Report],
    unreadable: Iterable[Unreadable] = (),
    missing: Iterable[str] = (),
    unmatched: Iterable[str] = (),
    absent: Iterable[str] = (),
) -> Suite:
    """Merge reports, whose files already have git's paths, into a suite.

    `unreadable` are files that should have been reports, `missing` globs that matched nothing, `unmatched` paths in
    the reports that no tracked file answers to, `absent` those of them that no file in the workspace answers to.
    """
    merged = merge(file for report in reports for file in report.files).files
    strangers = tuple(dict.fromkeys(absent))
    return Suite(
        name,
        tuple(reports),
        tuple(unreadable),
        tuple(missing),
        merged,
        _without_strangers(_lines(merged, reports), merged, strangers),
        _branches(merged, reports),
        tuple(dict.fromkeys(unmatched)),
        strangers,
    )


def overall(suites: Sequence[Suite]) -> Suite:
    """The union over all suites; a report that belongs to several of them counts once."""
    if len(suites) == 1:
        return replace(suites[0], name=OVERALL)
    reports = {(report.path, report.format): report for suite in suites for report in suite.reports}
    return assemble(
        OVERALL,
        tuple(reports.values()),
        (error for suite in suites for error in suite.unreadable),
        (glob for suite in suites for glob in suite.missing),
        (path for suite in suites for path in suite.unmatched),
        (path for suite in suites for path in suite.absent),
    )


def lines_measure(files: Iterable[FileCoverage]) -> Measure:
    """Line coverage of some files, exact."""
    return Measure.certain(total_of(file.line_counts for file in files))


def branches_measure(files: Iterable[FileCoverage]) -> Measure:
    """Branch coverage of some files; a range where branches of several reports were merged from counts."""
    several = tuple(files)
    least = total_of(file.branch_counts for file in several)
    most = Counts(least.covered + sum(_unsure(file) for file in several if file.branches), least.total)
    if most == least:
        return Measure.certain(least)
    doubt = (
        f"the reports count branches without naming them, so merged they are between {least.covered} and "
        f"{most.covered} of {least.total}"
    )
    return Measure(least, least, most, doubt)


def _lines(files: Mapping[str, FileCoverage], reports: Sequence[Report]) -> Measure:
    measure = lines_measure(files.values())
    best = Counts(measure.counts.covered + _unmerged(files, reports), measure.counts.total)
    if best != measure.counts:
        doubt = (
            f"reports with totals but no lines cannot be merged exactly: between {measure.counts.covered} and "
            f"{best.covered} of {best.total} lines are covered"
        )
        measure = Measure(measure.counts, measure.counts, best, doubt)
    return _with_claims(measure, reports, "lines", lambda totals: totals.lines)


def _without_strangers(measure: Measure, files: Mapping[str, FileCoverage], absent: Sequence[str]) -> Measure:
    """A further reading: without the files that may not be this repository's. None where nothing else is measured."""
    strange = total_of(files[path].line_counts for path in absent if path in files)
    if not strange.total or strange.total >= measure.counts.total:
        return measure
    others = (_shifted(counts, -strange.covered, -strange.total) for counts in readings(measure))
    possible = sorted((counts for counts in (*readings(measure), *others) if counts.total), key=_share)
    doubt = (
        f"{strange.covered} of {strange.total} lines are of paths that are no file here, such as `{sorted(absent)[0]}`"
    )
    doubts = "; ".join(text for text in (measure.doubt, doubt) if text)
    return Measure(measure.counts, possible[0], possible[-1], doubts)


def _branches(files: Mapping[str, FileCoverage], reports: Sequence[Report]) -> Measure:
    believed = reports[0].believed if len(reports) == 1 else None
    # Two files of the report may have become one; then its header says nothing about the merge.
    if believed is not None and believed.lines == total_of(file.line_counts for file in files.values()):
        return Measure.certain(believed.branches)
    return _with_claims(branches_measure(files.values()), reports, "branches", lambda totals: totals.branches)


def _with_claims(measure: Measure, reports: Sequence[Report], what: str, of: Callable[[Totals], Counts]) -> Measure:
    """Add what the headers of reports say, where their lines say otherwise, as further readings."""
    apart = list(_disagreements(reports, of))
    if not apart:
        return measure
    shifts = [(claimed.covered - counted.covered, claimed.total - counted.total) for _, claimed, counted in apart]
    # Shards may all lack the same lines, or each lack others.
    shifts.append((sum(covered for covered, _ in shifts), sum(total for _, total in shifts)))
    others = [
        _shifted(base, covered, total)
        for base in (measure.counts, measure.lowest, measure.highest)
        for covered, total in shifts
    ]
    possible = sorted((counts for counts in (*readings(measure), *others) if counts.total), key=_share)
    path, claimed, counted = apart[0]
    more = f" (likewise in {len(apart) - 1} more)" if len(apart) > 1 else ""
    doubt = (
        f"the header of {path} claims {claimed.covered} of {claimed.total} {what}, but what it lists adds up to "
        f"{counted.covered} of {counted.total}{more}"
    )
    doubts = "; ".join(text for text in (measure.doubt, doubt) if text)
    return Measure(measure.counts, possible[0], possible[-1], doubts) if possible else measure


def _disagreements(reports: Sequence[Report], of: Callable[[Totals], Counts]) -> Iterator[tuple[str, Counts, Counts]]:
    for report in reports:
        if report.claimed is None:
            continue
        claimed, counted = of(report.claimed), of(report.totals)
        # Several tools write 0 of 0 for what they did not count.
        if claimed.total > 0 and claimed != counted:
            yield report.path, claimed, counted


def _unmerged(files: Mapping[str, FileCoverage], reports: Sequence[Report]) -> int:
    """How many lines more may be covered in files whose merge knew totals only: each shard may have covered others."""
    bare = {file.path for report in reports for file in report.files if file.summary is not None}
    if not bare:
        return 0
    most: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for report in reports:
        for file in report.files:
            if file.path in bare:
                most[file.path] += file.line_counts.covered
                times[file.path] += 1
    return sum(
        max(0, min(most[path], files[path].line_counts.total) - files[path].line_counts.covered)
        for path in bare
        if times[path] > 1
    )


def _unsure(file: FileCoverage) -> int:
    return sum(here.at_most - here.covered for here in file.branches.values())


def _shifted(base: Counts, covered: int, total: int) -> Counts:
    """`base` moved by a header's difference, kept to what counts can be."""
    new_total = max(0, base.total + total)
    return Counts(min(max(0, base.covered + covered), new_total), new_total)


def _less(claimed: Counts, dropped: Counts) -> Counts:
    return _shifted(claimed, -dropped.covered, -dropped.total)


def _share(counts: Counts) -> Fraction:
    return Fraction(counts.covered, counts.total)
