"""What goes wrong inside an exchange, before the client adds the target, the times and the hops to it."""

from __future__ import annotations

from actionkit.web.model import Cause, Phase


class Failure(Exception):  # noqa: N818 - the name reads as what it is; only `Trouble` ever leaves the package
    """A phase failed. `detail` is a sentence part for the user; `received` counts decoded body bytes.

    `stale` says that a kept connection ended before any byte of an answer came. `address` is the peer's where known,
    `spent` the seconds of sending, waiting and receiving.
    """

    def __init__(
        self,
        phase: Phase,
        cause: Cause,
        detail: str,
        *,
        address: str = "",
        status: int | None = None,
        received: int = 0,
        stale: bool = False,
    ) -> None:
        self.spent = (0.0, 0.0, 0.0)
        self.phase, self.cause, self.detail = phase, cause, detail
        self.address, self.status, self.received, self.stale = address, status, received, stale
        super().__init__(detail)


def bad_request(detail: str) -> Failure:
    """The request itself cannot be sent, whatever the network does."""
    return Failure(Phase.SEND, Cause.BAD_REQUEST, detail)


def span(seconds: float) -> str:
    """A duration as a sentence says it: `10 s`, `0.25 s`."""
    return f"{max(seconds, 0.0):.3g} s"
