"""The badge: well-formed whatever it says, coloured by the threshold, readable to a screen reader."""

from __future__ import annotations

import json
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage_gate.badge import badge
from coverage_gate.model import Counts

SVG = "{http://www.w3.org/2000/svg}"


def colour(covered: int, total: int, limit: int | None = None) -> str:
    made = badge(Counts(covered, total), None if limit is None else Fraction(limit))
    return str(json.loads(made.endpoint)["color"])


@pytest.mark.parametrize(
    ("covered", "limit", "expected"),
    [
        (80, 80, "brightgreen"),
        (79, 80, "yellow"),
        (75, 80, "yellow"),
        (74, 80, "red"),
        (90, None, "brightgreen"),
        (80, None, "green"),
        (70, None, "yellow"),
        (60, None, "orange"),
        (59, None, "red"),
    ],
)
def test_the_threshold_gives_the_colour(covered: int, limit: int | None, expected: str) -> None:
    assert colour(covered, 100, limit) == expected


def test_nothing_measured_is_grey() -> None:
    made = badge(Counts(0, 0), Fraction(80))
    assert json.loads(made.endpoint) == {
        "schemaVersion": 1,
        "label": "coverage",
        "message": "unknown",
        "color": "lightgrey",
    }
    assert "#9f9f9f" in made.svg


def test_the_number_is_rounded_down() -> None:
    assert json.loads(badge(Counts(79996, 100000)).endpoint)["message"] == "79.99%"


def test_the_picture_says_in_words_what_it_shows() -> None:
    root = ET.fromstring(badge(Counts(84, 100)).svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "coverage: 84.00%"
    assert root.findtext(f"{SVG}title") == "coverage: 84.00%"
    shown = [text.text for text in root.iter(f"{SVG}text") if not text.get("aria-hidden")]
    assert shown == ["coverage", "84.00%"]


def test_a_longer_text_makes_a_wider_picture() -> None:
    def width(label: str) -> int:
        return int(ET.fromstring(badge(Counts(1, 2), label=label).svg).get("width") or 0)

    assert width("i" * 10) < width("m" * 10)
    assert width("cov") < width("coverage")


@given(st.text(max_size=40))
def test_no_label_breaks_out_of_the_picture(label: str) -> None:
    made = badge(Counts(1, 2), label=label)
    root = ET.fromstring(made.svg)
    assert {element.tag for element in root.iter()} == {
        f"{SVG}{name}" for name in ["svg", "title", "clipPath", "rect", "g", "text"]
    }
    assert json.loads(made.endpoint)["label"]
