"""Expectations that would hold whatever the service answers are found, and no others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from time import process_time
from typing import Any

import pytest
from tests.actionkit.asserts.answers import NOW, an_answer
from tests.smoke_test.answering_site import Watched, plan, said, scenario, site, step

from actionkit.web.model import Answer
from smoke_test.evidence import NeverFails
from smoke_test.model import Place, Plan, Run, State, Step, StepResult
from smoke_test.mutate import Mutation, mutation
from smoke_test.schema_check import Schemas

ITEM = {"id": 7, "state": "ready", "tags": ["new", "book"], "parts": [{"id": "a"}, {"id": "b"}]}
STRICT = {"type": "object", "required": ["id"]}
SOFT = {"properties": {"parts": {"items": {"properties": {"id": {"type": "string"}}}}}}
ABOUT_NOTHING = {"properties": {"colour": {"type": "string"}}}


def schemas(**by_name: Any) -> Schemas:
    return Schemas(lambda path: json.dumps(by_name[path]).encode())


def ran(*steps: Step, answer: Answer | None = None, variables: Mapping[str, Any] | None = None) -> tuple[Plan, Run]:
    """A plan of one test, and a run of it in which each step passed with this answer."""
    real = answer or an_answer(ITEM)
    results = tuple(
        StepResult(
            test="shop",
            name=one.name,
            state=State.PASSED,
            place=one.place,
            answer=real,
            variables=variables or {},
        )
        for one in steps
    )
    return plan("http://shop.example.com", scenario("shop", *steps)), Run(steps=results, seconds=1.0)


def mutated(*steps: Step, given: Schemas | None = None, **more: Any) -> Mutation:
    return mutation(*ran(*steps, **more), given or schemas(), NOW)


def told(found: Mutation) -> list[str]:
    return [one.text for one in found.never_fail]


@pytest.mark.parametrize(
    "text",
    [
        "status >= 100",
        "status < 600",
        "status exists",
        "duration < 10000000",
        "duration >= 0",
        "body exists",
        "bytes isCollection",
        "redirects count >= 0",
        'sha256 not == hex,00;',
        'variable "sku" == "A-100"',
    ],
)  # fmt: skip
def test_an_assert_that_cannot_fail_is_told_with_its_step_and_line(text: str) -> None:
    found = mutated(step("/item", text, 'jsonpath "$.id" == 7'), variables={"sku": "A-100"})
    assert found.tried == 2
    (never,) = found.never_fail
    assert never == NeverFails("shop", "/item", text, never.tried, Place("smoke.yml", 7))
    assert never.tried > 30


def test_an_assert_that_cannot_fail_is_told_on_its_own_line_where_the_plan_knows_it() -> None:
    known = replace(step("/item", 'jsonpath "$.id" == 7', "body exists", "status exists"), assert_lines=(9, 10, None))
    assert [one.place.line for one in mutated(known).never_fail] == [10, 7]


@pytest.mark.parametrize(
    "text",
    [
        "status == 200",
        "status != 503",
        "duration < 900",
        'header "X-Powered-By" not exists',
        'cookie "session[Secure]" exists',
        'body not contains "zzz, which no answer would bring by chance"',
        "body not contains {{sku}}",
        'jsonpath "$.id" exists',
        'jsonpath "$.state" not == "failed"',
        'jsonpath "$.tags" count >= 1',
        'certificate "Expire-Date" daysAfterNow > 21',
        'certificate "Issuer" == "CN=Example CA"',
        "redirects count == 1",
    ],
)
def test_an_assert_that_can_fail_is_not_told(text: str) -> None:
    assert mutated(step("/item", text), variables={"sku": "A-100"}) == Mutation(1, ())


def test_a_regex_that_must_not_match_is_not_told_where_no_text_is_known_that_it_matches() -> None:
    assert told(mutated(step("/item", "body not matches /E[0-9]{4}: /", "body not matches /Traceback/"))) == []


def test_status_and_headers_are_expectations_too() -> None:
    steps = (
        step("/a", status="100-599", expects=(("Content-Type", "application/json"),)),
        step("/b", status="200"),
        step("/c", status="2xx 3xx 4xx 5xx"),
    )
    found = mutated(*steps)
    assert found.tried == 4
    assert [(one.step, one.text) for one in found.never_fail] == [
        ("/a", "status 100-599"),
        ("/c", "status 2xx 3xx 4xx 5xx"),
    ]


@pytest.mark.parametrize("schema", [{}, True, ABOUT_NOTHING, {"$comment": "whatever"}])
def test_a_schema_that_takes_any_json_is_told_although_it_fails_on_a_page(schema: Any) -> None:
    assert told(mutated(step("/item", schema="any"), given=schemas(any=schema))) == ["json_schema any"]


@pytest.mark.parametrize("schema", [STRICT, SOFT, {"type": "object"}, {"not": {"required": ["mutated"]}}])
def test_a_schema_that_refuses_some_json_is_not_told(schema: Any) -> None:
    assert mutated(step("/item", schema="some"), given=schemas(some=schema)) == Mutation(1, ())


def test_a_schema_is_judged_by_the_answers_of_all_steps_that_name_it() -> None:
    made, run = ran(step("/none", schema="soft"), step("/one", schema="soft"), step("/two", schema="any"))
    empty = replace(run.steps[0], answer=an_answer({"parts": []}))
    found = mutation(made, replace(run, steps=(empty, *run.steps[1:])), schemas(soft=SOFT, any={}), NOW)
    assert told(found) == ["json_schema any"]
    alone = mutation(*ran(step("/none", schema="soft"), answer=an_answer({"x": 1})), schemas(soft=SOFT), NOW)
    assert told(alone) == ["json_schema soft"]


def test_a_schema_that_could_not_be_tried_on_a_whole_answer_is_not_told() -> None:
    made, run = ran(step("/a", "status > 0", schema="any"), step("/b", schema="other"))
    given = schemas(any={}, other={})
    assert told(mutation(made, run, given, NOW, most_damaged=100)) == ["status > 0"]
    enough = mutation(made, run, given, NOW)
    assert told(enough) == ["json_schema any", "status > 0", "json_schema other"]


def test_only_steps_that_passed_are_tried() -> None:
    made, run = ran(*(step(f"/{number}", "status > 0", status="200") for number in range(4)))
    first, *others = run.steps
    states = (State.FAILED, State.ERROR, State.SKIPPED)
    other = tuple(replace(one, state=state) for one, state in zip(others, states, strict=True))
    found = mutation(made, replace(run, steps=(first, *other)), schemas(), NOW)
    assert (found.tried, [one.step for one in found.never_fail]) == (2, ["/0"])


def test_setup_and_finally_are_tried_under_their_names() -> None:
    login, logout, item = step("/login", "status > 0"), step("/logout", "status > 0"), step("/item", "status > 0")
    made = plan("http://shop.example.com", scenario("shop", item), setup=(login,), finally_=(logout,))
    results = tuple(
        StepResult(test=test, name=one.name, state=State.PASSED, place=one.place, answer=an_answer(ITEM))
        for test, one in (("setup", login), ("shop", item), ("finally", logout))
    )
    found = mutation(made, Run(steps=results, seconds=1.0), schemas(), NOW)
    assert [(one.test, one.step) for one in found.never_fail] == [
        ("setup", "/login"),
        ("shop", "/item"),
        ("finally", "/logout"),
    ]


def test_captures_and_what_was_captured_are_no_expectations_of_this_answer() -> None:
    steps = (
        step("/login", captures={"token": 'jsonpath "$.state"'}),
        step("/item", 'variable "token" == "ready"', 'variable "sku" exists'),
    )
    found = mutated(*steps, variables={"token": "ready", "sku": "A-100"})
    assert (found.tried, told(found)) == (1, ['variable "sku" exists'])


def test_asserts_see_what_they_saw_in_the_run_not_what_their_own_step_captured() -> None:
    numbers = count(1)
    with site({"/next": lambda _: said({"id": f"order-{next(numbers)}"})}) as served:
        taken = {"id": 'jsonpath "$.id"'}
        asserts = ('jsonpath "$.id" != "{{id}}"', 'body not contains "{{id}}"', 'header "{{id}}" not exists')
        steps = (step("/next", name="a", captures=taken), step("/next", *asserts, name="b", captures=taken))
        made = plan(served.url, scenario("orders", *steps))
        run = Watched().run(made)
    assert [result.variables for result in run.steps] == [{}, {"id": "order-1"}]
    assert mutation(made, run, schemas(), NOW) == Mutation(3, ())


def test_the_answer_of_the_last_attempt_is_the_one_that_is_damaged() -> None:
    states = iter(["pending", "pending", "ready"])
    with site({"/order": lambda _: said({"state": next(states)})}) as served:
        polled = step("/order", 'jsonpath "$.state" == "ready"', "status != 500", retry=5, retry_interval=0.01)
        made = plan(served.url, scenario("order", polled))
        run = Watched().run(made)
    assert (run.steps[0].attempts, run.steps[0].ok) == (3, True)
    assert mutation(made, run, schemas(), NOW) == Mutation(2, ())


def test_what_is_told_holds_no_secret_and_is_one_bounded_line() -> None:
    secret = "canary-password-0815"
    key = (("X-Token", "{{password}}"),)
    asserts = ("status < 1000", f'body not contains "{"y" * 5000}{{{{password}}}}"')
    with site({"/me": lambda _: said({"ok": True}, 200, ("X-Token", secret))}) as served:
        made = plan(served.url, scenario("me", step("/me", *asserts, expects=key, headers=key)))
        run = Watched().run(made, {"password": secret})
        found = mutation(made, run, schemas(), NOW)
    assert run.steps[0].ok
    assert run.steps[0].variables == {"password": secret}
    assert told(found) == ["status < 1000"]
    assert secret not in repr((found, run))
    wide = mutated(step("/item", f"status < 1000 # {'x' * 1000}", f"sha256 != hex,{'00' * 1000};"))
    assert [len(text) <= 200 for text in told(wide)] == [True, True]


def test_the_same_run_is_always_told_alike() -> None:
    steps = tuple(step(f"/{number}", "status > 0", "body exists", schema="any") for number in range(3))
    made, run = ran(*steps)
    first = mutation(made, run, schemas(any={}), NOW)
    assert first == mutation(made, run, schemas(any={}), NOW)
    assert len(first.never_fail) == 9


def test_two_hundred_steps_with_large_documents_take_seconds() -> None:
    """About 1 s for asserts of all kinds, 3 s where no schema ever fails."""
    large = {"items": [{"id": number, "name": f"thing {number}", "price": number * 1.25} for number in range(1000)]}
    asserts = ('jsonpath "$.items" count == 1000', "status > 0", 'body contains "thing"', "duration < 900")
    steps = tuple(step(f"/{number}", *asserts, status="200", schema="any") for number in range(200))
    answer = an_answer(large)
    assert len(answer.body) > 45_000
    made, run = ran(*steps, answer=answer)
    began = process_time()
    found = mutation(made, run, schemas(any={}), NOW, most_damaged=10_000_000)
    assert process_time() - began < 30
    assert found.tried == 1200
    assert len(found.never_fail) == 400
