"""httpbin/plan.yml against httpbin: it passes, and each of its expectations for the right reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.smoke_test.httpbin_served import PASSWORD, Ran, needs_httpbin, served

from actionkit.asserts import Assert, parse_assert
from actionkit.web.statuses import statuses
from smoke_test.model import State, Step, StepResult
from smoke_test.mutate import mutation
from smoke_test.schema_check import Schemas

pytestmark = needs_httpbin


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    with served(tmp_path_factory.mktemp("httpbin")) as host:
        yield Ran.of("plan.yml", host)


def test_every_step_passes(passing: Ran) -> None:
    assert [(one.test, one.name, one.message) for one in passing.run.steps if not one.ok] == []
    assert len(passing.run.steps) > 90
    assert passing.run.requests >= len(passing.run.steps)
    assert sum(one.checked for one in passing.run.steps) > 300
    assert passing.loaded.plan.notes == ()


def test_it_asks_for_all_that_a_smoke_test_needs(passing: Ran) -> None:
    steps = [step for step, _ in passing.steps()]
    asked = {step.send.url.split("/")[1].partition("?")[0] for step in steps if step.send.url.startswith("/")}
    assert asked >= {
        "status", "basic-auth", "hidden-basic-auth", "digest-auth", "bearer", "cookies", "redirect", "redirect-to",
        "absolute-redirect", "relative-redirect", "gzip", "deflate", "delay", "drip", "stream", "stream-bytes", "bytes",
        "range", "etag", "cache", "response-headers", "post", "put", "patch", "delete", "anything", "headers", "json",
        "user-agent", "html", "xml", "robots.txt", "image", "links", "base64", "encoding", "uuid", "ip", "forms",
    }  # fmt: skip
    answered = {result.status for result in passing.run.steps}
    assert answered == {
        200, 201, 204, 206, 207, 301, 302, 303, 304, 305, 307, 308, 401, 404, 405, 406, 412, 416, 418, 500,
    }  # fmt: skip
    assert {step.send.method for step in steps} == {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
    assert {step.send.auth.scheme for step in steps if step.send.auth} == {"basic", "digest", "bearer"}
    assert {step.send.body.kind for step in steps if step.send.body} == {"json", "form", "text", "file", "multipart"}
    assert {one.text.split()[0] for step in steps for one in step.asserts} == {
        "status", "version", "url", "ip", "header", "cookie", "body", "bytes", "jsonpath", "regex", "variable",
        "duration", "redirects", "sha256", "md5",
    }  # fmt: skip


def test_what_setup_captured_reaches_the_clean_up_and_no_secret_is_shown(passing: Ran) -> None:
    first, *_, last = passing.run.steps
    run_id = last.variables["run_id"]
    assert re.fullmatch(r"[0-9a-f-]{36}", run_id)
    assert passing.masked == [run_id]
    assert (first.test, last.test) == ("setup", "finally")
    assert last.url.endswith("/anything/runs/***")
    assert {PASSWORD, run_id} & set(re.findall(r"[\w-]+", repr(passing.run))) == set()


def test_each_answer_judged_anew_meets_every_expectation(passing: Ran) -> None:
    for step, result in passing.steps():
        assert result.checked == step.expectations > 0
        assert passing.judged(step, result) == ()


def test_each_assert_negated_fails_its_step_and_is_what_is_told(passing: Ran) -> None:
    tried = 0
    for step, result, at in every_assert(passing):
        contrary = step.asserts[at].negated()
        (failure,) = passing.judged(with_assert(step, at, contrary), result)
        assert failure.expected.removesuffix("…") in contrary.text
        assert failure.place == step.place_of(at)
        tried += 1
    assert tried > 180


def test_each_assert_of_a_value_fails_its_step_with_another_value(passing: Ran) -> None:
    tried = 0
    for step, result, at in every_assert(passing):
        one = step.asserts[at]
        if other := "" if one.negative else altered(one.text):
            failures = passing.judged(with_assert(step, at, parse_assert(other)), result)
            assert [failure.expected.removesuffix("…") in other for failure in failures] == [True], other
            tried += 1
    assert tried > 150


def test_each_other_status_fails_its_step(passing: Ran) -> None:
    for step, result in passing.steps():
        assert result.status is not None
        assert step.status is not None
        others = ["100-199", f"{result.status + 1}", f"{result.status - 1} 599"]
        for other in others:
            (failure,) = passing.judged(replace(step, status=statuses(other)), result)
            assert (failure.expected, failure.actual) == (other, str(result.status))


def test_each_other_header_fails_its_step(passing: Ran) -> None:
    tried = 0
    for step, result in passing.steps():
        for at, (name, value) in enumerate(step.headers):
            for pair in ((name, f"{value}x"), (f"X-Not-{name}", value)):
                headers = (*step.headers[:at], pair, *step.headers[at + 1 :])
                (failure,) = passing.judged(replace(step, headers=headers), result)
                assert failure.expected == f"{pair[0]}: {pair[1]}"
                tried += 1
    assert tried > 30


def test_a_contrary_schema_fails_its_step(passing: Ran) -> None:
    def read(path: str) -> bytes:
        contrary = b'{"not": {"$ref": "schemas/slideshow.json"}}'
        return contrary if path == "contrary.json" else passing.loaded.read_file(path)

    (pair,) = (pair for pair in passing.steps() if pair[0].json_schema)
    (failure,) = passing.judged(replace(pair[0], json_schema="contrary.json"), pair[1], Schemas(read))
    assert failure.expected == "contrary.json"


def test_no_expectation_holds_whatever_is_answered(passing: Ran) -> None:
    found = mutation(passing.loaded.plan, passing.run, passing.loaded.schemas, passing.now)
    assert found.never_fail == ()
    assert found.tried > 300


def test_sent_again_with_one_assert_of_each_test_negated_exactly_those_steps_fail(passing: Ran) -> None:
    plan = passing.loaded.plan
    tests = tuple(replace(test, steps=(*test.steps[:-1], gone_wrong(test.steps[-1]))) for test in plan.tests)
    run = passing.sent(replace(plan, tests=tests))
    wrong = [one for one in run.steps if not one.ok]
    assert [(one.test, one.name) for one in wrong] == [(test.name, test.steps[-1].name) for test in tests]
    assert {(one.state, one.attempts, len(one.failures)) for one in wrong} == {(State.FAILED, 1, 1)}


def test_sent_again_with_a_setup_that_fails_no_test_is_run_but_the_clean_up_is(passing: Ran) -> None:
    plan = passing.loaded.plan
    run = passing.sent(replace(plan, setup=(plan.setup[0], gone_wrong(plan.setup[1]))))
    assert [one.state for one in run.steps[:2]] == [State.PASSED, State.FAILED]
    assert {one.state for one in run.steps[2:-1]} == {State.SKIPPED}
    assert run.steps[-1].ok, run.steps[-1].message
    assert run.requests == 3


def every_assert(ran: Ran) -> Iterator[tuple[Step, StepResult, int]]:
    """Each assert as its step, what came of that, and its place among the step's asserts."""
    for step, result in ran.steps():
        for at in range(len(step.asserts)):
            yield step, result, at


def with_assert(step: Step, at: int, other: Assert) -> Step:
    return replace(step, asserts=(*step.asserts[:at], other, *step.asserts[at + 1 :]))


def gone_wrong(step: Step) -> Step:
    """The step with one assert that cannot hold: its first, negated; one that is polled is ended by `fail_when`."""
    if step.options.retry:
        return replace(step, asserts=(), options=replace(step.options, fail_when=(parse_assert("status == 200"),)))
    return with_assert(step, 0, step.asserts[0].negated())


_TEXT = re.compile(r'((?:==|contains|endsWith|startsWith) ")((?:[^"\\]|\\.)*")')
_BYTES = re.compile(r"((?:==|contains|startsWith) hex,)(?=[0-9a-f])")
_NUMBER = re.compile(r"(==|>=?|<=?) (-?[0-9.]+)(ms|[smhd])?")
_WORD = re.compile(r"== (true|false|null)")
_REGEX = re.compile(r"matches /")


def altered(text: str) -> str:
    """The assert, which is not negative, with another value; "" where it names none that decides."""
    if found := _TEXT.search(text):
        return f"{text[: found.end(1)]}~{text[found.start(2) :]}"
    if found := _BYTES.search(text):
        return f"{text[: found.end()]}5fab{text[found.end() :]}"
    if (found := _NUMBER.search(text)) and found.end() == len(text):
        other = {"==": f"{found[2]}1", ">": "98765432", ">=": "98765432", "<": "0", "<=": "-1"}[found[1]]
        return f"{text[: found.end(1)]} {other}"
    if found := _WORD.search(text):
        return f"{text[: found.start(1)]}{'false' if found[1] == 'true' else 'true'}"
    return _REGEX.sub("matches /~", text) if _REGEX.search(text) else ""
