"""TruffleHog 3 (Go, JSON Lines), TruffleHog 2 (JSON Lines), and trufflehog3 (Python, a JSON array).

TruffleHog 3 writes its log to stderr as JSON of its own; with `2>&1` it stands between the findings and is the only
thing that tells "nothing found" from "nothing scanned". Shapes: `PrintJSON` in pkg/output/json.go; `Issue` in
trufflehog3/models.py; `print_results` of TruffleHog 2.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from security_report_aggregator import diagnosis, severity
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import UNRATED, Finding, Location, Rule, Scan
from security_report_aggregator.readers.fields import Object, line, moment, obj, text
from security_report_aggregator.readers.leaks import digest, leak
from security_report_aggregator.readers.paths import relative
from security_report_aggregator.readers.records import json_lines, listed
from security_report_aggregator.readers.remarks import capped, one_line

TOOL = "trufflehog"
FINISHED = "finished scanning"
"""What TruffleHog 3 logs last."""
IN_FILES = frozenset({"Git", "Filesystem", "Github", "Gitlab", "Bitbucket", "Gerrit", "AzureRepos"})
"""Sources whose `file` is a file of a repository; in others it is one of a bucket, an image or a page."""

_IN_TEXT = re.compile(r'^\{"(?:SourceMetadata|level)":.*(?:"DetectorName"|"logger": ?"trufflehog")', re.MULTILINE)
_RECORD = re.compile(r'\{.*"(?:SourceMetadata|stringsFound)"')
_CONSOLE_LOG = re.compile(r"^\S+\t(?P<level>info|error|warn)\S*\ttrufflehog\t(?P<message>.*)$", re.MULTILINE)


def recognises(document: Document) -> bool:
    if document.kind is Kind.TEXT:
        return bool(_IN_TEXT.search(document.head) or _CONSOLE_LOG.search(document.head))
    prefix = ("[]",) if document.kind is Kind.ARRAY else ()
    version_3 = document.has(*prefix, "SourceMetadata") and document.has(*prefix, "SourceType")
    version_2 = document.has(*prefix, "commitHash") and document.has(*prefix, "diff")
    old_python = document.has(*prefix, "stringsFound") and document.has(*prefix, "reason")
    python = document.has("[]", "rule", "id") and document.has("[]", "secret") and document.has("[]", "path")
    only_log = document.kind is Kind.OBJECT and bool(_IN_TEXT.search(document.head))
    return version_3 or version_2 or old_python or python or only_log


def read(document: Document) -> tuple[Scan, ...]:
    """The scan of any of its three versions. Raises Unreadable."""
    if document.kind is Kind.ARRAY:
        findings = tuple(_finding(document, record) for record in listed(document))
        return (Scan(document.name, TOOL, "", "trufflehog", findings),)
    log = _Log()
    found: list[Finding] = []
    for number, record in json_lines(document):
        if not log.takes(record):
            found.append(_finding(document, obj(record), number))
    return (
        Scan(
            document.name,
            TOOL,
            log.version,
            "trufflehog",
            tuple(found),
            gaps=tuple(log.gaps()),
            notes=tuple(log.notes),
            started=moment(log.started),
        ),
    )


class _Log:
    """What the log lines between the findings say."""

    def __init__(self) -> None:
        self.version, self.started = "", ""
        self.notes: list[str] = []
        self._errors: list[str] = []
        self._speaks = self._finished = False

    def takes(self, record: Object | str) -> bool:
        """Note a line of the log; False for a finding."""
        if isinstance(record, str):
            self._text(record)
            return True
        if "msg" not in record or "level" not in record:
            return False
        self._speaks = True
        self.started = self.started or text(record.get("ts"))
        self.version = self.version or text(record.get("trufflehog_version"))
        message = text(record.get("msg"))
        if message == FINISHED:
            self._finished = True
            if record.get("chunks") == 0:
                self.notes.append("TruffleHog says that it looked at nothing (0 chunks)")
        if text(record.get("level")).startswith(("error", "fatal", "panic")):
            causes = record.get("errors") or record.get("error") or ""
            self._error(f"{message}: {causes}" if causes else message)
        return True

    def gaps(self) -> Iterator[str]:
        yield from capped(self._errors)
        if self._speaks and not self._finished:
            yield f"its log does not say `{FINISHED}`: TruffleHog did not get to its end"

    def _text(self, record: str) -> None:
        if record.startswith("Traceback (most recent call last)"):
            self._error("it crashed: there is a Python traceback between its findings")
        elif failure := diagnosis.failure(record):
            self._error(failure)
        if _RECORD.search(record):
            self._error("a finding stands behind other text on its line, where it is not read")
        if found := _CONSOLE_LOG.fullmatch(record):
            self._speaks = True
            self._finished |= found["message"].startswith(FINISHED)
            if found["level"] == "error":
                self._error(found["message"])

    def _error(self, message: str) -> None:
        self._errors.append(f"TruffleHog reports: {one_line(message)}")


def _finding(document: Document, record: Object, number: int | None = None) -> Finding:
    if "SourceMetadata" in record and text(record.get("DetectorName")):
        return _of_3(document, record)
    if "stringsFound" in record and text(record.get("reason")):
        return _of_2(document, record)
    if obj(record.get("rule")).get("id") and text(record.get("path")):
        return _of_python(document, record)
    raise document.unreadable("has a record that is no finding of any TruffleHog", number)


def _of_3(document: Document, record: Object) -> Finding:
    sources = obj(obj(record.get("SourceMetadata")).get("Data"))
    source, data = next(((name, obj(value)) for name, value in sources.items()), ("", obj(None)))
    return leak(
        TOOL,
        Rule(text(record.get("DetectorName")), description=text(record.get("DetectorDescription"))),
        _location_of_3(source, data),
        secret=digest(document, _raw(record)),
        commit=text(data.get("commit")),
        confidence="verified" if record.get("Verified") is True else "unverified",
        url=text(data.get("link")),
    )


def _location_of_3(source: str, data: Object) -> Location | None:
    path = relative(text(data.get("file")))
    if source in IN_FILES and path:
        return Location(path, line(data.get("line")))
    holder = next((text(data[key]) for key in ("image", "bucket", "repository", "link") if text(data.get(key))), source)
    where = f"{holder}:{path}" if path else holder
    return Location(where, line(data.get("line")), is_file=False) if where else None


def _raw(record: Object) -> str:
    """The secret. `RawV2` adds more parts to it, so that no other scanner would know it."""
    raw = record.get("Raw") or record.get("RawV2")
    if not isinstance(raw, str):
        return ""
    if "DecoderName" in record:
        return raw
    # Before 3.11 or so, when a record had no `DecoderName`, Go wrote the bytes of `Raw` as base64.
    try:
        return base64.b64decode(raw, validate=True).decode()
    except (binascii.Error, ValueError):
        return raw


def _of_2(document: Document, record: Object) -> Finding:
    strings = record.get("stringsFound")
    if not isinstance(strings, list) or not all(isinstance(one, str) for one in strings):
        raise document.unreadable("`stringsFound` is no list of texts")
    path = relative(text(record.get("path")))
    return leak(
        TOOL,
        Rule(text(record.get("reason"))),
        Location(path) if path else None,
        secret=digest(document, "\n".join(dict.fromkeys(strings))),
        commit=text(record.get("commitHash")),
    )


def _of_python(document: Document, record: Object) -> Finding:
    rule = obj(record.get("rule"))
    rated = severity.by_word(rule.get("severity"), "rule.severity")
    # Of a finding in the history, the line is one of the diff; only with no commit it is one of the file.
    commit = text(record.get("commit"))
    return leak(
        TOOL,
        Rule(text(rule.get("id")), text(rule.get("message"))),
        Location(relative(text(record.get("path"))), None if commit else line(record.get("line"))),
        secret=digest(document, record.get("secret")),
        commit=commit,
        rated=rated if rated.said else UNRATED,
    )


READER = Reader("trufflehog", recognises, read)
