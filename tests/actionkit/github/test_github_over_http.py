"""The client against a real HTTP server: the parts a scripted transport cannot prove."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from actionkit.github import BadToken, GitHub, MaybeDone, NotFound, RateLimited, ServerError
from actionkit.http import Http, Timeout
from sandbox.github import EmbeddedGitHub, Repository, Token

ISSUES = "/repos/org/shop/issues"


def test_an_enterprise_server_answers_under_its_prefix(hub: EmbeddedGitHub, shop: Repository, url: str) -> None:
    token = hub.token(shop, permissions={"pull-requests": "write"})
    with Http() as http:
        github = GitHub(token.secret, http, api_url=f"{url}/api/v3")
        numbers = [shop.pull_request({f"f{n}": "x"}).number for n in range(3)]
        listed = github.pages("/repos/org/shop/pulls", {"per_page": 2, "direction": "asc"})
        assert [pull["number"] for pull in listed] == numbers
        assert github.requests_made == 2
    assert [request.token for request in hub.requests] == ["github-actions[bot]"] * 2


def test_an_expired_token_is_said_to_be_one(
    hub: EmbeddedGitHub, shop: Repository, connect: Callable[[Token], GitHub]
) -> None:
    expired = hub.token(shop, permissions={"contents": "read"}, expires_in=timedelta(seconds=-1))
    with pytest.raises(BadToken, match="missing, mistyped, expired or revoked") as caught:
        connect(expired).get("/repos/org/shop")
    assert expired.secret not in str(caught.value)
    assert "github.token" in caught.value.fix


def test_a_repository_the_token_may_not_see_is_not_found(
    hub: EmbeddedGitHub, shop: Repository, connect: Callable[[Token], GitHub]
) -> None:
    other = hub.repository("org/other", files={"a": "b"})
    github = connect(hub.token(other, permissions={"contents": "read"}))
    with pytest.raises(NotFound, match="not found, or the token may not see it"):
        github.get("/repos/org/shop/contents/README.md")
    assert github.get_or_none("/repos/org/shop/contents/README.md") is None


def test_a_used_up_quota_says_when_it_comes_back(
    hub: EmbeddedGitHub, shop: Repository, connect: Callable[[Token], GitHub]
) -> None:
    token = hub.token(shop, permissions={"contents": "read"})
    token.quota.remaining = 0
    with pytest.raises(RateLimited, match="primary rate limit is used up until") as caught:
        connect(token).get("/repos/org/shop/branches/main")
    assert 3500 < caught.value.wait_seconds < 3700


@pytest.mark.parametrize("fault", ["resets_before_the_effect", "resets_after_the_effect", "fails_before_the_effect"])
def test_a_read_that_breaks_is_repeated_until_it_is_whole(
    github: GitHub, hub: EmbeddedGitHub, sleeps: Any, fault: str
) -> None:
    getattr(hub.behave.on("GET", "*/branches/main", nth=range(1, 4)), fault)()
    assert github.get("/repos/org/shop/branches/main")["name"] == "main"
    assert github.requests_made == 4
    assert len(sleeps.seconds) == 3


def test_a_write_that_breaks_is_not(github: GitHub, shop: Repository, hub: EmbeddedGitHub) -> None:
    pull = shop.pull_request({"a": "b"})
    hub.behave.on("POST", "*/comments").resets_after_the_effect()
    with pytest.raises(MaybeDone):
        github.post(f"{ISSUES}/{pull.number}/comments", {"body": "x"})
    assert len(pull.comments) == 1


def test_a_server_that_stays_broken_is_named(github: GitHub, hub: EmbeddedGitHub) -> None:
    hub.behave.on("GET", "*").fails_before_the_effect(503)
    with pytest.raises(ServerError, match="GitHub answered 503, 5 times"):
        github.get("/repos/org/shop/branches/main")


def test_a_trickled_answer_ends_at_the_deadline(hub: EmbeddedGitHub, shop: Repository, url: str) -> None:
    hub.behave.on("GET", "*/branches/main").is_slow(body=5)
    token = hub.token(shop, permissions={"contents": "read"})
    with Http() as http, pytest.raises(Timeout, match=r"within 0\.3 s"):
        GitHub(token.secret, http, api_url=url, timeout_seconds=0.3, patience_seconds=0).get(
            "/repos/org/shop/branches/main"
        )
