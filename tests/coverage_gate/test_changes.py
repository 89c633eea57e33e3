"""What changed since the base, wherever the run happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.job import CART, Job, grown, pushed
from tests.actionkit.stand_ins import Answers, BrokenGit

from actionkit.base import Base
from actionkit.github.errors import GitHubError, ServerError
from coverage_gate.changes import MOST_FILES, changed
from coverage_gate.model import numbers_of


def test_the_change_is_read_from_git_where_both_commits_are_here(job: Job) -> None:
    first = job.shop.checkout.head
    head = job.shop.checkout.commit("More", {CART: grown(job.shop)})
    diff, why = changed(job.context(None), job.doors(), Base((first,)), head)
    assert diff is not None
    assert (diff.source, why) == ("git", "")
    assert list(numbers_of(diff.files[CART].added)) == [12, 13, 14]


def test_without_a_base_there_is_no_change_to_speak_of(job: Job) -> None:
    assert changed(job.context(None), job.doors(), Base(why_none="alone"), "a" * 40) == (None, "alone")


def test_in_a_shallow_clone_the_api_is_asked_for_what_was_tested(job: Job, tmp_path: Path) -> None:
    shop = job.shop
    first = shop.checkout.head
    _, event = shop.open_pull("more", {CART: grown(shop)})
    clone = job.inside(shop.checkout.shallow(tmp_path / "clone").path)
    head = shop.checkout.head
    diff, why = changed(clone.context(event), clone.doors(clone.github()), Base((first,)), head)
    assert diff is not None
    assert (diff.source, why) == ("api", "")
    assert list(numbers_of(diff.files[CART].added)) == [12, 13, 14]
    missing = f"commit {first[:12]} is not in this checkout (set `fetch-depth: 0` for actions/checkout)"
    assert changed(clone.context(event), clone.doors(), Base((first,)), head) == (None, missing)
    assert changed(clone.context(None), clone.doors(clone.github()), Base((first,)), head) == (None, missing)


def shallow(job: Job, github: Any, *, pull: bool = True) -> tuple[Any, str]:
    """Ask for the change since a commit that only GitHub may know."""
    _, event = job.shop.open_pull("more", {CART: grown(job.shop)})
    context = job.context(event if pull else pushed(job.shop))
    return changed(context, job.doors(github), Base(("e" * 40,)), job.shop.checkout.head)


TOO_LARGE = GitHubError("GET compare", 406, "GitHub answered 406: the diff exceeded the maximum number of lines")


def test_a_diff_that_is_too_large_for_github_is_read_file_by_file(job: Job) -> None:
    files = [
        {"filename": CART, "status": "modified", "patch": "@@ -1,2 +1,3 @@\n a\n+b\n c"},
        {"filename": "big.py", "status": "modified", "additions": 9000, "deletions": 1, "changes": 9001},
    ]
    diff, why = shallow(job, Answers(TOO_LARGE, files))
    assert why == ""
    assert (diff.source, list(numbers_of(diff.files[CART].added))) == ("api", [2])
    assert not diff.files["big.py"].known


def test_a_list_that_github_cuts_short_is_not_taken_for_whole(job: Job) -> None:
    files = [{"filename": f"f{number}", "status": "added"} for number in range(MOST_FILES)]
    diff, why = shallow(job, Answers(TOO_LARGE, files))
    assert diff is None
    assert why.endswith("and GitHub lists only the first 3,000 changed files")


@pytest.mark.parametrize(
    ("answer", "pull", "reason"),
    [
        (TOO_LARGE, False, "and GET compare: GitHub answered 406"),
        (ServerError("GET compare", 502, "GitHub answered 502, 5 times"), True, "and GET compare: GitHub answered 502"),
        (None, False, "and GitHub does not know eeeeeeeeeeee or "),
    ],
)
def test_what_github_cannot_say_is_unknown_with_both_reasons(job: Job, answer: object, pull: bool, reason: str) -> None:
    diff, why = shallow(job, Answers(answer), pull=pull)
    assert diff is None
    assert "is not in this checkout" in why
    assert reason in why


def test_a_commit_github_does_not_know_falls_back_to_the_list_of_the_pull_request(job: Job) -> None:
    files = [{"filename": CART, "status": "modified", "patch": "@@ -1 +1 @@\n-a\n+b"}]
    diff, _ = shallow(job, Answers(None, files))
    assert list(diff.files) == [CART]


def test_git_failing_is_a_reason_too(job: Job) -> None:
    doors = replace(job.doors(), git=BrokenGit())  # type: ignore[arg-type]
    assert changed(job.context(None), doors, Base(("e" * 40,)), "a" * 40) == (
        None,
        "`git rev-parse` failed: bad object",
    )
