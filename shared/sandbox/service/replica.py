"""One running instance of the shop: an address, a release, and what has arrived there."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .connection import Behaviour, Connection
from .endpoint import Server
from .faults import Faults, Kind
from .message import Asked, Reply
from .misbehave import behave
from .shop import UNRECORDED, Shop
from .transitions import Release, release


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that arrived whole, as it was. `at`: seconds of `time.monotonic()`; `fault`: what struck it."""

    at: float
    replica: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    fault: str = ""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str:
        """The first header of that name, whatever its case; "" where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass
class Arrivals:
    """What has arrived at all replicas; `counts` by replica, method and path."""

    seen: list[Seen] = field(default_factory=list)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def metrics(self) -> Reply:
        """The counters in Prometheus' text format."""
        lines = ["# TYPE shop_requests_total counter"]
        for (replica, method, path), count in sorted(self.counts.items()):
            quoted = path.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'shop_requests_total{{replica="{replica}",method="{method}",path="{quoted}"}} {count}')
        return Reply(200, ("\n".join(lines) + "\n").encode("latin-1"), media="text/plain; version=0.0.4; charset=utf-8")


class Replica(Server):
    """Apart from the constructor and the properties, used only in the loop's thread."""

    def __init__(self, name: str, first: Release, shop: Shop, arrivals: Arrivals) -> None:
        self.name = name
        self._release, self._shop, self._arrivals = first, shop, arrivals
        self._defects = Faults()

    @property
    def version(self) -> str:
        return self._release.version

    def install(self, new: Release) -> None:
        """Run this release from now on; its defect begins to count."""
        self._release = new
        self._defects.clear()
        if new.defect is not None:
            self._defects.set(new.defect, time.monotonic())

    def serve(self, connection: Connection, asked: Asked) -> Reply | Behaviour:
        """The answer, or what a fault or the release's defect makes of it."""
        now = time.monotonic()
        fault = self.endpoint.faults.at_request(asked.path, now) or self._defects.at_request(asked.path, now)
        self._arrivals.counts[self.name, asked.method, asked.path] += 1
        if asked.path not in UNRECORDED:
            kind = fault.kind.value if fault else ""
            seen = Seen(now, self.name, asked.method, asked.target, asked.headers, asked.body, kind)
            self._arrivals.seen.append(seen)
        if fault is None:
            return self._true(asked, self._release)()
        old = release(fault.version) if fault.kind is Kind.OLD_VERSION else self._release
        return behave(fault, connection, asked, self._true(asked, old))

    def _true(self, asked: Asked, running: Release) -> Callable[[], Reply]:
        if asked.path == "/metrics":
            return self._arrivals.metrics
        return lambda: self._named(self._shop.answer(asked, running), running)

    def _named(self, reply: Reply, running: Release) -> Reply:
        own = (("Server", f"shop/{running.version}"), ("X-Replica", self.name))
        return Reply(reply.status, reply.body, (*own, *reply.headers), reply.media, reply.after)
