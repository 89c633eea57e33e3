"""CycloneDX VEX in JSON. https://cyclonedx.org/capabilities/vex/ and the schemas from 1.4 on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote

from actionkit.jsondoc import Json
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.ignores import vex
from security_report_aggregator.ignores.formats import IgnoreFormat
from security_report_aggregator.ignores.vex import OLDEST, WAIVING, RefusedError, Statement
from security_report_aggregator.waiver import Waiver

SOURCE = "cyclonedx"
KEY = "vulnerabilities"
STATES = {
    "not_affected": vex.NOT_AFFECTED,
    "false_positive": vex.NOT_AFFECTED,
    "resolved": vex.FIXED,
    "resolved_with_pedigree": vex.FIXED,
    "exploitable": vex.AFFECTED,
    "in_triage": vex.UNDER_INVESTIGATION,
}
"""`analysis.state` -> the status that VEX has for it."""
JUSTIFICATIONS = (
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
)

_BOM_LINK = "urn:cdx:"


@dataclass(frozen=True, slots=True)
class _Bill:
    """The bill of materials that references lead into: purls by `bom-ref` ("" for a component without)."""

    serial: str
    purls: Mapping[str, str]

    def purl(self, reference: str) -> str:
        """ "" if the reference leads to no package URL. A reference may also be one itself, as many tools write."""
        if reference.startswith(_BOM_LINK):
            bill, _, part = reference.removeprefix(_BOM_LINK).partition("#")
            reference = unquote(part)
            if bill.split("/")[0].lower() != self.serial:
                return reference if vex.is_purl(reference) else ""
        return self.purls.get(reference) or (reference if vex.is_purl(reference) else "")


def _recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and (document.has("bomFormat") or document.has(KEY, "[]", "analysis"))


def _read(document: Document) -> tuple[Waiver, ...]:
    try:
        return vex.waivers(document, SOURCE, KEY, _statements(document))
    except RefusedError as error:
        if error.at < 0:
            raise document.unreadable(str(error)) from None
        lines = vex.element_lines(document.data, KEY)
        line = lines[error.at] if error.at < len(lines) else None
        raise document.unreadable(f"`{KEY}[{error.at}]` {error}", line) from None


def _statements(document: Document) -> list[Statement]:
    head: dict[str, object] = {}
    purls: dict[str, str] = {}
    entries: list[tuple[int, Json]] = []
    for path, value in document.walk((KEY, "*"), ("components", "*")):
        if len(path) == 1:
            head[str(path[0])] = value
        elif len(path) == 2 and not isinstance(path[1], int):
            raise RefusedError(-1, f"has `{path[0]}` that are no list")
        elif len(path) == 2 and path[0] == KEY:
            entries.append((cast(int, path[1]), _object(cast(int, path[1]), value)))
        elif len(path) == 2:
            purls.update(_purls([value]))
    if head.get("bomFormat") != "CycloneDX":
        raise RefusedError(-1, "has a `bomFormat` that is not `CycloneDX`")
    if not entries and not document.has(KEY, "[]"):
        raise RefusedError(-1, f"has no list `{KEY}`: it is a bill of materials without VEX")
    metadata = head.get("metadata")
    purls.update(_purls([metadata.get("component")] if isinstance(metadata, dict) else []))
    bill = _Bill(str(head.get("serialNumber") or "").lower().removeprefix("urn:uuid:"), purls)
    return [made for at, entry in entries if (made := _statement(at, entry, bill)) is not None]


def _purls(components: Iterable[object]) -> Iterator[tuple[str, str]]:
    """`bom-ref` and purl of components and all that are nested in them."""
    waiting = list(components)
    while waiting:
        component = waiting.pop()
        if not isinstance(component, dict):
            continue
        reference, purl = component.get("bom-ref"), component.get("purl")
        if isinstance(reference, str):
            yield reference, purl if isinstance(purl, str) and vex.is_purl(purl) else ""
        nested = component.get("components")
        waiting.extend(nested if isinstance(nested, list) else [])


def _statement(at: int, entry: Json, bill: _Bill) -> Statement | None:
    """None for a vulnerability that nobody has analysed."""
    analysis = _object(at, entry.get("analysis"))
    state = analysis.get("state")
    if state is None:
        return None
    status = STATES.get(state) if isinstance(state, str) else None
    if status is None:
        raise RefusedError(at, f"has the state {str(state)[:60]!r}; there are {', '.join(STATES)}")
    references = entry.get("references") or []
    if not isinstance(references, list):
        raise RefusedError(at, "has `references` that are no list")
    ids = vex.ids_named(at, entry.get("id"), [_object(at, one).get("id") for one in references])
    purls = tuple(_affected(at, entry, bill))
    if not purls and status in WAIVING:
        raise RefusedError(at, "leads to no component with a package URL, so it can be matched with nothing")
    justification = _word(at, analysis, "justification")
    if justification and justification not in JUSTIFICATIONS:
        raise RefusedError(at, f"has the justification {justification[:60]!r}, which CycloneDX does not know")
    reason = _word(at, analysis, "detail") or (justification or str(state)).replace("_", " ")
    said = vex.time_of(at, analysis.get("lastUpdated")) or vex.time_of(at, analysis.get("firstIssued"))
    return Statement(at, ids, purls, status, said or OLDEST, reason, justification)


def _affected(at: int, entry: Json, bill: _Bill) -> Iterator[str]:
    affects = entry.get("affects")
    if affects is None:
        return
    if not isinstance(affects, list):
        raise RefusedError(at, "has `affects` that are no list")
    for one in affects:
        reference = _object(at, one).get("ref")
        purl = bill.purl(reference) if isinstance(reference, str) else ""
        if purl:
            yield from _versions(at, purl, _object(at, one).get("versions"))


def _versions(at: int, purl: str, versions: object) -> Iterator[str]:
    """The purl with each of the versions; as it is if it names one, or none are given."""
    bare, question, qualifiers = purl.partition("?")
    if not versions or "@" in bare.rpartition("/")[2]:
        yield purl
        return
    if not isinstance(versions, list):
        raise RefusedError(at, "has `versions` that are no list")
    for one in versions:
        version = _word(at, _object(at, one), "version")
        if not version:
            raise RefusedError(at, "gives a range of versions for a component without one; only versions are read here")
        yield f"{bare}@{version}{question}{qualifiers}"


def _object(at: int, value: object) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RefusedError(at, "holds something else where an object must be")
    return value


def _word(at: int, value: Json, key: str) -> str:
    found = value.get(key)
    if found is not None and not isinstance(found, str):
        raise RefusedError(at, f"has a `{key}` that is no text")
    return (found or "").strip()


FORMAT = IgnoreFormat(_recognises, _read)
