"""health-wait beside wait-on: how soon each tells that a service is up, and what waiting costs."""

from __future__ import annotations

import json
import random
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import peers
from process import Command, Cost, Running
from tables import goal, heading, table

OURS, WAIT_ON = "health-wait", "wait-on"
GATE = str(Path(sys.executable).parent / OURS)
OUTCOME = f".actions/{OURS}/outcome.json"
TRIALS = 50
PERIOD = 0.25
GRACE = 0.05
"""Seconds beyond a period within which half of all trials must be over."""
PATIENCE = 30
"""Seconds after which a trial has gone wrong."""

TARGETS, WATCHED, SLOW_PERIOD = 20, 20, 2
"""So many targets that refuse, for so many seconds, every so many seconds."""


class Detected(NamedTuple):
    """Seconds from when the service was ready: until the first request that it could answer, and until the process had
    ended. `told`: what ours says it took it from the start of that request (`time_to_detect_seconds`)."""

    asked: float
    ended: float
    told: float = 0.0


def wait(folder: Path, _: int) -> None:
    """The time to detect over 50 trials, then the CPU time of waiting for 20 targets."""
    wait_on = peers.wait_on()
    commands: dict[str, Callable[[Path, str], Command]] = {
        OURS: lambda here, url: Command((GATE, *_ours([url], PERIOD, PATIENCE)), here),
        WAIT_ON: lambda here, url: Command((wait_on, *_theirs([url], PERIOD, PATIENCE)), here),
    }
    heading(f"Time to detect: {TRIALS} trials, a period of {PERIOD * 1000:.0f} ms, one good answer is enough")
    with ThreadPoolExecutor(len(commands)) as both:
        found = dict(
            zip(
                commands,
                both.map(lambda name: _trials(_folder(folder, name), commands[name]), commands),
                strict=True,
            )
        )
    _detection(found)
    _idle(folder, wait_on)


def _detection(found: dict[str, list[Detected]]) -> None:
    columns = ("ms from ready to …", "first request: median", "end: median", "p95", "longest", "end after that request")
    table(
        columns,
        (
            (
                name,
                _ms(statistics.median(one.asked for one in trials)),
                _ms(statistics.median(one.ended for one in trials)),
                _ms(statistics.quantiles((one.ended for one in trials), n=20, method="inclusive")[-1]),
                _ms(max(one.ended for one in trials)),
                _ms(statistics.median(one.ended - one.asked for one in trials)),
            )
            for name, trials in found.items()
        ),
    )
    told = statistics.median(one.told for one in found[OURS])
    print(f"Ours says in its outcome that it took {_ms(told)} ms from the start of the first good probe (median).\n")
    medians = {name: statistics.median(one.ended for one in trials) for name, trials in found.items()}
    goal("ms at the median", medians[OURS] * 1000, (PERIOD + GRACE) * 1000, at_most=True)
    goal("of wait-on's", medians[OURS] / medians[WAIT_ON], 1, at_most=True)


def _trials(here: Path, command: Callable[[Path, str], Command]) -> list[Detected]:
    """One after the other: becoming ready at moments spread evenly over the period, in random order."""
    phases = [PERIOD * (number + 0.5) / TRIALS for number in range(TRIALS)]
    random.shuffle(phases)
    return [_trial(here, command, phase) for phase in phases]


def _trial(here: Path, command: Callable[[Path, str], Command], phase: float) -> Detected:
    """A service that is unwell when it is first asked (which shows that it is waited for), then gone, then well."""
    with _place() as place:
        port = place.getsockname()[1]
        with _listening(port) as unwell:
            running = command(here, f"http://127.0.0.1:{port}/").start()
            first = _answer(unwell, 503, running)
        time.sleep(max(0.0, first + 2 * PERIOD + phase - time.monotonic()))
        with _listening(port) as well:
            ready = time.monotonic()
            asked = _answer(well, 200, running)
            running.end()
    told = 0.0
    if (outcome := here / OUTCOME).exists():
        told = json.loads(outcome.read_text())["data"]["targets"][0]["time_to_detect_seconds"]
    return Detected(asked - ready, running.ended - ready, told)


@contextmanager
def _place() -> Iterator[socket.socket]:
    """Keeps a port for us while nobody listens on it."""
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        yield place


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()
        listening.settimeout(PATIENCE)
        yield listening


def _answer(listening: socket.socket, status: int, running: Running) -> float:
    """Answer one request, and tell when it came. Raises RuntimeError where none comes."""
    try:
        connection, _ = listening.accept()
        came = time.monotonic()
        with connection:
            connection.settimeout(PATIENCE)
            while b"\r\n\r\n" not in connection.recv(65536):
                pass
            connection.sendall(f"HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    except TimeoutError:
        running.process.kill()
        running.end()
        raise RuntimeError(f"nothing asked for {PATIENCE} s") from None
    return came


def _idle(folder: Path, wait_on: str) -> None:
    heading(f"Waiting for {TARGETS} targets that refuse, for {WATCHED} s, probed every {SLOW_PERIOD} s")
    here = _folder(folder, "idle")
    with ExitStack() as places:
        ports = [places.enter_context(_place()).getsockname()[1] for _ in range(TARGETS)]
        urls = [f"http://127.0.0.1:{port}/" for port in ports]
        ours = (GATE, "--mode", "report", *_ours(urls, SLOW_PERIOD, WATCHED))
        theirs = (wait_on, *_theirs(urls, SLOW_PERIOD, WATCHED))
        started = {
            OURS: Command((*ours, "--failure-threshold", "1"), _folder(here, "start-of-ours")).cost(),
            WAIT_ON: Command((*theirs, "--timeout", "1"), _folder(here, "start-of-theirs"), exits=1).cost(),
        }
        running = {
            OURS: Command(ours, _folder(here, "ours")).start(),
            WAIT_ON: Command(theirs, _folder(here, "theirs"), exits=1).start(),
        }
        costs = {name: one.end() for name, one in running.items()}
    probes = json.loads((here / "ours" / OUTCOME).read_text())["data"]["probes"]
    if probes < TARGETS * (WATCHED / SLOW_PERIOD - 1):
        raise RuntimeError(f"{OURS} took {probes} probes only")
    shares = {name: _share(costs[name], started[name]) for name in costs}
    table(
        ("", "CPU s", "of it the start", "% of a core while waiting", "peak MiB"),
        (
            (name, f"{cost.cpu:.2f}", f"{started[name].cpu:.2f}", f"{shares[name]:.2f}", f"{cost.memory:.0f}")
            for name, cost in costs.items()
        ),
    )
    print(f"The start is a run that gives up after its first probes. Ours took {probes} probes.\n")
    goal("% of one core", shares[OURS], 2, at_most=True)


def _share(cost: Cost, started: Cost) -> float:
    return (cost.cpu - started.cpu) / (cost.wall - started.wall) * 100


def _ours(urls: Sequence[str], period: float, deadline: float) -> tuple[str, ...]:
    seconds = f"{period * 1000:.0f}ms"
    return (
        *("--targets", "\n".join(urls)),
        *("--period", seconds, "--timeout", "2s", "--deadline", f"{deadline}s", "--success-threshold", "1"),
    )


def _theirs(urls: Sequence[str], period: float, timeout: float) -> tuple[str, ...]:
    """GET as ours, whose window counts for files only: the first good answer is enough."""
    milliseconds = f"{period * 1000:.0f}"
    return (
        *("--interval", milliseconds, "--window", milliseconds, "--timeout", f"{timeout * 1000:.0f}"),
        *(url.replace("http:", "http-get:") for url in urls),
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name
