"""Reads what k6, Artillery and Locust leave behind, and holds the thresholds of a plan against it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from io import BytesIO

from actionkit import jsondoc, jsonstream
from actionkit.errors import Unreadable
from smoke_test.load_reports import artillery, k6_points, k6_summary, locust, report
from smoke_test.load_reports.report import Report
from smoke_test.model import LoadResult, Threshold

MOST_BYTES = 500_000_000
"""A report is not read beyond that, compressed or not."""

ACCEPTED = (
    "k6's `--summary-export`, `handleSummary` data or `--out json`, Artillery's `--output`, "
    "Locust's `*_stats.csv` or `--json`"
)


def read(data: bytes, name: str, thresholds: Sequence[Threshold] = (), *, most_bytes: int = MOST_BYTES) -> LoadResult:
    """The result of another load tool, told by its content, held against `thresholds`.

    Raises Unreadable for what is none of the formats, truncated or hostile. A run without requests is a result without
    samples: then no threshold holds.
    """
    made = _report(_plain(data, name, most_bytes), name, thresholds)
    if made.failed > made.requests:
        raise Unreadable(name, f"contradicts itself: {made.failed} of {made.requests} requests failed")
    return report.result(made, thresholds)


def _plain(data: bytes, name: str, most_bytes: int) -> bytes:
    """UTF-8, decompressed: k6 compresses its points where the file's name ends in `.gz`."""
    if data.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
                data = stream.read(most_bytes + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(name, "is gzip that is damaged or ends early") from error
    if len(data) > most_bytes:
        raise Unreadable(name, f"is longer than {most_bytes // 1_000_000} MB")
    return jsondoc.utf8(data)


def _report(data: bytes, name: str, thresholds: Sequence[Threshold]) -> Report:
    begins = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not begins:
        raise Unreadable(name, "is empty")
    if begins.startswith(b"{"):
        if _is_points(begins.partition(b"\n")[0], name):
            return k6_points.read(data, name, thresholds)
        return _object(data, name)
    if begins.startswith(b"["):
        return locust.read_json(jsondoc.sequence(name, jsonstream.whole(name, data), "the document"), name)
    text = jsondoc.decode(name, data)
    if text.startswith(locust.HEADER):
        return locust.read_table(text, name)
    if text.startswith(locust.OTHER_TABLES):
        raise Unreadable(name, "is one of Locust's other tables; the one with the result ends in `_stats.csv`")
    if text.startswith(k6_points.TABLE):
        raise Unreadable(name, "is a table of k6's `--out csv`; use the file of its `--out json`, which says the same")
    raise Unreadable(name, f"is no result of a load test that is known here; accepted: {ACCEPTED}")


def _object(data: bytes, name: str) -> Report:
    document = jsondoc.parse(name, data)
    if isinstance(document.get("metrics"), dict):
        return k6_summary.read(document, name)
    if isinstance(document.get("aggregate"), dict):
        return artillery.read(document, name)
    raise Unreadable(name, f"is no result of a load test that is known here; accepted: {ACCEPTED}")


def _is_points(first: bytes, name: str) -> bool:
    """Whether the first line is a point, or the definition of a metric, as k6 writes them."""
    if b'"data"' not in first or len(first) > k6_points.LONGEST_LINE:
        return False
    try:
        return k6_points.is_line(jsondoc.parse(name, first))
    except Unreadable:
        return False
