"""The smallest set of package upgrades that closes every weakness a new version fixes. Pure.

One upgrade for a package in a manifest: the lowest version that closes all its weaknesses, without a breaking step if
there is such a version. Versions are ordered as their ecosystem orders them (`versions`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from security_report_aggregator.consensus import location_of, package_of
from security_report_aggregator.model import Package, Weakness
from security_report_aggregator.package_match import unit_of
from security_report_aggregator.purls import SYSTEM_TYPES, same_name
from security_report_aggregator.versions import is_version, order, release

CANDIDATES = 500
"""Versions of one package that are tried, the highest: more are in no honest report."""

_SEPARATORS = re.compile(r"\s*(?:,|\|\||;)\s*")
_OPERATORS = re.compile(r"[<>=^~!\s]*")


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Raise `package` (its oldest version in use) to `to` in the manifest at `path`, which closes the weaknesses with
    these ids. `breaking`: the ecosystem's rules let that step change what callers rely on."""

    package: Package
    to: str
    closes: tuple[str, ...]
    breaking: bool
    path: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Fix:
    """A weakness that a new version closes: for each finding with fixes, its fixed versions in order."""

    weakness: Weakness
    branches: tuple[tuple[str, ...], ...]


def plan(weaknesses: Iterable[Weakness]) -> tuple[Upgrade, ...]:
    """The upgrades, first the one that closes most, then the one that closes worse."""
    groups: dict[tuple[str, str, str], list[_Fix]] = defaultdict(list)
    ranks: dict[str, int] = {}
    for weakness in weaknesses:
        fix = _fix(weakness)
        package = package_of(weakness)
        if fix is None or package is None:
            continue
        ranks[weakness.id] = weakness.rated.level.rank
        at = location_of(weakness)
        groups[package.type, same_name(package.type, package.name), unit_of(at.path) if at else ""].append(fix)
    upgrades = [_upgrade(type_, fixes) for (type_, _, _), fixes in groups.items()]
    return tuple(sorted(upgrades, key=lambda upgrade: _most_first(upgrade, ranks)))


def unfixed(weaknesses: Iterable[Weakness]) -> int:
    """How many weaknesses of packages no version fixes yet."""
    return sum(package_of(weakness) is not None and _fix(weakness) is None for weakness in weaknesses)


def headline(upgrades: Sequence[Upgrade], without_fix: int = 0) -> str:
    """`bump 3 packages, close 19 findings`; "" if there is nothing to say."""
    closed = sum(len(upgrade.closes) for upgrade in upgrades)
    packages = len(
        {(upgrade.package.type, same_name(upgrade.package.type, upgrade.package.name)) for upgrade in upgrades}
    )
    said = f"bump {_counted(packages, 'package')}, close {_counted(closed, 'finding')}" if upgrades else ""
    if not without_fix:
        return said
    return f"{said}{'; ' if said else ''}{_counted(without_fix, 'finding')} without a fix yet"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _fix(weakness: Weakness) -> _Fix | None:
    """None for a weakness that no version at or above the one in use closes."""
    package = package_of(weakness)
    if package is None:
        return None
    installed = _installed([weakness])
    least = order(package.type, installed[-1]) if installed else None
    branches = []
    for finding in weakness.findings:
        versions = {version for said in finding.fixed_in for version in _versions(said)}
        ordered = tuple(sorted(versions, key=lambda version: (order(package.type, version), version)))
        if ordered and (least is None or order(package.type, ordered[-1]) >= least):
            branches.append(ordered)
    return _Fix(weakness, tuple(dict.fromkeys(branches))) if branches else None


def _versions(said: str) -> Iterator[str]:
    for part in _SEPARATORS.split(said):
        version = _OPERATORS.sub("", part, count=1)
        if is_version(version):
            yield version


def _installed(weaknesses: Iterable[Weakness]) -> list[str]:
    """The versions in use, the oldest first."""
    packages = [finding.package for weakness in weaknesses for finding in weakness.findings if finding.package]
    versions = {(package.type, package.version) for package in packages if is_version(package.version)}
    return [version for _, version in sorted(versions, key=lambda found: (order(*found), found[1]))]


def _upgrade(type_: str, fixes: Sequence[_Fix]) -> Upgrade:
    installed = _installed([fix.weakness for fix in fixes])
    to = _target(type_, installed, {branch for fix in fixes for branch in fix.branches})
    package = next(filter(None, (package_of(fix.weakness) for fix in fixes)))
    named = [at for fix in fixes if (at := location_of(fix.weakness)) is not None]
    at = min(named, key=lambda place: (place.line is None, place.path, place.line or 0), default=None)
    return Upgrade(
        package=Package(type_, package.name, installed[0] if installed else ""),
        to=to,
        closes=tuple(sorted(fix.weakness.id for fix in fixes)),
        breaking=_is_breaking(type_, installed, to),
        path=at.path if at else "",
        line=at.line if at else None,
    )


def _target(type_: str, installed: Sequence[str], branches: Collection[tuple[str, ...]]) -> str:
    """The lowest fixed version that has every fix, by every scanner; without a breaking step if there is one."""
    least = max(order(type_, branch[0]) for branch in branches)
    if installed:
        least = max(least, order(type_, installed[-1]))
    offered = sorted(
        {version for branch in branches for version in branch}, key=lambda version: (order(type_, version), version)
    )
    first = ""
    for version in [version for version in offered if order(type_, version) >= least][-CANDIDATES:]:
        if all(_is_fixed(type_, version, branch) for branch in branches):
            if not _is_breaking(type_, installed, version):
                return version
            first = first or version
    # The highest has every fix, so there always is one.
    return first


def _is_fixed(type_: str, version: str, fixed: Sequence[str]) -> bool:
    """Fixes come in branches (`3.2.25, 4.2.16`): a version between two of them belongs to the one it shares more
    leading numbers with, and has the fix only if that is the lower one. `fixed` is in order."""
    key = order(type_, version)
    below = [one for one in fixed if order(type_, one) <= key]
    if not below:
        return False
    if len(below) == len(fixed):
        return True
    numbers = release(type_, version)
    return _shared(numbers, release(type_, below[-1])) > _shared(numbers, release(type_, fixed[len(below)]))


def _shared(left: Sequence[int], right: Sequence[int]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _is_breaking(type_: str, installed: Sequence[str], to: str) -> bool:
    """Another major version than any in use; below 1.0 another minor one. Distributions do not break by number."""
    if type_ in SYSTEM_TYPES:
        return False
    target = release(type_, to)
    return any(_series(release(type_, version)) != _series(target) for version in installed)


def _series(numbers: Sequence[int]) -> tuple[int, ...]:
    padded = (*numbers, 0, 0)
    return (padded[0],) if padded[0] else (0, padded[1])


def _most_first(upgrade: Upgrade, ranks: Mapping[str, int]) -> tuple[int, int, str, str, str]:
    worst = sum(4 ** ranks[id_] for id_ in upgrade.closes)
    return -len(upgrade.closes), -worst, upgrade.package.type, upgrade.package.name, upgrade.path
