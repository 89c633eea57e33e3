"""JSONPath in asserts selects what RFC 9535 says: the examples of its tables, through the whole grammar."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.actionkit.asserts.answers import an_answer, checked, holds

from actionkit.asserts import parse_assert

BOOKS: list[dict[str, Any]] = [
    {"category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95},
    {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99},
    {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3", "price": 8.99},
    {
        "category": "fiction",
        "author": "J. R. R. Tolkien",
        "title": "The Lord of the Rings",
        "isbn": "0-395-19395-8",
        "price": 22.99,
    },
]
STORE = {"store": {"book": BOOKS, "bicycle": {"color": "red", "price": 399}}}
NAMES = {"o": {"j j": {"k.k": 3}}, "'": {"@": 2}}
WILD = {"o": {"j": 1, "k": 2}, "a": [5, 3]}
LETTERS = ["a", "b", "c", "d", "e", "f", "g"]
FILTERED = {
    "a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}],
    "o": {"p": 1, "q": 2, "r": 3, "s": 5, "t": {"u": 6}},
    "e": "f",
}
DEEP = {"o": {"j": 1, "k": 2}, "a": [5, 3, [{"j": 4}, {"k": 6}]]}
NULLS: dict[str, Any] = {"a": None, "b": [None], "c": [{}], "null": 1}
COMPARED = {"obj": {"x": "y"}, "arr": [2, 3]}
TRUE = list(COMPARED.values())


def select(path: str, document: Any, nodes: list[Any]) -> None:
    """The path, through the grammar, finds exactly these nodes."""
    query = f"jsonpath {json.dumps(path)}"
    answer = an_answer(json.dumps(document))
    if not nodes:
        assert holds(f"{query} not exists", answer)
    else:
        assert holds(f"{query} == {{{{nodes}}}}", answer, {"nodes": nodes[0] if len(nodes) == 1 else nodes})


@pytest.mark.parametrize(
    ("path", "nodes"),
    [
        ("$.store.book[*].author", [book["author"] for book in BOOKS]),
        ("$..author", [book["author"] for book in BOOKS]),
        ("$.store.*", [BOOKS, STORE["store"]["bicycle"]]),
        ("$.store..price", [8.95, 12.99, 8.99, 22.99, 399]),
        ("$..book[2]", [BOOKS[2]]),
        ("$..book[2].author", ["Herman Melville"]),
        ("$..book[2].publisher", []),
        ("$..book[-1]", [BOOKS[3]]),
        ("$..book[0,1]", BOOKS[:2]),
        ("$..book[:2]", BOOKS[:2]),
        ("$..book[?@.isbn]", BOOKS[2:]),
        ("$..book[?@.price<10]", [BOOKS[0], BOOKS[2]]),
        ("$..book[?@.price==8.95].title", ["Sayings of the Century"]),
    ],
)  # fmt: skip
def test_table_2_the_store(path: str, nodes: list[Any]) -> None:
    select(path, STORE, sorted(nodes, key=[8.95, 12.99, 8.99, 22.99, 399].index) if path == "$.store..price" else nodes)


@pytest.mark.parametrize(
    ("path", "document", "nodes"),
    [
        ("$", {"k": "v"}, [{"k": "v"}]),
        ("$.o['j j']", NAMES, [{"k.k": 3}]),
        ("$.o['j j']['k.k']", NAMES, [3]),
        ('$.o["j j"]["k.k"]', NAMES, [3]),
        ('$["\'"]["@"]', NAMES, [2]),
        ("$[*]", WILD, [{"j": 1, "k": 2}, [5, 3]]),
        ("$.o[*]", WILD, [1, 2]),
        ("$.a[*]", WILD, [5, 3]),
        ("$[1]", ["a", "b"], ["b"]),
        ("$[-2]", ["a", "b"], ["a"]),
        ("$[1:3]", LETTERS, ["b", "c"]),
        ("$[5:]", LETTERS, ["f", "g"]),
        ("$[1:5:2]", LETTERS, ["b", "d"]),
        ("$[5:1:-2]", LETTERS, ["f", "d"]),
        ("$[::-1]", LETTERS, LETTERS[::-1]),
        ("$[0, 3]", LETTERS, ["a", "d"]),
        ("$[0:2, 5]", LETTERS, ["a", "b", "f"]),
        ("$[0, 0]", LETTERS, ["a", "a"]),
    ],
)
def test_selectors(path: str, document: Any, nodes: list[Any]) -> None:
    select(path, document, nodes)


@pytest.mark.parametrize(
    ("path", "nodes"),
    [
        ("$.a[?@.b == 'kilo']", [{"b": "kilo"}]),
        ("$.a[?(@.b == 'kilo')]", [{"b": "kilo"}]),
        ("$.a[?@>3.5]", [5, 4, 6]),
        ("$.a[?@.b]", [{"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}]),
        ("$[?@.*]", [FILTERED["a"], FILTERED["o"]]),
        ("$[?@[?@.b]]", [FILTERED["a"]]),
        ("$.o[?@<3, ?@<3]", [1, 2, 1, 2]),
        ('$.a[?@<2 || @.b == "k"]', [1, {"b": "k"}]),
        ('$.a[?match(@.b, "[jk]")]', [{"b": "j"}, {"b": "k"}]),
        ('$.a[?search(@.b, "[jk]")]', [{"b": "j"}, {"b": "k"}, {"b": "kilo"}]),
        ("$.o[?@>1 && @<4]", [2, 3]),
        ("$.o[?@.u || @.x]", [{"u": 6}]),
        ("$.a[?@.b == $.x]", [3, 5, 1, 2, 4, 6]),
        ("$.a[?@ == @]", FILTERED["a"]),
    ],
)
def test_filter_selectors(path: str, nodes: list[Any]) -> None:
    select(path, FILTERED, nodes)


@pytest.mark.parametrize(
    ("comparison", "holds_"),
    [
        ("$.absent1 == $.absent2", True),
        ("$.absent1 <= $.absent2", True),
        ("$.absent == 'g'", False),
        ("$.absent1 != $.absent2", False),
        ("$.absent != 'g'", True),
        ("1 <= 2", True),
        ("1 > 2", False),
        ("13 == '13'", False),
        ("'a' <= 'b'", True),
        ("'a' > 'b'", False),
        ("$.obj == $.arr", False),
        ("$.obj != $.arr", True),
        ("$.obj == $.obj", True),
        ("$.obj != $.obj", False),
        ("$.arr == $.arr", True),
        ("$.obj == 17", False),
        ("$.obj != 17", True),
        ("$.obj <= $.arr", False),
        ("$.obj < $.arr", False),
        ("$.obj <= $.obj", True),
        ("1 <= $.arr", False),
        ("1 >= $.arr", False),
        ("1 > $.arr", False),
        ("true <= true", True),
        ("true > true", False),
    ],
)
def test_comparisons(comparison: str, holds_: bool) -> None:
    select(f"$[?{comparison}]", COMPARED, TRUE if holds_ else [])


@pytest.mark.parametrize(
    ("path", "document", "nodes"),
    [
        ("$..j", DEEP, [1, 4]),
        ("$..[0]", DEEP, [5, {"j": 4}]),
        ("$..o", DEEP, [{"j": 1, "k": 2}]),
        ("$.o..[*, *]", DEEP, [1, 2, 1, 2]),
        ("$.a..[0, 1]", DEEP, [5, 3, {"j": 4}, {"k": 6}]),
        ("$.a", NULLS, [None]),
        ("$.a[0]", NULLS, []),
        ("$.a.d", NULLS, []),
        ("$.b[0]", NULLS, [None]),
        ("$.b[*]", NULLS, [None]),
        ("$.b[?@]", NULLS, [None]),
        ("$.b[?@==null]", NULLS, [None]),
        ("$.c[?@.d==null]", NULLS, []),
        ("$.null", NULLS, [1]),
        ("$[?length(@.authors) >= 2]", [{"authors": ["a", "b"]}, {"authors": ["c"]}], [{"authors": ["a", "b"]}]),
        ("$[?count(@.*) == 1]", [[1], [1, 2]], [[1]]),
        ("$[?value(@..color) == 'red']", [{"color": "red"}, {"color": "blue"}], [{"color": "red"}]),
    ],
)
def test_descendants_null_and_functions(path: str, document: Any, nodes: list[Any]) -> None:
    select(path, document, nodes)


def test_numbers_in_a_filter_are_those_of_the_document() -> None:
    select("$[?@.p==0.1].p", [{"p": 0.1}, {"p": 0.2}], [0.1])
    select("$[?@.p>=1].p", [{"p": 1.0}, {"p": 1}], [1.0, 1])


@pytest.mark.parametrize(
    ("path", "singular"),
    [
        ("$", 1),
        ("$.a[0]", 1),
        ("$['a b'][-1]", 1),
        ("$..a", 0),
        ("$.a[*]", 0),
        ("$.a[0:1]", 0),
        ("$.a[0,1]", 0),
        ("$[?@.a]", 0),
    ],
)
def test_a_path_that_can_only_select_one_node_is_no_list_to_be_counted(path: str, singular: int) -> None:
    from actionkit.asserts.patterns import path as compiled

    assert compiled(path).singular is bool(singular)


def test_a_document_nested_deeper_than_descendants_go_fails_and_does_not_crash() -> None:
    answer = an_answer("[" * 400 + "]" * 400)
    message = checked('jsonpath "$..a" not exists', answer).message
    assert "nested too deeply" in message


def test_a_path_as_long_as_a_book_is_refused() -> None:
    from actionkit.asserts import NotUnderstood

    with pytest.raises(NotUnderstood, match="a JSONPath of 3001 characters"):
        parse_assert(f'jsonpath "${".a" * 1500}" exists')
    with pytest.raises(NotUnderstood, match="is no JSONPath"):
        parse_assert('jsonpath "$[?@.a == 1e99999]" exists')
