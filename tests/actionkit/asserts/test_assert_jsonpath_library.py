"""A JSONPath in an assert is jsonpath-rfc9535's: what that accepts and selects, through our quoting and templates."""

from __future__ import annotations

import json
from typing import Any

import jsonpath_rfc9535
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.actionkit.asserts.answers import NOW, an_answer

from actionkit.asserts import NothingFound, NotUnderstood, Subject, parse_capture, patterns

DOCUMENT: dict[str, Any] = {
    "a": [3, {"b": "x", "a": None}, {"b": "y", "c d": [1, 2.5, True]}, [[], {}]],
    "b": {"a": "☺", "{{a}}": {"b": 1}, '"': {"\\": 0}, "#": "\n"},
    "": {"'": [0, -1, 1e3]},
}
PIECES = st.sampled_from(
    [
        ".a", ".b", "..a", "..b", "..*", ".*", "[*]", "[0]", "[-1]", "[1:]", "[::-1]", "[0,1]", "['a','b']", "['c d']",
        '["{{a}}"]', "['#']", r"['\\']", r'["\""]', r"['\u263a']", "['']", "['\\'']", "[?@.b]", "[?@.b == 'x']",
        "[?@ > 1 && @ < 1000]", "[?!@.a]", "[?length(@) > 1]", "[?count(@.*) == 2]", "[?match(@.b, '[xy]')]",
        "[?search(@, '☺')]", "[?value(@..b) == 'y']", "[?@.a == null]", "[?@ == $.a[0]]", ".☺", "[ 0 , 1 ]", "\n.a",
        " ", "..", "[", "]", "'", "a", "[01]", "[?@.a = 1]", "[?length(@.*) > 1]", "[-0]", "[?nonsense(@)]", "$", "@",
    ]
)  # fmt: skip
PATHS = st.one_of(
    st.lists(PIECES, max_size=4).map(lambda pieces: "$" + "".join(pieces)),
    st.text(alphabet="$.[]*?@'\"\\ab0:,(){}#\n ☺", max_size=12),
)


def quoted(path: str) -> str:
    """`path` as a string of an assert: whatever could mean something there is escaped."""
    return (
        '"' + "".join(rf"\u{{{ord(one):x}}}" if one in '"\\{' or not one.isprintable() else one for one in path) + '"'
    )


def by_the_library(path: str) -> list[Any] | None:
    """The values of the selected nodes; None for what is no path."""
    try:
        return [node.value for node in jsonpath_rfc9535.compile(path).find(DOCUMENT)]
    except jsonpath_rfc9535.JSONPathError:
        return None


@given(PATHS)
@example("$['{{a}}']['b']")
@example("$['\"']['\\\\']")
@example("$['#']")
@example("$")
def test_it_is_accepted_and_selects_as_the_library_says(path: str) -> None:
    nodes = by_the_library(path)
    query = f"jsonpath {quoted(path)}"
    if nodes is None:
        with pytest.raises(NotUnderstood, match="JSONPath"):
            parse_capture(query)
        return
    subject = Subject(an_answer(json.dumps(DOCUMENT)), NOW)
    capture = parse_capture(query)
    if not nodes:
        with pytest.raises(NothingFound) as raised:
            capture.value(subject)
        assert raised.value.absent
        return
    assert json.dumps(capture.value(subject)) == json.dumps(nodes[0] if len(nodes) == 1 else nodes)
    if not patterns.path(path).singular:
        assert parse_capture(f"{query} count").value(subject) == len(nodes)
