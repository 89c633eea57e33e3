"""`{{name}}` in the texts of a plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.asserts import NotUnderstood, Unset
from actionkit.asserts.kinds import Real
from actionkit.asserts.template import Made, fill, fill_json, names

MADE = Made(
    uuid=lambda: "0f8fad5b-d9cb-469f-a165-70867728950e",
    now=lambda: datetime(2030, 1, 1, 2, 0, 0, 5, tzinfo=timezone(timedelta(hours=2))),
)
VARIABLES: dict[str, Any] = {
    "sku": "A-100",
    "n": 5,
    "f": Real("1.50"),
    "yes": True,
    "none": None,
    "list": [1, "é"],
    "with-dash_2": "x",
    "braces": "{{sku}}",
}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("/items/{{sku}}", "/items/A-100"),
        ("{{ sku }}{{sku}}", "A-100A-100"),
        ("{{n}} {{f}} {{yes}} {{none}}", "5 1.50 true null"),
        ("{{list}}", '[1,"é"]'),
        ("{{with-dash_2}}", "x"),
        ("{{braces}}", "{{sku}}"),
        (r"\{\{sku}} \{ {sku} }}", r"{{sku}} \{ {sku} }}"),
        ("{{sku}}}", "A-100}"),
        ("nothing", "nothing"),
        ("", ""),
        ("id-{{newUuid}}", "id-0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("{{newDate}}", "2030-01-01T00:00:00.000005Z"),
    ],
)
def test_a_text_is_filled(text: str, filled: str) -> None:
    assert fill(text, VARIABLES, MADE) == filled


def test_the_real_doors_make_something_new_each_time() -> None:
    one, other = fill("{{newUuid}} {{newUuid}}", {}).split()
    assert one != other
    made = datetime.fromisoformat(fill("{{newDate}}", {}))
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=5)


def test_json_is_filled_and_a_lone_placeholder_keeps_its_type() -> None:
    body = {"n": "{{n}}", "s": "n={{n}}", "{{sku}}": ["{{list}}", {"deep": "{{ none }}"}], "plain": 1, 7: None}
    assert fill_json(body, VARIABLES, MADE) == {
        "n": 5,
        "s": "n=5",
        "A-100": [[1, "é"], {"deep": None}],
        "plain": 1,
        7: None,
    }


def test_the_names_of_a_text_are_known() -> None:
    assert names(r"{{a}}/{{ b-c }}/{{a}}/\{\{d}}/{{newUuid}}{{newDate}}") == {"a", "b-c"}
    assert names("none") == frozenset()


def test_a_variable_that_is_not_set_is_told_with_the_nearest_one() -> None:
    with pytest.raises(Unset, match="the variable `skuu` is not set; did you mean `sku`") as caught:
        fill("{{skuu}}", VARIABLES)
    assert (caught.value.name, caught.value.nearest) == ("skuu", "sku")
    with pytest.raises(Unset) as far:
        fill_json(["{{zzzzzz}}"], VARIABLES)
    assert far.value.nearest == ""


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("a {{}}", 3, "`{{}}` is no variable"),
        ("{{ a b }}", 1, "`{{ a b }}` is no variable"),
        ("{{a.b}}", 1, "there are no expressions"),
        ("{{x | upper}}", 1, "there are no expressions"),
        ("{{{a}}}", 1, "is no variable"),
        ("{{a", 1, "is not closed with `}}`"),
        ("url {{a} }", 5, "is not closed"),
        ("é${{ github.sha }}", 3, "GitHub's `${{ }}` is not evaluated here"),
        ("{{" + "a b" * 1000, 1, "is not closed"),
    ],
)
def test_braces_that_hold_no_name_are_an_error(text: str, column: int, says: str) -> None:
    for use in (names, lambda text: fill(text, {})):
        with pytest.raises(NotUnderstood) as caught:
            use(text)
        assert says in str(caught.value)
        assert caught.value.column == column
        assert len(str(caught.value)) < 400


@settings(max_examples=100)
@given(
    st.text(alphabet="ab{}\\ $-é", max_size=30), st.dictionaries(st.sampled_from(["a", "b", "ab"]), st.text(max_size=5))
)
def test_any_text_is_filled_or_refused(text: str, variables: dict[str, str]) -> None:
    try:
        needed = names(text)
    except NotUnderstood as error:
        refused = error.column
    else:
        refused = 0
    assert 0 <= refused <= len(text)
    if refused:
        with pytest.raises(NotUnderstood):
            fill(text, variables)
    elif needed <= variables.keys():
        filled = fill(text, variables)
        assert filled == text or "{{" in text or r"\{\{" in text
    else:
        with pytest.raises(Unset):
            fill(text, variables)
