"""What all repositories of one embedded GitHub share: its clock, its numbers, its accounts and its limits."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from .gitobjects import Signature

AccountKind = Literal["User", "Organization", "Bot"]

ACTIONS_BOT = "github-actions[bot]"


@dataclass(frozen=True)
class Account:
    login: str
    id: int
    kind: AccountKind

    @property
    def email(self) -> str:
        return f"{self.id}+{self.login}@users.noreply.github.com"

    def signature(self, when: datetime) -> Signature:
        """How a commit by this account is signed off: name, noreply address, whole seconds."""
        return Signature(self.login, self.email, when.replace(microsecond=0))


@dataclass
class Limits:
    """GitHub's documented limits; tests lower them instead of making thousands of files."""

    per_page: int = 100
    body_characters: int = 65_536
    compare_files: int = 300
    compare_commits: int = 250
    pull_files: int = 3_000
    pull_commits: int = 250
    patch_lines: int = 20_000
    filtered_runs: int = 1_000
    tree_entries: int = 100_000
    contents_bytes: int = 1_000_000
    artifact_link_seconds: float = 60


def now() -> datetime:
    """The real time, aware, in UTC."""
    return datetime.now(UTC)


def _numbers() -> Iterator[int]:
    return itertools.count(1_000_001)


@dataclass
class Site:
    clock: Callable[[], datetime] = now
    limits: Limits = field(default_factory=Limits)
    _ids: Iterator[int] = field(default_factory=_numbers)
    _accounts: dict[str, Account] = field(default_factory=dict)

    def next_id(self) -> int:
        return next(self._ids)

    def account(self, login: str, kind: AccountKind | None = None) -> Account:
        """The account of that login, made when it is first named (`…[bot]` is a Bot, else a User)."""
        found = self._accounts.get(login.lower())
        if found is None:
            found = Account(login, self.next_id(), kind or ("Bot" if login.endswith("[bot]") else "User"))
            self._accounts[login.lower()] = found
        return found

    def by_email(self, email: str) -> Account | None:
        """Whose noreply address that is."""
        return next((account for account in self._accounts.values() if account.email == email), None)


def node_id(kind: str, id_: int | str) -> str:
    """An opaque node id, stable for the same thing."""
    return base64.b64encode(f"{kind}:{id_}".encode()).decode()


def stamp(when: datetime) -> str:
    """`2026-11-21T10:50:39Z`, as the API writes times."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
