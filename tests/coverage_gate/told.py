"""One outcome in which everything that coverage-gate can say is said, for the tests of what shows it."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.coverage_gate.made import a_baseline, a_diff, a_file, a_policy, a_report, a_suite, changed, evidence

from actionkit import envelope
from actionkit.errors import Unreadable
from actionkit.outcome import Link, Outcome, Run
from coverage_gate import delta, drift, gate, green_path, report
from coverage_gate.baseline import Index, IndexEntry
from coverage_gate.evidence import Evidence
from coverage_gate.evidence import Tests as Results
from coverage_gate.model import Counts, Function

HEAD, BASE = "a" * 40, "b" * 40
CART = a_file(
    "src/cart.py",
    [1, 2, 3, 10],
    [4, 5, 11],
    functions=(Function("total", 1, 9), Function("discounted", 10, 12)),
    contexts={2: ("tests/test_cart.py::test_total|run",), 3: ("tests/test_cart.py::test_total|run",)},
)
OLD_CART = a_file("src/cart.py", [1, 2, 3, 4], [5])
LOST = a_file("src/lost.py", [1], [2])
OLD_LOST = a_file("src/lost.py", [1, 2])
POLICY = a_policy("waivers:\n  - {paths: [src/gone.py], until: 2027-03-31, reason: later}\n", fail_under=90, max_drop=0)
INDEX = Index(
    tuple(
        IndexEntry(f"{number:x}" * 40, 1_790_000_000.0 - number, Counts(70 + number, 100), Counts(5, 10))
        for number in range(1, 4)
    )
)


def everything() -> Evidence:
    """Two suites, one with an unreadable report, changed lines, a baseline of another version, and tests."""
    unit = a_suite(a_report(CART, LOST, path="unit.json"), name="unit")
    slow = a_suite(
        a_report(CART, path="slow.json", doubts=("the header disagrees",)),
        name="slow",
        unreadable=[Unreadable("broken.json", "is truncated", 3)],
    )
    return evidence(
        unit,
        slow,
        diff=a_diff(changed("src/cart.py", [10, 11], hunks=((9, 0, 10, 2),)), changed("logo.png", known=False)),
        baseline=a_baseline(OLD_CART, OLD_LOST, version="7.4.0", distance=2),
        head_sha=HEAD,
        tests=Results(tests=12, passed=10, failed=1, skipped=1),
    )


def told() -> Outcome:
    """The outcome of `everything`, as it stands in outcome.json."""
    given = everything()
    assert given.baseline is not None
    assert given.diff is not None
    change = delta.attribute(given.baseline, given.overall.files, given.diff)
    judgement = gate.decide(given, POLICY, change)
    tool, version, form = report.main_tool(given)
    made = report.outcome(
        judgement,
        given,
        delta=change,
        drift=drift.detect(given.baseline, change, tool=tool, version=version, format=form),
        path_to_green=green_path.steps(judgement.findings, given),
        index=INDEX,
        action="coverage-gate",
    )
    run = Run("org/shop", HEAD, "refs/pull/7/merge", 42, 1, "https://github.com/org/shop/actions/runs/42", "ci", "test")
    made = replace(
        report.with_badge(made, "out/coverage.svg"),
        run=run,
        links=(Link("Pull request comment", "https://github.com/org/shop/pull/7#issuecomment-1"),),
    )
    return envelope.load(envelope.dump(made), "outcome.json")


def as_json(outcome: Outcome) -> object:
    return json.loads(envelope.dump(outcome))
