"""Every report format coverage-gate reads. Adding a format is adding a module and one line here."""

from __future__ import annotations

from actionkit.errors import Unreadable
from coverage_gate.model import Report
from coverage_gate.readers import (
    clover,
    cobertura,
    coveragepy_data,
    coveragepy_json,
    gcov,
    gocover,
    istanbul,
    jacoco,
    lcov,
    llvm,
    opencover,
    simplecov,
)
from coverage_gate.readers.source import Reader, Source

READERS: tuple[Reader, ...] = (
    coveragepy_json.READER,
    coveragepy_data.READER,
    cobertura.READER,
    lcov.READER,
    jacoco.READER,
    clover.READER,
    opencover.READER,
    gocover.READER,
    simplecov.READER,
    istanbul.READER,
    llvm.READER,
    gcov.READER,
)


def read(source: Source, wanted: str = "auto") -> Report:
    """Read one report with the reader its content asks for, or with the one named `wanted`.

    Raises Unreadable with the file and the reason: empty, truncated, of another format, of no known format.
    """
    head = source.head()
    if not head.strip():
        source.read()
    for reader in READERS:
        if reader.name == wanted or (wanted == "auto" and reader.recognises(head)):
            return reader.read(source)
    known = ", ".join(reader.name for reader in READERS)
    raise Unreadable(source.name, f"is in no coverage format known here ({known})")
