"""`.trivyignore.yaml`. https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from actionkit import yamlcore
from actionkit.errors import InputError, Unreadable
from actionkit.origin import Origin
from actionkit.scope import Scope
from actionkit.yamlcore import Keys, dotted
from security_report_aggregator import purls
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.ignores.formats import IgnoreFormat, Named, expiry, named, reason_of
from security_report_aggregator.model import Category
from security_report_aggregator.waiver import Waiver

LIMIT = 256 * 1024
"""Bytes; the reader of YAML takes more than a second for as much."""

_CATEGORIES = {
    "vulnerabilities": (),
    "misconfigurations": (Category.IAC,),
    "secrets": (Category.SECRET,),
    "licenses": (Category.LICENSE,),
}
_KEYS = ("id", "paths", "purls", "expired_at", "statement")
_SECTION = re.compile(rf"^(?:{'|'.join(_CATEGORIES)})\s*:", re.MULTILINE)


def _recognises(document: Document) -> bool:
    if document.kind is not Kind.TEXT:
        return False
    name = PurePosixPath(document.name).name
    return ("trivyignore" in name and name.endswith((".yaml", ".yml"))) or bool(_SECTION.search(document.head))


def _read(document: Document) -> tuple[Waiver, ...]:
    if len(document.data) > LIMIT:
        raise document.unreadable(f"is larger than {LIMIT:,} bytes")
    return tuple(_Reading(document).waivers())


class _Reading:
    """One file on its way to waivers; every complaint names the line."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._yaml = yamlcore.read(document.data)
        for flaw in self._yaml.flaws:
            raise document.unreadable(f"{flaw.message} ({flaw.fix})", flaw.line)

    def waivers(self) -> Iterator[Waiver]:
        for section, entries in self._yaml.value.items():
            if section not in _CATEGORIES:
                raise self._wrong((section,), f"is no key; accepted: {', '.join(_CATEGORIES)}")
            for at, entry in enumerate(self._list((section,), entries)):
                yield self._waiver((section, at), entry)

    def _waiver(self, keys: Keys, entry: object) -> Waiver:
        if not isinstance(entry, dict):
            raise self._wrong(keys, "is no mapping with an `id`")
        for key in entry:
            if key not in _KEYS:
                raise self._wrong((*keys, key), f"is no key; accepted: {', '.join(_KEYS)}")
        identifier = self._text((*keys, "id"), entry.get("id"))
        section = str(keys[0])
        is_advisory = section == "vulnerabilities"
        what = named("trivy", identifier) if is_advisory else Named(rules=(f"trivy/{identifier}",))
        return Waiver(
            Origin(identifier[:100], self._document.name, self._yaml.line_of(keys)),
            reason_of(self._text((*keys, "statement"), entry["statement"])) if entry.get("statement") else "",
            ids=what.ids,
            rules=what.rules,
            packages=self._packages(keys, entry),
            scope=self._scope((*keys, "paths"), entry.get("paths")),
            categories=_CATEGORIES[section],
            until=self._until((*keys, "expired_at"), entry.get("expired_at")),
            source="trivyignore",
        )

    def _packages(self, keys: Keys, entry: Mapping[str, Any]) -> tuple[str, ...]:
        key = (*keys, "purls")
        given = self._texts(key, entry.get("purls"))
        if given and keys[0] != "vulnerabilities":
            raise self._wrong(key, "counts for vulnerabilities only")
        for at, one in enumerate(given):
            if purls.parse(one) is None:
                raise self._wrong((*key, at), "is no package URL such as `pkg:npm/lodash@4.17.20`")
        return given

    def _scope(self, keys: Keys, value: object) -> Scope:
        try:
            return Scope.of(self._texts(keys, value))
        except InputError as error:
            raise self._wrong(keys, f"holds no glob: {error.wrong}") from None

    def _until(self, keys: Keys, value: object) -> date | None:
        if value is None:
            return None
        try:
            return expiry(self._text(keys, value))
        except ValueError:
            raise self._wrong(keys, "is no day such as `2027-01-31`") from None

    def _list(self, keys: Keys, value: object) -> list[object]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(keys, "is no list")
        return value

    def _texts(self, keys: Keys, value: object) -> tuple[str, ...]:
        return tuple(self._text((*keys, at), one) for at, one in enumerate(self._list(keys, value)))

    def _text(self, keys: Keys, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(keys, "is no text" if value is not None else "is missing")
        return value.strip()

    def _wrong(self, keys: Keys, what: str) -> Unreadable:
        at = keys
        while at and self._yaml.line_of(at) is None:
            at = at[:-1]
        return self._document.unreadable(f"`{dotted(keys)}` {what}", self._yaml.line_of(at))


FORMAT = IgnoreFormat(_recognises, _read)
