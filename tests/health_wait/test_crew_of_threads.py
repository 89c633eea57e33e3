"""The real crew: threads, a monotonic clock, a loopback connection to ourselves. Short, with wide margins."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest
from tests.health_wait.worlds import NOON, a_target

from actionkit.errors import Interrupted
from health_wait.crew import Workers, control_probe, stopwatch
from health_wait.model import Policy, Probe, Result, Target
from health_wait.seen import Record
from health_wait.verdict import judge
from health_wait.watch import watch


class Answering:
    """A prober whose answers take no time, or as long as the test lets them hang."""

    def __init__(self, clock: object, *, up: bool = True, hang: threading.Event | None = None) -> None:
        self.clock, self.up, self.hang = stopwatch() if clock is None else clock, up, hang
        self.threads: set[int] = set()

    def probe(self, target: Target, due: float, replica: str = "") -> Probe:
        began = self.clock()  # type: ignore[operator]
        self.threads.add(threading.get_ident())
        if self.hang:
            self.hang.wait(30)
        ended = self.clock()  # type: ignore[operator]
        return Probe(due=due, began=began, ended=ended, ok=self.up, serving=self.up, replica=replica)

    def replicas(self, target: Target) -> tuple[str, ...]:
        return ("127.0.0.1", "127.0.0.2")


@pytest.fixture
def workers() -> Iterator[Workers]:
    with contextlib.closing(Workers(stopwatch())) as crew:
        yield crew


def test_a_watch_with_real_threads_ends_as_soon_as_it_is_decided() -> None:
    clock = stopwatch()
    targets = [a_target(f"t{number}", period=0.05, census=number == 0) for number in range(5)]
    record = Record(targets, Policy(deadline=30), NOON)
    before = threading.active_count()
    with contextlib.closing(Workers(clock)) as crew:
        watch(record, Answering(clock), control_probe(clock), crew, lambda _: None)
    judgement = judge(record.seen())
    assert judgement.result is Result.HEALTHY
    assert record.ended < 5
    assert judgement.targets[0].census is not None
    assert judgement.targets[0].census.of == 2
    assert threading.active_count() == before, "no thread is left behind"
    assert all(probe.ok for probe in record.control)


def test_waiting_costs_next_to_nothing() -> None:
    clock = stopwatch()
    record = Record([a_target(f"t{n}", period=0.2) for n in range(20)], Policy(deadline=1.0), NOON)
    began = time.thread_time()
    with contextlib.closing(Workers(clock)) as crew:
        watch(record, Answering(clock, up=False), control_probe(clock), crew, lambda _: None)
    # A hundred probes in a second: the deciding thread may not spin.
    assert time.thread_time() - began < 0.5
    assert 20 <= sum(map(len, record.events)) <= 20 * 7


def test_errands_run_side_by_side(workers: Workers) -> None:
    meeting = threading.Barrier(8, timeout=20)
    for number in range(8):
        workers.start(number, lambda: (str(meeting.wait()),))
    came: dict[int, object] = {}
    while len(came) < 8 and workers.now() < 20:
        came.update(workers.wait(20.0))
    assert sorted(came) == list(range(8))


def test_an_idle_worker_is_used_again(workers: Workers) -> None:
    seen = set()
    for number in range(5):
        workers.start(number, lambda: (str(threading.get_ident()),))
        ((_, answered),) = workers.wait(20.0)
        seen.add(answered)
    assert len(seen) == 1


def test_waiting_ends_at_its_time_with_nothing(workers: Workers) -> None:
    until = workers.now() + 0.05
    assert workers.wait(until) == []
    assert until <= workers.now() < until + 5
    assert workers.wait(0.0) == []


def test_an_error_comes_back_as_a_value(workers: Workers) -> None:
    workers.start(1, lambda: (str(1 // 0),))
    ((number, answered),) = workers.wait(20.0)
    assert number == 1
    assert isinstance(answered, ZeroDivisionError)


def test_more_errands_than_workers_wait_for_their_turn() -> None:
    release = threading.Event()

    def held() -> tuple[str, ...]:
        release.wait(20)
        return ()

    with contextlib.closing(Workers(stopwatch(), most=2)) as crew:
        before = threading.active_count()
        for number in range(6):
            crew.start(number, held)
        assert threading.active_count() - before == 2
        release.set()
        came = 0
        while came < 6 and crew.now() < 20:
            came += len(crew.wait(20.0))
        assert came == 6


def test_a_hung_prober_does_not_hold_up_the_end() -> None:
    clock, release = stopwatch(), threading.Event()
    record = Record([a_target(timeout=0.1)], Policy(deadline=0.3), NOON)
    began = time.monotonic()
    with contextlib.closing(Workers(clock)) as crew:
        watch(record, Answering(clock, hang=release), control_probe(clock), crew, lambda _: None)
    assert time.monotonic() - began < 5
    release.set()
    assert judge(record.seen()).result is Result.INCONCLUSIVE


def test_a_signal_ends_the_wait_within_a_second_and_keeps_what_was_seen() -> None:
    def interrupt(number: int, _: FrameType | None) -> None:
        raise Interrupted(number)

    clock = stopwatch()
    record = Record([a_target(period=30.0, success_threshold=5)], Policy(), NOON)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Interrupted), contextlib.closing(Workers(clock)) as crew:
            watch(record, Answering(clock), control_probe(clock), crew, lambda _: None)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert clock() < 5
    assert judge(record.seen()).targets[0].probes == 1


def test_the_control_probe_talks_to_ourselves() -> None:
    probe = control_probe(stopwatch())(0.0)
    assert probe.ok
    assert 0 <= probe.began <= probe.ended


def test_a_runner_without_sockets_fails_its_control(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("socket.create_server", none_left)
    probe = control_probe(stopwatch())(0.0)
    assert not probe.ok
    assert probe.reason == "OSError"
