"""The whole action in one process: gather, decide, record; every way in which a run ends."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.actionkit.job import CART, reader
from tests.coverage_gate.job import Job, lcov

from actionkit.errors import Unreadable, UsageError
from actionkit.git import GitFailed
from actionkit.github.errors import ServerError
from actionkit.github.history import History
from actionkit.inputs import parse
from actionkit.outcome import Outcome, Severity, Verdict
from coverage_gate.action import ACTION, run
from coverage_gate.inputs import Inputs
from coverage_gate.record import RECORDS
from sandbox.runner import events

FULL = lcov(4, 5, 8, 9, 10, 11)
MOST = lcov(4, 5, 8, 9, 11, missed=(10,))


def recorded(job: Job) -> list[str]:
    return list(parents(job))


def parents(job: Job) -> dict[str, list[str]]:
    """Every recorded commit and its parents."""
    if "refs/heads/actions-data" not in job.shop.repository.refs.names():
        return {}
    document = json.loads(job.shop.repository.read(RECORDS.index_path, "actions-data"))
    return {entry["sha"]: entry["parents"] for entry in document["entries"]}


def notes(outcome: Outcome) -> list[str]:
    return [problem.message for problem in outcome.problems if problem.severity is Severity.NOTICE]


def test_a_push_to_the_default_branch_is_judged_and_recorded(job: Job) -> None:
    job.shop.checkout.write({"lcov.info": MOST})
    made = job.run(job.shop.push(), github=job.github(), fail_under="80", fail_under_patch="100", max_drop="0")
    assert (made.verdict, made.headline) == (Verdict.PASS, "line 83.33 %")
    assert recorded(job) == [job.shop.checkout.head]
    assert notes(made) == [
        "this run brings no change, so there are no changed lines to judge",
        "nothing is recorded yet to compare with: this run records the first baseline",
    ]


def test_a_push_that_fails_its_threshold_is_recorded_all_the_same_for_it_is_the_truth(job: Job) -> None:
    job.shop.checkout.write({"lcov.info": MOST})
    made = job.run(job.shop.push(), github=job.github(), fail_under="90")
    assert made.verdict is Verdict.FAIL
    assert recorded(job) == [job.shop.checkout.head]


@pytest.mark.parametrize(
    ("report", "inputs"),
    [("TN:\n", {}), (MOST, {"reports": "lcov.info\nmissing.info"}), (MOST, {"baseline": "none"})],
    ids=["unreadable", "a report is missing", "no baseline wanted"],
)
def test_a_measurement_in_doubt_or_not_asked_for_is_not_recorded(job: Job, report: str, inputs: dict[str, str]) -> None:
    job.shop.checkout.write({"lcov.info": report})
    job.run(job.shop.push(), github=job.github(), **inputs)
    assert recorded(job) == []


def test_only_trusted_runs_record(job: Job) -> None:
    job.shop.checkout.write({"lcov.info": FULL})
    head = job.shop.checkout.head
    job.run(events.workflow_dispatch(repository="org/shop", sha=head, branch="feature"), github=job.github())
    job.run(events.push(repository="org/shop", sha=head, branch="feature"), github=job.github())
    assert recorded(job) == []
    job.run(events.schedule(repository="org/shop", sha=head), github=job.github())
    assert recorded(job) == [head]


def test_a_pull_request_is_held_against_the_record_of_its_base(job: Job) -> None:
    job.record(FULL)
    cart = job.shop.checkout.git("show", f"main:{CART}") + "\n\nx = 1\ny = 2\n"
    _, event = job.shop.open_pull("more", {CART: cart})
    job.shop.checkout.write({"lcov.info": lcov(4, 5, 8, 9, 10, 11, 13, missed=(14,))})
    made = job.run(event, github=job.github(reader()), fail_under_patch="60", max_drop="20")
    assert made.verdict is Verdict.FAIL
    assert made.headline.startswith("patch 50.00 % < 60 %")
    assert made.data["delta"]["added"] == made.data["delta_detail"]["points"] == -12.5
    assert made.data["green_path"]
    assert len(made.data["trend"]) == 2
    assert notes(made) == []


def test_the_policy_of_a_pull_request_is_asked_in_full_and_what_cannot_be_judged_is_incomplete(job: Job) -> None:
    _, event = job.shop.open_pull("docs", {"README.md": "# The shop\n"})
    job.shop.checkout.write({"lcov.info": FULL})
    made = job.run(event, github=job.github(reader()), max_drop="1")
    assert made.verdict is Verdict.INCOMPLETE
    assert "no baseline is recorded on branch actions-data yet" in made.headline


def test_another_version_of_the_tool_is_told_apart_from_the_change(job: Job) -> None:
    job.record(FULL)
    record = json.loads(job.shop.repository.read(RECORDS.commit_path(job.shop.checkout.head), "actions-data"))
    record["format"] = "clover"
    record["files"][CART] = [f"{0b111100110000:x}", f"{0b011100110000:x}", 0]
    record["lines"] = [5, 6]
    path = RECORDS.commit_path(record["sha"])
    History(job.github(), "org/shop").update(lambda _: {path: json.dumps(record).encode()}, "As Clover counted")
    _, event = job.shop.open_pull("docs", {"README.md": "# The shop\n"})
    job.shop.checkout.write({"lcov.info": lcov(4, 5, 8, 9, 10, 11, 2)})
    made = job.run(event, github=job.github(reader()))
    assert made.data["drift"] is not None
    assert any("not your change" in problem.message for problem in made.problems)


def test_totals_alone_are_compared_where_lines_cannot_be(job: Job) -> None:
    job.record(FULL)
    _, event = job.shop.open_pull("more", {"README.md": "# More\n"})
    job.shop.checkout.write({"lcov.info": MOST})
    context, doors = job.context(event), job.doors(job.github(reader()))

    class Blind:
        """git that knows commits and can show no difference between them."""

        def __getattr__(self, name: str) -> Any:
            return getattr(doors.git, name)

        def diff(self, *_: object) -> bytes:
            raise GitFailed("`git diff` failed: bad object")

    class NoComparison:
        """GitHub without an answer to what changed."""

        def __getattr__(self, name: str) -> Any:
            return getattr(doors.github, name)

        def raw(self, path: str, *arguments: Any, **named: Any) -> Any:
            if "/compare/" in path:
                raise ServerError("GET compare", 502, "GitHub answered 502, 5 times")
            return self.__getattr__("raw")(path, *arguments, **named)

    blind = replace(doors, git=Blind(), github=NoComparison())  # type: ignore[arg-type]
    made = run(parse(Inputs, {}), context, blind)
    assert made.data["patch"]["why_none"].startswith("`git diff` failed: bad object, and GET compare")
    assert made.data["delta_detail"]["parts"]["unattributed"] == {"covered": -1, "total": 0}
    assert made.data["delta"]["base_drift"] == made.data["delta_detail"]["points"]


def test_a_badge_is_written_with_its_json_in_the_colour_of_the_threshold(job: Job) -> None:
    job.shop.checkout.write({"lcov.info": MOST})
    made = job.run(None, badge="out/coverage.svg", fail_under="80")
    assert made.data["badge"] == "out/coverage.svg"
    endpoint = json.loads((job.folder / "out/coverage.json").read_text(encoding="utf-8"))
    assert endpoint == {"schemaVersion": 1, "label": "coverage", "message": "83.33%", "color": "brightgreen"}
    assert "83.33%" in (job.folder / "out/coverage.svg").read_text(encoding="utf-8")
    job.run(None, badge="out/coverage.svg")
    assert json.loads((job.folder / "out/coverage.json").read_text(encoding="utf-8"))["color"] == "green"


def test_a_replay_needs_no_report_and_records_nothing(job: Job) -> None:
    sha = job.record(MOST)
    made = job.run(job.shop.push(), github=job.github(), replay="true", fail_under="90")
    assert made.headline == "of 1 recorded commit 0 would have passed, 1 failed, 0 could not be judged"
    assert [row["sha"] for row in made.data["replay"]["rows"]] == [sha]
    assert len(recorded(job)) == 1
    with pytest.raises(Unreadable, match="holds no history yet"):
        job.run(None, replay="true", baseline_branch="elsewhere")


def test_a_wrong_policy_is_an_error_of_its_own(job: Job) -> None:
    job.shop.checkout.write({"lcov.info": FULL, ".github/coverage-gate.yml": "fail_undr: 80\n"})
    with pytest.raises(UsageError, match="`fail_undr` is not a key"):
        job.run(None)


def test_the_record_knows_its_parents_unless_git_does_not(job: Job) -> None:
    first = job.record(FULL)
    job.shop.checkout.commit("More", {"README.md": "# More\n"})
    job.record(FULL)
    assert parents(job) == {first: [], job.shop.checkout.head: [first]}

    class Parentless:
        """git that cannot read the commit again."""

        def __getattr__(self, name: str) -> Any:
            return getattr(job.doors().git, name)

        def parents(self, rev: str) -> list[str]:
            raise GitFailed("`git cat-file` failed: bad object")

    job.shop.checkout.commit("And more", {"README.md": "# And more\n"})
    job.shop.checkout.write({"lcov.info": FULL})
    doors = replace(job.doors(job.github()), git=Parentless())  # type: ignore[arg-type]
    run(parse(Inputs, {}), job.context(job.shop.push()), doors)
    assert parents(job)[job.shop.checkout.head] == []


def test_it_names_what_it_needs_and_where_it_runs() -> None:
    assert {permission.scope for permission in ACTION.permissions} == {"contents", "pull-requests", "actions"}
    assert {"pull_request", "push", "merge_group", "workflow_run"} <= set(ACTION.events)
    assert ACTION.config is not None
    assert ACTION.config().__name__ == "ConfigFile"
    assert ACTION.config_path == ".github/coverage-gate.yml"
