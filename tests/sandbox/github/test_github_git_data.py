"""The Git database over HTTP: what a baseline branch is written with, and who wins a race for it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from github import Github, InputGitTreeElement
from tests.sandbox.github.shop import Client

from sandbox.github import EmbeddedGitHub, Repository, Token

pytestmark = pytest.mark.usefixtures("lawful")

NOWHERE = "0" * 40


def written(client: Client, content: str, *parents: str, base: str | None = None) -> str:
    """A commit of one file, written as an action writes it: tree, commit; no reference moves."""
    entry = {"path": "data.json", "mode": "100644", "type": "blob", "content": content}
    tree = client.post("/git/trees", {"tree": [entry], **({"base_tree": base} if base else {})}).json()
    return str(client.post("/git/commits", {"message": "Data", "tree": tree["sha"], "parents": parents}).json()["sha"])


def test_pygithub_makes_an_orphan_branch_and_moves_it_on(
    hub: EmbeddedGitHub, shop: Repository, url: str, pygithub: Callable[..., Github]
) -> None:
    repository = pygithub(hub.token(shop, permissions={"contents": "write"})).get_repo("org/shop")
    blob = repository.create_git_blob(base64.b64encode(b"\0one").decode(), "base64")
    tree = repository.create_git_tree([InputGitTreeElement("data.bin", "100644", "blob", sha=blob.sha)])
    first = repository.create_git_commit("First", tree, [])
    ref = repository.create_git_ref("refs/heads/actions-data", first.sha)
    more = [InputGitTreeElement("deep/more.json", "100644", "blob", content="{}")]
    second = repository.create_git_commit("Second", repository.create_git_tree(more, base_tree=tree), [first])
    ref.edit(second.sha)
    assert shop.tip("actions-data") == second.sha
    assert shop.read("data.bin", "actions-data") == b"\0one"
    assert shop.read("deep/more.json", "actions-data") == b"{}"
    assert shop.objects.commit(first.sha).parents == ()
    assert repository.get_git_blob(blob.sha).content.strip() == base64.b64encode(b"\0one").decode()
    assert hub.permissions_used() == {"contents": "write"}


def test_a_reference_only_moves_forward_unless_forced(client: Client, shop: Repository) -> None:
    start = shop.tip()
    ahead, aside = written(client, "1", start), written(client, "2", start)
    assert client.patch("/git/refs/heads/main", {"sha": ahead}).status_code == 200
    refused = client.patch("/git/refs/heads/main", {"sha": aside})
    assert (refused.status_code, refused.json()["message"]) == (422, "Update is not a fast forward")
    assert shop.tip() == ahead
    assert client.patch("/git/refs/heads/main", {"sha": aside, "force": True}).status_code == 200
    assert shop.tip() == aside


def test_of_racing_writers_one_wins_and_the_others_are_told(
    hub: EmbeddedGitHub, shop: Repository, client: Client, client_of: Callable[[Token], Client]
) -> None:
    token, start = hub.token(shop, permissions={"contents": "write"}), shop.tip()
    commits = [written(client, str(number), start) for number in range(8)]

    def move(sha: str) -> int:
        return client_of(token).patch("/git/refs/heads/main", {"sha": sha}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(move, commits))
    assert statuses == [200] + [422] * 7
    assert shop.tip() in commits


def test_of_racing_creators_one_wins(client: Client, client_of: Callable[..., Client], shop: Repository) -> None:
    def create(_: int) -> int:
        return client_of(client.token).post("/git/refs", {"ref": "refs/heads/new", "sha": shop.tip()}).status_code

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(create, range(5))) == [201, 422, 422, 422, 422]


@pytest.mark.parametrize(
    ("ref", "sha", "says"),
    [
        ("refs/heads/main", None, "Reference already exists"),
        ("refs/heads/new", NOWHERE, "Object does not exist"),
        ("heads/new", None, "heads/new is not a valid ref name."),
        ("refs/new", None, "refs/new is not a valid ref name."),
        ("refs/heads/a..b", None, "refs/heads/a..b is not a valid ref name."),
    ],
)
def test_a_reference_that_cannot_be_made_is_422(
    ref: str, sha: str | None, says: str, client: Client, shop: Repository
) -> None:
    answer = client.post("/git/refs", {"ref": ref, "sha": sha or shop.tip()})
    assert (answer.status_code, answer.json()["message"]) == (422, says)


def test_moving_or_deleting_what_is_not_there_is_422_and_getting_it_404(client: Client, shop: Repository) -> None:
    assert client.patch("/git/refs/heads/gone", {"sha": shop.tip()}).json()["message"] == "Reference does not exist"
    assert client.patch("/git/refs/heads/main", {"sha": NOWHERE}).json()["message"] == "Object does not exist"
    assert client.delete("/git/refs/heads/gone").status_code == 422
    assert client.get("/git/ref/heads/gone").status_code == 404
    assert client.get("/branches/gone").status_code == 404


def test_references_are_found_by_prefix_and_branches_by_name(client: Client, shop: Repository) -> None:
    shop.commit({"a": "1"}, branch="release/1.x")
    shop.commit({"a": "1"}, branch="release/2.x")
    found = client.get("/git/matching-refs/heads/release/").json()
    assert [ref["ref"] for ref in found] == ["refs/heads/release/1.x", "refs/heads/release/2.x"]
    assert client.get("/git/matching-refs/heads/nothing").json() == []
    assert client.get("/git/ref/heads/release/1.x").json()["object"]["type"] == "commit"
    assert [branch["name"] for branch in client.get("/branches").json()] == ["main", "release/1.x", "release/2.x"]
    assert client.get("/branches?protected=true").json() == []
    assert client.get("/branches/release/1.x").json()["commit"]["sha"] == shop.tip("release/1.x")
    assert client.delete("/git/refs/heads/release/1.x").status_code == 204
    assert [branch["name"] for branch in client.get("/branches").json()] == ["main", "release/2.x"]


def test_nothing_can_be_written_to_an_empty_repository(
    hub: EmbeddedGitHub, url: str, client_of: Callable[[Token], Client]
) -> None:
    empty = hub.repository("org/empty")
    client = client_of(hub.token(empty, permissions={"contents": "write", "pull-requests": "read"}))
    root = f"{url}/repos/org/empty"
    for path, body in (
        ("blobs", {"content": "x"}),
        ("trees", {"tree": []}),
        ("commits", {"message": "m", "tree": NOWHERE}),
        ("refs", {"ref": "refs/heads/main", "sha": NOWHERE}),
    ):
        answer = client.send("POST", f"{root}/git/{path}", json=body)
        assert (answer.status_code, answer.json()["message"]) == (409, "Git Repository is empty.")
    for path in ("git/ref/heads/main", "commits", f"commits/{NOWHERE}", f"commits/{NOWHERE}/pulls"):
        assert client.get(f"{root}/{path}").status_code == 409
    assert client.get(f"{root}/contents/README.md").status_code == 404


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ([{"path": "a", "mode": "100644", "type": "blob"}], "Must supply either tree.sha or tree.content"),
        ([{"path": "../a", "mode": "100644", "content": "x"}], "tree.path contains a malformed path component"),
        ([{"path": "a", "mode": "100644", "sha": NOWHERE}], f"tree.sha {NOWHERE} is not a valid blob"),
        ([{"path": "gone", "mode": "100644", "sha": None}], "GitRPC::BadObjectState"),
    ],
)
def test_a_tree_that_cannot_be_made_is_422(tree: list[Any], says: str, client: Client) -> None:
    answer = client.post("/git/trees", {"tree": tree})
    assert (answer.status_code, answer.json()["message"]) == (422, says)


def test_a_tree_is_edited_from_its_base(client: Client, shop: Repository) -> None:
    gone = [{"path": "README.md", "mode": "100644", "type": "blob", "sha": None}]
    made = client.post("/git/trees", {"base_tree": shop.tip(), "tree": gone})
    assert [entry["path"] for entry in made.json()["tree"]] == ["src"]
    assert client.post("/git/trees", {"base_tree": NOWHERE, "tree": gone}).status_code == 422


def test_a_commit_takes_its_people_and_dates_or_the_tokens(client: Client, shop: Repository) -> None:
    tree = shop.objects.commit(shop.tip()).tree
    author = {"name": "Ann", "email": "ann@example.org", "date": "2026-01-02T03:04:05+02:00"}
    made = client.post("/git/commits", {"message": "m", "tree": tree, "author": author}).json()
    assert made["author"] == made["committer"] == {**author, "date": "2026-01-02T01:04:05Z"}
    plain = client.post("/git/commits", {"message": "m", "tree": tree}).json()
    assert plain["author"]["name"] == "github-actions[bot]"
    assert client.get(f"/git/commits/{plain['sha']}").json() == plain
    assert client.get(f"/git/commits/{NOWHERE}").status_code == 404
    assert client.post("/git/commits", {"message": "m", "tree": NOWHERE}).status_code == 422
    assert client.post("/git/commits", {"message": "m", "tree": tree, "parents": [NOWHERE]}).status_code == 422


def test_trees_and_blobs_are_read_back(hub: EmbeddedGitHub, client: Client, shop: Repository) -> None:
    flat = client.get("/git/trees/main").json()
    assert [entry["path"] for entry in flat["tree"]] == ["README.md", "src"]
    deep = client.get("/git/trees/main?recursive=1").json()
    assert [entry["path"] for entry in deep["tree"]] == ["README.md", "src", "src/cart.py"]
    hub.site.limits.tree_entries = 2
    assert client.get(f"/git/trees/{deep['sha']}?recursive=1").json()["truncated"] is True
    raw = client.get(f"/git/blobs/{deep['tree'][0]['sha']}", headers={"Accept": "application/vnd.github.raw+json"})
    assert raw.content == b"# Shop\n"
    assert client.get("/git/trees/gone").status_code == 404
    assert client.get(f"/git/blobs/{NOWHERE}").status_code == 404
    assert client.post("/git/blobs", {"content": "a", "encoding": "base64"}).status_code == 422
