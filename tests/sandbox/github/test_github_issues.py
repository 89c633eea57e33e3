"""Issues: made, listed, changed; pull requests are among them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from github import Github
from tests.sandbox.github.shop import Client

from sandbox.github import EmbeddedGitHub, Repository

pytestmark = pytest.mark.usefixtures("lawful")


def numbers(client: Client, query: str = "") -> list[int]:
    return [issue["number"] for issue in client.get(f"/issues?{query}").json()]


def test_pygithub_opens_labels_closes_and_reopens(
    hub: EmbeddedGitHub, shop: Repository, url: str, pygithub: Callable[..., Github]
) -> None:
    repository = pygithub(hub.token(shop, permissions={"issues": "write"})).get_repo("org/shop")
    made = repository.create_issue("CI is red", body="since noon", labels=["ci"], assignees=["ann"])
    assert ([label.name for label in made.labels], [user.login for user in made.assignees]) == (["ci"], ["ann"])
    made.edit(title="CI is red again", state="closed", state_reason="completed")
    issue = shop.issues[made.number]
    assert (issue.title, issue.state, issue.state_reason, issue.body) == (
        "CI is red again", "closed", "completed", "since noon",
    )  # fmt: skip
    made.edit(state="open")
    assert (issue.state, issue.state_reason, issue.closed_at) == ("open", "reopened", None)


def test_a_list_is_filtered_and_sorted(client: Client, shop: Repository) -> None:
    red = shop.issue("Red", labels=["CI", "flaky"], author="ann")
    green = shop.issue("Green", labels=["ci"])
    pull = shop.pull_request({"a": "1"})
    shop.comment(red, "x")
    client.patch(f"/issues/{green.number}", {"state": "closed", "assignees": ["bob"]})
    assert numbers(client) == [pull.number, red.number]
    assert numbers(client, "state=closed") == numbers(client, "state=all&assignee=bob") == [green.number]
    assert numbers(client, "state=all&labels=ci") == [green.number, red.number]
    assert numbers(client, "state=all&labels=ci,flaky") == [red.number]
    assert numbers(client, "creator=ann") == [red.number]
    assert numbers(client, "state=all&assignee=*") == [green.number]
    assert numbers(client, "state=all&assignee=none") == [pull.number, red.number]
    assert numbers(client, "state=all&sort=comments")[0] == red.number
    assert numbers(client, "state=all&sort=updated&direction=asc")[-1] == green.number
    assert numbers(client, "state=all&since=2100-01-01T00:00:00Z") == []


def test_a_pull_request_is_an_issue_that_says_so(client: Client, shop: Repository) -> None:
    pull = shop.pull_request({"a": "1"})
    assert client.get(f"/issues/{pull.number}").json()["pull_request"]["merged_at"] is None
    shop.merge(pull)
    assert client.get(f"/issues/{pull.number}").json()["pull_request"]["merged_at"] is not None
    assert client.patch(f"/issues/{pull.number}", {"state": "open"}).status_code == 422
    assert "pull_request" not in client.get(f"/issues/{shop.issue('Plain').number}").json()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 257}, "title"),
        ({"title": "x", "body": "y" * 65_537}, "data"),
    ],
)
def test_what_the_service_refuses_is_refused(
    body: dict[str, str], field: str, client: Client, shop: Repository
) -> None:
    there = shop.issue("There")
    for answer in (client.post("/issues", body), client.patch(f"/issues/{there.number}", body)):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert list(shop.issues) == [there.number]


def test_labels_come_as_names_or_objects_and_a_title_as_a_number(client: Client, shop: Repository) -> None:
    made = client.post("/issues", {"title": 7, "labels": ["a", {"name": "b"}]}).json()
    assert (made["title"], [label["name"] for label in made["labels"]]) == ("7", ["a", "b"])
    changed = client.patch(f"/issues/{made['number']}", {"labels": [], "body": None, "title": None}).json()
    assert (changed["labels"], changed["body"], changed["title"]) == ([], None, "7")


def test_there_is_no_issue_where_there_is_none(client: Client) -> None:
    assert client.get("/issues/7").status_code == 404
    assert client.patch("/issues/7", {"title": "x"}).status_code == 404
