"""A secret does not survive in any spelling it travels in."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit import markdown
from actionkit.redact import STARS, Redactor

PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)
SECRET = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=6, max_size=40).filter(
    lambda text: len(text.strip()) >= 6
)


def basic(secret: str) -> str:
    return "Basic " + base64.b64encode(f"user:{secret}".encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded path": quote,
    "percent-encoded in small letters": lambda secret: quote(secret, safe="").lower() if secret.islower() else secret,
    "percent-encoded twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "form-encoded": quote_plus,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON with its letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda secret: json.dumps(json.dumps(secret)),
    "HTML": html.escape,
    "UTF-8 read as Latin-1": lambda secret: secret.encode().decode("latin-1"),
    "hex": lambda secret: secret.encode().hex(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 after one byte": lambda secret: base64.b64encode(b"x" + secret.encode() + b"y").decode(),
    "base64 after two bytes": lambda secret: base64.b64encode(b"xx" + secret.encode() + b"yy").decode(),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(b"id:" + secret.encode()).decode(),
    "base64 in lines": lambda secret: base64.encodebytes(b"name:" * 12 + secret.encode()).decode(),
    "base64 in a URL": lambda secret: quote(base64.b64encode(secret.encode()).decode(), safe=""),
    "Basic authentication": basic,
    "JSON in base64": lambda secret: base64.b64encode(json.dumps({"key": secret}).encode()).decode(),
    "a form in base64": lambda secret: base64.b64encode(f"id=1&key={quote_plus(secret)}&x=2".encode()).decode(),
    "a URL in hex": lambda secret: f"/{quote(secret, safe='')}".encode().hex(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(secret=SECRET, before=PRINTABLE, after=PRINTABLE)
def test_no_spelling_of_a_secret_survives(spelling: str, secret: str, before: str, after: str) -> None:
    secret = secret.strip()
    spelled = SPELLINGS[spelling](secret)
    shown = Redactor([secret]).text(f"{before} {spelled} {after}")
    assert secret not in shown
    assert spelled not in shown
    assert STARS in shown


def test_a_secret_that_was_sent_in_a_query_as_it_is_does_not_survive_in_what_the_server_read() -> None:
    for secret, read in (("q8/Zt+w3Kd==", "q8/Zt w3Kd=="), ("a%2Bb%20cdef", "a+b cdef"), ("a+b%20cdef", "a+b cdef")):
        shown = Redactor([secret]).text(f'"key": "{read}"')
        assert shown == f'"key": "{STARS}"'
    assert Redactor(["%41%42+"]).text("AB and so on") == "AB and so on"


@given(secret=SECRET, other=SECRET, glue=st.sampled_from(["", " ", "=", "&", "***"]))
def test_secrets_side_by_side_and_inside_each_other_do_not_survive(secret: str, other: str, glue: str) -> None:
    text = f"{secret}{glue}{other}{glue}{secret[:3]}{secret}"
    shown = Redactor([secret, other]).text(text)
    assert secret.strip() not in shown
    assert other.strip() not in shown


def test_what_closes_up_into_another_secret_does_not_survive() -> None:
    assert Redactor(["abc***xyz", "hunter2"]).text("abchunter2xyz") == STARS


@given(secret=st.text("ab", min_size=6, max_size=9), text=st.text("ab", max_size=60))
def test_overlapping_secrets_do_not_survive(secret: str, text: str) -> None:
    assert secret not in Redactor([secret]).text(text)


@given(secret=st.from_regex(r"[A-Za-z0-9_+/=-]{8,40}", fullmatch=True))
def test_a_redacted_page_shows_no_secret(secret: str) -> None:
    page = markdown.text(Redactor([secret]).text(f"token {secret} refused"))
    assert page == r"token \*\*\* refused"


def test_every_line_of_a_key_is_taken_out() -> None:
    key = "-----BEGIN KEY-----\r\nAbCdEfGh12345678\r\n}\r\n-----END KEY-----\n"
    redactor = Redactor([key])
    assert redactor.text("log: AbCdEfGh12345678.") == "log: ***."
    assert redactor.text(json.dumps({"key": key})) == '{"key": "***\\n"}'
    assert redactor.text("{}") == "{}"


def test_the_path_of_a_secret_url_is_secret_too() -> None:
    redactor = Redactor(
        ["https://hooks.example.com/services/T0/B0/s3cr3t?key=abcdef123", "http://me:pass-word@proxy:3128/"]
    )
    said = "HTTPSConnectionPool(host='hooks.example.com', port=443): url: /services/T0/B0/s3cr3t?key=abcdef123"
    assert redactor.text(said) == "HTTPSConnectionPool(host='hooks.example.com', port=443): url: ***?***"
    assert redactor.text("key=abcdef123 pass-word") == "*** ***"
    assert Redactor(["http://[half a url"]).text("http://[half a url") == "***"


def test_a_short_secret_is_left_and_counted() -> None:
    redactor = Redactor(["", "abc", "12345", "long enough"])
    assert redactor.too_short == 2
    assert redactor.text("abc 12345 long enough") == "abc 12345 ***"
    assert Redactor([]).text("nothing to hide") == "nothing to hide"


def test_credentials_in_urls_and_headers_need_not_be_known() -> None:
    redactor = Redactor([])
    assert redactor.text("git clone https://user:pw@github.com/o/r") == "git clone https://***@github.com/o/r"
    assert redactor.text("Authorization: Bearer abc.def") == "Authorization: Bearer ***"
    assert redactor.text("{'Authorization': 'token gho_1'}") == "{'Authorization': 'token ***'}"
    assert redactor.text("mail me@example.com, https://medium.com/@me") == "mail me@example.com, https://medium.com/@me"


def test_a_message_shows_no_query() -> None:
    said = 'GET "https://u:p@x.y/a?token=1&b=2#c" and https://x.y/z: 404'
    assert Redactor([]).message(said) == 'GET "https://***@x.y/a?***" and https://x.y/z: 404'


def test_a_url_is_shown_without_credentials_query_and_fragment() -> None:
    redactor = Redactor(["s3cr3t/path"])
    assert redactor.url("https://u:p@x.y:8443/a/s3cr3t/path/b?q=1#f") == "https://x.y:8443/a/***/b"
    assert redactor.url("postgres://u:p@db:5432/name") == "postgres://db:5432/name"
    assert redactor.url("//u@x.y/a") == "//x.y/a"


@pytest.mark.parametrize(
    "text",
    ["a.b-" * 50_000, "\\" * 200_000, "%25" * 70_000, "U " * 100_000, "-" * 200_000, "https://" * 25_000,
     "&#0" * 70_000, "authorization: basic " * 10_000, "-----BEGIN" * 20_000, " " * 200_000, "VVVVVVVV" * 25_000],
)  # fmt: skip
def test_hostile_text_costs_little_time(text: str) -> None:
    redactor = Redactor(["-----BEGIN KEY-----\nUUUUUU", "\\\\\\\\\\\\n", "%%%%%%%%", "      x"])
    started = time.perf_counter()
    redactor.message(text)
    assert time.perf_counter() - started < 5
