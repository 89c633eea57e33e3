"""What an assert and a capture are, and what they say. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actionkit.errors import ActionkitError
from actionkit.web.model import Answer


class NotUnderstood(ActionkitError):  # noqa: N818 - reads as the sentence it stands for
    """A line of the grammar that does not parse. `column` counts characters from 1; str() is the whole sentence."""

    def __init__(
        self, column: int, found: str, expected: tuple[str, ...] = (), nearest: str = "", fix: str = ""
    ) -> None:
        self.column, self.found, self.expected, self.nearest, self.fix = column, found, expected, nearest, fix
        wanted = f", expected {' or '.join(expected)}" if expected else ""
        super().__init__(f"column {column}: {found}{wanted}" + (f"; {fix}" if fix else ""))


class NothingFound(ActionkitError):  # noqa: N818
    """A query or a filter gives no value; `reason` is a sentence part for the user, one line and bounded."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Unset(ActionkitError):  # noqa: N818
    """A template names a variable that is not set; `nearest` is the name most like it, "" where none is."""

    def __init__(self, name: str, nearest: str = "") -> None:
        self.name, self.nearest = name, nearest
        hint = f"; did you mean {nearest}?" if nearest else ""
        super().__init__(f"the variable {name} is not set{hint}")


@dataclass(frozen=True)
class Subject:
    """An answer under test at the time `now` (aware)."""

    answer: Answer
    now: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one assert: `actual` and `message` are one line and bounded; `message` is "" where it holds."""

    ok: bool
    actual: str
    message: str = ""


Check = Callable[[Subject, Mapping[str, Any]], Checked]
Value = Callable[[Subject, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Assert:
    """One parsed assert; equal to another one with the same text."""

    text: str
    variables: frozenset[str] = frozenset()
    _check: Check = field(compare=False, repr=False, kw_only=True)

    def check(self, subject: Subject, variables: Mapping[str, Any] = {}) -> Checked:
        return self._check(subject, variables)


@dataclass(frozen=True, slots=True)
class Capture:
    """One parsed capture; `redact`: the value is a secret."""

    text: str
    redact: bool = False
    variables: frozenset[str] = frozenset()
    _value: Value = field(compare=False, repr=False, kw_only=True)

    def value(self, subject: Subject, variables: Mapping[str, Any] = {}) -> Any:
        return self._value(subject, variables)
