"""Which runs the merged SARIF has and what goes into them, decided before anything is written.

A run replaces all that its scanner reported before, so a scanner gets one only if everything it left can be relied on;
one that found nothing gets an empty one, which closes its alerts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from security_report_aggregator.evidence import Entry
from security_report_aggregator.model import Finding, Level, Weakness
from security_report_aggregator.sarif_driver import shown_name, slug
from security_report_aggregator.sarif_limits import Limits
from security_report_aggregator.sarif_repairs import Repairs
from security_report_aggregator.sarif_rules_out import ORDER, Pick
from security_report_aggregator.severity import highest

OTHERS = "others"
OTHERS_NAME = "Other scanners"


@dataclass(frozen=True, slots=True)
class Planned:
    """One run: what it is called on a page, its category below ours, its version, and its results, the worst first.

    With `is_shared` several scanners share it.
    """

    name: str
    slug: str
    version: str
    picks: list[Pick]
    is_shared: bool = False


@dataclass(slots=True)
class _Found:
    """What is left of one scanner's findings: by level, at most `limit` of each, and how many there were."""

    limit: int
    by_level: dict[Level, list[Pick]] = field(default_factory=lambda: {level: [] for level in ORDER})
    total: int = 0

    def add(self, pick: Pick) -> None:
        self.total += 1
        kept = self.by_level[pick.rated.level]
        if len(kept) < self.limit:
            kept.append(pick)


def planned(
    entries: Sequence[Entry],
    weaknesses: Sequence[Weakness],
    left_out: Collection[str],
    repairs: Repairs,
    limits: Limits,
) -> list[Planned]:
    """The runs in the order of their names, cut to GitHub's limits; `weaknesses` come the worst first."""
    lost = _lost(entries, repairs)
    found: dict[str, _Found] = {}
    for entry in entries:
        for tool in _tools(entry):
            if tool not in lost:
                found.setdefault(tool, _Found(limits.results))
    _collect(weaknesses, frozenset(left_out), lost, found, limits.results, repairs)
    versions = _versions(entries)
    alone, sharing = _shares(found, lost, limits.runs, repairs)
    plans = [
        Planned(
            shown_name(tool),
            slug(tool),
            versions.get(tool, ""),
            _cut([found[tool]], shown_name(tool), limits.results, repairs),
        )
        for tool in alone
    ]
    if sharing:
        picks = _cut([found[tool] for tool in sharing], OTHERS_NAME, limits.results, repairs)
        plans.append(Planned(OTHERS_NAME, OTHERS, "", picks, is_shared=True))
    return _distinct(plans)


def _tools(entry: Entry) -> Iterator[str]:
    """The names that an entry's findings go by; none where nobody knows the scanner."""
    if entry.tool:
        yield entry.tool
    if entry.scan is not None and entry.scan.tool:
        yield entry.scan.tool


def _lost(entries: Sequence[Entry], repairs: Repairs) -> frozenset[str]:
    """The scanners that get no run."""
    lost: set[str] = set()
    for entry in entries:
        if not entry.reasons:
            continue
        lost.update(_tools(entry))
        if entry.scan is not None:
            lost.update({finding.tool for finding in entry.scan.findings})
        name = shown_name(entry.tool) if entry.tool else "the scanner that nobody knows"
        where = f"{entry.path}: {entry.reasons[0]}" if entry.path else entry.reasons[0]
        repairs.add(f"no run for {name}: one without all its results would close its alerts", where)
    return frozenset(lost)


def _collect(
    weaknesses: Sequence[Weakness],
    left_out: frozenset[str],
    lost: frozenset[str],
    found: dict[str, _Found],
    limit: int,
    repairs: Repairs,
) -> None:
    waived = suppressed = 0
    for weakness in weaknesses:
        if weakness.id in left_out:
            waived += 1
            continue
        findings = weakness.findings
        if len(findings) == 1 and not findings[0].suppressed:
            only = findings[0]
            picks = [Pick(only.rated, only, weakness)]
        else:
            picks = list(_picks(weakness))
            suppressed += not picks
        for pick in picks:
            tool = pick.finding.tool
            if tool not in lost:
                share = found.get(tool)
                if share is None:
                    share = found[tool] = _Found(limit)
                share.add(pick)
    if waived:
        repairs.add("waived findings are left out, since GitHub ignores suppressions in SARIF", count=waived)
    if suppressed:
        what = "findings that all their scanners were told to set aside are left out, since GitHub ignores suppressions"
        repairs.add(what, count=suppressed)


def _picks(weakness: Weakness) -> Iterator[Pick]:
    """One for each scanner that did not set it aside: the finding that says most, at the scanner's highest severity."""
    by_tool: dict[str, list[Finding]] = {}
    for finding in weakness.findings:
        if not finding.suppressed:
            by_tool.setdefault(finding.tool, []).append(finding)
    for findings in by_tool.values():
        yield Pick(highest(finding.rated for finding in findings), findings[0], weakness)


def _versions(entries: Sequence[Entry]) -> dict[str, str]:
    """The version of each scanner; of several the one that sorts last, whatever the order of the reports."""
    versions: dict[str, str] = {}
    for entry in entries:
        if entry.scan is not None:
            for tool in _tools(entry):
                versions[tool] = max(versions.get(tool, ""), entry.scan.version)
    return versions


def _shares(
    found: dict[str, _Found], lost: frozenset[str], limit: int, repairs: Repairs
) -> tuple[list[str], list[str]]:
    """The scanners with a run of their own, and those that share one because there are more than GitHub takes."""
    tools = sorted(found)
    everyone = {*tools, *lost}
    if len(everyone) <= limit:
        return tools, []
    by_size = sorted(tools, key=lambda tool: (-found[tool].total, tool))
    alone, sharing = by_size[: limit - 1], by_size[limit - 1 :]
    if lost:
        # One of these may have shared that run before: its alerts would close.
        what = f"no run for the scanners beyond {limit - 1}: one that failed may have shared it, with its alerts"
        repairs.add(what, sharing[0] if sharing else "", len(sharing) or 1)
        return sorted(alone), []
    what = f"scanners share the run `{OTHERS}`, since GitHub takes {limit} runs"
    repairs.add(what, sharing[0], len(sharing))
    return sorted(alone), sorted(sharing)


def _cut(shares: Sequence[_Found], name: str, limit: int, repairs: Repairs) -> list[Pick]:
    """The results of a run, the worst first, as many as GitHub takes."""
    picks: list[Pick] = []
    for level in ORDER:
        for share in shares:
            picks += share.by_level[level][: limit - len(picks)]
    total = sum(share.total for share in shares)
    if total > len(picks):
        what = f"the least severe results of {name} are left out, since GitHub takes {limit:,} of a run"
        repairs.add(what, count=total - len(picks))
    return picks


def _distinct(plans: list[Planned]) -> list[Planned]:
    """Each with a category of its own: GitHub refuses two runs of one category."""
    counts: Counter[str] = Counter()
    made = []
    for plan in plans:
        counts[plan.slug] += 1
        number = counts[plan.slug]
        name = plan.slug if number == 1 else f"{plan.slug}~{number}"
        made.append(Planned(plan.name, name, plan.version, plan.picks, plan.is_shared))
    return made
