"""OpenVEX 0.0.x and 0.2.0. https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import cast

from actionkit.jsondoc import Json
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.ignores import vex
from security_report_aggregator.ignores.formats import IgnoreFormat
from security_report_aggregator.ignores.vex import NOT_AFFECTED, OLDEST, STATUSES, WAIVING, RefusedError, Statement
from security_report_aggregator.waiver import Waiver

SOURCE = "openvex"
KEY = "statements"
JUSTIFICATIONS = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
"""Section "Status Justifications" of the specification."""

_UNTIMED = datetime.max.replace(tzinfo=OLDEST.tzinfo)
"""Stands for the document's own time until that is read."""


def statements(document: Document) -> tuple[Statement, ...]:
    """Every statement of a document, those that waive nothing included. Raises Unreadable."""
    try:
        return _statements(document)
    except RefusedError as error:
        if error.at < 0:
            raise document.unreadable(str(error)) from None
        lines = vex.element_lines(document.data, KEY)
        line = lines[error.at] if error.at < len(lines) else None
        raise document.unreadable(f"`{KEY}[{error.at}]` {error}", line) from None


def _recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and (document.has(KEY, "[]") or document.has(KEY) or _names_openvex(document))


def _names_openvex(document: Document) -> bool:
    return document.has("@context") and "openvex" in document.head


def _read(document: Document) -> tuple[Waiver, ...]:
    return vex.waivers(document, SOURCE, KEY, statements(document))


def _statements(document: Document) -> tuple[Statement, ...]:
    head: dict[str, object] = {}
    found: list[Statement] = []
    for path, value in document.walk((KEY, "*")):
        if len(path) == 1:
            head[str(path[0])] = value
        elif len(path) == 2 and isinstance(path[1], int):
            found.append(_statement(path[1], value))
        elif len(path) == 2:
            raise RefusedError(-1, f"has `{KEY}` that are no list")
    if "openvex" not in _context(head):
        raise RefusedError(-1, "has no `@context` of OpenVEX")
    if not found and not document.has(KEY, "[]"):
        raise RefusedError(-1, f"has no list `{KEY}`")
    issued = vex.time_of(-1, head.get("timestamp"))
    if issued is None and any(one.when is _UNTIMED for one in found):
        raise RefusedError(-1, "has no `timestamp`, so nobody can tell which of its statements is the newest")
    return tuple(replace(one, when=issued) if one.when is _UNTIMED and issued else one for one in found)


def _context(head: Json) -> str:
    """The `@context`, which JSON-LD lets be one text or several."""
    context = head.get("@context")
    named = context if isinstance(context, list) else [context]
    return " ".join(one.lower() for one in named if isinstance(one, str))


def _statement(at: int, value: object) -> Statement:
    if not isinstance(value, dict):
        raise RefusedError(at, "is no object")
    vulnerability = value.get("vulnerability")
    if isinstance(vulnerability, dict):
        ids = vex.ids_named(at, vulnerability.get("name"), vulnerability.get("aliases"))
    else:  # 0.0.x
        ids = vex.ids_named(at, vulnerability, None)
    status = value.get("status")
    if status not in STATUSES:
        raise RefusedError(at, f"has the status {str(status)[:60]!r}; there are {', '.join(STATUSES)}")
    purls = tuple(_purls(at, value))
    if not purls and status in WAIVING:
        raise RefusedError(at, "names no package by its package URL, so it can be matched with nothing")
    justification, reason = _why(at, value, status)
    when = vex.time_of(at, value.get("timestamp")) or _UNTIMED
    return Statement(at, ids, purls, status, when, reason, justification)


def _why(at: int, value: Json, status: str) -> tuple[str, str]:
    """The justification, and the reason in words."""
    justification = _text(at, value, "justification")
    if justification and justification not in JUSTIFICATIONS:
        raise RefusedError(at, f"has the justification {justification[:60]!r}, which OpenVEX does not know")
    impact, notes, action = (_text(at, value, key) for key in ("impact_statement", "status_notes", "action_statement"))
    if status == NOT_AFFECTED and not (justification or impact):
        raise RefusedError(at, "says `not_affected` without a `justification` or an `impact_statement`")
    return justification, impact or notes or action or justification.replace("_", " ")


def _text(at: int, value: Json, key: str) -> str:
    found = value.get(key)
    if found is not None and not isinstance(found, str):
        raise RefusedError(at, f"has a `{key}` that is no text")
    return (found or "").strip()


def _purls(at: int, value: Json) -> Iterator[str]:
    """The packages that are weak or not: the subcomponents of a product, or the product where none are named.

    Whether this repository is the product is for whoever names the file as an ignore file to know.
    """
    shared = list(_components(at, value, "subcomponents"))  # 0.0.x
    for product in _components(at, value, "products"):
        parts = shared
        if isinstance(product, dict):
            parts = [*shared, *_components(at, product, "subcomponents")]
        for part in parts or [product]:
            yield from _purls_of(at, part)


def _components(at: int, value: Json, key: str) -> list[object]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str | dict) for one in found):
        raise RefusedError(at, f"has `{key}` that are no list of components")
    return cast("list[object]", found)


def _purls_of(at: int, component: object) -> Iterator[str]:
    if isinstance(component, str):
        given: list[object] = [component]
    else:
        fields = cast(Json, component)
        identifiers = fields.get("identifiers") or {}
        if not isinstance(identifiers, dict):
            raise RefusedError(at, "has `identifiers` that are no object")
        given = [identifiers.get("purl"), fields.get("@id")]
    for one in dict.fromkeys(text for text in given if isinstance(text, str) and text.startswith("pkg:")):
        if not vex.is_purl(one):
            raise RefusedError(at, f"names {one[:80]!r}, which is no package URL")
        yield one


FORMAT = IgnoreFormat(_recognises, _read)
