"""Semgrep's JSON: code and supply chain results of `semgrep scan --json` and `semgrep ci`.

The format: https://github.com/semgrep/semgrep-interfaces, semgrep_output_v1.atd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from security_report_aggregator import purls
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Level, Location, Package, Rule, Scan
from security_report_aggregator.readers import semgrep_supply_chain, strict
from security_report_aggregator.readers.fields import Object, line, moment, numbers_of_cwes, obj, text, texts
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.remarks import capped, one_line
from security_report_aggregator.readers.streamed import LIST, pieces, spelled
from security_report_aggregator.severity import WORDS, by_word

TOOL = "semgrep"
RESULT = ("results", LIST)
WORDS_OF_RULES = {**WORDS, "experiment": Level.LOW, "inventory": Level.LOW}
"""ERROR, WARNING and INFO are Semgrep's high, medium and low; rules that look around and judge nothing are low."""

WITHHELD = "requires login"
"""What stands for `fingerprint` and `lines` where the user is not logged in."""

UNSCANNED = re.compile(
    r"syntax error|lexical error|parse ?error|partialparsing|ast builder|timeout|out of memory|oom |fatal error"
    r"|matching error|too many matches|fixpoint",
    re.IGNORECASE,
)
"""Types of errors that leave code unscanned, though Semgrep calls most of them warnings."""

PASSWORDS = frozenset({259, 321, 522, 798})
"""CWEs of credentials in code: the reported line quotes them, so it is not kept."""


def recognises(document: Document) -> bool:
    """Whether a Semgrep result, a run of Semgrep without any, or a page of its supply chain API stands in the head."""
    if semgrep_supply_chain.recognises(document):
        return True
    if document.kind is not Kind.OBJECT or document.has("runs") or not document.has("results", LIST):
        return False
    if document.has(*RESULT, "check_id") and document.has(*RESULT, "extra"):
        return True
    top = {path[0] for path in document.keys}
    is_run = "paths" in top or top == {"results", "errors"}
    has_results = any(path[:2] == RESULT and len(path) > 2 for path in document.keys)
    return is_run and document.has("errors", LIST) and not has_results


def read(document: Document) -> tuple[Scan, ...]:
    """One scan. Raises Unreadable."""
    if semgrep_supply_chain.recognises(document):
        return semgrep_supply_chain.read(document)
    rest: dict[str, object] = {}
    rules: dict[tuple[str, str], Rule] = {}
    findings: list[Finding] = []
    for shape, path, value in pieces(document, RESULT):
        if shape == RESULT:
            findings.append(_finding(document, obj(value), spelled(path), rules))
        elif path:
            rest[str(path[0])] = value
    strict.require_list(document, rest, "results")
    gaps, notes = _errors(document, rest)
    return (
        Scan(
            document.name,
            TOOL,
            text(rest.get("version")),
            READER.name,
            tuple(findings),
            gaps=capped(gaps),
            notes=(*capped(notes), *_skipped(rest)),
        ),
    )


def _finding(document: Document, result: Object, where: str, rules: dict[tuple[str, str], Rule]) -> Finding:
    own, extra = text(result.get("check_id")), obj(result.get("extra"))
    if not own:
        raise document.unreadable(f"`{where}` has no check_id")
    metadata = obj(extra.get("metadata"))
    rule = _rule(own, metadata, rules)
    dependency = obj(obj(extra.get("sca_info")).get("dependency_match"))
    package = _package(obj(dependency.get("found_dependency")))
    is_secret = _is_secret(own, extra, metadata)
    shown = "" if is_secret or PASSWORDS & set(rule.cwes) else text(extra.get("lines"))
    fingerprint = text(extra.get("fingerprint"))
    word = metadata.get("sca-severity") if package else None
    return Finding(
        Category.DEPENDENCY if package else Category.SECRET if is_secret else Category.CODE,
        TOOL,
        rule,
        by_word(word or extra.get("severity"), "severity of the rule", words=WORDS_OF_RULES),
        text(extra.get("message")) or own,
        _in_lockfile(dependency) if package else _in_code(result, "" if shown == WITHHELD else shown),
        package,
        ids_in(metadata.get("sca-vuln-database-identifier"), metadata.get("cve")) if package else (),
        tuple(_fixed(metadata, package)) if package else (),
        suppressed="ignored in the source (nosemgrep)" if extra.get("is_ignored") is True else "",
        published=moment(metadata.get("publish-date")),
        url=rule.help_uri,
        fingerprint="" if fingerprint == WITHHELD else fingerprint,
        confidence=text(metadata.get("confidence")),
    )


def _rule(own: str, metadata: Object, rules: dict[tuple[str, str], Rule]) -> Rule:
    cwes = numbers_of_cwes(metadata.get("cwe"))
    address = text(metadata.get("source")) or text(metadata.get("shortlink"))
    uri = address if address.startswith(("https://", "http://")) else ""
    rule = Rule(own, own.rpartition(".")[2], "", uri, cwes, texts(metadata.get("owasp")))
    return rules.setdefault((own, uri), rule)


def _is_secret(own: str, extra: Object, metadata: Object) -> bool:
    validated = text(extra.get("validation_state")) not in ("", "NO_VALIDATOR")
    return validated or ".secrets." in own or "secrets" in texts(metadata.get("technology"))


def _in_code(result: Object, shown: str) -> Location | None:
    start, end = obj(result.get("start")), obj(result.get("end"))
    path = relative(text(result.get("path")))
    if not path:
        return None
    return Location(
        path, line(start.get("line")), line(start.get("col")), line(end.get("line")), line(end.get("col")), shown
    )


def _in_lockfile(dependency: Object) -> Location | None:
    path = relative(text(dependency.get("lockfile")))
    return Location(path, line(obj(dependency.get("found_dependency")).get("line_number"))) if path else None


def _package(found: Object) -> Package | None:
    name = text(found.get("package"))
    return Package(purls.type_of(found.get("ecosystem")), name, text(found.get("version"))) if name else None


def _fixed(metadata: Object, package: Package) -> Iterator[str]:
    """`sca-fix-versions` lists objects of package name and version."""
    fixes = metadata.get("sca-fix-versions")
    for one in fixes if isinstance(fixes, list) else []:
        for name, version in obj(one).items():
            if purls.same_name(package.type, name) == purls.same_name(package.type, package.name):
                yield from texts(version)


def _errors(document: Document, rest: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Gaps and notes. A rule that did not run and code that was not scanned are gaps; the other warnings are notes."""
    gaps: list[str] = []
    notes: list[str] = []
    for error in strict.objects(document, rest, "errors"):
        kind = _kind(error.get("type"))
        path, rule = relative(text(error.get("path"))), text(error.get("rule_id"))
        what = path or (f"with the rule {rule[:80]}" if rule else "everything")
        said = one_line(error.get("short_msg")) or one_line(error.get("message")) or one_line(error.get("long_msg"))
        if error.get("level") == "error" or UNSCANNED.search(kind):
            gaps.append(f"did not scan {what}: {said or kind}")
        else:
            notes.append(f"{kind or 'warning'}{f' in {path}' if path else ''}: {said}")
    return gaps, notes


def _kind(type_: object) -> str:
    """A type is its name, or a list of its name and what belongs to it."""
    if isinstance(type_, list) and type_:
        type_ = type_[0]
    return one_line(type_)


def _skipped(rest: Mapping[str, object]) -> Iterator[str]:
    skipped = obj(rest.get("paths")).get("skipped")
    if isinstance(skipped, list) and skipped:
        reasons = sorted({text(obj(one).get("reason"))[:60] for one in skipped} - {""})
        yield f"{len(skipped)} files were skipped: {', '.join(reasons[:10]) or 'no reason is given'}"
    rules = rest.get("skipped_rules")
    if isinstance(rules, list) and rules:
        yield f"{len(rules)} rules were skipped"


READER = Reader("semgrep", recognises, read)
