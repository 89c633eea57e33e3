"""From a step to the request: URLs joined, templates filled, bodies encoded, credentials added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.smoke_test.answering_site import Watched, plan, said, scenario, site, step

from actionkit.asserts import Unset
from actionkit.errors import Unreadable
from actionkit.web.model import Request
from smoke_test import sending
from smoke_test.auth import authorized
from smoke_test.model import Auth, Body, Options, Step

BASE = "https://shop.example.com/app"
FILES = {"data/item.bin": b"\x00\xff", "page.html": b"<p>"}


def no_file(path: str) -> bytes:
    raise Unreadable(path, "does not exist")


def request(given: Step, variables: Mapping[str, Any] | None = None, base: str = BASE) -> Request:
    return sending.request(given, base, variables or {}, lambda path: FILES.get(path) or no_file(path))


@pytest.mark.parametrize(
    ("base", "url", "expected"),
    [
        ("https://h", "/x", "https://h/x"),
        ("https://h/", "/x", "https://h/x"),
        ("https://h/app", "/x", "https://h/app/x"),
        ("https://h/app/", "/x/", "https://h/app/x/"),
        ("https://h/app", "/", "https://h/app/"),
        ("https://h/app", "x?a=1#top", "https://h/app/x?a=1"),
        ("https://h:8443", "//other/x", "https://h:8443/other/x"),
        ("https://h", "http://other/x?y", "http://other/x?y"),
        ("https://h", "HTTP://other", "http://other/"),
        ("https://h", "/a:b", "https://h/a:b"),
        ("https://h/app", "/../x", "https://h/app/../x"),
        ("", "https://h", "https://h/"),
    ],
)
def test_a_path_stands_below_the_whole_base_url(base: str, url: str, expected: str) -> None:
    assert request(step(url), base=base).url == expected


@pytest.mark.parametrize(
    ("url", "value", "expected"),
    [
        ("/items/{{x}}", "A 100", f"{BASE}/items/A 100"),
        ("/items/{{x}}", "A/100?b=c", f"{BASE}/items/A/100?b=c"),
        ("/items/{{x}}", "A#100", f"{BASE}/items/A%23100"),
        ("/items/{{x}}#top", "A", f"{BASE}/items/A"),
        ("{{x}}/z", "https://other.example.com/y", "https://other.example.com/y/z"),
        ("{{x}}", "https://other.example.com/y#part", "https://other.example.com/y"),
        ("{{x}}", "/y", f"{BASE}/y"),
        ("/n/{{x}}", 17, f"{BASE}/n/17"),
    ],
)
def test_a_variable_goes_into_a_url_as_it_is_but_for_what_would_cut_it_off(url: str, value: Any, expected: str) -> None:
    assert request(step(url), {"x": value}).url == expected


def test_parameters_are_encoded_whole_and_behind_those_of_the_url() -> None:
    made = request(step("/s?a=1", params=(("q", "{{q}}"), ("{{name}}", "é"))), {"q": "a b&c=#/?", "name": "n m"})
    assert made.url == f"{BASE}/s?a=1&q=a%20b%26c%3D%23%2F%3F&n%20m=%C3%A9"


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_a_parameter_holds_arrives_as_it_was(value: str) -> None:
    from urllib.parse import parse_qsl, urlsplit

    made = request(step("/s", params=(("q", "{{q}}"),)), {"q": value})
    assert parse_qsl(urlsplit(made.url).query, keep_blank_values=True) == [("q", value)]


@pytest.mark.parametrize(
    ("given", "variables", "expected"),
    [
        (step("/x\n"), {"x": 1}, None),
        (step("/{{x}}"), {"x": "a\r\nb"}, "control character"),
        (step("/", body=Body("json", {"a": "{{x}}"})), {"x": float("nan")}, "cannot be encoded"),
        (step("/", body=Body("text", "{{x}}")), {"x": "\ud800"}, "cannot be encoded"),
        (step("/", params=(("q", "{{x}}"),)), {"x": "\ud800"}, "cannot be encoded"),
        (step("http://[{{x}}/"), {"x": "secret-host"}, "cannot be encoded"),
    ],
)
def test_what_makes_no_request_says_why_without_the_value(
    given: Step, variables: dict[str, Any], expected: str | None
) -> None:
    if expected is None:
        assert request(given, variables).url == f"{BASE}/x"
        return
    with pytest.raises(sending.Unsendable, match=expected) as caught:
        request(given, variables)
    assert "secret-host" not in str(caught.value)


def test_a_body_nested_too_deeply_makes_no_request() -> None:
    deep: Any = "{{x}}"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(sending.Unsendable, match="nested too deeply"):
        request(step("/", body=Body("json", deep)), {"x": 1})
    assert sending.names(step("/", body=Body("json", deep))) == {"x"}


def test_a_path_without_a_base_url_says_that_one_is_missing() -> None:
    with pytest.raises(sending.Unsendable, match="there is no base URL"):
        request(step("/x"), base="")


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(Unset, match="`b`"):
        request(step("/", headers=(("A", "{{b}}"),)), {"c": 1})


def test_a_steps_own_header_replaces_the_general_one_and_the_one_the_body_implies() -> None:
    given = step(
        "/",
        headers=(("x-key", "{{k}}"), ("Accept", "a"), ("Accept", "b"), ("content-type", "application/problem+json")),
        body=Body("json", {}),
        cookies=(("a", "{{k}}"), ("b", "2")),
    )
    general = Options(headers=(("X-Key", "general"), ("X-Other", "{{k}}"), ("accept", "*/*")))
    made = request(Step(name="", send=given.send, place=given.place, options=general), {"k": "mine"})
    assert made.headers == (
        ("X-Other", "mine"),
        ("x-key", "mine"),
        ("Accept", "a"),
        ("Accept", "b"),
        ("content-type", "application/problem+json"),
        ("Cookie", "a=mine; b=2"),
    )


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        (
            Body("json", {"a": ["{{n}}", "{{t}}-{{n}}"], "{{t}}": None, "é": True}),
            '{"a": [7, "x-7"], "x": null, "é": true}',
            "application/json",
        ),
        (Body("json", "{{n}}"), "7", "application/json"),
        (
            Body("form", (("a", "{{t}} &"), ("b", "é"), ("a", "2"))),
            "a=x+%26&b=%C3%A9&a=2",
            "application/x-www-form-urlencoded",
        ),
        (Body("text", "é {{n}}"), "é 7", None),
        (Body("file", "page.html"), "<p>", None),
        (None, None, None),
    ],
)
def test_a_body_is_encoded_as_its_kind_says(body: Body | None, sent: str | None, content_type: str | None) -> None:
    made = request(step("/", method="POST", body=body), {"n": 7, "t": "x"})
    assert made.body == (None if sent is None else sent.encode())
    assert dict(made.headers).get("Content-Type") == content_type


def test_a_multipart_body_holds_fields_and_files_and_no_variable_chooses_a_file() -> None:
    pairs = (("name", "{{t}}"), ("file", "@data/item.bin"), ("page", "@page.html"), ("note", "{{at}}"))
    made = request(step("/", method="POST", body=Body("multipart", pairs)), {"t": "Ü", "at": "@page.html"})
    kind = dict(made.headers)["Content-Type"]
    parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + (made.body or b"")).get_payload()
    read = {
        part.get_param("name", header="content-disposition"): (
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in parts
    }
    assert read["name"][2].decode() == "Ü"
    assert read["file"] == ("item.bin", "application/octet-stream", b"\x00\xff")
    assert read["page"] == ("page.html", "text/html", b"<p>")
    assert read["note"][2] == b"@page.html"


@pytest.mark.parametrize("body", [Body("file", "nope"), Body("multipart", (("a", "@nope"),))])
def test_a_file_that_is_not_there_is_named(body: Body) -> None:
    with pytest.raises(Unreadable, match="nope: does not exist"):
        request(step("/", body=body))


def test_the_names_of_a_step_are_those_of_everything_it_needs() -> None:
    given = step(
        "/{{url}}",
        'jsonpath "$.a" == "{{assert}}"',
        headers=(("X", "{{header}}"),),
        params=(("{{param}}", "1"),),
        cookies=(("c", "{{cookie}}"),),
        body=Body("json", {"a": [{"{{key}}": ["{{leaf}}", 1, None]}]}),
        auth=Auth("basic", user="{{user}}", password="{{password}}"),
        expects=(("Y", "{{expected}}"),),
        fail_when=("status == {{terminal}}",),
        captures={"new": 'body regex "{{pattern}}"'},
    )
    wanted = "url assert header param cookie key leaf user password expected terminal pattern"
    assert sending.names(given) == set(wanted.split())
    assert sending.names(step("/", body=Body("file", "{{not a name}}"))) == frozenset()
    assert sending.names(step("/", body=Body("multipart", (("a", "{{field}}"),)))) == {"field"}


def test_basic_and_bearer_go_into_a_header_unless_there_is_one() -> None:
    asked = Request("GET", "http://h/")
    basic = Auth("basic", user="{{u}}", password="pä:ss")
    assert authorized(asked, basic, {"u": "joe"}).headers == (("Authorization", "Basic am9lOnDDpDpzcw=="),)
    assert authorized(asked, Auth("bearer", token="{{t}}"), {"t": "x.y"}).headers == (("Authorization", "Bearer x.y"),)
    own = Request("GET", "http://h/", (("authorization", "mine"),))
    assert authorized(own, basic, {"u": "joe"}) == own
    assert authorized(asked, None, {}) == asked


def test_general_headers_and_bodies_arrive_on_real_sockets() -> None:
    with site({"/x": lambda asked: said({"body": asked.body.decode(), "headers": dict(asked.headers)})}) as shop:
        general = (("X-Key", "general"), ("X-Other", "{{o}}"))
        given = step(
            "/x",
            'jsonpath "$.body" == "{\\"a\\": 1}"',
            'jsonpath "$.headers[\'x-key\']" == "own"',
            'jsonpath "$.headers[\'x-other\']" == "o1"',
            'jsonpath "$.headers[\'content-type\']" == "application/json"',
            method="PUT",
            body=Body("json", {"a": 1}),
            headers=(("x-key", "own"),),
        )
        given = replace(given, options=replace(given.options, headers=general))
        run = Watched().run(plan(shop.url, scenario("a", given), variables={"o": "o1"}))
        assert run.steps[0].message == ""
        assert json.loads(shop.seen[0].body) == {"a": 1}
