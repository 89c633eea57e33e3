"""health-wait as GitHub runs it, against a sample service on real sockets: rollouts, bad versions, a frozen runner."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.interrupting import WITHIN_SECONDS, Interrupt
from tests.contract.waiting import PERIOD, SLACK, grouped, hosts_of, once, outcome_of, probed, wait

from sandbox.consumer import Consumer
from sandbox.runner import Cancellation, Event
from sandbox.service import Service

linux = pytest.mark.skipif(not Path("/proc/thread-self").exists(), reason="needs Linux's /proc to time signals")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Consumer, Event]]:
    """A shop that is pushed to: nothing is commented, and nothing asked of GitHub."""
    with Consumer.serve(tmp_path_factory.mktemp("waits") / "shop", {"README.md": "# Shop\n"}) as shop:
        yield shop, shop.push()
        assert shop.hub.requests == []


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(1, "1.4.1") as running:
        yield running
        assert running.mishaps == ()


@pytest.fixture
def replicas() -> Iterator[Service]:
    with Service(4, "1.4.1") as running:
        yield running
        assert running.mishaps == ()


def test_what_is_up_is_healthy_after_two_probes(stage: tuple[Consumer, Event], service: Service) -> None:
    shop, push = stage
    shown = wait(shop, push, targets=f"{service.url}/health\ntcp://127.0.0.1:{service.port}", expect_status="200")
    assert shown.exit_code == 0, shown.log
    assert {name: shown.outputs[name] for name in ("verdict", "result", "availability")} == {
        "verdict": "pass",
        "result": "healthy",
        "availability": "100",
    }
    assert 4 <= int(shown.outputs["probes"]) <= 6
    assert (shown.outputs["downtime-seconds"], shown.outputs["failed-targets"]) == ("0", "")
    assert float(shown.outputs["elapsed-seconds"]) >= PERIOD
    assert shown.groups == ("Waiting for 2 targets",)
    assert "### Timeline" in shown.summary
    assert not shown.annotations
    data = outcome_of(shop, shown)["data"]
    assert [target["first_healthy_seconds"] >= PERIOD for target in data["targets"]] == [True, True]


def test_what_is_down_times_out_with_how_far_the_probes_came(stage: tuple[Consumer, Event], service: Service) -> None:
    shop, push = stage
    service.fault("refuse", on=0)
    shown = wait(shop, push, targets=f"{service.url}/health", deadline="2s", timeout="500ms")
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["result"]) == (1, "fail", "timeout"), shown.log
    assert shown.outputs["failed-targets"] == f"{service.url}/health"
    assert shown.outputs["diagnosis"].startswith("TCP accepts, but the proxy answers 502 for ")
    assert shown.outputs["diagnosis"].endswith(": the backend behind it is down")
    assert shown.outputs["availability"] == ""
    (note,) = shown.annotations
    assert (note.level, note.title) == ("error", f"{service.url}/health is not healthy")
    assert "the proxy answers 502" in shown.summary


def test_the_old_version_that_answers_200_is_the_wrong_version(stage: tuple[Consumer, Event], service: Service) -> None:
    shop, push = stage
    shown = wait(shop, push, targets=f"{service.url}/health", expect_version="1.5.0", deadline="2s", timeout="500ms")
    assert (shown.exit_code, shown.outputs["result"]) == (1, "wrong-version"), shown.log
    assert shown.outputs["diagnosis"].startswith("answers 200 but still serves 1.4.1, not 1.5.0, after ")
    assert shown.outputs["availability"] == "100"
    (target,) = outcome_of(shop, shown)["data"]["targets"]
    assert target["version"] == "1.4.1"


# A rolling deploy of four replicas


def test_without_a_version_a_rollout_is_healthy_at_once(stage: tuple[Consumer, Event], replicas: Service) -> None:
    shop, push = stage
    replicas.rolling_deploy("1.5.0", gap_seconds=0.2, pause=60)
    shown = wait(shop, push, targets=f"http://{replicas.name}:{replicas.port}/health", hosts=hosts_of(replicas))
    assert (shown.exit_code, shown.outputs["result"]) == (0, "healthy"), shown.log
    assert replicas.deploying
    assert [one.version for one in replicas.replicas].count("1.4.1") >= 3


def test_with_a_version_and_a_census_it_is_healthy_only_when_all_four_are_new(
    stage: tuple[Consumer, Event], replicas: Service
) -> None:
    shop, push = stage
    with once(probed(replicas, times=4), lambda: replicas.rolling_deploy("1.5.0", gap_seconds=0.6, pause=0.2)):
        shown = wait(
            shop,
            push,
            targets=f"http://{replicas.name}:{replicas.port}/health\n{replicas.replicas[0].url}/health",
            expect_version="1.5.0",
            census="true",
            hosts=hosts_of(replicas),
        )
        assert not replicas.deploying, "it did not wait for the last replica"
    assert (shown.exit_code, shown.outputs["result"]) == (0, "healthy"), shown.log
    census, alone = outcome_of(shop, shown)["data"]["targets"]
    assert census["diagnosis"].startswith("serves 1.5.0 on all 4 replicas after ")
    assert census["downtime_seconds"] == 0, "while one was replaced the others served"
    assert [one["version"] for one in census["replicas"]] == ["1.5.0"] * 4
    addresses = [one.address for one in replicas.replicas]
    for one in census["replicas"]:
        (gap,) = replicas.gaps(addresses.index(one["address"]))
        assert one["downtime_seconds"] == pytest.approx(gap.seconds, abs=PERIOD + SLACK)
    (gap,) = replicas.gaps(0)
    assert alone["downtime_seconds"] == pytest.approx(gap.seconds, abs=PERIOD + SLACK)
    assert "while the rollout replaced it" in alone["diagnosis"]
    assert float(shown.outputs["downtime-seconds"]) == alone["downtime_seconds"]
    assert shown.summary.count("127.0.0.5") >= 1


def test_a_rollout_that_stops_half_way_says_how_many_replicas_are_old(
    stage: tuple[Consumer, Event], replicas: Service
) -> None:
    shop, push = stage
    replicas.rolling_deploy("1.5.0", gap_seconds=0, pause=0.01).wait()
    for old in (1, 3):
        replicas.fault("old-version", on=old, version="1.4.1")
    shown = wait(
        shop,
        push,
        targets=f"http://{replicas.name}:{replicas.port}/health",
        expect_version="1.5.0",
        census="true",
        deadline="2s",
        timeout="1s",
        hosts=hosts_of(replicas),
    )
    assert (shown.exit_code, shown.outputs["result"]) == (1, "wrong-version"), shown.log
    assert shown.outputs["diagnosis"] == "answers 200 but still serves 1.4.1, not 1.5.0, on 2 of 4 replicas"
    assert any("2/4 replicas on 1.5.0" in line for line in grouped(shown))


def test_a_bad_version_is_regressed_within_the_failure_limit(stage: tuple[Consumer, Event], service: Service) -> None:
    shop, push = stage
    service.bad_version("1.5.0", after_requests=20, gap_seconds=0).wait()
    shown = wait(
        shop,
        push,
        targets=f"{service.url}/health",
        expect_version="1.5.0",
        bake_time="60s",
        failure_limit="2",
        mode="report",
    )
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["result"]) == (0, "fail", "regressed"), shown.log
    assert "was healthy, then answered 500, " in shown.outputs["diagnosis"]
    assert re.search(r": 3 of 1[0-9] probes failed while baking, 2 allowed$", shown.outputs["diagnosis"])
    assert float(shown.outputs["elapsed-seconds"]) < 30
    assert float(shown.outputs["availability"]) < 100


# A runner that cannot be trusted, or has to stop


@linux
def test_a_runner_that_was_frozen_proves_nothing(stage: tuple[Consumer, Event], service: Service) -> None:
    shop, push = stage
    service.fault("status", on=0)
    frozen = Cancellation(probed(service, times=3), ((signal.SIGSTOP, 2.5), (signal.SIGCONT, 30.0)))
    shown = wait(shop, push, targets=f"{service.url}/health", deadline="2s", timeout="500ms", cancel=frozen)
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["result"]) == (3, "incomplete", "inconclusive"), (
        shown.log
    )
    assert shown.outputs["diagnosis"].startswith("the runner itself was frozen or starved for ")
    assert "The runner itself stood still or was late" in shown.summary


@linux
def test_a_bake_that_was_slept_through_proves_nothing_either(stage: tuple[Consumer, Event], service: Service) -> None:
    shop, push = stage
    frozen = Cancellation(probed(service, times=4), ((signal.SIGSTOP, 2.5), (signal.SIGCONT, 30.0)))
    shown = wait(shop, push, targets=f"{service.url}/health", bake_time="4s", cancel=frozen)
    assert (shown.exit_code, shown.outputs["result"]) == (3, "inconclusive"), shown.log


@linux
@pytest.mark.parametrize(
    ("number", "fault"), [(signal.SIGTERM, "status"), (signal.SIGINT, "hang")], ids=["SIGTERM", "SIGINT"]
)
def test_a_cancelled_wait_ends_at_once_and_tells_what_it_saw(
    stage: tuple[Consumer, Event], service: Service, number: signal.Signals, fault: str
) -> None:
    shop, push = stage
    service.fault(fault, on=0, path="/health", after_requests=2)
    sent = Interrupt(number, probed(service, times=3))
    shown = wait(shop, push, targets=f"{service.replicas[0].url}/health", timeout="20s", success_threshold="9",
                 cancel=sent.cancellation)  # fmt: skip
    assert sent.sent_at is not None
    assert time.monotonic() - sent.sent_at < WITHIN_SECONDS
    assert (shown.exit_code, shown.outputs["verdict"]) == (128 + number, "incomplete"), shown.log
    headline = f"stopped by {number.name}; so far: {service.replicas[0].url}/health: inconclusive: not decided when "
    assert shown.outputs["headline"].startswith(headline)
    found = outcome_of(shop, shown)["data"]
    assert found["probes"] >= 2
    assert "### Timeline" in shown.summary


# What is said


def test_what_goes_to_and_fro_is_not_told_each_time(stage: tuple[Consumer, Event], service: Service) -> None:
    shop, push = stage
    service.fault("status", on=0, every=2)
    shown = wait(shop, push, targets=f"{service.url}/health", deadline="3s", timeout="500ms", success_threshold="3")
    assert shown.outputs["diagnosis"].startswith("flaps: "), shown.log
    lines = grouped(shown)
    assert 1 <= len(lines) <= 3, lines
    assert int(shown.outputs["probes"]) >= 8


def test_every_wrong_input_is_told_at_once(stage: tuple[Consumer, Event]) -> None:
    shop, push = stage
    shown = wait(
        shop,
        push,
        targets="shop.test:8080\nhttp://169.254.169.254/latest\nhttps://shop.test/",
        period="often",
        expect='jsonpth "$.status" == 1',
        expect_status="2000",
        failure_limit="3",
        headers="X-Key: short",
        mode="enforcing",
    )
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["result"]) == (2, "error", "misconfigured")
    for name in ("period", "expect", "expect-status", "mode"):
        assert f"input `{name}`" in shown.log
    assert "short" not in shown.log.replace("X-Key: short", "").replace("shorter", "")
    shown = wait(
        shop,
        push,
        targets="shop.test:8080\nhttp://169.254.169.254/latest\nhttps://shop.test/",
        failure_limit="3",
        headers="X-Key: short",
        deadline="1s",
    )
    assert shown.exit_code == 2
    for told in ("has no scheme", "is a cloud's metadata service", "there is no `bake-time`", "fewer than 6 characters",
                 "is shorter than one probe"):  # fmt: skip
        assert told in shown.log


def test_report_mode_says_the_same_and_exits_0_but_not_for_an_error(
    stage: tuple[Consumer, Event], service: Service
) -> None:
    shop, push = stage
    service.fault("status", on=0, status=500)
    late = wait(shop, push, targets=f"{service.url}/health", deadline="1s", timeout="500ms", mode="report")
    assert (late.exit_code, late.outputs["verdict"], late.outputs["result"]) == (0, "fail", "timeout")
    wrong = wait(shop, push, targets="https://", mode="report")
    assert (wrong.exit_code, wrong.outputs["result"]) == (2, "misconfigured")
