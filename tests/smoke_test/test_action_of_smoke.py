"""The whole action in one process: load, gather, decide, record; every way in which a run ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from tests.actionkit.job import reader
from tests.actionkit.stand_ins import NoGit
from tests.smoke_test.answering_site import Said, Site, said, site
from tests.smoke_test.job_of_smoke import PLAN, Job, interruptible

from actionkit import envelope
from actionkit.errors import UsageError
from actionkit.inputs import parse
from actionkit.outcome import Link, Outcome, Severity, Verdict
from actionkit.publish import COMMENT_LINK
from sandbox import runner
from sandbox.consumer import Consumer
from sandbox.runner import events
from smoke_test import history
from smoke_test.action import ACTION, run
from smoke_test.inputs import Inputs

ONE = "tests: [{name: shop, steps: [{name: item, request: {url: /item}, status: 200}]}]\n"
WATCHED = f"{ONE}regression: {{error_rate: 1pp}}\n"
SECRET = ONE.replace("{url: /item}", '{url: /item, headers: {X-Key: "{{key}}"}}') + "secrets: {key: SMOKE_KEY}\n"


@pytest.fixture
def served() -> Iterator[Site]:
    with site({"/item": lambda _: said({"sku": "A-100"})}) as started:
        yield started


@pytest.fixture
def job(shop: Consumer) -> Iterator[Job]:
    with Job.of(shop) as made:
        yield made


def recorded(job: Job) -> list[dict[str, Any]]:
    if "refs/heads/actions-data" not in job.shop.repository.refs.names():
        return []
    entries: list[dict[str, Any]] = json.loads(job.shop.repository.read(history.PATH, "actions-data"))["entries"]
    return entries


def warnings(outcome: Outcome) -> list[str]:
    return [problem.message for problem in outcome.problems if problem.severity is Severity.WARNING]


def test_a_laptop_without_github_judges_and_records_nothing(job: Job, served: Site) -> None:
    made = job.run(ONE, base_url=served.url)
    assert (made.verdict, made.headline) == (Verdict.PASS, "1 of 1 steps passed")
    assert (made.data["plan"], made.data["record"]["sha"]) == (PLAN, "")
    assert (job.folder / made.data["junit_file"]).is_file()


def test_secrets_are_hidden_before_anything_is_sent(job: Job, served: Site) -> None:
    def answering(_: object) -> Said:
        assert job.hidden == ["canary-4711"]
        return said({})

    served.routes["/item"] = answering
    made = job.run(SECRET, base_url=served.url, environ={"SMOKE_KEY": "canary-4711"})
    assert made.verdict is Verdict.PASS, made.problems
    with pytest.raises(UsageError, match="`SMOKE_KEY` is not set"):
        job.run(SECRET, base_url=served.url)


def test_what_the_steps_showed_is_kept_for_the_case_of_an_interrupt(job: Job, served: Site) -> None:
    job.run(ONE, base_url=served.url)
    (kept,) = job.kept
    assert (kept.verdict, kept.data["counts"]["passed"]) == (Verdict.PASS, 1)
    assert kept.data["junit_file"]


@pytest.mark.parametrize(
    ("plan", "status", "verdict", "entries"),
    [
        (WATCHED, 200, Verdict.PASS, 1),
        (WATCHED, 500, Verdict.FAIL, 1),
        (ONE, 200, Verdict.PASS, 0),
        (WATCHED.replace("status: 200", "options: {skip: true}"), 200, Verdict.INCOMPLETE, 0),
    ],
    ids=["green", "red, for it is the truth", "no regression is asked for", "nothing was measured"],
)
def test_a_push_to_the_default_branch_records_what_can_be_relied_on(
    job: Job, served: Site, plan: str, status: int, verdict: Verdict, entries: int
) -> None:
    served.routes["/item"] = lambda _: Said(status)
    made = job.run(plan, job.shop.push(), github=job.github(), base_url=served.url)
    assert made.verdict is verdict, made.problems
    assert len(recorded(job)) == entries
    assert [one["sha"] for one in recorded(job)] == [job.shop.checkout.head] * entries
    assert (made.data["record"] is None) == (verdict is Verdict.INCOMPLETE)


def elsewhere(job: Job, kind: str) -> runner.Event:
    head = job.shop.checkout.head
    if kind == "pull request":
        return job.shop.open_pull("docs", {"README.md": "# Docs\n"})[1]
    if kind == "branch":
        return events.push(repository="org/shop", sha=head, branch="feature")
    return events.deployment_status(repository="org/shop", sha=head)


@pytest.mark.parametrize("kind", ["pull request", "branch", "deployment"])
def test_only_trusted_runs_record(job: Job, served: Site, kind: str) -> None:
    made = job.run(WATCHED, elsewhere(job, kind), github=job.github(reader()), base_url=served.url)
    assert made.verdict is Verdict.INCOMPLETE
    assert "no measurement is recorded on branch actions-data yet" in made.headline
    assert recorded(job) == []


def test_another_baseline_than_the_branch_is_not_written(job: Job, served: Site) -> None:
    (job.folder / "before.json").write_text("{}", encoding="utf-8")
    made = job.run(WATCHED, job.shop.push(), github=job.github(), base_url=served.url, baseline="before.json")
    assert made.verdict is Verdict.INCOMPLETE
    assert "before.json" in made.headline
    assert recorded(job) == []


def test_what_keeps_the_record_from_being_written_is_told(job: Job, served: Site) -> None:
    first = job.run(WATCHED, job.shop.push(), github=job.github(), base_url=served.url)
    job.shop.checkout.commit("Next", {"README.md": "# Next\n"})
    made = job.run(WATCHED, job.shop.push(), github=job.github({"contents": "read"}), base_url=served.url)
    assert (first.verdict, made.verdict) == (Verdict.PASS, Verdict.PASS)
    assert any("nothing was recorded" in message for message in warnings(made))


def test_the_outcome_of_a_first_run_is_the_baseline_of_the_next(job: Job, served: Site) -> None:
    first = job.run(WATCHED, base_url=served.url)
    assert (first.verdict, first.data["record"]["verdict"]) == (Verdict.INCOMPLETE, "pass")
    (job.folder / "before.json").write_bytes(envelope.dump(first))
    again = job.run(WATCHED, base_url=served.url, baseline="before.json")
    assert (again.verdict, again.data["regression"]["runs"]) == (Verdict.PASS, 1)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"verdict": "fail"}, "before.json is no measure: its run did not pass"),
        ({"series": "other.yml#load"}, "it measured other.yml#load, and this run smoke.yml#steps"),
        ({"recorded_at": 5.0}, "it is older than 30 days"),
    ],
)
def test_a_file_that_is_no_measure_is_told_and_makes_no_push_the_first(
    job: Job, served: Site, damage: dict[str, Any], said: str
) -> None:
    first = job.run(WATCHED, base_url=served.url)
    first.data["record"].update(damage)
    (job.folder / "before.json").write_bytes(envelope.dump(first))
    made = job.run(WATCHED, job.shop.push(), github=job.github(), base_url=served.url, baseline="before.json")
    assert made.verdict is Verdict.INCOMPLETE
    assert said in made.headline


def test_a_run_of_no_commit_has_nothing_to_record(job: Job, served: Site) -> None:
    first = job.run(WATCHED, job.shop.push(), github=job.github(), base_url=served.url)
    (job.folder / "before.json").write_bytes(envelope.dump(first))
    doors = replace(job.doors(), git=NoGit())  # type: ignore[arg-type]
    texts = {"plan": PLAN, "base-url": served.url, "baseline": "before.json"}
    made = run(parse(Inputs, texts), job.context(None), doors)
    assert (made.verdict, made.data["record"]["sha"]) == (Verdict.PASS, "")
    assert made.data["regression"]["runs"] == 1


def test_an_interrupt_ends_in_what_is_known_and_nothing_else_is_done(job: Job, served: Site) -> None:
    over = Event()
    with interruptible() as interrupt:

        def hanging(_: object) -> Said:
            interrupt()
            over.wait(10)
            return said({})

        served.routes["/item"] = hanging
        made = job.run(WATCHED, job.shop.push(), github=job.github(), base_url=served.url, mutate="true")
    over.set()
    assert (made.verdict, made.data["mutation"]) == (Verdict.INCOMPLETE, None)
    assert "the run ended early: interrupted by signal 15" in made.headline
    assert job.shop.hub.requests == []
    (kept,) = job.kept
    assert kept.headline == made.headline


def test_a_junit_file_that_cannot_be_written_is_a_warning(job: Job, served: Site) -> None:
    (job.folder / "taken").write_text("", encoding="utf-8")
    made = job.run(ONE, base_url=served.url, junit_file="taken/junit.xml")
    assert (made.verdict, made.data["junit_file"]) == (Verdict.PASS, "")
    assert any("taken" in message for message in warnings(made))


def test_an_export_asks_nobody_and_names_the_way_to_the_workspace(job: Job, served: Site) -> None:
    plan = ONE.replace("{url: /item}", "{method: POST, url: /item, file: data.bin}")
    (job.folder / "data.bin").write_bytes(b"x")
    made = job.run(plan, base_url=served.url, export="k6", export_file="out/deep/shop.js")
    assert (made.verdict, made.data["export_file"]) == (Verdict.PASS, "out/deep/shop.js")
    assert "nothing was tested" in made.headline
    script = (job.folder / "out/deep/shop.js").read_text(encoding="utf-8")
    assert '"../../data.bin"' in script
    assert served.seen == []
    top = job.run(plan, base_url=served.url, export="k6", export_file="shop.js")
    assert top.data["export_file"] == "shop.js"


def test_a_plan_that_cannot_be_used_is_an_error_of_its_own(job: Job, served: Site) -> None:
    with pytest.raises(UsageError, match="`tets` is not a key"):
        job.run(ONE.replace("tests", "tets"), base_url=served.url)
    assert served.seen == []
    assert job.kept == []


def test_it_names_what_it_needs_and_where_it_runs() -> None:
    assert {permission.scope for permission in ACTION.permissions} == {"contents", "pull-requests", "actions"}
    assert {"push", "deployment_status", "workflow_run"} <= set(ACTION.events)
    assert ACTION.config is not None
    assert ACTION.config().__name__ == "PlanFile"
    assert (ACTION.config_path, ACTION.config_schema) == ("", "plan.schema.json")


def test_the_comment_is_an_output_once_there_is_one() -> None:
    made = Outcome("smoke-test", Verdict.PASS, "")
    assert ACTION.outputs["comment-url"].value(made) == ""
    commented = replace(made, links=(Link("Run", "https://h/1"), Link(COMMENT_LINK, "https://h/2")))
    assert ACTION.outputs["comment-url"].value(commented) == "https://h/2"
