"""Approval as code, ignore files, VEX and licences, through the installed console script."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.in_process import Folder
from tests.contract.measured import CART, outcome_of
from tests.contract.scanned import (
    DJANGO,
    POLICY,
    Advisory,
    Issue,
    bandit,
    recorded_main,
    result,
    sarif,
    scan,
    states,
    trivy,
)

from sandbox.consumer import Consumer, comment_of
from sandbox.runner import events

TEAM = "@org/security"
ASKED = 'approval:\n  high:\n    team: "@org/security"\n'
WEAK = bandit(Issue())


def policy(*, until: str = "2099-01-01", by: str = TEAM, approval: str = ASKED) -> str:
    """A policy that asks for approval and waives the one finding of Bandit."""
    approved = f'  approved_by: "{by}"\n' if by else ""
    return f"{approval}waivers:\n- rule: B608\n  until: {until}\n  reason: the text is a constant\n{approved}"


def test_a_waiver_counts_once_it_stands_on_the_base_branch(shop: Consumer) -> None:
    shop.checkout.commit("A policy", {POLICY: ASKED})
    pull, event = shop.open_pull("waive", {POLICY: policy()})
    shop.checkout.write({"bandit.json": WEAK})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["waived"]) == (1, "0"), shown.log
    assert "it does not stand on the base branch" in shown.log
    assert "Merge the waiver by itself first." in comment_of(pull)

    shop.checkout.switch("main")
    shop.checkout.commit("Merged", {POLICY: policy()})
    # The push that merges it is on the base branch: what stands there was approved.
    pushed = recorded_main(shop, {"bandit.json": WEAK}, fail_on="high")
    assert (pushed.exit_code, pushed.outputs["waived"]) == (0, "1"), pushed.log
    later, event = shop.open_pull("later", {"README.md": "# Later\n"})
    shop.checkout.write({"bandit.json": WEAK})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["waived"], shown.outputs["high"]) == (0, "1", "0"), shown.log
    assert states(shop, shown) == {"B608": "waived"}
    (row,) = outcome_of(shop, shown)["data"]["waivers"]
    assert (row["reason"], row["until"], row["approved_by"]) == ("the text is a constant", "2099-01-01", TEAM)
    assert "the text is a constant" in comment_of(later)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (policy(until="2020-01-01"), "for `B608` expired after 2020-01-01 and no longer counts"),
        (policy(by="@org/cart"), "it is approved by @org/cart, not by @org/security"),
        (policy(by=""), "it is approved by nobody, not by @org/security"),
    ],
    ids=["expired", "another team", "nobody"],
)
def test_a_waiver_that_lacks_something_does_not_count_and_says_what(shop: Consumer, given: str, why: str) -> None:
    shop.checkout.commit("A policy", {POLICY: given})
    _, event = shop.open_pull("docs", {"README.md": "# More\n"})
    shop.checkout.write({"bandit.json": WEAK})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["waived"], shown.outputs["high"]) == (1, "0", "1"), shown.log
    assert why in shown.log


def test_a_change_that_takes_the_approval_away_is_not_free_of_it(shop: Consumer) -> None:
    shop.checkout.commit("A policy", {POLICY: ASKED})
    _, event = shop.open_pull("free", {POLICY: policy(by="", approval="")})
    shop.checkout.write({"bandit.json": WEAK})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["waived"]) == (1, "0"), shown.log


@pytest.mark.parametrize("given", ["fail_on: none\n", "limits: {high: 9}\n", "fail_on: critical\n" + ASKED])
def test_a_change_that_allows_itself_more_is_judged_as_the_base_branch_asks(shop: Consumer, given: str) -> None:
    shop.checkout.commit("A policy", {POLICY: ASKED})
    pull, event = shop.open_pull("free", {POLICY: given})
    shop.checkout.write({"bandit.json": WEAK})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert "Merge the change of the policy by itself first." in comment_of(pull)


def test_a_comment_in_the_code_is_no_approval(shop: Consumer) -> None:
    shop.checkout.commit("A policy", {POLICY: ASKED})
    noted = result() | {"suppressions": [{"kind": "inSource", "status": "accepted", "justification": "nosec"}]}
    _, event = shop.open_pull("nosec", {"README.md": "# More\n"})
    shop.checkout.write({"codeql.sarif": sarif("CodeQL", [noted])})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["waived"]) == (1, "0"), shown.log
    assert "a scanner's own suppression, which @org/security cannot approve" in shown.log


@pytest.mark.parametrize("name", ["push", "workflow_dispatch", "tag"])
def test_no_other_branch_or_tag_approves_itself(shop: Consumer, name: str) -> None:
    shop.checkout.commit("A policy", {POLICY: ASKED})
    shop.checkout.branch("feature")
    shop.checkout.commit("Waived", {POLICY: policy()})
    before = shop.checkout.head
    shop.checkout.commit("And more", {"README.md": "# More\n"})
    shop.repository.import_git(shop.checkout.path)
    head = shop.checkout.head
    made = events.push(repository=shop.name, sha=head, before=before, branch="feature")
    event = {
        "push": made,
        "workflow_dispatch": events.workflow_dispatch(repository=shop.name, sha=head, branch="feature"),
        "tag": replace(made, ref="refs/tags/v1"),
    }[name]
    shop.checkout.write({"bandit.json": WEAK})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["waived"]) == (1, "0"), shown.log
    assert "it does not stand on the base branch" in shown.log
    # Once it is merged there, it counts on the branch too.
    shop.checkout.git("branch", "--force", "main", head)
    shop.repository.import_git(shop.checkout.path)
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["waived"]) == (0, "1"), shown.log


def test_a_shallow_clone_asks_github_for_the_policy_of_the_base(shop: Consumer, tmp_path: Path) -> None:
    shop.checkout.commit("A policy", {POLICY: policy()})
    _, event = shop.open_pull("docs", {"README.md": "# More\n"})
    clone = shop.checkout.shallow(tmp_path / "clone")
    clone.write({"bandit.json": WEAK})
    shown = scan(shop, event, workspace=clone.path)
    assert (shown.exit_code, shown.outputs["waived"]) == (0, "1"), shown.log
    # Nobody can say what stands there: then nothing does.
    shop.hub.behave.on("GET", f"*/contents/{POLICY}").answers(403, "Resource not accessible by integration")
    shown = scan(shop, event, workspace=clone.path)
    assert (shown.exit_code, shown.outputs["waived"]) == (1, "0"), shown.log
    assert "it does not stand on the base branch" in shown.log


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder.within(tmp_path)


OPENVEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.com/vex/1",
    "author": "security",
    "timestamp": "2026-11-01T00:00:00Z",
    "version": 1,
    "statements": [
        {
            "vulnerability": {"name": "CVE-2021-35042"},
            "products": [{"@id": "pkg:pypi/django@3.2.1"}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        }
    ],
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".trivyignore", "# not reachable\nCVE-2021-35042\n"),
        ("osv-scanner.toml", '[[IgnoredVulns]]\nid = "CVE-2021-35042"\nreason = "not reachable"\n'),
        ("waivers.yml", "waivers:\n- id: CVE-2021-35042\n  until: 2099-01-01\n  reason: not reachable\n"),
        ("vex.json", json.dumps(OPENVEX)),
    ],
)
def test_waivers_are_read_from_the_files_of_scanners_and_vex(folder: Folder, name: str, content: str) -> None:
    folder.write({"requirements.txt": DJANGO, name: content, "trivy.json": trivy(Advisory())})
    ran = folder.run(ignore_file=name)
    assert (ran.exit_code, ran.outputs["waived"], ran.outputs["findings"]) == (0, "1", "0"), ran.printed
    merged = json.loads((folder.path / ran.outputs["sarif-file"]).read_text(encoding="utf-8"))
    assert [run["results"] for run in merged["runs"]] == [[]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "matches no file"), (b"[1, 2", "vex.json"), (b'["not", "a", "document"]', "vex.json"), (b"", "vex.json")],
    ids=["missing", "truncated", "no document", "empty"],
)
def test_an_ignore_file_that_cannot_be_read_is_incomplete_and_named(
    folder: Folder, content: bytes | None, reason: str
) -> None:
    folder.write({"trivy.json": trivy()})
    if content is not None:
        folder.write({"vex.json": content})
    ran = folder.run(ignore_file="vex.json")
    assert (ran.exit_code, ran.verdict) == (3, "incomplete"), ran.printed
    assert reason in ran.printed
    assert ran.data["unreadable_ignore_files"]


def test_a_waiver_that_waives_nothing_or_has_expired_is_told(shop: Consumer) -> None:
    unused = "waivers:\n- rule: B999\n  until: 2099-01-01\n  reason: gone\n"
    shop.checkout.commit("A policy", {POLICY: unused})
    shop.checkout.write({"bandit.json": bandit()})
    shown = scan(shop, shop.push())
    assert shown.exit_code == 0, shown.log
    assert any("for `B999` covers no finding of any report" in warning for warning in shown.warnings)


LICENSES = [
    {"Name": "django", "Version": "3.2.1", "License": "BSD-3-Clause"},
    {"Name": "readline", "Version": "1.0", "License": "GPL-3.0-or-later"},
]


@pytest.mark.parametrize(
    ("rules", "exit_code", "findings"),
    [("deny: GPL-3.0-only", 1, "1"), ("allow: BSD-3-Clause\nallow: GPL-3.0-or-later", 0, "0"), ("allow: MIT", 1, "2")],
)
def test_licences_are_held_against_what_is_allowed(folder: Folder, rules: str, exit_code: int, findings: str) -> None:
    folder.write({"licenses.json": json.dumps(LICENSES)})
    ran = folder.run(reports="licenses.json", licenses=rules)
    assert (ran.exit_code, ran.outputs["findings"]) == (exit_code, findings), ran.printed


def test_limits_and_a_lowest_score_are_explained_by_where_they_stand(folder: Folder) -> None:
    given = "fail_on: none\nlimits:\n  code:\n    high: 1\nmin_score: 95\n"
    issues = (Issue(), Issue("B602", line=9), Issue("B101", CART, 8, "LOW"))
    folder.write({POLICY: given, "bandit.json": bandit(*issues)})
    ran = folder.run()
    assert ran.exit_code == 1, ran.printed
    rules = {rule["rule"]: rule for rule in ran.data["explanation"] if rule["ok"] is False}
    assert set(rules) == {"limits", "min-score"}
    assert POLICY in rules["limits"]["origin"]
    assert len(rules["limits"]["findings"]) == 2


def test_a_policy_that_cannot_be_read_is_an_error_that_names_every_line(folder: Folder) -> None:
    folder.write({POLICY: "fail_on: heigh\nlimit:\n  high: 1\nmin_score: 101\n", "bandit.json": bandit()})
    ran = folder.run()
    assert (ran.exit_code, ran.verdict) == (2, "error"), ran.printed
    for line in (1, 2, 4):
        assert f"{POLICY}:{line}" in ran.printed
