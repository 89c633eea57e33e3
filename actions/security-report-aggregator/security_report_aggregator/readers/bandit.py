"""Bandit's JSON (`bandit -f json`). Severity and confidence are separate axes; `errors` are files it did not check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Location, Rule, Scan
from security_report_aggregator.readers import strict
from security_report_aggregator.readers.fields import Object, line, moment, numbers_of_cwes, obj, text
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import capped, one_line
from security_report_aggregator.readers.streamed import LIST, pieces
from security_report_aggregator.severity import by_word

TOOL = "bandit"
RESULT = ("results", LIST)

_PASSWORD = re.compile(r"(Possible hardcoded password): '(.*)'", re.DOTALL)
"""The message of B105, B106 and B107, which quotes the password."""

_NUMBERED = re.compile(r"\s*([0-9]{1,9}) ?(.*)")
_VERSION = re.compile(r"/en/([0-9]+\.[0-9][0-9a-z.]*)/")


def recognises(document: Document) -> bool:
    """Whether a run of Bandit (`generated_at`, `metrics`) or one of its results stands in the head."""
    if document.kind is not Kind.OBJECT or document.has("runs"):
        return False
    is_run = document.has("errors") and document.has("generated_at") and document.has("metrics")
    return is_run or (document.has(*RESULT, "issue_severity") and document.has(*RESULT, "test_id"))


def read(document: Document) -> tuple[Scan, ...]:
    """One scan. Raises Unreadable."""
    rest: dict[str, object] = {}
    rules: dict[Rule, Rule] = {}
    findings: list[Finding] = []
    for shape, path, value in pieces(document, RESULT):
        if shape == RESULT:
            findings.append(_finding(document, obj(value), rules))
        elif path:
            rest[str(path[0])] = value
    strict.require_list(document, rest, "results")
    versions = (_VERSION.search(rule.help_uri) for rule in rules)
    return (
        Scan(
            document.name,
            TOOL,
            next((found[1] for found in versions if found), ""),
            READER.name,
            tuple(findings),
            gaps=capped(_gaps(document, rest)),
            notes=tuple(_notes(rest)),
            started=moment(rest.get("generated_at")),
        ),
    )


def _finding(document: Document, result: Object, rules: dict[Rule, Rule]) -> Finding:
    message, secret = text(result.get("issue_text")), ""
    if password := _PASSWORD.fullmatch(message):
        message, secret = password[1], document.digest(password[2])
    cwes = numbers_of_cwes(result.get("issue_cwe"))
    rule = Rule(text(result.get("test_id")), text(result.get("test_name")), "", text(result.get("more_info")), cwes)
    return Finding(
        Category.CODE,
        TOOL,
        rules.setdefault(rule, rule),
        by_word(result.get("issue_severity"), "issue_severity"),
        message,
        _location(result, with_source=not secret),
        secret=secret,
        confidence=text(result.get("issue_confidence")),
    )


def _location(result: Object, *, with_source: bool) -> Location | None:
    """Lines count from 1, columns in Bandit from 0. A line that quotes a password is not kept."""
    path = relative(text(result.get("filename")))
    if not path:
        return None
    start = line(result.get("line_number"))
    reported = result.get("line_range")
    lines = [number for one in reported if (number := line(one))] if isinstance(reported, list) else []
    column = result.get("col_offset")
    return Location(
        path,
        start,
        line(column + 1) if start and isinstance(column, int) else None,
        max([start, *lines]) if start else None,
        snippet=_snippet(text(result.get("code")), {*lines, start}) if with_source else "",
    )


def _snippet(code: str, wanted: set[int | None]) -> str:
    """The reported lines of `code`, where each line starts with its number and context stands around them."""
    numbered = (_NUMBERED.fullmatch(one) for one in code.splitlines())
    return "\n".join(found[2] for found in numbered if found and int(found[1]) in wanted)


def _gaps(document: Document, rest: Mapping[str, object]) -> Iterator[str]:
    for error in strict.objects(document, rest, "errors"):
        path = relative(text(error.get("filename"))) or "a file"
        yield f"did not scan {path}: {one_line(error.get('reason')) or 'no reason is given'}"


def _notes(rest: Mapping[str, object]) -> Iterator[str]:
    totals = obj(obj(rest.get("metrics")).get("_totals"))
    if totals.get("loc") == 0:
        yield "no line of code was scanned"
    for key, what in (("nosec", "lines are"), ("skipped_tests", "findings are")):
        count = totals.get(key)
        if isinstance(count, int) and count > 0:
            yield f"{count} {what} silenced with `# nosec`"


READER = Reader("bandit", recognises, read)
