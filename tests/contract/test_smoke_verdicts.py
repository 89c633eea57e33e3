"""smoke-test as GitHub runs it, against the sample service: green, red, incomplete, error, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.in_process import Folder, Ran
from tests.contract.measured import HISTORY, outcome_of
from tests.contract.smoked import ONE, PLAN, SECRETS, SHOP, cases, smoke, states

from sandbox.consumer import Consumer
from sandbox.runner import events
from sandbox.service import Service
from smoke_test.action import ACTION

GREEN = {
    ("setup", "login"): "passed",
    ("api", "item"): "passed",
    ("api", "version"): "passed",
    ("pages", "GET /old"): "passed",
    ("finally", "logout"): "passed",
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(replicas=1) as started:
        yield started
        assert started.mishaps == ()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder.within(tmp_path, ACTION)


def judged(folder: Folder, service: Service, plan: str = "", **inputs: str) -> Ran:
    """A run in this process."""
    if plan:
        folder.write({PLAN: plan})
        inputs.setdefault("plan", PLAN)
    return folder.run(SECRETS, **{"base_url": service.url, **inputs})


def test_a_deployment_that_is_right_is_green_and_every_output_says_how_it_did(shop: Consumer, service: Service) -> None:
    shown = smoke(shop, shop.push(), SHOP, base_url=service.url, env=SECRETS)
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert shown.outputs["headline"] == "5 of 5 steps passed"
    counts = ("total", "passed", "failed", "skipped", "requests")
    assert [shown.outputs[name] for name in counts] == ["5", "5", "0", "0", "5"]
    assert float(shown.outputs["error-rate"]) == 0
    p50, p95, p99 = (float(shown.outputs[name]) for name in ("p50-ms", "p95-ms", "p99-ms"))
    assert 0 < p50 <= p95 <= p99
    assert float(shown.outputs["throughput"]) > 0
    assert cases((shop.checkout.path / shown.outputs["junit-file"]).read_bytes()) == GREEN
    assert [step for *_, step in states(outcome_of(shop, shown))] == ["passed"] * 5
    assert "### Steps" in shown.summary
    assert "5 of 5" in shown.summary
    # No regression is asked for, so nothing is recorded and GitHub is not asked for anything.
    assert HISTORY not in shop.repository.refs.names()
    assert shop.hub.requests == []


def test_a_deployment_that_is_wrong_is_red_with_the_line_of_the_plan(shop: Consumer, service: Service) -> None:
    wrong = SHOP.replace('"1.4.1"', '"1.5.0"')
    shown = smoke(shop, shop.push(), wrong, base_url=service.url, env=SECRETS)
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    (told,) = [note for note in shown.annotations if note.level == "error"]
    line = next(at for at, text in enumerate(wrong.splitlines(), start=1) if "1.5.0" in text)
    assert (told.path, told.line, told.title) == (PLAN, line, "Smoke test failed")
    assert told.message == ('api: version: jsonpath "$.version" is "1.4.1" (string), expected == "1.5.0"')
    assert shown.outputs["headline"] == f"4 of 5 steps passed, 1 failed: {told.message}"
    found = cases((shop.checkout.path / shown.outputs["junit-file"]).read_bytes())
    assert found == {**GREEN, ("api", "version"): "failure"}
    assert shown.outputs["error-rate"] == "0.2"
    assert "expected == " in shown.summary


def test_quick_checks_need_no_checkout_and_no_token(shop: Consumer, service: Service, tmp_path: Path) -> None:
    event = events.deployment_status(repository=shop.name, sha=shop.checkout.head, environment_url=service.url)
    shown = smoke(
        shop,
        event,
        workspace=tmp_path / "empty",
        base_url=service.url,
        checks='GET /health 200 jsonpath "$.version" == "{{version}}"\n/old 301\nGET /nothing 404',
        variables="version=1.4.1",
        github_token="",
    )
    assert (shown.exit_code, shown.outputs["headline"]) == (0, "3 of 3 steps passed"), shown.log


def test_report_mode_says_the_same_and_exits_0_but_not_for_an_error(shop: Consumer, service: Service) -> None:
    on = shop.push()
    shown = smoke(shop, on, base_url=service.url, checks="GET /nothing 200", mode="report")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "fail"), shown.log
    shown = smoke(shop, on, base_url=service.url, checks="GET /nothing 20", mode="report")
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log


SKIPPED = ONE.replace("status: 200", "status: 200, options: {skip: true}")
NOTHING_EXPECTED = ONE.replace(", status: 200", "")
TAGGED = ONE.replace("name: shop,", "name: shop, tags: [slow],")


@pytest.mark.parametrize(
    ("plan", "inputs", "said"),
    [
        (NOTHING_EXPECTED, {}, "nothing was asserted of any answer"),
        (SKIPPED, {}, "no test was executed"),
        (
            "setup: [{name: log in, request: {url: /health}, captures: {x: 'jsonpath \"$.version\"'}}]\n"
            + NOTHING_EXPECTED.replace("url: /health", 'url: "/health?v={{x}}"'),
            {},
            "nothing was asserted of any answer",
        ),
        (
            f"{ONE}load: {{thresholds: {{http_req_duration: ['p(95)<500']}}}}\n",
            {"load_report": "k6.json"},
            "is no result of a load test that is known here",
        ),
        (ONE.replace("/health", "http://169.254.169.254/latest"), {}, "a cloud's metadata service"),
        (ONE, {"compare_url": "http://127.0.0.1:9"}, "the previous deployment answered none of 1 requests"),
    ],
    ids=["zero asserts", "all skipped", "asserts in setup only", "load-report", "metadata", "nothing to compare with"],
)
def test_what_shows_nothing_is_incomplete_and_never_green(
    folder: Folder, service: Service, plan: str, inputs: dict[str, str], said: str
) -> None:
    folder.write({"k6.json": '{"not": "a result"}'})
    ran = judged(folder, service, plan, **inputs)
    assert (ran.exit_code, ran.verdict) == (3, "incomplete"), ran.printed
    assert said in ran.printed


def test_tags_that_leave_no_test_are_an_error_before_anything_is_sent(folder: Folder, service: Service) -> None:
    before = service.arrived
    ran = judged(folder, service, TAGGED, tags="!slow")
    assert (ran.exit_code, ran.verdict) == (2, "error"), ran.printed
    assert "input `tags`: no test is left of 1" in ran.printed
    assert service.arrived == before


def test_an_unreadable_load_report_through_the_process_is_incomplete_too(shop: Consumer, service: Service) -> None:
    shop.checkout.write({"k6.json": b"\x00\x01"})
    plan = f"{ONE}load: {{thresholds: {{http_req_duration: ['p(95)<500']}}}}\n"
    shown = smoke(shop, shop.push(), plan, base_url=service.url, load_report="k6.json")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "k6.json" in shown.log


MISTAKEN = """\
base_url: https://shop.example.com
parallle: 4
secrets: {token: SMOKE_TOKEN}
tests:
  - name: shop
    steps:
      - request: {url: "/items/{{skku}}"}
        status: 20x
        asserts:
          - jsonpath "$.tags" count = 1
          - stats == 200
"""


def test_everything_that_is_wrong_with_a_plan_is_told_at_once_with_its_place(shop: Consumer) -> None:
    shown = smoke(shop, shop.push(), MISTAKEN, tags="critcal")
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log
    for said in (
        "smoke.yml:2: `parallle` is not a key",
        "smoke.yml:8: `tests[0].steps[0].status` is the text `20x`",
        'smoke.yml:10: `tests[0].steps[0].asserts[0]`: column 25 of `jsonpath "$.tags" count = 1`: `=`, expected',
        "smoke.yml:11: `tests[0].steps[0].asserts[1]`: column 1 of `stats == 200`: `stats`, expected `status`",
    ):
        assert said in shown.log, said
    assert "    fix: Write `parallel`." in shown.log
    assert [(one.path, one.line) for one in shown.annotations if one.level == "error"] == [
        (PLAN, line) for line in (2, 8, 10, 11)
    ]


READABLE = (
    MISTAKEN.replace("parallle", "parallel").replace("20x", "200").replace("= 1", ">= 1").replace("stats", "status")
)


def test_what_only_the_whole_plan_shows_is_told_at_once_too(shop: Consumer) -> None:
    plan = READABLE.replace("status: 200", "status: 200\n        json_schema: schemas/itm.json")
    shown = smoke(
        shop, shop.push(), plan, tags="critcal", variables="sku=1", secrets="pin=SMOKE_PIN", env={"SMOKE_PIN": "pin%"}
    )
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log
    for said in (
        "smoke.yml:7: `{{skku}}` is never set",
        "smoke.yml:3: the secret `token`: the environment variable `SMOKE_TOKEN` is not set",
        "input `secrets`: the secret `pin` has fewer than 6 characters",
        "`json_schema` of the step `GET /items/{{skku}}`: schemas/itm.json",
        "input `tags`: no test has the tag `critcal`",
    ):
        assert said in shown.log, said
    assert "pin%" not in shown.log.replace("SMOKE_PIN: pin%", "")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "nothing to test is given"),
        ({"plan": "smok.yml"}, "input `plan`: smok.yml: no such file or directory"),
        ({"checks": "GTE /health"}, "input `checks`, line 1, column 1: `GTE` is neither a method nor a URL"),
        ({"checks": "/health", "load": "true"}, "input `load`: the plan has no `load`"),
        ({"checks": "/health", "load_report": "k6.json"}, "the plan has no `load.thresholds` to hold it against"),
        ({"checks": "/health", "base_url": "ftp://shop"}, "input `base-url`: `ftp://` is not HTTP"),
        ({"checks": "/health", "base_url": "", "tags": "a"}, "input `tags` chooses tests of a plan"),
        ({"checks": "/health", "base_url": ""}, "there is no base URL to put it below"),
        ({"checks": "/health", "export": "jmeter"}, "input `export`: `jmeter` is not"),
        ({"checks": "/health", "allow_hosts": "http://x/"}, "input `allow-hosts`: `http://x/` is no host"),
        ({"checks": "/health", "ca_bundle": "ca.pem"}, "ca.pem"),
    ],
)
def test_a_wrong_input_is_an_error_that_names_it(
    folder: Folder, service: Service, inputs: dict[str, Any], said: str
) -> None:
    before = service.arrived
    ran = folder.run(SECRETS, **{"base_url": service.url, **inputs})
    assert (ran.exit_code, ran.verdict) == (2, "error"), ran.printed
    assert said in ran.printed, ran.printed
    assert service.arrived == before
    assert all(problem["fix"] for problem in ran.outcome["problems"]), ran.outcome["problems"]


def test_a_junit_file_that_cannot_be_written_costs_the_file_and_not_the_verdict(
    folder: Folder, service: Service
) -> None:
    folder.write({"taken": "a file where a folder is wanted"})
    ran = judged(folder, service, ONE, junit_file="taken/junit.xml")
    assert (ran.exit_code, ran.outputs["junit-file"]) == (0, ""), ran.printed
    assert "taken" in ran.printed
