"""The waivers of a run as an OpenVEX 0.2.0 document, for whoever uses what this repository makes.

https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md. A waiver that says why a product is not affected, as VEX
defines it, becomes `not_affected`. One that accepts a risk does not: it is `affected`, with what is done about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from actionkit.untrusted import one_line
from security_report_aggregator import purls
from security_report_aggregator.alias_groups import ids_of, rank
from security_report_aggregator.ignores.openvex import JUSTIFICATIONS
from security_report_aggregator.ignores.vex import AFFECTED, FIXED, NOT_AFFECTED
from security_report_aggregator.model import Category, Weakness
from security_report_aggregator.waiver import Waiver

CONTEXT = "https://openvex.dev/ns/v0.2.0"
CATEGORIES = (Category.DEPENDENCY, Category.CONTAINER)
"""What VEX speaks of: known vulnerabilities of packages."""

_SAME_JUSTIFICATION = {
    "code_not_present": "vulnerable_code_not_present",
    "code_not_reachable": "vulnerable_code_not_in_execute_path",
    "protected_by_compiler": "inline_mitigations_already_exist",
    "protected_at_runtime": "inline_mitigations_already_exist",
}
"""CycloneDX's justifications that say no less than OpenVEX's. The others are written out as an impact statement."""


class _Statement(NamedTuple):
    """One statement, without the packages it is about. `words` are its texts by their keys."""

    ids: tuple[str, ...]
    status: str
    words: tuple[tuple[str, str], ...]


def document(
    waived: Sequence[tuple[Weakness, Waiver]],
    *,
    author: str,
    id: str,  # noqa: A002 - what the document calls it
    now: datetime,
    product: str = "",
) -> bytes:
    """The document as UTF-8 JSON: the same for the same arguments, whatever the order of `waived`.

    `id` is the document's IRI, `product` the purl of what this repository makes: the packages are its subcomponents,
    or products themselves where it is "". Left out are weaknesses of other kinds than vulnerable packages, and those
    whose package's ecosystem no report tells, since VEX must name the package. Empty if nothing is left: a document
    without statements is not valid. One package of which different waivers say different things is `affected`.
    """
    packages: dict[_Statement, set[str]] = {}
    for (_, purl), subject in _by_subject(waived).items():
        ids = tuple(sorted(subject.ids, key=rank))
        packages.setdefault(_judged(ids, subject.waivers), set()).add(purl)
    if not packages:
        return b""
    written = {
        "@context": CONTEXT,
        "@id": id,
        "author": author,
        "timestamp": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "version": 1,
        "statements": [_written(one, sorted(packages[one]), product) for one in sorted(packages)],
    }
    return (json.dumps(written, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


@dataclass(slots=True)
class _Subject:
    """All that is said of one vulnerability in one package."""

    ids: set[str] = field(default_factory=set)
    waivers: list[Waiver] = field(default_factory=list)


def _by_subject(waived: Iterable[tuple[Weakness, Waiver]]) -> dict[tuple[str, str], _Subject]:
    """By the id that is best known and the purl."""
    found: dict[tuple[str, str], _Subject] = {}
    for weakness, waiver in waived:
        if weakness.category in CATEGORIES:
            ids = _ids(weakness)
            for purl in _purls(weakness) if ids else ():
                subject = found.setdefault((ids[0], purl), _Subject())
                subject.ids.update(ids)
                subject.waivers.append(waiver)
    return found


def _ids(weakness: Weakness) -> tuple[str, ...]:
    """The ids of the weakness itself, best known first; not those of a distribution's bundles."""
    return tuple(sorted(ids_of(weakness.aliases, "" if weakness.aliases else weakness.first.rule.id).links, key=rank))


def _purls(weakness: Weakness) -> set[str]:
    found = {purls.purl_of(finding.package) for finding in weakness.findings if finding.package is not None}
    return found - {""}


def _judged(ids: tuple[str, ...], waivers: Sequence[Waiver]) -> _Statement:
    """What the waivers say together; accepting the risk outweighs a claim that there is none."""
    made = sorted({_statement(ids, one) for one in waivers})
    return next((one for one in made if one.status == AFFECTED), made[0])


def _statement(ids: tuple[str, ...], waiver: Waiver) -> _Statement:
    reason = one_line(waiver.reason)
    # A statement is about the package wherever it is, so a waiver for some paths cannot be one.
    if not waiver.scope and waiver.status == FIXED:
        return _Statement(ids, FIXED, (("status_notes", reason),) if reason else ())
    if not waiver.scope and waiver.status == NOT_AFFECTED:
        justification = _SAME_JUSTIFICATION.get(waiver.justification, waiver.justification)
        notes = _until(waiver)
        if justification in JUSTIFICATIONS:
            why = " ".join(part for part in (reason, notes) if part)
            return _Statement(
                ids, NOT_AFFECTED, (("justification", justification), *((("status_notes", why),) if why else ()))
            )
        stated = " ".join(part for part in (reason or justification.replace("_", " "), notes) if part)
        if stated:
            return _Statement(ids, NOT_AFFECTED, (("impact_statement", stated),))
    return _Statement(ids, AFFECTED, (("action_statement", _acceptance(waiver, reason)),))


def _until(waiver: Waiver) -> str:
    return f"This is to be looked at again after {waiver.until.isoformat()}." if waiver.until else ""


def _acceptance(waiver: Waiver, reason: str) -> str:
    """What is done about a risk that is accepted: nothing, for the reason given, until its day."""
    until = f" until {waiver.until.isoformat()}" if waiver.until else ""
    by = f", approved by {one_line(waiver.approved_by)}" if waiver.approved_by else ""
    where = f", for {one_line(str(waiver.scope))} only" if waiver.scope else ""
    return f"The risk is accepted{until}{by}{where}: {reason or 'no reason is given'}"


def _written(statement: _Statement, packages: Sequence[str], product: str) -> dict[str, object]:
    name, *aliases = statement.ids
    components = [{"@id": purl} for purl in packages]
    return {
        "vulnerability": {"name": name, **({"aliases": aliases} if aliases else {})},
        "products": [{"@id": product, "subcomponents": components}] if product else components,
        "status": statement.status,
        **dict(statement.words),
    }
