"""Redis asked with PING, after AUTH where the URL has a password.

Protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from actionkit.redact import Redaction
from health_wait.conversation import Conversation
from health_wait.model import Target
from health_wait.observation import Observation, good, told, wrong

PLAIN = "plain Redis? then write redis://"

_LONGEST = 512
"""Bytes of a reply that are read: status and error replies are one line."""

_UP = (b"+PONG", b"-NOAUTH", b"-NOPERM")
"""A server that wants a login first is up, and no login was given to be tried."""

_NOT_READY = {
    b"-LOADING": "is loading its data",
    b"-MASTERDOWN": "is a replica that has lost its master",
    b"-BUSY": "is busy with a script",
    b"-DENIED": "is in protected mode and turns other hosts away",
    b"-ERR max number of clients reached": "has no room for another client",
}


def command(*words: str) -> bytes:
    """A command as an array of bulk strings."""
    encoded = [word.encode("utf-8", "surrogateescape") for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)


def credentials(url: str) -> tuple[str, ...]:
    """The words behind AUTH: nothing, a password, or a user and a password (Redis 6, ACL)."""
    parts = urlsplit(url)
    words = (unquote(parts.username or ""), unquote(parts.password or ""))
    return tuple(word for word in words if word)


def ping(conversation: Conversation, target: Target, redacted: Redaction = str) -> Observation:
    """What the server says to PING; its words are quoted as `redacted` leaves them. Raises Trouble."""
    address = conversation.address
    login = credentials(target.url)
    if login:
        conversation.send(command("AUTH", *login))
        said = conversation.line(_LONGEST)
        if said != b"+OK":
            return wrong(_why_not(said, "does not accept the user and password", redacted), address=address)
    conversation.send(command("PING"))
    said = conversation.line(_LONGEST)
    if said.startswith(_UP[:1] if login else _UP):
        return good(address)
    return wrong(_why_not(said, "does not answer PING", redacted), address=address)


def _why_not(said: bytes, otherwise: str, redacted: Redaction) -> str:
    for start, why in _NOT_READY.items():
        if said.startswith(start):
            return f"{why}: {told(said[1:], redacted)}"
    if said.startswith(b"-"):
        return f"{otherwise}: {told(said[1:], redacted)}"
    return "does not speak the Redis protocol"
