"""Line sets from numbers nobody vouches for, under one limit for a whole report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actionkit.errors import Unreadable
from coverage_gate.model import BIT_LIMIT, LINE_LIMIT, Lines, lines_of


class LineSets:
    """Makes the line sets of one report. Raises Unreadable for numbers no line can have and for too many bits."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bits = 0

    def number(self, value: object, line: int | None = None) -> int:
        """`value` as a line number; 0, which some tools write for "no line", is passed on. `line` is for messages."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unreadable(self._name, f"gives {str(value)[:40]!r} as a line number", line)
        if not 0 <= value <= LINE_LIMIT:
            raise Unreadable(
                self._name, f"names line {str(value)[:40]}; no file has more than {LINE_LIMIT} lines", line
            )
        return value

    def of(self, numbers: Iterable[object]) -> Lines:
        """The set of these lines, without 0."""
        checked = [self.number(value) for value in numbers]
        self.spend(max(checked, default=0))
        lines = lines_of(checked)
        return lines & ~1

    def of_ranges(self, ranges: Sequence[tuple[int, int]]) -> Lines:
        """The union of inclusive ranges of checked numbers, in time linear in their count and the last line."""
        top = max((last for _, last in ranges), default=0)
        self.spend(top)
        if top < 4096:
            lines = 0
            for first, last in ranges:
                lines |= (1 << (last + 1)) - (1 << first)
            return lines & ~1
        opened, closed = [0] * (top + 2), [0] * (top + 2)
        for first, last in ranges:
            opened[first] += 1
            closed[last + 1] += 1
        digits = bytearray(b"0") * (top + 1)
        depth = 0
        for number in range(top + 1):
            depth += opened[number] - closed[number]
            if depth and number:
                digits[top - number] = 49
        return int(digits, 2)

    def spend(self, bits: int) -> None:
        """Count a set of this many bits. Raises Unreadable when the report asks for too many in all."""
        self._bits += bits
        if self._bits > BIT_LIMIT:
            raise Unreadable(self._name, f"names lines so high that their sets take more than {BIT_LIMIT >> 23} MiB")
