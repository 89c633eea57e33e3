"""Where the baseline comes from, and that a missing one is a reason and never a number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.job import CART, pushed, reader
from tests.actionkit.stand_ins import BrokenGit, NoGit, Refusing
from tests.coverage_gate.job import Job, lcov

from actionkit.base import base_of, head_of
from actionkit.baseline_source import BaselineSource
from actionkit.errors import Unreadable
from actionkit.github.errors import BadToken, ServerError
from actionkit.github.history import History
from actionkit.missing import Missing
from coverage_gate import lookup
from coverage_gate.inputs import Inputs
from coverage_gate.model import Counts, numbers_of
from coverage_gate.record import RECORDS
from sandbox.runner import events

FULL = lcov(4, 5, 8, 9, 10, 11)
MOST = lcov(4, 5, 8, 9, 11, missed=(10,))


def look(job: Job, event: Any, github: Any = None, source: str = "branch", **others: Any) -> lookup.Found:
    context, doors = job.context(event), replace(job.doors(github), **others)
    base = base_of(context, doors, head_of(context, job.doors().git))
    kind, _, name = source.partition(":")
    return lookup.look_up(Inputs(baseline=BaselineSource(kind, name)), context, doors, base)


def changed_cart(job: Job) -> str:
    return job.shop.checkout.git("show", f"main:{CART}") + "\n"


# Not asked for, from a file, from an artifact


def test_none_asks_for_no_comparison(job: Job) -> None:
    assert look(job, job.shop.push(), source="none") == lookup.Found(
        missing=Missing("`baseline: none` asks for no comparison")
    )


def test_a_file_is_the_outcome_of_an_earlier_run(job: Job) -> None:
    job.record(FULL)
    made = job.run(job.shop.push(), github=job.github())
    from actionkit import envelope

    job.shop.checkout.write({"before/outcome.json": envelope.dump(made)})
    found = look(job, None, source="file:before/outcome.json")
    assert found.baseline is not None
    assert (found.baseline.lines, found.baseline.sha) == (Counts(6, 6), job.shop.checkout.head)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "before.json: no such file or directory"),
        (b"{}", "before.json: is not an outcome file of schema 1"),
        ({"action": "smoke-test"}, "before.json: is no outcome of coverage-gate that holds a measurement"),
        ({"data": {"record": None}}, "before.json: is no outcome of coverage-gate that holds a measurement"),
        ({"data": {"record": {"kind": "x"}}}, "the recorded baseline: is not a coverage-gate/baseline file"),
    ],
)
def test_a_file_that_is_no_such_outcome_is_a_reason(job: Job, content: Any, why: str) -> None:
    if content is not None:
        envelope = {
            "schema": 1,
            "action": "coverage-gate",
            "verdict": "pass",
            "headline": "",
            "data": {},
        }
        text = content if isinstance(content, bytes) else json.dumps({**envelope, **content})
        job.shop.checkout.write({"before.json": text})
    assert look(job, None, source="file:before.json") == lookup.Found(missing=Missing(why))


def test_a_file_that_is_committed_counts_as_the_base_has_it(job: Job) -> None:
    from actionkit import envelope

    shop = job.shop
    job.record(FULL)
    high = envelope.dump(job.run(shop.push(), github=job.github()))
    shop.checkout.write({"lcov.info": MOST})
    low = envelope.dump(job.run(shop.push(), github=job.github()))
    shop.checkout.commit("A baseline", {"before.json": high})
    _, event = shop.open_pull("forge", {"before.json": low, "brought.json": low})
    found = look(job, event, source="file:before.json").baseline
    assert found is not None
    assert found.lines == Counts(6, 6)
    brought = look(job, event, source="file:brought.json")
    assert brought.baseline is None
    assert "no change brings its own baseline" in brought.missing.reason
    shop.checkout.write({"fetched.json": low})
    fetched = look(job, event, source="file:fetched.json").baseline
    assert fetched is not None
    assert fetched.lines == Counts(5, 6)


def test_an_artifact_counts_only_if_a_trusted_run_left_it(job: Job) -> None:
    from actionkit import envelope

    shop = job.shop
    job.record(FULL)
    made = envelope.dump(job.run(shop.push(), github=job.github()))
    pull, event = shop.open_pull("more", {CART: changed_cart(job)})
    shop.repository.run(pull=pull).artifact("coverage", {"outcome.json": made})
    allowed = {**reader(), "actions": "read"}
    assert look(job, event, job.github(allowed), "artifact:coverage") == lookup.Found(
        missing=Missing("no successful run on main left an artifact called coverage", heals=True)
    )
    shop.repository.run(branch="main").artifact("coverage", {"deep/outcome.json": made, "other.txt": "x"})
    found = look(job, event, job.github(allowed), "artifact:coverage")
    assert found.baseline is not None
    assert found.baseline.lines == Counts(6, 6)


def test_an_artifact_with_one_file_of_any_name_is_that_file_and_an_empty_one_is_none(job: Job) -> None:
    shop = job.shop
    run = shop.repository.run(branch="main")
    run.artifact("odd", {"report.txt": "not json"})
    run.artifact("empty", {})
    allowed = {**reader(), "actions": "read"}
    odd = look(job, shop.push(), job.github(allowed), "artifact:odd")
    assert str(odd.missing).startswith("artifact odd: report.txt: is not JSON")
    assert (
        "left an artifact called empty" in look(job, shop.push(), job.github(allowed), "artifact:empty").missing.reason
    )


def test_without_a_token_or_its_permission_the_artifact_is_a_reason(job: Job) -> None:
    event = job.shop.push()
    assert look(job, event, None, "artifact:x").missing.reason == "artifact x cannot be read without a `github-token`"
    refused = look(job, event, job.github({"contents": "read"}), "artifact:x").missing.reason
    assert "lacks `actions: read`" in refused


# The history branch


def test_before_anything_is_recorded_the_run_is_the_first(job: Job) -> None:
    found = look(job, job.shop.push(), job.github())
    assert (found.baseline, found.missing.heals) == (None, True)
    assert str(found.missing) == (
        "no baseline is recorded on branch actions-data yet; the next push to the default branch records one"
    )


def test_the_record_of_the_base_commit_is_the_baseline(job: Job) -> None:
    sha = job.record(FULL)
    _, event = job.shop.open_pull("more", {CART: changed_cart(job)})
    found = look(job, event, job.github(reader()))
    assert found.baseline is not None
    assert (found.baseline.sha, found.baseline.distance, found.missing.heals) == (sha, 0, False)
    assert [entry.sha for entry in found.index.entries] == [sha]


def test_else_the_nearest_ancestors_carried_over_what_came_in_between(job: Job) -> None:
    checkout = job.shop.checkout
    sha = job.record(MOST)
    text = checkout.git("show", f"main:{CART}")
    checkout.commit("A line on top", {CART: "# shop\n" + text + "\n"})
    checkout.commit("Elsewhere", {"README.md": "# More\n"})
    _, event = job.shop.open_pull("more", {"README.md": "# Other\n"})
    found = look(job, event, job.github(reader())).baseline
    assert found is not None
    assert (found.sha, found.distance, found.lines) == (sha, 2, Counts(5, 6))
    assert list(numbers_of(found.files[CART].lines)) == [5, 6, 9, 10, 11, 12]


def test_where_what_came_in_between_is_unknown_only_the_totals_are_compared(job: Job) -> None:
    job.record(MOST)
    job.shop.checkout.commit("Elsewhere", {"README.md": "# More\n"})
    _, event = job.shop.open_pull("more", {"README.md": "# Other\n"})

    class Forgetful:
        """git as it is, but without the recorded commit."""

        def __getattr__(self, name: str) -> Any:
            return (lambda _: False) if name == "has_commit" else getattr(job.doors().git, name)

    context, doors = job.context(event), job.doors(job.github(reader()))
    base = base_of(context, doors, job.shop.checkout.head)
    for git in (Forgetful(), NoGit()):
        found = lookup.look_up(Inputs(), context, replace(doors, git=git), base).baseline  # type: ignore[arg-type]
        assert found is not None
        assert (found.files, found.lines) == ({}, Counts(5, 6))


def test_a_shallow_clone_finds_the_ancestor_with_one_request(job: Job, tmp_path: Path) -> None:
    sha = job.record(FULL)
    job.shop.checkout.commit("Elsewhere", {"README.md": "# More\n"})
    _, event = job.shop.open_pull("more", {"README.md": "# Other\n"})
    clone = job.inside(job.shop.checkout.shallow(tmp_path / "clone").path)
    found = look(clone, event, clone.github(reader())).baseline
    assert found is not None
    assert (found.sha, found.distance) == (sha, 1)


def test_an_unrelated_history_is_no_baseline_and_this_record_will_be_the_first(job: Job) -> None:
    job.record(FULL)
    checkout = job.shop.checkout
    checkout.git("switch", "--quiet", "--orphan", "island")
    first = checkout.commit("Alone", {"a.py": "x = 1\n"})
    checkout.commit("Alone still", {"a.py": "x = 2\n"})
    found = look(job, pushed(job.shop, before=first), job.github())
    assert (found.baseline, found.missing.heals, len(found.index.entries)) == (None, True, 1)
    assert str(found.missing) == f"neither {first[:12]} nor an ancestor of it is recorded on branch actions-data"


def test_a_run_without_any_base_says_why(job: Job) -> None:
    job.record(FULL)
    checkout = job.shop.checkout
    checkout.git("switch", "--quiet", "--orphan", "island")
    checkout.commit("Alone", {"a.py": "x = 1\n"})
    found = look(job, pushed(job.shop, branch="island"), job.github())
    assert (str(found.missing), found.missing.heals) == ("the push run names no commit to compare with", True)
    assert len(found.index.entries) == 1


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        (RECORDS.index_path, b"{}", "the index of recorded baselines: is not a coverage-gate/index file"),
        ("record", b"[", "the recorded baseline: is not JSON, or cut short"),
        ("record", None, " is missing on branch actions-data"),
    ],
)
def test_a_corrupt_history_is_a_reason(job: Job, path: str, content: bytes | None, why: str) -> None:
    sha = job.record(FULL)
    place = RECORDS.commit_path(sha) if path == "record" else path
    History(job.github(), "org/shop").update(lambda _: {place: content}, "Spoil it")
    _, event = job.shop.open_pull("more", {"README.md": "# Other\n"})
    found = look(job, event, job.github(reader()))
    assert found.baseline is None
    assert str(found.missing).endswith(why)


def test_github_being_down_is_a_reason_and_a_bad_token_is_not(job: Job) -> None:
    down = ServerError("GET contents", 502, "GitHub answered 502, 5 times")
    assert look(job, job.shop.push(), Refusing(down)).missing.reason == "GET contents: GitHub answered 502, 5 times"
    with pytest.raises(BadToken):
        look(job, job.shop.push(), Refusing(BadToken("GET contents", 401, "expired")))


# On a laptop


def test_a_clone_is_read_where_there_is_no_token(job: Job) -> None:
    sha = job.record(FULL)
    checkout = job.shop.checkout
    checkout.branch("feature")
    checkout.commit("Work", {CART: changed_cart(job)})
    assert look(job, None).missing.heals
    import_history(job)
    found = look(job, None)
    assert found.baseline is not None
    assert (found.baseline.sha, found.baseline.lines) == (sha, Counts(6, 6))


def import_history(job: Job) -> None:
    """Fetch the history branch as `git fetch` would: its files, on a branch of their own."""
    checkout, repository = job.shop.checkout, job.shop.repository
    index = json.loads(repository.read(RECORDS.index_path, "actions-data"))
    names = [RECORDS.index_path, *(RECORDS.commit_path(entry["sha"]) for entry in index["entries"])]
    here = checkout.git("rev-parse", "--abbrev-ref", "HEAD")
    checkout.git("switch", "--quiet", "--orphan", "actions-data")
    checkout.commit("History", {name: repository.read(name, "actions-data") for name in names})
    checkout.switch(here)


def test_git_failing_on_a_laptop_is_no_history(job: Job) -> None:
    found = look(job, None, git=BrokenGit())
    assert found.missing.heals


def test_a_replay_reads_the_index_and_says_if_there_is_none(job: Job) -> None:
    with pytest.raises(Unreadable, match="actions-data: holds no history yet"):
        lookup.history(Inputs(), job.context(None), job.doors())
    sha = job.record(FULL)
    event = events.schedule(repository=job.shop.name, sha=sha)
    index = lookup.history(Inputs(), job.context(event), job.doors(job.github()))
    assert [entry.sha for entry in index.entries] == [sha]
