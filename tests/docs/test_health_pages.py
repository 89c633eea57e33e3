"""The README of health-wait: its tables, numbers and sentences are those of the code, its waits ones that it takes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from tests.contract.test_health_faults import PLAIN, SECURED
from tests.docs.pages import ROOT, Block, blocks, codes, section, table
from tests.health_wait.worlds import (
    BAD_GATEWAY,
    DOWN,
    NEW,
    OLD,
    UP,
    Says,
    Simulation,
    World,
    a_target,
    at_times,
    one,
    watched,
)

from actionkit import envelope, inputs
from actionkit.annotations import PER_LEVEL
from actionkit.config import CONFIG_LIMIT
from actionkit.github.comments import BODY_LIMIT
from actionkit.surroundings import Surroundings, why_refused
from actionkit.web.model import Cause, Limits, Phase
from health_wait import bake, crew, distrust, findings, pace, policies, progress, seen, spelling, targets, thresholds
from health_wait import timeline as timelines
from health_wait.action import ACTION
from health_wait.combine import Settings, combine
from health_wait.inputs import Inputs
from health_wait.model import Policy, Result
from health_wait.verdict import VERDICTS, WORST_FIRST
from sandbox.consumer import Consumer
from sandbox.service import Service

PAGE = ROOT / "actions" / ACTION.name / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
MIB = 1024 * 1024
MINUTE = Policy(deadline=60)


def plain(heading: str) -> str:
    return " ".join(section(PAGE, heading).split())


# Results, targets, numbers


def test_every_result_is_told_with_its_verdict_and_rank() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| `([a-z]+)` \| ", section(PAGE, "## Verdicts"), re.MULTILINE)
    assert {Result(result): verdict for result, verdict in rows} == {
        result: verdict.value for result, verdict in VERDICTS.items()
    }
    ranked = plain("## Verdicts").partition("in this order: ")[2].partition(". ")[0]
    assert codes(ranked) == [result.value for result in WORST_FIRST]


def test_every_scheme_is_told() -> None:
    told = set(re.findall(r"`([a-z]+)://", section(PAGE, "## Targets")))
    assert told == set(targets.KINDS) - {"postgresql"}
    ports = re.findall(r"own \(([\d, ]+)\)", plain("## Targets"))
    assert {int(port) for port in ports[0].split(", ")} == set(targets.PORTS.values()) - {53}


def test_the_defaults_in_the_table_are_those_that_hold() -> None:
    told = {codes(row[0])[0]: re.findall(r"Default: `([^`]+)`", row[3]) for row in table(PAGE, "## Inputs")}
    settings = combine(inputs.parse(Inputs, {"targets": "https://shop.test/"}), None)
    (target,) = settings.targets
    assert target.expectation is not None
    for name, value in {
        "deadline": settings.policy.deadline,
        "bake-time": settings.policy.bake_time,
        "period": target.period,
        "timeout": target.timeout,
        "initial-delay": target.initial_delay,
    }.items():
        assert spelling.span(told[name][0]) == value
    assert int(told["success-threshold"][0]) == target.success_threshold
    assert int(told["failure-limit"][0]) == settings.policy.failure_limit
    assert (told["expect-status"], told["method"]) == ([str(target.expectation.status)], [target.method])
    assert told["version-from"] == [spelling.VERSION_FROM]
    assert told["config"] == [policies.DEFAULT_PATH]
    assert f"`{policies.DEFAULT_PATH}`" in section(PAGE, "## Config file")


def test_the_numbers_of_the_judgement_are_those_of_the_code() -> None:
    words = {10: "ten", 3: "three", 4: "quarter", 0.1: "tenth", 2.0: "2 seconds"}
    judged, version = plain("## How it judges"), plain("### Wait for a new version after a rollout")
    for said, text in (
        (f"varies by a {words[pace.JITTER]}", judged),
        (f"It is a {words[round(2.0 / pace.quick(a_target(period=2.0)))]} (but", judged),
        (f"(but {bake.SHORTEST * 1000:.0f} ms at least)", judged),
        (f"for {pace.QUICK_SECONDS:.0f} seconds after a target went down", judged),
        (f"less than {bake.ENOUGH:.0%} of the probes".replace("%", " %"), judged),
        (
            f"{words[thresholds.PROOFS]} times in a row, or {words[thresholds.TIMES_THE_LONGEST]} times as often",
            version,
        ),
        (f"up to {thresholds.MOST_PROOFS} times; less than {words[thresholds.PROOFS]} times only where", version),
        (f"at least every {words[seen.CONTROL_PERIOD]}", plain("### When the runner is to blame")),
        (f"and one every {progress.EVERY:.0f} seconds", " ".join(TEXT.split())),
    ):
        assert said in text, said
    assert distrust.MOST_LAG == 1.0
    assert "comes more than a second late" in plain("### When the runner is to blame")
    assert f"{thresholds.TOO_MANY_REQUESTS}" in judged


def test_the_limits_are_those_of_the_code() -> None:
    limits = plain("## Limits")
    for said in (
        f"Up to {crew.MOST_WORKERS:,} probes are under way",
        f"no duration is longer than {spelling.LONGEST / 86400:.0f} days",
        f"read up to {Limits().max_bytes // 1_000_000} MB, decoded",
        f"up to {timelines.MOST_CELLS} columns and {timelines.MOST_ROWS} rows",
        f"a census of up to {timelines.MOST_REPLICAS}",
        f"lists {findings.MOST_GAPS} gaps and {findings.MOST_REPLICAS} replicas",
        f"Config files up to {CONFIG_LIMIT // 1024} KiB, outcome files up to {envelope.OUTCOME_LIMIT // MIB} MiB",
        f"{PER_LEVEL} annotations per level and step",
        f"cut at {BODY_LIMIT:,} characters",
    ):
        assert said in limits, said
    assert spelling.some_time("10ms") == 0.01


# Diagnoses


def told(world: World, target: Any = None, policy: Policy = MINUTE, **more: Any) -> str:
    _, judgement = one(world, target or a_target("http://shop.test/"), policy, **more)
    return judgement.targets[0].diagnosis


def failed(cause: Cause | None = None, status: int | None = None, reason: str = "x", **more: Any) -> World:
    return at_times((0, Says(ok=False, cause=cause, status=status, reason=reason, **more)))


def in_a_container() -> str:
    why = why_refused("localhost", 8080, Surroundings(in_container=True))
    refused = replace(DOWN, reason=f"refuses connections: nothing listens on 127.0.0.1 port 8080{why}")
    _, judgement = watched(
        Simulation({"x": at_times((0, refused))}), [a_target("x", host="localhost")], MINUTE, container=True
    )
    return judgement.targets[0].diagnosis


def on_replicas() -> str:
    simulation = Simulation({"x": lambda _, replica: OLD if replica == "a" else NEW}, {"x": lambda _: ("a", "b")})
    _, judgement = watched(simulation, [a_target("x", census=True, expects="1.5.0")], MINUTE)
    return judgement.targets[0].diagnosis


def said_somewhere() -> list[str]:
    """Sentences of the sample service's faults (tests/contract/test_health_faults.py) and of watches made up here."""
    turns = iter([UP, DOWN, BAD_GATEWAY, DOWN] * 100)
    versions = a_target("http://shop.test/", expects="1.5.0")
    missing = replace(OLD, version=None, reason="no `$.version`")
    made_up = [
        told(failed(Cause.NAME_NOT_FOUND, phase=Phase.DNS)),
        in_a_container(),
        told(failed(status=502)),
        told(failed(status=504)),
        told(failed(status=200, reason="answers 200 OK, but `up` is not found in the body")),
        told(at_times((0, OLD)), versions),
        on_replicas(),
        told(at_times((0, missing)), versions),
        told(at_times((0, UP), (1, DOWN))),
        told(at_times((0, UP), (20, BAD_GATEWAY)), policy=Policy(bake_time=60)),
        told(lambda *_: next(turns)),
        told(at_times((0, DOWN), (58.7, UP)), a_target(success_threshold=4, period=0.4)),
    ]
    return [
        *(fault.says.replace("`", "") for fault in (*PLAIN, *SECURED)),
        *(said.replace("`", "") for said in made_up),
    ]


SAID = said_somewhere()
ROWS = table(PAGE, "## Diagnoses")


def pattern(diagnosis: str) -> str:
    """What a row stands for; over TLS more accepts than TCP."""
    text = ".+".join(re.escape(part) for part in diagnosis.split("…"))
    return text.replace(re.escape("TCP accepts"), "TCP (?:accepts|and TLS accept)")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: codes(row[0])[0][:40])
def test_every_diagnosis_is_one_that_is_given(row: list[str]) -> None:
    (diagnosis,) = codes(row[0])
    assert any(re.fullmatch(pattern(diagnosis), said) for said in SAID), diagnosis
    assert row[1]


def test_every_fault_of_a_server_is_explained() -> None:
    for said in SAID:
        assert any(re.fullmatch(pattern(codes(row[0])[0]), said) for row in ROWS), said


# The recipes


def waits() -> list[tuple[Block, dict[str, str]]]:
    """What every step of a recipe gives health-wait, with something in the place of each expression."""
    found = []
    for block in blocks(PAGE, "yaml"):
        read = yaml.safe_load(block.content)
        jobs = [{"steps": read}] if isinstance(read, list) else list(read.get("jobs", {}).values())
        steps = [step for job in jobs for step in job["steps"] if uses_ours(step)]
        found += [(block, evaluated(step["with"])) for step in steps if "from-outcome" not in step["with"]]
    return found


def uses_ours(step: dict[str, Any]) -> bool:
    return str(step.get("uses", "")).startswith(f"org/actions/{ACTION.name}@")


def evaluated(given: dict[str, Any]) -> dict[str, str]:
    stands_for = {"proxy": "http://10.0.0.7:3128"}
    return {
        name: re.sub(r"\$\{\{.*?\}\}", stands_for.get(name, "0123456789abcdef"), str(text))
        for name, text in given.items()
    }


@pytest.mark.parametrize(("block", "texts"), waits(), ids=str)
def test_every_wait_to_copy_is_one_the_action_takes(block: Block, texts: dict[str, str]) -> None:
    settings: Settings = combine(inputs.parse(Inputs, texts), None)
    assert settings.targets, block


def test_a_newcomers_job_waits_for_the_version_that_was_pushed(shop: Consumer) -> None:
    (job,) = yaml.safe_load(blocks(PAGE, "yaml")[0].content)["jobs"].values()
    (step,) = [step for step in job["steps"] if uses_ours(step)]
    push = shop.push()
    texts = {name: str(text).replace("${{ github.sha }}", push.sha) for name, text in step["with"].items()}
    with Service(2, push.sha) as service:
        texts["targets"] = texts["targets"].replace("https://shop.example.com", service.url)
        texts["period"] = "100ms"  # what nobody needs to wait for here
        shown = shop.run(ACTION.name, on=push, with_=texts, token=shop.token(job["permissions"]))
    assert (shown.exit_code, shown.outputs["result"]) == (0, "healthy"), shown.log
    assert not shown.warnings
    assert shown.outputs["diagnosis"].startswith(f"serves {push.sha} after ")
    assert "health-wait: PASS: " in shown.log
