"""Which commit a run is held against, and what changed since, wherever the run happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.coverage_gate.job import CART, Job, pushed

from actionkit.errors import Unreadable
from actionkit.git import GitFailed
from actionkit.github.errors import GitHubError, ServerError
from coverage_gate import changes
from coverage_gate.changes import Base, base_of, changed, head_of
from coverage_gate.model import numbers_of
from sandbox.consumer import Consumer
from sandbox.runner import events

MORE = "\n\ndef shipping(total):\n    return 5\n"


def grown(shop: Consumer) -> str:
    return shop.checkout.git("show", f"main:{CART}") + MORE


class BrokenGit:
    """A repository that git can no longer read."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object) -> Any:
            if name == "available":
                return True
            raise GitFailed("`git rev-parse` failed: bad object")

        return fail


class NoGit(BrokenGit):
    """A folder that is no checkout, or a machine without git."""

    def available(self) -> bool:
        return False


class Answers:
    """A GitHub that gives one answer, or raises it."""

    def __init__(self, answer: Any, files: list[dict[str, Any]] | None = None) -> None:
        self.answer, self.files = answer, files or []

    def raw(self, *_: object, **__: object) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    get = raw

    def pages(self, *_: object, **__: object) -> Any:
        return iter(self.files)


# The measured commit


def test_the_measured_commit_is_the_one_that_is_checked_out(job: Job) -> None:
    context = replace(job.context(job.shop.push()), sha="c" * 40)
    assert head_of(context, job.doors().git) == job.shop.checkout.head
    for git in (BrokenGit(), NoGit()):
        assert head_of(context, git) == "c" * 40  # type: ignore[arg-type]


def test_a_checkout_without_the_commit_the_run_is_about_is_astray(job: Job) -> None:
    shop = job.shop
    pull, event = shop.open_pull("more", {CART: grown(shop)})
    context, git = job.context(event), job.doors().git
    assert changes.astray(context, git, shop.checkout.head) == ""
    assert changes.astray(context, git, pull.head_sha) == ""
    main = shop.checkout.git("rev-parse", "main")
    assert changes.astray(context, git, main) == pull.head_sha
    for blind in (BrokenGit(), NoGit()):
        assert changes.astray(context, blind, main) == ""  # type: ignore[arg-type]
    assert changes.astray(job.context(shop.push()), git, main) == ""


# The base


def base(job: Job, event: Any, **others: Any) -> Base:
    context = replace(job.context(event), **others)
    return base_of(context, job.doors(), head_of(context, job.doors().git))


def test_of_a_tested_merge_commit_it_is_the_first_parent(job: Job) -> None:
    shop = job.shop
    pull, event = shop.open_pull("more", {CART: grown(shop)})
    shop.checkout.switch("main")
    newer = shop.checkout.commit("Meanwhile", {"other.py": "x = 1\n"})
    event = shop.pull_event(pull)
    assert base(job, event, base_sha="f" * 40).sha == newer
    assert base(job, event).change


def test_of_a_pull_requests_head_it_is_the_merge_base(job: Job) -> None:
    shop = job.shop
    forked_at = shop.checkout.head
    _, event = shop.open_pull("more", {CART: grown(shop)})
    shop.checkout.switch("main")
    shop.checkout.commit("Meanwhile", {"other.py": "x = 1\n"})
    shop.checkout.switch("more")
    assert base(job, event).sha == forked_at


def test_of_a_push_it_is_what_was_there_before_with_its_ancestors(job: Job) -> None:
    shop = job.shop
    first = shop.checkout.head
    second = shop.checkout.commit("Second", {CART: grown(shop)})
    shop.checkout.commit("Third", {"README.md": "# More\n"})
    found = base(job, pushed(shop, before=second))
    assert (found.ancestors, found.change) == ((second, first), True)


def test_of_a_merge_group_it_is_the_groups_base(job: Job) -> None:
    shop = job.shop
    first = shop.checkout.head
    head = shop.checkout.commit("Queued", {CART: grown(shop)})
    event = events.merge_group(repository=shop.name, base_sha=first, head_sha=head)
    assert base(job, event).sha == first


def test_a_schedule_or_a_first_push_brings_no_change_but_has_a_history(job: Job) -> None:
    shop = job.shop
    first = shop.checkout.head
    second = shop.checkout.commit("Second", {"README.md": "# More\n"})
    for event, name in (
        (events.schedule(repository=shop.name, sha=second), "schedule"),
        (pushed(shop), "push"),
    ):
        assert base(job, event) == Base(
            (first,), why_none=f"the {name} run names no commit to compare with", change=False
        )
    lost = replace(job.context(pushed(shop)), sha="e" * 40)
    assert base_of(lost, job.doors(), "e" * 40).ancestors == ()


def test_a_commit_that_was_pushed_away_is_named_although_nobody_here_has_it(job: Job) -> None:
    assert base(job, pushed(job.shop, before="e" * 40)).ancestors == ("e" * 40,)


def test_on_a_laptop_it_is_where_the_branch_left_the_default_branch(job: Job) -> None:
    checkout = job.shop.checkout
    left = checkout.head
    assert base(job, None) == Base((left,)), "on the default branch itself nothing has changed yet"
    checkout.branch("feature")
    checkout.commit("Work", {CART: grown(job.shop)})
    assert base(job, None).sha == left
    checkout.git("update-ref", "refs/remotes/origin/main", left)
    checkout.git("branch", "--quiet", "-D", "main")
    assert base(job, None).sha == left
    checkout.git("update-ref", "-d", "refs/remotes/origin/main")
    assert base(job, None) == Base((left,), why_none="the local run names no commit to compare with", change=False)


def test_a_default_branch_without_anything_in_common_is_no_base(job: Job) -> None:
    checkout = job.shop.checkout
    checkout.git("switch", "--quiet", "--orphan", "island")
    head = checkout.commit("Alone", {"a.py": "x = 1\n"})
    assert base(job, None).sha == ""
    assert head_of(job.context(None), job.doors().git) == head


def test_without_git_the_events_base_is_all_there_is(job: Job) -> None:
    doors = replace(job.doors(), git=NoGit())  # type: ignore[arg-type]
    known = replace(job.context(pushed(job.shop)), base_sha="b" * 40)
    assert base_of(known, doors, "a" * 40) == Base(("b" * 40,))
    assert base_of(replace(known, base_sha=""), doors, "a" * 40) == Base(
        why_none="this is no git checkout and the event names no base commit", change=False
    )


@pytest.mark.parametrize(("stated", "ancestors"), [("b" * 40, ("b" * 40,)), ("", ())])
def test_a_repository_that_cannot_be_read_says_why(job: Job, stated: str, ancestors: tuple[str, ...]) -> None:
    doors = replace(job.doors(), git=BrokenGit())  # type: ignore[arg-type]
    context = replace(job.context(pushed(job.shop)), base_sha=stated)
    assert base_of(context, doors, "a" * 40) == Base(ancestors, why_none="`git rev-parse` failed: bad object")


# What changed


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
    files = [{"filename": f"f{number}", "status": "added"} for number in range(changes.MOST_FILES)]
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


# Ancestors where the checkout is too shallow


def test_ancestors_are_asked_of_github_only_where_git_knows_none(job: Job) -> None:
    shop = job.shop
    first = shop.checkout.head
    second = shop.checkout.commit("Second", {"README.md": "# More\n"})
    context = job.context(pushed(shop))
    doors = job.doors(job.github())
    assert changes.ancestors_by_api(context, doors, Base((second,))) == [second, first]
    known = Base((second, first))
    assert changes.ancestors_by_api(context, job.doors(Answers(AssertionError())), known) == known.ancestors
    assert changes.ancestors_by_api(context, job.doors(), Base((second,))) == (second,)


def test_an_answer_that_is_no_list_is_unreadable(job: Job) -> None:
    with pytest.raises(Unreadable, match="GitHub's list of commits: is no list"):
        changes.ancestors_by_api(job.context(None), job.doors(Answers({"message": "no"})), Base(("e" * 40,)))
