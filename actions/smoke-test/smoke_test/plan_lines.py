"""The lines of the assert grammar in a plan file, each parsed where it stands. Pure.

They are read from the document as YAML has it, so that what does not parse is told at once with everything else that
is wrong with the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from actionkit import values
from actionkit.asserts import Assert, Capture, NotUnderstood
from actionkit.errors import Complaint
from actionkit.yamlcore import Document, Keys, dotted

T = TypeVar("T")

QUOTE_IT = "A plain YAML text ends at ` #`: put the whole line in single quotes."


@dataclass(frozen=True, slots=True)
class Lines:
    """What was parsed: asserts by the keys of their list, captures by the keys of each."""

    asserts: Mapping[Keys, tuple[Assert, ...]] = field(default_factory=dict)
    captures: Mapping[Keys, Capture] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()


def read(document: Document, path: str, source: Sequence[str]) -> Lines:
    """Parse every assert and capture of a plan file; `source` are the file's lines, for what YAML left out."""
    from actionkit.asserts import parse_assert, parse_capture

    complaints: list[Complaint] = []

    def parsed(keys: Keys, text: object, convert: Callable[[str], T]) -> tuple[T, ...]:
        if not isinstance(text, str):
            return ()
        try:
            return (convert(text),)
        except NotUnderstood as error:
            complaints.append(complaint(error, text, f"`{dotted(keys)}`", path, document.line_of(keys), source))
            return ()

    asserts: dict[Keys, tuple[Assert, ...]] = {}
    for keys, value in _lists(document.value):
        several = [((*keys, at), one) for at, one in enumerate(value)] if isinstance(value, list) else [(keys, value)]
        asserts[keys] = tuple(one for at, text in several for one in parsed(at, text, parse_assert))
    captures: dict[Keys, Capture] = {}
    for keys, step in steps(document.value):
        for name, text in _mapping(step.get("captures")).items():
            for one in parsed((*keys, "captures", name), text, parse_capture):
                captures[(*keys, "captures", name)] = one
    return Lines(asserts, captures, tuple(complaints))


def complaint(
    error: NotUnderstood, text: str, what: str, path: str, line: int | None, source: Sequence[str] = ()
) -> Complaint:
    """What is wrong with one line of the grammar, with its column and what was expected there."""
    expected = f", expected {' or '.join(error.expected)}" if error.expected else ""
    message = f"{what}: column {error.column} of {values.quoted(text)}: {error.found}{expected}"
    written = source[line - 1] if line and line <= len(source) else ""
    after = written.partition(text.strip())[2] if text.strip() else ""
    fix = error.fix[:1].upper() + error.fix[1:]
    if after.lstrip(" \t").startswith("#") and after[:1] in " \t":
        fix = QUOTE_IT
    elif not fix:
        fix = f"Write `{error.nearest}`." if error.nearest else "Correct it there."
    return Complaint(message, fix, path, line)


def steps(plan: Any) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """Every step of a plan as YAML has it, whatever else it holds, with its keys."""
    lists: list[tuple[Keys, Any]] = [((key,), _mapping(plan).get(key)) for key in ("setup", "finally")]
    for at, test in enumerate(_list(_mapping(plan).get("tests"))):
        lists.append((("tests", at, "steps"), _mapping(test).get("steps")))
    for keys, several in lists:
        for at, step in enumerate(_list(several)):
            if isinstance(step, dict):
                yield (*keys, at), step


def _lists(plan: Any) -> Iterator[tuple[Keys, Any]]:
    """Every list of asserts, with its keys."""
    yield ("options", "fail_when"), _mapping(_mapping(plan).get("options")).get("fail_when")
    for keys, step in steps(plan):
        yield (*keys, "asserts"), step.get("asserts")
        yield (*keys, "options", "fail_when"), _mapping(step.get("options")).get("fail_when")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
