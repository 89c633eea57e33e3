"""The history branch: read from GitHub or a clone, written in one commit; what goes wrong is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.actionkit.job import Job
from tests.actionkit.stand_ins import BrokenGit, Refusing

from actionkit import recorded
from actionkit.base import Base
from actionkit.errors import PermissionNeeded, Unreadable
from actionkit.github.errors import BadToken, ServerError
from actionkit.github.history import HistoryError, Snapshot
from actionkit.missing import Missing
from actionkit.outcome import Problem, Severity

BRANCH = "actions-data"


def write(job: Job, content: bytes, github: Any = None, path: str = "a/b.json") -> recorded.Written:
    context, doors = job.context(job.shop.push()), job.doors(github or job.github())
    return recorded.write(BRANCH, lambda _: {path: content}, "Record", context, doors)


def read(job: Job, path: str, **doors: Any) -> bytes | None:
    return recorded.read(BRANCH, path, job.context(None), replace(job.doors(), **doors))


def test_what_is_written_is_read_again(job: Job) -> None:
    context, doors = job.context(job.shop.push()), job.doors(job.github())
    assert recorded.read(BRANCH, "a/b.json", context, doors) is None
    assert write(job, b"1") == recorded.Written(kept=True)
    assert recorded.read(BRANCH, "a/b.json", context, doors) == b"1"
    assert recorded.read(BRANCH, "a/c.json", context, doors) is None


def test_a_change_builds_on_what_is_there(job: Job) -> None:
    write(job, b"1")

    def longer(snapshot: Snapshot) -> dict[str, bytes | None]:
        return {"a/b.json": (snapshot.read("a/b.json") or b"") + b"2"}

    context, doors = job.context(job.shop.push()), job.doors(job.github())
    assert recorded.write(BRANCH, longer, "More", context, doors).kept
    assert recorded.read(BRANCH, "a/b.json", context, doors) == b"12"


@pytest.mark.parametrize("ref", [f"refs/heads/{BRANCH}", f"refs/remotes/origin/{BRANCH}"])
def test_without_a_token_the_clone_is_read(job: Job, ref: str) -> None:
    checkout = job.shop.checkout
    assert read(job, "README.md") is None
    checkout.git("update-ref", ref, checkout.head)
    assert read(job, "README.md") == b"# Shop\n"
    assert read(job, "none.md") is None


def test_a_clone_that_cannot_be_read_holds_nothing(job: Job) -> None:
    assert read(job, "README.md", git=BrokenGit()) is None


def test_without_a_token_or_its_permission_it_is_said_what_to_grant(job: Job) -> None:
    context = job.context(job.shop.push())
    assert recorded.write(BRANCH, lambda _: {"a": b"1"}, "Record", context, job.doors()) == recorded.Written(
        kept=False, problems=(Problem("nothing was recorded: no `github-token`", severity=Severity.WARNING),)
    )
    (told,) = write(job, b"1", job.github({"contents": "read"})).problems
    assert "lacks `contents: write`" in told.message
    assert told.fix == recorded.GRANT


@pytest.mark.parametrize(
    ("error", "message", "fix"),
    [
        (HistoryError("a rule forbids it"), "nothing was recorded: a rule forbids it", ""),
        (
            PermissionNeeded("GET branch", "contents: read"),
            "nothing was recorded: GitHub refused GET branch",
            recorded.GRANT,
        ),
    ],
)
def test_a_branch_that_cannot_be_written_is_a_warning(job: Job, error: Exception, message: str, fix: str) -> None:
    (told,) = write(job, b"1", Refusing(error)).problems
    assert (told.severity, told.fix) == (Severity.WARNING, fix)
    assert told.message.startswith(message)


def test_a_bad_token_is_no_warning_and_no_reason(job: Job) -> None:
    error = BadToken("GET branch", 401, "expired")
    with pytest.raises(BadToken):
        write(job, b"1", Refusing(error))
    with pytest.raises(BadToken):
        read(job, "a", github=Refusing(error))
    assert recorded.is_bad_token(error)
    assert not recorded.is_bad_token(ServerError("GET branch", 502, "down"))
    assert not recorded.is_bad_token(Unreadable("a", "is empty"))


@pytest.mark.parametrize(
    ("ancestors", "found"),
    [
        (["c", "b", "a"], (b"b", 1)),
        (["a", "b"], (b"a", 0)),
        (["c", "d"], Missing("neither c nor an ancestor of it is recorded on branch actions-data", heals=True)),
        (["gone", "a"], Missing("the record of gone is missing on branch actions-data")),
        ([], Missing("no base", heals=True)),
    ],
)
def test_the_nearest_recorded_ancestor_is_chosen(job: Job, ancestors: list[str], found: Any) -> None:
    for sha in ("a", "b"):
        write(job, sha.encode(), path=sha)
    context, doors = job.context(job.shop.push()), job.doors(job.github())
    base = Base(tuple(ancestors), "no base")
    assert recorded.nearest(BRANCH, ("a", "b", "gone"), str, base, context, doors) == found


def test_what_is_missing_promises_nothing_once_this_run_could_not_record_it() -> None:
    first = recorded.nothing(BRANCH)
    assert str(first).endswith("on branch actions-data yet; the next push to the default branch records one")
    refused = first.not_begun()
    assert str(refused) == "no baseline is recorded on branch actions-data yet, and this run could not record one"
    assert (first.heals, refused.heals) == (True, False)
