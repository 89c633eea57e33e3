"""Replacing replicas one after another while the rest go on serving."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from .replica import Replica
from .transitions import Release


class UnderWayError(RuntimeError):
    """Another deploy is not over yet."""


class Rollout:
    """One deploy, under way or over; made in the loop's thread.

    `gap_seconds`: how long each port is closed; `pause`: seconds between two replicas.
    """

    def __init__(self, replicas: Sequence[Replica], to: Release, gap_seconds: float, pause: float) -> None:
        self.release = to
        self._replicas, self._gap, self._pause = replicas, gap_seconds, pause
        self._over = threading.Event()
        self._task = asyncio.get_running_loop().create_task(self._roll())

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def wait(self, seconds: float = 60.0) -> None:
        """Return when all replicas are replaced. Raises TimeoutError."""
        if not self._over.wait(seconds):
            raise TimeoutError(f"the deploy of {self.release.version} is not over after {seconds} s")

    def abandon(self) -> None:
        """Leave it where it is; a replica that is down stays down. In the loop's thread."""
        self._task.cancel()
        self._over.set()

    async def _roll(self) -> None:
        for number, replica in enumerate(self._replicas):
            if number:
                await asyncio.sleep(self._pause)
            replica.endpoint.stop()
            await asyncio.sleep(self._gap)
            replica.install(self.release)
            replica.endpoint.start()
        self._over.set()
