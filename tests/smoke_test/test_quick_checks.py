"""Quick checks: one line, one request, and what it must answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Complaint, UsageError
from smoke_test import checks
from smoke_test.model import Place, Step


def only(line: str) -> Step:
    (step,) = checks.read(line).steps
    return step


def mistake(line: str) -> tuple[str, str]:
    with pytest.raises(UsageError) as wrong:
        checks.read(line)
    (complaint,) = wrong.value.complaints
    return complaint.message, complaint.fix


@pytest.mark.parametrize(
    ("line", "method", "url", "status", "asserts"),
    [
        ("GET /health 200", "GET", "/health", "200", []),
        ("/", "GET", "/", "2xx", []),
        ("head https://shop.example.com/x", "HEAD", "https://shop.example.com/x", "2xx", []),
        ("/a 200 301", "GET", "/a", "200 301", []),
        ("/a 200-299, 4xx", "GET", "/a", "200-299 4xx", []),
        ("/{{ sku }}?q=1 200", "GET", "/{{ sku }}?q=1", "200", []),
        ("{{link}}", "GET", "{{link}}", "2xx", []),
        ("/a#b 200 # the page", "GET", "/a#b", "200", []),
        ('/a body contains "x"', "GET", "/a", "2xx", ['body contains "x"']),
        ("/a status == 404", "GET", "/a", "", ["status == 404"]),
        (
            'GET /version 200 jsonpath "$.sha" == "{{sha}}" && duration < 800',
            "GET",
            "/version",
            "200",
            ['jsonpath "$.sha" == "{{sha}}"', "duration < 800"],
        ),
        (
            'POST /a 201 body contains "a && b" && body matches /x && y/ && header "X" exists',
            "POST",
            "/a",
            "201",
            ['body contains "a && b"', "body matches /x && y/", 'header "X" exists'],
        ),
    ],
)
def test_a_line_is_a_request_and_what_it_must_answer(
    line: str, method: str, url: str, status: str, asserts: list[str]
) -> None:
    step = only(line)
    assert (step.send.method, step.send.url, str(step.status or "")) == (method, url, status)
    assert [one.text for one in step.asserts] == asserts


def test_lines_are_steps_of_one_test_with_names_that_differ() -> None:
    test = checks.read("# the shop\nGET /health?key=1 200\n\n  /health 200\n")
    assert (test.name, test.tags) == ("checks", ())
    assert [(step.name, step.place) for step in test.steps] == [
        ("GET /health", Place("checks", 2)),
        ("GET /health (2)", Place("checks", 4)),
    ]


@pytest.mark.parametrize(
    ("line", "message", "fix"),
    [
        ("GTE /a", "1: `GTE` is neither a method nor a URL", "Write `GET`."),
        ("- GET /a 200", "1: `-` begins no check", "Leave the dash and the quotes out"),
        ('"GET /a 200"', '1: `"GET` begins no check', "an input is no YAML list"),
        ("  health 200", "3: `health` is neither a method nor a URL", "For a path write `/health`"),
        ("GET", "4: no URL after `GET`", "Write one such as `GET /health 200`."),
        ("/a 20", "4: `20` names no HTTP statuses; accepted: statuses from 100", "Write `200-399`."),
        ("GET shop.example.com 200", "5: `shop.example.com` is no URL; accepted", "https://shop.example.com"),
        ("GET https://u:pw@h/ 200", "5: a URL with a user name; accepted", "auth"),
        ('/a 200 jsonpath "$.a" = 3', "23: `=`, expected a filter or a predicate", "Write `==`."),
        ('/a  jsonpaht "$.a" == 3', "5: `jsonpaht`, expected", "Write `jsonpath`."),
        ("/a duration < 5 && bod exists", "20: `bod`, expected", "Write `body`."),
        ("/a duration < 5 &&", "17: nothing follows `&&`", "Write an assert after it"),
        ("/a 200 && duration < 5", "8: nothing stands before `&&`", "Write the first assert right after the status."),
        ("/a duration < 5 and status == 200", "17: `and` after what is already complete", "Join asserts by ` && `"),
        ("/" + "a" * 2000, "2000: the line is longer than 2,000 characters", "Write a plan"),
    ],
)
def test_a_mistake_is_told_with_its_column(line: str, message: str, fix: str) -> None:
    said, told_fix = mistake(line)
    assert said.startswith(f"input `checks`, line 1, column {message}")
    assert fix in told_fix


def test_every_line_that_is_wrong_is_told() -> None:
    with pytest.raises(UsageError) as wrong:
        checks.read("GET\n/ok 200\nPOTS /x\n")
    assert [one.message.partition(", column")[0] for one in wrong.value.complaints] == [
        "input `checks`, line 1",
        "input `checks`, line 3",
    ]


def test_only_comments_are_no_check() -> None:
    assert mistake("# GET /health 200") == ("input `checks` holds no check", "Write one such as `GET /health 200`.")


WORDS = [
    "GET",
    "get",
    "/a",
    "https://h/",
    "200",
    "2xx",
    "99",
    "&&",
    "==",
    '"x',
    '"',
    "{{a}}",
    "{{",
    "status",
    "body",
    "jsonpath",
    "#",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=8).map(" ".join))
def test_any_text_is_checks_or_a_usage_error(text: str) -> None:
    steps, complaints = steps_or_told(text)
    assert steps or complaints
    assert all(one.message.startswith("input `checks`") and one.fix for one in complaints)
    assert all(step.expectations for step in steps)
    assert len({step.name for step in steps}) == len(steps)


def steps_or_told(text: str) -> tuple[tuple[Step, ...], tuple[Complaint, ...]]:
    try:
        return checks.read(text).steps, ()
    except UsageError as error:
        return (), error.complaints
