"""How fast the actions are and how much memory they take, beside their peers. Ends with 0 whatever it finds.

    python tests/bench [--only reports data request growth start security-large …] [--runs 3]

Every measurement is a whole process on the same file in the same run, ours and theirs in turns; times are medians.
Ratios hold on any machine, seconds only on this one. Goals are held against user time, which what else the machine
does disturbs least. The peers come with `pip install -e .[bench]`, Tavern and wait-on when they are needed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bench_load
import bench_security
import bench_smoke
import bench_wait
import material
from answering import not_found
from process import Command, Cost, together
from tables import OURS, beside, goal, heading, table

SCRIPTS = Path(sys.executable).parent
GATE = (str(SCRIPTS / OURS), "--fail-under", "10")
NAMES = {"cobertura": "coverage.xml", "lcov": "lcov.info", "jacoco": "jacoco.xml"}
"""diff-cover goes by the suffix."""
SHAPES = {"cobertura": (1_000_000, 20_000), "lcov": (1_000_000, 20_000), "jacoco": (200_000, 4_000)}
GROWTH = {10_000: 200, 100_000: 2_000, 1_000_000: 20_000}
PROJECT = (60, 5_000)
STARTS = 15

# The first file of each report, for the peer that wants a diff.
FIRST = {"cobertura": "src/p0/module_0.py", "lcov": "src/package0/module0.cc", "jacoco": "com/example/p0/C0.java"}
DIFF = "diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -1,0 +1,60 @@\n" + "+x\n" * 60

LCOVPARSE = "import sys, lcovparse; print(len(lcovparse.lcovparse(open(sys.argv[1]).read())))"
LCOV_COBERTURA = (
    "import sys, lcov_cobertura; print(lcov_cobertura.LcovCobertura(open(sys.argv[1]).read()).parse()['summary'])"
)
EVERY_LINE: dict[str, dict[str, tuple[str, ...]]] = {
    "cobertura": {"pycobertura show": (str(SCRIPTS / "pycobertura"), "show")},
    "lcov": {
        "lcovparse (library)": (sys.executable, "-c", LCOVPARSE),
        "lcov-cobertura (library)": (sys.executable, "-c", LCOV_COBERTURA),
    },
    "jacoco": {},
}
"""Peers that read every line; the name of the report is added."""


def reports(folder: Path, runs: int) -> None:
    for kind, (lines, files) in SHAPES.items():
        here = _folder(folder, kind)
        path = here / NAMES[kind]
        made = material.report(kind, path, lines, files)
        size = path.stat().st_size / 1e6
        heading(f"{kind}: {lines:,} lines in {files:,} files, {size:.0f} MB")
        others = _folder(here, "peers")
        subprocess.run(["git", "init", "--quiet", str(others)], check=True)
        (others / "change.diff").write_text(DIFF.format(FIRST[kind]))
        commands = {OURS: Command((*GATE, "--reports", path.name), here)}
        for name, words in EVERY_LINE[kind].items():
            commands[name] = Command((*words, str(path)), others)
        commands["diff-cover"] = Command(
            (str(SCRIPTS / "diff-cover"), str(path), "--diff-file", "change.diff"), others, {"HOME": str(others)}
        )
        costs = together(_present(commands), runs)
        _check(here, made)
        beside(costs)
        _goals(costs, [name for name in EVERY_LINE[kind] if name in costs])


def _goals(costs: dict[str, Cost], every_line: list[str]) -> None:
    ours = costs[OURS]
    if every_line:
        fastest = min(every_line, key=lambda name: costs[name].user)
        goal(f"times faster than {fastest}, the fastest that reads every line", costs[fastest].user / ours.user, 5)
    if "diff-cover" in costs:
        goal("times faster than diff-cover", costs["diff-cover"].user / ours.user, 2)
    others = [cost.memory for name, cost in costs.items() if name != OURS]
    if others:
        goal("of the smallest peer's memory", ours.memory / min(others), 0.5, at_most=True)


def data(folder: Path, _: int) -> None:
    statements, files = PROJECT
    project = folder / "project"
    material.project(project, statements, files)
    heading(f".coverage of {files:,} files, with branches")
    coverage = str(SCRIPTS / "coverage")
    commands = {
        OURS: Command((*GATE, "--reports", ".coverage"), project),
        "coverage report": Command((coverage, "report"), project),
    }
    # A data file names no executable lines: whoever reads it, coverage.py has to parse every source. Once is enough.
    costs = together(_present(commands), runs=1)
    beside(costs)
    _goals(costs, ["coverage report"])
    goal("times faster than coverage report by the clock", costs["coverage report"].wall / costs[OURS].wall, 5)


def request(folder: Path, runs: int) -> None:
    lines, files = SHAPES["cobertura"]
    heading(f"A pull request: {lines:,} lines, {files:,} tracked files, 300 of them changed, as GitHub runs it")
    here = _folder(folder, "repository")
    material.repository(here, files)
    made = material.report("cobertura", here / "coverage.xml", lines, files)
    commands = {
        OURS: Command(GATE, here, _actions(here, "pull_request", here / ".git" / "event.json")),
        "diff-cover": Command(
            (str(SCRIPTS / "diff-cover"), "coverage.xml", "--compare-branch", "HEAD~1"), here, {"HOME": str(here)}
        ),
    }
    costs = together(_present(commands), runs)
    _check(here, made)
    outcome = (here / ".actions/coverage-gate/outcome.json").stat().st_size / 1e6
    print(f"Ours also writes an outcome of {outcome:.1f} MB with the record of every file, summary and outputs.\n")
    beside(costs)
    _goals(costs, [])


def growth(folder: Path, runs: int) -> None:
    heading("Growth with the number of lines (user time without the start, per line)")
    here = _folder(folder, "growth")
    (here / "tiny.xml").write_text(material.TINY)
    start = together({OURS: Command((*GATE, "--reports", "tiny.xml"), here)}, 5)[OURS]
    rows: list[tuple[str, ...]] = []
    last: dict[tuple[str, int], float] = {}
    for kind in ("cobertura", "lcov"):
        for lines, files in GROWTH.items():
            made = material.report(kind, here / "report", lines, files)
            cost = together({OURS: Command((*GATE, "--reports", "report"), here)}, runs)[OURS]
            _check(here, made)
            each = (cost.user - start.user) / lines * 1e6
            rows.append((kind, f"{lines:,}", f"{cost.user:.2f}", f"{each:.2f}", f"{cost.memory:.0f}"))
            last[kind, lines] = each
    table(("", "lines", "user s", "µs a line", "peak MiB"), rows)
    for kind in ("cobertura", "lcov"):
        # The smallest report is over too soon to be held against anything.
        goal(
            f"{kind}: a line of 10^6 costs so many of 10^5",
            last[kind, 1_000_000] / last[kind, 100_000],
            1.25,
            at_most=True,
        )


def start(folder: Path, _: int) -> None:
    heading(f"Cold start: a report of two lines, no network, medians of {STARTS} in turns")
    here = _folder(folder, "start")
    (here / "coverage.xml").write_text(material.TINY)
    python = (sys.executable, "-I")
    gate = (*python, "-m", "coverage_gate", "--fail-under", "10")
    with not_found() as address:
        token = {"INPUT_GITHUB-TOKEN": "ghs_0123456789abcdef", "GITHUB_API_URL": address}
        commands = {
            "import requests": Command((*python, "-c", "import requests"), here),
            OURS: Command((*gate, "--reports", "coverage.xml"), here),
            "in Actions": Command(gate, here, _actions(here, "push", None)),
            "in Actions, token": Command(gate, here, {**_actions(here, "push", None), **token}),
        }
        costs = together(commands, STARTS)
    base = costs["import requests"]
    table(
        ("", "wall s", "user s", "peak MiB", "user (requests = 1)"),
        (
            (name, f"{cost.wall:.3f}", f"{cost.user:.3f}", f"{cost.memory:.0f}", f"{cost.user / base.user:.2f}")
            for name, cost in costs.items()
        ),
    )
    goal("times the user time of `import requests`, outside Actions", costs[OURS].user / base.user, 2, at_most=True)
    goal("the same inside", costs["in Actions"].user / base.user, 2, at_most=True)
    print(
        "\nWith a token PyGithub is imported and asks a GitHub on this machine for the history: no goal is set for it."
    )


def _actions(folder: Path, event: str, payload: Path | None) -> dict[str, str]:
    """The environment of a step that runs in `folder`."""
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(payload or ""),
        "GITHUB_SHA": "a" * 40,
        "GITHUB_REF": "refs/pull/1/merge" if event == "pull_request" else "refs/heads/main",
        "GITHUB_RUN_ID": "1",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_STEP_SUMMARY": str(folder / ".git" / "summary") if payload else str(folder / "summary"),
        "GITHUB_OUTPUT": str(folder / ".git" / "output") if payload else str(folder / "output"),
        "INPUT_REPORTS": "coverage.xml",
    }


def _present(commands: dict[str, Command]) -> dict[str, Command]:
    """Those whose program is installed; the others are named."""
    missing = [name for name, command in commands.items() if shutil.which(command.words[0]) is None]
    for name in missing:
        print(f"{name} is not installed: pip install -e .[bench]\n")
    return {name: command for name, command in commands.items() if name not in missing}


def _check(folder: Path, made: material.Lines) -> None:
    """What we measured must be the right answer. Raises RuntimeError if it is not."""
    told = json.loads((folder / ".actions/coverage-gate/outcome.json").read_text())["data"]["totals"]
    if (told["lines_covered"], told["lines_total"]) != made:
        raise RuntimeError(f"coverage-gate finds {told}, the report holds {made}")


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


QUESTIONS: dict[str, Callable[[Path, int], None]] = {
    "start": start,
    "reports": reports,
    "growth": growth,
    "request": request,
    "data": data,
    "security-large": bench_security.large,
    "security-many": bench_security.many,
    "security-growth": bench_security.growth,
    "load": bench_load.load,
    "smoke": bench_smoke.smoke,
    "wait": bench_wait.wait,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=QUESTIONS, default=list(QUESTIONS))
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    began = time.monotonic()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {platform.machine()}, {time.strftime('%Y-%m-%d')}"
    )
    for name in asked.only:
        with tempfile.TemporaryDirectory() as folder:
            try:
                QUESTIONS[name](Path(folder), asked.runs)
            except (RuntimeError, subprocess.CalledProcessError) as error:
                print(f"- NOT MEASURED: {name}: {error}")
    print(f"\nTook {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
