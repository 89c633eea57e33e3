"""What is said while waiting, and the chart and the data afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from tests.health_wait.worlds import BAD_GATEWAY, DOWN, NEW, NOON, OLD, UP, Simulation, a_target, at_times, one, watched

from actionkit.errors import Interrupted
from health_wait import findings, timeline
from health_wait.model import Policy
from health_wait.seen import Record
from health_wait.verdict import judge
from health_wait.watch import watch


def said(simulation: Simulation, *names: str, policy: Policy | None = None, **given: object) -> list[str]:
    watched(simulation, [a_target(name, **given) for name in names], policy or Policy())
    return [line for _, line in simulation.lines]


def test_a_change_of_state_is_said_at_once() -> None:
    simulation = Simulation({"x": at_times((0, DOWN), (5, BAD_GATEWAY), (9, UP))})
    lines = said(simulation, "x")
    assert len(lines) == 4
    assert lines[0] == "x: waiting 10 ms: refuses connections (1 probe)"
    assert lines[1].startswith("x: waiting ")
    assert "TCP accepts, but the proxy answers 502 (4 probes)" in lines[1]
    assert lines[3].startswith("x: healthy after ")


def test_without_a_change_there_is_a_line_every_ten_seconds() -> None:
    simulation = Simulation({"x": at_times((0, DOWN))})
    said(simulation, "x", policy=Policy(deadline=61))
    times = [at for at, _ in simulation.lines]
    assert [round(at) for at in times] == [0, 10, 20, 30, 40, 50]


def test_a_target_that_goes_to_and_fro_is_not_told_each_time() -> None:
    turn = iter([DOWN, UP] * 1000)
    simulation = Simulation({"x": lambda *_: next(turn)})
    lines = said(simulation, "x", policy=Policy(deadline=300))
    assert 20 < len(lines) < 40


def test_a_target_that_states_another_version_each_time_is_not_told_each_time() -> None:
    simulation = Simulation({"x": lambda now, _: NEW if now > 290 else replace(OLD, version=f"1.4+{now:.1f}")})
    lines = said(simulation, "x", policy=Policy(deadline=400), expects=NEW.version or "")
    assert 30 < len(lines) < 50
    assert lines[-1].startswith("x: healthy after ")


def test_many_targets_are_told_in_one_line() -> None:
    worlds = {f"t{number}": at_times((0, DOWN if number else UP)) for number in range(6)}
    simulation = Simulation(worlds)
    lines = said(simulation, *worlds, policy=Policy(deadline=20))
    assert lines[-1].startswith("1 of 6 targets healthy after 12 s")
    assert lines[-1].endswith("t3: refuses connections; and 2 more")


def test_many_changes_at_about_the_same_time_are_one_line() -> None:
    worlds = {f"t{number}": at_times((0, DOWN), (5 + number / 50, UP)) for number in range(50)}
    simulation = Simulation(worlds)
    lines = said(simulation, *worlds)
    assert 2 <= len(lines) <= 8
    assert lines[0].startswith("0 of 50 targets healthy after 1 s; waiting for t0: refuses connections; ")
    assert lines[0].endswith("; and 47 more")
    assert all(later - at >= 1 for (at, _), (later, _) in pairwise(simulation.lines))


def test_few_of_many_targets_that_change_are_named() -> None:
    worlds = {f"t{number}": at_times((0, UP)) for number in range(20)} | {"slow": at_times((0, DOWN), (30, UP))}
    simulation = Simulation(worlds)
    lines = said(simulation, *worlds, policy=Policy(bake_time=20, failure_limit=None))
    assert any(line.startswith("slow: waiting 31 s: answers (") for line in lines)
    assert any(line.startswith("slow: healthy after 33 s") for line in lines)


def test_many_targets_that_fail_while_baking_are_told_together() -> None:
    worlds = {f"t{number}": at_times((0, UP), (10, DOWN)) for number in range(20)}
    simulation = Simulation(worlds)
    lines = said(simulation, *worlds, policy=Policy(bake_time=20, failure_limit=None))
    assert any(" of 20 targets healthy after " in line and "; no longer t" in line for line in lines)


def test_a_target_that_fails_while_baking_is_not_waited_for() -> None:
    simulation = Simulation({"x": at_times((0, UP), (10, DOWN), (15, UP))})
    _, first, *rest = said(simulation, "x", policy=Policy(bake_time=30, failure_limit=None))
    assert first.startswith("x: healthy after ")
    assert rest[0].startswith("x: not healthy after 1")
    assert "refuses connections (" in rest[0]
    assert not any("waiting" in line for line in rest)


def test_a_target_that_is_not_probed_yet_says_so() -> None:
    simulation = Simulation({"x": at_times((0, UP))})
    assert said(simulation, "x", initial_delay=15.0)[0] == "x: waiting 10 s: not probed yet (0 probes)"


def test_the_bake_is_told_too() -> None:
    lines = said(Simulation({"x": at_times((0, UP))}), "x", policy=Policy(bake_time=30))
    assert lines[-1].startswith("baking for 30 s: 0 of 15 probes failed")


def test_the_version_seen_is_told() -> None:
    simulation = Simulation({"x": at_times((0, OLD), (9, NEW))})
    lines = said(simulation, "x", expects="1.5.0")
    assert "still serves 1.4.1, not 1.5.0" in lines[0]
    assert lines[1].endswith("answers 1.5.0 (6 probes)")
    assert lines[2].startswith("x: healthy after")


# -- the chart ---------------------------------------------------------------------------------------------------------


def test_a_rollout_is_a_row_of_cells() -> None:
    record, judgement = one(at_times((0, OLD), (20, DOWN), (30, NEW)), a_target("shop", expects="1.5.0"))
    row, axis, legend = timeline.chart(record.seen(), judgement).splitlines()
    cells = row.removeprefix("shop ")
    assert cells.strip("o").strip("#").strip("x") == ""
    assert [cells.index(sign) for sign in "ox#"] == sorted(cells.index(sign) for sign in "ox#")
    assert axis.strip().startswith("0 s")
    assert legend == "# good, o serves another version, x failed"


def test_a_chart_is_short_whatever_the_name() -> None:
    name = "```\n<b>" + "x" * 100
    record, judgement = one(at_times((0, UP)), a_target(name), Policy(bake_time=600))
    first = timeline.chart(record.seen(), judgement).splitlines()[0]
    assert first.count("#") == timeline.MOST_CELLS
    assert len(first) <= timeline.LONGEST_NAME + timeline.MOST_CELLS + 1


def test_the_axis_says_where_the_bake_began() -> None:
    record, judgement = one(at_times((0, DOWN), (60, UP)), policy=Policy(bake_time=120))
    assert "^bake" in timeline.chart(record.seen(), judgement).splitlines()[1]


def test_what_a_frozen_runner_missed_is_no_failure() -> None:
    lost = replace(DOWN, took=5.0)
    record, judgement = one(at_times((0, UP), (19, lost), (50, UP)), policy=Policy(bake_time=90), frozen=[(20, 50)])
    row = timeline.chart(record.seen(), judgement).splitlines()[0]
    assert "?" in row
    assert "." in row
    assert "x" not in row.split()[1]


def test_replicas_have_their_own_rows() -> None:
    simulation = Simulation({"x": at_times((0, NEW))}, {"x": lambda now: ("10.0.0.2", "10.0.0.1")})
    record, judgement = watched(simulation, [a_target("x", census=True, expects="1.5.0")])
    assert [row.name for row in timeline.rows(record.seen(), judgement)] == ["x", "  10.0.0.1", "  10.0.0.2"]


def test_many_replicas_have_one_row_together() -> None:
    addresses = tuple(f"10.0.0.{number}" for number in range(timeline.MOST_REPLICAS + 1))
    simulation = Simulation({"x": at_times((0, UP))}, {"x": lambda now: addresses})
    record, judgement = watched(simulation, [a_target("x", census=True)])
    assert [row.name for row in timeline.rows(record.seen(), judgement)] == ["x"]


def test_the_row_of_a_census_is_as_bad_as_its_worst_replica() -> None:
    worlds = {"x": lambda now, replica: NEW if replica == "a" or now >= 20 else OLD}
    simulation = Simulation(worlds, {"x": lambda now: ("a", "b")})
    record, judgement = watched(simulation, [a_target("x", census=True, expects="1.5.0")])
    whole, good, late = (row.cells for row in timeline.rows(record.seen(), judgement))
    assert whole == late
    assert {sign.letter for sign in good} == {"#"}


def test_too_many_rows_are_counted_and_none_draw_nothing() -> None:
    worlds = {f"t{number}": at_times((0, UP)) for number in range(timeline.MOST_ROWS + 3)}
    record, judgement = watched(Simulation(worlds), [a_target(name) for name in worlds])
    assert "and 3 more rows" in timeline.chart(record.seen(), judgement)
    record, judgement = watched(Simulation({}), [])
    assert timeline.chart(record.seen(), judgement) == ""


def test_a_watch_interrupted_at_once_has_an_empty_row() -> None:
    simulation = Simulation({"x": at_times((0, UP))}, interrupt_at=0)
    record = Record([a_target("x")], Policy(), NOON)
    with pytest.raises(Interrupted):
        watch(record, simulation, simulation.control, simulation, lambda _: None)
    assert timeline.chart(record.seen(), judge(record.seen())).startswith("x .")


# -- the data ----------------------------------------------------------------------------------------------------------


def test_the_data_say_everything_in_json() -> None:
    record, judgement = one(at_times((0, OLD), (10, DOWN), (13, NEW)), a_target("shop", expects="1.5.0"))
    data = json.loads(json.dumps(findings.data(record.seen(), judgement)))
    (target,) = data["targets"]
    assert (target["target"], target["result"], target["version"]) == ("shop", "healthy", "1.5.0")
    assert target["probes"] == data["probes"]
    assert target["downtime_seconds"] == data["downtime_seconds"] == pytest.approx(3, abs=2.1)
    assert target["availability"] == data["availability"] == pytest.approx(1 - 3 / record.ended, abs=0.15)
    (gap,) = target["gaps"]
    assert gap["end_seconds"] - gap["start_seconds"] == pytest.approx(target["downtime_seconds"], abs=0.002)
    assert gap["reason"] == "refuses connections"
    assert target["first_served_seconds"] == 0
    assert target["first_healthy_seconds"] == pytest.approx(record.ended, abs=0.001)
    assert data["runner"]["late"] == 0
    assert "replicas" not in target


def test_the_data_of_a_census_have_its_replicas() -> None:
    world = {"x": lambda now, replica: OLD if replica == "b" else NEW}
    simulation = Simulation(world, {"x": lambda now: ("a", "b")})
    record, judgement = watched(simulation, [a_target("x", census=True, expects="1.5.0")], Policy(deadline=20))
    (target,) = findings.data(record.seen(), judgement)["targets"]
    assert target["replicas"] == [
        {"address": "a", "ok": True, "version": "1.5.0", "downtime_seconds": 0.0},
        {"address": "b", "ok": False, "version": "1.4.1", "downtime_seconds": 0.0},
    ]


def test_a_target_that_never_served_has_no_availability() -> None:
    record, judgement = one(at_times((0, DOWN)), policy=Policy(deadline=10))
    assert findings.data(record.seen(), judgement)["availability"] is None
    worlds = {"a": at_times((0, DOWN)), "b": at_times((0, UP))}
    record, judgement = watched(Simulation(worlds), [a_target("a"), a_target("b")], Policy(deadline=10))
    assert findings.data(record.seen(), judgement)["availability"] == 0.0
