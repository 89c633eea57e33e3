"""What a run does beside its steps: load, results of other tools, the deployment before, Hurl, OpenAPI, k6, TLS."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.in_process import Folder
from tests.contract.measured import outcome_of
from tests.contract.smoked import ONE, PASSWORD, PLAN, SECRETS, SHOP, smoke, states

from sandbox.consumer import Consumer
from sandbox.service import Authority, Service
from sandbox.service.openapi import document
from smoke_test.action import ACTION

FIXTURES = Path(__file__).parents[1] / "fixtures" / "load"

LOADED = """\
load:
  executor: constant-arrival-rate
  rate: 20
  vus: 50
  duration: 2s
  tags: [critical]
  thresholds:
    http_req_duration: ["p(95)<60000"]
    "http_req_duration{name:item}": ["p(99)<60000"]
    http_req_failed: [{threshold: "rate<0.5", abortOnFail: true}]
    dropped_iterations: ["count<1"]
"""
"""Forty iterations of two requests: enough for a p95, too few for a p99 and for blaming a busy machine."""

CLOSED = """\
tests: [{name: slow, steps: [{request: {url: "/slow?ms=100"}, status: 200}]}]
load: {executor: constant-vus, vus: 3, duration: 1s, thresholds: {http_reqs: ["count>2"], checks: ["rate==1"]}}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with Service(replicas=1) as started:
        yield started
        assert started.mishaps == ()


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    yield running
    running.mend()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder.within(tmp_path, ACTION)


def load_of(shop: Consumer, shown: Any) -> dict[str, Any]:
    found: dict[str, Any] = outcome_of(shop, shown)["data"]["load"]
    return found


# The load stage


def test_a_load_stage_holds_its_thresholds_and_too_few_samples_judge_nothing(shop: Consumer, service: Service) -> None:
    before = service.arrived
    shown = smoke(shop, shop.push(), SHOP + LOADED, base_url=service.url, env=SECRETS)
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "samples of `http_req_duration{name:item}` are too few to judge `p(99)<60000`" in shown.log
    load = load_of(shop, shown)
    assert load["iterations"] + load["dropped"] == 40
    assert load["requests"] == 2 * load["iterations"]
    assert service.arrived - before == load["requests"] + 6
    held = {(one["metric"], one["threshold"]): (one["ok"], one["enough"]) for one in load["thresholds"]}
    assert held["http_req_duration", "p(95)<60000"] == (True, True)
    assert held["http_req_duration{name:item}", "p(99)<60000"] == (True, False)
    assert held["http_req_failed", "rate<0.5"][0]
    # The outputs are those of the load, not of the steps around it.
    assert shown.outputs["requests"] == str(load["requests"] + load["dropped"])
    assert float(shown.outputs["throughput"]) == pytest.approx(load["rate"], abs=0.01)
    assert "### Load" in shown.summary


def test_a_crossed_threshold_ends_the_load_early_and_fails(shop: Consumer, service: Service) -> None:
    # The tests see the service well, the load does not.
    service.fault("status", status=500, path="/version", after_requests=1)
    plan = SHOP + LOADED.replace("2s", "30s").replace("rate<0.5", "rate<0.1")
    began = time.monotonic()
    shown = smoke(shop, shop.push(), plan, base_url=service.url, env=SECRETS)
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert "http_req_failed rate<0.1 was crossed after" in shown.log
    assert time.monotonic() - began < 20
    assert 0.1 < float(shown.outputs["error-rate"]) <= 1
    assert {state for *_, state in states(outcome_of(shop, shown))} == {"passed"}


def test_users_in_a_loop_are_the_other_model(shop: Consumer, service: Service) -> None:
    shown = smoke(shop, shop.push(), CLOSED, base_url=service.url)
    assert shown.exit_code == 0, shown.log
    assert 2 < load_of(shop, shown)["requests"] <= 33


def test_what_fails_its_tests_is_not_put_under_load(folder: Folder, service: Service) -> None:
    folder.write({PLAN: SHOP.replace("1.4.1", "9.9.9") + LOADED})
    ran = folder.run(SECRETS, plan=PLAN, base_url=service.url)
    assert ran.verdict == "fail"
    assert ran.data["load"] is None
    assert "the load stage was left out, since a step failed before it" in ran.printed


def test_a_load_can_be_left_out(folder: Folder, service: Service) -> None:
    folder.write({PLAN: SHOP + LOADED})
    ran = folder.run(SECRETS, plan=PLAN, base_url=service.url, load="false")
    assert (ran.verdict, ran.data["load"]) == ("pass", None), ran.printed


# Results of other tools


HELD = "load: {thresholds: {http_req_duration: ['p(95)<500'], http_req_failed: ['rate<0.1']}}\n"


@pytest.mark.parametrize(
    ("name", "source"),
    [("k6-summary-export.json", "k6"), ("artillery.json", "Artillery"), ("locust_stats.csv", "Locust")],
)
def test_the_result_of_another_tool_is_held_against_the_thresholds(
    folder: Folder, service: Service, name: str, source: str
) -> None:
    folder.write({PLAN: ONE + HELD, name: (FIXTURES / name).read_bytes()})
    ran = folder.run(plan=PLAN, base_url=service.url, load_report=name)
    assert ran.data["load"]["source"] == source
    assert [one["ok"] for one in ran.data["load"]["thresholds"]] == [True, True], ran.data["load"]
    assert int(ran.outputs["requests"]) == ran.data["load"]["requests"]


def test_a_plan_of_thresholds_alone_needs_no_deployment(shop: Consumer) -> None:
    shutil.copy(FIXTURES / "k6-summary-export.json", shop.checkout.path / "k6.json")
    shown = smoke(shop, shop.push(), HELD, load_report="k6.json")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    shown = smoke(shop, shop.push(), HELD.replace("500", "5"), load_report="k6.json")
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert "`http_req_duration` of k6 is 5.937, not p(95)<5" in shown.log


def test_a_percentile_that_k6s_summary_leaves_out_is_named_with_the_option_that_adds_it(folder: Folder) -> None:
    export = (FIXTURES / "k6-summary-export.json").read_bytes()
    folder.write({PLAN: HELD.replace("p(95)", "p(99)"), "k6.json": export})
    ran = folder.run(plan=PLAN, load_report="k6.json")
    assert ran.verdict == "incomplete", ran.printed
    assert "the result of k6 does not tell what `p(99)<500` of `http_req_duration` asks for" in ran.printed
    assert "fix: Add it to k6's `--summary-trend-stats`, or use the file of its `--out json`" in ran.printed


def test_a_result_without_requests_is_no_pass(folder: Folder) -> None:
    folder.write({PLAN: HELD, "k6.json": (FIXTURES / "k6-nothing.json").read_bytes()})
    ran = folder.run(plan=PLAN, load_report="k6.json")
    assert ran.verdict == "incomplete", ran.printed
    assert "k6 has no sample of `http_req_duration`, so `p(95)<500` cannot be judged" in ran.printed


# The differential run


def test_only_what_the_deployment_before_passed_fails(shop: Consumer, service: Service) -> None:
    with Service(replicas=1) as previous:
        for broken in (service, previous):
            broken.fault("status", status=503, path="/old")
        shown = smoke(shop, shop.push(), SHOP, base_url=service.url, compare_url=previous.url, env=SECRETS)
        assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
        assert any("fails on the deployment compared with too" in warning for warning in shown.warnings)

        service.fault("status", status=503, path="/version")
        shown = smoke(shop, shop.push(), SHOP, base_url=service.url, compare_url=previous.url, env=SECRETS)
        assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
        assert "1 newly broken" in shown.outputs["headline"]
        assert not any("/old" in error for error in shown.errors)
        compared = outcome_of(shop, shown)["data"]["comparison"]["steps"]
        assert {(one["name"], one["before"], one["now"], one["newly_broken"]) for one in compared} == {
            ("version", "passed", "failed", True),
            ("GET /old", "failed", "failed", False),
        }
        assert "newly broken" in shown.summary
        # Setup and finally ran there too.
        assert previous.shop.tokens == {}


def test_a_login_that_fails_on_both_shows_nothing_and_one_that_broke_fails(folder: Folder, service: Service) -> None:
    folder.write({PLAN: SHOP})
    with Service(replicas=1) as previous:
        service.fault("status", status=500, path="/api/login")
        ran = folder.run(SECRETS, plan=PLAN, base_url=service.url, compare_url=previous.url)
        assert ran.verdict == "fail", ran.printed
        assert "1 newly broken" in ran.outcome["headline"]


# Other forms of a plan


HURL = """\
POST {{base}}/api/login
{"user": "smoke", "password": {{password}}}
HTTP/1.1 200
[Captures]
token: jsonpath "$.token" redact

GET {{base}}/api/items/A-100
Authorization: Bearer {{token}}
HTTP 200
[Asserts]
jsonpath "$.tags" count >= 1
"""


def test_a_hurl_file_is_a_plan(shop: Consumer, service: Service) -> None:
    shop.checkout.write({"shop.hurl": HURL})
    shown = shop.run(
        "smoke-test",
        on=shop.push(),
        with_={"plan": "shop.hurl", "variables": f"base={service.url}", "secrets": "password=SMOKE_PASSWORD"},
        env=SECRETS,
    )
    assert (shown.exit_code, shown.outputs["headline"]) == (0, "2 of 2 steps passed"), shown.log


def test_what_is_not_understood_of_a_hurl_file_is_an_error_and_not_skipped(folder: Folder) -> None:
    folder.write({"shop.hurl": 'GET https://h/\nHTTP 200\n[Asserts]\nxpath "//h1" exists\n'})
    ran = folder.run(plan="shop.hurl")
    assert ran.verdict == "error"
    assert "shop.hurl:4" in ran.printed


def test_every_get_without_parameters_of_an_openapi_document_is_a_test(shop: Consumer, service: Service) -> None:
    described = document("1.4.1")
    del described["paths"]["/api/order"]  # there is none yet
    shop.checkout.write({"openapi.json": json.dumps(described)})
    shown = smoke(shop, shop.push(), openapi="openapi.json", base_url=service.url, mode="report")
    assert shown.outputs["verdict"] == "pass", shown.log
    assert int(shown.outputs["total"]) >= 3


def test_the_plan_is_written_as_a_k6_script_without_its_secrets(shop: Consumer, service: Service) -> None:
    before = service.arrived
    shown = smoke(shop, shop.push(), SHOP + LOADED, base_url=service.url, export="k6")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    script = (shop.checkout.path / shown.outputs["export-file"]).read_text(encoding="utf-8")
    assert "constant-arrival-rate" in script
    assert "SMOKE_PASSWORD" in script
    assert PASSWORD not in script
    assert service.arrived == before
    assert shown.outputs["junit-file"] == ""


def test_an_assert_that_can_never_fail_is_told(shop: Consumer, service: Service) -> None:
    plan = SHOP.replace('asserts: [jsonpath "$.version" == "1.4.1"]', 'asserts: [body contains "", status == 200]')
    shown = smoke(shop, shop.push(), plan, base_url=service.url, env=SECRETS, mutate="true")
    assert shown.exit_code == 0, shown.log
    (told,) = (note for note in shown.annotations if note.title == "Assert never fails")
    assert 'api: version: `body contains ""` held for all' in told.message
    assert outcome_of(shop, shown)["data"]["mutation"]["asserts"] >= 8


# The network


def test_a_metadata_address_is_never_asked_unless_it_is_allowed(shop: Consumer) -> None:
    began = time.monotonic()
    shown = smoke(shop, shop.push(), checks="http://169.254.169.254/latest/meta-data/", base_url="http://127.0.0.1:9")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "169.254.169.254 is a cloud's metadata service" in shown.log
    assert "allow-hosts" in shown.log
    assert time.monotonic() - began < 10


def test_a_redirect_to_a_metadata_address_is_not_followed(folder: Folder, service: Service) -> None:
    service.fault("redirect-metadata", path="/old")
    folder.write({PLAN: SHOP})
    ran = folder.run(SECRETS, plan=PLAN, base_url=service.url)
    assert ran.verdict == "fail", ran.printed
    assert "metadata service" in ran.printed


def test_a_server_is_trusted_for_its_certificate_and_for_nothing_else(shop: Consumer, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    shop.checkout.write({"ca.pem": authority.ca_pem.read_bytes()})
    plan = ONE.replace("status: 200", "status: 200, asserts: ['certificate \"Expire-Date\" daysAfterNow > 21']")
    with Service(replicas=1, tls=authority) as service:
        unknown = smoke(shop, shop.push(), plan, base_url=service.url)
        assert (unknown.exit_code, unknown.outputs["verdict"]) == (1, "fail"), unknown.log
        assert "certificate" in unknown.log
        known = smoke(shop, shop.push(), plan, base_url=service.url, ca_bundle="ca.pem")
        assert known.exit_code == 0, known.log
        service.fault("expiring", on="balancer", days=5)
        expiring = smoke(shop, shop.push(), plan, base_url=service.url, insecure="true")
        assert expiring.exit_code == 1, expiring.log
        assert "daysAfterNow" in expiring.log


def test_a_proxy_is_taken_from_its_input_and_never_from_the_environment(shop: Consumer, service: Service) -> None:
    environment = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    shown = smoke(shop, shop.push(), ONE, base_url=service.url, env=environment, github_token="")
    assert shown.exit_code == 0, shown.log
    proxy = "http://smoke:canary-proxy-word@127.0.0.1:9"
    shown = smoke(shop, shop.push(), ONE, base_url=service.url, proxy=proxy, github_token="")
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert "proxy" in shown.log
    assert "canary-proxy-word" not in shown.summary + json.dumps(outcome_of(shop, shown))


@pytest.mark.parametrize("fault", ["hang", "trickle-body", "truncated", "gzip-bomb"])
def test_no_request_outlives_its_time_whatever_the_server_does(folder: Folder, service: Service, fault: str) -> None:
    options: dict[str, Any] = {"ms": 50.0} if fault == "trickle-body" else {}
    service.fault(fault, path="/health", **options)
    folder.write({PLAN: f"options: {{max_time: 300ms}}\n{ONE}"})
    ran = folder.run(plan=PLAN, base_url=service.url)
    assert ran.verdict == "fail", ran.printed
    (step,) = ran.data["steps"]
    # A hundred milliseconds are the bound; the rest is for a busy machine.
    assert step["duration_ms"] < 3000
