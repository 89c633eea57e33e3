"""A large JSON report piece by piece, with the kind of every container on the way checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from actionkit.jsonstream import CLOSED, Path, Stream
from security_report_aggregator.document import Document

LIST = "[]"
ANY = "*"
_ANY_KEY = "{}"

Shape = tuple[str, ...]
"""A path with LIST for any index and ANY for any key: `("Results", "[]", "Vulnerabilities", "[]")`."""


class Piece(NamedTuple):
    """A value, where it stands, and the same with indexes and free keys as LIST and ANY; `value` may be CLOSED."""

    shape: Shape
    path: Path
    value: object


def pieces(document: Document, *shapes: Shape) -> Iterator[Piece]:
    """Every value that no shape leads through, in the document's order (`Document.walk`).

    Null is accepted for a container that a key names, since several scanners write an empty list so. Raises Unreadable,
    naming the place, where a list stands for an object, an object for a list, anything else for either, or where an
    element at the end of a shape is no object.
    """
    streams: list[Stream] = [tuple(_ANY_KEY if step == ANY else step for step in shape) for shape in shapes]
    known: dict[Path, tuple[Shape, bool]] = {}
    for path, value in document.walk(*streams):
        general = tuple(0 if isinstance(step, int) else step for step in path)
        found = known.get(general)
        if found is None:
            found = known[general] = _placed(document, path, shapes)
        shape, is_container = found
        if value is not CLOSED:
            _refuse_others(document, path, value, shape, shapes, is_container=is_container)
        yield Piece(shape, path, value)


def spelled(path: Path) -> str:
    """`("Results", 0, "Vulnerabilities")` as `Results[0].Vulnerabilities`."""
    said = "".join(f"[{step}]" if isinstance(step, int) else f".{step[:40]}" for step in path)
    return said.removeprefix(".")


def _placed(document: Document, path: Path, shapes: tuple[Shape, ...]) -> tuple[Shape, bool]:
    """The path's shape, and whether a shape leads through it."""
    alive = list(shapes)
    shape: list[str] = []
    for at, step in enumerate(path):
        leading = [one for one in alive if len(one) > at]
        mark = _mark(step, {one[at] for one in leading})
        if leading and not any(one[at] == mark for one in leading):
            if all((one[at] == LIST) != (mark == LIST) for one in leading):
                raise document.unreadable(_no_such(path[:at], is_list=mark != LIST))
            leading = []
        alive = [one for one in leading if one[at] == mark]
        shape.append(mark)
    return tuple(shape), any(len(one) > len(path) for one in alive)


def _mark(step: str | int, expected: set[str]) -> str:
    if isinstance(step, int):
        return LIST
    return ANY if step not in expected and ANY in expected else step


def _refuse_others(
    document: Document, path: Path, value: object, shape: Shape, shapes: tuple[Shape, ...], *, is_container: bool
) -> None:
    if shape and shape[-1] == LIST:
        # An element of a list that leads on, or a record at the end of a shape.
        is_wanted = is_container or shape in shapes
        if is_wanted and not isinstance(value, dict):
            raise document.unreadable(_no_such(path, is_list=False))
    elif is_container and value is not None:
        next_step = next(one[len(shape)] for one in shapes if one[: len(shape)] == shape and len(one) > len(shape))
        raise document.unreadable(_no_such(path, is_list=next_step == LIST))


def _no_such(path: Path, *, is_list: bool) -> str:
    return f"`{spelled(path) or 'the report'}` is no {'list' if is_list else 'object'}"
