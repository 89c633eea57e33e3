"""The plan file as a pydantic model: what may stand in it and what each key means.

The words are those of Hurl and curl (captures, asserts, options), requests and Tavern (request, finally) and k6 (load).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from actionkit.policy_types import Part, Reason
from smoke_test import plan_types as types
from smoke_test.model import Executor

MOST_PARALLEL = 64

Several = BeforeValidator(types.listed)


class OptionsConfig(Part):
    """How requests are sent and retried."""

    connect_timeout: types.SomeSeconds | None = Field(
        None,
        description="How long name look-up, connection and TLS may take together. Default: 3s, at most `max_time`.",
    )
    max_time: types.SomeSeconds | None = Field(
        None, description="How long one attempt may take in all, redirects included. Default: 10s."
    )
    max_filesize: types.SomeBytes | None = Field(
        None, description="Largest answer that is read, decompressed. Default: 2MB."
    )
    headers: dict[types.Token, types.HeaderValue] | None = Field(
        None, description="Headers of every request; a request's own header of the same name wins."
    )
    location: bool | None = Field(None, description="Follow redirects. Default: false, a login page answers 200 too.")
    max_redirs: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        None, description="How many redirects are followed at most. Default: 50."
    )
    retry: Annotated[int, Field(ge=-1, le=100_000)] | None = Field(
        None,
        description="How many further attempts follow one that failed; -1: until `fail_when` or the end. Default: 0.",
    )
    retry_interval: types.Seconds | None = Field(None, description="Pause before a further attempt. Default: 1s.")
    fail_when: Annotated[tuple[types.Grammar, ...], Several] | None = Field(
        None, description="Asserts that end the attempts at once: as soon as one holds, the step has failed."
    )
    insecure: bool | None = Field(None, description="Do not verify the server's certificate. Default: false.")
    delay: types.Seconds | None = Field(None, description="Pause before the first attempt. Default: none.")
    skip: bool | None = Field(None, description="Leave the step out; it is reported as skipped. Default: false.")


class AuthConfig(Part):
    """Who asks. Exactly one key."""

    basic: types.UserPassword | None = Field(None, description="`[user, password]` for HTTP Basic (RFC 7617).")
    digest: types.UserPassword | None = Field(None, description="`[user, password]` for HTTP Digest (RFC 7616).")
    bearer: types.Bearer | None = Field(None, description="Token for `Authorization: Bearer` (RFC 6750).")


class RequestConfig(Part):
    """What is sent. At most one of `json`, `form`, `data`, `file` and `multipart`."""

    method: types.Method | None = Field(None, description="HTTP method. Default: GET; with a body it must be named.")
    url: types.StepUrl = Field(description="Absolute URL, or a path that starts with `/` below `base_url`.")
    params: dict[str, types.Texts] = Field(default_factory=dict, description="Query parameters; a list repeats one.")
    headers: dict[types.Token, types.HeaderValue] = Field(default_factory=dict, description="Headers by name.")
    cookies: dict[types.Token, types.HeaderValue] = Field(
        default_factory=dict, description="Cookies by name, beside those that earlier answers set."
    )
    json_: types.JsonBody = Field(
        None, alias="json", description="Body as JSON. A text that is only `{{name}}` keeps the variable's type."
    )
    form: dict[str, types.Texts] | None = Field(None, description="Fields of an HTML form, sent urlencoded.")
    data: str | None = Field(None, description="Body as text.")
    file: types.Path | None = Field(None, description="Path of a file in the workspace that is the body.")
    multipart: dict[str, types.Texts] | None = Field(
        None, description="Parts of a multipart form; a value that starts with `@` is the path of a file."
    )
    auth: AuthConfig | None = Field(None, description="User and password, or a bearer token.")


class StepConfig(Part):
    """One request and what is expected of its answer."""

    name: Reason | None = Field(None, description="Name in reports and in thresholds. Default: method and URL.")
    request: RequestConfig = Field(description="What is sent.")
    status: types.StatusSet | None = Field(None, description="Expected status: `200`, `2xx`, `200-399` or a list.")
    headers: dict[types.Token, types.HeaderValue] = Field(
        default_factory=dict,
        description="Expected headers, equal; a `Content-Type` without parameters is compared without them.",
    )
    json_schema: types.Path | None = Field(
        None, description="Path of a JSON Schema in the workspace that the body must match."
    )
    captures: dict[types.VariableName, types.Grammar] = Field(
        default_factory=dict,
        description='Variables set from the answer, such as `jsonpath "$.token" redact`; known from the next step on.',
    )
    asserts: Annotated[tuple[types.Grammar, ...], Several] = Field(
        (), description='Lines such as `jsonpath "$.tags" count >= 1` that must hold.'
    )
    options: OptionsConfig | None = Field(None, description="Options of this step; they win over the plan's.")


class TestConfig(Part):
    """Steps in order; the first that fails skips the rest."""

    name: Reason = Field(description="Name in reports; each once.")
    tags: types.Tags = Field((), description="Words by which the input `tags` and `load.tags` choose tests.")
    steps: tuple[StepConfig, ...] = Field(description="The requests of the test, in their order.")


class ThresholdConfig(Part):
    """A threshold that may end the load stage early."""

    threshold: types.ThresholdText = Field(description="The expression, such as `rate<0.01`.")
    abort_on_fail: bool = Field(False, alias="abortOnFail", description="End the stage as soon as it is crossed.")
    delay_abort_eval: types.Seconds = Field(
        0.0, alias="delayAbortEval", description="How long after the start it may first end the stage."
    )


def _form(value: object) -> str:
    return "mapping" if isinstance(value, dict | ThresholdConfig) else "text"


ThresholdItem = Annotated[
    Annotated[types.ThresholdText, Tag("text")] | Annotated[ThresholdConfig, Tag("mapping")], Discriminator(_form)
]


class LoadConfig(Part):
    """The load stage, after the tests."""

    executor: Executor | None = Field(
        None,
        description="`constant-arrival-rate` starts iterations on schedule (open), `constant-vus` in loops (closed).",
    )
    rate: types.Rate | None = Field(
        None, description="Iterations started in each `time_unit`; only for the open model."
    )
    time_unit: types.SomeSeconds | None = Field(None, description="What `rate` is counted in. Default: 1s.")
    vus: int | None = Field(
        None, description="Virtual users: how many iterations run at once, in the open model at most."
    )
    duration: types.SomeSeconds | None = Field(None, description="How long iterations are started.")
    graceful_stop: types.Seconds | None = Field(
        None, description="How long iterations in flight may go on at the end. Default: 30s."
    )
    tags: types.Tags = Field((), description="Tests with any of these tags take turns. Default: all tests.")
    thresholds: dict[types.MetricName, Annotated[tuple[ThresholdItem, ...], Several]] = Field(
        default_factory=dict,
        description='Limits by metric, as in k6: `http_req_duration: ["p(95)<500"]`.',
    )


class RegressionConfig(Part):
    """How much worse than the history is too much. Needs `baseline`."""

    p95: types.Share | None = Field(None, description="How much slower the 95th percentile may be, such as 25%.")
    error_rate: types.Points | None = Field(
        None, description="How many percentage points more of the requests may fail, such as 0.5pp."
    )
    window: types.SomeSeconds | None = Field(None, description="How old recorded runs may be that count. Default: 30d.")


class PlanFile(Part):
    """A plan of smoke-test."""

    version: Literal[1] = Field(1, description="Version of this format.")
    base_url: types.BaseUrl | None = Field(
        None, description="What the paths of requests start at. The input `base-url` wins."
    )
    variables: dict[types.VariableName, types.Scalar] = Field(
        default_factory=dict, description="Values used as `{{name}}`. The input `variables` wins."
    )
    secrets: dict[types.VariableName, types.EnvironmentName] = Field(
        default_factory=dict,
        description="Variable: the environment variable that holds its value. Masked wherever it would be shown.",
    )
    options: OptionsConfig | None = Field(None, description="Options of all steps.")
    parallel: Annotated[int, Field(ge=1, le=MOST_PARALLEL)] | None = Field(
        None, description="How many tests run at once, their steps in order. The input `parallel` wins. Default: 1."
    )
    setup: tuple[StepConfig, ...] = Field(
        (), description="Steps before all tests, which know its variables and cookies."
    )
    tests: tuple[TestConfig, ...] = Field((), description="The tests; each knows what `setup` set and no other test's.")
    finally_: tuple[StepConfig, ...] = Field(
        (), alias="finally", description="Steps after all tests, whatever came of them."
    )
    load: LoadConfig | None = Field(None, description="The load stage.")
    regression: RegressionConfig | None = Field(None, description="Limits against the recorded history.")


def has_json(request: RequestConfig) -> bool:
    """Whether a JSON body is given; `json: null` is one."""
    return "json_" in request.model_fields_set


def bodies(request: RequestConfig) -> dict[str, Any]:
    """The bodies a request gives, by their key."""
    given: dict[str, Any] = {"json": request.json_} if has_json(request) else {}
    others = {"form": request.form, "data": request.data, "file": request.file, "multipart": request.multipart}
    return given | {key: value for key, value in others.items() if value is not None}
