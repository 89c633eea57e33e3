"""Reports that are lists: a JSON array, or JSON Lines with whatever a log wrote between them."""

from __future__ import annotations

from collections.abc import Iterator

from actionkit import jsonstream
from actionkit.errors import Unreadable
from security_report_aggregator.document import Document
from security_report_aggregator.readers.fields import Object, obj
from security_report_aggregator.readers.streamed import LIST, pieces


def listed(document: Document) -> Iterator[Object]:
    """The objects of a document that is one list, one by one. Raises Unreadable for anything else in it."""
    for piece in pieces(document, (LIST,)):
        if piece.shape == (LIST,):
            yield obj(piece.value)


def json_lines(document: Document) -> Iterator[tuple[int, Object | str]]:
    """Each line that is not blank, with its number: an object, or the text of a line that does not start like one.

    Raises Unreadable with the line's number for one that starts like an object and is none.
    """
    for number, line in document.lines():
        if not line.startswith(b"{"):
            yield number, line.decode("utf-8", "replace")
            continue
        try:
            (_, value), *_ = jsonstream.walk(document.name, line)
        except Unreadable as error:
            raise document.unreadable(error.reason, number) from None
        yield number, obj(value)
