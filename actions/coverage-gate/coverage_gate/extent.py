"""Whether the lines a report names exist: a report that names more lines than a file has is not of this file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from actionkit.errors import Unreadable
from actionkit.workspace import Workspace
from coverage_gate.model import FileCoverage

SAMPLE = 1000
"""Unchanged files that are looked at; a report of another commit gives itself away in the changed ones."""

SOURCE_LIMIT = 8 * 1024 * 1024
"""Bytes of a source file that is looked at; larger ones are data."""

# Some tools count the end of the file as a line of its own.
_SLACK = 1
# Kotlin and Scala compilers number inlined code beyond the end of the file it is inlined into.
_INLINING = (".kt", ".kts", ".scala")


def beyond(
    files: Mapping[str, FileCoverage], changed: Iterable[str], workspace: Workspace
) -> dict[str, tuple[int, int]]:
    """The measured files whose report names lines past their end: path -> (last line named, lines there are).

    Looks at all changed files and at the first SAMPLE others. A file that cannot be read is left out.
    """
    first = dict.fromkeys(path for path in changed if path in files)
    others = islice((path for path in files if path not in first), SAMPLE)
    found = {}
    for path in (*first, *others):
        last = files[path].lines.bit_length() - 1
        if last <= _SLACK or path.endswith(_INLINING):
            continue
        try:
            source = workspace.read(path, SOURCE_LIMIT)
        except Unreadable:
            continue
        if last > (there := _line_count(source)) + _SLACK:
            found[path] = (last, there)
    return found


def _line_count(source: bytes) -> int:
    """Lines as editors count them: ended by LF, CR LF or, in files without LF, by CR."""
    ends = source.count(b"\n") or source.count(b"\r")
    return ends + (bool(source) and not source.endswith((b"\n", b"\r")))
