"""The history of measurements: who records, what is compared with it, and what of it fails a run."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.contract.in_process import Folder
from tests.contract.measured import HISTORY, outcome_of
from tests.contract.smoked import ONE, PLAN, RECORDS, records, smoke

from sandbox.consumer import Consumer
from sandbox.runner import Event, events
from sandbox.service import Service
from smoke_test.action import ACTION as SMOKE_TEST

SAMPLES = 60
"""Requests of one run: enough to judge a p95 by. Steps are measured like a load, and nothing here is late."""

REGRESSION = "regression: {p95: 25%, error_rate: 0.5pp}\n"
MANY = "tests: [{name: shop, steps: [" + "{request: {url: /health}, status: 200}, " * SAMPLES + "]}]\n"
WATCHED = MANY + REGRESSION
SLOWEST = 60_000.0
"""Milliseconds that no run here takes."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(replicas=1) as started:
        yield started
        assert started.mishaps == ()


def entry(number: int = 0, **more: Any) -> dict[str, Any]:
    """What an earlier run recorded, so slow that this one is faster."""
    kept = {"series": f"{PLAN}#steps", "verdict": "pass", "requests": 100, "failed": 0, "p95_ms": SLOWEST}
    return {"sha": f"{number:040x}", "recorded_at": time.time() - 3600, **kept, **more}


def recorded(shop: Consumer, *entries: Mapping[str, Any]) -> None:
    """A history of these entries."""
    document = json.dumps({"kind": "smoke-test/history", "schema": 1, "entries": entries})
    shop.repository.commit({RECORDS: document}, branch="actions-data")


def test_a_push_to_main_records_its_figures_and_nothing_else(shop: Consumer, service: Service) -> None:
    shown = smoke(shop, shop.push(), WATCHED, base_url=service.url)
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert "no measurement is recorded on branch actions-data yet: this run records the first" in shown.log
    (made,) = records(shop)
    assert made["sha"] == shop.checkout.head
    assert (made["series"], made["verdict"], made["failed"]) == (f"{PLAN}#steps", "pass", 0)
    assert made["requests"] == int(shown.outputs["requests"]) == SAMPLES
    assert made["p95_ms"] == pytest.approx(float(shown.outputs["p95-ms"]), abs=0.001)
    assert abs(made["recorded_at"] - time.time()) < 300
    assert set(made) == {"sha", "recorded_at", "series", "verdict", "requests", "failed", "p95_ms"}
    assert message_of(shop).startswith(f"smoke-test: record {shop.checkout.head[:12]}\n\npass\n")
    assert not shop.repository.pulls

    # The same commit again, as a schedule has it, is a measurement of its own.
    again = smoke(shop, shop.push(), WATCHED, base_url=service.url)
    assert again.outputs["verdict"] in ("pass", "fail"), again.log
    assert [one["sha"] for one in records(shop)] == [shop.checkout.head] * 2


def message_of(shop: Consumer) -> str:
    return shop.repository.objects.commit(shop.repository.tip("actions-data")).message


def test_a_plan_without_regression_records_nothing(shop: Consumer, service: Service) -> None:
    shown = smoke(shop, shop.push(), ONE, base_url=service.url)
    assert shown.exit_code == 0, shown.log
    assert HISTORY not in shop.repository.refs.names()


def elsewhere(shop: Consumer) -> dict[str, Event]:
    _, pull = shop.open_pull("docs", {"README.md": "# Docs\n"})
    head = shop.checkout.head
    return {
        "a pull request": pull,
        "a deployment's state": events.deployment_status(repository=shop.name, sha=head),
    }


@pytest.mark.parametrize("kind", ["a pull request", "a deployment's state"])
def test_only_trusted_runs_record_and_others_compare(shop: Consumer, service: Service, kind: str) -> None:
    recorded(shop, entry())
    shown = smoke(shop, elsewhere(shop)[kind], WATCHED, base_url=service.url, comment="never")
    assert shown.exit_code == 0, shown.log
    assert [one["sha"] for one in records(shop)] == [f"{0:040x}"]
    assert [change["name"] for change in outcome_of(shop, shown)["data"]["regression"]["changes"]] == [
        "p95",
        "error rate",
    ]


def test_a_run_that_is_slower_than_the_history_allows_fails_and_is_recorded_all_the_same(
    shop: Consumer, service: Service
) -> None:
    recorded(shop, *(entry(number, p95_ms=0.001 * (1 + number)) for number in range(3)))
    shown = smoke(shop, shop.push(), WATCHED, base_url=service.url)
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert re.search(
        r"p95 is [\d.]+ ms, at most 0\.0025 ms passes: the median of 3 earlier runs is 0\.002 ms", shown.log
    )
    newest = records(shop)[0]
    assert (newest["sha"], newest["verdict"]) == (shop.checkout.head, "fail")

    # A run that failed is no measure for later ones: the median is still of the three.
    again = smoke(shop, shop.push(), WATCHED, base_url=service.url)
    assert outcome_of(shop, again)["data"]["regression"]["runs"] == 3


def test_more_errors_than_the_history_allows_fail(shop: Consumer, service: Service) -> None:
    recorded(shop, entry(failed=1))
    service.fault("status", status=500, path="/health", every=30)
    try:
        shown = smoke(shop, shop.push(), WATCHED, base_url=service.url)
    finally:
        service.mend()
    assert shown.exit_code == 1, shown.log
    assert re.search(r"error rate is [\d.]+ %, at most 1\.5 % passes: the earlier run's is 1 %", shown.log)


def test_without_a_run_to_compare_with_a_pull_request_is_incomplete(shop: Consumer, service: Service) -> None:
    recorded(shop, entry(verdict="fail"), entry(1, series="other.yml#steps"))
    _, event = shop.open_pull("docs", {"README.md": "# Docs\n"})
    shown = smoke(shop, event, WATCHED, base_url=service.url, comment="never")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "no passed run of this plan is recorded in the last 30 days" in shown.log
    assert "fix: Let a run on the default branch record one first." in shown.log


def test_a_push_that_may_not_record_the_first_measurement_is_not_green_for_ever(
    shop: Consumer, service: Service
) -> None:
    plan = ONE + "regression: {error_rate: 0.5pp}\n"
    shown = smoke(shop, shop.push(), plan, base_url=service.url, token=shop.token({"contents": "read"}))
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "`regression` cannot be judged: no measurement is recorded on branch actions-data yet" in shown.log
    assert "this run records the first" not in shown.log
    assert "nothing was recorded: GitHub refused" in shown.log
    assert "contents: write" in shown.log

    recorded(shop, entry())
    shown = smoke(shop, shop.push(), plan, base_url=service.url, token=shop.token({"contents": "read"}))
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert "nothing was recorded: GitHub refused" in shown.log


def test_few_requests_are_no_measure_of_a_percentile(shop: Consumer, service: Service) -> None:
    recorded(shop, entry(series=f"{PLAN}#steps"))
    shown = smoke(shop, shop.push(), ONE + REGRESSION, base_url=service.url)
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "p95 of 1 requests cannot be judged: 59 are needed" in shown.log
    # What nobody can rely on is not recorded.
    assert len(records(shop)) == 1


def test_the_error_rate_alone_can_be_watched_without_a_load_stage(shop: Consumer, service: Service) -> None:
    plan = ONE + "regression: {error_rate: 0.5pp}\n"
    assert smoke(shop, shop.push(), plan, base_url=service.url).exit_code == 0
    shop.checkout.commit("Next", {"README.md": "# Next\n"})
    shown = smoke(shop, shop.push(), plan, base_url=service.url)
    assert shown.exit_code == 0, shown.log
    assert [one["series"] for one in records(shop)] == [f"{PLAN}#steps"] * 2


def test_a_history_that_nobody_can_read_is_incomplete_and_begun_anew_by_nobody_else(
    shop: Consumer, service: Service
) -> None:
    shop.repository.commit({RECORDS: "{"}, branch="actions-data")
    shown = smoke(shop, shop.push(), WATCHED, base_url=service.url)
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "the recorded history" in shown.log
    assert shop.repository.read(RECORDS, "actions-data") == b"{"


def test_the_outcome_of_an_artifact_is_a_baseline_too(shop: Consumer, service: Service) -> None:
    on = shop.push()
    token = shop.token({"contents": "read", "actions": "read"})
    first = smoke(shop, on, WATCHED, base_url=service.url, baseline="artifact:smoke", token=token)
    assert first.exit_code == 0, first.log
    assert HISTORY not in shop.repository.refs.names()
    kept = outcome_of(shop, first)
    kept["data"]["record"]["p95_ms"] = SLOWEST
    run = shop.repository.run(branch="main", sha=on.sha)
    run.artifact("smoke", {"outcome.json": json.dumps(kept).encode()})
    second = smoke(shop, shop.push(), WATCHED, base_url=service.url, baseline="artifact:smoke", token=token)
    assert second.exit_code == 0, second.log
    regression = outcome_of(shop, second)["data"]["regression"]
    assert (regression["runs"], regression["p95_ms"]) == (1, SLOWEST)

    shop.checkout.write({"before.json": json.dumps(kept)})
    from_file = smoke(shop, shop.push(), WATCHED, base_url=service.url, baseline="before.json", github_token="")
    assert outcome_of(shop, from_file)["data"]["regression"]["p95_ms"] == SLOWEST


def test_on_a_laptop_without_a_history_the_outcome_is_what_to_begin_with(tmp_path: Path, service: Service) -> None:
    folder = Folder.within(tmp_path, SMOKE_TEST)
    folder.write({PLAN: ONE + "regression: {error_rate: 0.5pp}\n"})
    first = folder.run(plan=PLAN, base_url=service.url, baseline="branch")
    assert first.verdict == "incomplete"
    assert (
        "On a laptop copy this run's outcome.json to a file of its own, and name that in `baseline`." in first.printed
    )
    folder.write({"before.json": (folder.path / ".actions/smoke-test/outcome.json").read_bytes()})
    assert folder.run(plan=PLAN, base_url=service.url, baseline="before.json").verdict == "pass"


def test_a_regression_without_a_baseline_contradicts_itself(shop: Consumer, service: Service) -> None:
    shown = smoke(shop, shop.push(), WATCHED, base_url=service.url, baseline="none")
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log
    assert f"{PLAN}:2: `regression` compares with earlier runs, but `baseline` is `none`" in shown.log
