"""Why a document that no reader recognises is no report, in one sentence that a person can act on.

Only errors are quoted: in at most 200 characters on one line, without credentials in URLs. Other text is not, since a
file named by mistake may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from actionkit import jsonstream
from actionkit.errors import Unreadable
from actionkit.jsonstream import CLOSED
from actionkit.redact import Redactor
from actionkit.untrusted import one_line, shortened
from security_report_aggregator.document import Document, Kind

QUOTED = 200
"""Characters of a document that a reason quotes."""
KEYS = 8
"""Keys of an unknown JSON document that a reason names."""
TAIL = 16 * 1024
"""Bytes of the end of a document that are looked at: a crash says in its last lines what it was."""


class Printed(NamedTuple):
    """What a scanner prints for people: what only it prints, what to call that, and the options for a report."""

    looks: str
    is_what: str
    instead: str


PRINTED = (
    Printed(r"^NAME +INSTALLED +FIXED", "the table of Grype", "-o json"),
    Printed(r"^[│|] *Library *[│|] *Vulnerability|^Total: \d+ \(|^Report Summary$", "the table of Trivy", "-f json"),
    Printed(r"^ *Safety v?\d|^\+ *=+\+$|VULNERABILITIES (?:REPORTED|FOUND)", "text of Safety", "--output json"),
    Printed(r"^# npm audit report|^found \d+ vulnerabilities", "text of npm audit", "--json"),
    Printed(r"^yarn audit v|^\d+ vulnerabilities found - Packages", "text of yarn audit", "--json"),
    Printed(r"^No known vulnerabilities found|^Found \d+ known vulnerab", "text of pip-audit", "--format json"),
    Printed(r"^Run started:|^>> Issue: \[", "text of Bandit", "-f json"),
    Printed(r"^[a-z_]+ scan results:|^Passed checks: \d", "text of Checkov", "-o json"),
    Printed(r"^\S+:\d+ (?:DL|SC)\d{4} ", "text of hadolint", "--format json"),
    Printed(r"Found (?:un)?verified result|TruffleHog\. Unearth", "text of TruffleHog", "--json"),
    Printed(r"leaks found: \d|no leaks found", "text of gitleaks", "--report-format json --report-path report.json"),
    Printed(r"[│|] *(?:Scan Status|Scan Summary|\d+ Code Findings?)|^Ran \d+ rules? on", "text of Semgrep", "--json"),
    Printed(r"[│|] *OSV URL", "the table of OSV-Scanner", "--format json"),
    Printed(r"^ *Name +Version +License\b", "the table of pip-licenses", "--format=json"),
    Printed(r"^Tested \d+ .*dependencies for known|✗ .*severity", "text of Snyk", "--json"),
    Printed(r"^(?:PASS|WARN-NEW|FAIL-NEW): .* \[\d+\]", "text of ZAP", "-J report.json"),
)


class Native(NamedTuple):
    """A scanner's own JSON that is not read here: keys that only it has, its name, and its options for SARIF."""

    keys: frozenset[str]
    name: str
    instead: str


NATIVE = (
    Native(frozenset({"Issues", "GosecVersion"}), "gosec", "-fmt sarif"),
    Native(frozenset({"filename", "location", "end_location", "code"}), "ruff", "--output-format sarif"),
    Native(frozenset({"njsscan_version"}), "njsscan", "--sarif"),
    Native(frozenset({"filePath", "messages", "errorCount"}), "ESLint", "--format @microsoft/eslint-formatter-sarif"),
)

MAGICS = (
    (0, "SQLite format 3", "an SQLite data base"),
    (0, "%PDF", "a PDF"),
    (0, "BZh", "a bzip2 file, which is not unpacked here"),
    (257, "ustar", "a tar archive, which is not unpacked here"),
)

_FAILED_KEYS = ("error", "errors", "Error", "Errors")
_MESSAGE_KEYS = ("message", "Message", "msg", "detail", "summary", "title", "code")
_SMALL = 6
"""Keys of an object that may be a message and nothing else; a report has more."""

_MESSAGE_LINES = 6
"""Lines before the first frame of a stack trace that may hold its message."""

_LOOKED_AT = 1000
"""Keys of an object that are kept: one that nobody knows may have any number."""

_TRACEBACK = re.compile(r"Traceback \(most recent call last\)")
_GO_PANIC = re.compile(r"^(?:panic|fatal error): .*", re.MULTILINE)
_FRAME = re.compile(r"^[ \t]+at \S", re.MULTILINE)
_JAVA_FRAME = re.compile(r"\.java:\d+\)|\((?:Native Method|Unknown Source)\)")
_NOT_FOUND = re.compile(r"^.*(?:command not found|: not found|No such file or directory|is not recognized as).*$", re.M)
_FAILED = re.compile(
    r"^(?:[\[\]0-9T:.,Z+-]+[ \t]+){0,3}\[?(?:unhandled exception|error|fatal|critical)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_USAGE = re.compile(r"^[ \t]*(?:usage|synopsis):", re.IGNORECASE | re.MULTILINE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)
_LFS = "version https://git-lfs.github.com/spec/"
# Lines of a log may start with `[main]` or `[12:30:01]`.
_JSON_START = re.compile(r'\s*+[\[{]\s*+(?:["\[\]{}]|$)')
_JSON_LATER = re.compile(r'^[\[{]\s*(?:"|\[|\{|\]|\}|$)', re.MULTILINE)
_RULED = re.compile(r"^[ \t]*(?:[┌╭╒╔├│║]|\+[-=]{3,}|\|.*\|\s*$|[-=]{10,}\s*$)", re.MULTILINE)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def reason(document: Document) -> str:
    """The sentence, to stand after the document's name. Never raises."""
    if document.kind in (Kind.OBJECT, Kind.ARRAY):
        return _of_json(document)
    if document.kind is Kind.XML:
        return _of_markup(document)
    return _of_text(document)


def failure(text: str) -> str:
    """What a text beside a report says of a failure, to stand after the scanner's name; "" if it says nothing of one.

    Only its beginning and its end are looked at, as of a document.
    """
    seen = text if len(text) <= 2 * TAIL else f"{text[:TAIL]}\n{text[-TAIL:]}"
    for _, said in _crashes(seen):
        return f"crashed with {_quoted(said)}"
    failed = _FAILED.search(seen)
    return f"failed: {_quoted(failed[0])}" if failed else ""


def _quoted(said: str) -> str:
    return shortened(Redactor(()).message(one_line(said[: 4 * QUOTED])), QUOTED)


def _of_json(document: Document) -> str:
    top: dict[str, object] = {}
    count = 0
    try:
        for path, value in document.walk(("*",)):
            if not path or value is CLOSED:
                continue
            count += 1
            if count <= _LOOKED_AT or path[0] in _FAILED_KEYS:
                top[str(path[0])] = value if count == 1 or path[0] in (*_FAILED_KEYS, *_MESSAGE_KEYS) else None
    except Unreadable as error:
        if not _JSON_START.match(document.head):
            return _of_text(document)
        return _of_lines(document) or f"{error.reason}{f' (line {error.line})' if error.line else ''}"
    if document.kind is Kind.ARRAY:
        return _of_list(count, next(iter(top.values()), None))
    return _of_object(top, "is JSON")


def _of_lines(document: Document) -> str:
    """JSON Lines of a format that is not known; "" if the first line is no object of its own."""
    lines = document.lines()
    _, first = next(lines)
    try:
        (_, value), *_ = jsonstream.walk(document.name, first)
    except Unreadable:
        return ""
    return _of_object(value, "holds JSON Lines") if isinstance(value, dict) and next(lines, None) else ""


def _of_list(count: int, first: object) -> str:
    if isinstance(first, Mapping):
        known = _native(first)
        return known or f"is a list of {count} objects with {_named(first)}: no report format that is read here"
    return "is a JSON list without objects: no report format that is read here"


def _of_object(top: Mapping[str, object], what: str) -> str:
    if not top:
        return "is `{}`: the scanner ended without writing a report"
    if known := _native(top):
        return known
    is_message = len(top) <= _SMALL or not top.keys().isdisjoint(_FAILED_KEYS)
    keys = (*_FAILED_KEYS, *_MESSAGE_KEYS[:4]) if is_message else ()
    said = next((message for key in keys if (message := _message(top.get(key)))), "")
    if said:
        return f"holds an error instead of a report: {_quoted(said)}"
    return f"{what} with {_named(top)}: no report format that is read here"


def _native(keys: Mapping[str, object]) -> str:
    found = next((native for native in NATIVE if native.keys <= keys.keys()), None)
    return f"is {found.name}'s own JSON, which is not read here: run it with `{found.instead}`" if found else ""


def _named(keys: Mapping[str, object]) -> str:
    shown = ", ".join(f"`{shortened(one_line(str(key)), 40)}`" for key in list(keys)[:KEYS])
    more = f" and {len(keys) - KEYS} more" if len(keys) > KEYS else ""
    return f"the keys {shown}{more}" if shown else "no keys"


def _message(value: object) -> str:
    """The text of an error, which may be a text, an object that holds one, or a list of either."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        texts = [value[key] for key in reversed(_MESSAGE_KEYS) if isinstance(value.get(key), str) and value[key]]
        return ": ".join(texts)
    return value if isinstance(value, str) else ""


def _of_markup(document: Document) -> str:
    root = document.root
    name = root.name if root else ""
    if name.lower() == "html" or "<!doctype html" in document.head[:1024].lower():
        title = _TITLE.search(document.head)
        titled = f' titled "{_quoted(title[1])}"' if title and title[1].strip() else ""
        return f"is a web page{titled}, not a report: a login or an error page was saved in its place"
    if not name:
        return "starts like XML but is not"
    return f"is XML with the root <{shortened(one_line(name), 40)}>: no report format that is read here"


def _of_text(document: Document) -> str:
    head = document.head
    if binary := _of_binary(head):
        return binary
    if head.startswith(_LFS):
        return "is a pointer of Git LFS, not the file: check out with `lfs: true`"
    tail = document.data[len(head) :][-TAIL:].decode("utf-8", "replace")
    return next(_explanations(f"{head}\n{tail}"))


def _of_binary(head: str) -> str:
    for at, magic, what in MAGICS:
        if head.startswith(magic, at):
            return f"is {what}"
    unprintable = len(_BINARY.findall(head[:4096]))
    return "is binary data, not a report" if unprintable > len(head[:4096]) // 10 else ""


def _explanations(text: str) -> Iterator[str]:
    yield from (f"is {name}, not a report: the scanner crashed with {_quoted(said)}" for name, said in _crashes(text))
    for printed in PRINTED:
        if re.search(printed.looks, text, re.MULTILINE):
            yield f"is {printed.is_what}, made for people: run it with `{printed.instead}`"
    if missing := _NOT_FOUND.search(text):
        yield f"says that the scanner did not start: {_quoted(missing[0])}"
    if failed := _FAILED.search(text):
        yield f"says that the scanner failed: {_quoted(failed[0])}"
    if _USAGE.search(text):
        yield "is the usage text of a command: the scanner did not accept its options"
    if _JSON_LATER.search(text):
        yield "has text before its JSON: keep the log out of the report (`2>` to another file)"
    if _RULED.search(text):
        yield "is a table made for people: run the scanner with its option for JSON or SARIF"
    yield "is plain text of no report format that is read here"


def _crashes(text: str) -> Iterator[tuple[str, str]]:
    for trace in list(_TRACEBACK.finditer(text))[-1:]:
        after = text[trace.end() :].splitlines()[1:]
        ends = (line for line in after if line.strip() and line[0] not in " \t│╭╰")
        yield "a Python traceback", next(ends, "no message")
    if "\ngoroutine " in text:
        yield from (("a Go panic", panic[0]) for panic in _GO_PANIC.finditer(text))
    if frame := _FRAME.search(text):
        before = text[: frame.start()].splitlines()[-_MESSAGE_LINES:]
        said = next((line for line in before if "Error" in line or "Exception" in line), "")
        is_java = _JAVA_FRAME.search(text, frame.start(), frame.start() + 500)
        if said:
            yield ("a Java stack trace" if is_java else "a stack trace of Node.js"), said
