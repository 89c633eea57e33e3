"""The rules of the base branch hold beside a change's own where the base branch asks for approvals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.security_report_aggregator.judged_made import a_policy, at, found, reported, weak

from actionkit.outcome import Verdict
from security_report_aggregator import gate, licenses
from security_report_aggregator.model import Category, Level

ASKED = 'approval: {critical: {team: "@org/security"}}\n'
HIGH, MEDIUM = at(Level.HIGH), at(Level.MEDIUM)
UNKNOWN = at(Level.UNKNOWN)
COPYLEFT = weak(reported(Level.MEDIUM, "license", category=Category.LICENSE, source=licenses.NOT_ALLOWED))


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ("", "fail_on: none"),
        ("", "fail_on: critical"),
        ("", "limits: {high: 5}"),
        ("", "limits: {code: {high: 5}}"),
        ("limits: {high: 0}", "limits: {high: 1}"),
        ("limits: {code: {total: 0}}\nfail_on: none", "fail_on: none"),
        ("min_score: 95", "fail_on: none"),
        ("min_score: 95\nfail_on: none", "min_score: 10\nfail_on: none"),
    ],
)
def test_a_change_that_allows_itself_more_is_judged_as_before(base: str, head: str) -> None:
    evidence = found(HIGH)
    assert gate.decide(evidence, a_policy(head)).verdict is Verdict.PASS
    judged = gate.decide(evidence, a_policy(head, ASKED + base))
    assert judged.verdict is Verdict.FAIL
    assert any("(base branch)" in ruling.message or "`fail-on`" in ruling.message for ruling in judged.explanation)
    assert gate.decide(evidence, a_policy(head, base)).verdict is Verdict.PASS, "the base branch asks for no approval"
    assert gate.decide(evidence, a_policy(head, ASKED + base, replay="true")).verdict is Verdict.PASS


def test_a_change_that_allows_less_is_judged_by_that() -> None:
    assert gate.decide(found(MEDIUM), a_policy("fail_on: medium", ASKED)).verdict is Verdict.FAIL
    assert gate.decide(found(MEDIUM), a_policy("limits: {total: 0}", ASKED)).verdict is Verdict.FAIL
    assert gate.decide(found(HIGH), a_policy(ASKED + "limits: {high: 1}", ASKED + "limits: {high: 2}")).verdict is (
        Verdict.PASS
    )


def test_what_both_fail_is_told_once_and_the_way_out_is_told() -> None:
    (failed,) = [
        one for one in gate.decide(found(HIGH), a_policy("fail_on: low", ASKED)).explanation if one.ok is False
    ]
    assert "base branch" not in failed.message
    judged = gate.decide(found(HIGH), a_policy("fail_on: none", ASKED + "fail_on: high"))
    (failed,) = [one for one in judged.explanation if one.ok is False]
    assert "`fail_on (base branch)` in .github/security-policy.yml" in failed.message
    assert failed.fix == "Merge the change of the policy by itself first."
    assert [fact.limit for fact in judged.facts if fact.name == "high"] == [0]
    assert judged.headline.startswith("1 high fails the policy")


def test_findings_without_a_severity_are_not_set_free() -> None:
    assert gate.decide(found(UNKNOWN), a_policy("fail_on_unknown: false", ASKED)).verdict is Verdict.FAIL


def test_limits_of_licences_do_not_take_the_place_of_those_of_the_base_branch() -> None:
    base = ASKED + "licenses: {allow: [MIT]}\n"
    head = "licenses: {allow: [MIT]}\nlimits: {license: {medium: 9}}\n"
    assert gate.decide(found(COPYLEFT), a_policy(head)).verdict is Verdict.PASS
    assert gate.decide(found(COPYLEFT), a_policy(head, base)).verdict is Verdict.FAIL


def test_what_can_be_compared_is_the_stricter_of_both() -> None:
    base = (
        ASKED + "expected: [trivy]\nmax_age: 12h\nonly_new: false\nunaudited: [a]\ndependency_age: 30d\nmin_score: 80\n"
    )
    head = "expected: [bandit]\nmax_age: 24h\nonly_new: true\nunaudited: ['*', a]\ndependency_age: 60d\nmin_score: 70\n"
    policy = a_policy(head, base)
    assert policy.expected == ("bandit", "trivy")
    assert (policy.max_age, policy.dependency_age) == (timedelta(hours=12), timedelta(days=30))
    assert (policy.only_new, policy.unaudited, policy.min_score, policy.base) == (False, ("a",), 80, None)
    assert str(policy.min_score_origin) == "`min_score (base branch)` in .github/security-policy.yml"
    stricter = a_policy(base, ASKED + head)
    assert (stricter.max_age, stricter.dependency_age, stricter.min_score) == (
        timedelta(hours=12),
        timedelta(days=30),
        80,
    )
    assert str(stricter.min_score_origin) == "`min_score` in .github/security-policy.yml:7"
    assert a_policy(None, base).expected == ("trivy",)


@pytest.mark.parametrize(
    ("head", "base", "allow", "deny"),
    [
        ("{allow: [MIT, GPL-3.0-only]}", "{allow: [MIT, ISC]}", ("MIT",), ()),
        ("{allow: [GPL-3.0-only]}", "{allow: [MIT]}", ("MIT",), ()),
        ("{deny: [AGPL-3.0-only]}", "{allow: [MIT]}", ("MIT",), ("AGPL-3.0-only",)),
        ("{allow: [MIT]}", "{deny: [GPL-3.0-only]}", ("MIT",), ("GPL-3.0-only",)),
        ("{deny: [ISC]}", "{deny: [GPL-3.0-only]}", (), ("GPL-3.0-only", "ISC")),
    ],
)
def test_only_licences_that_both_allow_are_allowed(
    head: str, base: str, allow: tuple[str, ...], deny: tuple[str, ...]
) -> None:
    found_ = a_policy(f"licenses: {head}", f"{ASKED}licenses: {base}").licenses
    assert found_ is not None
    assert (found_.allow, found_.deny) == (allow, deny)


def test_a_package_whose_licence_a_change_accepts_for_itself_is_not_accepted() -> None:
    base = ASKED + "licenses: {allow: [MIT], packages: [ours]}\n"
    head = "licenses: {allow: [MIT], packages: [ours, theirs]}\n"
    asked = a_policy(head, base).licenses
    assert asked is not None
    assert asked.packages == ("ours",)
    without = a_policy(None, base).licenses
    assert without is not None
    assert without.allow == ("MIT",)


def test_a_base_branch_whose_policy_cannot_be_used_holds_nothing_more() -> None:
    bad = ASKED + "limits: {high: 9, total: 1}\n"
    assert a_policy("fail_on: none", bad).base is None


def test_the_score_of_what_is_new_is_not_held_against_the_score_of_everything() -> None:
    old = [at(Level.LOW, number) for number in range(9)]
    judged = gate.decide(found(*old, new=()), a_policy("only_new: true\nmin_score: 95\nfail_on: none"))
    (fact,) = [fact for fact in judged.facts if fact.name == "security score"]
    assert (judged.verdict, fact.value, fact.limit, fact.ok) == (Verdict.PASS, 91, None, None)


def test_a_level_with_a_limit_of_its_own_in_a_category_has_no_limit_over_all() -> None:
    judged = gate.decide(found(HIGH), a_policy("limits: {code: {high: 5}}"))
    (fact,) = [fact for fact in judged.facts if fact.name == "high"]
    assert (judged.verdict, fact.value, fact.limit) == (Verdict.PASS, 1, None)
