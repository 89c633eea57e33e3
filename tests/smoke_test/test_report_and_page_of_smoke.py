from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.smoke_test import smoke_made as made

from actionkit import envelope
from actionkit.action import Page
from actionkit.outcome import Fact, Outcome, Problem, Verdict
from smoke_test import figures, report
from smoke_test.evidence import Comparison, Difference, Evidence, NeverFails
from smoke_test.history import Change, Entry, Reference
from smoke_test.judgement import decide
from smoke_test.model import Place, Regression, State
from smoke_test.render import render
from smoke_test.report import Files

WHOLE = made.evidence(
    made.step(),
    made.step(State.FAILED, name="order | <b>"),
    made.step(State.SKIPPED, name="later"),
    plan=made.plan(regression=Regression(p95=Fraction(1, 4), error_rate=Fraction(1, 200))),
    loads=(
        made.load(made.threshold(512.34, ok=False), made.threshold(None), failures=(("connection refused", 3),)),
        made.load(made.threshold(80, enough=False, samples=3), source="k6"),
    ),
    comparison=Comparison((Difference("shop", "item", State.PASSED, State.FAILED),)),
    reference=Reference(4, 100.0, Fraction(1, 100)),
    changes=(Change("p95", "ms", 200.0, 100.0, 125.0, False),),
    never_fail=(NeverFails("shop", "item", "body exists", 40, Place("smoke.yml", 9)),),
    mutated=3,
)
ENTRY = Entry("a" * 40, 1.0, "smoke.yml", "fail", 1002, 5, 80.5)


def outcome(evidence: Evidence = WHOLE, **more: Any) -> Outcome:
    return report.outcome(decide(evidence), evidence, action="smoke-test", **more)


def test_the_data_keeps_the_contract() -> None:
    made_of = outcome(files=Files("out/junit.xml", "k6.js", (Problem("late"),)), record=ENTRY)
    data = json.loads(envelope.dump(made_of))["data"]
    step, load = data["steps"][1], data["load"]
    assert {key: step[key] for key in ("test", "name", "ok", "status", "duration_ms", "message")} == {
        "test": "shop",
        "name": "order | <b>",
        "ok": False,
        "status": 503,
        "duration_ms": 120.0,
        "message": "status is 503, expected 200",
    }
    assert {key: load[key] for key in ("requests", "failed", "dropped", "p50_ms", "p95_ms", "p99_ms", "rate")} == {
        "requests": 1000,
        "failed": 3,
        "dropped": 2,
        "p50_ms": 20.0,
        "p95_ms": 80.5,
        "p99_ms": 120.0,
        "rate": 50.0,
    }
    assert (load["service_p50_ms"], load["service_p95_ms"]) == (2.5, 8.25)
    first = load["thresholds"][0]
    assert (first["metric"], first["threshold"], first["value"], first["ok"]) == (
        "http_req_duration",
        "p(95)<500",
        512.34,
        False,
    )
    assert [one["source"] for one in data["loads"]] == ["", "k6"]
    assert data["comparison"]["steps"][0]["newly_broken"] is True
    assert data["regression"]["changes"][0]["limit"] == 125.0
    assert data["mutation"] == {
        "asserts": 3,
        "never_fail": [{"test": "shop", "name": "item", "assert": "body exists", "tried": 40}],
    }
    assert data["record"]["sha"] == ENTRY.sha
    assert made_of.problems[-1] == Problem("late")


def test_a_threshold_says_whether_it_held_only_where_that_can_be_said() -> None:
    facts = [fact for fact in outcome().facts if fact.name.startswith("http_req_duration")]
    assert [(fact.value, fact.ok) for fact in facts] == [("512.3", False), (None, None), ("80", None)]


def test_limits_on_two_loads_are_told_apart_and_each_has_its_table() -> None:
    facts = [fact.name for fact in outcome().facts if fact.name.startswith("http_req_duration")]
    assert facts == ["http_req_duration (load)"] * 2 + ["http_req_duration (k6)"]
    assert "\n\n### k6\n\n" in render(outcome(), Page.SUMMARY)
    alone = replace(WHOLE, loads=WHOLE.loads[1:])
    assert "http_req_duration" in [fact.name for fact in outcome(alone).facts]


def test_tags_of_a_threshold_are_spelt_as_in_the_plan() -> None:
    tagged = replace(made.threshold(80), threshold=replace(made.P95, tags=(("name", "item"),)))
    assert report.metric_of(tagged) == "http_req_duration{name:item}"


def test_what_was_not_asked_for_is_not_there() -> None:
    data = outcome(made.evidence(made.step())).data
    assert [data[key] for key in ("load", "comparison", "regression", "mutation", "record")] == [None] * 5


def test_the_outputs_are_read_from_the_data() -> None:
    found = outcome(files=Files("out/junit.xml"))
    assert [figures.count(name)(found) for name in ("total", "passed", "failed", "skipped")] == ["3", "1", "1", "1"]
    assert figures.requests(found) == "1002"
    assert [figures.measure(name)(found) for name in ("p50_ms", "p95_ms", "error_rate", "throughput")] == [
        "20",
        "80.5",
        "0.00499",
        "50",
    ]
    assert figures.path("junit_file")(found) == "out/junit.xml"


@pytest.mark.parametrize("value", [None, "1", True, -1, 1e400, [], 10**30, "a\nb"])
def test_an_output_of_an_outcome_that_lies_is_empty(value: Any) -> None:
    data = {"counts": {"total": value}, "measures": {"requests": value, "p95_ms": value}, "junit_file": value}
    lying = Outcome("smoke-test", Verdict.PASS, "", data=data)
    assert figures.count("total")(lying) == figures.requests(lying) == ""
    if not isinstance(value, int) or value < 0 or isinstance(value, bool):
        assert figures.measure("p95_ms")(lying) == ""
    if value != "1":
        assert figures.path("junit_file")(lying) == ""


def test_the_page_shows_what_failed_first_and_escapes_what_others_wrote() -> None:
    page = render(outcome(), Page.SUMMARY)
    assert page.startswith("## ❌ Smoke test: fail\n")
    assert page.index("### Problems") < page.index("### Load") < page.index("### Steps")
    assert "newly broken" in page
    assert "<b>" not in page
    assert "connection refused" in page
    assert "| 1000 | 3 | 2 | 50 | 20 | 80.5 | 120 |" in page


def test_the_comment_lists_only_the_steps_that_did_not_pass() -> None:
    comment = render(outcome(), Page.COMMENT)
    assert comment.count("https://shop.example.com/item") == 1
    assert "### Steps" not in render(outcome(made.evidence(made.step())), Page.COMMENT)


def test_long_lists_end_in_how_many_more_there_are() -> None:
    many = made.evidence(*(made.step(name=f"step {number}") for number in range(230)))
    assert "and 30 more" in render(outcome(many), Page.SUMMARY)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["steps", "source", "thresholds", "state", "status", "name", "failures", "count"]), inner
        )
    ),
)


@given(st.fixed_dictionaries(dict.fromkeys(("steps", "loads", "comparison", "counts"), anything)))
def test_any_outcome_that_was_relayed_can_be_shown(data: dict[str, Any]) -> None:
    relayed = Outcome("smoke-test", Verdict.FAIL, "it failed", facts=(Fact("x", None),), data=data)
    assert render(relayed, Page.SUMMARY).startswith("## ❌ Smoke test: fail\n")
    assert render(relayed, Page.COMMENT).startswith("## ❌ Smoke test: fail\n")
