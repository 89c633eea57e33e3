"""Asks the installed coverage.py what a data file says about each source: the only module that knows its insides.

`coverage.results` and `coverage.python` are what `coverage json` itself is made of. That report is not used because it
analyses each function and class again, a third of its time; a test holds the two against each other.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coverage_gate.model import Counts, FileCoverage, Function, LineBranches, lines_of
from coverage_gate.readers.coveragepy_json import branches_of
from coverage_gate.readers.coveragepy_settings import Settings

if TYPE_CHECKING:
    from coverage import Coverage
    from coverage.data import CoverageData
    from coverage.plugin import CodeRegion

_CHUNK = 64
WORTH_A_POOL = 512
"""Files from which on a second process pays: coverage.py takes about 3 ms for a file, a process 100 ms to start."""


class Job(NamedTuple):
    """One measured path as the data file names it, its source here, and what reports shall call it."""

    measured: str
    source: Path
    path: str


class Failure(NamedTuple):
    """A source that coverage.py cannot analyse, and why."""

    path: str
    why: str


class Finding(NamedTuple):
    """A FileCoverage on its way out of another process (its read-only defaults cannot be pickled)."""

    path: str
    lines: int
    covered: int
    branches: Mapping[int, LineBranches]
    uncounted: int
    functions: tuple[Function, ...]
    contexts: Mapping[int, tuple[str, ...]]

    def coverage(self) -> FileCoverage:
        return FileCoverage(
            self.path,
            self.lines,
            self.covered,
            self.branches,
            self.uncounted,
            functions=self.functions,
            contexts=self.contexts,
        )


@dataclass(frozen=True, slots=True)
class DataFile:
    """A private copy of a data file, and the settings it is to be read with."""

    path: Path
    settings: Settings

    def measured(self) -> dict[str, str]:
        """The measured paths, each with the plugin that measured it ("" for Python itself)."""
        with self._open() as (_, data):
            return {path: data.file_tracer(path) or "" for path in sorted(data.measured_files())}

    def reported(self, sources: Mapping[str, Path | None]) -> list[str]:
        """The measured paths that the include and omit patterns leave, judged by measured and by real path."""
        from coverage.files import GlobMatcher

        include, omit = GlobMatcher(self.settings.include), GlobMatcher(self.settings.omit)

        def matches(patterns: GlobMatcher, path: str) -> bool:
            return patterns.match(path) or patterns.match(str(sources[path] or path))

        return [
            path
            for path in sources
            if (not self.settings.include or matches(include, path))
            and not (self.settings.omit and matches(omit, path))
        ]

    def analyse(self, jobs: Sequence[Job]) -> list[FileCoverage | Failure]:
        """What coverage.py says about each of these files, in their order."""
        return analysed(self, jobs, _in_pool if len(jobs) >= WORTH_A_POOL and _processes() > 1 else _in_turn)

    def analyse_chunk(self, jobs: Sequence[Job]) -> list[Finding | Failure]:
        """The same for a few files, with a connection of its own."""
        with self._open() as (coverage, data), data.keep_db_open():
            data.set_query_contexts(list(self.settings.contexts) or None)
            has_contexts = data.measured_contexts() not in ({""}, set())
            found = (_analysis(coverage, data, job, has_contexts) for job in jobs)
            return [finding for finding in found if finding is not None]

    @contextmanager
    def _open(self) -> Iterator[tuple[Coverage, CoverageData]]:
        from coverage import Coverage

        with warnings.catch_warnings():
            # Sources with invalid escapes make Python warn when coverage.py compiles them.
            warnings.simplefilter("ignore")
            coverage = Coverage(data_file=self.path, config_file=False)
            self.settings.apply(coverage)
            coverage.load()
            data = coverage.get_data()
            try:
                yield coverage, data
            finally:
                data.close(force=True)


Analyse = Callable[[Sequence[Job]], list[Finding | Failure]]
Work = Callable[[Analyse, list[Sequence[Job]]], Iterable[list[Finding | Failure]]]
"""Applies a function to chunks of jobs, in order."""


def analysed(data: DataFile, jobs: Sequence[Job], work: Work) -> list[FileCoverage | Failure]:
    """The same with a way to work: in turn, or in several processes."""
    chunks = [jobs[at : at + _CHUNK] for at in range(0, len(jobs), _CHUNK)]
    try:
        results = list(work(data.analyse_chunk, chunks))
    except (BrokenProcessPool, OSError, ImportError, NotImplementedError):
        # A process was killed, most likely for want of memory, of which one process alone needs less; or a sandbox
        # without /dev/shm or the right to fork allows no pool.
        results = list(_in_turn(data.analyse_chunk, chunks))
    return [finding.coverage() if isinstance(finding, Finding) else finding for result in results for finding in result]


def _in_turn(analyse: Analyse, chunks: list[Sequence[Job]]) -> Iterable[list[Finding | Failure]]:
    return map(analyse, chunks)


def _in_pool(analyse: Analyse, chunks: list[Sequence[Job]]) -> Iterator[list[Finding | Failure]]:
    pool = ProcessPoolExecutor(_processes(), mp_context=get_context("fork"))
    try:
        yield from pool.map(analyse, chunks)
    finally:
        pool.shutdown(cancel_futures=True)


def _processes() -> int:
    """How many processes may work at once; 1 where forking is not safe (other threads, other systems)."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def _analysis(coverage: Coverage, data: CoverageData, job: Job, has_contexts: bool) -> Finding | Failure | None:
    """What is known about one file; None for a file that is no Python and need not be, as coverage.py skips it."""
    from coverage.exceptions import CoverageException, NotPython
    from coverage.python import PythonFileReporter
    from coverage.results import analysis_from_file_reporter

    reporter = PythonFileReporter(str(job.source), coverage)
    try:
        analysis = analysis_from_file_reporter(data, 0, reporter, job.measured)
        functions = _functions(reporter.code_regions()) if analysis.missing else ()
    except NotPython as error:
        return Failure(job.path, str(error)) if reporter.should_be_python() else None
    except (
        CoverageException,
        OSError,
        ValueError,
        SyntaxError,
        RecursionError,
        MemoryError,
        LookupError,
        AssertionError,
    ) as error:
        return Failure(job.path, f"{type(error).__name__}: {error}")
    covered = lines_of(analysis.executed)
    lines = covered | lines_of(analysis.missing)
    numbers = analysis.numbers
    return Finding(
        job.path,
        lines,
        covered,
        branches_of(
            _arcs(analysis.executed_branch_arcs()),
            _arcs(analysis.missing_branch_arcs()),
            Counts(numbers.n_executed_branches, numbers.n_branches),
        ),
        lines.bit_count() - numbers.n_statements,
        functions,
        _contexts(data, job.measured) if has_contexts else {},
    )


def _arcs(by_line: Mapping[int, Iterable[int]]) -> Iterator[tuple[int, int]]:
    return ((line, destination) for line, destinations in by_line.items() for destination in destinations)


def _functions(regions: Iterable[CodeRegion]) -> tuple[Function, ...]:
    """Only asked for where something is missing: functions serve to say what to test next."""
    found = (
        Function(region.name, min(region.start, *region.lines), max(region.lines))
        for region in regions
        if region.kind == "function" and region.lines
    )
    return tuple(sorted(found, key=lambda here: (here.first, here.last, here.name)))


def _contexts(data: CoverageData, measured: str) -> dict[int, tuple[str, ...]]:
    return {
        line: tuple(sorted(name for name in names if name))
        for line, names in sorted(data.contexts_by_lineno(measured).items())
        if line > 0 and any(names)
    }
