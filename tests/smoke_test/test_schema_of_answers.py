"""Answers held against JSON Schemas of the workspace; nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from smoke_test.schema_check import MOST_ERRORS, Schemas, document
from smoke_test.schema_formats import CHECKED

TEXT = {"type": "string"}
BROKEN = {"properties": {"a": "string"}}
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def files(of: Mapping[str, Any], read: list[str] | None = None) -> Schemas:
    def read_file(path: str) -> bytes:
        if read is not None:
            read.append(path)
        if path not in of:
            raise Unreadable(path, "does not exist")
        return of[path] if isinstance(of[path], bytes) else json.dumps(of[path]).encode()

    return Schemas(read_file)


def breaks(schema: Any, value: Any, **more: Any) -> list[str]:
    others = {name.replace("_json", ".json"): one for name, one in more.items()}
    return [str(one) for one in files({"s/a.json": schema, **others}).mismatches("s/a.json", value)]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (True, 1, []),
        (False, 1, ["$: False schema does not allow 1"]),
        ({"required": ["id"]}, {"id": 1}, []),
        ({"required": ["id"]}, {}, ["$: 'id' is a required property"]),
        ({"items": TEXT}, [1, "a", None], ["$[0]: 1 is not of type 'string'", "$[2]: null is not of type 'string'"]),
        ({"properties": {"b c": {"minimum": 2}}}, {"b c": 1}, ["$['b c']: 1 is less than the minimum of 2"]),
        ({"anyOf": [{"required": ["x"]}, {"properties": {"a": TEXT}}]}, {"a": 1}, ["$.a: 1 is not of type 'string'"]),
        ({"prefixItems": [{"type": "string"}]}, [1], ["$[0]: 1 is not of type 'string'"]),
        ({"$schema": DRAFT_7, "prefixItems": [{"type": "string"}]}, [1], []),
        ({"$schema": DRAFT_7, "items": [{"type": "string"}]}, [1], ["$[0]: 1 is not of type 'string'"]),
        ({"$schema": DRAFT_7[:-1], "k": {"required": ["a"]}, "$ref": "#/k"}, {}, ["$: 'a' is a required property"]),
        ({"$ref": DRAFT_7}, {"type": "objekt"}, ['$.type: "objekt" is not valid under any of the given schemas']),
        ({"type": "string"}, ["x" * 500], ['$: ["' + "x" * 57 + "… is not of type 'string'"]),
    ],
)  # fmt: skip
def test_the_places_that_break_a_schema_are_named(schema: Any, value: Any, expected: list[str]) -> None:
    assert breaks(schema, value) == expected


def test_no_more_than_five_places_are_named() -> None:
    assert len(breaks({"items": {"type": "string"}}, [1] * 1000)) == MOST_ERRORS == 5


def test_references_lead_to_files_beside_and_above_and_to_anchors_and_back() -> None:
    schema = {"properties": {"a": {"$ref": "b.json"}, "c": {"$ref": "../c.json#/$defs/id"}, "d": {"$ref": "#here"}},
              "$defs": {"x": {"$anchor": "here", "type": "null"}}}  # fmt: skip
    other = {"properties": {"up": {"$ref": "a.json#/$defs/x"}, "all": {"$ref": "a.json"}}, "required": ["up"]}
    more = {"s/b_json": other, "c_json": {"$defs": {"id": {"type": "integer"}}}}
    assert breaks(schema, {"a": {"up": None, "all": {"c": 1}}, "c": 1, "d": None}, **more) == []
    assert breaks(schema, {"a": {"up": 1, "all": {"c": "x"}}, "c": "1", "d": 1}, **more) == [
        "$.a.up: 1 is not of type 'null'",
        "$.a.all.c: \"x\" is not of type 'integer'",
        "$.c: \"1\" is not of type 'integer'",
        "$.d: 1 is not of type 'null'",
    ]


def test_a_file_beside_the_id_of_a_schema_is_the_file_beside_the_schema() -> None:
    schema = {"$id": "https://example.com/s/a.json", "$ref": "b.json", "$defs": {"k": {"minProperties": 2}}}
    other = {"$id": "https://example.com/s/b.json", "$ref": "https://example.com/s/a.json#/$defs/k"}
    assert breaks(schema, {}, **{"s/b_json": other}) == ["$: {} does not have enough properties"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (b"{\n a}", "is not JSON: Expecting property name enclosed in double quotes, line 2 column 2"),
        (b"\xff", "is not UTF-8 text from byte 1"),
        (b'{"minimum": NaN}', "is not JSON: NaN is no number of it"),
        (b'{"minimum": ' + b"9" * 5000 + b"}", "a number of 5,000 digits"),
        ([1], "is no JSON Schema: one is an object, or true or false"),
        ({"type": "objekt"}, 'is no valid JSON Schema at $.type: "objekt" is not valid under any of the given schemas'),
        ({"items": {"pattern": "("}}, "is no valid JSON Schema at $.items.pattern: \"(\" is not a 'regex'"),
        ({"$schema": "http://my/own"}, '`$schema` names "http://my/own", which is none of draft-03 to draft-07'),
        ({"$schema": 7}, "`$schema` names 7, which is none of"),
        ({"$ref": "https://h.example/x"}, '`$ref` "https://h.example/x" leads nowhere: s/a.json: nothing is fetched'),
        ({"anyOf": [{"$ref": "nope.json"}]}, '`$ref` "nope.json" leads nowhere: s/nope.json: does not exist'),
        ({"$ref": "list.json"}, '`$ref` "list.json" leads nowhere: s/list.json: is no JSON Schema'),
        ({"$ref": "#/$defs/x"}, '`$ref` "#/$defs/x" leads nowhere'),
        ({"$ref": "#x"}, '`$ref` "#x" leads nowhere'),
        ({"$ref": "#/own/x", "own": {"x": BROKEN}}, '"#/own/x" leads to what is no valid JSON Schema at'),
        ({"$ref": "broken.json#/$defs/x"}, "s/broken.json: is no valid JSON Schema at $.properties.a"),
        ({"$ref": "http://[x"}, '`$ref` "http://[x" leads nowhere'),
        ({"$id": "http://[x", "$ref": "b.json"}, "has an `$id` that is no URL"),
        ({"$dynamicRef": "#x"}, "refers to nothing: "),
        (b'{"not":' * 3000 + b"{}" + b"}" * 3000, "is nested too deeply"),
        (b'{"not":' * 300 + b"{}" + b"}" * 300, "is nested too deeply"),
        (b"[" * 100_000, "is nested too deeply"),
        ({"anyOf": [{"$ref": f"n{number}.json"} for number in range(7)]}, " and 2 more"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_used_says_why(schema: Any, expected: str) -> None:
    with pytest.raises(Unreadable) as caught:
        breaks(schema, {}, **{"s/list_json": [], "s/broken_json": {"$defs": {"x": TEXT}, **BROKEN}})
    assert str(caught.value).startswith("s/a.json: ")
    assert expected in str(caught.value)


def test_an_answer_nested_too_deeply_is_a_mismatch_and_no_crash() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    assert breaks({"additionalProperties": {"$ref": "#"}}, deep) == [
        "$: is nested too deeply to be held against the schema"
    ]


def test_a_schema_is_read_and_compiled_once_whoever_asks_and_so_is_what_is_wrong_with_it() -> None:
    read: list[str] = []
    schemas = files({"a.json": {"$ref": "b.json"}, "b.json": {"type": "object"}, "bad.json": b"{"}, read)

    def ask() -> None:
        assert schemas.mismatches("a.json", {}) == ()
        with pytest.raises(Unreadable):
            schemas.load("bad.json")

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == ["a.json", "b.json", "bad.json"]


def test_secrets_are_taken_out_before_anything_is_cut_short() -> None:
    secret = "s3cret" * 30

    def redacted(text: str) -> str:
        return text.replace(secret, "***")

    schemas = files({"a.json": {"properties": {"x": {"type": "integer"}}, "additionalProperties": False}})
    told = [str(one) for one in schemas.mismatches("a.json", {"x": secret, secret: 1}, redacted)]
    assert len(told) == 2
    assert "s3cret" not in "".join(told)


UUID = "123e4567-e89b-12d3-a456-426614174000"
FORMATS = {
    "date": (["2024-02-29"], ["2023-02-29", "20240229", "2024-2-9"]),
    "date-time": (
        ["2024-02-29T12:00:00Z", "2024-02-29t12:00:00.123456789+01:30", "2016-12-31T23:59:60Z"],
        ["2024-02-29", "2024-02-29T12:00:00", "2024-13-01T00:00:00Z", "2024-02-29T25:00:00Z", "x"],
    ),
    "email": (["a@b.example", "ü@b"], ["a", "a@", "a b@c", "a@b@c"]),
    "hostname": (["a", "a-b.example.com"], ["-a", "a_b", "a..b", "x" * 64, ".".join(["x" * 60] * 5)]),
    "ipv4": (["127.0.0.1"], ["127.0.0.256", "::1", "01.2.3.4"]),
    "ipv6": (["::1"], ["127.0.0.1", "::g"]),
    "regex": (["a+"], ["("]),
    "time": (["12:00:00Z", "23:59:60+00:00"], ["12:00", "12:00:00", "24:00:00Z"]),
    "uri": (["https://h/a?b#c", "urn:isbn:1", "http://[::1]:8/%20"], ["/a", "a b:c", "http://h/%zz", "http://h:x/"]),
    "uuid": ([UUID], [UUID.replace("-", ""), UUID.replace("7", "g")]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CHECKED))
@pytest.mark.parametrize("draft", [DRAFT_7, "https://json-schema.org/draft/2020-12/schema"])
def test_formats_are_checked_in_every_draft(name: str, draft: str) -> None:
    right, wrong = FORMATS[name]
    schema = {"$schema": draft, "items": {"format": name}}
    assert breaks(schema, [*right, 7, None]) == []
    assert [one for one in wrong if not breaks(schema, [one])] == []


def test_a_format_that_is_not_known_says_nothing() -> None:
    assert breaks({"format": "postcode"}, "x") == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(JSON)
def test_what_is_named_is_in_the_document_whatever_it_holds(value: Any) -> None:
    assert breaks({"const": value}, value) == []
    told = breaks({"not": {}}, value)
    assert len(told) == 1
    assert told[0].startswith("$: ")


@settings(max_examples=60)
@given(st.binary(max_size=40))
def test_bytes_that_are_no_json_say_so(body: bytes) -> None:
    try:
        document(body)
        wrong = "is not JSON"
    except ValueError as error:
        wrong = str(error)
    assert wrong.startswith("is not ")
