"""`.trivyignore`: one id a line. https://trivy.dev/latest/docs/configuration/filtering/#trivyignore"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import PurePosixPath

from actionkit.origin import Origin
from security_report_aggregator.alias_groups import advisory_in
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.ignores.formats import IgnoreFormat, expiry, named, reason_of
from security_report_aggregator.waiver import Waiver

ENTRIES = 100_000
"""Entries of one list; whoever writes more has generated it."""

_ENTRY = re.compile(r"(?P<id>[A-Za-z0-9][A-Za-z0-9._:+-]*)(?:\s+exp:[0-9-]+)?(?:\s+#.*)?")
_EXPIRES = "exp:"


def _recognises(document: Document) -> bool:
    if document.kind is not Kind.TEXT:
        return False
    name = PurePosixPath(document.name).name
    return ("trivyignore" in name and not name.endswith((".yaml", ".yml"))) or _is_list_of_ids(document.head)


def _is_list_of_ids(head: str) -> bool:
    """Nothing but ids, and at least one that names a weakness."""
    found = False
    for line in head.splitlines():
        plain = line.strip()
        if plain and not plain.startswith("#"):
            entry = _ENTRY.fullmatch(plain)
            if entry is None:
                return False
            found = found or bool(advisory_in(entry["id"]))
    return found


def _read(document: Document) -> tuple[Waiver, ...]:
    found = tuple(islice(_waivers(document), ENTRIES + 1))
    if len(found) > ENTRIES:
        raise document.unreadable(f"holds more than {ENTRIES:,} entries", found[-1].origin.line)
    return found


def _waivers(document: Document) -> Iterator[Waiver]:
    comments: list[str] = []
    is_used = False
    for number, raw in enumerate(io.BytesIO(document.data), start=1):
        plain = raw.decode().strip()
        if plain.startswith("#"):
            if is_used:
                comments, is_used = [], False
            comments.append(plain.lstrip("# \t"))
        elif not plain:
            comments, is_used = [], False
        else:
            yield _waiver(document, number, plain, " ".join(comments))
            is_used = True


def _waiver(document: Document, number: int, plain: str, above: str) -> Waiver:
    entry, mark, behind = plain.partition(" #")
    identifier, *options = entry.split()
    until = _until(document, number, options)
    what = named("trivy", identifier)
    return Waiver(
        Origin(identifier[:100], document.name, number),
        reason_of(behind if mark else above),
        ids=what.ids,
        rules=what.rules,
        until=until,
        source="trivyignore",
    )


def _until(document: Document, number: int, options: list[str]) -> date | None:
    until: date | None = None
    for option in options:
        if not option.startswith(_EXPIRES):
            raise document.unreadable(
                f"{option[:80]!r} behind an id is no option; `{_EXPIRES}2027-01-31` is one", number
            )
        try:
            until = expiry(option.removeprefix(_EXPIRES))
        except ValueError:
            raise document.unreadable(f"{option[:80]!r} is no day such as `{_EXPIRES}2027-01-31`", number) from None
    return until


FORMAT = IgnoreFormat(_recognises, _read)
