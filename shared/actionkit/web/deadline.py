"""A moment on the monotonic clock that no blocking call may outlast."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` is the moment itself, `seconds` the time that was granted, for messages."""

    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """`seconds` from now."""
        return cls(monotonic() + seconds, seconds)

    def left(self) -> float:
        """Seconds that remain, always above 0. Raises TimeoutError once there are none."""
        left = self.at - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def within(self, seconds: float) -> Deadline:
        """`seconds` from now, or this deadline if it comes first."""
        at = monotonic() + seconds
        return Deadline(at, seconds) if at < self.at else self
