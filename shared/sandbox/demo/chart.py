"""The trend chart as a picture: GitHub draws Mermaid, a plain page does not."""

from __future__ import annotations

import re
from html import escape

WIDTH, HEIGHT, MARGIN = 560, 180, 34
COLOURS = ("#1a7f37", "#0969da")

_SERIES = re.compile(r"^\s*line \[([0-9., ]+)\]$", re.MULTILINE)
_RANGE = re.compile(r'y-axis "%" ([0-9.]+) --> ([0-9.]+)')
_LABELS = re.compile(r"x-axis \[(.+)\]")


def svg(mermaid: str) -> str:
    """An `xychart-beta` as coverage-gate writes it, drawn; "" for any other diagram."""
    span, series = _RANGE.search(mermaid), _SERIES.findall(mermaid)
    if span is None or not series:
        return ""
    low, high = float(span[1]), float(span[2])
    lines = [[float(value) for value in values.split(",")] for values in series]
    drawn = "".join(_line(values, low, high, COLOURS[at % 2]) for at, values in enumerate(lines))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="Trend of coverage">'
        f"{_axis(low, high)}{drawn}{_labels(mermaid, len(lines[0]))}</svg>"
    )


def _line(values: list[float], low: float, high: float, colour: str) -> str:
    points = [(_x(at, len(values)), _y(value, low, high)) for at, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'


def _axis(low: float, high: float) -> str:
    rows = ((low, HEIGHT - MARGIN), (high, MARGIN / 2))
    return "".join(
        f'<line x1="{MARGIN}" x2="{WIDTH}" y1="{y}" y2="{y}" stroke="#8888" />'
        f'<text x="0" y="{y + 4}" font-size="11" fill="currentColor">{value:g} %</text>'
        for value, y in rows
    )


def _labels(mermaid: str, count: int) -> str:
    found = _LABELS.search(mermaid)
    names = [name.strip().strip('"') for name in found[1].split(",")] if found else []
    return "".join(
        f'<text x="{_x(at, count):.1f}" y="{HEIGHT - 12}" font-size="11" text-anchor="middle" fill="currentColor">'
        f"{escape(name)}</text>"
        for at, name in enumerate(names)
    )


def _x(at: int, count: int) -> float:
    return MARGIN + 40 + at * (WIDTH - 2 * MARGIN - 60) / max(count - 1, 1)


def _y(value: float, low: float, high: float) -> float:
    return HEIGHT - MARGIN - (value - low) / max(high - low, 1e-9) * (HEIGHT - 1.5 * MARGIN)
