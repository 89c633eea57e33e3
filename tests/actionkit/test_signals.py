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
