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
from security_report_aggregator.policy import Approval, Policy
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
        near = index.near(weakness)
        counting, lacks = _counting([index.waivers[at] for at in near], weakness, asked, today)
        # Waivers behind the one that counts matter only until they were of use once: a thousand may cover everything.
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


def _counting(
    near: Iterable[Waiver], weakness: Weakness, asked: Approval | None, today: date
) -> tuple[Waiver | None, list[tuple[Waiver, tuple[Lack, ...]]]]:
    """The first waiver that counts, once those that count speak of every version in use; and what others lack."""
    counting: Waiver | None = None
    lacks: list[tuple[Waiver, tuple[Lack, ...]]] = []
    left = _versions(weakness)
    for waiver in near:
        if not covers(waiver, weakness):
            continue
        lack = approval.lacking(waiver, asked, today)
        if lack:
            lacks.append((waiver, lack))
            continue
        counting = counting or waiver
        left = _left(left, waiver, weakness)
        if not left:
            return counting, lacks
    if counting is not None:
        lacks.insert(0, (counting, (approval.narrow(left),)))
    return None, lacks


def _versions(weakness: Weakness) -> frozenset[str]:
    """The versions of the package that are in use, as far as scanners say."""
    packages = {finding.package for finding in weakness.findings if finding.package is not None}
    return frozenset(package.version.removeprefix("v") for package in packages if package.version)


def _left(versions: frozenset[str], waiver: Waiver, weakness: Weakness) -> frozenset[str]:
    """Those of which the waiver does not speak: of one that names a version all others."""
    if not waiver.packages:
        return frozenset()
    packages = {finding.package for finding in weakness.findings if finding.package is not None}
    meant = [one for text in waiver.packages for package in packages if (one := package_names.named(text, package))]
    if not all(one.version for one in meant):
        return frozenset()
    return versions.difference(one.version.removeprefix("v") for one in meant)


def _set_aside(weakness: Weakness, policy: Policy) -> tuple[bool, Waiver]:
    """A weakness that every scanner set aside, as a waiver; True if it was our own policy on licences that did."""
    if policy.licenses is not None and licenses.allowed(weakness):
        return True, Waiver(policy.licenses.origin, licenses.ALLOWED)
    tool = Origin(" and ".join(weakness.tools))
    return False, Waiver(tool, weakness.first.suppressed, source=approval.SCANNER, on_base=False)
