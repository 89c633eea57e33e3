"""What one request and one iteration of a load stage leave behind. Immutable, no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from actionkit.web.model import Answer, Timings


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave to run one iteration. Seconds since the stage began; in the closed model `due` and `began` are the same."""

    index: int
    due: float
    began: float

    @property
    def late(self) -> float:
        """How late our own side began the iteration, in seconds."""
        return max(0.0, self.began - self.due)


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. `seconds` is k6's http_req_duration: sending, waiting and receiving, without the connection's
    phases (redirects that were followed count whole). `late` is how long before it was sent it had been due.

    `failed`: no answer, or not the expected one; `reason` says why without any value. `sent` False: it never got as
    far as being sent, and so took no time that could be called fast. `checks` are (name, held) of each expectation.
    """

    test: str
    step: str
    method: str
    status: int | None
    failed: bool
    seconds: float
    sent: bool = True
    late: float = 0.0
    timings: Timings = Timings()
    reason: str = ""
    checks: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """An iteration that ended, `ended` seconds after the stage began; `complete`: it was not cut off."""

    turn: Turn
    ended: float
    complete: bool

    @property
    def seconds(self) -> float:
        return self.ended - self.turn.began


def exchange_seconds(answer: Answer) -> float:
    """How long an exchange took without its connection's phases, as k6 counts http_req_duration."""
    timings = answer.timings
    if answer.hops:
        return max(0.0, answer.seconds - connection_seconds(timings))
    return timings.send + timings.wait + timings.receive


def connection_seconds(timings: Timings) -> float:
    """How long it took until a connection was there; 0.0 on a kept one."""
    return timings.dns + timings.tcp + timings.proxy + timings.tls
