"""JSON that nobody vouches for is either what it seems or unreadable."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from actionkit.jsondoc import DEEPEST, decode, has, mapping, outline, parse, sequence, text, utf8, whole


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b'{"a": 1,\n"b": [1, 2', "truncated", 2),
        (b'{"a": "b', "truncated", 1),
        (b'{\n\n"a": }', "is not JSON: Expecting value", 3),
        (b'{"a": 1} {', "is not JSON: Extra data", 1),
        (b"[]", "the document is a list, not an object", None),
        (b"null", "the document is null, not an object", None),
        (b'"x"', "the document is a string", None),
        (b"true", "the document is true or false", None),
        (b'{"a": NaN}', "the number NaN", None),
        (b'{"a": -Infinity}', "the number -Infinity", None),
        (b'{"a": ' + b"1" * 5000 + b"}", "is not a JSON document", None),
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice", None),
        (b'{"\xff": 1}', "is not UTF-8 text", 1),
        (b'{"a":\n"\xe9"}', "is not UTF-8 text", 2),
        (b'{"a": "\0"}', "is not JSON: Invalid control character", 1),
        (b'{"a":' * 100_000, "nested too deeply to be a report a tool writes", None),
        (b"\xff\xfe{\0", "truncated", 1),
        (b"\xff\xfe{", "is not UTF-8 text", 1),
    ],
)
def test_a_document_that_is_damaged_is_unreadable(data: bytes, reason: str, line: int | None) -> None:
    with pytest.raises(Unreadable, match=reason) as raised:
        parse("r.json", data)
    assert (raised.value.name, raised.value.line) == ("r.json", line)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_read_over(encoding: str) -> None:
    data = '{"ä": 1}'.encode(encoding)
    assert decode("r.json", data) == '{"ä": 1}'
    assert parse("r.json", data) == {"ä": 1}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_is_no_text_is_named_with_its_line(mark: bytes) -> None:
    with pytest.raises(Unreadable, match="is not UTF-8 text") as raised:
        decode("r.txt", mark + b"a\nb\xff\n\n")
    assert (raised.value.name, raised.value.line) == ("r.txt", 2)


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda plain: not plain.startswith("\ufeff")))
def test_text_is_the_same_in_every_encoding_a_tool_writes(plain: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert decode("r.txt", plain.encode(encoding)) == plain
    assert utf8(plain.encode("utf-16")) == plain.encode()


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_an_object_or_unreadable(data: bytes) -> None:
    try:
        found = parse("r.json", data)
    except Unreadable:
        return
    assert isinstance(found, dict)


def test_values_of_other_types_are_named() -> None:
    for check, value, reason in (
        (mapping, [], "x is a list, not an object"),
        (sequence, {}, "x is an object, not a list"),
        (whole, "1", "x is a string, not a whole number"),
        (whole, True, "x is true or false"),
        (whole, 1.5, "x is a number, not a whole number"),
    ):
        with pytest.raises(Unreadable, match=reason):
            check("r", value, "x")
    assert (whole("r", 3.0, "x"), whole("r", -2, "x"), text(3), text("a")) == (3, -2, "", "a")


def test_the_outline_of_a_document_is_the_paths_of_its_keys() -> None:
    found = outline(b'{"a": {"b": [{"c": "d: {", "e": 1}], "f\\"": 2}, "g": [[1]]}')
    assert found == {
        ("a",),
        ("a", "b"),
        ("a", "b", "[]"),
        ("a", "b", "[]", "c"),
        ("a", "b", "[]", "e"),
        ("a", 'f\\"'),
        ("g",),
        ("g", "[]"),
        ("g", "[]", "[]"),
    }
    assert has(found, "*", "b")
    assert not has(found, "b")


def test_the_outline_of_half_a_document_is_that_of_its_beginning() -> None:
    whole_one = json.dumps({"a": {"b": [{"c": "d"}]}, "e": {"f": 1}}).encode()
    for cut in range(len(whole_one)):
        assert outline(whole_one[:cut]) <= outline(whole_one)


def test_an_outline_goes_so_deep_and_no_deeper() -> None:
    assert max(map(len, outline(b'{"a":' * 1000))) == DEEPEST
    assert max(map(len, outline(b'{"a":' + b"[" * 60_000))) <= DEEPEST + 1
