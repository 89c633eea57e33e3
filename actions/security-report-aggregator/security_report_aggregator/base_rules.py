"""The rules of the base branch that hold beside a change's own, so that no change frees itself of them. Pure.

They hold where the base branch asks for approvals: a change that could allow itself more would need no waiver.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from security_report_aggregator.policy import Licenses, Policy


def held_to(policy: Policy, base: Policy) -> Policy:
    """The policy of a change with the stricter of its own and the base branch's rules.

    Those that cannot be compared, `fail_on` and limits, stay apart in `Policy.base`: both must pass.
    """
    return replace(
        _aged(policy, base),
        expected=tuple(dict.fromkeys((*policy.expected, *base.expected))),
        max_age=_shorter(policy.max_age, base.max_age),
        only_new=policy.only_new and base.only_new,
        unaudited=tuple(name for name in policy.unaudited if name in base.unaudited),
        licenses=_licenses(policy.licenses, base.licenses),
        base=None if _same_rules(policy, base) else replace(base, base=None),
    )


def _aged(policy: Policy, base: Policy) -> Policy:
    if (
        base.dependency_age is not None
        and _shorter(policy.dependency_age, base.dependency_age) != policy.dependency_age
    ):
        policy = replace(policy, dependency_age=base.dependency_age, dependency_age_origin=base.dependency_age_origin)
    if base.min_score is not None and (policy.min_score is None or policy.min_score < base.min_score):
        policy = replace(policy, min_score=base.min_score, min_score_origin=base.min_score_origin)
    return policy


def _shorter(own: timedelta | None, base: timedelta | None) -> timedelta | None:
    return min((one for one in (own, base) if one is not None), default=None)


def _same_rules(policy: Policy, base: Policy) -> bool:
    def rules(one: Policy) -> object:
        limits = {(limit.category, limit.level, limit.most) for limit in one.limits}
        return one.fail_on, one.fail_on_unknown, limits

    return rules(policy) == rules(base)


def _licenses(own: Licenses | None, base: Licenses | None) -> Licenses | None:
    """What both allow, and what either denies; the packages that both accept."""
    if own is None or base is None or (own.allow, own.deny, own.packages) == (base.allow, base.deny, base.packages):
        return own or base
    allow = base.allow
    if own.allow and base.allow:
        allow = tuple(name for name in own.allow if name in base.allow) or base.allow
    return Licenses(
        allow or own.allow,
        tuple(dict.fromkeys((*base.deny, *own.deny))),
        base.origin,
        tuple(name for name in own.packages if name in base.packages),
    )
