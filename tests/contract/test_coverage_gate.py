"""coverage-gate as GitHub runs it: the installed console script, the runner's environment, the API over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.consumer import Consumer, comment_of
from sandbox.runner import Shown

CART = "src/cart.py"
MORE = "\n\ndef shipping(total):\n    if total > 50:\n        return 0\n    return 5\n"


def lcov(lines: dict[str, dict[int, int]]) -> bytes:
    """An LCOV report: path -> line -> hits."""
    records = []
    for path, hits in lines.items():
        found, hit = len(hits), sum(1 for count in hits.values() if count)
        body = "".join(f"DA:{line},{count}\n" for line, count in sorted(hits.items()))
        records.append(f"TN:\nSF:{path}\n{body}LF:{found}\nLH:{hit}\nend_of_record\n")
    return "".join(records).encode()


FULL = {CART: {4: 1, 5: 1, 8: 1, 9: 1, 10: 1, 11: 1}}
MOST = {CART: {4: 1, 5: 1, 8: 1, 9: 1, 10: 0, 11: 1}}


def outcome_of(shop: Consumer, shown: Shown) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shop.checkout.path / shown.outputs["outcome"]).read_text(encoding="utf-8"))
    return document


def recorded_main(shop: Consumer, hits: dict[str, dict[int, int]] = FULL) -> None:
    shop.checkout.write({"lcov.info": lcov(hits)})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"fail-under": "80"})
    assert shown.exit_code == 0, shown.log


def test_a_push_to_main_is_recorded_on_the_history_branch_and_nothing_else_is_written(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(MOST)})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"fail-under": "80"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert shown.outputs["line-coverage"] == "83.33"
    index = json.loads(shop.repository.read("coverage-gate/index.json", "actions-data"))
    assert [entry["sha"] for entry in index["entries"]] == [shop.checkout.head]
    heads = {name for name in shop.repository.refs.names() if name.startswith("refs/heads/")}
    assert heads == {"refs/heads/main", "refs/heads/actions-data"}
    assert not shop.repository.pulls


def test_a_pull_request_is_judged_against_its_base_and_commented_once(shop: Consumer) -> None:
    recorded_main(shop)
    cart = shop.checkout.git("show", f"main:{CART}") + MORE
    pull, event = shop.open_pull("shipping", {CART: cart})
    shop.checkout.write({"lcov.info": lcov({CART: {**FULL[CART], 13: 1, 14: 1, 15: 0, 16: 1}})})
    before = len(shop.hub.requests)
    shown = shop.run("coverage-gate", on=event, with_={"fail-under": "85", "fail-under-patch": "80", "max-drop": "5"})
    assert len(shop.hub.requests) - before <= 5
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    assert shown.outputs["line-coverage"] == "90.00"
    assert shown.outputs["patch-coverage"] == "75.00"
    assert shown.outputs["line-coverage-delta"] == "-10.00"
    assert shown.outputs["comment-url"]
    assert len(pull.issue.comments) == 1
    assert "75.00" in comment_of(pull)
    missed = [note for note in shown.annotations if note.path == CART]
    assert [(note.line, note.end_line) for note in missed] == [(15, 15)]
    data = outcome_of(shop, shown)["data"]
    assert data["patch"]["files"] == [{"path": CART, "lines_covered": 3, "lines_total": 4, "missing": [[15, 15]]}]
    assert round(sum(data["delta"].values()), 2) == -10.00
    assert data["baseline"]["lines_covered"] == 6

    again = shop.run("coverage-gate", on=shop.pull_event(pull), with_={"fail-under": "85"})
    assert again.exit_code == 0, again.log
    assert len(pull.issue.comments) == 1
    assert "pass" in comment_of(pull)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no coverage report"),
        (b"", "is empty"),
        (b"TN:\nSF:src/cart.py\nDA:4,1\n", "truncated"),
        (b"<html><body>502 Bad Gateway</body></html>", "no coverage format"),
        (b'{"version": "2.1.0", "runs": []}', "no coverage format"),
        (b"\x00\x01\x02", "no coverage format"),
    ],
)
def test_missing_and_broken_evidence_is_incomplete_with_the_reason(
    shop: Consumer, content: bytes | None, reason: str
) -> None:
    if content is not None:
        shop.checkout.write({"lcov.info": content})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"fail-under": "80"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert reason in shown.log
    assert "Traceback" not in shown.log
    assert "refs/heads/actions-data" not in shop.repository.refs.names()


def test_a_glob_that_matches_nothing_is_incomplete_although_others_match(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"reports": "lcov.info\nother/*.xml", "fail-under": "1"})
    assert shown.exit_code == 3
    assert "other/*.xml" in shown.log


def test_every_wrong_input_is_told_at_once_and_exits_2(shop: Consumer) -> None:
    shown = shop.run(
        "coverage-gate",
        on=shop.push(),
        with_={"fail-under": "eighty", "max-drop": "101", "mode": "enforcing", "comment": "sometimes"},
    )
    assert shown.exit_code == 2
    assert shown.outputs["verdict"] == "error"
    for name in ("fail-under", "max-drop", "mode", "comment"):
        assert f"input `{name}`" in shown.log
    assert "eighty" in shown.log


def test_report_mode_says_the_same_and_exits_0_but_not_for_an_error(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(MOST)})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"fail-under": "99", "mode": "report"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "fail")
    shown = shop.run("coverage-gate", on=shop.push(), with_={"fail-under": "x", "mode": "report"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (2, "error")


def test_an_expired_token_is_an_error_that_names_the_fix(shop: Consumer) -> None:
    from datetime import timedelta

    token = shop.hub.token(shop.repository, permissions={}, expires_in=timedelta(seconds=-1)).secret
    _, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=event, with_={"fail-under": "80"}, token=token)
    assert shown.exit_code == 2
    assert "expired" in shown.log
    assert token not in shown.log


def test_without_a_token_the_verdict_stands_and_says_that_no_comment_was_posted(shop: Consumer) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=event, with_={"fail-under": "80", "github-token": ""})
    assert shown.exit_code in (0, 3), shown.log
    assert not pull.issue.comments or "github-token" not in shown.log


def test_a_token_that_may_not_comment_is_a_warning_and_an_error_where_the_comment_was_asked_for(shop: Consumer) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    reader = shop.token({"contents": "read", "pull-requests": "read"})
    shown = shop.run("coverage-gate", on=event, with_={"fail-under": "80"}, token=reader)
    assert shown.exit_code == 0, shown.log
    assert any("pull-requests: write" in warning for warning in shown.warnings)
    shown = shop.run("coverage-gate", on=event, with_={"fail-under": "80", "comment": "always"}, token=reader)
    assert shown.exit_code == 2
    assert not pull.issue.comments


def test_a_push_job_that_may_not_write_says_what_to_grant(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(FULL)})
    reader = shop.token({"contents": "read"})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"fail-under": "80"}, token=reader)
    assert shown.exit_code == 0
    assert any("contents: write" in warning for warning in shown.warnings)


def test_a_first_push_that_may_not_record_is_not_green_for_ever(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(FULL)})
    reader = shop.token({"contents": "read"})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"max-drop": "1"}, token=reader)
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "this run records the first baseline" not in shown.log
    assert "contents: write" in shown.log
    assert "and this run could not record one" in shown.outputs["headline"]
    assert "heals by itself" not in shown.log
    # One that may record is the first of many.
    shown = shop.run("coverage-gate", on=shop.push(), with_={"max-drop": "1"})
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert "this run records the first baseline" in shown.log


def test_a_fork_fails_nothing_and_a_trusted_job_relays_it(shop: Consumer) -> None:
    recorded_main(shop)
    cart = shop.checkout.git("show", f"main:{CART}") + MORE
    pull, event = shop.open_pull("shipping", {CART: cart}, fork="stranger/shop")
    shop.checkout.write({"lcov.info": lcov({CART: {**FULL[CART], 13: 1, 14: 1, 15: 1, 16: 1}})})
    token = shop.hub.fork_token(shop.repository).secret
    shown = shop.run("coverage-gate", on=event, with_={"fail-under-patch": "90"}, token=token)
    assert shown.exit_code == 0, shown.log
    assert not pull.issue.comments
    relay = {"from-outcome": shown.outputs["outcome"], "mode": "report"}
    relayed = shop.run("coverage-gate", on=shop.followed(event, pull), with_=relay)
    assert relayed.exit_code == 0, relayed.log
    assert relayed.outputs["verdict"] == "pass"
    assert "100.00" in comment_of(pull)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 7},
        {"verdict": "green"},
        {"action": "smoke-test"},
        {"run": {"run_id": 1}},
        {"surprise": True},
    ],
)
def test_a_forged_outcome_is_refused(shop: Consumer, change: dict[str, Any]) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"}, fork="stranger/shop")
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=event, with_={}, token=shop.hub.fork_token(shop.repository).secret)
    document = outcome_of(shop, shown)
    shop.checkout.write({"forged.json": json.dumps({**document, **change})})
    relayed = shop.run("coverage-gate", on=shop.followed(event, pull), with_={"from-outcome": "forged.json"})
    assert relayed.exit_code == 3, relayed.log
    assert not pull.issue.comments


def test_markdown_in_a_forged_outcome_is_shown_inert(shop: Consumer) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"}, fork="stranger/shop")
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=event, with_={}, token=shop.hub.fork_token(shop.repository).secret)
    document = outcome_of(shop, shown)
    document["headline"] = "<img src=x> @everyone [click](https://evil.test) <!-- coverage-gate: v1 --> ::error::x"
    shop.checkout.write({"forged.json": json.dumps(document)})
    relayed = shop.run("coverage-gate", on=shop.followed(event, pull), with_={"from-outcome": "forged.json"})
    assert relayed.exit_code == 0, relayed.log
    body = comment_of(pull)
    assert "<img" not in body
    assert "@everyone" not in body
    assert body.count("<!--") == 1
    assert not relayed.errors


def test_from_outcome_outside_a_workflow_run_is_an_error(shop: Consumer) -> None:
    shown = shop.run("coverage-gate", on=shop.push(), with_={"from-outcome": "outcome.json"})
    assert shown.exit_code == 2
    assert "workflow_run" in shown.log


def test_a_shallow_clone_asks_the_api(shop: Consumer, tmp_path: Path) -> None:
    recorded_main(shop)
    cart = shop.checkout.git("show", f"main:{CART}") + MORE
    _, event = shop.open_pull("shipping", {CART: cart})
    clone = shop.checkout.shallow(tmp_path / "clone")
    clone.write({"lcov.info": lcov({CART: {**FULL[CART], 13: 1, 14: 1, 15: 0, 16: 1}})})
    before = len(shop.hub.requests)
    shown = shop.run(
        "coverage-gate", on=event, with_={"fail-under-patch": "70", "max-drop": "20"}, workspace=clone.path
    )
    assert shown.exit_code == 0, shown.log
    assert shown.outputs["patch-coverage"] == "75.00"
    assert shown.outputs["line-coverage-delta"] == "-10.00"
    assert len(shop.hub.requests) - before <= 5


def test_a_renamed_file_keeps_its_coverage(shop: Consumer) -> None:
    recorded_main(shop)
    cart = shop.checkout.git("show", f"main:{CART}") + "\n"
    _, event = shop.open_pull("rename", {CART: None, "src/basket.py": cart})
    shop.checkout.write({"lcov.info": lcov({"src/basket.py": FULL[CART]})})
    shown = shop.run("coverage-gate", on=event, with_={"fail-under-patch": "100", "max-drop": "0"})
    assert shown.exit_code == 0, shown.log
    assert shown.outputs["patch-coverage"] == ""
    assert shown.outputs["line-coverage-delta"] == "0.00"


def test_no_executable_lines_changed_is_not_a_failure_and_is_said(shop: Consumer) -> None:
    recorded_main(shop)
    _, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=event, with_={"fail-under-patch": "100"})
    assert shown.exit_code == 0, shown.log
    assert shown.outputs["patch-coverage"] == ""


def test_a_drop_without_a_baseline_is_incomplete(shop: Consumer) -> None:
    _, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=event, with_={"max-drop": "1"})
    assert shown.exit_code == 3, shown.log
    assert "baseline" in shown.outputs["headline"]


def test_deleting_covered_code_does_not_fail_the_ratchet(shop: Consumer) -> None:
    recorded_main(shop, MOST)
    cart = "".join(shop.checkout.git("show", f"main:{CART}").splitlines(keepends=True)[:6])
    kept = {CART: None, "src/other.py": cart}
    recorded = shop.checkout.git("show", f"main:{CART}").splitlines(keepends=True)
    kept = {CART: "".join(line for number, line in enumerate(recorded, 1) if number not in (4, 5))}
    _, event = shop.open_pull("delete", kept)
    shop.checkout.write({"lcov.info": lcov({CART: {6: 1, 7: 1, 8: 0, 9: 1}})})
    shown = shop.run("coverage-gate", on=event, with_={"max-drop": "0"})
    assert shown.exit_code == 0, shown.log


def test_the_permissions_in_the_readme_are_exactly_those_used(shop: Consumer) -> None:
    from coverage_gate.action import ACTION

    recorded_main(shop)
    _, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shop.run("coverage-gate", on=event, with_={"fail-under": "80"})
    artifact = shop.run(
        "coverage-gate",
        on=event,
        with_={"fail-under": "80", "baseline": "artifact:coverage"},
        token=shop.token({"contents": "read", "pull-requests": "write", "actions": "read"}),
    )
    assert artifact.exit_code == 0, artifact.log
    documented = {permission.scope: permission.level for permission in ACTION.permissions}
    assert shop.hub.permissions_used() == documented


def test_ghes_is_reached_under_its_own_path(shop: Consumer) -> None:
    from dataclasses import replace

    ghes = replace(shop, url=f"{shop.url}/api/v3")
    recorded_main(ghes)
    assert "refs/heads/actions-data" in shop.repository.refs.names()


def test_a_comment_is_cut_at_githubs_limit_with_a_pointer(shop: Consumer) -> None:
    files = {f"src/part_{number}/{'long_name_' * 15}{number}.py": "x = 1\ny = 2\n" for number in range(400)}
    pull, event = shop.open_pull("many", files)
    shop.checkout.write({"lcov.info": lcov({path: {1: 1, 2: 0} for path in files})})
    shown = shop.run("coverage-gate", on=event, with_={"fail-under-file": "90", "fail-under-patch": "90"})
    assert shown.exit_code == 1, shown.log
    assert len(comment_of(pull)) <= 65_536
    assert len(shown.annotations) <= 30
    assert not shown.dropped_annotations


def test_two_formats_and_two_suites_are_merged_per_line(shop: Consumer) -> None:
    shop.checkout.write(
        {
            "unit.info": lcov({CART: {4: 1, 5: 1, 8: 0, 9: 0, 10: 0, 11: 0}}),
            "more.info": lcov({CART: {4: 0, 5: 0, 8: 1, 9: 1, 10: 0, 11: 1}}),
        }
    )
    shown = shop.run("coverage-gate", on=shop.push(), with_={"reports": "unit=unit.info\nmore=more.info"})
    assert shown.outputs["lines-covered"] == "5"
    assert shown.outputs["lines-total"] == "6"
    suites = outcome_of(shop, shown)["data"]["suites"]
    assert [(suite["name"], suite["lines_covered"]) for suite in suites] == [("unit", 2), ("more", 3)]


def test_a_badge_is_written_beside_its_json(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"badge": "out/coverage.svg"})
    assert shown.outputs["badge"] == "out/coverage.svg"
    assert "100" in (shop.checkout.path / "out/coverage.svg").read_text(encoding="utf-8")
    assert json.loads((shop.checkout.path / "out/coverage.json").read_text(encoding="utf-8"))["schemaVersion"] == 1


def test_a_replay_holds_another_policy_against_the_history(shop: Consumer) -> None:
    recorded_main(shop, FULL)
    shop.checkout.commit("More", {"README.md": "# More\n"})
    recorded_main(shop, MOST)
    shown = shop.run("coverage-gate", on=shop.push(), with_={"replay": "true", "fail-under": "90"})
    assert shown.exit_code == 0, shown.log
    rows = outcome_of(shop, shown)["data"]["replay"]["rows"]
    assert [row["verdict"] for row in rows] == ["fail", "pass"]


def test_the_canary_token_is_nowhere(shop: Consumer) -> None:
    token = shop.token({"contents": "write", "pull-requests": "write"})
    shop.checkout.write({f"{token}.info": lcov({f"src/{token}.py": {1: 1}})})
    shown = shop.run("coverage-gate", on=shop.push(), with_={"reports": "*.info", "fail-under": "90"}, token=token)
    everything = "\n".join((shown.log, shown.summary, *shown.outputs.values(), json.dumps(outcome_of(shop, shown))))
    assert token not in everything


def test_a_shard_that_did_not_report_is_noticed(shop: Consumer) -> None:
    whole = lcov({CART: dict.fromkeys((4, 5, 8, 9, 10, 11), 1)})
    shop.checkout.write({f"shards/{number}.info": whole for number in range(3)})
    first = shop.run("coverage-gate", on=shop.push(), with_={"reports": "shards/*.info", "fail-under": "80"})
    assert first.exit_code == 0, first.log
    _, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    (shop.checkout.path / "shards/2.info").unlink()
    shown = shop.run("coverage-gate", on=event, with_={"reports": "shards/*.info", "fail-under": "80"})
    assert shown.exit_code == 3, shown.log
    assert "had 3 reports in the baseline and has 2 now" in shown.log
