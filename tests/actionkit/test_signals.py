"""A signal interrupts the work, never the publishing, and the process is gone in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from actionkit.errors import Interrupted
from actionkit.signals import GRACE_SECONDS, Signals


def run(script: str) -> tuple[int, str, float]:
    """Run a script in its own process (handlers are the process's own) and return code, output and seconds."""
    imports = (
        "import os, signal, sys, time",
        "from actionkit.signals import Signals",
        "from actionkit.errors import Interrupted",
    )
    prelude = "\n".join(imports) + "\n"
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", prelude + script], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr, time.monotonic() - began


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_in_the_work_raises_at_once(name: str) -> None:
    code, output, _ = run(f"""
signals = Signals().install()
try:
    with signals.watched():
        os.kill(os.getpid(), signal.{name})
        print("not reached")
except Interrupted as error:
    print("stopped by", error.signal)
signals.close()
os.kill(os.getpid(), signal.{name})
print("published")
""")
    assert code == 0
    assert output == f"stopped by {getattr(signal, name).value}\npublished\n"


def test_a_signal_before_the_work_stops_it_at_its_start_and_a_second_one_changes_nothing() -> None:
    code, output, _ = run("""
signals = Signals().install()
os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGINT)
try:
    with signals.watched():
        print("not reached")
except Interrupted as error:
    print("stopped by", error.signal)
""")
    assert (code, output) == (0, "stopped by 15\n")


def test_no_except_exception_swallows_an_interrupt() -> None:
    assert not issubclass(Interrupted, Exception)


def test_a_blocked_process_ends_by_itself_with_the_signals_code() -> None:
    code, _, seconds = run("""
signals = Signals().install()
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(30)
""")
    assert code == 143
    assert seconds < GRACE_SECONDS + 5


def test_without_a_signal_nothing_happens() -> None:
    signals = Signals()
    with signals.watched():
        pid = os.getpid()
    assert signals.received is None
    assert pid


def test_an_interrupt_that_a_destructor_swallowed_is_raised_again_without_a_word() -> None:
    code, output, _ = run("""
class Swallows:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)
signals = Signals().install()
try:
    with signals.watched():
        Swallows()
        print("swallowed")
        time.sleep(30)
except Interrupted as error:
    print("stopped by", error.signal)
""")
    assert (code, output) == (0, "swallowed\nstopped by 2\n")


def test_an_interrupt_swallowed_by_the_last_step_still_stops_the_run() -> None:
    code, output, _ = run("""
class Swallows:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
signals = Signals().install()
try:
    with signals.watched():
        Swallows()
except Interrupted as error:
    print("stopped by", error.signal)
""")
    assert (code, output) == (0, "stopped by 15\n")


def test_a_destructors_own_error_is_still_told() -> None:
    code, output, _ = run("""
class Breaks:
    def __del__(self):
        raise ValueError("told")
Signals().install()
Breaks()
""")
    assert code == 0
    assert "ValueError: told" in output


def test_a_process_that_never_comes_back_from_c_ends_in_time() -> None:
    code, _, seconds = run("""
import ctypes
signals = Signals().install()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # so that the call is not woken, as getaddrinfo is not
os.kill(os.getpid(), signal.SIGTERM)
while True:  # an alarm may end one of them, where Python was quick enough to hear of the signal
    ctypes.CDLL(None).sleep(30)
""")
    assert code == 143
    assert GRACE_SECONDS <= seconds < GRACE_SECONDS + 5


WORKERS = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context
from actionkit.signals import leave
signals = Signals().install()
pool = ProcessPoolExecutor(1, mp_context=get_context("fork"))
"""


def test_a_worker_that_is_stopped_does_not_stop_the_process_it_works_for() -> None:
    code, output, seconds = run(
        WORKERS
        + """
worker = pool.submit(os.getpid).result()
os.kill(worker, signal.SIGTERM)
time.sleep(5)
print("still here", signals.received)
"""
    )
    assert (code, output) == (0, "still here None\n")
    assert seconds > GRACE_SECONDS


def test_workers_end_with_the_process_they_work_for() -> None:
    code, _, seconds = run(
        WORKERS
        + """
pool.submit(os.getpid).result()
pool.submit(time.sleep, 60)
leave(7)
"""
    )
    # The worker has inherited the output, which is read to its end: it would hold it open for a minute.
    assert code == 7
    assert seconds < 30
