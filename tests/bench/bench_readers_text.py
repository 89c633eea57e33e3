"""How long and how much memory the LCOV and `.coverage` readers take, next to their peers.

    python tests/bench/bench_readers_text.py [--runs 3] [--peers PYTHON]

Every measurement is a process of its own that starts cold, reads the same file and prints its totals. `read` is what
reading alone took inside it, `wall` and `user` are the whole process, `memory` its peak; all are medians.
PYTHON is an interpreter that has the peers: `pip install diff-cover lcov-cobertura lcovparse`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "shared"), str(ROOT / "actions" / "coverage-gate")]

import reports_text  # noqa: E402 - beside this script; `tests` is also the name of a package that a library installs

LCOV_SIZES = ((100_000, 2_000), (1_000_000, 20_000))
PROJECT = (60, 5_000)

TIMED = """
import sys, time
{setup}
start = time.perf_counter()
found = {call}
print("read", time.perf_counter() - start)
"""
LCOV_PEERS = {
    "diff-cover": TIMED.format(
        setup="from diff_cover.git_path import GitPathTool; GitPathTool._root = GitPathTool._cwd = '/'; "
        "from diff_cover.violationsreporters.violations_reporter import LcovCoverageReporter",
        call="LcovCoverageReporter.parse(sys.argv[1])",
    ),
    "lcovparse": TIMED.format(setup="from lcovparse import lcovparse", call="lcovparse(open(sys.argv[1]).read())"),
    "lcov-cobertura": TIMED.format(
        setup="from lcov_cobertura import LcovCobertura", call="LcovCobertura(open(sys.argv[1]).read()).parse()"
    ),
}


class Cost(NamedTuple):
    """Seconds that reading took by its own account (else wall time), of wall and user time, and peak memory in MiB."""

    read: float
    wall: float
    user: float
    memory: float


def read_one(report_format: str, path: Path) -> None:
    """What a measured process does: read a report and print how long that took, and its totals."""
    from coverage_gate.readers import coveragepy_data, lcov
    from coverage_gate.readers.source import Source

    reader = {"lcov": lcov.READER, "data": coveragepy_data.READER}[report_format]
    start = time.perf_counter()
    report = reader.read(Source(path.name, path, path.parent))
    print("read", time.perf_counter() - start)
    print(report.totals, report.complete)


def measure(command: list[str], folder: Path, runs: int) -> Cost:
    """Run a command `runs` times. Raises RuntimeError if it fails."""
    costs: list[Cost] = []
    for _ in range(runs):
        start = time.perf_counter()
        with (folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        # wait4 has taken the exit status, which Popen would otherwise wait for in vain.
        process.returncode = os.waitstatus_to_exitcode(status)
        said = (folder / "output.txt").read_text(errors="replace")
        if process.returncode:
            raise RuntimeError(said[-500:])
        words = said.split()
        read = float(words[words.index("read") + 1]) if "read" in words else wall
        costs.append(Cost(read, wall, usage.ru_utime, usage.ru_maxrss / 1024))
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def compare(title: str, own: list[str], others: dict[str, list[str]], folder: Path, runs: int) -> None:
    """Print our cost, that of each peer, and how many times ours theirs is."""
    print(
        f"\n{title}\n{'':<18}{'read s':>9}{'wall s':>9}{'user s':>9}{'MiB':>9}   times ours: read, wall, user, memory"
    )
    cost = measure(own, folder, runs)
    print(f"{'coverage-gate':<18}{cost.read:>9.2f}{cost.wall:>9.2f}{cost.user:>9.2f}{cost.memory:>9.0f}", flush=True)
    for name, command in others.items():
        try:
            theirs = measure(command, folder, runs)
        except RuntimeError as error:
            print(f"{name:<18}not measured: {str(error).strip().splitlines()[-1]}")
            continue
        ratios = ", ".join(f"{other / mine:.1f}" for other, mine in zip(theirs, cost, strict=True))
        print(
            f"{name:<18}{theirs.read:>9.2f}{theirs.wall:>9.2f}{theirs.user:>9.2f}{theirs.memory:>9.0f}   {ratios}",
            flush=True,
        )


def bench_lcov(folder: Path, runs: int, peers: str) -> None:
    for lines, files in LCOV_SIZES:
        path, plain = folder / f"{lines}.info", folder / f"{lines}-plain.info"
        generate("lcov", path, lines, files)
        with path.open("rb") as source, plain.open("wb") as target:
            target.writelines(line for line in source if not line.startswith((b"FN", b"BR")))
        for title, report in (("with functions and branches", path), ("lines only", plain)):
            commands = {name: [peers, "-c", script, str(report)] for name, script in LCOV_PEERS.items()}
            compare(f"LCOV, {lines} lines in {files} files, {title}", ours("lcov", report), commands, folder, runs)


def bench_data(folder: Path, runs: int) -> None:
    lines, files = PROJECT
    project = folder / "project"
    generate("data", project, lines, files)
    script = "import os, sys; os.chdir(sys.argv[1]); from coverage.cmdline import main; sys.exit(main(sys.argv[2:]))"
    command = [sys.executable, "-c", script, str(project), "json", "--rcfile=/dev/null", "-q", "-o", "told.json"]
    own = ours("data", project / ".coverage")
    compare(f".coverage of {files} files", own, {"coverage json": command}, folder, runs)


def generate(report_format: str, path: Path, lines: int, files: int) -> None:
    """In a process of its own: what this one ever held, its children would count as their memory."""
    script = Path(reports_text.__file__)
    sizes = ["--lines", str(lines), "--files", str(files)]
    subprocess.run([sys.executable, str(script), report_format, str(path), *sizes], check=True, capture_output=True)


def ours(report_format: str, path: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).resolve()), "--read", report_format, str(path)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", default=sys.executable, help="an interpreter that has the peers")
    parser.add_argument("--only", choices=("lcov", "data"))
    parser.add_argument("--read", nargs=2, metavar=("FORMAT", "PATH"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        read_one(asked.read[0], Path(asked.read[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        if asked.only != "data":
            bench_lcov(Path(folder), asked.runs, asked.peers)
        if asked.only != "lcov":
            bench_data(Path(folder), asked.runs)


if __name__ == "__main__":
    main()
