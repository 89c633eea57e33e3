"""GitHub's own description judges every request and every answer; a violation is loud and recorded."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.github.shop import Client
from werkzeug.datastructures import Headers

from sandbox.github import EmbeddedGitHub, Repository
from sandbox.github.contract import Answered, Asked, contract
from sandbox.github.exchange import Reply, Route
from sandbox.github.routing import Router

COMMENTS = "/repos/{owner}/{repo}/issues/{issue_number}/comments"


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("POST", "/issues/1/comments", {"boddy": "x"}, "'boddy' was unexpected"),
        ("POST", "/issues/1/comments", {"body": "x", "extra": 1}, "'extra' was unexpected"),
        ("POST", "/issues/1/comments", {"body": 7}, "is not of type 'string'"),
        ("POST", "/issues", {"body": "no title"}, "'title' is a required property"),
        ("POST", "/issues", None, "Missing required request body"),
        ("PATCH", "/git/refs/heads/main", {"sha": "1", "forced": True}, "'forced' was unexpected"),
        ("GET", "/pulls?sate=open", None, "query parameters ['sate'] are not among"),
        ("GET", "/pulls?state=opened", None, "'opened' is not one of"),
        ("GET", "/issues/one/comments", None, "issue_number"),
        ("GET", "/stargazers", None, "no such operation is served"),
        ("PUT", "/pulls", {}, "no such operation is served"),
    ],
)
def test_a_request_that_github_does_not_describe_is_a_violation(
    method: str, path: str, body: Any, says: str, client: Client, hub: EmbeddedGitHub
) -> None:
    answer = client.send(method, path, json=body)
    assert answer.status_code == 500
    assert says in answer.json()["message"]
    [violation] = hub.violations
    assert violation.startswith(f"{method} /repos/org/shop{path.partition('?')[0]}: ")
    assert says in violation
    assert hub.permissions_used() == {}


def test_a_body_that_is_no_json_is_400(client: Client, hub: EmbeddedGitHub) -> None:
    answer = client.send("POST", "/issues/1/comments", data=b"{")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")
    assert hub.violations == []


def test_an_answer_that_github_does_not_describe_is_a_violation(
    client: Client, hub: EmbeddedGitHub, shop: Repository
) -> None:
    shop.issue("x").state = "ajar"  # type: ignore[assignment]
    shop.pull_request({"a": "1"}).issue.title = 7  # type: ignore[assignment]
    answer = client.get("/pulls")
    assert answer.status_code == 500
    assert "0/title: 7 is not of type 'string'" in hub.violations[0]


def test_a_failure_of_the_sandbox_itself_is_told_and_recorded(
    client: Client, hub: EmbeddedGitHub, shop: Repository
) -> None:
    shop.issue("x").comments = None  # type: ignore[assignment]
    assert client.get("/issues/1/comments").status_code == 500
    assert "the sandbox itself failed" in hub.violations[0]


def asked(method: str = "GET", template: str = COMMENTS, **query: str) -> Asked:
    path = {"owner": "org", "repo": "shop", "issue_number": "1"}
    return Asked.of(method, template, path=path, query=query, body=None)


def answered(status: int, body: bytes, media: str = "application/json") -> Answered:
    return Answered(status, media, Headers(), body)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422, 429, 500, 502])
def test_every_endpoint_may_answer_with_an_error(status: int) -> None:
    error = b'{"message": "x", "documentation_url": "https://docs.github.com/rest", "status": "%d"}' % status
    assert contract().response_violation(asked(), answered(status, error)) is None
    assert contract().response_violation(asked(), answered(status, b'{"mesage": "x"}')) is not None


def test_a_status_that_is_not_described_is_a_violation() -> None:
    assert "204" in str(contract().response_violation(asked(), answered(204, b"")))
    assert contract().response_violation(asked(), answered(200, b"[]")) is None
    assert contract().response_violation(asked(), answered(200, b"", "text/plain")) is not None


def test_the_description_is_loaded_once() -> None:
    assert contract() is contract()
    assert contract().serves("GET", COMMENTS)
    assert not contract().serves("PUT", COMMENTS)


def nothing(_: object) -> Reply:
    return Reply(204)


@pytest.mark.parametrize(
    ("path", "template", "arguments"),
    [
        ("/r/commits/a/b/pulls", "/r/commits/{commit_sha}/pulls", {"commit_sha": "a/b"}),
        ("/r/commits/a/b", "/r/commits/{ref}", {"ref": "a/b"}),
        ("/r/contents", "/r/contents/{path}", {"path": ""}),
        ("/r/contents/", "/r/contents/{path}", {"path": ""}),
        ("/r/contents/a/b", "/r/contents/{path}", {"path": "a/b"}),
        ("/r/runs/1", "/r/runs/{run_id}", {"run_id": "1"}),
    ],
)
def test_parameters_of_several_segments_are_routed(path: str, template: str, arguments: dict[str, str]) -> None:
    templates = ("/r/commits/{ref}", "/r/commits/{commit_sha}/pulls", "/r/contents/{path}", "/r/runs/{run_id}")
    router = Router(Route("GET", one, nothing) for one in templates)
    found = router.match("GET", path)
    assert found is not None
    assert (found[0].template, found[1]) == (template, arguments)
    assert router.match("POST", path) is None


def test_a_parameter_of_one_segment_ends_at_the_slash() -> None:
    assert Router([Route("GET", "/r/runs/{run_id}", nothing)]).match("GET", "/r/runs/1/2") is None
