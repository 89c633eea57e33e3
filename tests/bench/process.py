"""What a command costs: wall and user time and peak memory of a process of its own, and of those it starts."""

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
    """Seconds of wall and of user time, and the peak memory of the largest process in MiB."""

    wall: float
    user: float
    memory: float


@dataclass(frozen=True)
class Command:
    """A command line and the folder it runs in. Of the environment it sees PATH and `environment`, nothing else."""

    words: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def cost(self) -> Cost:
        """Run it once. Raises RuntimeError with the end of what it said if it fails."""
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **self.environment}
        log = self.folder / "said.txt"
        start = time.perf_counter()
        with log.open("wb") as said:
            process = subprocess.Popen(self.words, cwd=self.folder, env=environment, stdout=said, stderr=said)
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        # wait4 has taken the exit status, which Popen would otherwise wait for in vain.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(self.words)[:200]}\n{log.read_text(errors='replace')[-800:]}")
        return Cost(wall, usage.ru_utime, usage.ru_maxrss / 1024)


def together(commands: Mapping[str, Command], runs: int) -> dict[str, Cost]:
    """Run every command `runs` times, in turns, so that what else the machine does hits all alike. Medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(command.cost())
    return {name: Cost(*map(statistics.median, zip(*those, strict=True))) for name, those in costs.items()}
