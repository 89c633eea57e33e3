"""Pull requests of the repository and of forks, their files and commits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from github import Github
from tests.sandbox.github.shop import Client

from sandbox.github import EmbeddedGitHub, Repository

pytestmark = pytest.mark.usefixtures("lawful")


def test_a_pull_request_shows_its_files_as_pygithub_reads_them(
    hub: EmbeddedGitHub, shop: Repository, url: str, pygithub: Callable[..., Github]
) -> None:
    pull = shop.pull_request({"src/cart.py": "def total(prices):\n    return 0\n", "README.md": None}, title="Free")
    token = hub.token(shop, permissions={"pull-requests": "read", "contents": "read"})
    found = pygithub(token).get_repo("org/shop").get_pull(pull.number)
    assert (found.title, found.mergeable, found.changed_files, found.commits) == ("Free", True, 2, 1)
    files = {file.filename: file for file in found.get_files()}
    assert files["README.md"].status == "removed"
    assert "-    return sum(prices)\n+    return 0" in files["src/cart.py"].patch
    assert [commit.sha for commit in found.get_commits()] == [pull.head_sha]
    assert hub.permissions_used() == {"pull-requests": "read"}


def test_the_head_follows_pushes_until_it_is_closed(client: Client, shop: Repository) -> None:
    pull = shop.pull_request({"a": "1"})
    second = pull.push({"a": "2"})
    assert client.get(f"/pulls/{pull.number}").json()["head"]["sha"] == second
    assert client.get(f"/git/ref/pull/{pull.number}/head").json()["object"]["sha"] == second
    pull.close()
    pull.push({"a": "3"})
    shown = client.get(f"/pulls/{pull.number}").json()
    assert (shown["head"]["sha"], shown["state"]) == (second, "closed")


def test_a_fork_is_found_by_its_owner_and_branch_and_not_by_its_commit(client: Client, shop: Repository) -> None:
    own = shop.pull_request({"a": "1"}, branch="work")
    fork = shop.pull_request({"a": "2"}, from_fork="mallory/shop", branch="work")
    found = client.get("/pulls?head=mallory:work").json()
    assert [pull["number"] for pull in found] == [fork.number]
    assert found[0]["head"]["repo"]["full_name"] == "mallory/shop"
    assert found[0]["head"]["repo"]["fork"] is True
    assert [pull["number"] for pull in client.get("/pulls?head=org:work").json()] == [own.number]
    assert client.get(f"/commits/{fork.head_sha}/pulls").json() == []
    assert [pull["number"] for pull in client.get(f"/commits/{own.head_sha}/pulls").json()] == [own.number]
    assert fork.from_fork


def test_a_head_without_an_owner_filters_nothing(client: Client, shop: Repository) -> None:
    shop.pull_request({"a": "1"}, branch="work")
    assert len(client.get("/pulls?head=other").json()) == 1


def test_lists_are_filtered_by_state_and_base_and_sorted(client: Client, shop: Repository) -> None:
    shop.commit({"x": "1"}, branch="release")
    first = shop.pull_request({"a": "1"})
    second = shop.pull_request({"b": "1"}, base="release")
    first.close()

    def numbers(query: str) -> list[int]:
        return [pull["number"] for pull in client.get(f"/pulls?{query}").json()]

    assert numbers("") == [second.number]
    assert numbers("state=closed") == [first.number]
    assert numbers("state=all") == [second.number, first.number]
    assert numbers("state=all&direction=asc") == [first.number, second.number]
    assert numbers("state=all&base=main") == [first.number]
    assert set(numbers("state=all&sort=updated")) == {first.number, second.number}


def test_a_conflict_is_not_mergeable_and_a_merge_moves_the_base(client: Client, shop: Repository) -> None:
    clean, conflicting = shop.pull_request({"a": "1"}), shop.pull_request({"README.md": "theirs"})
    shop.commit({"README.md": "ours"})
    conflicting.push({"more": "x"})
    shown = client.get(f"/pulls/{conflicting.number}").json()
    assert (shown["mergeable"], shown["mergeable_state"], shown["merge_commit_sha"]) == (False, "dirty", None)
    with pytest.raises(ValueError, match="conflicts"):
        shop.merge(conflicting)
    merged = shop.merge(clean)
    shown = client.get(f"/pulls/{clean.number}").json()
    assert (shown["merged"], shown["state"], shown["mergeable"]) == (True, "closed", None)
    assert shop.tip() == merged
    assert shop.read("README.md") == b"ours"
    assert [pull["number"] for pull in client.get(f"/commits/{merged}/pulls").json()] == [clean.number]


def test_both_sides_making_the_same_change_is_no_conflict(shop: Repository) -> None:
    pull = shop.pull_request({"same": "1", "theirs": "1"})
    shop.commit({"same": "1", "ours": "1"})
    shop.refresh(pull)
    assert pull.merge_commit_sha is not None
    assert shop.read("theirs", f"pull/{pull.number}/merge") == b"1"
    assert shop.read("ours", f"pull/{pull.number}/merge") == b"1"


def test_an_unrelated_history_does_not_merge(shop: Repository) -> None:
    orphan = shop.record(shop.objects.add_tree({}), [], "Orphan", shop.owner)
    shop.move("refs/heads/orphan", orphan.sha)
    assert shop.pull_request(branch="orphan").merge_commit_sha is None


def test_files_come_in_pages_and_stop_at_the_limit(hub: EmbeddedGitHub, client: Client, shop: Repository) -> None:
    hub.site.limits.pull_files = 35
    pull = shop.pull_request({f"f{n:02}": "x" for n in range(40)})
    first = client.get(f"/pulls/{pull.number}/files")
    rest = client.get(first.links["next"]["url"])
    assert (len(first.json()), len(rest.json())) == (30, 5)
    assert client.get(f"/pulls/{pull.number}").json()["changed_files"] == 40


def test_a_renamed_file_tells_its_old_name(client: Client, shop: Repository) -> None:
    content = shop.read("src/cart.py").decode()
    pull = shop.pull_request({"src/cart.py": None, "src/basket.py": content})
    [file] = client.get(f"/pulls/{pull.number}/files").json()
    assert (file["status"], file["previous_filename"], "patch" in file) == ("renamed", "src/cart.py", False)


def test_a_patch_over_the_limit_is_left_out(hub: EmbeddedGitHub, client: Client, shop: Repository) -> None:
    hub.site.limits.patch_lines = 5
    pull = shop.pull_request({"long": "x\n" * 9, "short": "x\n"})
    files = {file["filename"]: file for file in client.get(f"/pulls/{pull.number}/files").json()}
    assert "patch" not in files["long"]
    assert files["long"]["additions"] == 9
    assert "patch" in files["short"]


def test_the_diff_media_type_gives_the_diff(client: Client, shop: Repository) -> None:
    pull = shop.pull_request({"new": "x\n", "README.md": None, "src/cart.py": "pass\n"})
    for path in (f"/pulls/{pull.number}", f"/commits/{pull.head_sha}", f"/compare/main...{pull.head_sha}"):
        answer = client.get(path, headers={"Accept": "application/vnd.github.diff"})
        assert answer.headers["Content-Type"].startswith("application/vnd.github.diff")
        assert "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n" in answer.text
        assert "--- a/README.md\n+++ /dev/null\n" in answer.text


def test_opening_one_over_the_api(client: Client, shop: Repository) -> None:
    shop.commit({"a": "1"}, branch="work")
    shop.fork("mallory/shop").commit({"a": "2"}, branch="theirs")
    made = client.post("/pulls", {"title": "Work", "head": "work", "base": "main", "body": "please", "draft": True})
    assert (made.status_code, made.json()["draft"], made.json()["user"]["type"]) == (201, True, "Bot")
    fork = client.post("/pulls", {"title": "Theirs", "head": "mallory:theirs", "base": "main"})
    assert fork.json()["head"]["label"] == "mallory:theirs"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"title": "T", "head": "gone", "base": "main"}, {"field": "head", "code": "invalid"}),
        ({"title": "T", "head": "work", "base": "gone"}, {"field": "base", "code": "invalid"}),
        ({"title": "T", "head": "nobody:work", "base": "main"}, {"field": "head", "code": "invalid"}),
        ({"title": "", "head": "work", "base": "main"}, {"field": "title", "code": "missing_field"}),
        ({"title": "T", "head": "main", "base": "main"}, {"message": "No commits between main and main"}),
        ({"title": "T", "head": "there", "base": "main"}, {"message": "A pull request already exists for org:there."}),
    ],
)
def test_one_that_cannot_be_opened_is_422(body: object, says: dict[str, str], client: Client, shop: Repository) -> None:
    shop.commit({"a": "1"}, branch="work")
    shop.pull_request({"a": "1"}, branch="there")
    answer = client.post("/pulls", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0].items() >= says.items()


def test_an_issue_is_no_pull_request(client: Client, shop: Repository) -> None:
    issue = shop.issue("Plain")
    assert client.get(f"/pulls/{issue.number}").status_code == 404


def test_a_pull_request_from_a_branch_that_does_not_exist_cannot_be_seeded(shop: Repository) -> None:
    with pytest.raises(LookupError, match="no branch 'gone'"):
        shop.pull_request(branch="gone")
