"""What an assert and a capture are, and what they say. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from actionkit.errors import ActionkitError
from actionkit.redact import Redaction, beginning
from actionkit.untrusted import one_line, shortened
from actionkit.web.model import Answer

MANY = 10
"""More things that could stand there are only listed where nothing better can be said."""


class NotUnderstood(ActionkitError):  # noqa: N818 - reads as the sentence it stands for
    """A text of the grammar that does not parse; str() is the whole sentence.

    `column` counts characters from 1. `found` is a sentence part about what stands there, `expected` what could stand
    there instead, `nearest` the right spelling most like it ("" if none is), `fix` what to write ("" if that is all).
    """

    def __init__(
        self, column: int, found: str, expected: tuple[str, ...] = (), nearest: str = "", fix: str = ""
    ) -> None:
        self.column, self.found, self.expected, self.nearest, self.fix = column, found, expected, nearest, fix
        sentence = f"column {column}: {found}"
        if expected and not (len(expected) > MANY and (nearest or fix)):
            sentence += f", expected {_listed(expected)}"
        if nearest:
            sentence += f"; did you mean `{nearest}`?"
        super().__init__(sentence + (f"; {fix}" if fix else ""))


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


class NothingFound(ActionkitError):  # noqa: N818
    """A query or a filter gives no value; `reason` is a sentence part, one line and bounded: `finds nothing …`.

    `absent`: the thing is just not there, which is what `not exists` asks for. False: one cannot tell, since the body
    is no JSON or a filter cannot work on what it was given; then every predicate fails, `not exists` too.
    """

    def __init__(self, reason: str, *, absent: bool = True) -> None:
        self.reason, self.absent = reason, absent
        super().__init__(reason)


class Unset(ActionkitError):  # noqa: N818
    """A template names a variable that is not set; `nearest` is the name most like it, "" where none is."""

    def __init__(self, name: str, nearest: str = "") -> None:
        self.name, self.nearest = name, nearest
        hint = f"; did you mean `{nearest}`?" if nearest else ""
        super().__init__(f"the variable `{name}` is not set{hint}")


@dataclass(frozen=True)
class Subject:
    """An answer under test at the time `now` (aware). Its body is decoded once, however many asserts look at it.

    `redacted` takes secrets out of what messages quote, before it is cut short: a mask put on later finds no half one.
    """

    answer: Answer
    now: datetime
    redacted: Redaction = field(default=str, repr=False)

    @cached_property
    def text(self) -> str:
        """The body as text."""
        from actionkit.asserts.body import text

        return text(self.answer)

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or the NothingFound that says why it is none (kept, not raised)."""
        from actionkit.asserts.body import NoJson, json

        try:
            return json(self.text)
        except NoJson as error:
            reason = shortened(one_line(beginning(str(error), self.redacted)), 100)
            return NothingFound(f"finds nothing because the body is no JSON ({reason})", absent=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one assert. `actual` is what was found and `message` a sentence, one line each and bounded; both
    are "" where the assert holds."""

    ok: bool
    actual: str = ""
    message: str = ""


HOLDS = Checked(True)

Variables = Mapping[str, Any]
NO_VARIABLES: Variables = MappingProxyType({})
Judge = Callable[[Subject, Variables, bool], Checked]
Reader = Callable[[Subject, Variables], Any]


@dataclass(frozen=True, slots=True)
class Assert:
    """One parsed assert; equal to another one with the same text. `variables` are the names it needs."""

    text: str
    variables: frozenset[str] = field(default=frozenset(), compare=False)
    negative: bool = field(default=False, compare=False, kw_only=True)
    _predicate_at: int = field(compare=False, repr=False, kw_only=True)
    _judge: Judge = field(compare=False, repr=False, kw_only=True)

    def check(self, subject: Subject, variables: Variables = NO_VARIABLES) -> Checked:
        """Hold it against an answer. Never raises: a variable that is not set fails it, and the message says so.

        A value that is not there fails every predicate, a negated one too, but `not exists`; so does a value of a
        kind that the predicate cannot work on. An assert that could pass on any answer would be none.
        """
        return self._judge(subject, variables, self.negative)

    def negated(self) -> Assert:
        """The assert that claims the contrary: `not` put in or taken out."""
        value, predicate = self.text[: self._predicate_at].rstrip(), self.text[self._predicate_at :]
        contrary = predicate.removeprefix("not").lstrip() if self.negative else f"not {predicate}"
        text = f"{value} {contrary}"
        return replace(self, text=text, negative=not self.negative, _predicate_at=len(value) + 1)


@dataclass(frozen=True, slots=True)
class Capture:
    """One parsed capture; equal to another one with the same text. `redact`: the value is a secret."""

    text: str
    redact: bool = field(default=False, compare=False)
    variables: frozenset[str] = field(default=frozenset(), compare=False)
    _read: Reader = field(compare=False, repr=False, kw_only=True)

    def value(self, subject: Subject, variables: Variables = NO_VARIABLES) -> Any:
        """The value, of JSON's types: durations in their unit, dates in ISO 8601. Raises NothingFound and nothing else.

        A JSONPath that selects one node gives its value, one that selects several a list.
        """
        return self._read(subject, variables)
