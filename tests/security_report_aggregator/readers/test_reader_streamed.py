from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.reports_at_hand import made

from actionkit.errors import Unreadable
from actionkit.jsonstream import CLOSED
from security_report_aggregator.readers.streamed import ANY, LIST, pieces, spelled

SHAPES = (("runs", LIST, "found", LIST), ("packages", ANY), ("site", LIST, "alerts", LIST), ("site", "alerts", LIST))


def test_records_come_one_by_one_with_their_place() -> None:
    document = made({"name": "a", "runs": [{"found": [{"id": 1}, {"id": 2}]}], "packages": {"x": [1]}})
    told = [(piece.shape, piece.path, piece.value) for piece in pieces(document, *SHAPES) if piece.value is not CLOSED]
    assert told == [
        (("name",), ("name",), "a"),
        (("runs", LIST, "found", LIST), ("runs", 0, "found", 0), {"id": 1}),
        (("runs", LIST, "found", LIST), ("runs", 0, "found", 1), {"id": 2}),
        (("packages", ANY), ("packages", "x"), [1]),
    ]


@pytest.mark.parametrize("site", [{"alerts": [{"a": 1}]}, [{"alerts": [{"a": 1}]}]])
def test_a_place_may_be_a_list_or_an_object_where_two_shapes_say_so(site: object) -> None:
    values = [piece.value for piece in pieces(made({"site": site}), *SHAPES) if piece.value is not CLOSED]
    assert values == [{"a": 1}]


@pytest.mark.parametrize("content", [{"runs": None}, {"runs": [{"found": None}]}, {"runs": []}, {}])
def test_null_or_nothing_is_an_empty_list(content: object) -> None:
    assert not [piece for piece in pieces(made(content), *SHAPES) if isinstance(piece.value, dict)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"runs": 5}, "`runs` is no list"),
        ({"runs": {"a": {"found": []}}}, "`runs` is no list"),
        ({"runs": {}}, "`runs` is no list"),
        ({"runs": [{"found": {}}]}, r"`runs\[0\].found` is no list"),
        ({"packages": []}, "`packages` is no object"),
        ({"runs": [[{"found": []}]]}, r"`runs\[0\]` is no object"),
        ({"runs": [None]}, r"`runs\[0\]` is no object"),
        ({"runs": [{"found": {"a": {}}}]}, r"`runs\[0\].found` is no list"),
        ({"runs": [{"found": [{}, 7]}]}, r"`runs\[0\].found\[1\]` is no object"),
        ({"runs": [{"found": "text"}]}, r"`runs\[0\].found` is no list"),
        ({"packages": [1]}, "`packages` is no object"),
        ({"packages": 1}, "`packages` is no object"),
        ({"site": "https://example.org"}, "`site` is no list"),
        ([{"runs": []}], "`the report` is no object"),
    ],
)
def test_a_container_of_another_kind_is_refused_by_name(content: object, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        list(pieces(made(content), *SHAPES))


def test_a_place_is_spelled_as_its_users_write_it() -> None:
    assert spelled(("Results", 0, "Vulnerabilities", 12)) == "Results[0].Vulnerabilities[12]"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["runs", "found", "packages", "site", "alerts", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON.filter(lambda value: isinstance(value, dict | list)))
@settings(max_examples=100)
def test_no_record_is_lost_in_whatever_is_read(content: object) -> None:
    try:
        read = [piece.value for piece in pieces(made(content), *SHAPES) if piece.shape == SHAPES[0]]
    except Unreadable:
        return
    runs = content.get("runs") if isinstance(content, dict) else None
    # An empty object where a list belongs holds no record.
    listed = [record for run in runs or [] for record in run.get("found") or []] if isinstance(runs, list) else []
    assert json.dumps(read) == json.dumps([record for record in listed if isinstance(record, dict)])
