"""What one look at a target showed, before the engine's times are put to it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from actionkit.redact import Redaction, beginning
from actionkit.untrusted import one_line, shortened
from actionkit.web.model import Cause, Phase, Trouble
from health_wait.model import Probe

WAITING_IS_VAIN = frozenset({Cause.FORBIDDEN_ADDRESS, Cause.BAD_REQUEST})

_QUOTED = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """As `model.Probe`, without times and replica."""

    ok: bool
    serving: bool
    phase: Phase | None = None
    cause: Cause | None = None
    reason: str = ""
    version: str | None = None
    status: int | None = None
    address: str = ""
    hard: bool = False

    def probe(self, *, due: float, began: float, ended: float, replica: str) -> Probe:
        """It, with the times and the replica of the engine."""
        return Probe(
            due=due,
            began=began,
            ended=ended,
            ok=self.ok,
            serving=self.serving,
            phase=self.phase,
            cause=self.cause,
            reason=self.reason,
            version=self.version,
            status=self.status,
            address=self.address,
            replica=replica,
            hard=self.hard,
        )


def good(address: str = "") -> Observation:
    """Everything expected held."""
    return Observation(ok=True, serving=True, address=address)


def wrong(reason: str, *, address: str = "", status: int | None = None) -> Observation:
    """An answer came whole, and it is not the one expected."""
    return Observation(ok=False, serving=False, phase=Phase.RECEIVE, reason=reason, address=address, status=status)


def troubled(trouble: Trouble, more: str = "") -> Observation:
    """No whole answer came; `more` is added to what the trouble says of itself."""
    return Observation(
        ok=False,
        serving=False,
        phase=trouble.phase,
        cause=trouble.cause,
        reason=trouble.detail + more,
        status=trouble.status,
        address=trouble.address,
        hard=trouble.cause in WAITING_IS_VAIN,
    )


def quoted(text: str, limit: int, redacted: Redaction) -> str:
    """`text` on one line of at most `limit` characters, secrets taken out first: a mask put on later finds no half."""
    return shortened(one_line(beginning(text, redacted)), limit)


def told(text: str | bytes, redacted: Redaction = str) -> str:
    """What a server said, in backticks: one line, bounded, without secrets."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"`{quoted(plain, _QUOTED, redacted).replace('`', chr(39))}`"
