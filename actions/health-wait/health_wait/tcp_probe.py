"""A port that is only connected to. What stands behind a proxy's open port cannot be seen this way."""

from __future__ import annotations

from actionkit.web.model import Cause, Phase, Trouble
from health_wait.conversation import Conversation
from health_wait.model import Target
from health_wait.observation import Observation, good

GRACE = 0.02
"""Seconds. A proxy whose backend refuses hangs up within a round trip."""


def knock(conversation: Conversation, target: Target) -> Observation:
    """Good if the port accepts and does not hang up at once. Raises Trouble."""
    if conversation.is_closed_within(GRACE):
        detail = "accepts the connection and closes it at once, as a proxy does that has no backend"
        raise Trouble(target.name, Phase.RECEIVE, Cause.CLOSED, detail, address=conversation.address)
    return good(conversation.address)
