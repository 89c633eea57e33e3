"""What texts of SARIF files say of vulnerable packages, in the forms that scanners keep to.

Forms: Trivy `pkg/report/sarif.go`, Grype `grype/presenter/sarif/presenter.go`, OSV-Scanner `internal/output/sarif.go`,
Snyk `src/lib/formatters/get-sarif-result.ts` and `open-source-sarif-output.ts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from security_report_aggregator.model import Package
from security_report_aggregator.purls import type_of
from security_report_aggregator.readers.fields import TEXT_LIMIT

IDS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"CVE-\d{4}-\d{4,10}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d{1,8}|RUSTSEC-\d{4}-\d{4}|GO-\d{4}-\d{4,6}|OSV-\d{4}-\d{1,8}"
    r"|MAL-\d{4}-\d{1,8}|SNYK-[A-Z0-9]+-[A-Z0-9]+-\d{1,12}|(?:DSA|DLA|USN)-\d{1,6}(?:-\d{1,3})?|DEBIAN-CVE-\d{4}-\d{4,10}"
    r"|ALSA-\d{4}:\d{1,8}|RHSA-\d{4}:\d{1,8}|ELSA-\d{4}-\d{1,8}|ALAS2?-\d{4}-\d{1,6}|GMS-\d{4}-\d{1,6}"
    r")(?![0-9A-Za-z])"
)
"""Ids of advisories and vulnerabilities, as their issuers write them."""

_HELP_LIMIT = 200_000
# Lines of Trivy's messages, and of Trivy's and Grype's help.
_FIELD = re.compile(r"^ ?(Package|PkgName|Installed Version|Fixed Version|Fix Version|Type): ?(.*)$", re.MULTILINE)
_LICENSE = re.compile(r"^License (.{1,300})$", re.MULTILINE)
_LINK = re.compile(r"^Link: ?\[[^\]\n]{0,200}\]\((https?://[^\s()]{1,500})\)", re.MULTILINE)
_GRYPE = re.compile(r"vulnerability in (\S{1,60}) package: (\S{1,300}), version (\S{1,200}) was found")
_OSV = re.compile(r"Package '([^'\n]{1,400})' is vulnerable to '")
_OSV_ROW = re.compile(r"^\| ([^|\n]{1,100}) \| ([^|\n]{1,300}) \| ([^|\n]{1,1000}) \|$", re.MULTILINE)
_SNYK = re.compile(r"introduces a vulnerable (\S{1,300}) package")
_AT = re.compile(r"((?:@[^@/\s]+/)?[^@\s]+)@(\S+)")


class Advice(NamedTuple):
    """What the help of a rule says: versions that fix a package (`""` for the only one), its type, and the advisory."""

    fixed: tuple[tuple[str, str], ...] = ()
    type: str = ""
    link: str = ""


NO_ADVICE = Advice()


def advice_in(help_text: object) -> Advice | None:
    """The advice in a rule's help, None if there is none."""
    if not isinstance(help_text, str) or not help_text:
        return None
    said = help_text[:_HELP_LIMIT]
    fields = dict(_FIELD.findall(said[:TEXT_LIMIT]))
    fixed = [("", one) for one in versions(fields.get("Fixed Version") or fields.get("Fix Version") or "")]
    _, heading, table = said.partition("### Fixed Versions")
    if heading:
        rows = (row for row in _OSV_ROW.findall(table) if row[0].strip("-: ") not in ("", "Vulnerability ID"))
        fixed += [(name.strip(), one) for _, name, cell in rows for one in versions(cell)]
    link = _LINK.search(said[:TEXT_LIMIT])
    found = Advice(tuple(dict.fromkeys(fixed))[:50], type_of(fields.get("Type")), link[1] if link else "")
    return found if found != NO_ADVICE else None


def versions(listed: str) -> tuple[str, ...]:
    """`1.2.3, 2.0.1` as versions."""
    return tuple(dict.fromkeys(one for part in listed.split(",") if (one := part.strip()) and len(one) <= 100))


def ids_in(said: Iterable[str]) -> tuple[str, ...]:
    """Every id of a vulnerability in texts, each once, in their order."""
    return tuple(dict.fromkeys(found for one in said for found in IDS.findall(one)))


class Spoken(NamedTuple):
    """What the message of a result says of a package; "" and empty where it says nothing."""

    package: Package | None = None
    fixed: tuple[str, ...] = ()
    link: str = ""
    license: str = ""


def spoken_of(message: str) -> Spoken:
    """A package in the message of a result."""
    return next(_readings(message), Spoken())


def package_at(name: str, type_: str = "") -> Package | None:
    """`lodash@4.17.20` or `@scope/name@1.0` as a package; None for anything else."""
    found = _AT.fullmatch(name.strip())
    return Package(type_, found[1], found[2]) if found and len(name) < 500 else None


def _readings(message: str) -> Iterator[Spoken]:
    fields = dict(_FIELD.findall(message)) if ": " in message else {}
    link = _LINK.search(message)
    if fields.get("Package"):
        package = Package("", fields["Package"].strip(), fields.get("Installed Version", "").strip())
        yield Spoken(package, versions(fields.get("Fixed Version", "")), link[1] if link else "")
    if fields.get("PkgName"):
        license_ = _LICENSE.search(message)
        yield Spoken(Package("", fields["PkgName"].strip()), license=license_[1].strip() if license_ else "")
    grype = _GRYPE.search(message)
    if grype:
        yield Spoken(Package(type_of(grype[1]), grype[2], grype[3]))
    osv = _OSV.search(message)
    if osv:
        yield Spoken(package_at(osv[1]) or Package("", osv[1]))
    snyk = _SNYK.search(message)
    if snyk:
        yield Spoken(Package("", snyk[1]))
