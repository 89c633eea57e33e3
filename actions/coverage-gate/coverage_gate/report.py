"""The judgement as an Outcome: facts, problems, and the data that others may rely on (see the contract)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from actionkit.outcome import Outcome, Problem, Severity, Verdict
from coverage_gate import baseline as baselines
from coverage_gate import delta as deltas
from coverage_gate import trend
from coverage_gate.baseline import Index, IndexEntry
from coverage_gate.delta import Delta
from coverage_gate.drift import Drift
from coverage_gate.evidence import Baseline, Evidence, FileRecord, PatchFile, Suite
from coverage_gate.green_path import Step
from coverage_gate.judgement import Judgement
from coverage_gate.model import Report, Totals, ranges_of
from coverage_gate.patch import annotation_ranges
from coverage_gate.replay import Replay


def outcome(
    judgement: Judgement,
    evidence: Evidence,
    *,
    delta: Delta | None,
    drift: Drift | None,
    path_to_green: Sequence[Step],
    index: Index,
    action: str,
) -> Outcome:
    """Everything the judgement says, in the envelope every action ends in."""
    problems = [*judgement.problems, *_uncovered(evidence)]
    if drift is not None:
        problems.append(Problem(drift.sentence, severity=Severity.NOTICE, title="Measured differently"))
    record = record_of(evidence) if evidence.head_sha and judgement.complete else None
    return Outcome(
        action=action,
        verdict=judgement.verdict,
        headline=judgement.headline,
        facts=judgement.facts,
        problems=tuple(problems),
        data={
            "totals": _totals(evidence.overall),
            "suites": [_suite(suite) for suite in evidence.suites],
            "patch": _patch(evidence),
            "baseline": _baseline(evidence.baseline),
            **_delta(delta),
            "drift": {"points": _hundredths(drift.points * 100), "sentence": drift.sentence} if drift else None,
            "tests": _tests(evidence),
            "unmatched_paths": list(evidence.overall.unmatched),
            "green_path": [_step(step) for step in path_to_green],
            "trend": _trend(index, evidence),
            "record": baselines.document(record) if record else None,
        },
    )


def record_of(evidence: Evidence) -> Baseline:
    """What a later run is compared with: the line sets of every file, and who measured them."""
    overall = evidence.overall
    tool = _main_report(overall)
    return Baseline(
        sha=evidence.head_sha,
        tool=tool.tool if tool else "",
        version=tool.version if tool else "",
        format=tool.format if tool else "",
        measured_at=(tool.measured_at if tool else None) or evidence.head_committed_at or 0.0,
        lines=overall.lines.counts,
        branches=overall.branches.counts,
        files={
            path: FileRecord(file.lines, file.covered, file.uncounted)
            for path, file in overall.files.items()
            if file.summary is None
        },
        suites={suite.name: (suite.lines.counts, suite.branches.counts) for suite in evidence.suites},
        reports={suite.name: len(suite.reports) for suite in evidence.suites},
    )


def entry_of(record: Baseline, headline: str, recorded_at: float, parents: Sequence[str] = ()) -> IndexEntry:
    """The line of the history's index for a record."""
    return IndexEntry(
        sha=record.sha,
        recorded_at=recorded_at,
        lines=record.lines,
        branches=record.branches,
        tool=record.tool,
        version=record.version,
        format=record.format,
        headline=headline,
        parents=tuple(parents),
        suites=record.suites,
    )


def main_tool(evidence: Evidence) -> tuple[str, str, str]:
    """Tool, version and format of the run's largest report; empty where there is none."""
    report = _main_report(evidence.overall)
    return (report.tool, report.version, report.format) if report else ("", "", "")


def replayed(replay: Replay, action: str) -> Outcome:
    """A policy held against the history: `pass`, since it judges no run."""
    problems = [
        Problem(f"the history does not hold what the policy asks about {part}", severity=Severity.NOTICE)
        for part in replay.not_replayed
    ]
    return Outcome(
        action,
        Verdict.PASS,
        replay.summary,
        problems=tuple(problems),
        data={"replay": {"summary": replay.summary, "rows": [asdict(row) for row in replay.rows]}},
    )


def with_badge(made: Outcome, path: str) -> Outcome:
    return replace(made, data={**made.data, "badge": path}) if path else made


def with_problems(made: Outcome, *problems: Problem) -> Outcome:
    return replace(made, problems=(*made.problems, *problems))


def _main_report(suite: Suite) -> Report | None:
    return max(suite.reports, key=lambda report: report.totals.lines.total, default=None)


def _uncovered(evidence: Evidence) -> list[Problem]:
    """One annotation for each stretch of changed lines that are not covered, longest first."""
    if evidence.patch is None:
        return []
    places = [(file, span) for file in evidence.patch.files for span in _spans(file, evidence)]
    places.sort(key=lambda place: (place[1][0] - place[1][1], place[0].path, place[1]))
    return [
        Problem(
            f"{_lines(first, last)} changed here and not covered by any test",
            path=file.path,
            line=first,
            end_line=last,
            severity=Severity.WARNING,
            title="Changed lines are not covered",
        )
        for file, (first, last) in places
    ]


def _spans(file: PatchFile, evidence: Evidence) -> list[tuple[int, int]]:
    measured = evidence.overall.files.get(file.path)
    return annotation_ranges(file, measured.covered if measured else 0)


def _lines(first: int, last: int) -> str:
    return f"line {first} is" if first == last else f"lines {first} to {last} are"


def _totals(suite: Suite) -> dict[str, Any]:
    return {
        "lines_covered": suite.lines.counts.covered,
        "lines_total": suite.lines.counts.total,
        "branches_covered": suite.branches.counts.covered,
        "branches_total": suite.branches.counts.total,
    }


def _suite(suite: Suite) -> dict[str, Any]:
    unreadable = [
        {"path": error.name, "format": "", "complete": False, "reason": error.reason, **_of(Totals.none())}
        for error in suite.unreadable
    ]
    return {
        "name": suite.name,
        **_totals(suite),
        "reports": [*(_report(report) for report in suite.reports), *unreadable],
        "missing": list(suite.missing),
    }


def _report(report: Report) -> dict[str, Any]:
    made = {
        "path": report.path,
        "format": report.format,
        "tool": report.tool,
        "version": report.version,
        **_of(report.totals),
        "complete": report.complete,
        "reason": report.reason,
        "doubts": list(report.doubts),
    }
    if report.statements is not None:
        made |= {"statements_covered": report.statements.covered, "statements_total": report.statements.total}
    return made


def _of(totals: Totals) -> dict[str, int]:
    return {
        "lines_covered": totals.lines.covered,
        "lines_total": totals.lines.total,
        "branches_covered": totals.branches.covered,
        "branches_total": totals.branches.total,
    }


def _patch(evidence: Evidence) -> dict[str, Any]:
    patch = evidence.patch
    if patch is None:
        return {"lines_covered": 0, "lines_total": 0, "files": [], "unknown": [], "why_none": evidence.why_no_diff}
    return {
        "lines_covered": patch.lines.covered,
        "lines_total": patch.lines.total,
        "files": [
            {
                "path": file.path,
                "lines_covered": file.covered.bit_count(),
                "lines_total": (file.covered | file.missing).bit_count(),
                "missing": [list(span) for span in ranges_of(file.missing)],
            }
            for file in patch.files
        ],
        "unknown": [{"path": path, "reason": reason} for path, reason in patch.unknown.items()],
    }


def _baseline(baseline: Baseline | None) -> dict[str, Any] | None:
    if baseline is None:
        return None
    return {
        "sha": baseline.sha,
        "tool": baseline.tool,
        "version": baseline.version,
        "lines_covered": baseline.lines.covered,
        "lines_total": baseline.lines.total,
        "branches_covered": baseline.branches.covered,
        "branches_total": baseline.branches.total,
        "distance": baseline.distance,
    }


def _delta(delta: Delta | None) -> dict[str, Any]:
    """`delta` holds exactly five parts in percentage points, which add up to the change of line coverage.

    Untouched lines that gained coverage are netted against those that lost it, and what no line explains is drift;
    `delta_detail` has them apart, as whole lines.
    """
    shares = deltas.in_hundredths(delta) if delta is not None else None
    if delta is None or shares is None:
        return {"delta": None, "delta_detail": None}
    parts = shares.parts
    return {
        "delta": {
            "added": _hundredths(parts["added"]),
            "deleted": _hundredths(parts["deleted"]),
            "moved": _hundredths(parts["moved"]),
            "newly_uncovered": _hundredths(parts["newly_uncovered"] + parts["newly_covered"]),
            "base_drift": _hundredths(parts["base_drift"] + parts["unattributed"]),
        },
        "delta_detail": {
            "points": _hundredths(shares.points),
            "parts": {name: {"covered": part.covered, "total": part.total} for name, part in delta.parts.items()},
            "uncovered": [
                {"path": path, "lines": [list(span) for span in ranges_of(lines)]}
                for path, lines in sorted(delta.uncovered.items())
            ],
            "no_longer_measured": list(delta.no_longer_measured),
            "first_measured": list(delta.first_measured),
        },
    }


def _tests(evidence: Evidence) -> dict[str, int] | None:
    tests = evidence.tests
    if tests is None:
        return None
    return {name: getattr(tests, name) for name in ("tests", "passed", "failed", "errors", "skipped", "flaky")}


def _step(step: Step) -> dict[str, Any]:
    return {
        "advice": step.advice,
        "places": [
            {
                "path": place.path,
                "function": place.function,
                "wanted": place.wanted,
                "missing": place.missing,
                "lines": [list(span) for span in ranges_of(place.lines)],
                "tests": list(place.tests),
            }
            for place in step.places
        ],
    }


def _trend(index: Index, evidence: Evidence) -> list[dict[str, Any]]:
    """The newest recorded commits and this run, oldest first; nothing where there is no history yet."""
    if not index.entries or not evidence.head_sha:
        return []
    before = [entry for entry in index.entries if entry.sha != evidence.head_sha][: trend.MOST - 1]
    recorded = [{"sha": entry.sha, **_of(Totals(entry.lines, entry.branches))} for entry in reversed(before)]
    return [*recorded, {"sha": evidence.head_sha, **_totals(evidence.overall)}]


def _hundredths(value: Any) -> float:
    return int(value) / 100
