"""`{{name}}` in a text, after Hurl's rules: a name is letters, digits, `_` and `-`, blanks around it do not count.

`{{newUuid}}` and `{{newDate}}` are made anew at each place. There are no expressions and no nesting: what a variable
holds is not filled again. In a plan `\\{\\{` stands for the two braces themselves; a string of an assert may say
`\\u{7b}` too. A list or an object inside a text is written as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from actionkit.asserts import kinds
from actionkit.asserts.model import NotUnderstood, Unset
from actionkit.nearest import nearest
from actionkit.untrusted import one_line, shortened

__all__ = ["Made", "Name", "Template", "Unset", "fill", "fill_json", "names", "parse"]

_OPEN = re.compile(r"\{\{")
_OPEN_OR_ESCAPED = re.compile(r"\\\{\\\{|\{\{")
_NAME = re.compile(r"[\w-]+")


class Name(str):
    """The name in a placeholder, told from text by its type."""

    __slots__ = ()


def _uuid() -> str:
    from uuid import uuid4

    return str(uuid4())


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Made:
    """The doors behind `{{newUuid}}` and `{{newDate}}` (ISO 8601, UTC, microseconds)."""

    uuid: Callable[[], str] = _uuid
    now: Callable[[], datetime] = _now

    def value(self, name: str) -> str:
        """What the function of that name makes."""
        return self.uuid() if name == "newUuid" else f"{self.now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


FUNCTIONS = frozenset({"newUuid", "newDate"})
_REAL = Made()


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: literal pieces, and names where a value goes."""

    parts: tuple[str | Name, ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables it needs."""
        return frozenset(str(part) for part in self.parts if isinstance(part, Name)) - FUNCTIONS

    @property
    def constant(self) -> str | None:
        """The whole text if it has no placeholder, else None."""
        return None if any(isinstance(part, Name) for part in self.parts) else "".join(self.parts)

    def text(self, variables: Mapping[str, Any], made: Made = _REAL) -> str:
        """The filled text. Raises Unset."""
        return "".join(
            _text(value_of(part, variables, made)) if isinstance(part, Name) else part for part in self.parts
        )

    def value(self, variables: Mapping[str, Any], made: Made = _REAL) -> Any:
        """The same, but exactly one placeholder and nothing else keeps the type of its variable. Raises Unset."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Name):
            return value_of(self.parts[0], variables, made)
        return self.text(variables, made)


def value_of(name: str, variables: Mapping[str, Any], made: Made = _REAL) -> Any:
    """What `{{name}}` stands for. Raises Unset, with the nearest name there is."""
    if name in FUNCTIONS:
        return made.value(name)
    try:
        return variables[name]
    except KeyError:
        raise Unset(str(name), nearest(name, variables) or "") from None


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        import json

        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=kinds.text)
    return kinds.text(value)


def parse(text: str, *, escapes: bool = True, literal: Collection[int] = ()) -> Template:
    """Find the placeholders. Raises NotUnderstood with the column in `text`.

    `escapes`: `\\{\\{` stands for two braces. `literal` are indexes of braces that are nothing but braces.
    """
    return Template(tuple(_joined(_parts(text, escapes, literal))))


def _parts(text: str, escapes: bool, literal: Collection[int]) -> Iterator[str | Name]:
    mark, done, at = (_OPEN_OR_ESCAPED if escapes else _OPEN), 0, 0
    while found := mark.search(text, at):
        start, at = found.span()
        if found[0] != "{{":
            yield text[done:start] + "{{"
            done = at
        elif start in literal or start + 1 in literal:
            at = start + 1
        else:
            yield text[done:start]
            name, done = _name(text, start)
            yield Name(name)
            at = done
    yield text[done:]


def _joined(parts: Iterator[str | Name]) -> Iterator[str | Name]:
    pending = ""
    for part in parts:
        if isinstance(part, Name):
            if pending:
                yield pending
            yield part
            pending = ""
        else:
            pending += part
    if pending:
        yield pending


def _name(text: str, start: int) -> tuple[str, int]:
    end = text.find("}}", start + 2)
    inside = text[start + 2 : end].strip() if end >= 0 else ""
    if _NAME.fullmatch(inside):
        return inside, end + 2
    written = shortened(one_line(text[start : end + 2] if end >= 0 else text[start:]), 60)
    found = f"`{written}` is no variable" if end >= 0 else f"`{written}` is not closed with `}}}}`"
    raise NotUnderstood(start + 1, found, ("`{{name}}` with letters, digits, `_` and `-`",), fix=_fix(text, start))


def _fix(text: str, start: int) -> str:
    if start and text[start - 1] == "$":
        return "GitHub's `${{ }}` is not evaluated here: hand the value in as a variable or a secret, then `{{name}}`"
    return r"there are no expressions; for two braces that are nothing but braces write `\{\{`"


def fill(text: str, variables: Mapping[str, Any], made: Made = _REAL) -> str:
    """`text` with its placeholders filled. Raises Unset, and NotUnderstood where `names` would."""
    return parse(text).text(variables, made) if "{{" in text or r"\{" in text else text


def names(text: str) -> frozenset[str]:
    """The variables that `text` needs. Raises NotUnderstood for braces that hold no name, with the column."""
    return parse(text).names if "{{" in text else frozenset()


def fill_json(value: Any, variables: Mapping[str, Any], made: Made = _REAL) -> Any:
    """JSON with the texts in it filled, keys too; a text that is exactly one `{{x}}` becomes what x holds, of its type.

    Raises Unset, and NotUnderstood where `names` would.
    """
    if isinstance(value, str):
        return parse(value).value(variables, made)
    if isinstance(value, list):
        return [fill_json(one, variables, made) for one in value]
    if isinstance(value, dict):
        return {
            fill(key, variables, made) if isinstance(key, str) else key: fill_json(one, variables, made)
            for key, one in value.items()
        }
    return value
