"""The fast lane of the LCOV reader: a whole run of plain `DA:<line>,<count>` lines at once."""

from __future__ import annotations

import re

from coverage_gate.model import Lines
from coverage_gate.readers.document_lines import LineSets

_DIGITS = b"0123456789"
_SHAPE = b"DA:,\n"
_COMMAS = bytes.maketrans(b"\n", b",")
_ZEROS = re.compile(rb":([0-9]+),0\n")
_SMALL = 4096
_TOO_HIGH = 1 << _SMALL


class _Declined(Exception):  # noqa: N818 - nothing is wrong, this lane leaves a run to the careful one
    """A line number that is empty or too long for a line."""


class _LineBits(dict[bytes, Lines]):
    """Texts of line numbers and their bits; _TOO_HIGH for a number of 4096 or more."""

    def __missing__(self, text: bytes) -> Lines:
        if not 0 < len(text) < 8:
            raise _Declined
        number = int(text)
        if number >= _SMALL:
            return _TOO_HIGH
        bit = self[text] = 1 << number
        return bit


class Runs:
    """Reads runs of DA lines and remembers the bits of line numbers between runs."""

    def __init__(self, sets: LineSets) -> None:
        self._sets = sets
        self._bit_of = _LineBits().__getitem__

    def read(self, run: bytes) -> tuple[Lines, Lines] | None:
        """The lines and the covered lines; None if the run has anything but DA lines of two whole numbers, none twice.

        Without its digits a run of n such lines is n times `DA:,` and a newline, and if n times `DA:` also begins a
        line, every character but the digits is in its place. A count that begins with 0 must be that one digit.
        """
        rest = run.translate(None, _DIGITS)
        count = len(rest) // len(_SHAPE)
        if rest != _SHAPE * count or b",\n" in run or not run.startswith(b"DA:") or run.count(b"\nDA:") != count - 1:
            return None
        missed = _ZEROS.findall(run)
        if run.count(b",0") != len(missed):
            return None
        numbers = run.translate(_COMMAS, b"DA:").split(b",")[:-1:2]
        try:
            lines = sum(map(self._bit_of, numbers)) if count <= _SMALL else _TOO_HIGH
            if lines.bit_count() == count and not lines & _TOO_HIGH:
                self._sets.spend(lines.bit_length())
                return lines & ~1, (lines & ~sum(map(self._bit_of, missed))) & ~1
            return self._read_high(numbers, missed)
        except _Declined:
            return None

    def _read_high(self, numbers: list[bytes], missed: list[bytes]) -> tuple[Lines, Lines] | None:
        """The same for many or high lines. A sum of n bits has n bits set only if they are distinct, as a set has."""
        if not all(0 < len(number) < 8 for number in numbers):
            raise _Declined
        lines = self._sets.of(map(int, numbers))
        if lines.bit_count() != len(numbers):
            return None
        return lines, lines & ~self._sets.of(map(int, missed))
