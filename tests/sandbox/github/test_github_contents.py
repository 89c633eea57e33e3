"""Files, commits and comparisons as they are read."""

from __future__ import annotations

import base64

import pytest
from tests.sandbox.github.shop import SHOP, Client

from sandbox.github import EmbeddedGitHub, Repository
from sandbox.github.gitobjects import SUBMODULE, SYMLINK, Entry

pytestmark = pytest.mark.usefixtures("lawful")


def test_a_file_comes_as_json_or_raw(client: Client) -> None:
    shown = client.get("/contents/src/cart.py").json()
    assert base64.b64decode(shown["content"]).decode() == SHOP["src/cart.py"]
    raw = client.get("/contents/src/cart.py", headers={"Accept": "application/vnd.github.raw+json"})
    assert (raw.text, raw.headers["Content-Type"]) == (SHOP["src/cart.py"], "application/vnd.github.raw; charset=utf-8")


def test_a_folder_is_a_list_or_an_object(client: Client) -> None:
    for root in ("/contents", "/contents/"):
        assert [entry["path"] for entry in client.get(root).json()] == ["README.md", "src"]
    shown = client.get("/contents/src", headers={"Accept": "application/vnd.github.object+json"}).json()
    assert (shown["type"], [entry["path"] for entry in shown["entries"]]) == ("dir", ["src/cart.py"])


def test_a_file_at_a_branch_tag_or_hash(client: Client, shop: Repository) -> None:
    old = shop.tip()
    shop.commit({"README.md": "new"})
    shop.refs.put("refs/tags/v1", old)
    raw = {"Accept": "application/vnd.github.raw"}
    assert client.get("/contents/README.md", headers=raw).text == "new"
    assert client.get("/contents/README.md?ref=v1", headers=raw).text == "# Shop\n"
    assert client.get(f"/contents/README.md?ref={old}", headers=raw).text == "# Shop\n"


def test_what_is_not_there_is_404(client: Client) -> None:
    assert client.get("/contents/gone").json()["message"] == "Not Found"
    assert client.get("/contents/README.md?ref=gone").json()["message"] == "No commit found for the ref gone"
    assert client.get("/contents/README.md/below").status_code == 404


def test_a_large_file_has_no_content_in_json(hub: EmbeddedGitHub, client: Client, shop: Repository) -> None:
    hub.site.limits.contents_bytes = 10
    shop.commit({"large": "x" * 11})
    shown = client.get("/contents/large").json()
    assert (shown["encoding"], shown["content"], shown["size"]) == ("none", "", 11)


def test_links_and_submodules_are_shown_as_what_they_are(client: Client, shop: Repository) -> None:
    entries = {"link": Entry(SYMLINK, shop.objects.add("blob", b"README.md")), "lib": Entry(SUBMODULE, "1" * 40)}
    tree = shop.objects.edit(shop.objects.commit(shop.tip()).tree, dict(entries))
    shop.move("refs/heads/main", shop.record(tree, [shop.tip()], "Link", shop.owner).sha)
    link = client.get("/contents/link").json()
    assert (link["type"], link["target"]) == ("symlink", "README.md")
    assert client.get("/contents/lib").json()["type"] == "submodule"
    listed = {entry["path"]: entry for entry in client.get("/git/trees/main").json()["tree"]}
    assert (listed["lib"]["type"], "url" in listed["lib"]) == ("commit", False)


# Commits and comparisons


def test_history_is_newest_first_and_can_be_narrowed(client: Client, shop: Repository) -> None:
    first = shop.tip()
    second = shop.commit({"src/cart.py": "pass\n"}, author="ann")

    def found(query: str) -> list[str]:
        return [commit["sha"] for commit in client.get(f"/commits?{query}").json()]

    assert found("") == [second, first]
    assert found("path=README.md") == [first]
    assert found("author=ann") == [second]
    assert found(f"sha={first}") == [first]
    assert found("since=2100-01-01T00:00:00Z") == found("until=2000-01-01T00:00:00Z") == []
    assert client.get("/commits?sha=gone").status_code == 404


def test_a_commit_shows_what_it_changed(client: Client, shop: Repository) -> None:
    sha = shop.commit({"src/cart.py": None, "new": "x\n"}, author="ann")
    shown = client.get(f"/commits/{sha[:9]}").json()
    assert (shown["sha"], shown["author"]["login"], shown["stats"]["total"]) == (sha, "ann", 3)
    assert [file["filename"] for file in shown["files"]] == ["new", "src/cart.py"]
    plain = client.get("/commits/main", headers={"Accept": "application/vnd.github.sha"})
    assert plain.text == sha
    root = client.get(f"/commits/{shown['parents'][0]['sha']}").json()
    assert [file["status"] for file in root["files"]] == ["added", "added"]
    unknown = client.get("/commits/gone")
    assert (unknown.status_code, unknown.json()["message"]) == (422, "No commit found for SHA: gone")


def test_three_dots_compare_from_where_the_branches_parted(client: Client, shop: Repository) -> None:
    start = shop.tip()
    head = shop.commit({"a": "1"}, branch="work")
    base = shop.commit({"b": "1"})
    shown = client.get("/compare/main...work").json()
    assert (shown["status"], shown["ahead_by"], shown["behind_by"]) == ("diverged", 1, 1)
    assert (shown["merge_base_commit"]["sha"], shown["base_commit"]["sha"]) == (start, base)
    assert [commit["sha"] for commit in shown["commits"]] == [head]
    assert [file["filename"] for file in shown["files"]] == ["a"]
    statuses = {pair: client.get(f"/compare/{pair}").json()["status"] for pair in (
        f"{start}...main", f"main...{start}", "main...main",
    )}  # fmt: skip
    assert list(statuses.values()) == ["ahead", "behind", "identical"]


def test_a_fork_is_compared_by_its_owner(client: Client, shop: Repository) -> None:
    pull = shop.pull_request({"a": "1"}, from_fork="mallory/shop", branch="feature/x")
    for side in ("mallory:feature/x", "mallory:shop:feature/x"):
        assert client.get(f"/compare/main...{side}").json()["commits"][0]["sha"] == pull.head_sha
    assert client.get("/compare/main...nobody:x").status_code == 404


def test_a_comparison_stops_at_300_files_and_shows_them_on_the_first_page_only(
    client: Client, shop: Repository
) -> None:
    shop.commit({f"f{number}": "x" for number in range(301)}, branch="work")
    shop.commit({"more": "x"}, branch="work")
    shown = client.get("/compare/main...work").json()
    assert (len(shown["files"]), len(shown["commits"])) == (300, 2)
    first = client.get("/compare/main...work?per_page=1")
    second = client.get(first.links["next"]["url"])
    assert (len(first.json()["commits"]), len(first.json()["files"])) == (1, 300)
    assert (len(second.json()["commits"]), second.json()["files"]) == (1, [])
    assert first.json()["total_commits"] == 2


def test_what_cannot_be_compared_is_404(client: Client, shop: Repository) -> None:
    orphan = shop.record(shop.objects.add_tree({}), [], "Orphan", shop.owner).sha
    for pair in ("main", "main...gone", f"main...{orphan}"):
        assert client.get(f"/compare/{pair}").status_code == 404
