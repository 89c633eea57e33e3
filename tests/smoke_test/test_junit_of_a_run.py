"""The JUnit file: one case for each request, as other readers and coverage-gate see it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, JUnitXml, Skipped
from junitparser import Failure as JUnitFailure

from coverage_gate.junit import read
from smoke_test.junit_out import junit
from smoke_test.model import Failure, Place, Run, State, StepResult

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = Place("plans/smoke.yml", 12)


def result(state: State = State.PASSED, *said: str, **more: Any) -> StepResult:
    values: dict[str, Any] = {"test": "shop", "name": "item", "started": 1.0, "finished": 1.25, "attempts": 1, **more}
    return StepResult(state=state, place=PLACE, failures=tuple(map(Failure, said)), **values)


def written(*steps: StepResult, clean: Any = str) -> JUnitXml:
    return JUnitXml.fromstring(junit(Run(steps=steps, seconds=2.5), STARTED, clean))


def test_each_step_is_a_case_of_its_tests_suite() -> None:
    url = "https://shop.example.com/item"
    xml = written(
        result(test="setup", name="login"),
        result(),
        result(
            State.FAILED, "status is 503, expected 200", "$.a: 1 is not", method="GET", url=url, attempts=3, started=3.5
        ),
        result(State.SKIPPED, "the step `item` failed before it", name="late", attempts=0, started=0.0, finished=0.0),
        result(State.ERROR, "the variable `x` is not set", test="finally", name="logout"),
    )
    assert [(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) for suite in xml] == [
        ("setup", 1, 0, 0, 0),
        ("shop", 3, 1, 0, 1),
        ("finally", 1, 0, 1, 0),
    ]
    shop = list(xml)[1]
    assert shop.timestamp == "2026-03-01T12:00:01+00:00"
    passed, failed, skipped = shop
    assert (passed.classname, passed.name, passed.time, passed.result) == ("shop", "item", 0.25, [])
    assert (passed._elem.get("file"), passed._elem.get("line")) == ("plans/smoke.yml", "12")
    (failure,) = failed.result
    assert isinstance(failure, JUnitFailure)
    assert (failure.message, failure.type) == ("status is 503, expected 200; $.a: 1 is not", "failed")
    assert failure.text == f"GET {url} (3 attempts)\nstatus is 503, expected 200\n$.a: 1 is not"
    (why,) = skipped.result
    assert isinstance(why, Skipped)
    assert why.message == "the step `item` failed before it"
    (broken,) = next(iter(list(xml)[2])).result
    assert isinstance(broken, Error)
    assert (xml.tests, xml.failures, xml.errors, xml.skipped, xml.time) == (5, 1, 1, 1, 2.5)


def test_steps_of_one_name_are_cases_of_their_own() -> None:
    steps = (result(), result(State.FAILED, "no"), result(name="item (2)"))
    assert [case.name for case in next(iter(written(*steps)))] == ["item", "item (2)", "item (2) (2)"]
    tests = read("junit.xml", junit(Run(steps=steps, seconds=1), STARTED, str))
    assert (tests.tests, tests.passed, tests.failed, tests.flaky) == (3, 2, 1, 0)


def test_a_quick_check_has_no_line_and_a_run_without_steps_is_still_a_file() -> None:
    case = next(iter(next(iter(written(replace(result(), place=Place("checks")))))))
    assert (case._elem.get("file"), case._elem.get("line")) == ("checks", None)
    bare = next(iter(next(iter(written(replace(result(), place=Place("")))))))
    assert bare._elem.get("file") is None
    assert written().tests == 0


def test_every_text_goes_through_the_redactor() -> None:
    secret = "s3cret-of-the-shop"
    step = result(State.FAILED, f"is {secret}", name=secret, test=secret, url=f"http://h/{secret}", method="GET")
    step = replace(step, place=Place(secret, 1))
    data = junit(Run(steps=(step,), seconds=1), STARTED, lambda text: text.replace(secret, "***"), secret)
    assert secret.encode() not in data
    assert data.count(b"***") == 8


@settings(max_examples=80)
@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(State))
def test_whatever_the_texts_the_file_is_read_by_everyone(name: str, said: str, state: State) -> None:
    data = junit(Run(steps=(result(state, said, name=name, test=name or "t", url=said),), seconds=1), STARTED, str)
    tests = read("junit.xml", data)
    assert (tests.tests, tests.passed, tests.failed, tests.errors, tests.skipped) == (
        1,
        *(int(state is one) for one in (State.PASSED, State.FAILED, State.ERROR, State.SKIPPED)),
    )
    case = next(iter(next(iter(JUnitXml.fromstring(data)))))
    assert case.name == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", name)
