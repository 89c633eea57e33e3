"""Gathering the evidence: the steps, the load between tests and finally, and what the run is held against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.smoke_test.answering_site import Said, Site, said, site
from tests.smoke_test.job_of_smoke import Job, interruptible

from actionkit.inputs import parse
from actionkit.outcome import Verdict
from sandbox.consumer import Consumer
from smoke_test import gather, plans
from smoke_test.evidence import Evidence
from smoke_test.inputs import Inputs
from smoke_test.model import LoadResult, Plan

FIXTURES = Path(__file__).parents[1] / "fixtures" / "load"

SHOP = """\
setup:
  - {name: login, request: {url: /token}, captures: {token: jsonpath "$.token" redact}}
tests:
  - name: shop
    steps:
      - {name: item, request: {url: /item, headers: {X-Token: "{{token}}"}}, status: 200}
finally:
  - {name: logout, request: {url: /logout}, status: 200}
"""
LOAD = "load: {executor: constant-vus, vus: 1, duration: 200ms, thresholds: {http_reqs: ['count>=1']}}\n"
TOKEN = "token-of-the-answer"


@pytest.fixture
def served() -> Iterator[Site]:
    routes = {
        "/token": lambda _: said({"token": TOKEN}),
        "/item": lambda _: said({"sku": "A-100"}),
        "/logout": lambda _: said({}),
    }
    with site(routes) as started:
        yield started


@pytest.fixture
def job(shop: Consumer) -> Iterator[Job]:
    with Job.of(shop) as made:
        yield made


def test_every_step_is_told_as_it_comes_and_a_captured_secret_is_hidden(job: Job, served: Site) -> None:
    made = job.run(SHOP, base_url=served.url)
    assert made.verdict is Verdict.PASS
    assert [line.rsplit(" ", 2)[0] for line in job.lines] == [
        "ok setup: login 200",
        "ok shop: item 200",
        "ok finally: logout 200",
    ]
    assert job.hidden == [TOKEN]


def test_a_step_that_was_not_carried_out_is_told_without_time_and_status(job: Job, served: Site) -> None:
    made = job.run(SHOP.replace("status: 200}", "status: 200, options: {skip: true}}", 1), base_url=served.url)
    assert made.verdict is Verdict.INCOMPLETE
    assert "skipped shop: item: the plan says `skip: true`" in job.lines


def test_the_load_comes_between_tests_and_finally_and_knows_what_setup_captured(job: Job, served: Site) -> None:
    made = job.run(SHOP + LOAD, base_url=served.url)
    paths = [one.path for one in served.seen]
    assert paths[:2] == ["/token", "/item"]
    assert paths[-1] == "/logout"
    assert paths.count("/token") == 1
    assert paths.count("/item") == made.data["load"]["requests"] + 1
    assert {one.headers["x-token"] for one in served.seen if one.path == "/item"} == {TOKEN}


def test_nothing_is_put_under_load_that_does_not_pass_its_tests(job: Job, served: Site) -> None:
    served.routes["/item"] = lambda _: Said(500)
    made = job.run(SHOP + LOAD, base_url=served.url)
    assert (made.verdict, made.data["load"]) == (Verdict.FAIL, None)
    (note,) = (one for one in made.problems if "the load stage was left out" in one.message)
    assert (note.path, note.line) == ("smoke.yml", 9)
    assert note.fix == "Mend what fails first."
    assert [one.path for one in served.seen] == ["/token", "/item", "/logout"]


@pytest.mark.parametrize(
    ("load", "sources"),
    [("", ["k6"]), ("true", ["", "k6"]), ("false", ["k6"])],
    ids=["the report takes its place", "both", "left out"],
)
def test_a_report_of_another_tool_takes_the_place_of_the_load_unless_both_are_wanted(
    job: Job, served: Site, load: str, sources: list[str]
) -> None:
    (job.folder / "k6.json").write_bytes((FIXTURES / "k6-summary-export.json").read_bytes())
    made = job.run(SHOP + LOAD, base_url=served.url, load_report="k6.json", load=load)
    assert [one["source"] for one in made.data["loads"]] == sources
    assert len(served.seen) == 3 or load == "true"


def test_a_report_that_cannot_be_read_is_a_doubt_with_its_name(job: Job, served: Site) -> None:
    made = job.run(SHOP + LOAD, base_url=served.url, load_report="k6.json")
    assert made.verdict is Verdict.INCOMPLETE
    assert made.headline.endswith("input `load-report`: k6.json: no such file or directory")


def test_a_plan_of_thresholds_alone_asks_nobody(job: Job) -> None:
    (job.folder / "k6.json").write_bytes((FIXTURES / "k6-summary-export.json").read_bytes())
    plan = "load: {thresholds: {http_req_duration: ['p(95)<500']}}\n"
    made = job.run(plan, load_report="k6.json", mutate="true", compare_url="http://127.0.0.1:9")
    assert (made.verdict, made.data["steps"], made.data["comparison"]) == (Verdict.PASS, [], None)
    assert job.lines == []
    assert job.kept == []


def test_the_same_plan_runs_on_the_deployment_before_with_its_own_login(job: Job, served: Site) -> None:
    plan = SHOP.replace("finally:", "  - {name: out, steps: [{request: {url: /logout}, status: 200}]}\nfinally:")
    routes = {"/token": lambda _: said({"token": "another-token"}), "/logout": lambda _: said({})}
    with site(routes) as previous:
        served.routes["/item"] = lambda _: Said(500)
        made = job.run(plan, base_url=served.url, compare_url=previous.url)
        assert made.verdict is Verdict.PASS, made.problems
        previous.routes["/item"] = lambda _: said({})
        made = job.run(plan, base_url=served.url, compare_url=previous.url, fail_fast="true")
    assert made.verdict is Verdict.FAIL
    assert made.data["comparison"]["steps"][0]["newly_broken"]
    assert "another-token" in job.hidden
    assert {one.headers.get("x-token") for one in previous.seen if one.path == "/item"} == {"another-token"}


def test_a_load_that_a_failure_on_both_deployments_keeps_out_can_be_had_without_that_test(
    job: Job, served: Site
) -> None:
    broken = "  - {name: old, tags: broken, steps: [{request: {url: /old}, status: 200}]}\nfinally:"
    plan = SHOP.replace("finally:", broken) + LOAD
    with site(served.routes) as previous:
        made = job.run(plan, base_url=served.url, compare_url=previous.url)
        assert (made.verdict, made.data["load"]) == (Verdict.INCOMPLETE, None)
        (note,) = (one for one in made.problems if "the load stage was left out" in one.message)
        assert (
            "leave it out with `!broken` in the input `tags`; or compare without a load, with `load: false`" in note.fix
        )
        assert job.run(plan, base_url=served.url, compare_url=previous.url, tags="!broken").data["load"] is not None
        assert job.run(plan, base_url=served.url, compare_url=previous.url, load="false").verdict is Verdict.PASS


def test_after_an_interrupt_of_the_second_run_nothing_more_is_gathered(job: Job, served: Site) -> None:
    (job.folder / "smoke.yml").write_text(SHOP + "regression: {error_rate: 1pp}\n", encoding="utf-8")
    inputs = parse(
        Inputs, {"compare-url": "http://127.0.0.1:9", "mutate": "true", "plan": "smoke.yml", "base-url": served.url}
    )
    loaded = plans.load(inputs, job.doors().workspace, {})
    first = gather.carried_out(inputs, loaded, job.doors())

    with interruptible() as interrupt:

        def make(insecure: bool) -> Any:
            interrupt()
            return first.doors.client(insecure)

        stopped = replace(first, doors=replace(first.doors, client=make))
        ended = gather.completed(stopped, inputs, loaded, job.context(None), job.doors())
    assert (first.interrupted, ended.interrupted) == (False, True)
    assert ended.evidence.comparison is not None
    assert ended.evidence.comparison.why_none.endswith("interrupted by signal 15")
    assert (ended.evidence.mutated, ended.evidence.why_no_reference) == (0, "")


def test_mutation_is_asked_for(job: Job, served: Site) -> None:
    assert job.run(SHOP, base_url=served.url).data["mutation"] is None
    made = job.run(SHOP.replace("status: 200", "status: 100-599"), base_url=served.url, mutate="true")
    assert made.data["mutation"]["asserts"] == 2
    assert made.data["mutation"]["never_fail"]


def test_without_a_regression_in_the_plan_nobody_is_asked_for_a_history(job: Job, served: Site) -> None:
    made = job.run(SHOP, job.shop.push(), github=job.github(), base_url=served.url)
    assert made.data["regression"] is None
    assert job.shop.hub.requests == []


def test_runs_are_comparable_that_measured_the_same_the_same_way() -> None:
    one = Evidence(plan=Plan(path="smoke.yml"))
    loaded = replace(one, loads=(a_load(),))
    inputs = parse(Inputs, {})
    assert gather.series(inputs, one) == "smoke.yml"
    assert gather.series(inputs, loaded) == "smoke.yml#load"
    keyed = gather.series(parse(Inputs, {"comment-key": "staging"}), loaded)
    assert keyed.startswith("smoke.yml#")
    assert keyed.endswith("#load")
    assert "staging" not in keyed
    assert keyed != gather.series(parse(Inputs, {"comment-key": "production"}), loaded)


def a_load() -> LoadResult:
    return LoadResult(
        requests=1, failed=0, dropped=0, iterations=1, seconds=1.0, rate=1.0, p50_ms=1.0, p95_ms=1.0, p99_ms=1.0
    )
