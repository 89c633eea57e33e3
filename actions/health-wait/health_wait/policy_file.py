"""`.github/health-wait.yml` as a pydantic model: what may stand in it and what each key means.

Apart from `combine` because pydantic takes longer to import than a target to answer.
"""

from __future__ import annotations

from typing import Annotated, Literal, NoReturn

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag

from actionkit import values
from actionkit.asserts import Assert, Capture
from actionkit.config import using
from actionkit.errors import InputError
from actionkit.policy_types import Part
from actionkit.web.statuses import Statuses, statuses
from health_wait import spelling


def _several(value: object) -> object:
    """One line stands for a list of one. Behind a function pydantic is strict about tuples, which YAML has not."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and not value:
        raise ValueError("at least one, or no such key")
    return tuple(value) if isinstance(value, list) else value


def _header_value(given: str) -> str:
    return spelling.header("X", given)[1]


def _header_name(given: str) -> str:
    return spelling.header(given, "x")[0]


def _kind(value: object) -> str:
    return "a text" if isinstance(value, str) else "a mapping"


def _version(value: object) -> str:
    """YAML has made 1.1 of 1.10, and 120000 of the commit 12e4: such a text must be quoted."""
    if isinstance(value, float):
        using(_refuse_number)(value)
    return using(spelling.word)(value)


def _refuse_number(_: str) -> NoReturn:
    raise InputError("a number with a point", "a text, or a whole number", "Put it in quotes: `'1.10'`.")


def _an_assert(value: object) -> Assert:
    if isinstance(value, dict):
        using(_refuse_mapping)("")
    return using(spelling.an_assert)(value)


def _refuse_mapping(_: str) -> NoReturn:
    accepted = 'an assert such as `jsonpath "$.status" == "up"`'
    raise InputError(
        "a mapping", accepted, "YAML reads `: ` as a key and its value: put the whole line in single quotes."
    )


def _proxy(given: str) -> str:
    found = spelling.proxy(given)
    if "@" in found:
        raise InputError("a proxy with a password", "a URL without one", "Use the input `proxy` with a secret.")
    return found


Time = Annotated[float, PlainValidator(using(spelling.some_time), json_schema_input_type=str)]
Span = Annotated[float, PlainValidator(using(spelling.span), json_schema_input_type=str | int)]
AtLeastOne = Annotated[
    int, PlainValidator(using(spelling.threshold), json_schema_input_type=Annotated[int, Field(ge=1)])
]
Count = Annotated[int, PlainValidator(using(values.count), json_schema_input_type=Annotated[int, Field(ge=0)])]
Expected = Annotated[Statuses, PlainValidator(using(statuses), json_schema_input_type=str | int)]
Pattern = Annotated[str, PlainValidator(using(spelling.pattern), json_schema_input_type=str)]
Word = Annotated[str, PlainValidator(using(spelling.word), json_schema_input_type=str | float)]
Version = Annotated[str, PlainValidator(_version, json_schema_input_type=str | int)]
Query = Annotated[Capture, PlainValidator(using(spelling.a_capture), json_schema_input_type=str)]
AssertLine = Annotated[Assert, PlainValidator(_an_assert, json_schema_input_type=str)]
Host = Annotated[str, PlainValidator(using(spelling.host), json_schema_input_type=str)]
Path = Annotated[str, PlainValidator(using(values.relative_path), json_schema_input_type=str)]
Proxy = Annotated[
    str,
    PlainValidator(using(_proxy), json_schema_input_type=str),
    Field(json_schema_extra={"writeOnly": True}),
]
HeaderName = Annotated[str, PlainValidator(using(_header_name), json_schema_input_type=str)]
HeaderValue = Annotated[
    str,
    PlainValidator(using(_header_value), json_schema_input_type=str | int),
    Field(json_schema_extra={"writeOnly": True}),
]
AssertLines = Annotated[
    tuple[AssertLine, ...],
    BeforeValidator(_several, json_schema_input_type=str | Annotated[list[str], Field(min_length=1)]),
]
Hosts = Annotated[
    tuple[Host, ...],
    BeforeValidator(_several, json_schema_input_type=str | Annotated[list[str], Field(min_length=1)]),
]


class Probing(Part):
    """What may be said of one target, and of all of them."""

    period: Time | None = Field(None, description="From the start of one probe to the start of the next, such as `2s`.")
    timeout: Time | None = Field(None, description="What one probe may take, such as `5s`.")
    initial_delay: Span | None = Field(None, description="How long to wait before the first probe.")
    success_threshold: AtLeastOne | None = Field(None, description="Good probes in a row that make a target healthy.")
    failure_threshold: AtLeastOne | None = Field(
        None, description="Failed probes in a row after which a target is not waited for any longer."
    )
    method: Literal["GET", "HEAD", "OPTIONS"] | None = Field(None, description="Method of HTTP probes.")
    expect_status: Expected | None = Field(None, description="HTTP statuses, such as `200` or `200-399`.")
    expect_body: Pattern | None = Field(None, description="Regular expression (RE2) to be found in the body.")
    expect: AssertLines | None = Field(None, description="Assert lines about the answer, as in smoke-test.")
    expect_version: Version | None = Field(None, description="Version that must answer.")
    version_from: Query | None = Field(None, description="Where the answer states its version, as a query.")
    headers: dict[HeaderName, HeaderValue] | None = Field(
        None, description="Headers of HTTP probes. One of the same name in the input, or nearer the target, wins."
    )
    insecure: bool | None = Field(None, description="Do not verify TLS certificates.")
    census: bool | None = Field(None, description="Probe every resolved address as a replica of its own.")


class TargetConfig(Probing):
    """One target. What it says of itself wins over the inputs, and these over the rest of the file."""

    url: Word = Field(description="As a line of the input `targets`.")
    name: Word | None = Field(None, description="Shown instead of the URL.")


Entry = Annotated[
    Annotated[Word, Tag("a text")] | Annotated[TargetConfig, Tag("a mapping")],
    Discriminator(_kind),
]


class ConfigFile(Probing):
    """What to wait for, and how. Inputs of the same name win; targets of both are taken together."""

    targets: tuple[Entry, ...] = Field((), description="URLs, or mappings with a `url` and what holds for it alone.")
    deadline: Time | None = Field(None, description="How long to wait for all targets, such as `5m`.")
    bake_time: Span | None = Field(None, description="How long to go on watching once all targets are healthy.")
    failure_limit: Count | None = Field(None, description="Failed probes of one target allowed while baking.")
    consecutive_failure_limit: Count | None = Field(None, description="The same for failed probes in a row.")
    ca_bundle: Path | None = Field(None, description="PEM file in the workspace with the authorities to trust.")
    proxy: Proxy | None = Field(None, description="URL of an HTTP proxy for HTTP probes, without a password.")
    allow_hosts: Hosts | None = Field(None, description="Link-local and metadata hosts that may be probed.")
