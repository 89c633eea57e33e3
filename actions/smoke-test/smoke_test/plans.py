"""Loading the plan: inputs, plan file, quick checks and OpenAPI document, put together and looked through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.outcome import Problem, Severity
from actionkit.workspace import Workspace
from smoke_test import bindings, plan_review, plan_secrets, plan_variables
from smoke_test.inputs import Inputs
from smoke_test.model import Options, Plan, Step, Test
from smoke_test.plan_variables import Review
from smoke_test.schema_check import Schemas
from smoke_test.written import Source, complaint

PLAN_LIMIT = 1024 * 1024
"""Bytes of a plan; one in YAML is limited further by `actionkit.config`."""

DOCUMENT_LIMIT = 8 * 1024 * 1024
CHECKOUT = "Check the path, and that actions/checkout ran before this step."
NOTHING_GIVEN = Complaint(
    "nothing to test is given: inputs `plan`, `checks` and `openapi` are empty",
    "Add to the step:\nwith:\n  base-url: https://shop.example.com\n  checks: |\n    GET /health 200",
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan that can be run, the value of every secret by its variable, and the schemas that its steps name: compiled,
    those of an OpenAPI document too, which are no files."""

    plan: Plan
    secrets: Mapping[str, str] = field(repr=False)
    schemas: Schemas = field(repr=False)

    @property
    def hidden(self) -> tuple[str, ...]:
        """What no output may hold. Raises UsageError."""
        return plan_secrets.hidden(self.plan, self.secrets)

    @property
    def read_file(self) -> Callable[[str], bytes]:
        """Gives what a step names as a file; raises Unreadable."""
        return self.schemas.read_file


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the inputs name, each read by itself."""

    plan: Plan = field(default_factory=lambda: Plan(path=""))
    source: Source = field(default_factory=Source)
    options: Options = field(default_factory=Options)
    more: tuple[Test, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()


def load(inputs: Inputs, workspace: Workspace, environ: Mapping[str, str]) -> Loaded:
    """The plan of this run; inputs win over the file. `environ` holds the values of secrets.

    Tests that `tags` leave out are not in it; quick checks and an OpenAPI document's tests always are. Raises
    UsageError with everything that is wrong at once; what is only odd is in the plan's notes. Nothing that is raised
    or noted holds a secret's value.
    """
    if not (inputs.plan or inputs.checks or inputs.openapi):
        raise UsageError([NOTHING_GIVEN])
    parts = _with_inputs(_parts(inputs, workspace), inputs)
    whole = replace(parts.plan, tests=(*parts.plan.tests, *parts.more))
    kept = replace(whole, tests=(*plan_review.selected(parts.plan, inputs.tags), *parts.more))
    given = dict.fromkeys(dict(inputs.secrets), "secrets") | dict.fromkeys(dict(inputs.variables), "variables")
    review = Review(whole, parts.source, given)
    needed = _needed(whole, kept, inputs)
    secrets, missing, odd = plan_secrets.gathered(whole, environ, needed, parts.source, dict(inputs.secrets))

    def read_file(path: str) -> bytes:
        return parts.files[path] if path in parts.files else workspace.read(path)

    schemas = Schemas(read_file)
    wrong = [
        *parts.complaints,
        *_wrong_with_inputs(review, parts.plan, kept, inputs),
        *_wrong_with_plan(review, secrets, workspace, schemas, inputs.compare_url),
        *(() if _only_report(inputs) else plan_review.load_tags(whole)),
        *missing,
    ]
    if wrong:
        raise UsageError(sorted(dict.fromkeys(wrong), key=lambda one: (one.path, one.line or 0)))
    kept, left_out = _load_stage(kept, inputs)
    notes = (
        *whole.notes,
        *odd,
        *plan_variables.notes(review),
        *plan_secrets.literals(whole, parts.source),
        *plan_review.expectations(kept),
        *left_out,
    )
    return Loaded(replace(kept, notes=notes), secrets, schemas)


def selected(plan: Plan, tags: Sequence[str]) -> Plan:
    """The plan with only the tests that have one of `tags`, and none of those with `!` before them."""
    return replace(plan, tests=plan_review.selected(plan, tags))


def _parts(inputs: Inputs, workspace: Workspace) -> _Parts:
    """Read everything; raises UsageError with what is wrong with any of it."""
    complaints: list[Complaint] = []
    parts = _Parts()
    for read in (_with_plan, _with_openapi, _with_checks):
        try:
            parts = read(parts, inputs, workspace)
        except UsageError as error:
            complaints += error.complaints
    if complaints:
        raise UsageError(complaints)
    return parts


def _with_plan(parts: _Parts, inputs: Inputs, workspace: Workspace) -> _Parts:
    if not inputs.plan:
        return parts
    data = _bytes(workspace, "plan", inputs.plan, PLAN_LIMIT)
    source = Source(inputs.plan, tuple(data.decode("utf-8-sig", "replace").splitlines()))
    if inputs.plan.lower().endswith(".hurl"):
        from smoke_test.hurl import plan as hurl

        return replace(parts, plan=hurl.read(data.decode("utf-8", "replace"), inputs.plan), source=source)
    from smoke_test import plan_yaml

    runs = inputs.load is not False and not _only_report(inputs)
    read = plan_yaml.read(data, inputs.plan, load_runs=runs, load_bounded=not inputs.export)
    return replace(parts, plan=read.plan, source=source, options=read.options, complaints=read.complaints)


def _only_report(inputs: Inputs) -> bool:
    """Whether the plan's thresholds are only held against another tool's result."""
    return bool(inputs.load_report) and inputs.load is not True


def _with_openapi(parts: _Parts, inputs: Inputs, workspace: Workspace) -> _Parts:
    plan = parts.plan
    base = inputs.base_url or plan.base_url
    if not inputs.openapi:
        return replace(parts, plan=replace(plan, base_url=base))
    from smoke_test import openapi

    data = _bytes(workspace, "openapi", inputs.openapi, DOCUMENT_LIMIT)
    described = openapi.read(data, inputs.openapi, base)
    # Its paths start at the server it names, which may lie below the base URL of the plan.
    below = described.plan.base_url.removeprefix(base).rstrip("/") if base else ""
    tests = tuple(
        replace(test, steps=tuple(_adapted(step, below, parts.options) for step in test.steps))
        for test in described.plan.tests
    )
    plan = replace(
        plan,
        path=plan.path or inputs.openapi,
        base_url=base or described.plan.base_url,
        notes=(*plan.notes, *described.plan.notes),
    )
    return replace(parts, plan=plan, files=described.files, more=tests)


def _adapted(step: Step, prefix: str, options: Options) -> Step:
    return replace(step, send=replace(step.send, url=f"{prefix}{step.send.url}"), options=options)


def _with_checks(parts: _Parts, inputs: Inputs, _: Workspace) -> _Parts:
    if not inputs.checks:
        return parts
    from smoke_test import checks

    return replace(parts, more=(*parts.more, checks.read(inputs.checks, parts.options)))


def _bytes(workspace: Workspace, name: str, path: str, limit: int) -> bytes:
    try:
        return workspace.read(path, limit)
    except Unreadable as error:
        raise UsageError([Complaint(f"input `{name}`: {error}", CHECKOUT, path=path)]) from None


def _with_inputs(parts: _Parts, inputs: Inputs) -> _Parts:
    """The plan with what the inputs say of it."""
    # A value from outside is a text, whatever it holds: a title with `{{token}}` in it must not be filled.
    given = {name: value.replace("{{", r"\{\{") for name, value in inputs.variables}
    secrets = dict(inputs.secrets)
    own = {name: value for name, value in parts.plan.variables.items() if name not in secrets}
    plan = replace(
        parts.plan,
        variables=own | given,
        secrets={**parts.plan.secrets, **secrets},
        parallel=inputs.parallel or parts.plan.parallel,
    )
    return replace(parts, plan=plan)


def _needed(whole: Plan, kept: Plan, inputs: Inputs) -> frozenset[str]:
    """The secrets that must be there: all but those that only tests that are left out use. An export needs none."""
    if inputs.export:
        return frozenset()
    steps_of_all = frozenset().union(*(plan_variables.uses(step) for step in plan_variables.all_steps(whole)))
    steps_of_kept = Review(kept, Source()).used
    return frozenset(name for name in whole.secrets if name in steps_of_kept or name not in steps_of_all)


def _wrong_with_inputs(review: Review, own: Plan, kept: Plan, inputs: Inputs) -> Iterator[Complaint]:
    """Inputs that contradict the plan or one another. `own` holds the plan file's tests only."""
    whole = review.plan
    if inputs.tags and not inputs.plan:
        yield Complaint("input `tags` chooses tests of a plan, and there is none", "Remove it, or set `plan`.")
    else:
        yield from plan_review.asked_tags(own, inputs.tags)
    if not whole.tests and not _only_report(inputs):
        yield Complaint(f"{whole.path} has no tests", "Add `tests:` with a request and what it must answer.", own.path)
    if inputs.load and whole.load is None:
        yield Complaint("input `load`: the plan has no `load`", "Add `load:` to the plan, or remove the input.")
    elif inputs.load and not plan_review.load_tests(kept):
        fix = "Choose a test with a tag of `load.tags`, or remove the input `load`."
        yield Complaint("input `load`: `tags` leaves no test that the load stage runs", fix)
    if inputs.load_report and not (whole.load and whole.load.thresholds):
        fix = 'Add to the plan:\nload:\n  thresholds:\n    http_req_duration: ["p(95)<500"]'
        yield Complaint("input `load-report`: the plan has no `load.thresholds` to hold it against", fix)
    if whole.regression is not None and inputs.baseline.kind == "none":
        fix = "Remove `regression` from the plan, or the input `baseline`."
        place = review.source.key("regression", review.source.top)
        yield complaint(place, "`regression` compares with earlier runs, but `baseline` is `none`", fix)


def _wrong_with_plan(
    review: Review, secrets: Mapping[str, str], workspace: Workspace, schemas: Schemas, compare_url: str
) -> Iterator[Complaint]:
    plan, source = review.plan, review.source
    unset = list(plan_variables.complaints(review))
    yield from unset
    yield from plan_review.names(plan, source)
    # Without its secrets nobody knows what a URL made of them is.
    known = None if unset or plan.secrets.keys() - secrets else bindings.bound(plan.variables, secrets, plan.path)
    yield from plan_review.addresses(plan, source, known)
    yield from plan_review.compared_with_itself(plan, compare_url, known)
    yield from plan_review.files(plan, workspace, schemas.load)


def _load_stage(plan: Plan, inputs: Inputs) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan without its load stage where that is not wanted, or has no test left to run."""
    if plan.load is None or inputs.load is True or (inputs.load is None and plan_review.load_tests(plan)):
        return plan, ()
    if inputs.load_report:
        return plan, ()
    if inputs.load is False:
        return replace(plan, load=None), ()
    message = "the load stage is left out: `tags` leaves no test with a tag of `load.tags`"
    place = plan.load.place
    left_out = Problem(message, path=place.path, line=place.line, severity=Severity.WARNING)
    return replace(plan, load=None), (left_out,)
