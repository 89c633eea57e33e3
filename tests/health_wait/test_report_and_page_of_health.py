"""What a watch ends in, as an outcome, as outputs and as a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.health_wait.worlds import BAD_GATEWAY, DOWN, NEW, OLD, UP, Simulation, a_target, at_times, one, watched

from actionkit import envelope
from actionkit.action import Page
from actionkit.outcome import Fact, Outcome, Severity, Verdict
from actionkit.web.model import Cause, Phase
from health_wait import figures, report
from health_wait.action import ACTION
from health_wait.model import Policy, Result
from health_wait.render import render

SHOP, API = "https://shop.test/", "https://api.test/"
HALF_A_MINUTE = Policy(deadline=30)
FORBIDDEN = replace(DOWN, cause=Cause.FORBIDDEN_ADDRESS, phase=Phase.DNS, reason="is a metadata service", hard=True)


def told(world: Any, target: Any = None, policy: Policy = HALF_A_MINUTE, **more: Any) -> Outcome:
    """The outcome of a watch of one target."""
    record, judgement = one(world, target, policy, **more)
    return report.outcome(record.seen(), judgement, "health-wait")


def rollout() -> Outcome:
    """Two replicas that are replaced one after the other, and a second target that is down for a while."""
    worlds = {
        SHOP: lambda now, replica: NEW if now >= (10 if replica.endswith("1") else 20) else OLD,
        API: at_times((0, UP), (6, replace(BAD_GATEWAY, reason="answers <b>502</b> @everyone")), (14, UP)),
    }
    targets = [a_target(SHOP, expects="1.5.0", census=True), a_target(API, insecure=True)]
    simulation = Simulation(worlds, names={SHOP: lambda _: ("10.0.0.1", "10.0.0.2")})
    record, judgement = watched(simulation, targets, Policy(deadline=60, bake_time=10))
    return report.outcome(record.seen(), judgement, "health-wait")


ROLLOUT = rollout()
LATE = told(at_times((0, BAD_GATEWAY)))


# The outcome


def test_the_data_keeps_the_contract_and_its_schema() -> None:
    data = json.loads(envelope.dump(ROLLOUT))["data"]
    shop, api = data["targets"]
    assert {"target", "result", "diagnosis", "version", "probes", "first_healthy_seconds", "downtime_seconds"} <= {
        *shop
    }
    assert (shop["target"], shop["result"], shop["version"]) == (SHOP, "healthy", "1.5.0")
    assert [replica["version"] for replica in shop["replicas"]] == ["1.5.0", "1.5.0"]
    assert 20 <= shop["first_healthy_seconds"] <= 26
    assert api["downtime_seconds"] == pytest.approx(8, abs=2.3)
    assert data["downtime_seconds"] == api["downtime_seconds"]
    assert data["availability"] == api["availability"] < 1
    assert data["failed_targets"] == []
    assert data["timeline"].splitlines()[0].startswith(f"{SHOP} ")
    assert "chart" not in data
    loaded = envelope.load(envelope.dump(ROLLOUT), "outcome.json")
    assert loaded.data == data


@pytest.mark.parametrize(
    ("made", "headline"),
    [
        (told(at_times((0, UP))), f"{SHOP}: healthy after "),
        (LATE, f"{SHOP}: timeout after 2"),
        (told(at_times((0, OLD)), a_target(expects="1.5.0")), f"{SHOP}: wrong-version: answers 200 but still serves "),
        (told(at_times((0, FORBIDDEN))), f"{SHOP}: misconfigured: leads to an address that is not probed"),
        (ROLLOUT, "2 targets healthy after "),
    ],
)
def test_the_headline_says_how_it_ended_and_why(made: Outcome, headline: str) -> None:
    assert made.headline.startswith(headline)
    assert made.headline.count(" after ") == 1 - headline.count("misconfigured")


def test_the_time_of_a_bake_is_not_told_as_that_until_the_targets_were_healthy() -> None:
    assert re.fullmatch(r"2 targets healthy after 2[0-9]\.\d s, and stayed so for 10 s", ROLLOUT.headline)


def test_of_several_targets_the_first_that_explains_the_result_is_told() -> None:
    worlds = {SHOP: at_times((0, BAD_GATEWAY)), API: at_times((0, OLD)), "up": at_times((0, UP))}
    targets = [a_target(SHOP), a_target(API, expects="1.5.0"), a_target("up")]
    record, judgement = watched(Simulation(worlds), targets, Policy(deadline=30))
    made = report.outcome(record.seen(), judgement, "health-wait")
    assert made.headline.startswith("1 of 3 targets healthy after ")
    assert " s: https://api.test/: answers 200 but still serves 1.4.1, not 1.5.0" in made.headline
    assert made.data["failed_targets"] == [API, SHOP]
    assert [problem.title for problem in made.problems] == [f"{API} is not healthy", ""]


def test_every_result_that_is_not_healthy_has_its_fix() -> None:
    assert set(report.FIXES) == set(Result) - {Result.HEALTHY}
    (problem,) = LATE.problems
    assert (problem.severity, problem.fix) == (Severity.ERROR, report.FIXES[Result.TIMEOUT])


def test_a_target_whose_certificate_was_not_verified_is_a_warning() -> None:
    (problem,) = ROLLOUT.problems
    assert problem.severity is Severity.WARNING
    assert problem.message.startswith(f"{API}: the certificate was not verified")
    assert not told(lambda *_: UP, a_target("tcp://api.test:80", insecure=True)).problems


def test_facts_are_figures_beside_their_limits() -> None:
    facts = {fact.name: fact for fact in ROLLOUT.facts}
    assert facts["Result"] == Fact("Result", "healthy", ok=True)
    assert facts["Targets healthy"] == Fact("Targets healthy", "2 of 2", ok=True)
    assert facts["Time to healthy"].limit == 60
    assert facts["Failed probes while baking"] == Fact("Failed probes while baking", 0, limit=0, ok=True)
    assert facts["Probes"].value == ROLLOUT.data["probes"]


def test_a_limit_that_is_none_judges_nothing() -> None:
    policy = Policy(deadline=30, bake_time=10, failure_limit=None, consecutive_failure_limit=1)
    facts = {fact.name: fact for fact in told(at_times((0, UP)), policy=policy).facts}
    assert facts["Failed probes while baking"] == Fact("Failed probes while baking", 0)


def test_what_never_served_has_no_availability_and_no_downtime() -> None:
    facts = {fact.name: fact.value for fact in LATE.facts}
    assert [facts[name] for name in ("Time to healthy", "Availability", "Downtime")] == [None, None, None]


# The outputs


def test_the_outputs_are_read_from_the_data() -> None:
    found = {name: output.value(ROLLOUT) for name, output in ACTION.outputs.items()}
    assert (found["result"], found["failed-targets"], found["comment-url"]) == ("healthy", "", "")
    assert float(found["availability"]) == pytest.approx(100 * ROLLOUT.data["availability"], abs=0.0001)
    assert float(found["downtime-seconds"]) == ROLLOUT.data["downtime_seconds"]
    assert int(found["probes"]) == ROLLOUT.data["probes"]
    assert found["diagnosis"].startswith(f"{SHOP}: ")
    late = {name: output.value(LATE) for name, output in ACTION.outputs.items()}
    assert (late["result"], late["availability"], late["downtime-seconds"]) == ("timeout", "", "0")
    assert late["failed-targets"] == SHOP
    assert late["elapsed-seconds"] == str(LATE.data["elapsed_seconds"])


@pytest.mark.parametrize("value", [None, "1", True, -1, 1e400, [], 10**30, "a\nb"])
def test_an_output_of_an_outcome_that_lies_is_empty(value: Any) -> None:
    names = ("elapsed_seconds", "probes", "availability", "downtime_seconds", "failed_targets")
    lying = Outcome("health-wait", Verdict.PASS, "", data=dict.fromkeys(names, value))
    assert figures.number("probes")(lying) == figures.availability(lying) == figures.failed_targets(lying) == ""


def test_an_availability_above_all_is_none() -> None:
    assert figures.availability(Outcome("health-wait", Verdict.PASS, "", data={"availability": 1.5})) == ""


@pytest.mark.parametrize(
    ("verdict", "result"),
    [(Verdict.ERROR, "misconfigured"), (Verdict.INCOMPLETE, "inconclusive"), (Verdict.PASS, "inconclusive")],
)
def test_where_nothing_was_watched_the_verdict_tells_the_result(verdict: Verdict, result: str) -> None:
    assert figures.result(Outcome("health-wait", verdict, "", data={"result": "green"})) == result
    assert figures.diagnosis(Outcome("health-wait", verdict, "", data={"diagnosis": 1})) == ""


# The page


def test_the_page_shows_the_targets_the_timeline_and_the_downtime() -> None:
    page = render(ROLLOUT, Page.SUMMARY)
    assert page.startswith("## ✅ Health wait: pass\n")
    titles = ("| Target |", "### Timeline", "| Measure |", "### Warnings", "### Replicas", "### Downtime")
    places = [page.index(title) for title in titles]
    assert places == sorted(places)
    chart = page.split("### Timeline")[1].split("```")[1]
    assert "o serves another version" in chart
    assert "^bake" in chart
    assert page.count("0.0.2") == 2  # a row of the chart, and one of the table


def test_what_others_wrote_is_escaped() -> None:
    page = render(ROLLOUT, Page.SUMMARY)
    assert "<b>" not in page
    assert "@everyone" not in page.replace("\u200b", "@") or "@\u200beveryone" in page


def test_a_runner_that_stood_still_is_told() -> None:
    frozen = told(at_times((0, UP), (9, DOWN)), policy=Policy(deadline=20, bake_time=10), frozen=[(8, 30)])
    assert frozen.verdict is Verdict.INCOMPLETE
    assert "The runner itself stood still or was late (" in render(frozen, Page.SUMMARY)


def test_long_lists_end_in_how_many_more_there_are() -> None:
    row = {"target": "x", "gaps": [{"start_seconds": 1.0, "end_seconds": None, "reason": "down"}]}
    many = Outcome("health-wait", Verdict.FAIL, "late", data={"targets": [row] * 230})
    page = render(many, Page.SUMMARY)
    assert page.count("and 30 more") == 2
    assert "| x | 1 | not yet | down |" in page


def test_a_chart_that_is_none_or_endless_is_left_out() -> None:
    for chart in (None, 7, " ", "x" * 50_000):
        assert "Timeline" not in render(replace(LATE, data={"timeline": chart}), Page.COMMENT)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["target", "gaps", "replicas", "ok", "untrusted", "start_seconds"]), inner)
    ),
)


@given(st.fixed_dictionaries(dict.fromkeys(("targets", "runner", "timeline", "result"), anything)))
def test_any_outcome_that_was_relayed_can_be_shown(data: dict[str, Any]) -> None:
    relayed = Outcome("health-wait", Verdict.FAIL, "it failed", facts=(Fact("x", None),), data=data)
    for page in Page:
        assert render(relayed, page).startswith("## ❌ Health wait: fail\n")
    for output in ACTION.outputs.values():
        assert "\n" not in output.value(relayed) or output is ACTION.outputs["failed-targets"]


@pytest.mark.parametrize(
    ("targets", "version"),
    [
        ([{"version": "1.5.0"}, {"version": None}, {}], "1.5.0"),
        ([{"version": "1.5.0"}, {"version": "1.4.1"}], ""),
        ([{"version": "1.5.0", "replicas": [{"version": "1.5.0"}, {"version": "1.4.1"}]}], ""),
        ([{"version": "1.5.0", "replicas": [{"version": "1.5.0"}, {}]}], "1.5.0"),
        ([{"version": ["1"]}, "x"], ""),
        ("x", ""),
    ],
)
def test_the_version_is_the_one_that_all_agree_on(targets: Any, version: str) -> None:
    assert figures.version(Outcome("health-wait", Verdict.PASS, "", data={"targets": targets})) == version


def test_a_target_that_was_not_decided_because_another_failed_is_no_reason_to_run_again() -> None:
    worlds = {SHOP: at_times((0, DOWN)), API: at_times((0, BAD_GATEWAY))}
    targets = [a_target(SHOP, failure_threshold=2), a_target(API, period=20.0)]
    record, judgement = watched(Simulation(worlds), targets, Policy(deadline=100))
    made = report.outcome(record.seen(), judgement, "health-wait")
    assert made.verdict is Verdict.FAIL
    assert [(problem.fix, problem.severity) for problem in made.problems] == [
        (report.FIXES[Result.TIMEOUT], Severity.ERROR),
        (report.UNDECIDED, Severity.WARNING),
    ]


def test_a_target_whose_bake_was_cut_short_by_another_is_none_that_failed() -> None:
    worlds = {SHOP: at_times((0, UP)), API: at_times((0, UP), (10, BAD_GATEWAY))}
    simulation = Simulation(worlds)
    record, judgement = watched(simulation, [a_target(SHOP), a_target(API)], Policy(deadline=30, bake_time=60))
    made = report.outcome(record.seen(), judgement, "health-wait")
    assert made.data["result"] == "regressed"
    assert made.data["failed_targets"] == [API]
    assert made.headline.startswith("1 of 2 targets healthy after ")
    assert [(problem.severity, problem.fix) for problem in made.problems] == [
        (Severity.ERROR, report.FIXES[Result.REGRESSED]),
        (Severity.WARNING, report.UNDECIDED),
    ]


def test_many_targets_whose_bake_was_cut_short_are_one_warning() -> None:
    worlds = {f"t{number}": at_times((0, UP)) for number in range(6)} | {API: at_times((0, UP), (10, BAD_GATEWAY))}
    targets = [a_target(name) for name in worlds]
    record, judgement = watched(Simulation(worlds), targets, Policy(deadline=30, bake_time=60))
    failed, cut_short = report.outcome(record.seen(), judgement, "health-wait").problems
    assert (failed.severity, failed.fix) == (Severity.ERROR, report.FIXES[Result.REGRESSED])
    assert (cut_short.severity, cut_short.fix) == (Severity.WARNING, report.UNDECIDED_BAKES)
    assert cut_short.message == (
        "6 targets were healthy, but the watch was stopped before the end of their bake: t0, t1, t2 and 3 more"
    )


def test_a_bake_that_never_began_had_no_failed_probe_and_held_no_limit() -> None:
    never = told(at_times((0, BAD_GATEWAY)), policy=Policy(deadline=30, bake_time=60, failure_limit=2))
    assert Fact("Failed probes while baking", None, limit=2) in never.facts


def test_a_target_that_states_no_version_is_not_told_to_finish_its_rollout() -> None:
    stateless = replace(OLD, version=None, reason="answers 200 OK, but states no version: `$.version` finds nothing")
    (problem,) = told(at_times((0, stateless)), a_target(expects="1.5.0")).problems
    assert problem.fix == report.UNSTATED


def test_a_redirect_is_healthy_where_it_is_expected_and_proves_little() -> None:
    made = told(at_times((0, replace(UP, status=302))))
    assert made.verdict is Verdict.PASS
    (problem,) = made.problems
    assert (problem.message, problem.severity) == (
        f"{SHOP}: the answer is a redirect (302): nobody looked at what is behind it",
        Severity.WARNING,
    )
