"""Tokens and what they may do, in the words of a workflow's `permissions:` key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal, NamedTuple

from .site import Account

Access = Literal["read", "write"]


class Need(NamedTuple):
    """One permission that an endpoint asks for."""

    scope: str
    access: Access

    def met_by(self, permissions: Mapping[str, Access]) -> bool:
        held = permissions.get(self.scope)
        return held in ("write", self.access)


class TokenKind(Enum):
    """Who speaks, as the answers for a missing permission name it."""

    INSTALLATION = "integration"
    PERSONAL = "personal access token"


PRIMARY_LIMIT = {TokenKind.INSTALLATION: 1_000, TokenKind.PERSONAL: 5_000}
"""Requests an hour: GITHUB_TOKEN per repository, personal token per user."""


@dataclass
class Quota:
    """The primary rate limit of one token: a window that refills at `resets_at`."""

    limit: int
    remaining: int
    resets_at: datetime
    window: timedelta = timedelta(hours=1)

    def refill(self, when: datetime) -> None:
        if when >= self.resets_at:
            self.remaining = self.limit
            self.resets_at = when + self.window

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(self.limit - self.remaining),
            "X-RateLimit-Reset": str(int(self.resets_at.timestamp())),
            "X-RateLimit-Resource": "core",
        }


@dataclass
class Token:
    """A credential: who it speaks for, where, and with which permissions.

    `repositories` are full names in lower case; a public repository is readable with any valid token.
    """

    secret: str = field(repr=False)
    owner: Account
    kind: TokenKind
    repositories: frozenset[str]
    permissions: Mapping[str, Access]
    expires_at: datetime
    quota: Quota

    def reaches(self, full_name: str) -> bool:
        return full_name.lower() in self.repositories
