"""Waivers held against weaknesses: what they cover, which of them count, and what is wrong with them. Pure.

A waiver covers a weakness, not a report of it: whichever of its ids, rules, packages or paths is named, all scanners
that report the weakness are answered at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from actionkit.origin import Origin
from actionkit.outcome import Problem
from security_report_aggregator import approval, consensus, licenses, package_names
from security_report_aggregator.approval import Lack
from security_report_aggregator.model import Weakness
from security_report_aggregator.policy import Policy
from security_report_aggregator.waiver import Waiver
from security_report_aggregator.waiver_index import WaiverIndex, ids_of, paths_of, rule_keys, rules_of
from security_report_aggregator.waiver_review import Review

WAIVING = frozenset({"", "not_affected", "fixed"})
"""VEX statuses that set a weakness aside, and none; `affected` and `under_investigation` do not.
https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md#status-labels"""


@dataclass(frozen=True, slots=True)
class Applied:
    """What the waivers come to: by weakness the one that counts, or one that does not and why; and their problems."""

    waived: Mapping[str, Waiver]
    refused: Mapping[str, tuple[Waiver, str]]
    problems: tuple[Problem, ...] = ()


def covers(waiver: Waiver, weakness: Weakness) -> bool:
    """Whether the waiver speaks of this weakness, expired or not.

    Every kind that is given must match, one of each is enough; a category alone covers nothing. `ids` are matched over
    the weakness's own id, all aliases of all findings and ids of rules, since those of scanners of dependencies are
    advisories; `rules` with or without `tool/`; `packages` as `package_names` reads them; case does not count.
    """
    if not (waiver.ids or waiver.rules or waiver.packages or waiver.scope):
        return False
    if waiver.categories and weakness.category not in waiver.categories:
        return False
    if waiver.ids and not ids_of(weakness).intersection(map(str.casefold, waiver.ids)):
        return False
    if waiver.rules and not rules_of(weakness).intersection(rule_keys(waiver.rules)):
        return False
    if waiver.packages and not any(
        finding.package is not None and package_names.any_names(waiver.packages, finding.package)
        for finding in weakness.findings
    ):
        return False
    return not waiver.scope or any(path in waiver.scope for path in paths_of(weakness))


def apply(waivers: Sequence[Waiver], weaknesses: Iterable[Weakness], policy: Policy, today: date) -> Applied:
    """Hold every waiver against every weakness. Near-linear: waivers are found by what they name."""
    index = WaiverIndex([waiver for waiver in waivers if waiver.status in WAIVING])
    review = Review(index.waivers, today)
    waived: dict[str, Waiver] = {}
    refused: dict[str, tuple[Waiver, str]] = {}
    unused = set(range(len(index.waivers)))
    for weakness in weaknesses:
        asked = policy.approval_for(weakness.rated.level)
        lacks: list[tuple[Waiver, tuple[Lack, ...]]] = []
        near = index.near(weakness)
        counting: Waiver | None = None
        for at in near:
            if covers(index.waivers[at], weakness):
                unused.discard(at)
                lack = approval.lacking(index.waivers[at], asked, today)
                if not lack:
                    counting = index.waivers[at]
                    break
                lacks.append((index.waivers[at], lack))
        # A thousand waivers may all cover it: those behind the one that counts matter only until they were of use once.
        unused.difference_update([at for at in unused.intersection(near) if covers(index.waivers[at], weakness)])
        if weakness.first.suppressed and consensus.is_suppressed(weakness):
            by_policy, set_aside = _set_aside(weakness, policy)
            lack = () if by_policy else approval.lacking(set_aside, asked, today)
            if by_policy or (counting is None and not lack):
                counting = set_aside
            lacks.append((set_aside, lack))
        if counting is not None:
            waived[weakness.id] = counting
        elif lacks:
            refused[weakness.id] = lacks[0][0], approval.said(lacks[0][1], asked)
            for waiver, lack in lacks:
                review.refused(waiver, weakness, lack, approval.said(lack, asked))
    review.used(waiver for at, waiver in enumerate(index.waivers) if at not in unused)
    return Applied(waived, refused, tuple(review.problems()))


def _set_aside(weakness: Weakness, policy: Policy) -> tuple[bool, Waiver]:
    """A weakness that every scanner set aside, as a waiver; True if it was our own policy on licences that did."""
    if policy.licenses is not None and licenses.allowed(weakness):
        return True, Waiver(policy.licenses.origin, licenses.ALLOWED)
    tool = Origin(" and ".join(weakness.tools))
    return False, Waiver(tool, weakness.first.suppressed, source=approval.SCANNER, on_base=False)
