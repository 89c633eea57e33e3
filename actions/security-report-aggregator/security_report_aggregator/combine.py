"""The inputs and `.github/security-policy.yml` put together into one policy; inputs win. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from actionkit.errors import Complaint, UsageError
from actionkit.origin import Origin
from actionkit.yamlcore import Keys, dotted
from security_report_aggregator import base_rules, licenses
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.model import Category, Level
from security_report_aggregator.policy import Approval, Licenses, Limit, Policy
from security_report_aggregator.waiver import Waiver

if TYPE_CHECKING:
    from security_report_aggregator.policy_file import CategoryLimits, ConfigFile, LimitsConfig

T = TypeVar("T")

NOWHERE = Origin("")


@dataclass(frozen=True, slots=True)
class File:
    """A policy file that was read: what it says, where it is, the line of each of its values, and of which branch it is
    if not of the checkout's."""

    config: ConfigFile
    path: str
    line_of: Callable[[Keys], int | None]
    branch: str = ""

    def origin(self, *keys: str | int) -> Origin:
        if self.branch:  # Its lines are not those of the file that is checked out.
            return Origin(f"{dotted(keys)} ({self.branch})", self.path)
        # A word that stands for a list of one has no line but its key's.
        lines = (self.line_of(keys[:end]) for end in range(len(keys), 0, -1))
        return Origin(dotted(keys), self.path, next((line for line in lines if line is not None), None))


def combine(inputs: Inputs, file: File | None = None, base: File | None = None) -> Policy:
    """The policy of a run. `base` is the policy file as it stands on the base branch, None if nobody can say.

    An approval that the base branch asks for holds whatever the change makes of it, and with it the base branch's other
    rules (`base_rules`), so that no change frees itself of them. A replay tries a policy and is held to none. Raises
    UsageError with every impossible combination at once.
    """
    fail_on, fail_on_origin = _either("fail-on", inputs.fail_on, file)
    unknown, unknown_origin = _either("fail-on-unknown", inputs.fail_on_unknown, file)
    max_age, max_age_origin = _either("max-age", inputs.max_age, file)
    only_new, only_new_origin = _either("only-new", inputs.only_new, file)
    expected = inputs.expected or (file.config.expected if file else None) or ()
    policy = Policy(
        fail_on=_level(fail_on),
        fail_on_origin=fail_on_origin,
        fail_on_unknown=fail_on != "none" if unknown is None else unknown,
        fail_on_unknown_origin=unknown_origin,
        expected=tuple(dict.fromkeys(expected)),
        max_age=max_age,
        only_new=bool(only_new),
        licenses=_licenses(inputs, file),
    )
    complaints = list(_age_complaints(max_age, max_age_origin))
    if only_new and inputs.baseline.kind == "none":
        message = f"{only_new_origin} compares with a baseline, but `baseline` is `none`"
        complaints.append(
            _complaint(message, "Remove one of the two; `baseline: branch` is the default.", only_new_origin)
        )
    complaints += licenses.complaints(_licence_names(inputs, file))
    if file is not None:
        complaints += _waiver_complaints(file)
        complaints += _limit_complaints(tuple(_limits(file)))
    if complaints:
        raise UsageError(sorted(complaints, key=lambda one: one.line or 0))
    if file is not None:
        policy = _with_file(policy, file)
    if base is None:
        return policy
    base = replace(base, branch="base branch")
    policy = replace(policy, waivers=on_base(policy.waivers, _usable_waivers(base)), approval=_approved(policy, base))
    rules = _usable(inputs, base) if base.config.approval and not inputs.replay else None
    return policy if rules is None else base_rules.held_to(policy, rules)


def _usable(inputs: Inputs, base: File) -> Policy | None:
    """The base branch's own policy; None if it cannot be used, as with its waivers."""
    try:
        return combine(inputs, base)
    except UsageError:
        return None


def on_base(waivers: Sequence[Waiver], base: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """The waivers, each told whether an equal one stands on the base branch; where in its file does not count."""
    there = {_content(waiver) for waiver in base}
    return tuple(replace(waiver, on_base=_content(waiver) in there) for waiver in waivers)


def _content(waiver: Waiver) -> Waiver:
    return replace(waiver, origin=NOWHERE, on_base=True)


def _either(name: str, given: T | None, file: File | None) -> tuple[T | None, Origin]:
    """The input's value, else that of the key of the same name, and whose it is."""
    key = name.replace("-", "_")
    if given is None and file is not None and (stated := getattr(file.config, key)) is not None:
        return stated, file.origin(key)
    return given, Origin(name)


def _level(word: str | None) -> Level | None:
    if word == "none":
        return None
    return Level.LOW if word == "any" else Level(word or "high")


def _with_file(policy: Policy, file: File) -> Policy:
    config = file.config
    return replace(
        policy,
        limits=tuple(_limits(file)),
        approval=_approvals(file),
        waivers=tuple(replace(waiver, on_base=False) for waiver in _waivers(file)),
        dependency_age=config.dependency_age,
        dependency_age_origin=file.origin("dependency_age"),
        unaudited=config.unaudited or (),
        min_score=config.min_score,
        min_score_origin=file.origin("min_score"),
    )


def _limits(file: File) -> Iterator[Limit]:
    limits = file.config.limits
    if limits is None:
        return
    yield from _limits_of(limits, file, None, "limits")
    for category in Category:
        own = getattr(limits, category.value)
        if own is not None:
            yield from _limits_of(own, file, category, "limits", category.value)


def _limits_of(
    limits: LimitsConfig | CategoryLimits, file: File, category: Category | None, *keys: str
) -> Iterator[Limit]:
    for level in (*Level, None):
        name = level.value if level else "total"
        most = getattr(limits, name)
        if most is not None:
            yield Limit(most, file.origin(*keys, name), level, category)


def _approvals(file: File) -> dict[Level, Approval]:
    asked = file.config.approval
    found = {level: getattr(asked, level.value) for level in Level} if asked else {}
    return {
        level: Approval(one.team, one.base_branch_only, file.origin("approval", level.value))
        for level, one in found.items()
        if one is not None
    }


def _approved(policy: Policy, base: File) -> dict[Level, Approval]:
    """The base branch's approvals before the change's own; a change may only add to them or make them stricter."""
    merged = dict(policy.approval)
    for level, asked in _approvals(base).items():
        own = policy.approval.get(level)
        strict = asked.base_branch_only or (own is not None and own.base_branch_only)
        same = own is not None and own.team == asked.team and own.base_branch_only == strict
        origin = own.origin if own is not None and same else asked.origin
        merged[level] = Approval(asked.team, strict, origin)
    return merged


def _waivers(file: File) -> tuple[Waiver, ...]:
    from security_report_aggregator.ignores.own import waivers

    return waivers(file.config.waivers, file.path, file.line_of, "policy")


def _usable_waivers(base: File) -> tuple[Waiver, ...]:
    """None if they cannot be used: a change that corrects them must not fail for what it corrects."""
    try:
        return _waivers(base)
    except UsageError:
        return ()


def _licenses(inputs: Inputs, file: File | None) -> Licenses | None:
    """The lists of the input in place of the file's, the accepted packages always from the file."""
    stated = file.config.licenses if file else None
    packages = (stated.packages or ()) if stated else ()
    if inputs.licenses:
        allow = tuple(line.expression for line in inputs.licenses if line.list == "allow")
        deny = tuple(line.expression for line in inputs.licenses if line.list == "deny")
        return Licenses(allow, deny, Origin("licenses"), packages)
    if file is None or stated is None:
        return None
    return Licenses(stated.allow or (), stated.deny or (), file.origin("licenses"), packages)


def _licence_names(inputs: Inputs, file: File | None) -> Iterator[tuple[str, str, Origin]]:
    if inputs.licenses:
        yield from ((line.list, line.expression, Origin("licenses")) for line in inputs.licenses)
    elif file is not None and file.config.licenses is not None:
        for kind in ("allow", "deny"):
            for at, name in enumerate(getattr(file.config.licenses, kind) or ()):
                yield kind, name, file.origin("licenses", kind, at)


def _age_complaints(max_age: timedelta | None, origin: Origin) -> Iterator[Complaint]:
    if max_age is not None and not max_age:
        yield _complaint(f"{origin} is 0, and every report is older", "Write `12h`, or remove it.", origin)


def _waiver_complaints(file: File) -> Iterator[Complaint]:
    for at, one in enumerate(file.config.waivers):
        origin = file.origin("waivers", at)
        if not (one.id or one.ids or one.rule or one.rules or one.package or one.packages or one.paths):
            yield _complaint(f"{origin} does not say what it waives", "Add `id`, `rule`, `package` or `paths`.", origin)
        if one.paths and all(text.startswith("!") for text in one.paths):
            yield _complaint(
                f"{origin} only leaves files out", "Put a glob such as `src/**` before the first `!`.", origin
            )
    asked = file.config.licenses
    if asked is not None and not (asked.allow or asked.deny):
        origin = file.origin("licenses")
        yield _complaint(f"{origin} asks for nothing", "Add `allow: [MIT]` or `deny: [GPL-3.0-only]`.", origin)


def _limit_complaints(limits: Sequence[Limit]) -> Iterator[Complaint]:
    """A limit above the total of the same findings can never be reached: one of the two is not meant."""
    for limit in limits:
        totals = [one for one in limits if one.level is None and one.category in (limit.category, None)]
        lowest = min(totals, key=lambda one: one.most, default=limit)
        if limit.most > lowest.most:
            yield _complaint(
                f"{limit.origin} allows {limit.most}, but {lowest.origin} only {lowest.most} in all",
                "Lower the one or raise the other.",
                limit.origin,
            )


def _complaint(message: str, fix: str, origin: Origin) -> Complaint:
    return Complaint(message, fix, origin.path, origin.line)
