"""The inputs of health-wait: the one truth about `with:`.

An input that a key of the config file competes with has no default here, so that the file can be told from the input:
what neither says is in `combine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actionkit import values
from actionkit.inputs import GateInputs, an_input
from actionkit.web.statuses import Statuses, statuses
from health_wait import spelling

if TYPE_CHECKING:
    from actionkit.asserts import Assert, Capture


@dataclass(frozen=True, kw_only=True)
class Inputs(GateInputs):
    """Inputs of health-wait. Durations are seconds; None where the user says nothing and the config file may."""

    targets: tuple[str, ...] = an_input(
        values.lines,
        missing=(),
        doc="""What to wait for, one URL a line: `https://` or `http://`, `tcp://host:port`, `dns://name`, and as
        protocol pings `postgres://host` and `redis://host`. They are probed side by side, and all must become healthy.
        Targets of the config file are added.""",
    )
    deadline: float | None = an_input(
        spelling.some_time, kind="duration", doc="How long to wait for all targets to become healthy. Default: `5m`."
    )
    period: float | None = an_input(
        spelling.some_time,
        kind="duration",
        doc="From the start of one probe of a target to the start of the next. Default: `2s`.",
    )
    timeout: float | None = an_input(
        spelling.some_time,
        kind="duration",
        doc="What one probe may take, from the name's resolution to the last byte. Default: `5s`.",
    )
    initial_delay: float | None = an_input(
        spelling.span, kind="duration", doc="How long to wait before the first probe. Default: `0`."
    )
    success_threshold: int | None = an_input(
        spelling.threshold,
        kind="whole number",
        doc="""Good probes in a row that make a target healthy.
        Default: `2`; a version needs more, unless `census` counts its replicas.""",
    )
    failure_threshold: int | None = an_input(
        spelling.threshold,
        kind="whole number",
        doc="""Failed probes in a row after which a target is not waited for any longer, as Kubernetes gives up a
        container that does not start. Default: it is waited for until the deadline.""",
    )
    expect_status: Statuses | None = an_input(
        statuses,
        doc="""HTTP statuses that are expected: `200`, `2xx`, `200-399`, or several. Redirects are not followed.
        Default: `200-399`.""",
    )
    expect_body: str | None = an_input(
        spelling.pattern, doc="Regular expression (RE2) that must be found in the body of an HTTP answer."
    )
    expect: tuple[Assert, ...] | None = an_input(
        spelling.assert_lines,
        kind="list",
        doc="""Assert lines about an HTTP answer, one a line, as in smoke-test: `jsonpath "$.status" == "up"`.""",
    )
    expect_version: str | None = an_input(
        spelling.word,
        doc="""Version that must answer: a target that states another one serves, but is not healthy. Compared as
        text, but for a `v` before a digit; a commit may be abbreviated to 7 digits or more, on either side.""",
    )
    version_from: Capture | None = an_input(
        spelling.a_capture,
        doc="""Where an answer states its version, as a query of smoke-test's: `header "X-Version"`. Default:
        `jsonpath "$.version"`.""",
    )
    method: str | None = an_input(
        values.choice(*spelling.METHODS),
        doc="""Method of HTTP probes. Default: `GET`; `HEAD` where the body is large and nothing is asked of it.""",
    )
    headers: tuple[spelling.Header, ...] | None = an_input(
        spelling.header_lines,
        kind="list",
        secret=True,
        doc="""Headers of HTTP probes to every target, one `Name: value` a line. Their values are kept out of every
        output, but for those such as `Accept` that carry no credential.""",
    )
    insecure: bool | None = an_input(
        values.boolean, doc="Do not verify TLS certificates. Default: `false`; better hand in `ca-bundle`."
    )
    ca_bundle: str | None = an_input(
        values.relative_path,
        doc="PEM file in the workspace with the certificate authorities to trust instead of the usual ones.",
    )
    proxy: str | None = an_input(
        spelling.proxy,
        secret=True,
        doc="""URL of an HTTP proxy for HTTP probes. Default: none, whatever `HTTPS_PROXY` says; other probes go
        direct.""",
    )
    allow_hosts: tuple[str, ...] | None = an_input(
        spelling.host_lines,
        kind="list",
        doc="""Hosts or addresses that may be probed although they are link-local or a cloud's metadata service, one a
        line.""",
    )
    bake_time: float | None = an_input(
        spelling.span, kind="duration", doc="How long to go on watching once all targets are healthy. Default: `0`."
    )
    failure_limit: int | None = an_input(
        values.count,
        doc="""Failed probes of one target that are allowed while baking; one more is `regressed`. Default: `0`, or
        no limit beside `consecutive-failure-limit`.""",
    )
    consecutive_failure_limit: int | None = an_input(
        values.count, doc="The same for failed probes in a row. Default: no limit."
    )
    census: bool | None = an_input(
        values.boolean,
        doc="""Probe every address that a target's name resolves to as a replica of its own: healthy only when all
        are. Default: `false`.""",
    )
    config: str = an_input(
        values.relative_path, missing="", doc="Config file. Default: `.github/health-wait.yml` if present."
    )
