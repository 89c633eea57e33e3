"""Evidence and policies for tests, made from as few words as the case needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from actionkit import yamlcore
from actionkit.config import load_config
from coverage_gate import patch, suite
from coverage_gate.evidence import Baseline, ChangedFile, Diff, Evidence, FileRecord, Suite
from coverage_gate.model import Counts, FileCoverage, Report, lines_of
from coverage_gate.policy import Policy
from coverage_gate.policy_file import ConfigFile

TODAY = date(2026, 11, 21)
CONFIG = ".github/coverage-gate.yml"


def a_file(path: str, covered: Iterable[int] = (), missing: Iterable[int] = (), **others: Any) -> FileCoverage:
    ran = lines_of(covered)
    return FileCoverage(path, ran | lines_of(missing), ran, **others)


def a_share(path: str, covered: int, total: int) -> FileCoverage:
    """A file of `total` lines of which the first `covered` ran."""
    return a_file(path, range(1, covered + 1), range(covered + 1, total + 1))


def a_report(*files: FileCoverage, path: str = "coverage.json", kind: str = "coveragepy-json", **others: Any) -> Report:
    return Report(path, kind, files, **{"tool": "coverage.py", "version": "7.6.12", **others})


def a_suite(*reports: Report, name: str = "default", **others: Any) -> Suite:
    return suite.assemble(name, reports, **others)


def evidence(*parts: Report | Suite, **fields: Any) -> Evidence:
    """Evidence of one suite of reports, or of several suites. `diff` makes the patch too."""
    suites = [part for part in parts if isinstance(part, Suite)]
    reports = [part for part in parts if isinstance(part, Report)]
    if reports or not suites:
        suites.append(a_suite(*reports))
    overall = suite.overall(suites)
    diff = fields.get("diff")
    if diff is not None:
        fields.setdefault("patch", patch.measure(diff, overall.files))
    return Evidence(tuple(suites), overall, **{"today": TODAY, **fields})


def a_diff(*files: ChangedFile, **others: Any) -> Diff:
    return Diff("b" * 40, "a" * 40, {file.path: file for file in files}, **others)


def changed(path: str, added: Iterable[int] = (), **others: Any) -> ChangedFile:
    return ChangedFile(path, **{"old_path": path, "added": lines_of(added), **others})


def a_baseline(*files: FileCoverage, **others: Any) -> Baseline:
    records = {file.path: FileRecord(file.lines, file.covered, file.uncounted) for file in files}
    lines = Counts(sum(f.line_counts.covered for f in files), sum(f.line_counts.total for f in files))
    usual = {"sha": "b" * 40, "tool": "coverage.py", "version": "7.6.12", "format": "coveragepy-json"}
    return Baseline(
        **{**usual, "measured_at": 0.0, "lines": lines, "branches": Counts(0, 0), "files": records, **others}
    )


def a_policy(yaml: str = "", **inputs: Any) -> Policy:
    """The policy of a config file, as it would be loaded, and of inputs (numbers stand for percentages)."""
    inputs = {
        name: Fraction(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for name, value in inputs.items()
    }
    return Policy.combine(
        config=load_config(CONFIG, yaml, ConfigFile), config_path=CONFIG, line_of=yamlcore.read(yaml).line_of, **inputs
    )
