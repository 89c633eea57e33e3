"""How long and how much memory the XML readers take, next to their peers, each in a process of its own.

    python tests/bench/bench_readers_xml.py [--runs 3]

Wall and user time are medians over the runs, memory is the highest peak. Every process starts cold, reads the same
file, merges it and prints totals. The peers come with `pip install -e .[bench]`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "shared"), str(ROOT / "actions" / "coverage-gate")]

import reports  # noqa: E402 - beside this script; `tests` is also the name of a package that a library installs

FIRST_FILE = {"cobertura": "p0/module_0.py", "jacoco": "com/example/p0/C0.java"}
SIZES = {
    "cobertura": (reports.Shape(10_000, 200), reports.Shape(100_000, 2_000), reports.COBERTURA),
    "jacoco": (reports.Shape(20_000, 400), reports.JACOCO),
}


class Cost(NamedTuple):
    """Seconds of wall and user time, and peak memory in MiB."""

    wall: float
    user: float
    memory: float


def measure(command: Sequence[str], folder: Path, runs: int) -> Cost:
    """Run a command `runs` times: median times, highest memory. Raises RuntimeError if it fails."""
    costs: list[Cost] = []
    for _ in range(runs):
        start = time.perf_counter()
        with (folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
        # wait4 has taken the exit status, which Popen would otherwise wait for in vain.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said = (folder / "output.txt").read_text(errors="replace")[-500:]
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {said}")
        costs.append(Cost(time.perf_counter() - start, usage.ru_utime, usage.ru_maxrss / 1024))
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.user for cost in costs),
        max(cost.memory for cost in costs),
    )


def ours(report_format: str, report: Path) -> list[str]:
    return [sys.executable, str(Path(__file__)), "--read", report_format, str(report)]


def peers(report_format: str, report: Path, folder: Path) -> dict[str, list[str]]:
    """Commands of the installed peers that read the format. diff-cover needs a diff and a repository to stand in."""
    scripts = Path(sys.executable).parent
    found: dict[str, list[str]] = {}
    if report_format == "cobertura" and (scripts / "pycobertura").exists():
        found["pycobertura show"] = [str(scripts / "pycobertura"), "show", str(report)]
    if (scripts / "diff-cover").exists():
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
        path = FIRST_FILE[report_format]
        diff = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,0 +2,3 @@\n+a\n+b\n+c\n"
        (folder / "change.diff").write_text(diff)
        found["diff-cover"] = [str(scripts / "diff-cover"), str(report), "--diff-file", "change.diff"]
    return found


def read(report_format: str, report: Path) -> None:
    """What the measured process does."""
    from coverage_gate.readers.source import Reader, Source

    reader = import_module(f"coverage_gate.readers.{report_format}").READER
    assert isinstance(reader, Reader)
    print(reader.read(Source(report.name, report, report.parent)).totals)


def bench(runs: int, folder: Path) -> None:
    print("| report | reader | wall s | user s | peak MiB | wall, ours = 1 |\n|---|---|--:|--:|--:|--:|")
    for report_format, shapes in SIZES.items():
        for shape in shapes:
            report = folder / f"{report_format}.xml"
            reports.write(report_format, report, shape)
            commands = {"coverage-gate": ours(report_format, report)}
            if shape is shapes[-1]:
                commands |= peers(report_format, report, folder)
            name = f"{report_format}, {shape.lines:,} lines, {report.stat().st_size / 1e6:.1f} MB"
            costs = {reader: measure(command, folder, runs) for reader, command in commands.items()}
            for reader, cost in costs.items():
                ratio = cost.wall / costs["coverage-gate"].wall
                print(f"| {name} | {reader} | {cost.wall:.2f} | {cost.user:.2f} | {cost.memory:.0f} | {ratio:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs per measurement (default 3)")
    parser.add_argument("--read", nargs=2, metavar=("FORMAT", "PATH"), help="only read a report, as the runs do")
    asked = parser.parse_args()
    if asked.read:
        read(asked.read[0], Path(asked.read[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        bench(asked.runs, Path(folder))


if __name__ == "__main__":
    main()
