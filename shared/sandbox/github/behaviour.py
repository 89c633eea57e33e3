"""How this GitHub misbehaves, when told to: limits, failures before or after the effect, slowness, lag.

hub.behave.on("POST", "*/issues/*/comments", nth=1).fails_after_the_effect(502)
hub.behave.on("GET", "*/pulls").answers_secondary_limit(429, retry_after=1)
hub.behave.on("PATCH", "*/git/refs/*", nth=1).happens_meanwhile(lambda: repository.commit({"a": "b"}))
hub.behave.lag("comments", reads=2)
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from .exchange import Reply

Moment = Literal["before", "after"]
"""Whether the request takes effect before the fault strikes."""

Lagging = Literal["comments", "issues", "refs", "sarifs"]


@dataclass(frozen=True)
class Answer:
    """Another answer than the true one."""

    reply: Reply
    moment: Moment


@dataclass(frozen=True)
class Reset:
    """The connection is reset: before any byte, or after the effect and half of the answer."""

    moment: Moment


@dataclass(frozen=True)
class Slow:
    """Seconds before the answer begins, and seconds over which its body trickles."""

    before: float = 0
    body: float = 0


@dataclass(frozen=True)
class Meanwhile:
    """Something happens after the request has arrived and before it takes effect."""

    act: Callable[[], object]


@dataclass(frozen=True)
class Reorder:
    """A list comes in another order."""

    by: Callable[[list[Any]], list[Any]]


Fault = Answer | Reset | Slow | Meanwhile | Reorder


@dataclass
class Rule:
    """Matches requests by method and path glob (`*` for any method); `nth` counts the matching ones from 1."""

    method: str
    path: str
    nth: int | range | None
    fault: Fault | None = None
    seen: int = 0

    def takes(self, method: str, path: str) -> Fault | None:
        """The fault for this request, counting it; None when the rule lets it pass."""
        if not (fnmatchcase(method, self.method) and fnmatchcase(path, self.path)):
            return None
        self.seen += 1
        due = self.nth is None or self.seen == self.nth or (isinstance(self.nth, range) and self.seen in self.nth)
        return self.fault if due else None

    def answers(self, status: int, message: str, *, headers: dict[str, str] | None = None) -> None:
        """An error answer of your own, without the effect."""
        self.fault = Answer(_error(status, message, headers), "before")

    def fails_before_the_effect(self, status: int = 502) -> None:
        """A 5xx; nothing was done."""
        self.fault = Answer(_error(status, "Server Error"), "before")

    def fails_after_the_effect(self, status: int = 502) -> None:
        """A 5xx, though what was asked has been done."""
        self.fault = Answer(_error(status, "Server Error"), "after")

    def resets_before_the_effect(self) -> None:
        self.fault = Reset("before")

    def resets_after_the_effect(self) -> None:
        """The connection breaks in the middle of the answer."""
        self.fault = Reset("after")

    def answers_secondary_limit(self, status: Literal[403, 429] = 403, *, retry_after: int | None = None) -> None:
        """Too many requests at once: 403 or 429, with `Retry-After` in seconds or without."""
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.fault = Answer(_error(status, message, headers), "before")

    def is_slow(self, *, before: float = 0, body: float = 0) -> None:
        """Waits `before` seconds, then sends the body over `body` seconds."""
        self.fault = Slow(before, body)

    def happens_meanwhile(self, act: Callable[[], object]) -> None:
        """Calls `act` when the request has arrived and before it takes effect, as a racing writer would."""
        self.fault = Meanwhile(act)

    def lists_as(self, by: Callable[[list[Any]], list[Any]]) -> None:
        """Lists come as `by` arranges them, before they are cut into pages."""
        self.fault = Reorder(by)


@dataclass
class Behaviour:
    """The rules in force. `on` adds one; `lag` makes what is created appear late."""

    _rules: list[Rule] = field(default_factory=list)
    _lags: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def on(self, method: str, path: str, *, nth: int | range | None = None) -> Rule:
        """A rule for requests by method and path glob (`*/issues/*/comments`); say next what it does."""
        rule = Rule(method, path, nth)
        with self._lock:
            self._rules.append(rule)
        return rule

    def lag(self, kind: Lagging, *, reads: int) -> None:
        """From now on, what is created through the API (or, for refs, moved) stays unseen for so many reads.

        An uploaded SARIF stays `pending` for so many looks at its status.
        """
        if kind not in get_args(Lagging):
            raise ValueError(f"lag {kind!r}: accepted are {', '.join(get_args(Lagging))}")
        self._lags[kind] = reads

    def lagging(self, kind: Lagging) -> int:
        return self._lags.get(kind, 0)

    def calm(self) -> None:
        """Forget every rule and lag."""
        with self._lock:
            self._rules.clear()
            self._lags.clear()

    def faults(self, method: str, path: str) -> list[Fault]:
        """What befalls this request; counts it in every rule that matches."""
        with self._lock:
            taken = [rule.takes(method, path) for rule in self._rules]
        return [fault for fault in taken if fault is not None]


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Reply(status, body, dict(headers or {}))
