"""Digest: one challenge, one further request; the server here computes RFC 7616 itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from urllib.request import parse_http_list, parse_keqv_list

import pytest
from tests.smoke_test.answering_site import Asked, Said, Site, Watched, moved, said, site, step

from actionkit.web.model import Request
from smoke_test.auth import _response
from smoke_test.model import Auth, Body, State

ME = Auth("digest", user="{{user}}", password="{{password}}")
SECRETS = {"user": "Mufasa", "password": "Circle of Life"}
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def answered(asked: Asked, algorithm: str) -> bool:
    """Whether the Authorization header is right for the request it came with."""
    header = asked.headers.get("authorization", "")
    if not header.startswith("Digest "):
        return False
    given = parse_keqv_list(parse_http_list(header.removeprefix("Digest ")))

    def digest(text: str) -> str:
        return HASHES[algorithm](text.encode()).hexdigest()

    first = digest(f"{SECRETS['user']}:the shop:{SECRETS['password']}")
    second = digest(f"{asked.method}:{asked.path}")
    middle = f":{given['nc']}:{given['cnonce']}:{given['qop']}" if "qop" in given else ""
    wanted = digest(f"{first}:{given['nonce']}{middle}:{second}")
    return given["uri"] == asked.path and given["response"] == wanted and given["username"] == SECRETS["user"]


def guarded(route: Callable[[Asked], Said], challenge: str, algorithm: str = "MD5") -> Callable[[Asked], Said]:
    def guard(asked: Asked) -> Said:
        if answered(asked, algorithm):
            return route(asked)
        headers = [("WWW-Authenticate", one) for one in challenge.split("|")]
        return said({}, 401, *headers, ("Set-Cookie", "challenged=1; Path=/"))

    return guard


NOT_SENT = "the digest credentials were not sent: "
SIMPLE = 'Digest realm="the shop", qop="auth", nonce="n0", opaque="o0"'


@pytest.fixture
def shop() -> Iterator[Site]:
    with site({}) as served:
        yield served


def inside(asked: Asked) -> Said:
    return said({"method": asked.method, "body": asked.body.decode(), "cookies": asked.cookies()})


@pytest.mark.parametrize(
    ("challenge", "algorithm"),
    [
        (SIMPLE, "MD5"),
        ('Digest realm="the shop", nonce="n0"', "MD5"),
        ('Digest realm="the shop", qop="auth-int, auth", algorithm=SHA-256, nonce="n0"', "SHA-256"),
        ('Basic realm="x"|digest REALM="the shop", Nonce="n0", qop=auth', "MD5"),
        (
            'Negotiate, Digest realm="the shop", nonce="n0", algorithm=SHA3, Digest realm="the shop", nonce="n1"',
            "MD5",
        ),
        (
            'Digest nonce="n0"|Digest realm="the shop", nonce="n0", qop="auth-int"|Digest realm="the shop", nonce="n1"',
            "MD5",
        ),
    ],
)
def test_a_challenge_is_answered_once(shop: Site, challenge: str, algorithm: str) -> None:
    shop.routes["/in"] = guarded(inside, challenge, algorithm)
    given = step(
        "/in?a=b c",
        'jsonpath "$.body" == "x=1"',
        method="POST",
        auth=ME,
        status="200",
        body=Body("form", (("x", "1"),)),
    )
    result = Watched().one(shop.url, given, SECRETS)
    assert (result.message, result.attempts) == ("", 1)
    assert shop.paths() == ["POST /in?a=b%20c"] * 2
    assert shop.seen[0].headers.get("authorization") is None


def test_the_seconds_are_those_of_both_requests_and_cookies_of_the_challenge_are_kept(shop: Site) -> None:
    shop.routes["/in"] = guarded(inside, SIMPLE)
    given = step("/in", 'jsonpath "$.cookies.challenged" == "1"', "redirects count == 0", auth=ME)
    time = iter(range(1000))
    result = Watched().one(shop.url, given, SECRETS, clock=lambda: float(next(time)))
    assert result.message == ""
    assert result.seconds >= 1


def test_redirects_before_and_behind_a_challenge_are_followed_each_with_its_own_answer(shop: Site) -> None:
    shop.routes["/start"] = lambda _: moved("/a", 303)
    shop.routes["/a"] = guarded(lambda _: moved("/b"), SIMPLE)
    shop.routes["/b"] = guarded(inside, SIMPLE)
    checks = ("redirects count == 2", 'url endsWith "/b"', 'jsonpath "$.method" == "GET"', 'jsonpath "$.body" == ""')
    given = step("/start", *checks, method="POST", auth=ME, location=True, body=Body("text", "hello"))
    result = Watched().one(shop.url, given, SECRETS)
    assert (result.message, result.attempts) == ("", 1)
    assert shop.paths() == ["POST /start", "GET /a", "GET /a", "GET /b", "GET /b"]
    few = Watched().one(shop.url, step("/start", auth=ME, location=True, max_redirs=1), SECRETS)
    assert (few.state, few.status) == (State.FAILED, 302)
    assert few.message.endswith("/a: redirects more than 1 times")


def test_another_origin_is_told_nothing(shop: Site) -> None:
    with site({"/in": guarded(inside, SIMPLE)}) as other:
        shop.routes["/out"] = lambda _: moved(f"{other.url}/in")
        result = Watched().one(shop.url, step("/out", auth=ME, location=True, status="401"), SECRETS)
        assert result.ok
        assert other.paths() == ["GET /in"]


@pytest.mark.parametrize(
    ("challenge", "why"),
    [
        (
            'Digest realm="the shop", nonce="n0", qop="auth-int"',
            NOT_SENT + "`qop` is `auth-int`, and only `auth` is known here",
        ),
        (
            'Digest realm="the shop", nonce="n0", algorithm=SHA-512-256',
            NOT_SENT + "`algorithm` is `SHA-512-256`, and only MD5, MD5-SESS, SHA, SHA-256, SHA-512 are known here",
        ),
        ('Digest realm="the shop"', NOT_SENT + "its challenge lacks `realm` or `nonce`"),
        ("Digest", "this 401 has no Digest challenge to answer"),
        ('Basic realm="the shop"', "this 401 has no Digest challenge to answer"),
        (
            'Digest realm="a", nonce="n", algorithm="Circle of Life"',
            NOT_SENT + "`algorithm` is `***`, and only MD5, MD5-SESS, SHA, SHA-256, SHA-512 are known here",
        ),
    ],
)
def test_a_challenge_that_cannot_be_met_leaves_its_401_and_says_why(shop: Site, challenge: str, why: str) -> None:
    shop.routes["/in"] = guarded(inside, challenge)
    result = Watched().one(shop.url, step("/in", auth=ME, status="200"), SECRETS)
    assert (result.state, result.message) == (State.FAILED, f"status is 401, expected 200; {why}")
    assert len(shop.seen) == 1
    assert "Circle" not in repr(result)


def test_a_wrong_password_is_tried_once_and_a_401_that_is_expected_passes(shop: Site) -> None:
    shop.routes["/in"] = guarded(inside, SIMPLE.replace("the shop", "another"))
    shop.routes["/basic"] = guarded(inside, 'Basic realm="x"')
    result = Watched().one(shop.url, step("/in", auth=ME, status="200"), SECRETS)
    assert (result.state, result.message, len(shop.seen)) == (State.FAILED, "status is 401, expected 200", 2)
    assert "Circle" not in repr(result)
    own = step("/basic", auth=ME, status="200", headers=(("Authorization", "Bearer x"),))
    assert Watched().one(shop.url, own, SECRETS).message == "status is 401, expected 200"
    assert Watched().one(shop.url, step("/basic", auth=ME, status="401"), SECRETS).ok


@pytest.mark.parametrize(("times", "state"), [(1, State.PASSED), (9, State.FAILED)])
def test_a_stale_nonce_is_replaced_once(shop: Site, times: int, state: State) -> None:
    def guard(asked: Asked) -> Said:
        nonces = len(shop.seen)
        if answered(asked, "MD5") and nonces > 1 + times:
            return inside(asked)
        return said({}, 401, ("WWW-Authenticate", f'Digest realm="the shop", nonce="n{nonces}", stale=TRUE'))

    shop.routes["/in"] = guard
    result = Watched().one(shop.url, step("/in", auth=ME, status="200"), SECRETS)
    assert (result.state, len(shop.seen)) == (state, 3)


def test_a_header_of_ones_own_and_a_page_without_a_challenge_need_no_digest(shop: Site) -> None:
    shop.routes["/in"], shop.routes["/free"] = guarded(inside, SIMPLE), inside
    own = step("/in", auth=ME, status="401", headers=(("Authorization", "Bearer x"),))
    assert Watched().one(shop.url, own, SECRETS).ok
    assert Watched().one(shop.url, step("/free", auth=ME, status="200"), SECRETS).ok
    assert len(shop.seen) == 2


def test_the_example_of_the_rfc_is_computed_with_its_realm_nonce_and_opaque() -> None:
    challenge = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256,'
        ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    asked = Request("GET", "http://www.example.org/dir/index.html")
    header = _response((challenge,), asked, (SECRETS["user"], SECRETS["password"])) or ""
    given = parse_keqv_list(parse_http_list(header.removeprefix("Digest ")))
    assert given["opaque"] == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
    assert (given["uri"], given["qop"], given["nc"]) == ("/dir/index.html", "auth", "00000001")
    sha = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731
    first, second = sha("Mufasa:http-auth@example.org:Circle of Life"), sha("GET:/dir/index.html")
    assert given["response"] == sha(f"{first}:{given['nonce']}:00000001:{given['cnonce']}:auth:{second}")
