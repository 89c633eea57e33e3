"""A GitHub that misbehaves on demand: limits, failures around the effect, broken and slow connections, lag."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from tests.sandbox.github.shop import EVERYTHING, Client

from sandbox.github import EmbeddedGitHub, Repository, Token

pytestmark = pytest.mark.usefixtures("lawful")

COMMENTS = "*/issues/*/comments"


@pytest.fixture
def comments(shop: Repository) -> str:
    return f"/issues/{shop.pull_request({'a': '1'}).number}/comments"


def bodies(shop: Repository) -> list[str]:
    return [comment.body for pull in shop.pulls for comment in pull.comments]


# Failures before and after the effect


def test_a_5xx_before_the_effect_leaves_nothing_behind(
    hub: EmbeddedGitHub, client: Client, shop: Repository, comments: str
) -> None:
    hub.behave.on("POST", COMMENTS, nth=1).fails_before_the_effect(503)
    assert client.post(comments, {"body": "x"}).status_code == 503
    assert bodies(shop) == []
    assert client.post(comments, {"body": "x"}).status_code == 201


def test_a_5xx_after_the_effect_leaves_it_there(
    hub: EmbeddedGitHub, client: Client, shop: Repository, comments: str
) -> None:
    hub.behave.on("POST", COMMENTS, nth=2).fails_after_the_effect()
    answers = [client.post(comments, {"body": str(number)}).status_code for number in range(3)]
    assert answers == [201, 502, 201]
    assert bodies(shop) == ["0", "1", "2"]
    assert [record.fault for record in hub.asked("POST")] == [None, "answer", None]


def test_pygithub_writes_twice_when_it_retries_a_write_that_had_its_effect(
    hub: EmbeddedGitHub, shop: Repository, url: str, comments: str
) -> None:
    from github import Auth, Github
    from urllib3 import Retry

    hub.behave.on("POST", COMMENTS, nth=1).fails_after_the_effect(502)
    retry = Retry(total=2, status_forcelist=[502], allowed_methods=None)
    token = hub.token(shop, permissions=EVERYTHING)
    with Github(base_url=url, auth=Auth.Token(token.secret), retry=retry, seconds_between_writes=0) as github:
        github.get_repo("org/shop").get_pull(1).create_issue_comment("once?")
    assert bodies(shop) == ["once?", "once?"]


def test_a_connection_reset_before_the_effect(
    hub: EmbeddedGitHub, client: Client, shop: Repository, comments: str
) -> None:
    hub.behave.on("POST", COMMENTS, nth=1).resets_before_the_effect()
    with pytest.raises(requests.ConnectionError):
        client.post(comments, {"body": "x"})
    assert bodies(shop) == []
    assert [(record.status, record.body) for record in hub.asked("POST")] == [(0, {"body": "x"})]


def test_a_connection_reset_in_the_middle_of_the_answer(
    hub: EmbeddedGitHub, client: Client, shop: Repository, comments: str
) -> None:
    hub.behave.on("POST", COMMENTS, nth=1).resets_after_the_effect()
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.post(comments, {"body": "x"})
    assert bodies(shop) == ["x"]


def test_an_answer_of_your_own(hub: EmbeddedGitHub, client: Client) -> None:
    hub.behave.on("*", "*/pulls").answers(418, "I'm a teapot", headers={"X-Tea": "green"})
    answer = client.get("/pulls")
    assert (answer.status_code, answer.json()["message"], answer.headers["X-Tea"]) == (418, "I'm a teapot", "green")


# Slowness


def test_a_slow_answer_and_a_slow_body(hub: EmbeddedGitHub, client: Client, comments: str) -> None:
    hub.behave.on("GET", "*/pulls", nth=1).is_slow(before=0.15, body=0.15)
    started = time.monotonic()
    with client.get("/pulls", stream=True) as answer:
        assert time.monotonic() - started >= 0.14
        assert len(answer.json()) == 1
    assert time.monotonic() - started >= 0.28
    hub.behave.on("GET", "*/pulls").is_slow(before=1)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{client.url}/repos/org/shop/pulls", timeout=0.1)


# Limits


def test_the_primary_limit_counts_down_and_refills(hub: EmbeddedGitHub, client: Client, shop: Repository) -> None:
    assert client.token is not None
    assert client.get("").headers["X-RateLimit-Remaining"] == "999"
    client.token.quota.remaining = 1
    assert client.get("").headers["X-RateLimit-Remaining"] == "0"
    refused = client.get("")
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert "rate limit exceeded" in refused.json()["message"]
    assert int(refused.headers["X-RateLimit-Reset"]) > time.time()
    free = client.get(f"{client.url}/rate_limit").json()
    assert free["resources"]["core"] == free["rate"]
    assert (free["rate"]["remaining"], free["rate"]["used"]) == (0, 1000)
    client.token.quota.resets_at = hub.site.clock()
    assert client.get("").status_code == 200


def test_a_personal_token_has_5000_an_hour_and_nobody_has_a_quota_without_one(
    hub: EmbeddedGitHub, shop: Repository, url: str, client_of: Callable[[Token | None], Client]
) -> None:
    token = hub.personal_token("alice", shop, permissions={})
    assert client_of(token).get("").headers["X-RateLimit-Limit"] == "5000"
    assert client_of(None).get(f"{url}/rate_limit").status_code == 404


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("retry_after", [None, 7])
def test_a_secondary_limit_comes_with_or_without_retry_after(
    status: int, retry_after: int | None, hub: EmbeddedGitHub, client: Client
) -> None:
    hub.behave.on("GET", "*/pulls", nth=range(1, 3)).answers_secondary_limit(status, retry_after=retry_after)  # type: ignore[arg-type]
    for _ in range(2):
        refused = client.get("/pulls")
        assert (refused.status_code, "secondary rate limit" in refused.json()["message"]) == (status, True)
        assert refused.headers.get("Retry-After") == (None if retry_after is None else "7")
    assert client.get("/pulls").status_code == 200


# Consistency


def test_a_new_comment_is_not_listed_at_once(hub: EmbeddedGitHub, client: Client, comments: str) -> None:
    hub.behave.lag("comments", reads=2)
    made = client.post(comments, {"body": "x"}).json()
    assert client.get(f"/issues/comments/{made['id']}").status_code == 200
    assert [len(client.get(comments).json()) for _ in range(3)] == [0, 0, 1]


def test_a_new_issue_is_not_listed_at_once(hub: EmbeddedGitHub, client: Client) -> None:
    hub.behave.lag("issues", reads=1)
    client.post("/issues", {"title": "x"})
    assert [len(client.get("/issues").json()) for _ in range(2)] == [0, 1]


def test_a_reference_reads_as_it_was_for_a_while_but_writers_see_the_truth(
    hub: EmbeddedGitHub, client: Client, shop: Repository
) -> None:
    old = shop.tip()
    new = shop.record(shop.objects.commit(old).tree, [old], "More", shop.owner).sha
    hub.behave.lag("refs", reads=2)
    client.post("/git/refs", {"ref": "refs/heads/data", "sha": old})
    assert client.post("/git/refs", {"ref": "refs/heads/data", "sha": old}).status_code == 422
    assert client.get("/git/matching-refs/heads/data").json() == []
    assert [client.get("/git/ref/heads/data").status_code for _ in range(2)] == [404, 200]
    client.patch("/git/refs/heads/data", {"sha": new})
    shas = [client.get("/git/matching-refs/heads/data").json()[0]["object"]["sha"] for _ in range(3)]
    assert shas == [old, old, new]


def test_a_lag_of_something_unknown_is_refused(hub: EmbeddedGitHub) -> None:
    with pytest.raises(ValueError, match="accepted are comments, issues, refs"):
        hub.behave.lag("artifacts", reads=1)  # type: ignore[arg-type]


def test_something_happens_between_the_pages(
    hub: EmbeddedGitHub, client: Client, shop: Repository, comments: str
) -> None:
    pull = shop.pulls[0]
    for number in range(4):
        shop.comment(pull, str(number))
    hub.behave.on("GET", COMMENTS, nth=2).happens_meanwhile(lambda: pull.comments.pop(0))
    first = client.get(f"{comments}?per_page=2")
    second = client.get(first.links["next"]["url"])
    assert [comment["body"] for comment in first.json() + second.json()] == ["0", "1", "3"]


def test_a_list_comes_in_another_order(hub: EmbeddedGitHub, client: Client, shop: Repository, comments: str) -> None:
    for number in range(3):
        shop.comment(shop.pulls[0], str(number))
    hub.behave.on("GET", COMMENTS, nth=1).lists_as(lambda items: items[::-1])
    assert [comment["body"] for comment in client.get(comments).json()] == ["2", "1", "0"]
    assert [comment["body"] for comment in client.get(comments).json()] == ["0", "1", "2"]


def test_calm_forgets_every_rule_and_lag(hub: EmbeddedGitHub, client: Client, comments: str) -> None:
    hub.behave.on("GET", "*").fails_before_the_effect()
    hub.behave.lag("comments", reads=5)
    hub.behave.calm()
    client.post(comments, {"body": "x"})
    assert len(client.get(comments).json()) == 1


def test_a_request_that_breaks_off_does_nothing_and_is_no_violation(
    hub: EmbeddedGitHub, shop: Repository, url: str, comments: str
) -> None:
    token = hub.token(shop, permissions=EVERYTHING)
    parts = urlsplit(url)
    head = (
        f"POST /repos/{shop.full_name}{comments} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 99\r\n"
        f"Authorization: Bearer {token.secret}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(head.encode() + b'{"body": "half')
    deadline = time.monotonic() + 10
    while not hub.requests and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [record.status for record in hub.requests] == [400]
    assert bodies(shop) == []
