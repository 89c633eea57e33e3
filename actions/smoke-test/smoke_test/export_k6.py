"""A plan as a script for k6, for loads beyond one runner. Pure; what k6 cannot do is said, in the script and as a note.

Secrets are named, never written: the script takes them from its environment (`k6 run -e NAME=…`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from typing import Any

from actionkit.asserts import template
from actionkit.outcome import Problem, Severity
from actionkit.untrusted import one_line
from smoke_test.export_k6_prelude import FUNCTIONS, IMPORTS, RUN
from smoke_test.export_k6_steps import Steps, literal, sayable
from smoke_test.load.iterations import under_load
from smoke_test.model import Executor, Load, Plan, Threshold

TREND_STATS = ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)", "count"]
"""What the summary tells of durations; with `count` the input `load-report` knows what the percentiles are worth."""

MOST_EXACT = 2**53
"""The largest whole number up to which JavaScript has all of them."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The script, and a note for everything in the plan that is not in it."""

    script: str
    notes: tuple[Problem, ...]


def export(plan: Plan, files: str = "") -> Exported:
    """Write `plan` as a k6 script. `files` is the way from the script's folder to the workspace, such as `../..`.

    A plan without a load stage becomes a script that runs each test once and wants every check to hold.
    """
    steps = Steps(files)
    tests = under_load(plan.load, plan.tests) if plan.load else plan.tests
    setup = steps.javascript("setup", plan.setup, retried=True)
    exported = [(test.name, steps.javascript(test.name, test.steps, retried=plan.load is None)) for test in tests]
    kept = [(name, made) for name, made in exported if made]
    last = steps.javascript("finally", plan.finally_, retried=True)
    sent = chain(plan.setup, *(test.steps for test in tests), plan.finally_)
    insecure = any(step.options.insecure and not step.options.skip for step in sent)
    written_tests = "\n".join(f"{{ name: {literal(sayable(name))}, steps: [\n{made}\n] }}," for name, made in kept)
    parts = (
        f"// Written by smoke-test from {one_line(plan.path) or 'its checks'}. Run it with `k6 run`.",
        IMPORTS,
        f"export const options = {_shown(_options(plan.load, len(kept), insecure))};\n",
        f"const BASE_URL = {literal(plan.base_url)};",
        f"const SECRETS = {_shown(list(plan.secrets.items()))};",
        f"const VARIABLES = {_shown(_in_order(plan))};",
        *(f"const {name} = open({literal(path)}, 'b');" for path, name in steps.files.items()),
        FUNCTIONS,
        f"const SETUP = [\n{setup or ''}\n];\n",
        f"const TESTS = [\n{written_tests}\n];\n",
        f"const FINALLY = [\n{last or ''}\n];",
        RUN,
    )
    return Exported("\n".join(parts), (*steps.notes, *_notes(plan, insecure)))


def _shown(value: Any) -> str:
    return json.dumps(value, indent=2)


def _options(load: Load | None, tests: int, insecure: bool) -> dict[str, Any]:
    if load is None:
        scenario: dict[str, Any] = {"executor": "shared-iterations", "vus": 1, "iterations": max(tests, 1)}
        thresholds: dict[str, Any] = {"checks": ["rate==1"]}
    else:
        scenario, thresholds = _scenario(load), _thresholds(load)
    made = {"scenarios": {"load": scenario}, "thresholds": thresholds, "summaryTrendStats": TREND_STATS}
    return made | {"insecureSkipTLSVerify": True} if insecure else made


def _scenario(load: Load) -> dict[str, Any]:
    common = {"duration": _milliseconds(load.duration), "gracefulStop": _milliseconds(load.graceful_stop)}
    if load.executor is Executor.VUS:
        return {"executor": load.executor.value, "vus": load.vus, **common}
    return {
        "executor": load.executor.value,
        "rate": load.rate,
        "timeUnit": _milliseconds(load.time_unit),
        "preAllocatedVUs": load.vus,
        "maxVUs": load.vus,
        **common,
    }


def _thresholds(load: Load) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = {}
    for one in load.thresholds:
        tags = ",".join(f"{name}:{value}" for name, value in one.tags)
        made.setdefault(f"{one.metric}{{{tags}}}" if tags else one.metric, []).append(_threshold(one))
    return made


def _threshold(threshold: Threshold) -> Any:
    if not threshold.abort_on_fail:
        return threshold.text
    delay = {"delayAbortEval": _milliseconds(threshold.delay_abort_eval)} if threshold.delay_abort_eval else {}
    return {"threshold": threshold.text, "abortOnFail": True, **delay}


def _milliseconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def _in_order(plan: Plan) -> list[tuple[str, Any]]:
    """The variables, each after those that it is made of."""
    own = {name: value for name, value in plan.variables.items() if name not in plan.secrets}
    needs = {name: template.names(value) & own.keys() if isinstance(value, str) else () for name, value in own.items()}
    try:
        return [(name, own[name]) for name in TopologicalSorter(needs).static_order()]
    except CycleError:  # the script says it then: one of them is not set
        return list(own.items())


def _notes(plan: Plan, insecure: bool) -> tuple[Problem, ...]:
    said = []
    if insecure:
        said.append("k6 knows `insecure` for all requests only: the script verifies no certificate at all")
    if plan.load and any(threshold.metric == "http_req_failed" for threshold in plan.load.thresholds):
        said.append(
            "k6 counts a request as failed by its status alone, and leaves dropped iterations out of http_req_failed:"
            " what asserts find is in `checks`, so keep thresholds on `checks` and `dropped_iterations` as well"
        )
    inexact = [name for name, value in plan.variables.items() if name not in plan.secrets and not _same_in_k6(value)]
    return (
        *(Problem(message, path=plan.path, severity=Severity.NOTICE) for message in said),
        *(
            Problem(
                f"k6 writes the variable `{name}` otherwise than {plan.variables[name]}: JavaScript has no such number",
                f"Put it in quotes if it is a text: `{name}: '{plan.variables[name]}'`.",
                plan.path,
                severity=Severity.WARNING,
            )
            for name in inexact
        ),
    )


def _same_in_k6(value: Any) -> bool:
    """Whether JavaScript writes it as it is written here: it knows no 2.0 beside 2, and whole numbers up to 2^53."""
    if isinstance(value, float):
        return not value.is_integer()
    return not isinstance(value, int) or abs(value) <= MOST_EXACT
