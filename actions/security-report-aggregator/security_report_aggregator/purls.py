"""Packages as package URLs: the ecosystems' names in reports, and names that are equal to their ecosystem."""

from __future__ import annotations

import re
from functools import lru_cache

from security_report_aggregator.model import Package

TYPES = {
    "alma": "rpm",
    "alpine": "apk",
    "amazon": "rpm",
    "amzn": "rpm",
    "apk": "apk",
    "azurelinux": "rpm",
    "bundler": "gem",
    "cargo": "cargo",
    "cbl-mariner": "rpm",
    "centos": "rpm",
    "chainguard": "apk",
    "cocoapods": "cocoapods",
    "composer": "composer",
    "conan": "conan",
    "crates": "cargo",
    "deb": "deb",
    "debian": "deb",
    "dotnet": "nuget",
    "dpkg": "deb",
    "fedora": "rpm",
    "gem": "gem",
    "gemspec": "gem",
    "github actions": "githubactions",
    "go": "golang",
    "go-module": "golang",
    "gobinary": "golang",
    "golang": "golang",
    "gomod": "golang",
    "gradle": "maven",
    "hex": "hex",
    "jar": "maven",
    "java": "maven",
    "java-archive": "maven",
    "maven": "maven",
    "node": "npm",
    "node-pkg": "npm",
    "npm": "npm",
    "nuget": "nuget",
    "opensuse": "rpm",
    "oracle": "rpm",
    "packagist": "composer",
    "photon": "rpm",
    "pip": "pypi",
    "pipenv": "pypi",
    "pnpm": "npm",
    "poetry": "pypi",
    "pom": "maven",
    "pub": "pub",
    "pypi": "pypi",
    "python": "pypi",
    "python-pkg": "pypi",
    "red hat": "rpm",
    "redhat": "rpm",
    "rhel": "rpm",
    "rocky": "rpm",
    "rpm": "rpm",
    "rubygems": "gem",
    "rust": "cargo",
    "rust-binary": "cargo",
    "rust-crate": "cargo",
    "sles": "rpm",
    "swift": "swift",
    "ubuntu": "deb",
    "uv": "pypi",
    "wolfi": "apk",
    "yarn": "npm",
}
"""What reports call an ecosystem, a package manager or a kind of file, in lower case -> purl type."""

SYSTEM_TYPES = frozenset({"apk", "deb", "rpm", "alpm"})
"""Packages of an operating system: found in images, not in manifests."""

_PYPI_SEPARATORS = re.compile(r"[-_.]+")


def type_of(ecosystem: object) -> str:
    """The purl type for a report's word (`PyPI`, `Debian:11`, `python-pkg`); "" for one nobody knows."""
    if not isinstance(ecosystem, str):
        return ""
    # OSV calls Rust's ecosystem by the address of its registry, which is no address here.
    return TYPES.get(ecosystem.split(":", 1)[0].strip().lower().removesuffix(".io"), "")


def parse(purl: object) -> Package | None:
    """`pkg:pypi/django@3.2` as a package; None for what is no purl. Maven names read `group:artifact`."""
    if not isinstance(purl, str) or len(purl) > 2000:
        return None
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(purl)
    except ValueError:
        return None
    separator = ":" if found.type == "maven" else "/"
    namespace = "" if found.type in SYSTEM_TYPES else found.namespace or ""
    return Package(found.type, f"{namespace}{separator if namespace else ''}{found.name}", found.version or "")


@lru_cache(maxsize=65536)
def purl_of(package: Package, *, version: bool = True) -> str:
    """The package URL; "" for a package whose ecosystem the report hides."""
    if not package.type:
        return ""
    from packageurl import PackageURL

    separator = ":" if package.type == "maven" else "/"
    namespace, _, name = package.name.rpartition(separator)
    try:
        return PackageURL(
            package.type, namespace or None, name, (package.version or None) if version else None
        ).to_string()
    except ValueError:
        return ""


@lru_cache(maxsize=65536)
def same_name(type_: str, name: str) -> str:
    """The name as its ecosystem compares it: PEP 503 for PyPI, lower case where case does not count."""
    plain = name.strip()
    if type_ == "pypi":
        return _PYPI_SEPARATORS.sub("-", plain).lower()
    if type_ in ("npm", "composer", "nuget", "deb", "rpm", "apk", "golang", "cargo", "githubactions", ""):
        return plain.lower()
    if type_ == "maven" and ":" not in plain:  # As Maven Central's paths and package URLs spell it.
        return plain.replace("/", ":")
    return plain
