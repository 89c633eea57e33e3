"""`osv-scanner.toml`. https://google.github.io/osv-scanner/configuration/"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from actionkit.errors import Unreadable
from actionkit.origin import Origin
from security_report_aggregator import purls
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.ignores.formats import IgnoreFormat, last_day, named, reason_of
from security_report_aggregator.model import Category, Package
from security_report_aggregator.waiver import Waiver

LIMIT = 4 * 1024 * 1024
"""Bytes; the reader of TOML takes seconds for as much."""

DOTS = 200
"""Dots in one line: tomllib takes time and memory by the square of the parts of a dotted key."""

_VULNERABILITIES = (Category.DEPENDENCY, Category.CONTAINER)
_KEYS: Mapping[str, Mapping[str, type]] = {
    "IgnoredVulns": {"id": str, "ignoreUntil": date, "reason": str},
    "PackageOverrides": {
        "name": str,
        "version": str,
        "ecosystem": str,
        "group": str,
        "nameIsRegex": bool,
        "ignore": bool,
        "vulnerability": dict,
        "license": dict,
        "effectiveUntil": date,
        "reason": str,
    },
}
"""The tables that hold exceptions, and what may stand in them. `datetime` is a `date` too."""
_ACTIONS: Mapping[str, Mapping[str, type]] = {
    "vulnerability": {"ignore": bool},
    "license": {"ignore": bool, "override": list},
}
_SETTINGS = ("GoVersionOverride", "ScanGoModVersion")
_TYPES = {str: "a text", bool: "`true` or `false`", date: "a day such as 2027-01-31, without quotes", dict: "a table"}
_TABLE = re.compile(rf"^[ \t]*\[\[[ \t]*({'|'.join(_KEYS)})[ \t]*\]\]", re.MULTILINE)
_PLACE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


def _recognises(document: Document) -> bool:
    # `[[table]]` begins like a JSON list.
    if document.kind not in (Kind.TEXT, Kind.ARRAY):
        return False
    return document.name.endswith(".toml") or bool(_TABLE.search(document.head))


def _read(document: Document) -> tuple[Waiver, ...]:
    if len(document.data) > LIMIT:
        raise document.unreadable(f"is larger than {LIMIT:,} bytes")
    text = document.data.decode()
    return tuple(_Reading(document, text).waivers())


class _Reading:
    def __init__(self, document: Document, text: str) -> None:
        self._document = document
        self._toml = _loaded(document, text)
        self._lines: dict[str, list[int]] = {}
        line, position = 1, 0
        for found in _TABLE.finditer(text):
            line += text.count("\n", position, found.start(1))
            position = found.start(1)
            self._lines.setdefault(found[1], []).append(line)

    def waivers(self) -> Iterator[Waiver]:
        for table, entries in self._toml.items():
            if table in _SETTINGS:
                continue
            if table not in _KEYS:
                raise self._document.unreadable(
                    f"`{table[:80]}` is no key of OSV-Scanner's; accepted: {', '.join((*_KEYS, *_SETTINGS))}"
                )
            if not isinstance(entries, list):
                raise self._document.unreadable(f"`{table}` is no list of tables: write `[[{table}]]`")
            for at, entry in enumerate(entries):
                self._check(table, at, entry, _KEYS[table])
                yield from self._ignored(at, entry) if table == "IgnoredVulns" else self._overridden(at, entry)

    def _ignored(self, at: int, entry: Mapping[str, Any]) -> Iterator[Waiver]:
        identifier = entry.get("id", "").strip()
        if not identifier:
            raise self._wrong("IgnoredVulns", at, "has no `id`")
        what = named("osv-scanner", identifier)
        yield Waiver(
            Origin(identifier[:100], self._document.name, self._line("IgnoredVulns", at)),
            reason_of(entry.get("reason", "")),
            ids=what.ids,
            rules=what.rules,
            until=_until(entry.get("ignoreUntil")),
            source="osv-scanner",
        )

    def _overridden(self, at: int, entry: Mapping[str, Any]) -> Iterator[Waiver]:
        """Nothing for an entry that only states another licence: that is no exception from a policy."""
        table = "PackageOverrides"
        for key, known in _ACTIONS.items():
            self._check(f"{table}", at, entry.get(key, {}), known)
        ignores = entry.get("ignore", False)
        categories: tuple[Category, ...] = ()
        if ignores or entry.get("vulnerability", {}).get("ignore", False):
            categories += _VULNERABILITIES
        if ignores or entry.get("license", {}).get("ignore", False):
            categories += (Category.LICENSE,)
        if categories:
            yield Waiver(
                Origin(entry.get("name", table)[:100], self._document.name, self._line(table, at)),
                reason_of(entry.get("reason", "")),
                packages=(self._package(at, entry),),
                categories=categories,
                until=_until(entry.get("effectiveUntil")),
                source="osv-scanner",
            )

    def _package(self, at: int, entry: Mapping[str, Any]) -> str:
        table = "PackageOverrides"
        name, version, ecosystem = (entry.get(key, "").strip() for key in ("name", "version", "ecosystem"))
        for key in ("group", "nameIsRegex"):
            if entry.get(key):
                why = "reports do not tell, so it would waive more than it says"
                raise self._wrong(table, at, f"ignores by `{key}`, which {why}")
        if not name:
            raise self._wrong(table, at, "names no package, and a whole ecosystem is not waived here")
        if not ecosystem:
            return f"{name}@{version}" if version else name
        purl = purls.purl_of(Package(purls.type_of(ecosystem), name, version))
        if not purl:
            raise self._wrong(table, at, f"is of the ecosystem {ecosystem[:80]!r}, which is not known here")
        return purl

    def _check(self, table: str, at: int, entry: object, known: Mapping[str, type]) -> None:
        if not isinstance(entry, dict):
            raise self._wrong(table, at, "is no table")
        for key, value in entry.items():
            if key not in known:
                raise self._wrong(table, at, f"has an unknown key `{key[:80]}`; accepted: {', '.join(known)}")
            if not isinstance(value, known[key]):
                raise self._wrong(table, at, f"has a `{key}` that is not {_TYPES.get(known[key], 'a list')}")

    def _line(self, table: str, at: int) -> int | None:
        """The line of the n-th `[[table]]`; None where they are written in another way, such as inline."""
        lines = self._lines.get(table, [])
        return lines[at] if len(lines) == len(self._toml[table]) else None

    def _wrong(self, table: str, at: int, what: str) -> Unreadable:
        return self._document.unreadable(f"`{table}[{at}]` {what}", self._line(table, at))


def _until(expires: date | None) -> date | None:
    return last_day(expires) if expires is not None else None


def _loaded(document: Document, text: str) -> dict[str, Any]:
    import tomllib

    for number, written in enumerate(text.split("\n"), start=1):
        if written.count(".") > DOTS:
            raise document.unreadable(f"has more than {DOTS} dots in one line", number)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise document.unreadable("is nested too deeply") from None
    except ValueError as error:
        place = _PLACE.search(str(error))
        reason = " ".join(_PLACE.sub("", str(error)).split())[:200]
        line = int(place[1]) if place and place[1] else None
        raise document.unreadable(f"is not TOML: {reason}", line) from None


FORMAT = IgnoreFormat(_recognises, _read)
