"""The package behind a SARIF result of a dependency, container or licence scanner."""

from __future__ import annotations

from dataclasses import dataclass, replace

from security_report_aggregator.model import Category, Package
from security_report_aggregator.purls import parse, type_of
from security_report_aggregator.readers.advisory_ids import weakness_ids
from security_report_aggregator.readers.fields import Object, obj, text, texts
from security_report_aggregator.readers.sarif_advice import Spoken, ids_in, package_at, spoken_of
from security_report_aggregator.readers.sarif_rules import Descriptor, web

SCA = frozenset({Category.DEPENDENCY, Category.CONTAINER, Category.LICENSE})
"""Categories whose findings speak of a package."""

_MANIFESTS = {
    "build.gradle": "maven",
    "bun.lock": "npm",
    "cargo.lock": "cargo",
    "composer.lock": "composer",
    "conan.lock": "conan",
    "gemfile.lock": "gem",
    "go.mod": "golang",
    "go.sum": "golang",
    "gradle.lockfile": "maven",
    "mix.lock": "hex",
    "package-lock.json": "npm",
    "package.json": "npm",
    "packages.config": "nuget",
    "packages.lock.json": "nuget",
    "pdm.lock": "pypi",
    "pipfile.lock": "pypi",
    "pnpm-lock.yaml": "npm",
    "podfile.lock": "cocoapods",
    "poetry.lock": "pypi",
    "pom.xml": "maven",
    "pubspec.lock": "pub",
    "pyproject.toml": "pypi",
    "requirements.txt": "pypi",
    "uv.lock": "pypi",
    "yarn.lock": "npm",
}
"""Files in lower case that hold packages of one ecosystem only -> purl type."""


@dataclass(frozen=True, slots=True)
class Vulnerable:
    """What a result says of a package: `Finding`'s fields of the same names."""

    package: Package | None
    aliases: tuple[str, ...]
    fixed_in: tuple[str, ...]
    url: str
    license: str


def vulnerable(result: Object, found: Descriptor, message: str, *, tool: str, resource: str, path: str) -> Vulnerable:
    """The package of a result: out of a purl, else of the message, else of the resource (`name@version`)."""
    rule, spoken = found.rule, spoken_of(message)
    type_ = found.advice.type or _MANIFESTS.get(path.rpartition("/")[2].lower(), "")
    if tool == "snyk":
        type_ = next((one for tag in rule.tags if (one := type_of(tag))), type_)
    package = _package(result, found, spoken, resource)
    if package is not None and not package.type and type_:
        package = replace(package, type=type_)
    # Snyk's full description begins with the CVE numbers; those of others are prose, which may name other weaknesses.
    full = [found.full.partition(")")[0]] if found.full.startswith("(CVE-") else []
    return Vulnerable(
        package,
        _aliases([rule.id, rule.name, *rule.tags, *found.other_ids, *full]),
        spoken.fixed or _fixed(result, found, package.name if package else ""),
        spoken.link or found.advice.link or rule.help_uri or web(result.get("hostedViewerUri")),
        spoken.license or (rule.id.rpartition(":")[2] if rule.id.startswith("snyk:lic:") else ""),
    )


def _aliases(said: list[str]) -> tuple[str, ...]:
    found = ids_in(said)
    return weakness_ids(found[0], found[1:]) if found else ()


def _package(result: Object, found: Descriptor, spoken: Spoken, resource: str) -> Package | None:
    properties = obj(result.get("properties"))
    purls = [*texts(properties.get("purl")), *texts(properties.get("purls")), resource, *found.purls]
    purl = next((package for one in purls if one.startswith("pkg:") and (package := parse(one))), None)
    said = spoken.package
    if purl is not None:
        # A rule of Grype is for all versions of a package, its purl for the first of them.
        return replace(purl, version=said.version) if said and said.version else purl
    named = package_at(resource)
    if said is None or (named is not None and not said.version and said.name == named.name):
        return named or said
    return said


def _fixed(result: Object, found: Descriptor, name: str) -> tuple[str, ...]:
    fixed = tuple(version for of, version in found.advice.fixed if of in ("", name))
    fixes = result.get("fixes")
    for fix in fixes if isinstance(fixes, list) and not fixed else []:
        said = text(obj(obj(fix).get("description")).get("text"))
        upgrade = package_at(said.removeprefix("Upgrade to ")) if said.startswith("Upgrade to ") else None
        if upgrade is not None and upgrade.name == name:
            return (upgrade.version,)
    return fixed
