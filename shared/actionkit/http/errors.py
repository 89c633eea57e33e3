"""What can go wrong between a request and its whole answer, each as a sentence for the user.

No error shows a query, a user name or a password of a URL, a header, or a body.
"""

# ruff: noqa: N818 - the names read as the sentence they stand for

from __future__ import annotations

from actionkit.errors import ActionkitError


class HttpError(ActionkitError):
    """Base of every failure to get an answer. An answer with an error status is no failure here.

    `sent` is False only when the request certainly never left this machine, so that sending it again is safe.
    """

    def __init__(self, target: str, reason: str, *, sent: bool) -> None:
        self.target, self.reason, self.sent = target, reason, sent
        super().__init__(f"{target}: {reason}")


class BadRequest(HttpError):
    """The request cannot be made at all: a URL that is not http(s), a header with a line break."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target, reason, sent=False)


class Unreachable(HttpError):
    """No connection was made: name not found, refused, no route, proxy down."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target, reason, sent=False)


class Untrusted(Unreachable):
    """The server's TLS certificate does not hold; trying again will not help."""


class ConnectionLost(HttpError):
    """The connection broke after the request may have been sent: its effect is unknown."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target, reason, sent=True)


class Timeout(HttpError):
    """The whole call took longer than `seconds`: name lookup, connect, headers and body together."""

    def __init__(self, target: str, seconds: float, *, sent: bool) -> None:
        self.seconds = seconds
        super().__init__(target, f"no complete answer within {seconds:g} s", sent=sent)


class TooLarge(HttpError):
    """The decoded body is larger than `max_bytes`; reading stopped there."""

    def __init__(self, target: str, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        super().__init__(target, f"the answer is larger than {max_bytes:,} bytes", sent=True)


class BadRedirect(HttpError):
    """A redirect that must not be followed: too many, to plain http, or to no http(s) URL."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target, reason, sent=True)


class NotJson(HttpError):
    """The body was expected to be JSON and is not."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target, reason, sent=True)
