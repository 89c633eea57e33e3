"""smoke-test beside Tavern: the same requests of the same service with the same asserts, whole processes, in turns."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import peers
from process import Command, together
from service import Service, serving
from tables import beside, goal, heading

OURS = "smoke-test"
OUTCOME = f".actions/{OURS}/outcome.json"
TESTS, REQUESTS = 20, 10
"""Tests, and requests of each."""


def smoke(folder: Path, runs: int) -> None:
    """200 requests over 20 tests, one after the other; status, content type and a value of the JSON are held."""
    heading(f"Smoke: {TESTS * REQUESTS} requests over {TESTS} tests, medians of {runs}")
    pytest = peers.tavern()
    here, there = folder / "ours", folder / "tavern"
    here.mkdir()
    there.mkdir()
    with serving() as service:
        (here / "plan.yml").write_text(_plan(service))
        (there / "test_smoke.tavern.yaml").write_text(_tavern(service))
        commands = {
            OURS: Command((str(Path(sys.executable).parent / OURS), "--plan", "plan.yml"), here),
            "Tavern": Command((pytest, "-q", "-p", "no:cacheprovider"), there),
        }
        costs = together(commands, runs)
        _check(here, service, 2 * runs)
    beside(costs, OURS)
    goal("times faster than Tavern, by the clock", costs["Tavern"].wall / costs[OURS].wall, 2)
    goal("the same in user time", costs["Tavern"].user / costs[OURS].user, 2)


def _plan(service: Service) -> str:
    """JSON is YAML."""
    step = {
        "request": {"url": "/bench/now"},
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "asserts": ['jsonpath "$.status" == "ok"'],
    }
    tests = [
        {"name": f"test {test}", "steps": [{"name": f"step {number}", **step} for number in range(REQUESTS)]}
        for test in range(TESTS)
    ]
    return json.dumps({"version": 1, "base_url": service.url, "tests": tests}, indent=1)


def _tavern(service: Service) -> str:
    request = {"url": f"{service.url}/bench/now", "method": "GET"}
    response = {"status_code": 200, "headers": {"content-type": "application/json"}, "json": {"status": "ok"}}
    documents = [
        {
            "test_name": f"test {test}",
            "stages": [
                {"name": f"step {number}", "request": request, "response": response} for number in range(REQUESTS)
            ],
        }
        for test in range(TESTS)
    ]
    return "---\n".join(json.dumps(document, indent=1) + "\n" for document in documents)


def _check(here: Path, service: Service, processes: int) -> None:
    """Every process must have sent every request. Raises RuntimeError if one did not."""
    counts = json.loads((here / OUTCOME).read_text())["data"]["counts"]
    arrived, sent = service.arrived(), TESTS * REQUESTS
    if counts["passed"] != sent or arrived != sent * processes:
        raise RuntimeError(f"{OURS} passed {counts['passed']} of {sent}; {arrived} of {sent * processes} arrived")
