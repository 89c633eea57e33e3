"""LCOV tracefiles (`lcov.info`), as geninfo(1) of lcov 2.x describes them and as the tools really write them.

A record runs from `SF:` to `end_of_record`. Within it `DA:` lines may repeat (a line is hit if one of them says so),
counts may need 64 bits, and `LF:`/`LH:` may stand without any `DA:`: then only totals are known.
"""

from __future__ import annotations

from actionkit.jsondoc import utf8
from coverage_gate.merge import merge
from coverage_gate.model import Counts, FileCoverage, Report, Totals
from coverage_gate.readers.lcov_pieces import line_of_end, pieces
from coverage_gate.readers.lcov_tracefile import Tracefile
from coverage_gate.readers.source import Reader, Source
from coverage_gate.readers.xml_claims import doubts_about

_STARTS = (b"SF:", b"TN:")
_OLD_COVERAGEPY = (
    "It was written by coverage.py 7.6.1 or older, whose LCOV lists docstrings as lines and branches by where they "
    "lead: lines are counted as its header says, and branches cannot be told by line. Write XML or JSON instead."
)


def recognises(head: bytes) -> bool:
    """Whether the first lines, comments aside, are a test name or a source file of LCOV."""
    told = [line for line in utf8(head).splitlines() if line.strip() and not line.startswith(b"#")]
    return bool(told) and told[0].startswith(_STARTS) and any(line.startswith(b"SF:") for line in told)


def read(source: Source) -> Report:
    """Read an LCOV tracefile. Raises Unreadable(name, reason, line)."""
    tracefile = Tracefile(source.name)
    for piece in pieces(source):
        end = _read_records(tracefile, piece)
    reason = _what_is_cut_off(tracefile, end, piece)
    files, doubts = _merged(tracefile.files)
    return Report(
        source.name,
        READER.name,
        files,
        claimed=tracefile.claimed,
        tool="coverage.py" if tracefile.is_old_coveragepy else "",
        doubts=(
            *tracefile.doubts(),
            *((_OLD_COVERAGEPY,) if tracefile.is_old_coveragepy else ()),
            *doubts,
            *(() if tracefile.agrees else _disagreement(tracefile.claimed, files)),
        ),
        complete=not reason,
        reason=reason,
    )


def _read_records(tracefile: Tracefile, piece: bytes) -> int:
    """Read every whole record of a piece; the offset behind the last."""
    tracefile.start(piece)
    start = 0
    while True:
        end, behind = line_of_end(piece, start)
        if end < 0:
            return start
        tracefile.read_record(start, end)
        start = behind


def _what_is_cut_off(tracefile: Tracefile, start: int, piece: bytes) -> str:
    """Why the text behind the last record means that records are missing; "" if it does not."""
    tail = piece[start:]
    tracefile.read_record(start, len(piece))
    if any(line.startswith(_STARTS) for line in tail.splitlines()):
        return "its last record has no end_of_record: the file is truncated"
    if tail.strip() and not tail.endswith(b"\n"):
        return "it ends in the middle of a line: the file is truncated"
    return ""


def _merged(files: list[FileCoverage]) -> tuple[tuple[FileCoverage, ...], tuple[str, ...]]:
    """One entry per path: tools write a record per test name, or per compilation unit."""
    if len({file.path for file in files}) == len(files):
        return tuple(files), ()
    merged = merge(files)
    return tuple(merged.files.values()), merged.doubts


def _disagreement(claimed: Totals | None, files: tuple[FileCoverage, ...]) -> tuple[str, ...]:
    if claimed is None:
        return ()
    counted = Report("", READER.name, files).counted
    branches = claimed.branches if claimed.branches != Counts(0, 0) else None
    return (
        *doubts_about(claimed.lines, counted.lines, "lines"),
        *doubts_about(branches, counted.branches, "branches"),
    )


READER = Reader("lcov", recognises, read)
