"""Files of a pull request, comparisons, and the pull request a workflow_run is about."""

from __future__ import annotations

from typing import Any

import pytest

from actionkit.github import GitHub, NotFound
from actionkit.github.pulls import AmbiguousPull, compare, pull_files, pull_of_run
from sandbox.github import EmbeddedGitHub, PullRequest, Repository


def of_run(github: GitHub, pull: PullRequest, **given: str) -> Any:
    run = {
        "head_repository": pull.head_repository.full_name,
        "head_branch": pull.head_ref,
        "head_sha": pull.head_sha,
    } | given
    return pull_of_run(github, "org/shop", **run)


# Files


def test_all_changed_files_come_with_their_hunks(github: GitHub, shop: Repository) -> None:
    shop.commit({"old.py": "a = 1\nb = 2\nc = 3\n", "gone.py": "x\n"})
    pull = shop.pull_request(
        {"new.py": "one\ntwo\n", "old.py": None, "moved.py": "a = 1\nb = 2\nc = 3\n", "gone.py": None}
    )
    result = pull_files(github, "org/shop", pull.number)
    assert result.complete
    files = {file.path: file for file in result.files}
    assert (files["new.py"].status, files["new.py"].additions, files["new.py"].deletions) == ("added", 2, 0)
    assert files["new.py"].patch == "@@ -0,0 +1,2 @@\n+one\n+two"
    assert (files["gone.py"].status, files["gone.py"].deletions) == ("removed", 1)
    assert (files["moved.py"].status, files["moved.py"].previous_path) == ("renamed", "old.py")


def test_more_than_a_page_of_files_is_read_to_the_end(github: GitHub, shop: Repository) -> None:
    pull = shop.pull_request({f"src/f{number}.py": "x\n" for number in range(230)})
    assert len(pull_files(github, "org/shop", pull.number).files) == 230
    assert github.requests_made == 3


def test_a_missing_patch_is_unknown_not_empty(github: GitHub, shop: Repository) -> None:
    pull = shop.pull_request({"logo.png": b"\x89PNG\x00\x01"})
    [file] = pull_files(github, "org/shop", pull.number).files
    assert file.patch is None


class Many:
    """A pull request at GitHub's cap."""

    def pages(self, path: str) -> Any:
        return ({"filename": f"f{number}", "status": "added"} for number in range(3000))


def test_at_githubs_cap_the_list_is_not_called_complete() -> None:
    assert not pull_files(Many(), "o/r", 1).complete


# Comparing


def test_a_comparison_starts_at_the_merge_base(github: GitHub, shop: Repository) -> None:
    base = shop.tip()
    shop.commit({"feature.py": "x\n"}, branch="feature/ä#1", message="Add feature\n\nBody", author="ada")
    shop.commit({"main.py": "y\n"})
    result = compare(github, "org/shop", "main", "feature/ä#1")
    assert (result.status, result.merge_base, result.ahead_by, result.behind_by) == ("diverged", base, 1, 1)
    assert [(commit.title, commit.author) for commit in result.commits] == [("Add feature", "ada")]
    assert [file.path for file in result.files] == ["feature.py"]
    assert result.files_complete


def test_all_commits_of_a_long_comparison_are_there_oldest_first(github: GitHub, shop: Repository) -> None:
    base = shop.tip()
    made = [shop.commit({"n": str(number)}, message=f"commit {number}") for number in range(230)]
    result = compare(github, "org/shop", base, "main")
    assert [commit.sha for commit in result.commits] == made
    assert github.requests_made == 3


def test_files_beyond_githubs_cap_are_said_to_be_missing(github: GitHub, shop: Repository) -> None:
    base = shop.tip()
    shop.commit({f"f{number}": "x" for number in range(301)})
    result = compare(github, "org/shop", base, "main")
    assert not result.files_complete
    assert len(result.files) == 300


def test_a_branch_of_a_fork_is_named_with_its_owner(github: GitHub, shop: Repository) -> None:
    pull = shop.pull_request({"a": "b\n"}, from_fork="someone/shop", branch="topic")
    assert [c.sha for c in compare(github, "org/shop", "main", "someone:topic").commits] == [pull.head_sha]


def test_an_unknown_commit_is_not_found(github: GitHub, shop: Repository) -> None:
    with pytest.raises(NotFound):
        compare(github, "org/shop", "main", "0" * 40)


class Anonymous:
    """A comparison whose one author has no GitHub account."""

    def get(self, path: str, params: Any) -> Any:
        commit = {"sha": "c", "author": None, "commit": {"message": "m", "author": {"name": "Ada"}}}
        return {
            "status": "ahead", "ahead_by": 1, "behind_by": 0, "total_commits": 1,
            "commits": [commit], "merge_base_commit": {"sha": "b"},
        }  # fmt: skip


def test_an_author_without_an_account_has_a_name_and_files_may_be_absent() -> None:
    result = compare(Anonymous(), "o/r", "a", "c")
    assert result.commits[0].author == "Ada"
    assert result.files == ()


# The pull request of a run


def test_the_pull_request_of_a_run_in_the_same_repository(github: GitHub, shop: Repository) -> None:
    pull = shop.pull_request({"a": "b"})
    found = of_run(github, pull)
    assert (found.number, found.state, found.base_ref, found.head_sha) == (pull.number, "open", "main", pull.head_sha)
    assert found.base_sha == shop.tip()
    assert found.url.endswith(f"/pull/{pull.number}")
    assert not found.from_fork


def test_the_pull_request_of_a_fork_is_found_by_its_head(github: GitHub, shop: Repository) -> None:
    shop.pull_request({"a": "b"}, branch="topic")
    pull = shop.pull_request({"a": "c"}, from_fork="someone/shop", branch="topic")
    found = of_run(github, pull)
    assert found.number == pull.number
    assert found.from_fork
    assert found.head_repository == "someone/shop"


def test_a_head_that_moved_on_since_the_run_is_none(github: GitHub, shop: Repository) -> None:
    pull = shop.pull_request({"a": "b"})
    tested = pull.head_sha
    pull.push({"a": "c"})
    assert of_run(github, pull, head_sha=tested) is None


def test_a_sha_borrowed_from_another_pull_request_finds_nothing(github: GitHub, shop: Repository) -> None:
    victim = shop.pull_request({"a": "b"}, branch="victim")
    forger = shop.pull_request({"a": "c"}, from_fork="eve/shop", branch="topic")
    assert of_run(github, forger, head_sha=victim.head_sha) is None
    assert of_run(github, forger, head_repository="eve/other") is None
    assert of_run(github, forger, head_branch="victim") is None


@pytest.mark.parametrize("missing", ["head_repository", "head_branch", "head_sha"])
def test_an_event_without_a_head_is_none_without_asking(github: GitHub, shop: Repository, missing: str) -> None:
    pull = shop.pull_request({"a": "b"})
    assert of_run(github, pull, **{missing: ""}) is None
    assert github.requests_made == 0


def test_a_closed_one_is_found_but_an_open_one_goes_before_it(github: GitHub, shop: Repository) -> None:
    first = shop.pull_request({"a": "b"}, branch="topic")
    first.close()
    assert of_run(github, first).number == first.number
    second = shop.pull_request(branch="topic")
    third = shop.pull_request(branch="topic")
    third.close()
    assert of_run(github, second).number == second.number


def test_two_open_ones_with_the_same_head_are_no_guess(github: GitHub, shop: Repository) -> None:
    shop.commit({"x": "y"}, branch="stable")
    first = shop.pull_request({"a": "b"}, branch="topic")
    second = shop.pull_request(branch="topic", base="stable")
    with pytest.raises(AmbiguousPull, match=f"#{second.number}, #{first.number} all have topic at") as caught:
        of_run(github, first)
    assert first.head_sha[:12] in str(caught.value)


class DeletedFork:
    """The fork is gone, its pull request is not: GitHub says `repo: null`."""

    def pages(self, path: str, params: Any) -> Any:
        head = {"ref": "topic", "sha": "s", "repo": None}
        return iter([{"number": 1, "state": "open", "head": head, "base": {"ref": "main", "sha": "b"}}])


def test_a_deleted_fork_is_nobody() -> None:
    assert pull_of_run(DeletedFork(), "o/r", head_repository="eve/r", head_branch="topic", head_sha="s") is None


def test_it_needs_pull_requests_read(github: GitHub, shop: Repository, hub: EmbeddedGitHub) -> None:
    of_run(github, shop.pull_request({"a": "b"}))
    assert hub.permissions_used() == {"pull-requests": "read"}
