"""Packages as people name them in policies: `django`, `pypi/django`, `django@3.2.1`, `pkg:pypi/django@3.2.1`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from security_report_aggregator import purls
from security_report_aggregator.model import Package

_SEPARATORS = re.compile(r"[-_.]+")


def names(text: str, package: Package) -> bool:
    """Whether `text` means this package, as its ecosystem compares names. Without a version every version is meant."""
    return named(text, package) is not None


def named(text: str, package: Package) -> Package | None:
    """What `text` says of this package, with a version if it names one; None if it means another."""
    return next((meant for meant in meanings(text) if _same(meant, package)), None)


def any_names(texts: Iterable[str], package: Package) -> bool:
    return any(names(text, package) for text in texts)


@lru_cache(maxsize=4096)
def meanings(text: str) -> tuple[Package, ...]:
    """What `text` can mean: `golang/x` is the package `x` of Go or one that is called so in any ecosystem."""
    plain = text.strip()
    if plain.startswith("pkg:"):
        found = purls.parse(plain)
        return (found,) if found else ()
    at = plain.rfind("@")
    name, version = (plain[:at], plain[at + 1 :]) if at > 0 else (plain, "")
    kind, slash, rest = name.partition("/")
    meant = [Package("", name, version)] if name else []
    if slash and rest and purls.type_of(kind):
        meant.append(Package(purls.type_of(kind), rest, version))
    return tuple(meant)


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """One key for all spellings of a name that any ecosystem takes as equal: for indexes, not for comparing."""
    return _SEPARATORS.sub("-", name.strip()).lower()


def _same(meant: Package, package: Package) -> bool:
    if meant.type and meant.type != package.type:
        return False
    if meant.version and meant.version.removeprefix("v") != package.version.removeprefix("v"):
        return False
    return purls.same_name(package.type, meant.name) == purls.same_name(package.type, package.name)
