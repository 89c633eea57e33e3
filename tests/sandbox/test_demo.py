"""`make demo`: changes and deploys that pass, fail and cannot be judged, and a page of what GitHub would show."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.demo import (
    chart,
    page,
    scanners,
    scenes,
    scenes_coverage,
    scenes_health,
    scenes_security,
    scenes_smoke,
)
from sandbox.demo.scene import Scene


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    return list(scenes.play(tmp_path_factory.mktemp("demo")))


@pytest.fixture(scope="module")
def coverage(played: list[Scene]) -> list[Scene]:
    return [scene for scene in played if scene.action == scenes_coverage.ACTION]


@pytest.fixture(scope="module")
def security(played: list[Scene]) -> list[Scene]:
    return [scene for scene in played if scene.action == scenes_security.ACTION]


@pytest.fixture(scope="module")
def health(played: list[Scene]) -> list[Scene]:
    return [scene for scene in played if scene.action == scenes_health.ACTION]


@pytest.fixture(scope="module")
def smoke(played: list[Scene]) -> list[Scene]:
    return [scene for scene in played if scene.action == scenes_smoke.ACTION]


def verdicts(played: list[Scene]) -> list[str]:
    return [scene.shown.outputs["verdict"] for scene in played]


class TestCoverage:
    def test_it_shows_every_verdict_a_pull_request_can_get(self, coverage: list[Scene]) -> None:
        assert verdicts(coverage) == ["pass", "pass", "fail", "incomplete", "pass", "pass"]

    def test_a_fork_is_commented_by_the_trusted_job_only(self, coverage: list[Scene]) -> None:
        fork, relayed = coverage[-2:]
        assert fork.comment == ""
        assert "Coverage gate: pass" in relayed.comment


class TestSecurity:
    def test_it_shows_every_verdict_a_pull_request_can_get(self, security: list[Scene]) -> None:
        assert verdicts(security) == ["pass", "fail", "pass", "pass", "pass", "fail", "incomplete"]

    def test_scanners_that_agree_share_a_row(self, security: list[Scene]) -> None:
        rows = [line for line in security[0].shown.summary.splitlines() if "`app.py:26`" in line]
        assert len(rows) == 1
        assert "bandit, ruff, semgrep" in rows[0]

    def test_only_the_new_finding_fails_and_is_annotated(self, security: list[Scene]) -> None:
        shown = security[1].shown
        assert shown.outputs["new"] == "1"
        assert [note.path for note in shown.of_level("error") if note.path] == ["src/shop/search.py"]

    def test_the_comment_lists_what_fails_before_the_worse_that_was_known(self, security: list[Scene]) -> None:
        rows = [line for line in security[1].comment.splitlines() if line.startswith("| ") and ".py:" in line]
        assert "`src/shop/search.py:7`" in rows[0]
        assert rows[0].endswith("new |")

    def test_code_scanning_has_one_alert_more_than_main(self, security: list[Scene]) -> None:
        assert sum(run.added for run in security[1].analysed) == 1

    def test_what_an_upgrade_takes_away_is_fixed_and_its_alerts_close(self, security: list[Scene]) -> None:
        pull, merged = security[2:4]
        assert pull.shown.outputs["fixed"] == "7"
        closed = {run.category: run.fixed for run in merged.analysed if run.fixed}
        assert closed == {"verdict/pip-audit": 7, "verdict/safety": 7}
        assert len(merged.analysed) == 9

    def test_a_waiver_counts_from_the_base_branch_only(self, security: list[Scene]) -> None:
        approved, own = security[4:6]
        assert (approved.shown.outputs["waived"], own.shown.outputs["waived"]) == ("1", "0")
        assert "does not stand on the base branch" in own.comment

    def test_half_a_report_and_an_error_object_are_named(self, security: list[Scene]) -> None:
        headline = security[6].shown.outputs["headline"]
        assert "npm-audit" in headline
        assert "ruff" in headline

    def test_it_says_which_reports_were_written_for_the_page(self, security: list[Scene]) -> None:
        for scene in security:
            fresh = {source.tool.split()[0] for source in scene.sources if source.is_fresh}
            assert fresh == {"ruff", "hadolint"}
            assert len(scene.sources) == 9


class TestHealth:
    def test_it_shows_a_deploy_that_is_awaited_one_that_lies_and_one_that_breaks(self, health: list[Scene]) -> None:
        assert verdicts(health) == ["pass", "fail", "fail"]
        assert [scene.shown.outputs["result"] for scene in health] == ["healthy", "wrong-version", "regressed"]

    def test_every_replica_of_the_rollout_is_shown_with_its_own_downtime(self, health: list[Scene]) -> None:
        shown = health[0].shown
        assert "all 4 replicas" in shown.summary
        rows = [line.split("|") for line in shown.summary.splitlines() if line.startswith("| replicas | 127")]
        assert len(rows) == 4
        assert all(0.2 <= float(row[5].replace("\\", "")) <= 1 for row in rows)
        assert all(f"127.0.0.{number} o" in shown.summary for number in (2, 3, 4, 5))

    def test_the_replica_that_was_left_behind_is_told_by_its_version(self, health: list[Scene]) -> None:
        assert "answers 200 but still serves 1.4.1, not 1.5.0" in health[1].shown.outputs["diagnosis"]

    def test_the_watch_ends_long_before_the_bake(self, health: list[Scene]) -> None:
        assert "probes failed while baking, 2 allowed" in health[2].shown.outputs["diagnosis"]
        assert float(health[2].shown.outputs["elapsed-seconds"]) < 5


class TestSmoke:
    def test_it_shows_every_verdict_a_plan_can_get(self, smoke: list[Scene]) -> None:
        assert verdicts(smoke) == ["pass", "fail", "incomplete", "fail"]

    def test_the_load_stage_holds_its_thresholds(self, smoke: list[Scene]) -> None:
        assert smoke[0].shown.outputs["requests"] == "50"
        assert "3 of 3 thresholds held" in smoke[0].shown.outputs["headline"]

    def test_failures_are_annotated_in_the_plan_and_told_in_junit(self, smoke: list[Scene]) -> None:
        shown, (junit,) = smoke[1].shown, smoke[1].attached
        assert {note.path for note in shown.of_level("error")} == {scenes_smoke.PLAN}
        assert junit.path == shown.outputs["junit-file"]
        assert junit.content.count("<testcase") == 7
        assert junit.content.count("<failure") == 2
        assert "the terminal condition" in smoke[1].comment

    def test_only_what_works_in_production_is_newly_broken(self, smoke: list[Scene]) -> None:
        (row,) = [line for line in smoke[3].comment.splitlines() if line.endswith("| newly broken |")]
        assert row.startswith("| pages: moved page |")

    def test_the_password_is_nowhere(self, smoke: list[Scene]) -> None:
        for scene in smoke:
            assert scenes_smoke.PASSWORD not in f"{scene.shown} {scene.comment} {scene.attached}"


def test_the_page_shows_summary_comment_annotations_and_alerts(played: list[Scene], tmp_path: Path) -> None:
    text = page.write(played, tmp_path).read_text(encoding="utf-8")
    assert text.count("<article") == len(played)
    for part in ("commented on the pull request", "Annotations", "Step summary", "Cheapest path to green", "<svg"):
        assert part in text
    for part in ("Scanners that agree", "just now", "earlier, by", "Code scanning took", "Smallest set of upgrades"):
        assert part in text
    for part in ("Timeline", "Downtime s", "thresholds held", "nothing was asserted", scenes_smoke.PLAN):
        assert part in text
    assert "Traceback" not in text


def test_a_report_that_was_never_recorded_is_none() -> None:
    with pytest.raises(LookupError, match=r"bandit/made-up\.json"):
        scanners.recorded("bandit/made-up.json")


def test_only_the_gates_own_charts_are_drawn() -> None:
    assert chart.svg("flowchart LR\n  a --> b") == ""
