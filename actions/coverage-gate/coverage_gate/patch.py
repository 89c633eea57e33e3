"""Patch coverage: of the lines a change added, which are executable, and which of those ran. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from posixpath import splitext

from coverage_gate.evidence import ChangedFile, Diff, Patch, PatchFile
from coverage_gate.model import Counts, FileCoverage, Lines, ranges_of

GAP = 3
"""Annotations bridge up to this many lines that are not missing themselves, so that one block gets one annotation."""


def measure(diff: Diff, files: Mapping[str, FileCoverage]) -> Patch:
    """Hold the changed lines against the executable ones; `files` are keyed by git's paths.

    A changed file without any measurement counts nothing here: `unmeasured` tells of it. A measured file whose
    changed lines cannot be told, or that has totals only, is `unknown` with the reason as the rest of a sentence.
    """
    measured: list[PatchFile] = []
    unknown: dict[str, str] = {}
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents} if _doubtful(diff) else set()
    for path, changed in sorted(diff.files.items()):
        if changed.removed:
            continue
        coverage = files.get(path)
        if coverage is None:
            if not changed.known and path in folders:
                unknown[path] = "is a submodule that changed, and files in it are measured"
        elif not changed.known:
            unknown[path] = _why_unknown(changed)
        elif coverage.summary is not None and not coverage.lines:
            if changed.added:
                unknown[path] = "is in the report with totals only, so nobody knows which of its lines ran"
        elif changed.added & coverage.lines:
            lines = changed.added & coverage.lines
            covered = lines & coverage.covered
            measured.append(PatchFile(path, covered=covered, missing=lines & ~covered))
    covered_lines = sum(file.covered.bit_count() for file in measured)
    missing_lines = sum(file.missing.bit_count() for file in measured)
    return Patch(Counts(covered_lines, covered_lines + missing_lines), tuple(measured), unknown)


def unmeasured(diff: Diff, files: Mapping[str, FileCoverage]) -> tuple[str, ...]:
    """Changed files that no report mentions although files of the same suffix are measured, in order of path.

    Only files with added (or unknown) lines; whether they are tests or ignored is for the caller to say.
    """
    suffixes = {_suffix(path) for path in files} - {""}
    return tuple(
        path
        for path, changed in sorted(diff.files.items())
        if path not in files
        and not (changed.removed or changed.symlink)
        and (changed.added or not changed.known)
        and _suffix(path) in suffixes
    )


def annotation_ranges(file: PatchFile, covered: Lines = 0) -> list[tuple[int, int]]:
    """Missing lines as inclusive ranges, ascending, joined over gaps of up to GAP lines.

    A covered executable line is never bridged: the changed ones in `file`, and those in `covered` (all covered lines
    of the file, changed or not).
    """
    executed = bin(file.covered | covered)[:1:-1]
    joined: list[tuple[int, int]] = []
    for first, last in ranges_of(file.missing):
        if joined:
            start, end = joined[-1]
            if first - end - 1 <= GAP and executed.find("1", end + 1, first) < 0:
                joined[-1] = (start, last)
                continue
        joined.append((first, last))
    return joined


def _suffix(path: str) -> str:
    # Path objects take ten times as long, and this is asked of every measured file.
    return splitext(path)[1]


def _doubtful(diff: Diff) -> bool:
    return not all(changed.known for changed in diff.files.values())


def _why_unknown(changed: ChangedFile) -> str:
    if changed.binary:
        return "is binary to git, so its changed lines are unknown"
    return "changed in lines that the diff does not show"
