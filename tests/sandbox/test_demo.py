"""`make demo`: pull requests that pass, fail and cannot be judged, and a page that shows what GitHub would show."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.demo import chart, page, scenes


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> list[scenes.Scene]:
    return list(scenes.play(tmp_path_factory.mktemp("demo")))


def test_the_demo_shows_every_verdict_a_pull_request_can_get(played: list[scenes.Scene]) -> None:
    verdicts = [scene.shown.outputs["verdict"] for scene in played]
    assert verdicts == ["pass", "pass", "fail", "incomplete", "pass", "pass"]


def test_a_fork_is_commented_by_the_trusted_job_only(played: list[scenes.Scene]) -> None:
    fork, relayed = played[-2:]
    assert fork.comment == ""
    assert "Coverage gate: pass" in relayed.comment


def test_the_page_shows_summary_comment_and_annotations(played: list[scenes.Scene], tmp_path: Path) -> None:
    text = page.write(played, tmp_path).read_text(encoding="utf-8")
    assert text.count("<article") == len(played)
    for part in ("commented on the pull request", "Annotations", "Step summary", "Cheapest path to green", "<svg"):
        assert part in text
    assert "Traceback" not in text


def test_only_the_gates_own_charts_are_drawn() -> None:
    assert chart.svg("flowchart LR\n  a --> b") == ""
