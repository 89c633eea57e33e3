"""A plan and what came of it: the words every module of smoke-test shares. Immutable, no I/O.

Durations are seconds as floats unless a name says milliseconds. A text marked "template" may hold `{{name}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar, Literal

from actionkit.asserts import Assert, Capture
from actionkit.outcome import Problem
from actionkit.web.model import MB, Answer
from actionkit.web.statuses import Statuses

Json = Any
"""A value of JSON's types; texts in it, keys included, may be templates."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written: a path in the workspace and a line (1-based); for quick checks the input's name."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request. `json`: any JSON; `form`: pairs, sent urlencoded; `text`: a template; `file`: a path in
    the workspace, sent as it is; `multipart`: pairs of field name and template, or a path after `@`."""

    kind: Literal["json", "form", "text", "file", "multipart"]
    value: Json = None


@dataclass(frozen=True, slots=True)
class Auth:
    """`user` and `password` for basic and digest, `token` for bearer; all templates."""

    scheme: Literal["basic", "digest", "bearer"]
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """The request of a step. `url` is a template: absolute, or a path below the plan's `base_url`."""

    method: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    body: Body | None = None
    auth: Auth | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a request is sent and retried. `max_time` bounds one attempt, redirects included.

    `retry` is how many further attempts follow a failed one, -1 without end (then the step's `max_time` times a
    thousand ends it). `fail_when`: once any of these holds, no further attempt is made and the step has failed.
    """

    connect_timeout: float = 3.0
    max_time: float = 10.0
    max_filesize: int = 2 * MB
    headers: tuple[tuple[str, str], ...] = ()
    location: bool = False
    max_redirs: int = 50
    retry: int = 0
    retry_interval: float = 1.0
    fail_when: tuple[Assert, ...] = ()
    insecure: bool = False
    delay: float = 0.0
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Bodies:
    """What bodies answers with one of `statuses` may have: pairs of media type (or range, `*/*`) and the path of the
    schema that JSON of it must match, "" for any."""

    statuses: Statuses
    media: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request with everything expected of its answer. `headers` are expected (name, template): equal, or for
    Content-Type without parameters the media type. `json_schema` is the path of a file in the workspace. `captures`
    are (variable, what it becomes). `bodies` are those of an OpenAPI document; the first that has the status counts.
    `assert_lines` are the lines of `asserts` in the plan's file, () where only the step's is known."""

    name: str
    send: Send
    place: Place
    options: Options = Options()
    status: Statuses | None = None
    headers: tuple[tuple[str, str], ...] = ()
    json_schema: str = ""
    bodies: tuple[Bodies, ...] = ()
    asserts: tuple[Assert, ...] = ()
    assert_lines: tuple[int | None, ...] = ()
    captures: tuple[tuple[str, Capture], ...] = ()

    def place_of(self, at: int) -> Place:
        """Where the assert number `at` stands, counted from 0; the step's own place where that is not known."""
        line = self.assert_lines[at] if at < len(self.assert_lines) else None
        return self.place if line is None else Place(self.place.path, line)

    @property
    def describes_bodies(self) -> bool:
        """Whether anything is said of the body of any answer."""
        return any(one.media for one in self.bodies)

    @property
    def described_schemas(self) -> tuple[str, ...]:
        """The paths of all schemas of `bodies`."""
        return tuple(schema for one in self.bodies for _, schema in one.media if schema)

    @property
    def asserted(self) -> int:
        """How many things are asserted outright. Where it is none a status of 400 or more is a failure."""
        return (
            (self.status is not None)
            + len(self.headers)
            + bool(self.json_schema)
            + self.describes_bodies
            + len(self.asserts)
        )

    @property
    def expectations(self) -> int:
        """What is asserted and captured: a capture that finds nothing fails too, and so counts as one."""
        return self.asserted + len(self.captures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """Steps in order; the first that fails skips the rest, but where each stands for itself (`independent`). A test
    knows setup's variables and cookies, not others'."""

    __test__: ClassVar[bool] = False
    """Not a test of pytest's, whatever its name."""

    name: str
    steps: tuple[Step, ...]
    tags: tuple[str, ...] = ()
    independent: bool = False


class Executor(StrEnum):
    """k6's names of the two load models: open (arrivals on schedule) and closed (users in a loop)."""

    ARRIVAL_RATE = "constant-arrival-rate"
    VUS = "constant-vus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One limit: `metric` with `tags` (`http_req_duration{name:item}`), `text` as written (`p(95)<500`).

    `aggregate` is avg, min, max, med, count, rate, value or p; `percentile` (0 to 100) only for p. `limit` is in
    the metric's unit: milliseconds for durations, a share from 0 to 1 for rates.
    """

    metric: str
    text: str
    aggregate: str
    operator: Literal["<", "<=", ">", ">=", "==", "!="]
    limit: Fraction
    percentile: Fraction | None = None
    tags: tuple[tuple[str, str], ...] = ()
    abort_on_fail: bool = False
    delay_abort_eval: float = 0.0
    place: Place = Place("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load stage. `rate` is iterations a `time_unit` (open model); `vus` the most virtual users at once.

    One iteration runs all steps of one test that carries one of `tags`; tests take turns. `graceful_stop` is how long
    iterations in flight at the end may go on.
    """

    executor: Executor
    vus: int
    duration: float
    rate: int = 0
    time_unit: float = 1.0
    tags: tuple[str, ...] = ()
    graceful_stop: float = 30.0
    thresholds: tuple[Threshold, ...] = ()
    place: Place = Place("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """How much worse than the baseline history is too much. `p95` is a share (25% is 1/4), `error_rate` percentage
    points as a share (0.5pp is 1/200), `window` seconds of history that count."""

    p95: Fraction | None = None
    error_rate: Fraction | None = None
    window: float = 30 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole plan. `variables` hold templates or JSON scalars; `secrets` map a variable to the environment variable
    that holds it. `quick` is True where it was made of the input `checks`."""

    path: str
    base_url: str = ""
    variables: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    parallel: int = 1
    setup: tuple[Step, ...] = ()
    tests: tuple[Test, ...] = ()
    finally_: tuple[Step, ...] = ()
    load: Load | None = None
    regression: Regression | None = None
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met: `expected` as it was written, `actual` as it was found, both short texts."""

    message: str
    expected: str = ""
    actual: str = ""
    place: Place = Place("")


class State(StrEnum):
    """What came of a step. `ERROR`: it could not be carried out at all (a variable never set)."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What came of one step. `test` is "setup", "finally" or the test's name; `seconds` those of the last attempt,
    from its start to the last byte; `started` and `finished` seconds since the run began. `checked` counts the
    expectations that were evaluated. `url` is without user name, password, query and fragment. `answer` is the last
    attempt's, and `variables` what its asserts saw, secrets too: kept for mutation and comparison, never shown."""

    test: str
    name: str
    state: State
    place: Place
    method: str = ""
    url: str = ""
    status: int | None = None
    seconds: float = 0.0
    started: float = 0.0
    finished: float = 0.0
    attempts: int = 0
    checked: int = 0
    failures: tuple[Failure, ...] = ()
    address: str = ""
    answer: Answer | None = field(default=None, repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        return self.state is State.PASSED

    @property
    def message(self) -> str:
        """Every failure in one line; "" where there is none."""
        return "; ".join(failure.message for failure in self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of all steps, in the plan's order. `requests` counts attempts; `stopped` says why it ended early,
    `interrupted` that a signal ended it."""

    steps: tuple[StepResult, ...]
    seconds: float
    requests: int = 0
    stopped: str = ""
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdResult:
    """A threshold held against what was measured. `value` None: no sample, or of `samples` a result does not tell it.
    `enough` False: too few samples to judge the percentile with 95 % confidence (59 for p95, 299 for p99)."""

    threshold: Threshold
    value: float | None
    ok: bool
    samples: int
    enough: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What a load stage measured, or another tool's result says. Durations are milliseconds, None where unknown.

    `failed` counts requests, `dropped` iterations that could not start in time; `rate` is requests a second.
    `source` names the tool where the figures are not ours. `aborted` says which threshold ended the stage early.
    Percentiles of our own stage run from when a request was due; `service_…` from when it was really sent.
    `max_lag_ms` is the longest our own side was late. A note of severity error says why the figures cannot be trusted.
    `hung`: at the end every user waited for an answer, and longer than any iteration had taken.
    """

    requests: int
    failed: int
    dropped: int
    iterations: int
    seconds: float
    rate: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    thresholds: tuple[ThresholdResult, ...] = ()
    source: str = ""
    aborted: str = ""
    failures: tuple[tuple[str, int], ...] = ()
    service_p50_ms: float | None = None
    service_p95_ms: float | None = None
    max_lag_ms: float = 0.0
    hung: bool = False
    notes: tuple[Problem, ...] = ()
