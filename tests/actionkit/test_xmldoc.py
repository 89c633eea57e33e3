"""XML is read safely: nothing is fetched, nothing expands, and what is broken is named with its line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actionkit.errors import Unreadable
from actionkit.xmldoc import Attributes, Elements, Malformed, parse, root_of, whole, whole_or_none


def texts_of(data: bytes, root: str = "r") -> list[str]:
    found: list[str] = []
    parse("r.xml", data, Elements(root=root, opens={}, texts={"t": found.append}))
    return found


def refusal(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        texts_of(data)
    return caught.value


def test_elements_open_and_close_and_give_their_text() -> None:
    seen: list[object] = []

    def note(what: str) -> Callable[[Attributes], None]:
        return lambda attributes: seen.append((what, attributes))

    elements = Elements(
        root="r",
        opens={"r": note("r"), "a": note("a")},
        closes={"a": lambda: seen.append("end of a")},
        texts={"t": seen.append},
        comment=seen.append,
    )
    parse("r.xml", b'<r x="1"><!-- hi --><a y="&lt;"/><t> one <b>two</b></t>ignored<t/></r>', elements)
    assert seen == [("r", {"x": "1"}), " hi ", ("a", {"y": "<"}), "end of a", " one two", ""]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "UTF-8"), ("latin-1", "ISO-8859-1"), ("cp1252", "windows-1252"), ("utf-16", "UTF-16")],
)
def test_a_document_is_read_in_the_encoding_it_declares(encoding: str, declared: str) -> None:
    document = f'<?xml version="1.0" encoding="{declared}"?><r><t>Größe</t></r>'
    assert texts_of(document.encode(encoding)) == ["Größe"]


@pytest.mark.parametrize("declared", ["no-such-encoding", "Shift_JIS"])
def test_an_encoding_that_cannot_be_read_is_named(declared: str) -> None:
    error = refusal(f'<?xml version="1.0" encoding="{declared}"?><r/>'.encode())
    assert "encoding" in error.reason


def test_namespaces_do_not_matter() -> None:
    assert texts_of(b'<n:r xmlns:n="urn:x"><n:t>a</n:t></n:r>') == ["a"]
    assert texts_of(b'<r xmlns="urn:x"><t>a</t></r>') == ["a"]


def test_a_doctype_is_accepted_and_its_dtd_never_fetched() -> None:
    assert texts_of(b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/r.dtd"><r><t>a</t></r>') == ["a"]
    assert texts_of(b'<!DOCTYPE r PUBLIC "-//X//DTD//EN" "r.dtd"[]><r><t>a</t></r>') == ["a"]


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://127.0.0.1:1/a.dtd">%a;',
        '<!NOTATION n SYSTEM "n"><!ENTITY a SYSTEM "x" NDATA n>',
    ],
)
def test_a_document_that_declares_an_entity_is_refused(subset: str) -> None:
    error = refusal(f"<!DOCTYPE r [\n{subset}]><r><t>&a;</t></r>".encode())
    assert "entity" in error.reason
    assert error.line == 2


def test_a_reference_to_an_entity_of_an_unread_dtd_is_refused() -> None:
    error = refusal(b'<!DOCTYPE r SYSTEM "r.dtd">\n<r>\n<t>&secret;</t></r>')
    assert "&secret;" in error.reason
    assert error.line == 3


@pytest.mark.parametrize(
    "data", [b"<r>\n<t>a", b"<r>\n<t", b"<r>\n", b"<r>\n<t a='", b"<r>\n<t><![CDATA[x", b"<r>\n\xc3"]
)
def test_a_document_that_stops_early_says_so_with_its_line(data: bytes) -> None:
    error = refusal(data)
    assert "ends before </r>" in error.reason
    assert error.line == 2


@pytest.mark.parametrize("data", [b"<r>\n<t></r>", b"<r>\n<t a='1' a='2'/></r>", b"<r>\n\0</r>", b"<r/>\n<r/>", b"{}"])
def test_what_is_no_xml_says_so_with_its_line(data: bytes) -> None:
    error = refusal(data)
    assert "not well-formed XML" in error.reason
    assert error.line == 1 + data.count(b"\n")


def test_another_root_is_named() -> None:
    assert refusal(b"<html/>").reason == "has the root element <html>, not <r>"


def test_a_complaint_of_the_format_gets_the_line_it_is_about() -> None:
    def complain(_attributes: Attributes) -> None:
        raise Malformed("is odd")

    with pytest.raises(Unreadable) as caught:
        parse("r.xml", b"<r>\n\n<a/></r>", Elements(root="r", opens={"a": complain}))
    assert str(caught.value) == "r.xml:3: is odd"


@pytest.mark.parametrize("text", ["12", "12.0", "12.", "+12"])
def test_whole_numbers_may_be_written_as_floats(text: str) -> None:
    assert whole({"n": text}, "n", "a") == 12


@pytest.mark.parametrize("text", ["", "1.5", "x", "1e3", "NaN", "1_0", "\u0661", "9" * 30])
def test_what_is_no_whole_number_is_named(text: str) -> None:
    assert whole_or_none(text) is None
    with pytest.raises(Malformed, match="no whole number"):
        whole({"n": text}, "n", "a")


def test_a_missing_number_is_named() -> None:
    with pytest.raises(Malformed, match="a <line> has no `hits`"):
        whole({}, "hits", "line")


@pytest.mark.parametrize(
    ("head", "name", "child"),
    [
        (b"<a/>", "a", ""),
        (b"<?xml version='1.0'?>\n<!-- <x> --><!DOCTYPE a [<!ELEMENT a ANY>]>\n<a b='c'>\n<d", "a", "d"),
        (b"<n:a xmlns:n='u'><!-- c --><n:d>", "a", "d"),
        ('<?xml version="1.0"?><a><d/></a>'.encode("utf-16"), "a", "d"),
        ("<a><d/></a>".encode("utf-16-le"), "a", "d"),
        ("<a><d/></a>".encode("utf-16-be"), "a", "d"),
    ],
)
def test_the_root_shows_in_the_first_bytes(head: bytes, name: str, child: str) -> None:
    root = root_of(head)
    assert root is not None
    assert (root.name, root.child) == (name, child)


@pytest.mark.parametrize(
    "head", [b"", b"{}", b"SF:a.c\nDA:1,1", b"<!-- never closed", b"<!---->" * 9000, b"\xff\xfe\x00"]
)
def test_no_root_shows_in_other_bytes(head: bytes) -> None:
    assert root_of(head) is None
