"""A secret of a plan is sent where the plan says and told nowhere: log, summary, comment, JUnit, outcome, k6 script."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.contract.in_process import Folder, Ran
from tests.contract.measured import HISTORY
from tests.contract.smoked import NAME, PLAN, smoke
from tests.smoke_test.answering_site import Asked, Said, Site, moved, said, site

from sandbox.consumer import Consumer, comment_of
from smoke_test.action import ACTION

ECHOES = """\
secrets: {s: SMOKE_SECRET}
parallel: 4
options: {headers: {X-General: "{{s}}"}}
setup:
  - name: login
    request: {method: POST, url: /token, json: {user: smoke, password: "{{s}}"}}
    captures: {token: jsonpath "$.token" redact, plain: jsonpath "$.user"}
tests:
  - name: everywhere
    steps:
      - request:
          method: POST
          url: "/echo/{{s}}?q={{s}}"
          params: {p: "{{s}}"}
          headers: {X-Api-Key: "{{s}}", Authorization: "Bearer {{token}}"}
          cookies: {session: "{{token}}"}
          json: {deep: [{s: "{{s}}", "{{s}}": 1}]}
        status: 201
        headers: {X-Echo: "{{s}}", X-Other: "{{token}}"}
        json_schema: schema.json
        captures: {nothing: jsonpath "$.none" redact}
        options: {retry: 1, retry_interval: 0s, fail_when: ['body contains "{{token}}"']}
        asserts:
          - body == "{{s}}{{s}}"
          - body not contains "{{token}}"
          - body matches /^nothing$/
          - jsonpath "$.body" == "{{token}}"
          - jsonpath "$" isEmpty
          - header "X-Echo" contains "{{s}}{{token}}"
          - url contains "elsewhere"
          - bytes startsWith hex,00;
  - name: basic
    steps:
      - request: {url: /echo, auth: {basic: [smoke, "{{s}}"]}}
        asserts: [jsonpath "$.headers" == "", variable "s" == "no"]
  - name: redirected
    steps:
      - request: {url: "/away?to={{s}}"}
        options: {location: true}
        asserts: [url == "elsewhere", redirects count == 9, jsonpath "$.path" == ""]
  - name: refused
    steps:
      - request: {url: "http://127.0.0.1:9/{{s}}/{{token}}?q={{s}}#{{s}}", auth: {bearer: "{{token}}"}}
        status: 200
  - name: unsendable
    steps:
      - request: {url: "ftp://{{s}}/"}
finally:
  - request: {method: POST, url: "/form", form: {s: "{{s}}"}}
    status: 500
"""
SENDABLE = ECHOES.replace('  - name: unsendable\n    steps:\n      - request: {url: "ftp://{{s}}/"}\n', "")
SCHEMA = json.dumps({"type": "object", "properties": {"path": {"const": 1}, "headers": {"maxProperties": 0}}})
CANARY = "cAnArY-4711-%&<\"'\\/+ü"


def echo(asked: Asked) -> Said:
    """Everything that came, as JSON and in a header."""
    told = {"path": asked.path, "headers": dict(asked.headers), "body": asked.body.decode("utf-8", "replace")}
    head = ("X-Echo", asked.headers.get("x-api-key", "nothing"))
    return said(told, 200, head)


def token_of(secret: str, filler: str) -> str:
    """The secret that only the answer holds."""
    return f"tok-{filler}-{base64.b32encode(secret.encode())[:24].decode()}"


@pytest.fixture(scope="module")
def served() -> Iterator[Site]:
    with ExitStack() as stack:
        routes = {
            "/echo": echo,
            "/form": echo,
            "/away": lambda asked: moved(f"/echo?{asked.path.partition('?')[2]}"),
        }
        made = stack.enter_context(site(routes))
        made.routes["/token"] = lambda asked: said(
            {"token": token_of(json.loads(asked.body)["password"], made.url[-3:]), "user": "smoke"}
        )
        yield made


@pytest.fixture(scope="module")
def url(served: Site) -> str:
    return served.url


def spellings(secret: str) -> set[str]:
    """The secret as it may travel."""
    raw = secret.encode()
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        html.escape(secret),
        html.escape(secret, quote=False),
        base64.b64encode(raw).decode().rstrip("="),
        base64.b64encode(f"smoke:{secret}".encode()).decode().rstrip("="),
        raw.hex(),
    }


def everything(folder: Folder, ran: Ran, *but: str) -> Iterator[tuple[str, str]]:
    """Every text that a run leaves, and what it is."""
    yield "log", ran.printed
    yield "summary", ran.summary
    yield "outcome", json.dumps(ran.outcome, ensure_ascii=False)
    yield from ran.outputs.items()
    for path in folder.path.rglob("*"):
        if path.is_file() and path.name not in but:
            yield path.name, path.read_text(encoding="utf-8")


def assert_told_nowhere(secret: str, texts: Iterator[tuple[str, str]]) -> None:
    for what, text in texts:
        for spelling in spellings(secret):
            assert spelling not in text, f"{what}: {spelling}"
        assert "cAnArY" not in text, f"{what} holds a part of it"


TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["C"]), min_size=6, max_size=40)


@given(secret=TEXT.map("cAnArY{}".__add__))
@example("cAnArY{}00000?1")
@example("cAnArY{}00000¡")
@settings(max_examples=25)
def test_what_a_plan_sends_in_secret_is_told_nowhere_whatever_fails(
    url: str, tmp_path_factory: pytest.TempPathFactory, secret: str
) -> None:
    folder = Folder.within(tmp_path_factory.mktemp("secret"), ACTION)
    folder.write({PLAN: SENDABLE, "schema.json": SCHEMA})
    ran = folder.run({"SMOKE_SECRET": secret}, plan=PLAN, base_url=url, mutate="true")
    assert ran.verdict in ("fail", "incomplete", "error"), ran.printed
    assert_told_nowhere(secret, everything(folder, ran, PLAN, "schema.json"))
    assert_told_nowhere(token_of(secret, url[-3:]), everything(folder, ran))


def test_the_canary_is_really_sent_and_the_run_really_fails_everywhere(served: Site, tmp_path: Path) -> None:
    """Else the property above would prove nothing."""
    folder = Folder.within(tmp_path, ACTION)
    folder.write({PLAN: SENDABLE, "schema.json": SCHEMA})
    before = len(served.seen)
    ran = folder.run({"SMOKE_SECRET": CANARY_ASCII}, plan=PLAN, base_url=served.url)
    sent = json.dumps([[one.path, dict(one.headers), one.body.decode()] for one in served.seen[before:]])
    assert sent.count("cAnArY") > 10
    states = {(step["test"], step["name"]): step["state"] for step in ran.data["steps"]}
    assert states["setup", "login"] == "passed"
    assert [state for (test, _), state in states.items() if test != "setup"] == ["failed"] * 5
    (step,) = (one for one in ran.data["steps"] if one["test"] == "everywhere")
    assert step["message"].count(";") >= 8, step["message"]
    assert_told_nowhere(CANARY_ASCII, everything(folder, ran, PLAN))


IN_URL = """\
secrets: {s: SMOKE_SECRET}
variables: {query: "token={{s}}"}
tests:
  - name: cut
    steps:
      - {name: found, request: {url: "/parts?{{query}}"}, asserts: [jsonpath "$.found" == "x"]}
  - name: path
    steps:
      - {name: last, request: {url: "/parts/{{s}}"}, asserts: [jsonpath "$.last" == "x"]}
"""


def test_what_a_server_makes_of_a_secret_in_a_url_is_told_nowhere_either(served: Site, tmp_path: Path) -> None:
    def parts(asked: Asked) -> Said:
        path, _, query = asked.path.partition("?")
        return said({"found": parse_qsl(query, keep_blank_values=True), "last": path.rpartition("/")[2]})

    secret = "first-cAnArY&key=second-cAnArY/third+cAnArY" + "-long" * 100
    served.routes["/parts"] = served.routes[f"/parts/{secret}"] = parts
    folder = Folder.within(tmp_path, ACTION)
    folder.write({PLAN: IN_URL})
    ran = folder.run({"SMOKE_SECRET": secret}, plan=PLAN, base_url=served.url)
    told = [step["message"] for step in ran.data["steps"]]
    assert [step["state"] for step in ran.data["steps"]] == ["failed", "failed"]
    assert all("***" in message and "-long" not in message for message in told), told
    assert_told_nowhere(secret, everything(folder, ran, PLAN))


CANARY_ASCII = "cAnArY-4711-%&<\"'\\/+"


@given(secret=TEXT.map("cAnArY{}".__add__))
@settings(max_examples=25)
def test_an_exported_script_names_secrets_and_holds_none(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    folder = Folder.within(tmp_path_factory.mktemp("export"), ACTION)
    folder.write({PLAN: SENDABLE, "schema.json": SCHEMA})
    ran = folder.run({"SMOKE_SECRET": secret}, plan=PLAN, base_url="https://shop.example.com", export="k6")
    assert ran.verdict == "pass", ran.printed
    assert "SMOKE_SECRET" in (folder.path / ran.outputs["export-file"]).read_text(encoding="utf-8")
    assert_told_nowhere(secret, everything(folder, ran))


WRONG = """\
base_url: https://smoke:{0}@shop.example.com
secrets: {{s: {0}, other: [{0}]}}
variables: {{list: [{0}]}}
options: {{headers: {{X-Key: [{0}]}}}}
tests:
  - name: shop
    steps:
      - request:
          url: "https://smoke:{0}@h/x?k={0}"
          auth: {{basic: [{0}], bearer: [{0}]}}
          headers: {{X-Key: {{a: {0}}}}}
"""


@given(secret=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=30).map("cAnArY".__add__))
@settings(max_examples=25)
def test_a_secret_that_stands_in_the_wrong_place_is_not_quoted(
    tmp_path_factory: pytest.TempPathFactory, secret: str
) -> None:
    folder = Folder.within(tmp_path_factory.mktemp("wrong"), ACTION)
    folder.write({PLAN: WRONG.format(secret)})
    ran = folder.run(plan=PLAN)
    assert ran.verdict == "error", ran.printed
    assert_told_nowhere(secret, everything(folder, ran, PLAN))


@pytest.mark.parametrize(
    "inputs",
    [
        {"base_url": "https://smoke:canary-4711-x@shop.example.com", "checks": "/health"},
        {"checks": "GET https://smoke:canary-4711-x@shop.example.com/health 200"},
        {"checks": "GET shop.example.com/health?key=canary-4711-x"},
        {"checks": "/health", "base_url": "https://h", "secrets": "s=canary-4711-x"},
        {"checks": "/health", "base_url": "https://h", "secrets": "canary-4711-x"},
        {"checks": "/health", "base_url": "https://h", "proxy": "canary-4711-x"},
        {"checks": "/health", "base_url": "https://h?key=canary-4711-x"},
        {"checks": "/health", "compare_url": "https://smoke:canary-4711-x@h", "base_url": "https://h"},
    ],
)
def test_a_secret_in_an_input_that_is_wrong_is_not_quoted(tmp_path: Path, inputs: dict[str, str]) -> None:
    folder = Folder.within(tmp_path, ACTION)
    ran = folder.run({}, **inputs)
    assert ran.verdict == "error", ran.printed
    assert_told_nowhere("canary-4711-x", everything(folder, ran))


def test_through_the_process_nothing_leaks_into_comment_log_or_history_either(shop: Consumer, served: Site) -> None:
    secret = f"cAnArY-{'x' * 20}-4711"
    token = token_of(secret, served.url[-3:])
    pull, event = shop.open_pull("leak", {"README.md": "# Leak\n"})
    shop.checkout.write({"schema.json": SCHEMA})
    plan = SENDABLE + "regression: {error_rate: 0.5pp}\n"
    job = shop.token({"contents": "write", "pull-requests": "write"})
    inputs = {"base_url": served.url, "env": {"SMOKE_SECRET": secret}, "token": job, "comment_key": job}
    shown = smoke(shop, event, plan, **inputs)
    assert shown.exit_code == 1, shown.log
    recorded = smoke(shop, shop.push(), plan, **inputs)
    files = {path.name: path.read_text("utf-8") for path in (shop.checkout.path / ".actions" / NAME).iterdir()}
    assert set(files) == {"outcome.json", "junit.xml"}
    assert HISTORY in shop.repository.refs.names()
    objects = shop.repository.objects
    tree = objects.files(objects.commit(shop.repository.tip("actions-data")).tree)
    files |= {path: objects.read(entry.sha, "blob").decode() for path, entry in tree.items()}
    for one in (shown, recorded):
        # What the runner itself prints of the job's `env:` it would mask, if it were a repository's secret.
        files[f"log {id(one)}"] = one.log.replace(f"SMOKE_SECRET: {secret}", "")
        files[f"summary {id(one)}"] = one.summary
        files |= {f"{name} {id(one)}": text for name, text in one.outputs.items()}
    for canary in (secret, token, job):
        assert_told_nowhere(canary, iter([("comment", comment_of(pull)), *files.items()]))
