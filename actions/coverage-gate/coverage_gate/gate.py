"""The gate: every rule of the policy held against the evidence. Pure: same evidence, same judgement.

A rule is a row of RULES. A threshold is missed only if every reading of the evidence misses it, and met only if every
one meets it; otherwise nobody can say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from actionkit.scope import Scope
from coverage_gate import drop
from coverage_gate.baseline import counts_of
from coverage_gate.delta import Delta
from coverage_gate.evidence import Evidence, Measure, PatchFile, Suite
from coverage_gate.finding import Finding, hold, unjudged
from coverage_gate.judgement import Judgement
from coverage_gate.limits import Threshold, is_empty, meets, total_of
from coverage_gate.model import Counts, FileCoverage, Lines
from coverage_gate.policy import Policy
from coverage_gate.suite import branches_measure, lines_measure
from coverage_gate.trust import Case, Doubt, examine, unseen_changes
from coverage_gate.waivers import waiver_of

Rule = Callable[[Case], Iterator[Finding]]


def decide(evidence: Evidence, policy: Policy, delta: Delta | None = None) -> Judgement:
    """Judge the evidence by the policy.

    `delta` is the attributed change since `evidence.baseline`, if there is one: with it, files that ceased to be
    measured are noticed, and what only another tool version explains is not blamed on the change.
    """
    case = Case(evidence, policy, delta)
    doubts = examine(case)
    findings = [*complete_evidence(doubts), *(finding for rule in RULES for finding in rule(case))]
    return Judgement.of(case, doubts, findings)


def complete_evidence(doubts: Iterable[Doubt]) -> Iterator[Finding]:
    """Each doubt that blocks, as a finding that nothing outweighs."""
    for doubt in doubts:
        if doubt.blocks:
            problem = doubt.problem
            yield Finding(
                rule="complete evidence",
                subject="the evidence",
                ok=None,
                message=problem.message,
                brief=problem.message,
                fix=problem.fix,
                path=problem.path,
                blocks=True,
            )


def line_coverage(case: Case) -> Iterator[Finding]:
    yield from _lines(case, case.evidence.overall, case.policy.line, "line coverage", "line coverage", "line")


def branch_coverage(case: Case) -> Iterator[Finding]:
    yield from _branches(
        case, case.evidence.overall, case.policy.branch, "branch coverage", "branch coverage", "branch"
    )


def patch_coverage(case: Case) -> Iterator[Finding]:
    if case.policy.patch is not None:
        yield from _patch(case, case.policy.patch, "patch coverage", "coverage of the changed lines", "patch")


def each_suite(case: Case) -> Iterator[Finding]:
    suites = {suite.name: suite for suite in case.evidence.suites}
    for wanted in case.policy.suites:
        what, suite = f"suite `{wanted.name}`", suites.get(wanted.name)
        if suite is None:
            for threshold in (wanted.line, wanted.branch):
                if threshold is not None:
                    yield unjudged(threshold, "no report belongs to it", rule="each suite", subject=what)
            continue
        yield from _lines(case, suite, wanted.line, "each suite", f"line coverage of {what}", f"{wanted.name} line")
        yield from _branches(
            case, suite, wanted.branch, "each suite", f"branch coverage of {what}", f"{wanted.name} branch"
        )


def each_component(case: Case) -> Iterator[Finding]:
    """Every component of the policy file: lines, branches and changed lines of its files over all suites."""
    for part in case.policy.components:
        what = f"component `{part.name}`"
        files = {path: file for path, file in case.evidence.overall.files.items() if path in part.scope}
        for threshold, measure, kind in (
            (part.line, lines_measure(files.values()), "line"),
            (part.branch, branches_measure(files.values()), "branch"),
        ):
            if threshold is not None:
                subject = f"{kind} coverage of {what}"
                yield _scoped(case, files, measure, threshold, "each component", subject, f"{part.name} {kind}", kind)
        if part.patch is not None:
            subject = f"coverage of the changed lines of {what}"
            yield from _patch(case, part.patch, "each component", subject, f"{part.name} patch", part.scope)


def each_owner(case: Case) -> Iterator[Finding]:
    """Every owner with a floor: the files CODEOWNERS gives them, against the floor and against the baseline."""
    if not case.policy.owners:
        return
    evidence, rule = case.evidence, "each owner"
    files: dict[str, dict[str, FileCoverage]] = defaultdict(dict)
    for path, file in evidence.overall.files.items():
        for owner in case.policy.codeowners.owners_of(path):
            files[owner][path] = file
    before = _owned_before(case)
    for floor in case.policy.owners:
        owner = floor.owner.lower()
        mine, subject, short = files[owner], f"line coverage of what {floor.owner} owns", f"{floor.owner} line"
        measure = lines_measure(mine.values())
        if floor.line is not None:
            yield _scoped(case, mine, measure, floor.line, rule, subject, short, "line")
        if floor.ratchet is None:
            continue
        if evidence.baseline is None:
            yield drop.no_baseline(floor.ratchet, evidence, rule=rule, subject=f"the fall of {subject}")
            continue
        found = drop.hold_drop(
            before[owner],
            measure,
            floor.ratchet,
            rule=rule,
            subject=subject,
            short=short,
            on_no_lines=case.policy.on_no_lines,
        )
        yield _with_missing(found, mine)


def each_file(case: Case) -> Iterator[Finding]:
    threshold = case.policy.file
    if threshold is not None:
        yield from _files(case, case.evidence.overall.files, threshold, "each file", "file")


def new_files(case: Case) -> Iterator[Finding]:
    """Every file the change adds; one that no report mentions is unknown, not covered."""
    threshold, diff = case.policy.new_files, case.evidence.diff
    if threshold is None:
        return
    rule, subject = "new files", "line coverage of the new files"
    if diff is None:
        yield unjudged(threshold, case.evidence.why_no_diff or "there is no diff", rule=rule, subject=subject)
        return
    new = {path for path, changed in diff.files.items() if not changed.old_path and not changed.removed}
    for path, why in unseen_changes(case).items():
        if path in new:
            yield replace(unjudged(threshold, f"it {why}", rule=rule, subject=f"the new file {path}"), path=path)
    files = {path: file for path, file in case.evidence.overall.files.items() if path in new}
    yield from _files(case, files, threshold, rule, "new file")


def no_drop(case: Case) -> Iterator[Finding]:
    """The whole against the baseline, deletions and other versions of the tool taken out of it."""
    evidence, threshold = case.evidence, case.policy.max_drop
    if threshold is None:
        return
    rule, subject = "no drop", "line coverage"
    if evidence.baseline is None:
        yield drop.no_baseline(threshold, evidence, rule=rule, subject="the fall of line coverage")
        return
    before = drop.base_of(evidence, evidence.baseline).lines
    after = drop.without_drift(evidence.overall.lines, evidence, evidence.baseline, case.delta)
    found = drop.hold_drop(
        before, after, threshold, rule=rule, subject=subject, short=subject, on_no_lines=case.policy.on_no_lines
    )
    yield _with_missing(found, evidence.overall.files)


RULES: tuple[Rule, ...] = (
    line_coverage,
    branch_coverage,
    patch_coverage,
    no_drop,
    each_suite,
    each_component,
    each_owner,
    each_file,
    new_files,
)
"""In the order in which they are told; `complete_evidence` comes before all of them."""


def _owned_before(case: Case) -> Mapping[str, Counts]:
    """The baseline's counts by owner; nothing if no floor is a ratchet."""
    baseline = case.evidence.baseline
    before: dict[str, Counts] = defaultdict(lambda: Counts(0, 0))
    if baseline is None or not any(floor.ratchet for floor in case.policy.owners):
        return before
    for path, record in drop.base_of(case.evidence, baseline).files.items():
        for owner in case.policy.codeowners.owners_of(path) if path not in case.policy.ignore else ():
            before[owner] = before[owner].plus(counts_of(record))
    return before


def _lines(
    case: Case, suite: Suite, threshold: Threshold | None, rule: str, subject: str, short: str
) -> Iterator[Finding]:
    if threshold is not None:
        yield _with_missing(_hold(case, suite.lines, threshold, rule, subject, short), suite.files)


def _branches(
    case: Case, suite: Suite, threshold: Threshold | None, rule: str, subject: str, short: str
) -> Iterator[Finding]:
    """Lines without a single branch outcome look like branches that nobody measured, not like 0 of 0."""
    if threshold is None:
        return
    if is_empty(suite.branches) and not is_empty(suite.lines) and not case.policy.on_no_lines:
        fix = "Have the tool measure branches (`coverage run --branch`), or set `on_no_lines: pass`."
        yield unjudged(threshold, "no report holds a branch", rule=rule, subject=subject, fix=fix)
        return
    yield _hold(case, suite.branches, threshold, rule, subject, short)


def _hold(case: Case, measure: Measure, threshold: Threshold, rule: str, subject: str, short: str) -> Finding:
    return hold(measure, threshold, rule=rule, subject=subject, short=short, on_no_lines=case.policy.on_no_lines)


def _scoped(
    case: Case,
    files: Mapping[str, FileCoverage],
    measure: Measure,
    threshold: Threshold,
    rule: str,
    subject: str,
    short: str,
    kind: str,
) -> Finding:
    """A measure over some files. That no file belongs to it looks like a typing error, not like 0 of 0."""
    if not files and not case.policy.on_no_lines:
        fix = "Correct its paths, measure its files, or set `on_no_lines: pass`."
        return unjudged(threshold, "no file in any report belongs to it", rule=rule, subject=subject, fix=fix)
    found = _hold(case, measure, threshold, rule, subject, short)
    return _with_missing(found, files) if kind == "line" else found


def _files(
    case: Case, files: Mapping[str, FileCoverage], threshold: Threshold, rule: str, what: str
) -> Iterator[Finding]:
    """Every file that misses the threshold, excused ones too, or one finding that none does."""
    failed = False
    for path, file in sorted(files.items()):
        counts = file.line_counts
        if not counts.total or meets(counts, threshold.limit):
            continue
        found = _hold(case, Measure.certain(counts), threshold, rule, f"line coverage of {what} {path}", path)
        found = _excused(case, replace(_with_missing(found, {path: file}), path=path))
        failed = failed or not found.ok
        yield found
    if not failed:
        few = f"1 {what}" if len(files) == 1 else f"{len(files)} {what}s"
        message = f"none of {few} is below the {threshold} % of {threshold.origin}"
        yield Finding(rule=rule, subject=f"{what}s", ok=True, message=message, threshold=threshold)


def _patch(
    case: Case, threshold: Threshold, rule: str, subject: str, short: str, scope: Scope | None = None
) -> Iterator[Finding]:
    patch = case.evidence.patch
    if patch is None:
        fix = (
            "Check out the history (`fetch-depth: 0`), or give the job a `github-token` that may read the pull request."
        )
        reason = case.evidence.why_no_diff or "there is no diff"
        yield unjudged(threshold, reason, rule=rule, subject=subject, fix=fix)
        return
    judged: list[PatchFile] = []
    for file in patch.files:
        if scope is None or file.path in scope:
            waived = _waived_patch(case, file, rule)
            if waived is None:
                judged.append(file)
            else:
                yield waived
    counts = total_of(_patch_counts(file) for file in judged)
    gaps = {**patch.unknown, **unseen_changes(case)}
    gaps = {path: why for path, why in gaps.items() if _counts_here(case, path, scope)}
    if gaps:
        yield _unknown_patch(threshold, rule, subject, counts, gaps)
        return
    found = _hold(case, Measure.certain(counts), threshold, rule, subject, short)
    missing: dict[str, Lines] = {file.path: file.missing for file in judged if file.missing}
    yield replace(found, missing=missing) if found.ok is False else found


def _unknown_patch(threshold: Threshold, rule: str, subject: str, counts: Counts, gaps: Mapping[str, str]) -> Finding:
    path, why = next(iter(sorted(gaps.items())))
    more = f", and {len(gaps) - 1} more changed files are unknown" if len(gaps) > 1 else ""
    known = f" (of what is known, {counts.covered} of {counts.total} lines are covered)"
    fix = "Measure it, or add it to `ignore` in the policy file if it needs no coverage."
    return unjudged(threshold, f"{path} {why}{more}{known}", rule=rule, subject=subject, fix=fix)


def _counts_here(case: Case, path: str, scope: Scope | None) -> bool:
    if path in case.policy.ignore or (scope is not None and path not in scope):
        return False
    return waiver_of(path, case.policy.waivers, case.evidence.today) is None


def _waived_patch(case: Case, file: PatchFile, rule: str) -> Finding | None:
    """A changed file that is waived: None if it is not, so that its lines are judged."""
    waiver = waiver_of(file.path, case.policy.waivers, case.evidence.today)
    if waiver is None:
        return None
    counts = _patch_counts(file)
    message = (
        f"{counts.covered} of {counts.total} changed lines of {file.path} are covered; "
        f"waived until {waiver.until.isoformat()}: {waiver.reason}"
    )
    return Finding(rule=rule, subject=file.path, ok=True, message=message, path=file.path, waived=waiver.reason)


def _excused(case: Case, found: Finding) -> Finding:
    waiver = waiver_of(found.path, case.policy.waivers, case.evidence.today)
    if waiver is None:
        return found
    message = f"{found.message}; waived until {waiver.until.isoformat()}: {waiver.reason}"
    return replace(found, ok=True, message=message, fix="", waived=waiver.reason, shortfall=0, missing={})


def _with_missing(found: Finding, files: Mapping[str, FileCoverage]) -> Finding:
    if found.ok is not False:
        return found
    missing = {path: gone for path, file in files.items() if (gone := file.lines & ~file.covered)}
    return replace(found, missing=missing)


def _patch_counts(file: PatchFile) -> Counts:
    covered = file.covered.bit_count()
    return Counts(covered, covered + file.missing.bit_count())
