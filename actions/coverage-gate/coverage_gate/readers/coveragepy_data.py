"""coverage.py's own data file (`.coverage`), read by the installed coverage.py against the sources in the workspace.

The file says which lines and arcs ran; what could have run is in the sources. So totals depend on the version of
coverage.py that reads it, and on sources being there: each one that is missing makes the report incomplete.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from actionkit.errors import Unreadable
from coverage_gate.merge import merge
from coverage_gate.model import LINE_LIMIT, FileCoverage, Report
from coverage_gate.readers.coveragepy_json import moment_of
from coverage_gate.readers.coveragepy_settings import Settings, settings_in
from coverage_gate.readers.source import SIZE_LIMIT, Reader, Source

_SQLITE = b"SQLite format 3\0"
_VERSION_4 = b"!coverage.py: This is a private format"
_SCHEMA = b"coverage_schema"
_SCHEMA_VERSION = 7
"""Since coverage.py 5.0; see "coverage.py database schema" in its documentation."""


def recognises(head: bytes) -> bool:
    """Whether it is an SQLite database with coverage.py's schema, or a data file of coverage.py 4."""
    return (head.startswith(_SQLITE) and _SCHEMA in head) or head.startswith(_VERSION_4)


def read(source: Source) -> Report:
    """Read a data file. Nothing is written beside it. Raises Unreadable(name, reason, line)."""
    import sqlite3

    import coverage
    from coverage.exceptions import CoverageException

    if source.head().startswith(_VERSION_4):
        raise Unreadable(source.name, "was written by coverage.py 4; measure with coverage.py 5 or later")
    folders = _folders(source)
    with _copy(source) as copy:
        meta = _checked(source.name, copy)
        try:
            files, gaps = _analysed(copy, settings_in(source.name, folders), folders)
        except (CoverageException, sqlite3.Error) as error:
            raise Unreadable(source.name, f"cannot be read by coverage.py {coverage.__version__}: {error}") from error
    if not files and not gaps:
        raise Unreadable(source.name, "has no measured files: nothing ran under coverage.py, or all of it is omitted")
    merged = merge(files)
    writer = meta.get("version", "")
    return Report(
        source.name,
        READER.name,
        tuple(merged.files.values()),
        tool="coverage.py",
        version=coverage.__version__,
        doubts=_doubts(writer, coverage.__version__),
        complete=not gaps,
        reason=_reason(gaps),
        measured_at=moment_of(meta.get("when", "")),
    )


def _folders(source: Source) -> tuple[Path, ...]:
    """Where sources and settings may lie: the source root, the workspace, the data file's own folder."""
    depth = len(Path(source.name).parts)
    path = source.path.resolve()
    is_below = path.parts[-depth:] == Path(source.name).parts
    workspace = path.parents[depth - 1] if is_below and depth <= len(path.parents) else path.parent
    return tuple(dict.fromkeys((source.root.resolve(), workspace, path.parent)))


@contextmanager
def _copy(source: Source) -> Iterator[Path]:
    """A copy to open, since SQLite may write to a file that it only reads, and the workspace may be read-only.

    A write-ahead log beside the file is part of it. A rollback journal means that a write was interrupted.
    """
    size = source.path.stat().st_size if source.path.is_file() else 0
    if not size or size > SIZE_LIMIT:
        source.read()
    if _has_content(source.path, "-journal"):
        raise Unreadable(source.name, f"has an unfinished write beside it ({source.path.name}-journal)")
    with TemporaryDirectory(prefix="coverage-gate-") as folder:
        copy = Path(folder) / "coverage.data"
        try:
            shutil.copyfile(source.path, copy)
            if _has_content(source.path, "-wal"):
                shutil.copyfile(f"{source.path}-wal", f"{copy}-wal")
        except OSError as error:
            raise Unreadable(source.name, f"cannot be opened: {error.strerror or error}") from error
        yield copy


def _has_content(path: Path, suffix: str) -> bool:
    beside = Path(f"{path}{suffix}")
    return beside.is_file() and 0 < beside.stat().st_size <= SIZE_LIMIT


def _checked(name: str, copy: Path) -> Mapping[str, str]:
    """The data file's `meta` table, once the database is known to be whole and of a known schema."""
    import sqlite3

    try:
        with closing(sqlite3.connect(copy)) as database:
            (state,) = database.execute("pragma quick_check(1)").fetchone()
            if state != "ok":
                raise Unreadable(name, f"is a damaged or truncated SQLite database: {str(state)[:80]}")
            (version,) = database.execute("select version from coverage_schema").fetchone() or (None,)
            if version != _SCHEMA_VERSION:
                raise Unreadable(name, f"has coverage.py schema {version!r}; {_SCHEMA_VERSION} is read")
            (longest,) = database.execute("select max(length(numbits)) from line_bits").fetchone()
            if longest and longest * 8 > LINE_LIMIT:
                raise Unreadable(name, f"names line {longest * 8}; no file has more than {LINE_LIMIT} lines")
            return {str(key): str(value) for key, value in database.execute("select key, value from meta")}
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Unreadable(name, f"is a damaged or truncated SQLite database: {error}") from error


def _analysed(
    copy: Path, settings: Settings, folders: tuple[Path, ...]
) -> tuple[list[FileCoverage], Mapping[str, list[str]]]:
    """The coverage of every file that can be analysed, and per reason the paths of those that cannot."""
    from coverage_gate.readers.coveragepy_analysis import DataFile, Failure, Job
    from coverage_gate.readers.coveragepy_sources import sources_of

    data = DataFile(copy, settings)
    measured = data.measured()
    sources = sources_of(measured, folders)
    gaps: dict[str, list[str]] = {}
    jobs: list[Job] = []
    for path in data.reported(sources):
        source = sources[path]
        if source is None:
            gaps.setdefault("have no source in the workspace", []).append(path)
        elif measured[path]:
            gaps.setdefault(f"need the coverage.py plugin {measured[path][:80]}", []).append(path)
        else:
            jobs.append(Job(path, source, _shown(path, source, folders)))
    files: list[FileCoverage] = []
    for found in data.analyse(jobs):
        if isinstance(found, Failure):
            gaps.setdefault(f"cannot be analysed ({found.why[:120]})", []).append(found.path)
        else:
            files.append(found)
    return files, gaps


def _shown(measured: str, source: Path, folders: tuple[Path, ...]) -> str:
    """A relative path as it was measured, an absolute one relative to the folder it was found under."""
    path = measured.replace("\\", "/")
    if not path.startswith("/") and path[1:2] != ":":
        return path
    inside = [
        source.relative_to(folder).as_posix() for folder in folders[1:] + folders[:1] if source.is_relative_to(folder)
    ]
    return inside[0] if inside else path


def _reason(gaps: Mapping[str, list[str]]) -> str:
    return "; ".join(
        f"{len(paths)} measured files {why}: {', '.join(paths[:3])}{', …' if len(paths) > 3 else ''}"
        for why, paths in sorted(gaps.items())
    )


def _doubts(writer: str, reader: str) -> tuple[str, ...]:
    if writer == reader:
        return ()
    by = f"coverage.py {writer}" if writer else "an unknown coverage.py"
    return (
        f"It was measured by {by} and is counted by {reader}: "
        "what is a line and a branch depends on the version, so its own report may differ.",
    )


READER = Reader("coveragepy-data", recognises, read)
