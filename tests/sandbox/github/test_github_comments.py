"""Comments over HTTP: who wrote them, their limit, their pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from github import Github
from tests.sandbox.github.shop import Client

from sandbox.github import ACTIONS_BOT, EmbeddedGitHub, Repository, Token

pytestmark = pytest.mark.usefixtures("lawful")

PyGithub = Callable[..., Github]


def test_a_comment_by_the_workflows_token_is_by_the_bot(client: Client, shop: Repository) -> None:
    pull = shop.pull_request({"a": "1"})
    made = client.post(f"/issues/{pull.number}/comments", {"body": "Coverage: 80 %"})
    assert made.status_code == 201
    assert (made.json()["user"]["login"], made.json()["user"]["type"]) == (ACTIONS_BOT, "Bot")
    assert made.headers["Location"] == made.json()["url"]
    assert [comment.body for comment in pull.comments] == ["Coverage: 80 %"]


def test_a_personal_token_comments_as_its_user(
    hub: EmbeddedGitHub, shop: Repository, url: str, pygithub: PyGithub
) -> None:
    token = hub.personal_token("alice", shop, permissions={"issues": "write"})
    issue = shop.issue("Broken")
    pygithub(token).get_repo("org/shop").get_issue(issue.number).create_comment("hi")
    assert [(comment.author.login, comment.author.kind) for comment in issue.comments] == [("alice", "User")]


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_pygithub_writes_edits_and_deletes_under_either_base_url(
    prefix: str, hub: EmbeddedGitHub, shop: Repository, url: str, pygithub: PyGithub
) -> None:
    pull = shop.pull_request({"a": "1"})
    token = hub.token(shop, permissions={"pull-requests": "write"})
    found = pygithub(token, url + prefix).get_repo("org/shop").get_pull(pull.number)
    comment = found.create_issue_comment("one")
    comment.edit("two")
    assert [one.body for one in found.get_issue_comments()] == ["two"]
    assert found.get_issue_comment(comment.id).body == "two"
    comment.delete()
    assert pull.comments == []
    assert hub.permissions_used() == {"pull-requests": "write"}


@pytest.mark.parametrize(("length", "status"), [(65_536, 201), (65_537, 422)])
def test_a_body_has_65536_characters_at_most(length: int, status: int, client: Client, shop: Repository) -> None:
    issue = shop.issue("Broken")
    answer = client.post(f"/issues/{issue.number}/comments", {"body": "ü" * length})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["message"] == "Body is too long (maximum is 65536 characters)"
        assert issue.comments == []


def test_an_empty_body_is_refused_on_writing_and_on_editing(client: Client, shop: Repository) -> None:
    issue = shop.issue("Broken")
    comment = shop.comment(issue, "text")
    assert client.post(f"/issues/{issue.number}/comments", {"body": " "}).status_code == 422
    assert client.patch(f"/issues/comments/{comment.id}", {"body": ""}).status_code == 422
    assert comment.body == "text"


def test_there_are_no_comments_where_there_is_no_issue(client: Client) -> None:
    assert client.get("/issues/7/comments").status_code == 404
    assert client.post("/issues/7/comments", {"body": "x"}).status_code == 404
    assert client.get("/issues/comments/7").status_code == 404


def test_a_list_is_walked_by_its_links_which_name_the_repository_by_its_id(client: Client, shop: Repository) -> None:
    issue = shop.issue("Busy")
    for number in range(65):
        shop.comment(issue, str(number))
    seen: list[str] = []
    where = f"/issues/{issue.number}/comments"
    answer = client.get(where)
    assert set(answer.links) == {"next", "last"}
    assert f"/repositories/{shop.id}/issues/" in answer.links["next"]["url"]
    while True:
        seen += [comment["body"] for comment in answer.json()]
        if "next" not in answer.links:
            break
        answer = client.get(answer.links["next"]["url"])
    assert set(answer.links) == {"prev", "first"}
    assert seen == [str(number) for number in range(65)]


@pytest.mark.parametrize(("per_page", "got"), [("100", 100), ("1000", 100), ("7", 7), ("0", 30)])
def test_a_page_has_100_items_at_most(per_page: str, got: int, client: Client, shop: Repository) -> None:
    issue = shop.issue("Busy")
    for number in range(120):
        shop.comment(issue, str(number))
    assert len(client.get(f"/issues/{issue.number}/comments?per_page={per_page}").json()) == got


def test_a_page_beyond_the_end_is_empty(client: Client, shop: Repository) -> None:
    issue = shop.issue("Quiet")
    answer = client.get(f"/issues/{issue.number}/comments?page=9")
    assert (answer.json(), answer.links["prev"]["url"][-7:]) == ([], "?page=1")


def test_comments_of_the_whole_repository_are_listed_by_age(client: Client, shop: Repository) -> None:
    one, two = shop.issue("One"), shop.issue("Two")
    for issue, body in ((two, "first"), (one, "second")):
        shop.comment(issue, body)
    assert [c["body"] for c in client.get("/issues/comments").json()] == ["first", "second"]
    newest = client.get("/issues/comments?sort=created&direction=desc").json()
    assert [c["body"] for c in newest] == ["second", "first"]


def test_comments_since_a_time_leave_out_older_ones(client: Client, shop: Repository) -> None:
    issue = shop.issue("One")
    shop.comment(issue, "old")
    assert client.get(f"/issues/{issue.number}/comments?since=2020-01-01T00:00:00Z").json() != []
    assert client.get(f"/issues/{issue.number}/comments?since=2100-01-01T00:00:00Z").json() == []


def test_a_plain_issue_takes_the_issues_permission_and_a_pull_request_either(
    hub: EmbeddedGitHub, shop: Repository, client_of: Callable[[Token], Client]
) -> None:
    issue, pull = shop.issue("Plain"), shop.pull_request({"a": "1"})
    only_pulls = client_of(hub.token(shop, permissions={"pull-requests": "write"}))
    only_issues = client_of(hub.token(shop, permissions={"issues": "write"}))
    assert only_pulls.post(f"/issues/{issue.number}/comments", {"body": "x"}).status_code == 403
    assert only_pulls.post(f"/issues/{pull.number}/comments", {"body": "x"}).status_code == 201
    assert only_issues.post(f"/issues/{issue.number}/comments", {"body": "x"}).status_code == 201
    assert only_issues.post(f"/issues/{pull.number}/comments", {"body": "x"}).status_code == 201
    assert hub.permissions_used() == {"issues": "write", "pull-requests": "write"}
    on_issue = issue.comments[0].id
    assert only_pulls.patch(f"/issues/comments/{on_issue}", {"body": "y"}).status_code == 403
