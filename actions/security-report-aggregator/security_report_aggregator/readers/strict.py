"""Lists of formats that never leave one null: what is missing where a tool always writes it is no empty list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from actionkit.jsonstream import CLOSED
from security_report_aggregator.document import Document
from security_report_aggregator.readers import fields
from security_report_aggregator.readers.fields import Object
from security_report_aggregator.readers.streamed import LIST


def require_list(document: Document, rest: Mapping[str, object], key: str, *prefix: str) -> None:
    """Raises Unreadable unless the walked document had a list at `key`; `rest` is what was met beside it.

    An empty object ends as an empty list does; the keys in the head tell them apart. `prefix` leads to `key` there.
    """
    if key not in rest:
        raise document.unreadable(f"has no `{key}`: no whole report")
    path = (*prefix, key)
    if rest[key] is not CLOSED or (document.has(*path) and not document.has(*path, LIST)):
        raise document.unreadable(f"`{key}` is no list")


def require_object(document: Document, rest: Mapping[str, object], key: str, *prefix: str) -> None:
    """The same for an object."""
    if rest.get(key) is not CLOSED or document.has(*prefix, key, LIST):
        raise document.unreadable(f"`{key}` is no object" if key in rest else f"has no `{key}`: no whole report")


def objects(document: Document, holder: Mapping[str, object], key: str, what: str = "") -> Iterator[Object]:
    """The objects of the list under `key`; nothing where there is none. Raises Unreadable for null and all else."""
    if key not in holder:
        return
    if holder[key] is None:
        raise document.unreadable(f"`{what or key}` is null, which is no list")
    yield from fields.objects(document, holder[key], what or key)
