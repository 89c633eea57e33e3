"""The load stage of smoke-test beside k6: the same service, one after the other in one run, whole processes."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import peers
from process import Command
from service import Service, serving
from tables import goal, heading, held, table

OURS, K6 = "smoke-test", "k6"
OUTCOME = f".actions/{OURS}/outcome.json"
WITHIN, WITHIN_MS, DROPPED = 0.10, 0.5, 2
"""Percentiles agree within this share or so many ms, dropped iterations within so many (one at either end)."""


@dataclass(frozen=True)
class Experiment:
    """`load` is the stage in our plan's words; `frozen` seconds long the service stands still in the middle."""

    title: str
    path: str
    load: Mapping[str, Any]
    frozen: float = 0.0

    @property
    def seconds(self) -> int:
        return int(self.load["duration"].removesuffix("s"))


OPEN = Experiment(
    "Open model: 500 arrivals a second for 20 s, answered at once",
    "/bench/now",
    {"executor": "constant-arrival-rate", "rate": 500, "vus": 50, "duration": "20s"},
)
CLOSED = Experiment(
    "Closed model: 100 users for 10 s, answered after 100 ms",
    "/bench/slow?ms=100",
    {"executor": "constant-vus", "vus": 100, "duration": "10s"},
)
FREEZE = Experiment(
    "A freeze of 3 s in 10 s of 50 arrivals a second, 20 users",
    "/bench/now",
    {"executor": "constant-arrival-rate", "rate": 50, "vus": 20, "duration": "10s"},
    frozen=3.0,
)


class Loaded(NamedTuple):
    """What one run tells. `p50` and `p95` are ms from the sending, `due50` and `due95` from when a request was due (for
    k6 the same: it knows no other); `cpu` is µs of the whole process for each request."""

    requests: float
    dropped: float
    p50: float
    p95: float
    due50: float
    due95: float
    cpu: float


def load(folder: Path, runs: int) -> None:
    """Both executors and the freeze."""
    k6 = peers.k6()
    with serving() as service:
        for number, experiment in enumerate((OPEN, CLOSED, FREEZE)):
            # How many are dropped is arithmetic: once is enough.
            rounds = 1 if experiment.frozen else runs
            heading(f"{experiment.title} (medians of {rounds})")
            here = folder / str(number)
            here.mkdir()
            tools: dict[str, Callable[[], Loaded]] = {
                OURS: lambda here=here, one=experiment: _ours(here, one, service),  # type: ignore[misc]
                K6: lambda here=here, one=experiment: _theirs(k6, here, one, service),  # type: ignore[misc]
            }
            told: dict[str, list[Loaded]] = {name: [] for name in tools}
            for _ in range(rounds):
                for name, run in tools.items():
                    told[name].append(run())
            _report({name: Loaded(*map(statistics.median, zip(*all_of, strict=True))) for name, all_of in told.items()})


def _report(told: Mapping[str, Loaded]) -> None:
    ours, theirs = told[OURS], told[K6]
    table(
        ("", "requests", "dropped", "p50 ms", "p95 ms", "p50 from due", "p95 from due", "CPU µs a request"),
        (
            (name, f"{one.requests:.0f}", f"{one.dropped:.0f}", *(f"{ms:.2f}" for ms in one[2:6]), f"{one.cpu:.0f}")
            for name, one in told.items()
        ),
    )
    goal("of k6's rate more or less, %", abs(ours.requests / theirs.requests - 1) * 100, 2, at_most=True)
    for name, mine, other in (("p50", ours.p50, theirs.p50), ("p95", ours.p95, theirs.p95)):
        near = abs(mine - other) <= max(WITHIN * other, WITHIN_MS)
        held(near, f"{name} from the sending: {mine:.2f} ms, k6 {other:.2f} ms ({WITHIN:.0%} or {WITHIN_MS} ms)")
    alike = abs(ours.dropped - theirs.dropped) <= DROPPED
    held(alike, f"iterations dropped: {ours.dropped:.0f}, k6 {theirs.dropped:.0f} (within {DROPPED})")
    print(f"- CPU for each request: {ours.cpu / theirs.cpu:.2f} times k6's")


def _ours(here: Path, experiment: Experiment, service: Service) -> Loaded:
    step = {"name": "load", "request": {"url": experiment.path}, "status": 200}
    plan = {
        "version": 1,
        "base_url": service.url,
        "tests": [{"name": "load", "steps": [step]}],
        "load": dict(experiment.load),
    }
    (here / "plan.yml").write_text(json.dumps(plan, indent=1))
    # The plan holds no thresholds, and a generator that is the bottleneck is only told of, so it exits with 0.
    words = (sys.executable, "-m", "smoke_test", "--plan", "plan.yml", "--mode", "report")
    cost, arrived = _run(Command(words, here), experiment, service)
    data = json.loads((here / OUTCOME).read_text())["data"]
    result = data["load"]
    requests = result["requests"]
    # The smoke run asks once before the load.
    if arrived != requests + data["counts"]["passed"] or result["failed"]:
        raise RuntimeError(f"{OURS} tells of {requests} requests, {result['failed']} failed; {arrived} arrived")
    sent = result["service_p50_ms"], result["service_p95_ms"]
    return Loaded(requests, result["dropped"], *sent, result["p50_ms"], result["p95_ms"], cost / requests * 1e6)


def _theirs(k6: str, here: Path, experiment: Experiment, service: Service) -> Loaded:
    (here / "script.js").write_text(_script(experiment, service))
    words = (
        k6,
        "run",
        "--quiet",
        "--no-usage-report",
        "--summary-export",
        "summary.json",
        "--address",
        "",
        "script.js",
    )
    cost, arrived = _run(Command(words, here, {"HOME": str(here)}), experiment, service)
    metrics = json.loads((here / "summary.json").read_text())["metrics"]
    requests = metrics["http_reqs"]["count"]
    if arrived != requests or metrics["checks"]["fails"]:
        raise RuntimeError(f"k6 tells of {requests} requests, {metrics['checks']['fails']} failed; {arrived} arrived")
    dropped = metrics.get("dropped_iterations", {"count": 0})["count"]
    p50, p95 = metrics["http_req_duration"]["med"], metrics["http_req_duration"]["p(95)"]
    return Loaded(requests, dropped, p50, p95, p50, p95, cost / requests * 1e6)


def _script(experiment: Experiment, service: Service) -> str:
    given = dict(experiment.load)
    scenario: dict[str, Any] = {"executor": given["executor"], "duration": given["duration"]}
    if given["executor"] == "constant-vus":
        scenario["vus"] = given["vus"]
    else:
        scenario |= {"rate": given["rate"], "timeUnit": "1s", "preAllocatedVUs": given["vus"], "maxVUs": given["vus"]}
    options = {"scenarios": {"load": scenario}, "summaryTrendStats": ["med", "p(95)"]}
    return f"""import http from "k6/http";
import {{ check }} from "k6";
export const options = {json.dumps(options)};
export default function () {{
  check(http.get({json.dumps(service.url + experiment.path)}), {{ "status 200": (answer) => answer.status === 200 }});
}}
"""


def _run(command: Command, experiment: Experiment, service: Service) -> tuple[float, int]:
    """Seconds of CPU time, and how many requests arrived."""
    before = service.arrived()
    if experiment.frozen:
        service.freeze(experiment.frozen, after=(experiment.seconds - experiment.frozen) / 2 + 0.5)
    cost = command.cost()
    return cost.cpu, service.arrived() - before
