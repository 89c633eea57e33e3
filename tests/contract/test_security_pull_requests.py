"""security-report-aggregator on pushes and pull requests, as GitHub runs it: the installed script, over HTTP."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.contract.measured import CART, MORE, outcome_of
from tests.contract.scanned import (
    DJANGO,
    Advisory,
    Issue,
    bandit,
    files_of_history,
    gitleaks,
    history,
    recorded_main,
    result,
    sarif,
    scan,
    states,
    trivy,
)

from sandbox.consumer import Consumer, comment_of
from sandbox.github.model import PullRequest
from sandbox.runner import Event

OLD = Issue("B608", line=5)
GONE = Issue("B101", line=9, severity="LOW")
BROUGHT = Issue("B602", line=14)
LATER = Advisory("CVE-2099-1000", published="2099-01-01T00:00:00Z")
WAIVERS = """waivers:
- ids: [B608, CVE-2021-35042]
  until: 2099-01-01
  reason: the text is a constant
"""
SECRET = "ghp_CanaryCanaryCanaryCanaryCanary012345"


def opened(shop: Consumer, *issues: Issue, fork: str = "") -> tuple[PullRequest, Event]:
    """A pull request that adds a function to the cart, and Bandit's report of it."""
    cart = shop.checkout.git("show", f"main:{CART}") + MORE
    pull, event = shop.open_pull("shipping", {CART: cart}, fork=fork)
    shop.checkout.write({"bandit.json": bandit(*issues)})
    return pull, event


def test_a_push_is_judged_and_recorded_as_hashes_levels_and_scanners_and_nothing_else(shop: Consumer) -> None:
    shop.checkout.commit("A dependency", {"requirements.txt": DJANGO})
    shown = recorded_main(
        shop,
        {
            "bandit.json": bandit(OLD, GONE),
            "trivy.json": trivy(Advisory()),
            "gitleaks.json": gitleaks(SECRET),
        },
    )
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert shown.outputs["secrets"] == "1"
    files = files_of_history(shop)
    assert set(files) == {
        "security-report-aggregator/index.json",
        f"security-report-aggregator/commits/{shop.checkout.head}.json",
    }
    everything = b"".join(files.values()).decode()
    told = ("B608", "cart", "src/", "django", "CVE", "requirements", "SQL", SECRET, "github-pat", "deploy")
    assert not [word for word in told if word.lower() in everything.lower()]
    record = history(shop)[shop.checkout.head]
    assert record["scanners"] == ["bandit", "gitleaks", "trivy"]
    assert sorted(entry[:2] for entry in record["known"].values()) == [
        ["code", "high"],
        ["code", "low"],
        ["dependency", "critical"],
        ["secret", "unknown"],
    ]
    message = shop.repository.objects.commit(shop.repository.tip("actions-data")).message
    assert not [word for word in told if word.lower() in message.lower()]
    assert not shop.repository.pulls
    assert not shop.repository.code_scanning.uploads


def test_a_pull_request_is_told_what_is_new_known_and_fixed_in_one_comment(shop: Consumer) -> None:
    recorded_main(shop, {"bandit.json": bandit(OLD, GONE)})
    pull, event = opened(shop, OLD, BROUGHT)
    before = len(shop.hub.requests)
    shown = scan(shop, event)
    assert len(shop.hub.requests) - before == 4
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert states(shop, shown) == {"B602": "new", "B608": "active", "": "fixed"}
    counts = ("findings", "high", "low", "new", "fixed", "waived", "secrets")
    assert [shown.outputs[name] for name in counts] == ["2", "2", "0", "1", "1", "0", "0"]
    assert shown.outputs["score"]
    assert shown.outputs["grade"] in tuple("ABCDF")
    assert [(note.path, note.line) for note in shown.annotations if note.path == CART and note.line == 14]
    body = comment_of(pull)
    assert body.startswith("<!-- security-report-aggregator: v1 -->\n")
    assert "| 🟧 high | `B602` " in body
    assert "New with this change | 1 |" in body
    assert "Fixed by this change | 1 |" in body
    assert shown.outputs["comment-url"].endswith(f"#issuecomment-{pull.comments[0].id}")

    shop.checkout.write({"bandit.json": bandit(OLD)})
    again = scan(shop, shop.pull_event(pull), fail_on="critical")
    assert again.exit_code == 0, again.log
    assert len(pull.comments) == 1
    assert "B602" not in comment_of(pull)
    assert set(history(shop)) == {shop.checkout.git("rev-parse", "main")}


def test_only_what_is_new_counts_if_asked_for(shop: Consumer) -> None:
    recorded_main(shop, {"bandit.json": bandit(OLD)})
    _, event = opened(shop, OLD)
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["findings"], shown.outputs["new"]) == (0, "1", "0"), shown.log
    shop.checkout.write({"bandit.json": bandit(OLD, BROUGHT)})
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["new"]) == (1, "1"), shown.log
    assert "B602" in shown.log
    assert "B608" not in "".join(shown.errors)


def test_a_finding_that_became_worse_is_not_known(shop: Consumer) -> None:
    recorded_main(shop, {"bandit.json": bandit(Issue(severity="MEDIUM"))})
    _, event = opened(shop, OLD)
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["new"]) == (1, "0"), shown.log
    assert outcome_of(shop, shown)["data"]["delta"]["worse"] == 1


def test_an_advisory_published_since_the_base_was_scanned_blames_nobody(shop: Consumer) -> None:
    shop.checkout.commit("A dependency", {"requirements.txt": DJANGO})
    recorded_main(shop, {"trivy.json": trivy(Advisory())})
    pull, event = opened(shop)
    shop.checkout.write({"trivy.json": trivy(Advisory(), LATER)})
    shown = scan(shop, event, reports="trivy.json", only_new="true")
    assert (shown.exit_code, shown.outputs["new"], shown.outputs["critical"]) == (0, "0", "2"), shown.log
    assert "Published since the base was scanned: not brought by this change | 1 |" in comment_of(pull)
    # The same advisory is to blame on a change that brings the version it speaks of.
    _, event = shop.open_pull("older", {"requirements.txt": "django==3.1.0\n"})
    shop.checkout.write({"trivy.json": trivy(Advisory("CVE-2099-1000", version="3.1.0", published=LATER.published))})
    shown = scan(shop, event, reports="trivy.json", only_new="true")
    assert (shown.exit_code, shown.outputs["new"]) == (1, "1"), shown.log


def test_where_nobody_can_say_what_is_new_a_failure_is_unproven_and_a_clean_run_is_clean(shop: Consumer) -> None:
    _, event = opened(shop, OLD)
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["new"]) == (3, "incomplete", ""), shown.log
    assert "no baseline is recorded" in shown.outputs["headline"]
    shop.checkout.write({"bandit.json": bandit(GONE)})
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log


def test_the_first_push_holds_nothing_to_be_new_and_says_that_it_begins(shop: Consumer) -> None:
    shown = recorded_main(shop, {"bandit.json": bandit(OLD)}, only_new="true", fail_on="high")
    assert (shown.exit_code, shown.outputs["new"]) == (0, "0"), shown.log
    assert any("this run records the first baseline" in note.message for note in shown.of_level("notice"))
    shop.checkout.commit("Worse", {CART: shop.checkout.git("show", f"main:{CART}") + MORE})
    shown = recorded_main(shop, {"bandit.json": bandit(OLD, BROUGHT)}, only_new="true", fail_on="high")
    assert (shown.exit_code, shown.outputs["new"]) == (1, "1"), shown.log


def test_a_first_push_that_may_not_record_is_not_green_for_ever(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD)})
    reader = shop.token({"contents": "read"})
    shown = scan(shop, shop.push(), only_new="true", fail_on="high", token=reader)
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "this run records the first baseline" not in shown.log
    assert "contents: write" in shown.log
    assert shown.outputs["headline"].count("and this run could not record one") == 1
    assert "nothing need be done" not in shown.log
    # Where evidence is in doubt, that is what is told: nothing was to be recorded.
    shop.checkout.write({"semgrep.sarif": b"{"})
    shown = scan(shop, shop.push(), only_new="true", fail_on="high")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "what is new is unknown" not in shown.log


def test_a_first_push_whose_outcome_is_to_be_an_artifact_begins_too(shop: Consumer) -> None:
    # Else no run would ever succeed, and none leave the artifact of a successful run.
    shop.checkout.write({"bandit.json": bandit(OLD)})
    token = shop.token({"contents": "read", "actions": "read"})
    shown = scan(shop, shop.push(), token=token, baseline="artifact:security", only_new="true", fail_on="high")
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["new"]) == (0, "pass", "0"), shown.log
    assert "nothing was recorded" not in shown.log


def test_gone_is_fixed_only_if_a_scanner_that_reported_it_ran_completely(shop: Consumer) -> None:
    recorded_main(shop, {"bandit.json": bandit(OLD), "codeql.sarif": sarif("CodeQL", [result()])})
    _, event = opened(shop)
    shop.checkout.write({"bandit.json": bandit(errors=[{"filename": CART, "reason": "syntax error"}])})
    shop.checkout.write({"codeql.sarif": sarif("CodeQL")})
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["fixed"]) == (3, "incomplete", "1"), shown.log
    assert outcome_of(shop, shown)["data"]["delta"]["unknown"] == 1
    assert shown.outputs["score"] == shown.outputs["grade"] == ""


def test_incomplete_evidence_is_not_recorded_and_a_failure_is(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD), "trivy.json": b'{"SchemaVersion": 2'})
    shown = scan(shop, shop.push())
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert "incomplete" in shown.outputs["headline"]
    assert not outcome_of(shop, shown)["data"]["scans"][1]["complete"]
    assert history(shop) == {}
    shop.checkout.write({"trivy.json": trivy()})
    assert scan(shop, shop.push()).exit_code == 1
    assert set(history(shop)) == {shop.checkout.head}


def test_a_fork_fails_nothing_for_its_token_and_a_trusted_job_relays_it(shop: Consumer) -> None:
    recorded_main(shop, {"bandit.json": bandit(OLD)})
    pull, event = opened(shop, OLD, BROUGHT, fork="stranger/shop")
    token = shop.hub.fork_token(shop.repository).secret
    shown = scan(shop, event, token=token, upload_sarif="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert any("the token of a fork's pull request is read-only" in warning for warning in shown.warnings)
    assert not pull.comments
    relayed = scan(shop, shop.followed(event, pull), from_outcome=shown.outputs["outcome"], mode="report")
    assert (relayed.exit_code, relayed.outputs["verdict"]) == (0, "fail"), relayed.log
    figures = ("findings", "high", "new", "score", "grade", "sarif-file")
    assert [relayed.outputs[name] for name in figures] == [shown.outputs[name] for name in figures]
    assert "`B602`" in comment_of(pull)
    assert not shop.repository.code_scanning.uploads


def test_a_forged_outcome_is_refused(shop: Consumer) -> None:
    pull, event = opened(shop, OLD, fork="stranger/shop")
    shown = scan(shop, event, token=shop.hub.fork_token(shop.repository).secret)
    written = outcome_of(shop, shown)
    for change in ({"schema": 7}, {"verdict": "green"}, {"action": "coverage-gate"}, {"run": {"run_id": 1}}):
        shop.checkout.write({"forged.json": json.dumps({**written, **change})})
        relayed = scan(shop, shop.followed(event, pull), from_outcome="forged.json")
        assert relayed.exit_code == 3, relayed.log
    assert not pull.comments


def test_the_baseline_may_come_from_an_artifact_of_a_trusted_run(shop: Consumer) -> None:
    shown = recorded_main(shop, {"bandit.json": bandit(OLD)})
    kept = (shop.checkout.path / shown.outputs["outcome"]).read_bytes()
    pull, event = opened(shop, OLD, BROUGHT)
    token = shop.token({"contents": "read", "pull-requests": "write", "actions": "read"})
    shop.repository.run(pull=pull).artifact("security", {"outcome.json": kept})
    shown = scan(shop, event, token=token, baseline="artifact:security", only_new="true")
    assert shown.exit_code == 3, shown.log
    assert "left an artifact called security" in shown.outputs["headline"]
    shop.repository.run(branch="main").artifact("security", {"outcome.json": kept})
    shown = scan(shop, event, token=token, baseline="artifact:security", only_new="true")
    assert (shown.exit_code, shown.outputs["new"]) == (1, "1"), shown.log


def test_the_baseline_may_be_a_file_or_none_at_all(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD)})
    shown = scan(shop, shop.push(), baseline="none", fail_on="none")
    assert (shown.exit_code, shown.outputs["new"], history(shop)) == (0, "", {}), shown.log
    kept = (shop.checkout.path / shown.outputs["outcome"]).read_bytes()
    _, event = opened(shop, OLD, BROUGHT)
    shop.checkout.write({"before/outcome.json": kept})
    shown = scan(shop, event, baseline="before/outcome.json", only_new="true")
    assert (shown.exit_code, shown.outputs["new"]) == (1, "1"), shown.log
    shown = scan(shop, event, baseline="before/none.json", only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    shown = scan(shop, event, baseline="none", only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log


def test_no_change_writes_the_baseline_that_it_is_compared_with(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD)})
    shown = scan(shop, shop.push(), baseline="none", fail_on="none")
    before = (shop.checkout.path / shown.outputs["outcome"]).read_bytes()
    shop.checkout.write({"bandit.json": bandit(OLD, BROUGHT)})
    shown = scan(shop, shop.push(), baseline="none", fail_on="none")
    forged = (shop.checkout.path / shown.outputs["outcome"]).read_bytes()
    (shop.checkout.path / "bandit.json").unlink()

    _, event = shop.open_pull("brings", {"before.json": forged})
    shop.checkout.write({"bandit.json": bandit(OLD, BROUGHT)})
    shown = scan(shop, event, baseline="before.json", only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "no change brings its own baseline" in shown.log
    (shop.checkout.path / "linked.json").symlink_to("before.json")
    shown = scan(shop, event, baseline="linked.json", only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    (shop.checkout.path / "linked.json").unlink()

    (shop.checkout.path / "bandit.json").unlink()
    shop.checkout.switch("main")
    shop.checkout.commit("A baseline", {"before.json": before})
    _, event = shop.open_pull("forges", {"before.json": forged})
    shop.checkout.write({"bandit.json": bandit(OLD, BROUGHT)})
    shown = scan(shop, event, baseline="./before.json", only_new="true")
    assert (shown.exit_code, shown.outputs["new"]) == (1, "1"), shown.log


def test_a_replay_holds_another_policy_against_the_history_and_records_nothing(shop: Consumer) -> None:
    recorded_main(shop, {"bandit.json": bandit(GONE)})
    shop.checkout.commit("Worse", {"README.md": "# Worse\n"})
    recorded_main(shop, {"bandit.json": bandit(GONE, OLD)})
    tip = shop.repository.tip("actions-data")
    shop.checkout.commit("Next", {"README.md": "# Next\n"})
    shown = scan(shop, shop.push(), replay="true", fail_on="high")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    replayed = outcome_of(shop, shown)["data"]["replay"]
    assert [row["verdict"] for row in replayed["rows"]] == ["fail", "pass"]
    assert replayed["summary"] == shown.outputs["headline"]
    assert shop.repository.tip("actions-data") == tip
    assert "The policy held against the history" in shown.summary
    everything = json.dumps(replayed) + shown.summary
    assert "B608" not in everything


def test_a_replay_without_a_history_is_incomplete(shop: Consumer) -> None:
    shown = scan(shop, shop.push(), replay="true")
    assert shown.exit_code == 3, shown.log
    assert "holds no history yet" in shown.log


def test_report_mode_says_the_same_and_exits_0_but_not_for_an_error(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD)})
    shown = scan(shop, shop.push(), mode="report")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "fail"), shown.log
    shown = scan(shop, shop.push(), mode="report", expected="trivy\nbandit", fail_on="none")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "incomplete"), shown.log
    shown = scan(shop, shop.push(), mode="report", fail_on="heigh")
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error"), shown.log


def test_every_wrong_input_is_told_at_once(shop: Consumer) -> None:
    shown = scan(
        shop, shop.push(), fail_on="heigh", max_age="soon", mode="enforcing", licenses="MIT", sarif_file="../out.sarif"
    )
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error")
    for name in ("fail-on", "max-age", "mode", "licenses", "sarif-file"):
        assert f"input `{name}`" in shown.log
    assert "heigh" in shown.log


def test_an_expired_token_is_an_error_that_names_the_fix(shop: Consumer) -> None:
    token = shop.hub.token(shop.repository, permissions={}, expires_in=timedelta(seconds=-1)).secret
    _, event = opened(shop)
    shown = scan(shop, event, token=token)
    assert shown.exit_code == 2
    assert "expired" in shown.log
    assert token not in shown.log


def test_the_base_checked_out_is_no_evidence_about_the_change(shop: Consumer) -> None:
    _, event = opened(shop)
    main = shop.checkout.git("rev-parse", "main")
    shop.checkout.git("switch", "--quiet", "--detach", main)
    event = replace(event, name="pull_request_target", sha=main, ref="refs/heads/main")
    shown = scan(shop, event)
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "which does not hold commit" in shown.log


def test_a_shallow_clone_asks_the_api(shop: Consumer, tmp_path: Path) -> None:
    shop.checkout.commit("A dependency", {"requirements.txt": DJANGO})
    recorded_main(shop, {"trivy.json": trivy(Advisory()), "bandit.json": bandit(OLD)})
    _, event = opened(shop, OLD)
    clone = shop.checkout.shallow(tmp_path / "clone")
    clone.write({"trivy.json": trivy(Advisory(), LATER), "bandit.json": bandit(OLD)})
    before = len(shop.hub.requests)
    shown = scan(shop, event, only_new="true", workspace=clone.path)
    assert (shown.exit_code, shown.outputs["new"], shown.outputs["findings"]) == (0, "0", "3"), shown.log
    # The policy and the manifest of the base, the index and the record, the comments and ours.
    assert len(shop.hub.requests) - before == 6


def test_enterprise_server_is_reached_under_its_own_path(shop: Consumer) -> None:
    ghes = replace(shop, url=f"{shop.url}/api/v3")
    recorded_main(ghes, {"bandit.json": bandit(OLD)})
    pull, event = opened(ghes, OLD)
    shown = scan(ghes, event, only_new="true")
    assert shown.exit_code == 0, shown.log
    assert len(pull.comments) == 1


def test_files_of_what_is_waived_and_merged_are_written_where_they_are_wanted(shop: Consumer) -> None:
    shop.checkout.write({"bandit.json": bandit(OLD), "trivy.json": trivy(Advisory()), "waivers.yml": WAIVERS})
    shown = scan(
        shop,
        shop.push(),
        ignore_file="waivers.yml",
        sarif_file="out/merged.sarif",
        openvex_file="out/waived.json",
        sarif_category="nightly",
    )
    assert (shown.exit_code, shown.outputs["waived"], shown.outputs["findings"]) == (0, "2", "0"), shown.log
    assert shown.outputs["sarif-file"] == "out/merged.sarif"
    merged = json.loads((shop.checkout.path / "out/merged.sarif").read_text(encoding="utf-8"))
    assert [run["automationDetails"]["id"].startswith("nightly") for run in merged["runs"]] == [True, True]
    vex = json.loads((shop.checkout.path / "out/waived.json").read_text(encoding="utf-8"))
    assert len(vex["statements"]) == 1
    assert vex["statements"][0]["vulnerability"]["name"] == "CVE-2021-35042"
    assert shop.name in json.dumps(vex["statements"][0]["products"])
    assert os.fspath(shop.checkout.path) not in json.dumps([vex, merged])
