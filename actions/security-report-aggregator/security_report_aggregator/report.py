"""The judgement as an Outcome: facts, problems, and the data that others may rely on (see the contract)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from actionkit.outcome import Outcome, Problem, Severity, Verdict
from security_report_aggregator import record, told, upgrades
from security_report_aggregator.consensus import is_suppressed
from security_report_aggregator.evidence import Baseline, Evidence
from security_report_aggregator.judgement import Judgement
from security_report_aggregator.model import Category, Level, Weakness
from security_report_aggregator.record import IndexEntry
from security_report_aggregator.render import UPGRADE
from security_report_aggregator.replay import Replay
from security_report_aggregator.ruling import Ruling
from security_report_aggregator.sarif_out import Merged
from security_report_aggregator.upgrades import Upgrade
from security_report_aggregator.upload import Uploaded

VULNERABLE = (Category.DEPENDENCY, Category.CONTAINER)
MOST_WAIVED = 1_000
MOST_UPGRADES = 200
MOST_ANNOTATED = 10
"""Upgrades annotated on the manifest line; GitHub shows ten annotations of a kind for a step."""


@dataclass(frozen=True, slots=True)
class Files:
    """What was written beside the outcome: paths are "" where nothing was. `problems` say what could not be."""

    sarif: str = ""
    openvex: str = ""
    problems: tuple[Problem, ...] = ()


def outcome(
    judgement: Judgement,
    evidence: Evidence,
    *,
    steps: Sequence[Upgrade],
    merged: Merged,
    files: Files,
    action: str,
) -> Outcome:
    """Everything the judgement says, in the envelope every action ends in."""
    standing = [one for one in evidence.weaknesses if one.id not in judgement.applied.waived]
    return Outcome(
        action=action,
        verdict=judgement.verdict,
        headline=judgement.headline,
        facts=judgement.facts,
        problems=(*judgement.problems, *_upgrade_problems(steps), *files.problems),
        data={
            "scans": told.scans(evidence.ledger),
            "findings": told.findings(
                evidence.weaknesses,
                judgement.applied.waived,
                evidence.delta,
                {one for ruling in judgement.explanation if ruling.ok is not True for one in ruling.findings},
            ),
            "counts": _counts(judgement, evidence, standing),
            "by_category": {
                category.value: {level.value: number for level, number in levels.items()}
                for category, levels in judgement.by_category.items()
            },
            "score": _score(judgement),
            "explanation": [_ruling(ruling) for ruling in judgement.explanation],
            "waivers": _waivers(judgement, evidence),
            "unreadable_ignore_files": told.unreadable(evidence.unreadable),
            "baseline": told.baseline(evidence),
            "delta": told.delta(evidence.delta),
            "upgrades": {
                "headline": upgrades.headline(
                    steps, upgrades.unfixed(one for one in standing if one.category in VULNERABLE)
                ),
                "steps": [told.upgrade(step) for step in steps[:MOST_UPGRADES]],
            },
            "sarif": {
                "path": files.sarif,
                "runs": merged.runs,
                "results": merged.results,
                "repairs": list(merged.repairs),
                "id": "",
                "status": "",
            },
            "openvex": files.openvex,
            "record": _record(judgement, evidence, standing),
        },
    )


def baseline_of(evidence: Evidence, standing: Sequence[Weakness], complete: Mapping[str, int]) -> Baseline:
    """What a later run is compared with: hashes, levels and scanners of what stands."""
    return record.baseline_of(evidence.head_sha, evidence.now.timestamp(), standing, complete)


def entry_of(judgement: Judgement, baseline: Baseline, parents: Sequence[str]) -> IndexEntry:
    """The line of the history's index for a record."""
    return IndexEntry(
        sha=baseline.sha,
        recorded_at=baseline.recorded_at,
        verdict=judgement.verdict.value,
        counts=judgement.by_category,
        tools=tuple(baseline.tools),
        parents=tuple(parents),
        score=judgement.score.score if judgement.score else None,
    )


def uploaded(made: Outcome, upload: Uploaded) -> Outcome:
    """The outcome with what became of the upload."""
    sarif = {**made.data["sarif"], "id": upload.id, "status": upload.status}
    return replace(made, problems=(*made.problems, *upload.problems), data={**made.data, "sarif": sarif})


def with_problems(made: Outcome, *problems: Problem) -> Outcome:
    return replace(made, problems=(*made.problems, *problems))


def replayed(replay: Replay, action: str) -> Outcome:
    """A policy held against the history: `pass`, since it judges no run."""
    problems = [
        Problem(f"the history does not hold what the policy asks about {part}", severity=Severity.NOTICE)
        for part in replay.not_replayed
    ]
    rows = [{**asdict(row), "verdict": row.verdict.value} for row in replay.rows]
    return Outcome(
        action,
        Verdict.PASS,
        replay.summary,
        problems=tuple(problems),
        data={"replay": {"summary": replay.summary, "rows": rows}},
    )


def _counts(judgement: Judgement, evidence: Evidence, standing: Sequence[Weakness]) -> dict[str, int | None]:
    """The outputs' numbers. `findings` and its levels are those that stand; new and fixed need a baseline."""
    delta = evidence.delta
    return {
        "findings": len(standing),
        **{level.value: judgement.counts[level] for level in Level},
        "secrets": sum(one.category is Category.SECRET for one in standing),
        "new": None if delta is None else sum(one.id in delta.new for one in standing),
        "fixed": None if delta is None else len(delta.fixed),
        "waived": len(judgement.applied.waived),
        "records": sum(entry.scan.records for entry in evidence.ledger if entry.scan is not None),
    }


def _score(judgement: Judgement) -> dict[str, Any]:
    return {"score": judgement.score.score, "grade": judgement.score.grade} if judgement.score else {}


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {
        "rule": ruling.rule,
        "origin": str(ruling.origin),
        "ok": ruling.ok,
        "message": ruling.message,
        "fix": ruling.fix,
        "findings": list(ruling.findings[: told.MOST_FINDINGS]),
    }


def _waivers(judgement: Judgement, evidence: Evidence) -> list[dict[str, Any]]:
    applied = judgement.applied.waived
    waived = [one for one in evidence.weaknesses if one.id in applied][:MOST_WAIVED]
    return [told.waiver(one, None if is_suppressed(one) else applied[one.id]) for one in waived]


def _record(judgement: Judgement, evidence: Evidence, standing: Sequence[Weakness]) -> Mapping[str, Any] | None:
    """What a run with `baseline: <path>` compares with; evidence in doubt is nothing to compare with."""
    if not evidence.head_sha or not judgement.complete:
        return None
    tools = Counter(entry.tool for entry in evidence.ledger if entry.scan is not None)
    return record.document(baseline_of(evidence, standing, tools))


def _upgrade_problems(steps: Sequence[Upgrade]) -> list[Problem]:
    """One annotation for each of the most useful upgrades, on the line that names the package."""
    made = []
    for step in steps[:MOST_ANNOTATED]:
        if not step.path:
            continue
        many = "1 finding" if len(step.closes) == 1 else f"{len(step.closes)} findings"
        step_of = f"{step.package.name} {step.package.version}".strip()
        message = f"upgrading {step_of} to {step.to} closes {many}"
        fix = "It is a step that may break callers: read its changelog." if step.breaking else ""
        made.append(Problem(message, fix, step.path, step.line, Severity.NOTICE, title=f"{UPGRADE}{step.package.name}"))
    return made
