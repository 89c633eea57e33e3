"""GitHub's primary and secondary rate limits, and how long to wait for them.

Source: docs.github.com, "Rate limits for the REST API" and "Best practices": both limits answer 403 or 429; obey
retry-after; else, with x-ratelimit-remaining 0, wait for x-ratelimit-reset; else at least a minute, then exponentially.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from actionkit.github import permissions
from actionkit.github.errors import said
from actionkit.http import Response

SECONDARY_SECONDS = 60.0
LEAST_SECONDS = 1.0
MOST_SECONDS = 30 * 86_400.0
"""A garbled header must not become a date no calendar holds."""
BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Clock:
    """The doors to time and chance, so that tests neither sleep nor guess.

    `now` is seconds since the epoch, `sleep` takes seconds, `chance` gives [0, 1).
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.SystemRandom().random

    def backoff(self, attempt: int) -> float:
        """Seconds before attempt `attempt + 1` (attempts count from 1): 1, 2, 4 … 30, each half fixed, half chance."""
        whole = min(BACKOFF_SECONDS * math.pow(2, min(attempt, 16) - 1), LONGEST_BACKOFF_SECONDS)
        return whole * (0.5 + self.chance() / 2)


REAL_CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class Limit:
    """A refusal that waiting mends: nothing was done. `kind` is `primary` or `secondary`."""

    kind: str
    wait_seconds: float


def limit_of(response: Response, *, now: float, attempt: int) -> Limit | None:
    """The limit this answer means, or None. `now` is our clock; the answer's own Date is preferred to it, because a
    self-hosted runner's clock may be off. `attempt` (from 1) doubles the wait where GitHub states none.
    """
    if response.status not in (403, 429):
        return None
    message = said(response).lower()
    spent = response.header("x-ratelimit-remaining") == "0"
    named = "rate limit" in message or "abuse detection" in message
    asked = retry_after(response, now)
    if response.status == 403 and (permissions.is_missing(message) or not (named or spent or asked is not None)):
        return None
    kind = "primary" if spent and "secondary" not in message else "secondary"
    if asked is not None:
        return Limit(kind, _bounded(asked))
    reset = _number(response.header("x-ratelimit-reset"))
    if spent and reset is not None:
        return Limit(kind, _bounded(reset - _date(response, now) + LEAST_SECONDS))
    return Limit(kind, SECONDARY_SECONDS * math.pow(2, min(attempt, 8) - 1))


def retry_after(response: Response, now: float) -> float | None:
    """Seconds from a Retry-After header: an integer, a fraction ("1.5", seen in the wild) or an HTTP date."""
    value = response.header("retry-after").strip()
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        return parsedate_to_datetime(value).timestamp() - _date(response, now)
    except (ValueError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, LEAST_SECONDS), MOST_SECONDS)


def _date(response: Response, now: float) -> float:
    try:
        return parsedate_to_datetime(response.header("date")).timestamp()
    except (ValueError, OverflowError):
        return now


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
