"""The gate: every rule held against evidence, the verdict, the headline, and what a person is told."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.judged_made import (
    CONFIG,
    NOW,
    a_policy,
    advised,
    an_entry,
    at,
    found,
    reported,
    waiving,
    weak,
)

from actionkit.errors import Unreadable
from actionkit.missing import Missing
from actionkit.outcome import Problem, Severity, Verdict
from security_report_aggregator import gate, licenses
from security_report_aggregator.evidence import Delta, Entry, Evidence, Known
from security_report_aggregator.judgement import Judgement
from security_report_aggregator.model import Category, Level, Location, State, Weakness
from security_report_aggregator.policy import Policy
from security_report_aggregator.ruling import Ruling
from security_report_aggregator.waiver import Waiver

PASS, FAIL, INCOMPLETE = Verdict.PASS, Verdict.FAIL, Verdict.INCOMPLETE


def several(level: Level, count: int, category: Category = Category.CODE) -> tuple[Weakness, ...]:
    return tuple(at(level, number, category) for number in range(count))


def judged(*weaknesses: Weakness, policy: str = "", **fields: Any) -> Judgement:
    return gate.decide(found(*weaknesses, **fields), a_policy(policy))


def ruling(judgement: Judgement, rule: str) -> Ruling:
    (one,) = [one for one in judgement.explanation if one.rule == rule]
    return one


def titles(problems: Iterable[Problem]) -> list[str]:
    return [problem.title for problem in problems]


# fail-on


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        ("critical", [Level.CRITICAL]),
        ("high", [Level.CRITICAL, Level.HIGH]),
        ("medium", [Level.CRITICAL, Level.HIGH, Level.MEDIUM]),
        ("low", [Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.LOW]),
        ("any", [Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.LOW]),
        ("none", []),
    ],
)
def test_one_finding_of_the_level_or_of_a_worse_one_fails(fail_on: str, failing: list[Level]) -> None:
    policy = a_policy(fail_on=fail_on, fail_on_unknown="false")
    verdicts = {level: gate.decide(found(at(level)), policy).verdict for level in Level}
    assert [level for level, verdict in verdicts.items() if verdict is FAIL] == failing
    assert {verdict for level, verdict in verdicts.items() if level not in failing} <= {PASS}


def test_a_finding_without_a_severity_fails_unless_the_policy_says_otherwise() -> None:
    assert judged(at(Level.UNKNOWN)).verdict is FAIL
    assert judged(at(Level.UNKNOWN), policy="fail_on_unknown: false").verdict is PASS
    assert judged(at(Level.UNKNOWN), policy="fail_on: none").verdict is PASS
    assert judged(at(Level.UNKNOWN), policy="fail_on: none\nfail_on_unknown: true").verdict is FAIL


def test_the_explanation_names_each_rule_its_origin_and_the_findings_it_failed_for() -> None:
    judgement = judged(at(Level.HIGH), at(Level.CRITICAL), at(Level.LOW), at(Level.UNKNOWN), policy="fail_on: high")
    told = [(one.rule, str(one.origin), one.ok, one.message, one.findings) for one in judgement.explanation]
    assert told == [
        ("complete evidence", "`the evidence`", True, "1 report, all complete", ()),
        (
            "fail-on",
            f"`fail_on` in {CONFIG}:1",
            False,
            f"1 critical and 1 high are as bad as `high` or worse, which `fail_on` in {CONFIG}:1 fails",
            ("code-critical-0", "code-high-0"),
        ),
        (
            "fail-on-unknown",
            "`fail-on-unknown`",
            False,
            "1 unknown is without a severity, which `fail-on-unknown` fails",
            ("code-unknown-0",),
        ),
    ]
    assert judgement.failing == {"code-critical-0", "code-high-0", "code-unknown-0"}


# limits


@pytest.mark.parametrize(
    ("limits", "weaknesses", "verdict"),
    [
        ("{high: 3}", several(Level.HIGH, 3), PASS),
        ("{high: 3}", several(Level.HIGH, 4), FAIL),
        ("{high: 3}", several(Level.CRITICAL, 1), FAIL),
        ("{low: 0}", several(Level.LOW, 1), FAIL),
        ("{unknown: 2}", several(Level.UNKNOWN, 2), PASS),
        ("{unknown: 2}", several(Level.UNKNOWN, 3), FAIL),
        ("{total: 3}", (*several(Level.LOW, 2), *several(Level.MEDIUM, 1)), PASS),
        ("{total: 2}", (*several(Level.LOW, 2), *several(Level.MEDIUM, 1)), FAIL),
        ("{total: 2}", several(Level.HIGH, 1), FAIL),
        ("{secret: {total: 0}}", several(Level.LOW, 1, Category.SECRET), FAIL),
        ("{secret: {total: 0}}", several(Level.LOW, 1, Category.CODE), PASS),
        ("{dependency: {high: 1}}", several(Level.HIGH, 1, Category.DEPENDENCY), PASS),
        ("{dependency: {high: 1}}", several(Level.HIGH, 2, Category.DEPENDENCY), FAIL),
        ("{dependency: {high: 1}}", several(Level.HIGH, 1, Category.CODE), FAIL),
        ("{high: 0, dependency: {high: 2}}", several(Level.HIGH, 2, Category.DEPENDENCY), PASS),
        ("{high: 2, code: {high: 0}}", several(Level.HIGH, 1, Category.CODE), FAIL),
        (
            "{high: 1, dependency: {high: 2}}",
            (*several(Level.HIGH, 2, Category.DEPENDENCY), *several(Level.HIGH, 1, Category.IAC)),
            PASS,
        ),
    ],
)
def test_limits(limits: str, weaknesses: tuple[Weakness, ...], verdict: Verdict) -> None:
    assert judged(*weaknesses, policy=f"limits: {limits}").verdict is verdict


def test_a_limit_that_is_missed_names_the_worst_offenders() -> None:
    judgement = judged(*several(Level.LOW, 4), at(Level.MEDIUM, 9), policy="limits: {code: {total: 2}}")
    missed = ruling(judgement, "limits")
    assert missed.message == (
        f"5 code findings, but `limits.code.total` in {CONFIG}:1 allows 2; the worst: R9 in src/db.py, "
        "R0 in src/db.py, R1 in src/db.py and 2 more"
    )
    assert missed.fix == "Fix at least 3 of them."
    assert len(missed.findings) == 5
    assert judgement.headline == "1 medium and 4 low fail the policy; 5 findings by 1 scanner"
    kept = ruling(judged(at(Level.LOW), policy="limits: {low: 2}"), "limits")
    assert (kept.ok, kept.message) == (True, f"1 low finding, and `limits.low` in {CONFIG}:1 allows 2")


# licences


def a_licence(source: str, level: Level = Level.MEDIUM, **fields: Any) -> Weakness:
    return weak(reported(level, "license/X", category=Category.LICENSE, source=source, **fields))


LICENSES = "licenses: {allow: [MIT]}"


@pytest.mark.parametrize("source", [licenses.NOT_ALLOWED, licenses.DENIED])
def test_a_licence_that_the_policy_does_not_allow_fails_whatever_its_level(source: str) -> None:
    judgement = judged(a_licence(source), policy=f"fail_on: none\n{LICENSES}")
    assert judgement.verdict is FAIL
    assert ruling(judgement, "licenses").message == (
        f"1 medium is of a licence that `licenses` in {CONFIG}:2 does not allow"
    )


def test_licences_that_another_scanner_dislikes_are_held_against_their_level_alone() -> None:
    assert judged(a_licence("Severity"), policy=LICENSES).verdict is PASS
    assert judged(a_licence("Severity", Level.HIGH), policy=LICENSES).verdict is FAIL


def test_a_limit_for_licences_takes_the_place_of_the_rule() -> None:
    policy = f"{LICENSES}\nlimits: {{license: {{medium: 1}}}}"
    assert judged(a_licence(licenses.NOT_ALLOWED), policy=policy).verdict is PASS
    assert judged(a_licence(licenses.NOT_ALLOWED, Level.HIGH), policy=policy).verdict is FAIL


# age


def aged(days: float | None, level: Level = Level.LOW, *, fixed: bool = True, **fields: Any) -> Weakness:
    published = None if days is None else NOW - timedelta(days=days)
    return weak(advised(level, published=published, fixed_in=("3.2.25",) if fixed else (), **fields))


AGE = "dependency_age: 30d"


@pytest.mark.parametrize(
    ("weakness", "verdict"),
    [
        (aged(29), PASS),
        (aged(30), PASS),
        (aged(31), FAIL),
        (aged(31, fixed=False), PASS),
        (aged(31, category=Category.CODE), PASS),
        (aged(31, category=Category.CONTAINER), FAIL),
        (aged(None), INCOMPLETE),
        (aged(None, fixed=False), PASS),
    ],
)
def test_a_fixable_advisory_may_stay_open_for_so_long(weakness: Weakness, verdict: Verdict) -> None:
    assert judged(weakness, policy=AGE).verdict is verdict


def test_a_time_without_a_zone_is_utc() -> None:
    naive = weak(advised(Level.LOW, published=(NOW - timedelta(days=31)).replace(tzinfo=None), fixed_in=("4",)))
    assert judged(naive, policy=AGE).verdict is FAIL


def test_of_an_advisory_of_unknown_age_it_is_said_how_to_learn_it() -> None:
    judgement = judged(aged(None), aged(40, name="flask"), policy=AGE)
    assert judgement.verdict is FAIL
    old, undated = [one for one in judgement.explanation if one.rule == "dependency-age"]
    assert old.message == (
        f"1 low is open longer than the 30 days that `dependency_age` in {CONFIG}:1 gives a published advisory with "
        "a fix"
    )
    assert undated.message == (
        f"no scanner says when CVE-2021-1 in django became known, so `dependency_age` in {CONFIG}:1 cannot be held "
        "against that"
    )
    assert judgement.headline == (
        "1 low fails the policy; 2 findings by 1 scanner; incomplete: 1 fixable finding of unknown age"
    )


# score


@pytest.mark.parametrize(("least", "verdict"), [(97, PASS), (98, FAIL)])
def test_the_score_has_a_lowest_value_that_passes(least: int, verdict: Verdict) -> None:
    judgement = judged(at(Level.MEDIUM), policy=f"min_score: {least}")
    assert (judgement.verdict, judgement.score) == (verdict, (97, "A"))


def test_a_score_that_is_too_low_fails_without_naming_findings() -> None:
    judgement = judged(at(Level.LOW), policy="min_score: 100")
    assert judgement.headline == "score 99 < 100; 1 finding by 1 scanner"


def test_evidence_that_is_missing_can_only_lower_the_score() -> None:
    partial = [an_entry("trivy", "it crashed")]
    proven = judged(at(Level.MEDIUM), policy="min_score: 98", ledger=partial)
    assert (proven.verdict, proven.score) == (FAIL, None)
    unknown = judged(at(Level.MEDIUM), policy="min_score: 97", ledger=partial)
    assert (unknown.verdict, unknown.score) == (INCOMPLETE, None)
    assert ruling(unknown, "min-score").message == (
        "the security score is 97 (grade A) at best, so nobody can hold it against the 97 of "
        f"`min_score` in {CONFIG}:1: evidence is missing"
    )


# evidence


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Entry("trivy", "", ("did not report",)), "trivy did not report"),
        (
            Entry("trivy", "t.json", ("is 3 days old, and `max-age` is 1 day",)),
            "trivy is 3 days old, and `max-age` is 1 day",
        ),
        (Entry("bandit", "b.json", ("2 files do not parse", "x")), "bandit: 2 files do not parse (1 more)"),
        (Entry("", "b.json", ("is empty",)), "b.json is empty"),
        (Entry("", "", ("no report of any scanner was found",)), "no report of any scanner was found"),
    ],
)
def test_evidence_that_cannot_be_relied_on_is_incomplete_and_named(entry: Entry, said: str) -> None:
    judgement = judged(ledger=[an_entry("grype"), entry])
    assert judgement.verdict is INCOMPLETE
    assert not judgement.complete
    assert judgement.headline == f"incomplete: {said}; no finding so far"
    (problem,) = judgement.problems
    assert problem.message.startswith(said)
    assert (problem.title, problem.severity) == ("Evidence is incomplete", Severity.ERROR)
    assert problem.fix


def test_no_report_at_all_is_incomplete() -> None:
    judgement = judged(ledger=[])
    assert (judgement.verdict, judgement.score) == (INCOMPLETE, None)
    assert judgement.headline == "incomplete: no report of any scanner was found; no finding so far"


def test_each_kind_of_doubt_has_its_own_cure() -> None:
    ledger = [
        Entry("pip-audit", "p.json", ("did not audit ours: not on PyPI",)),
        Entry("trivy", "", ("did not report",)),
    ]
    skipped, missing = judged(ledger=ledger).problems
    assert "`unaudited`" in skipped.fix
    assert missing.fix == "Add its report to `reports`, or take `trivy` out of `expected`."
    assert skipped.message == "pip-audit did not audit ours: not on PyPI (p.json)"


def test_waivers_that_cannot_be_read_are_missing_evidence_too() -> None:
    judgement = judged(at(Level.LOW), unreadable=(Unreadable(".trivyignore", "is a folder"),))
    assert judgement.headline == "incomplete: .trivyignore: is a folder; 0 of 1 finding count so far"
    assert not judgement.complete


def test_a_waiver_is_called_unused_only_by_scanners_that_all_finished() -> None:
    unused = waiving(rules=("B999",))
    assert titles(judged(waivers=(unused,)).problems) == ["Waiver without a finding"]
    partial = judged(waivers=(unused,), ledger=[an_entry("bandit", "it crashed")])
    assert titles(partial.problems) == ["Evidence is incomplete"]


def test_a_failure_on_partial_evidence_stays_a_failure_and_says_what_is_missing() -> None:
    ledger = [an_entry(), *(an_entry(name, "it crashed") for name in ("a", "b", "c"))]
    judgement = judged(at(Level.HIGH), ledger=ledger)
    assert judgement.verdict is FAIL
    assert judgement.headline == (
        "1 high fails the policy; 1 finding by 4 scanners; incomplete: a: it crashed, b: it crashed (1 more)"
    )
    assert titles(judgement.problems) == ["Evidence is incomplete"] * 3 + ["Policy", "High: R0 in src/db.py"]


# only what is new

NEW_ONLY = "only_new: true"


def test_only_what_is_new_or_worse_counts_and_what_was_merely_published_does_not() -> None:
    new, worse, published, old = (at(Level.HIGH, number) for number in range(4))
    delta = Delta(new=frozenset({new.id}), worse={worse.id: Level.LOW}, published=frozenset({published.id}))
    assert judged(published, old, policy=NEW_ONLY, delta=delta).verdict is PASS
    judgement = judged(new, worse, published, old, policy=NEW_ONLY, delta=delta)
    assert judgement.failing == {new.id, worse.id}
    assert judgement.counts[Level.HIGH] == 4
    assert judgement.headline == "2 high (1 new) fail the policy; 4 findings by 1 scanner"
    assert {judgement.state(one) for one in (worse, published, old)} == {State.ACTIVE}
    assert judgement.state(new) is State.NEW


def test_limits_and_the_score_are_of_what_is_new_too() -> None:
    old = several(Level.MEDIUM, 5)
    assert judged(*old, policy=f"{NEW_ONLY}\nmin_score: 100\nlimits: {{total: 0}}", new=[]).verdict is PASS
    assert judged(*old, policy=f"{NEW_ONLY}\nlimits: {{total: 0}}", new=[old[0].id]).verdict is FAIL
    assert judged(*old, policy=f"{NEW_ONLY}\nmin_score: 98", new=[old[0].id]).verdict is FAIL


def test_without_a_baseline_only_a_run_that_passes_anyway_passes() -> None:
    assert judged(at(Level.LOW), policy=NEW_ONLY, no_baseline=Missing("nothing is recorded")).verdict is PASS
    judgement = judged(at(Level.HIGH), policy=NEW_ONLY, no_baseline=Missing("nothing is recorded"))
    assert judgement.verdict is INCOMPLETE
    assert (
        judgement.headline == "incomplete: what is new is unknown: nothing is recorded; 1 of 1 finding may count so far"
    )
    assert judgement.complete
    (problem,) = judgement.problems
    assert problem.message.endswith("; nobody can say if that is new: nothing is recorded")
    assert problem.fix == "Let a push to the default branch record one, or set `only-new: false`."
    healing = judged(at(Level.HIGH), policy=NEW_ONLY, no_baseline=Missing(heals=True))
    assert "The next push to the default branch records a baseline" in healing.problems[0].fix
    assert "there is no baseline" in healing.headline


# waivers


def test_what_is_waived_does_not_count_and_is_told_apart() -> None:
    one, other = at(Level.HIGH, 1), at(Level.HIGH, 2)
    judgement = judged(one, other, at(Level.LOW), waivers=(waiving(rules=("R1", "R2")),))
    assert judgement.verdict is PASS
    assert judgement.headline == "clean: 0 of 3 findings count; 1 scanner, all complete"
    assert judgement.counts == {**dict.fromkeys(Level, 0), Level.LOW: 1}
    assert judgement.by_category == {Category.CODE: {Level.LOW: 1}}
    assert judgement.score == (99, "A")
    assert set(judgement.applied.waived) == {one.id, other.id}
    assert judgement.state(one) is State.WAIVED


def test_a_waiver_that_does_not_count_is_told_beside_what_it_would_have_waived() -> None:
    evidence = found(at(Level.HIGH, 1), waivers=(waiving(rules=("R1",), on_base=False),))
    judgement = gate.decide(evidence, a_policy('approval: {high: {team: "@org/security"}}'))
    assert judgement.verdict is FAIL
    assert titles(judgement.problems)[-1] == "Waiver not approved"


# what is told


def test_a_finding_is_told_on_its_line_with_what_to_do() -> None:
    finding = advised(
        Level.CRITICAL, "CVE-1", fixed_in=("3.2.25", "4.0.1"), location=Location("requirements.txt", 3, end_line=3)
    )
    other = replace(finding, tool="grype", message="an\ninjection")
    policy, problem = judged(weak(finding, other)).problems
    assert (policy.title, policy.path, policy.line) == ("Policy", "", None)
    assert problem == Problem(
        "critical: CVE-1 in django: an injection (grype, trivy)",
        "upgrade django to 3.2.25 or 4.0.1",
        "requirements.txt",
        3,
        end_line=3,
        title="Critical: CVE-1 in django",
    )


@pytest.mark.parametrize(
    ("finding", "fix"),
    [
        (reported(category=Category.SECRET), "Revoke it first, then take it out of the code; it stays in the history."),
        (
            reported(category=Category.LICENSE),
            "Replace the package, or have its licence allowed in `licenses` of the policy file.",
        ),
        (reported(url="https://bandit.example/b608"), "See https://bandit.example/b608"),
        (reported(url="javascript:alert(1)"), ""),
        (reported(), ""),
    ],
)
def test_every_kind_of_finding_has_its_own_advice(finding: Any, fix: str) -> None:
    assert judged(weak(finding)).problems[1].fix == fix


def test_a_place_that_is_no_file_is_named_but_not_annotated() -> None:
    image = reported(location=Location("registry/app:1", is_file=False))
    problem = judged(weak(image)).problems[1]
    assert (problem.path, problem.line, problem.title) == ("", None, "High: B608 in registry/app:1")
    nowhere = judged(weak(reported(location=None), id="x")).problems[1]
    assert nowhere.title == "High: B608"


def test_at_most_fifty_findings_are_told_the_worst_first_and_the_rest_is_counted() -> None:
    judgement = judged(*several(Level.HIGH, 70), at(Level.CRITICAL, 99), at(Level.UNKNOWN))
    told = [problem for problem in judgement.problems if problem.path]
    assert len(told) == 50
    assert told[0].title == "Critical: R99 in src/db.py"
    assert judgement.problems[-1].message == "and 22 more"


def test_as_many_doubts_are_told() -> None:
    judgement = judged(ledger=[an_entry(f"t{number}", "it crashed") for number in range(53)])
    assert len(judgement.problems) == 51
    assert judgement.problems[-1].message == "and 3 more"


def test_facts_hold_the_counts_against_what_is_allowed() -> None:
    delta = Delta(new=frozenset({"code-high-0", "gone"}), fixed=(Known("f", Category.CODE, Level.LOW, ("bandit",)),))
    judgement = judged(
        at(Level.HIGH),
        at(Level.LOW),
        policy="limits: {low: 5}\nmin_score: 70",
        delta=delta,
        waivers=(waiving(rules=("R9",)),),
    )
    facts = {fact.name: (fact.value, fact.limit, fact.ok) for fact in judgement.facts}
    assert facts == {
        "critical": (0, 0, True),
        "high": (1, 0, False),
        "medium": (0, None, None),
        "low": (1, 5, True),
        "unknown": (0, 0, True),
        "new": (1, None, None),
        "fixed": (1, None, None),
        "waived": (0, None, None),
        "security score": (79, 70, True),
    }
    only_new = judged(at(Level.HIGH), policy=NEW_ONLY, new=["code-high-0"])
    facts = {fact.name: (fact.value, fact.limit, fact.ok) for fact in only_new.facts}
    assert facts["high"] == (1, None, None)
    assert facts["new"] == (1, None, False)


@pytest.mark.parametrize(
    ("weaknesses", "policy", "headline"),
    [
        ((), "", "clean: no finding; 1 scanner, all complete"),
        (several(Level.LOW, 2), "", "clean: 0 of 2 findings count; 1 scanner, all complete"),
        (
            several(Level.LOW, 1),
            "fail_on: none",
            "1 finding; 1 scanner, all complete; no rule is set, so nothing could fail",
        ),
        (
            (*several(Level.HIGH, 2), *several(Level.MEDIUM, 1), at(Level.UNKNOWN)),
            "fail_on: medium\nmin_score: 90",
            "2 high, 1 medium and 1 unknown fail the policy, score 74 < 90; 4 findings by 1 scanner",
        ),
    ],
)
def test_the_headline_says_it_in_one_line(weaknesses: tuple[Weakness, ...], policy: str, headline: str) -> None:
    assert judged(*weaknesses, policy=policy).headline == headline


def test_a_policy_that_can_fail_nothing_is_told() -> None:
    (problem,) = judged(policy="fail_on: none").problems
    assert (problem.severity, problem.title) == (Severity.NOTICE, "No rule")


def test_words_of_others_stay_on_one_line_and_in_bounds() -> None:
    hostile = "::error::x\n" + "long " * 200
    judgement = judged(
        weak(reported(rule=hostile, message=hostile, tool=hostile)), ledger=[Entry(hostile, hostile, (hostile,))]
    )
    assert len(judgement.headline) <= 250
    texts = [judgement.headline, *(problem.message for problem in judgement.problems), *titles(judgement.problems)]
    assert not any("\n" in text for text in texts)
    assert max(map(len, texts)) < 1000


# what always holds

WEAK = st.builds(at, st.sampled_from(Level), st.integers(0, 9), st.sampled_from([Category.CODE, Category.SECRET]))
POLICIES = st.builds(
    lambda parts: a_policy("\n".join(parts)),
    st.lists(
        st.sampled_from(
            [
                "only_new: true",
                "min_score: 75",
                "limits: {high: 2, total: 6, secret: {high: 1}}",
                "fail_on_unknown: false",
                "dependency_age: 1d",
                "fail_on: low",
            ]
        ),
        unique_by=lambda text: text.split(":")[0],
    ),
)
WAIVERS = st.lists(
    st.builds(lambda rule: waiving(rules=(rule,)), st.sampled_from([f"R{n}" for n in range(10)])), max_size=3
)
ORDER = {PASS: 0, INCOMPLETE: 1, FAIL: 2}


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    by_id = {one.id: one for one in draw(st.lists(WEAK, max_size=8))}
    new = draw(st.none() | st.sets(st.sampled_from(sorted(by_id)) if by_id else st.nothing()))
    ledger = draw(st.sampled_from([[an_entry()], [an_entry(), an_entry("bandit", "it crashed")], []]))
    return found(*by_id.values(), ledger=ledger, new=new, waivers=tuple(draw(WAIVERS)))


@settings(max_examples=80, deadline=None)
@given(evidences(), POLICIES, WAIVERS)
def test_another_waiver_never_makes_a_verdict_worse(evidence: Evidence, policy: Policy, more: list[Waiver]) -> None:
    before = gate.decide(evidence, policy).verdict
    after = gate.decide(replace(evidence, waivers=(*evidence.waivers, *more)), policy).verdict
    assert ORDER[after] <= ORDER[before]


@settings(max_examples=80, deadline=None)
@given(evidences(), POLICIES, WEAK, st.booleans())
def test_another_finding_never_makes_a_verdict_better(
    evidence: Evidence, policy: Policy, weakness: Weakness, is_new: bool
) -> None:
    added = replace(weakness, id="another")
    delta = evidence.delta
    if delta is not None and is_new:
        delta = replace(delta, new=delta.new | {added.id})
    more = replace(evidence, weaknesses=(*evidence.weaknesses, added), delta=delta)
    assert ORDER[gate.decide(more, policy).verdict] >= ORDER[gate.decide(evidence, policy).verdict]


@settings(max_examples=60, deadline=None)
@given(evidences(), POLICIES)
def test_the_lower_the_level_that_fails_the_worse_the_verdict(evidence: Evidence, policy: Policy) -> None:
    levels = [None, Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.LOW]
    verdicts = [ORDER[gate.decide(evidence, replace(policy, fail_on=level)).verdict] for level in levels]
    assert verdicts == sorted(verdicts)


@settings(max_examples=40, deadline=None)
@given(evidences(), POLICIES)
def test_incomplete_evidence_never_passes_and_the_order_of_findings_does_not_count(
    evidence: Evidence, policy: Policy
) -> None:
    judgement = gate.decide(evidence, policy)
    whole = bool(evidence.ledger) and not any(entry.reasons for entry in evidence.ledger)
    assert judgement.complete == whole
    assert whole or judgement.verdict is not PASS
    turned = gate.decide(replace(evidence, weaknesses=evidence.weaknesses[::-1]), policy)
    assert (turned.verdict, turned.headline, turned.counts) == (judgement.verdict, judgement.headline, judgement.counts)
    assert Counter(turned.problems) == Counter(judgement.problems)


def test_a_hundred_thousand_findings_are_judged_in_seconds() -> None:
    many = several(Level.HIGH, 100_000)
    evidence = found(*many, new=[one.id for one in many[:10]])
    policy = a_policy(f"{AGE}\nlimits: {{total: 5}}\nmin_score: 50")
    started = time.process_time()
    assert gate.decide(evidence, policy).verdict is FAIL
    assert time.process_time() - started < 30
