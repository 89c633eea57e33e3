"""Every kind of ignore file and VEX document that is read. Adding one is adding a module and one line here."""

from __future__ import annotations

from actionkit import jsondoc
from actionkit.errors import Unreadable
from actionkit.untrusted import one_line, shortened
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.ignores import cyclonedx, openvex, osv_scanner, own, trivyignore, trivyignore_yaml
from security_report_aggregator.ignores.formats import IgnoreFormat
from security_report_aggregator.waiver import Waiver

FORMATS: tuple[IgnoreFormat, ...] = (
    openvex.FORMAT,
    cyclonedx.FORMAT,
    own.FORMAT,
    osv_scanner.FORMAT,
    trivyignore_yaml.FORMAT,
    trivyignore.FORMAT,
)
"""Asked in this order. Those that go by a file's name as well come after those that go by its content alone."""

_ACCEPTED = "read are .trivyignore, .trivyignore.yaml, osv-scanner.toml, OpenVEX, CycloneDX VEX and a list `waivers:`"


def read(name: str, data: bytes) -> tuple[Waiver, ...]:
    """The waivers of one file, told apart by its content and then by its name.

    `on_base` is left True: whoever compares with the base branch sets it. VEX statements that a package *is* affected
    waive nothing and are left out. Raises Unreadable(name, reason, line) for what is no ignore file, and for an entry
    that cannot be understood as it was meant: an exception is never guessed.
    """
    document = Document(shortened(one_line(name), 500), jsondoc.decode(name, data).encode())
    for form in FORMATS:
        if form.recognises(document):
            return form.read(document)
    raise Unreadable(document.name, f"{_kind_of(document)}; {_ACCEPTED}")


def _kind_of(document: Document) -> str:
    if not document.data.strip():
        return "is empty"
    if document.root is not None and "cyclonedx" in document.root.attributes.lower():
        return "is CycloneDX in XML, of which only the JSON form is read here"
    if document.kind is Kind.TEXT:
        return "is no ignore file"
    shown = {Kind.OBJECT: "a JSON object", Kind.ARRAY: "a JSON list", Kind.XML: "XML"}[document.kind]
    return f"is {shown} that is no ignore file and no VEX document"
