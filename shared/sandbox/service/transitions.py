"""What happened to the servers and when, and the downtime that makes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1
from typing import Literal

from .faults import Fault

What = Literal["open", "closed", "silent", "fault", "mended", "frozen", "thawed"]


@dataclass(frozen=True, slots=True)
class Release:
    """A version with its commit. `defect` is what it does wrong in production."""

    version: str
    build: str
    defect: Fault | None = None


def release(version: str, defect: Fault | None = None) -> Release:
    """A release whose commit follows from its version, so that tests know it."""
    return Release(version, sha1(version.encode(), usedforsecurity=False).hexdigest(), defect)


@dataclass(frozen=True, slots=True)
class Transition:
    """`at`: seconds of `time.monotonic()`, read right after it had happened. `server`: a replica's name, "balancer"
    or "service". `note`: the version that is served from now on, or the kind of the fault."""

    at: float
    server: str
    what: What
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """When a port accepted nothing; `end` None while that lasts."""

    start: float
    end: float | None

    @property
    def seconds(self) -> float:
        return 0.0 if self.end is None else self.end - self.start


def gaps(transitions: Iterable[Transition], server: str) -> tuple[Gap, ...]:
    """The times in which this server's port accepted nothing, between its first opening and now."""
    found: list[Gap] = []
    down: float | None = None
    opened = False
    for one in transitions:
        if one.server != server:
            continue
        if one.what in ("closed", "silent") and opened and down is None:
            down = one.at
        elif one.what == "open":
            opened = True
            if down is not None:
                found.append(Gap(down, one.at))
                down = None
    return (*found, Gap(down, None)) if down is not None else tuple(found)
