"""The rules of a run of the merged SARIF: GitHub takes the severity of an alert from its rule, one for all its results.

Where the findings of one rule differ in severity the rule is split. The level with the most findings keeps the rule's
id, so that an alert that is already open stays the same; the others are called `rule/high`, `rule/low` and so on.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from actionkit.untrusted import one_line, shortened
from security_report_aggregator.model import Category, Finding, Level, Rated, Weakness
from security_report_aggregator.sarif_limits import KEPT_TAGS, NAME_LENGTH, TEXT_LENGTH
from security_report_aggregator.sarif_text import inert, web_address

ORDER = (Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.UNKNOWN, Level.LOW)
"""The worst first. What has no severity is shown as a warning, so it stands before what is known to be low."""

LEVELS = {
    Level.CRITICAL: "error",
    Level.HIGH: "error",
    Level.MEDIUM: "warning",
    Level.UNKNOWN: "warning",
    Level.LOW: "note",
}

SCORES = {Level.CRITICAL: 9.5, Level.HIGH: 8.0, Level.MEDIUM: 5.5, Level.LOW: 2.0}
"""`security-severity` where no CVSS score is known: the middle of the band, as far as bands have one."""

BANDS = {
    Level.CRITICAL: (9.0, 10.0),
    Level.HIGH: (7.0, 8.9),
    Level.MEDIUM: (4.0, 6.9),
    Level.LOW: (0.1, 3.9),
}
"""GitHub's, both ends included: docs "SARIF support for code scanning", `security-severity`."""


class Pick(NamedTuple):
    """What one scanner says of one weakness: its severity and the finding that says most."""

    rated: Rated
    finding: Finding
    weakness: Weakness


@dataclass(slots=True)
class Descriptor:
    """A rule as it is written: its place among the rules of the run, its id, its level, and the finding it is of."""

    index: int
    id: str
    level: Level
    finding: Finding
    score: float | None = None


class Rules:
    """The rules that the results of one run need, in the order of their first result.

    With `named` the scanner's name stands before its rules: several share the run.
    """

    def __init__(self, picks: Iterable[Pick], *, named: bool = False) -> None:
        self._named = named
        self._of: dict[tuple[str, Level], Descriptor] = {}
        counts: Counter[tuple[str, Level]] = Counter()
        for pick in picks:
            key = self._key(pick)
            counts[key] += 1
            known = self._of.get(key)
            if known is None:
                known = self._of[key] = Descriptor(len(self._of), "", key[1], pick.finding)
            score = pick.rated.score
            if score is not None and (known.score is None or score > known.score) and _is_inside(score, key[1]):
                known.score = score
        self.split = self._name(counts)

    def of(self, pick: Pick) -> Descriptor:
        return self._of[self._key(pick)]

    def encoded(self, *, with_help: bool) -> Iterator[dict[str, object]]:
        """Each as a reportingDescriptor (SARIF 2.1.0, 3.49)."""
        for descriptor in self._of.values():
            yield _descriptor(descriptor, with_help=with_help)

    def _key(self, pick: Pick) -> tuple[str, Level]:
        finding = pick.finding
        name = rule_id(finding)
        return f"{finding.tool}/{name}" if self._named else name, pick.rated.level

    def _name(self, counts: Counter[tuple[str, Level]]) -> tuple[str, ...]:
        """Give every rule its id; returns the ids of those that are split."""
        levels: dict[str, list[Level]] = {}
        for name, level in self._of:
            levels.setdefault(name, []).append(level)
        taken = set(levels)
        for name, found in levels.items():
            plain = max(found, key=lambda level: (counts[name, level], -ORDER.index(level)))
            for level in found:
                self._of[name, level].id = name if level is plain else _free(f"{name}/{level}", taken)
        return tuple(name for name, found in levels.items() if len(found) > 1)


def rule_id(finding: Finding) -> str:
    """The rule's id, else its name, else the category; one line that is not empty."""
    said = finding.rule.id or finding.rule.name
    if len(said) <= NAME_LENGTH and said.isascii() and said.isprintable() and said == said.strip() != "":
        return said
    return shortened(one_line(said), NAME_LENGTH) or str(finding.category)


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found


def _is_inside(score: float, level: Level) -> bool:
    low, high = BANDS.get(level, (11.0, 11.0))
    return low <= _tenths(score) <= high


def _tenths(score: float) -> float:
    """Rounded down, which never leaves a band: 8.96 is high."""
    return math.floor(score * 10 + 1e-9) / 10 if math.isfinite(score) else -1.0


def _descriptor(descriptor: Descriptor, *, with_help: bool) -> dict[str, object]:
    finding, level = descriptor.finding, descriptor.level
    rule = finding.rule
    title = inert(rule.name) or inert(rule.id) or _CATEGORIES[finding.category]
    full = inert(rule.description) or title
    made: dict[str, object] = {
        "id": descriptor.id,
        "name": shortened(title, NAME_LENGTH),
        "shortDescription": {"text": shortened(title, TEXT_LENGTH)},
        "fullDescription": {"text": shortened(full, TEXT_LENGTH)},
        "defaultConfiguration": {"level": LEVELS[level]},
    }
    address = web_address(rule.help_uri) or web_address(finding.url)
    if with_help:
        made["help"] = {"text": _help(finding, full, address)}
    if address:
        made["helpUri"] = address
    properties: dict[str, object] = {"tags": _tags(finding)}
    if level in SCORES:
        score = SCORES[level] if descriptor.score is None else _tenths(descriptor.score)
        properties["security-severity"] = f"{score:.1f}"
    made["properties"] = properties
    return made


_CATEGORIES = {
    Category.DEPENDENCY: "Vulnerable dependency",
    Category.CODE: "Weakness in code",
    Category.CONTAINER: "Weakness in a container image",
    Category.SECRET: "Leaked secret",
    Category.LICENSE: "Licence that the policy does not allow",
    Category.DAST: "Weakness of the running application",
    Category.IAC: "Weakness in infrastructure as code",
}

_ADVICE = {
    Category.DEPENDENCY: "Update the package to a version without it, or replace the package.",
    Category.CODE: "Change the code so that the weakness is gone.",
    Category.CONTAINER: "Rebuild the image on a base or with packages without it.",
    Category.SECRET: "Revoke the secret first: it stays in the history. Then take it out of the code.",
    Category.LICENSE: "Replace the package, or have the licence allowed in the policy.",
    Category.DAST: "Change the application or its configuration so that the weakness is gone.",
    Category.IAC: "Change the configuration so that the weakness is gone.",
}


def _help(finding: Finding, full: str, address: str) -> str:
    cwes = ", ".join(f"CWE-{number}" for number in finding.rule.cwes)
    parts = (
        shortened(full, 2 * TEXT_LENGTH),
        _ADVICE[finding.category],
        f"See {cwes}." if cwes else "",
        f"Read more: {address}" if address else "",
    )
    return "\n\n".join(part for part in parts if part)


def _tags(finding: Finding) -> list[str]:
    """GitHub knows CWEs by tags of this form, with three digits at least."""
    tags = ["security", str(finding.category), *(f"external/cwe/cwe-{number:03d}" for number in finding.rule.cwes)]
    return list(dict.fromkeys(tags))[:KEPT_TAGS]
