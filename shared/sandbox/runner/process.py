"""Starting a step's program, reading what it prints as it comes, and cancelling it as the runner does."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

_POLL_SECONDS = 0.02
_DRAIN_SECONDS = 5.0
"""How long a grandchild that keeps the pipes open is waited for once the program has ended."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to start: `argv` with `environ` in `cwd`."""

    argv: Sequence[str]
    environ: Mapping[str, str]
    cwd: Path


@dataclass(frozen=True, slots=True)
class Cancellation:
    """When to cancel, and how: each signal with the seconds that the program then has to end.

    `when` is asked every 20 ms. The default is the runner's sequence; SIGKILL follows in any case.
    """

    when: Callable[[], bool]
    signals: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5))


@dataclass(frozen=True, slots=True)
class Ended:
    """How the program ended: `exit_code` as a shell gives it (128 + number after a signal), and if it was cancelled."""

    exit_code: int
    cancelled: bool


def after(seconds: float) -> Callable[[], bool]:
    """True once `seconds` have passed since this call."""
    due = time.monotonic() + seconds
    return lambda: time.monotonic() >= due


def run(
    program: Program,
    on_line: Callable[[str], None],
    cancellation: Cancellation | None = None,
    drain_seconds: float = _DRAIN_SECONDS,
) -> Ended:
    """Run `program` to its end, handing each line of stdout and stderr to `on_line` from reading threads.

    Raises OSError where it cannot be started: not found, or arguments and environment too long.
    """
    # In text mode a lone carriage return ends a line, as it does for the runner: a command may follow it.
    process = subprocess.Popen(  # the readers close the pipes: one may outlive the program
        program.argv,
        env=dict(program.environ),
        cwd=program.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    readers = [_reader(pipe, on_line) for pipe in (process.stdout, process.stderr) if pipe is not None]
    cancelled = False
    while process.poll() is None:
        if cancellation is not None and cancellation.when():
            cancelled = True
            _cancel(process, cancellation.signals)
        time.sleep(_POLL_SECONDS)
    for reader in readers:
        reader.join(drain_seconds)
    code = process.returncode
    return Ended(128 - code if code < 0 else code, cancelled)


def _cancel(process: subprocess.Popen[str], signals: Sequence[tuple[signal.Signals, float]]) -> None:
    for number, seconds in signals:
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def _reader(pipe: IO[str], on_line: Callable[[str], None]) -> Thread:
    def read() -> None:
        with pipe:
            for line in pipe:
                on_line(line.removesuffix("\n"))

    thread = Thread(target=read, daemon=True)
    thread.start()
    return thread
