"""Ids of advisories: which of them speak of one weakness, and which are only bundles of many.

A distribution's advisory (DSA, USN, RHSA …) fixes many weaknesses at once, so it never makes its members one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MANY = 5
"""A record with more CVEs than this is a bundle too, whatever it calls itself."""

_ORDER = ("CVE-", "GHSA-", "PYSEC-", "RUSTSEC-", "GO-", "OSV-", "MAL-", "SNYK-", "PVE-", "SFTY-")
_BUNDLE = re.compile(
    r"(?:DSA|DLA|ELA|DTSA|USN|LSN|RH[SBE]A|CESA|CEBA|ELSA|ELBA|RLSA|RLBA|ALSA|ALBA|ALAS[0-9A-Z]*|SUSE-[SRFO]U"
    r"|OPENSUSE-[SR]U|GLSA|FEDORA|MGASA|ASA|OESA|PHSA|CISCO-SA|MFSA)-.+|KB[0-9].*",
    re.DOTALL,
)
_NAMED = re.compile(
    r"(CVE-[0-9]{4}-[0-9]{4,19}|GHSA(?:-[0-9A-Z]{4}){3})(?![0-9A-Z]).*"
    r"|((?:PYSEC|RUSTSEC|GO|OSV|MAL|SNYK|PVE|SFTY|GMS|NSWG|TEMP|DEBIAN|UBUNTU|ALPINE|DSA|DLA|USN|RHSA|ALAS[0-9]*|ELSA)-.*)",
    re.DOTALL,
)


class Ids(NamedTuple):
    """The ids of one record. `links` are those that name the weakness itself, at least one unless there are no ids at
    all; records that share one are one weakness. `bundles` only name what the record came in."""

    links: tuple[str, ...]
    bundles: tuple[str, ...]


def canonical(advisory: str) -> str:
    """One spelling of an id, since case does not count: GHSA in lower case after the prefix, all others upper case."""
    upper = advisory.strip().upper()
    return f"GHSA-{upper[5:].lower()}" if upper.startswith("GHSA-") else upper


def rank(advisory: str) -> tuple[int, str]:
    """Sorts the ids of a weakness: CVE first, then GHSA, data bases of one ecosystem, vendors, bundles last."""
    for place, prefix in enumerate(_ORDER):
        if advisory.startswith(prefix):
            return place, advisory
    return len(_ORDER) + (_BUNDLE.match(advisory) is not None), advisory


def advisory_in(rule: str) -> str:
    """The advisory that a rule's id is or begins with (Grype's `CVE-2021-44228-log4j-core`), "" for other rules."""
    found = _NAMED.fullmatch(rule.strip().upper())
    return canonical(found[1] or found[2]) if found else ""


def ids_of(aliases: Sequence[str], rule: str) -> Ids:
    """The ids of a record, each once; the rule's id counts where it is an advisory's or nothing else is known."""
    named = {canonical(alias) for alias in aliases if alias.strip()}
    own = advisory_in(rule)
    if own:
        named.add(own)
    if not named and rule.strip():
        named.add(canonical(rule))
    if len(named) == 1:
        return Ids(tuple(named), ())
    ordered = sorted(named, key=rank)
    bundles = tuple(advisory for advisory in ordered if _BUNDLE.match(advisory))
    links = tuple(advisory for advisory in ordered if not _BUNDLE.match(advisory))
    cves = [advisory for advisory in links if advisory.startswith("CVE-")]
    if len(cves) > MANY or (bundles and len(cves) > 1):
        others = tuple(advisory for advisory in links if not advisory.startswith("CVE-"))
        return Ids(bundles or others or tuple(cves[:1]), () if bundles else bundles)
    return Ids(links or bundles, bundles if links else ())


class Groups:
    """Ids that are known to name the same weakness: union by the smaller id, so order does not matter."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def join(self, ids: Iterable[str]) -> None:
        roots = sorted({self.of(advisory) for advisory in ids})
        for root in roots[1:]:
            self._parent[root] = roots[0]

    def of(self, advisory: str) -> str:
        """The id that stands for the group of this one; itself if it is alone."""
        root = advisory
        while (above := self._parent.get(root)) is not None:
            root = above
        while advisory != root:
            self._parent[advisory], advisory = root, self._parent[advisory]
        return root
