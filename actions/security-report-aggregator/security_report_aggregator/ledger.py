"""The evidence ledger: what every scanner left, and why it cannot be relied on. Incomplete is never clean. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from actionkit.errors import Unreadable
from actionkit.nearest import nearest
from security_report_aggregator import package_names, tools
from security_report_aggregator.evidence import Entry
from security_report_aggregator.model import Scan
from security_report_aggregator.policy import Policy
from security_report_aggregator.ruling import span

NO_REPORT = "no report of any scanner was found"
MISSING = "did not report"

CLOCK_SKEW = timedelta(minutes=10)
"""How far a scanner's clock may be ahead of ours."""

_NOT_AUDITED = re.compile(r"did not audit (?P<name>[^\s:]+)[^:]*:")
_SHA = re.compile(r"[0-9a-f]{7,64}")

Started = Callable[[str], datetime | None]
"""When the file at a path was written; None where nobody can say."""


def entries(
    scans: Sequence[Scan],
    unreadable: Sequence[Unreadable],
    policy: Policy,
    *,
    now: datetime,
    shas: Sequence[str],
    started_of: Started,
    tool_of: Callable[[str], str] = tools.hinted,
) -> tuple[Entry, ...]:
    """One entry for each scan, each file that cannot be read, and each expected scanner without either.

    `shas` are all names of what was checked out; a scan of another commit cannot be relied on. `tool_of` tells whose a
    file is that cannot be read. The scans in the entries are without the gaps that `unaudited` of the policy accepts.
    """
    made = [_scanned(scan, policy, now, shas, started_of) for scan in scans]
    made += [Entry(tool_of(error.name), error.name, (_said(error),)) for error in unreadable]
    if not made:
        made.append(Entry("", "", (NO_REPORT,)))
    return (*made, *_missing(policy.expected, made))


def _said(error: Unreadable) -> str:
    return f"line {error.line}: {error.reason}" if error.line is not None else error.reason


def _scanned(scan: Scan, policy: Policy, now: datetime, shas: Sequence[str], started_of: Started) -> Entry:
    accepted = [gap for gap in scan.gaps if _is_unaudited(gap, policy.unaudited)]
    if accepted:
        gaps = tuple(gap for gap in scan.gaps if gap not in accepted)
        notes = (*scan.notes, *(f"accepted by `unaudited`: {gap}" for gap in accepted))
        scan = replace(scan, gaps=gaps, notes=notes)
    reasons = (*_mislabelled(scan), *scan.gaps, *_age(scan, policy.max_age, now, started_of), *_commit(scan, shas))
    return Entry(scan.tool or scan.label, scan.path, reasons, scan)


def _mislabelled(scan: Scan) -> Iterator[str]:
    """A label that names another scanner than the report does: one scanner's report is no evidence of another."""
    label, tool = tools.normalised(scan.label), scan.tool
    if label in tools.KNOWN and tool in tools.KNOWN and not (label.startswith(tool) or tool.startswith(label)):
        yield f"is a report of {tool}, though `reports` says that {label} wrote it"


def _is_unaudited(gap: str, names: Iterable[str]) -> bool:
    """`did not audit <name> …: …`, as the reader of pip-audit has it, of a package that no data base has to know."""
    found = _NOT_AUDITED.match(gap)
    if found is None:
        return False
    name = found["name"]
    return any(fnmatchcase(package_names.key(name), package_names.key(glob)) for glob in names)


def _age(scan: Scan, max_age: timedelta | None, now: datetime, started_of: Started) -> Iterator[str]:
    if max_age is None:
        return
    started = scan.started or started_of(scan.path)
    if started is None:
        yield "its age cannot be judged: it does not say when it was made, and the time of its file is the checkout's"
        return
    age = now - (started if started.tzinfo else started.replace(tzinfo=UTC))
    if age > max_age:
        yield f"is {span(age)} old, and `max-age` is {span(max_age)}"
    elif age < -CLOCK_SKEW:
        yield f"its age cannot be judged: it says that it was made {span(-age)} from now"


def _commit(scan: Scan, shas: Sequence[str]) -> Iterator[str]:
    """Only a commit's hash can contradict; what else a scanner calls a revision says nothing."""
    commit = scan.commit.strip().lower()
    if not shas or not _SHA.fullmatch(commit):
        return
    if not any(sha.lower().startswith(commit) or commit.startswith(sha.lower()) for sha in shas):
        yield f"scanned commit {commit[:12]}, not {shas[0][:12]}"


def _missing(expected: Sequence[str], made: Sequence[Entry]) -> Iterator[Entry]:
    there: set[str] = set()
    for entry in made:
        there.add(tools.normalised(entry.tool))
        if entry.scan is not None and not any(_mislabelled(entry.scan)):
            there.add(tools.normalised(entry.scan.label))
    for wanted in expected:
        if tools.normalised(wanted) in there:
            continue
        guess = nearest(wanted, sorted(there - {""}))
        more = f" (`{guess}` did; is it meant?)" if guess else ""
        yield Entry(wanted, "", (f"{MISSING}{more}",))
