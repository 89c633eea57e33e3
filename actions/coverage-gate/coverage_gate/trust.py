"""The trust report: whether the evidence is whole, current and about this commit, asked before any threshold. Pure.

A doubt that blocks turns the verdict into `incomplete`, whatever the numbers say: they may be another commit's, or
part of them may be missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from actionkit.errors import Unreadable
from actionkit.outcome import Problem, Severity
from coverage_gate.delta import Delta
from coverage_gate.evidence import Evidence
from coverage_gate.limits import is_empty, plain
from coverage_gate.model import Report
from coverage_gate.patch import unmeasured
from coverage_gate.policy import Policy
from coverage_gate.product import is_product
from coverage_gate.waivers import waiver_of

TOLERANCE = 600.0
"""Seconds a report may be older than its commit: the clocks of a laptop that commits and a runner differ."""

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about the evidence. If it `blocks`, nothing can be judged."""

    problem: Problem
    blocks: bool


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: the evidence, the policy, and the delta to the baseline where there is one."""

    evidence: Evidence
    policy: Policy
    delta: Delta | None = None


def examine(case: Case) -> tuple[Doubt, ...]:
    """Every doubt about the evidence, blocking ones first."""
    found = [doubt for check in CHECKS for doubt in check(case)]
    return tuple(sorted(found, key=lambda doubt: not doubt.blocks))


def unseen_changes(case: Case) -> dict[str, str]:
    """Changed source files that no report mentions, and what that may mean, as the rest of a sentence.

    Left out are files that are ignored or waived, and those that are no part of the product (tests, build scripts).
    """
    evidence, policy = case.evidence, case.policy
    if evidence.diff is None:
        return {}
    unplaced = defaultdict(list)
    for path in evidence.overall.unmatched:
        unplaced[PurePosixPath(path).name].append(path)
    folders = frozenset(path.rpartition("/")[0] for path in evidence.overall.files)
    seen: dict[str, str] = {}
    for path in unmeasured(evidence.diff, evidence.overall.files):
        if path in policy.ignore or not is_product(path, folders) or waiver_of(path, policy.waivers, evidence.today):
            continue
        candidates = unplaced.get(PurePosixPath(path).name)
        seen[path] = (
            f"changed, and may be what a report calls `{candidates[0]}`, which is no tracked file"
            if candidates
            else "changed, but is in no report"
        )
    return seen


def _no_report(case: Case) -> Iterator[Doubt]:
    for suite in case.evidence.suites or (case.evidence.overall,):
        where = f" for suite `{suite.name}`" if len(case.evidence.suites) > 1 else ""
        for glob in suite.missing:
            yield _blocking(
                f"`{glob}` matches no file{where}",
                "Look at the step that should have written it, or correct `reports`.",
                title="Report missing",
            )
        if not suite.reports and not suite.unreadable and not suite.missing:
            yield _blocking(
                f"no coverage report was found{where}",
                "Look at the step that should have written one, or name it in `reports`.",
                title="Report missing",
            )


def _unreadable(case: Case) -> Iterator[Doubt]:
    for error in dict.fromkeys(case.evidence.overall.unreadable):
        yield _blocking(
            f"{_place(error)} {error.reason}",
            "Look at the step that wrote it; `reports` may name coverage reports only.",
            title="Report unreadable",
        )


def _incomplete(case: Case) -> Iterator[Doubt]:
    for report in _reports(case):
        if not report.complete:
            yield _blocking(
                f"{report.path} is incomplete: {report.reason or 'part of it is missing'}",
                "Look at the step that wrote it: it may have been killed, or its disk was full.",
                title="Report incomplete",
            )


def _stale(case: Case) -> Iterator[Doubt]:
    committed = case.evidence.head_committed_at
    for report in _reports(case) if committed is not None else ():
        if report.measured_at is not None and committed is not None and report.measured_at < committed - TOLERANCE:
            yield _blocking(
                f"{report.path} was measured before the commit it should judge: at {_moment(report.measured_at)}, "
                f"the commit is of {_moment(committed)}",
                "Delete old reports before the tests run, and do not restore them from a cache.",
                title="Report stale",
            )


def _other_commit(case: Case) -> Iterator[Doubt]:
    diff = case.evidence.diff
    ours = [
        sha.lower() for sha in (case.evidence.head_sha, diff.head if diff else "", *case.evidence.other_shas) if sha
    ]
    for report in _reports(case) if ours else ():
        named = report.commit.lower()
        if named and not any(sha.startswith(named) or named.startswith(sha) for sha in ours):
            yield _blocking(
                f"{report.path} is of commit {report.commit[:12]}, not of {ours[0][:12]}",
                "Use the report of this run: check what the job downloads or restores.",
                title="Report of another commit",
            )


def _beyond(case: Case) -> Iterator[Doubt]:
    beyond = {path: lines for path, lines in case.evidence.beyond.items() if path not in case.policy.ignore}
    if beyond:
        path, (last, there) = min(beyond.items())
        more = f", and likewise in {len(beyond) - 1} more" if len(beyond) > 1 else ""
        yield _blocking(
            f"the reports name line {last} of {path}, which has {there} lines{more}: they are of other sources",
            "Use the report of this run and check out the commit it measured; what a generator writes belongs in "
            "`ignore`, or its path into `paths`.",
            title="Report of other sources",
        )


def _committed(case: Case) -> Iterator[Doubt]:
    if case.evidence.committed_reports:
        yield _doubt(
            f"{_examples(case.evidence.committed_reports)} lies in the repository just as it was committed: unless "
            "this run wrote the very same again, it is an old measurement",
            "Remove it from the repository (`git rm --cached`) and add it to .gitignore.",
            title="Report from the repository",
        )


def _astray(case: Case) -> Iterator[Doubt]:
    if case.evidence.astray:
        yield _blocking(
            f"{case.evidence.head_sha[:12]} is checked out, which does not hold commit {case.evidence.astray[:12]} "
            "that this run is about",
            "Run on `pull_request`, with no `ref` for actions/checkout; to comment on pull requests of forks too, "
            "relay the outcome with `from-outcome`.",
            title="Checkout of another commit",
        )


def _unmatched(case: Case) -> Iterator[Doubt]:
    for suite in case.evidence.suites:
        if not suite.unmatched or not suite.files:
            continue
        strangers = set(suite.unmatched)
        examples = _examples(suite.unmatched)
        where = f" of suite `{suite.name}`" if len(case.evidence.suites) > 1 else ""
        fix = "Set `source-root` to the folder the paths start at, or map them with `paths` in the policy file."
        if all(path in strangers for path in suite.files):
            yield _blocking(
                f"no path in the reports{where} is a tracked file: {examples}", fix, title="Paths unmatched"
            )
        else:
            few = "1 path" if len(strangers) == 1 else f"{len(strangers)} paths"
            message = f"{few} in the reports{where} without a tracked file: {examples}"
            yield _doubt(message, f"What is there counts as it is. {fix}", title="Paths unmatched")


def _no_lines(case: Case) -> Iterator[Doubt]:
    reports = list(_reports(case))
    if reports and is_empty(case.evidence.overall.lines) and not case.policy.on_no_lines:
        yield _blocking(
            "the reports hold no executable line at all",
            "Look at what the tool was told to measure; if there really is nothing, set `on_no_lines: pass`.",
            title="Nothing measured",
        )
        return
    for report in reports:
        if not report.totals.lines.total:
            yield _doubt(f"{report.path} holds no executable line", title="Nothing measured")


def _mixed_formats(case: Case) -> Iterator[Doubt]:
    for suite in case.evidence.suites:
        formats: dict[str, set[str]] = defaultdict(set)
        for report in suite.reports:
            for file in report.files:
                formats[file.path].add(report.format)
        mixed = [path for path, several in formats.items() if len(several) > 1]
        if mixed:
            names = ", ".join(sorted(formats[mixed[0]]))
            yield _doubt(
                f"suite `{suite.name}` has the same files in several formats ({names}): {_examples(mixed)}",
                "Tools count lines differently: use one format for one run, or name suites apart in `reports`.",
                title="Formats mixed",
            )


def _said_by_reports(case: Case) -> Iterator[Doubt]:
    for report in _reports(case):
        for sentence in report.doubts:
            yield _doubt(f"{report.path}: {sentence}", title="Report doubtful")


def _unseen(case: Case) -> Iterator[Doubt]:
    for path, why in unseen_changes(case).items():
        yield _doubt(
            f"{path} {why}",
            "Measure it, or add it to `ignore` in the policy file if it needs no coverage.",
            path=path,
            title="Changed file not measured",
        )


def _missing_shard(case: Case) -> Iterator[Doubt]:
    baseline, delta, diff = case.evidence.baseline, case.delta, case.evidence.diff
    if baseline is None:
        return
    # Further back, files and suites may have gone with commits in between, which are not this change's to explain.
    near = baseline.distance == 0 and diff is not None and diff.source == "git"
    gone = [path for path in (delta.no_longer_measured if delta else ()) if path not in case.policy.ignore]
    if gone:
        yield _doubt(
            f"the baseline measured {len(gone)} {'file' if len(gone) == 1 else 'files'} that no report holds now, "
            f"though this change does not touch {'it' if len(gone) == 1 else 'them'}: {_examples(gone)}",
            "Did every shard report? If they are meant to be left out, add them to `ignore` in the policy file.",
            title="Measured before, missing now",
            blocks=near,
        )
    present = {suite.name: len(suite.reports) for suite in case.evidence.suites}
    for name, count in sorted(baseline.reports.items()):
        if 0 < present.get(name, 0) < count:
            yield _doubt(
                f"suite `{name}` had {count} reports in the baseline and has {present[name]} now",
                "Did every shard report? If fewer are meant, the next push to the default branch records that.",
                title="Report missing",
                blocks=near,
            )
    for name in sorted(baseline.suites):
        if name not in present:
            yield _doubt(
                f"suite `{name}` is in the baseline, but not in this run",
                "Name its reports too; after a renaming this heals with the first record under the new name.",
                title="Suite missing",
                blocks=near,
            )


def _tests(case: Case) -> Iterator[Doubt]:
    for error in case.evidence.unreadable_tests:
        yield _doubt(f"{_place(error)} {error.reason}: its tests are not counted", title="Tests unknown")
    tests = case.evidence.tests
    broken = tests.failed + tests.errors if tests is not None else 0
    if tests is not None and broken:
        message = f"{broken} of {tests.tests} tests did not pass: this is the coverage of a failing run"
        yield _doubt(message, title="Tests failed")


def _owners(case: Case) -> Iterator[Doubt]:
    skipped = case.policy.codeowners.skipped if case.policy.owners else ()
    if skipped:
        lines = ", ".join(str(number) for number in skipped[:_EXAMPLES])
        yield _doubt(
            f"CODEOWNERS has lines that GitHub does not understand and that are skipped: {lines}",
            "Patterns there know no `!` and no `[…]`, and owners are `@user`, `@org/team` or an email address.",
            title="CODEOWNERS",
        )


def _shares(case: Case) -> Iterator[Doubt]:
    """Other tools take 0.8 for eighty percent."""
    for floor in case.policy.floors:
        if 0 < floor.limit < 1:
            yield _doubt(
                f"{floor.origin} asks for {floor} %, which nearly everything reaches",
                f"Thresholds are percentages: if a share is meant, write `{plain(floor.limit * 100)}`.",
                title="Threshold below 1 %",
            )


Check = Callable[[Case], Iterator[Doubt]]
CHECKS: tuple[Check, ...] = (
    _no_report,
    _unreadable,
    _incomplete,
    _stale,
    _other_commit,
    _astray,
    _beyond,
    _committed,
    _unmatched,
    _no_lines,
    _missing_shard,
    _unseen,
    _mixed_formats,
    _said_by_reports,
    _tests,
    _owners,
    _shares,
)
"""Each answers one question about the evidence, or what is asked of it; adding one is adding a function and a line."""


def _reports(case: Case) -> Sequence[Report]:
    return case.evidence.overall.reports


def _examples(paths: Iterable[str]) -> str:
    several = sorted(set(paths))
    more = f" and {len(several) - _EXAMPLES} more" if len(several) > _EXAMPLES else ""
    return ", ".join(f"`{path}`" for path in several[:_EXAMPLES]) + more


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f} s since 1970"


def _place(error: Unreadable) -> str:
    return error.name if error.line is None else f"{error.name}:{error.line}"


# Reports carry no `path` here: they are not in the repository, so GitHub could not place an annotation on them.
def _blocking(message: str, fix: str = "", *, title: str = "") -> Doubt:
    return _doubt(message, fix, title=title, blocks=True)


def _doubt(message: str, fix: str = "", *, path: str = "", title: str = "", blocks: bool = False) -> Doubt:
    severity = Severity.ERROR if blocks else Severity.WARNING
    return Doubt(Problem(message, fix, path, severity=severity, title=title), blocks)
