"""Checkov JSON: one report object, a list with one per framework, or only the summary when nothing was to check.

Failed checks are the findings. Checks skipped by a comment are counted in a note, as Checkov counts them beside.
Shapes: `Report.get_dict` (checkov/common/output/report.py), `create_report_cve_record` (checkov/common/sca/output.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from actionkit.jsonstream import CLOSED, Path
from actionkit.untrusted import shortened
from security_report_aggregator import purls, severity
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Location, Package, Rule, Scan
from security_report_aggregator.readers.fields import TEXT_LIMIT, Object, line, moment, obj, text, texts
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.readers.streamed import LIST, pieces

TOOL = "checkov"
CATEGORIES = {
    "secrets": Category.SECRET,
    "sca_package": Category.DEPENDENCY,
    "sca_image": Category.CONTAINER,
    "sast": Category.CODE,
}
"""By framework (`check_type`); all others check infrastructure."""
CHECKS = ("passed_checks", "failed_checks", "skipped_checks")
UNFIXABLE = "N/A"

_SHA1 = re.compile(r"(?:.*:)?([0-9a-f]{40})", re.DOTALL)
_NAMED = 5


def recognises(document: Document) -> bool:
    prefix = {Kind.OBJECT: (), Kind.ARRAY: ("[]",)}.get(document.kind)
    if prefix is None:
        return False
    is_report = document.has(*prefix, "check_type") and document.has(*prefix, "results")
    is_summary = document.has(*prefix, "checkov_version") and document.has(*prefix, "failed")
    return is_report or is_summary


@dataclass
class _Part:
    """One framework's report, or a summary alone, while it is read."""

    said: dict[str, object] = field(default_factory=dict)
    failed: list[Object] = field(default_factory=list)
    skipped: int = 0
    unparsed: list[str] = field(default_factory=list)

    @property
    def summary(self) -> Object:
        return obj(self.said.get("summary")) or self.said


def read(document: Document) -> tuple[Scan, ...]:
    """One scan a framework; skipped checks are a note. Raises Unreadable."""
    parts = _parts(document)
    for part in parts:
        _hold_against_summary(document, part)
    unparsed = list(dict.fromkeys(path for part in parts for path in part.unparsed))
    counted = sum(line(part.summary.get(key)) or 0 for part in parts for key in ("parsing_errors", "parsingerrors"))
    return (
        Scan(
            document.name,
            TOOL,
            next((version for part in parts if (version := text(part.summary.get("checkov_version")))), ""),
            "checkov",
            tuple(_finding(document, part, record) for part in parts for record in part.failed),
            gaps=(_unparsed(unparsed, max(counted, len(unparsed))),) if unparsed or counted else (),
            notes=tuple(_notes(parts)),
        ),
    )


def _notes(parts: list[_Part]) -> Iterator[str]:
    if skipped := sum(part.skipped for part in parts):
        yield f"{skipped} checks are skipped by comments in the code or by options"
    if not any(part.said.get("results") is CLOSED for part in parts):
        yield "Checkov found no file that it has checks for"


def _parts(document: Document) -> list[_Part]:
    """The reports in the document; the passed checks, the most of it, are never held."""
    lead = (LIST,) if document.kind is Kind.ARRAY else ()
    parts: dict[Path, _Part] = {}
    for piece in pieces(document, lead, *((*lead, "results", checks, LIST) for checks in CHECKS)):
        if len(piece.path) >= len(lead):
            part = parts.setdefault(piece.path[: len(lead)], _Part())
            _take(document, part, piece.path[len(lead) :], piece.value)
    return list(parts.values())


def _take(document: Document, part: _Part, path: Path, value: object) -> None:
    if len(path) == 1:
        part.said[str(path[0])] = value
    elif path[1:2] == ("parsing_errors",):
        if not isinstance(value, list):
            raise document.unreadable("`results.parsing_errors` is no list")
        part.unparsed += [relative(text(one)).lstrip("/") for one in value]
    elif len(path) == 3 and path[1] == "failed_checks":
        part.failed.append(obj(value))
    elif len(path) == 3 and path[1] == "skipped_checks":
        part.skipped += 1


def _hold_against_summary(document: Document, part: _Part) -> None:
    if part.said.get("results") is not CLOSED and "failed" not in part.summary:
        raise document.unreadable("has a report with neither `results` nor a summary")
    counted = line(part.summary.get("failed")) or 0
    if counted > len(part.failed):
        reason = f"counts {counted} failed checks but lists {len(part.failed)}: write the whole report, with `-o json`"
        raise document.unreadable(reason)


def _unparsed(paths: list[str], count: int) -> str:
    named = ", ".join(f"`{shortened(one_line(path), 80)}`" for path in paths[:_NAMED])
    more = f" and {count - _NAMED} more" if count > _NAMED and paths else ""
    return f"{count} files do not parse and were not checked{': ' if named else ''}{named}{more}"


def _finding(document: Document, part: _Part, record: Object) -> Finding:
    check = text(record.get("check_id"))
    if not check:
        raise document.unreadable("has a failed check without `check_id`")
    framework = text(part.said.get("check_type"))
    details = obj(record.get("vulnerability_details"))
    name, guideline = text(record.get("check_name")), text(record.get("guideline"))
    category = CATEGORIES.get(framework.removesuffix("_2"), Category.IAC)
    if category is Category.IAC and framework.startswith("sast"):
        category = Category.CODE
    common = Finding(
        category=category,
        tool=TOOL,
        rule=Rule(check, name, help_uri=guideline),
        rated=severity.first_known(
            severity.by_word(record.get("severity"), "severity"),
            severity.by_word(details.get("severity"), "vulnerability_details.severity"),
            severity.by_score(details.get("cvss"), "vulnerability_details.cvss"),
        ),
        message=name or check,
        location=_location(record, has_snippet=category in (Category.IAC, Category.CODE)),
    )
    return _completed(document, common, record, details)


def _completed(document: Document, common: Finding, record: Object, details: Object) -> Finding:
    if common.category is Category.SECRET:
        # The resource of a secret is its SHA-1, as in detect-secrets, which Checkov runs.
        known = _SHA1.fullmatch(text(record.get("resource")))
        return replace(common, secret=document.digest_of_sha1(known[1]) if known else "")
    if not details:
        return replace(common, resource=text(record.get("resource")))
    package = Package(
        purls.type_of(details.get("package_type")),
        text(details.get("package_name")),
        text(details.get("package_version")),
    )
    if "policy" in details:
        said = text(details.get("license"))
        message = f"{package.name} {package.version} has the licence {said or 'unknown'}"
        return replace(common, category=Category.LICENSE, package=package, license=said, message=message)
    return replace(
        common,
        package=package,
        aliases=texts(details.get("id")),
        fixed_in=_fixes(details),
        message=text(details.get("description")) or f"{text(details.get('id'))} in {package.name} {package.version}",
        published=moment(details.get("published_date")),
        url=text(details.get("link")),
    )


def _fixes(details: Mapping[str, object]) -> tuple[str, ...]:
    said = (details.get("fixed_versions"), details.get("lowest_fixed_version"), details.get("fix_version"))
    return tuple(dict.fromkeys(version for value in said for version in texts(value) if version != UNFIXABLE))


def _location(record: Object, *, has_snippet: bool) -> Location | None:
    # `file_path` is relative to the folder that was scanned, `repo_file_path` to where Checkov was started.
    scanned, started = (relative(text(record.get(key))).lstrip("/") for key in ("file_path", "repo_file_path"))
    path = started if started.endswith(scanned) else scanned
    if not path:
        return None
    span = record.get("file_line_range")
    start, end = (*span, None, None)[:2] if isinstance(span, list) else (None, None)
    return Location(
        path, line(start), end_line=line(end), snippet=_snippet(record.get("code_block")) if has_snippet else ""
    )


def _snippet(block: object) -> str:
    """The lines of a `code_block`, which is a list of pairs of number and text."""
    if not isinstance(block, list):
        return ""
    lines = (pair[1] for pair in block if isinstance(pair, list) and len(pair) == 2)
    return "".join(one for one in lines if isinstance(one, str))[:TEXT_LIMIT]


READER = Reader("checkov", recognises, read)
