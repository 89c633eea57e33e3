"""A large document read piece by piece says what it says as a whole, wherever the pieces are cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from actionkit.jsonstream import CHUNK, CLOSED, ELEMENT_LIMIT, Path, Stream, walk, whole

RESULTS = ("runs", "[]", "results", "[]")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
STREAMS: list[tuple[Stream, ...]] = [(), (("*",),), (("[]",),), (("*", "*"), ("[]", "[]", "[]")), (("*",) * 4,)]


def rebuilt(pieces: Iterator[tuple[Path, object]]) -> object:
    """The value that a walk went through. A container that was opened is known by the keys or indexes below it."""
    top: dict[str | int, Any] = {}
    closed: dict[Path, None] = {}
    for path, value in pieces:
        if value is CLOSED:
            closed[path] = None
            holder: Any = top
            for step in ("", *path):
                holder = holder.setdefault(step, {})
        else:
            holder = top
            for step in ("", *path)[:-1]:
                holder = holder.setdefault(step, {})
            holder[("", *path)[-1]] = value
    return assembled(top[""], (), closed)


def assembled(value: Any, path: Path, closed: dict[Path, None]) -> object:
    if path not in closed:
        return value
    members = {key: assembled(one, (*path, key), closed) for key, one in value.items()}
    if members and all(isinstance(key, int) for key in members):
        return [members[at] for at in range(len(members))]
    return members


def same(one: object, other: object) -> bool:
    """Equal, but that an empty container that was opened may have been either kind."""
    if one == {} and other == []:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and type(one) is type(other)


@settings(max_examples=100)
@given(VALUES, LAYOUTS, st.sampled_from(STREAMS))
@example([], {}, (("[]",),))
@example({"a": {}}, {}, (("*", "*"),))
def test_any_value_walks_to_itself(value: object, layout: dict[str, Any], streams: tuple[Stream, ...]) -> None:
    text = json.dumps(value, **layout)
    assert same(rebuilt(walk("r.json", text.encode(), *streams)), json.loads(text))


@settings(max_examples=100)
@given(VALUES, LAYOUTS)
def test_a_whole_document_is_what_the_standard_library_reads(value: object, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    assert same(whole("r.json", text.encode()), json.loads(text))


def cut_after(text: str, at: int) -> bytes:
    """A list of a long text and `text`, so long that the first window ends behind `at` bytes of `text`."""
    data = text.encode()
    padding = CHUNK - len('["",') - at
    return b'["' + b"x" * padding + b'",' + data + b"]"


NUMBER = "-12.5e+30"
PIECES = [NUMBER, "1.25", "10E-2", "true", "null", '"\\ud83d\\ude00é\\n"', "[1,2]", '{"a":[{}]}']


@pytest.mark.parametrize("text", PIECES)
def test_a_value_that_the_window_cuts_is_read_whole(text: str) -> None:
    for at in range(len(text.encode()) + 1):
        second = [value for path, value in walk("r.json", cut_after(text, at), ("[]",)) if path == (1,)]
        assert second == [json.loads(text)], f"cut behind {at} bytes"


@settings(max_examples=25)
@given(VALUES, LAYOUTS, st.data())
def test_the_window_may_end_anywhere(value: object, layout: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value, **layout)
    at = data.draw(st.integers(0, len(text.encode())))
    pieces = (
        (path[1:], piece) for path, piece in walk("r.json", cut_after(text, at), ("[]", "*", "*")) if path[:1] == (1,)
    )
    assert same(rebuilt(pieces), json.loads(text))


def test_the_elements_of_a_stream_come_one_by_one_with_the_end_of_their_list() -> None:
    data = b'{"version": "2", "runs": [{"results": [1, {"a": [2]}], "tool": {}}, {"results": null}, 3]}'
    assert list(walk("r.json", data, RESULTS)) == [
        (("version",), "2"),
        (("runs", 0, "results", 0), 1),
        (("runs", 0, "results", 1), {"a": [2]}),
        (("runs", 0, "results"), CLOSED),
        (("runs", 0, "tool"), {}),
        (("runs", 0), CLOSED),
        (("runs", 1, "results"), None),
        (("runs", 1), CLOSED),
        (("runs", 2), 3),
        (("runs",), CLOSED),
        ((), CLOSED),
    ]


def test_an_object_in_the_place_of_a_list_comes_as_it_is_and_the_other_way_round() -> None:
    assert list(walk("r.json", b'{"runs": {}}', RESULTS)) == [(("runs",), {}), ((), CLOSED)]
    assert list(walk("r.json", b'{"runs": {}}', ("runs", "*"))) == [(("runs",), CLOSED), ((), CLOSED)]
    assert list(walk("r.json", b"[]", ("runs", "[]"))) == [((), [])]
    assert list(walk("r.json", b'{"runs": [[]]}', RESULTS))[:2] == [(("runs", 0), []), (("runs",), CLOSED)]
    assert list(walk("r.json", b"{}", ("[]",))) == [((), {})]


def test_braces_open_objects_only_whatever_their_keys() -> None:
    data = b'{"a": {"x": 1, "y": [2]}, "b": []}'
    assert list(walk("r.json", data, ("{}", "{}"))) == [
        (("a", "x"), 1),
        (("a", "y"), [2]),
        (("a",), CLOSED),
        (("b",), []),
        ((), CLOSED),
    ]


def test_a_star_opens_objects_and_lists() -> None:
    data = b'{"a": {"x": 1}, "b": [2], "c": 3}'
    assert list(walk("r.json", data, ("*", "*"))) == [
        (("a", "x"), 1),
        (("a",), CLOSED),
        (("b", 0), 2),
        (("b",), CLOSED),
        (("c",), 3),
        ((), CLOSED),
    ]


@pytest.mark.parametrize("rest", [b"x", b"\0", b"{}", b"]", b"\nTraceback (most recent call last):"])
def test_text_behind_a_whole_document_is_refused(rest: bytes) -> None:
    with pytest.raises(Unreadable, match="has more text after the end of its JSON"):
        whole("r.json", b"[]" + rest)


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert whole("r.json", b"\xef\xbb\xbf[1]") == [1]


HOSTILE = [
    (b"", "truncated", 1),
    (b" \n ", "truncated", 2),
    (b'{"runs": [', "truncated", 1),
    (b'{"runs":\n[{"results": [{"a": 1}', "truncated", 2),
    (b'{"runs": [{"results": [{"a": "b', "truncated", 1),
    (b'{"runs": [{"results": [1, ]}]}', "is not JSON: Expecting value", 1),
    (b'{"runs": [{"results": [1 2]}]}', "is not JSON: Expecting ','", 1),
    (b'{"runs"\n 1}', "is not JSON: Expecting ':'", 2),
    (b'{"runs": [], }', "is not JSON: Expecting property name", 1),
    (b"{runs: []}", "is not JSON: Expecting property name", 1),
    (b'{"runs": []} {}', "has more text after the end of its JSON", 1),
    (b'{"runs": []}]', "has more text after the end of its JSON", 1),
    (b'{"a": 1,\n"a": 2}', "has the key 'a' twice in one object", 2),
    (b'{"runs": [{"results": [{"b": 1, "b": 2}]}]}', "has the key 'b' twice in one object", 1),
    (b'{"runs": [], "runs": []}', "has the key 'runs' twice in one object", 1),
    (b'{"runs": NaN}', "holds the number NaN, which JSON does not have", 1),
    (b'{"runs": [{"results": [-Infinity]}]}', "holds the number -Infinity", 1),
    (b'{"runs": [{"results": [' + b"9" * 5000 + b"]}]}", "is not JSON any tool writes: Exceeds the limit", 1),
    (b'{"runs": [{"results": ' + b"[" * 200_000, "nested too deeply", None),
    (b'{"runs": ' + b'{"a":' * 200_000, "nested too deeply", None),
    (b'{"runs": "\xff"}', "is not UTF-8 text", None),
    (b'{"runs": "\xe9', "is not UTF-8 text", None),
    (b'{"runs": "\x00"}', "is not JSON: Invalid control character", 1),
    (b'{"runs": "\\x"}', "is not JSON: Invalid \\\\escape", 1),
]


@pytest.mark.parametrize(("data", "reason", "line"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_no_tool_writes_is_refused_by_name(data: bytes, reason: str, line: int | None) -> None:
    with pytest.raises(Unreadable, match=reason) as raised:
        list(walk("r.json", data, RESULTS))
    assert raised.value.name == "r.json"
    assert line is None or raised.value.line == line


def test_the_line_of_a_fault_counts_what_has_left_the_window() -> None:
    data = b'[\n"' + b"x" * CHUNK + b'",\n1,\n"' + b"y" * CHUNK + b'",\n2,\n oops]'
    with pytest.raises(Unreadable, match="is not JSON: Expecting value") as raised:
        list(walk("r.json", data, ("[]",)))
    assert raised.value.line == 6


def test_one_value_without_end_is_refused_before_it_fills_the_memory() -> None:
    data = b'{"runs": [{"results": ["' + b"x" * (2 * ELEMENT_LIMIT)
    with pytest.raises(Unreadable, match="holds one value of more than 16 MiB"):
        list(walk("r.json", data, RESULTS))


def test_a_megabyte_of_blanks_is_stepped_over() -> None:
    blanks = b" \n\t\r" * CHUNK
    assert whole("r.json", blanks + b"[1]" + blanks) == [1]


@settings(max_examples=100)
@given(VALUES, st.data())
def test_damage_is_refused_or_is_json_as_the_standard_library_sees_it(value: object, data: st.DataObject) -> None:
    text = json.dumps(value).encode()
    at = data.draw(st.integers(0, len(text)))
    damaged = text[:at] + data.draw(st.binary(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    try:
        read = whole("r.json", damaged)
    except Unreadable:
        return
    assert same(read, json.loads(damaged.decode()))
