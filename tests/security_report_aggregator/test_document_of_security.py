"""A report as a document: how it begins, its keys, its lines, its digests; and fields that nobody vouches for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from security_report_aggregator.document import HEAD_SIZE, Document, Kind
from security_report_aggregator.readers import fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def document(data: bytes | str, key: bytes = b"key") -> Document:
    return Document("report", data.encode() if isinstance(data, str) else data, key=key)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (' \n{"a": 1}', Kind.OBJECT),
        ("[1]", Kind.ARRAY),
        ("\t<a/>", Kind.XML),
        ("a,b", Kind.TEXT),
        ("", Kind.TEXT),
        (b"\xff\xfe\x00", Kind.TEXT),
    ],
)
def test_the_first_character_that_is_no_blank_says_what_it_is(data: bytes | str, kind: Kind) -> None:
    assert document(data).kind is kind


def test_keys_are_those_of_the_head_though_the_document_is_cut_there() -> None:
    made = document('{"runs": [{"tool": {"driver": 1}}], "pad": "' + "x" * HEAD_SIZE + '", "late": 1}')
    assert made.has("runs", "[]", "tool", "driver")
    assert not made.has("tool")
    assert not made.has("late")
    assert len(made.head) == HEAD_SIZE


def test_only_xml_has_a_root() -> None:
    found = document('<?xml version="1.0"?><OWASPZAPReport version="2"><site/>').root
    assert found is not None
    assert document('{"a": "<b/>"}').root is None


def test_a_document_is_read_whole_or_piece_by_piece_and_says_what_is_wrong() -> None:
    assert document('{"a": [1, 2]}').json() == {"a": [1, 2]}
    assert (("a", 1), 2) in list(document('{"a": [1, 2]}').walk(("a", "[]")))
    with pytest.raises(Unreadable, match="report"):
        document('{"a": ').json()
    error = document("").unreadable("is no report", 3)
    assert (error.name, error.reason, error.line) == ("report", "is no report", 3)


@given(st.lists(st.binary(max_size=5)))
def test_lines_are_those_that_are_not_blank_with_their_numbers(parts: list[bytes]) -> None:
    data = b"\n".join(parts)
    assert list(document(data).lines()) == [
        (number, line.strip()) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()
    ]


def test_a_digest_is_equal_for_one_secret_and_says_nothing_to_another_run() -> None:
    import hashlib

    secret = "s3cr3t"
    here, there = document("", b"one").digest(secret), document("", b"two").digest(secret)
    assert here == document("other", b"one").digest(secret)
    assert here != there
    sha1 = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
    assert document("", b"one").digest_of_sha1(f" {sha1.upper()} ") == here
    assert sha1 not in here
    assert document("").digest("\ud800")
    assert secret not in repr(document(secret, secret.encode()))


# Fields


def test_objects_are_those_of_a_list_and_anything_else_is_refused_by_name() -> None:
    made = document("")
    assert list(fields.objects(made, [{"a": 1}, {}], "results")) == [{"a": 1}, {}]
    assert list(fields.objects(made, None, "results")) == []
    for value, said in (({}, "`results` is no list"), ("x", "is no list"), ([{}, 1], r"`results\[1\]` is no object")):
        with pytest.raises(Unreadable, match=said):
            list(fields.objects(made, value, "results"))


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), ("x" * 5000, "x" * 4000), (7, "7"), (7.5, "7.5"), (True, ""), (None, ""), ([], ""), ("\ud800é", "?é")],
)
def test_a_text_is_a_text_or_a_number_and_never_absurdly_long(value: object, text: str) -> None:
    assert fields.text(value) == text


def test_texts_are_a_list_or_one_each_once() -> None:
    assert fields.texts(["b", " a ", "b", "", None, 3]) == ("b", "a", "3")
    assert fields.texts("a") == ("a",)
    assert fields.texts({"a": 1}) == fields.texts(None) == ()
    assert fields.obj([]) == fields.obj(None) == {}
    assert fields.obj({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        *((1, 1), ("12", 12), (3.0, 3), (0, None), (-1, None), (True, None), ("x", None), ("0", None)),
        *((2**31, None), (1.5, None), (float("inf"), None), (float("nan"), None), ("9" * 5000, None), ("\u0661", None)),
    ],
)
def test_a_line_is_a_number_from_1(value: object, line: int | None) -> None:
    assert fields.line(value) == line


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-21T12:00:00Z", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21T13:00:00+01:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21 12:00:00 UTC", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21T12:00:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        *[("", None), ("soon", None), ("x" * 50, None), (None, None), (True, None), (1e300, None), ([], None)],
        *[(float("nan"), None), (10**400, None)],
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_a_moment_is_a_date_or_seconds_and_in_utc(value: object, moment: datetime | None) -> None:
    assert fields.moment(value) == moment


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (("CWE-79",), (79,)),
        ((["CWE-79: XSS", "external/cwe/cwe-089"], 22), (22, 79, 89)),
        (({"id": "CWE-1"}, {"cweid": "2"}, {"cwe": 3}, {"x": 4}), (1, 2, 3)),
        (("79", 0, True, None, 99999, "nothing", "9" * 5000), (79,)),
        (([["CWE-5"]],), ()),
    ],
)
def test_cwes_are_numbers_however_they_are_written(values: tuple[Any, ...], numbers: tuple[int, ...]) -> None:
    assert fields.numbers_of_cwes(*values) == numbers


@given(JSON)
def test_whatever_the_value_no_field_raises(value: Any) -> None:
    fields.text(value)
    fields.texts(value)
    fields.line(value)
    fields.moment(value)
    fields.numbers_of_cwes(value)
    fields.obj(value)
