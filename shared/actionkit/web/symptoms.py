"""What an error in an exchange means, in the words of `Cause` and in a sentence."""

from __future__ import annotations

import errno
import http.client
import ssl
from dataclasses import dataclass
from email import errors

from actionkit.web.decode import Undecodable
from actionkit.web.failure import Failure, span
from actionkit.web.line import LONGEST_HEAD, HeadTooLong
from actionkit.web.model import Cause, Phase


class HeadersCutOff(Exception):  # noqa: N818 - says what happened
    """The connection ended before the empty line behind the headers."""


class BodyCutOff(Exception):  # noqa: N818 - says what happened
    """The connection ended before the body did."""


@dataclass(slots=True)
class Seen:
    """How far an exchange has come. `asked`: the request is out; `encoded` and `received` count bytes of the body
    before and after decoding; `expected` is its announced length, None where there is none. `ended`: the peer hung
    up."""

    asked: bool = False
    status: int | None = None
    expected: int | None = None
    encoded: int = 0
    received: int = 0
    ended: bool = False

    @property
    def share(self) -> str:
        """ "12 of 100 bytes", "12 bytes"."""
        return f"{self.encoded} bytes" if self.expected is None else f"{self.encoded} of {self.expected} bytes"


# The defects of email's parser after which headers are missing.
BROKEN_HEADERS = frozenset(
    (
        errors.MissingHeaderBodySeparatorDefect,
        errors.FirstHeaderLineIsContinuationDefect,
        errors.InvalidHeaderDefect,
        errors.MisplacedEnvelopeHeaderDefect,
    )
)

PLAIN_HTTP = "plain HTTP? then write http://"

# What other protocols say first, to a stranger who speaks HTTP.
_GREETINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x15\x03", "speaks TLS on this port, not plain HTTP: write https://"),
    (b"SSH-", "is an SSH server, not an HTTP server"),
    (b"220 ", "is a mail or FTP server, not an HTTP server"),
    (b"220-", "is a mail or FTP server, not an HTTP server"),
    (b"-ERR", "is a Redis server, not an HTTP server"),
    (b"-DENIED", "is a Redis server, not an HTTP server"),
    (b"RFB ", "is a VNC server, not an HTTP server"),
)


def told(error: Exception, seen: Seen, head: bytes, seconds: float) -> Failure:
    """The failure that `error` stands for. `head` is the first bytes that came, `seconds` what was granted."""
    phase = Phase.RECEIVE if head else Phase.WAIT if seen.asked else Phase.SEND
    cause, detail = _too_late(seen, head, seconds) if isinstance(error, TimeoutError) else _told(error, seen, head)
    stale = not head and cause in (Cause.RESET, Cause.CLOSED)
    return Failure(phase, cause, detail, status=seen.status, received=seen.received, stale=stale)


def _told(error: Exception, seen: Seen, head: bytes) -> tuple[Cause, str]:
    """In this order: some of these are kinds of others."""
    match error:
        case Undecodable():
            told = Cause.UNDECODABLE, f"answers with a body that {error}"
        case HeadersCutOff():
            told = Cause.TRUNCATED, "closed the connection in the middle of the headers of its answer"
        case BodyCutOff():
            told = Cause.TRUNCATED, _cut_off(seen)
        case http.client.IncompleteRead():
            told = _broken_chunks(seen)
        case http.client.RemoteDisconnected():
            told = Cause.CLOSED, "accepted the request and closed the connection without an answer"
        case ConnectionResetError() | BrokenPipeError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            told = Cause.RESET, _reset(seen, head)
        case ssl.SSLError():
            told = Cause.TLS_FAILED, tls_alert(error)
        case OSError():
            told = Cause.UNREACHABLE, f"was lost from sight: {_named(error)}"
        case http.client.BadStatusLine() if seen.ended and head.startswith(b"HTTP/"):
            told = _told(HeadersCutOff(), seen, head)
        case _:
            told = Cause.NOT_HTTP, _not_http(error, head)
    return told


def tls_alert(error: ssl.SSLError, instead: str = PLAIN_HTTP) -> str:
    """What an alert of TLS asks for. `instead`: what is likely where the peer speaks no TLS, and the fix."""
    reason = (error.reason or "").upper()
    if "CERTIFICATE_REQUIRED" in reason:
        return "demands a certificate of the client, which cannot be given"
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason or "RECORD_LAYER_FAILURE" in reason:
        return "answers the TLS handshake in something other than TLS" + (f" ({instead})" if instead else "")
    if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        return "speaks no version of TLS that is still safe (1.2 or newer)"
    if "HANDSHAKE_FAILURE" in reason:
        return "turns the TLS handshake down: it shares no cipher, or demands a certificate of the client"
    if "UNRECOGNIZED_NAME" in reason:
        return "knows no site of that name: its TLS turns the host name away"
    return f"failed at TLS ({reason.lower().replace('_', ' ') or 'no reason given'})"


def _too_late(seen: Seen, head: bytes, seconds: float) -> tuple[Cause, str]:
    within = f"within {span(seconds)}"
    if not seen.asked:
        return Cause.SLOW, f"did not take the whole request {within}"
    if not head:
        return Cause.SILENT, f"accepts connections but sent no byte of an answer {within}"
    if seen.status is not None:
        return Cause.SLOW, f"did not finish its answer {within} ({seen.share} of the body came)"
    if not head.startswith(b"HTTP/"[: len(head)]):
        return Cause.NOT_HTTP, _foreign(head)
    return Cause.SLOW, f"began an answer but did not finish its headers {within}"


def _cut_off(seen: Seen) -> str:
    if seen.expected is None:
        return f"broke the TLS connection off in the middle of its answer ({seen.share} of the body came)"
    return f"closed the connection in the middle of its answer ({seen.share} came)"


def _broken_chunks(seen: Seen) -> tuple[Cause, str]:
    """http.client tells garbage in place of a chunk's size and a connection that ended alike."""
    if not seen.ended:
        return Cause.UNDECODABLE, f"answers in broken chunks (after {seen.share} of the body)"
    return Cause.TRUNCATED, f"closed the connection in the middle of its answer ({seen.share} in chunks came)"


def _reset(seen: Seen, head: bytes) -> str:
    if head:
        return f"reset the connection in the middle of its answer ({seen.share} of the body came)"
    return "reset the connection before it answered" if seen.asked else "reset the connection during the request"


def _not_http(error: Exception, head: bytes) -> str:
    if isinstance(error, http.client.BadStatusLine) and not head.startswith(b"HTTP/"):
        return _foreign(head)
    if isinstance(error, http.client.UnknownProtocol):
        return "answers in a version of HTTP other than 1.0 and 1.1"
    if isinstance(error, http.client.LineTooLong):
        return "answers with a line of more than 64 KiB among its headers"
    if isinstance(error, HeadTooLong):
        return f"answers with more than {LONGEST_HEAD // 1000} kB of headers"
    if "headers" in str(error):
        return "answers with more than 100 headers"
    return "answers with headers that break the rules of HTTP"


def _foreign(head: bytes) -> str:
    """No text of the banner itself: it is someone else's, and may be long or secret."""
    if head[:1] == b"\0" and head[3:4] == b"\x04":  # a SETTINGS frame (RFC 9113, 3.4)
        return "speaks only HTTP/2 on this port, which needs TLS here: write https://"
    return next((text for start, text in _GREETINGS if head.startswith(start)), "answers in something other than HTTP")


def _named(error: OSError) -> str:
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return f"{error.strerror} ({name})" if error.strerror else name
