"""A coverage badge: an SVG of our own and the JSON that shields.io's endpoint badge reads. Pure.

https://shields.io/badges/endpoint-badge
"""

from __future__ import annotations

import json
from fractions import Fraction
from html import escape
from typing import NamedTuple

from actionkit.untrusted import one_line
from coverage_gate.evidence import percent
from coverage_gate.finding import percent_text
from coverage_gate.limits import meets
from coverage_gate.model import Counts

LABEL = "coverage"

COLOURS = {"brightgreen": "#4c1", "green": "#97ca00", "yellow": "#dfb317", "orange": "#fe7d37", "red": "#e05d44"}
GREY = "lightgrey"
_GREY_HEX = "#9f9f9f"

# Without a threshold, the usual traffic lights.
_SCALE = ((90, "brightgreen"), (80, "green"), (70, "yellow"), (60, "orange"))
# With one: this many points below it is not far.
_NEAR = 5

# Widths in tenths of a pixel of Verdana at 11 px, by class of character: near enough for any text, and no font is
# needed to draw. What is not listed is taken as wide.
_WIDTHS = (
    (38, "ijlI|.,:;'! "),
    (45, '()[]ftr/\\-"`'),
    (60, "sczxvykJ"),
    (70, "abdeghnopqu0123456789$_?*+=<>~^#"),
    (76, "ABCEFLPSTXYZKVRU"),
    (86, "DGHNOQ&w"),
    (107, "mMW@%"),
)
_WIDTH_OF = {letter: width for width, letters in _WIDTHS for letter in letters}
_PADDING = 10
_HEIGHT = 20


class Badge(NamedTuple):
    """`svg` is the picture, `endpoint` the JSON for shields.io."""

    svg: str
    endpoint: str


def badge(counts: Counts, limit: Fraction | None = None, label: str = LABEL) -> Badge:
    """The badge of a coverage, coloured by the threshold if there is one: met, nearly met, missed."""
    message, colour = percent_text(counts).replace(" ", "").replace("n/a", "unknown"), _colour(counts, limit)
    label = one_line(label) or LABEL
    endpoint = {"schemaVersion": 1, "label": label, "message": message, "color": colour}
    return Badge(_svg(label, message, COLOURS.get(colour, _GREY_HEX)), json.dumps(endpoint) + "\n")


def _colour(counts: Counts, limit: Fraction | None) -> str:
    value = percent(counts)
    if value is None:
        return GREY
    if limit is not None:
        if meets(counts, limit):
            return "brightgreen"
        return "yellow" if value >= limit - _NEAR else "red"
    return next((colour for least, colour in _SCALE if value >= least), "red")


def _width(text: str) -> int:
    """Pixels of a text with padding on both sides."""
    return -(-sum(_WIDTH_OF.get(letter, 110) for letter in text) // 10) + _PADDING


def _svg(label: str, message: str, colour: str) -> str:
    left, right = _width(label), _width(message)
    width = left + right
    title = f"{label}: {message}"
    texts = "".join(
        f'<text x="{x:g}" y="{y}"{extra}>{escape(text)}</text>'
        for text, x in ((label, left / 2), (message, left + right / 2))
        for y, extra in ((15, ' fill="#010101" fill-opacity=".3" aria-hidden="true"'), (14, ""))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>"
        f'<clipPath id="r"><rect width="{width}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{_HEIGHT}" fill="#555"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{colour}"/></g>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f"{texts}</g></svg>\n"
    )
