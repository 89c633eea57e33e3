"""Credentials, visibility and permissions, as the service refuses them; and the ledger that proves least privilege."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.github.shop import Client

from sandbox.github import EmbeddedGitHub, Repository, Token
from sandbox.github.ledger import RequestRecord, permissions_used
from sandbox.github.tokens import Need

pytestmark = pytest.mark.usefixtures("lawful")

ClientOf = Callable[[Token | None], Client]


@pytest.mark.parametrize("header", ["Bearer nonsense", "token nonsense", "Basic eDp5", "nonsense"])
def test_an_unknown_credential_is_401(header: str, shop: Repository, client_of: ClientOf) -> None:
    answer = client_of(None).get("", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_an_expired_token_is_401(hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf) -> None:
    token = hub.token(shop, permissions={"contents": "read"}, expires_in=-timedelta(seconds=1))
    assert client_of(token).get("/contents/README.md").status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token"])
def test_both_schemes_of_the_authorization_header_work(
    scheme: str, hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf
) -> None:
    token = hub.token(shop, permissions={})
    assert client_of(None).get("", headers={"Authorization": f"{scheme} {token.secret}"}).status_code == 200


def test_a_private_repository_is_404_for_anyone_whose_token_does_not_reach_it(
    hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf
) -> None:
    other = hub.repository("org/other", files={"a": "1"})
    stranger = hub.token(other, permissions={"contents": "write", "pull-requests": "write"})
    for token in (stranger, None):
        assert client_of(token).get("").status_code == 404
        assert client_of(token).get("/pulls").status_code == 404
        assert client_of(token).post("/git/blobs", {"content": "x"}).status_code == 404
    assert client_of(hub.token(shop, permissions={})).get(f"{client_of(None).url}/repos/org/nowhere").status_code == 404


def test_a_public_repository_is_readable_by_anyone_and_writable_by_its_own(
    hub: EmbeddedGitHub, url: str, client_of: ClientOf
) -> None:
    public = hub.repository("org/open", files={"a": "1"}, private=False)
    stranger = hub.token(hub.repository("org/other"), permissions={"contents": "write"})
    where = f"{url}/repos/org/open"
    assert client_of(None).get(f"{where}/contents/a").status_code == 200
    assert client_of(stranger).get(f"{where}/contents/a").status_code == 200
    assert client_of(None).send("POST", f"{where}/git/blobs", json={"content": "x"}).status_code == 401
    assert client_of(stranger).send("POST", f"{where}/git/blobs", json={"content": "x"}).status_code == 403
    own = client_of(hub.token(public, permissions={"contents": "write"}))
    assert own.send("POST", f"{where}/git/blobs", json={"content": "x"}).status_code == 201
    assert own.get(where).json()["permissions"]["push"] is True


def test_a_missing_permission_is_403_and_says_what_would_do(
    hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf
) -> None:
    token = hub.token(shop, permissions={"contents": "read"})
    answer = client_of(token).get("/pulls")
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "pull_requests=read"
    assert client_of(token).post("/git/blobs", {"content": "x"}).status_code == 403
    personal = hub.personal_token("alice", shop, permissions={})
    refused = client_of(personal).get("/pulls")
    assert refused.json()["message"] == "Resource not accessible by personal access token"


def test_the_token_of_a_fork_reads_and_cannot_comment(
    hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf
) -> None:
    pull = shop.pull_request({"a": "1"}, from_fork="mallory/shop")
    client = client_of(hub.fork_token(shop))
    assert client.get(f"/pulls/{pull.number}").status_code == 200
    assert client.post(f"/issues/{pull.number}/comments", {"body": "x"}).status_code == 403
    assert pull.comments == []


def test_only_a_user_can_ask_who_they_are(hub: EmbeddedGitHub, shop: Repository, url: str, client_of: ClientOf) -> None:
    personal = hub.personal_token("alice", shop, permissions={})
    assert client_of(personal).get(f"{url}/user").json()["login"] == "alice"
    assert client_of(hub.token(shop, permissions={})).get(f"{url}/user").status_code == 403
    assert client_of(None).get(f"{url}/user").status_code == 401
    assert client_of(None).get(f"{url}/meta").status_code == 200


def test_a_repository_shows_whose_fork_it_is_and_what_its_caller_may(
    hub: EmbeddedGitHub, shop: Repository, url: str, client_of: ClientOf
) -> None:
    fork = shop.fork("mallory/shop")
    shown = client_of(hub.token(fork, permissions={"contents": "read"})).get(f"{url}/repos/Mallory/Shop").json()
    assert (shown["fork"], shown["parent"]["full_name"], shown["permissions"]["push"]) == (True, "org/shop", False)
    open_ = hub.repository("org/open", private=False)
    anonymous = client_of(None).get(f"{url}/repos/{open_.full_name}").json()
    assert ("permissions" in anonymous, anonymous["visibility"]) == (False, "public")


def test_a_comment_by_the_owner_says_so(client: Client, shop: Repository) -> None:
    issue = shop.issue("Broken")
    for login in ("org", "ann", "github-actions[bot]"):
        shop.comment(issue, "x", author=login)
    shown = client.get(f"/issues/{issue.number}/comments").json()
    assert [comment["author_association"] for comment in shown] == ["OWNER", "CONTRIBUTOR", "NONE"]


# The ledger


def test_the_ledger_tells_what_was_asked_without_the_secret(
    hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf
) -> None:
    issue = shop.issue("Broken")
    token = hub.token(shop, permissions={"issues": "write"})
    client_of(token).post(f"/issues/{issue.number}/comments", {"body": "x"})
    client_of(token).get("/pulls?state=all")
    [comment] = hub.asked("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments")
    assert (comment.path, comment.body, comment.status) == ("/repos/org/shop/issues/1/comments", {"body": "x"}, 201)
    assert comment.need == Need("issues", "write")
    [listing] = hub.asked("GET")
    assert (listing.query, listing.status) == ({"state": "all"}, 403)
    assert token.secret not in repr(hub.requests) + repr(token)


def test_the_permissions_used_are_those_of_what_succeeded(
    hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf
) -> None:
    client = client_of(hub.token(shop, permissions={"contents": "read", "pull-requests": "write"}))
    pull = shop.pull_request({"a": "1"})
    client.get("")
    client.get("/contents/README.md")
    client.get("/contents/gone")
    client.get(f"/issues/{pull.number}/comments")
    client.post(f"/issues/{pull.number}/comments", {"body": "x"})
    client.get(f"/issues/{pull.number}/comments")
    client.get("/actions/runs")
    assert hub.permissions_used() == {"contents": "read", "pull-requests": "write"}


NEEDS = st.builds(Need, st.sampled_from(["contents", "issues", "metadata"]), st.sampled_from(["read", "write"]))
RECORDS = st.lists(
    st.builds(
        lambda need, status: RequestRecord("GET", "/", None, {}, None, None, status, need),
        st.none() | NEEDS,
        st.sampled_from([200, 201, 401, 403, 404]),
    )
)


@given(records=RECORDS)
def test_the_permissions_used_meet_every_need_that_was_met_and_no_fewer_would(records: list[RequestRecord]) -> None:
    used = permissions_used(records)
    needs = [one.need for one in records if one.need and one.status not in (401, 403) and one.need.scope != "metadata"]
    assert all(need.met_by(used) for need in needs)
    for scope, access in used.items():
        assert Need(scope, access) in needs
