"""A plan file in YAML (or JSON, which is YAML) read as a plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from actionkit import yamlcore
from actionkit.config import CONFIG_LIMIT, load_config
from actionkit.errors import Complaint, UsageError
from actionkit.outcome import Problem
from smoke_test import plan_lines, plan_load, plan_numbers, plan_steps
from smoke_test.model import Load, Options, Plan, Regression, Test
from smoke_test.plan_steps import Making

if TYPE_CHECKING:
    from smoke_test.plan_file import PlanFile

QUOTES = "In `[…]` and `{…}` put an assert or capture that holds brackets, commas, `: ` or ` #` in single quotes."
BRACES = (
    'Put the whole value that holds `{{name}}` in quotes, such as `"/users/{{id}}"`: YAML takes braces for its own.'
)
RAMPS = (
    "A load that rises and falls in stages is left to k6 or Artillery: name its result in the input `load-report`, and"
    " it is held against these `thresholds`."
)
_QUERY = r"(?:status|version|url|ip|header|cookie|body|bytes|jsonpath|regex|variable|redirects|certificate|sha256|md5)"
# In brackets, without quotes around the whole: a query whose own text holds what YAML takes for its syntax.
_UNQUOTED = re.compile(
    rf"""(?:asserts|fail_when|captures)["']?\s*:.*[\[{{,:]\s*{_QUERY}\s(?:[^'"]*"[^"]*[\[\]{{}},#][^"]*\"|[^']*\s\{{\{{)"""
)
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
# Without quotes: braces that begin a value, or stand within brackets of YAML.
_BRACES = re.compile(r"[:,-]\s+\{\{|(?:^|[:,\[{-])\s*(?:\[|\{(?!\{)).*\{\{")
_LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class Read:
    """The plan of a file, the options of a step that names none, and what in it contradicts itself."""

    plan: Plan
    options: Options
    complaints: tuple[Complaint, ...]


def read(data: bytes, path: str, *, load_runs: bool = True, load_bounded: bool = True) -> Read:
    """Read a plan file.

    `load_runs` False: of `load` only the thresholds count. `load_bounded` False: it is not run here, however large.
    Raises UsageError with everything that makes it no plan at all, each with its line.
    """
    from smoke_test.plan_file import PlanFile

    # What is no text at all the YAML reader finds; the lines are only looked through for words.
    source = data.decode("utf-8-sig", "replace").splitlines()
    document = yamlcore.read(data) if len(data) <= CONFIG_LIMIT else yamlcore.Document({})
    lines = plan_lines.read(document, path, source)
    complaints = [*lines.complaints, *plan_numbers.complaints(document, path, source)]
    try:
        config = load_config(path, data, PlanFile)
    except UsageError as error:
        complaints += [_ramped(_with_quotes(one, source)) for one in error.complaints]
    if complaints:
        raise UsageError(sorted(complaints, key=lambda one: one.line or 0))
    making = Making(path, document, lines, config.options)
    plan = _plan(config, making, load_runs, load_bounded)
    return Read(plan, plan_steps.defaults(making), tuple(making.complaints))


def _plan(config: PlanFile, making: Making, load_runs: bool, load_bounded: bool) -> Plan:
    plan_steps.check_options(config.options, ("options",), making)
    load: Load | None = None
    notes: tuple[Problem, ...] = ()
    if config.load is not None:
        load, notes = plan_load.load(config.load, making, runs=load_runs, bounded=load_bounded)
    tests = [
        Test(name=test.name, tags=test.tags, steps=plan_steps.steps(test.steps, ("tests", at, "steps"), making))
        for at, test in enumerate(config.tests)
    ]
    return Plan(
        path=making.path,
        base_url=config.base_url or "",
        variables=config.variables,
        secrets=config.secrets,
        parallel=config.parallel or 1,
        setup=plan_steps.steps(config.setup, ("setup",), making),
        tests=tuple(tests),
        finally_=plan_steps.steps(config.finally_, ("finally",), making),
        load=load,
        regression=_regression(config, making),
        notes=notes,
    )


def _regression(config: PlanFile, making: Making) -> Regression | None:
    limits = config.regression
    if limits is None:
        return None
    if limits.p95 is None and limits.error_rate is None:
        fix = "Add `p95: 25%`, or `error_rate: 0.5pp`."
        making.wrong(("regression",), "`regression` limits nothing; accepted: `p95` and `error_rate`", fix)
    made = Regression(p95=limits.p95, error_rate=limits.error_rate)
    return made if limits.window is None else replace(made, window=limits.window)


def _ramped(complaint: Complaint) -> Complaint:
    """k6's key for a load that rises and falls is like none of ours: no other spelling of it is meant."""
    return replace(complaint, fix=RAMPS) if complaint.message.startswith("`load.stages` is not a key") else complaint


def _with_quotes(complaint: Complaint, source: Sequence[str]) -> Complaint:
    """YAML's words say nothing of asserts and variables, which are what most often breaks it."""
    if not complaint.message.startswith(("this is not YAML", "a list or mapping is used as a key")):
        return complaint
    of = source[complaint.line - 1] if complaint.line and complaint.line <= len(source) else ""
    if len(of) <= _LONGEST_LINE and not _UNQUOTED.search(of) and _BRACES.search(_QUOTED.sub("", of)):
        return replace(complaint, fix=BRACES)
    for at, line in enumerate(source[: complaint.line], start=1):
        if len(line) <= _LONGEST_LINE and _UNQUOTED.search(line):
            return replace(complaint, fix=QUOTES, line=at)
    return complaint
