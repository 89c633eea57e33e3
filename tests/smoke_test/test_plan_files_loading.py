"""Plan files as plans: the whole format, defaults, and what wins over what."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from tests.smoke_test.plan_files import ENVIRON, EXAMPLE, FILES, PATH, SHOP, load, one

from actionkit.outcome import Severity
from smoke_test import plans
from smoke_test.model import Auth, Body, Executor, Options, Place
from smoke_test.plans import Loaded


@pytest.fixture
def example(tmp_path: Path) -> Loaded:
    return load(tmp_path, EXAMPLE, files=FILES, environ=ENVIRON)


def test_a_plan_with_everything_in_it_loads_whole(example: Loaded) -> None:
    plan = example.plan
    assert (plan.path, plan.base_url, plan.parallel, plan.notes) == (PATH, "https://{{host}}", 4, ())
    assert plan.variables == {"host": "shop.example.com", "sku": "A-100"}
    assert plan.secrets == {"api_key": "SMOKE_API_KEY", "password": "SMOKE_PASSWORD"}
    assert [(test.name, test.tags) for test in plan.tests] == [
        ("api", ("critical", "load")),
        ("redirect", ()),
        ("order appears", ()),
    ]
    assert [step.name for step in plan.finally_] == ["POST /api/logout"]


def test_the_values_of_secrets_come_apart_from_the_plan(example: Loaded) -> None:
    assert example.secrets == {"api_key": "canary-key-4711", "password": "canary-password-0815"}
    assert "canary" not in repr(example)


def test_a_step_holds_what_is_sent_and_what_is_expected(example: Loaded) -> None:
    (login,) = example.plan.setup
    assert (login.name, login.place, str(login.status)) == ("login", Place(PATH, 8), "200")
    assert login.send.body == Body("json", {"user": "smoke", "password": "{{password}}"})
    assert [(name, capture.text, capture.redact) for name, capture in login.captures] == [
        ("token", 'jsonpath "$.token" redact', True)
    ]
    item = example.plan.tests[0].steps[0]
    assert item.send.headers == (("Authorization", "Bearer {{token}}"),)
    assert item.options.headers == (("X-Api-Key", "{{api_key}}"),)
    assert (item.headers, item.json_schema, len(item.asserts)) == (
        (("Content-Type", "application/json"),),
        "schemas/item.json",
        6,
    )
    assert item.asserts[3].text == 'jsonpath "$.last_backup" age < 25h'


def test_options_of_a_step_win_over_the_plans_and_a_short_time_holds_the_connection_too(example: Loaded) -> None:
    redirect, order = example.plan.tests[1].steps[0], example.plan.tests[2].steps[0]
    assert (redirect.options.location, redirect.options.max_redirs, redirect.options.max_time) == (True, 3, 10.0)
    assert (order.options.retry, order.options.retry_interval) == (10, 2.0)
    assert (order.options.max_time, order.options.connect_timeout) == (2.0, 2.0)
    assert [line.text for line in order.options.fail_when] == ['jsonpath "$.state" == "failed"']


def test_the_load_stage_and_the_limits_against_history_are_exact(example: Loaded) -> None:
    stage, regression = example.plan.load, example.plan.regression
    assert stage is not None
    assert regression is not None
    assert (stage.executor, stage.rate, stage.vus, stage.duration) == (Executor.ARRIVAL_RATE, 10, 20, 30.0)
    assert [(one.metric, one.tags, one.text, str(one.place)) for one in stage.thresholds] == [
        ("http_req_duration", (), "p(95)<500", f"{PATH}:47"),
        ("http_req_duration", (("name", "item"),), "p(99)<1500", f"{PATH}:48"),
        ("http_req_failed", (), "rate<0.01", f"{PATH}:49"),
        ("dropped_iterations", (), "count<1", f"{PATH}:50"),
    ]
    assert (stage.thresholds[2].abort_on_fail, stage.thresholds[2].delay_abort_eval) == (True, 5.0)
    assert stage.thresholds[0].percentile == 95
    assert (regression.p95, regression.error_rate, regression.window) == (Fraction(1, 4), Fraction(1, 200), 2592000.0)


def test_a_plan_in_json_is_a_plan(tmp_path: Path) -> None:
    plan = {"base_url": SHOP, "tests": [{"name": "up", "steps": [{"request": {"url": "/"}, "status": "2xx"}]}]}
    loaded = load(tmp_path, json.dumps(plan, indent=2), plan="smoke.json")
    assert loaded.plan.tests[0].steps[0].place == Place("smoke.json", 7)


def test_a_hurl_file_is_a_plan(tmp_path: Path) -> None:
    loaded = load(tmp_path, f"GET {SHOP}/{{{{sku}}}}\nHTTP 200\n", plan="smoke.hurl", variables="sku=A-100")
    (test,) = loaded.plan.tests
    assert (test.name, test.steps[0].send.url) == ("smoke", f"{SHOP}/{{{{sku}}}}")


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ("{method: POST, url: /, json: null}", Body("json", None)),
        (
            "{method: POST, url: /, form: {a: [1, two], b: true}}",
            Body("form", (("a", "1"), ("a", "two"), ("b", "true"))),
        ),
        ("{method: POST, url: /, data: plain}", Body("text", "plain")),
        ("{method: PUT, url: /, file: body.bin}", Body("file", "body.bin")),
        ('{method: POST, url: /, multipart: {f: "@body.bin"}}', Body("multipart", (("f", "@body.bin"),))),
        ("{url: /}", None),
    ],
)
def test_every_kind_of_body(tmp_path: Path, request_: str, body: Body | None) -> None:
    loaded = load(tmp_path, one(request_, "status: 200"), files={"body.bin": "x"})
    assert loaded.plan.tests[0].steps[0].send.body == body


@pytest.mark.parametrize(
    ("written", "auth"),
    [
        ('{basic: [smoke, "{{p}}"]}', Auth("basic", "smoke", "{{p}}")),
        ('{digest: {user: smoke, password: "{{p}}"}}', Auth("digest", "smoke", "{{p}}")),
        ('{bearer: "{{p}}"}', Auth("bearer", token="{{p}}")),
    ],
)
def test_every_way_to_say_who_asks(tmp_path: Path, written: str, auth: Auth) -> None:
    loaded = load(tmp_path, one(f"{{url: /, auth: {written}}}", "status: 200"), variables="p=x")
    assert loaded.plan.tests[0].steps[0].send.auth == auth


def test_a_step_is_a_get_with_the_defaults_of_its_options(tmp_path: Path) -> None:
    (step,) = load(tmp_path, one("{url: /}", "status: [200, 3xx]")).plan.tests[0].steps
    assert (step.send.method, step.options) == ("GET", Options())
    assert 200 in step.status if step.status else False
    assert 302 in step.status if step.status else False


def test_one_value_stands_for_a_list_of_one(tmp_path: Path) -> None:
    rest = 'asserts: body contains "x"\noptions: {retry: 1, fail_when: status >= 500}'
    (step,) = load(tmp_path, one("{url: /}", rest)).plan.tests[0].steps
    assert [line.text for line in step.asserts] == ['body contains "x"']
    assert [line.text for line in step.options.fail_when] == ["status >= 500"]


@pytest.mark.parametrize(
    ("rest", "lines"),
    [
        ("asserts: status == 200", [6]),
        ("asserts:\n  status == 200", [7]),
        ("asserts:\n  - status == 200\n\n  # why\n  - body exists", [7, 10]),
        ("asserts: [status == 200,\n  body exists]", [6, 7]),
    ],
)
def test_each_assert_knows_its_own_line(tmp_path: Path, rest: str, lines: list[int]) -> None:
    (step,) = load(tmp_path, one("{url: /}", rest)).plan.tests[0].steps
    assert [step.place_of(at) for at in range(len(step.asserts))] == [Place(PATH, line) for line in lines]
    assert step.place == Place(PATH, 5)


def test_an_assert_and_a_capture_may_be_blocks_of_yaml_which_spare_quotes(tmp_path: Path) -> None:
    rest = """
        captures:
          a: |
            jsonpath "$.a" redact
        asserts:
          - >
            body contains "x: y"
    """
    (step,) = load(tmp_path, one("{url: /}", rest)).plan.tests[0].steps
    assert [line.text for line in step.asserts] == ['body contains "x: y"']
    assert [(name, line.text) for name, line in step.captures] == [("a", 'jsonpath "$.a" redact')]


def test_headers_of_a_step_win_over_those_of_the_plan_whatever_their_case(tmp_path: Path) -> None:
    head = f"base_url: {SHOP}\noptions: {{headers: {{X-A: plan, X-B: plan}}, fail_when: status == 500}}"
    rest = "status: 200\noptions: {retry: 2, headers: {x-a: step}}"
    (step,) = load(tmp_path, one("{url: /}", rest, head=head)).plan.tests[0].steps
    assert step.options.headers == (("x-a", "step"), ("X-B", "plan"))
    assert [line.text for line in step.options.fail_when] == ["status == 500"]


def test_steps_with_one_name_are_numbered_and_queries_are_in_no_name(tmp_path: Path) -> None:
    plan = f"""
base_url: {SHOP}
tests:
  - name: shop
    steps:
      - {{request: {{url: "/a?key=1"}}, status: 200}}
      - {{request: {{url: /a}}, status: 200}}
      - {{name: GET /a, request: {{url: /b}}, status: 200}}
"""
    (test,) = load(tmp_path, plan).plan.tests
    assert [step.name for step in test.steps] == ["GET /a", "GET /a (2)", "GET /a (3)"]


def test_inputs_win_over_the_plan(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        EXAMPLE,
        files=FILES,
        environ={**ENVIRON, "OTHER": "canary-other"},
        base_url="https://new.example.com/app/",
        variables="sku=B-200\nhost=unused.example.com",
        secrets="password=OTHER",
        parallel="2",
        load="false",
    )
    plan = loaded.plan
    assert (plan.base_url, plan.parallel, plan.load) == ("https://new.example.com/app", 2, None)
    assert plan.variables == {"host": "unused.example.com", "sku": "B-200"}
    assert loaded.secrets["password"] == "canary-other"
    (note,) = plan.notes
    assert (note.severity, note.message) == (Severity.NOTICE, "input `variables`: `{{host}}` is used nowhere")


def test_what_only_the_files_own_base_url_uses_is_no_mistake_where_an_input_takes_its_place(tmp_path: Path) -> None:
    text = one("{url: /}", "status: 200", head="base_url: https://{{host}}\nvariables: {host: shop.example.com}")
    assert load(tmp_path, text, base_url="https://preview.example.com").plan.notes == ()


def test_a_secret_that_an_input_names_takes_the_place_of_a_variable(tmp_path: Path) -> None:
    plan = one('{url: "/{{p}}"}', "status: 200", head=f"base_url: {SHOP}\nvariables: {{p: harmless}}")
    loaded = load(tmp_path, plan, secrets="p=P", environ={"P": "canary-1"})
    assert (loaded.plan.variables, loaded.secrets) == ({}, {"p": "canary-1"})


def test_a_value_from_an_input_is_a_text_and_no_template(tmp_path: Path) -> None:
    plan = one('{url: "/{{title}}"}', "status: 200", head=f"base_url: {SHOP}\nsecrets: {{key: KEY}}")
    loaded = load(tmp_path, plan, variables="title=a {{key}}", environ={"KEY": "canary-1"})
    from smoke_test.bindings import bound

    assert bound(loaded.plan.variables, loaded.secrets, PATH)["title"] == "a {{key}}"


def test_tags_choose_tests_and_leave_tests_out(tmp_path: Path) -> None:
    whole = load(tmp_path, EXAMPLE, files=FILES, environ=ENVIRON).plan
    assert [test.name for test in plans.selected(whole, ["critical"]).tests] == ["api"]
    assert [test.name for test in plans.selected(whole, ["!load"]).tests] == ["redirect", "order appears"]
    assert plans.selected(whole, ["critical", "!load"]).tests == ()
    chosen = load(tmp_path, EXAMPLE, files=FILES, environ=ENVIRON, tags="!critical").plan
    assert [test.name for test in chosen.tests] == ["redirect", "order appears"]
    assert chosen.load is None
    assert [note.message for note in chosen.notes] == [
        "the load stage is left out: `tags` leaves no test with a tag of `load.tags`"
    ]


def test_secrets_of_tests_that_are_left_out_need_not_be_there(tmp_path: Path) -> None:
    plan = f"""
base_url: {SHOP}
secrets: {{admin: ADMIN, key: KEY}}
tests:
  - {{name: public, tags: [public], steps: [{{request: {{url: "/{{{{key}}}}"}}, status: 200}}]}}
  - {{name: admin, tags: [admin], steps: [{{request: {{url: "/{{{{admin}}}}"}}, status: 200}}]}}
"""
    loaded = load(tmp_path, plan, tags="public", environ={"KEY": "canary-1"})
    assert loaded.secrets == {"key": "canary-1"}


@pytest.mark.parametrize(
    ("value", "request_", "parts"),
    [
        ("canary-1&canary-2/x?y=canary-3", '"/?t={{key}}"', {"canary-1", "canary-2", "y=canary-3", "canary-3"}),
        ("canary-1&canary-2", '"/?{{query}}"', {"canary-1", "canary-2"}),
        ("canary-1&canary-2", '"/", params: {t: "{{key}}"}', set()),
        ("canary-1", '"/{{key}}"', set()),
        ("https://h.test/canary-1/canary-2", '"{{key}}"', set()),
    ],
    ids=["in a query", "by a variable", "encoded", "nothing to cut", "a URL"],
)
def test_what_a_server_makes_of_a_secret_in_a_url_is_hidden_too(
    tmp_path: Path, value: str, request_: str, parts: set[str]
) -> None:
    head = f'base_url: {SHOP}\nvariables: {{query: "t={{{{key}}}}"}}\nsecrets: {{key: KEY, other: OTHER}}'
    loaded = load(
        tmp_path, one(f"{{url: {request_}}}", "status: 200", head=head), environ={"KEY": value, "OTHER": "canary-0"}
    )
    assert set(loaded.hidden) == {value, "canary-0"} | parts
    assert load(tmp_path, one(f"{{url: {request_}}}", "status: 200", head=head), export="k6").hidden == ()


def test_an_export_needs_no_secret_and_may_ask_for_any_load(tmp_path: Path) -> None:
    plan = EXAMPLE.replace("rate: 10", "rate: 90000").replace("vus: 20", "vus: 5000")
    loaded = load(tmp_path, plan, files=FILES, export="k6")
    assert loaded.plan.load is not None
    assert (loaded.plan.load.rate, loaded.secrets) == (90000, {})


def test_quick_checks_and_an_openapi_document_are_tests_of_the_plan(tmp_path: Path) -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "/v1"}],
        "paths": {
            "/items": {
                "get": {
                    "responses": {
                        "200": {"description": "", "content": {"application/json": {"schema": {"type": "array"}}}}
                    }
                }
            }
        },
    }
    loaded = load(
        tmp_path,
        EXAMPLE,
        files={**FILES, "openapi.json": json.dumps(document)},
        environ=ENVIRON,
        openapi="openapi.json",
        checks="GET /health 200",
        tags="critical",
    )
    assert [test.name for test in loaded.plan.tests] == ["api", "GET /items", "checks"]
    described, check = loaded.plan.tests[1].steps[0], loaded.plan.tests[2].steps[0]
    assert described.send.url == "/v1/items"
    ((_, schema),) = described.bodies[0].media
    assert check.place == Place("checks", 1)
    for step in (described, check):
        assert step.options.headers == (("X-Api-Key", "{{api_key}}"),)
    assert loaded.read_file(schema).startswith(b"{")
    assert loaded.read_file("schemas/item.json") == b'{"type": "object"}'
    assert [found.path for found in loaded.schemas.mismatches(schema, {})] == ["$"]


def test_an_openapi_document_alone_is_a_plan(tmp_path: Path) -> None:
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": f"{SHOP}/v1"}],
        "paths": {"/up": {"get": {"responses": {"204": {}}}}},
    }
    plan = load(tmp_path, files={"openapi.json": json.dumps(document)}, openapi="openapi.json").plan
    assert (plan.path, plan.base_url, plan.tests[0].steps[0].send.url) == ("openapi.json", f"{SHOP}/v1", "/up")


def test_with_another_tools_result_only_the_thresholds_of_load_are_needed(tmp_path: Path) -> None:
    plan = 'load: {thresholds: {http_req_duration: "p(95)<500", "http_req_duration{scenario:a}": ["avg<3"]}}\n'
    loaded = load(tmp_path, plan, load_report="summary.json")
    assert loaded.plan.load is not None
    assert [one.text for one in loaded.plan.load.thresholds] == ["p(95)<500", "avg<3"]
    assert loaded.plan.tests == ()
