"""Records of one advisory for one package in one manifest: one weakness, whoever reports it and by whatever id.

The package is compared without its version. Records that name different manifests are different weaknesses; one that
names none joins those that do. A manifest and the lock file beside it are one. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from security_report_aggregator.alias_groups import Groups, Ids, ids_of, rank
from security_report_aggregator.model import Finding
from security_report_aggregator.purls import same_name
from security_report_aggregator.rows import Row, key_of

_Name = tuple[str, str]
_Record = tuple[Finding, Ids]

UNITS = {
    "package.json": "package.json",
    "package-lock.json": "package.json",
    "npm-shrinkwrap.json": "package.json",
    "yarn.lock": "package.json",
    "pnpm-lock.yaml": "package.json",
    "pyproject.toml": "pyproject.toml",
    "poetry.lock": "pyproject.toml",
    "uv.lock": "pyproject.toml",
    "pdm.lock": "pyproject.toml",
    "Pipfile": "Pipfile",
    "Pipfile.lock": "Pipfile",
    "Gemfile": "Gemfile",
    "Gemfile.lock": "Gemfile",
    "go.mod": "go.mod",
    "go.sum": "go.mod",
    "Cargo.toml": "Cargo.toml",
    "Cargo.lock": "Cargo.toml",
    "composer.json": "composer.json",
    "composer.lock": "composer.json",
}
"""A manifest or lock file -> the manifest that stands for both, in the same folder."""

AGGREGATED = frozenset({"Conda", "Java", "Node.js", "OS Packages", "Python", "Ruby"})
"""What Trivy calls all packages of a language in an image: no place at all."""


def unit_of(path: str) -> str:
    """The manifest a path belongs to: `web/package-lock.json` -> `web/package.json`; other paths are their own."""
    folder, slash, name = path.rpartition("/")
    unit = UNITS.get(name)
    return f"{folder}{slash}{unit}" if unit else path


def rows(findings: Iterable[Finding]) -> Iterator[Row]:
    """The weaknesses of these records of advisories. Linear but for sorting within a package."""
    packages, nameless = _by_package(findings)
    _place_nameless(nameless, packages)
    while packages:
        name, records = packages.popitem()
        yield from _of_package(name, records)


def _by_package(findings: Iterable[Finding]) -> tuple[dict[_Name, list[_Record]], list[_Record]]:
    """The records by package, and those that name no package. A name without ecosystem joins the one that has it."""
    packages: dict[_Name, list[_Record]] = defaultdict(list)
    nameless: list[_Record] = []
    known: dict[tuple[tuple[str, ...], str], Ids] = {}
    names: dict[_Name, _Name] = {}
    for finding in findings:
        said = (finding.aliases, finding.rule.id)
        ids = known.get(said)
        if ids is None:
            ids = known[said] = ids_of(*said)
        package = finding.package
        if package is None:
            nameless.append((finding, ids))
            continue
        spelled = (package.type, package.name)
        name = names.get(spelled)
        if name is None:
            name = names[spelled] = (package.type, same_name(package.type, package.name))
        packages[name].append((finding, ids))
    _place_typeless(packages)
    return packages, nameless


def _place_typeless(packages: dict[_Name, list[_Record]]) -> None:
    typeless = sorted(name for name in packages if not name[0])
    if not typeless:
        return
    typed: dict[str, list[_Name]] = defaultdict(list)
    for name in packages:
        if name[0]:
            typed[_loose(name[1])].append(name)
    for name in typeless:
        fitting = [other for other in typed.get(_loose(name[1]), ()) if _is_named(other, name[1])]
        if len(fitting) == 1:
            packages[fitting[0]].extend(packages.pop(name))


def _is_named(package: _Name, name: str) -> bool:
    return same_name(package[0], name).lower() == package[1].lower()


def _loose(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-").replace("--", "-")


def _place_nameless(nameless: list[_Record], packages: dict[_Name, list[_Record]]) -> None:
    """A record that hides its package (SARIF often does) joins the only package with that advisory."""
    if not nameless:
        return
    wanted = {advisory for _, ids in nameless for advisory in ids.links}
    holders: dict[str, set[_Name]] = defaultdict(set)
    for name, records in packages.items():
        for _, ids in records:
            for advisory in ids.links:
                if advisory in wanted:
                    holders[advisory].add(name)
    for finding, ids in nameless:
        packages.setdefault(_only_holder(ids.links, holders) or ("", ""), []).append((finding, ids))


def _only_holder(links: Iterable[str], holders: Mapping[str, Collection[_Name]]) -> _Name | None:
    """The one package that has any of these advisories; None for none and for several."""
    found: _Name | None = None
    for advisory in links:
        for name in holders.get(advisory, ()):
            if found is not None and name != found:
                return None
            found = name
    return found


def _of_package(name: _Name, records: list[_Record]) -> Iterator[Row]:
    if len(records) == 1:
        finding, ids = records[0]
        yield _row(name, _manifest(finding), [finding], (*ids.links, *ids.bundles))
        return
    groups = Groups()
    for _, ids in records:
        if len(ids.links) > 1:
            groups.join(ids.links)
    members: dict[str, list[_Record]] = defaultdict(list)
    for finding, ids in records:
        members[groups.of(ids.links[0]) if ids.links else ""].append((finding, ids))
    for group in members.values():
        named = {advisory for _, ids in group for advisory in (*ids.links, *ids.bundles)}
        aliases = tuple(sorted(named, key=rank)) if len(named) > 1 else tuple(named)
        for manifest, findings in _by_manifest(group).items():
            yield _row(name, manifest, findings, aliases)


def _by_manifest(group: list[_Record]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding, _ in group:
        found[_manifest(finding)].append(finding)
    if "" in found and len(found) > 1:
        unnamed = found.pop("")
        found[min(found)].extend(unnamed)
    return found


def _manifest(finding: Finding) -> str:
    """What the record names as the holder of the package; scanners spell paths in an image with or without a slash."""
    at = finding.location
    if at is None or (not at.is_file and at.path in AGGREGATED):
        return ""
    return unit_of(at.path if at.is_file else at.path.lstrip("/"))


def _row(name: _Name, manifest: str, findings: list[Finding], aliases: tuple[str, ...]) -> Row:
    return Row(key_of("package", aliases[0] if aliases else "", *name, manifest), findings, aliases)
