"""The inputs of smoke-test: the one truth about `with:`."""

from __future__ import annotations

from dataclasses import dataclass

from actionkit import values
from actionkit.baseline_source import BaselineSource, baseline_branch_input, baseline_input
from actionkit.errors import InputError
from actionkit.inputs import GateInputs, an_input
from smoke_test import names, urls

MOST_PARALLEL = 64
K6_SCRIPT = ".actions/smoke-test/smoke-test.k6.js"
JUNIT = ".actions/smoke-test/junit.xml"


def _parallel(given: str) -> int:
    count = values.count(given)
    if not 1 <= count <= MOST_PARALLEL:
        fix = "Write `1` for one test after the other."
        raise InputError(f"{values.quoted(given)} tests at once", f"1 to {MOST_PARALLEL}", fix)
    return count


def _hosts(given: str) -> tuple[str, ...]:
    lines = values.lines(given)
    for line in lines:
        # One colon is a port's, several are an IPv6 address's.
        if line.count(":") == 1 or any(mark in line for mark in "/ ,@"):
            fix = "Write the host alone, such as `169.254.169.254`, each on a line of its own."
            raise InputError(f"{values.quoted(line)} is no host", "a host name or an IP address a line", fix)
    return lines


@dataclass(frozen=True, kw_only=True)
class Inputs(GateInputs):
    """Inputs of smoke-test."""

    plan: str = an_input(
        values.relative_path,
        missing="",
        doc="Path of the plan: YAML, or a Hurl file (`.hurl`) as far as its grammar is known here.",
    )
    checks: str = an_input(
        values.text,
        missing="",
        doc="""Quick checks, one a line: `GET /health 200`, `GET /version 200 jsonpath "$.sha" == "{{sha}}"`. `&&`
        joins asserts; without a status 200 to 299 is expected. Beside a plan they are a test `checks` of it.""",
    )
    openapi: str = an_input(
        values.relative_path,
        missing="",
        doc="Path of an OpenAPI 3 document: every GET that needs no parameter is a test.",
    )
    base_url: str = an_input(
        urls.base,
        missing="",
        kind="URL",
        doc="What paths start at, such as `https://shop.example.com`. Wins over the plan's.",
    )
    variables: tuple[tuple[str, str], ...] = an_input(
        names.variable_lines,
        missing=(),
        kind="list",
        doc="Variables, `name=value` a line, used as `{{name}}`. They win over the plan's and are always texts.",
    )
    secrets: tuple[tuple[str, str], ...] = an_input(
        names.secret_lines,
        missing=(),
        kind="list",
        doc="""Secrets, `name=ENV_VAR` a line: the variable, and the environment variable that holds its value. At least
        6 characters, masked wherever they would be shown.""",
    )
    tags: tuple[str, ...] = an_input(
        names.tag_lines,
        missing=(),
        kind="list",
        doc="""Run only the tests with any of these tags, one a line; `!tag` leaves tests out. Setup and finally always
        run.""",
    )
    parallel: int | None = an_input(
        _parallel,
        kind="whole number",
        doc=f"How many tests run at once, 1 to {MOST_PARALLEL}. Default: what the plan says, else 1.",
    )
    fail_fast: bool = an_input(
        values.boolean,
        default="false",
        missing=False,
        doc="Once a step has failed start no further step of any test; finally still runs.",
    )
    load: bool | None = an_input(
        values.boolean,
        doc="Run the plan's load stage. Default: if the plan has one and no `load-report` is given.",
    )
    load_report: str = an_input(
        values.relative_path,
        missing="",
        doc="Path of a result of k6, Artillery or Locust, held against the plan's thresholds.",
    )
    compare_url: str = an_input(
        urls.base,
        missing="",
        kind="URL",
        doc="Base URL of another deployment: only what passes there and fails here fails.",
    )
    baseline: BaselineSource = baseline_input(
        "Where the figures of earlier runs come from, for the plan's `regression`"
    )
    baseline_branch: str = baseline_branch_input()
    junit_file: str = an_input(
        values.relative_path, default=JUNIT, missing=JUNIT, doc="Where the JUnit XML is written, one case a request."
    )
    mutate: bool = an_input(
        values.boolean,
        default="false",
        missing=False,
        doc="Damage the answers afterwards and report the asserts that never fail.",
    )
    export: str = an_input(
        values.choice("k6"), missing="", doc="`k6` writes the plan as a k6 script, for loads beyond one runner."
    )
    export_file: str = an_input(
        values.relative_path, default=K6_SCRIPT, missing=K6_SCRIPT, doc="Where the exported script is written."
    )
    allow_hosts: tuple[str, ...] = an_input(
        _hosts,
        missing=(),
        kind="list",
        doc="Hosts or addresses, one a line, that may be link-local or a cloud's metadata service. Others are refused.",
    )
    proxy: str = an_input(
        urls.proxy,
        missing="",
        secret=True,
        doc="URL of the HTTP proxy for all requests of the plan. Default: none, whatever the environment says.",
    )
    ca_bundle: str = an_input(
        values.relative_path, missing="", doc="Path of a PEM file with the certificate authorities to trust instead."
    )
    insecure: bool = an_input(
        values.boolean, default="false", missing=False, doc="Do not verify any server's certificate."
    )
