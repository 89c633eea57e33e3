"""SIGINT and SIGTERM: stop at once, say what is known, and be gone within five seconds.

A cancelled job gets SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. Every write this kit makes takes effect in one
step (a renamed file, one API request, one ref update), so raising between two steps leaves nothing half done.
"""

from __future__ import annotations

import _thread  # and not threading: nothing may be imported before the handlers stand
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from actionkit.errors import Interrupted

GRACE_SECONDS = 4.0
"""After the first signal the process ends this much later at the latest, even inside a call that blocks."""

AGAIN_SECONDS = 1.0
"""How long after it was raised an interrupt that is still not heeded is raised again."""

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Raises Interrupted for the first signal, but only inside `watched()`; elsewhere it is kept until the next one.

    So an interrupt arrives in the work, never in the few steps that publish what is known.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._watching = False

    def install(self) -> Signals:
        """Handle signals from here on. To be called once, from the main thread."""
        # Python's own handlers wait for the main thread to come back from C (a name that is being resolved); the
        # number of the signal goes through the pipe at once, to a thread that does not wait for anything.
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        _thread.start_new_thread(_end_in_time, (reader,))
        for number in STOPPING:
            signal.signal(number, self._arrived)
        signal.signal(signal.SIGALRM, self._again)
        sys.unraisablehook = _quietly
        os.register_at_fork(after_in_child=_forget)
        return self

    def close(self) -> None:
        """From here on signals do nothing: the verdict is published and only the exit is left."""
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Raises Interrupted inside the block, at its start for a signal that came before, or at its end."""
        self._watching = True
        try:
            self._stop()
            yield
            self._stop()
        finally:
            self._watching = False

    def _stop(self) -> None:
        if self.received is not None:
            raise Interrupted(self.received)

    def _arrived(self, number: int, _: FrameType | None) -> None:
        if self.received is not None:
            return
        self.received = number
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS, AGAIN_SECONDS)
        if self._watching:
            raise Interrupted(number)

    def _again(self, _: int, __: FrameType | None) -> None:
        # A destructor or a callback of the interpreter swallows whatever is raised in it.
        if self._watching:
            self._stop()


def leave(code: int) -> NoReturn:
    """End the process now, and the worker processes it may have, which would wait for it for ever."""
    multiprocessing = sys.modules.get("multiprocessing")
    for worker in multiprocessing.active_children() if multiprocessing else ():
        worker.kill()
    os._exit(code)


def _forget() -> None:
    """In a worker: its signals are its own. The pipe is still the parent's, who would take them for its."""
    signal.set_wakeup_fd(-1)
    for number in (*STOPPING, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)


def _end_in_time(reader: int) -> None:
    """Wait for the first signal that stops, then for the time that is granted, and end the process."""
    number = 0
    while number not in STOPPING:
        number = os.read(reader, 1)[0]
    time.sleep(GRACE_SECONDS)
    leave(128 + number)


def _quietly(what: sys.UnraisableHookArgs) -> None:
    """Nobody needs the traceback of an interrupt that came in a destructor: it is raised again."""
    if not isinstance(what.exc_value, Interrupted):
        sys.__unraisablehook__(what)
