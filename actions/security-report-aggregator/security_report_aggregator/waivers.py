"""Waivers held against weaknesses: what they cover, which of them count, and what is wrong with them. Pure.

A waiver covers a weakness, not a report of it: whichever of its ids, rules, packages or paths is named, all scanners
that report the weakness are answered at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from actionkit.origin import Origin
from actionkit.outcome import Problem
from actionkit.scope import Scope
from security_report_aggregator import approval, consensus, licenses, package_names, tools
from security_report_aggregator.model import Weakness
from security_report_aggregator.policy import Policy
from security_report_aggregator.waiver import Waiver
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
    if waiver.ids and not {one.casefold() for one in waiver.ids} & _ids(weakness):
        return False
    if waiver.rules and not _rules(weakness).intersection(_rule_keys(waiver.rules)):
        return False
    if waiver.packages and not any(
        finding.package is not None and package_names.any_names(waiver.packages, finding.package)
        for finding in weakness.findings
    ):
        return False
    return not waiver.scope or any(path in waiver.scope for path in _paths(weakness))


def apply(waivers: Sequence[Waiver], weaknesses: Iterable[Weakness], policy: Policy, today: date) -> Applied:
    """Hold every waiver against every weakness. Near-linear: waivers are found by what they name."""
    index = _Index([waiver for waiver in waivers if waiver.status in WAIVING])
    review = Review(index.waivers, today)
    waived: dict[str, Waiver] = {}
    refused: dict[str, tuple[Waiver, str]] = {}
    for weakness in weaknesses:
        covering = index.covering(weakness) if index.waivers else []
        review.used(covering)
        if weakness.first.suppressed and consensus.is_suppressed(weakness):
            by_policy, set_aside = _set_aside(weakness, policy)
            if by_policy:
                waived[weakness.id] = set_aside
                continue
            covering = [*covering, set_aside]
        if not covering:
            continue
        asked = policy.approval_for(weakness.rated.level)
        lacks = [(waiver, approval.lacking(waiver, asked, today)) for waiver in covering]
        counting = next((waiver for waiver, lack in lacks if not lack), None)
        if counting is not None:
            waived[weakness.id] = counting
        else:
            waiver, lack = lacks[0]
            refused[weakness.id] = waiver, approval.said(lack, asked)
            for waiver, lack in lacks:
                review.refused(waiver, weakness, lack, approval.said(lack, asked))
    return Applied(waived, refused, tuple(review.problems()))


def _set_aside(weakness: Weakness, policy: Policy) -> tuple[bool, Waiver]:
    """A weakness that every scanner set aside, as a waiver; True if it was our own policy on licences that did."""
    if policy.licenses is not None and licenses.allowed(weakness):
        return True, Waiver(policy.licenses.origin, licenses.ALLOWED)
    tool = Origin(" and ".join(weakness.tools))
    return False, Waiver(tool, weakness.first.suppressed, source=approval.SCANNER, on_base=False)


def _ids(weakness: Weakness) -> set[str]:
    found = {weakness.id, *weakness.aliases}
    for finding in weakness.findings:
        found.add(finding.rule.id)
        found.update(finding.aliases)
    return {one.casefold() for one in found}


def _rules(weakness: Weakness) -> set[str]:
    found: set[str] = set()
    for finding in weakness.findings:
        rule = finding.rule.id.casefold()
        found.update((rule, f"{finding.tool}/{rule}"))
    return found


def _rule_keys(texts: Iterable[str]) -> Iterator[str]:
    """A rule as it is written, and with its scanner's name as `tools` spells it (`OWASP ZAP/10021`)."""
    for text in texts:
        plain = text.strip().casefold()
        yield plain
        tool, slash, rule = plain.partition("/")
        if slash:
            yield f"{tools.normalised(tool)}/{rule}"


def _paths(weakness: Weakness) -> set[str]:
    return {finding.location.path for finding in weakness.findings if finding.location is not None}


class _Index:
    """Waivers by the narrowest thing they name, so that a weakness is held against few of them."""

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        self.waivers = tuple(waivers)
        self._ids: dict[str, list[int]] = defaultdict(list)
        self._rules: dict[str, list[int]] = defaultdict(list)
        self._packages: dict[str, list[int]] = defaultdict(list)
        self._places = _Places()
        for at, waiver in enumerate(self.waivers):
            self._add(at, waiver)

    def covering(self, weakness: Weakness) -> list[Waiver]:
        """The waivers that cover the weakness, in their order."""
        found: set[int] = set()
        for key in _ids(weakness) if self._ids else ():
            found.update(self._ids.get(key, ()))
        for key in _rules(weakness) if self._rules else ():
            found.update(self._rules.get(key, ()))
        for finding in weakness.findings if self._packages else ():
            if finding.package is not None:
                found.update(self._packages.get(package_names.key(finding.package.name), ()))
        for path in _paths(weakness) if self._places else ():
            found.update(self._places.near(path))
        return [self.waivers[at] for at in sorted(found) if covers(self.waivers[at], weakness)]

    def _add(self, at: int, waiver: Waiver) -> None:
        if waiver.ids:
            for key in {one.casefold() for one in waiver.ids}:
                self._ids[key].append(at)
        elif waiver.rules:
            for key in set(_rule_keys(waiver.rules)):
                self._rules[key].append(at)
        elif waiver.packages:
            meant = {package_names.key(one.name) for text in waiver.packages for one in package_names.meanings(text)}
            for key in meant:
                self._packages[key].append(at)
        else:
            self._places.add(at, waiver.scope)


class _Places:
    """Waivers that name nothing but paths, by the folder or the file name that their globs fix."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._names: dict[str, list[int]] = defaultdict(list)
        self._anywhere: list[int] = []
        self._near: dict[str, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._folders or self._names or self._anywhere)

    def add(self, at: int, scope: Scope) -> None:
        for pattern in scope.patterns:
            for segments in () if pattern.excludes else pattern.alternatives:
                fixed = tuple(
                    name for segment in takewhile(lambda one: one.name is not None, segments) if (name := segment.name)
                )
                if fixed:
                    self._folders[fixed].append(at)
                elif segments[-1].name is not None:
                    self._names[segments[-1].name].append(at)
                else:
                    self._anywhere.append(at)

    def near(self, path: str) -> tuple[int, ...]:
        """The waivers whose globs can match the path."""
        if path not in self._near:
            parts = tuple(path.split("/"))
            found = {*self._anywhere, *self._names.get(parts[-1], ())}
            for end in range(1, len(parts) + 1):
                found.update(self._folders.get(parts[:end], ()))
            self._near[path] = tuple(found)
        return self._near[path]
