"""The inputs of security-report-aggregator: the one truth about `with:`.

An input that a key of the policy file competes with has no default here, so that the file can be told from the input:
what neither says is in `policy.Policy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from actionkit import values
from actionkit.baseline_source import BaselineSource, baseline_branch_input, baseline_input
from actionkit.errors import InputError
from actionkit.inputs import GateInputs, an_input

FAIL_ON = ("critical", "high", "medium", "low", "any", "none")
SARIF_FILE = ".actions/security-report-aggregator/merged.sarif"


class LicenseLine(NamedTuple):
    """One line of `licenses`: `list` is `allow` or `deny`, `expression` a licence as SPDX spells it."""

    list: str
    expression: str


def license_lines(given: str) -> tuple[LicenseLine, ...]:
    """A newline list of `allow: MIT` and `deny: GPL-3.0-only`. Raises InputError."""
    return tuple(_license_line(line) for line in values.lines(given))


def _license_line(line: str) -> LicenseLine:
    word, colon, expression = (part.strip() for part in line.partition(":"))
    if not colon or word not in ("allow", "deny") or not expression:
        raise InputError(
            f"{values.quoted(line)} is no licence rule",
            "lines of `allow: <SPDX id>` and `deny: <SPDX id>`",
            "Write `allow: MIT` or `deny: GPL-3.0-only`.",
        )
    return LicenseLine(word, expression)


@dataclass(frozen=True, kw_only=True)
class Inputs(GateInputs):
    """Inputs of security-report-aggregator. None where the user says nothing and the policy file may."""

    reports: tuple[tuple[str, str], ...] = an_input(
        values.suite_globs,
        missing=(),
        doc="""Reports of scanners, one glob a line, or `tool=glob` to name the scanner. The format is found by its
        content. Default: the usual names (`*.sarif`, `trivy*.json`, `bandit*.json` and so on).""",
    )
    fail_on: str | None = an_input(
        values.choice(*FAIL_ON),
        doc="""Lowest severity that fails: one finding of it or of a worse one is enough. `any` is the same as `low`;
        `none` fails on no severity. Default: `high`.""",
    )
    fail_on_unknown: bool | None = an_input(
        values.boolean,
        doc="""Findings whose scanner gives no severity fail too. Default: `true`, but `false` with `fail-on: none`.""",
    )
    expected: tuple[str, ...] = an_input(
        values.lines,
        missing=(),
        doc="""Scanners that must have reported, one a line, such as `trivy`: without a complete report of each the run
        is `incomplete`.""",
    )
    max_age: timedelta | None = an_input(
        values.duration,
        doc="Oldest report that counts, such as `12h`; an older one makes the run `incomplete`. Default: any age.",
    )
    baseline: BaselineSource = baseline_input("Where the findings of the base commit come from")
    baseline_branch: str = baseline_branch_input()
    only_new: bool | None = an_input(
        values.boolean,
        doc="""Only what is new or worse against the baseline counts; an advisory published since the baseline for a
        dependency that was there already does not. Default: `false`.""",
    )
    ignore_file: tuple[str, ...] = an_input(
        values.globs,
        missing=(),
        doc="""Files with waivers, one glob a line: `.trivyignore`, `osv-scanner.toml`, OpenVEX, CycloneDX VEX, or our
        own format.""",
    )
    sarif_file: str = an_input(
        values.relative_path,
        default=SARIF_FILE,
        missing=SARIF_FILE,
        doc="Where the merged SARIF of all scanners is written.",
    )
    upload_sarif: bool = an_input(
        values.boolean,
        default="false",
        missing=False,
        doc="Upload the merged SARIF to GitHub code scanning; needs `security-events: write`.",
    )
    sarif_category: str = an_input(
        values.text, missing="", doc="Category of the upload; tells several uploads for one commit apart."
    )
    licenses: tuple[LicenseLine, ...] = an_input(
        license_lines,
        missing=(),
        doc="""Licences of dependencies, a line each: `allow: MIT` or `deny: GPL-3.0-only`, as SPDX spells them. The
        short form of `licenses` in the policy file.""",
    )
    openvex_file: str = an_input(
        values.relative_path, missing="", doc="Where the waivers are written as OpenVEX. Default: nowhere."
    )
    replay: bool = an_input(
        values.boolean,
        default="false",
        missing=False,
        doc="Hold the policy against every recorded commit of the history instead of judging this run.",
    )
    config: str = an_input(
        values.relative_path, missing="", doc="Policy file. Default: `.github/security-policy.yml` if present."
    )
