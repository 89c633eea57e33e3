"""Starting, reading and cancelling the step's program."""

from __future__ import annotations

import signal
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from sandbox.runner import Cancellation, Conclusion, after, process
from sandbox.runner.process import Ended, Program

WAITS = """
import signal, sys, time
print("ready", flush=True)
{handlers}
time.sleep(60)
"""


def program(tmp_path: Path, text: str) -> Program:
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(text))
    return Program((sys.executable, "-I", "-u", str(path)), {}, tmp_path)


class Ready:
    """Cancels once the program has printed its first line; keeps the lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.seen = threading.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self.seen.set()


@pytest.mark.parametrize(
    ("handlers", "exit_code"),
    [
        ("", 130),
        ("signal.signal(2, lambda *_: sys.exit(130))", 130),
        ("signal.signal(2, signal.SIG_IGN); print('deaf', flush=True)", 143),
        ("signal.signal(2, signal.SIG_IGN); signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)", 137),
    ],
)
def test_cancelling_asks_twice_and_then_kills(tmp_path: Path, handlers: str, exit_code: int) -> None:
    ready = Ready()
    wanted = "deaf" if "deaf" in handlers else "ready"
    cancellation = Cancellation(lambda: wanted in ready.lines, ((signal.SIGINT, 0.5), (signal.SIGTERM, 0.5)))
    ended = process.run(program(tmp_path, WAITS.format(handlers=handlers)), ready, cancellation)
    assert ended == Ended(exit_code, cancelled=True)


def test_the_runners_own_patience_is_seven_and_a_half_and_two_and_a_half_seconds() -> None:
    assert Cancellation(lambda: True).signals == ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5))


def test_a_program_that_ends_by_itself_was_not_cancelled(tmp_path: Path) -> None:
    assert process.run(program(tmp_path, "raise SystemExit(4)"), print, Cancellation(after(30))) == Ended(4, False)


def test_a_program_may_be_cancelled_after_a_while(tmp_path: Path) -> None:
    started = time.monotonic()
    ended = process.run(program(tmp_path, "import time; time.sleep(60)"), print, Cancellation(after(0.2)))
    assert ended.cancelled
    assert time.monotonic() - started < 10


def test_a_program_that_does_not_exist_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        process.run(Program((str(tmp_path / "nothing"),), {}, tmp_path), print)


def test_a_grandchild_that_keeps_the_pipe_open_does_not_hold_up_the_step(tmp_path: Path) -> None:
    lines: list[str] = []
    started = time.monotonic()
    ended = process.run(
        program(tmp_path, "import subprocess; subprocess.Popen(['sleep', '3']); print('done')"),
        lines.append,
        drain_seconds=0.3,
    )
    assert (ended, lines) == (Ended(0, cancelled=False), ["done"])
    assert time.monotonic() - started < 2.5


def test_a_cancelled_step_still_shows_what_it_left(tiny) -> None:
    seen = tiny.workspace / "seen"
    shown = tiny(
        """
        import signal
        def stop(*_):
            pathlib.Path(os.environ["GITHUB_OUTPUT"]).write_text("verdict=incomplete\\n")
            sys.exit(130)
        signal.signal(signal.SIGINT, stop)
        pathlib.Path("seen").touch()
        time.sleep(60)
        """,
        cancel=Cancellation(seen.exists),
    )
    assert (shown.exit_code, shown.conclusion) == (130, Conclusion.CANCELLED)
    assert shown.outputs == {"verdict": "incomplete"}


@pytest.mark.parametrize("cancel", [None, Cancellation(lambda: False)])
def test_a_step_to_be_cancelled_is_not_measured(
    tiny, monkeypatch: pytest.MonkeyPatch, cancel: Cancellation | None
) -> None:
    monkeypatch.setenv("COVERAGE_PROCESS_CONFIG", "the tests' own")
    shown = tiny("print('measured:', 'COVERAGE_PROCESS_CONFIG' in os.environ)", cancel=cancel)
    assert f"measured: {cancel is None}" in shown.log
