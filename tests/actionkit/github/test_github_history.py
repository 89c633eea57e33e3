"""Files on an orphan branch: one commit or nothing, whoever else writes and whatever breaks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionkit.errors import PermissionNeeded
from actionkit.github import Clock, GitHub, Invalid, MaybeDone
from actionkit.github.history import TRIES, UNCERTAIN_TRIES, History, HistoryError, Snapshot
from actionkit.http import Http
from sandbox.github import EmbeddedGitHub, Repository, Token

BRANCH = "actions-data"
BRANCHES, MOVE, MAKE = "*/branches/*", "*/git/refs/heads/*", "*/git/refs"


@pytest.fixture
def history(github: GitHub, sleeps: Any) -> History:
    return History(github, "org/shop", clock=sleeps.clock())


def put(**files: bytes | None) -> Callable[[Snapshot], dict[str, bytes | None]]:
    return lambda _: {name.replace("_", "."): content for name, content in files.items()}


def append(entry: str) -> Callable[[Snapshot], dict[str, bytes | None]]:
    def change(base: Snapshot) -> dict[str, bytes | None]:
        known = json.loads(base.read("log.json") or b"[]")
        return {"log.json": json.dumps([*known, entry]).encode()}

    return change


def log(shop: Repository) -> list[str]:
    """By the commit, because a read by name may lag."""
    return list(json.loads(shop.read("log.json", shop.tip(BRANCH))))


# Reading and writing


def test_where_there_is_no_branch_there_is_nothing(history: History, shop: Repository) -> None:
    assert history.read("baseline.json") is None
    assert history.snapshot().sha == ""
    assert history.snapshot().read("baseline.json") is None


def test_the_first_write_makes_an_orphan_branch_with_only_our_file(history: History, shop: Repository) -> None:
    result = history.update(put(baseline_json=b"{}"), "Record coverage")
    assert (result.result, result.sha, result.tries) == ("created", shop.tip(BRANCH), 1)
    commit = shop.objects.commit(result.sha)
    assert commit.parents == ()
    assert commit.message.startswith("Record coverage\n\nUpdate-Id: ")
    assert (commit.author.name, commit.author.email) == (
        "github-actions[bot]",
        "41898282+github-actions[bot]@users.noreply.github.com",
    )
    assert commit.committer.email == commit.author.email
    assert [path for path, _ in shop.objects.paths(commit.tree)] == ["baseline.json"]
    assert history.read("baseline.json") == b"{}"


def test_later_writes_keep_the_other_files_and_the_commit_before(history: History, shop: Repository) -> None:
    first = history.update(put(a_json=b"1"), "one")
    second = history.update(put(b_json=b"2"), "two")
    assert second.result == "updated"
    assert shop.objects.commit(second.sha).parents == (first.sha,)
    assert (history.read("a.json"), history.read("b.json")) == (b"1", b"2")


def test_a_write_costs_five_requests(history: History, github: GitHub) -> None:
    history.update(append("a"), "one")
    before = github.requests_made
    history.update(append("b"), "two")
    assert github.requests_made - before == 5  # branch, file; tree, commit, reference


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(["a.json", "b/c.bin", "ä ö/#?.txt"]), st.binary(max_size=60), min_size=1))
def test_every_byte_comes_back(history: History, files: dict[str, bytes]) -> None:
    history.update(lambda _: files, "bytes")
    assert {path: history.read(path) for path in files} == files


def test_a_large_file_comes_back_too(history: History, hub: EmbeddedGitHub) -> None:
    large = b"0123456789abcdef" * 150_000
    history.update(put(large_json=large), "one")
    assert history.read("large.json") == large
    assert len(hub.asked("POST", "/repos/{owner}/{repo}/git/blobs")) == 1


def test_a_snapshot_stays_what_it_was_and_reads_each_file_once(history: History, github: GitHub) -> None:
    history.update(put(a_json=b"1"), "one")
    base = history.snapshot()
    history.update(put(a_json=b"2"), "two")
    before = github.requests_made
    assert [base.read("a.json"), base.read("a.json"), base.read("b.json"), base.read("b.json")] == [
        b"1",
        b"1",
        None,
        None,
    ]
    assert github.requests_made - before == 2


def test_deleting_takes_a_file_away_and_deleting_nothing_is_no_commit(history: History, shop: Repository) -> None:
    first = history.update(put(a_json=b"1", b_json=b"2"), "one")
    second = history.update(put(a_json=None, never_json=None), "two")
    assert (history.read("a.json"), history.read("b.json")) == (None, b"2")
    third = history.update(put(a_json=None), "three")
    assert (third.result, third.sha) == ("unchanged", second.sha)
    assert first.sha != second.sha


def test_what_says_the_same_is_no_commit(history: History, hub: EmbeddedGitHub) -> None:
    first = history.update(put(a_json=b"1"), "one")
    again = history.update(put(a_json=b"1"), "two")
    assert (again.result, again.sha) == ("unchanged", first.sha)
    assert history.update(put(), "three").result == "unchanged"
    writes = len(hub.asked("POST"))
    read_first = history.update(lambda base: {"a.json": base.read("a.json")}, "four")
    assert read_first.result == "unchanged"
    assert len(hub.asked("POST")) == writes


def test_nothing_to_write_makes_no_branch(history: History, shop: Repository) -> None:
    assert history.update(put(), "none") == history.update(put(a_json=None), "none")
    assert shop.refs.get(f"refs/heads/{BRANCH}") is None


def test_another_branch_name_with_a_slash(github: GitHub, shop: Repository) -> None:
    history = History(github, "org/shop", branch="data/coverage")
    history.update(put(a_json=b"1"), "one")
    assert shop.read("a.json", "data/coverage") == b"1"
    assert history.read("a.json") == b"1"


@pytest.mark.parametrize("path", ["", "/a", "a//b", "../a", "a/..", ".git/config", "a/.GIT/x", "a\\b", "a\0b", "./a"])
def test_a_path_that_cannot_be_is_refused_before_anything_is_sent(history: History, path: str) -> None:
    with pytest.raises(HistoryError, match="cannot be a path of the history"):
        history.read(path)
    with pytest.raises(HistoryError, match="cannot be a path of the history"):
        history.update(lambda _: {path: b"1"}, "x")


# Others who write


def test_a_faster_writer_is_built_upon_not_overwritten(history: History, hub: EmbeddedGitHub, shop: Repository) -> None:
    history.update(append("first"), "one")
    hub.behave.on("PATCH", MOVE, nth=1).happens_meanwhile(
        lambda: shop.commit({"log.json": '["first", "theirs"]'}, branch=BRANCH)
    )
    result = history.update(append("ours"), "two")
    assert (result.result, result.tries) == ("updated", 2)
    assert log(shop) == ["first", "theirs", "ours"]


def test_two_first_writers_both_land(history: History, hub: EmbeddedGitHub, shop: Repository) -> None:
    hub.behave.on("POST", MAKE, nth=1).happens_meanwhile(lambda: shop.commit({"log.json": '["theirs"]'}, branch=BRANCH))
    assert history.update(append("ours"), "one").result == "updated"
    assert log(shop) == ["theirs", "ours"]


def test_a_branch_deleted_meanwhile_begins_anew(history: History, hub: EmbeddedGitHub, shop: Repository) -> None:
    history.update(append("old"), "one")
    hub.behave.on("PATCH", MOVE, nth=1).happens_meanwhile(lambda: shop.refs.remove(f"refs/heads/{BRANCH}"))
    assert history.update(append("ours"), "two").result == "created"
    assert log(shop) == ["ours"]


def test_a_stale_read_costs_another_try_and_loses_nothing(
    history: History, hub: EmbeddedGitHub, shop: Repository
) -> None:
    hub.behave.lag("refs", reads=2)
    for entry in ("a", "b", "c"):
        history.update(append(entry), entry)
    assert log(shop) == ["a", "b", "c"]


FASTER = 10
"""The embedded GitHub answers about ten times as fast as the real one, so pauses are shorter by as much."""


@pytest.fixture
def writers(
    hub: EmbeddedGitHub, shop: Repository, url: str
) -> Iterator[Callable[[Callable[[History, int], None]], None]]:
    """Runs the same work in 20 threads, each with a client of its own, started at once."""
    token = hub.token(shop, permissions={"contents": "write"})

    def run(work: Callable[[History, int], None]) -> None:
        start, failures = threading.Barrier(20), []

        def writer(number: int) -> None:
            with Http() as http:
                clock = Clock(sleep=lambda seconds: time.sleep(seconds / FASTER))
                github = GitHub(token.secret, http, api_url=url, clock=clock)
                start.wait()
                try:
                    work(History(github, "org/shop", clock=clock), number)
                except Exception as error:
                    failures.append(error)

        threads = [threading.Thread(target=writer, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []

    return run


def test_twenty_writers_at_once_all_land_and_none_is_lost(
    writers: Callable[[Callable[[History, int], None]], None], shop: Repository
) -> None:
    writers(lambda history, number: history.update(append(str(number)), f"writer {number}") and None)
    assert sorted(log(shop), key=int) == [str(number) for number in range(20)]


def test_twenty_writers_that_write_the_same_bytes_still_count_to_twenty(
    writers: Callable[[Callable[[History, int], None]], None], shop: Repository
) -> None:
    def count(base: Snapshot) -> dict[str, bytes | None]:
        return {"count": str(int(base.read("count") or 0) + 1).encode()}

    writers(lambda history, _: history.update(count, "count") and None)
    assert shop.read("count", BRANCH) == b"20"


# Answers that are lost


@pytest.mark.parametrize("fault", ["fails_after_the_effect", "resets_after_the_effect", "fails_before_the_effect"])
@pytest.mark.parametrize("first", [True, False], ids=["new branch", "old branch"])
@pytest.mark.parametrize("lag", [0, 2])
def test_a_move_whose_answer_is_lost_is_made_once(
    history: History, hub: EmbeddedGitHub, shop: Repository, fault: str, first: bool, lag: int
) -> None:
    if not first:
        history.update(append("before"), "one")
    if lag:
        hub.behave.lag("refs", reads=lag)
    method, path = ("POST", MAKE) if first else ("PATCH", MOVE)
    getattr(hub.behave.on(method, path, nth=1), fault)()
    result = history.update(append("ours"), "two")
    assert log(shop) == (["ours"] if first else ["before", "ours"])
    assert result.sha == shop.tip(BRANCH)


def test_a_move_whose_answer_is_lost_and_on_which_another_built_is_not_made_again(
    history: History, hub: EmbeddedGitHub, shop: Repository
) -> None:
    history.update(append("before"), "one")
    hub.behave.on("PATCH", MOVE, nth=1).fails_after_the_effect()
    hub.behave.on("GET", BRANCHES, nth=2).happens_meanwhile(
        lambda: shop.commit({"log.json": '["before", "ours", "theirs"]'}, branch=BRANCH)
    )
    result = history.update(append("ours"), "two")
    assert log(shop) == ["before", "ours", "theirs"]
    assert shop.objects.commit(shop.tip(BRANCH)).parents == (result.sha,)


def test_a_lost_move_on_a_branch_that_was_replaced_is_made_again(
    history: History, hub: EmbeddedGitHub, shop: Repository
) -> None:
    history.update(append("before"), "one")
    hub.behave.on("PATCH", MOVE, nth=1).fails_before_the_effect()
    other = shop.commit({"log.json": '["other"]'}, branch="other")
    hub.behave.on("GET", BRANCHES, nth=2).happens_meanwhile(lambda: shop.move(f"refs/heads/{BRANCH}", other))
    history.update(append("ours"), "two")
    assert log(shop) == ["other", "ours"]


@pytest.mark.parametrize("kind", ["blobs", "trees", "commits"])
def test_an_object_whose_answer_is_lost_is_simply_stored_again(
    history: History, hub: EmbeddedGitHub, shop: Repository, kind: str
) -> None:
    hub.behave.on("POST", f"*/git/{kind}", nth=1).fails_after_the_effect()
    assert history.update(put(a_bin=b"\xff\xfe"), "one").result == "created"
    assert shop.read("a.bin", BRANCH) == b"\xff\xfe"


def test_a_github_that_keeps_failing_leaves_the_branch_as_it_was(
    history: History, hub: EmbeddedGitHub, shop: Repository
) -> None:
    before = history.update(append("before"), "one").sha
    hub.behave.on("POST", "*/git/trees").fails_before_the_effect()
    with pytest.raises(MaybeDone):
        history.update(append("ours"), "two")
    assert shop.tip(BRANCH) == before
    hub.behave.calm()
    hub.behave.on("PATCH", MOVE).fails_before_the_effect()
    with pytest.raises(MaybeDone):
        history.update(append("ours"), "two")
    assert shop.tip(BRANCH) == before
    assert len(hub.asked("PATCH")) == UNCERTAIN_TRIES


def test_a_race_that_is_never_won_ends(history: History, hub: EmbeddedGitHub) -> None:
    history.update(append("before"), "one")
    hub.behave.on("PATCH", MOVE).answers(422, "Update is not a fast forward")
    with pytest.raises(HistoryError, match=f"could not be updated in {TRIES} tries: too many runs write to it"):
        history.update(append("ours"), "two")


WRITES = [("PATCH", MOVE), ("POST", MAKE), ("POST", "*/git/trees"), ("POST", "*/git/commits"), ("GET", "*")]
FAULTS = ["fails_after_the_effect", "fails_before_the_effect", "resets_after_the_effect", "answers_secondary_limit"]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(WRITES), st.integers(1, 4), st.sampled_from(FAULTS)), max_size=4),
    st.integers(0, 2),
)
def test_whatever_breaks_each_update_is_there_exactly_once(
    hub: EmbeddedGitHub, connect: Callable[[Token], GitHub], faults: list[Any], lag: int
) -> None:
    hub.behave.calm()
    name = f"org/made{len(hub.repositories())}"
    repository = hub.repository(name, files={"README.md": "x"})
    github = connect(hub.token(repository, permissions={"contents": "write"}))
    if lag:
        hub.behave.lag("refs", reads=lag)
    for (method, path), nth, fault in faults:
        getattr(hub.behave.on(method, path, nth=nth), fault)()
    history = History(github, name, clock=Clock(sleep=lambda _: None))
    for entry in ("a", "b", "c"):
        history.update(append(entry), entry)
    assert log(repository) == ["a", "b", "c"]


# Branches that cannot be used


def test_a_repository_without_a_commit_says_so(hub: EmbeddedGitHub, connect: Callable[[Token], GitHub]) -> None:
    empty = hub.repository("org/empty")
    history = History(connect(hub.token(empty, permissions={"contents": "write"})), "org/empty")
    assert history.read("a.json") is None
    with pytest.raises(HistoryError, match="org/empty has no commit yet"):
        history.update(put(a_json=b"1"), "one")


def test_a_protected_branch_says_what_to_do(history: History, hub: EmbeddedGitHub) -> None:
    history.update(put(a_json=b"1"), "one")
    hub.behave.on("PATCH", MOVE).answers(422, "Repository rule violations found")
    with pytest.raises(HistoryError, match=r"Repository rule violations found\. If a rule protects it"):
        history.update(put(a_json=b"2"), "two")


def test_a_conflict_is_a_race(history: History, hub: EmbeddedGitHub) -> None:
    history.update(put(a_json=b"1"), "one")
    hub.behave.on("PATCH", MOVE, nth=1).answers(409, "Conflict")
    assert history.update(put(a_json=b"2"), "two").tries == 2


class Broken:
    """A GitHub that says of a branch what was told."""

    def __init__(self, branch: Any) -> None:
        self.branch = branch

    def get_or_none(self, path: str) -> Any:
        return self.branch


@pytest.mark.parametrize("commit", [None, {}, {"sha": "a"}, {"sha": "a", "commit": {"tree": None}}])
def test_a_corrupt_branch_says_so(commit: Any) -> None:
    with pytest.raises(HistoryError, match="actions-data does not point to a commit that can be read"):
        History(Broken({"name": BRANCH, "commit": commit}), "o/r").update(put(a_json=b"1"), "one")


def test_a_branch_that_was_renamed_is_not_ours_any_more() -> None:
    assert History(Broken({"name": "old-data"}), "o/r").snapshot().sha == ""


def test_a_tree_github_refuses_is_an_error_and_no_commit(history: History, hub: EmbeddedGitHub) -> None:
    hub.behave.on("POST", "*/git/trees").answers(422, "tree.path contains a malformed path component")
    with pytest.raises(Invalid):
        history.update(put(a_json=b"1"), "one")


def test_reading_needs_contents_read_and_writing_contents_write(
    hub: EmbeddedGitHub, shop: Repository, connect: Callable[[Token], GitHub]
) -> None:
    reader = History(connect(hub.token(shop, permissions={"contents": "read"})), "org/shop")
    assert reader.read("a.json") is None
    with pytest.raises(PermissionNeeded, match="contents: write"):
        reader.update(put(a_json=b"1"), "one")
