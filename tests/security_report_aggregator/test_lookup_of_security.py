"""Where the baseline of findings comes from, and that a missing one is a reason and never an empty one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.job import CART, pushed, reader
from tests.actionkit.stand_ins import BrokenGit, Refusing
from tests.contract.scanned import Issue, bandit
from tests.security_report_aggregator.job import Job

from actionkit import envelope
from actionkit.base import base_of, head_of
from actionkit.baseline_source import BaselineSource
from actionkit.errors import Unreadable
from actionkit.github.errors import BadToken, ServerError
from actionkit.github.history import History
from actionkit.missing import Missing
from sandbox.runner import events
from security_report_aggregator import lookup
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.recording import RECORDS

NAME = "security-report-aggregator"
REPORT = {"bandit.json": bandit(Issue())}


def look(job: Job, event: Any, github: Any = None, source: str = "branch", **others: Any) -> lookup.Found:
    context, doors = job.context(event), replace(job.doors(github), **others)
    base = base_of(context, doors, head_of(context, job.doors().git))
    kind, _, name = source.partition(":")
    return lookup.look_up(Inputs(baseline=BaselineSource(kind, name)), context, doors, base)


def recorded(job: Job) -> str:
    job.shop.checkout.write(REPORT)
    return job.record()


def outcome(job: Job) -> bytes:
    return envelope.dump(job.run(job.shop.push(), github=job.github()))


# Not asked for, from a file, from an artifact


def test_none_asks_for_no_comparison(scanned: Job) -> None:
    found = look(scanned, scanned.shop.push(), source="none")
    assert found == lookup.Found(missing=Missing("`baseline: none` asks for no comparison"))


def test_a_file_is_the_outcome_of_an_earlier_run(scanned: Job) -> None:
    scanned.shop.checkout.write(REPORT)
    scanned.shop.checkout.write({"before/outcome.json": outcome(scanned)})
    found = look(scanned, None, source="file:before/outcome.json").baseline
    assert found is not None
    assert (found.sha, len(found.known), found.tools) == (scanned.shop.checkout.head, 1, {"bandit": 1})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "before.json: no such file or directory"),
        (b"{}", "before.json: is not an outcome file of schema 1"),
        ({"action": "coverage-gate"}, f"before.json: is no outcome of {NAME} that holds a record"),
        ({"data": {"record": None}}, f"before.json: is no outcome of {NAME} that holds a record"),
        ({"data": {"record": {"kind": "x"}}}, f"the recorded baseline: is not a {NAME}/baseline file"),
    ],
)
def test_a_file_that_is_no_such_outcome_is_a_reason(scanned: Job, content: Any, why: str) -> None:
    if content is not None:
        written = {"schema": 1, "action": NAME, "verdict": "pass", "headline": "", "data": {}}
        text = content if isinstance(content, bytes) else json.dumps({**written, **content})
        scanned.shop.checkout.write({"before.json": text})
    assert look(scanned, None, source="file:before.json") == lookup.Found(missing=Missing(why))


def test_a_file_that_is_committed_counts_as_the_base_has_it(scanned: Job) -> None:
    shop = scanned.shop
    shop.checkout.write({"bandit.json": bandit()})
    clean = outcome(scanned)
    shop.checkout.write(REPORT)
    weak = outcome(scanned)
    shop.checkout.commit("A baseline", {"before.json": clean})
    _, event = shop.open_pull("forge", {"before.json": weak, "brought.json": weak})
    found = look(scanned, event, source="file:before.json").baseline
    assert found is not None
    assert found.known == {}
    brought = look(scanned, event, source="file:brought.json")
    assert brought.baseline is None
    assert "no change brings its own baseline" in brought.missing.reason
    shop.checkout.write({"fetched.json": weak})
    fetched = look(scanned, event, source="file:fetched.json").baseline
    assert fetched is not None
    assert len(fetched.known) == 1


def test_an_artifact_counts_only_if_a_trusted_run_left_it(scanned: Job) -> None:
    shop = scanned.shop
    shop.checkout.write(REPORT)
    made = outcome(scanned)
    pull, event = shop.open_pull("more", {"README.md": "# More\n"})
    shop.repository.run(pull=pull).artifact("security", {"outcome.json": made})
    allowed = {**reader(), "actions": "read"}
    none = lookup.Found(missing=Missing("no successful run on main left an artifact called security", heals=True))
    assert look(scanned, event, scanned.github(allowed), "artifact:security") == none
    shop.repository.run(branch="main").artifact("security", {"deep/outcome.json": made, "other.txt": "x"})
    found = look(scanned, event, scanned.github(allowed), "artifact:security").baseline
    assert found is not None
    assert len(found.known) == 1


def test_an_artifact_with_one_file_of_any_name_is_that_file_and_an_empty_one_is_none(scanned: Job) -> None:
    run = scanned.shop.repository.run(branch="main")
    run.artifact("odd", {"report.txt": "not json"})
    run.artifact("empty", {})
    allowed = {**reader(), "actions": "read"}
    odd = look(scanned, scanned.shop.push(), scanned.github(allowed), "artifact:odd")
    assert str(odd.missing).startswith("artifact odd: report.txt: is not JSON")
    empty = look(scanned, scanned.shop.push(), scanned.github(allowed), "artifact:empty")
    assert "left an artifact called empty" in empty.missing.reason


def test_without_a_token_or_its_permission_the_artifact_is_a_reason(scanned: Job) -> None:
    event = scanned.shop.push()
    assert (
        look(scanned, event, None, "artifact:x").missing.reason == "artifact x cannot be read without a `github-token`"
    )
    refused = look(scanned, event, scanned.github({"contents": "read"}), "artifact:x").missing.reason
    assert "lacks `actions: read`" in refused


# The history branch


def test_before_anything_is_recorded_the_run_is_the_first(scanned: Job) -> None:
    found = look(scanned, scanned.shop.push(), scanned.github())
    assert (found.baseline, found.missing.heals) == (None, True)
    assert str(found.missing).startswith("no baseline is recorded on branch actions-data yet")


def test_the_record_of_the_base_commit_is_the_baseline(scanned: Job) -> None:
    sha = recorded(scanned)
    _, event = scanned.shop.open_pull("more", {CART: "a = 2\n"})
    found = look(scanned, event, scanned.github(reader()))
    assert found.baseline is not None
    assert (found.baseline.sha, found.baseline.distance, found.missing.heals) == (sha, 0, False)


def test_else_it_is_the_nearest_ancestors(scanned: Job) -> None:
    sha = recorded(scanned)
    scanned.shop.checkout.commit("Elsewhere", {"README.md": "# More\n"})
    _, event = scanned.shop.open_pull("more", {"README.md": "# Other\n"})
    found = look(scanned, event, scanned.github(reader())).baseline
    assert found is not None
    assert (found.sha, found.distance) == (sha, 1)


def test_a_shallow_clone_finds_the_ancestor_with_one_request(scanned: Job, tmp_path: Path) -> None:
    sha = recorded(scanned)
    scanned.shop.checkout.commit("Elsewhere", {"README.md": "# More\n"})
    _, event = scanned.shop.open_pull("more", {"README.md": "# Other\n"})
    clone = scanned.inside(scanned.shop.checkout.shallow(tmp_path / "clone").path)
    found = look(clone, event, clone.github(reader())).baseline
    assert found is not None
    assert (found.sha, found.distance) == (sha, 1)


def test_an_unrelated_history_is_no_baseline_and_this_record_will_be_the_first(scanned: Job) -> None:
    recorded(scanned)
    checkout = scanned.shop.checkout
    checkout.git("switch", "--quiet", "--orphan", "island")
    first = checkout.commit("Alone", {"a.py": "x = 1\n"})
    checkout.commit("Alone still", {"a.py": "x = 2\n"})
    found = look(scanned, pushed(scanned.shop, before=first), scanned.github())
    assert (found.baseline, found.missing.heals, len(found.index.entries)) == (None, True, 1)
    assert str(found.missing) == f"neither {first[:12]} nor an ancestor of it is recorded on branch actions-data"


def test_a_run_without_any_base_says_why(scanned: Job) -> None:
    recorded(scanned)
    checkout = scanned.shop.checkout
    checkout.git("switch", "--quiet", "--orphan", "island")
    checkout.commit("Alone", {"a.py": "x = 1\n"})
    found = look(scanned, pushed(scanned.shop, branch="island"), scanned.github())
    assert (str(found.missing), found.missing.heals) == ("the push run names no commit to compare with", True)


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        (RECORDS.index_path, b"{}", f"the index of recorded baselines: is not a {NAME}/index file"),
        ("record", b"[", "the recorded baseline: is not JSON, or cut short"),
        ("record", None, " is missing on branch actions-data"),
    ],
)
def test_a_corrupt_history_is_a_reason(scanned: Job, path: str, content: bytes | None, why: str) -> None:
    sha = recorded(scanned)
    place = RECORDS.commit_path(sha) if path == "record" else path
    History(scanned.github(), "org/shop").update(lambda _: {place: content}, "Spoil it")
    _, event = scanned.shop.open_pull("more", {"README.md": "# Other\n"})
    found = look(scanned, event, scanned.github(reader()))
    assert (found.baseline, found.missing.heals) == (None, False)
    assert str(found.missing).endswith(why)


def test_github_being_down_is_a_reason_and_a_bad_token_is_not(scanned: Job) -> None:
    down = ServerError("GET contents", 502, "GitHub answered 502, 5 times")
    push = scanned.shop.push()
    assert look(scanned, push, Refusing(down)).missing.reason == "GET contents: GitHub answered 502, 5 times"
    with pytest.raises(BadToken):
        look(scanned, push, Refusing(BadToken("GET contents", 401, "expired")))


def test_git_failing_on_a_laptop_is_no_history(scanned: Job) -> None:
    assert look(scanned, None, git=BrokenGit()).missing.heals


def test_a_replay_reads_the_index_and_says_if_there_is_none(scanned: Job) -> None:
    with pytest.raises(Unreadable, match="actions-data: holds no history yet"):
        lookup.history(Inputs(), scanned.context(None), scanned.doors())
    sha = recorded(scanned)
    event = events.workflow_dispatch(repository="org/shop", sha=sha)
    index = lookup.history(Inputs(), scanned.context(event), scanned.doors(scanned.github()))
    assert [entry.sha for entry in index.entries] == [sha]
