"""The whole action in one process: gather, decide, write, upload, record; every way in which a run ends."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.actionkit.job import CART, pushed, reader
from tests.actionkit.stand_ins import BrokenGit, Refusing
from tests.contract.scanned import DJANGO, Advisory, Issue, bandit, gitleaks, trivy
from tests.security_report_aggregator.job import Job

from actionkit.errors import Unreadable, UsageError
from actionkit.github.errors import BadToken
from actionkit.inputs import parse
from actionkit.outcome import Link, Outcome, Severity, Verdict
from actionkit.publish import COMMENT_LINK
from sandbox.runner import events
from security_report_aggregator.action import ACTION, FIRST, run
from security_report_aggregator.inputs import Inputs
from security_report_aggregator.recording import RECORDS

WEAK = bandit(Issue())


def recorded(job: Job) -> dict[str, Any]:
    """Every recorded commit with its line of the index."""
    if "refs/heads/actions-data" not in job.shop.repository.refs.names():
        return {}
    document = json.loads(job.shop.repository.read(RECORDS.index_path, "actions-data"))
    return {entry["sha"]: entry for entry in document["entries"]}


def messages(outcome: Outcome, severity: Severity = Severity.WARNING) -> list[str]:
    return [problem.message for problem in outcome.problems if problem.severity is severity]


def test_a_push_to_the_default_branch_is_judged_and_recorded_with_its_parents(scanned: Job) -> None:
    before = scanned.shop.checkout.head
    scanned.shop.checkout.commit("Next", {"README.md": "# Next\n"})
    scanned.shop.checkout.write({"bandit.json": WEAK})
    made = scanned.run(scanned.shop.push(), github=scanned.github(), fail_on="critical")
    assert (made.verdict, made.data["counts"]["high"]) == (Verdict.PASS, 1)
    entry = recorded(scanned)[scanned.shop.checkout.head]
    assert (entry["verdict"], entry["parents"], entry["counts"]) == ("pass", [before], {"code": {"high": 1}})
    assert made.data["record"]["sha"] == scanned.shop.checkout.head


def test_a_push_that_fails_its_policy_is_recorded_all_the_same_for_it_is_the_truth(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": WEAK})
    made = scanned.run(scanned.shop.push(), github=scanned.github())
    assert made.verdict is Verdict.FAIL
    assert [entry["verdict"] for entry in recorded(scanned).values()] == ["fail"]


@pytest.mark.parametrize(
    ("report", "inputs"),
    [(b"{", {}), (WEAK, {"expected": "trivy"}), (WEAK, {"ignore_file": "gone.yml"}), (WEAK, {"baseline": "none"})],
    ids=["unreadable", "a scanner is missing", "waivers are missing", "no baseline wanted"],
)
def test_evidence_in_doubt_or_not_asked_for_is_not_recorded(
    scanned: Job, report: bytes, inputs: dict[str, str]
) -> None:
    scanned.shop.checkout.write({"bandit.json": report})
    made = scanned.run(scanned.shop.push(), github=scanned.github(), **inputs)
    assert recorded(scanned) == {}
    assert (made.data["record"] is None) is ("baseline" not in inputs)


def test_only_trusted_runs_record(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": WEAK})
    head = scanned.shop.checkout.head
    github = scanned.github()
    for event in (
        events.workflow_dispatch(repository="org/shop", sha=head, branch="feature"),
        events.push(repository="org/shop", sha=head, branch="feature"),
        replace(events.push(repository="org/shop", sha=head), ref="refs/tags/v1"),
    ):
        scanned.run(event, github=github)
    assert recorded(scanned) == {}
    scanned.run(events.schedule(repository="org/shop", sha=head), github=github)
    assert set(recorded(scanned)) == {head}


def test_waived_findings_are_not_recorded_so_that_they_are_new_when_the_waiver_goes(scanned: Job) -> None:
    waiver = "waivers:\n- rule: B608\n  until: 2099-01-01\n  reason: a constant\n"
    scanned.shop.checkout.write({"bandit.json": WEAK, "waivers.yml": waiver})
    made = scanned.run(scanned.shop.push(), github=scanned.github(), ignore_file="waivers.yml")
    assert (made.verdict, made.data["counts"]["waived"]) == (Verdict.PASS, 1)
    assert made.data["record"]["known"] == {}


def test_a_checkout_whose_git_fails_is_judged_and_recorded_without_parents(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": WEAK})
    made = scanned.run(scanned.shop.push(), github=scanned.github(), git=BrokenGit(), fail_on="none")
    assert made.verdict is Verdict.PASS
    assert [entry["parents"] for entry in recorded(scanned).values()] == [[]]


def test_the_first_run_that_only_counts_what_is_new_begins_and_says_so(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": WEAK})
    made = scanned.run(scanned.shop.push(), github=scanned.github(), only_new="true")
    assert (made.verdict, made.data["counts"]["new"]) == (Verdict.PASS, 0)
    assert FIRST in messages(made, Severity.NOTICE)
    assert made.data["baseline"]["sha"] == ""
    # In doubt it records nothing, so nothing begins.
    scanned.shop.checkout.write({"bandit.json": WEAK, "trivy.json": b"{"})
    made = scanned.run(scanned.shop.push(), github=scanned.github(), only_new="true", baseline_branch="other")
    assert made.verdict is Verdict.INCOMPLETE
    assert FIRST not in messages(made, Severity.NOTICE)


def test_a_scheduled_run_in_a_shallow_clone_brings_nothing_and_says_why_nothing_is_new(
    scanned: Job, tmp_path: Path
) -> None:
    scanned.shop.checkout.write({"bandit.json": bandit()})
    head = scanned.record()
    clone = scanned.inside(scanned.shop.checkout.shallow(tmp_path / "clone").path)
    (clone.folder / "bandit.json").write_bytes(WEAK)
    event = events.schedule(repository="org/shop", sha=head)
    made = clone.run(event, github=clone.github(), only_new="true")
    assert (made.verdict, made.data["counts"]["new"]) == (Verdict.PASS, 0)
    assert "the schedule run names no commit to compare with, so no finding counts as new" in messages(
        made, Severity.NOTICE
    )


def test_where_github_does_not_answer_a_push_does_not_begin_anew(scanned: Job) -> None:
    class Limited(Refusing):
        """A GitHub that answers nothing."""

        def get(self, *_: object, **__: object) -> Any:
            raise self.error

        post = patch = get

    from actionkit.github.errors import ServerError

    scanned.shop.checkout.write({"bandit.json": WEAK})
    github = Limited(ServerError("GET contents", 502, "GitHub answered 502"))
    made = scanned.run(scanned.shop.push(), github=github, only_new="true")
    assert made.verdict is Verdict.INCOMPLETE
    assert "nothing was recorded: GET contents: GitHub answered 502" in messages(made)


def test_a_bad_token_is_an_error_of_the_run(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": WEAK})
    with pytest.raises(BadToken):
        scanned.run(scanned.shop.push(), github=Refusing(BadToken("GET contents", 401, "expired")))


def test_a_replay_judges_the_history_and_nothing_else(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": WEAK})
    scanned.record()
    (scanned.shop.checkout.path / "bandit.json").unlink()
    made = scanned.run(scanned.shop.push(), github=scanned.github(), replay="true", licenses="deny: MIT")
    assert made.verdict is Verdict.PASS
    assert [row["verdict"] for row in made.data["replay"]["rows"]] == ["fail"]
    assert messages(made, Severity.NOTICE) == ["the history does not hold what the policy asks about licences"]
    with pytest.raises(Unreadable, match="holds no history yet"):
        scanned.run(scanned.shop.push(), github=scanned.github(), replay="true", baseline_branch="other")


def test_a_policy_that_cannot_be_read_is_an_error_before_anything_is_gathered(scanned: Job) -> None:
    scanned.shop.checkout.write({"policy.yml": "fail_on: heigh\n"})
    with pytest.raises(UsageError, match="fail_on"):
        scanned.run(None, config="policy.yml")


def test_the_upgrades_are_told_with_the_line_that_names_the_package(scanned: Job) -> None:
    scanned.shop.checkout.write({"requirements.txt": f"requests==1.0\n{DJANGO}"})
    many = [Advisory(f"CVE-2021-{number}", f"p{number}", fixed="9") for number in range(300)]
    scanned.shop.checkout.write({"trivy.json": trivy(Advisory(), *many)})
    made = scanned.run(None, baseline="none")
    steps = made.data["upgrades"]["steps"]
    assert len(steps) == 200
    (step,) = [step for step in steps if step["package"] == "django"]
    assert (step["path"], step["line"], step["to"]) == ("requirements.txt", 2, "3.2.5")
    assert len([problem for problem in made.problems if problem.title.startswith("Upgrade ")]) <= 10


def test_without_a_scanner_to_rely_on_nothing_is_uploaded_and_that_is_said(scanned: Job) -> None:
    scanned.shop.checkout.write({"codeql.sarif": b"{"})
    made = scanned.run(scanned.shop.push(), github=scanned.github(), upload_sarif="true")
    assert made.verdict is Verdict.INCOMPLETE
    assert any("the upload of the merged SARIF did not happen: no scanner" in message for message in messages(made))
    assert made.data["sarif"]["path"] == ""
    assert not scanned.shop.repository.code_scanning.uploads


def test_a_merged_file_that_cannot_be_written_costs_the_file_and_not_the_verdict(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": bandit(), "taken/file": "a file"})
    made = scanned.run(None, sarif_file="taken/file/merged.sarif", baseline="none")
    assert made.verdict is Verdict.PASS
    assert made.data["sarif"]["path"] == ""
    assert any("cannot write `taken/file/merged.sarif`" in message for message in messages(made))
    vex = "waivers:\n- id: CVE-2021-35042\n  until: 2099-01-01\n  reason: unused\n"
    scanned.shop.checkout.write({"trivy.json": trivy(Advisory()), "waivers.yml": vex})
    with pytest.raises(UsageError, match="cannot write"):
        scanned.run(None, ignore_file="waivers.yml", openvex_file="taken/file/vex.json", baseline="none")


def test_openvex_is_written_where_there_is_something_to_say(scanned: Job) -> None:
    scanned.shop.checkout.write({"trivy.json": trivy(Advisory())})
    assert scanned.run(None, openvex_file="vex.json", baseline="none").data["openvex"] == ""
    scanned.shop.checkout.write({".trivyignore": "CVE-2021-35042\n"})
    made = scanned.run(scanned.shop.push(), ignore_file=".trivyignore", openvex_file="vex.json", baseline="none")
    assert made.data["openvex"] == "vex.json"
    document = json.loads((scanned.shop.checkout.path / "vex.json").read_text(encoding="utf-8"))
    assert document["author"] == "org/shop"
    assert document["@id"].endswith(f"#openvex-{scanned.shop.checkout.head[:12]}")
    made = scanned.run(None, ignore_file=".trivyignore", openvex_file="vex.json", baseline="none")
    document = json.loads((scanned.shop.checkout.path / "vex.json").read_text(encoding="utf-8"))
    assert (document["author"], made.verdict) == ("security-report-aggregator", Verdict.PASS)


def test_what_is_new_worse_fixed_and_gone_unseen_is_told_apart(scanned: Job) -> None:
    checkout = scanned.shop.checkout
    scale = [Issue("B1", line=1, severity="LOW"), Issue("B2", line=2), Issue("B3", line=3)]
    checkout.commit("Lines", {CART: "".join(f"x{number} = {number}\n" for number in range(12))})
    checkout.write({"bandit.json": bandit(*scale), "gitleaks.json": gitleaks("s" * 20)})
    scanned.record()
    _, event = scanned.shop.open_pull("more", {"README.md": "# More\n"})
    worse = Issue("B1", line=1, severity="MEDIUM")
    checkout.write({"bandit.json": bandit(worse, scale[1], Issue("B4", line=4))})
    (checkout.path / "gitleaks.json").unlink()
    made = scanned.run(event, github=scanned.github(reader()))
    assert made.data["delta"] == {"new": 1, "worse": 1, "published": 0, "fixed": 1, "unknown": 1}
    assert ACTION.outputs["fixed"].value(made) == "1"


def test_another_checkout_than_the_changes_is_no_evidence(scanned: Job) -> None:
    _, event = scanned.shop.open_pull("more", {"README.md": "# More\n"})
    main = scanned.shop.checkout.git("rev-parse", "main")
    scanned.shop.checkout.git("switch", "--quiet", "--detach", main)
    scanned.shop.checkout.write({"bandit.json": bandit()})
    made = scanned.run(replace(event, name="pull_request_target", sha=main, ref="refs/heads/main"), baseline="none")
    assert made.verdict is Verdict.INCOMPLETE
    assert made.headline.startswith(f"incomplete: the checkout is of commit {main[:12]}")


def test_the_outputs_are_read_from_the_outcome(scanned: Job) -> None:
    scanned.shop.checkout.write({"bandit.json": WEAK, "gitleaks.json": gitleaks("s" * 20)})
    made = scanned.run(None, baseline="none")
    shown = {name: output.value(made) for name, output in ACTION.outputs.items()}
    assert shown["findings"] == "2"
    assert shown["secrets"] == "1"
    assert shown["new"] == shown["fixed"] == shown["sarif-id"] == shown["comment-url"] == ""
    assert shown["grade"] in tuple("ABCDF")
    commented = replace(made, links=(Link(COMMENT_LINK, "https://github.com/org/shop/pull/1#issuecomment-1"),))
    assert ACTION.outputs["comment-url"].value(commented).endswith("#issuecomment-1")


def test_the_policy_file_has_a_model(scanned: Job) -> None:
    assert ACTION.config is not None
    assert "fail_on" in ACTION.config().model_fields
    made = run(parse(Inputs, {"baseline": "none"}), scanned.context(pushed(scanned.shop)), scanned.doors())
    assert made.headline.startswith("incomplete: no report of any scanner was found")
