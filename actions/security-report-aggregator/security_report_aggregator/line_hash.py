"""`primaryLocationLineHash` of every line of a file, as GitHub's code scanning computes it to tell alerts apart.

The hash of a line is over 100 characters from its first one on (UTF-16 units; spaces and tabs are left out, every line
ending is one line feed, the end of the file is 0xFFFF and then zeros): the polynomial of base 37 over 64 bits that wrap
around. `hash:n` is the nth line with that hash. Source: `src/fingerprints.ts` of github/codeql-action. Pure.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from functools import reduce

WINDOW = 100
BASE = 37
END_OF_FILE = 0xFFFF

_WRAP = (1 << 64) - 1
_LEAVING = pow(BASE, WINDOW, 1 << 64)
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_BLANKS = str.maketrans("", "", " \t")
_LINE_FEED = 10


def line_hashes(text: str) -> list[str]:
    """One `hash:count` a line, the first line first; one more than there are line endings. Linear in the text."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
    units = array("H", plain.encode(_UTF16, "surrogatepass"))
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == _LINE_FEED)]
    units.append(END_OF_FILE)
    units.extend([0] * WINDOW)
    ends = [start + WINDOW for start in starts]
    marks = sorted({*starts, *ends})
    prefix = _prefixes(units, marks)
    seen: dict[str, int] = {}
    hashes = []
    for start, end in zip(starts, ends, strict=True):
        before, after = prefix[bisect_left(marks, start)], prefix[bisect_left(marks, end)]
        found = f"{(after - before * _LEAVING) & _WRAP:x}"
        seen[found] = seen.get(found, 0) + 1
        hashes.append(f"{found}:{seen[found]}")
    return hashes


def _prefixes(units: array[int], marks: list[int]) -> list[int]:
    """The polynomial of everything before each mark; the window between two marks is a difference of two of them."""
    values, value, at = [], 0, 0
    for mark in marks:
        value = reduce(_step, units[at:mark], value)
        values.append(value)
        at = mark
    return values


def _step(value: int, unit: int) -> int:
    return (value * BASE + unit) & _WRAP
