"""pip-licenses: JSON (one `License`, or one per source with `--from=all`), CSV and Markdown tables.

An inventory: the policy decides which licences are findings.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Licensed, Package, Scan
from security_report_aggregator.readers.fields import text
from security_report_aggregator.readers.records import listed

TOOL = "pip-licenses"
SOURCES = ("License-Expression", "License", "License-Metadata", "License-Classifier")
"""Where a licence may stand, what says most first: an SPDX expression (PEP 639), then what the author wrote."""
UNKNOWN = "UNKNOWN"

_CELL_BORDER = re.compile(r"(?<!\\)\|")
_RULER = re.compile(r"\|[-:|\s]+\|")


def recognises(document: Document) -> bool:
    if document.kind is Kind.ARRAY:
        named = document.has("[]", "Name") and document.has("[]", "Version")
        return (named or document.has("[]", "Count")) and any(document.has("[]", source) for source in SOURCES)
    return document.kind is Kind.TEXT and _is_header(_cells(document.head.lstrip().split("\n", 1)[0]))


def read(document: Document) -> tuple[Scan, ...]:
    licensed = tuple(_licensed(document, record) for record in _records(document))
    # pip-licenses ends every line; nothing else tells a table that was cut off between two rows.
    is_cut = document.kind is Kind.TEXT and not document.data.endswith((b"\n", b"\r"))
    gaps = ("its last line does not end, as if it was cut off",) if is_cut else ()
    return (Scan(document.name, TOOL, "", "pip-licenses", licensed=licensed, gaps=gaps),)


def _licensed(document: Document, record: Mapping[str, object]) -> Licensed:
    name = text(record.get("Name")).strip()
    said = [stated for source in SOURCES if (stated := text(record.get(source)).strip()) not in ("", UNKNOWN)]
    if not name and "Count" in record:
        raise document.unreadable("counts licences without naming a package: run pip-licenses without `--summary`")
    if not name:
        raise document.unreadable("has a package without `Name`")
    return Licensed(Package("pypi", name, text(record.get("Version")).strip()), said[0] if said else "")


def _records(document: Document) -> Iterator[Mapping[str, object]]:
    if document.kind is Kind.ARRAY:
        yield from listed(document)
        return
    rows = _rows(document)
    _, header = next(rows)
    for number, cells in rows:
        if cells == header:
            continue
        if len(cells) != len(header):
            raise document.unreadable(f"has a row of {len(cells)} cells under {len(header)} columns", number)
        yield dict(zip(header, cells, strict=True))


def _rows(document: Document) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with their line numbers; the header is the first."""
    try:
        content = document.data.decode()
    except UnicodeDecodeError as error:
        raise document.unreadable("is not UTF-8 text", document.data.count(b"\n", 0, error.start) + 1) from None
    if content.lstrip().startswith("|"):
        for number, row in enumerate(content.splitlines(), 1):
            if row.strip() and not _RULER.fullmatch(row.strip()):
                yield number, _cells(row)
        return
    reader = csv.reader(io.StringIO(content.lstrip(), newline=""), strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise document.unreadable(
            f"is no CSV table that can be read ({error}); `--format=json` writes what always can", reader.line_num
        ) from None


def _cells(row: str) -> list[str]:
    """The cells of one row, of Markdown or CSV; none for what is neither."""
    plain = row.strip()
    if plain.startswith("|"):
        return [cell.strip().replace("\\|", "|") for cell in _CELL_BORDER.split(plain.removesuffix("|"))[1:]]
    try:
        return next(csv.reader([plain]), [])
    except csv.Error:
        return []


def _is_header(cells: list[str]) -> bool:
    return "Name" in cells and "Version" in cells and not set(SOURCES).isdisjoint(cells)


READER = Reader("pip-licenses", recognises, read)
