"""A job of a consumer in this process: the doors and the context that an action gets, without the runner."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from actionkit.action import Doors
from actionkit.context import RunContext
from actionkit.git import Git
from actionkit.github.client import GitHub
from actionkit.http import Http
from actionkit.workspace import Workspace
from sandbox.consumer import MAIN_JOB, PULL_JOB, Consumer
from sandbox.github.tokens import Access
from sandbox.runner import Event, events

CART = "src/cart.py"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Job:
    """What runs in `shop`'s checkout, or in another folder."""

    shop: Consumer
    http: Http
    folder: Path

    @classmethod
    @contextmanager
    def of(cls, shop: Consumer) -> Iterator[Self]:
        with Http() as http:
            yield cls(shop, http, shop.checkout.path)

    def inside(self, folder: Path) -> Self:
        return replace(self, folder=folder)

    def context(self, event: Event | None) -> RunContext:
        """The context of a run; without an event that of a laptop."""
        if event is None:
            return RunContext(self.folder)
        payload = self.shop.checkout.path.parent / "event.json"
        payload.write_text(json.dumps(event.payload), encoding="utf-8")
        environ = {f"GITHUB_{name.upper()}": str(value) for name, value in event.context().items()}
        environ |= {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(payload), "GITHUB_API_URL": self.shop.url}
        return RunContext.of({**environ, "GITHUB_WORKSPACE": str(self.folder)}, self.folder)

    def github(self, permissions: Mapping[str, Access] = MAIN_JOB) -> GitHub:
        return GitHub(self.shop.token(permissions), self.http, api_url=self.shop.url)

    def doors(self, github: Any = None) -> Doors:
        return Doors(Workspace(self.folder), Git(self.folder), github, lambda: NOW, lambda _: None)


def pushed(shop: Consumer, before: str = events.NO_COMMIT, branch: str = "main") -> Event:
    """A push of what is checked out."""
    shop.repository.import_git(shop.checkout.path)
    return events.push(repository=shop.name, sha=shop.checkout.head, before=before, branch=branch)


def reader() -> Mapping[str, Access]:
    return {"contents": "read", "pull-requests": PULL_JOB["pull-requests"]}


def grown(shop: Consumer) -> str:
    """The cart on main and one function more."""
    return shop.checkout.git("show", f"main:{CART}") + "\n\ndef shipping(total):\n    return 5\n"
