"""The kinds of values that asserts talk about: what they are called, shown as, equal to and ordered by. Pure.

A value is one of JSON's, `bytes`, a `datetime` (aware), or one of the classes here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from actionkit.redact import QUOTED, Redaction, beginning
from actionkit.untrusted import one_line, shortened

LONGEST_SHOWN = 120
"""Characters of a value in a message."""

_FEW = 16
_ENOUGH = 2 * QUOTED
"""Characters of a value that are looked at, to quote the first QUOTED of them."""


class Real(float):
    """A JSON number with a fraction or an exponent, as it was written; a float for everyone who wants one.

    `exact` never rounds: 0.1 is a tenth, and 1e400 is not infinite.
    """

    __slots__ = ("exact",)
    exact: Decimal

    def __new__(cls, text: str) -> Real:
        """Raises decimal.InvalidOperation (an ArithmeticError) beyond exponents of 18 digits."""
        made = super().__new__(cls, text)
        made.exact = Decimal(text)
        return made


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time. A bare number compared with it counts in `unit` seconds: 0.001 for `duration`, 1 for `age`."""

    seconds: float
    unit: float = 1.0


class Nodes(list[Any]):
    """What a JSONPath that may select several values selected: one value or more."""


class Lines(list[Any]):
    """The values of a header that stands several times in an answer."""


Comparable = int | Decimal | str | bytes | float
_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    Real: "float",
    float: "float",
    str: "string",
    bytes: "bytes",
    list: "list",
    Nodes: "list",
    Lines: "list",
    dict: "object",
    datetime: "date",
    Span: "duration",
}


def kind(value: Any) -> str:
    """The name of a value's kind, as messages call it."""
    return _KINDS.get(type(value), type(value).__name__)


def sized(value: Any) -> str:
    """The same, with the number of items of a list."""
    return f"list of {len(value)}" if isinstance(value, list) else kind(value)


def settled(value: Any) -> Any:
    """`value` as a predicate sees it: one selected node is its value, several are a list."""
    return value[0] if type(value) is Nodes and len(value) == 1 else value


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def exact(number: float) -> int | Decimal:
    """A number without rounding; a float that is no JSON text counts as what it prints."""
    if isinstance(number, int):
        return number
    return number.exact if isinstance(number, Real) else Decimal(repr(float(number)))


def approximate(number: float) -> float:
    """The float nearest to a number, infinite beyond the largest one."""
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same; unlike kinds never are, 1 and 1.0 are. Raises RecursionError if too deep."""
    if isinstance(left, Span) or isinstance(right, Span):
        times = _times(left, right)
        return times is not None and times[0] == times[1]
    if is_number(left) and is_number(right):
        return exact(left) == exact(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    return kind(left) == kind(right) and bool(left == right)


def ordered(left: Any, right: Any) -> tuple[Comparable, Comparable] | None:
    """Two values as a pair that `<` can compare, or None if their kinds have no common order.

    Numbers, texts, bytes and dates have one, and durations with numbers of their unit or texts such as "25h".
    """
    if is_number(left) and is_number(right):
        return exact(left), exact(right)
    if isinstance(left, Span) or isinstance(right, Span):
        return _times(left, right)
    if isinstance(left, datetime) or isinstance(right, datetime):
        return _dates(left, right)
    if (isinstance(left, str) and isinstance(right, str)) or (isinstance(left, bytes) and isinstance(right, bytes)):
        return left, right
    return None


def _times(left: Any, right: Any) -> tuple[float, float] | None:
    unit = left.unit if isinstance(left, Span) else right.unit
    pair = _seconds(left, unit), _seconds(right, unit)
    return None if pair[0] is None or pair[1] is None else (pair[0], pair[1])


def _seconds(value: Any, unit: float) -> float | None:
    """Seconds to the microsecond, None for what is no length of time."""
    if isinstance(value, str):
        from actionkit.asserts.literals import duration

        value = duration(value)
    if isinstance(value, Span):
        return round(value.seconds, 6)
    return round(approximate(value) * unit, 6) if is_number(value) else None


def _dates(left: Any, right: Any) -> tuple[float, float] | None:
    from actionkit.asserts.dates import read

    first, second = (read(value) if isinstance(value, str | datetime) else None for value in (left, right))
    return (first.timestamp(), second.timestamp()) if first and second else None


def shown(value: Any, redacted: Redaction = str) -> str:
    """A value for a message: one line, bounded, secrets taken out first so that no half of one is left."""
    return shortened(one_line(_written(value, redacted)), LONGEST_SHOWN)


def _written(value: Any, redacted: Redaction) -> str:
    if isinstance(value, bytes):
        return _bytes(value, redacted)
    if isinstance(value, Span):
        return f"{value.seconds * 1000:.0f} ms" if value.unit < 1 else f"{value.seconds:.0f} s"
    if isinstance(value, datetime):
        return iso(value)
    return _json(value, redacted)


def _bytes(value: bytes, redacted: Redaction) -> str:
    """How many, and in hexadecimal all of a few; of more the first ones, unless a secret may begin in them."""
    if len(value) <= _FEW:
        return f"{len(value)} bytes hex,{value.hex()};"
    plain = value[:_ENOUGH].decode("latin-1")
    return f"{len(value)} bytes" + (f", hex,{value[:_FEW].hex()}…" if redacted(plain) == plain else "")


def _json(value: Any, redacted: Redaction) -> str:
    import json

    if isinstance(value, str):
        return json.dumps(beginning(value, redacted), ensure_ascii=False)
    if isinstance(value, list | dict):
        pieces = json.JSONEncoder(ensure_ascii=False, default=text).iterencode(value)
        return beginning(_first(pieces), redacted)
    return text(value)


def _first(pieces: Iterable[str]) -> str:
    """The first pieces, until there are enough to quote or they are nested too deeply to go on."""
    made = ""
    try:
        for piece in pieces:
            made += piece[:_ENOUGH]
            if len(made) > _ENOUGH:
                break
    except RecursionError:
        made += "…"
    return made


def text(value: Any) -> str:
    """A scalar as `{{name}}` puts it into a text: numbers as they were written, null and booleans as JSON's words."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Real):
        return str(value.exact)
    if isinstance(value, Span):
        return str(plain(value))
    return iso(value) if isinstance(value, datetime) else str(value)


def plain(value: Any) -> Any:
    """A value as a variable keeps it: JSON's types only; a duration in its unit, a date in ISO 8601."""
    value = settled(value)
    if isinstance(value, Span):
        units = round(value.seconds / value.unit, 3)
        return int(units) if value.unit < 1 or units == int(units) else units
    if isinstance(value, datetime):
        return iso(value)
    return list(value) if isinstance(value, list) else value


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second, or to the microsecond where there are some: `2030-01-31T08:00:00Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
