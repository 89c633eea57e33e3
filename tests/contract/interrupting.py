"""When to interrupt a run, and what must hold of it then."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import get_native_id

from sandbox.runner import Cancellation

WITHIN_SECONDS = 5.0

Moment = Callable[[], bool]
"""Asked every 20 ms; True once."""


@dataclass
class Interrupt:
    """One signal, sent at a moment, and when it was sent (None: the run had ended before)."""

    number: signal.Signals
    moment: Moment
    sent_at: float | None = field(default=None, init=False)

    @property
    def cancellation(self) -> Cancellation:
        return Cancellation(self._due, ((self.number, 2 * WITHIN_SECONDS),))

    @property
    def exit_code(self) -> int:
        return 128 + self.number

    def _due(self) -> bool:
        if self.sent_at is None and self.moment():
            self.sent_at = time.monotonic()
            return True
        return False


def once_running(then: float = 0.0) -> Moment:
    """`then` seconds after the program's own handlers stand; nobody can handle a signal before (Linux)."""
    since: list[float] = []

    def due() -> bool:
        if not since and _handles(signal.SIGTERM):
            since.append(time.monotonic())
        return bool(since) and time.monotonic() >= since[0] + then

    return due


def once_holding(mebibytes: int) -> Moment:
    """True once the program holds so much memory, as it does when it has begun to read a large report (Linux)."""
    return lambda: any(_status(child, "VmRSS") > mebibytes * 1024 for child in _children())


def _handles(number: signal.Signals) -> bool:
    """Whether a child of this thread has a handler for the signal: `SigCgt` in proc(5) is the mask of those caught."""
    return any(_status(child, "SigCgt", base=16) >> (number - 1) & 1 for child in _children())


def _children() -> list[str]:
    return Path(f"/proc/self/task/{get_native_id()}/children").read_text().split()


def _status(process: str, key: str, base: int = 10) -> int:
    """A number in /proc/<pid>/status (VmRSS is in KiB); 0 where there is none."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1], base) for line in status.splitlines() if line.startswith(f"{key}:")), 0)
