"""One sentence a target: every cause, every status, and what became of the target in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.health_wait.worlds import (
    BAD_GATEWAY,
    DOWN,
    NEW,
    NOON,
    OLD,
    UP,
    Says,
    Simulation,
    a_target,
    at_times,
    one,
    watched,
)

from actionkit.web.model import Cause, Phase
from actionkit.web.statuses import statuses
from health_wait import phrases
from health_wait.model import Expectation, Kind, Policy, Result
from health_wait.phrases import told
from health_wait.seen import Event, Resolved, Seen
from health_wait.verdict import judge

MINUTE = Policy(deadline=60)


def says(cause: Cause | None = None, status: int | None = None, reason: str = "in its own words") -> Says:
    return Says(ok=False, status=status, cause=cause, reason=reason)


def sentence(world: Says, **given: object) -> str:
    _, judgement = one(at_times((0, world)), a_target(**given), MINUTE)
    return judgement.targets[0].diagnosis


def test_every_cause_has_its_own_sentence() -> None:
    assert set(phrases.CAUSES) == set(Cause)
    sentences = {cause: sentence(says(cause)) for cause in Cause}
    assert len(set(sentences.values())) == len(Cause)
    for cause, said in sentences.items():
        assert " for 5" in said, cause
        assert "{" not in said, cause
        assert not said.endswith("."), cause


def test_connections_that_are_closed_or_reset_by_turns_are_one_failure() -> None:
    turns = ((at, says(Cause.RESET if at % 4 else Cause.CLOSED)) for at in range(0, 60, 2))
    _, judgement = one(at_times(*turns), a_target(), MINUTE)
    assert " for 5" in judgement.targets[0].diagnosis


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        (says(Cause.NAME_NOT_FOUND), "the name does not resolve for"),
        (says(Cause.REFUSED), "the host is up, but nothing listens on port 443"),
        (says(Cause.CONNECT_TIMEOUT), "does not answer TCP connects (timeout 5 s) for 5"),
        (says(Cause.SILENT), "TCP and TLS accept, but no byte of an answer comes (timeout 5 s) for 5"),
        (says(Cause.TLS_FAILED, reason="the alert says\nno"), "the TLS handshake fails for"),
        (says(Cause.TLS_FAILED, reason="the alert says\nno"), "the alert says no"),
        (says(status=502), "TCP and TLS accept, but the proxy answers 502 for"),
        (says(status=502), ": the backend behind it is down"),
        (says(status=503), "the answer is 503"),
        (says(status=504), "does not answer in time"),
        (says(status=401), "list 401 in expect-status if that is healthy"),
        (says(status=404), "has no such page (404)"),
        (says(status=418), "answers 418 for"),
        (says(status=507), "answers 507 for"),
        (says(status=799), "answers 799 for"),
        (says(status=200, reason="answers 200, but `x` is missing"), "does not answer as expected for"),
        (says(status=200, reason="answers 200, but `x` is missing"), "answers 200, but `x` is missing"),
        (says(reason=""), "no reason"),
        (says(Cause.UNTRUSTED, reason="x"), "in ca-bundle"),
        (replace(says(Cause.CLOSED), phase=Phase.TLS), "TCP accepts, but the connection is closed without an answer"),
    ],
)
def test_what_is_wrong_is_said_as_deep_as_it_was_seen(world: Says, expected: str) -> None:
    assert expected in sentence(world)


def test_a_redirect_that_is_not_expected_is_told_with_its_way() -> None:
    expectation = Expectation(status=statuses("200"))
    said = sentence(says(status=302, reason="answers 302 Found; it redirects to /login"), expectation=expectation)
    assert said.startswith("redirects (302) for 5")
    assert said.endswith(" s: it redirects to /login")
    assert sentence(says(status=302, reason="nowhere"), expectation=expectation).endswith(" s: nowhere")


def test_a_port_without_tls_accepts_tcp_only() -> None:
    said = sentence(says(Cause.SILENT), kind=Kind.TCP, name="tcp://db.test:5432", expectation=None, port=5432)
    assert said.startswith("TCP accepts, but no byte")


def test_hostile_words_are_bounded_and_on_one_line() -> None:
    said = sentence(says(Cause.PROXY, reason="{port}\x1b[31m\n" + "x" * 5000))
    assert "\n" not in said
    assert "\x1b" not in said
    assert "{port}" in said, "what others wrote is not filled in"
    assert len(said) < 500


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_in_a_container_the_probe_explains_what_localhost_is(host: str) -> None:
    refused = replace(DOWN, reason=f"refuses connections: nothing listens; {host} is this action's own container")
    simulation = Simulation({"x": at_times((0, refused))})
    _, judgement = watched(simulation, [a_target("x", host=host)], MINUTE, container=True)
    assert judgement.targets[0].diagnosis.endswith(f" s: nothing listens; {host} is this action's own container")
    gone = Simulation({"x": at_times((0, UP), (1, refused))})
    _, judgement = watched(gone, [a_target("x", host=host)], MINUTE, container=True)
    assert "own container" not in judgement.targets[0].diagnosis, "it had answered, so it is the right place"
    assert "own container" not in sentence(refused, host=host)


def test_misconfigured_says_why_waiting_is_vain() -> None:
    said = sentence(replace(says(Cause.FORBIDDEN_ADDRESS, reason="it is link-local"), hard=True))
    assert said == "leads to an address that is not probed: it is link-local"


@pytest.mark.parametrize(
    ("script", "policy", "result", "expected"),
    [
        (((0, UP), (1, DOWN), (5, UP)), Policy(), Result.HEALTHY, "was up, then refused connections for 3."),
        (((0, UP), (1, DOWN), (5, UP)), Policy(), Result.HEALTHY, " s (12:00:0"),
        (((0, UP), (1, DOWN), (5, UP), (6, DOWN), (9, UP)), Policy(), Result.HEALTHY, ": down 2 times, "),
        (((0, UP), (1, DOWN)), MINUTE, Result.TIMEOUT, "was up, then refused connections for 5"),
        (((0, UP), (1, DOWN), (5, UP), (6, DOWN)), MINUTE, Result.TIMEOUT, "flaps: "),
        (((0, DOWN), (59, UP)), MINUTE, Result.TIMEOUT, "refuses connections for 5"),
        (((0, UP),), Policy(bake_time=60), Result.HEALTHY, ", and stayed so for 60 s"),
        (((0, UP), (20, BAD_GATEWAY)), Policy(bake_time=60), Result.REGRESSED, "had a proxy that answered 502"),
        (((0, UP), (20, BAD_GATEWAY)), Policy(bake_time=60), Result.REGRESSED, "failed while baking, 0 allowed"),
    ],
)
def test_what_became_of_it_in_time(
    script: tuple[tuple[float, Says], ...], policy: Policy, result: Result, expected: str
) -> None:
    _, judgement = one(at_times(*script), policy=policy)
    assert judgement.result is result
    assert expected in judgement.targets[0].diagnosis


def test_a_target_that_flaps_says_how_often_and_in_which_way() -> None:
    script = iter([UP, DOWN, BAD_GATEWAY, DOWN] * 100)
    _, judgement = one(lambda *_: next(script), policy=MINUTE)
    said = judgement.targets[0].diagnosis
    assert said.startswith("flaps: ")
    assert said.endswith("probes failed, never 2 good ones in a row; where it failed, it mostly refused connections")


def test_a_target_that_came_too_late_says_how_late() -> None:
    _, judgement = one(at_times((0, DOWN), (58.7, UP)), a_target(success_threshold=4, period=0.4), MINUTE)
    assert judgement.result is Result.TIMEOUT
    assert judgement.targets[0].diagnosis.startswith("came up only ")
    assert "3 of 4 good probes in a row" in judgement.targets[0].diagnosis


def test_a_rollout_that_replaced_it_is_named_as_the_reason_of_the_gap() -> None:
    script = at_times((0, OLD), (10, DOWN), (13, NEW))
    _, judgement = one(script, a_target(expects="1.5.0"))
    assert "while the rollout replaced it" in judgement.targets[0].diagnosis


def test_the_old_version_is_told_apart_from_a_mixed_one_and_from_none() -> None:
    target = a_target(expects="1.5.0")
    _, judgement = one(at_times((0, OLD)), target, MINUTE)
    assert judgement.targets[0].diagnosis.startswith("answers 200 but still serves 1.4.1, not 1.5.0")
    turn = iter([NEW, OLD] * 500)
    _, judgement = one(lambda *_: next(turn), target, MINUTE)
    assert judgement.result is Result.WRONG_VERSION
    assert "on 5 of its last 10 connections" in judgement.targets[0].diagnosis
    none = replace(OLD, version=None, reason="answers 200 OK, but states no version: `$.version` finds nothing")
    _, judgement = one(at_times((0, none)), target, MINUTE)
    said = judgement.targets[0].diagnosis
    assert said.startswith("answers 200 but states no version, so not 1.5.0")
    assert said.endswith(": `$.version` finds nothing")
    assert said.count("states no version") == 1


@pytest.mark.parametrize(
    ("replicas", "expected"), [(3, "all 3 replicas"), (2, "both replicas"), (1, "its only replica")]
)
def test_a_census_says_how_many_replicas(replicas: int, expected: str) -> None:
    addresses = tuple(f"10.0.0.{number}" for number in range(replicas))
    simulation = Simulation({"x": at_times((0, NEW))}, {"x": lambda now: addresses})
    _, judgement = watched(simulation, [a_target("x", census=True, expects="1.5.0")])
    assert judgement.targets[0].diagnosis.startswith(f"serves 1.5.0 on {expected} after ")
    _, judgement = watched(
        Simulation({"x": at_times((0, UP))}, {"x": lambda now: addresses}), [a_target("x", census=True)]
    )
    assert judgement.targets[0].diagnosis.startswith(f"answers on {expected} after ")


def test_a_census_says_which_failure_most_of_its_replicas_have() -> None:
    addresses = ("a", "b", "c", "d")
    simulation = Simulation(
        {"x": lambda now, replica: {"a": DOWN, "b": BAD_GATEWAY, "c": DOWN}.get(replica, UP)},
        {"x": lambda now: addresses},
    )
    _, judgement = watched(simulation, [a_target("x", census=True)], MINUTE)
    assert judgement.targets[0].diagnosis.startswith("refuses connections on 2 of 4 replicas for 5")


def seen_of(*events: Event, since: float | None = None, **given: Any) -> Seen:
    """A watch of one target, as if it had ended after a minute with these events."""
    policy = Policy(deadline=60, bake_time=0 if since is None else 30)
    return Seen((a_target(**given),), policy, NOON, (events,), (), 60.0, since)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (seen_of(Resolved(1, ()), UP.probe(2, 2, "a"), census=True), "no probe of it came back in 60 s"),
        (
            seen_of(Resolved(1, ("a",)), UP.probe(2, 2, "a"), Resolved(59, ()), census=True),
            "its name leads to no address",
        ),
        (
            seen_of(
                Resolved(1, ("a",)), UP.probe(2, 2, "a"), UP.probe(4, 4, "a"), Resolved(59, ("a", "b")), census=True
            ),
            "a replica came too late to be proven before the deadline",
        ),
        (
            seen_of(
                *(Resolved(1, ("a",)), Resolved(30, ("b",)), Resolved(50, ("a",))),
                *(UP.probe(52, 52, "a"), UP.probe(54, 54, "a")),
                census=True,
            ),
            "its name leads to other addresses again and again: those of now are good, but only 1 of 10 resolutions in "
            "a row lost none",
        ),
        (seen_of(UP.probe(2, 2), UP.probe(4, 4), since=5.0), "only 0 probes in a bake of 30 s: too few"),
        (seen_of(UP.probe(2, 2), UP.probe(4, 4), UP.probe(7, 7), since=5.0), "only 1 probe in a bake of 30 s: too few"),
    ],
)
def test_what_was_missing_is_said(seen: Seen, expected: str) -> None:
    assert judge(seen).targets[0].diagnosis == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.04, "40 ms"), (0.9996, "1 s"), (3.24, "3.2 s"), (5.0, "5 s"), (9.96, "10 s"), (84.4, "84 s"), (720, "12 min")],
)
def test_durations_for_people(seconds: float, expected: str) -> None:
    assert told(seconds) == expected
