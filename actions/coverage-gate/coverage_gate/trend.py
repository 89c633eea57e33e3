"""Coverage of the last recorded commits as a Mermaid chart, which GitHub draws in comments and summaries. Pure.

https://mermaid.js.org/syntax/xyChart
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from coverage_gate.evidence import percent, shown
from coverage_gate.model import Counts

MOST = 30
"""Points; more of them leave no room for their labels."""
LEAST = 2
"""One point is no trend."""

_SHA = re.compile(r"[0-9a-f]{7}")


def chart(entries: Sequence[Mapping[str, Any]]) -> str:
    """A Mermaid `xychart-beta` of the last entries, the oldest first; "" if fewer than two of them can be drawn.

    An entry has `sha`, `lines_covered`, `lines_total`, `branches_covered` and `branches_total`. It may come from a file
    that nobody vouches for: only percentages and the first digits of a commit are ever written. Branch coverage is
    drawn if every point has it.
    """
    drawn = [(entry, line) for entry in entries if (line := _percent(entry, "lines")) is not None][-MOST:]
    if len(drawn) < LEAST:
        return ""
    lines = [line for _, line in drawn]
    branches = [branch for entry, _ in drawn if (branch := _percent(entry, "branches")) is not None]
    series = [lines, branches] if len(branches) == len(drawn) else [lines]
    low, high = min(min(numbers) for numbers in series), max(max(numbers) for numbers in series)
    # A little air above and below, and never an empty range.
    bottom, top = max(0, low.numerator // low.denominator - 1), min(100, -(-high.numerator // high.denominator) + 1)
    return "\n".join(
        (
            "xychart-beta",
            f'    title "{"Line and branch coverage" if len(series) > 1 else "Line coverage"}"',
            f"    x-axis [{', '.join(_label(entry, at) for at, (entry, _) in enumerate(drawn, start=1))}]",
            f'    y-axis "%" {bottom} --> {top}',
            *(f"    line [{', '.join(shown(number) for number in numbers)}]" for numbers in series),
        )
    )


def _percent(entry: Mapping[str, Any], what: str) -> Fraction | None:
    covered, total = entry.get(f"{what}_covered"), entry.get(f"{what}_total")
    if type(covered) is not int or type(total) is not int or not 0 <= covered <= total:
        return None
    return percent(Counts(covered, total))


def _label(entry: Mapping[str, Any], at: int) -> str:
    """In quotes, or a commit such as 12e4567 would be read as a number."""
    sha = entry.get("sha")
    found = _SHA.match(sha) if isinstance(sha, str) else None
    return f'"{found[0]}"' if found else f'"{at}"'
