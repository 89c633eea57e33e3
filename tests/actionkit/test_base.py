"""Which commit a run is held against, wherever the run happens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.actionkit.job import CART, Job, grown, pushed
from tests.actionkit.stand_ins import Answers, BrokenGit, NoGit

from actionkit.base import Base, ancestors_by_api, astray, base_of, head_of, is_about_a_change
from actionkit.errors import Unreadable
from sandbox.runner import events

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
    assert astray(context, git, shop.checkout.head) == ""
    assert astray(context, git, pull.head_sha) == ""
    main = shop.checkout.git("rev-parse", "main")
    assert astray(context, git, main) == pull.head_sha
    for blind in (BrokenGit(), NoGit()):
        assert astray(context, blind, main) == ""  # type: ignore[arg-type]
    assert astray(job.context(shop.push()), git, main) == ""


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


# Ancestors where the checkout is too shallow


def test_ancestors_are_asked_of_github_only_where_git_knows_none(job: Job) -> None:
    shop = job.shop
    first = shop.checkout.head
    second = shop.checkout.commit("Second", {"README.md": "# More\n"})
    context = job.context(pushed(shop))
    doors = job.doors(job.github())
    assert ancestors_by_api(context, doors, Base((second,))) == [second, first]
    known = Base((second, first))
    assert ancestors_by_api(context, job.doors(Answers(AssertionError())), known) == known.ancestors
    assert ancestors_by_api(context, job.doors(), Base((second,))) == (second,)


def test_an_answer_that_is_no_list_is_unreadable(job: Job) -> None:
    with pytest.raises(Unreadable, match="GitHub's list of commits: is no list"):
        ancestors_by_api(job.context(None), job.doors(Answers({"message": "no"})), Base(("e" * 40,)))


# Runs that no change started


def test_a_run_is_about_a_change_if_one_started_it(job: Job) -> None:
    shop = job.shop
    _, pull = shop.open_pull("more", {CART: grown(shop)})
    push = job.context(pushed(shop))
    assert is_about_a_change(job.context(pull))
    assert is_about_a_change(push)
    assert is_about_a_change(job.context(None)), "on a laptop somebody asks about their own work"
    assert not is_about_a_change(replace(push, ref="refs/tags/v1"))
    assert not is_about_a_change(job.context(events.schedule(repository=shop.name, sha=shop.checkout.head)))
