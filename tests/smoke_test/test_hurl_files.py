from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actionkit.errors import UsageError
from smoke_test import hurl
from smoke_test.model import Auth, Body, Options, Place, Plan, Step

SHOP = """\
# The shop, as its people test it.
POST https://{{host}}/api/login?from=smoke  # who
Content-Type: application/json
X-Trace: a\\#b
[Options]
retry: 3
retry-interval: 500ms
variable: host=shop.example.com
location: true
verbose: true
{
  "user": "smoke",
  "password": "{{password}}",
  "visits": {{visits}}
}

HTTP/1.1 200
Content-Type: application/json
[Captures]
token: jsonpath "$.token" redact # kept out of the log
[Asserts]
jsonpath "$.items" count == 25   # as many as there are
header "X-Version" == "1 # 2"
body matches /a#b/


GET https://{{host}}/api/items
[Query]
page: 1
q: a b: c
[Cookies]
theme: dark
[BasicAuth]
smoke: {{password}}
HTTP 200
GET https://{{host}}/health
HTTP *
[Asserts]
status < 400
"""


def plan(text: str) -> Plan:
    return hurl.read(text, "tests/shop.hurl")


def steps(text: str) -> tuple[Step, ...]:
    (test,) = plan(text).tests
    return test.steps


def complaints(text: str) -> list[str]:
    with pytest.raises(UsageError) as raised:
        plan(text)
    assert {one.path for one in raised.value.complaints} == {"tests/shop.hurl"}
    return [f"{one.line}: {one.message}" for one in raised.value.complaints]


def test_a_variable_is_a_number_or_a_boolean_where_it_looks_like_one_as_in_hurl() -> None:
    given = {"n": "12", "f": "-1.5", "t": "true", "text": '"12"', "zip": "02134", "empty": ""}
    options = "".join(f"variable: {name}={text}\n" for name, text in given.items())
    found = plan(f"GET https://h/\n[Options]\n{options}HTTP 200\n").variables
    assert found == {"n": 12, "f": -1.5, "t": True, "text": "12", "zip": "02134", "empty": ""}


def test_every_entry_is_a_step_of_one_test() -> None:
    found = plan(SHOP)
    assert [test.name for test in found.tests] == ["shop"]
    assert found.variables == {"host": "shop.example.com"}
    login, items, health = found.tests[0].steps
    assert login.name == "1 POST https://{{host}}/api/login"
    assert login.place == Place("tests/shop.hurl", 2)
    assert login.send.headers == (("Content-Type", "application/json"), ("X-Trace", "a#b"))
    assert login.send.body == Body("json", {"user": "smoke", "password": "{{password}}", "visits": "{{visits}}"})
    assert login.options == Options(retry=3, retry_interval=0.5, location=True)
    assert (str(login.status), login.headers) == ("200", (("Content-Type", "application/json"),))
    assert [(name, one.redact) for name, one in login.captures] == [("token", True)]
    assert [one.text for one in login.asserts] == [
        'version == "1.1"',
        'jsonpath "$.items" count == 25',
        'header "X-Version" == "1 # 2"',
        "body matches /a#b/",
    ]
    assert items.send.params == (("page", "1"), ("q", "a b: c"))
    assert items.send.cookies == (("theme", "dark"),)
    assert items.send.auth == Auth("basic", user="smoke", password="{{password}}")
    assert health.status is None
    assert [one.text for one in health.asserts] == ["status < 400"]


@pytest.mark.parametrize(
    ("body", "read", "media"),
    [
        ("`one line {{x}}`", Body("text", "one line {{x}}"), ()),
        ("```\ntwo\n  lines\n```", Body("text", "two\n  lines\n"), ()),
        ("```short```", Body("text", "short"), ()),
        ('```json\n{"a": 1}\n```', Body("text", '{"a": 1}\n'), (("Content-Type", "application/json"),)),
        ("file,data/order.json;", Body("file", "data/order.json"), ()),
        ("[1,\n\n 2]", Body("json", [1, 2]), ()),
        ('"text"', Body("json", "text"), ()),
        ("true", Body("json", True), ()),
        ('{"a\\"{{x}}": [{{ y }}, "{{z}}"]}', Body("json", {'a"{{x}}': ["{{ y }}", "{{z}}"]}), ()),
        ("[FormParams]\nuser: a\npassword: b # c", Body("form", (("user", "a"), ("password", "b"))), ()),
        (
            "[Multipart]\nnote: hello\nphoto: file,img/a.png;",
            Body("multipart", (("note", "hello"), ("photo", "@img/a.png"))),
            (),
        ),
    ],
)
def test_bodies_are_sent_as_they_are_written(body: str, read: Body, media: Any) -> None:
    first, second = steps(f"POST https://h/\n{body}\nHTTP 201\n\nGET https://h/2\nHTTP 200\n")
    assert first.send.body == read
    assert first.send.headers == media
    assert (str(first.status), str(second.status)) == ("201", "200")


@pytest.mark.parametrize(
    ("option", "options"),
    [
        ("delay: 50", Options(delay=0.05)),
        ("max-time: 2", Options(max_time=2.0)),
        ("connect-timeout: 1500ms", Options(connect_timeout=1.5)),
        ("max-filesize: 1MB", Options(max_filesize=1_000_000)),
        ("max-redirs: 3", Options(max_redirs=3)),
        ("retry: -1", Options(retry=-1)),
        ("insecure: true", Options(insecure=True)),
        ("skip: true", Options(skip=True)),
        ("compressed: true", Options()),
    ],
)
def test_options_have_hurls_names_and_units(option: str, options: Options) -> None:
    (step,) = steps(f"GET https://h/\n[Options]\n{option}\nHTTP 200\n")
    assert step.options == options


def test_a_request_may_expect_nothing_and_be_followed_by_another() -> None:
    first, second = steps("GET https://h/1\nGET https://h/2\nHTTP 204")
    assert (first.expectations, second.expectations) == (0, 1)


def test_an_entry_that_only_captures_from_an_answer_of_any_status_says_so() -> None:
    (step,) = steps('GET https://h/\nHTTP *\n[Captures]\njob: jsonpath "$.id"')
    assert step.status is not None
    assert 503 in step.status
    (asserting,) = steps('GET https://h/\nHTTP *\n[Captures]\njob: jsonpath "$.id"\n[Asserts]\nduration < 800')
    assert asserting.status is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["1: the file holds no request"]),
        ("hello\nGET https://h/\nHTTP 200", ["1: `hello` is no request"]),
        ("GETT https://h/\nHTTP 200", ["1: `GETT` is no method"]),
        ("GET https://h/\nnonsense\nHTTP 200", ["2: `nonsense` is no header"]),
        ("GET https://smoke:hunter22@h/\nHTTP 200", ["1: a URL with a user name; accepted: "]),
        ("GET h/x\nHTTP 200", ["1: `h/x` is no URL"]),
        ("GET https://h/\n[Optoins]\nretry: 1\nHTTP 200", ["2: the section [Optoins] is not supported; accepted: "]),
        ("GET https://h/\n[Options]\nretry\nHTTP 200", ["3: `retry` is no `name: value`"]),
        (
            "GET https://h/\n[Options]\nretry: often\nproxy: x\nHTTP 200",
            ["3: `often` is no number", "4: the option `proxy`"],
        ),
        ("GET https://h/\n[Options]\nverbose: yes\nHTTP 200", ["3: `yes` is not a boolean"]),
        ("GET https://h/\n[Options]\nvariable: x\nHTTP 200", ["3: `x` sets no variable"]),
        ("GET https://h/\n[Options]\nvariable: x=1\nvariable: x=2\n", ["4: the variable x is set to two values"]),
        ("GET https://h/\nHTTP/2 200", ["2: HTTP/2 is not spoken here"]),
        ("GET https://h/\nHTTP abc", ["2: `abc` names no HTTP statuses"]),
        ("GET https://h/\nHTTP 200\n[Asserts]\nstatus equals 200", ["4: `status equals 200`: column 8"]),
        ("GET https://h/\nHTTP 200\n[Captures]\ntoken jsonpath", ["4: `token jsonpath` captures nothing"]),
        ('GET https://h/\nHTTP 200\n[Captures]\nt: jsonpat "$"', ['4: `t: jsonpat "$"`: column 1']),
        ("GET https://h/\nHTTP 200\n[Cookies]\na: b", ["3: the section [Cookies] is not supported"]),
        ('GET https://h/\nHTTP 200\n{"a": 1}\nGET https://h/2', ["3: an expected body as it stands is not supported"]),
        ('POST https://h/\n{"a": }\nHTTP 200\n', ['2: the JSON body `{"a": }` cannot be read']),
        ('POST https://h/\n{"a": 1\n', ["cannot be read"]),
        ("POST https://h/\n<a/>\nHTTP 200\n", ["2: XML bodies as they stand are not supported"]),
        ("POST https://h/\n```graphql\n{x}\n```\nHTTP 200\n", ["2: GraphQL bodies are not supported"]),
        ("POST https://h/\nbase64,AAAA;\nHTTP 200\n", ["2: base64 bodies are not supported"]),
        ("POST https://h/\n```\nopen\n", ["2: the text that begins with ``` does not end"]),
        ("POST https://h/\n[Multipart]\na: file,b.bin; image/png\nHTTP 200", ["3: the type `image/png` of a part"]),
        ("GET https://h/\n[Captures]\na: status", ["2: `[Captures]` is no response"]),
    ],
)
def test_what_cannot_be_done_is_an_error_with_its_line(text: str, said: list[str]) -> None:
    found = complaints(text)
    assert len(found) == len(said), found
    for one, start in zip(found, said, strict=True):
        assert start in one


def test_everything_that_is_wrong_is_said_at_once() -> None:
    text = "GETT https://h/\nHTTP 200\n[Asserts]\nfoo\n\nGET https://h/2\n[Options]\nx: 1\nHTTP/3 200\n[Asserts]\nbar\n"
    assert [one.split(":")[0] for one in complaints(text)] == ["1", "4", "8", "9", "11"]


pieces = st.sampled_from(
    [
        *SHOP.splitlines(),
        "[Asserts]",
        "{",
        "}",
        "```",
        "`",
        "HTTP",
        "[",
        "file,x;",
        "GET x",
        "GET https://{{host}}/x",
        ":",
        "\\",
        "a\\: b: c\\u{41}",
    ]
)


@given(st.lists(pieces | st.text(max_size=12), max_size=25))
@example(["POST https://h/", "[" * 30000])
def test_any_text_is_a_plan_or_refused(lines: list[str]) -> None:
    try:
        found = plan("\n".join(lines))
    except UsageError:
        return
    assert found.tests[0].steps
