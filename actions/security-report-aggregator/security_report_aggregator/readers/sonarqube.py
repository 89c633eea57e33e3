"""SonarQube: pages of `api/issues/search` and `api/hotspots/search`, alone or several in a list; sonar-report.

Fields: SonarQube's web API documentation, `api/issues` and `api/hotspots`. Vulnerabilities and hotspots are findings,
and since 10.2 whatever has an impact on security; bugs and code smells are counted in a note. A page holds at most 500
entries, so a file that holds fewer than the total is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from actionkit.jsonstream import CLOSED, Path
from security_report_aggregator import severity
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Level, Location, Rated, Rule, Scan
from security_report_aggregator.readers import sonar_report
from security_report_aggregator.readers.fields import NONE, Object, line, obj, objects, text, texts
from security_report_aggregator.readers.remarks import capped, one_line
from security_report_aggregator.readers.streamed import LIST, pieces, spelled

TOOL = "sonarqube"
SEVERITIES = {
    "blocker": Level.CRITICAL,
    "critical": Level.HIGH,
    "major": Level.MEDIUM,
    "minor": Level.LOW,
    "info": Level.LOW,
}
IMPACTS = {
    "blocker": Level.CRITICAL,
    "high": Level.HIGH,
    "medium": Level.MEDIUM,
    "low": Level.LOW,
    "info": Level.LOW,
}
DECIDED = ("FALSE-POSITIVE", "FALSE_POSITIVE", "WONTFIX", "ACCEPTED", "SAFE", "ACKNOWLEDGED", "FIXED", "REMOVED")
"""Resolutions and statuses of what somebody has looked at, or what is gone."""

REPOSITORIES = {
    "ansible": Category.IAC,
    "azureresourcemanager": Category.IAC,
    "cloudformation": Category.IAC,
    "docker": Category.IAC,
    "githubactions": Category.IAC,
    "kubernetes": Category.IAC,
    "secrets": Category.SECRET,
    "terraform": Category.IAC,
}
"""What rules look at, by the part of their key before the colon; all others look at code."""

_LISTS = ("issues", "hotspots")


def recognises(document: Document) -> bool:
    lead = {Kind.OBJECT: (), Kind.ARRAY: (LIST,)}.get(document.kind)
    if lead is None:
        return False
    if sonar_report.recognises(document):
        return True
    if document.has(*lead, "errors", LIST, "msg"):
        return all(path[: len(lead) + 1] in (lead, (*lead, "errors")) for path in document.keys)
    is_paged = document.has(*lead, "paging", "total") or document.has(*lead, "effortTotal")
    has_issues = document.has(*lead, "issues", LIST, "rule") and document.has(*lead, "issues", LIST, "component")
    has_hotspots = document.has(*lead, "hotspots", LIST, "vulnerabilityProbability")
    return has_issues or has_hotspots or (is_paged and any(document.has(*lead, key) for key in _LISTS))


def read(document: Document) -> tuple[Scan, ...]:
    """The scan of one page or of several. Raises Unreadable, with SonarQube's own words where it failed."""
    if sonar_report.recognises(document):
        return (sonar_report.read(document, tool=TOOL, severities=SEVERITIES, categories=REPOSITORIES),)
    pages = _Pages(document)
    pages.take_all()
    return (
        Scan(
            document.name,
            TOOL,
            "",
            "sonarqube",
            tuple(pages.findings()),
            gaps=tuple(pages.gaps()),
            notes=tuple(pages.notes()),
        ),
    )


@dataclass
class _Listed:
    """How many entries of one kind there are, as the server says, and how many of them are here."""

    total: int = 0
    here: int = 0


class _Pages:
    """The pages on their way to findings; the paths of components come after what refers to them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[Finding] = []
        self._paths: dict[str, str] = {}
        self._listed = {name: _Listed() for name in _LISTS}
        self._others: dict[str, int] = {}

    def take_all(self) -> None:
        lead = (LIST,) if self._document.kind is Kind.ARRAY else ()
        shapes = ((*lead, name, LIST) for name in (*_LISTS, "components"))
        page: dict[str, object] = {}
        seen: set[str] = set()
        for shape, path, value in pieces(self._document, *shapes):
            inner = shape[len(lead) :]
            if not inner and value is CLOSED:
                self._end_of_page(page, seen)
                page, seen = {}, set()
            elif inner:
                seen.add(inner[0])
                if len(inner) == 2 and value is not CLOSED:
                    self._take(inner[0], obj(value), path)
                elif value is not CLOSED:
                    page[inner[0]] = value

    def _take(self, name: str, record: Object, path: Path) -> None:
        if name == "components":
            self._paths[text(record.get("key"))] = text(record.get("path"))
            return
        self._listed[name].here += 1
        finding = self._hotspot(record, path) if name == "hotspots" else self._issue(record, path)
        if finding is not None:
            self._found.append(finding)

    def _end_of_page(self, page: Object, seen: set[str]) -> None:
        said = [one_line(error.get("msg")) for error in objects(self._document, page.get("errors"), "errors")]
        if said:
            raise self._document.unreadable(f"is an error of SonarQube instead of a page: {'; '.join(capped(said))}")
        for name in seen.intersection(_LISTS):
            total = line(obj(page.get("paging")).get("total")) or line(page.get("total")) or 0
            self._listed[name].total = max(self._listed[name].total, total)

    def _issue(self, record: Object, path: Path) -> Finding | None:
        """None for what has nothing to do with security."""
        kind = text(record.get("type"))
        impact = next((one for one in _impacts(self._document, record, path) if one), NONE)
        if kind not in ("VULNERABILITY", "SECURITY_HOTSPOT") and not impact:
            self._others[kind] = self._others.get(kind, 0) + 1
            return None
        rated = severity.by_word(record.get("severity"), "severity", words=SEVERITIES)
        if kind != "VULNERABILITY" and impact:
            rated = severity.by_word(impact.get("severity"), "impact on security", words=IMPACTS)
        return self._finding(record, text(record.get("rule")), rated, texts(record.get("tags")), path)

    def _hotspot(self, record: Object, path: Path) -> Finding:
        key = "vulnerabilityProbability"
        rated = severity.by_word(record.get(key), key, words=IMPACTS)
        return self._finding(record, text(record.get("ruleKey")), rated, texts(record.get("securityCategory")), path)

    def _finding(self, record: Object, rule: str, rated: Rated, tags: tuple[str, ...], path: Path) -> Finding:
        component = text(record.get("component"))
        if not rule or not component:
            raise self._document.unreadable(f"`{spelled(path)}` names no rule or no component")
        said = (text(record.get(key)) for key in ("resolution", "issueStatus"))
        decided = next((one for one in said if one in DECIDED), "")
        return Finding(
            category=REPOSITORIES.get(rule.partition(":")[0], Category.CODE),
            tool=TOOL,
            rule=Rule(rule, tags=tags),
            rated=rated,
            message=text(record.get("message")) or rule,
            location=_location(record, component),
            suppressed=f"SonarQube: {decided}" if decided else "",
        )

    def findings(self) -> Iterator[Finding]:
        for finding in self._found:
            at = finding.location or Location("")
            known = self._paths.get(at.path)
            # A component that is listed without a path is a project or a module.
            path = at.path.rpartition(":")[2] if known is None else known or at.path
            yield replace(finding, location=replace(at, path=path, is_file=known != ""))

    def gaps(self) -> Iterator[str]:
        for name, listed in self._listed.items():
            if listed.total > listed.here:
                yield f"{listed.here} of {listed.total} {name} are in the file: the other pages are missing"

    def notes(self) -> Iterator[str]:
        if self._others:
            kinds = ", ".join(f"{count} {_words(kind)}" for kind, count in sorted(self._others.items()))
            yield f"not counted, since they are no security findings: {kinds}"


def _impacts(document: Document, record: Object, path: Path) -> Iterator[Object]:
    for impact in objects(document, record.get("impacts"), f"{spelled(path)}.impacts"):
        if impact.get("softwareQuality") == "SECURITY":
            yield impact


def _words(kind: str) -> str:
    return one_line(kind).replace("_", " ").lower() or "of no type"


def _location(record: Object, component: str) -> Location:
    """With the component for a path. Offsets are characters from 0, the end one behind the last."""
    span = obj(record.get("textRange"))
    return Location(
        component,
        line(record.get("line")) or line(span.get("startLine")),
        _column(span.get("startOffset")),
        line(span.get("endLine")),
        _column(span.get("endOffset")),
    )


def _column(offset: object) -> int | None:
    return line(offset + 1) if isinstance(offset, int) and not isinstance(offset, bool) else None


READER = Reader("sonarqube", recognises, read)
