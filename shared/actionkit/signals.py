"""SIGINT and SIGTERM: stop at once, say what is known, and be gone within five seconds.

A cancelled job gets SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL. Every write this kit makes takes effect in one
step (a renamed file, one API request, one ref update), so raising between two steps leaves nothing half done.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from actionkit.errors import Interrupted

GRACE_SECONDS = 4.0
"""After the first signal the process ends this much later at the latest, even inside a blocking call."""


class Signals:
    """Raises Interrupted for the first signal, but only inside `watched()`; elsewhere it is kept until the next one.

    So an interrupt arrives in the work, never in the few steps that publish what is known.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._watching = False

    def install(self) -> Signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._arrived)
        signal.signal(signal.SIGALRM, self._out_of_time)
        return self

    def close(self) -> None:
        """From here on signals do nothing: the verdict is published and only the exit is left."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Raises Interrupted inside the block, or at its start for a signal that came before."""
        self._watching = True
        try:
            if self.received is not None:
                raise Interrupted(self.received)
            yield
        finally:
            self._watching = False

    def _arrived(self, number: int, _: FrameType | None) -> None:
        if self.received is not None:
            return
        self.received = number
        signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
        if self._watching:
            raise Interrupted(number)

    def _out_of_time(self, _: int, __: FrameType | None) -> None:
        sys.stdout.flush()
        os._exit(128 + (self.received or signal.SIGTERM))
