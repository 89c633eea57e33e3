"""Gathering the evidence: finds and reads reports, ignore files, the baseline and sources; judges nothing."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from actionkit import base as bases
from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.errors import Unreadable
from actionkit.git import GitFailed
from actionkit.workspace import Found, Workspace
from security_report_aggregator import delta as deltas
from security_report_aggregator import (
    documents,
    identity,
    ignores,
    ledger,
    licenses,
    lookup,
    manifest,
    policies,
    readers,
    tools,
)
from security_report_aggregator.evidence import Baseline, Delta, Entry, Evidence
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.model import Scan, Weakness
from security_report_aggregator.places import Places
from security_report_aggregator.policy import Policy
from security_report_aggregator.record import Index
from security_report_aggregator.sources import Sources
from security_report_aggregator.trunk import Trunk
from security_report_aggregator.waiver import Waiver

USUAL_NAMES = (
    "*.sarif",
    "*.sarif.json",
    "bandit*.json",
    "safety*.json",
    "pip-audit*.json",
    "pip_audit*.json",
    "osv*.json",
    "semgrep*.json",
    "trivy*.json",
    "grype*.json",
    "npm-audit*.json",
    "snyk*.json",
    "dependency-check-report.*",
    "gitleaks*.json",
    "checkov*.json",
    "hadolint*.json",
)
"""Looked for at the top of the workspace and in `reports/` and `security/` where `reports` is empty."""

IGNORE_FILE_LIMIT = 16 * 1024 * 1024

USUAL_FOLDERS = ("", "reports/", "security/", "security-reports/")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence, the history it was compared with, and the sources it speaks of."""

    evidence: Evidence
    index: Index
    sources: Sources
    places: Places


def gather(inputs: Inputs, policy: Policy, trunk: Trunk, context: RunContext, doors: Doors) -> Gathered:
    """Everything a judgement may rest on. What cannot be read is in the evidence as unreadable.

    Raises UsageError for a malformed glob and GitHub's BadToken; nothing else.
    """
    head, base = trunk.head, trunk.base
    scans, unreadable, labels = read_reports(inputs.reports, doors.workspace)
    scans = licenses.judged(scans, policy.licenses)
    sources = Sources(doors.workspace)
    places = Places(doors.workspace, sources)
    weaknesses = tuple(places.placed(one) for one in identity.weaknesses(scans, sources.line))
    found = lookup.look_up(inputs, context, doors, base)
    now = doors.now()
    entries = ledger.entries(
        scans,
        (*_astray(context, doors, head), *unreadable),
        policy,
        now=now,
        shas=_shas(context, head),
        started_of=lambda path: _written(doors, path),
        tool_of=lambda name: labels.get(name) or tools.hinted(name),
    )
    waivers, unreadable_waivers = _waivers(inputs.ignore_file, trunk, doors)
    evidence = Evidence(
        ledger=entries,
        weaknesses=weaknesses,
        now=now,
        waivers=(*policy.waivers, *waivers),
        unreadable=unreadable_waivers,
        baseline=found.baseline,
        no_baseline=found.missing,
        delta=_delta(found.baseline, weaknesses, entries, trunk),
        head_sha=head,
    )
    return Gathered(evidence, found.index, sources, places)


def read_reports(
    wanted: Sequence[tuple[str, str]], workspace: Workspace
) -> tuple[tuple[Scan, ...], tuple[Unreadable, ...], Mapping[str, str]]:
    """Every report the globs name: scans, then what cannot be read or was not found, and whose that is where the user
    says so.

    Raises UsageError for a malformed glob.
    """
    key = secrets.token_bytes(32)
    scans: list[Scan] = []
    unreadable: list[Unreadable] = []
    labels: dict[str, str] = {}
    for label, path in _paths(wanted, workspace, unreadable, labels):
        for document in documents.documents(workspace, path, label=label, key=key):
            labels[document.name] = label
            if isinstance(document, Unreadable):
                unreadable.append(document)
                continue
            try:
                scans += readers.read(document)
            except Unreadable as error:
                unreadable.append(error)
    return tuple(scans), tuple(unreadable), labels


def _paths(
    wanted: Sequence[tuple[str, str]], workspace: Workspace, missing: list[Unreadable], labels: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Label and path of every report, each file once; a file that two labels name goes by the first."""
    if not wanted:
        found = workspace.find([f"{folder}{name}" for folder in USUAL_FOLDERS for name in USUAL_NAMES])
        missing += _not_found(replace(found, unmatched=()))
        yield from (("", path) for path in found.paths)
        return
    seen: set[str] = set()
    for label in dict.fromkeys(label for label, _ in wanted):
        globs = [glob for own, glob in wanted if own == label]
        found = workspace.find(globs)
        lost = list(_not_found(found))
        missing += lost
        labels |= {error.name: label for error in lost}
        for path in found.paths:
            if path not in seen:
                seen.add(path)
                yield label, path


def _not_found(found: Found) -> Iterator[Unreadable]:
    for glob in found.unmatched:
        yield Unreadable(glob, "matches no file: the scanner did not run, or wrote its report elsewhere")
    for refused in found.refused:
        yield Unreadable(refused.path, refused.reason)
    if found.truncated:
        yield Unreadable("the search for reports", found.truncated)


def _astray(context: RunContext, doors: Doors, head: str) -> Iterator[Unreadable]:
    """Scanners that looked at another commit than the one the run is about say nothing of it."""
    about = bases.astray(context, doors.git, head)
    if about:
        yield Unreadable(
            "the checkout",
            f"is of commit {head[:12]}, which does not hold commit {about[:12]} that this run is about: "
            "run on `pull_request` with no `ref` for actions/checkout, and relay the outcome with `from-outcome`",
        )


def _shas(context: RunContext, head: str) -> tuple[str, ...]:
    """Every name of what was checked out: scanners on a pull request may write the merge's or the head's."""
    pull = context.pull_request.head_sha if context.pull_request else ""
    return tuple(dict.fromkeys(sha for sha in (head, context.sha, pull) if sha))


def _written(doors: Doors, path: str) -> datetime | None:
    """When a report's file was written; None for one that is committed, whose time is the checkout's."""
    file = path if doors.workspace.has(path) else path.split("!", 1)[0]
    try:
        if doors.git.available() and file in doors.git.tracked_files():
            return None
        return datetime.fromtimestamp((doors.workspace.root / file).stat().st_mtime, UTC)
    except (GitFailed, OSError, ValueError):
        return None


def _waivers(globs: Sequence[str], trunk: Trunk, doors: Doors) -> tuple[tuple[Waiver, ...], tuple[Unreadable, ...]]:
    """The waivers of all ignore files; each knows whether it stands on the base branch too."""
    waivers: list[Waiver] = []
    unreadable: list[Unreadable] = []
    found = doors.workspace.find(globs) if globs else Found(())
    unreadable += _not_found(found)
    for path in found.paths:
        try:
            here = ignores.read(path, doors.workspace.read(path, IGNORE_FILE_LIMIT))
            waivers += policies.on_base(here, _base_waivers(path, trunk))
        except Unreadable as error:
            unreadable.append(error)
    return tuple(waivers), tuple(unreadable)


def _base_waivers(path: str, trunk: Trunk) -> tuple[Waiver, ...]:
    data = trunk.approved(path)
    try:
        return ignores.read(path, data) if data is not None else ()
    except Unreadable:
        return ()


def _delta(
    baseline: Baseline | None, weaknesses: Sequence[Weakness], entries: Sequence[Entry], trunk: Trunk
) -> Delta | None:
    if baseline is None:
        return None

    def was_there(weakness: Weakness) -> bool:
        finding = weakness.first
        if finding.package is None or finding.location is None or not finding.location.is_file:
            return False
        data = trunk.file(finding.location.path)
        return data is not None and manifest.holds(
            data.decode("utf-8", "replace"), finding.location.path, finding.package
        )

    return deltas.compare(baseline, weaknesses, complete_tools=complete_tools(entries), was_there=was_there)


def complete_tools(entries: Sequence[Entry]) -> Mapping[str, int]:
    """The scanners all of whose reports can be relied on, with how many scans each handed in."""
    doubtful = {entry.tool for entry in entries if entry.reasons}
    return Counter(entry.tool for entry in entries if entry.scan is not None and entry.tool not in doubtful)
