"""Plans written into a workspace and loaded, and what is told of those that cannot be used."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from actionkit.errors import Complaint, UsageError
from actionkit.inputs import parse
from actionkit.workspace import Workspace
from smoke_test import plans
from smoke_test.inputs import Inputs
from smoke_test.plans import Loaded

PATH = "smoke.yml"
SHOP = "https://shop.example.com"

EXAMPLE = """\
version: 1
base_url: https://{{host}}
variables: {host: shop.example.com, sku: A-100}
secrets: {api_key: SMOKE_API_KEY, password: SMOKE_PASSWORD}
options: {connect_timeout: 3s, max_time: 10s, max_filesize: 2MB, headers: {X-Api-Key: "{{api_key}}"}}
parallel: 4
setup:
  - name: login
    request: {method: POST, url: /api/login, json: {user: smoke, password: "{{password}}"}}
    status: 200
    captures: {token: jsonpath "$.token" redact}
    asserts: ['cookie "session[Secure]" exists']
tests:
  - name: api
    tags: [critical, load]
    steps:
      - name: item
        request: {url: "/api/items/{{sku}}", headers: {Authorization: "Bearer {{token}}"}}
        status: 200
        headers: {Content-Type: application/json}
        json_schema: schemas/item.json
        asserts:
          - jsonpath "$.tags" count >= 1
          - header "Cache-Control" not contains "no-store"
          - body matches /"build":"[0-9a-f]{40}"/
          - jsonpath "$.last_backup" age < 25h
          - duration < 800
          - certificate "Expire-Date" daysAfterNow > 21
  - name: redirect
    steps:
      - request: {url: /old}
        options: {location: true, max_redirs: 3}
        asserts: [url endsWith "/home", redirects count == 1]
  - name: order appears
    steps:
      - request: {url: /api/order}
        options: {retry: 10, retry_interval: 2s, max_time: 2s, fail_when: ['jsonpath "$.state" == "failed"']}
        asserts: [jsonpath "$.state" == "ready"]
finally: [{request: {method: POST, url: /api/logout}}]
load:
  executor: constant-arrival-rate
  rate: 10
  vus: 20
  duration: 30s
  tags: [load]
  thresholds:
    http_req_duration: ["p(95)<500"]
    "http_req_duration{name:item}": ["p(99)<1500"]
    http_req_failed: [{threshold: "rate<0.01", abortOnFail: true, delayAbortEval: 5s}]
    dropped_iterations: ["count<1"]
regression: {p95: 25%, error_rate: 0.5pp, window: 30d}
"""
FILES = {"schemas/item.json": '{"type": "object"}'}
ENVIRON = {"SMOKE_API_KEY": "canary-key-4711", "SMOKE_PASSWORD": "canary-password-0815"}


def one(request: str, rest: str = "", *, head: str = f"base_url: {SHOP}", tail: str = "") -> str:
    """A plan of one step, in block style: the request stands on line 5, `rest` from line 6 on."""
    more = textwrap.indent(textwrap.dedent(rest).strip("\n"), "        ")
    return f"{head}\ntests:\n  - name: shop\n    steps:\n      - request: {request}\n{more}\n{tail}\n"


def load(
    folder: Path,
    text: str | None = None,
    *,
    files: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    **inputs: str,
) -> Loaded:
    """The plan, written to the workspace, as a run with these inputs loads it."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    everything = dict(files or {})
    if text is not None:
        everything[given.setdefault("plan", PATH)] = text
    for path, content in everything.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode("utf-8", "surrogatepass"))
    return plans.load(parse(Inputs, given), Workspace(folder), environ or {})


def wrong(folder: Path, text: str | None = None, **more: object) -> tuple[Complaint, ...]:
    """Everything that is told of a plan that cannot be used."""
    with pytest.raises(UsageError) as raised:
        load(folder, text, **more)  # type: ignore[arg-type]
    return raised.value.complaints


def told(complaints: tuple[Complaint, ...]) -> list[str]:
    """`path:line message` of each."""
    return [f"{one.path}:{one.line} {one.message}" if one.path else one.message for one in complaints]
