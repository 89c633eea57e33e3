"""What happens in the demo: a shop's pushes, pull requests and deploys, judged by each action in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sandbox.demo import scenes_coverage, scenes_health, scenes_security, scenes_smoke
from sandbox.demo.scene import Scene


def play(work: Path) -> Iterator[Scene]:
    """Every scene in order. `work` is an empty folder for the checkouts. Raises RuntimeError for a broken contract."""
    yield from scenes_coverage.play(work / "coverage")
    yield from scenes_security.play(work / "security")
    yield from scenes_health.play(work / "health")
    yield from scenes_smoke.play(work / "smoke")
