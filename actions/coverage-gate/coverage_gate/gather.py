"""Gathering the evidence: finds and reads the reports and test results, and judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from actionkit.action import Doors
from actionkit.base import astray, base_of, head_of
from actionkit.context import RunContext
from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.git import GitFailed
from actionkit.untrusted import one_line
from actionkit.workspace import Found
from coverage_gate import changes, extent, junit, lookup, patch, paths, readers, suite
from coverage_gate.baseline import Index
from coverage_gate.evidence import Evidence, Suite, Tests
from coverage_gate.inputs import Inputs
from coverage_gate.model import Report
from coverage_gate.policy import Policy
from coverage_gate.readers.source import Source

DEFAULT_SUITE = "default"

USUAL_NAMES = (
    "coverage.json",
    "coverage-final.json",
    ".resultset.json",
    "coverage.xml",
    "cobertura.xml",
    "cobertura-coverage.xml",
    "coverage.cobertura.xml",
    "jacoco.xml",
    "jacocoTestReport.xml",
    "coverage.opencover.xml",
    "lcov.info",
    "coverage.lcov",
    "clover.xml",
    "coverage.out",
    "cover.out",
    "c.out",
    ".coverage",
)
"""Looked for where `reports` is empty, best first: of several in one folder (one run often writes three formats) only
the first counts, for merging two formats of one run adds nothing and loses exact branches."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence, the history it was compared with, and whether there is a change at all."""

    evidence: Evidence
    index: Index
    has_change: bool


def gather(inputs: Inputs, policy: Policy, context: RunContext, doors: Doors) -> Gathered:
    """Everything a judgement may rest on. What cannot be read is in the evidence as unreadable.

    Raises UsageError for a malformed glob or a `source-root` that is no folder, and GitHub's BadToken; nothing else
    that is wrong with evidence.
    """
    if inputs.source_root and not (doors.workspace.root / inputs.source_root).is_dir():
        message = f"input `source-root`: `{one_line(inputs.source_root)}` is no folder of the workspace"
        raise UsageError([Complaint(message, "Name the folder that the paths in the reports start at, as git has it.")])
    tracked = _tracked(doors)
    suites = _suites(inputs, policy, context, doors, tracked)
    overall = suite.overall(suites)
    head = head_of(context, doors.git)
    base = base_of(context, doors, head)
    difference, why_no_diff = changes.changed(context, doors, base, head)
    found = lookup.look_up(inputs, context, doors, base)
    tests, unreadable_tests = _tests(inputs.junit, doors)
    return Gathered(
        Evidence(
            suites=suites,
            overall=overall,
            today=doors.now().date(),
            diff=difference,
            why_no_diff=why_no_diff,
            patch=patch.measure(difference, overall.files) if difference and base.change else None,
            baseline=found.baseline,
            no_baseline=found.missing,
            head_sha=head,
            other_shas=_other_shas(context),
            astray=astray(context, doors.git, head),
            head_committed_at=_committed_at(doors, head),
            tests=tests,
            unreadable_tests=unreadable_tests,
            beyond=extent.beyond(overall.files, difference.files if difference else (), doors.workspace),
            committed_reports=_committed_reports(overall.reports, tracked, doors),
        ),
        found.index,
        has_change=base.change,
    )


def _suites(
    inputs: Inputs, policy: Policy, context: RunContext, doors: Doors, tracked: Sequence[str]
) -> tuple[Suite, ...]:
    made = []
    for name, globs in (policy.suite_reports or {"": ()}).items():
        found = doors.workspace.find(globs) if globs else _usual(doors)
        reports, unreadable = _read(found, inputs, doors)
        resolved = paths.resolve(
            reports,
            tracked,
            mapping=policy.paths,
            source_root=inputs.source_root,
            workspace=str(context.workspace),
        )
        unmatched = tuple(one.path for one in resolved.unmatched)
        kept = [suite.without(report, policy.ignore) for report in resolved.reports]
        made.append(
            suite.assemble(
                name or DEFAULT_SUITE,
                kept,
                unreadable,
                found.unmatched if globs else (),
                unmatched,
                (path for path in unmatched if not doors.workspace.has(path)),
            )
        )
    return tuple(made)


def _usual(doors: Doors) -> Found:
    found = doors.workspace.find([f"**/{name}" for name in USUAL_NAMES])
    best: dict[str, str] = {}
    for path in found.paths:
        here = PurePosixPath(path)
        folder = str(here.parent)
        if folder not in best or USUAL_NAMES.index(here.name) < USUAL_NAMES.index(PurePosixPath(best[folder]).name):
            best[folder] = path
    return Found(tuple(sorted(best.values())), refused=found.refused, truncated=found.truncated)


def _read(found: Found, inputs: Inputs, doors: Doors) -> tuple[list[Report], tuple[Unreadable, ...]]:
    root = doors.workspace.root / inputs.source_root if inputs.source_root else doors.workspace.root
    reports: list[Report] = []
    unreadable = [Unreadable(one.path, one.reason) for one in found.refused]
    for path in found.paths:
        try:
            reports.append(readers.read(Source(path, doors.workspace.root / path, root), inputs.format))
        except Unreadable as error:
            asked = "" if inputs.format == "auto" else f" (read as `{inputs.format}`, as the input `format` asks)"
            unreadable.append(Unreadable(error.name, f"{error.reason}{asked}", error.line))
    if found.truncated:
        unreadable.append(Unreadable("the search for reports", f"ended early: {found.truncated}"))
    return reports, tuple(unreadable)


def _other_shas(context: RunContext) -> tuple[str, ...]:
    """What a tool on the runner may call the tested commit. On pull_request_target GITHUB_SHA is the base's."""
    if context.pull_request is None:
        return (context.sha,)
    own = context.sha if context.event_name == "pull_request" else ""
    return (own, context.pull_request.head_sha)


def _tracked(doors: Doors) -> Sequence[str]:
    try:
        return doors.git.tracked_files() if doors.git.available() else ()
    except GitFailed:
        return ()


def _committed_reports(reports: Sequence[Report], tracked: Sequence[str], doors: Doors) -> tuple[str, ...]:
    """Reports that are byte for byte what HEAD holds. (`git status` would run the checkout's own filters.)"""
    return tuple(
        path
        for path in sorted({report.path for report in reports}.intersection(tracked))
        if _is_as_committed(path, doors)
    )


def _is_as_committed(path: str, doors: Doors) -> bool:
    try:
        return doors.workspace.read(path) == doors.git.blob("HEAD", path)
    except (GitFailed, Unreadable):
        return False


def _committed_at(doors: Doors, head: str) -> float | None:
    try:
        return doors.git.committed_at(head) if head and doors.git.has_commit(head) else None
    except GitFailed:
        return None


def _tests(globs: Sequence[str], doors: Doors) -> tuple[Tests | None, tuple[Unreadable, ...]]:
    if not globs:
        return None, ()
    found = doors.workspace.find(globs)
    files: list[tuple[str, bytes]] = []
    unreadable = [Unreadable(glob, "matches no file") for glob in found.unmatched]
    for path in found.paths:
        try:
            files.append((path, doors.workspace.read(path)))
        except Unreadable as error:
            unreadable.append(error)
    tests, broken = junit.count(files)
    return tests, (*unreadable, *broken)
