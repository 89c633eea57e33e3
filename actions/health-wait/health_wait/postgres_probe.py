"""PostgreSQL asked whether it accepts connections, as `pg_isready` asks: a start-up packet, and no login.

Message formats: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import struct
from urllib.parse import unquote, urlsplit

from actionkit.redact import Redaction
from actionkit.untrusted import one_line, shortened
from health_wait.conversation import Conversation
from health_wait.model import Target
from health_wait.observation import Observation, good, told, wrong

_PROTOCOL_3 = 3 << 16
_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_FIRST = struct.Struct("!cI")
_LENGTHS = {b"R": (8, 2000), b"v": (8, 2000), b"E": (8, 30000)}
"""What libpq (PQconnectPoll) takes for a sane length of the first message."""

_CLOSED_TO_ALL = {
    "53": "has no room for another connection",
    "57": "is starting up or shutting down",
    "58": "has trouble with its own system",
    "XX": "has an internal error",
}
"""Classes of SQLSTATE after which the next connection fails too. pg_isready takes only 57P03 for a refusal."""


def start_up(user: str, database: str) -> bytes:
    """The first packet of protocol 3.0."""
    parameters = ("user", user, "database", database, "application_name", "health-wait")
    body = struct.pack("!I", _PROTOCOL_3) + b"".join(text.encode() + b"\0" for text in parameters) + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def credentials(url: str) -> tuple[str, str]:
    """User and database of a `postgres://` URL; `postgres`, which most servers know, where it names no user."""
    parts = urlsplit(url)
    user = unquote(parts.username or "") or "postgres"
    return user, unquote(parts.path.strip("/")) or user


def ping(conversation: Conversation, target: Target, redacted: Redaction = str) -> Observation:
    """What the server says to a start-up packet; quoted as `redacted` leaves it. Raises Trouble."""
    conversation.send(start_up(*credentials(target.url)))
    kind, length = _FIRST.unpack(conversation.exactly(_FIRST.size))
    low, high = _LENGTHS.get(kind, (1, 0))
    if not low <= length <= high:
        return wrong("does not speak the PostgreSQL protocol", address=conversation.address)
    if kind != b"E":
        return good(conversation.address)
    return _refused(conversation.exactly(length - 4), conversation.address, redacted)


def asked_for_tls(conversation: Conversation) -> bool:
    """Whether the server agrees to TLS; the next byte after that is TLS's. Raises Trouble."""
    conversation.send(_SSL_REQUEST)
    return conversation.exactly(1) == b"S"


def _refused(body: bytes, address: str, redacted: Redaction) -> Observation:
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    state, message = fields.get(b"C", ""), fields.get(b"M", "")
    if len(state) != 5:
        return wrong(
            f"answers with an error that PostgreSQL would not send: {told(message, redacted)}", address=address
        )
    why = _CLOSED_TO_ALL.get(state[:2])
    if why is None:  # such as 28P01, a password that is asked for: who asks is up
        return good(address)
    return wrong(f"{why}: {told(message, redacted)} (SQLSTATE {shortened(one_line(state), 5)})", address=address)
