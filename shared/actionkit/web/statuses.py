"""Which HTTP statuses are expected: `200`, `200-399`, `2xx`, or several of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actionkit import values
from actionkit.errors import InputError

_ONE = re.compile(r"([1-5])([0-9]{2}|xx)", re.ASCII | re.IGNORECASE)
_RANGE = re.compile(r"([1-5][0-9]{2}) ?- ?([1-5][0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Statuses:
    """A set of HTTP statuses as inclusive ranges; `text` is how it was written."""

    text: str
    ranges: tuple[tuple[int, int], ...]

    def __contains__(self, status: int) -> bool:
        return any(low <= status <= high for low, high in self.ranges)

    def __str__(self) -> str:
        return self.text


def statuses(given: str) -> Statuses:
    """`200`, `200-399`, `2xx`, or several with commas or blanks between. Raises InputError."""
    joined = re.sub(r" ?- ?", "-", given.strip())
    words = [word for word in re.split(r"[\s,]+", joined) if word]
    if not words:
        raise _unusable(given)
    return Statuses(" ".join(words), tuple(_range(word, given) for word in words))


def _range(word: str, given: str) -> tuple[int, int]:
    if one := _ONE.fullmatch(word):
        hundred = int(one[1]) * 100
        return (hundred, hundred + 99) if one[2].lower() == "xx" else (int(word), int(word))
    if (several := _RANGE.fullmatch(word)) and int(several[1]) <= int(several[2]):
        return int(several[1]), int(several[2])
    raise _unusable(given)


def _unusable(given: str) -> InputError:
    accepted = "statuses from 100 to 599 such as 200, 200-399 or 2xx"
    return InputError(f"{values.quoted(given)} names no HTTP statuses", accepted, "Write `200-399`.")
