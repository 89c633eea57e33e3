"""Each query of the assert grammar finds what it asks for, and nothing where there is nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from tests.actionkit.asserts.answers import CERTIFICATE, HEADERS, ITEM, NOW, an_answer, checked, holds

from actionkit.asserts import Subject, parse_assert

BODY = json.dumps(ITEM).encode()


@pytest.mark.parametrize(
    "text",
    [
        "status == 200",
        'version == "1.1"',
        'url == "https://shop.example.com/item?q=1"',
        'url endsWith "/item?q=1"',
        'ip == "192.0.2.7"',
        'header "content-type" == "application/json"',
        'header "Vary" count == 2',
        'header "Vary" isList',
        'header "Vary" contains "Origin"',
        'header "Vary" not contains "Cookie"',
        'header "X-None" not exists',
        'cookie "theme" == "light"',
        'cookie "session[Value]" == "abc123"',
        'cookie "session" == "abc123"',
        'cookie "session[Max-Age]" == 3600',
        'cookie "session[Expires]" contains "2031"',
        'cookie "session[Path]" == "/"',
        'cookie "session[Secure]" exists',
        'cookie "session[HttpOnly]" exists',
        'cookie "session[Domain]" not exists',
        'cookie "session[SameSite]" not exists',
        'cookie "theme[Secure]" not exists',
        'cookie "none" not exists',
        'body contains "Dune"',
        "bytes startsWith hex,7b22;",
        f"bytes count == {len(BODY)}",
        'jsonpath "$.name" == "Dune"',
        'regex "id.: ([0-9]+)" == "7"',
        r'regex /"name": "(\w+)"/ == "Dune"',
        "regex /(nowhere)/ not exists",
        "duration < 813",
        "duration < 1s",
        "duration > 811",
        "duration >= 812ms",
        "redirects count == 1",
        'redirects nth 0 location endsWith "q=1"',
        'redirects nth 0 jsonpath "$.status" == 301',
        'certificate "Subject" contains "shop"',
        'certificate "Issuer" == "CN=Example CA"',
        'certificate "Serial-Number" == "1ee8b1"',
        'certificate "Subject-Alt-Name" contains "www.shop.example.com"',
        'certificate "Start-Date" isDate',
        'certificate "Expire-Date" daysAfterNow > 21',
        f"sha256 == hex,{hashlib.sha256(BODY).hexdigest()};",
        f"md5 == hex,{hashlib.md5(BODY).hexdigest()};",  # noqa: S324 - the query's own algorithm
        "md5 count == 16",
    ],
)
def test_it_holds_and_its_contrary_fails(text: str) -> None:
    assert holds(text)
    contrary = parse_assert(text).negated()
    assert not contrary.check(Subject(an_answer(), NOW)).ok
    assert contrary.negated().check(Subject(an_answer(), NOW)).ok


@pytest.mark.parametrize(
    "text",
    ["status == 201", 'version == "2"', 'url == "/item"', 'ip == "::1"', "duration < 800", "redirects count == 0"],
)
def test_it_fails(text: str) -> None:
    assert not holds(text)


def test_the_last_cookie_of_a_name_counts_as_it_does_for_a_client() -> None:
    answer = an_answer(
        headers=(("Set-Cookie", "a=1; Secure"), ("set-cookie", "a=2"), ("Set-Cookie", "=x"), ("Set-Cookie", "b"))
    )
    assert holds('cookie "a" == "2"', answer)
    assert holds('cookie "a[Secure]" not exists', answer)
    assert holds('cookie "b" not exists', answer)


def test_a_max_age_that_is_no_number_stays_a_text() -> None:
    assert holds('cookie "a[Max-Age]" == "soon"', an_answer(headers=(("Set-Cookie", "a=1; Max-Age=soon"),)))


def test_a_cookie_may_be_named_by_a_variable() -> None:
    assert holds('cookie "{{name}}[Secure]" exists', variables={"name": "session"})


def test_several_headers_contain_what_any_of_them_contains() -> None:
    answer = an_answer(headers=(("Cache-Control", "private"), ("Cache-Control", "no-store, max-age=0")))
    assert not holds('header "Cache-Control" not contains "no-store"', answer)
    assert not holds('header "Cache-Control" contains 1', answer)


def test_without_tls_there_is_no_certificate() -> None:
    answer = an_answer(tls=None)
    assert "without TLS" in checked('certificate "Subject" exists', answer).message
    assert holds('certificate "Subject" not exists', answer)


def test_a_certificate_that_expires_soon_fails() -> None:
    tls = an_answer().tls
    assert tls is not None
    soon = an_answer(tls=replace(tls, certificate=replace(CERTIFICATE, expires=NOW.replace(day=20))))
    assert not holds('certificate "Expire-Date" daysAfterNow > 21', soon)
    assert holds('certificate "Expire-Date" > "2030-06-19T00:00:00Z"', soon)
    assert not holds('certificate "Expire-Date" > "next year"', soon)


def test_a_variable_is_asked_for_with_its_type() -> None:
    assert holds('variable "n" == 5', variables={"n": 5})
    assert not holds('variable "n" == 5', variables={"n": "5"})
    assert not holds('variable "n" == 5')
    assert parse_assert('variable "n" == 5').variables == {"n"}


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/html", "café".encode(), "café"),
        ("text/html; charset=iso-8859-1", "café".encode("latin-1"), "café"),
        ('text/html; Charset="windows-1252"', "€".encode("cp1252"), "€"),
        ("text/html; charset=utf-16", "é".encode("utf-16"), "é"),
        ("text/html; charset=klingon", "é".encode(), "é"),
        ("text/html; charset=base64", "é".encode(), "é"),
        ("text/html; charset=idna", "é".encode(), "é"),
        ("text/html; charset=punycode", "é".encode(), "é"),
        ("text/html; charset=unicode_escape", b"\\u00e9", "\\u00e9"),
        ("text/html; charset=undefined", b"x", "x"),
        ("", b"\xef\xbb\xbfwith a mark", "with a mark"),
        ("", b"stray \xff byte", "stray \ufffd byte"),
    ],
)
def test_the_text_of_a_body_follows_its_charset_and_else_is_utf_8(content_type: str, body: bytes, text: str) -> None:
    answer = an_answer(body, (("Content-Type", content_type),))
    assert holds("body == {{text}}", answer, {"text": text})


def test_jsonpath_of_a_body_that_is_no_json_fails_even_where_nothing_is_expected() -> None:
    page = an_answer("<html>Sign in</html>", HEADERS)
    result = checked('jsonpath "$.error" not exists', page)
    assert result.message == (
        'jsonpath "$.error" finds nothing because the body is no JSON (Expecting value in line 1, column 1), '
        "expected not exists"
    )
    assert result.actual == "nothing"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"a": 1, "a": 2}', "the key `a` stands twice"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ("[Infinity]", "Infinity is no JSON number"),
        ("", "it is empty"),
        ("[" * 200_000, "nested too deeply"),
        ("1" * 5000, "5000 digits"),
        ("1e99999999999999999999", "out of every range"),
        ('{"a": 1}}', "Extra data"),
    ],
)
def test_json_that_cannot_be_trusted_is_none(body: str, reason: str) -> None:
    message = checked('jsonpath "$.a" == 1', an_answer(body)).message
    assert reason in message
    assert len(message) < 300


def test_a_body_is_decoded_and_parsed_once_for_all_asserts() -> None:
    subject = Subject(an_answer(), NOW)
    assert parse_assert('jsonpath "$.id" == 7').check(subject).ok
    assert subject.json is subject.json
    assert subject.text is subject.text
