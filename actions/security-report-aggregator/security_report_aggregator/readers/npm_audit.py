"""`npm audit --json` of npm 6 and of 7 and later, nested in `npm audit fix --json` and `npm install --json` too; pnpm.

npm 6 and pnpm write whole advisories. From 7 on a report is a graph: the `via` of a package mixes names of other
packages in the report with the advisories themselves (https://docs.npmjs.com/cli/commands/npm-audit).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

from security_report_aggregator import tools
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Finding, Level, Scan
from security_report_aggregator.readers import npm_advisories, strict
from security_report_aggregator.readers.fields import Object, obj, text
from security_report_aggregator.readers.remarks import capped, one_line, unknown_version
from security_report_aggregator.readers.streamed import ANY, LIST, pieces, spelled
from security_report_aggregator.severity import by_word

TOOL = "npm-audit"
PNPM = "pnpm-audit"
NESTED = "audit"

SHAPES = (
    ("advisories", ANY),
    ("vulnerabilities", ANY),
    # Read past one by one: npm 6 lists every path of every action, which may be most of the report.
    ("actions", LIST),
)

REPORT_VERSION = 2
"""Of npm 7 and later; npm 6 writes none."""

REFUSED = frozenset({"message", "method", "uri", "headers", "statusCode", "body", "error"})
"""The keys of the object that npm writes when the registry does not answer an audit (lib/utils/audit-error.js)."""


def recognises(document: Document) -> bool:
    """Whether an audit of npm or pnpm stands in the head, or the error that they write instead."""
    if document.kind is not Kind.OBJECT or document.has("type") or document.has("runs"):
        return False
    return any(_is_audit(document, *prefix) for prefix in ((), (NESTED,))) or _is_error(document)


def _is_audit(document: Document, *prefix: str) -> bool:
    if document.has(*prefix, "advisories") and not document.has(*prefix, "advisories", LIST):
        return any(document.has(*prefix, key) for key in ("metadata", "muted", "actions"))
    return document.has(*prefix, "auditReportVersion") and document.has(*prefix, "vulnerabilities")


def _is_error(document: Document) -> bool:
    top = {path[0] for path in document.keys}
    coded = document.has("error", "code") and (document.has("error", "summary") or document.has("error", "message"))
    return (coded and top == {"error"}) or ("message" in top and top <= REFUSED)


@dataclass(slots=True)
class _Audit:
    """What is met on the way. `packages` are those with an entry, counted by level in `tally`; `named` are names in
    `via` and whose they are."""

    tool: str
    findings: dict[tuple[object, ...], Finding] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    tally: Counter[Level] = field(default_factory=Counter)
    named: dict[str, str] = field(default_factory=dict)
    paths: int = 0
    rest: dict[str, object] = field(default_factory=dict)


def read(document: Document) -> tuple[Scan, ...]:
    """One scan; a finding for each advisory of a package. Raises Unreadable, with npm's own words where it failed."""
    if _is_error(document):
        _fail(document, obj(document.json()))
    prefix = () if _is_audit(document) else (NESTED,)
    return (audit(document, prefix),)


def audit(document: Document, prefix: tuple[str, ...] = ()) -> Scan:
    """The scan of the audit under `prefix`. Raises Unreadable."""
    label = tools.normalised(document.label) if document.label else ""
    held = _Audit(label if label in (PNPM, "yarn-audit") else TOOL)
    shapes = tuple((*prefix, *shape) for shape in SHAPES)
    for shape, path, value in pieces(document, *shapes):
        if shape == shapes[0]:
            _advisory(document, held, obj(value), spelled(path))
        elif shape == shapes[1]:
            _vulnerability(document, held, str(path[-1]), obj(value), spelled(path))
        elif len(path) == len(prefix) + 1 and path[: len(prefix)] == prefix:
            held.rest[str(path[-1])] = value
    if "error" in held.rest:
        _fail(document, held.rest)
    strict.require_object(
        document, held.rest, "advisories" if "advisories" in held.rest else "vulnerabilities", *prefix
    )
    lost, note = _disagreement(held)
    return Scan(
        document.name,
        held.tool,
        "",
        READER.name,
        tuple(replace(finding, tool=held.tool) for finding in held.findings.values()),
        gaps=capped([*_version(held), *lost, *_dangling(held)]),
        notes=note,
        tally=held.tally if held.packages else None,
    )


def _advisory(document: Document, held: _Audit, advisory: Object, where: str) -> None:
    paths = npm_advisories.paths_of(document, advisory, where)
    held.paths += len(paths)
    if any(_is_pnpm(path) for path in paths):
        held.tool = PNPM
    held.findings[(where,)] = npm_advisories.whole(document, advisory, where, held.tool)


def _is_pnpm(path: str) -> bool:
    """pnpm's paths begin with the project in the workspace: `.>express`, `packages/shop>express`."""
    first = path.split(">", 1)[0].strip()
    return first.startswith(".") or ("/" in first and not first.startswith("@"))


def _vulnerability(document: Document, held: _Audit, name: str, entry: Object, where: str) -> None:
    held.packages.add(name)
    held.tally[by_word(entry.get("severity"), "severity").level] += 1
    sources = entry.get("via")
    if not isinstance(sources, list):
        raise document.unreadable(f"`{where}.via` is no list")
    for at, source in enumerate(sources):
        if isinstance(source, str):
            held.named.setdefault(source, name)
        elif isinstance(source, dict):
            found = npm_advisories.via(document, source, f"{where}.via[{at}]", held.tool, entry.get("fixAvailable"))
            own = source.get("source")
            key = own if isinstance(own, int | str) else (found.rule.id, found.message)
            held.findings.setdefault((key, source.get("name")), found)
        else:
            raise document.unreadable(f"`{where}.via[{at}]` is neither a name nor an advisory")


def _dangling(held: _Audit) -> list[str]:
    """A package that is vulnerable through one that the report does not list has lost its advisory."""
    lost = [name for name in held.named if name not in held.packages]
    return [f"says that {held.named[name]} is vulnerable through {name}, and nothing about {name}" for name in lost]


def _version(held: _Audit) -> list[str]:
    version = held.rest.get("auditReportVersion", REPORT_VERSION)
    return [] if version == REPORT_VERSION else [unknown_version("auditReportVersion", version)]


def _disagreement(held: _Audit) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A gap and a note. npm 7 counts packages; npm 6 counts the paths to them, pnpm advisories.

    What npm 7 counts and does not list is lost, and so is all that npm 6 counts where it lists nothing; pnpm leaves out
    what it is told to ignore.
    """
    counts = obj(obj(held.rest.get("metadata")).get("vulnerabilities"))
    numbers = {key: count for key, count in counts.items() if isinstance(count, int) and not isinstance(count, bool)}
    total = numbers.get("total", sum(numbers.values()))
    listed = {len(held.packages)} if "vulnerabilities" in held.rest else {held.paths, len(held.findings)}
    if not numbers or total in listed:
        return (), ()
    said = (f"its metadata counts {total} vulnerabilities, and it lists {max(listed)}",)
    is_whole_list = "vulnerabilities" in held.rest or (max(listed) == 0 and held.tool != PNPM)
    return (said, ()) if is_whole_list and total > max(listed) else ((), said)


def _fail(document: Document, said: Mapping[str, object]) -> NoReturn:
    error = obj(said.get("error"))
    words = (error.get("code"), error.get("summary"), error.get("message"), error.get("detail"), said.get("message"))
    told = ": ".join(dict.fromkeys(one_line(word) for word in words if one_line(word)))
    raise document.unreadable(
        f"is no audit but an error of the scanner: {told or text(said.get('error')) or 'no reason'}"
    )


READER = Reader("npm-audit", recognises, read)
