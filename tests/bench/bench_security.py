"""security-report-aggregator beside sarif-tools: the same reports, whole processes, in turns.

`sarif summary` reads SARIF only and neither deduplicates nor merges; ours does both, writes a merged SARIF and judges.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import material_security as material
from process import Command, Cost, together
from tables import beside, goal, heading, table

SCRIPTS = Path(sys.executable).parent
OURS = "security-report-aggregator"
GATE = (str(SCRIPTS / OURS), "--mode", "report", "--baseline", "none")
SUMMARY = (str(SCRIPTS / "sarif"), "summary")
OUTCOME = f".actions/{OURS}/outcome.json"

LARGE_SARIF = 132_000
"""Results: 100 MB."""
LARGE_TRIVY = 45_000
"""Vulnerabilities: 50 MB."""
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
PIECE = 100_000
"""Results a file: one of up to 256 MiB is read."""


def large(folder: Path, runs: int) -> None:
    """One SARIF of 100 MB, ours beside `sarif summary`; then a Trivy report of 50 MB, which has no peer."""
    here = _folder(folder, "sarif")
    size = material.sarif(here / "codeql.sarif", LARGE_SARIF)
    heading(f"A SARIF of {LARGE_SARIF:,} results, {size / 1e6:.0f} MB")
    _against_summary(here, ["codeql.sarif"], LARGE_SARIF, runs)
    here = _folder(folder, "trivy")
    size = material.trivy(here / "trivy.json", LARGE_TRIVY)
    heading(f"A Trivy report of {LARGE_TRIVY:,} vulnerabilities, {size / 1e6:.0f} MB")
    _against_summary(here, ["trivy.json"], LARGE_TRIVY, runs, peer=False)


def many(folder: Path, runs: int) -> None:
    """200 reports of 20 tools, ten of them each; the SARIF ones among them beside `sarif summary`."""
    here = _folder(folder, "mixed")
    records, size = material.mixed(here, 200)
    heading(f"200 reports of 20 tools: {records:,} records, {size / 1e6:.0f} MB")
    _against_summary(here, ["reports/*"], records, runs, peer=False)
    here = _folder(folder, "sarifs")
    records, size = material.sarifs(here, 200)
    heading(f"200 SARIF files of 20 tools: {records:,} results, {size / 1e6:.0f} MB")
    _against_summary(here, ["reports/*"], records, runs)


def growth(folder: Path, runs: int) -> None:
    """User time a finding, from 10^3 to 10^6."""
    heading("Growth with the number of findings (user time without the start, per finding)")
    here = _folder(folder, "growth")
    material.sarif(here / "tiny.sarif", 1)
    start = together({OURS: Command((*GATE, "--reports", "tiny.sarif"), here)}, 3)[OURS]
    rows: list[tuple[str, ...]] = []
    each: dict[int, float] = {}
    for results in GROWTH:
        size = material.split(here / f"of-{results}", results, PIECE)
        ours = {OURS: Command((*GATE, "--reports", f"of-{results}/*"), here)}
        cost = together(ours, 1 if results > 10**5 else runs)[OURS]
        _check(here, results)
        each[results] = (cost.user - start.user) / results * 1e6
        rows.append(
            (f"{results:,}", f"{size / 1e6:.0f}", f"{cost.user:.2f}", f"{each[results]:.1f}", f"{cost.memory:.0f}")
        )
    table(("findings", "MB", "user s", "µs a finding", "peak MiB"), rows)
    goal("a finding of 10^6 costs so many of 10^5", each[1_000_000] / each[100_000], 1.25, at_most=True)


def _against_summary(here: Path, reports: list[str], records: int, runs: int, *, peer: bool = True) -> None:
    commands = {OURS: Command((*GATE, "--reports", "\n".join(reports)), here)}
    if peer and Path(SUMMARY[0]).exists():
        files = sorted(str(path) for glob in reports for path in here.glob(glob))
        commands["sarif summary"] = Command((*SUMMARY, *files), here)
    costs = together(commands, runs)
    _check(here, records)
    beside(costs, OURS)
    _goals(costs)


def _goals(costs: dict[str, Cost]) -> None:
    theirs = costs.get("sarif summary")
    if theirs is not None:
        goal("times as fast as sarif summary", theirs.user / costs[OURS].user, 1)
        goal("of its memory", costs[OURS].memory / theirs.memory, 1, at_most=True)


def _check(here: Path, records: int) -> None:
    """What we read must be what is there. Raises RuntimeError if it is not."""
    scans = json.loads((here / OUTCOME).read_text())["data"]["scans"]
    told = sum(scan["records"] for scan in scans)
    if told != records or not all(scan["complete"] for scan in scans):
        raise RuntimeError(f"{OURS} finds {told} records in {len(scans)} scans, the reports hold {records}")


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name
