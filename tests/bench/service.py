"""The sample service as a process of its own: what the load, and the requests of both sides, are sent to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

STOP_SECONDS = 10


@dataclass(frozen=True)
class Service:
    """`url` of the one replica, straight; `/bench/now` answers at once, `/bench/slow?ms=100` after 100 ms."""

    url: str
    admin: str

    def freeze(self, seconds: float, after: float) -> None:
        """Neither read nor answer for so long, beginning `after` seconds from now. Returns at once."""
        self._asked("POST", "/-/freeze", {"seconds": seconds, "after": after})

    def arrived(self) -> int:
        """How many requests have arrived so far."""
        return int(self._asked("GET", "/-/state")["arrived"])

    def _asked(self, method: str, path: str, given: Mapping[str, float] | None = None) -> dict[str, Any]:
        connection = HTTPConnection(urlsplit(self.admin).netloc, timeout=STOP_SECONDS)
        try:
            connection.request(method, path, json.dumps(given) if given else None)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"the sample service: {path}: {said.decode()}")
        answered: dict[str, Any] = json.loads(said)
        return answered


@contextmanager
def serving() -> Iterator[Service]:
    """Until the end of the block. Raises RuntimeError where it does not start."""
    words = [sys.executable, "-m", "sandbox.service", "--replicas", "1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            told = process.stdout.readline()
            if not told:
                raise RuntimeError("the sample service did not start")
            said = json.loads(told)
            yield Service(said["replicas"][0]["url"], said["admin"])
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
