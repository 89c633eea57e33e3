"""Which cookies go where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.web.cookies import Jar


def kept(url: str, *cookies: str) -> Jar:
    jar = Jar()
    jar.take(url, [("Content-Type", "text/html"), *(("Set-Cookie", cookie) for cookie in cookies)])
    return jar


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("a=1", "http://shop.example/else", "a=1"),
        ("a=1", "http://www.shop.example/", ""),
        ("a=1; Domain=shop.example", "http://www.shop.example/", "a=1"),
        ("a=1; Domain=other.example", "http://other.example/", ""),
        ("a=1; Path=/api", "http://shop.example/api/x", "a=1"),
        ("a=1; Path=/api", "http://shop.example/apix", ""),
        ("a=1; Secure", "http://shop.example/", ""),
        ("a=1; Secure; HttpOnly; SameSite=Lax", "https://shop.example/", "a=1"),
        ("a=1; Max-Age=0", "http://shop.example/", ""),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://shop.example/", ""),
        ("a=1; Max-Age=60", "http://shop.example/", "a=1"),
        ("a=b=c", "http://shop.example:8080/", "a=b=c"),
        ("a=1; Path=api", "http://shop.example/x", "a=1"),
    ],
)
def test_a_cookie_goes_where_rfc_6265_sends_it(cookie: str, url: str, sent: str) -> None:
    assert kept("https://shop.example/", cookie).header(url) == sent


@pytest.mark.parametrize(
    ("domain", "host", "other", "sent"),
    [
        ("localhost", "localhost", "localhost", "a=1"),
        (".web", "WEB", "web", "a=1"),
        ("10.1.2.3", "10.1.2.3", "10.1.2.3", "a=1"),
        ("2.3", "10.1.2.3", "9.9.2.3", ""),
        ("web", "localhost", "localhost", ""),
    ],
)
def test_a_host_that_has_no_neighbours_shares_its_cookies_with_none(
    domain: str, host: str, other: str, sent: str
) -> None:
    assert kept(f"http://{host}:8080/", f"a=1; Domain={domain}").header(f"http://{other}:9090/") == sent


def test_a_cookie_that_is_set_and_deleted_in_one_answer_is_gone() -> None:
    jar = kept("http://shop.example/", "a=1; Path=/", "b=2; Path=/", "a=; Path=/; Max-Age=0")
    assert jar.header("http://shop.example/") == "b=2"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "shop.example", "web"])
def test_a_cookie_that_is_set_is_sent_to_that_host_on_every_path(host: str) -> None:
    jar = Jar()
    jar.set("session", "abc", f"http://{host}:8080/login")
    assert jar.header(f"http://{host}:9090/other") == "session=abc"
    assert jar.header("http://elsewhere.example/") == ""


def test_a_user_name_in_the_url_is_no_part_of_the_host() -> None:
    jar = Jar()
    jar.set("a", "1", "http://user:pass@shop.example/")
    assert jar.header("http://other@shop.example/") == "a=1"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "Expires", "max-age", "Domain", "path", "port", "version", "secure", ""]),
            st.sampled_from(["=", "", " = ", ","]),
            st.one_of(
                st.text(max_size=12), st.sampled_from(["9" * 5000, "-1", "31 Feb 2000 25:61:61 +9999", '"', "."])
            ),
        ).map("".join),
        max_size=5,
    ).map(";".join)
)
def test_no_cookie_upsets_the_jar(cookie: str) -> None:
    jar = kept("https://shop.example/a/b", cookie, "good=1; Path=/")
    assert "good=1" in jar.copy().header("https://shop.example/a/b")


def test_a_cookie_set_over_https_stays_there() -> None:
    jar = Jar()
    jar.set("a", "1", "https://shop.example/")
    assert jar.header("http://shop.example/") == ""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "web"])
def test_a_host_without_dots_gets_its_cookies_back(host: str) -> None:
    assert kept(f"http://{host}:1/", "a=1").header(f"http://{host}:2/x") == "a=1"


def test_a_cookie_is_replaced_by_a_newer_one() -> None:
    jar = kept("http://localhost/", "a=1", "b=2")
    jar.take("http://localhost/", [("set-cookie", "a=3")])
    jar.set("b", "4", "http://localhost/")
    assert sorted(jar.header("http://localhost/").split("; ")) == ["a=3", "b=4"]


def test_a_copy_goes_its_own_way() -> None:
    jar = kept("http://localhost/", "a=1")
    copied = jar.copy()
    copied.take("http://localhost/", [("Set-Cookie", "b=2")])
    jar.take("http://localhost/", [("Set-Cookie", "a=9")])
    assert jar.header("http://localhost/") == "a=9"
    assert copied.header("http://localhost/") == "a=1; b=2"


def test_an_empty_jar_sends_nothing() -> None:
    assert Jar().copy().header("http://localhost/") == ""
    assert kept("http://localhost/").header("http://localhost/") == ""


@pytest.mark.parametrize(
    "cookie", ["", ";", "=", "a", "\x00=1", "a=\ud800", "a=1; Expires=never; Path=; Domain=.", "é=ü"]
)
def test_a_cookie_that_is_none_does_no_harm(cookie: str) -> None:
    jar = kept("http://shop.example/", cookie, "good=1")
    assert "good=1" in jar.header("http://shop.example/")
