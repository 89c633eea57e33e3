"""Records of one family of weakness at one place in a file: one weakness, whichever scanners report it.

All records that start on one line are one place, and so are all that name one resource. Places of *different* scanners
whose line ranges overlap, or which start within one line of each other, are one; a scanner that reports two lines
means two. Among infrastructure checks a record without a line stands for the first place of its file. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from security_report_aggregator.families import family
from security_report_aggregator.model import Category, Finding
from security_report_aggregator.rows import Lines, Row, key_of

NEAR = 1
"""Scanners disagree by a line about where a statement starts."""

LOOK_BACK = 8
"""Places before a place that it may be one with: bounds the work for a file full of long ranges."""


@dataclass(slots=True)
class Place:
    """Findings that are of one place. `starts` are the first lines by scanner; `start` is 0 where no line is known."""

    start: int
    end: int
    findings: list[Finding]
    resource: str = ""
    starts: dict[str, int] = field(default_factory=dict)


def rows(findings: Iterable[Finding], lines: Lines) -> Iterator[Row]:
    """The weaknesses of these records. Linear but for sorting within a file and family."""
    buckets: dict[tuple[str, str], list[Finding]] = {}
    families: dict[tuple[str, str, tuple[int, ...]], str] = {}
    for finding in findings:
        rule = finding.rule
        looked_for = (finding.tool, rule.id, rule.cwes)
        name = families.get(looked_for)
        if name is None:
            name = families[looked_for] = family(finding.tool, rule)
        buckets.setdefault((finding.location.path if finding.location else "", name), []).append(finding)
    while buckets:
        (path, name), members = buckets.popitem()
        yield from _of_bucket(path, name, members, lines)


def _of_bucket(path: str, name: str, findings: list[Finding], lines: Lines) -> Iterator[Row]:
    seen: dict[str, int] = {}
    for place in joined(_places(path, findings), NEAR):
        anchor = _anchor(path, place, lines)
        ordinal = seen.get(anchor, 0)
        seen[anchor] = ordinal + 1
        yield Row(key_of("place", name, path, anchor, str(ordinal)), place.findings)


def _places(path: str, findings: list[Finding]) -> list[Place]:
    """One place for each resource, for each first line, and for each fingerprint where there is no line."""
    places: dict[tuple[str, str | int], Place] = {}
    for finding in findings:
        start, end = extent(finding)
        resource = _resource(path, finding)
        known = ("resource", resource) if resource else ("line", start or finding.fingerprint)
        place = places.get(known)
        if place is None:
            places[known] = Place(start, end, [finding], resource, {finding.tool: start})
            continue
        place.findings.append(finding)
        place.start = min(place.start or start, start or place.start)
        place.end = max(place.end, end)
        before = place.starts.get(finding.tool, start)
        place.starts[finding.tool] = min(before or start, start or before)
    return list(places.values())


def extent(finding: Finding) -> tuple[int, int]:
    """The first and the last line; zeros where none is known."""
    at = finding.location
    if at is None or not at.line:
        return 0, 0
    return at.line, max(at.line, at.end_line or 0)


def _resource(path: str, finding: Finding) -> str:
    """The resource in lower case; "" for none, and for Checkov's `/Dockerfile.RUN`, which is no more than the file."""
    if not finding.resource:
        return ""
    name = path.rpartition("/")[2]
    if name and finding.resource.rpartition("/")[2].startswith(f"{name}."):
        return ""
    return finding.resource.lower()


def joined(places: list[Place], near: int) -> list[Place]:
    """The places with those of different scanners that are one put together, in the order of their lines.

    Two are one if their ranges overlap or their first lines are at most `near` apart; the nearest first line wins.
    """
    if len(places) < 2:
        return places
    kept: list[Place] = []
    lineless: list[Place] = []
    for place in sorted(places, key=_order):
        if not place.start:
            lineless.append(place)
            continue
        found = _counterpart(place, kept[-LOOK_BACK:], near)
        if found is None:
            kept.append(place)
        else:
            _absorb(found, place)
    for place in lineless:
        if kept and not place.resource and place.findings[0].category is Category.IAC:
            _absorb(kept[0], place)
        else:
            kept.append(place)
    return kept


def _order(place: Place) -> tuple[int, int, str, list[tuple[str, int]], str]:
    fingerprint = "" if place.start else min(finding.fingerprint for finding in place.findings)
    return place.start, place.end, place.resource, sorted(place.starts.items()), fingerprint


def _counterpart(place: Place, before: list[Place], near: int) -> Place | None:
    best: Place | None = None
    for other in before:
        apart = place.start - other.start
        nearer = best is None or apart < place.start - best.start
        if nearer and (place.start <= other.end or apart <= near) and _agree(place, other):
            best = other
    return best


def _agree(place: Place, other: Place) -> bool:
    """Not two resources, and no scanner that means two different lines."""
    if place.resource and other.resource and place.starts.keys() & other.starts.keys():
        return False
    return all(other.starts.get(tool, start) == start for tool, start in place.starts.items())


def _absorb(kept: Place, place: Place) -> None:
    kept.findings.extend(place.findings)
    kept.end = max(kept.end, place.end)
    kept.resource = min(filter(None, (kept.resource, place.resource)), default="")
    for tool, start in place.starts.items():
        kept.starts.setdefault(tool, start)


def _anchor(path: str, place: Place, lines: Lines) -> str:
    """What the id hangs on: the resource, else the source line, the reported snippet, the scanner's own fingerprint,
    and the line number only where nothing else is known."""
    if place.resource:
        return key_of("resource", place.resource)
    first = [finding for finding in place.findings if extent(finding)[0] == place.start]
    if place.start and path and all(finding.location and finding.location.is_file for finding in first):
        text = " ".join((lines(path, place.start) or "").split())
        if text:
            return key_of("text", text)
    snippets = [text for finding in first if finding.location and (text := _first_line(finding.location.snippet))]
    if snippets:
        return key_of("text", min(snippets))
    fingerprints = [finding.fingerprint for finding in first if finding.fingerprint]
    if fingerprints:
        return key_of("fingerprint", min(fingerprints))
    return key_of("line", str(place.start))


def _first_line(snippet: str) -> str:
    return next((" ".join(line.split()) for line in snippet.splitlines() if line.strip()), "")
