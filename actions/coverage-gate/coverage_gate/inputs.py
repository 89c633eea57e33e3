"""The inputs of coverage-gate: the one truth about `with:`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from actionkit import values
from actionkit.baseline_source import BaselineSource, baseline_branch_input, baseline_input
from actionkit.inputs import GateInputs, an_input

FORMATS = (
    "auto",
    "coveragepy-data",
    "coveragepy-json",
    "cobertura",
    "lcov",
    "jacoco",
    "clover",
    "go",
    "simplecov",
    "istanbul",
    "llvm",
    "opencover",
    "gcov",
)


@dataclass(frozen=True, kw_only=True)
class Inputs(GateInputs):
    """Inputs of coverage-gate. Percentages are exact fractions of 100."""

    reports: tuple[tuple[str, str], ...] = an_input(
        values.suite_globs,
        missing=(),
        doc="""Coverage reports, one glob a line, or `suite=glob`. Several reports of one suite are merged per line.
        Default: the usual names (`coverage.xml`, `lcov.info`, `.coverage`, `jacoco.xml` and so on).""",
    )
    format: str = an_input(
        values.choice(*FORMATS),
        default="auto",
        missing="auto",
        doc="Format of the reports; `auto` looks at the content.",
    )
    fail_under: Fraction | None = an_input(
        values.percent,
        doc="Lowest line coverage that passes, 0 to 100, compared exactly (79.996 is below 80).",
    )
    fail_under_branch: Fraction | None = an_input(values.percent, doc="Lowest branch coverage that passes.")
    fail_under_patch: Fraction | None = an_input(
        values.percent, doc="Lowest coverage of the changed executable lines that passes."
    )
    fail_under_file: Fraction | None = an_input(
        values.percent, doc="Lowest line coverage of any single file that passes."
    )
    max_drop: Fraction | None = an_input(
        values.percent, doc="How many percentage points line coverage may fall below the baseline."
    )
    baseline: BaselineSource = baseline_input("Where the coverage of the base commit comes from")
    baseline_branch: str = baseline_branch_input()
    source_root: str = an_input(
        values.relative_path, missing="", doc="Folder that paths in the reports start at, if not the repository's root."
    )
    junit: tuple[str, ...] = an_input(
        values.globs,
        missing=(),
        doc="""JUnit XML files of the run, one glob a line: the tests are counted beside coverage. Failed ones are told,
        and are for the test step to fail on.""",
    )
    badge: str = an_input(
        values.relative_path,
        missing="",
        doc="Path for a badge SVG; a shields.io JSON of the same name is put beside it.",
    )
    replay: bool = an_input(
        values.boolean,
        default="false",
        missing=False,
        doc="Hold the policy against every recorded commit of the history instead of judging this run.",
    )
    config: str = an_input(
        values.relative_path, missing="", doc="Policy file. Default: `.github/coverage-gate.yml` if present."
    )
