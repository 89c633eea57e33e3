"""What a command costs: time and peak memory of a process of its own, and of those it starts."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds of wall, user and system time, and the peak memory of the largest process in MiB."""

    wall: float
    user: float
    memory: float
    system: float = 0.0

    @property
    def cpu(self) -> float:
        return self.user + self.system


@dataclass(frozen=True)
class Command:
    """A command line and the folder it runs in. Of the environment it sees PATH and `environment`, nothing else.

    `exits` is the exit code it is expected to end with.
    """

    words: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    exits: int = 0

    def cost(self) -> Cost:
        """Run it once. Raises RuntimeError with the end of what it said if it fails."""
        return self.start().end()

    def start(self) -> Running:
        """Begin it. Only one command at a time in a folder, for its log is there."""
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **self.environment}
        began = time.monotonic()
        with (self.folder / "said.txt").open("wb") as said:
            process = subprocess.Popen(self.words, cwd=self.folder, env=environment, stdout=said, stderr=said)
        return Running(self, process, began)


@dataclass
class Running:
    """A command that was begun; `began` and, after its end, `ended` are seconds of `time.monotonic()`."""

    command: Command
    process: subprocess.Popen[bytes]
    began: float
    ended: float = 0.0

    def end(self) -> Cost:
        """Wait for its end. Raises RuntimeError with the end of what it said if it failed."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.ended = time.monotonic()
        # wait4 has taken the exit status, which Popen would otherwise wait for in vain.
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != self.command.exits:
            said = (self.command.folder / "said.txt").read_text(errors="replace")[-800:]
            raise RuntimeError(f"{' '.join(self.command.words)[:200]}\n{said}")
        return Cost(self.ended - self.began, usage.ru_utime, usage.ru_maxrss / 1024, usage.ru_stime)


def together(commands: Mapping[str, Command], runs: int) -> dict[str, Cost]:
    """Run every command `runs` times, in turns, so that what else the machine does hits all alike. Medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(command.cost())
    return {name: Cost(*map(statistics.median, zip(*those, strict=True))) for name, those in costs.items()}
