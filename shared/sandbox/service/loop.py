"""One asyncio loop in a thread of its own, driven from any other."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """The thread starts with the object and ends with `close`. `mishaps` are exceptions nobody expected."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._mishap)
        self.mishaps: list[str] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], T]) -> T:
        """Run a function in the loop's thread and hand back what it returns or raises."""
        if threading.current_thread() is self._thread:
            return function()
        future: Future[T] = Future()

        def carried_out() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # whoever called must learn of it
                future.set_exception(error)

        self.loop.call_soon_threadsafe(carried_out)
        return future.result()

    def close(self) -> None:
        """Cancel what still runs, end the loop, join the thread."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
            self.loop.run_until_complete(self._cancel_all())
        finally:
            self.loop.close()

    async def _cancel_all(self) -> None:
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)  # transports close their sockets in the next round
        await asyncio.sleep(0)

    def _mishap(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # noqa: ARG002
        error = context.get("exception")
        if not isinstance(error, (ConnectionError, ssl.SSLError, TimeoutError)):
            self.mishaps.append(f"{context.get('message')}: {error!r}")
