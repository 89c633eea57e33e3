"""What all findings come to: one verdict, one headline, and the facts and problems that explain it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from actionkit.outcome import Fact, Problem, Severity, Verdict
from actionkit.untrusted import one_line, shortened
from coverage_gate import waivers
from coverage_gate.drop import base_of
from coverage_gate.evidence import percent, shown
from coverage_gate.finding import Finding, percent_text
from coverage_gate.limits import plain
from coverage_gate.model import Counts
from coverage_gate.trust import Case, Doubt

HEADLINE_LIMIT = 250
"""Characters; longer ones do not fit a line of a check, a chat message or a mail subject."""

NO_THRESHOLD = "no threshold is set, so nothing could fail"

PER_RULE = 100
"""Problems of one rule that are told one by one: a repository with thousands of low files needs no list of them all."""

_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and everything it rests on. `complete` is False if the evidence itself is in doubt: such a run is
    nothing to compare later runs with."""

    verdict: Verdict
    headline: str
    findings: tuple[Finding, ...]
    doubts: tuple[Doubt, ...]
    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        return not any(finding.blocks for finding in self.findings)

    @classmethod
    def of(cls, case: Case, doubts: Sequence[Doubt], findings: Sequence[Finding]) -> Judgement:
        """Put findings together. What cannot be judged never outweighs a proven failure, except where the evidence
        itself is in doubt: then nothing is proven."""
        if any(finding.blocks for finding in findings):
            verdict = Verdict.INCOMPLETE
        elif any(finding.ok is False for finding in findings):
            verdict = Verdict.FAIL
        elif any(finding.ok is None for finding in findings):
            verdict = Verdict.INCOMPLETE
        else:
            verdict = Verdict.PASS
        return cls(
            verdict,
            shortened(one_line(_headline(case, verdict, findings)), HEADLINE_LIMIT),
            tuple(findings),
            tuple(doubts),
            tuple(_facts(case, findings)),
            tuple(_problems(case, doubts, findings)),
        )


def _headline(case: Case, verdict: Verdict, findings: Sequence[Finding]) -> str:
    failed = [finding.brief for finding in findings if finding.ok is False]
    if verdict is Verdict.FAIL:
        return _listed(failed)
    if verdict is Verdict.INCOMPLETE:
        unknown = [finding.message for finding in findings if finding.ok is None]
        also = f"; {_listed(failed)}" if failed else ""
        more = f" ({len(unknown) - 1} more)" if len(unknown) > 1 else ""
        room = HEADLINE_LIMIT - len("cannot judge: ") - len(also) - len(more)
        return f"cannot judge: {shortened(one_line(unknown[0]), max(40, room))}{more}{also}"
    if not case.policy.asks_for_anything:
        return f"line {percent_text(case.evidence.overall.lines.counts)}; {NO_THRESHOLD}"
    return _listed([finding.brief for finding in findings if finding.brief and not finding.waived], shown_at_most=3)


def _listed(briefs: Sequence[str], shown_at_most: int = _SHOWN) -> str:
    more = len(briefs) - shown_at_most
    return ", ".join(briefs[:shown_at_most]) + (f" ({more} more)" if more > 0 else "")


def _facts(case: Case, findings: Sequence[Finding]) -> Iterator[Fact]:
    evidence = case.evidence
    yield _fact("line coverage", evidence.overall.lines.counts, _of(findings, "line coverage"))
    yield _fact("branch coverage", evidence.overall.branches.counts, _of(findings, "branch coverage"))
    patch = _of(findings, "patch coverage")
    if patch is not None or evidence.patch is not None:
        lines = evidence.patch.lines if evidence.patch is not None else Counts(0, 0)
        yield _fact("patch coverage", lines if patch is None or patch.counts is None else patch.counts, patch)
    yield from _change(case, findings)
    for finding in findings:
        if finding.rule in ("each suite", "each component", "each owner") and finding.counts is not None:
            yield _fact(finding.subject, finding.counts, finding)
    if evidence.tests is not None:
        broken = evidence.tests.failed + evidence.tests.errors
        yield Fact("tests", evidence.tests.tests)
        if broken:
            yield Fact("tests not passed", broken)


def _change(case: Case, findings: Iterable[Finding]) -> Iterator[Fact]:
    """The difference that `max-drop` is held against: deletions are taken out of the baseline first."""
    evidence = case.evidence
    if evidence.baseline is None:
        return
    now, before = percent(evidence.overall.lines.counts), percent(base_of(evidence, evidence.baseline).lines)
    if now is None or before is None:
        return
    finding = _of(findings, "no drop")
    limit = None
    if finding is not None and finding.threshold is not None:
        limit = plain(-finding.threshold.limit)
    text = shown(now - before)
    value = text if text.startswith("-") else f"+{text}"
    yield Fact("change of line coverage", value, "pp", limit, finding.ok if finding is not None else None)


def _fact(name: str, counts: Counts, finding: Finding | None) -> Fact:
    value = shown(percent(counts)) or None
    if finding is None or finding.threshold is None:
        return Fact(name, value, "%")
    return Fact(name, value, "%", str(finding.threshold), finding.ok)


def _of(findings: Iterable[Finding], rule: str) -> Finding | None:
    return next((finding for finding in findings if finding.rule == rule and finding.threshold is not None), None)


def _problems(case: Case, doubts: Sequence[Doubt], findings: Sequence[Finding]) -> Iterator[Problem]:
    yield from (doubt.problem for doubt in doubts if doubt.blocks)
    yield from _told(finding for finding in findings if finding.ok is not True and not finding.blocks)
    yield from (doubt.problem for doubt in doubts if not doubt.blocks)
    measured = set(case.evidence.overall.files)
    changed = set(case.evidence.diff.files) if case.evidence.diff is not None else set()
    yield from waivers.review(case.policy.waivers, measured | changed, case.evidence.today)
    nothing = (" n/a", " new")
    yield from _told(
        finding for finding in findings if finding.ok and (finding.waived or finding.brief.endswith(nothing))
    )
    if not case.policy.asks_for_anything:
        fix = "Set `fail-under`, or write a policy file."
        yield Problem(NO_THRESHOLD, fix, severity=Severity.NOTICE, title="No threshold")


def _told(findings: Iterable[Finding]) -> Iterator[Problem]:
    """One problem a finding; of one rule at most PER_RULE, then one that counts the rest."""
    rules: Counter[str] = Counter()
    severity = Severity.NOTICE
    for finding in findings:
        rules[finding.rule] += 1
        severity = Severity.NOTICE if finding.ok else Severity.ERROR
        if rules[finding.rule] <= PER_RULE:
            yield Problem(finding.message, finding.fix, finding.path, severity=severity, title=_title(finding))
    for rule, count in rules.items():
        if count > PER_RULE:
            message = f"{count - PER_RULE} more findings of the rule `{rule}`"
            yield Problem(message, "Begin with the ones above.", severity=severity, title="More of the same")


def _title(finding: Finding) -> str:
    if finding.ok:
        return "Waived" if finding.waived else "Nothing to cover"
    return "Not judged" if finding.ok is None else "Below the threshold"
