"""One HTTP door for everything an action fetches or posts: explicit network, total deadline, capped bodies."""

from __future__ import annotations

from actionkit.http.door import Http, Response, Transport, same_origin, shown
from actionkit.http.errors import (
    BadRedirect,
    BadRequest,
    ConnectionLost,
    HttpError,
    NotJson,
    Timeout,
    TooLarge,
    Unreachable,
    Untrusted,
)
from actionkit.http.network import Network

__all__ = [
    "BadRedirect",
    "BadRequest",
    "ConnectionLost",
    "Http",
    "HttpError",
    "Network",
    "NotJson",
    "Response",
    "Timeout",
    "TooLarge",
    "Transport",
    "Unreachable",
    "Untrusted",
    "same_origin",
    "shown",
]
