"""VEX: what OpenVEX and CycloneDX have in common. Statements in, waivers out; the newest word on a package counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json.decoder import JSONDecodeError
from urllib.parse import unquote

from actionkit.origin import Origin
from security_report_aggregator.alias_groups import canonical, ids_of
from security_report_aggregator.document import Document
from security_report_aggregator.ignores.formats import reason_of
from security_report_aggregator.purls import SYSTEM_TYPES, same_name
from security_report_aggregator.waiver import Waiver

NOT_AFFECTED = "not_affected"
FIXED = "fixed"
AFFECTED = "affected"
UNDER_INVESTIGATION = "under_investigation"
WAIVING = frozenset({NOT_AFFECTED, FIXED})
STATUSES = (NOT_AFFECTED, AFFECTED, FIXED, UNDER_INVESTIGATION)

PAIRS = 2_000_000
"""Pairs of a weakness and a package that one document may speak of: a few seconds of work."""
OLDEST = datetime.min.replace(tzinfo=UTC)

_DECODER = json.JSONDecoder()
_BLANKS = " \t\r\n"
_PURL_LIMIT = 2000
_TIME_LIMIT = 40

_Key = tuple[str, str]


class RefusedError(ValueError):
    """A statement that cannot be understood; `at` is its place in the list, the message says why."""

    def __init__(self, at: int, reason: str) -> None:
        self.at = at
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: that a weakness (its `ids`, the main one first) has this status in these packages (purls).

    `at` is its place in the document's list. `when` is when it was made; OLDEST if nobody says.
    """

    at: int
    ids: tuple[str, ...]
    purls: tuple[str, ...]
    status: str
    when: datetime
    reason: str = ""
    justification: str = ""


def waivers(document: Document, source: str, key: str, statements: Sequence[Statement]) -> tuple[Waiver, ...]:
    """A waiver for each statement that waives, less the packages on which a statement as new or newer does not.

    Of two statements on one package that both waive, the newest stands. `key` is the list they are in. Raises
    Unreadable for a document of more than PAIRS.
    """
    if sum(len(one.ids) * len(one.purls) for one in statements) > PAIRS:
        raise document.unreadable(f"speaks of more than {PAIRS:,} pairs of weakness and package")
    counting = _Counting(statements)
    lines = element_lines(document.data, key)
    made = []
    for statement in statements:
        packages = counting.packages(statement)
        if packages:
            origin = Origin(f"{key}[{statement.at}]", document.name, lines[statement.at])
            made.append(
                Waiver(
                    origin,
                    reason_of(statement.reason),
                    ids=statement.ids,
                    packages=packages,
                    source=source,
                    status=statement.status,
                    justification=statement.justification,
                )
            )
    return tuple(made)


class _Counting:
    """Which statement counts on which package. Qualifiers do not tell packages apart: reports do not state them."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._keys: dict[str, tuple[str, str]] = {}
        self._open: dict[str, dict[_Key, datetime]] = {}
        self._newest: dict[tuple[str, str], tuple[datetime, int]] = {}
        for statement in statements:
            if statement.status in WAIVING:
                self._note_waiving(statement)
            else:
                self._note_open(statement)

    def packages(self, statement: Statement) -> tuple[str, ...]:
        """Those of the statement's packages that it waives."""
        if statement.status not in WAIVING:
            return ()
        mine = (statement.when, statement.at)
        return tuple(
            purl
            for purl in dict.fromkeys(statement.purls)
            if self._newest[statement.ids[0], purl] == mine and not self._contradicted(statement, purl)
        )

    def _note_waiving(self, statement: Statement) -> None:
        mine = (statement.when, statement.at)
        for purl in statement.purls:
            key = (statement.ids[0], purl)
            if key not in self._newest or self._newest[key] < mine:
                self._newest[key] = mine

    def _note_open(self, statement: Statement) -> None:
        for identifier in statement.ids:
            found = self._open.setdefault(identifier, {})
            for purl in statement.purls:
                base, version = self._key(purl)
                # Under "*" the newest on any version, for a waiver that speaks of all.
                for key in ((base, version), (base, "*")):
                    found[key] = max(statement.when, found.get(key, OLDEST))

    def _contradicted(self, statement: Statement, purl: str) -> bool:
        for identifier in statement.ids:
            found = self._open.get(identifier)
            if found:
                base, version = self._key(purl)
                for key in ((base, version), (base, "")) if version else ((base, "*"),):
                    if key in found and found[key] >= statement.when:
                        return True
        return False

    def _key(self, purl: str) -> tuple[str, str]:
        if purl not in self._keys:
            self._keys[purl] = _package_of(purl)
        return self._keys[purl]


def _package_of(purl: str) -> tuple[str, str]:
    """The package without its version as its ecosystem compares it, and the version."""
    body = purl.removeprefix("pkg:").split("#")[0].split("?")[0].strip("/")
    folder, _, last = body.rpartition("/")
    name, _, version = last.partition("@")
    type_, _, namespace = folder.partition("/")
    type_ = type_.lower()
    whole = name if type_ in SYSTEM_TYPES or not namespace else f"{namespace}/{name}"
    return f"{type_}/{same_name(type_, unquote(whole))}", unquote(version)


def is_purl(text: object) -> bool:
    """Whether a text has the form of a package URL: a type and a name at least."""
    if not isinstance(text, str) or len(text) > _PURL_LIMIT or not text.startswith("pkg:"):
        return False
    type_, slash, name = text[4:].partition("/")
    return bool(type_ and slash and name.strip("/@?# "))


def ids_named(at: int, name: object, aliases: object) -> tuple[str, ...]:
    """The ids of one weakness, `name` first. Raises RefusedError.

    A distribution's advisory among the aliases is left out: it bundles weaknesses of which the statement says nothing.
    """
    if not isinstance(name, str) or not name.strip():
        raise RefusedError(at, "names no vulnerability")
    others = aliases if aliases is not None else []
    if not isinstance(others, list) or not all(isinstance(one, str) for one in others):
        raise RefusedError(at, "has aliases that are no list of texts")
    own = canonical(name)
    links = ids_of((own, *others), "").links if others else (own,)
    return (own, *(one for one in links if one != own)) if own in links else (own,)


def time_of(at: int, value: object) -> datetime | None:
    """The time in UTC, None where there is none. Raises RefusedError for what is no RFC 3339 time."""
    if value is None:
        return None
    try:
        if isinstance(value, str) and len(value) <= _TIME_LIMIT:
            found = datetime.fromisoformat(value.strip())
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise RefusedError(at, f"has a time that is none: {str(value)[:60]!r}")


def element_lines(data: bytes, key: str) -> tuple[int, ...]:
    """The line (from 1) that each element of the list `key` at the top of a JSON object starts on.

    Of a document that ends early or is damaged, those of the elements before. Never raises.
    """
    text = data.decode("utf-8", "replace")
    lines: list[int] = []
    line, counted = 1, 0
    try:
        for position in _elements(text, key):
            line += text.count("\n", counted, position)
            counted = position
            lines.append(line)
    except (ValueError, IndexError, RecursionError):
        pass
    return tuple(lines)


def _elements(text: str, key: str) -> Iterator[int]:
    """The positions of the elements. Raises ValueError, IndexError or RecursionError for what is no JSON."""
    position = _step(text, 0, "{")
    while text[position] != "}":
        found, position = _DECODER.raw_decode(text, position)
        position = _step(text, position, ":")
        if found == key and text[position] == "[":
            position = _step(text, position, "[")
            while text[position] != "]":
                yield position
                _, position = _DECODER.raw_decode(text, position)
                position = _after(text, position)
            return
        _, position = _DECODER.raw_decode(text, position)
        position = _after(text, position)


def _after(text: str, position: int) -> int:
    """Over the comma behind a value, if one is there."""
    position = _over_blanks(text, position)
    return _step(text, position, ",") if text[position] == "," else position


def _step(text: str, position: int, mark: str) -> int:
    position = _over_blanks(text, position)
    if text[position] != mark:
        raise JSONDecodeError(f"Expecting {mark!r}", text, position)
    return _over_blanks(text, position + 1)


def _over_blanks(text: str, position: int) -> int:
    while text[position] in _BLANKS:
        position += 1
    return position
