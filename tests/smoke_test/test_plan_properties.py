"""Whatever a plan file holds: it is a plan or a usage error, and no secret stands in what is told of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.smoke_test.plan_files import ENVIRON, EXAMPLE, FILES, load

from actionkit.errors import Complaint, UsageError
from smoke_test.plans import Loaded

CANARY = "canary-"
WILD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    float("inf"),
    10**30,
    "",
    "x",
    "{{",
    "{{api_key}}",
    "{{password}}",
    "{{nobody}}",
    "${{ secrets.X }}",
    "\x00",
    "\ud800",
    "a: b",
    "http://[",
    [],
    {},
    [[]],
    {"x": {}},
    ["x", 1],
    {"basic": ["me", "{{password}}"]},
    {"threshold": "rate<1"},
]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something could be changed."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, inner in items for place in places(inner, (*at, key)))]


PLACES = [place for place in places(yaml.safe_load(EXAMPLE)) if place]


def changed(place: tuple[Any, ...], how: str, wild: Any) -> Any:
    """The example with one value replaced, removed, added to or moved to a key that nobody knows."""
    plan = yaml.safe_load(EXAMPLE)
    holder = plan
    for key in place[:-1]:
        holder = holder[key]
    key = place[-1]
    if how == "replace":
        holder[key] = wild
    elif how == "remove":
        del holder[key]
    elif isinstance(holder, dict):
        holder[str(wild)] = holder.pop(key) if how == "rename" else wild
    else:
        holder.insert(key, wild)
    return plan


def judge(text: str, **inputs: str) -> None:
    loaded, complaints = loaded_or_told(text, **inputs)
    assert all(one.message and one.fix for one in complaints)
    assert CANARY not in repr(loaded) + repr(complaints)
    assert loaded is not None or complaints
    if loaded is not None:
        assert loaded.plan.tests
        assert set(loaded.secrets) <= set(loaded.plan.secrets)


def loaded_or_told(text: str, **inputs: str) -> tuple[Loaded | None, tuple[Complaint, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return load(Path(folder), text, files=FILES, environ=ENVIRON, **inputs), ()
        except UsageError as error:
            return None, error.complaints


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(PLACES),
    st.sampled_from(["replace", "remove", "rename", "add"]),
    st.sampled_from(WILD),
    st.sampled_from([{}, {"base_url": "{{api_key}}"}, {"tags": "load"}, {"variables": "host={{password}}"}]),
)
def test_a_plan_with_a_value_changed_is_a_plan_or_a_usage_error(
    place: tuple[Any, ...], how: str, wild: Any, inputs: dict[str, str]
) -> None:
    judge(yaml.safe_dump(changed(place, how, wild), allow_unicode=True), **inputs)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(EXAMPLE)),
    st.integers(0, 40),
    st.text(st.sampled_from("\"'{}[]:,#&*!|>-\n\t \u2028\x7f0a"), max_size=6),
)
def test_a_plan_with_letters_changed_is_a_plan_or_a_usage_error(start: int, length: int, wild: str) -> None:
    judge(EXAMPLE[:start] + wild + EXAMPLE[start + length :])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(EXAMPLE)))
def test_half_a_plan_is_a_plan_or_a_usage_error(end: int) -> None:
    judge(EXAMPLE[:end])
