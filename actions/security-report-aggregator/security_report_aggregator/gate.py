"""The gate: every rule of the policy held against the evidence. Pure: same evidence, same judgement.

A rule is a row of RULES. A proven failure outweighs what cannot be judged, and that outweighs a pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from actionkit.origin import Origin
from security_report_aggregator import consensus, ledger, licenses
from security_report_aggregator.case import Case, worst_first
from security_report_aggregator.evidence import Entry, Evidence
from security_report_aggregator.judgement import Judgement
from security_report_aggregator.model import Category, Level, Weakness
from security_report_aggregator.policy import Limit, Policy
from security_report_aggregator.ruling import BRIEF_LENGTH, Ruling, listed, plural, short, span, tally
from security_report_aggregator.score import score

Rule = Callable[[Case], Iterator[Ruling]]

LEDGER = Origin("the evidence")
EXPECTED = Origin("expected")
IGNORE_FILE = Origin("ignore-file")
_PACKAGES = (Category.DEPENDENCY, Category.CONTAINER)

REASON_LENGTH = 300
"""Characters of why a report cannot be relied on: what to do about it may stand at its end."""


def decide(evidence: Evidence, policy: Policy) -> Judgement:
    """Judge the evidence by the policy."""
    case = Case.of(evidence, policy)
    rulings = [*complete_evidence(case), *(ruling for rule in RULES for ruling in rule(case))]
    if policy.base is not None:
        rulings += _of_base(replace(case, policy=policy.base), rulings)
    if case.lacks_baseline:
        rulings = [_not_known_to_be_new(case, ruling) if ruling.ok is False else ruling for ruling in rulings]
    return Judgement.of(case, rulings)


def _of_base(case: Case, own: list[Ruling]) -> Iterator[Ruling]:
    """What the base branch's rules fail that the change's own do not."""
    failed = {(ruling.rule, id_) for ruling in own if ruling.ok is False for id_ in ruling.findings}
    for rule in BASE_RULES:
        for ruling in rule(case):
            if ruling.ok is False and not failed.issuperset((ruling.rule, id_) for id_ in ruling.findings):
                way_out = "Merge the change of the policy by itself first."
                yield replace(ruling, fix=f"{ruling.fix} Or: {way_out}" if ruling.fix else way_out)


def complete_evidence(case: Case) -> Iterator[Ruling]:
    """Each line of the ledger that cannot be relied on, and each file of waivers that cannot be read."""
    rule = "complete evidence"
    for entry in case.doubtful:
        origin = EXPECTED if not entry.path and entry.tool else LEDGER
        said = _doubt(entry, REASON_LENGTH)
        where = f" ({short(entry.path)})" if entry.path and entry.path not in said else ""
        yield Ruling(
            rule=rule,
            origin=origin,
            ok=None,
            message=f"{said}{where}",
            brief=_doubt(entry),
            fix=_cure(entry),
            evidence=True,
        )
    for error in case.evidence.unreadable:
        said = f"{short(error.name)}: {short(error.reason, REASON_LENGTH)}"
        fix = "Correct the file, or take it out of `ignore-file`."
        brief = f"{short(error.name)}: {short(error.reason)}"
        yield Ruling(rule=rule, origin=IGNORE_FILE, ok=None, message=said, brief=brief, fix=fix, evidence=True)
    if not case.evidence.ledger:
        yield _no_report()
    elif case.complete:
        many = plural(len(case.evidence.ledger), "report")
        yield Ruling(rule=rule, origin=LEDGER, ok=True, message=f"{many}, all complete")


def fail_on(case: Case) -> Iterator[Ruling]:
    """One weakness of the level or of a worse one is enough, where no limit takes its place."""
    asked, origin = case.policy.fail_on, case.policy.fail_on_origin
    if asked is None:
        return
    found = [
        weakness
        for (category, level), members in case.groups.items()
        if level is not Level.UNKNOWN and case.policy.fails_alone(level)
        if case.policy.limit_for(level, category) is None
        for weakness in members
    ]
    yield _each_fails("fail-on", origin, found, f"as bad as `{asked.value}` or worse, which {origin} fails")


def fail_on_unknown(case: Case) -> Iterator[Ruling]:
    """One weakness without a severity is enough, where no limit takes its place."""
    if not case.policy.fail_on_unknown:
        return
    origin = case.policy.fail_on_unknown_origin
    found = [
        weakness
        for (category, level), members in case.groups.items()
        if level is Level.UNKNOWN and case.policy.limit_for(level, category) is None
        for weakness in members
    ]
    yield _each_fails("fail-on-unknown", origin, found, f"without a severity, which {origin} fails")


def limits(case: Case) -> Iterator[Ruling]:
    """At most so many. A limit for all categories does not count those that have their own for the level."""
    for limit in case.policy.limits:
        found = list(_limited(case, limit))
        what = " ".join(part.value for part in (limit.level, limit.category) if part)
        counted = plural(len(found), f"{what} finding".strip())
        if len(found) <= limit.most:
            message = f"{counted}, and {limit.origin} allows {limit.most}"
            yield Ruling(rule="limits", origin=limit.origin, ok=True, message=message)
            continue
        found.sort(key=worst_first)
        yield Ruling(
            rule="limits",
            origin=limit.origin,
            ok=False,
            message=f"{counted}, but {limit.origin} allows {limit.most}; the worst: {listed(found)}",
            fix=f"Fix at least {len(found) - limit.most} of them.",
            findings=_ids(found),
        )


def allowed_licenses(case: Case) -> Iterator[Ruling]:
    """Licences that the policy denies or does not allow, whatever their level; `limits.license` may allow some."""
    asked = case.policy.licenses
    if asked is None:
        return
    found = [
        weakness
        for (category, level), members in case.groups.items()
        if category is Category.LICENSE and not _has_own_limit(case.policy, level)
        for weakness in members
        if licenses.breaks(weakness)
    ]
    yield _each_fails("licenses", asked.origin, found, f"of a licence that {asked.origin} does not allow")


def dependency_age(case: Case) -> Iterator[Ruling]:
    """Published advisories that have a fix may stay open for so long, whatever their level."""
    age, origin = case.policy.dependency_age, case.policy.dependency_age_origin
    if age is None:
        return
    fixable = [one for category in _PACKAGES for one in case.in_group(category, None) if _is_fixable(one)]
    old: list[Weakness] = []
    undated: list[Weakness] = []
    for weakness in fixable:
        appeared = consensus.published(weakness)
        if appeared is None:
            undated.append(weakness)
        elif case.evidence.now - appeared > age:
            old.append(weakness)
    rule = "dependency-age"
    if old or not undated:
        what = f"open longer than the {span(age)} that {origin} gives a published advisory with a fix"
        yield _each_fails(rule, origin, old, what)
    if undated:
        undated.sort(key=worst_first)
        yield Ruling(
            rule=rule,
            origin=origin,
            ok=None,
            message=f"no scanner says when {listed(undated)} became known, so {origin} cannot be held against that",
            brief=f"{plural(len(undated), 'fixable finding')} of unknown age",
            fix="Add a report of a scanner that dates advisories, such as Trivy or OSV-Scanner, or upgrade.",
        )


def min_score(case: Case) -> Iterator[Ruling]:
    """The lowest score that passes. What is missing can only lower it, so that a score too low is proven."""
    asked, origin = case.policy.min_score, case.policy.min_score_origin
    if asked is None:
        return
    found = score(Counter(weakness.rated.level for weakness in case.held))
    rule, subject = "min-score", f"the security score is {found.score} (grade {found.grade})"
    if found.score < asked:
        message, brief = f"{subject}, below the {asked} of {origin}", f"score {found.score} < {asked}"
        yield Ruling(rule=rule, origin=origin, ok=False, message=message, brief=brief, fix="Fix the worst ones first.")
    elif not case.complete:
        message = f"{subject} at best, so nobody can hold it against the {asked} of {origin}: evidence is missing"
        yield Ruling(rule=rule, origin=origin, ok=None, message=message, brief="score unknown")
    else:
        yield Ruling(rule=rule, origin=origin, ok=True, message=f"{subject}, which meets the {asked} of {origin}")


RULES: tuple[Rule, ...] = (fail_on, fail_on_unknown, limits, allowed_licenses, dependency_age, min_score)
"""In the order in which they are told; `complete_evidence` comes before all of them."""

BASE_RULES: tuple[Rule, ...] = (fail_on, fail_on_unknown, limits, allowed_licenses)
"""Those that are held as the base branch has them too; of the others the policy is the stricter of both already."""


def _each_fails(rule: str, origin: Origin, found: list[Weakness], what: str) -> Ruling:
    """A rule that a single weakness breaks; `what` says how, after "is" or "are"."""
    if not found:
        return Ruling(rule=rule, origin=origin, ok=True, message=f"no finding is {what}")
    found.sort(key=worst_first)
    verb = "is" if len(found) == 1 else "are"
    message = f"{tally(found)} {verb} {what}"
    return Ruling(rule=rule, origin=origin, ok=False, message=message, findings=_ids(found))


def _limited(case: Case, limit: Limit) -> Iterator[Weakness]:
    for (category, level), members in case.groups.items():
        if case.policy.counts_for(limit, level, category):
            yield from members


def _is_fixable(weakness: Weakness) -> bool:
    return any(finding.fixed_in for finding in weakness.findings)


def _has_own_limit(policy: Policy, level: Level) -> bool:
    limit = policy.limit_for(level, Category.LICENSE)
    return limit is not None and limit.category is Category.LICENSE


def _ids(weaknesses: list[Weakness]) -> tuple[str, ...]:
    return tuple(weakness.id for weakness in weaknesses)


def _doubt(entry: Entry, length: int = BRIEF_LENGTH) -> str:
    """`trivy did not report`, `bandit: 2 files do not parse (1 more)`; `length` is that of the reason in characters."""
    first, *others = entry.reasons
    who, why = short(entry.tool or entry.path), short(first, length)
    more = f" ({len(others)} more)" if others else ""
    if not who:
        return f"{why}{more}"
    joint = " " if why.startswith(("did ", "scanned ", "is ", "matches ")) else ": "
    return f"{who}{joint}{why}{more}"


def _cure(entry: Entry) -> str:
    first = entry.reasons[0]
    if first == ledger.NO_REPORT:
        return "Run a scanner before this step, and name what it writes in `reports`."
    if not entry.path:
        return f"Add its report to `reports`, or take `{short(entry.tool)}` out of `expected`."
    if first.startswith("did not audit"):
        return "Have it audited; if it is your own package, name it in `unaudited` of the policy file."
    return "Look into the scanner's log, run it again on this commit, and hand in what it writes."


def _no_report() -> Ruling:
    fix = "Run a scanner before this step, and name what it writes in `reports`."
    said = ledger.NO_REPORT
    return Ruling(rule="complete evidence", origin=LEDGER, ok=None, message=said, brief=said, fix=fix, evidence=True)


def _not_known_to_be_new(case: Case, ruling: Ruling) -> Ruling:
    """A failure of everything there is, where only what is new may fail."""
    why = str(case.evidence.no_baseline) or "there is no baseline"
    fix = "Let a push to the default branch record one, or set `only-new: false`."
    if case.evidence.no_baseline.heals:
        fix = "The next push to the default branch records a baseline; until then nothing need be done."
    return replace(
        ruling,
        ok=None,
        message=f"{ruling.message}; nobody can say if that is new: {why}",
        brief=f"what is new is unknown: {why}",
        fix=fix,
    )
