"""What all rulings come to: one verdict, one headline, and the facts and problems that explain it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actionkit.outcome import Fact, Problem, Severity, Verdict
from actionkit.untrusted import one_line, shortened
from security_report_aggregator import consensus
from security_report_aggregator.case import Case, worst_first
from security_report_aggregator.model import Category, Level, State, Weakness
from security_report_aggregator.policy import Policy
from security_report_aggregator.record import Counts, counts_of
from security_report_aggregator.ruling import Ruling, named, plural, short, tally
from security_report_aggregator.score import Score, score
from security_report_aggregator.waiver_review import UNUSED
from security_report_aggregator.waivers import Applied

HEADLINE_LIMIT = 250
"""Characters; longer ones do not fit a line of a check, a chat message or a mail subject."""

TOLD = 50
"""Weaknesses that are told one by one as problems; the list of findings has them all."""

NOTHING_ASKED = "no rule is set, so nothing could fail"
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and everything it rests on.

    `explanation` is every rule with what it says and for which weaknesses it failed. `counts` and `by_category` are the
    weaknesses that are not waived, `by_category` without zeros. `score` is None if evidence is missing. `complete` is
    False if the evidence itself is in doubt: such a run is nothing to compare later runs with.
    """

    verdict: Verdict
    headline: str
    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]
    explanation: tuple[Ruling, ...]
    applied: Applied
    counts: Mapping[Level, int]
    by_category: Counts
    score: Score | None
    complete: bool
    new: frozenset[str] = frozenset()

    @classmethod
    def of(cls, case: Case, rulings: Sequence[Ruling]) -> Judgement:
        """Put rulings together: a failure is proven whatever is missing, and what is missing is no pass."""
        if any(ruling.ok is False for ruling in rulings):
            verdict = Verdict.FAIL
        elif any(ruling.ok is None for ruling in rulings):
            verdict = Verdict.INCOMPLETE
        else:
            verdict = Verdict.PASS
        failed = _failed(case, rulings)
        found = Counter(weakness.rated.level for weakness in case.standing)
        counts = {level: found[level] for level in Level}
        scored = score(counts) if case.complete else None
        return cls(
            verdict,
            shortened(one_line(_headline(case, verdict, rulings, failed)), HEADLINE_LIMIT),
            tuple(_facts(case, rulings, counts, scored, failed)),
            tuple(_problems(case, rulings, failed)),
            tuple(rulings),
            case.applied,
            counts,
            counts_of(case.standing),
            scored,
            case.complete,
            case.evidence.delta.new if case.evidence.delta is not None else frozenset(),
        )

    @property
    def failing(self) -> frozenset[str]:
        """The ids of the weaknesses that made a rule fail."""
        return frozenset(id_ for ruling in self.explanation if ruling.ok is False for id_ in ruling.findings)

    def state(self, weakness: Weakness) -> State:
        """Waived, new with this change, or neither."""
        if weakness.id in self.applied.waived:
            return State.WAIVED
        return State.NEW if weakness.id in self.new else State.ACTIVE


def _headline(case: Case, verdict: Verdict, rulings: Sequence[Ruling], failed: Sequence[Weakness]) -> str:
    missing = _briefs(ruling for ruling in rulings if ruling.ok is None)
    if verdict is Verdict.FAIL:
        parts = (_failure(case, rulings, failed), _reports(case), _listed(missing, "incomplete: "))
        return "; ".join(part for part in parts if part)
    if verdict is Verdict.INCOMPLETE:
        room = HEADLINE_LIMIT - 80
        found = f"{_counting(case, rulings)} so far" if case.evidence.weaknesses else "no finding so far"
        return f"{shortened(one_line(_listed(missing, 'incomplete: ')), room)}; {found}"
    scanners = f"{_scanners(case)}, all complete"
    if not case.policy.asks_for_anything:
        return f"{plural(len(case.standing), 'finding')}; {scanners}; {NOTHING_ASKED}"
    if not case.evidence.weaknesses:
        return f"clean: no finding; {scanners}"
    return f"clean: {_counting(case, rulings)}; {scanners}"


def _counting(case: Case, rulings: Sequence[Ruling]) -> str:
    """How many of all findings count: of a run that does not fail none, but for those nobody can tell to be new."""
    doubtful = {id_ for ruling in rulings if ruling.ok is None for id_ in ruling.findings}
    total = plural(len(case.evidence.weaknesses), "finding")
    return f"{len(doubtful)} of {total} may count" if doubtful else f"0 of {total} count"


def _failure(case: Case, rulings: Sequence[Ruling], failed: Sequence[Weakness]) -> str:
    parts = [f"{tally(failed, case.evidence.delta)} fail{'s' if len(failed) == 1 else ''} the policy"] if failed else []
    return ", ".join([*parts, *_briefs(ruling for ruling in rulings if ruling.ok is False)])


def _reports(case: Case) -> str:
    return f"{plural(len(case.evidence.weaknesses), 'finding')} by {_scanners(case)}"


def _scanners(case: Case) -> str:
    return plural(len({entry.tool for entry in case.evidence.ledger if entry.scan is not None}), "scanner")


def _briefs(rulings: Iterator[Ruling] | Sequence[Ruling]) -> list[str]:
    return list(dict.fromkeys(ruling.brief for ruling in rulings if ruling.brief))


def _listed(briefs: Sequence[str], before: str) -> str:
    more = len(briefs) - _SHOWN
    if not briefs:
        return ""
    return before + ", ".join(briefs[:_SHOWN]) + (f" ({more} more)" if more > 0 else "")


def _failed(case: Case, rulings: Sequence[Ruling]) -> list[Weakness]:
    """The weaknesses that made a rule fail, the worst first."""
    ids = {id_ for ruling in rulings if ruling.ok is False for id_ in ruling.findings}
    return sorted((weakness for weakness in case.held if weakness.id in ids), key=worst_first)


def _facts(
    case: Case,
    rulings: Sequence[Ruling],
    counts: Mapping[Level, int],
    scored: Score | None,
    failed: Sequence[Weakness],
) -> Iterator[Fact]:
    failing = Counter(weakness.rated.level for weakness in failed)
    for level in Level:
        asked = None if case.policy.only_new else _most(case.policy, level)
        yield Fact(level.value, counts[level], limit=asked, ok=None if asked is None else not failing[level])
    delta = case.evidence.delta
    if delta is not None:
        ok = not failed if case.policy.only_new else None
        yield Fact("new", sum(weakness.id in delta.new for weakness in case.standing), ok=ok)
        yield Fact("fixed", len(delta.fixed))
    yield Fact("waived", len(case.applied.waived))
    held = next((ruling for ruling in rulings if ruling.rule == "min-score"), None)
    value = scored.score if scored is not None else None
    # With `only-new` the score that is held against the policy is that of what is new.
    is_held = held is not None and not case.policy.only_new
    limit = case.policy.min_score if is_held else None
    yield Fact("security score", value, limit=limit, ok=held.ok if held is not None and is_held else None)


def _most(policy: Policy, level: Level) -> int | None:
    """How many of a level may stand over all categories; None if the policy does not say, or says it by category."""
    asked = None if policy.base is None else _most(policy.base, level)
    if any(limit.level is level and limit.category is not None for limit in policy.limits):
        return asked
    limit = next((one for one in policy.limits if one.level is level and one.category is None), None)
    own = limit.most if limit is not None else 0 if policy.fails_alone(level) else None
    return min((most for most in (own, asked) if most is not None), default=None)


def _problems(case: Case, rulings: Sequence[Ruling], failed: Sequence[Weakness]) -> Iterator[Problem]:
    doubts = [ruling for ruling in rulings if ruling.evidence and ruling.ok is None]
    yield from (Problem(ruling.message, ruling.fix, title="Evidence is incomplete") for ruling in doubts[:TOLD])
    yield from _more(len(doubts))
    for ruling in rulings:
        if ruling.ok is not True and not ruling.evidence:
            title = "Not judged" if ruling.ok is None else "Policy"
            yield Problem(ruling.message, ruling.fix, ruling.origin.path, ruling.origin.line, title=title)
    yield from (_weakness_problem(weakness) for weakness in failed[:TOLD])
    yield from _more(len(failed))
    yield from _fewer(case)
    # The scanner that did not finish may be the one that would have found it.
    yield from (one for one in case.applied.problems if case.complete or one.title != UNUSED)
    if not case.policy.asks_for_anything:
        fix = "Set `fail-on`, or write a policy file."
        yield Problem(NOTHING_ASKED, fix, severity=Severity.NOTICE, title="No rule")


def _fewer(case: Case) -> Iterator[Problem]:
    """A report that a glob no longer finds leaves no trace in this run, only in what was recorded."""
    for tool, (before, now) in case.evidence.delta.fewer.items() if case.evidence.delta is not None else ():
        yield Problem(
            f"{short(tool)} handed in {plural(now, 'scan')}, and {before} where the baseline was recorded",
            "Did every job run and upload its report? Name each file on a line of its own in `reports`: one that is "
            "missing is then `incomplete`.",
            severity=Severity.WARNING,
            title="Fewer scans than before",
        )


def _more(count: int) -> Iterator[Problem]:
    if count > TOLD:
        yield Problem(f"and {count - TOLD} more", "Begin with the ones above.", title="More of the same")


def _weakness_problem(weakness: Weakness) -> Problem:
    """A weakness as a person reads it beside the line it is on."""
    level, place = weakness.rated.level.value, consensus.location_of(weakness)
    on_file = place if place is not None and place.is_file else None
    said = shortened(one_line(consensus.title_of(weakness)), 300)
    return Problem(
        f"{level}: {named(weakness)}: {said} ({', '.join(short(tool) for tool in weakness.tools)})",
        _fix(weakness),
        on_file.path if on_file else "",
        on_file.line if on_file else None,
        end_line=on_file.end_line if on_file else None,
        title=f"{level.capitalize()}: {named(weakness)}",
    )


def _fix(weakness: Weakness) -> str:
    versions, package = consensus.fixed_in(weakness), consensus.package_of(weakness)
    if versions and package is not None:
        return f"upgrade {short(package.name)} to {' or '.join(short(version) for version in versions[:3])}"
    if weakness.category is Category.SECRET:
        return "Revoke it first, then take it out of the code; it stays in the history."
    if weakness.category is Category.LICENSE:
        return "Replace the package, or have its licence allowed in `licenses` of the policy file."
    advisory = one_line(consensus.advisory_of(weakness))
    return f"See {shortened(advisory, 300)}" if advisory.startswith("https://") else ""
